"""Bars, meters, sections and affect of small scores whose truth is known."""

import random

import numpy as np
import pytest

from tools.kit.analysis import meters, structure
from tools.kit.analysis.affect import affect, note_cues
from tools.kit.analysis.notes import bar_edges, beat_edges, notes_of, seconds_at, sounding_in
from tools.kit.analysis.portrait import main_tempo, of_score
from tools.kit.score import Note, Score, Track
from tools.kit.theory.meter import Meter


def texture(start: float, bars: int, *, register: int, step: float, seed: int, velocity: int = 80) -> list[Note]:
    rng = random.Random(seed)
    count = int(bars * 4 / step)
    return [Note(start + i * step, step, register + rng.choice((0, 2, 4, 7, 9)), velocity) for i in range(count)]


def pattern(meter: str, bars: int = 12) -> Score:
    """A bass on each barline and chords on the beats after it."""
    shape = Meter.parse(meter)
    notes = []
    for bar in range(bars):
        at = bar * shape.bar_quarters
        notes.append(Note(at, 1, 40, 100))
        notes += [Note(at + beat, 0.5, pitch, 60) for beat in shape.accents()[1:] for pitch in (60, 64)]
    return Score(tracks=[Track("p", notes=notes)], meters=[(0.0, shape)])


def test_seconds_follow_the_tempo_map_as_the_score_says() -> None:
    score = Score(tempi=[(0.0, 60.0), (4.0, 120.0), (10.0, 90.0)])
    places = np.array([0.0, 1.5, 4.0, 7.25, 10.0, 20.0])
    assert seconds_at(score, places) == pytest.approx([score.seconds(q) for q in places])


def test_bars_and_beats_follow_changes_of_meter() -> None:
    score = Score(
        tracks=[Track("p", notes=[Note(0, 13.5, 60, 80)])],
        meters=[(0.0, Meter(4, 4)), (4.0, Meter(6, 8)), (10.0, Meter(7, 8))],
    )
    assert bar_edges(score).tolist() == [0, 4, 7, 10, 13.5]
    assert beat_edges(score).tolist() == [0, 1, 2, 3, 4, 5.5, 7, 8.5, 10, 11, 12, 13.5]
    assert bar_edges(Score()).tolist() == [0.0]


def test_each_segment_holds_the_notes_that_sound_in_it() -> None:
    notes = notes_of(Score(tracks=[Track("p", notes=[Note(1, 4, 60, 80), Note(4, 1, 64, 80)])]))
    found = [(here.pitch.tolist(), q.tolist()) for here, q in sounding_in(notes, np.array([0.0, 2.0, 4.0, 8.0, 9.0]))]
    assert found == [([60], [1.0]), ([60], [2.0]), ([60, 64], [1.0, 1.0]), ([], [])]


def test_a_long_score_is_described_in_bounded_memory() -> None:
    import tracemalloc

    notes = [Note(i * 0.25, 0.25, 48 + i % 24, 80) for i in range(6_000)]
    score = Score(tracks=[Track("p", notes=notes)])
    tracemalloc.start()
    facts = of_score(score)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert facts["n_notes"] == 6_000
    assert peak < 100e6


def test_the_main_tempo_counts_the_beats_of_the_meter_and_passes_over_a_ritardando() -> None:
    score = pattern("6/8")
    score.tempi = [(0.0, 90.0)]
    assert main_tempo(score) == pytest.approx(60.0)
    score.tempi = [(0.0, 90.0), (30.0, 70.0), (33.0, 50.0)]
    assert main_tempo(score) == pytest.approx(60.0)


@pytest.mark.parametrize("meter", ["3/4", "4/4", "5/4", "7/8", "6/8", "2/4", "12/8"])
def test_accents_keep_to_the_bars_of_the_meter(meter: str) -> None:
    curve = meters.accent_curve(notes_of(pattern(meter)))
    fit, rival, _ = meters.rival(curve, Meter.parse(meter))
    assert fit > 0.9
    assert fit >= rival


def test_accents_in_three_contradict_a_map_in_four() -> None:
    fit, rival, length = meters.rival(meters.accent_curve(notes_of(pattern("3/4"))), Meter(4, 4))
    assert length == 6
    assert fit < 0.3 < rival


def test_accents_of_nothing_tell_nothing() -> None:
    assert meters.rival(meters.accent_curve(notes_of(Score())), Meter(4, 4))[:2] == (0.0, 0.0)


def test_contrasting_sections_are_bounded_and_a_return_keeps_its_letter() -> None:
    notes = [
        *texture(0, 8, register=60, step=1, seed=1),
        *texture(32, 8, register=79, step=0.5, seed=2, velocity=50),
        *texture(64, 8, register=60, step=1, seed=1),
    ]
    score = Score(tracks=[Track("p", notes=notes)])
    found = structure.score_sections(score, notes_of(score))
    assert [(s.start, s.end) for s in found] == [(0, 8), (8, 16), (16, 24)]
    assert found[0].label == "A" == found[2].label.rstrip("'")
    assert found[1].label == "B"


def test_markers_name_the_sections() -> None:
    score = Score(
        tracks=[Track("p", notes=texture(0, 12, register=60, step=1, seed=1))], markers=[(0, "intro"), (16, "verse")]
    )
    assert [(s.start, s.end, s.label) for s in structure.score_sections(score, notes_of(score))] == [
        (0, 4, "intro"),
        (4, 12, "verse"),
    ]


def test_a_uniform_piece_is_one_section_and_an_empty_one_has_none() -> None:
    same = Score(tracks=[Track("p", notes=[Note(q, 1, 60, 80) for q in range(48)])])
    assert len(structure.score_sections(same, notes_of(same))) == 1
    assert structure.score_sections(Score(), notes_of(Score())) == []


def _scale_piece(minor: bool, bpm: float, velocity: int, staccato: bool) -> tuple[float, float]:
    third = 3 if minor else 4
    steps = (0, 2, third, 5, 7, 8 if minor else 9, third, 0)
    notes = [Note(q * 0.5, 0.15 if staccato else 0.5, 60 + steps[q % 8], velocity) for q in range(64)]
    return affect(note_cues(notes_of(Score(tracks=[Track("p", notes=notes)], tempi=[(0, bpm)])), bpm))


def test_affect_moves_with_its_cues() -> None:
    happy, sad = _scale_piece(False, 150, 100, True), _scale_piece(True, 60, 45, False)
    angry, calm = _scale_piece(True, 160, 120, True), _scale_piece(False, 60, 45, False)
    assert happy[0] > 0.4
    assert sad[0] < -0.4
    assert angry[1] > 0.4
    assert calm[1] < -0.3
    assert angry[0] < happy[0]
    assert calm[0] > sad[0]


def test_nothing_expresses_nothing() -> None:
    assert affect(note_cues(notes_of(Score()), 120.0)) == (0.0, 0.0)
