"""What every planner is: from a situation to a Brief and a Plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from agent.plan import Plan
from tools.brief import Brief
from tools.contract import Artifact


@dataclass(frozen=True)
class Situation:
    """What a planner knows of the moment.

    ``attachments`` are the files at hand: those of this turn first, then, in a session, the newest
    artifacts of the turn before (they answer to "it"). ``previous`` is the Brief of the turn before;
    ``history`` the requests so far, oldest first.
    """

    request: str
    attachments: tuple[Artifact, ...] = ()
    previous: Brief | None = None
    history: tuple[str, ...] = ()
    current: tuple[str, ...] = ()
    """Ids of those attachments that earlier turns of the session brought or made."""
    answers: tuple[tuple[str, str], ...] = ()
    """Questions asked of the person about this request, each with the answer given."""


@dataclass(frozen=True)
class Planned:
    """A planner's answer. ``notes`` are said to the person (a fallback taken, a word reinterpreted)."""

    brief: Brief
    plan: Plan
    planner: str
    notes: tuple[str, ...] = field(default=())
    usage: Mapping[str, int] = field(default_factory=dict)
    """Tokens that a model used: ``input_tokens`` and ``output_tokens``, as its server counted them."""


class Planner(Protocol):
    """Turns a situation into a Brief and a validated Plan; a contradiction becomes an ``ask_user`` step."""

    def plan(self, situation: Situation) -> Planned:
        """Plan, or raise ``UserError`` when nothing can be made of the request."""
        ...
