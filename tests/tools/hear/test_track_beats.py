"""`track_beats` on rendered music whose beats are known, and on what has none."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import mir_eval
import numpy as np
import pytest

from tools.errors import UserError
from tools.kit.audio import read_audio, write_wav
from tools.kit.score import Note, Score, Track
from tools.kit.synth import RATE, load_soundfont, synthesise_mix
from tools.kit.theory.meter import Meter


def band(path: Path, per_bar: int, bpm: float) -> tuple[Path, np.ndarray]:
    """Eight or more bars of drums, bass and chords; and its beats in seconds."""
    bars = 8 if per_bar == 4 else 10
    drums, bass, keys = Track("drums", is_drum=True), Track("bass", 33), Track("piano", 0)
    for bar in range(bars):
        root = (0, 5, 7, 0)[bar % 4]
        for beat in range(per_bar):
            at = float(bar * per_bar + beat)
            drums.notes += [
                Note(at, 0.2, 36 if beat == 0 else 38 if beat % 2 else 42, 100),
                Note(at + 0.5, 0.2, 42, 60),
            ]
            keys.notes += [Note(at, 0.8, 60 + root + p, 100 if beat == 0 else 70) for p in (0, 4, 7)]
        bass.notes.append(Note(float(bar * per_bar), per_bar * 0.9, 36 + root, 110))
    score = Score([drums, bass, keys], [(0.0, bpm)], [(0.0, Meter(per_bar, 4))])
    sound = synthesise_mix(score, load_soundfont())
    write_wav(path, sound / np.abs(sound).max() * 0.8, RATE)
    return path, np.arange(bars * per_bar) * 60 / bpm


@pytest.mark.parametrize(("per_bar", "bpm"), [(4, 96.0), (4, 128.0), (3, 110.0)])
def test_beats_bars_and_tempo_of_a_band(call_tool: Any, tmp_path: Path, per_bar: int, bpm: float) -> None:
    path, beats = band(tmp_path / "band.wav", per_bar, bpm)
    call = call_tool("track_beats", {"audio": "a1"}, attach=[path])
    data = call.data
    assert mir_eval.beat.f_measure(beats, np.array(data["beats_s"])) > 0.9
    assert data["tempo_bpm"] == pytest.approx(bpm, rel=0.03)
    assert data["meter"] == f"{per_bar}/4"
    assert mir_eval.beat.f_measure(beats[::per_bar], np.array(data["downbeats_s"])) > 0.75
    assert data["bridge"] == {"tempo_bpm": data["tempo_bpm"], "meter": data["meter"]}
    assert json.loads(call.file("report").read_text()) == data


def test_clicks_are_laid_over_the_recording(call_tool: Any, tmp_path: Path) -> None:
    path, _ = band(tmp_path / "band.wav", 4, 120.0)
    call = call_tool("track_beats", {"audio": "a1", "clicks": True}, attach=[path])
    heard, rate = read_audio(call.file("audio"), 22050, mono=True)
    plain, _ = read_audio(path, 22050, mono=True)
    plain = plain * (0.75 / np.abs(plain).max())
    extra = np.abs(heard - plain)[:, 0]
    near = [extra[int(t * rate) : int(t * rate) + 400].max() for t in call.data["beats_s"][:8]]
    assert min(near) > 0.05


def test_a_stretch_keeps_the_times_of_the_recording(call_tool: Any, tmp_path: Path) -> None:
    path, _ = band(tmp_path / "band.wav", 4, 120.0)
    data = call_tool("track_beats", {"audio": "a1", "start_s": 4.0, "end_s": 12.0}, attach=[path]).data
    assert all(3.9 <= t <= 12.1 for t in data["beats_s"])


@pytest.mark.parametrize("what", ["one sample", "a direct current"])
def test_what_has_no_pulse_is_said_to_have_none(call_tool: Any, tmp_path: Path, what: str) -> None:
    samples = np.full((1 if what == "one sample" else 44100, 1), 0.5, np.float32)
    write_wav(tmp_path / "x.wav", samples, 22050)
    with pytest.raises(UserError, match=r"No beat was heard in x\.wav"):
        call_tool("track_beats", {"audio": "a1"}, attach=[tmp_path / "x.wav"])


@pytest.mark.skipif(find_spec("librosa") is not None, reason="librosa is installed here")
def test_librosa_that_is_missing_is_named(call_tool: Any, tmp_path: Path) -> None:
    path, _ = band(tmp_path / "band.wav", 4, 120.0)
    with pytest.raises(UserError, match="librosa is not installed"):
        call_tool("track_beats", {"audio": "a1", "backend": "librosa"}, attach=[path])
