"""Small trained ears: beats and downbeats, chords and key, and who plays, each a network of our own in ONNX.

Trained by ``bench/ears_train.py`` on music of the corpus and of our composer, played by two SoundFonts and worn as
recordings are. One CPU thread hears about a minute of music in a second. Card and licence: ``weights/README.md``.
"""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tools.kit.analysis.spectrum import RATE, power_frames, triangles

Floats = NDArray[np.float64]

PULSE_MODEL, HARMONY_MODEL, PLAYERS_MODEL = "beats-tcn", "chords-conv", "players-conv"
PULSE_HOP, HARMONY_HOP = 441, 2048
PULSE_RATE, HARMONY_RATE = RATE / PULSE_HOP, RATE / HARMONY_HOP  # frames a second
MEL_BANDS, LOWEST_PITCH, PITCH_BANDS = 80, 28, 144  # half semitones from E1
FAMILIES = (
    "bass", "brass", "effects", "guitar", "keyboards", "mallets",
    "percussion", "plucked", "strings", "synth", "voice", "woodwinds",
)  # fmt: skip
_WEIGHTS = Path(__file__).with_name("weights")
_FRAME, _LONG_FRAME = 2048, 8192
_LEAD = 25  # frames of silence before the first sample, so that a beat on it is heard to begin
_USUAL_LEVEL = 0.1  # root mean square that recordings are brought to


@functools.cache
def _session(model: str) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(str(_WEIGHTS / f"{model}.onnx"), options, providers=["CPUExecutionProvider"])


def pulse_features(mono: NDArray[np.float32]) -> NDArray[np.float32]:
    """Log mel spectrum ``[frames, 80]`` at :data:`PULSE_RATE` of mono samples ``[n]`` at 22.05 kHz."""
    bank = triangles(MEL_BANDS, 30.0, 10000.0, _FRAME)
    return np.asarray(np.log10(1 + 10 * power_frames(levelled(mono), _FRAME, PULSE_HOP, bank)).T, dtype=np.float32)


def harmony_features(mono: NDArray[np.float32]) -> NDArray[np.float32]:
    """Log spectrum in half semitones from E1 up, ``[frames, 144]`` at :data:`HARMONY_RATE`."""
    power = power_frames(levelled(mono), _LONG_FRAME, HARMONY_HOP, _pitch_bank())
    return np.asarray(np.log10(1 + power).T, dtype=np.float32)


def levelled(mono: NDArray[np.float32]) -> NDArray[np.float32]:
    """The samples without their mean, at the root mean square that the networks know."""
    centred = mono - mono.mean(dtype=np.float64)
    level = float(np.sqrt(np.mean(centred**2, dtype=np.float64)))
    return np.asarray(centred * (_USUAL_LEVEL / max(level, 1e-5)), dtype=np.float32)


@functools.cache
def _pitch_bank() -> NDArray[np.float32]:
    """Gaussian filters ``[144, 4097]`` half a semitone apart, no narrower than the spectrum's own bins."""
    bins = np.fft.rfftfreq(_LONG_FRAME, 1 / RATE)
    centres = 440.0 * 2 ** ((LOWEST_PITCH + np.arange(PITCH_BANDS) / 2 - 69) / 12)
    widths = np.maximum(centres * (2 ** (0.25 / 12) - 1), 0.8 * RATE / _LONG_FRAME)
    return np.exp(-0.5 * ((bins[None, :] - centres[:, None]) / widths[:, None]) ** 2).astype(np.float32)


def pulse(mono: NDArray[np.float32]) -> Floats:
    """Chance of a beat and of a downbeat at each frame, ``[frames, 2]`` at :data:`PULSE_RATE`; 0 in silence."""
    centred = (mono - mono.mean(dtype=np.float64)).astype(np.float32)
    lead = np.zeros(_LEAD * PULSE_HOP, np.float32)
    chances = _run(PULSE_MODEL, pulse_features(np.concatenate([lead, centred])))[_LEAD:]
    return np.asarray(chances * _sounding(centred, len(chances))[:, None])


def _sounding(mono: NDArray[np.float32], frames: int) -> Floats:
    """1 at frames within a quarter second of a level 45 dB or less below the loud parts, else 0."""
    from scipy import ndimage

    padded = np.pad(mono, (0, max(0, frames * PULSE_HOP - len(mono))))[: frames * PULSE_HOP]
    level = np.sqrt((padded.reshape(frames, PULSE_HOP).astype(np.float64) ** 2).mean(axis=1))
    near = ndimage.maximum_filter1d(level, round(0.5 * PULSE_RATE))
    return np.asarray(near > 10 ** (-45 / 20) * float(np.percentile(level, 95)), dtype=np.float64)


def harmony(mono: NDArray[np.float32]) -> tuple[Floats, Floats]:
    """Log chances of 25 chords (12 major, 12 minor, none) ``[frames, 25]``, and of 24 keys ``[24]``."""
    frames = -(-len(mono) // HARMONY_HOP)
    found = _session(HARMONY_MODEL).run(None, {"features": harmony_features(_long_enough(mono))[None]})
    return np.asarray(found[0][0][:frames], dtype=np.float64), np.asarray(found[1][0], dtype=np.float64)


def players(mono: NDArray[np.float32]) -> Floats:
    """Chance that each of :data:`FAMILIES` plays, ``[12]``."""
    return _run(PLAYERS_MODEL, pulse_features(_long_enough(mono))[::2])  # it was trained at half the rate


def _long_enough(mono: NDArray[np.float32]) -> NDArray[np.float32]:
    """The samples followed by silence up to the shortest sound that the networks can judge as a whole."""
    return np.pad(mono, (0, max(0, 2 * RATE - len(mono))))


def _run(model: str, features: NDArray[np.float32]) -> Floats:
    return np.asarray(_session(model).run(None, {"features": features[None]})[0][0], dtype=np.float64)
