"""Short-time spectra, chroma and onset strength of a recording.

Input is mono float samples ``[n]`` at :data:`RATE`; frames are :data:`FRAME` samples, :data:`HOP` apart, and
centred: frame i is about the moment ``i * HOP / RATE``.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

RATE = 22050
FRAME, HOP = 2048, 256
FRAME_RATE = RATE / HOP
CHROMA_FRAME, CHROMA_HOP = 8192, 2048
EARLY_S = 0.02  # the onset strength of a struck note peaks this much before it (measured on five General MIDI sounds)
_BANDS, _LOWEST_HZ, _HIGHEST_HZ = 40, 30.0, 10000.0
_BLOCK = 4096  # frames transformed at once, which bounds memory on long recordings


def power_frames(samples: NDArray[np.float32], frame: int, hop: int, rows: NDArray[np.float32]) -> Floats:
    """Power spectrogram times a filter bank, ``[bands, frames]``.

    Parameters
    ----------
    rows
        Filter bank ``[bands, frame // 2 + 1]``.
    """
    from scipy import fft

    window = np.hanning(frame).astype(np.float32)
    padded = np.pad(samples.astype(np.float32), frame // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, frame)[::hop]
    blocks = []
    for start in range(0, len(frames), _BLOCK):
        spectrum = np.abs(fft.rfft(frames[start : start + _BLOCK] * window, axis=1)) ** 2
        blocks.append(rows @ spectrum.T)
    return np.concatenate(blocks, axis=1).astype(np.float64)


@cache
def mel_bank() -> NDArray[np.float32]:
    """Triangular filters, evenly spaced on the mel scale, ``[40, FRAME // 2 + 1]``."""
    return triangles(_BANDS, _LOWEST_HZ, _HIGHEST_HZ, FRAME)


@cache
def triangles(bands: int, lowest_hz: float, highest_hz: float, frame: int) -> NDArray[np.float32]:
    """Triangular filters, evenly spaced on the mel scale, ``[bands, frame // 2 + 1]`` (O'Shaughnessy's formula)."""

    def mel(hertz: float) -> float:
        return 2595.0 * float(np.log10(1 + hertz / 700.0))

    edges = 700.0 * (10 ** (np.linspace(mel(lowest_hz), mel(highest_hz), bands + 2) / 2595.0) - 1)
    bins = np.fft.rfftfreq(frame, 1 / RATE)
    rising = (bins - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    falling = (edges[2:, None] - bins) / (edges[2:] - edges[1:-1])[:, None]
    return np.maximum(0, np.minimum(rising, falling)).astype(np.float32)


@cache
def semitone_bank() -> NDArray[np.float32]:
    """Gaussian filters half a semitone wide on MIDI pitches 33 to 96, ``[64, CHROMA_FRAME // 2 + 1]``."""
    bins = np.fft.rfftfreq(CHROMA_FRAME, 1 / RATE)
    with np.errstate(divide="ignore"):
        pitch = 69 + 12 * np.log2(bins / 440.0)
    distance = np.arange(33, 97)[:, None] - pitch[None, :]
    return np.asarray(np.exp(-0.5 * (distance / 0.35) ** 2).astype(np.float32))


def chroma(samples: NDArray[np.float32]) -> Floats:
    """Pitch-class energy over time, ``[12, frames]``, frames :data:`CHROMA_HOP` apart, each scaled to a greatest 1.

    A semitone filter bank on the spectrum, compressed by a square root, with the second partial's share (an octave up)
    folded in by pitch class and the third's (a twelfth up) taken off; silent frames are zero.
    """
    bands = np.sqrt(power_frames(samples, CHROMA_FRAME, CHROMA_HOP, semitone_bank()))
    cleaned = bands.copy()
    cleaned[19:] -= 0.35 * bands[:-19]
    folded = np.zeros((12, bands.shape[1]))
    for index, band in enumerate(np.maximum(cleaned, 0)):
        folded[(33 + index) % 12] += band
    loudest = folded.max(axis=0)
    floor = 1e-3 * float(loudest.max(initial=0.0))
    return np.asarray(np.divide(folded, loudest, out=np.zeros_like(folded), where=loudest > max(floor, 1e-9)))


def onset_strength(samples: NDArray[np.float32]) -> Floats:
    """How much begins at each frame, ``[frames]``, at :data:`FRAME_RATE`, mean-free above zero.

    Half-wave rectified difference of the mel spectrum in decibels, summed over bands (Ellis, Beat tracking by dynamic
    programming, JNMR 36, 2007). The top 80 dB count.
    """
    mel = power_frames(samples, FRAME, HOP, mel_bank())
    level = 10 * np.log10(np.maximum(mel, 1e-10))
    level = np.maximum(level, level.max(initial=-100.0) - 80)
    flux = np.maximum(np.diff(level, axis=1, prepend=level[:, :1]), 0).mean(axis=0)
    return np.asarray(flux)
