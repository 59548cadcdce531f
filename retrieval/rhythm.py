"""The groove of a piece: its commonest bar, how dense it is and how syncopated."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from retrieval.record import Groove
from tools.kit.score import Note
from tools.kit.theory.meter import Meter

_STEP = 0.25  # a sixteenth, in quarters
_LONGEST_BAR = 8.0  # quarters; a longer bar is drawn as its first eight


def groove_of(line: Sequence[Note], bar_starts: Sequence[float], meter: Meter, seconds: float) -> Groove:
    """Rhythm facts of a line; ``seconds`` is how long the piece lasts."""
    starts = np.array([note.start for note in line])
    quarters = max(float(line[-1].end - starts[0]), meter.beat_quarters)
    return Groove(
        pattern=pattern_of(starts, bar_starts, meter.bar_quarters),
        onsets_per_beat=round(len(line) * meter.beat_quarters / quarters, 2),
        notes_per_s=round(len(line) / max(seconds, 1e-6), 2),
        syncopation=round(syncopation(line, bar_starts, meter.beat_quarters), 3),
    )


def pattern_of(starts: np.ndarray[tuple[int], np.dtype[np.float64]], bar_starts: Sequence[float], bar: float) -> str:
    """The commonest bar as ``x`` and ``.``, one a sixteenth, from note starts in quarters ``[n]``."""
    steps = round(min(bar, _LONGEST_BAR) / _STEP)
    edges = np.asarray(bar_starts)
    index = np.searchsorted(edges, starts + 1e-6) - 1
    inside = index >= 0
    place = np.rint((starts[inside] - edges[index[inside]]) / _STEP).astype(np.int64)
    hits = np.zeros((len(edges), steps), dtype=bool)
    fits = place < steps
    hits[index[inside][fits], place[fits]] = True
    share = hits[hits.any(axis=1)].mean(axis=0) if hits.any() else np.zeros(steps)
    return "".join("x" if s >= 0.5 else "." for s in share)


def syncopation(line: Sequence[Note], bar_starts: Sequence[float], beat: float) -> float:
    """Share of notes that start off the beat and sound through the next one, in [0, 1].

    The syncopation of Longuet-Higgins and Lee (1984), at the level of the beat alone.
    """
    edges = np.asarray(bar_starts)
    crossing = 0
    for note in line:
        origin = edges[max(0, int(np.searchsorted(edges, note.start + 1e-6)) - 1)]
        place = (note.start - origin) / beat
        upcoming = np.floor(place + 1e-3) + 1
        is_off_beat = place - np.floor(place + 1e-3) > 0.05
        crossing += bool(is_off_beat and (note.end - origin) / beat > upcoming + 0.05)
    return crossing / len(line)
