"""Words of songs, written by the embedded writer or a model, and measured."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from tests.fake_openai import openai_server, status, text  # noqa: F401 - a fixture
from tools import get_tool
from tools.compose.lyrics.verse import check_lines
from tools.compose.lyrics.wish import read_wish
from tools.compose.lyrics.words import dictionary
from tools.compose.lyrics.writer import vocabulary
from tools.contract import ToolSettings
from tools.errors import UserError

GOOD = (
    "The silver river bends away\nThe morning light is on the sea\n"
    "I wait until the break of day\nThe wind will bring you home to me"
)
LONG = "The river goes and goes and goes and goes\nThe sea\nThe moon\nThe bird"


@dataclass
class _Alone:
    work_dir: Path
    settings: ToolSettings
    seed: int = 0

    def artifact(self, ref):
        raise AssertionError(ref)

    def progress(self, share, message):
        assert 0 <= share <= 1


def _asked(tmp_path, server, **settings):
    known = ToolSettings(model="fake", base_url=server.url, api_key="key", llm_timeout_s=5, **settings)
    return get_tool("write_lyrics")({"query": "about the sea, ABAB"}, _Alone(tmp_path, known))


def test_the_vectors_shipped_are_those_of_the_vocabulary():
    table = np.load(Path("tools/compose/lyrics/data/vocabulary.npz"))
    assert tuple(table["words"].tolist()) == vocabulary()
    unknown = [w for w in vocabulary() if w not in dictionary() and "-" not in w]
    assert len(unknown) <= 4


@pytest.mark.parametrize(
    ("scheme", "foot", "syllables"), [("ABAB", "iambic", 8), ("AABB", "trochaic", 7), ("ABCB", "iambic", 6)]
)
def test_length_meter_and_rhyme_are_kept_and_measured_on_the_text(call_tool, scheme, foot, syllables):
    args = {"query": "about winter", "rhyme_scheme": scheme, "foot": foot, "syllables": syllables}
    made = call_tool("write_lyrics", args)
    lines = made.file("lyrics").read_text(encoding="utf-8").split("\n")[:4]
    checks = check_lines(lines, "en", scheme, syllables, foot)
    assert all(c.keeps_length and c.keeps_meter for c in checks)
    assert made.data["rhymes_kept"] == np.mean([c.rhymes for c in checks if c.rhymes is not None])
    assert made.data["rhymes_kept"] >= 0.5


def test_the_topic_is_named_in_the_words(call_tool):
    made = call_tool("write_lyrics", {"query": "me a chorus about the ocean"})
    assert made.data["topic"] == "ocean"
    assert "ocean" in made.data["text"].lower()
    assert made.data["stanzas"] == ["chorus"]
    assert made.result.backend == "embedded"
    assert any("embedded writer" in note for note in made.result.notes)


def test_a_chorus_that_comes_again_is_the_same(call_tool):
    made = call_tool("write_lyrics", {"query": "about home", "sections": ["verse", "chorus", "verse", "chorus"]})
    first, chorus, second, again = made.data["text"].split("\n\n")
    assert chorus == again
    assert first != second


def test_chinese_lines_have_seven_characters_and_rhyme(call_tool):
    made = call_tool("write_lyrics", {"query": "写一首关于大海的歌词"}, seed=2)
    assert made.data["language"] == "zh"
    assert {len(line) for line in made.data["text"].split("\n")} == {7}
    assert made.data["rhymes_kept"] == 1


def test_seeds_matter_and_repeat(call_tool):
    texts = [call_tool("write_lyrics", {"query": "about rain"}, seed=s).data["text"] for s in (1, 1, 2)]
    assert texts[0] == texts[1] != texts[2]


def test_a_language_without_a_writer_is_refused(call_tool):
    with pytest.raises(UserError, match="only English and Chinese"):
        call_tool("write_lyrics", {"query": "about love", "language": "fr"})


def test_a_model_is_told_what_its_lines_lack_and_asked_again(tmp_path, openai_server):  # noqa: F811 - the fixture
    openai_server.plays(text(LONG), text(GOOD))
    result = _asked(tmp_path, openai_server)
    assert result.backend == "model fake"
    assert result.data.text == GOOD
    assert result.data.rhymes_kept == 1
    assert "syllables, not 8" in openai_server.requests[1]["messages"][-1]["content"]


def test_what_a_model_never_mends_is_reported(tmp_path, openai_server):  # noqa: F811 - the fixture
    openai_server.plays(text(LONG), text(LONG), text(LONG))
    result = _asked(tmp_path, openai_server)
    assert result.data.syllables_kept == 0
    assert len(openai_server.requests) == 3


def test_a_model_that_does_not_answer_is_replaced_and_said(tmp_path, openai_server):  # noqa: F811 - the fixture
    openai_server.plays(*(status(400) for _ in range(6)))
    result = _asked(tmp_path, openai_server)
    assert result.backend == "embedded"
    assert any("gave no answer" in note for note in result.notes)


@pytest.mark.parametrize(
    ("query", "topic", "stanzas", "scheme", "syllables", "lines"),
    [
        ("me a chorus about the sea, ABAB", "sea", ("chorus",), "ABAB", None, None),
        ("two verses and a chorus about leaving home", "leaving home", ("verse", "verse", "chorus"), "", None, None),
        ("four lines about rain, AABB, 7 syllables", "rain", (), "AABB", 7, 4),
        ("a poem about winter in iambic pentameter", "winter", (), "", 10, None),
        ("lyrics for a breakup song", "breakup", (), "", None, None),
        ("写一首关于秋天的歌词", "秋天", (), "", None, None),
    ],
)
def test_a_request_is_read(query, topic, stanzas, scheme, syllables, lines):
    said = read_wish(query)
    assert (said.topic, said.stanzas, said.scheme, said.syllables, said.lines) == (
        topic,
        stanzas,
        scheme,
        syllables,
        lines,
    )
