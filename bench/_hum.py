"""Lines as an untrained person hums, sings or whistles them: vibrato, scoops, glides, drift, breath and uneven time."""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_PARTIALS = {  # strength of the partials: a closed mouth, an "ah", a whistle
    "hum": (1.0, 0.45, 0.18, 0.08, 0.04, 0.02),
    "voice": (0.7, 0.9, 1.0, 0.7, 0.45, 0.4, 0.25, 0.2, 0.12, 0.08),
    "whistle": (1.0, 0.03, 0.01),
}


def hummed(
    notes: Sequence[tuple[float, float, int]], rate: int, rng: random.Random, *, manner: str = "hum"
) -> tuple[NDArray[np.float32], Floats]:
    """A line of (start, end, MIDI pitch) in seconds as sound, and its pitch every 10 ms (0 in silence).

    Vibrato of up to 40 cents at 5 to 6.5 Hz grows on long notes; notes are scooped into by up to 2 semitones within
    100 ms and glide into one another when they touch; the whole is up to 45 cents off and drifts by up to 30; breath
    is 30 to 45 dB below.
    """
    length = round((max(end for _, end, _ in notes) + 0.4) * rate)
    times = np.arange(length) / rate
    offset, drift = rng.uniform(-0.45, 0.45), rng.uniform(-0.3, 0.3)
    pitch, level = np.zeros(length), np.zeros(length)
    vibrato, speed = rng.uniform(0.0, 0.4), rng.uniform(5.0, 6.5)
    before: tuple[float, float, int] | None = None
    for start, end, midi in notes:
        first, last = round(start * rate), min(round(end * rate), length)
        local = times[first:last] - start
        curve = np.full(last - first, midi + rng.gauss(0, 0.12))
        curve += vibrato * np.clip((local - 0.2) / 0.3, 0, 1) * np.sin(2 * np.pi * speed * local)
        touches = before is not None and start - before[1] < 0.03
        scoop = (before[2] - midi) if touches and before else -rng.uniform(0, 2.0)
        curve += scoop * np.exp(-local / (0.018 if touches else 0.03))
        pitch[first:last] = curve
        rise, fall = min(0.04, (end - start) / 3), min(0.06, (end - start) / 3)
        shape = np.minimum(np.clip(local / rise, 0, 1), np.clip((end - start - local) / fall, 0, 1))
        level[first:last] = (0.12 + 0.88 * shape) * rng.uniform(0.6, 1.0)
        before = (start, end, midi)
    sounding = level > 0
    pitch += offset + drift * times / max(times[-1], 1e-9)
    hertz = np.where(sounding, 440 * 2 ** ((pitch - 69) / 12), 200.0)
    phase = 2 * np.pi * np.cumsum(hertz) / rate
    made = np.random.default_rng(rng.getrandbits(32))
    sound = np.zeros(length)
    for number, strength in enumerate(_PARTIALS[manner], start=1):
        sound += np.where(hertz * number < rate / 2, strength * np.sin(phase * number), 0)
    smooth = np.convolve(level, np.ones(rate // 200) / (rate // 200), "same")
    sound *= smooth
    breath = made.standard_normal(length) * sound.std() * 10 ** (-rng.uniform(30, 45) / 20)
    sound = (sound + breath) / max(float(np.abs(sound).max()), 1e-9) * 0.6
    every = np.arange(0, length, round(0.01 * rate))
    return sound.astype(np.float32), np.where(sounding[every], hertz[every], 0.0)
