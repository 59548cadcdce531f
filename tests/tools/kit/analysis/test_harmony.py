"""Chords: inversions, sevenths, passing tones, arpeggios; and matching against chords asked for."""

import numpy as np
import pytest

from tools.kit.analysis.chord_match import chord_matches, share_matching
from tools.kit.analysis.harmony import chord_sequence, chords_in, chords_in_seconds
from tools.kit.analysis.notes import bar_edges, notes_of
from tools.kit.score import Note, Score, Track
from tools.kit.theory.chord import Chord
from tools.kit.theory.meter import Meter


def block(chord: str, start: float = 0.0, length: float = 4.0, inversion: int = 0) -> list[Note]:
    """The chord in close position round middle C, its inversion's tone at the bottom."""
    classes = list(Chord.parse(chord).pitch_classes())
    classes = classes[inversion:] + classes[:inversion]
    pitch, notes = 47, []
    for pc in classes:
        pitch += (pc - pitch) % 12 or 12
        notes.append(Note(start, length, pitch, 80))
    return notes


def piece(*bars: list[Note], meter: str = "4/4") -> Score:
    return Score(tracks=[Track("p", notes=[n for bar in bars for n in bar])], meters=[(0.0, Meter.parse(meter))])


def heard(score: Score) -> list[str]:
    return [str(c) if c else "N.C." for c in chords_in(notes_of(score), bar_edges(score))]


@pytest.mark.parametrize("symbol", ["C", "F#m", "Bdim", "Ebaug", "A7", "Dm7", "Fmaj7", "G#m7b5", "Bbdim7", "Esus4"])
def test_block_chords_are_recognised(symbol: str) -> None:
    got = chords_in(notes_of(piece(block(symbol))), np.array([0.0, 4.0]))[0]
    assert got is not None
    assert set(got.pitch_classes()) == set(Chord.parse(symbol).pitch_classes())


@pytest.mark.parametrize("symbol", ["C", "Am", "G7", "Dm7"])
@pytest.mark.parametrize("inversion", [1, 2])
def test_inversions_keep_their_root(symbol: str, inversion: int) -> None:
    matches = chord_matches(
        notes_of(piece(block(symbol, inversion=inversion))), np.array([0.0, 4.0]), [Chord.parse(symbol)]
    )
    assert matches == [True]


@pytest.mark.parametrize("symbol", ["C", "Em", "Bb", "F#m"])
def test_a_melody_with_passing_tones_does_not_change_the_chord(symbol: str) -> None:
    root = Chord.parse(symbol).root
    line = [
        Note(i * 0.5, 0.5, 72 + root + step, 85)
        for i, step in enumerate((0, 2, 4 if "m" not in symbol else 3, 5, 7, 9, 11, 12))
    ]
    assert heard(piece(block(symbol) + line)) == [symbol]


def test_an_arpeggio_is_one_chord() -> None:
    tones = [n.pitch for n in block("Am")]
    bar = [Note(i * 0.5, 0.5, tones[i % 3], 80) for i in range(8)]
    assert heard(piece(bar)) == ["Am"]


def test_chords_change_within_a_bar_and_across_barlines() -> None:
    score = piece(block("Am", 0, 2) + block("F", 2, 2), block("C", 4), block("G7", 8))
    spans = [(r.start_q, str(r.chord)) for r in chord_sequence(score)]
    assert spans == [(0.0, "Am"), (2.0, "F"), (4.0, "C"), (8.0, "G7")]


def test_times_follow_the_tempo_map() -> None:
    score = piece(block("Am"), block("G", 4))
    score.tempi = [(0.0, 60.0), (4.0, 120.0)]
    assert chords_in_seconds(score, chord_sequence(score)) == [(0.0, 4.0, "Am"), (4.0, 6.0, "G")]


def test_silence_and_drums_are_no_chord() -> None:
    drums = Score(tracks=[Track("d", 0, True, [Note(0, 0.5, 36, 90)])])
    assert chord_sequence(drums) == []
    assert chord_sequence(Score()) == []
    assert heard(piece(block("C"), [], block("C", 8))) == ["C", "N.C.", "C"]


def test_a_seventh_that_was_asked_for_must_sound() -> None:
    edges, asked = np.array([0.0, 4.0]), [Chord.parse("B7")]
    assert chord_matches(notes_of(piece(block("B7"))), edges, asked) == [True]
    assert chord_matches(notes_of(piece(block("B"))), edges, asked) == [False]


@pytest.mark.parametrize(("asked", "played"), [("C", "Cm"), ("C", "Am"), ("Dm", "D"), ("G7", "Em"), ("F", "F#")])
def test_another_chord_does_not_match(asked: str, played: str) -> None:
    assert share_matching(notes_of(piece(block(played))), np.array([0.0, 4.0]), [Chord.parse(asked)]) == 0.0


def test_no_chord_is_matched_by_silence_only() -> None:
    edges = np.array([0.0, 4.0])
    quiet = Score(tracks=[Track("d", 0, True, [Note(0, 0.5, 36, 90)])])
    assert chord_matches(notes_of(quiet), edges, [None]) == [True]
    assert chord_matches(notes_of(piece(block("C"))), edges, [None]) == [False]
    assert chord_matches(notes_of(quiet), edges, [Chord.parse("C")]) == [False]
