"""A follow-up applied to the Brief of the turn before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.brief import Brief, MusicFields, is_set

if TYPE_CHECKING:
    from agent.planner.grammar.parse import Parse


def revised(previous: Brief, parsed: Parse) -> Brief:
    """The Brief after a follow-up: what is said replaces, the rest is kept."""
    said = {n: getattr(parsed.brief, n) for n in MusicFields.model_fields if is_set(getattr(parsed.brief, n))}
    named = {c.name for c in parsed.brief.constraints}
    kept = [c for c in previous.constraints if c.name not in named]
    return previous.model_copy(deep=True, update=said | {
        "request": parsed.brief.request, "constraints": kept + parsed.brief.constraints, "not_understood": []})
