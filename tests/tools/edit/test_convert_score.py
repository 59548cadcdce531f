"""convert_score: every note there and back, readable by other programs, and what is lost is said."""

from __future__ import annotations

import json
import zipfile
from collections import Counter

import pytest

from tools.errors import UserError
from tools.kit.score import Note, Score, Track, read_midi, write_midi
from tools.kit.score.notation import read_score

ABC = "X:1\nT:A tune\nM:6/8\nL:1/8\nQ:3/8=100\nK:D\nD2F A2f|e2c A3|B2G E2G|F2D D3|\n"
KERN = "**kern\n*M4/4\n*k[b-]\n=1\n4f\n4a\n4cc\n4ff\n=2\n1f\n==\n*-\n"


def places(score):
    return Counter((round(n.start, 3), round(n.duration, 3), n.pitch) for t in score.tracks for n in t.notes)


def test_midi_to_musicxml_and_back_is_note_exact(call_tool, chorale):
    call = call_tool("convert_score", {"music": "a1"}, attach=[chorale])
    assert (call.data["format"], call.data["notes_kept"]) == ("musicxml", 163)
    back = call_tool("convert_score", {"music": call.artifacts[0].id, "format": "midi"})
    assert places(read_midi(back.file("midi"))) == places(read_midi(chorale))


def test_mxl_is_a_zip_that_music21_reads(call_tool, chorale):
    from music21 import converter

    path = call_tool("convert_score", {"music": "a1", "format": "mxl"}, attach=[chorale]).file("score")
    assert zipfile.is_zipfile(path)
    assert len(converter.parse(path).parts) == 4


@pytest.mark.parametrize(
    ("name", "text", "first"),
    [
        ("tune.abc", ABC, [62, 66, 69, 78]),
        ("tune.krn", KERN, [65, 69, 72, 77]),
    ],
)
def test_abc_and_kern_come_in(call_tool, tmp_path, name, text, first):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    score = read_midi(call_tool("convert_score", {"music": "a1"}, attach=[path]).file("midi"))
    assert [n.pitch for t in score.tracks for n in t.notes][:4] == first


def test_json_holds_all_of_the_model(call_tool, band):
    call = call_tool("convert_score", {"music": "a1", "format": "json"}, attach=[band])
    got, score = json.loads(call.file("score").read_text()), read_midi(band)
    assert [len(t["notes"]) for t in got["tracks"]] == [len(t.notes) for t in score.tracks]
    assert len(got["tracks"][0]["controls"]) == 60
    assert got["meters"] == [[0.0, "4/4"], [24.0, "3/4"], [42.0, "4/4"]]


def test_json_comes_back_as_it_was(call_tool, band, tmp_path):
    made = call_tool("convert_score", {"music": "a1", "format": "json"}, attach=[band]).file("score")
    kept = tmp_path / "kept.json"
    kept.write_bytes(made.read_bytes())
    assert read_score(kept) == read_midi(band)


def test_what_notation_cannot_hold_is_said(call_tool, band):
    said = " ".join(call_tool("convert_score", {"music": "a1"}, attach=[band]).result.notes)
    assert "musicxml has no place for 60 controller changes" in said
    assert "pitch bends" in said


def test_notes_between_note_values_are_counted(call_tool, tmp_path):
    path = tmp_path / "played.mid"
    write_midi(Score([Track("Piano", notes=[Note(0, 1, 60, 80), Note(1.06, 1, 62, 80), Note(2, 1, 64, 80)])]), path)
    call = call_tool("convert_score", {"music": "a1"}, attach=[path])
    assert call.data["notes_kept"] == 2
    assert any("1 notes lie between" in n for n in call.result.notes)


@pytest.mark.filterwarnings("ignore")
def test_kern_is_written_and_every_note_comes_back(call_tool, chorale):
    call = call_tool("convert_score", {"music": "a1", "format": "kern"}, attach=[chorale])
    assert (call.data["notes"], call.data["notes_kept"]) == (163, 163)
    assert "**kern\t**kern\t**kern\t**kern\n" in call.file("score").read_text(encoding="utf-8")


def test_abc_is_written_in_four_voices_note_exact(call_tool, chorale):
    call = call_tool("convert_score", {"music": "a1", "format": "abc"}, attach=[chorale])
    assert (call.data["notes"], call.data["notes_kept"]) == (163, 163)
    text = call.file("score").read_text(encoding="utf-8")
    assert text.startswith("%abc-2.1\nX:1\n")
    assert "%%score 1 2 3 4" in text


def test_a_format_that_is_not_written_says_what_to_use(call_tool, chorale):
    with pytest.raises(UserError, match="musicxml2ly"):
        call_tool("convert_score", {"music": "a1", "format": "lilypond"}, attach=[chorale])


def test_a_broken_score_is_said(call_tool, tmp_path):
    path = tmp_path / "bad.musicxml"
    path.write_text("<score-partwise><part", encoding="utf-8")
    with pytest.raises(UserError, match=r"bad\.musicxml cannot be read"):
        call_tool("convert_score", {"music": "a1"}, attach=[path])


def test_a_tied_note_under_another_of_its_pitch_comes_back_whole(call_tool, tmp_path):
    path = tmp_path / "over.mid"
    lead = [(3.75, 0.875, 74), (5.0, 0.625, 63), (5.5, 0.625, 68), (6.0, 0.875, 72), (7.5, 0.625, 68)]
    write_midi(Score([Track("Lead", notes=[Note(*n, 80) for n in lead])]), path)
    before = places(read_midi(path))
    call = call_tool("convert_score", {"music": "a1"}, attach=[path])
    back = call_tool("convert_score", {"music": call.artifacts[0].id, "format": "midi"})
    assert places(read_midi(back.file("midi"))) == before
    assert call.data["notes_kept"] == 5


def test_a_length_that_does_not_come_back_is_not_counted_as_kept(call_tool, tmp_path):
    path = tmp_path / "played.mid"
    write_midi(Score([Track("Piano", notes=[Note(0, 1.07, 60, 80), Note(2, 1, 64, 80)])]), path)
    call = call_tool("convert_score", {"music": "a1"}, attach=[path])
    assert call.data["notes_kept"] == 1
    assert any("1 notes come back from musicxml with another length" in n for n in call.result.notes)
