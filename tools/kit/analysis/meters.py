"""Which bar length the accents of a score keep to, whatever its meter map says.

The accent of each eighth is the sum of what begins on it: longer, louder and lower notes count more (agogic, dynamic
and bass accents, Lerdahl and Jackendoff 1983). A bar length is scored by how much of the accents' variance its
positions explain, less what that many positions would explain by chance (the adjusted R squared of a one-way analysis
of variance).
"""

from __future__ import annotations

import math

import numpy as np

from tools.kit.analysis.notes import Floats, Notes
from tools.kit.theory.meter import Meter

_STEP_Q = 0.5


def accent_curve(notes: Notes) -> Floats:
    """Accent of each eighth from the first barline on, ``[eighths]``."""
    if not len(notes):
        return np.zeros(0)
    steps = np.round(notes.start_q / _STEP_Q).astype(int)
    length = np.minimum(notes.end_q - notes.start_q, 4.0)
    low = 1 + 1.5 * (notes.pitch < 50)
    weight = notes.level * np.where(
        notes.is_drum, 0.5 + 1.5 * np.isin(notes.pitch, (35, 36, 49, 57)), (0.5 + length) * low
    )
    return np.bincount(steps, weight, minlength=int(steps.max()) + 1).astype(np.float64)


def bar_length_fit(curve: Floats, eighths: int) -> float:
    """Adjusted share of the accents' variance that a bar of so many eighths explains, at most 1; 0 when untold."""
    bars = len(curve) // eighths
    if bars < 3 or eighths < 2:
        return 0.0
    table = curve[: bars * eighths].reshape(bars, eighths)
    total = float(((table - table.mean()) ** 2).sum())
    within = float(((table - table.mean(axis=0)) ** 2).sum())
    if total < 1e-9:
        return 0.0
    free = table.size - eighths
    return 1 - (within / free) / (total / (table.size - 1))


def rival(curve: Floats, meter: Meter) -> tuple[float, float, int | None]:
    """Fit of the meter's bar, of the bar length unrelated to it that fits better by most, and that length in eighths.

    Related are its multiples and divisors, which share its barlines. Both fits leave out what a pulse common to
    the two lengths explains already, as the alternation of beats and off-beats; the length is None without a rival.
    """
    asked = round(meter.bar_quarters / _STEP_Q)
    best: tuple[float, float, int | None] = (max(bar_length_fit(curve, asked), 0.0), 0.0, None)
    for length in (n for n in range(4, 17) if n % asked and asked % n):
        common = max(bar_length_fit(curve, math.gcd(asked, length)), 0.0)
        left = max(1 - common, 1e-6)
        mine, other = (max(bar_length_fit(curve, n) - common, 0.0) / left for n in (asked, length))
        if best[2] is None or other - mine > best[1] - best[0]:
            best = (mine, other, length)
    return best
