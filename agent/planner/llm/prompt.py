"""The texts a model reads: the system prompt with the catalogue, the situation, and what goes back to it.

All wording is in ``prompts/``. The system prompt depends on the catalogue alone, so that servers can cache it.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable, Mapping
from importlib import resources
from typing import Any

from agent.planner.base import Situation
from agent.planner.llm.client import Message
from tools.brief import Brief
from tools.contract import Artifact, Tool

LONGEST_TEXT = 300
LONGEST_LIST = 24
MOST_FACTS = 4000
MOST_HISTORY = 20
"""Characters of a fact, items of a list, characters of one file's facts and earlier requests that a model is shown."""


def system_prompt(tools: Mapping[str, Tool]) -> str:
    """The standing instructions and the catalogue."""
    return filled("plan", catalogue="\n\n".join(map(entry, tools.values())))


def situation_prompt(situation: Situation) -> str:
    """What is at hand (fenced as data) and what the person says."""
    data: dict[str, Any] = {"files": [_file(a, a.id in situation.current) for a in situation.attachments]}
    if situation.previous is not None:
        data["former_brief"] = situation.previous.model_dump(mode="json", exclude_defaults=True, exclude={"request"})
    words: dict[str, Any] = {"earlier_requests": list(situation.history[-MOST_HISTORY:]), "request": situation.request}
    if situation.answers:
        words["answers"] = [{"question": question, "answer": answer} for question, answer in situation.answers]
    return filled("situation", data=quoted(data), words=quoted(words))


def conversation(tools: Mapping[str, Tool], situation: Situation) -> list[Message]:
    """The opening of the conversation with the model."""
    return [("system", system_prompt(tools)), ("user", situation_prompt(situation))]


def filled(name: str, **parts: str) -> str:
    """The prompt ``prompts/NAME.md`` with its ``{{parts}}`` filled in (in one pass: parts are never templates)."""
    text = resources.files("prompts").joinpath(f"{name}.md").read_text(encoding="utf-8").strip()
    pieces = text.split("{{")
    rest = [piece.partition("}}") for piece in pieces[1:]]
    return pieces[0] + "".join(parts[key] + after for key, _, after in rest)


def quoted(value: Any) -> str:
    """JSON in which no text can close the data block or start a tag; bytes that are no text become '?'."""
    text = json.dumps(value, ensure_ascii=False, indent=1).encode("utf-8", "replace").decode("utf-8")
    return text.replace("<", "\\u003c").replace(">", "\\u003e")


@functools.cache
def entry(tool: Tool) -> str:
    """One tool of the catalogue, as the model sees it."""
    head = f"## {tool.name}\n{' '.join(tool.description.split(chr(10) * 2)[0].split())}"
    takes = f"takes: {', '.join(tool.takes) or 'nothing'}; gives: {', '.join(tool.gives) or 'facts only'}; {tool.cost}"
    return "\n".join([head, takes, *_arguments(tool)])


def _arguments(tool: Tool) -> Iterable[str]:
    """One line an argument; the Brief's own fields are named once, for a tool that takes the Brief."""
    schema = tool.schema()
    properties: dict[str, Any] = schema.get("properties", {})
    kinds = tool.references()
    has_brief = "brief" in properties
    for name, info in properties.items():
        if has_brief and name in Brief.model_fields:
            continue
        if has_brief and name == "brief":
            yield '- brief: "$brief"'
            continue
        shape = f"id of {' or '.join(kinds[name])}" if name in kinds else _shape(info, schema.get("$defs", {}))
        if name in kinds and _shape(info, {}).startswith("list"):
            shape = f"list of {shape}"
        if name not in schema.get("required", []):
            default = info.get("default")
            shape += ", optional" if default in (None, "", []) else f" = {json.dumps(default, ensure_ascii=False)}"
        yield f"- {name}: {shape}: {info.get('description', '')}"


def _shape(info: Mapping[str, Any], definitions: Mapping[str, Any]) -> str:
    """A type in a few words: ``integer (-48 to 48)``, ``list of string``, ``"a" or "b"``."""
    if "$ref" in info:
        return _shape(definitions.get(info["$ref"].rsplit("/", 1)[-1], {}), definitions)
    if "anyOf" in info:
        return " or ".join(_shape(c, definitions) for c in info["anyOf"] if c.get("type") != "null")
    if "enum" in info:
        return " or ".join(json.dumps(v, ensure_ascii=False) for v in info["enum"])
    if "const" in info:
        return json.dumps(info["const"], ensure_ascii=False)
    if info.get("type") == "array":
        return f"list of {_shape(info.get('items', {}), definitions)}"
    if info.get("type") == "object" and "properties" in info:
        fields = (f"{n}: {_shape(i, definitions)}" for n, i in info["properties"].items())
        return "{" + ", ".join(fields) + "}"
    least = info.get("minimum", info.get("exclusiveMinimum"))
    most = info.get("maximum", info.get("exclusiveMaximum"))
    bounds = " to ".join(f"{b:g}" for b in (least, most) if b is not None)
    word = "from " if most is None else "up to " if least is None else ""
    return f"{info.get('type', 'any')}{f' ({word}{bounds})' if bounds else ''}"


def _file(artifact: Artifact, current: bool) -> dict[str, Any]:
    facts = {name: _bounded(value) for name, value in artifact.facts.items()}
    while len(json.dumps(facts, ensure_ascii=False)) > MOST_FACTS:
        del facts[max(facts, key=lambda name: len(str(facts[name])))]
    shown = {"id": artifact.id, "kind": artifact.kind, "name": artifact.file.name, "facts": facts}
    return {**shown, "made_in_an_earlier_turn_by": artifact.tool} if current else shown


def _bounded(value: Any) -> Any:
    """The value with long texts and lists cut, and the cut marked."""
    if isinstance(value, str):
        return value if len(value) <= LONGEST_TEXT else value[:LONGEST_TEXT] + " …"
    if isinstance(value, Mapping):
        return {str(k): _bounded(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [*map(_bounded, value[:LONGEST_LIST]), *(["…"] if len(value) > LONGEST_LIST else [])]
    return value
