"""The pitch of one voice over time: SwiftF0 (Nieradzik 2025), a convolutional network of 0.1 MB in ONNX.

Provenance and licence: ``weights/README.md``.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

MODEL_ID = "swift-f0"
MODEL = Path(__file__).with_name("weights") / "swift-f0.onnx"
RATE, HOP = 16000, 256
FRAME_S = HOP / RATE
LOWEST_HZ, HIGHEST_HZ = 46.875, 2093.75  # the model's range
_BLOCK, _AROUND = 60 * RATE // HOP, 12  # frames run at once, and frames of context that make a seam inaudible
_SILENT = 1e-3  # peak of a frame below which the network answers at random


@dataclass(frozen=True)
class PitchTrack:
    """One value a frame, :data:`FRAME_S` apart: MIDI pitch with fractions, voicing in [0, 1], level in dBFS."""

    pitch: Floats
    voicing: Floats
    level_db: Floats

    @property
    def times_s(self) -> Floats:
        """Moments of the frames in seconds ``[n]``."""
        return np.asarray(np.arange(len(self.pitch)) * FRAME_S, dtype=np.float64)


@functools.cache
def _session() -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(str(MODEL), options, providers=["CPUExecutionProvider"])


def track_pitch(mono: NDArray[np.float32]) -> PitchTrack:
    """Pitch, voicing and level of mono samples ``[n]`` at :data:`RATE`, in blocks of a minute."""
    samples = np.pad(mono, (0, max(0, 8 * HOP - len(mono))))
    count = -(-len(samples) // HOP)
    samples = np.pad(samples, (0, count * HOP - len(samples)))
    pitches, voicings = [], []
    for start in range(0, count, _BLOCK):
        first, last = max(0, start - _AROUND), min(count, start + _BLOCK + _AROUND)
        hertz, voicing = _heard(samples[first * HOP : last * HOP])
        keep = slice(start - first, start - first + min(_BLOCK, count - start))
        pitches.append(hertz[keep])
        voicings.append(voicing[keep])
    hops = samples.reshape(count, HOP)
    hertz, voicing = np.concatenate(pitches), np.concatenate(voicings)
    voicing = np.where(np.abs(hops).max(axis=1)[: len(voicing)] < _SILENT, 0.0, voicing)
    power = (hops.astype(np.float64) ** 2).mean(axis=1)[: len(voicing)]
    return PitchTrack(69 + 12 * np.log2(np.maximum(hertz, 1.0) / 440.0), voicing, 10 * np.log10(power + 1e-10))


def _heard(samples: NDArray[np.float32]) -> tuple[Floats, Floats]:
    pitch, confidence = _session().run(
        ["pitch", "confidence"],
        {
            "audio": np.ascontiguousarray(samples[None], dtype=np.float32),
            "fmin": np.asarray(LOWEST_HZ, np.float32),
            "fmax": np.asarray(HIGHEST_HZ, np.float32),
        },
    )
    return np.asarray(pitch[0], dtype=np.float64), np.asarray(confidence[0], dtype=np.float64)
