"""That every editor changes what was asked and nothing else, on real scores with random bars and tracks.

Scores come from music21's corpus, as MIDI. ``diff_music`` compares the score before and after outside of the bars and
tracks that were drawn: no note may differ there, nor the tempo, meter and key maps, controllers or bends; and mido,
which shares no code with the project, must find every note there with the program, controllers and bend that its
channel had. Half of the files are as other programs write them, with shared channels and tracks that only set
something. Inside, the change that was asked must be found, as :mod:`bench._asked` says for each editor. Editors that
move time are compared stretch by stretch: what lies before the range, what lies after it, and the range. Merging and
converting have no range: there every note and map of the scores that were given must be found again.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import tempfile
import time
import warnings
from collections import Counter
from pathlib import Path
from typing import Any

import platformdirs

from agent.store import Store
from bench._asked import ASKED, IN_TIME, WHOLE, Edit
from bench._sounds import foreign, lost_outside
from bench._steps import Context
from bench.roundtrip import corpus_files
from tools import get_tool
from tools.errors import UserError
from tools.evaluate.diff_music import DiffMusicArgs, compared
from tools.kit.changes import Change
from tools.kit.region import select, track_name
from tools.kit.score import Note, Score, from_abc, from_music21, midi, read_midi, write_midi
from tools.kit.score.notation import read_score

EDITS: dict[str, tuple[dict[str, Any], ...]] = {
    "transpose": ({"semitones": 5}, {"semitones": -3}, {"interval": "m3"}),
    "quantize": ({"grid": "1/4"}, {"grid": "1/8 triplet", "strength": 0.6}),
    "humanize": ({"strength": 1.0}, {"strength": 0.4}),
    "set_dynamics": ({"level": 0.9}, {"gain_db": -9}),
    "change_instrument": ({"instrument": "oboe"}, {"instrument": "tuba"}),
    "fix_ranges": ({},),
    "crop_bars": ({"remove": True},),
    "split_tracks": tuple({"by": "pitch", "split_pitch": p} for p in (55, 60, 67)),
    "change_tempo": ({"factor": 1.5}, {"factor": 0.6}),
    "change_meter": ({"meter": "3/4"}, {"meter": "6/8"}, {"meter": "7/8", "policy": "stretch"}),
    "repeat_bars": ({"times": 2}, {"times": 3}),
    "merge_scores": ({"how": "together"}, {"how": "in_sequence"}),
    "convert_score": ({"format": "musicxml"}, {"format": "mxl"}, {"format": "json"}, {"format": "midi"}),
}


def one(name: str, path: Path, rng: random.Random, folder: Path, other: Path | None = None) -> str:
    """What is wrong with one edit of one score: '' when nothing is, 'passed over' when there was nothing to do.

    ``other`` is the score that it is merged with.
    """
    if name in WHOLE:
        return _of_the_whole(name, [path, other or path], rng, folder)
    before = read_midi(path)
    count = len(before.bar_starts())
    first = rng.randint(1, count)
    last = rng.randint(first, count)
    named = list(dict.fromkeys(track_name(t) for t in before.tracks if t.notes))
    tracks = rng.sample(named, rng.randint(1, len(named)))
    where: dict[str, Any] = {"from_bar": first, "to_bar": last, "tracks": tracks}
    if name in IN_TIME:
        where.pop("tracks")
        tracks = named
    store = Store(folder)
    attached = store.attach(path)
    args = {"music": attached.id, **where, **rng.choice(EDITS[name])}
    try:
        result = get_tool(name)(args, Context(store, store.work_dir(name), rng.randrange(1000)))
    except UserError:
        return "passed over"
    made = next(o.path for o in result.outputs)
    after = read_midi(made)
    region = select(before, first, last, tracks=tracks)
    edit = Edit(args, before, after, region, result.data.model_dump())
    moves = name in IN_TIME
    named_there = {t.name.strip() for t in region.tracks()}
    otherwise = lost_outside(path, made, (region.start, region.end), named_there, moves=moves)
    return otherwise or ("" if moves else _outside(name, edit)) or ASKED[name](edit)


def _of_the_whole(name: str, paths: list[Path], rng: random.Random, folder: Path) -> str:
    """What is wrong with a tool that takes whole scores."""
    store = Store(folder)
    merged = name == "merge_scores"
    given = [store.attach(p) for p in paths[: 1 + merged]]
    how = rng.choice(EDITS[name])
    args = {"music": [g.id for g in given] if merged else given[0].id, **how}
    made = get_tool(name)(args, Context(store, store.work_dir(name), rng.randrange(1000))).outputs[0]
    scores = [read_midi(p) for p in paths]
    after = read_midi(made.path) if made.kind == "midi" else read_score(made.path)
    return WHOLE[name](scores, after, how)


def _outside(name: str, edit: Edit) -> str:
    """What ``diff_music`` finds outside of the bars and tracks, the maps and controllers included."""
    said, found = compared(DiffMusicArgs(before="a1", after="a2"), edit.before, edit.after)
    region = edit.region
    held = {id(n) for n in edit.meant}
    moved_away = name in ("change_instrument", "split_tracks")  # a range of a track goes into a track of its own
    if moved_away:
        kept = Counter(_sounding(n) for t in edit.before.tracks for n in t.notes if id(n) not in held)
        outside = (kept - Counter(_sounding(n) for t in edit.after.tracks for n in t.notes)).total()
    else:
        outside = sum(id(c.before) not in held for c in found if c.before is not None)
        outside += sum(not region.start <= _start(c) < region.end for c in found if c.before is None)
    if outside:
        return f"{outside} notes outside bars {region.bars[0]} to {region.bars[1]}"
    others = [o for o in said.other if not (moved_away and o.startswith("track "))]
    if name == "crop_bars":  # a part of a track that plays in no other bar
        others = [o for o in others if not o.endswith("was removed")]
    if name in ("humanize", "quantize"):  # a note that moves across a program change keeps its sound
        others = [o for o in others if "program changes were" not in o]
    whole = region.all_tracks() and name == "transpose"
    others = [o for o in others if not (whole and o.startswith("key"))]
    return f"beside the notes: {others[0]}" if others else ""


def _sounding(note: Note) -> tuple[int, int, int, int]:
    return round(note.start * 960), round(note.duration * 960), note.pitch, note.velocity


def _start(change: Change) -> float:
    return change.after.start if change.after else 0.0


def _scores(n: int, seed: int) -> list[Path]:
    """``n`` scores of the corpus as MIDI files, each converted once for every bench that asks for it."""
    folder = Path(platformdirs.user_cache_dir("scorewright")) / "bench-scores"
    folder.mkdir(parents=True, exist_ok=True)
    reader = b"".join(Path(m.__file__ or "").read_bytes() for m in (from_music21, from_abc, midi))
    made: list[Path] = []
    for source in corpus_files(2 * n, seed):
        if len(made) == n:
            break
        path = folder / f"{source.stem}-{hashlib.sha256(reader + source.read_bytes()).hexdigest()[:16]}.mid"
        if not path.exists():
            try:
                score: Score = read_score(source)
            except UserError:
                continue
            write_midi(score, path.with_suffix(f".{os.getpid()}"))
            path.with_suffix(f".{os.getpid()}").replace(path)
        if any(t.notes for t in read_midi(path).tracks):
            made.append(path)
    return made


def _by_others(path: Path, seed: int) -> Path:
    """The score as another program writes it."""
    made = path.with_name(f"{path.stem}-others-{seed}.mid")
    part = path.with_suffix(f".{os.getpid()}")
    foreign(path, part, random.Random(f"{path.stem} {seed}")).replace(made)
    return made


def table(n: int, seed: int) -> tuple[dict[str, Counter[str]], list[str]]:
    """For each editor how many edits were clean, passed over and not; and what went wrong."""
    counts: dict[str, Counter[str]] = {name: Counter() for name in EDITS}
    wrong: list[str] = []
    with warnings.catch_warnings(action="ignore"):
        paths = [_by_others(p, seed) if k % 2 else p for k, p in enumerate(_scores(n, seed))]
        for number, (path, other) in enumerate(zip(paths, [*paths[1:], *paths[:1]], strict=True)):
            for name in EDITS:
                rng = random.Random(f"{name} {number} {seed}")
                with tempfile.TemporaryDirectory() as run_folder:
                    said = one(name, path, rng, Path(run_folder) / "run", other)
                counts[name]["clean" if not said else "passed over" if said == "passed over" else "wrong"] += 1
                if said and said != "passed over":
                    wrong.append(f"{name}, {path.name}: {said}")
    return counts, wrong


def run(n: int = 200, seed: int = 0) -> str:
    """Every editor on ``n`` scores; a Markdown table."""
    started = time.perf_counter()
    counts, wrong = table(n, seed)
    rows = [f"| {name} | {c['clean']} | {c['wrong']} | {c['passed over']} |" for name, c in counts.items()]
    head = [f"# Locality on {n} scores, seed {seed}", "", "| tool | clean | wrong | nothing there to edit |"]
    return "\n".join(
        [
            *head,
            "|---|---|---|---|",
            *rows,
            "",
            *(f"- {w}" for w in wrong[:40]),
            "",
            f"{time.perf_counter() - started:.0f} s.",
            "",
        ]
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    print(run(chosen.n, chosen.seed))
