"""The catalogue as LangChain tools, inside a plain LangChain agent."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from langchain.agents import create_agent
from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
from langchain_core.messages import AIMessage, ToolMessage

from agent import load_tools
from agent.config import Config
from tools import catalogue
from tools.kit.score import Note, Score, Track, read_midi, write_midi


class Scripted(GenericFakeChatModel):
    """A chat model that says what it was told to; tools are bound and not looked at."""

    def bind_tools(self, tools: Any, **kwargs: Any) -> Scripted:
        """Itself."""
        return self


def asks(name: str, args: dict[str, Any], number: int) -> AIMessage:
    return AIMessage("", tool_calls=[{"name": name, "args": args, "id": f"call-{number}"}])


@pytest.fixture
def riff(tmp_path: Path) -> Path:
    """Four notes for flute."""
    path = tmp_path / "riff.mid"
    write_midi(Score([Track("Flute", 73, False, [Note(i, i + 1, 60 + 2 * i, 80) for i in range(4)])]), path)
    return path


def test_every_tool_of_the_catalogue_is_there_with_its_schema(tmp_path: Path, config: Config) -> None:
    tools = {t.name: t for t in load_tools(tmp_path / "bench", config=config)}
    assert list(tools) == list(catalogue())
    assert tools["transpose"].args_schema is catalogue()["transpose"].args_model


def test_an_agent_edits_a_file_and_goes_on_from_the_result(riff: Path, tmp_path: Path, config: Config) -> None:
    turns = [
        asks("transpose", {"music": str(riff), "semitones": 12}, 1),
        asks("transpose", {"music": "s1-1", "semitones": -5}, 2),
        AIMessage("Done."),
    ]
    tools = load_tools(tmp_path / "bench", ["transpose"], config=config)
    agent = create_agent(Scripted(messages=iter(turns)), tools)
    said = agent.invoke({"messages": [("user", "up an octave, then down a fourth")]})["messages"]
    results = [m for m in said if isinstance(m, ToolMessage)]
    assert [m.status for m in results] == ["success", "success"]
    assert "s1-1: midi" in results[0].content
    made = Path(results[1].artifact.artifacts[0]["path"])
    assert [n.pitch for n in read_midi(made).tracks[0].notes] == [67, 69, 71, 73]


@pytest.mark.parametrize(
    ("args", "said"),
    [
        ({"music": "nowhere.mid", "semitones": 1}, "is no file and no artifact here"),
        ({"music": "RIFF", "semitones": 500}, "semitones"),
        ({"music": "RIFF", "semitone": 5}, "semitone"),
    ],
)
def test_a_wrong_call_comes_back_to_the_model(
    args: dict[str, Any], said: str, riff: Path, tmp_path: Path, config: Config
) -> None:
    [tool] = load_tools(tmp_path / "bench", ["transpose"], config=config)
    args = {k: str(riff) if v == "RIFF" else v for k, v in args.items()}
    message = tool.invoke({"name": "transpose", "args": args, "id": "1", "type": "tool_call"})
    assert message.status == "error"
    assert said in message.content
