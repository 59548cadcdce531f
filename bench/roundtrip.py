"""Round trips of real scores: notation to MIDI and back, and that MIDI to MusicXML, ABC, kern and JSON and back.

Files are drawn from music21's corpus (MusicXML, kern, ABC). A trip is exact when every note has its pitch, start and
length to 1/960 quarter; through MusicXML the maps of tempi, meters and keys must be the same as well. Notes that lie
between note values have to move in notation: then the trip is told apart, as long as the writer counts them.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
import time
import warnings
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.errors import UserError
from tools.kit.score import Score, read_midi, write_midi
from tools.kit.score.abc import as_abc
from tools.kit.score.musicxml import as_musicxml
from tools.kit.score.notation import as_json, as_kern, read_score

SUFFIXES = (".mxl", ".xml", ".musicxml", ".krn", ".abc")
_KERN = 50  # one file in so many goes through kern as well
LARGEST = 400_000  # bytes of a file: some hold whole collections


@dataclass(frozen=True)
class Trip:
    """What one file's round trips gave."""

    name: str
    notes: int
    midi: bool  # score to MIDI and back
    musicxml: bool  # that MIDI to MusicXML to MIDI
    maps: bool
    tracks: bool  # as many, and those that have a name keep it
    abc: bool = False
    abc_moved: int = 0  # notes that the writer of ABC says it moved
    kern: bool | None = None  # None where it was not tried: converter21 takes seconds a file
    json: bool = False  # the whole model
    error: str = ""


def corpus_files(n: int, seed: int, suffixes: tuple[str, ...] = SUFFIXES) -> list[Path]:
    """``n`` files of the corpus, drawn with a seed."""
    from music21 import corpus

    paths = sorted(Path(p) for p in corpus.getPaths() if str(p).endswith(suffixes))
    small = [p for p in paths if p.stat().st_size <= LARGEST]
    return random.Random(seed).sample(small, min(n, len(small)))


def notes_of(score: Score) -> Counter[tuple[int, int, int]]:
    """Start and length in 1/960 quarter and pitch of every note."""
    return Counter((round(n.start * 960), round(n.duration * 960), n.pitch) for t in score.tracks for n in t.notes)


def trip(path: Path, folder: Path, *, kern: bool) -> Trip:
    """The round trips of one file, that through kern when asked."""
    try:
        score = read_score(path)
    except UserError as err:
        return Trip(path.name, 0, False, False, False, False, error=err.msg)
    first, between, second = folder / "first.mid", folder / "between.musicxml", folder / "second.mid"
    write_midi(score, first)
    midi = read_midi(first)
    between.write_text(as_musicxml(midi).text, encoding="utf-8")
    write_midi(read_score(between), second)
    back = read_midi(second)
    names = [[t.name for t in s.tracks if t.notes] for s in (midi, back)]
    tune = as_abc(midi)
    return Trip(
        path.name,
        sum(notes_of(score).values()),
        notes_of(score) == notes_of(midi),
        notes_of(midi) == notes_of(back),
        _maps(midi) == _maps(back),
        len(names[0]) == len(names[1]) and all(a in ("", b) for a, b in zip(*names, strict=False)),
        abc=notes_of(midi) == notes_of(_read_back(tune.text, folder / "tune.abc")),
        abc_moved=tune.moved,
        kern=_same_in_kern(midi, folder / "score.krn") if kern else None,
        json=midi == _read_back(json.dumps(as_json(midi)), folder / "score.json"),
    )


def _same_in_kern(midi: Score, path: Path) -> bool:
    try:
        return notes_of(midi) == notes_of(_read_back(as_kern(as_musicxml(midi, sounding=True).text), path))
    except Exception:  # noqa: BLE001 -- converter21 raises what it likes; a file it cannot write is one not kept
        return False


def _read_back(text: str, path: Path) -> Score:
    path.write_text(text, encoding="utf-8")
    return read_score(path)


def _maps(score: Score) -> Any:
    return [(t, round(bpm, 2)) for t, bpm in score.tempi], score.meters, score.keys, score.markers


def run(n: int = 500, seed: int = 0) -> str:
    """Round trips of ``n`` files; a Markdown report that names every file that failed."""
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings(action="ignore"):
        trips = [trip(p, Path(folder), kern=i % _KERN == 0) for i, p in enumerate(corpus_files(n, seed))]
    read = [t for t in trips if not t.error]
    on_grid = [t for t in read if not t.abc_moved]
    rows = [
        ("read", len(read), len(trips)),
        ("notation to MIDI and back, note-exact", sum(t.midi for t in read), len(read)),
        ("MIDI to MusicXML to MIDI, note-exact", sum(t.musicxml for t in read), len(read)),
        ("the same tempi, meters, keys, markers", sum(t.maps for t in read), len(read)),
        ("the same tracks by name", sum(t.tracks for t in read), len(read)),
        ("MIDI to ABC and back, note-exact", sum(t.abc for t in read), len(read)),
        ("the same where every note lies on a note value", sum(t.abc for t in on_grid), len(on_grid)),
        (
            "MIDI to kern (converter21) and back, note-exact",
            sum(t.kern is True for t in read),
            sum(t.kern is not None for t in read),
        ),
        ("MIDI to JSON and back, the whole model", sum(t.json for t in read), len(read)),
    ]
    lines = [f"# Round trips, {len(trips)} files, {sum(t.notes for t in read)} notes, seed {seed}", ""]
    lines += ["| trip | files | of |", "|---|---|---|", *(f"| {name} | {hits} | {of} |" for name, hits, of in rows), ""]
    lines += [f"- {t.name}: {t.error or _missed(t)}" for t in trips if t.error or _missed(t)]
    return "\n".join([*lines, "", f"{time.perf_counter() - started:.0f} s.", ""])


def _missed(done: Trip) -> str:
    kinds = ("midi", "musicxml", "maps", "tracks", "abc", "kern", "json")
    return ", ".join(kind for kind in kinds if getattr(done, kind) is False)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=500)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    print(run(chosen.n, chosen.seed))
