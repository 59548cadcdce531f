"""Fusing ranked lists and spreading the result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from retrieval.embed import Vectors

RRF_CONSTANT = 60
RELEVANCE = 0.75  # against difference, when a result is spread


def competition_ranks(distances: Mapping[int, float]) -> dict[int, int]:
    """1-based ranks of rows by distance; equal distances share a rank (1, 2, 2, 4)."""
    ranks: dict[int, int] = {}
    last, rank = None, 0
    for place, (row, distance) in enumerate(sorted(distances.items(), key=lambda pair: (pair[1], pair[0])), start=1):
        if last is None or distance > last + 1e-9:
            rank, last = place, distance
        ranks[row] = rank
    return ranks


def reciprocal_rank_fusion(ranked: Sequence[tuple[Mapping[int, int], float]]) -> dict[int, float]:
    """Fused scores in (0, 1]: 1 is the first place in every list (Cormack, Clarke and Buettcher 2009).

    Parameters
    ----------
    ranked
        Lists as 1-based ranks of rows, each with its weight.
    """
    best = sum(weight for _, weight in ranked) / (RRF_CONSTANT + 1)
    scores: dict[int, float] = {}
    for ranks, weight in ranked:
        for row, rank in ranks.items():
            scores[row] = scores.get(row, 0.0) + weight / (RRF_CONSTANT + rank) / best
    return scores


def spread(
    scores: Mapping[int, float], vectors: Vectors, k: int, relevance: float = RELEVANCE, pool: int = 100
) -> list[int]:
    """The ``k`` best rows that are not too like one another, best first.

    Maximal marginal relevance (Carbonell and Goldstein 1998).

    Parameters
    ----------
    scores
        Relevance of each row.
    vectors
        Unit vectors of all rows ``[n, d]``.
    relevance
        1 ranks by relevance alone, 0 by difference alone.
    pool
        How many of the best rows may be picked from.
    """
    candidates = sorted(scores, key=lambda row: (-scores[row], row))[: max(pool, k)]
    if not candidates:
        return []
    values = np.array([scores[row] for row in candidates])
    values = values / values.max() if values.max() > 0 else values
    alike = vectors[candidates] @ vectors[candidates].T
    nearest = np.zeros(len(candidates))
    open_rows = np.ones(len(candidates), dtype=bool)
    picked: list[int] = []
    while len(picked) < min(k, len(candidates)):
        gain = np.where(open_rows, relevance * values - (1 - relevance) * nearest, -np.inf)
        best = int(gain.argmax())
        picked.append(candidates[best])
        open_rows[best] = False
        nearest = np.maximum(nearest, alike[best])
    return sorted(picked, key=lambda row: (-scores[row], row))
