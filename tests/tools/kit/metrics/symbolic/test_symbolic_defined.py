"""Metrics of one piece where they are hard to define: nothing, one note, damaged scores; and where they are perfect."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest

from tools.errors import UserError
from tools.kit.metrics.symbolic import declared, evaluate, names, read_piece
from tools.kit.metrics.symbolic.compression import encoding_length
from tools.kit.metrics.symbolic.form import similarity_error
from tools.kit.metrics.symbolic.harmony import irregularity
from tools.kit.metrics.symbolic.piece import Undefined
from tools.kit.metrics.symbolic.pitch import pitch_in_scale_rate
from tools.kit.metrics.symbolic.rhythm import drum_in_pattern_rate
from tools.kit.metrics.symbolic.tension import clouds_tension, key_centre, nearest_key, position
from tools.kit.score import Control, Note, Score, Track
from tools.kit.theory.meter import Meter
from tools.kit.theory.pitch import Key

ZERO_WHEN_EMPTY = {"n_notes", "n_pitches_used", "n_pitch_classes_used", "pitch_range"}


def piece_of(*rows: tuple[float, float, int], is_drum: bool = False, meter: Meter | None = None, resolution: int = 4):
    """A piece of notes (start, duration, pitch)."""
    notes = [Note(start, duration, pitch, 80) for start, duration, pitch in rows]
    score = Score([Track("one", is_drum=is_drum, notes=notes)], meters=[(0.0, meter or Meter())])
    return read_piece(score, resolution)


SCALE = [(i * 1.0, 1.0, p) for i, p in enumerate((60, 62, 64, 65, 67, 69, 71, 72))]
LOOP = [(bar * 4 + at, 0.5, 60 + at * 2) for bar in range(8) for at in range(4)]


@pytest.mark.parametrize("tracks", [[], [Track("silent")], [Track("silent", is_drum=True)]])
def test_an_empty_piece_has_no_value_but_counts(tracks: list[Track]) -> None:
    found = evaluate(read_piece(Score(tracks)))
    assert {n for n, v in found.values.items() if v is not None} == ZERO_WHEN_EMPTY
    assert all(found.values[name] == 0 for name in ZERO_WHEN_EMPTY)
    assert all(found.undefined[name] for name in set(names()) - ZERO_WHEN_EMPTY)


def test_a_piece_of_controllers_alone_is_empty_for_its_length() -> None:
    found = evaluate(read_piece(Score([Track("dumb", controls=[Control(8.0, 7, 90)])]))).values
    assert (found["empty_beat_rate"], found["empty_measure_rate"], found["polyphony"]) == (1.0, 1.0, None)


def test_one_note_has_every_value_that_one_note_can_have() -> None:
    found = evaluate(piece_of((0.0, 4.0, 61)))
    assert found.values["pitch_entropy"] == 0
    assert found.values["polyphony"] == 1
    assert found.values["note_length_hist"][0] == 1
    assert found.values["compression_ratio"] == 1
    assert found.undefined["avg_IOI"] == "there are fewer than two notes"
    assert found.undefined["grooving_similarity"] == "there are fewer than two bars"


def test_drums_have_rhythm_and_no_pitch() -> None:
    found = evaluate(piece_of(*LOOP, is_drum=True))
    assert found.values["grooving_similarity"] == 1
    assert found.values["drum_pattern_consistency"] == 1
    assert found.values["pitch_range"] == 0
    assert {"pitch_entropy", "polyphony", "structureness_short", "tonal_tension_strain"} <= set(found.undefined)


@pytest.mark.parametrize(
    ("note", "said"),
    [
        (Note(-1.0, 1.0, 60, 80), "before 0"),
        (Note(1.0, -0.5, 60, 80), "ends before"),
        (Note(math.nan, 1.0, 60, 80), "no time"),
        (Note(0.0, 1.0, 128, 80), "outside 0 to 127"),
    ],
)
def test_a_damaged_note_is_refused(note: Note, said: str) -> None:
    with pytest.raises(UserError, match=said):
        read_piece(Score([Track("broken", notes=[note])]))


@pytest.mark.parametrize("resolution", [0, -4, 10_081])
def test_a_grid_without_steps_is_refused(resolution: int) -> None:
    with pytest.raises(UserError, match="resolution"):
        read_piece(Score([Track("one", notes=[Note(0, 1, 60, 80)])]), resolution)


def test_a_score_without_meter_is_refused() -> None:
    with pytest.raises(UserError, match="no meter"):
        read_piece(Score([Track("one")], meters=[]))


def test_an_unknown_name_is_refused_and_the_known_are_named() -> None:
    with pytest.raises(UserError, match=r"no metric swing.*polyphony"):
        evaluate(piece_of(*SCALE), ["polyphony", "swing"])


def test_a_bar_that_falls_between_grid_steps_has_no_bar_metrics_of_muspy() -> None:
    found = evaluate(piece_of(*SCALE, meter=Meter(3, 8), resolution=1))
    assert found.undefined["groove_consistency"] == "a bar of 3/8 is no whole number of grid steps"
    assert found.values["grooving_similarity"] is not None


def test_a_scale_is_perfectly_consistent() -> None:
    found = evaluate(piece_of(*SCALE)).values
    assert found["scale_consistency"] == 1
    assert found["n_pitch_classes_used"] == 7
    assert found["pitch_entropy"] == pytest.approx(3)
    assert found["polyphony"] == 1
    assert found["empty_beat_rate"] == 0


def test_a_loop_is_perfectly_regular() -> None:
    found = evaluate(piece_of(*LOOP)).values
    assert found["grooving_similarity"] == 1
    assert found["bar_similarity"] == [1.0] * 7
    assert found["bar_used_note"] == [4.0] * 8
    assert found["compression_ratio"] == pytest.approx(32 / 11)  # a bar of 4 at 8 places takes 11 numbers, not 32


def test_structure_is_what_returns() -> None:
    rng = np.random.default_rng(0)
    phrase = rng.integers(48, 84, 16)
    again = [(i * 0.5, 0.5, int(p)) for i, p in enumerate(np.tile(phrase, 6))]
    never = [(i * 0.5, 0.5, int(p)) for i, p in enumerate(rng.integers(48, 84, 96))]
    wanted = ["structureness_short", "structureness_mid", "compression_ratio"]
    repeated, wandering = (evaluate(piece_of(*rows), wanted).values for rows in (again, never))
    assert all(repeated[name] > wandering[name] for name in wanted)
    assert repeated["structureness_short"] > 0.5


def test_the_stated_key_or_a_given_scale_is_measured() -> None:
    piece = piece_of(*SCALE)
    with pytest.raises(Undefined, match="states no key"):
        pitch_in_scale_rate(piece)
    assert pitch_in_scale_rate(piece, 0, "major") == 1
    assert pitch_in_scale_rate(piece, 2, "major") == pytest.approx(5 / 8)
    piece.score.keys.append((0.0, Key(9, "minor")))
    assert pitch_in_scale_rate(piece) == 1


def test_triplet_drums_fit_the_triple_grid() -> None:
    piece = piece_of(*[(i / 3, 0.1, 42) for i in range(12)], is_drum=True, resolution=12)
    assert drum_in_pattern_rate(piece, "triple") == 1
    assert drum_in_pattern_rate(piece, "duple") == pytest.approx(1 / 3)


def test_similarity_to_itself_is_without_error() -> None:
    piece = piece_of(*LOOP)
    assert similarity_error(piece, [1.0] * 7) == 0
    assert similarity_error(piece, [0.25, None, 1.0]) == pytest.approx(0.375)
    with pytest.raises(Undefined, match="no distance"):
        similarity_error(piece, [None])


def test_three_chords_or_fewer_are_irregular() -> None:
    assert irregularity(["C", "F", "G"]) == 1
    assert irregularity(["C", "F", "G", "C"] * 8) < 0.2


def test_points_without_a_pattern_are_named_one_by_one() -> None:
    assert encoding_length(np.array([[0, 60], [1, 64], [3, 61]])) == 3


def test_the_home_triad_is_the_least_tense() -> None:
    assert nearest_key(np.eye(12)[[0, 4, 7]].sum(axis=0))[0] == 0
    triad, cluster = np.zeros(12), np.zeros(12)
    triad[[0, 4, 7]], cluster[[0, 1, 2]] = 1, 1
    found = clouds_tension(np.stack([triad] * 6 + [cluster]))
    assert found.diameter[-1] > found.diameter[0]
    assert found.strain[-1] > found.strain[0]
    assert found.momentum[0] == 0 < found.momentum[-1]


def test_neighbours_on_the_line_of_fifths_are_near() -> None:
    def apart(a: int, b: int) -> float:
        return float(np.linalg.norm(position(np.array([a])) - position(np.array([b]))))

    assert apart(0, 4) < apart(0, 2) < apart(0, 6)  # a major third is nearer than a whole tone, a tritone is far
    assert np.linalg.norm(key_centre(1, minor=False) - key_centre(0, minor=False)) > 0


def test_every_metric_says_what_it_is() -> None:
    for name, found in declared().items():
        assert found.formula, name
        assert found.source, name
        assert found.meaning.endswith("."), name
        sentences = re.split(r"(?<=[.!?])\s+", found.meaning)
        assert len([s for s in sentences if len(s.split()) >= 4]) >= 2, f"{name}: {found.meaning}"
        if found.low is not None and found.high is not None:
            assert found.low < found.high, name
