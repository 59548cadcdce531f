"""Tempo and beats of a recording: autocorrelation, then dynamic programming (Ellis, JNMR 36, 2007).

A tempo is the beat's rate in BPM. Which level of the pulse a listener taps is a matter of taste: :func:`tempo` gives
the likeliest, :func:`clarity_at` says how well a *given* tempo explains the onsets, whatever the tapping level.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tools.kit.analysis.spectrum import EARLY_S, FRAME_RATE

Floats = NDArray[np.float64]

SLOWEST, FASTEST = 30.0, 300.0  # BPM
_PRIOR_BPM, _PRIOR_OCTAVES = 110.0, 0.8  # log-normal prior over tempo
_TIGHTNESS = 100.0  # how dearly the beat tracker pays for leaving the tempo
OCTAVES = (1.0, 2.0, 0.5, 3.0, 1 / 3, 1.5, 2 / 3)
CLEAR = 0.35  # a pulse whose clarity reaches this is heard by most listeners


@dataclass(frozen=True)
class Pulse:
    """Tempo in BPM, beats in seconds ``[n]`` and the clarity of the pulse in [0, 1]."""

    bpm: float
    beats_s: Floats
    clarity: float


def autocorrelation(strength: Floats) -> Floats:
    """Autocorrelation of the onset strength by lag in frames, 1 at lag 0, unbiased for length, up to 12 s."""
    from scipy import signal

    centred = local_contrast(strength)
    centred = centred - centred.mean()
    full = signal.correlate(centred, centred, mode="full", method="fft")[len(centred) - 1 :]
    longest = min(len(full), int(12 * FRAME_RATE))
    unbiased = full[:longest] / np.arange(len(full), 0, -1)[:longest]
    return np.asarray(unbiased / unbiased[0]) if unbiased.size and unbiased[0] > 1e-12 else np.zeros(longest)


def local_contrast(strength: Floats) -> Floats:
    """Onset strength less its local mean over 0.5 s, negative parts cut, smoothed over 20 ms."""
    from scipy import ndimage

    if not strength.size:
        return strength
    contrast = np.maximum(strength - ndimage.uniform_filter1d(strength, int(0.5 * FRAME_RATE)), 0)
    return np.asarray(ndimage.gaussian_filter1d(contrast, 1.5))


def clarity_at(strength: Floats, bpm: float) -> float:
    """How strongly onsets recur at a tempo, in [0, 1]: the mean autocorrelation at one to four beats.

    Each lag may be off by 2.5 %, as players are. Noise and held sounds lie near 0, a click track near 1; a tempo
    unrelated to the music's own falls between its peaks.
    """
    return _clarity(autocorrelation(strength), bpm)


def _clarity(correlation: Floats, bpm: float) -> float:
    beat = 60.0 / bpm * FRAME_RATE
    peaks = []
    for count in (1, 2, 3, 4):
        low, high = int(np.floor(beat * count * 0.975)), int(np.ceil(beat * count * 1.025))
        if high < len(correlation):
            peaks.append(float(correlation[low : high + 1].max()))
    return float(np.clip(np.mean(peaks), 0, 1)) if peaks else 0.0


def tempo(strength: Floats) -> float | None:
    """Likeliest tempo in BPM; None when nothing recurs (silence, drones, fewer than two beats).

    Every tempo from 30 to 300 BPM is scored by its comb of autocorrelation peaks times a log-normal prior round 110 BPM
    (Ellis 2007; McKinney and Moelants 2006), then refined to a hundredth of a frame over eight beats.
    """
    correlation = autocorrelation(strength)
    if len(correlation) < 0.4 * FRAME_RATE or not correlation.any():
        return None
    grid = SLOWEST * (FASTEST / SLOWEST) ** np.linspace(0, 1, 400)
    clarity = np.array([_clarity(correlation, bpm) for bpm in grid])
    best = int((clarity * np.array([prior(bpm) for bpm in grid])).argmax())
    return _refined(correlation, float(grid[best])) if clarity[best] > 0.05 else None


def prior(bpm: float) -> float:
    """How likely listeners are to tap at a tempo, 1 at the likeliest (log-normal; Ellis 2007)."""
    return float(np.exp(-0.5 * (np.log2(bpm / _PRIOR_BPM) / _PRIOR_OCTAVES) ** 2))


def _refined(correlation: Floats, bpm: float) -> float:
    """The tempo with its lag read off the latest multiple that still has a peak, by parabolic interpolation."""
    lag = 60.0 / bpm * FRAME_RATE
    for count in (1, 2, 4, 8):
        reach = max(2, int(0.02 * lag * count) if count == 1 else int(0.3 * lag))
        middle = round(lag * count)
        low, high = max(1, middle - reach), middle + reach
        if high + 1 >= len(correlation):
            break
        peak = low + int(correlation[low : high + 1].argmax())
        if not correlation[peak - 1] <= correlation[peak] >= correlation[peak + 1] or correlation[peak] < 0.05:
            continue
        bend = correlation[peak - 1] - 2 * correlation[peak] + correlation[peak + 1]
        shift = 0.5 * (correlation[peak - 1] - correlation[peak + 1]) / bend if bend else 0.0
        refined = (peak + float(shift)) / count
        if abs(refined / lag - 1) <= 0.06:
            lag = refined
    return 60.0 * FRAME_RATE / lag


def beats(strength: Floats, bpm: float) -> Floats:
    """Beat times in seconds: the sequence that best trades onset strength against even spacing (Ellis 2007)."""
    contrast = local_contrast(strength)
    spread = contrast.std()
    if not contrast.size or spread < 1e-12:
        return np.zeros(0)
    score = contrast / spread
    period = 60.0 / bpm * FRAME_RATE
    lags = np.arange(round(period / 2), round(period * 2) + 1)
    price = -_TIGHTNESS * np.log(lags / period) ** 2
    total, came_from = score.copy(), np.full(len(score), -1)
    for frame in range(int(lags[0]), len(score)):
        reach = lags[lags <= frame]
        candidates = total[frame - reach] + price[: len(reach)]
        best = int(candidates.argmax())
        if candidates[best] > 0:
            total[frame] += candidates[best]
            came_from[frame] = frame - reach[best]
    at = int(total[-int(period) - 1 :].argmax()) + max(0, len(total) - int(period) - 1)
    path = []
    while at >= 0:
        path.append(at)
        at = int(came_from[at])
    return np.array(path[::-1], dtype=np.float64) / FRAME_RATE + EARLY_S


def track(strength: Floats) -> Pulse | None:
    """Tempo, beats and clarity together; None when there is no pulse."""
    bpm = tempo(strength)
    return None if bpm is None else Pulse(bpm, beats(strength, bpm), clarity_at(strength, bpm))


def octave_of(bpm: float, wanted: float, tolerance: float) -> float | None:
    """The ratio of :data:`OCTAVES` by which ``bpm`` is ``wanted`` within a share ``tolerance``; None otherwise."""
    return next((ratio for ratio in OCTAVES if abs(bpm / (wanted * ratio) - 1) <= tolerance), None)
