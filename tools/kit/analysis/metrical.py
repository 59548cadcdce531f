"""Heard notes laid onto beats and bars: the grid of notes alone, and scores whose barlines are a recording's.

Beats are moments in seconds; a note's place is its position between them. The meter and the first downbeat are those
whose bars gather the accents (long, loud and low notes; Lerdahl and Jackendoff 1983).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tools.kit.analysis import pulse
from tools.kit.analysis.spectrum import EARLY_S, FRAME_RATE
from tools.kit.score import Note, Score, Track
from tools.kit.theory.meter import Meter

Floats = NDArray[np.float64]

_LOOSE_S = 0.03  # how far off the beat players place notes
_COMMON = {2: -0.02, 3: 0.0, 4: 0.03}  # head start of bars of so many beats
_DIVISIONS = {4: 0.0, 3: 0.012, 2: -0.004}  # beat divisions with the loss at which each is preferred, in beats


@dataclass(frozen=True)
class HeardNote:
    """A note as heard: seconds, MIDI pitch, velocity 1 to 127, confidence in [0, 1]."""

    start_s: float
    end_s: float
    pitch: int
    velocity: int
    confidence: float


@dataclass(frozen=True)
class Bars:
    """Beats in seconds ``[n]``, the index of the first downbeat, beats a bar, and quarters a beat."""

    beats_s: Floats
    first: int
    per_bar: int
    beat_quarters: float = 1.0

    @property
    def meter(self) -> Meter:
        """The time signature these beats are written in."""
        if self.beat_quarters == 1.5:
            return Meter(3 * self.per_bar, 8)
        return Meter(self.per_bar, round(4 / self.beat_quarters))

    @property
    def bpm(self) -> float:
        """Median tempo in beats a minute."""
        return 60.0 / float(np.median(np.diff(self.beats_s)))


def beats_of_notes(notes: Sequence[HeardNote], bpm: float | None = None) -> Floats | None:
    """Beats in seconds under a line of notes, from one before the first note to one after the last.

    The onsets, the longer ones stronger, stand for the onset strength of a recording (:mod:`tools.kit.analysis.pulse`).
    None for fewer than four notes, or when nothing recurs and no ``bpm`` is given.
    """
    if len(notes) < 4:
        return None
    lead = 1.0
    starts = np.array([n.start_s for n in notes])
    weights = np.sqrt(np.clip([n.end_s - n.start_s for n in notes], 0.05, 2.0))
    frames = int((float(starts.max()) - float(starts.min()) + 2 * lead) * FRAME_RATE) + 1
    moments = np.arange(frames) / FRAME_RATE + float(starts.min()) - lead
    curve = np.zeros(frames)
    for start, weight in zip(starts, weights, strict=True):
        curve += weight * np.exp(-0.5 * ((moments - start) / _LOOSE_S) ** 2)
    rate = bpm or pulse.tempo(curve)
    if rate is None:
        return None
    beats = pulse.beats(curve, rate) - EARLY_S + moments[0]
    return beats if len(beats) >= 2 else None


def barred(beats_s: Floats, accents: Floats, per_bar: int | None = None, beat_quarters: float = 1.0) -> Bars:
    """The bars whose first beats gather the accents ``[n]`` of the beats; ``per_bar`` when the meter is known."""
    best, found = -np.inf, (0, per_bar or 4)
    height = float(accents.mean()) or 1.0
    for beats in (per_bar,) if per_bar else tuple(_COMMON):
        for phase in range(min(beats, len(accents))):
            lead = float(accents[phase::beats].mean() - accents.mean()) / height * np.sqrt(beats - 1 or 1) / np.sqrt(3)
            score = lead + _COMMON.get(beats, 0.0) - 0.01 * phase
            if score > best:
                best, found = score, (phase, beats)
    return Bars(beats_s, found[0], found[1], beat_quarters)


def accents_on(beats_s: Floats, notes: Sequence[HeardNote]) -> Floats:
    """How much is struck on each beat ``[n]``: length (to two beats), loudness, and twice that below middle C."""
    accents = np.zeros(len(beats_s))
    gap = float(np.median(np.diff(beats_s))) if len(beats_s) > 1 else 1.0
    for note in notes:
        nearest = int(np.abs(beats_s - note.start_s).argmin())
        if abs(float(beats_s[nearest]) - note.start_s) <= 0.2 * gap:
            length = min((note.end_s - note.start_s) / gap, 2.0)
            accents[nearest] += (0.3 + length) * note.velocity / 100 * (2 if note.pitch < 55 else 1)
    return accents


def places(times_s: Floats, beats_s: Floats) -> Floats:
    """Positions in beats of moments in seconds, beats before and after the known ones going on at their tempo."""
    index = np.arange(len(beats_s), dtype=np.float64)
    inside = np.interp(times_s, beats_s, index)
    first, last = float(beats_s[1] - beats_s[0]), float(beats_s[-1] - beats_s[-2])
    inside = np.where(times_s < beats_s[0], (times_s - beats_s[0]) / first, inside)
    return np.where(times_s > beats_s[-1], index[-1] + (times_s - beats_s[-1]) / last, inside)


def division(starts: Floats) -> int:
    """Parts of a beat, 2, 3 or 4, on which positions in beats ``[n]`` lie best."""
    losses = {
        parts: float(np.abs(starts * parts - np.round(starts * parts)).mean() / parts + head * 1.0)
        for parts, head in _DIVISIONS.items()
    }
    return min(losses, key=lambda parts: losses[parts])


def snapped(starts: Floats, ends: Floats, parts: int) -> tuple[Floats, Floats]:
    """Positions in beats moved to the nearest of ``parts`` a beat; every note keeps at least one part."""
    begun = np.round(starts * parts) / parts
    ended = np.maximum(np.round(ends * parts) / parts, begun + 1.0 / parts)
    return begun, ended


def clean_line(notes: Sequence[HeardNote], bars: Bars, name: str, program: int) -> tuple[Score, list[HeardNote]]:
    """A single line in strict time at one tempo, bar 1 being the first bar touched; notes on one place are one.

    Returns the score and, for each of its notes, the heard note it stands for.
    """
    starts = places(np.array([n.start_s for n in notes]), bars.beats_s)
    ends = places(np.array([n.end_s for n in notes]), bars.beats_s)
    parts = division(starts)
    begun, ended = snapped(starts, ends, parts)
    origin = bars.first + bars.per_bar * np.floor((begun[0] - bars.first) / bars.per_bar + 1e-9)
    line: list[Note] = []
    kept: list[HeardNote] = []
    for note, start, end in zip(notes, begun - origin, ended - origin, strict=True):
        if line and start <= line[-1].start / bars.beat_quarters + 1e-6:
            if note.confidence <= kept[-1].confidence:
                continue
            line.pop()
            kept.pop()
        if line:
            last = line[-1]
            gap = start * bars.beat_quarters - last.end
            if gap < 0 or (gap <= bars.beat_quarters / parts * 1.01 and notes_touch(kept[-1], note)):
                last.duration = start * bars.beat_quarters - last.start
        line.append(Note(start * bars.beat_quarters, (end - start) * bars.beat_quarters, note.pitch, note.velocity))
        kept.append(note)
    pace = round(bars.bpm, 1) * bars.beat_quarters
    return Score([Track(name, program, notes=line)], [(0.0, pace)], [(0.0, bars.meter)]), kept


def notes_touch(before: HeardNote, after: HeardNote) -> bool:
    """Whether the silence between two notes is one of articulation and no rest."""
    return after.start_s - before.end_s < max(0.12, 0.25 * (before.end_s - before.start_s))


def aligned(notes: Sequence[HeardNote], bars: Bars, *, quantised: bool, name: str, program: int) -> Score:
    """Notes under the recording's own bars: a tempo for each beat, so that seconds stay as heard.

    Before the first known beat as many beats are counted in as fill the bar. ``quantised`` moves starts and ends
    to the nearest division of the beat, each beat by itself in 2, 3 or 4.
    """
    known = bars.beats_s
    gap = float(np.median(np.diff(known)))
    need = (-bars.first) % bars.per_bar
    filled = max(round((float(known[0]) / gap - need) / bars.per_bar), 0)
    count_in = need + bars.per_bar * filled
    if count_in == 0 and float(known[0]) > 0.03:
        count_in = bars.per_bar
    lead = np.linspace(0.0, float(known[0]), count_in + 1)[:-1] if count_in else np.zeros(0)
    grid = np.concatenate([lead, known]) if count_in else known - known[0]
    shift = 0.0 if count_in else float(known[0])
    starts = places(np.array([n.start_s - shift for n in notes]), grid)
    ends = places(np.array([n.end_s - shift for n in notes]), grid)
    if quantised:
        parts = division(starts)
        starts, ends = snapped(starts, ends, parts)
    quarters = bars.beat_quarters
    track = Track(name, program)
    for note, start, end in zip(notes, np.maximum(starts, 0), ends, strict=True):
        track.notes.append(
            Note(float(start) * quarters, max(float(end - start), 0.02) * quarters, note.pitch, note.velocity)
        )
    track.notes.sort(key=lambda n: (n.start, n.pitch))
    tempi: list[tuple[float, float]] = []
    for index, seconds in enumerate(np.diff(grid)):
        tempo = 60.0 / max(float(seconds), 0.02) * quarters
        if not tempi or abs(tempi[-1][1] / tempo - 1) > 1e-3:
            tempi.append((index * quarters, tempo))
    return Score([track], tempi or [(0.0, 120.0)], [(0.0, bars.meter)])
