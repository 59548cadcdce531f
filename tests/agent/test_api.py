"""The Python interface, as its documentation shows it."""

from __future__ import annotations

from pathlib import Path

import pytest

import agent
from agent import Scorewright
from agent.events import Event
from tools.errors import UserError
from tools.kit.score import read_midi


@pytest.fixture
def maker(tmp_path: Path) -> Scorewright:
    """The agent with its folders in the test's own."""
    return Scorewright(
        planner="grammar", runs_dir=tmp_path / "runs", cache_dir=tmp_path / "cache", sessions_dir=tmp_path / "sessions"
    )


def test_a_request_is_answered_with_events_on_the_way(maker: Scorewright) -> None:
    events: list[Event] = []
    report = maker.run("8 bars for solo piano in D minor at 96 bpm, just the midi", on_event=events.append)
    assert report.exit_code in (0, 1)
    [midi] = [a for a in report.artifacts if a["kind"] == "midi"]
    assert read_midi(Path(midi["path"])).tempi[0][1] == pytest.approx(96, abs=0.5)
    assert {"planned", "step_done", "answer"} <= {e.kind for e in events}


def test_a_session_knows_its_last_turn(maker: Scorewright) -> None:
    session = maker.session("waltz")
    session.say("4 bars for flute in C major at 100 bpm, just the midi")
    report = session.say("up a tone")
    session.close()
    assert next(s["tool"] for s in report.steps) == "transpose"


def test_a_tool_alone(maker: Scorewright, tmp_path: Path) -> None:
    made = maker.run("4 bars for flute in C major, just the midi", out=tmp_path / "first")
    midi = next(a["path"] for a in made.artifacts if a["kind"] == "midi")
    report = maker.call("score_music", attach=[midi])
    assert report.ok
    assert report.data["metrics"]["n_notes"] > 0


def test_a_wrong_setting_and_a_wrong_name_are_said() -> None:
    with pytest.raises(UserError, match="planner"):
        Scorewright(planner="oracle")
    with pytest.raises(AttributeError, match="no attribute 'Songwright'"):
        agent.Songwright  # noqa: B018
