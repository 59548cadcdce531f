"""Meter and bars asked and heard."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from tools.errors import UserError
from tools.kit.analysis import meters
from tools.kit.analysis.notes import Notes, bar_edges
from tools.kit.metrics.registry import metric
from tools.kit.score import Score
from tools.kit.theory.meter import Meter

_CONTRADICTED = 0.4  # share of the rival's fit below which the asked bar explains too little
_CLEAR, _CLEAR_LONG = 0.2, 0.1  # least fit of a rival, in a piece of up to so many eighths, and in a very long one
_SHORT_EIGHTHS = 150
_OVERHANG_Q = 0.5  # a note that hangs over the last barline by an eighth adds no bar


@dataclass(frozen=True)
class MeterAnswer:
    """Two witnesses: the meters of the map while notes sound, and the bar that the accents keep to.

    Attributes
    ----------
    fit, rival
        Share of the accents' variance that the first written bar and the best unrelated one explain, in [0, 1].
    rival_eighths
        Length of that other bar in eighths; None when there is none.
    contradicted
        Whether the accents speak for that other bar, clearly and against the written one.
    """

    used: tuple[Meter, ...]
    fit: float
    rival: float
    rival_eighths: int | None
    contradicted: bool
    met: bool


def meter_heard(score: Score, notes: Notes, asked: Meter) -> MeterAnswer:
    """Whether the map says the meter from the first note to the last and the accents do not contradict the map."""
    used = tuple(m for at, m in score.meters if at < score.end - 1e-6)
    curve = meters.accent_curve(notes)
    fit, rival, length = meters.rival(curve, used[0] if used else asked)
    contradicted = rival >= _least_clear(len(curve)) and fit < _CONTRADICTED * rival
    return MeterAnswer(used, fit, rival, length, contradicted, all(m == asked for m in used) and not contradicted)


def _least_clear(eighths: int) -> float:
    """Fit at which a rival bar is heard: what chance explains shrinks with the root of the piece's length."""
    return max(_CLEAR_LONG, _CLEAR * min(1.0, math.sqrt(_SHORT_EIGHTHS / max(eighths, 1))))


def count_bars(score: Score, notes: Notes) -> int:
    """Bars of the map up to the end of the last note; 0 without a note."""
    if not len(notes):
        return 0
    edges = bar_edges(score)
    hangs_over = score.end - edges[-2] <= _OVERHANG_Q and not np.any(notes.start_q >= edges[-2] - 1e-6)
    return len(edges) - 1 - int(hangs_over)


@metric(
    "BM",
    family="control",
    unit="0 or 1",
    low=0,
    high=1,
    better="higher",
    formula="1 if beats in a bar (numerator of the meter) measured = asked else 0",
    meaning="Whether the bars have as many beats as asked: three for a waltz, four for a march. It does not hear "
    "whether the beats are stressed, nor tell 3/4 from 3/8.",
    source="Melechovsky et al. 2024 (Mustango), utils/evaluate_control_testB.py: one piece's term",
)
def beat_match(asked: str | int | Meter | None, measured: str | int | Meter | None) -> float | None:
    """Beat match (BM): 1 when the beats in a bar agree, else 0; None when either is unknown.

    Both are a meter (``'3/4'``) or a number of beats; ``UserError`` for what is neither.
    """
    if asked is None or measured is None:
        return None
    return float(_beats(asked) == _beats(measured))


def _beats(meter: str | int | Meter) -> int:
    if isinstance(meter, int):
        return meter
    try:
        return (meter if isinstance(meter, Meter) else Meter.parse(meter)).numerator
    except ValueError as err:
        raise UserError(f"{meter!r} is no meter; write it as 3/4 or 7/8.") from err
