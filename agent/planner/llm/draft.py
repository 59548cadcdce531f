"""What the model is asked to send: a Brief with the words each part came from, and the steps of a plan."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import Field, ValidationError

import tools
from agent.plan import Plan, PlanError, Step, validated
from agent.planner.llm.complete import with_brief
from tools.brief import Brief
from tools.contract import JSON, Artifact, Tool

FUNCTION = "submit_plan"


class DraftError(ValueError):
    """A draft that does not fit; the message says what to change."""


MOST_STEPS = 40
CODE_WRITES = frozenset({"request", "constraints"})


class DraftBrief(Brief):
    """A Brief as a model fills it: with the words each part came from, without what code writes."""

    words: dict[str, str] = Field(
        default_factory=dict,
        description="For every field and every step id: the words of the request it came from, copied exactly.",
    )


def function_schema(known: Mapping[str, Tool]) -> dict[str, JSON]:
    """The OpenAI function ``submit_plan``; the tools' names are an enum, so that servers can constrain decoding."""
    schema = DraftBrief.model_json_schema()
    fields = {name: info for name, info in schema["properties"].items() if name not in CODE_WRITES}
    brief = {"type": "object", "properties": _compact(fields, schema["$defs"])}
    step = {
        "type": "object",
        "properties": {
            "id": {"type": "string", "description": "s1, s2, ..."},
            "tool": {"type": "string", "enum": list(known)},
            "args": {"type": "object", "description": "Arguments of the tool, by name."},
            "needs": {"type": "array", "items": {"type": "string"}, "description": "Ids of steps to wait for."},
        },
        "required": ["id", "tool", "args"],
    }
    return {
        "name": FUNCTION,
        "description": "Hand in what is wanted and the steps that make it.",
        "parameters": {
            "type": "object",
            "properties": {"brief": brief, "steps": {"type": "array", "items": step}},
            "required": ["brief", "steps"],
        },
    }


def read_draft(raw: Mapping[str, Any], attachments: Iterable[Artifact]) -> tuple[DraftBrief, Plan]:
    """The Brief and the validated plan of a model's answer.

    A file's name where its id belongs, "s1" for "$s1" and "$a1" for "a1" are put right; any other unknown
    id is an error.

    Raises
    ------
    DraftError
        When a part is missing, of the wrong type or the plan cannot run; the message goes back to the model.
    """
    files = tuple(attachments)
    try:
        fields = _said(_object(raw, "brief"))
        brief = DraftBrief.model_validate({k: v for k, v in fields.items() if k not in CODE_WRITES})
        steps = [_step(item) for item in _list(raw, "steps")]
    except ValidationError as err:
        raise DraftError("; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in err.errors())) from err
    if not steps:
        raise DraftError("The plan has no steps; plan at least one, or ask_user when the request cannot be acted on.")
    if len(steps) > MOST_STEPS:
        raise DraftError(f"The plan has {len(steps)} steps; use {MOST_STEPS} at most.")
    try:
        plan = with_brief(Plan(steps=_with_references(steps, files)), tools.catalogue())
        return brief, validated(plan, files)
    except PlanError as err:
        raise DraftError(err.msg) from err


def _step(item: Any) -> Step:
    if not isinstance(item, Mapping):
        raise DraftError("Every step must be an object {id, tool, args, needs}.")
    known = {name: item[name] for name in ("id", "tool", "args", "needs") if item.get(name) is not None}
    step = Step.model_validate(known)
    return step.model_copy(update={"args": _said(step.args)})


def _with_references(steps: list[Step], files: tuple[Artifact, ...]) -> list[Step]:
    """The steps with what stands for a file or a step written as it should be."""
    right = {step.id: f"${step.id}" for step in steps}
    for artifact in files:
        right |= {artifact.file.name: artifact.id, artifact.path: artifact.id, f"${artifact.id}": artifact.id}
        right.pop(artifact.id, None)
    known = tools.catalogue()
    return [
        step.model_copy(
            update={
                "args": {
                    name: _righted(step.id, name, value, right) if name in known[step.tool].references() else value
                    for name, value in step.args.items()
                }
            }
        )
        if step.tool in known
        else step
        for step in steps
    ]


def _righted(step: str, name: str, value: Any, right: Mapping[str, str]) -> Any:
    if isinstance(value, list):
        return [_righted(step, name, v, right) for v in value]
    if not isinstance(value, str):
        raise DraftError(f"Step {step}: {name} names {value!r}; it takes the id of a file or a step, as text.")
    return right.get(value, value)


def _said(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Fields with a value: models write null for what was not said."""
    return {k: v for k, v in fields.items() if v is not None}


def _object(raw: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = raw.get(name)
    if not isinstance(value, Mapping):
        raise DraftError(f"{name!r} must be an object; the answer has {', '.join(map(repr, raw)) or 'nothing'}.")
    return value


def _list(raw: Mapping[str, Any], name: str) -> list[Any]:
    value = raw.get(name)
    if not isinstance(value, list):
        raise DraftError(f"{name!r} must be a list; the answer has {', '.join(map(repr, raw)) or 'nothing'}.")
    return value


def _compact(schema: Any, definitions: Mapping[str, Any]) -> Any:
    """The schema as small servers like it: no titles, defaults or nulls, references put in their places."""
    if isinstance(schema, list):
        return [_compact(v, definitions) for v in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        target = definitions[schema["$ref"].rsplit("/", 1)[-1]]
        return _compact({k: v for k, v in target.items() if k != "description"}, definitions)
    dull = ("title", "default", "additionalProperties")
    kept = {k: v for k, v in schema.items() if isinstance(v, dict) or k not in dull}
    choices = [c for c in kept.get("anyOf", []) if c.get("type") != "null"]
    if len(choices) == 1:
        kept = {**{k: v for k, v in kept.items() if k != "anyOf"}, **choices[0]}
    elif choices:
        kept["anyOf"] = choices
    return {k: _compact(v, definitions) for k, v in kept.items()}
