"""How sure a mean is: confidence intervals by Student's t (Student 1908).

They hold the true mean of normal values as often as they say at any number of values, also at two, where intervals of
resampled values hold it half of the time; of values that lie otherwise, the more surely the more values there are.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Interval:
    """A mean with its confidence interval.

    Attributes
    ----------
    mean
        Arithmetic mean of the values; ``None`` when there is none.
    low, high
        Ends of the interval; ``None`` with fewer than two values, or where all are equal and show no spread to judge
        by.
    std
        Sample standard deviation (ddof = 1); ``None`` with fewer than two values.
    n
        How many values went in.
    """

    mean: float | None
    low: float | None
    high: float | None
    std: float | None
    n: int


def mean_interval(
    values: Sequence[float | None],
    *,
    least: float | None = None,
    most: float | None = None,
    confidence: float = CONFIDENCE,
) -> Interval:
    """Mean of the values that are defined, with its interval: mean -+ t s / sqrt(n).

    Parameters
    ----------
    values
        Any numbers; ``None`` and values that are not finite are left out.
    least, most
        Bounds that no value of the kind crosses, where it has them: the interval ends there.
    confidence
        Share of such intervals that hold the true mean, in (0, 1).
    """
    from scipy import stats

    defined = np.array([v for v in values if v is not None and math.isfinite(v)], dtype=float)
    if not len(defined):
        return Interval(None, None, None, None, 0)
    mean = float(defined.mean())
    if len(defined) == 1:
        return Interval(mean, None, None, None, 1)
    if not np.ptp(defined) > 0:
        return Interval(mean, None, None, 0.0, len(defined))
    std = float(defined.std(ddof=1))
    half = float(stats.t.ppf((1 + confidence) / 2, len(defined) - 1)) * std / math.sqrt(len(defined))
    low = mean - half if least is None else max(mean - half, least)
    high = mean + half if most is None else min(mean + half, most)
    return Interval(mean, low, high, std, len(defined))
