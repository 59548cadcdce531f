"""Files cannot give orders: a tool that a file's words name and that the person did not ask for is not run.

The first line of defence is the prompt (words of files stand in a data block, JSON-quoted, that they cannot
close). This is the second, for a model that obeys them all the same. It stops orders that name a tool or use
one of the phrases the tool answers to; an order in other words is not recognised here. Wishes that a file
utters are kept out of the Brief in :mod:`agent.planner.llm.merge`. No tool can do more than write files in
the run's folder, so the worst that is left is music that nobody asked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from agent.plan import Plan
from agent.planner.base import Situation
from agent.planner.llm.evidence import Evidence
from tools.contract import Tool


def unasked(
    plan: Plan,
    asked: Plan,
    situation: Situation,
    quotes: Mapping[str, str],
    evidence: Evidence,
    tools: Mapping[str, Tool],
) -> list[str]:
    """Ids of the steps whose tool is named in a file's words but not asked for by the person.

    Parameters
    ----------
    asked
        The plan that code made of the person's words alone.
    quotes
        Step id to the person's words that the model says the step rests on.
    """
    foreign = "\n".join(words_of_files(situation))
    own = "\n".join((*situation.history, situation.request))
    wanted = {s.tool for s in asked.steps}
    return [
        step.id
        for step in plan.steps
        if step.tool not in wanted
        and _mentions(foreign, tools[step.tool])
        and not _mentions(own, tools[step.tool])
        and not evidence.new(quotes.get(step.id, ""))
    ]


def words_of_files(situation: Situation) -> Iterator[str]:
    """Every text that came from a file: its name and the strings among its facts."""
    for artifact in situation.attachments:
        yield artifact.file.stem.replace("_", " ")
        yield artifact.file.name
        yield from _strings(artifact.facts)


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _strings(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _strings(item)


def _mentions(text: str, tool: Tool) -> bool:
    named = re.search(rf"\b{re.escape(tool.name).replace('_', '[_ -]?')}\b", text, re.IGNORECASE)
    return bool(named) or any(re.search(pattern, text, re.IGNORECASE) for pattern in tool.asks)
