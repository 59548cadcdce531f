"""Prompts, one a file. ``load("plan")`` reads ``plan.md``; no prompt text stands in code."""

from __future__ import annotations

from importlib import resources


def load(name: str) -> str:
    """The text of the prompt of that name."""
    return (resources.files(__name__) / f"{name}.md").read_text(encoding="utf-8")
