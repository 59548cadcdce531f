"""A tool's plain arguments from what was read of the request: filled by name, kept when they fit the type."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import TypeAdapter, ValidationError

from agent.plan import BRIEF
from agent.planner.grammar.choices import choices
from agent.planner.grammar.parse import Parse
from agent.planner.grammar.supply import artifact_arguments
from tools.brief import Brief, MusicFields, TempoRange, is_set
from tools.contract import JSON, Tool

FREE_TEXT = "query"
_ALIASES = {
    "to_key": "key",
    "to_mode": "mode",
    "k": "count",
    "style": "genre",
    "instrument": "instruments",
    "text": "lyrics",
}


def arguments(tool: Tool, parsed: Parse, query: str) -> dict[str, JSON]:
    """Every argument of ``tool`` that is no artifact and that the words set.

    An argument is filled from the slot of its name, the Brief field of its name (or of the name it is
    public under in the Brief: ``to_key`` from ``key``), or a relative wish (``factor``, ``semitones``).
    A tool that takes the Brief itself reads the Brief's fields there.
    """
    fields = tool.args_model.model_fields
    artifacts = artifact_arguments(tool)
    filled: dict[str, JSON] = {}
    for name in fields:
        if name in artifacts:
            continue
        if name == "brief":
            filled[name] = BRIEF
            continue
        if name == FREE_TEXT:
            filled[name] = query
            continue
        for value in _said(name, parsed, takes_brief="brief" in fields):
            fitted = _fitted(tool, name, value)
            if fitted is not None:
                filled[name] = fitted
                break
    named = {name: choice for name, (choice, _) in choices(tool, parsed).items()}
    return named | filled


def argument_fields(tool: Tool) -> set[str]:
    """The Brief's fields that a tool's arguments can be filled from."""
    names = set(tool.args_model.model_fields)
    return set(Brief.model_fields) if "brief" in names else {_ALIASES.get(n, n) for n in names}


def brief_in_words(brief: Brief) -> str:
    """What a Brief says of the sound, as a text to search with; the request itself when it says nothing."""
    style = [*brief.references, *brief.moods(), *brief.genres(), *brief.instruments]
    said = [*style, brief.key or brief.mode or "", brief.meter or ""]
    return ", ".join(part for part in said if part) or brief.request


def _said(name: str, parsed: Parse, *, takes_brief: bool) -> Iterator[JSON]:
    if name in parsed.slots:
        yield parsed.slots[name]
    field = _ALIASES.get(name, name)
    in_brief = field in Brief.model_fields and not (takes_brief and field in MusicFields.model_fields)
    if in_brief and field in parsed.brief.model_fields_set and is_set(getattr(parsed.brief, field)):
        yield getattr(parsed.brief, field)
    added = parsed.changes.get(name) if name == "duration_s" and not takes_brief else None
    if isinstance(added, dict) and added.get("add", 0.0) > 0:  # how much an extension adds
        yield added["add"]
    for change in parsed.changes.values():
        if isinstance(change, dict) and name in change:
            yield change[name]


def _fitted(tool: Tool, name: str, value: JSON) -> JSON | None:
    """The value as the argument's type takes it, or None: a range as its middle, a list as its last item, and back."""
    adapter = _adapter(tool.args_model, name)
    for candidate in _shapes(value):
        try:
            return adapter.dump_python(adapter.validate_python(candidate), mode="json", exclude_none=True)
        except ValidationError:
            continue
    return None


def _shapes(value: JSON) -> Iterator[JSON]:
    yield value
    if isinstance(value, TempoRange):
        bounds = [b for b in (value.min, value.max) if b is not None]
        yield sum(bounds) / len(bounds)
    elif isinstance(value, list):
        yield value[-1]
    else:
        yield [value]


@functools.lru_cache(maxsize=2048)
def _adapter(model: Any, name: str) -> TypeAdapter[Any]:
    info = model.model_fields[name]
    annotation = info.annotation
    return TypeAdapter(Annotated[(annotation, *info.metadata)] if info.metadata else annotation)
