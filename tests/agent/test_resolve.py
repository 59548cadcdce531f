"""From a step as planned to a step that can run."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.plan import Plan, Step
from agent.records import StepRecord
from agent.resolve import resolved
from agent.store import Store
from tools.brief import Brief
from tools.errors import ToolFailed


def args_of(step: Step, tmp_path: Path) -> dict:
    """The step's arguments after a search that found nothing."""
    searched = StepRecord(id="s1", tool="search_music", status="ok")
    plan = Plan(steps=[Step(id="s1", tool="search_music", args={"query": "x"}), step])
    return resolved(step, plan, Brief(), {"s1": searched}, Store(tmp_path))


def test_an_optional_file_that_was_not_made_is_left_out(tmp_path: Path) -> None:
    step = Step(id="s2", tool="compose", args={"references": "$s1", "bars": 4}, needs=["s1"])
    assert args_of(step, tmp_path) == {"bars": 4}


def test_a_required_file_that_was_not_made_fails_the_step(tmp_path: Path) -> None:
    step = Step(id="s2", tool="transpose", args={"music": "$s1", "semitones": 2}, needs=["s1"])
    with pytest.raises(ToolFailed, match="search_music made no midi or score"):
        args_of(step, tmp_path)
