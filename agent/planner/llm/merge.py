"""A model's Brief laid over what code read in the same request, so that no constraint is lost."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from agent.planner.base import Planned
from agent.planner.llm.draft import DraftBrief
from agent.planner.llm.evidence import Evidence, uncovered
from tools.brief import Brief, Constraint, constraint, is_set

EITHER_ADDS = ("instruments", "exclude", "references")
WORD_LISTS = ("mood", "genre")
COLOUR = frozenset(
    {
        "valence",
        "arousal",
        "form",
        "sections",
        "dynamics",
        "language",
        "lyrics",
        "fit_picture",
        *EITHER_ADDS,
        *WORD_LISTS,
    }
)
"""Fields that a model may fill without the person's words; every other is measured and must rest on them."""


@dataclass(frozen=True)
class Merged:
    """The Brief of both readings, and what the person should know of the differences."""

    brief: Brief
    notes: tuple[str, ...]


FIELD_OF = {"video_end": "fit_picture"}
"""Constraints that are not called as the field of the Brief they come from."""
NAME_OF = {field: name for name, field in FIELD_OF.items()}


def missing(draft: DraftBrief, floor: Brief) -> list[str]:
    """What code read in the request and the draft lacks or contradicts, one line each, for the model to see."""
    lines = []
    for found in floor.constraints:
        name = FIELD_OF.get(found.name, found.name)
        if name not in Brief.model_fields:
            continue
        wanted, mine = getattr(floor, name), getattr(draft, name)
        if is_set(wanted) and not _covers(mine, wanted, name):
            wrong = f"; you wrote {_plain_json(mine)}" if is_set(mine) else ""
            lines.append(f"- {name} = {_plain_json(wanted)} (“{found.words}”){wrong}")
    return lines


def merged(draft: DraftBrief, floor: Brief, evidence: Evidence, foreign: Evidence) -> Merged:
    """One Brief: everything code read, and of the model's reading what may bind or colour.

    ``foreign`` are the words of files: what a model took from them and not from the person is left out
    (what files really hold reaches the Brief through the tools that look and listen).
    """
    values: dict[str, Any] = {name: getattr(floor, name) for name in Brief.model_fields}
    added: list[Constraint] = []
    for name in (n for n in Brief.model_fields if n in draft.model_fields_set and n != "not_understood"):
        quote = draft.words.get(name, "")
        mine = getattr(draft, name)
        if not evidence.new(quote):
            mine = _own(mine, evidence, foreign)
        value = _joined(name, getattr(floor, name), mine, evidence, evidence.new(quote))
        if is_set(value) and value != getattr(floor, name):
            values[name] = value
            if evidence.new(quote):
                added.append(constraint(NAME_OF.get(name, name), value, quote))
    values["instruments"] = [i for i in values["instruments"] if i not in values["exclude"]]
    values["constraints"] = _constraints(floor, added)
    quotes = [q for q in draft.words.values() if evidence.holds(q)]
    own = [w for w in draft.not_understood if evidence.new(w)]
    values["not_understood"] = list(dict.fromkeys([*uncovered(floor.not_understood, quotes), *own]))
    return Merged(Brief.model_validate({k: _dumped(v) for k, v in values.items()}), tuple(_differences(draft, floor)))


def _joined(name: str, theirs: Any, mine: Any, evidence: Evidence, binds: bool) -> Any:
    """The value of a field: code's (``theirs``) where it has one, the model's where it may have a say."""
    unset = not is_set(theirs) or theirs == Brief.model_fields[name].default
    if name in EITHER_ADDS or name in WORD_LISTS:
        items, more = _items(theirs), _items(mine)
        more = [i for i in more if i not in items and (unset or binds or evidence.names(i))]
        return [*items, *more] if name in EITHER_ADDS else ", ".join([*items, *more]) or None
    if not unset:
        return theirs
    return mine if binds or name in COLOUR else theirs


def _own(value: Any, evidence: Evidence, foreign: Evidence) -> Any:
    """What of a text, or of a list of texts, was not merely taken from a file's words."""
    if isinstance(value, list):
        return [v for v in value if _own(v, evidence, foreign) is not None]
    if not isinstance(value, str):
        return value
    kept = [part for part in _items(value) if evidence.names(part) or not foreign.names(part)]
    return ", ".join(kept) or None


def _constraints(floor: Brief, added: list[Constraint]) -> list[Constraint]:
    """Code's constraints, each widened by the model's addition to the same field, then the model's own."""
    more = {c.name: c for c in added}
    kept = []
    for found in floor.constraints:
        wider = more.pop(found.name, None)
        kept.append(found if wider is None else wider.model_copy(update={"words": f"{found.words}; {wider.words}"}))
    return [*kept, *more.values()]


def _differences(draft: DraftBrief, floor: Brief) -> list[str]:
    notes = []
    for found in floor.constraints:
        theirs, mine = getattr(floor, found.name, None), getattr(draft, found.name, None)
        if is_set(theirs) and is_set(mine) and not _covers(mine, theirs, found.name):
            said = f"“{found.words}” says {_plain_json(theirs)}, and that counts"
            notes.append(f"The model read {found.name} as {_plain_json(mine)}; {said}.")
    return notes


def _covers(mine: Any, theirs: Any, name: str) -> bool:
    if name in EITHER_ADDS or name in WORD_LISTS:
        return set(_items(theirs)) <= set(_items(mine))
    return bool(mine == theirs)


def _items(value: Any) -> list[str]:
    parts = value.split(",") if isinstance(value, str) else value or []
    return [p.strip() for p in parts if p.strip()]


def _dumped(value: Any) -> Any:
    if isinstance(value, list):
        return [_dumped(v) for v in value]
    return value.model_dump() if hasattr(value, "model_dump") else value


def _plain_json(value: Any) -> str:
    return json.dumps(_dumped(value), ensure_ascii=False)


def evidence_of(texts: tuple[str, ...], floor: Planned | None) -> Evidence:
    """The person's words, and what code made nothing of (all of them when code made nothing of the request)."""
    return Evidence.of(texts, texts[-1:] if floor is None else floor.brief.not_understood)
