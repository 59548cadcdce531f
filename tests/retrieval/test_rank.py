"""Fusion and diversity."""

from __future__ import annotations

import numpy as np
import pytest

from retrieval.rank import competition_ranks, reciprocal_rank_fusion, spread


def test_equal_distances_share_a_rank() -> None:
    assert competition_ranks({5: 0.2, 7: 0.1, 9: 0.2, 2: 0.3}) == {7: 1, 5: 2, 9: 2, 2: 4}


def test_first_in_every_list_scores_one() -> None:
    scores = reciprocal_rank_fusion([({1: 1, 2: 2}, 1.0), ({1: 1, 3: 5}, 3.0)])
    assert scores[1] == pytest.approx(1.0)
    assert scores[2] == pytest.approx((1 / 62) / (4 / 61))


def test_a_near_copy_of_a_hit_gives_way_to_something_else() -> None:
    vectors = np.array([[1, 0], [0.999, 0.0447], [0, 1]], dtype=np.float32)
    assert spread({0: 1.0, 1: 0.95, 2: 0.9}, vectors, 2) == [0, 2]
    assert spread({0: 1.0, 1: 0.95, 2: 0.9}, vectors, 2, relevance=1.0) == [0, 1]


def test_nothing_comes_of_nothing() -> None:
    assert reciprocal_rank_fusion([]) == {}
    assert spread({}, np.zeros((0, 2), dtype=np.float32), 5) == []
