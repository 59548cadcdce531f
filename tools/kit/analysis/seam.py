"""How well the end of a loop joins its start.

The file is heard as it repeats, so its end is what sounds before its first sample. The join is then one moment among
all the others, and is compared with those of its own kind: the moments inside at which at least half as much sets in
(one with an attack is compared with attacks, one in held or dying sound with the quiet frames too). A seam shows as

* a *click*: a kink between samples sharper than any in the 20 ms on either side;
* a *cut*: sound that leaves off at once, band by band, faster than at those moments;
* a *drop*: a level that falls over the last 70 ms as it falls nowhere inside, a short fade;
* a *hush*: last 30 ms quieter than before any of those moments, a long fade or a missing tail;
* a *gap*: silence longer than any inside.

A loop whose release flows over its start has none of them wherever its bar line lies, and passes rotated too.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_FRAME, _HOP = 1024, 256
_PAD_S = 0.07
_ALIKE = 24  # at least so many of the strongest onsets are compared with
_APART = 12  # hops between onsets
_MOST_KINK = 1.5
_MOST_CUT_DB = 1.0
_MOST_DROP_DB, _MOST_HUSH_DB = 6.0, 6.0
_SHORTEST_GAP_S = 0.03
_QUIET = 10 ** (-60 / 20)
_FLOOR_DB = -70.0


@dataclass(frozen=True)
class Seam:
    """What the join has beyond the comparable moments inside: a ratio, decibels (0 or less is none), seconds."""

    kink: float
    cut_db: float
    drop_db: float
    hush_db: float
    gap_s: float
    longest_rest_s: float

    @property
    def _excess(self) -> tuple[float, ...]:
        """Each measure as a share of what goes unheard."""
        rest = max(_SHORTEST_GAP_S, self.longest_rest_s)
        drop, hush = self.drop_db / _MOST_DROP_DB, self.hush_db / _MOST_HUSH_DB
        return self.kink / _MOST_KINK, self.cut_db / _MOST_CUT_DB, drop, hush, self.gap_s / rest

    @property
    def roughness(self) -> float:
        """The worst of the five as a share of what goes unheard, at least 0; above 1 the join is heard."""
        return max(0.0, *self._excess)

    @property
    def faults(self) -> tuple[str, ...]:
        """What is heard at the join, in words; empty when nothing is."""
        words = (
            f"a click ({self.kink:.1f} times the sharpest bend round it)",
            f"sound cut off ({self.cut_db:.1f} dB a band more than inside)",
            f"a fade at the end ({self.drop_db:.1f} dB steeper than any inside)",
            f"an end {self.hush_db:.1f} dB quieter than before other onsets",
            f"a gap of {self.gap_s:.2f} s",
        )
        return tuple(told for told, share in zip(words, self._excess, strict=True) if share > 1)

    @property
    def is_smooth(self) -> bool:
        """Whether nothing is heard at the join."""
        return not self.faults


def loop_seam(samples: NDArray[np.float32], rate: int) -> Seam | None:
    """Measure the join of a loop ``[n, channels]``; None when it is shorter than 8 frames or silent."""
    mono = samples.mean(axis=1).astype(np.float64)
    pad = max(_FRAME, round(_PAD_S * rate))
    if len(mono) < max(8 * _FRAME, 2 * pad) or not mono.any():
        return None
    around = np.pad(mono, pad, mode="wrap")
    rise, fall = _turns(around[pad - _FRAME : len(around) - pad + _FRAME])
    hush, drop = _levels(around, pad, len(rise), rate)
    alike = _alike(rise)
    gap, rest = _rests(mono, rate)
    return Seam(
        kink=_kink(around, pad, rate),
        cut_db=float(fall[0] - fall[alike].max()),
        drop_db=float(drop[0] - drop[alike].max()),
        hush_db=float(hush[alike].min() - hush[0]),
        gap_s=gap,
        longest_rest_s=rest,
    )


def _turns(around: Floats) -> tuple[Floats, Floats]:
    """How far the bands rise and fall at each hop, in mean dB a band, ``[moments]`` each; the join is the first."""
    frames = np.lib.stride_tricks.sliding_window_view(around, _FRAME)[::_HOP]
    level = float(np.percentile((frames**2).mean(axis=1), 99))
    energy = _bands(frames, 1e-6 * level * _FRAME**2 / 8)
    apart = _FRAME // _HOP
    change = 10 * (energy[apart:] - energy[:-apart])
    return np.maximum(change, 0).mean(axis=1), np.maximum(-change, 0).mean(axis=1)


def _bands(frames: Floats, floor: float) -> Floats:
    """Log10 band energies of frames ``[n, _FRAME]``, ``[n, bands]``, with a floor that keeps silence finite."""
    edges = np.unique(np.geomspace(2, _FRAME // 2, 33).astype(int))
    blocks = [
        np.add.reduceat(np.abs(np.fft.rfft(frames[i : i + 2048] * np.hanning(_FRAME), axis=1)) ** 2, edges, axis=1)
        for i in range(0, len(frames), 2048)
    ]
    return np.asarray(np.log10(np.concatenate(blocks) + floor))


def _levels(around: Floats, pad: int, moments: int, rate: int) -> tuple[Floats, Floats]:
    """Level of the 30 ms before each moment and its fall over the 70 ms before, dB ``[moments]`` each."""
    summed = np.concatenate([[0.0], np.cumsum(around**2)])
    at = pad + np.arange(moments) * _HOP

    def before(from_ms: float, to_ms: float) -> Floats:
        start, stop = at - round(from_ms * rate / 1000), at - round(to_ms * rate / 1000)
        return np.asarray(10 * np.log10(np.maximum(summed[stop] - summed[start], 0) / (stop - start) + 1e-14))

    near = before(30, 0)
    floor = float(np.percentile(near, 99)) + _FLOOR_DB
    drop = np.maximum(before(70, 50), floor) - np.maximum(before(8, 0), floor)
    return np.maximum(near, floor), drop


def _alike(rise: Floats) -> NDArray[np.intp]:
    """Moments inside at which half as much sets in as at the join, or the strongest onsets when few do."""
    from scipy import ndimage

    away = np.arange(len(rise))
    is_inside = (away > _APART) & (away < len(rise) - _APART)
    peaks = rise[is_inside & (rise == ndimage.maximum_filter1d(rise, 2 * _APART + 1, mode="wrap"))]
    weakest = np.sort(peaks)[-_ALIKE:].min(initial=rise[is_inside].max())
    return np.flatnonzero(is_inside & (rise >= min(rise[0] / 2, weakest)))


def _kink(around: Floats, pad: int, rate: int) -> float:
    """Sharpest bend at the join (second difference) over the 99.5th percentile of those in 20 ms either side."""
    bends = np.abs(np.diff(around, n=2))
    at, reach = pad - 1, round(0.02 * rate)
    sides = (bends[at - reach : at - 4], bends[at + 4 : at + reach])
    usual = max(float(np.percentile(side, 99.5)) for side in sides)
    return float(bends[at - 3 : at + 3].max() / max(usual, 1e-3 * float(np.abs(around).max())))


def _rests(mono: Floats, rate: int) -> tuple[float, float]:
    """Silence round the join and the longest inside, in seconds."""
    loud = np.flatnonzero(np.abs(mono) >= np.abs(mono).max() * _QUIET)
    gap = loud[0] + len(mono) - 1 - loud[-1]
    return float(gap / rate), float((np.diff(loud) - 1).max(initial=0) / rate)
