"""Which plans end in a check."""

from __future__ import annotations

import pytest

from agent.check import with_check
from agent.plan import Plan, Step


@pytest.mark.parametrize(
    ("tool", "args", "checked"),
    [
        ("compose", {}, True),
        ("transpose", {"music": "a1", "semitones": 2}, True),
        ("write_lyrics", {"topic": "rain"}, False),
        ("search_music", {"query": "waltz"}, False),
    ],
)
def test_only_what_makes_music_is_measured(tool: str, args: dict[str, object], checked: bool) -> None:
    plan = with_check(Plan(steps=[Step(id="s1", tool=tool, args=args)]))
    assert (plan.steps[-1].tool == "check") is checked
