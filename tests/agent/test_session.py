from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock

from agent.config import Config
from agent.plan import Plan
from agent.planner.base import Planned, Situation
from agent.pool import Pool
from agent.recall import UNDO
from agent.session import Session
from tests.agent.test_run import steps
from tools.brief import Brief
from tools.errors import UserError


class Echo:
    """Writes a file called after the request, and keeps every situation."""

    def __init__(self) -> None:
        self.seen: list[Situation] = []

    def plan(self, situation: Situation) -> Planned:
        self.seen.append(situation)
        plan = Plan() if situation.request == "nothing" else steps(("writer", {"text": situation.request}))
        return Planned(Brief(request=situation.request, tempo_bpm=100 + len(self.seen)), plan, "echo")


@pytest.fixture
def planner(monkeypatch: pytest.MonkeyPatch, fake_pool: Pool) -> Echo:
    echo = Echo()
    monkeypatch.setattr("agent.run.make_planner", lambda *_, **__: echo)
    monkeypatch.setattr("agent.session.Pool", lambda: fake_pool)
    return echo


@pytest.fixture
def open_session(config: Config, planner: Echo) -> Callable[..., Session]:
    return lambda name="talk": Session(name, config)


def made(report) -> list[str]:
    return [Path(a["path"]).name for a in report.artifacts if not a["id"].startswith("a")]


def test_a_turn_knows_what_the_turn_before_made_and_said(open_session, planner, tmp_path):
    (tmp_path / "hum.mid").write_bytes(b"MThd hum")
    session = open_session()
    session.say("first", [tmp_path / "hum.mid"])
    session.say("second")
    situation = planner.seen[1]
    assert situation.previous.tempo_bpm == 101
    assert situation.history == ("first",)
    assert [(a.id, a.file.name) for a in situation.attachments] == [("a1", "hum.mid"), ("a2", "first.mid")]
    assert situation.current == ("a1", "a2")


def test_a_session_goes_on_in_another_process(open_session, planner):
    open_session().say("first")
    open_session().say("second")
    assert planner.seen[1].history == ("first",)


def test_undo_goes_back_a_turn_and_further(open_session, planner):
    session = open_session()
    first = session.say("first")
    session.say("second")
    back = session.say("undo that")
    assert made(back) == made(first) == ["first.mid"]
    assert "Back to turn 1" in back.answer
    session.say("third")
    assert planner.seen[2].history == ("first",)
    assert session.say("undo").artifacts == first.artifacts
    assert "nothing is made yet" in session.say("undo").answer
    with pytest.raises(UserError, match="nothing to undo"):
        session.say("undo")


@pytest.mark.parametrize("words", ["undo", "Undo that.", "please undo the last change", "go back", "撤销"])
def test_ways_to_say_undo(words):
    assert UNDO.match(words)


@pytest.mark.parametrize("words", ["undo the reverb on bar 9", "go back to the first chorus in bar 20", "don't undo"])
def test_what_only_sounds_like_undo_is_a_request(words):
    assert not UNDO.match(words)


def test_a_session_in_use_is_refused(open_session, config):
    session = open_session()
    session.say("first")
    with FileLock(session.folder / ".lock"), pytest.raises(UserError, match="in use by another process"):
        open_session().say("second")


def test_a_damaged_session_is_named(open_session):
    session = open_session()
    session.say("first")
    (session.folder / "session.json").write_text("{half")
    with pytest.raises(UserError, match="is damaged"):
        open_session()


@pytest.mark.parametrize("name", ["../escape", "", "a/b", ".hidden"])
def test_a_name_cannot_leave_the_sessions_folder(config, name):
    with pytest.raises(UserError, match="no session name"):
        Session(name, config)
