"""The effects of the rack: each takes samples ``[n, channels]``, a rate in Hz and a strength in (0, 1].

Equalisers are the audio-EQ cookbook's biquads (Bristow-Johnson) as pyloudnorm makes them; reverberation is
convolution with exponentially decaying noise (Moorer 1979), whose treble dies before its bass.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tools.kit.audio import Samples
from tools.mix import _dsp as dsp

Effect = Callable[[Samples, int, float], Samples]


def warmer(samples: Samples, rate: int, strength: float) -> Samples:
    """More under 250 Hz, less above 4 kHz, by up to 8 dB."""
    return _shelf(_shelf(samples, rate, "low_shelf", 250.0, 8 * strength), rate, "high_shelf", 4000.0, -8 * strength)


def brighter(samples: Samples, rate: int, strength: float) -> Samples:
    """More above 4 kHz, by up to 10 dB."""
    return _shelf(samples, rate, "high_shelf", 4000.0, 10 * strength)


def bassier(samples: Samples, rate: int, strength: float) -> Samples:
    """More under 120 Hz, by up to 12 dB."""
    return _shelf(samples, rate, "low_shelf", 120.0, 12 * strength)


def muffled(samples: Samples, rate: int, strength: float) -> Samples:
    """As through a wall: nothing above 6 kHz at little strength, above 500 Hz at full."""
    return _butterworth(samples, rate, 6000.0 * (500 / 6000) ** strength, "lowpass")


def thinner(samples: Samples, rate: int, strength: float) -> Samples:
    """Nothing under 80 Hz at little strength, under 800 Hz at full."""
    return _butterworth(samples, rate, 80.0 * 10**strength, "highpass")


def radio(samples: Samples, rate: int, strength: float) -> Samples:
    """An old radio or telephone: mono, a narrow band round 1 kHz, driven into soft distortion."""
    mono = np.repeat(samples.mean(axis=1, keepdims=True), samples.shape[1], axis=1)
    narrow = _butterworth(mono, rate, 120.0 + 280 * strength, "highpass")
    narrow = _butterworth(narrow, rate, 6000.0 - 3000 * strength, "lowpass")
    drive = (1 + 6 * strength) / max(float(np.abs(narrow).max(initial=0.0)), 1e-6)
    return np.asarray(np.tanh(narrow * drive) / drive, dtype=np.float32)


def reverb(samples: Samples, rate: int, strength: float) -> Samples:
    """A room of 0.6 s at little strength, a church of 3 s at full."""
    from scipy import signal

    seconds = 0.6 + 2.4 * strength
    count = round(seconds * rate)
    decay = np.exp(-6.9 * np.arange(count) / count)  # 60 dB
    noise = np.random.default_rng(1979).standard_normal((count, 2))
    dark = signal.lfilter([0.25], [1, -0.75], noise, axis=0)
    early = np.exp(-6.9 * np.arange(count) / (0.35 * count))[:, None]
    response = (noise * early * 0.5 + dark * decay[:, None]) * np.minimum(1, np.arange(count) / (0.01 * rate))[:, None]
    response /= np.sqrt(np.square(response).sum(axis=0))
    wide = np.repeat(samples, 2, axis=1) if samples.shape[1] == 1 else samples
    wet = signal.oaconvolve(wide, response, axes=0)[: len(wide)]
    level = 0.2 + 0.5 * strength
    return np.asarray(wide * (1 - 0.4 * level) + wet * level, dtype=np.float32)


def echo(samples: Samples, rate: int, strength: float) -> Samples:
    """Repeats every 0.35 s, each softer by the strength, until they are 50 dB down."""
    delay, feedback = round(0.35 * rate), 0.15 + 0.55 * strength
    out = samples.copy()
    for number in range(1, int(np.ceil(-50 / (20 * np.log10(feedback)))) + 1):
        shifted = samples[: max(0, len(samples) - number * delay)]
        out[number * delay :] += shifted * np.float32(feedback**number)
    return out


def chorus(samples: Samples, rate: int, strength: float) -> Samples:
    """Three copies with slowly moving delays round 18 ms, as of several players."""
    times = np.arange(len(samples))
    out = samples.astype(np.float64)
    for voice in range(3):
        speed, depth = 0.45 + 0.21 * voice, (0.001 + 0.003 * strength) * rate
        places = times - 0.018 * rate - depth * np.sin(2 * np.pi * (speed * times / rate + voice / 3))
        for channel in range(samples.shape[1]):
            out[:, channel] += 0.5 * strength * np.interp(places, times, samples[:, channel], left=0.0)
    return out.astype(np.float32)


def compressed(samples: Samples, rate: int, strength: float) -> Samples:
    """Loud passages brought down towards the soft ones: up to 4 to 1 above 12 dB under the loudest."""
    from scipy import signal

    pole = np.exp(-1 / (0.05 * rate))
    power = np.square(samples.astype(np.float64)).mean(axis=1)
    level = np.maximum(signal.filtfilt([1 - pole], [1, -pole], power, padlen=min(len(power) - 1, 3)), 1e-12)
    threshold = 10 * np.log10(level.max()) - 12
    over = np.maximum(0.0, 10 * np.log10(level) - threshold)
    gain = 10 ** (-over * (0.75 * strength) / 20)
    return np.asarray(samples * gain[:, None], dtype=np.float32)


def wider(samples: Samples, rate: int, strength: float) -> Samples:
    """The difference of left and right raised, by up to 6 dB; mono is spread by a decorrelating all-pass pair."""
    if samples.shape[1] == 1:
        delays = (round(0.0047 * rate), round(0.0071 * rate))
        samples = np.concatenate([_all_pass(samples, d, 0.6 * strength) for d in delays], axis=1)
    middle, side = samples.mean(axis=1), (samples[:, 0] - samples[:, 1]) / 2 * np.float32(1 + strength)
    return np.stack([middle + side, middle - side], axis=1)


EFFECTS: dict[str, Effect] = {
    "reverb": reverb,
    "echo": echo,
    "chorus": chorus,
    "warmer": warmer,
    "brighter": brighter,
    "bassier": bassier,
    "muffled": muffled,
    "thinner": thinner,
    "radio": radio,
    "compressed": compressed,
    "wider": wider,
}
"""Every effect by the name a person uses, in the order of the catalogue."""


def _shelf(samples: Samples, rate: int, kind: str, hertz: float, gain_db: float) -> Samples:
    from pyloudnorm import IIRfilter
    from scipy import signal

    shelf = IIRfilter(gain_db, 1 / np.sqrt(2), min(hertz, 0.45 * rate), rate, kind)
    return np.asarray(signal.lfilter(shelf.b, shelf.a, samples, axis=0), dtype=np.float32)


def _butterworth(samples: Samples, rate: int, hertz: float, kind: str) -> Samples:
    from scipy import signal

    sections = signal.butter(4, min(hertz, 0.45 * rate), kind, fs=rate, output="sos")
    return np.asarray(signal.sosfilt(sections, samples, axis=0), dtype=np.float32)


def _all_pass(samples: Samples, delay: int, gain: float) -> Samples:
    """Schroeder's all-pass: ``y[n] = -g x[n] + x[n - d] + g y[n - d]``."""
    from scipy import signal

    b, a = np.zeros(delay + 1), np.zeros(delay + 1)
    b[0], b[-1], a[0], a[-1] = -gain, 1.0, 1.0, -gain
    return dsp.of_length(np.asarray(signal.lfilter(b, a, samples, axis=0), dtype=np.float32), len(samples))
