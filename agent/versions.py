"""Several results for one request: the random steps, and all that depend on them, again with other seeds."""

from __future__ import annotations

from agent.plan import Plan, renamed
from tools import get_tool

SEED_STRIDE = 104_729  # a prime unlike the one repairs use, so that versions and takes never meet


def with_versions(plan: Plan, count: int, seed: int) -> Plan:
    """The plan with ``count`` versions of what is random in it; the second one's steps are called ``s3-v2``.

    A plan in which nothing is random stays as it is: it has one answer.
    """
    random = [s.id for s in plan.steps if get_tool(s.tool).random]
    if count <= 1 or not random:
        return plan
    steps = list(plan.steps)
    for version in range(2, count + 1):
        names = {i: f"{i}-v{version}" for i in plan.with_dependents(random)}
        for step in plan.steps:
            if step.id in names:
                other = (seed if step.seed is None else step.seed) + SEED_STRIDE * (version - 1)
                copy = step.model_copy(update={"seed": other}) if step.id in random else step
                steps.append(renamed(copy, names))
    return Plan(steps=steps)
