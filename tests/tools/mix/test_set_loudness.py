"""set_loudness: LUFS and true peak, against pyloudnorm and an oversampled peak."""

from __future__ import annotations

import numpy as np
import pyloudnorm
import pytest
from scipy import signal

from tools.errors import UserError


def _clicks() -> np.ndarray:
    """A soft noise with six full clicks, which no limiter lifts to a high loudness."""
    sound = 0.01 * np.random.default_rng(1).standard_normal((132300, 1))
    sound[::22050] = 0.9
    return sound


KINDS = {
    "tones": {},
    "quiet": {"samples": 0.001 * np.random.default_rng(0).standard_normal((88200, 2))},
    "mono": {"channels": 1},
    "48k": {"rate": 48000},
    "low rate": {"rate": 16000},
    "clicks": {"samples": _clicks()},
    "swell": {"samples": (np.linspace(0.001, 0.5, 176400) * np.sin(np.arange(176400) * 0.05))[:, None]},
}


@pytest.mark.parametrize("kind", list(KINDS))
@pytest.mark.parametrize("target", [-27.0, -20.0, -14.0])
def test_the_target_is_met_under_the_ceiling_or_said_to_be_out_of_reach(call_tool, recording, heard, kind, target):
    path = recording(subtype="PCM_24", **KINDS[kind])
    call = call_tool("set_loudness", {"audio": "a1", "loudness_lufs": target}, attach=[path])
    samples, rate = heard(call)
    lufs = pyloudnorm.Meter(rate).integrated_loudness(samples)
    if call.result.notes:
        assert "flatten" in call.result.notes[0]
        assert call.data["limited_db"] == pytest.approx(9, abs=0.1)
        assert kind == "clicks"
    else:
        assert lufs == pytest.approx(target, abs=0.1)
    assert call.data["loudness_lufs"] == pytest.approx(lufs, abs=0.02)
    assert 20 * np.log10(np.abs(signal.resample_poly(samples, 4, 1, axis=0)).max()) < -1.0


def test_a_platform_may_be_named(call_tool, recording):
    assert call_tool("set_loudness", {"audio": "a1", "preset": "Broadcast"}, attach=[recording()]).data[
        "loudness_lufs"
    ] == pytest.approx(-23, abs=0.1)
    with pytest.raises(UserError, match="no loudness preset"):
        call_tool("set_loudness", {"audio": "a1", "preset": "gramophone"})
    with pytest.raises(UserError, match="both given"):
        call_tool("set_loudness", {"audio": "a1", "preset": "tv", "loudness_lufs": -20})


def test_limiting_leaves_what_is_far_from_peaks_alone(call_tool, recording, heard):
    rate = 44100
    quiet = 0.2 * np.sin(2 * np.pi * 440 * np.arange(rate * 4) / rate)
    quiet[2 * rate : 2 * rate + 20] = 0.99
    path = recording(samples=quiet[:, None], subtype="PCM_24")
    call = call_tool("set_loudness", {"audio": "a1", "loudness_lufs": -13}, attach=[path])
    samples, _ = heard(call)
    assert call.data["limited_db"] > 3
    gain = 10 ** (call.data["gain_db"] / 20)
    assert np.allclose(samples[:rate, 0], quiet[:rate] * gain, atol=1e-5)


def test_silence_is_an_error(call_tool, recording):
    with pytest.raises(UserError, match="silent"):
        call_tool("set_loudness", {"audio": "a1"}, attach=[recording(samples=np.zeros((44100, 1)))])
