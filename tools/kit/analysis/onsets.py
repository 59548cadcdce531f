"""Where something begins, in audio and in notes, and which beginnings stand out.

A *strong* onset is the strongest within a quarter second on either side and reaches the median strength of the
four seconds round it: what a listener takes for an accent. Dense music has an onset near every moment, so a distance
to the nearest one says little without :func:`chance`, the share of all moments that lie as near.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tools.kit.analysis.notes import Notes, bar_edges, seconds_at
from tools.kit.analysis.pulse import local_contrast
from tools.kit.analysis.spectrum import EARLY_S, FRAME_RATE
from tools.kit.score import Score

Floats = NDArray[np.float64]

ALONE_S = 0.25
_CONTEXT_S = 4.0
_TOGETHER_S = 0.03  # notes this near are one onset


def audio_onsets(strength: Floats) -> tuple[Floats, Floats]:
    """Times in seconds ``[n]`` and strengths ``[n]`` of the peaks of an onset strength curve."""
    from scipy import signal

    contrast = local_contrast(strength)
    if not contrast.size or contrast.max() < 1e-9:
        return np.zeros(0), np.zeros(0)
    peaks, found = signal.find_peaks(contrast, height=0.03 * contrast.max(), distance=max(1, int(0.05 * FRAME_RATE)))
    return peaks / FRAME_RATE + EARLY_S, np.asarray(found["peak_heights"])


def note_onsets(notes: Notes) -> tuple[Floats, Floats]:
    """Times in seconds and strengths of the onsets of a score; a strength is the sum of the levels struck together."""
    times: list[float] = []
    weights: list[float] = []
    for time, level in sorted(zip(notes.start_s.tolist(), notes.level.tolist(), strict=True)):
        if times and time - times[-1] < _TOGETHER_S:
            weights[-1] += level
        else:
            times.append(time)
            weights.append(level)
    return np.array(times), np.array(weights)


def strong_onsets(times: Floats, strengths: Floats) -> Floats:
    """Times of the onsets that stand out from their surroundings, seconds ``[m]``."""
    if not len(times):
        return times
    is_strong = [
        weight >= np.median(strengths[np.abs(times - time) <= _CONTEXT_S])
        and weight >= strengths[np.abs(times - time) <= ALONE_S].max()
        for time, weight in zip(times, strengths, strict=True)
    ]
    return np.asarray(times[np.array(is_strong)])


def accents_in(score: Score, notes: Notes) -> Floats:
    """Moments of a score that accent: strong onsets, and barlines on which something is struck; seconds, sorted."""
    times, strengths = note_onsets(notes)
    if not len(times):
        return times
    barlines = seconds_at(score, bar_edges(score))
    struck = barlines[distances(barlines, times) < _TOGETHER_S]
    return np.unique(np.concatenate([strong_onsets(times, strengths), struck]))


def distances(moments: Floats, events: Floats) -> Floats:
    """Seconds from each moment ``[n]`` to the nearest of the events; infinite when there are none."""
    if not len(events):
        return np.full(len(moments), np.inf)
    ordered = np.sort(events)
    right = np.clip(np.searchsorted(ordered, moments), 0, len(ordered) - 1)
    left = np.maximum(right - 1, 0)
    return np.minimum(np.abs(ordered[right] - moments), np.abs(ordered[left] - moments))


def chance(events: Floats, length_s: float, tolerance_s: float) -> float:
    """Share of the moments from 0 to ``length_s`` that lie within the tolerance of an event."""
    grid = np.arange(0.0, max(length_s, 0.01), 0.01)
    return float(np.mean(distances(grid, events) <= tolerance_s))
