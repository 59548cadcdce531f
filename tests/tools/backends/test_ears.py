"""The trained ears: their weights, and what they hear of sounds whose truth is plain."""

from __future__ import annotations

import hashlib
import tomllib
from pathlib import Path

import numpy as np
import pytest

from tools.backends import ears, f0, note_activity
from tools.kit.analysis.spectrum import RATE

WEIGHTS = Path(ears.__file__).with_name("weights")
MODELS = tomllib.loads(Path(ears.__file__).with_name("models.toml").read_text(encoding="utf-8"))["model"]


def tone(pitch: float, seconds: float, rate: int = RATE) -> np.ndarray:
    times = np.arange(round(seconds * rate)) / rate
    hertz = 440 * 2 ** ((pitch - 69) / 12)
    return sum(np.sin(2 * np.pi * hertz * n * times) / n for n in (1, 2, 3)).astype(np.float32) * 0.2


@pytest.mark.parametrize(
    "name", [ears.PULSE_MODEL, ears.HARMONY_MODEL, ears.PLAYERS_MODEL, f0.MODEL_ID, note_activity.MODEL_ID]
)
def test_every_weight_is_listed_with_its_licence_and_hash(name: str) -> None:
    entry = next(m for m in MODELS if m["id"] == name)
    data = (WEIGHTS / f"{name}.onnx").read_bytes()
    assert (hashlib.sha256(data).hexdigest(), len(data)) == (entry["sha256"], entry["bytes"])
    assert entry["licence"] in ("MIT", "Apache-2.0")
    assert f"{name}" in (WEIGHTS / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(("tones", "truth"), [((48, 60, 64, 67), 0), ((45, 57, 60, 64), 21), ((50, 62, 66, 69), 2)])
def test_a_held_triad_is_heard_as_its_chord(tones: tuple[int, ...], truth: int) -> None:
    chances, keys = ears.harmony(sum(tone(p, 6.0) for p in tones))
    assert int(chances.mean(axis=0).argmax()) == truth
    assert np.exp(chances).sum(axis=1) == pytest.approx(1, abs=1e-3)
    assert np.exp(keys).sum() == pytest.approx(1, abs=1e-3)


def test_chances_are_chances_at_every_length() -> None:
    for seconds in (0.05, 1.0, 7.3):
        sound = tone(60, seconds)
        for chances in (ears.pulse(sound), ears.players(sound)):
            assert np.isfinite(chances).all()
            assert chances.min() >= 0
            assert chances.max() <= 1
    assert ears.pulse(tone(60, 2.0)).shape[1] == 2


def test_the_level_of_a_recording_does_not_matter() -> None:
    sound = np.concatenate([tone(60 + 2 * i, 0.5) * np.linspace(1, 0, RATE // 2, dtype=np.float32) for i in range(8)])
    assert ears.pulse(sound * 0.05) == pytest.approx(ears.pulse(sound), abs=1e-3)


def test_silence_and_direct_current_hold_no_beat() -> None:
    for level in (0.0, 0.7):
        assert ears.pulse(np.full(RATE * 3, level, np.float32)).max() == 0


def test_a_pitch_is_tracked_over_the_seams_of_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    sound = tone(57, 4.0, f0.RATE)
    whole = f0.track_pitch(sound)
    monkeypatch.setattr(f0, "_BLOCK", 60)
    parts = f0.track_pitch(sound)
    assert parts.pitch == pytest.approx(whole.pitch, abs=0.02)
    assert whole.pitch[20:-20] == pytest.approx(57, abs=0.1)


def test_activity_of_a_long_recording_lies_on_one_grid() -> None:
    sound = np.zeros(RATE * 7, np.float32)
    for second in range(1, 6):
        piece = tone(60, 0.5) * np.linspace(1, 0, RATE // 2, dtype=np.float32)
        sound[second * RATE : second * RATE + len(piece)] = piece
    curve = note_activity.note_activity(sound).onset[:, 60 - note_activity.LOWEST]
    for second in range(1, 6):
        at = round(second / note_activity.FRAME_S)
        assert abs(int(curve[at - 20 : at + 21].argmax()) - 20) <= 3
