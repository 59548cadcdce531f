from __future__ import annotations

import pytest

from agent.plan import Plan, Step
from agent.repair import SEED_STRIDE, repaired
from tests.fakes.tools import FAKES
from tools.brief import Brief, Check

PLAN = Plan(
    steps=[
        Step(id="s1", tool="noop"),
        Step(id="s2", tool="writer", needs=["s1"]),
        Step(id="s3", tool="writer", args={"source": "$s2.midi"}, needs=["s2"]),
    ]
)


def missed(name: str, target: object = 1, measured: object = 2) -> Check:
    return Check(name=name, target=target, measured=measured, how="", verdict="missed")


def test_a_loudness_that_fell_short_is_aimed_higher_by_as_much():
    plan = repaired(PLAN, [missed("loudness_lufs", -14.0, -15.5)], Brief(), 0, 1, FAKES)
    assert plan.step("s2-take2").args["loudness_lufs"] == pytest.approx(-12.5)


def test_a_second_aim_starts_from_the_first():
    once = repaired(PLAN, [missed("loudness_lufs", -14.0, -15.5)], Brief(), 0, 1, FAKES)
    twice = repaired(once, [missed("loudness_lufs", -14.0, -14.6)], Brief(), 0, 2, FAKES)
    assert twice.step("s2-take3").args["loudness_lufs"] == pytest.approx(-11.9)


def test_other_misses_get_another_seed_and_steps_that_depend_on_them_new_names():
    plan = repaired(PLAN, [missed("key")], Brief(), 5, 2, FAKES)
    assert plan.ids() == ["s1", "s2-take3", "s3-take3"]
    assert plan.step("s2-take3").seed == 5 + 2 * SEED_STRIDE
    assert plan.step("s3-take3").args["source"] == "$s2-take3.midi"
    assert plan.step("s3-take3").needs == ["s2-take3"]


def test_a_second_repair_does_not_stack_names():
    once = repaired(PLAN, [missed("key")], Brief(), 0, 1, FAKES)
    twice = repaired(once, [missed("key")], Brief(), 0, 2, FAKES)
    assert twice.ids() == ["s1", "s2-take3", "s3-take3"]


def test_nothing_to_change_is_no_plan():
    fixed = Plan(steps=[Step(id="s1", tool="noop")])
    assert repaired(fixed, [missed("key")], Brief(), 0, 1, {"noop": FAKES["noop"]}) is None


def test_a_mood_that_was_missed_is_aimed_at_from_the_other_side():
    check = missed("mood", "wistful", {"valence": 0.9, "arousal": 0.4})
    brief = Brief(mood="wistful", valence=-0.1, arousal=-0.2)
    plan = repaired(Plan(steps=[Step(id="s1", tool="writer")]), [check], brief, 0, 1, FAKES)
    assert plan.step("s1-take2").seed == SEED_STRIDE
