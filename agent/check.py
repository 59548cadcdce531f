"""From a check step's measurements to a verdict on the run: what is met, what is missed, which take is best."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from agent.plan import Plan, Step
from agent.records import StepRecord
from tools import catalogue, get_tool
from tools.brief import Brief, Check

CHECK_TOOL = "check"
MUSIC_KINDS = ("midi", "audio", "video")
MAKING_FAMILIES = ("compose", "edit", "generate", "mix", "sing")


def with_check(plan: Plan) -> Plan:
    """The plan, ending in a check of what it makes.

    A plan that makes no music (a question, a search) stays as it is, and so does one that already
    checks or that names a tool there is not (validation says so).
    """
    known = catalogue()
    if any(s.tool not in known for s in plan.steps):
        return plan
    tools = {s.id: known[s.tool] for s in plan.steps}
    makes = any(t.family in MAKING_FAMILIES for t in tools.values())
    if not makes or any(s.tool == CHECK_TOOL for s in plan.steps):
        return plan
    args: dict[str, str] = {"brief": "$brief"}
    for kind in (*MUSIC_KINDS, "timeline"):
        maker = next((s.id for s in reversed(plan.steps) if kind in tools[s.id].gives), None)
        if maker:
            args[kind] = f"${maker}.{kind}"
    needs = [value[1:].split(".")[0] for name, value in args.items() if name != "brief"]
    free = next(f"s{n}" for n in range(len(plan.steps) + 1, 1000) if f"s{n}" not in tools)
    return Plan(steps=[*plan.steps, Step(id=free, tool=CHECK_TOOL, args=dict(args), needs=sorted(set(needs)))])


def verdicts(records: Mapping[str, StepRecord], brief: Brief) -> list[Check]:
    """One verdict per constraint: the measured ones, then those that no finished step measured."""
    checks = [
        Check.model_validate(c)
        for record in records.values()
        if record.tool == CHECK_TOOL and record.done
        for c in record.data.get("checks", [])
    ]
    seen = {c.name for c in checks}
    if any(get_tool(r.tool).family in MAKING_FAMILIES for r in records.values()):
        checks += [
            Check(name=c.name, target=c.target, how="the step that measures it was not done", verdict="not_checked")
            for c in brief.constraints
            if c.name not in seen
        ]
    return checks


def missed(checks: Iterable[Check]) -> list[Check]:
    """The checks that were measured and missed."""
    return [c for c in checks if c.verdict == "missed"]


def standing(checks: Iterable[Check], records: Iterable[StepRecord]) -> tuple[int, int, int]:
    """How good a take is, larger is better: steps done, constraints met, fewer missed."""
    checks = list(checks)
    met = sum(c.verdict == "met" for c in checks)
    return sum(r.done for r in records), met, -len(missed(checks))
