from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.errors import UserError
from tools.kit.metrics.people import cue_found_share, mean_opinion_score, mushra_score, preference_share, share


def test_no_answers_have_no_score():
    assert mean_opinion_score({}).mean is None
    assert preference_share(0, 0).mean is None


@pytest.mark.parametrize("wrong", [0, 6, float("nan")])
def test_a_rating_off_the_scale_is_an_error(wrong):
    with pytest.raises(UserError, match="no rating"):
        mean_opinion_score({("ann", "a"): wrong})


@pytest.mark.parametrize(("successes", "n"), [(3, 2), (-1, 2)])
def test_more_successes_than_cases_are_an_error(successes, n):
    with pytest.raises(UserError, match="no share"):
        share(successes, n)


def test_all_that_can_be_won_is_one():
    assert mushra_score({("ann", "a"): 100, ("ben", "a"): 100}).mean == 100
    found = cue_found_share(10, 10)
    assert (found.mean, found.high) == (1.0, pytest.approx(1.0))
    assert found.low == pytest.approx(0.7224672, abs=1e-6)


def test_wilsons_interval_is_the_textbooks():
    found = share(8, 10)
    assert (found.low, found.high) == pytest.approx((0.4901625, 0.9433178), abs=1e-6)


def test_who_rates_more_clips_does_not_count_more():
    ratings = {("ann", str(i)): 5.0 for i in range(9)} | {("ben", "0"): 1.0, ("cy", "0"): 3.0}
    found = mean_opinion_score(ratings)
    assert found.mean == pytest.approx(3.0)
    assert found.n == 3


RATINGS = st.dictionaries(st.tuples(st.sampled_from("abcdef"), st.sampled_from("123")), st.integers(1, 5), min_size=1)


@given(ratings=RATINGS)
def test_a_score_lies_on_its_scale_whoever_is_called_what(ratings):
    found = mean_opinion_score(ratings)
    renamed = mean_opinion_score({(f"x{who}", item): v for (who, item), v in reversed(ratings.items())})
    assert renamed.mean == pytest.approx(found.mean, abs=1e-12)
    assert min(ratings.values()) - 1e-9 <= found.mean <= max(ratings.values()) + 1e-9
    if found.low is not None:
        assert 1 <= found.low <= found.mean <= found.high <= 5
    on_a_hundred = mushra_score({k: 25.0 * (v - 1) for k, v in ratings.items()})
    assert on_a_hundred.mean == pytest.approx(25 * (found.mean - 1), abs=1e-9)


@given(won=st.integers(0, 60), lost=st.integers(0, 60))
def test_who_wins_and_who_loses_share_the_whole(won, lost):
    ours, theirs = share(won, won + lost), share(lost, won + lost)
    if won + lost == 0:
        assert ours.mean is None
        return
    assert ours.mean + theirs.mean == pytest.approx(1)
    assert (ours.low, ours.high) == pytest.approx((1 - theirs.high, 1 - theirs.low), abs=1e-9)
    assert 0 <= ours.low <= ours.mean + 1e-12
    assert ours.mean - 1e-12 <= ours.high <= 1
