"""The editors against music21, score by score: the same edit made by both, the results compared note for note.

music21 reads the source file itself, unfolds its repeats, joins its ties and brings it to sounding pitch; our side goes
through MIDI, as a person's file would. A score that a check has nothing to say of (a pickup for re-barring, one part
for splitting) is counted as not compared.
"""

from __future__ import annotations

import argparse
import functools
import random
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.store import Store
from bench._steps import Context
from bench.roundtrip import corpus_files
from tools import get_tool
from tools.errors import UserError
from tools.kit.score import Note, Score, Track, read_midi, write_midi
from tools.kit.score.notation import read_score
from tools.kit.theory.interval import Interval, moved_spelling
from tools.kit.voices import MOST_VOICES

INTERVALS = ("m2", "M2", "m3", "M3", "P4", "A4", "d5", "P5", "m6", "M6", "m7", "-m2", "-M2", "-m3", "-M3", "-P4", "-P5")
_DIVISION = 4  # parts of a quarter that both quantise to
_PLACES = 96  # parts of a quarter that places are compared in
Places = Counter[tuple[int, int]]


@dataclass(frozen=True)
class Case:
    """One score on both sides: our MIDI of it, and music21's parts as (place, pitch) with music21's names."""

    midi: Path
    score: Score
    parts: list[list[tuple[float, Any]]]
    measures: list[float]

    def theirs(self) -> Places:
        """Places and pitches of all notes as music21 has them."""
        return Counter((_place(at), int(p.midi)) for part in self.parts for at, p in part)


def _place(quarter: float) -> int:
    return round(float(quarter) * _PLACES)


def _ours(score: Score) -> Places:
    return Counter((_place(n.start), n.pitch) for t in score.tracks for n in t.notes if not t.is_drum)


def case_of(source: Path, folder: Path) -> Case | str:
    """Both sides of a file, or why there are none."""
    from music21 import converter

    score = read_score(source)
    if any(t.is_drum for t in score.tracks) or any("grace" in n.marks for t in score.tracks for n in t.notes):
        return "drums or grace notes"
    stream = converter.parse(source, forceSource=True)
    if "Opus" in stream.classes or not stream.parts:
        return "a collection of pieces, or no parts"
    if any(i.transposition for i in stream.recurse().getElementsByClass("Instrument")):
        stream = stream.toSoundingPitch()
    if any(True for _ in stream.recurse().getElementsByClass(["RepeatMark", "RepeatExpression"])):
        stream = stream.expandRepeats()
    parts = [_pitches(part) for part in stream.parts]
    measures = [float(m.offset) for m in stream.parts[0].getElementsByClass("Measure")]
    midi = folder / "score.mid"
    write_midi(score, midi)
    case = Case(midi, score, parts, measures)
    return case if case.theirs() == _ours(score) else "read otherwise by the two, before any edit"


def _pitches(part: Any) -> list[tuple[float, Any]]:
    whole = part.stripTies(matchByPitch=True)
    return [(float(e.getOffsetInHierarchy(whole)), p) for e in whole.recurse().notes for p in e.pitches]


def _edited(name: str, path: Path, folder: Path, **args: Any) -> tuple[list[Path], dict[str, Any]]:
    """The MIDI files a tool makes of a file, and its data."""
    store = Store(folder / f"run-{name}")
    attached = store.attach(path)
    result = get_tool(name)({"music": attached.id, **args}, Context(store, store.work_dir(name), 0))
    return [o.path for o in result.outputs if o.kind == "midi"], result.data.model_dump()


@functools.cache
def _transposed(name: str, octave: int, interval: str) -> tuple[int, str]:
    """MIDI number and name (``'Bb'``) that music21 gives a pitch moved by an interval."""
    from music21 import interval as m21interval
    from music21 import pitch

    moved = m21interval.Interval(interval).transposePitch(pitch.Pitch(name, octave=octave), maxAccidental=None)
    return int(moved.midi), moved.name.replace("-", "b")


def transposition(case: Case, rng: random.Random, folder: Path) -> str:
    """Pitches and names after moving by a random interval."""
    text = rng.choice(INTERVALS)
    interval = Interval.parse(text)
    wanted: Places = Counter()
    for at, p in (e for part in case.parts for e in part):
        number, name = _transposed(p.name, p.octave if p.octave is not None else 4, text)
        wanted[_place(at), number] += 1
        own = moved_spelling(p.name.replace("-", "b"), interval.fifths)
        if own != name and len(name) <= 3:
            return f"{p.name} by {text} is {name} there and {own} here"
    files, _ = _edited("transpose", case.midi, folder, interval=text)
    return _differ(_ours(read_midi(files[0])), wanted)


def quantisation(case: Case, rng: random.Random, folder: Path) -> str:
    """Starts after both quantise the same loose playing to sixteenths."""
    from music21 import note, stream

    notes = [n for t in case.score.tracks for n in t.notes]
    if any(start % (1 / _DIVISION) for start in case.score.bar_starts()):
        return "not compared"
    loose = [Note(max(0.0, round((n.start + rng.uniform(-0.2, 0.2)) * 480) / 480), 0.5, n.pitch, 80) for n in notes]
    path = folder / "loose.mid"
    write_midi(Score([Track("a", notes=loose)], meters=case.score.meters), path)
    played = stream.Stream()
    for n in loose:
        played.insert(n.start, note.Note(n.pitch, quarterLength=0.5))
    played.quantize((_DIVISION,), processOffsets=True, processDurations=False, inPlace=True)
    wanted = Counter((_place(e.offset), int(e.pitch.midi)) for e in played.notes)
    files, _ = _edited("quantize", path, folder, grid="1/16")
    got = _ours(read_midi(files[0]))
    halfway = sum(abs((n.start * _DIVISION) % 1 - 0.5) < 1e-6 for n in loose)
    return "" if (wanted - got).total() <= halfway else _differ(got, wanted)


def bars_read(case: Case, _rng: random.Random, _folder: Path) -> str:
    """Starts of the bars."""
    got, wanted = [_place(b) for b in case.score.bar_starts()], [_place(m) for m in case.measures]
    if not wanted:
        return "not compared"
    return "" if got == wanted[: len(got)] else f"bars start at {got[:6]} here and {wanted[:6]} there"


def rebarring(case: Case, rng: random.Random, folder: Path) -> str:
    """How many notes start in each bar after new bar lines are drawn through the same notes."""
    from music21 import meter, note, stream

    if len({m for _, m in case.score.meters}) > 1:
        return "not compared"
    text = rng.choice([m for m in ("3/4", "6/8", "5/4", "2/4") if m != str(case.score.meters[0][1])])
    flat = stream.Stream()
    flat.insert(0, meter.TimeSignature(text))
    for at, p in (e for part in case.parts for e in part):
        flat.insert(at, note.Note(p, quarterLength=0.25))
    measures = flat.makeMeasures()
    wanted = {_place(m.offset): len(m.recurse().notes) for m in measures.getElementsByClass("Measure")}
    files, _ = _edited("change_meter", case.midi, folder, meter=text, policy="rebar", move_accents=False)
    after = read_midi(files[0])
    starts = after.bar_starts()
    places = sorted(n.start for t in after.tracks for n in t.notes)
    ends = [*starts[1:], float("inf")]
    got = {_place(s): sum(s - 1e-6 <= p < e - 1e-6 for p in places) for s, e in zip(starts, ends, strict=True)}
    filled = [{k: v for k, v in counts.items() if v} for counts in (got, wanted)]
    return "" if filled[0] == filled[1] else f"in {text} other bars hold the notes"


def splitting(case: Case, _rng: random.Random, folder: Path) -> str:
    """The notes of each part, in a file of its own, as music21 reads that file."""
    from music21 import converter

    parts = [p for p in case.parts if p]
    if len(parts) < 2 or len(parts) != sum(bool(t.notes) for t in case.score.tracks):
        return "not compared"
    files, _ = _edited("split_tracks", case.midi, folder, by="track", separate_files=True)
    for number, (path, part) in enumerate(zip(files[1:], parts, strict=True), start=1):
        read = converter.parse(path, forceSource=True, quantizePost=False)
        got = Counter((round(float(at) * 24), int(p.midi)) for at, p in _pitches(read))
        wanted = Counter((round(at * 24), int(p.midi)) for at, p in part)
        if got != wanted:
            return f"part {number}: {_differ(got, wanted)}"
    return ""


def voices(case: Case, _rng: random.Random, folder: Path) -> str:
    """All parts in one track, split by voice: as many voices as ``makeVoices`` needs, none with overlaps."""
    pooled = {(n.start, n.pitch): n for t in case.score.tracks for n in t.notes}
    path = folder / "pooled.mid"
    write_midi(Score([Track("Keys", notes=sorted(pooled.values(), key=lambda n: (n.start, n.pitch)))]), path)
    notes = read_midi(path).tracks[0].notes
    needed = len(_stream_of(notes).makeVoices(inPlace=False, fillGaps=False).voices)
    if needed < 2 or needed > MOST_VOICES:
        return "not compared"
    files, _ = _edited("split_tracks", path, folder, by="voice")
    split = [t.notes for t in read_midi(files[0]).tracks if t.notes]
    if Counter((_place(n.start), n.pitch) for v in split for n in v) != Counter(
        (_place(n.start), n.pitch) for n in notes
    ):
        return "notes were lost"
    crowded = sum(bool(_stream_of(v).getOverlaps()) for v in split)
    return "" if len(split) == needed and not crowded else f"{len(split)} voices, {crowded} crowded; music21 {needed}"


def _stream_of(notes: list[Note]) -> Any:
    from music21 import note, stream

    found = stream.Part()
    for n in notes:
        start, end = _place(n.start), _place(n.end)
        found.insert(start / _PLACES, note.Note(n.pitch, quarterLength=max(1, end - start) / _PLACES))
    return found


def _differ(got: Places, wanted: Places) -> str:
    missing, more = (wanted - got).total(), (got - wanted).total()
    return f"{missing} notes only there, {more} only here" if missing or more else ""


CHECKS: dict[str, Callable[[Case, random.Random, Path], str]] = {
    "bars as read": bars_read,
    "transposition by an interval": transposition,
    "quantisation to sixteenths": quantisation,
    "new bar lines": rebarring,
    "splitting into parts": splitting,
    "splitting by voice": voices,
}


def table(n: int, seed: int) -> tuple[dict[str, Counter[str]], list[str], Counter[str]]:
    """For each check how many scores agree, differ and were not compared; what differs; why files were passed over."""
    counts: dict[str, Counter[str]] = {name: Counter() for name in CHECKS}
    wrong: list[str] = []
    passed: Counter[str] = Counter()
    done = 0
    for source in corpus_files(3 * n, seed):
        if done == n:
            break
        with tempfile.TemporaryDirectory() as name, warnings.catch_warnings(action="ignore"):
            folder = Path(name)
            try:
                case = case_of(source, folder)
            except Exception as err:  # noqa: BLE001 -- music21 raises whatever a file makes it stumble over
                wrong.append(f"{source.name} was passed over: {str(err)[:80]}")
                case = "music21 fails on it"
            if isinstance(case, str):
                passed[case] += 1
                continue
            done += 1
            for check, compare in CHECKS.items():
                said = _said(compare, case, random.Random(f"{check} {source.name} {seed}"), folder)
                counts[check][said if said == "not compared" else "differ" if said else "agree"] += 1
                if said not in ("", "not compared"):
                    wrong.append(f"{source.name}, {check}: {said}")
    return counts, wrong, passed


def _said(compare: Callable[[Case, random.Random, Path], str], case: Case, rng: random.Random, folder: Path) -> str:
    try:
        return compare(case, rng, folder)
    except UserError:
        return "not compared"


def run(n: int = 200, seed: int = 0) -> str:
    """Every check on ``n`` scores; a Markdown table."""
    started = time.perf_counter()
    counts, wrong, passed = table(n, seed)
    rows = [f"| {name} | {c['agree']} | {c['differ']} | {c['not compared']} |" for name, c in counts.items()]
    head = [f"# Editors against music21, {n} scores, seed {seed}", "", "| what | agree | differ | not compared |"]
    said = "Passed over: " + (", ".join(f"{count} {why}" for why, count in passed.items()) or "none") + "."
    lines = [*head, "|---|---|---|---|", *rows, "", said, "", *(f"- {w}" for w in wrong[:40])]
    return "\n".join([*lines, "", f"{time.perf_counter() - started:.0f} s.", ""])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    print(run(chosen.n, chosen.seed))
