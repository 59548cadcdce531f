from __future__ import annotations

import io

import pytest

from agent.records import Question, RunReport
from agent.surfaces.chat import Chat, named_files, thumb_in


class Said:
    """Stands for a session: answers every turn with a report and keeps what it was told."""

    def __init__(self, reports: list[RunReport]) -> None:
        self.reports, self.heard = reports, []
        self.folder, self.head = io, None

    def say(self, text, files=(), **_):
        self.heard.append(("say", text, [f.name for f in files]))
        return self.reports.pop(0)

    def answer(self, text, **_):
        self.heard.append(("answer", text, []))
        return self.reports.pop(0)

    def artifacts(self):
        return []

    def close(self):
        self.heard.append(("close", "", []))


@pytest.fixture
def talk(config, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "clip.mp4").write_bytes(b"x")

    def play(lines: str, *reports: RunReport) -> tuple[str, list]:
        out = io.StringIO()
        chat = Chat("test", config, seed=0, out=out, err=io.StringIO())
        chat.session.close()
        chat.session = Said(list(reports))
        chat.session.folder = tmp_path
        chat.talk(io.StringIO(lines))
        return out.getvalue(), chat.session.heard[:-1]

    return play


def test_a_line_is_a_turn_and_files_named_in_it_are_attached(talk):
    out, heard = talk(
        "music for clip.mp4, warm\n\nslower\n",
        RunReport(request="", answer="One."),
        RunReport(request="", answer="Two."),
    )
    assert heard == [("say", "music for clip.mp4, warm", ["clip.mp4"]), ("say", "slower", [])]
    assert out.endswith("One.\nTwo.\n")


def test_the_line_after_a_question_answers_it(talk):
    asked = RunReport(request="", question=Question(question="90 or 140?", default="90", options=["90", "140"]))
    out, heard = talk("both\n140\n", asked, RunReport(request="", answer="Done."))
    assert heard[1] == ("answer", "140", [])
    assert "90 or 140? (90 / 140) [90]" in out


def test_commands_are_no_turns(talk):
    lines = ['/attach "clip.mp4', "use it", "/nonsense", "/help", "/plan", "/files", "/quit", "never"]
    out, heard = talk("\n".join(lines) + "\n", RunReport(request="", answer="ok"))
    assert heard == [("say", "use it", ["clip.mp4"])]
    for text in ("There is no command /nonsense", "/undo", "Nothing yet."):
        assert text in out


def test_words_that_only_look_like_files_are_words(talk):
    assert named_files("don't rush, end on a bang. 3/4 time") == []


def test_a_thumb_needs_music_and_is_no_turn(talk):
    out, heard = talk("/up\n/down\n")
    assert heard == []
    assert out.count("There is no music to judge yet") == 2


@pytest.mark.parametrize(
    ("line", "thumb"),
    [
        ("👍", "up"),
        ("👍🏽", "up"),
        ("👍👍", "up"),
        ("Thumbs up!", "up"),
        ("thumbs-up", "up"),
        ("好听！", "up"),
        ("/up", "up"),
        ("👎", "down"),
        ("thumbs down", "down"),
        ("不好听。", "down"),
        ("/down", "down"),
        ("thumbs up, now slower", None),
        ("写一首好听的歌", None),
        ("slower", None),
        ("!", None),
    ],
)
def test_a_whole_turn_may_be_a_thumb(line, thumb):
    assert thumb_in(line) == thumb


def test_thumbs_in_words_and_pictures_are_kept_for_the_music_in_force(talk, monkeypatch):
    kept = []
    monkeypatch.setattr("agent.surfaces.chat.rate", lambda thumb, *_: kept.append(thumb) or [])
    _, heard = talk("👍\nthumbs down\n好听\n不好听\n/up\nfaster\n", RunReport(request="", answer="ok"))
    assert kept == ["up", "down", "up", "down", "up"]
    assert heard == [("say", "faster", [])]
