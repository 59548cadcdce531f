"""Agreement of music with words and pictures, on vectors."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import cosine
from scipy.stats import rankdata

from tools.errors import UserError
from tools.kit.metrics.agreement import caption_loss, image_music_similarity, mean_cosine, mean_rank

RNG = np.random.default_rng(0)


def test_mean_cosine_is_scipys_over_thirty_pairs():
    texts, music = RNG.standard_normal((2, 30, 16))
    expected = np.mean([1 - cosine(t, m) for t, m in zip(texts, music, strict=True)])
    assert mean_cosine(texts, music) == pytest.approx(expected, abs=1e-12)
    assert mean_cosine(3 * texts, music) == pytest.approx(expected, abs=1e-12)
    assert mean_cosine(texts, texts) == pytest.approx(1)
    assert mean_cosine(texts, -texts) == pytest.approx(-1)
    assert mean_cosine(np.zeros((1, 3)), np.ones((1, 3))) is None


def test_image_music_similarity_is_the_diagonal_of_the_product():
    images, music = RNG.random((2, 6, 9))
    assert image_music_similarity(images, music) == pytest.approx(np.mean(np.diag(images @ music.T)), abs=1e-12)


def test_mean_rank_is_the_place_and_not_the_order():
    scores = RNG.random((30, 5)).round(1)  # with ties
    expected = [rankdata(-row)[2] for row in scores]
    assert mean_rank(scores, 2) == pytest.approx(np.mean(expected))
    assert mean_rank([[0.1, 0.9, 0.5]], 1) == 1
    assert mean_rank([[0.1, 0.9, 0.5], [0.3, 0.2, 0.1]], [0, 2]) == 3
    assert mean_rank([[0.5, 0.5]], 0) == 1.5
    for column in (2, -1, 0.5):
        with pytest.raises(UserError, match="column"):
            mean_rank([[0.1, 0.9]], column)


def test_caption_loss_is_the_mean_surprise():
    assert caption_loss(np.log([0.5, 0.25])) == pytest.approx(np.log(8) / 2)
    assert caption_loss([0.0]) == 0
    for bad in ([], [0.1], [np.nan], [[-1.0]]):
        with pytest.raises(UserError):
            caption_loss(bad)


@pytest.mark.parametrize("score", [mean_cosine, image_music_similarity])
@pytest.mark.parametrize(
    ("x", "y"), [(np.zeros((0, 2)), np.zeros((0, 2))), (np.ones((2, 3)), np.ones((3, 3))), ([[np.nan]], [[1.0]])]
)
def test_empty_and_malformed_vectors_are_refused(score, x, y):
    with pytest.raises(UserError):
        score(x, y)


@given(seed=st.integers(0, 999), pairs=st.integers(1, 9))
def test_the_order_of_the_pairs_and_the_length_of_the_vectors_are_nothing(seed, pairs):
    rng = np.random.default_rng(seed)
    texts, music = rng.standard_normal((2, pairs, 5))
    order, lengths = rng.permutation(pairs), rng.uniform(0.1, 9, (pairs, 1))
    found = mean_cosine(texts, music)
    assert -1 - 1e-12 <= found <= 1 + 1e-12
    assert mean_cosine((texts * lengths)[order], music[order]) == pytest.approx(found, abs=1e-9)
    assert mean_cosine(music, texts) == pytest.approx(found, abs=1e-12)
    assert image_music_similarity(texts[order], music[order]) == pytest.approx(
        image_music_similarity(texts, music), abs=1e-9
    )


@given(seed=st.integers(0, 999), candidates=st.integers(1, 8), gain=st.floats(0.1, 10), shift=st.floats(-5, 5))
def test_a_rank_hangs_on_the_order_of_the_scores_alone(seed, candidates, gain, shift):
    rng = np.random.default_rng(seed)
    scores, own = rng.integers(0, 5, (6, candidates)).astype(float), rng.integers(0, candidates, 6)
    found = mean_rank(scores, own)
    assert 1 <= found <= candidates
    assert mean_rank(np.round(gain * scores + shift, 9), own) == pytest.approx(found)
    order = rng.permutation(6)
    assert mean_rank(scores[order], own[order]) == pytest.approx(found)


@given(logs=st.lists(st.floats(-20, 0), min_size=1, max_size=20), seed=st.integers(0, 99))
def test_caption_loss_is_never_under_zero_and_knows_no_order(logs, seed):
    found = caption_loss(logs)
    assert found >= 0
    assert caption_loss(np.random.default_rng(seed).permutation(logs)) == pytest.approx(found, abs=1e-9)
