"""From a person's words, English or Chinese, to a Brief, to tool arguments and to what is left over.

:func:`parse` lets the rooms of :mod:`agent.planner.grammar.slots` read the request in a fixed order;
each takes the words it understands. What nobody took is what :func:`left_over` reports.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from agent.planner.grammar.left import left_over
from agent.planner.grammar.reading import Reading, Span
from agent.planner.grammar.revise import revised
from agent.planner.grammar.slots import ROOMS
from tools.brief import Brief
from tools.contract import JSON

__all__ = ["Parse", "Span", "left_over", "parse", "revised"]


@dataclass(frozen=True)
class Parse:
    """What was understood of a request.

    ``brief`` holds the fields and one constraint for each thing measured; ``slots`` arguments of tools
    that are no Brief field (``semitones``, ``from_bar``, ``end_s`` ...); ``changes`` relative wishes for a
    follow-up, by field: ``{"factor": 0.85}``, ``{"semitones": -5}``, ``{"add": 3}``, ``{"remove": [...]}``,
    ``{"to": value}``; ``conflicts`` ready questions for the person.
    """

    brief: Brief
    slots: Mapping[str, JSON]
    spans: tuple[Span, ...]
    conflicts: tuple[str, ...]
    changes: Mapping[str, JSON]


def parse(request: str) -> Parse:
    """Read a request. Never raises: what cannot be read stays in the request, for :func:`left_over`."""
    reading = Reading(request)
    for read in ROOMS:
        read(reading)
    brief = Brief(request=request, **reading.fields, constraints=reading.constraints)
    spans = tuple(sorted(reading.spans, key=lambda s: (s.start, s.end)))
    return Parse(brief, reading.slots, spans, tuple(reading.conflicts), reading.changes)
