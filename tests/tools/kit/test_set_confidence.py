"""Intervals of the metrics of a set: seeded, round the value, narrower with more pieces, and absent where they lie."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.kit import set_confidence
from tools.kit.metrics.sets import Embedding, evaluate, kernel_distance
from tools.kit.metrics.sets.kernel import SCALE, kernel_sums, median_distance
from tools.kit.metrics.sets.manifold import manifold, memberships
from tools.kit.metrics.symbolic_sets.densities import overlap_of_weighted, overlapping_area


def recordings(pieces: int, shift: float, seed: int) -> Embedding:
    """Pieces of eight windows each, of which every one leans its own way."""
    rng = np.random.default_rng(seed)
    return Embedding.of("test", [rng.normal(shift + rng.normal(size=6) / 2, 1, size=(8, 6)) for _ in range(pieces)])


@pytest.fixture(scope="module")
def sets() -> tuple[Embedding, Embedding]:
    return recordings(12, 0.0, 1), recordings(15, 0.7, 2)


def test_every_metric_has_an_interval_round_it_or_a_reason(sets):
    values = evaluate(*sets)
    found = set_confidence.of_embedding(*sets, values)
    assert set(found) == set(values)
    for name, ends in found.items():
        if ends.why:
            assert ends.low is None
        else:
            assert ends.low <= values[name] <= ends.high, name
    assert {n for n, e in found.items() if e.why} == {"vendi_score", "frechet_audio_distance_infinity"}
    assert found == set_confidence.of_embedding(*sets, values)


def test_more_pieces_make_a_set_surer(sets):
    widths = []
    for pieces in (8, 64):
        made, reference = recordings(pieces, 0.0, 3), recordings(pieces, 0.7, 4)
        ends = set_confidence.of_embedding(made, reference, evaluate(made, reference))["frechet_audio_distance"]
        widths.append(ends.high - ends.low)
    assert widths[1] < widths[0] / 2


def test_the_interval_of_a_distance_is_as_wide_as_new_sets_are_apart():
    distances, widths = [], []
    for seed in range(24):
        made, reference = recordings(20, 0.0, 2 * seed), recordings(20, 0.7, 2 * seed + 1)
        values = evaluate(made, reference)
        ends = set_confidence.of_embedding(made, reference, values)["kernel_audio_distance"]
        distances.append(values["kernel_audio_distance"])
        widths.append(ends.high - ends.low)
    assert np.mean(widths) == pytest.approx(2 * 1.96 * np.std(distances, ddof=1), rel=0.5)


def test_few_pieces_have_no_interval(sets):
    few = recordings(4, 0.0, 5)
    found = set_confidence.of_embedding(few, sets[1], evaluate(few, sets[1]))
    assert all(ends.low is None and ends.why for ends in found.values())
    assert set_confidence.of_means({"PD": [0.5] * 4}, {"PD": 0.5})["PD"].why


def test_kernel_sums_by_piece_add_up_to_the_distance(sets):
    made, reference = sets
    width = median_distance(reference.matrix)
    within = []
    for one in sets:
        n = len(one.matrix)
        within.append((kernel_sums(one, one, width).sum() - n) / (n * (n - 1)))
    across = kernel_sums(made, reference, width).sum() / (len(made.matrix) * len(reference.matrix))
    assert SCALE * (sum(within) - 2 * across) == pytest.approx(kernel_distance(made, reference), abs=1e-9)


def test_memberships_are_what_the_manifold_averages(sets):
    held_by, recalled, covered = memberships(*sets)
    found = manifold(*sets)
    assert (held_by > 0).mean() == found.precision
    assert recalled.mean() == found.recall
    assert covered.mean() == found.coverage


def test_the_quick_overlap_is_near_the_exact_one():
    rng = np.random.default_rng(0)
    one, other = rng.gamma(3, 1, 400), rng.gamma(4, 1, 500)
    quick = overlap_of_weighted(one, np.ones(400), other, np.ones(500))
    assert quick == pytest.approx(overlapping_area(one, other), abs=5e-3)
    twice = overlap_of_weighted(one, np.full(400, 2), other, np.ones(500))
    assert twice == pytest.approx(quick, abs=0.02)


def test_intervals_of_a_feature_hold_its_measures():
    rng = np.random.default_rng(1)
    mine, theirs = rng.normal(size=(20, 12)), rng.normal(0.5, 1, size=(25, 12))
    from tools.kit.metrics.symbolic_sets import compare

    values = compare({"x": mine}, {"x": theirs})["x"]
    found = set_confidence.of_feature(mine, theirs, values)
    for name in ("overlap", "intra", "reference_intra", "inter"):
        assert found[name].low <= values[name] <= found[name].high
    assert "outermost" in found["kl"].why


def test_beat_scores_have_intervals_over_clips():
    rng = np.random.default_rng(2)
    clips = [(np.sort(rng.uniform(0, 20, 15)), np.sort(rng.uniform(0, 20, 12)), 20.0) for _ in range(10)]
    from tools.kit.metrics import rhythm_video

    values = rhythm_video.evaluate(clips)
    found = set_confidence.of_beats(clips, values)
    assert set(found) == set(values)
    for name, ends in found.items():
        assert ends.low <= values[name] <= ends.high, name


def test_an_interval_leaves_a_fortieth_of_the_draws_on_either_side():
    found = set_confidence.interval("vendi_score", 7.0, list(np.linspace(3, 5, 2001)), 10**9)
    assert (found.low, found.high) == pytest.approx((7 - 0.95, 7 + 0.95), abs=1e-6)


@pytest.mark.parametrize("pieces", [5, 8, 40])
def test_intervals_of_means_hold_the_truth_about_as_often_as_they_say(pieces):
    rows = np.random.default_rng(0).normal(5, 1, (400, pieces))
    held = 0
    for row in rows:
        found = set_confidence.of_means({"vendi_score": list(row)}, {"vendi_score": float(row.mean())})["vendi_score"]
        held += found.low <= 5 <= found.high
    assert held / 400 == pytest.approx(0.95, abs=0.03)


def test_draws_that_are_all_alike_are_no_interval_but_a_reason():
    for value in (0.0, 1.0, 0.1 + 0.2):
        found = set_confidence.interval("precision", value, [value, value * (1 + 1e-16)] * 100, 6)
        assert found.low is None
        assert "same value" in found.why
    clips = [(np.arange(20.0), np.arange(20.0), 20.0)] * 6
    from tools.kit.metrics import rhythm_video

    values = rhythm_video.evaluate(clips)
    assert values["BCS"] == 1
    assert all(ends.low is None and ends.why for ends in set_confidence.of_beats(clips, values).values())


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 999))
def test_the_order_of_the_pieces_is_nothing_to_the_metrics_of_a_set(seed):
    rng = np.random.default_rng(seed)
    made, reference = ([rng.normal(shift, 1, size=(6, 4)) for _ in range(7)] for shift in (0.0, 0.5))
    one = evaluate(Embedding.of("test", made), Embedding.of("test", reference))
    mixed = [[pieces[i] for i in rng.permutation(7)] for pieces in (made, reference)]
    other = evaluate(*(Embedding.of("test", pieces) for pieces in mixed))
    for name in set(one) - {"frechet_audio_distance_infinity"}:  # which draws windows by their place
        assert other[name] == pytest.approx(one[name], rel=1e-6, abs=1e-6), name
