"""What is wrong with the sound as sound: clipping, silence, offset, noise, a missing top."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from tools.kit.metrics.audio.clip import DIGITAL_SILENCE, Clip, Measure
from tools.kit.metrics.registry import metric

FULL_SCALE = 0.999  # -0.009 dBFS: what 8-bit to float sources reach when they are driven to their end
RUN = 3  # consecutive samples that a crest of music does not hold
SILENT = 10 ** (-60 / 20)
_BLOCK_S = 0.05
_STEP = 2.0**-15  # one step of 16-bit sound
_NOISE_FRAME, _NOISE_SHARE, _NOISE_BAND = 2048, 0.10, (100.0, 8000.0)
_TOP_FRAME, _TOP_DB, _TOP_HZ = 4096, 80.0, 200.0
_FLOOR_DB = -120.0


@metric(
    "clipping_share",
    family="audio",
    unit="share",
    low=0.0,
    high=1.0,
    better="lower",
    formula="samples of all channels in runs of 3 or more with |x| >= 0.999, over all samples",
    meaning="How much of the sound is cut off flat at full scale, which is heard as crackle and harshness. Sound that "
    "was clipped and then turned down escapes it; flat_top_share sees that.",
    source="Scorewright; the common run-length test of restoration tools (Godsill and Rayner, Digital Audio "
    "Restoration, 1998)",
)
def clipping_share(clip: Clip) -> float:
    """Share of samples in runs at full scale, in [0, 1]."""
    return _share_in_runs(np.abs(clip.samples) >= FULL_SCALE)


@metric(
    "flat_top_share",
    family="audio",
    unit="share",
    low=0.0,
    high=1.0,
    better="lower",
    formula="samples in runs of 3 or more within 2^-15 of their channel's highest or lowest value, over all samples",
    meaning="How much of the sound is cut off flat at whatever level it was clipped, even if turned down since. Lossy "
    "coding rounds flat tops off again, and a synthetic square wave is all flat top.",
    source="Scorewright",
)
def flat_top_share(clip: Clip) -> float | None:
    """Share of samples in runs at their channel's own extremes, in [0, 1]; None for digital silence."""
    if not clip.sounds:
        return None
    high, low = clip.samples.max(axis=0), clip.samples.min(axis=0)
    is_top = (clip.samples >= high - _STEP) | (clip.samples <= low + _STEP)
    return _share_in_runs(is_top & (np.abs(clip.samples) > 4 * _STEP))


@metric(
    "silence_share",
    family="audio",
    unit="share",
    low=0.0,
    high=1.0,
    formula="50-ms blocks whose highest |x| < 10^(-60/20), over all blocks",
    meaning="How much of the piece is silent (nothing above -60 dBFS in 50 ms). Rests are music too: a value is "
    "good or bad only against what was wanted.",
    source="Scorewright",
)
def silence_share(clip: Clip) -> float:
    """Share of 50-ms blocks that are silent, in [0, 1]; the last block may be short."""
    return float(np.mean(_block_peaks(clip) < SILENT))


@metric(
    "silence_leading_s",
    family="audio",
    unit="s",
    low=0.0,
    better="lower",
    formula="time of the first sample with |x| >= 10^(-60/20); the whole length if there is none",
    meaning="How long one waits for the music to begin. A slow fade-in counts as silence until -60 dBFS.",
    source="Scorewright",
)
def silence_leading(clip: Clip) -> float:
    """Silence before the first sound, in seconds."""
    loud = np.flatnonzero(clip.envelope >= SILENT)
    return float(loud[0]) / clip.rate if len(loud) else clip.seconds


@metric(
    "silence_trailing_s",
    family="audio",
    unit="s",
    low=0.0,
    better="lower",
    formula="length less the time after the last sample with |x| >= 10^(-60/20); the whole length if there is none",
    meaning="How long nothing is heard after the last sound. A reverb tail below -60 dBFS counts as silence.",
    source="Scorewright",
)
def silence_trailing(clip: Clip) -> float:
    """Silence after the last sound, in seconds."""
    loud = np.flatnonzero(clip.envelope >= SILENT)
    return (len(clip.samples) - 1 - float(loud[-1])) / clip.rate if len(loud) else clip.seconds


@metric(
    "dc_offset",
    family="audio",
    unit="share of full scale",
    low=0.0,
    high=1.0,
    better="lower",
    formula="max over channels of |mean(x)|",
    meaning="How far the waveform sits off its middle, which wastes headroom and clicks at cuts. It cannot be heard "
    "by itself; below 0.001 is clean.",
    source="AES17",
)
def dc_offset(clip: Clip) -> float:
    """Largest absolute mean of a channel."""
    return float(np.abs(clip.samples.mean(axis=0, dtype=np.float64)).max())


@metric(
    "noise_floor_dbfs",
    family="audio",
    unit="dBFS",
    low=_FLOOR_DB,
    better="lower",
    formula="10 log10 of the mean over channels of B/3 * median over the bins from 100 Hz to 8 kHz of P10 over "
    "time of |X|^2 / -ln(0.9); Hann frames of 2048 that sound, a full-scale sine having |X| = 1, B bins in all",
    meaning="How loud the steady hiss between the notes is, as the level of the white noise that would fill the gaps. "
    "Dense music without gaps hides its noise, and a held cymbal counts as noise.",
    source="minimum statistics (Martin, IEEE TSAP 9:504, 2001), simplified: one quantile for the whole piece",
)
def noise_floor(clip: Clip) -> float | None:
    """Level of the steady noise in dBFS, at least -120; None when fewer than ten frames sound."""
    found = [_steady_power(clip, channel) for channel in range(clip.samples.shape[1])]
    steady = [power for power in found if power is not None]
    if not steady:
        return None
    return max(_FLOOR_DB, 10 * math.log10(max(sum(steady) / len(steady), 1e-30)))


def _steady_power(clip: Clip, channel: int) -> float | None:
    """Power of the white noise that is there all the time in a channel; None when it hardly sounds."""
    power = clip.spectra(channel, _NOISE_FRAME, _NOISE_FRAME // 2)
    power = power[power.sum(axis=1) > DIGITAL_SILENCE**2]
    hertz = np.fft.rfftfreq(_NOISE_FRAME, 1 / clip.rate)
    band = power[:, (hertz >= _NOISE_BAND[0]) & (hertz <= _NOISE_BAND[1])]
    if len(power) < 10 or not band.shape[1]:
        return None
    in_bin = float(np.median(np.quantile(band, _NOISE_SHARE, axis=0))) / -float(np.log(1 - _NOISE_SHARE))
    return (
        in_bin * int(power.shape[1]) / 3
    )  # a sine's power is half its crest's, and a Hann window spreads noise over 1.5 bins


@metric(
    "bandwidth_hz",
    family="audio",
    unit="Hz",
    low=0.0,
    better="higher",
    formula="highest f whose long-term power, averaged over 200 Hz round f, is at most 80 dB below the greatest, an "
    "offset (the bin of 0 Hz and the next) left out",
    meaning="Where the sound's top ends: 16 kHz and more is open, 7 kHz a telephone or an MP3 of 32 kb/s. Music of "
    "flutes or a felt piano has little top by itself, and no coder took it.",
    source="Scorewright; the cut-off test for transcoded files (D'Alessandro and Shi, MP3 bit rate quality detection "
    "through frequency spectrum analysis, ACM MM&Sec 2009)",
)
def bandwidth(clip: Clip) -> float | None:
    """Frequency in Hz above which the power vanishes; None for silence, a mere offset and under 4096 samples."""
    from scipy import ndimage

    if not clip.sounds or len(clip.samples) < _TOP_FRAME:
        return None
    channels = range(clip.samples.shape[1])
    power = np.mean([clip.spectra(channel, _TOP_FRAME, _TOP_FRAME // 2).mean(axis=0) for channel in channels], axis=0)
    rounding = float(power[0]) * float(np.finfo(np.float32).eps) ** 2  # what an offset leaves in every bin
    power[:2] = 0.0  # an offset stands in the first bin, and Hann's window spreads it to the next
    width = max(1, round(_TOP_HZ * _TOP_FRAME / clip.rate))
    smooth = ndimage.uniform_filter1d(power, width, mode="nearest")
    if smooth.max() <= rounding:
        return None
    reached = np.flatnonzero(smooth >= smooth.max() * 10 ** (-_TOP_DB / 10))
    return float(reached[-1] * clip.rate / _TOP_FRAME)


def _block_peaks(clip: Clip) -> NDArray[np.float32]:
    """Highest absolute sample of each block of 50 ms."""
    starts = np.arange(0, len(clip.samples), max(1, round(_BLOCK_S * clip.rate)))
    return np.asarray(np.maximum.reduceat(clip.envelope, starts))


def _share_in_runs(inside: NDArray[np.bool_]) -> float:
    """Share of all entries that stand in runs of :data:`RUN` or more True in their column; ``[n, channels]``."""
    total = 0
    for column in inside.T:
        edges = np.diff(np.concatenate([[0], column.astype(np.int8), [0]]))
        lengths = np.flatnonzero(edges == -1) - np.flatnonzero(edges == 1)
        total += int(lengths[lengths >= RUN].sum())
    return total / inside.size


MEASURES: dict[str, Measure] = {
    "clipping_share": clipping_share,
    "flat_top_share": flat_top_share,
    "silence_share": silence_share,
    "silence_leading_s": silence_leading,
    "silence_trailing_s": silence_trailing,
    "dc_offset": dc_offset,
    "noise_floor_dbfs": noise_floor,
    "bandwidth_hz": bandwidth,
}
