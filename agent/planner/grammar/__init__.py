"""The embedded planner: reads a request by rules, offline, the same way every time."""

from agent.planner.grammar.planner import GrammarPlanner

__all__ = ["GrammarPlanner"]
