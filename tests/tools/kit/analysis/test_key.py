"""Keys of real chorales, of modes and of recordings."""

from pathlib import Path

import numpy as np
import pytest

from tools.kit.analysis import spectrum
from tools.kit.analysis.key import (
    AARDEN,
    CHURCH_MODES,
    mode_profile,
    plain_mode,
    rank_chroma_keys,
    rank_keys,
    rank_note_keys,
)
from tools.kit.analysis.notes import notes_of
from tools.kit.score import Note, Score, Track, read_midi
from tools.kit.theory.pitch import Key

CHORALES = {
    "bwv66.6": "F# minor",
    "bwv269": "G major",
    "bwv347": "A major",
    "bwv253": "A major",
    "bwv267": "G major",
    "bwv281": "F major",
    "bwv311": "B minor",
    "bwv318": "G major",
    "bwv302": "D major",
    "bwv351": "G minor",
}


@pytest.fixture(scope="module")
def chorales(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Score]:
    from music21 import corpus

    folder = tmp_path_factory.mktemp("chorales")
    scores = {}
    for name in CHORALES:
        path = Path(corpus.parse(f"bach/{name}").write("midi", fp=folder / f"{name}.mid"))
        scores[name] = read_midi(path)
    return scores


def melody(pitches: list[int], lengths: list[float] | None = None) -> Score:
    track, at = Track("m"), 0.0
    for pitch, length in zip(pitches, lengths or [1.0] * len(pitches), strict=True):
        track.notes.append(Note(at, length, pitch, 80))
        at += length
    return Score(tracks=[track])


def test_chorales_are_in_their_known_keys(chorales: dict[str, Score]) -> None:
    found = {name: str(rank_note_keys(notes_of(score))[0].key) for name, score in chorales.items()}
    wrong = {name: (found[name], key) for name, key in CHORALES.items() if found[name] != key}
    assert len(wrong) <= 1, wrong


def test_transposing_a_piece_transposes_its_key(chorales: dict[str, Score]) -> None:
    score = chorales["bwv66.6"]
    before = rank_note_keys(notes_of(score))[0]
    for track in score.tracks:
        for note in track.notes:
            note.pitch += 3
    after = rank_note_keys(notes_of(score))[0]
    for track in score.tracks:
        for note in track.notes:
            note.pitch -= 3
    assert after.key == Key((before.key.tonic + 3) % 12, before.key.mode)
    assert after.score == pytest.approx(before.score)


@pytest.mark.parametrize("mode", ["dorian", "phrygian", "lydian", "mixolydian"])
def test_a_tune_over_its_tonic_is_in_its_church_mode(mode: str) -> None:
    scale = [50 + (p - 2) % 12 for p in Key(2, mode).pitch_classes()]
    tune = melody([50, 50, *scale, scale[4], *scale[::-1], scale[3], scale[4], 50], None)
    assert rank_note_keys(notes_of(tune), CHURCH_MODES)[0].key == Key(2, mode)


def test_the_profile_itself_correlates_perfectly() -> None:
    best = rank_keys(np.roll(mode_profile("minor", AARDEN), 4), AARDEN)[0]
    assert best.key == Key(4, "minor")
    assert best.score == pytest.approx(1.0, abs=1e-12)


@pytest.mark.parametrize("weights", [np.zeros(12), np.ones(12)])
def test_nothing_and_everything_have_no_key(weights: np.ndarray) -> None:
    assert rank_keys(weights, AARDEN) == []


def test_drums_have_no_key() -> None:
    drums = Score(tracks=[Track("d", 0, True, [Note(i, 0.2, 36, 90) for i in range(8)])])
    assert rank_note_keys(notes_of(drums)) == []


@pytest.mark.parametrize("key", ["A minor", "D major", "F minor", "Bb major"])
def test_a_cadence_of_sines_is_in_its_key(key: str) -> None:
    wanted = Key.parse(key)
    third = 3 if wanted.is_minor else 4
    tonic, fourth, fifth = ((0, third, 7), (5, 5 + third, 12), (7, 11, 14))
    time = np.arange(spectrum.RATE) / spectrum.RATE
    chords = [
        sum(np.sin(2 * np.pi * 440 * 2 ** ((48 + wanted.tonic + p - 69) / 12) * time) for p in chord)
        for chord in (tonic, fourth, fifth, tonic, tonic)
    ]
    chroma = spectrum.chroma((0.2 * np.concatenate(chords)).astype(np.float32))
    assert rank_chroma_keys(chroma)[0].key == wanted


def test_modes_without_a_profile_fold_into_those_with_one() -> None:
    assert plain_mode(Key(0, "harmonic minor")) == "minor"
    assert plain_mode(Key(0, "major pentatonic")) == "major"
    assert plain_mode(Key(0, "dorian")) == "dorian"
