"""Parts of transposing instruments are written as their players read them and read as they sound."""

from __future__ import annotations

import re

import pytest

from tools.kit.score import Note, Score, Track
from tools.kit.score.musicxml import as_musicxml
from tools.kit.score.notation import read_score
from tools.kit.theory.pitch import Key

PLAYERS = [  # name, program, semitones and octaves from written to sounding pitch, fifths of a written C major
    ("Clarinet", 71, (-1, -2, 0), 2),
    ("Clarinet in A", 71, (-2, -3, 0), -3),
    ("Clarinet in Eb", 71, (2, 3, 0), 3),
    ("Klarinette in B", 71, (-1, -2, 0), 2),
    ("Horn in F", 60, (-4, -7, 0), 1),
    ("Corno in Es", 60, (-5, -9, 0), 3),
    ("Trumpet in D", 56, (1, 2, 0), -2),
    ("Alto Saxophone", 65, (-5, -9, 0), 3),
    ("Tenor Saxophone", 66, (-1, -2, -1), 2),
    ("Piccolo", 72, (0, 0, 1), 0),
    ("Contrabass", 43, (0, 0, -1), 0),
]


def read_back(score, tmp_path, **how):
    text = as_musicxml(score, **how).text
    path = tmp_path / "part.musicxml"
    path.write_text(text, encoding="utf-8")
    return text, read_score(path)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("name", "program", "stated", "fifths"), PLAYERS)
def test_a_part_is_written_for_its_player_and_sounds_the_same(name, program, stated, fifths, tmp_path):
    notes = [Note(i / 2, 0.5, pitch, 80) for i, pitch in enumerate(range(52, 76))]
    score = Score([Track(name, program, notes=notes)], keys=[(0.0, Key.parse("C major")), (4.0, Key.parse("Eb major"))])
    text, back = read_back(score, tmp_path)
    element = re.search(
        r"<transpose><diatonic>(-?\d+)</diatonic><chromatic>(-?\d+)</chromatic>(?:<octave-change>(-?\d+))?", text
    )
    assert element is not None
    assert tuple(int(x or 0) for x in element.groups()) == stated
    assert f"<fifths>{fifths}</fifths>" in text
    assert [(n.start, n.pitch) for n in back.tracks[0].notes] == [(n.start, n.pitch) for n in notes]
    assert back.keys == score.keys
    assert (back.tracks[0].name, back.tracks[0].program) == (name, program)


@pytest.mark.filterwarnings("ignore")
def test_a_trumpet_in_c_and_a_score_at_sounding_pitch_are_written_as_they_sound(tmp_path):
    tune = [Note(0.0, 1.0, 60, 80)]
    text, _ = read_back(Score([Track("Trumpet in C", 56, notes=tune)]), tmp_path)
    assert "<transpose>" not in text
    text, back = read_back(Score([Track("Clarinet", 71, notes=tune)]), tmp_path, sounding=True)
    assert "<transpose>" not in text
    assert back.tracks[0].notes[0].pitch == 60


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("key", ["B major", "F# major", "Db major", "G# minor"])
def test_far_keys_are_written_with_few_signs_and_sound_the_same(key, tmp_path):
    notes = [Note(i / 2, 0.5, pitch, 80) for i, pitch in enumerate(range(52, 76))]
    score = Score([Track("Alto Saxophone", 65, notes=notes)], keys=[(0.0, Key.parse(key))])
    text, back = read_back(score, tmp_path)
    assert all(abs(int(f)) <= 6 for f in re.findall(r"<fifths>(-?\d+)", text))
    assert [n.pitch for n in back.tracks[0].notes] == [n.pitch for n in notes]
    assert back.keys == score.keys


@pytest.mark.parametrize(("name", "program"), [("Bass", 52), ("Bass", 0), ("Tenor", 53), ("Alto", 52)])
def test_singers_are_written_as_they_sound(name, program):
    text = as_musicxml(Score([Track(name, program, notes=[Note(0.0, 4.0, 50, 80)])])).text
    assert "<transpose>" not in text
