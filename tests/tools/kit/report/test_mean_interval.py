from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from tools.kit.report import mean_interval

VALUES = st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=30)


@pytest.mark.parametrize("n", [2, 3, 5, 40])
def test_the_interval_is_scipys_of_students_t(n):
    values = list(np.random.default_rng(n).exponential(2.0, n))
    found = mean_interval(values)
    gold = stats.ttest_1samp(values, 0).confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((gold.low, gold.high), abs=1e-9)
    assert found.mean == pytest.approx(np.mean(values))
    assert found.std == pytest.approx(np.std(values, ddof=1))


def test_undefined_values_are_left_out():
    assert mean_interval([1.0, None, 3.0, float("nan"), float("inf")]).n == 2
    assert mean_interval([None]).mean is None
    assert mean_interval([]).n == 0


@pytest.mark.parametrize(("values", "std"), [([2.0], None), ([2.0] * 5, 0.0), ([0.0, 0.0], 0.0)])
def test_values_without_a_spread_have_no_interval(values, std):
    found = mean_interval(values)
    assert (found.mean, found.low, found.high, found.std) == (values[0], None, None, std)


@pytest.mark.parametrize("values", [[0.0, 1.0], [0.0, 0.0, 0.0, 1.0], [1e-300, 2e-300, 3e-300], [1e12, 1e12 + 1, 3e12]])
def test_few_and_odd_values_have_an_interval_around_the_mean(values):
    found = mean_interval(values)
    assert found.low <= found.mean <= found.high


def test_the_interval_ends_where_the_values_do():
    found = mean_interval([0.0, 0.1, 1.0], least=0.0, most=1.0)
    assert (found.low, found.high) == (0.0, 1.0)
    assert mean_interval([0.0, 0.1, 1.0]).low < 0


@pytest.mark.parametrize("n", [2, 3, 5, 30])
@pytest.mark.parametrize("confidence", [0.8, 0.95])
def test_the_interval_holds_the_truth_as_often_as_it_says(n, confidence):
    found = [mean_interval(list(row), confidence=confidence) for row in np.random.default_rng(0).normal(5, 2, (800, n))]
    held = np.mean([i.low <= 5 <= i.high for i in found])
    assert held == pytest.approx(confidence, abs=0.03)


@given(values=VALUES, seed=st.integers(0, 99))
def test_the_order_of_the_values_is_nothing(values, seed):
    one, other = mean_interval(values), mean_interval(random.Random(seed).sample(values, len(values)))
    assert one.mean == pytest.approx(other.mean, abs=1e-6)
    assert (one.low is None) == (other.low is None)
    if one.low is not None:
        assert (one.low, one.high) == pytest.approx((other.low, other.high), rel=1e-6, abs=1e-6)
