"""Words under notes: syllables of a word are joined, what is sung on several notes is slurred and has its line."""

from __future__ import annotations

import re

import pytest

from tools.kit.score import Note, Score, Track
from tools.kit.score.musicxml import as_musicxml
from tools.kit.score.notation import read_score


def song(*lyrics, gap_after=None):
    notes = [Note(float(i), 1.0 if i != gap_after else 0.5, 60 + i, 80) for i in range(8)]
    return Score([Track("Voice", 52, notes=notes, lyrics=list(lyrics))])


def lyrics_in(text):
    return re.findall(r"<lyric><syllabic>(\w+)</syllabic><text>([^<]*)</text>(<extend/>)?</lyric>", text)


def slurs_in(text):
    notes = re.findall(r"<note.*?</note>", text)
    return [(i, kind) for i, note in enumerate(notes) for kind in re.findall(r'<slur type="(\w+)"', note)]


def test_the_syllables_of_a_word_begin_it_stand_in_it_and_end_it():
    text = as_musicxml(song((0.0, "al-"), (1.0, "le-"), (2.0, "lu-"), (3.0, "ia"), (4.0, "now"))).text
    assert [(s, t) for s, t, _ in lyrics_in(text)][:5] == [
        ("begin", "al"),
        ("middle", "le"),
        ("middle", "lu"),
        ("end", "ia"),
        ("single", "now"),
    ]


def test_a_last_syllable_on_several_notes_has_a_line_and_a_slur_over_them():
    text = as_musicxml(song((0.0, "glo-"), (1.0, "ria"), (4.0, "a-"), (6.0, "men"), gap_after=7)).text
    assert [extend for _, _, extend in lyrics_in(text)] == ["", "<extend/>", "", "<extend/>"]
    assert slurs_in(text) == [(1, "start"), (3, "stop"), (4, "start"), (5, "stop"), (6, "start"), (7, "stop")]


def test_a_rest_ends_what_is_sung():
    text = as_musicxml(song((0.0, "oh"), (4.0, "my"), (5.0, "dear"), (6.0, "one"), (7.0, "now"), gap_after=1)).text
    assert slurs_in(text) == [(0, "start"), (1, "stop")]


def test_a_slur_that_is_there_already_is_not_drawn_twice():
    score = song((0.0, "oh"), (2.0, "my"), (3.0, "my"), (4.0, "my"), (5.0, "my"), (6.0, "my"), (7.0, "my"))
    score.tracks[0].notes[0].marks, score.tracks[0].notes[1].marks = ("slur-start",), ("slur-stop",)
    assert slurs_in(as_musicxml(score).text) == [(0, "start"), (1, "stop")]


@pytest.mark.filterwarnings("ignore")
def test_words_and_notes_come_back(tmp_path):
    score = song((0.0, "glo-"), (1.0, "ria"), (4.0, "a-"), (6.0, "men"))
    path = tmp_path / "song.musicxml"
    path.write_text(as_musicxml(score).text, encoding="utf-8")
    back = read_score(path)
    assert back.tracks[0].lyrics == score.tracks[0].lyrics
    assert [(n.start, n.duration, n.pitch) for n in back.tracks[0].notes] == [
        (n.start, n.duration, n.pitch) for n in score.tracks[0].notes
    ]
