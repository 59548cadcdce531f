"""From a check step's measurements to a verdict on the run: what is met, what is missed, which take is best."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from agent.plan import Plan, Step
from agent.records import StepRecord
from agent.store import Store
from tools import catalogue, get_tool
from tools.brief import Brief, Check, Verdict

CHECK_TOOL = "check"
MUSIC_KINDS = ("midi", "audio", "video")
MAKING_FAMILIES = ("compose", "edit", "generate", "mix", "sing")


def with_check(plan: Plan) -> Plan:
    """The plan, ending in a check of what it makes.

    A plan that makes no music (a question, a search, words) stays as it is, and so does one that already
    checks or that names a tool there is not (validation says so).
    """
    known = catalogue()
    if any(s.tool not in known for s in plan.steps):
        return plan
    tools = {s.id: known[s.tool] for s in plan.steps}
    makes = any(t.family in MAKING_FAMILIES and set(MUSIC_KINDS) & set(t.gives) for t in tools.values())
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


def verdicts(records: Mapping[str, StepRecord], brief: Brief, store: Store) -> list[Check]:
    """One verdict per constraint: the measured ones, then those that no finished step measured.

    Of several versions the worst verdict counts; how many versions differ is measured on the files.
    """
    measured: dict[str, list[Check]] = {}
    for record in records.values():
        if record.tool == CHECK_TOOL and record.done:
            for check in map(Check.model_validate, record.data.get("checks", [])):
                measured.setdefault(check.name, []).append(check)
    checks = [check for found in measured.values() for check in _worst(found, len(found))]
    makes = any(get_tool(r.tool).family in MAKING_FAMILIES for r in records.values())
    if makes and brief.count > 1:
        checks = [c for c in checks if c.name != "count"] + [_count(records, brief.count, store)]
    seen = {c.name for c in checks}
    if makes:
        checks += [
            Check(name=c.name, target=c.target, how="the step that measures it was not done", verdict="not_checked")
            for c in brief.constraints
            if c.name not in seen
        ]
    return checks


def _worst(found: list[Check], versions: int) -> list[Check]:
    """The checks of one name: all that are not_understood words, else the worst of the versions."""
    if found[0].name == "not_understood":
        return list({str(c.target): c for c in found}.values())
    worst = min(found, key=lambda c: ("missed", "not_checked", "met").index(c.verdict))
    how = worst.how if versions == 1 else f"{worst.how}; the worst of {versions} versions"
    return [worst.model_copy(update={"how": how})]


def _count(records: Mapping[str, StepRecord], count: int, store: Store) -> Check:
    made = [r for r in records.values() if r.done and get_tool(r.tool).random]
    contents = {tuple(store[i].sha256 for i in r.artifacts) for r in made}
    verdict: Verdict = "met" if len(contents) == count else "missed"
    how = "results of the composing steps that differ in content"
    return Check(name="count", target=count, measured=len(contents), how=how, verdict=verdict)


def missed(checks: Iterable[Check]) -> list[Check]:
    """The checks that were measured and missed."""
    return [c for c in checks if c.verdict == "missed"]


def standing(checks: Iterable[Check], records: Iterable[StepRecord]) -> tuple[int, int, int]:
    """How good a take is, larger is better: steps done, constraints met, fewer missed."""
    checks = list(checks)
    met = sum(c.verdict == "met" for c in checks)
    return sum(r.done for r in records), met, -len(missed(checks))
