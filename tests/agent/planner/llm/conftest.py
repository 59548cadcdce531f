"""A small fixed catalogue, a floor planner that reads what it is told to, and a planner on a scripted server."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import Field

import tools
from agent.config import Config
from agent.plan import Plan, Step, validated
from agent.planner.base import Planned, Situation
from agent.planner.llm import LLMPlanner
from tests.fake_openai import openai_server  # noqa: F401 - a fixture
from tools.brief import Brief, constraint
from tools.contract import Artifact, Midi, Music, Timeline, Tool, ToolArgs, ToolData, ToolResult, Video
from tools.errors import UserError


class WatchArgs(ToolArgs):
    video: Video = Field(description="The film.")


class WriteArgs(ToolArgs):
    brief: Brief = Field(default_factory=Brief, description="What is wanted.")
    timeline: Timeline | None = Field(None, description="The film's timeline.")
    bars: int | None = Field(None, ge=1, le=2000, description="Length in bars.")


class ShiftArgs(ToolArgs):
    music: Midi = Field(description="The score to transpose.")
    semitones: int = Field(0, ge=-48, le=48, description="Shift in semitones; down is negative.")


class PlayArgs(ToolArgs):
    music: Music = Field(description="The music to play.")


class AskArgs(ToolArgs):
    question: str = Field(description="The question.")
    default: str = Field(description="The answer when nobody answers.")


def run_nothing(args: ToolArgs, ctx: Any) -> ToolResult:
    return ToolResult("done", ToolData())


def fake(name: str, family: str, args: type[ToolArgs], takes=(), gives=(), asks=()) -> Tool:
    return Tool(
        name=name,
        family=family,
        description=f"{name.replace('_', ' ').capitalize()}.\n\nMore that is not shown.",
        function=run_nothing,
        args_model=args,
        version="1",
        takes=takes,
        gives=gives,
        asks=asks,
        needs=(),
        cost="seconds",
        random=False,
        isolated=False,
        timeout_s=10,
        backends=("embedded",),
    )


SMALL = {
    t.name: t
    for t in (
        fake("caption_video", "see", WatchArgs, ("video",), ("timeline", "description")),
        fake("compose", "compose", WriteArgs, ("timeline",), ("midi",), (r"\bcompose\b", r"\bmusic for\b")),
        fake("transpose", "edit", ShiftArgs, ("midi",), ("midi",), (r"\btranspos\w+", "移调")),
        fake("render_audio", "render", PlayArgs, ("midi",), ("audio",), (r"\brender\b",)),
        fake("ask_user", "talk", AskArgs),
    )
}


@pytest.fixture
def small_catalogue(monkeypatch):
    """The five tools above instead of the real ones."""
    monkeypatch.setattr(tools, "catalogue", lambda: SMALL)
    return SMALL


class Floor:
    """A floor planner that read exactly what the test says."""

    def __init__(self) -> None:
        self.fields: dict[str, Any] = {}
        self.words: dict[str, str] = {}
        self.left: list[str] = []
        self.steps: list[dict[str, Any]] = [{"id": "s1", "tool": "compose", "args": {"brief": "$brief"}}]
        self.refuses: str | None = None

    def read(self, left=(), steps=None, **fields: tuple[Any, str]) -> None:
        self.fields = {name: value for name, (value, _) in fields.items()}
        self.words = {name: words for name, (_, words) in fields.items()}
        self.left, self.steps = list(left), steps or self.steps

    def plan(self, situation: Situation) -> Planned:
        if self.refuses:
            raise UserError(self.refuses)
        constraints = [constraint(name, value, self.words[name]) for name, value in self.fields.items()]
        brief = Brief(request=situation.request, **self.fields, constraints=constraints, not_understood=self.left)
        plan = validated(Plan(steps=[Step.model_validate(s) for s in self.steps]), situation.attachments)
        return Planned(brief, plan, "grammar")


@pytest.fixture
def floor():
    return Floor()


@pytest.fixture
def planner(openai_server, small_catalogue, floor, monkeypatch):  # noqa: F811 - the fixture
    """A planner on the scripted server, quick to lose patience."""
    monkeypatch.setattr("agent.planner.llm.client.FIRST_WAIT_S", 0.05)
    config = Config(model="fake", base_url=openai_server.url, api_key="key", llm_timeout_s=3, llm_retries=2)
    return LLMPlanner(config, floor)


def attached(artifact_id: str, kind: str, name: str, **facts: Any) -> Artifact:
    """An attachment as the store knows it."""
    return Artifact(
        id=artifact_id, kind=kind, path=str(Path("/music") / name), sha256="0" * 64, media_type="x/y", facts=facts
    )


def draft(*steps: tuple[str, dict[str, Any]], words: dict[str, str] | None = None, **brief: Any) -> dict[str, Any]:
    """A model's answer: steps s1, s2, ... and Brief fields."""
    numbered = [{"id": f"s{n}", "tool": tool, "args": args} for n, (tool, args) in enumerate(steps, 1)]
    return {"brief": {**brief, "words": words or {}}, "steps": numbered}


COMPOSE = ("compose", {"brief": "$brief"})
RENDER = ("render_audio", {"music": "$s1"})
