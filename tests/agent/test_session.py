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
from agent.versions import SEED_STRIDE
from tests.agent.test_run import steps
from tools.brief import Brief
from tools.errors import UserError


class Echo:
    """Writes a file called after the request, and keeps every situation."""

    def __init__(self) -> None:
        self.seen: list[Situation] = []
        self.count = 1

    def plan(self, situation: Situation) -> Planned:
        self.seen.append(situation)
        plan = Plan() if situation.request == "nothing" else steps(("writer", {"text": situation.request}))
        return Planned(Brief(request=situation.request, tempo_bpm=100 + len(self.seen), count=self.count), plan, "echo")


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


def test_a_question_in_between_does_not_hide_the_music(open_session, planner):
    session = open_session()
    session.say("first")
    session.say("nothing")
    session.say("third")
    assert [a.file.name for a in planner.seen[2].attachments] == ["first.mid"]
    assert planner.seen[2].previous.tempo_bpm == 101
    assert planner.seen[2].history == ("first", "nothing")


def test_a_request_that_points_at_an_earlier_result_starts_from_it(open_session, planner):
    session = open_session()
    session.say("first")
    session.say("second")
    session.say("the first one but slower")
    assert [a.file.name for a in planner.seen[2].attachments] == ["first.mid"]
    assert planner.seen[2].history == ("first",)
    assert session.turns[2].parent == 1


@pytest.mark.parametrize("words", ["go back to the first", "back to #1", "revert to the original", "回到第一版"])
def test_going_back_over_several_turns(open_session, planner, words):
    session = open_session()
    first = session.say("first")
    session.say("second")
    session.say("nothing")
    back = session.say(words)
    assert made(back) == made(first)
    assert back.answer == "Back to turn 1: first"
    session.say("fifth")
    assert planner.seen[3].history == ("first",)


def test_there_is_no_going_back_to_what_was_never_made(open_session):
    session = open_session()
    session.say("first")
    with pytest.raises(UserError, match="no result 4"):
        session.say("go back to the fourth")


def test_one_of_several_results_is_picked_and_worked_on(open_session, planner, monkeypatch):
    session = open_session()
    monkeypatch.setattr(planner, "count", 3)
    session.say("first")
    monkeypatch.setattr(planner, "count", 1)
    session.say("#2 but slower")
    (second,) = planner.seen[1].attachments
    session.say("go back to the first")
    session.say("I like the third one")
    session.say("louder")
    (third,) = planner.seen[2].attachments
    assert (second.seed, third.seed) == (SEED_STRIDE, 2 * SEED_STRIDE)
    assert planner.seen[1].previous.count == planner.seen[2].previous.count == 1


def test_a_session_that_begins_anew_knows_no_turn(open_session, planner):
    session = open_session()
    session.say("first")
    session.begin_anew()
    session.say("second")
    assert planner.seen[1].history == ()
    assert [p.name for p in sorted(session.folder.glob("turn-*"))] == ["turn-01"]
