from __future__ import annotations

import pytest

from agent.plan import Plan, Step
from agent.versions import SEED_STRIDE, with_versions

pytestmark = pytest.mark.usefixtures("fake_tools")
PLAN = Plan(
    steps=[
        Step(id="s1", tool="noop"),
        Step(id="s2", tool="writer", needs=["s1"]),
        Step(id="s3", tool="noop", args={"source": "$s2.midi"}, needs=["s2"]),
    ]
)


def test_what_is_random_and_what_depends_on_it_is_done_once_more_with_another_seed():
    plan = with_versions(PLAN, 3, seed=5)
    assert plan.ids() == ["s1", "s2", "s3", "s2-v2", "s3-v2", "s2-v3", "s3-v3"]
    assert [plan.step(i).seed for i in ("s2", "s2-v2", "s2-v3")] == [None, 5 + SEED_STRIDE, 5 + 2 * SEED_STRIDE]
    assert plan.step("s3-v2").args == {"source": "$s2-v2.midi"}
    assert plan.step("s3-v2").needs == ["s2-v2"]


@pytest.mark.parametrize("plan", [PLAN, Plan(steps=[Step(id="s1", tool="noop")])])
def test_one_version_or_nothing_random_leaves_the_plan_alone(plan):
    assert with_versions(plan, 1, 0) == plan
    assert with_versions(Plan(steps=plan.steps[:1]), 4, 0).ids() == ["s1"]
