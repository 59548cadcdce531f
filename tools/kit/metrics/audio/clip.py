"""A recording to be measured, with the views of it that several metrics share, each made once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from math import gcd
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tools.errors import UserError
from tools.kit.analysis import pulse, spectrum
from tools.kit.audio import Samples, read_audio, stated_seconds

Floats = NDArray[np.float64]
DIGITAL_SILENCE = 1e-6  # -120 dBFS: below the step of 16-bit (-90) and 20-bit sound
_BLOCK = 256  # frames transformed at once
_CUT_S = 0.1  # missing from a file that is still taken for whole


@dataclass(frozen=True)
class Clip:
    """Samples ``[n, channels]``, full scale at -1 and 1, at ``rate`` Hz; made by :meth:`of` or :func:`read`."""

    samples: Samples
    rate: int

    @classmethod
    def of(cls, samples: NDArray[np.floating], rate: int) -> Clip:
        """A clip of ``[n]`` or ``[n, channels]`` samples.

        Raises
        ------
        UserError
            When there are no samples, more dimensions than two, values that are not finite, or no positive rate.
        """
        array = np.asarray(samples)
        if array.ndim == 1:
            array = array[:, None]
        if array.ndim != 2 or not array.size:
            raise UserError(f"Samples have the shape [n] or [n, channels], not {np.shape(samples)}; give some.")
        if not np.issubdtype(array.dtype, np.floating):
            raise UserError(f"Samples are floats from -1 to 1, not {array.dtype}; divide integers by their full scale.")
        if not np.isfinite(array).all():
            raise UserError("The recording holds samples that are no numbers (NaN or infinite); export it again.")
        if rate <= 0:
            raise UserError(f"A sample rate is a positive number of Hz, not {rate}.")
        return cls(np.ascontiguousarray(array, dtype=np.float32), rate)

    @property
    def seconds(self) -> float:
        """Length in seconds."""
        return len(self.samples) / self.rate

    @cached_property
    def envelope(self) -> Samples:
        """Highest absolute sample of any channel ``[n]``."""
        return np.asarray(np.abs(self.samples).max(axis=1))

    @cached_property
    def peak(self) -> float:
        """Highest absolute sample."""
        return float(self.envelope.max())

    @property
    def sounds(self) -> bool:
        """Whether anything rises over digital silence."""
        return self.peak > DIGITAL_SILENCE

    @cached_property
    def mono(self) -> Samples:
        """The channels' mean, scaled to a peak of 1, at :data:`~tools.kit.analysis.spectrum.RATE`; ``[m]``."""
        from scipy import signal

        mean = self.samples.mean(axis=1)
        divisor = gcd(self.rate, spectrum.RATE)
        resampled = signal.resample_poly(mean, spectrum.RATE // divisor, self.rate // divisor)
        return np.asarray(resampled / max(float(np.abs(resampled).max()), 1e-9), dtype=np.float32)

    @cached_property
    def strength(self) -> Floats:
        """Onset strength of :attr:`mono`."""
        return spectrum.onset_strength(self.mono)

    @cached_property
    def chroma(self) -> Floats:
        """Chroma ``[12, frames]`` of :attr:`mono`."""
        return spectrum.chroma(self.mono)

    @cached_property
    def pulse(self) -> pulse.Pulse | None:
        """Tempo and beats; None without a pulse."""
        return pulse.track(self.strength) if self.sounds else None

    @property
    def beats(self) -> float:
        """How many beats the recording lasts at its own tempo; 0 without a pulse."""
        return self.seconds * self.pulse.bpm / 60 if self.pulse is not None else 0.0

    def spectra(self, channel: int, frame: int, hop: int) -> Floats:
        """Power spectra ``[frames, frame // 2 + 1]`` of a channel under a Hann window, whole frames only.

        A full-scale sine has a power of 1 in its bin. A recording shorter than one frame gives no frame.
        """
        if len(self.samples) < frame:
            return np.zeros((0, frame // 2 + 1))
        window = np.hanning(frame + 1)[:-1].astype(np.float32)
        frames = np.lib.stride_tricks.sliding_window_view(self.samples[:, channel], frame)[::hop]
        power = np.empty((len(frames), frame // 2 + 1))
        for start in range(0, len(frames), _BLOCK):
            power[start : start + _BLOCK] = np.abs(np.fft.rfft(frames[start : start + _BLOCK] * window, axis=1)) ** 2
        return power * (4 / float(window.sum()) ** 2)


Measure = Callable[[Clip], float | None]


def read(path: Path) -> Clip:
    """A file's sound at its own sample rate, folded down to two channels at most.

    Raises
    ------
    UserError
        When nothing can be decoded, or less than the file's header states.
    """
    clip = Clip.of(*read_audio(path, native_rate(path)))
    stated = stated_seconds(path)
    if stated is not None and clip.seconds < stated - _CUT_S:
        raise UserError(
            f"{path.name} is cut off: its header states {stated:.2f} s and {clip.seconds:.2f} s are there; copy or "
            "export it again."
        )
    return clip


def native_rate(path: Path) -> int:
    """Sample rate of the first audio stream in Hz; 44,100 where it cannot be told: reading then says what is wrong."""
    import av

    try:
        with av.open(str(path)) as container:
            return int(container.streams.audio[0].rate) if container.streams.audio else 44100
    except (av.FFmpegError, OSError):
        return 44100
