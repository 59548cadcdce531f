"""Precision and recall (Kynkaanniemi et al. 2019), density and coverage (Naeem et al. 2020) of a set of embeddings.

Both draw a ball round each vector, as wide as its k-th neighbour is far, and ask whose balls hold whom.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tools.errors import UserError
from tools.kit.metrics.registry import metric
from tools.kit.metrics.sets._distances import squared_distances
from tools.kit.metrics.sets.embedding import Floats, Vectors, paired

Flags = NDArray[np.bool_]
NEIGHBOURS = 5
_EDGE = 1e-9  # what lies on a ball's edge to within rounding lies outside
_SOURCE = "prdc 0.2 (agrees to 1e-12; on a ball's very edge is outside, where prdc lets rounding decide)"


@dataclass(frozen=True)
class Manifold:
    """Precision, recall and coverage in [0, 1]; density from 0, about 1 for equal sets, more where it is crowded."""

    precision: float
    recall: float
    density: float
    coverage: float


@metric(
    "precision",
    family="audio_set",
    unit="share",
    low=0.0,
    high=1.0,
    better="higher",
    formula="share of evaluated windows that lie in the ball of any reference window (radius: its 5th neighbour)",
    meaning="How much of what was made could have been from the reference: quality. One outlier in the reference "
    "draws a huge ball and flatters it.",
    source=f"Kynkaanniemi et al., NeurIPS 2019; {_SOURCE}",
)
@metric(
    "recall",
    family="audio_set",
    unit="share",
    low=0.0,
    high=1.0,
    better="higher",
    formula="share of reference windows that lie in the ball of any evaluated window (radius: its 5th neighbour)",
    meaning="How much of the reference's variety was made: breadth. Outliers among what was made flatter it.",
    source=f"Kynkaanniemi et al., NeurIPS 2019; {_SOURCE}",
)
@metric(
    "density",
    family="audio_set",
    low=0.0,
    better="higher",
    formula="1 / (k M) sum over the M evaluated windows of how many reference balls hold it, k = 5",
    meaning="How thickly what was made lies where the reference is thick: about 1 for equal sets, above for sets that "
    "keep to the typical. Outliers hardly move it, unlike precision.",
    source=f"Naeem et al., ICML 2020; {_SOURCE}",
)
@metric(
    "coverage",
    family="audio_set",
    unit="share",
    low=0.0,
    high=1.0,
    better="higher",
    formula="share of reference windows whose ball holds an evaluated window",
    meaning="How many kinds of reference music have something like them in what was made. A small set cannot cover a "
    "large one.",
    source=f"Naeem et al., ICML 2020; {_SOURCE}",
)
def manifold(evaluated: Vectors, reference: Vectors, *, neighbours: int = NEIGHBOURS) -> Manifold | None:
    """Precision, recall, density and coverage; None when either set has no more than ``neighbours`` + 1 windows.

    Raises
    ------
    UserError
        When the sets cannot be compared, or ``neighbours`` is below 1.
    """
    made, real = paired(evaluated, reference)
    if neighbours < 1:
        raise UserError(f"Balls reach to a neighbour from the first on, not to the {neighbours}th.")
    if min(len(made), len(real)) <= neighbours + 1:
        return None
    held_by, recalled, covered = _memberships(made, real, neighbours)
    return Manifold(
        precision=float(np.mean(held_by > 0)),
        recall=float(recalled.mean()),
        density=float(held_by.mean()) / neighbours,
        coverage=float(covered.mean()),
    )


def memberships(evaluated: Vectors, reference: Vectors) -> tuple[Floats, Flags, Flags] | None:
    """What the four metrics are means of.

    Returns
    -------
    tuple or None
        How many reference balls hold each evaluated window ``[n]``; whether each reference window is recalled and
        covered ``[m]``. None where :func:`manifold` is.
    """
    made, real = paired(evaluated, reference)
    return None if min(len(made), len(real)) <= NEIGHBOURS + 1 else _memberships(made, real, NEIGHBOURS)


def _memberships(made: Floats, real: Floats, neighbours: int) -> tuple[Floats, Flags, Flags]:
    real_reach, made_reach = _reach(real, neighbours), _reach(made, neighbours)
    held_by = np.zeros(len(made))
    recalled, nearest = np.zeros(len(real), dtype=bool), np.zeros(len(real))
    for rows, apart in squared_distances(real, made):
        held_by += np.sum(apart < real_reach[rows, None], axis=0)
        recalled[rows] = np.any(apart < made_reach, axis=1)
        nearest[rows] = apart.min(axis=1)
    return held_by, recalled, nearest < real_reach


def _reach(matrix: Floats, neighbours: int) -> Floats:
    """Squared distance of each row to its k-th neighbour, itself not counted, less :data:`_EDGE`; ``[n]``."""
    found = np.empty(len(matrix))
    for rows, apart in squared_distances(matrix, matrix):
        found[rows] = np.partition(apart, neighbours, axis=1)[:, neighbours]
    return found * (1 - _EDGE)
