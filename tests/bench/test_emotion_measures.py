"""The measures of bench emotion tell what they are meant to, and the soundness bench sees a fault that is there."""

from __future__ import annotations

from pathlib import Path

import mido
import pytest

from bench._emotion_measures import TIED, measure
from bench._fidelity_piece import Piece
from bench.gallery import drawn
from bench.soundness import FAULTS, note_faults
from tools.kit.score import Note, Score, Track, write_midi

MAJOR, MINOR = (60, 64, 67), (60, 63, 67)


def _piece(
    tmp_path: Path, chord: tuple[int, ...] = MAJOR, *, bpm: float = 100.0, share: float = 0.9, step: float = 1.0
) -> Piece:
    """Eight bars of a chord and its scale's fifth, struck every ``step`` quarters for a share of the way."""
    chords = [chord, chord, tuple(p + 7 for p in MAJOR), chord]
    notes = [
        Note(at * step, step * share, pitch, 80)
        for at in range(round(32 / step))
        for pitch in chords[int(at * step) // 4 % 4]
    ]
    path = tmp_path / "piece.mid"
    write_midi(Score([Track("piano", 0, notes=notes)], tempi=[(0.0, bpm)]), path)
    return Piece(path)


@pytest.mark.parametrize(
    ("attribute", "low", "high"),
    [
        ("mode", {"chord": MINOR}, {"chord": MAJOR}),
        ("dissonance", {"chord": (60, 61, 66)}, {"chord": MAJOR}),
        ("tempo", {"bpm": 70.0}, {"bpm": 140.0}),
        ("density", {"step": 2.0}, {"step": 0.5}),
        ("register", {"chord": (48, 52, 55)}, {"chord": (72, 76, 79)}),
        ("articulation", {"share": 1.0}, {"share": 0.4}),
    ],
)
def test_each_measure_rises_with_what_it_names(tmp_path, attribute, low, high):
    values = [measure(_piece(tmp_path, **how), -20.0)[attribute] for how in (low, high)]
    assert values[0] < values[1]


def test_every_tied_attribute_is_measured_and_loudness_is_the_one_given(tmp_path):
    found = measure(_piece(tmp_path), -23.5)
    assert set(found) == set(TIED)
    assert found["loudness"] == -23.5


def _file(tmp_path: Path, *messages: mido.Message) -> Path:
    file = mido.MidiFile(ticks_per_beat=480)
    head = mido.MidiTrack([mido.MetaMessage("time_signature", numerator=4, denominator=4, time=0)])
    file.tracks += [head, mido.MidiTrack([mido.Message("program_change", program=73), *messages])]
    path = tmp_path / "faulty.mid"
    file.save(path)
    return path


@pytest.mark.parametrize(
    ("fault", "note", "length", "released"),
    [(0, 72, 480, False), (1, 72, 0, True), (2, 20, 480, True), (3, 72, 480 * 9, True)],
)
def test_a_planted_fault_is_seen_and_no_other(tmp_path, fault, note, length, released):
    off = [mido.Message("note_off", note=note, time=length)] if released else []
    path = _file(tmp_path, mido.Message("note_on", note=note, velocity=80), *off)
    assert note_faults(path, 2) == {FAULTS[fault]}


def test_a_faultless_file_has_no_fault(tmp_path):
    path = _file(tmp_path, mido.Message("note_on", note=72, velocity=80), mido.Message("note_off", note=72, time=480))
    assert note_faults(path, 1) == set()


def test_the_gallery_draws_by_seed_and_never_a_follow_up():
    assert drawn(10, 0) == drawn(10, 0) != drawn(10, 1)
    assert not any(say.startswith(("love it but", "can it be in 3/4 instead")) for say in drawn(60, 0))
