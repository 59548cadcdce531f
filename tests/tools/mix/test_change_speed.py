"""change_speed: exact length, pitch kept within 5 cents, beats where they belong."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import signal

from tools.errors import UserError


def _tone(hertz: float, rate: int = 44100, seconds: float = 4.0) -> np.ndarray:
    return 0.5 * np.sin(2 * np.pi * hertz * np.arange(round(rate * seconds)) / rate)[:, None]


@pytest.mark.parametrize("factor", [0.5, 0.8, 1.1, 1.7, 3.0])
@pytest.mark.parametrize("hertz", [110.0, 440.0, 1760.0])
def test_length_follows_the_factor_and_pitch_stays(call_tool, recording, heard, pitch_of, factor, hertz):
    path = recording(samples=_tone(hertz))
    samples, rate = heard(call_tool("change_speed", {"audio": "a1", "factor": factor}, attach=[path]))
    assert len(samples) == round(4 * 44100 / factor)
    cents = 1200 * np.log2(pitch_of(samples[len(samples) // 4 : -len(samples) // 4, 0], rate) / hertz)
    assert abs(cents) < 5


def test_a_length_is_fitted_to_the_sample(call_tool, recording, heard):
    samples, rate = heard(call_tool("change_speed", {"audio": "a1", "duration_s": 5.4321}, attach=[recording()]))
    assert len(samples) == round(5.4321 * rate)


def _clicks(bpm: float, rate: int = 44100, seconds: float = 12.0) -> np.ndarray:
    out = np.zeros((round(rate * seconds), 1))
    burst = np.hanning(200) * np.sin(np.arange(200) * 0.6)
    for at in np.arange(0.1, seconds - 0.1, 60 / bpm):
        out[round(at * rate) : round(at * rate) + 200, 0] += 0.8 * burst
    return out


@pytest.mark.parametrize("given", [{"from_tempo_bpm": 100}, {}])
def test_a_tempo_is_reached_from_a_given_or_a_measured_one(call_tool, recording, heard, given):
    path = recording(samples=_clicks(100))
    call = call_tool("change_speed", {"audio": "a1", "tempo_bpm": 125, **given}, attach=[path])
    samples, rate = heard(call)
    beats, _ = signal.find_peaks(np.convolve(np.abs(samples[:, 0]), np.hanning(800), "same"), distance=8000, height=1)
    assert len(beats) > 15
    assert np.median(np.diff(beats)) / rate == pytest.approx(60 / 125, rel=0.03 if not given else 0.002)


def test_tape_speed_moves_the_pitch(call_tool, recording, heard, pitch_of):
    path = recording(samples=_tone(440.0))
    samples, rate = heard(call_tool("change_speed", {"audio": "a1", "factor": 1.5, "keep_pitch": False}, attach=[path]))
    assert len(samples) == round(4 * rate / 1.5)
    assert pitch_of(samples[rate // 2 : -rate // 2, 0], rate) == pytest.approx(660, rel=0.001)


def test_the_same_call_gives_the_same_bytes(call_tool, recording):
    path = recording()
    first = call_tool("change_speed", {"audio": "a1", "factor": 0.9}, attach=[path])
    second = call_tool("change_speed", {"audio": "a1", "factor": 0.9})
    assert first.artifacts[0].sha256 == second.artifacts[0].sha256


def test_wrong_wishes_are_explained(call_tool, recording):
    with pytest.raises(UserError, match="Give one of"):
        call_tool("change_speed", {"audio": "a1", "factor": 2, "duration_s": 3}, attach=[recording()])
    with pytest.raises(UserError, match=r"times as fast"):
        call_tool("change_speed", {"audio": "a1", "duration_s": 100})
    steady = recording("steady.wav", samples=_tone(300))
    with pytest.raises(UserError, match="No steady beat"):
        call_tool("change_speed", {"audio": "a2", "tempo_bpm": 90}, attach=[steady])
