"""The locality bench finds what an editor does wrong: notes outside, and nothing done inside."""

from __future__ import annotations

from bench._asked import ASKED, WHOLE, Edit
from bench.locality import EDITS, _outside
from tools.kit.region import select
from tools.kit.score import Note, Score, Track
from tools.kit.theory.pitch import Key


def line(shift: int = 0, bars: tuple[int, int] = (2, 3)) -> Score:
    notes = [Note(float(i), 1.0, 60 + i % 5, 80) for i in range(16)]
    for note in notes[4 * (bars[0] - 1) : 4 * bars[1]]:
        note.pitch += shift
    return Score([Track("Flute", 73, notes=notes)])


def edit(after: Score, **data: object) -> Edit:
    before = line()
    return Edit({}, before, after, select(before, 2, 3), dict(data))


def test_every_editor_has_its_check():
    assert EDITS.keys() == ASKED.keys() | WHOLE.keys()


def test_a_merged_score_without_a_note_of_either_is_found():
    first, second = line(), line(2)
    both = Score([t.copied() for t in (*first.tracks, *second.tracks)])
    assert WHOLE["merge_scores"]([first, second], both, {"how": "together"}) == ""
    both.tracks[1].notes.pop()
    assert "32 notes were given, 31" in WHOLE["merge_scores"]([first, second], both, {"how": "together"})


def test_a_converted_score_with_another_key_is_found():
    after = line()
    assert WHOLE["convert_score"]([line()], after, {"format": "json"}) == ""
    after.keys = [(0.0, Key.parse("D minor"))]
    assert "other maps" in WHOLE["convert_score"]([line()], after, {"format": "json"})


def test_a_right_transposition_passes_and_an_idle_one_does_not():
    assert ASKED["transpose"](edit(line(3), semitones=3)) == ""
    assert "8 of 8" in ASKED["transpose"](edit(line(0), semitones=30))


def test_notes_outside_are_found():
    assert _outside("transpose", edit(line(3), semitones=3)) == ""
    assert "4 notes outside" in _outside("transpose", edit(line(3, (2, 4)), semitones=3))


def test_another_tempo_is_found_beside_the_notes():
    after = line(3)
    after.tempi = [(0.0, 100.0)]
    assert "tempo" in _outside("transpose", edit(after, semitones=3))
