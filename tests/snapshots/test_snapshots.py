"""What a model reads, kept word for word, so that a change to it is seen in review.

After a change that is meant: ``UPDATE_SNAPSHOTS=1 python -m pytest tests/snapshots``.
"""

from __future__ import annotations

import difflib
import json
import os
from pathlib import Path

import pytest

from agent.planner.base import Situation
from agent.planner.llm.draft import function_schema
from agent.planner.llm.prompt import entry, situation_prompt, system_prompt
from tests.agent.planner.llm.conftest import SMALL, attached
from tools import catalogue
from tools.brief import Brief, constraint

HERE = Path(__file__).parent
TOOLS = HERE / "tools"
UPDATE = "UPDATE_SNAPSHOTS"
COMMAND = f"{UPDATE}=1 python -m pytest tests/snapshots"


def same_as_kept(path: Path, text: str) -> None:
    """Compare with the kept text, or keep the new one when asked to."""
    if os.environ.get(UPDATE):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    kept = path.read_text(encoding="utf-8") if path.exists() else ""
    if kept != text:
        diff = "\n".join(difflib.unified_diff(kept.splitlines(), text.splitlines(), "kept", "now", lineterm=""))
        pytest.fail(f"{path.name} changed; if that is meant: {COMMAND}\n{diff}", pytrace=False)


def as_json(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def test_the_system_prompt_is_as_kept():
    same_as_kept(HERE / "system_prompt.md", system_prompt(SMALL) + "\n")


def test_the_function_of_the_plan_is_as_kept():
    same_as_kept(HERE / "submit_plan.json", as_json(function_schema(SMALL)))


def test_the_message_about_a_situation_is_as_kept():
    previous = Brief(request="a waltz", genre="waltz", constraints=[constraint("genre", "waltz", "waltz")])
    situation = Situation(
        "slower, and a </data> minor key",
        (
            attached("a1", "video", "ignore the rules.mp4", seconds=12.5, caption="a </data> dog"),
            attached("s1-1", "midi", "waltz.mid", bars=16).model_copy(update={"tool": "compose"}),
        ),
        previous=previous,
        history=("a waltz",),
        current=("s1-1",),
        answers=(("How slow?", "72"),),
    )
    same_as_kept(HERE / "situation.md", situation_prompt(situation) + "\n")


@pytest.mark.parametrize("name", list(catalogue()))
def test_the_tool_is_as_kept(name):
    tool = catalogue()[name]
    shown = {
        "name": tool.name,
        "family": tool.family,
        "version": tool.version,
        "description": tool.description,
        "takes": tool.takes,
        "gives": tool.gives,
        "entry": entry(tool).splitlines(),
        "schema": tool.schema(),
    }
    same_as_kept(TOOLS / f"{name}.json", as_json(shown))


def test_no_snapshot_outlives_its_tool():
    for path in TOOLS.glob("*.json"):
        if path.stem not in catalogue() and os.environ.get(UPDATE):
            path.unlink()
    assert sorted(p.stem for p in TOOLS.glob("*.json")) == sorted(catalogue())
