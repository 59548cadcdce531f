"""A model's plan made whole by code: the Brief, what was seen and heard, numbers and names go where they belong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agent.check import CHECK_TOOL, MAKING_FAMILIES
from agent.plan import BRIEF, REFERENCE, Plan, Step
from agent.planner.llm.evidence import Evidence
from tools.brief import Brief
from tools.contract import Tool

CONTEXT_KINDS = ("timeline", "references")
"""Kinds that tell music what to be like; a tool that takes one is given the newest."""


def with_brief(plan: Plan, tools: Mapping[str, Tool]) -> Plan:
    """The plan with the Brief handed to every tool that takes it, and no field of it said a second time.

    A field that stands beside the Brief would overrule it, so it is kept only where a tool is used several
    times and the field tells the uses apart (two versions at two tempi). A check of what the plan makes is
    left out: every plan that makes music gets one that sees all of it.
    """
    known = {s.id: tools[s.tool] for s in plan.steps if s.tool in tools}
    makes = any(t.family in MAKING_FAMILIES for t in known.values())
    awaited = {need for s in plan.steps for need in s.needs}
    kept = [s for s in plan.steps if not (makes and s.tool == CHECK_TOOL and s.id not in awaited)]
    takers = {i for i, t in known.items() if "brief" in t.args_model.model_fields}
    return Plan(steps=[_with_brief(s, kept) if s.id in takers else s for s in kept])


def _with_brief(step: Step, steps: list[Step]) -> Step:
    others = [s.args for s in steps if s.tool == step.tool and s.id != step.id]
    args = {
        name: value
        for name, value in step.args.items()
        if name not in Brief.model_fields or any(other.get(name) != value for other in others)
    }
    return step.model_copy(update={"args": {**args, "brief": BRIEF}})


def with_context(plan: Plan, tools: Mapping[str, Tool]) -> Plan:
    """The plan, in running order, with timelines and references given to the steps after them that can use them."""
    steps: list[Step] = []
    for step in plan.steps:
        tool = tools[step.tool]
        args = dict(step.args)
        for name, kinds in tool.references().items():
            maker = next((s for s in reversed(steps) if set(kinds) & set(tools[s.tool].gives)), None)
            if maker is not None and name not in args and set(kinds) <= set(CONTEXT_KINDS):
                args[name] = f"${maker.id}"
        steps.append(step.model_copy(update={"args": args}))
    return Plan(steps=steps)


def with_arguments(plan: Plan, floor: Plan, evidence: Evidence) -> Plan:
    """The plan with the numbers and names that code read, for every tool that both plans use once.

    An argument the model left out is filled in; where the two differ, code's reading stands unless only
    the model's value is to be found in the person's words.
    """
    shared = {tool for tool in {s.tool for s in plan.steps} if _only(plan, tool) and _only(floor, tool)}
    return Plan(steps=[_filled(s, _only(floor, s.tool), evidence) if s.tool in shared else s for s in plan.steps])


def _filled(step: Step, other: Step | None, evidence: Evidence) -> Step:
    if other is None:
        return step
    args = dict(step.args)
    for name, value in other.args.items():
        if _refers(value) or _refers(args.get(name)):
            continue
        if name not in args or (not _free_text(value) and args[name] != value and _stands(value, args[name], evidence)):
            args[name] = value
    return step.model_copy(update={"args": args})


def _stands(theirs: Any, mine: Any, evidence: Evidence) -> bool:
    """Whether code's value stands against the model's: unless only the model's is in the person's words."""
    return evidence.names(theirs) or not evidence.names(mine)


def _free_text(value: Any) -> bool:
    """Whether a value is a phrase (a search, a question), which a model may put in words of its own."""
    return isinstance(value, str) and len(value.split()) > 2


def _only(plan: Plan, tool: str) -> Step | None:
    steps = [s for s in plan.steps if s.tool == tool]
    return steps[0] if len(steps) == 1 else None


def _refers(value: Any) -> bool:
    """Whether a value is, or holds, a reference to an artifact, a step or the Brief."""
    if isinstance(value, list):
        return any(_refers(v) for v in value)
    return isinstance(value, str) and (value == BRIEF or bool(REFERENCE.match(value)))
