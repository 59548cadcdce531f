"""The rooms that read a request, one a topic, in the order in which they read."""

from __future__ import annotations

from collections.abc import Callable

from agent.planner.grammar.reading import Reading
from agent.planner.grammar.slots import tempo

ROOMS: tuple[Callable[[Reading], None], ...] = (tempo.read,)
