"""Yang and Lerch's comparison of two sets of pieces, feature by feature.

A feature is an array whose first axis is the piece: ``[n]`` for a number each, ``[n, 12]`` for histograms,
``[n, 12, 12]`` for transition matrices. Pieces are compared by Euclidean distance, within a set (every ordered pair of
different pieces) and across (every pair), and the lists of distances by their densities.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tools.errors import UserError
from tools.kit.metrics.registry import metric
from tools.kit.metrics.symbolic_sets.densities import kl_divergence, overlapping_area

Floats = NDArray[np.float64]
_SOURCE = "Yang and Lerch 2020, On the evaluation of generative models in music, Neural Computing and Applications 32"
_PAIRS = (
    "; mgeval cuts both sets to the smaller one's size, here every piece counts (the same when they are equally large)"
)


def validate(name: str, feature: ArrayLike) -> Floats:
    """A feature as floats ``[n, d]``, pieces with an undefined value (NaN or infinite) left out.

    Raises
    ------
    UserError
        When it is no array of numbers with a piece axis.
    """
    try:
        values = np.asarray(feature, dtype=np.float64)
    except (TypeError, ValueError) as err:
        raise UserError(f"the feature {name} is no array of numbers, one row a piece: {err}.") from err
    if values.ndim == 0:
        raise UserError(f"the feature {name} is one number; give one row a piece.")
    rows = values.reshape(len(values), int(np.prod(values.shape[1:])))
    return np.asarray(rows[np.isfinite(rows).all(axis=1)])


@metric(
    "feature_mean",
    family="symbolic_set",
    formula="sum over pieces of f(piece) / n",
    meaning="What a feature comes to on average over a set, to be read beside that of the music it should resemble. "
    "Two quite different sets can share it.",
    source=_SOURCE + " (absolute measure)",
)
def feature_mean(feature: ArrayLike) -> Floats | None:
    """Mean of a feature over the pieces ``[...]``; None for an empty set."""
    values = np.asarray(feature, dtype=np.float64)
    return np.asarray(values.mean(axis=0)) if len(values) else None


@metric(
    "feature_std",
    family="symbolic_set",
    low=0,
    formula="sqrt(sum over pieces of (f(piece) - mean)^2 / n)",
    meaning="How far a feature differs from piece to piece in a set. Far below the reference's it means that a "
    "generator keeps writing the same piece.",
    source=_SOURCE + " (absolute measure; divided by n, as numpy.std does)",
)
def feature_std(feature: ArrayLike) -> Floats | None:
    """Standard deviation of a feature over the pieces ``[...]``; None for an empty set."""
    values = np.asarray(feature, dtype=np.float64)
    return np.asarray(values.std(axis=0)) if len(values) else None


@metric(
    "intra_set_distance",
    family="symbolic_set",
    low=0,
    better="nearer the reference",
    formula="mean over ordered pairs i != j of one set of |f(i) - f(j)|",
    meaning="How unlike one another the pieces of one set are in a feature: its variety. A set of poor pieces may "
    "be as varied as one of good ones, so it is read beside the reference's own.",
    source=_SOURCE,
)
def intra_set_distances(feature: ArrayLike) -> Floats:
    """Distances of each piece to every other of its set ``[n (n - 1)]``, piece by piece."""
    rows = validate("given", feature)
    apart = _apart(rows, rows)
    return apart[~np.eye(len(rows), dtype=bool)]


@metric(
    "inter_set_distance",
    family="symbolic_set",
    low=0,
    better="lower",
    formula="mean over i of one set and j of the other of |f(i) - f(j)|",
    meaning="How unlike the pieces of two sets are in a feature. It is as large for a set too varied as for one "
    "that lies elsewhere.",
    source=_SOURCE + _PAIRS,
)
def inter_set_distances(feature: ArrayLike, other: ArrayLike) -> Floats:
    """Distances of each piece of one set to every piece of the other ``[n m]``, piece by piece."""
    return _apart(validate("given", feature), validate("given", other)).ravel()


def _apart(rows: Floats, others: Floats) -> Floats:
    if not len(rows) or not len(others):
        return np.zeros((len(rows), len(others)))
    if rows.shape[1] != others.shape[1]:
        raise UserError(f"the two sets' features have {rows.shape[1]} and {others.shape[1]} values a piece.")
    from scipy.spatial.distance import cdist

    return np.asarray(cdist(rows, others))


@metric(
    "distance_kl",
    family="symbolic_set",
    unit="nats",
    low=0,
    better="lower",
    formula="sum over x of p(x) ln(p(x) / q(x)); p, q: densities of intra-set and inter-set distances at 1000 places "
    "between the least and the greatest of both, normalised",
    meaning="Whether pieces of two sets differ from one another as pieces of one set do; 0 means that the sets cannot "
    "be told apart by the feature's distances. It is not symmetric and has no upper bound.",
    source=_SOURCE + ". Differs from mgeval, which takes p and q at different places (its own value: as_published)",
)
def distance_kl(feature: ArrayLike, other: ArrayLike, *, as_published: bool = False) -> float | None:
    """Divergence of the first set's intra-set distances from the inter-set ones; None when either has no density."""
    return kl_divergence(intra_set_distances(feature), inter_set_distances(feature, other), as_published=as_published)


@metric(
    "distance_overlap",
    family="symbolic_set",
    unit="share",
    low=0,
    high=1,
    better="higher",
    formula="integral of min(p(x), q(x)) dx; p, q: densities of intra-set and inter-set distances",
    meaning="How much of the two densities of distances is shared: 1 when the feature cannot tell the sets apart. "
    "It is kinder than the divergence to rare pieces far out.",
    source=_SOURCE + ". Differs from mgeval, which integrates from the least to the greatest distance only, so that "
    "a set overlaps itself by about 0.97 (its own value: as_published)",
)
def distance_overlap(feature: ArrayLike, other: ArrayLike, *, as_published: bool = False) -> float | None:
    """Overlap of the first set's intra-set distances with the inter-set ones; None when either has no density."""
    return overlapping_area(
        intra_set_distances(feature), inter_set_distances(feature, other), as_published=as_published
    )


Comparison = dict[str, float | list[float] | None]


def compare(
    generated: Mapping[str, ArrayLike], reference: Mapping[str, ArrayLike], *, as_published: bool = False
) -> dict[str, Comparison]:
    """Absolute and relative measures of every feature that both sets have.

    Parameters
    ----------
    generated, reference
        Feature name to array, first axis the piece.
    as_published
        Divergence and overlap with mgeval's two faults.

    Returns
    -------
    dict
        Per feature: ``mean``, ``std``, ``intra``, ``kl``, ``overlap`` of the generated set, the same with
        ``reference_`` before them, and ``inter``; ``kl`` and ``overlap`` compare a set's own distances with the
        inter-set ones. None where a value is not defined.
    """
    return {
        name: _compare(validate(name, generated[name]), validate(name, reference[name]), as_published)
        for name in generated
        if name in reference
    }


def _compare(mine: Floats, theirs: Floats, as_published: bool) -> Comparison:
    inter = inter_set_distances(mine, theirs)
    found: Comparison = {"inter": _mean(inter)}
    for prefix, rows in (("", mine), ("reference_", theirs)):
        intra = intra_set_distances(rows)
        found |= {
            f"{prefix}mean": _plain(feature_mean(rows)),
            f"{prefix}std": _plain(feature_std(rows)),
            f"{prefix}intra": _mean(intra),
            f"{prefix}kl": kl_divergence(intra, inter, as_published=as_published),
            f"{prefix}overlap": overlapping_area(intra, inter, as_published=as_published),
        }
    return found


def _mean(values: Floats) -> float | None:
    return float(values.mean()) if len(values) else None


def _plain(values: Floats | None) -> float | list[float] | None:
    if values is None:
        return None
    return float(values[0]) if values.size == 1 else [float(v) for v in values]
