"""The planner that asks an OpenAI-compatible chat model, over the grammar planner as its floor."""

from agent.planner.llm.planner import LLMPlanner

__all__ = ["LLMPlanner"]
