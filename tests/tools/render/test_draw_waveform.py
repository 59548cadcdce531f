"""draw_waveform: the picture follows the sound, and its figures agree with independent measurements."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyloudnorm
import pytest
import soundfile
from PIL import Image

from tools.errors import UserError

RATE = 44100


@pytest.fixture
def wav(tmp_path: Path):
    def write(samples: np.ndarray) -> Path:
        path = tmp_path / f"take{len(list(tmp_path.glob('*.wav')))}.wav"
        soundfile.write(path, samples, RATE)
        return path

    return write


def _tone(hertz: float, seconds: float = 3.0) -> np.ndarray:
    return 0.5 * np.sin(2 * np.pi * hertz * np.arange(round(RATE * seconds)) / RATE)


def _pixels(call) -> np.ndarray:
    return np.asarray(Image.open(call.file("picture")).convert("RGB"), dtype=int)


def test_levels_agree_with_pyloudnorm(call_tool, wav):
    samples = np.stack([_tone(300), 0.5 * _tone(500)], axis=1)
    call = call_tool("draw_waveform", {"audio": "a1"}, attach=[wav(samples)])
    assert call.data["loudness_lufs"] == pytest.approx(pyloudnorm.Meter(RATE).integrated_loudness(samples), abs=0.05)
    assert call.data["true_peak_db"] == pytest.approx(-6.02, abs=0.1)
    assert call.data["duration_s"] == pytest.approx(3.0)


def test_the_brightest_row_of_the_spectrogram_rises_with_the_pitch(call_tool, wav):
    rows = []
    for number, hertz in enumerate((200, 1000, 5000), start=1):
        pixels = _pixels(call_tool("draw_waveform", {"audio": f"a{number}"}, attach=[wav(_tone(hertz))]))
        lower = pixels[540:840, 300:1500].sum(axis=(1, 2))  # the spectrogram's box
        rows.append(int(lower.argmax()))
    assert rows[0] > rows[1] > rows[2]


def test_the_waveform_is_blue_only_where_it_sounds(call_tool, wav):
    half = np.concatenate([_tone(300, 2), np.zeros(2 * RATE)])
    upper = _pixels(call_tool("draw_waveform", {"audio": "a1"}, attach=[wav(half)]))[130:340]
    blue = (upper[..., 2] - upper[..., 0] > 60).sum(axis=0)
    assert blue[200:850].mean() > 50
    assert blue[1000:1700].mean() < 3


def test_a_stretch_can_be_drawn(call_tool, wav):
    call = call_tool("draw_waveform", {"audio": "a1", "start_s": 1, "end_s": 2.5}, attach=[wav(_tone(300))])
    assert call.data["duration_s"] == pytest.approx(1.5)
    with pytest.raises(UserError, match="choose other start_s"):
        call_tool("draw_waveform", {"audio": "a1", "start_s": 50})


@pytest.mark.parametrize("samples", [np.zeros(RATE), np.ones(RATE) * 0.1, np.eye(1, 500)[0], np.ones((600, 2)) * 0.9])
def test_odd_sounds_are_drawn(call_tool, wav, samples):
    call = call_tool("draw_waveform", {"audio": "a1"}, attach=[wav(samples)])
    assert _pixels(call).shape == (912, 1800, 3)
