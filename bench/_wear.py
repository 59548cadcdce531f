"""What happens to recordings: another tuning, a room, noise, a lossy codec, a late start, a soft or loud level."""

from __future__ import annotations

import io
import random
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]


@dataclass(frozen=True)
class Worn:
    """Samples after wear, the factor by which they last longer, how much later they begin, and what was done."""

    samples: Samples
    stretch: float
    late_s: float
    names: tuple[str, ...]


def worn(samples: Samples, rate: int, rng: random.Random, chance: float) -> Worn:
    """Mono samples ``[n]`` after each kind of wear with the given chance."""
    names: list[str] = []
    stretch, late = 1.0, 0.0
    if rng.random() < chance / 2:
        cents = rng.uniform(-40, 40)
        samples, stretch = detuned(samples, cents)
        names.append(f"{cents:+.0f} cents")
    if rng.random() < chance / 2:
        samples = in_a_room(samples, rate, rng.uniform(0.3, 1.6), rng)
        names.append("room")
    if rng.random() < chance / 2:
        snr = rng.uniform(12, 40)
        samples = noisy(samples, snr, rng)
        names.append(f"noise at {snr:.0f} dB")
    if rng.random() < chance / 2:
        late = rng.uniform(0.05, 1.5)
        samples = np.concatenate([np.zeros(round(late * rate), np.float32), samples])
        names.append(f"{late:.2f} s late")
    if rng.random() < chance / 4:
        samples = pressed(samples, rate, rng.choice((48_000, 64_000, 96_000)))
        names.append("MP3")
    level = 10 ** (-rng.uniform(0, 20) / 20)
    return Worn(samples / max(float(np.abs(samples).max()), 1e-6) * np.float32(level), stretch, late, tuple(names))


def detuned(samples: Samples, cents: float) -> tuple[Samples, float]:
    """Played back faster or slower, so that it is ``cents`` higher; the second value is how much longer it lasts."""
    ratio = 2 ** (cents / 1200)
    places = np.arange(0, len(samples) - 1, ratio)
    return np.interp(places, np.arange(len(samples)), samples).astype(np.float32), 1 / ratio


def in_a_room(samples: Samples, rate: int, decay_s: float, rng: random.Random) -> Samples:
    """With a diffuse tail that falls by 60 dB in ``decay_s``, a quarter as strong as the sound itself."""
    from scipy import signal

    made = np.random.default_rng(rng.getrandbits(32))
    times = np.arange(round(decay_s * rate)) / rate
    tail = made.standard_normal(len(times)) * np.exp(-6.9 * times / decay_s)
    tail *= 0.5 / np.sqrt((tail**2).sum())
    return np.asarray(samples + signal.fftconvolve(samples, tail)[: len(samples)], dtype=np.float32)


def noisy(samples: Samples, snr_db: float, rng: random.Random) -> Samples:
    """With pink-ish noise ``snr_db`` below the music's mean power."""
    made = np.random.default_rng(rng.getrandbits(32))
    spectrum = np.fft.rfft(made.standard_normal(len(samples)))
    spectrum /= np.sqrt(np.maximum(np.arange(len(spectrum)), 20.0))
    noise = np.fft.irfft(spectrum, len(samples))
    power = float((samples.astype(np.float64) ** 2).mean())
    return np.asarray(samples + noise / noise.std() * np.sqrt(power / 10 ** (snr_db / 10)), dtype=np.float32)


def pressed(samples: Samples, rate: int, bits: int) -> Samples:
    """Through an MP3 of so many bits a second and back, aligned and as long as before."""
    import av
    from scipy import signal

    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp3") as out:
        stream = out.add_stream("libmp3lame", rate=rate, layout="mono")
        stream.bit_rate = bits
        frame = av.AudioFrame.from_ndarray(samples[None, :].astype(np.float32), format="fltp", layout="mono")
        frame.rate = rate
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            out.mux(packet)
    buffer.seek(0)
    with av.open(buffer, "r") as read:
        parts = [f.to_ndarray().mean(axis=0) for f in read.decode(audio=0)]
    back = np.concatenate(parts).astype(np.float32)
    reach = min(len(back), len(samples), 8 * rate)
    lag = (
        int(signal.correlate(back[: reach + 4096], samples[:reach], "valid", "fft").argmax())
        if len(back) > reach + 4096
        else 0
    )
    back = back[lag : lag + len(samples)]
    return np.pad(back, (0, len(samples) - len(back)))
