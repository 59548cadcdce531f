"""Small recordings with known contents for the desk's tests."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile


def melody(rate: int, seconds: float, channels: int = 2, seed: int = 1) -> np.ndarray:
    """Struck, decaying tones with overtones over a soft drone and a little noise: float64 ``[n, channels]``."""
    rng = np.random.default_rng(seed)
    times = np.arange(round(rate * seconds)) / rate
    out = 0.02 * rng.standard_normal((len(times), channels)) + 0.1 * np.sin(2 * np.pi * 110 * times)[:, None]
    for number, start in enumerate(np.arange(0, seconds, 0.5)):
        pitch = 220 * 2 ** (((number * 7 + seed) % 24) / 12)
        since = np.maximum(times - start, 0)
        level = np.exp(-4 * since) * (times >= start) * np.minimum(1, since / 0.005)
        tone = sum(np.sin(2 * np.pi * pitch * k * since) / k for k in (1, 2, 3))
        out += (0.3 * level * tone)[:, None] * np.array([1.0, 0.7])[:channels]
    return out / np.abs(out).max() * 0.7


@pytest.fixture
def recording(tmp_path: Path):
    """``recording("name.wav", seconds=4, rate=44100, channels=2)`` writes one and gives its path."""

    def make(
        name: str = "take.wav",
        seconds: float = 4.0,
        rate: int = 44100,
        channels: int = 2,
        seed: int = 1,
        samples: np.ndarray | None = None,
        subtype: str = "PCM_16",
    ) -> Path:
        path = tmp_path / name
        sound = melody(rate, seconds, channels, seed) if samples is None else samples
        soundfile.write(path, sound, rate, subtype=subtype)
        return path

    return make


@pytest.fixture
def heard():
    """The samples ``[n, channels]`` and rate of a call's first audio file."""

    def read(call) -> tuple[np.ndarray, int]:
        return soundfile.read(call.file("audio"), always_2d=True)

    return read


@pytest.fixture
def pitch_of():
    """Frequency in Hz of the strongest partial of ``[n]`` samples, by a windowed spectrum and a parabola."""

    def measure(samples: np.ndarray, rate: int) -> float:
        spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples)), 1 << 20))
        peak = int(spectrum.argmax())
        left, middle, right = np.log(spectrum[peak - 1 : peak + 2])
        return (peak + (left - right) / 2 / (left - 2 * middle + right)) * rate / (1 << 20)

    return measure
