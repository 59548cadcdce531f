"""Two lists of numbers compared as densities: divergence and overlap of their Gaussian kernel estimates.

Kernels as in Yang and Lerch 2020 (scipy's ``gaussian_kde`` with Scott's bandwidth). Two faults of their program are
mended here and kept under ``as_published``, for comparison with printed tables: its divergence evaluates each density
on a grid of its own, so that bin i of one is another place than bin i of the other; its overlap is integrated only
from the least to the greatest value, so that a list overlaps itself by less than 1 (0.97 is usual).
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

GRID = 1000
_SEARCH_GRID = 4001
_COARSE = 400
_ALIKE = 1e-11
_TAIL = 9.0  # bandwidths beyond the last value after which a Gaussian holds nothing that a double can tell


def kl_divergence(values: ArrayLike, other: ArrayLike, *, as_published: bool = False) -> float | None:
    """Kullback-Leibler divergence in nats of the density of ``values`` from that of ``other``, at least 0.

    Both densities are taken at 1000 places between the least and the greatest of all values and normalised there.

    Parameters
    ----------
    values, other
        Numbers ``[n]`` and ``[m]``.
    as_published
        Take each density over its own values' range, as mgeval does.

    Returns
    -------
    float or None
        None when either list has fewer than two different values, and so no density.
    """
    both = _densities(values, other)
    if both is None:
        return None
    one, two = both
    ends = [(d.dataset.min(), d.dataset.max()) for d in both]
    low, high = min(end[0] for end in ends), max(end[1] for end in ends)
    grids = [np.linspace(*(end if as_published else (low, high)), GRID) for end in ends]
    log_p, log_q = _normalised(one.logpdf(grids[0])), _normalised(two.logpdf(grids[1]))
    return max(float(np.sum(np.exp(log_p) * (log_p - log_q))), 0.0)


def overlapping_area(values: ArrayLike, other: ArrayLike, *, as_published: bool = False) -> float | None:
    """Area under both densities, in [0, 1]: 1 for the same density, 0 for two that lie apart.

    The area is exact: between two crossings the lower density is integrated in closed form.

    Parameters
    ----------
    values, other
        Numbers ``[n]`` and ``[m]``.
    as_published
        Integrate from the least to the greatest of all values instead of over the whole line, as mgeval does.

    Returns
    -------
    float or None
        None when either list has fewer than two different values, and so no density.
    """
    both = _densities(values, other)
    if both is None:
        return None
    tail = 0.0 if as_published else _TAIL * max(float(np.sqrt(d.covariance[0, 0])) for d in both)
    low = min(float(d.dataset.min()) for d in both) - tail
    high = max(float(d.dataset.max()) for d in both) + tail
    edges = [low, *_crossings(*both, low, high), high]
    area = 0.0
    for start, end in pairwise(edges):
        middle = (start + end) / 2
        lower = min(both, key=lambda d: float(d(middle)[0]))
        area += float(lower.integrate_box_1d(start, end))
    return min(area, 1.0)


def overlap_of_weighted(values: Floats, weights: ArrayLike, other: Floats, other_weights: ArrayLike) -> float | None:
    """Area under both densities of weighted numbers, on a grid: quick, and near :func:`overlapping_area`.

    Parameters
    ----------
    values, other
        Numbers ``[n]`` and ``[m]``.
    weights, other_weights
        How often each is there, ``[n]`` and ``[m]``.

    Returns
    -------
    float or None
        None when either list has fewer than two different values.
    """
    low, high = min(values.min(), other.min()), max(values.max(), other.max())
    if not high > low:
        return None
    step = (high - low) / _COARSE
    densities = [
        _binned(v, np.asarray(w, dtype=np.float64), low, step) for v, w in ((values, weights), (other, other_weights))
    ]
    one, two = densities
    return None if one is None or two is None else float(np.minimum(one, two).sum())


def _binned(values: Floats, weights: Floats, low: float, step: float) -> Floats | None:
    """Shares ``[3 * _COARSE]`` of a weighted density on a grid from below ``low`` to above the greatest value."""
    from scipy.ndimage import gaussian_filter1d

    total = weights.sum()
    mean = float(values @ weights / total) if total else 0.0
    variance = float((values - mean) ** 2 @ weights / (total - 1)) if total > 1 else 0.0
    if variance <= 0:
        return None
    bins = np.rint((values - low) / step).astype(np.int64) + _COARSE
    shares = np.bincount(bins, weights, minlength=3 * _COARSE) / total
    width = float(np.sqrt(variance)) * total**-0.2
    return np.asarray(gaussian_filter1d(shares, width / step, mode="constant", truncate=5.0))


def _densities(values: ArrayLike, other: ArrayLike) -> tuple[Any, Any] | None:
    from scipy.stats import gaussian_kde

    lists = [np.asarray(v, dtype=np.float64).ravel() for v in (values, other)]
    if any(len(v) < 2 or np.ptp(v) <= 1e-12 * max(1.0, float(np.abs(v).max())) for v in lists):
        return None
    return gaussian_kde(lists[0]), gaussian_kde(lists[1])


def _normalised(log_density: Floats) -> Floats:
    from scipy.special import logsumexp

    return np.asarray(log_density - logsumexp(log_density))


def _crossings(one: Any, two: Any, low: float, high: float) -> list[float]:
    """Places strictly between ``low`` and ``high`` at which two densities cross."""
    from scipy.optimize import brentq

    grid = np.linspace(low, high, _SEARCH_GRID)
    p, q = one(grid), two(grid)
    told = np.flatnonzero(np.abs(p - q) > _ALIKE * max(p.max(), q.max()))  # elsewhere rounding decides
    higher = p[told] > q[told]
    changes = np.flatnonzero(higher[:-1] != higher[1:])
    return [
        float(brentq(lambda x: float((one(x) - two(x))[0]), grid[told[i]], grid[told[i + 1]], xtol=1e-12))
        for i in changes
    ]
