"""Crossfades, fades, resampling and stretching, shared by the desk's tools. Samples are float32 ``[n, channels]``."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from tools.kit.audio import Samples

_SHORT_S = 0.05
_STRETCH_SEED = 20_417  # Signalsmith Stretch draws phases for noise; one seed makes its output repeatable


def crossfade(ending: Samples, beginning: Samples, rate: int) -> Samples:
    """Two stretches of equal length, one fading into the other without a click or a dip in level.

    A short one (up to 50 ms) keeps the sum of the gains at one, so that no step between samples can
    exceed those of the two sounds. A longer one keeps the power: sine and cosine gains do so for
    unrelated sounds, and the power of related ones, ``1 + r sin(2 x)`` for a correlation r, is divided out.
    """
    angle = np.linspace(0, np.pi / 2, len(ending) + 2)[1:-1]
    a, b = ending.astype(np.float64), beginning.astype(np.float64)
    energy = float(np.sqrt(np.square(a).sum() * np.square(b).sum()))
    likeness = float((a * b).sum()) / energy if energy > 0 else 0.0
    if len(ending) <= _SHORT_S * rate:
        likeness = 1.0
    level = np.sqrt(1 + max(-0.3, likeness) * np.sin(2 * angle))
    return np.asarray((a * (np.cos(angle) / level)[:, None] + b * (np.sin(angle) / level)[:, None]), dtype=np.float32)


def faded(samples: Samples, count_in: int, count_out: int) -> Samples:
    """A copy with raised-cosine fades over its first and last samples."""
    out = samples.copy()
    for wanted, view in ((count_in, out), (count_out, out[::-1])):
        count = min(wanted, len(out))
        if count:
            ramp = 0.5 - 0.5 * np.cos(np.pi * (np.arange(count) + 0.5) / count)
            view[:count] *= ramp.astype(np.float32)[:, None]
    return out


def stretched(samples: Samples, rate: int, factor: float) -> Samples:
    """Played ``factor`` times as fast at the same pitch by Signalsmith Stretch (MIT): ``round(n / factor)`` samples."""
    from python_stretch import Signalsmith

    count = round(len(samples) / factor)
    stretch = Signalsmith.Stretch(_STRETCH_SEED)
    stretch.preset(samples.shape[1], rate)
    stretch.setTimeFactor(len(samples) / count)
    return of_length(np.asarray(stretch.process(np.ascontiguousarray(samples.T)), dtype=np.float32).T, count)


def resampled(samples: Samples, ratio: Fraction, count: int) -> Samples:
    """Played ``ratio`` times as fast, pitch and all, cut or padded to ``count`` samples."""
    from scipy import signal

    return of_length(signal.resample_poly(samples, ratio.denominator, ratio.numerator, axis=0), count)


def near(ratio: float) -> Fraction:
    """A fraction that a polyphase filter can take, within 0.2 cents of a frequency ratio of 1/16 to 16."""
    return Fraction(ratio).limit_denominator(4000)


def of_length(samples: Samples, count: int) -> Samples:
    """Cut, or padded with silence, to a number of samples."""
    if len(samples) >= count:
        return np.ascontiguousarray(samples[:count])
    return np.pad(samples, ((0, count - len(samples)), (0, 0)))
