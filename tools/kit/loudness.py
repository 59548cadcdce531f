"""Loudness and true peak (ITU-R BS.1770-4, EBU R 128), and the level that a finished file is brought to.

The K-weighting filters are pyloudnorm's; gating runs over the whole array at once, so that a curve, the
integrated value and the loudness range come from one pass. Samples are float32 ``[n, channels]``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tools.errors import UserError
from tools.kit.audio import Samples

Curve = NDArray[np.float64]
PRESETS: dict[str, float] = {
    "spotify": -14.0,
    "youtube": -14.0,
    "tidal": -14.0,
    "amazon": -14.0,
    "deezer": -15.0,
    "apple music": -16.0,
    "podcast": -16.0,
    "broadcast": -23.0,
    "tv": -23.0,
    "ebu r128": -23.0,
    "atsc a/85": -24.0,
    "netflix": -27.0,
    "game": -23.0,
    "cinema": -27.0,
    "background": -30.0,
}
"""Integrated loudness in LUFS that platforms and standards ask for, by everyday name."""

TRUE_PEAK_CEILING_DB = -1.0
MAX_LIMITING_DB = 9.0  # beyond this, peaks are no longer shaved but the music is flattened
SILENCE_LUFS = -70.0
_OVERSAMPLING = 4
_OVERSHOOT = 1.6
_BLOCK = 1 << 9
_STRETCH = 1 << 15
_FINE_S = 0.01
_GROWTH_DB = 1.5  # how much more gain limiting may ask for before the peaks are sought again
_LOOK_S = 0.012  # half the limiter's window: gain starts to fall this long before a peak


@dataclass(frozen=True)
class Levels:
    """What a normalised file ended at: LUFS, dBTP, the gain given and the deepest limiting, in dB."""

    lufs: float
    true_peak_db: float
    gain_db: float
    limited_db: float
    target_lufs: float

    @property
    def reached(self) -> bool:
        """Whether the target was met to within 0.1 LU."""
        return abs(self.lufs - self.target_lufs) <= 0.1


def target_of(preset: str) -> float:
    """The LUFS of a preset name (``UserError`` lists the names)."""
    try:
        return PRESETS[preset.strip().lower()]
    except KeyError:
        names = ", ".join(PRESETS)
        raise UserError(f"There is no loudness preset {preset!r}; one of {names}, or give loudness_lufs.") from None


def loudness_curve(samples: Samples, rate: int, *, window_s: float = 0.4, hop_s: float = 0.1) -> Curve:
    """Ungated loudness over time in LUFS: momentary at 0.4 s, short-term at 3 s (EBU Tech 3341).

    The value at index i covers the window that starts at ``i * hop_s``; silence is ``-inf``. A file
    shorter than the window gives one value over all of it.
    """
    with np.errstate(divide="ignore"):
        return np.asarray(-0.691 + 10 * np.log10(_block_energy(samples, rate, window_s, hop_s)))


def integrated_lufs(samples: Samples, rate: int) -> float:
    """Integrated loudness in LUFS with both gates; ``-inf`` when nothing passes the absolute gate at -70 LUFS."""
    return _gated(_block_energy(samples, rate, 0.4, 0.1))


def integrated_or_none(samples: Samples, rate: int) -> float | None:
    """:func:`integrated_lufs` as it is reported: None, no number, where nothing passes the absolute gate."""
    value = integrated_lufs(samples, rate)
    return value if np.isfinite(value) else None


def loudness_range(samples: Samples, rate: int) -> float:
    """Loudness range in LU (EBU Tech 3342): from the 10th to the 95th percentile of gated short-term loudness."""
    energy = _block_energy(samples, rate, 3.0, 0.1)
    loud = energy[energy > _energy(SILENCE_LUFS)]
    if not len(loud):
        return 0.0
    low, high = np.percentile(10 * np.log10(loud[loud > loud.mean() * 0.01]), [10, 95])
    return float(high - low)


def true_peak_db(samples: Samples, rate: int) -> float:
    """Highest true peak in dBTP, by oversampling four times (BS.1770-4, annex 2); ``-inf`` for digital silence."""
    peak = float(_peak_envelope(samples, highest(samples)).max(initial=0.0))
    return float(20 * np.log10(peak)) if peak > 0 else float("-inf")


def highest(samples: Samples) -> float:
    """Highest absolute sample; 0 when there are none."""
    return max(float(samples.max(initial=0.0)), -float(samples.min(initial=0.0)))


def normalised(
    samples: Samples, rate: int, target_lufs: float, *, ceiling_db: float = TRUE_PEAK_CEILING_DB, wrap: bool = False
) -> tuple[Samples, Levels]:
    """Bring a file to a loudness, its true peaks held under a ceiling by a look-ahead limiter, never by clipping.

    Parameters
    ----------
    samples, rate
        float32 ``[n, channels]`` and Hz.
    target_lufs
        Integrated loudness wanted.
    ceiling_db
        Highest true peak allowed, in dBTP.
    wrap
        The file is a loop: the limiter looks from its end into its start.

    Returns
    -------
    samples, levels
        When the target would need more than :data:`MAX_LIMITING_DB` of limiting, the loudest file that
        stays under it; ``levels.reached`` is then False.

    Raises
    ------
    UserError
        When the sound is silent to BS.1770.
    """
    fine, edges = _fine_power(samples, rate)
    start = _gated(_blocks_of(fine, rate))
    if not np.isfinite(start):
        raise UserError("The sound is silent (nothing above -70 LUFS) and has no loudness to set; use one with sound.")
    known_db = target_lufs - start + _GROWTH_DB
    envelope = _peak_envelope(samples, min(highest(samples), _amplitude(ceiling_db - known_db)))
    peak_db = float(20 * np.log10(envelope.max()))
    most = MAX_LIMITING_DB + ceiling_db - peak_db
    gain_db = min(target_lufs - start, most)
    curve = None
    for _ in range(8):
        power = fine
        if gain_db > known_db:
            known_db = gain_db + _GROWTH_DB
            envelope = _peak_envelope(samples, min(highest(samples), _amplitude(ceiling_db - known_db)))
        if peak_db + gain_db > ceiling_db:
            curve = _reduction(envelope, gain_db, ceiling_db, rate, wrap)
            power = fine * np.add.reduceat(np.square(curve), edges) / np.diff(edges, append=len(samples))
        lufs = _gated(_blocks_of(power, rate) * 10 ** (gain_db / 10))
        step = target_lufs - lufs
        if abs(step) < 0.02 or (step > 0 and gain_db >= most):
            break
        gain_db = min(gain_db + step * (1.4 if power is not fine else 1.0), most)
    made = samples * np.float32(10 ** (gain_db / 20))
    if power is fine or curve is None:
        return made, Levels(lufs, peak_db + gain_db, gain_db, 0.0, target_lufs)
    made *= curve[:, None]
    limited_db = float(-20 * np.log10(curve.min()))
    return made, Levels(integrated_lufs(made, rate), true_peak_db(made, rate), gain_db, limited_db, target_lufs)


def held_under(samples: Samples, rate: int, ceiling_db: float = TRUE_PEAK_CEILING_DB) -> tuple[Samples, float]:
    """The samples with true peaks limited to a ceiling, and the deepest limiting in dB (0 when none was needed)."""
    if true_peak_db(samples, rate) <= ceiling_db:
        return samples, 0.0
    curve = _reduction(_peak_envelope(samples, _amplitude(ceiling_db)), 0.0, ceiling_db, rate, wrap=False)
    return samples * curve[:, None], float(-20 * np.log10(curve.min()))


def _amplitude(level_db: float) -> float:
    return float(10 ** (level_db / 20))


def _reduction(envelope: Samples, gain_db: float, ceiling_db: float, rate: int, wrap: bool) -> Samples:
    """Factor of each sample ``[n]`` that holds peaks under the ceiling after a gain.

    It is flat over the deepest need within the window and moves as a Hann curve.
    """
    from scipy import ndimage, signal

    need = np.minimum(1.0, np.float32(10 ** ((ceiling_db - 0.05 - gain_db) / 20)) / np.maximum(envelope, 1e-9))
    look = max(1, round(_LOOK_S * rate))
    around = np.pad(need, 2 * look, mode="wrap" if wrap else "edge")
    shape = signal.windows.hann(2 * look + 3)[1:-1].astype(np.float32)
    shape /= shape.sum()
    curve = np.ones(len(envelope), np.float32)
    for start in range(0, len(envelope), _STRETCH):
        near = around[start : min(start + _STRETCH, len(envelope)) + 4 * look]
        if near.min() < 1:
            held = ndimage.minimum_filter1d(near, 2 * look + 1)[look:-look]
            smooth = signal.oaconvolve(held, shape, mode="valid")
            np.minimum(smooth, 1.0, out=curve[start : start + len(smooth)])
    return curve


def _peak_envelope(samples: Samples, floor: float = 0.0) -> Samples:
    """For each sample the highest absolute value around it, oversampled four times, over all channels: ``[n]``.

    Stretches whose samples all lie more than 4 dB under ``floor`` are not oversampled: between the samples
    of music no crest rises so far over its neighbours.
    """
    from scipy import signal

    taps = 20 * _OVERSAMPLING  # BS.1770-4, annex 2, asks for 12 a phase at least
    low_pass = signal.firwin(taps + 1, 1 / _OVERSAMPLING, window=("kaiser", 5.0)).astype(np.float32) * _OVERSAMPLING
    level: Samples = np.abs(samples[:, 0])
    for channel in samples.T[1:]:
        np.maximum(level, np.abs(channel), out=level)
    for start, stop in _loud_stretches(level, floor / _OVERSHOOT):
        low = max(0, start - taps)
        own = slice(start - low, stop - low)
        for channel in samples[low : stop + taps].T:
            near = np.ascontiguousarray(channel)
            for phase in range(1, _OVERSAMPLING):
                between = np.abs(_filtered(near, low_pass[phase::_OVERSAMPLING])[own])
                np.maximum(level[start:stop], between, out=level[start:stop])
    return level


def _loud_stretches(level: Samples, floor: float) -> list[tuple[int, int]]:
    """Runs of neighbouring blocks with a sample at or above a floor, as (first sample, end)."""
    if not len(level):
        return []
    loud = np.maximum.reduceat(level, np.arange(0, len(level), _BLOCK)) >= floor
    changes = np.flatnonzero(np.diff(loud, prepend=False, append=False)) * _BLOCK
    return [(int(a), min(int(b), len(level))) for a, b in zip(changes[::2], changes[1::2], strict=True)]


def _filtered(channel: Samples, taps: Samples) -> Samples:
    """Convolution of the same length; a signal shorter than the filter is padded for it."""
    if len(channel) < len(taps):
        return np.convolve(np.pad(channel, (0, len(taps))), taps, "same")[: len(channel)]
    return np.convolve(channel, taps, "same")


def _gated(energy: Curve) -> float:
    """Integrated loudness in LUFS of block energies: the absolute gate, then the relative one 10 LU down."""
    loud = energy[energy > _energy(SILENCE_LUFS)]
    if not len(loud):
        return float("-inf")
    return float(-0.691 + 10 * np.log10(loud[loud > loud.mean() * 0.1].mean()))


def _energy(lufs: float) -> float:
    return float(10 ** ((lufs + 0.691) / 10))


def _block_energy(samples: Samples, rate: int, window_s: float, hop_s: float) -> Curve:
    """Mean square after K-weighting, summed over channels, in overlapping windows: ``[blocks]``."""
    size = len(samples) / rate
    if size <= window_s:
        return _power_until(samples, rate, np.array([len(samples)])) / max(1, len(samples))
    count = round((size - window_s) / hop_s) + 1
    windows = np.arange(count) * (hop_s / window_s)  # in windows, so that edges round to samples as pyloudnorm's do
    starts = (window_s * windows * rate).astype(int)
    stops = np.minimum((window_s * (windows + 1) * rate).astype(int), len(samples))
    power = _power_until(samples, rate, np.concatenate([starts, stops]))
    return np.asarray((power[count:] - power[:count]) / (window_s * rate))


def _fine_power(samples: Samples, rate: int) -> tuple[Curve, NDArray[np.int_]]:
    """K-weighted energy of every 10 ms ``[m]`` and the sample at which each begins."""
    edges = np.unique((np.arange(int(len(samples) / (_FINE_S * rate)) + 1) * _FINE_S * rate).astype(int))
    edges = edges[edges < len(samples)]
    power = _power_until(samples, rate, np.append(edges[1:], len(samples)))
    return np.diff(power, prepend=0.0), edges


def _blocks_of(fine: Curve, rate: int) -> Curve:
    """Mean square of the gating blocks, 0.4 s every 0.1 s, from the energy of every 10 ms."""
    size, hop = round(0.4 / _FINE_S), round(0.1 / _FINE_S)
    if len(fine) <= size:
        return np.array([fine.sum() / (len(fine) * _FINE_S * rate)])
    total = np.concatenate([[0.0], np.cumsum(fine)])
    starts = np.arange(0, len(fine) - size + 1, hop)
    return np.asarray((total[starts + size] - total[starts]) / (0.4 * rate))


def _power_until(samples: Samples, rate: int, places: NDArray[np.int_]) -> Curve:
    """Sum of the squared K-weighted signal over all channels, from the start to each place: ``[places]``.

    Runs through the file in stretches that stay in the processor's cache.
    """
    from pyloudnorm import IIRfilter
    from scipy import signal

    shelf = IIRfilter(4.0, 1 / np.sqrt(2), 1500.0, rate, "high_shelf")
    high = IIRfilter(0.0, 0.5, 38.0, rate, "high_pass")
    b, a = np.convolve(shelf.b, high.b), np.convolve(shelf.a, high.a)
    state = np.zeros((samples.shape[1], len(a) - 1))
    found, total = np.zeros(len(places)), 0.0
    for start in range(0, len(samples), _STRETCH):
        part = samples[start : start + _STRETCH].T.astype(np.float64)
        weighted, state = signal.lfilter(b, a, part, axis=1, zi=state)
        power = np.cumsum(np.square(weighted).sum(axis=0))
        here = (places > start) & (places <= start + len(power))
        found[here] = total + power[places[here] - start - 1]
        total += float(power[-1])
    return found
