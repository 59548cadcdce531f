"""ABC notation: what the writer says, music21 and the reader understand, note for note."""

from __future__ import annotations

from collections import Counter

import pytest

from tools.kit.score import DRUM_CHANNEL, Control, Note, Score, Track
from tools.kit.score.abc import as_abc
from tools.kit.score.notation import read_score
from tools.kit.theory.meter import Meter
from tools.kit.theory.pitch import Key


def there_and_back(score, folder):
    path = folder / "tune.abc"
    path.write_text(as_abc(score).text, encoding="utf-8")
    return read_score(path)


def read(text, folder):
    path = folder / "tune.abc"
    path.write_text(text, encoding="utf-8")
    return read_score(path)


def notes(score):
    return Counter((round(n.start, 4), round(n.duration, 4), n.pitch) for t in score.tracks for n in t.notes)


def line(pitches, length=1.0, start=0.0):
    return [Note(start + i * length, length, p, 80) for i, p in enumerate(pitches)]


def test_music21_reads_the_same_notes(tmp_path):
    from music21 import converter

    score = Score(
        [Track("Flute", 73, notes=line([62, 66, 69, 74, 73, 69, 66, 62])), Track("Bass", 32, notes=line([38], 8))]
    )
    score.keys = [(0.0, Key.parse("D major"))]
    stream = converter.parse(as_abc(score).text, format="abc")
    stream = stream.scores[0] if "Opus" in stream.classes else stream
    found = [[n.pitch.midi for n in p.flatten().notes] for p in stream.parts]
    assert found == [[62, 66, 69, 74, 73, 69, 66, 62], [38, 38]]


@pytest.mark.parametrize("length", [1 / 3, 2 / 3, 1 / 6, 1 / 5, 0.75, 0.375, 1.75, 5.5])
def test_tuplets_dots_and_ties_come_back(tmp_path, length):
    score = Score([Track("Piano", notes=line([60, 62, 64, 65, 67, 69, 71], length))])
    assert notes(there_and_back(score, tmp_path)) == notes(score)


def test_triplets_stand_under_one_sign():
    assert "(3:2:3C" in as_abc(Score([Track("", notes=line([60, 62, 64], 1 / 3))])).text


def test_a_chord_of_which_one_note_is_held_keeps_its_lengths(tmp_path):
    held = [Note(0, 6, 60, 80), Note(0, 4, 64, 80), Note(4, 2, 65, 80)]
    score = Score([Track("Organ", 19, notes=held)])
    assert notes(there_and_back(score, tmp_path)) == notes(score)


def test_accidentals_hold_for_their_bar_only(tmp_path):
    score = Score([Track("Oboe", 68, notes=line([66, 65, 66, 66, 65, 77, 78, 65]))], keys=[(0.0, Key.parse("G major"))])
    assert notes(there_and_back(score, tmp_path)) == notes(score)


def test_meters_keys_and_tempi_change_at_bar_lines(tmp_path):
    score = Score([Track("Viola", 41, notes=line(range(60, 71)))])
    score.meters = [(0.0, Meter(4, 4)), (4.0, Meter(3, 4)), (7.0, Meter(4, 4))]
    score.keys = [(0.0, Key.parse("F major")), (4.0, Key.parse("E dorian"))]
    score.tempi = [(0.0, 96.0), (7.0, 132.5)]
    back = there_and_back(score, tmp_path)
    assert (back.meters, back.keys, back.tempi) == (score.meters, score.keys, score.tempi)


def test_a_pickup_stays_a_pickup(tmp_path):
    score = Score(
        [Track("Fiddle", 40, notes=line([67, 72, 74, 76, 77, 79]))], meters=[(0.0, Meter(1, 4)), (1.0, Meter(4, 4))]
    )
    back = there_and_back(score, tmp_path)
    assert back.meters == score.meters
    assert "M:4/4\nL:1/8" in as_abc(score).text


def test_words_names_players_and_voices_come_back(tmp_path):
    upper, lower = line([72, 71, 72, 74]), line([60, 59], 2.0)
    for number, voice in enumerate((upper, lower), start=1):
        for note in voice:
            note.voice = number
    choir = Track("Choir", 52, notes=upper + lower, lyrics=[(0.0, "A-"), (2.0, "men"), (3.0, "so")])
    score = Score([choir, Track("Kit", 0, is_drum=True, notes=line([36, 38], 2.0), channel=DRUM_CHANNEL)])
    back = there_and_back(score, tmp_path)
    assert [(t.name, t.program, t.is_drum, len(t.notes)) for t in back.tracks] == [
        ("Choir", 52, False, 6),
        ("Kit", 0, True, 2),
    ]
    assert back.tracks[0].lyrics == choir.lyrics


def test_marks_and_dynamics_are_written():
    track = Track("Horn", 60, notes=[Note(0, 1, 60, 80, marks=("staccato",)), Note(1, 3, 62, 80, marks=("fermata",))])
    track.dynamics = [(0.0, "mf"), (0.0, "crescendo"), (1.0, "stop")]
    assert "!mf!!crescendo(!.C2 !fermata!D6!crescendo)!" in as_abc(Score([track])).text


def test_what_abc_cannot_hold_is_named():
    track = Track("Organ", 19, notes=[Note(0, 1, 60, 60), Note(1.06, 1, 62, 90)], controls=[Control(0, 7, 100)])
    written = as_abc(Score([track], tempi=[(0.0, 120.0), (1.5, 90.0)]))
    said = " ".join(written.lost)
    assert "1 controller changes" in said
    assert "1 tempo changes inside bars" in said
    assert "2 notes' velocities" in said
    assert written.moved == 1


def test_voices_that_take_turns_sound_together(tmp_path):
    text = "X:1\nM:4/4\nL:1/4\nK:C\nV:T1\ncdef|\nV:B1\nC4|\nV:T1\ngfed|]\nV:B1\nG,4|]\n"
    assert [[n.start for n in t.notes] for t in read(text, tmp_path).tracks] == [
        [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0],
        [0.0, 4.0],
    ]


def test_inline_fields_are_no_chords(tmp_path):
    score = read("X:1\nM:4/4\nL:1/4\nK:C\nCDEF|[M:3/4]GAB|[K:G]FGA|CDE|]\n", tmp_path)
    assert [n.pitch for n in score.tracks[0].notes] == [60, 62, 64, 65, 67, 69, 71, 66, 67, 69, 60, 62, 64]
    assert score.meters == [(0.0, Meter(4, 4)), (4.0, Meter(3, 4))]


def test_further_verses_are_told(tmp_path):
    score = read("X:1\nM:4/4\nL:1/4\nK:C\nCDEF|GABc|]\nw: one two three four five\nw: uno due\n", tmp_path)
    assert [w for _, w in score.tracks[0].lyrics] == ["one", "two", "three", "four", "five"]
    assert any("further verses" in fault for fault in score.faults)
