"""A Plan: a DAG of typed tool calls, validated against the tools' schemas before anything runs.

An argument refers to an artifact by id (``"a1"``: the first attachment), to an earlier step's
artifact by ``"$s1"`` (its first one of a kind the argument accepts) or ``"$s1.midi"`` (its first one of
that kind), and to the Brief, with what earlier steps saw and heard filled in, by ``"$brief"``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tools import catalogue, get_tool
from tools.contract import KINDS, Artifact, Tool
from tools.errors import UserError

REFERENCE = re.compile(r"^\$(?P<step>[A-Za-z][\w-]*)(?:\.(?P<kind>[a-z]+))?$")
BRIEF = "$brief"
LOOKING_FAMILIES = ("see", "hear")


class PlanError(UserError):
    """A plan that cannot run; the message says which step and why, so that a planner can mend it."""


class Step(BaseModel):
    """One tool call."""

    model_config = ConfigDict(extra="forbid")

    id: str = Field(pattern=r"^[A-Za-z][\w-]*$")
    tool: str
    args: dict[str, Any] = Field(default_factory=dict)
    needs: list[str] = Field(default_factory=list, description="Ids of the steps that must be done before.")
    seed: int | None = Field(None, description="Seed of this step alone; None is the run's.")


class Plan(BaseModel):
    """The steps that answer a request, and, when the request cannot be acted on, a question."""

    model_config = ConfigDict(extra="forbid")

    steps: list[Step] = Field(default_factory=list)

    def step(self, step_id: str) -> Step:
        """The step of that id (``KeyError`` when there is none)."""
        for step in self.steps:
            if step.id == step_id:
                return step
        raise KeyError(step_id)

    def ids(self) -> list[str]:
        """Step ids in the order of the plan."""
        return [s.id for s in self.steps]

    def with_dependents(self, step_ids: Iterable[str]) -> list[str]:
        """These steps and every step that needs one of them, near and far, in the order of the plan."""
        chosen = set(step_ids)
        return [s.id for s in self.steps if s.id in chosen or self.ancestors(s.id) & chosen]

    def ancestors(self, step_id: str) -> set[str]:
        """Every step that must be done before this one, near and far."""
        found: set[str] = set()
        queue = list(self.step(step_id).needs)
        while queue:
            current = queue.pop()
            if current not in found:
                found.add(current)
                queue.extend(self.step(current).needs)
        return found


def renamed(step: Step, names: Mapping[str, str]) -> Step:
    """The step under its new id, its needs and references led to the new ids of others."""
    return step.model_copy(
        update={
            "id": names.get(step.id, step.id),
            "needs": [names.get(n, n) for n in step.needs],
            "args": _redirected(step.args, names),
        }
    )


def _redirected(value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {k: _redirected(v, names) for k, v in value.items()}
    if isinstance(value, list):
        return [_redirected(v, names) for v in value]
    for step, kind in references(value):
        if step in names:
            return f"${names[step]}" + (f".{kind}" if kind else "")
    return value


def references(value: Any) -> Iterator[tuple[str, str | None]]:
    """Every ``(step id, kind)`` that an argument value refers to, at any depth (``$brief`` is none)."""
    if isinstance(value, str):
        match = REFERENCE.match(value)
        if match and value != BRIEF:
            yield match["step"], match["kind"]
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from references(item)
    elif isinstance(value, list):
        for item in value:
            yield from references(item)


def validated(plan: Plan, attachments: Iterable[Artifact]) -> Plan:
    """The plan with every ``needs`` complete, or a :class:`PlanError` that names the first fault.

    Checks: ids are unique, tools exist, arguments fit the tool's schema, references name an
    earlier step that gives a kind the argument accepts, attachments exist, and there is no cycle.
    """
    known = {a.id: a for a in attachments}
    ids = plan.ids()
    if len(set(ids)) != len(ids):
        raise PlanError(f"Two steps share an id: {', '.join(sorted({i for i in ids if ids.count(i) > 1}))}.")
    lookers = _lookers(plan)
    steps = [_complete(step, set(ids), lookers) for step in plan.steps]
    complete = Plan(steps=steps)
    try:
        order = list(TopologicalSorter({s.id: s.needs for s in steps}).static_order())
    except CycleError as err:
        raise PlanError(f"The steps wait for one another in a circle: {' -> '.join(err.args[1])}.") from err
    for step in steps:
        _check_arguments(step, complete, known)
    return Plan(steps=sorted(steps, key=lambda s: order.index(s.id)))


def _lookers(plan: Plan) -> list[str]:
    """The steps that look at the person's own files, and so fill the Brief for the others."""
    tools = catalogue()
    return [
        s.id
        for s in plan.steps
        if s.tool in tools and tools[s.tool].family in LOOKING_FAMILIES and not any(references(s.args))
    ]


def _complete(step: Step, ids: set[str], lookers: list[str]) -> Step:
    """The step with ``needs`` whole: the steps its arguments refer to and, for ``$brief``, those that fill it."""
    needs = list(step.needs)
    if BRIEF in step.args.values() and step.id not in lookers:
        needs += [looker for looker in lookers if looker not in needs]
    for ref, kind in references(step.args):
        if ref not in ids:
            raise PlanError(f"Step {step.id} refers to step {ref!r}, which the plan does not have.")
        if kind is not None and kind not in KINDS:
            raise PlanError(f"Step {step.id} asks for kind {kind!r} of {ref}; kinds are {', '.join(KINDS)}.")
        if ref not in needs:
            needs.append(ref)
    for need in needs:
        if need not in ids:
            raise PlanError(f"Step {step.id} needs step {need!r}, which the plan does not have.")
    return step.model_copy(update={"needs": needs})


def _check_arguments(step: Step, plan: Plan, attachments: Mapping[str, Artifact]) -> None:
    try:
        tool = get_tool(step.tool)
    except UserError as err:
        raise PlanError(f"Step {step.id}: {err.msg}") from err
    for name, kinds in tool.references().items():
        for value in _as_list(step.args.get(name)):
            if not isinstance(value, str):
                raise PlanError(f"Step {step.id}: {name} must name an artifact, as 'a1' or '$s1'; got {value!r}.")
            _check_reference(step, name, value, kinds, plan, attachments)
    try:
        tool.parse({k: v for k, v in step.args.items() if v != BRIEF})
    except (UserError, ValidationError) as err:
        raise PlanError(f"Step {step.id}: {err}") from err


def _check_reference(
    step: Step, name: str, value: str, kinds: tuple[str, ...], plan: Plan, attachments: Mapping[str, Artifact]
) -> None:
    match = REFERENCE.match(value)
    if match is None:
        if value not in attachments:
            have = ", ".join(f"{a.id} ({a.kind})" for a in attachments.values()) or "none"
            raise PlanError(f"Step {step.id}: {name} names {value!r}, which is not attached (attached: {have}).")
        if attachments[value].kind not in kinds:
            raise PlanError(f"Step {step.id}: {name} takes {' or '.join(kinds)}; {value} is {attachments[value].kind}.")
        return
    source: Tool = get_tool(plan.step(match["step"]).tool)
    wanted = (match["kind"],) if match["kind"] else kinds
    if not set(wanted) & set(kinds) & set(source.gives):
        gives = " and ".join(source.gives) or "no file"
        raise PlanError(f"Step {step.id}: {name} takes {' or '.join(kinds)}, but {source.name} gives {gives}.")


def _as_list(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list) else [value]
