"""Notes from how likely each key is struck and sounds at each moment.

A note begins at a peak of its onset curve and lasts while its key sounds; what sounds on without an onset that was
heard becomes a note of its own when it is long and strong enough. Overtones that a louder, lower note explains are
dropped. The reading of such curves follows Hawthorne et al. (Onsets and frames, ISMIR 2018) and Bittner et al. (2022).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Activity = NDArray[np.float32]

ONSET, SOUNDING = 0.65, 0.3  # least chances of a struck and of a sounding key
_UNSTRUCK = 0.42  # least mean of a note that no onset announces
_LULL_S, _SHORTEST_S, _UNSTRUCK_S = 0.12, 0.06, 0.12
_OVERTONES = (12, 19, 24)  # semitones above the note that explains them
_GHOST = 0.65  # share of the lower note's strength below which an overtone struck with it is no note
_TOGETHER_S = 0.04
_LATE_S = 0.015  # how much after a note's start its onset is clearest to the network (30 excerpts, several timbres)


@dataclass(frozen=True)
class KeyNote:
    """A note: seconds, column of the key, chance that it is one, strength in [0, 1]."""

    start_s: float
    end_s: float
    key: int
    confidence: float
    strength: float


def notes_from_activity(onset: Activity, sounding: Activity, frame_s: float) -> list[KeyNote]:
    """Notes in order of their starts.

    Parameters
    ----------
    onset, sounding
        Chances ``[frames, keys]`` in [0, 1] that a key is struck at, and sounds during, a frame.
    """
    left = sounding.copy()
    found = _struck(onset, left, sounding, frame_s)
    found += _unstruck(left, frame_s)
    return _without_ghosts(sorted(found, key=lambda n: (n.start_s, n.key)))


def _struck(onset: Activity, left: Activity, sounding: Activity, frame_s: float) -> list[KeyNote]:
    """Notes that begin at peaks of the onset curves; what they explain is taken from ``left``."""
    lull, shortest = round(_LULL_S / frame_s), round(_SHORTEST_S / frame_s)
    before = np.vstack([np.zeros((1, onset.shape[1]), np.float32), onset[:-1]])
    after = np.vstack([onset[1:], np.zeros((1, onset.shape[1]), np.float32)])
    is_peak = (onset >= ONSET) & (onset > before) & (onset >= after)
    found = []
    for key in np.flatnonzero(is_peak.any(axis=0)):
        starts = np.flatnonzero(is_peak[:, key])
        for number, start in enumerate(starts):
            limit = int(starts[number + 1]) if number + 1 < len(starts) else len(onset)
            end = _last(sounding[:, key], int(start), limit, lull)
            if end - start <= shortest:
                continue
            left[max(0, start - 2) : end, key] = 0
            level = float(sounding[start:end, key].mean())
            sure = float(onset[start, key])
            place = start * frame_s + _between(onset[:, key], int(start)) * frame_s
            found.append(KeyNote(max(0.0, place - _LATE_S), end * frame_s, int(key), (sure + level) / 2, level))
    return found


def _last(curve: Activity, start: int, limit: int, lull: int) -> int:
    """Frame after the last one that sounds, before a lull or the limit."""
    is_on = curve[start:limit] >= SOUNDING
    off = np.flatnonzero(~is_on)
    run_start, length = -1, 0
    for at in off:
        if length and at == run_start + length:
            length += 1
        else:
            run_start, length = int(at), 1
        if length >= lull and run_start > 0:
            return start + run_start
    on = np.flatnonzero(is_on)
    return start + (int(on[-1]) + 1 if len(on) else 0)


def _between(curve: Activity, peak: int) -> float:
    """Offset of a peak from its frame by a parabola through its neighbours, -0.5 to 0.5 frames."""
    if not 0 < peak < len(curve) - 1:
        return 0.0
    low, top, high = (float(curve[peak + i]) for i in (-1, 0, 1))
    bend = low - 2 * top + high
    return float(np.clip(0.5 * (low - high) / bend, -0.5, 0.5)) if bend < -1e-9 else 0.0


def _unstruck(left: Activity, frame_s: float) -> list[KeyNote]:
    """Stretches that sound without a heard onset, long and strong enough to be notes."""
    shortest = round(_UNSTRUCK_S / frame_s)
    found = []
    for key in np.flatnonzero((left >= SOUNDING).any(axis=0)):
        is_on = np.concatenate([[0], left[:, key] >= SOUNDING, [0]]).astype(np.int8)
        edges = np.flatnonzero(np.diff(is_on)).reshape(-1, 2)
        for start, end in edges:
            level = float(left[start:end, key].mean())
            if end - start >= shortest and level >= _UNSTRUCK:
                found.append(KeyNote(start * frame_s, end * frame_s, int(key), level / 2, level))
    return found


def _without_ghosts(notes: list[KeyNote]) -> list[KeyNote]:
    """Notes but for weak ones struck with a stronger note whose overtone they are."""
    kept = []
    starts = np.array([n.start_s for n in notes])
    for note in notes:
        low, high = np.searchsorted(starts, (note.start_s - _TOGETHER_S, note.start_s + _TOGETHER_S))
        is_ghost = any(
            note.key - other.key in _OVERTONES and note.confidence < _GHOST * other.confidence
            for other in notes[low:high]
        )
        if not is_ghost:
            kept.append(note)
    return kept
