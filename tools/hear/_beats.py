"""The beats of a recording, by the trained ears or by librosa, and its bars for transcribers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tools.errors import UserError
from tools.kit.analysis.metrical import Bars, HeardNote, accents_on, barred, beats_of_notes

Floats = NDArray[np.float64]
Mono = NDArray[np.float32]
Backend = Literal["auto", "embedded", "librosa"]
_CURVE_BEATS = 8


@dataclass(frozen=True)
class Pulse:
    """Beats and downbeats in seconds, the meter as ``'6/8'``, tempo in beats a minute, and confidence in [0, 1]."""

    beats_s: Floats
    downbeats_s: Floats
    meter: str
    per_bar: int
    in_three: bool
    confidence: float

    @property
    def bpm(self) -> float:
        """Median tempo in beats a minute."""
        return 60.0 / float(np.median(np.diff(self.beats_s)))


def hear_pulse(mono: Mono, backend: Backend = "auto") -> Pulse | None:
    """The pulse of mono samples at 22.05 kHz; None where nothing recurs."""
    from tools.backends import ears
    from tools.kit.analysis import spectrum
    from tools.kit.analysis.beats import decoded, divides_in_three

    chances = ears.pulse(mono)
    found = decoded(chances, ears.PULSE_RATE)
    times = _by_librosa(mono) if backend == "librosa" else None if found is None else found.times_s
    if times is None or len(times) < 2:
        return None
    in_three = divides_in_three(spectrum.onset_strength(mono), spectrum.FRAME_RATE, times)
    if backend == "librosa" or found is None:
        bars = barred(times, _downbeat_chances(chances, times, ears.PULSE_RATE))
        down, per_bar, sure = times[bars.first :: bars.per_bar], bars.per_bar, 0.5
    else:
        down, per_bar, sure = found.downbeats_s, found.per_bar, found.confidence
    meter = f"{3 * per_bar}/8" if in_three else f"{per_bar}/4"
    return Pulse(times, down, meter, per_bar, in_three, sure)


def _by_librosa(mono: Mono) -> Floats:
    try:
        import librosa
    except ImportError as err:
        raise UserError("librosa is not installed; install it, or let backend be 'auto'.") from err
    _, times = librosa.beat.beat_track(y=mono, sr=22050, units="time")
    return np.asarray(times, dtype=np.float64)


def _downbeat_chances(chances: Floats, times: Floats, rate: float) -> Floats:
    index = np.clip(np.round(times * rate).astype(int), 0, len(chances) - 1)
    return np.asarray(chances[index, 1] + 1e-3)


def tempo_curve(beats_s: Floats) -> list[dict[str, float]]:
    """Tempo over time, one value a bar or so: ``at_s`` and ``tempo_bpm`` by the median of eight beats round it."""
    gaps = np.diff(beats_s)
    half = _CURVE_BEATS // 2
    return [
        {
            "at_s": round(float(beats_s[i]), 3),
            "tempo_bpm": round(60.0 / float(np.median(gaps[max(0, i - half) : i + half])), 2),
        }
        for i in range(0, len(gaps), half)
    ]


def heard_bars(mono: Mono, notes: Sequence[HeardNote], late_s: float) -> Bars | None:
    """Bars under a recording whose notes were heard, in the seconds of the notes; None without a pulse.

    Where no pulse is heard in the sound the notes' own onsets are asked.
    """
    pulse = hear_pulse(mono)
    if pulse is None:
        beats = beats_of_notes(notes)
        return None if beats is None else barred(beats, accents_on(beats, notes))
    first = int(np.abs(pulse.beats_s - pulse.downbeats_s[0]).argmin()) if len(pulse.downbeats_s) else 0
    return Bars(pulse.beats_s + late_s, first % pulse.per_bar, pulse.per_bar, 1.5 if pulse.in_three else 1.0)
