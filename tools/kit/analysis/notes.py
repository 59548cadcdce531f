"""A score's notes as arrays, the form every symbolic measure works on.

Times are in quarters (``_q``) and seconds (``_s``); ``level`` is the note's loudness in [0, 1]:
velocity, scaled by channel volume (CC 7) and expression (CC 11) as General MIDI 2 asks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from tools.kit.score import Score, Track

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
VOLUME, EXPRESSION = 7, 11
_DEFAULT_VOLUME, _FULL = 100.0, 127.0


@dataclass(frozen=True)
class Notes:
    """Parallel arrays ``[n]``, sorted by start and then pitch."""

    start_q: Floats
    end_q: Floats
    start_s: Floats
    end_s: Floats
    pitch: Ints
    level: Floats
    track: Ints
    is_drum: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.pitch)

    def where(self, mask: NDArray[np.bool_]) -> Notes:
        """The notes a boolean mask ``[n]`` picks."""
        return Notes(*(getattr(self, f.name)[mask] for f in fields(self)))

    @property
    def pitched(self) -> Notes:
        """All notes but the drums'."""
        return self.where(~self.is_drum)


def notes_of(score: Score) -> Notes:
    """Every note of a score as arrays (all empty when there are none)."""
    rows = [
        (n.start, n.end, n.pitch, n.velocity / _FULL * gain, index, track.is_drum)
        for index, track in enumerate(score.tracks)
        for n, gain in zip(track.notes, _gains(track), strict=True)
    ]
    rows.sort(key=lambda row: (row[0], row[2]))
    table = np.array(rows, dtype=np.float64).reshape(-1, 6)
    starts, ends = table[:, 0], table[:, 1]
    return Notes(
        starts,
        ends,
        seconds_at(score, starts),
        seconds_at(score, ends),
        table[:, 2].astype(np.int64),
        np.clip(table[:, 3], 0, 1),
        table[:, 4].astype(np.int64),
        table[:, 5] > 0,
    )


def seconds_at(score: Score, quarters: Floats) -> Floats:
    """Seconds from the start for places in quarters ``[n]``; the vector form of :meth:`Score.seconds`."""
    knots = np.array([q for q, _ in score.tempi])
    rates = 60.0 / np.array([bpm for _, bpm in score.tempi])
    at_knots = np.concatenate([[0.0], np.cumsum(np.diff(knots) * rates[:-1])])
    index = np.clip(np.searchsorted(knots, quarters, side="right") - 1, 0, None)
    return np.asarray(at_knots[index] + (quarters - knots[index]) * rates[index])


def sounding_in(notes: Notes, edges: Floats) -> Iterator[tuple[Notes, Floats]]:
    """For each segment the notes that sound in it and the quarters ``[k]`` that each does so.

    One segment at a time, so that memory stays bounded on long scores.

    Parameters
    ----------
    edges
        Segment boundaries in quarters ``[m + 1]``, ascending.
    """
    for start, end in pairwise(edges.tolist()):
        begun = int(np.searchsorted(notes.start_q, end))
        here = np.flatnonzero(notes.end_q[:begun] > start + 1e-6)
        found = Notes(*(getattr(notes, f.name)[here] for f in fields(notes)))
        yield found, np.minimum(found.end_q, end) - np.maximum(found.start_q, start)


def bar_edges(score: Score) -> Floats:
    """Barlines in quarters ``[bars + 1]``, up to the end of the last bar that holds a note."""
    starts = score.bar_starts()
    if not starts:
        return np.zeros(1)
    last_meter = [m for at, m in score.meters if at <= starts[-1] + 1e-6][-1]
    return np.array([*starts, starts[-1] + last_meter.bar_quarters])


def phrase_starts(score: Score, bars: int = 4) -> Floats:
    """Barlines in quarters at which phrases of so many bars begin."""
    return bar_edges(score)[:-1][::bars]


def beat_edges(score: Score) -> Floats:
    """Felt beats in quarters, barlines included, up to the end of the last bar that holds a note."""
    edges = bar_edges(score)
    beats = [
        start + accent
        for start in edges[:-1]
        for accent in [m for at, m in score.meters if at <= start + 1e-6][-1].accents()
    ]
    return np.array([*beats, edges[-1]])


def _gains(track: Track) -> Floats:
    """Gain of each note from volume and expression at its start, relative to the General MIDI defaults."""
    starts = np.array([n.start for n in track.notes])
    volume = _held(track, VOLUME, _DEFAULT_VOLUME, starts) / _DEFAULT_VOLUME
    return np.asarray(volume * _held(track, EXPRESSION, _FULL, starts) / _FULL)


def _held(track: Track, number: int, default: float, at: Floats) -> Floats:
    changes = sorted((c.time, c.value) for c in track.controls if c.number == number)
    values = np.array([default, *(value for _, value in changes)], dtype=np.float64)
    times = np.array([time for time, _ in changes])
    return values[np.searchsorted(times, at + 1e-6, side="right")]
