"""The MCP server, spoken to by the official SDK's own client."""

from __future__ import annotations

import base64
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp.client.client import Client
from mcp.shared.exceptions import MCPError

from agent.config import Config
from agent.surfaces.mcp import Studio, build_server
from tools import catalogue
from tools.kit.score import Note, Score, Track, read_midi, write_midi


@pytest.fixture
def riff(tmp_path: Path) -> Path:
    """Four notes for flute, in the client's folder."""
    path = tmp_path / "mine" / "riff.mid"
    path.parent.mkdir()
    write_midi(Score([Track("Flute", 73, False, [Note(i, i + 1, 60 + 2 * i, 80) for i in range(4)])]), path)
    return path


@pytest.fixture
def studio(riff: Path, tmp_path: Path, config: Config) -> Iterator[Studio]:
    """A studio that may read the client's folder only."""
    made = Studio(tmp_path / "studio", config, [riff.parent])
    yield made
    made.close()


def talk(studio: Studio, conversation: Callable[[Client], Awaitable[Any]]) -> Any:
    """What a client gets that holds this conversation with the server."""

    async def main() -> Any:
        async with Client(build_server(studio)) as client:
            try:
                return await conversation(client)
            except MCPError as err:  # raised here, a task group would wrap it
                return err

    return anyio.run(main)


def test_every_tool_is_offered_with_schemas_and_hints(studio: Studio) -> None:
    offered = {t.name: t for t in talk(studio, lambda c: c.list_tools()).tools}
    assert list(offered) == ["ask", *catalogue()]
    assert (
        offered["transpose"].input_schema["properties"].keys()
        == catalogue()["transpose"].args_model.model_fields.keys()
    )
    assert offered["transpose"].annotations.read_only_hint is False
    assert {n for n, t in offered.items() if t.annotations.read_only_hint} == {
        n for n, t in catalogue().items() if not t.gives
    }
    assert all(t.output_schema and not t.annotations.destructive_hint for t in offered.values())


def test_a_tool_edits_a_file_and_the_result_is_a_resource(studio: Studio, riff: Path) -> None:
    async def conversation(client: Client) -> Any:
        first = await client.call_tool("transpose", {"music": str(riff), "semitones": 2})
        second = await client.call_tool("transpose", {"music": "s1-1", "semitones": 3})
        listed = await client.list_resources()
        return first, second, listed, await client.read_resource(second.content[1].uri)

    first, second, listed, read = talk(studio, conversation)
    assert first.structured_content["ok"]
    assert "s1-1: midi" in first.content[0].text
    assert {r.uri for r in listed.resources} >= {first.content[1].uri, second.content[1].uri}
    (studio.bench.store.folder / "copy.mid").write_bytes(base64.b64decode(read.contents[0].blob))
    notes = read_midi(studio.bench.store.folder / "copy.mid").tracks[0].notes
    assert [n.pitch for n in notes] == [65, 67, 69, 71]


def test_a_request_runs_the_agent_with_progress_and_the_next_one_knows_it(studio: Studio) -> None:
    heard: list[str] = []

    async def progress(done: float, total: float | None, message: str | None) -> None:
        heard.append(message or "")

    async def conversation(client: Client) -> Any:
        made = await client.call_tool(
            "ask", {"request": "4 bars for flute in C major at 100 bpm, just the midi"}, progress_callback=progress
        )
        return made, await client.call_tool("ask", {"request": "transpose it up a tone"})

    made, moved = talk(studio, conversation)
    assert not made.is_error, made.content[0].text
    assert any("compose" in line for line in heard)
    assert next(s["tool"] for s in moved.structured_content["steps"]) == "transpose"
    assert any(link.name.endswith(".mid") for link in moved.content[1:])


@pytest.mark.parametrize(
    ("name", "args", "said"),
    [
        ("transpose", {"music": "/etc/hostname", "semitones": 1}, "outside the folders"),
        ("transpose", {"music": "s9-1", "semitones": 1}, "no file and no artifact"),
        ("transpose", {"musik": "s9-1"}, "musik"),
        ("sing_opera", {}, "no tool named"),
        ("ask", {"request": ""}, "request"),
        ("ask", {"request": "describe this", "attachments": ["/etc/hostname"]}, "outside the folders"),
    ],
)
def test_a_wrong_call_is_an_error_result_that_says_what_is_wrong(
    name: str, args: dict[str, Any], said: str, studio: Studio
) -> None:
    result = talk(studio, lambda c: c.call_tool(name, args))
    assert result.is_error
    assert said in result.content[0].text


@pytest.mark.parametrize("uri", ["file:///etc/hostname", "scorewright://artifact/../../etc/hostname"])
def test_only_artifacts_can_be_read(uri: str, studio: Studio) -> None:
    refused = talk(studio, lambda c: c.read_resource(uri))
    assert isinstance(refused, MCPError)
    assert "no resource here" in str(refused) or "no artifact" in str(refused)


def test_a_cancelled_call_stops_its_worker(studio: Studio, tmp_path: Path) -> None:
    async def conversation(client: Client) -> Any:
        with anyio.move_on_after(1.0):
            await client.call_tool("ask", {"request": "ten minutes of orchestral music, just the audio"})
        with anyio.fail_after(20):
            return await client.call_tool("ask", {"request": "which instruments do you know?"})

    after = talk(studio, conversation)
    assert after.content[0].text
    assert not list(studio.session.folder.glob("*/*.wav"))


def test_prompts_are_filled(studio: Studio) -> None:
    async def conversation(client: Client) -> Any:
        named = [p.name for p in (await client.list_prompts()).prompts]
        return named, await client.get_prompt("describe", {"music": "riff.mid"})

    named, filled = talk(studio, conversation)
    assert named == ["score_a_film", "rewrite_bars", "describe"]
    assert "`describe_music` on riff.mid" in filled.messages[0].content.text
    assert "needs bars, score, wish" in str(talk(studio, lambda c: c.get_prompt("rewrite_bars", {})))
