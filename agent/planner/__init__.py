"""Planners: from a person's words and files to a Brief and a Plan."""

from __future__ import annotations

from typing import Literal

from agent.config import Config
from agent.events import CancelToken, Listener, silent
from agent.planner.base import Planner


def make_planner(
    name: Literal["auto", "llm", "grammar"],
    config: Config,
    *,
    emit: Listener = silent,
    cancel: CancelToken | None = None,
) -> Planner:
    """The planner of that name; ``auto`` is ``llm`` when a model is configured and ``grammar`` otherwise.

    Raises
    ------
    UserError
        For ``llm`` when no model is configured.
    """
    from agent.planner.grammar import GrammarPlanner

    floor = GrammarPlanner()
    if name == "grammar" or (name == "auto" and not config.model):
        return floor
    from agent.planner.llm import LLMPlanner

    return LLMPlanner(config, floor, emit=emit, cancel=cancel)
