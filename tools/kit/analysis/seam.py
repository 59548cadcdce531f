"""How well the end of a loop joins its start.

The join is compared with the piece itself: the jump between the last and the first sample with the largest jumps
inside, and the change of spectrum across the join with the changes across other moments, onsets among them. A join
that is no rougher than the roughest one in two hundred inside cannot be told from them. A silent stretch at the join
is a gap.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_FRAME, _HOP = 1024, 256
_MOST = 99.5
_MOST_GAP_S = 0.25
_QUIET = 10 ** (-60 / 20)


@dataclass(frozen=True)
class Seam:
    """Percentiles (0 to 100) of the join's sample jump and spectral change among those inside; silence round it."""

    jump_percentile: float
    change_percentile: float
    gap_s: float

    @property
    def is_smooth(self) -> bool:
        """Whether neither stands out and no gap opens."""
        return max(self.jump_percentile, self.change_percentile) <= _MOST and self.gap_s <= _MOST_GAP_S


def loop_seam(samples: NDArray[np.float32], rate: int) -> Seam | None:
    """Measure the join of a loop ``[n, channels]``; None when it is shorter than 8 frames or silent."""
    mono = samples.mean(axis=1).astype(np.float64)
    if len(mono) < 8 * _FRAME or not mono.any():
        return None
    inside = np.abs(np.diff(mono))
    jump = abs(mono[0] - mono[-1])
    spectra = _spectra(np.lib.stride_tricks.sliding_window_view(mono, _FRAME)[::_HOP])
    apart = _FRAME // _HOP
    changes = np.abs(spectra[apart:] - spectra[:-apart]).mean(axis=1)
    at_join = np.abs(np.diff(_spectra(np.stack([mono[-_FRAME:], mono[:_FRAME]])), axis=0)).mean()
    loud = np.flatnonzero(np.abs(mono) >= np.abs(mono).max() * _QUIET)
    gap = (loud[0] + len(mono) - 1 - loud[-1]) / rate
    return Seam(float(np.mean(inside < jump) * 100), float(np.mean(changes < at_join) * 100), float(gap))


def _spectra(frames: NDArray[np.float64]) -> NDArray[np.float64]:
    """Log band energies of frames ``[n, _FRAME]``, ``[n, bands]``, with a floor that keeps silence finite."""
    edges = np.unique(np.geomspace(2, _FRAME // 2, 33).astype(int))
    blocks = [
        np.add.reduceat(np.abs(np.fft.rfft(frames[i : i + 2048] * np.hanning(_FRAME), axis=1)) ** 2, edges, axis=1)
        for i in range(0, len(frames), 2048)
    ]
    return np.asarray(np.log(np.concatenate(blocks) + 1e-4))
