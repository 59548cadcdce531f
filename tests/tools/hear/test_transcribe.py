"""`transcribe` on rendered music whose notes are known, and on what holds none."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tools.backends import piano_notes
from tools.errors import UserError
from tools.kit.analysis.metrical import Bars, HeardNote, aligned, barred, beats_of_notes, division
from tools.kit.analysis.polyphony import notes_from_activity
from tools.kit.audio import write_wav
from tools.kit.score import Note, Score, Track, read_midi
from tools.kit.synth import RATE, load_soundfont, synthesise_mix

CHORDS = [(60, 64, 67), (57, 60, 65), (59, 62, 67), (60, 64, 67)] * 3


@pytest.fixture(scope="module")
def piano(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Score]:
    """Twelve bars of four at 100, a chord on the bar and a tune in quarters above."""
    notes = []
    for bar, chord in enumerate(CHORDS):
        notes += [Note(4.0 * bar, 3.8, p, 80) for p in chord] + [Note(4.0 * bar, 3.8, chord[0] - 24, 85)]
        notes += [Note(4.0 * bar + beat, 0.9, 72 + (bar * 3 + 2 * beat) % 12, 90) for beat in range(4)]
    score = Score([Track("piano", 0, notes=notes)], [(0.0, 100.0)])
    sound = synthesise_mix(score, load_soundfont())
    path = tmp_path_factory.mktemp("piano") / "piano.wav"
    write_wav(path, sound / np.abs(sound).max() * 0.8, RATE)
    return path, score


def found(score: Score, truth: Score) -> float:
    """Share of the true notes that the score has at their pitch within 60 ms."""
    got = [(score.seconds(n.start), n.pitch) for t in score.tracks for n in t.notes]
    want = [(truth.seconds(n.start), n.pitch) for t in truth.tracks for n in t.notes]
    return float(np.mean([any(p == q and abs(a - b) < 0.06 for b, q in got) for a, p in want]))


def test_the_notes_of_a_piano_are_found_where_they_sound(call_tool: Any, piano: tuple[Path, Score]) -> None:
    call = call_tool("transcribe", {"audio": "a1"}, attach=[piano[0]])
    score = read_midi(call.file("midi"))
    assert found(score, piano[1]) > 0.85
    assert call.data["n_notes"] < 1.4 * len(piano[1].tracks[0].notes)
    assert call.data["key"] in ("C major", "A minor")  # one scale; the tune leans both ways
    assert call.data["tempo_bpm"] == pytest.approx(100, rel=0.03)
    assert all(0 < n["confidence"] <= 1 for n in call.data["notes"])
    assert call.result.backend == "basic-pitch"


def test_quantized_notes_lie_on_divisions_of_the_beat(call_tool: Any, piano: tuple[Path, Score]) -> None:
    call = call_tool("transcribe", {"audio": "a1", "quantize": True}, attach=[piano[0]])
    starts = np.array([n.start for n in read_midi(call.file("midi")).tracks[0].notes])
    assert np.abs(starts * 12 - np.round(starts * 12)).max() < 0.03


def test_without_bars_seconds_stand_at_120(call_tool: Any, piano: tuple[Path, Score]) -> None:
    call = call_tool("transcribe", {"audio": "a1", "align": False, "start_s": 2.0, "end_s": 8.0}, attach=[piano[0]])
    score = read_midi(call.file("midi"))
    assert score.tempi == [(0.0, 120.0)]
    assert call.data["meter"] is None
    assert all(1.9 <= n["start_s"] <= 8 for n in call.data["notes"])
    first = min(n.start for n in score.tracks[0].notes)
    assert first / 2 == pytest.approx(call.data["notes"][0]["start_s"], abs=0.01)


def test_unsure_notes_are_left_out_on_request(call_tool: Any, piano: tuple[Path, Score]) -> None:
    every = call_tool("transcribe", {"audio": "a1", "align": False}, attach=[piano[0]]).data["n_notes"]
    sure = call_tool("transcribe", {"audio": "a1", "align": False, "min_confidence": 0.7}, attach=[piano[0]]).data
    assert 0 < sure["n_notes"] < every
    assert min(n["confidence"] for n in sure["notes"]) >= 0.7


def test_the_piano_model_says_what_it_wants_when_it_is_missing(
    call_tool: Any, piano: tuple[Path, Score], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(piano_notes, "is_installed", lambda: False)
    piano_notes._model.cache_clear()
    with pytest.raises(UserError, match="pip install --no-deps transkun"):
        call_tool("transcribe", {"audio": "a1", "backend": "transkun"}, attach=[piano[0]])
    assert "torchaudio" not in sys.modules


def test_a_recording_without_notes_says_so(call_tool: Any, tmp_path: Path) -> None:
    hiss = np.random.default_rng(0).standard_normal((44100, 1)).astype(np.float32) * 0.05
    write_wav(tmp_path / "hiss.wav", hiss, 22050)
    with pytest.raises(UserError, match=r"No note was heard in hiss\.wav"):
        call_tool("transcribe", {"audio": "a1"}, attach=[tmp_path / "hiss.wav"])


def test_struck_held_and_unannounced_notes_are_read_from_activity() -> None:
    onset, sounding = np.zeros((200, 88), np.float32), np.zeros((200, 88), np.float32)
    onset[[20, 80], 40] = 0.9  # struck twice
    sounding[20:140, 40] = 0.8
    sounding[50:120, 60] = 0.7  # sounds without an onset
    onset[20, 52], sounding[20:60, 52] = 0.66, 0.3  # an overtone of the first
    notes = notes_from_activity(onset, sounding, 0.01)
    assert [(n.key, round(n.start_s, 1), round(n.end_s, 1)) for n in notes] == [
        (40, 0.2, 0.8),
        (60, 0.5, 1.2),
        (40, 0.8, 1.4),
    ]


def test_aligned_notes_keep_their_seconds_under_a_tempo_that_moves() -> None:
    beats = 0.7 + np.concatenate([[0], np.cumsum(np.linspace(0.6, 0.4, 20))])
    heard = [HeardNote(t + 0.013, t + 0.3, 60 + i % 5, 80, 0.9) for i, t in enumerate(beats[:-1])]
    score = aligned(heard, Bars(beats, 2, 4), quantised=False, name="x", program=0)
    starts = [score.seconds(n.start) for n in score.tracks[0].notes]
    assert starts == pytest.approx([n.start_s for n in heard], abs=1e-3)
    assert score.tracks[0].notes[2].start % 4 == pytest.approx(0.03, abs=0.03)


def test_a_waltz_is_barred_in_three_and_thirds_are_told() -> None:
    notes = [
        HeardNote(0.5 * i, 0.5 * i + (0.48 if i % 3 == 0 else 0.2), 60, 90 if i % 3 == 0 else 60, 0.9)
        for i in range(24)
    ]
    beats = beats_of_notes(notes, 120.0)
    assert beats is not None
    accents = np.array([2.0 if i % 3 == 1 else 1.0 for i in range(len(beats))])
    assert barred(beats, accents).per_bar == 3
    assert division(np.array([0, 1 / 3, 2 / 3, 1, 1 + 2 / 3, 2])) == 3
    assert division(np.array([0, 0.5, 1, 1.25, 1.5, 2])) == 4
