"""Loud and soft over the piece, against a curve that was asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tools.errors import UserError
from tools.kit.analysis import dynamics
from tools.kit.analysis.notes import Notes
from tools.kit.metrics.audio.clip import Clip
from tools.kit.metrics.registry import metric

Floats = NDArray[np.float64]
_BELOW_LOUDEST = 45.0  # what lies further under the loudest moment is rest, not soft
_WINDOW_SHARE, _SHORTEST_S, _LONGEST_S = 12, 0.4, 3.0
_SOURCE = "short-term loudness of ITU-R BS.1770-4 and EBU Tech 3341 (of notes: their summed levels)"


@dataclass(frozen=True)
class Course:
    """How loud each moment is: seconds ``[n]``, LUFS (of notes: dB) ``[n]``, rests left out, and the windows used."""

    moments_s: Floats
    levels: Floats
    length_s: float
    window_s: float


def sound_course(clip: Clip) -> Course:
    """The course of a recording."""
    window = _window(clip.seconds)
    return _sounding(*dynamics.course(clip.samples, clip.rate, window), clip.seconds, window)


def note_course(notes: Notes, length_s: float) -> Course:
    """The course of notes in a piece of so many seconds."""
    window = _window(length_s)
    return _sounding(*dynamics.note_course(notes, window), length_s, window)


def _window(length_s: float) -> float:
    return float(np.clip(length_s / _WINDOW_SHARE, _SHORTEST_S, _LONGEST_S))


def _sounding(moments: Floats, levels: Floats, length_s: float, window_s: float) -> Course:
    sounds = levels > max(dynamics.GATE_LUFS, levels.max(initial=dynamics.GATE_LUFS) - _BELOW_LOUDEST)
    return Course(moments[sounds], levels[sounds], length_s, window_s)


@metric(
    "dynamics_agreement",
    family="control",
    low=-1,
    high=1,
    better="higher",
    formula="Spearman rank correlation of loudness with the curve asked, over all moments that sound",
    meaning="Whether the music swells and fades where it was asked to: 1 in the order asked, -1 in reverse. It ranks "
    "moments and does not see how great the contrasts are.",
    source=f"{_SOURCE}; Spearman 1904 (scipy.stats.spearmanr)",
)
def dynamics_agreement(course: Course, points: Sequence[tuple[float, float]]) -> float | None:
    """Rank correlation with the curve through ``(at, level)``, ``at`` from 0 (start) to 1 (end).

    None when nothing sounds; 0 when either side never changes.

    Raises
    ------
    UserError
        For a curve without a point, or a point that lies outside the piece.
    """
    if not points or not all(0 <= at <= 1 and np.isfinite(level) for at, level in points):
        raise UserError(f"a dynamics curve has points (at, level) with at from 0 to 1; this one has {list(points)}.")
    if not len(course.moments_s):
        return None
    return dynamics.curve_agreement(course.moments_s, course.levels, list(points), course.length_s)


@metric(
    "dynamics_spread",
    family="control",
    unit="LU",
    low=0,
    better="neither",
    formula="90th - 10th percentile of the loudness of the moments that sound",
    meaning="How far loud and soft lie apart: under 6 LU a piece keeps its level, an orchestral one has 15 and more. "
    "The rarest tenths at either end, one crash or one breath, are left out.",
    source=_SOURCE,
)
def dynamics_spread(course: Course) -> float | None:
    """Loudness units between the soft and the loud tenth; None when nothing sounds."""
    return float(np.ptp(np.percentile(course.levels, [10, 90]))) if len(course.levels) else None
