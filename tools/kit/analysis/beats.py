"""Beats, downbeats and meter from how likely each moment is a beat and a downbeat.

Beats by the bar pointer model (Whiteley, Cemgil and Godsill, ISMIR 2006) in the efficient state space of Krebs, Boeck
and Widmer (ISMIR 2015): a place that moves through the beat at one of some tempi, which changes only on a beat. Bars by
a second Markov chain over the beats, whose states are the place in a bar of two, three or four.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

SLOWEST, FASTEST = 40.0, 230.0  # BPM
_FINE = 100.0  # places a second
_TEMPI = 64
_STEADY = 90.0  # how dearly a change of tempo is paid
_NEAR = 1 / 12  # share of the beat that is on it
_PRIOR_BPM, _PRIOR_OCTAVES, _PRIOR_WEIGHT = 105.0, 1.0, 0.4  # log-normal, weighed at each beat
_BARS = {2: -3.0, 3: -0.3, 4: 0.0}  # log chances of bars of so many beats, before anything is heard
_NEW_METER = -7.0
_HALFWAY = 0.6  # what a downbeat heard in the middle of a bar of four says against it, as a share
_WITHIN_S = 0.05


@dataclass(frozen=True)
class Beats:
    """Beats in seconds ``[n]``, their places in the bar ``[n]`` from 0, beats a bar, and their mean chance."""

    times_s: Floats
    places: NDArray[np.int64]
    per_bar: int
    confidence: float

    @property
    def downbeats_s(self) -> Floats:
        """The first beats of bars, in seconds."""
        return np.asarray(self.times_s[self.places == 0])


def decoded(chances: Floats, rate: float) -> Beats | None:
    """The beats that explain chances ``[frames, 2]`` of beat and downbeat best; None when fewer than two fit.

    Parameters
    ----------
    rate
        Frames a second.
    """
    if len(chances) < rate or float(chances[:, 0].max()) < 0.08:
        return None
    moments = np.arange(0, (len(chances) - 1) / rate, 1 / _FINE)
    fine = np.interp(moments, np.arange(len(chances)) / rate, chances[:, 0])
    times = _refined(_beat_times(fine), chances[:, 0], rate)
    times = _trimmed(times, fine)
    if len(times) < 2:
        return None
    places, per_bar = _bars(_at(chances[:, 1], times, rate))
    return Beats(times, places, per_bar, float(_at(chances[:, 0], times, rate).mean()))


@cache
def _space() -> tuple[NDArray[np.int64], NDArray[np.int64], Floats, NDArray[np.bool_]]:
    """Lengths of the beat in places, first state of each, log chance of changes of length, states on the beat."""
    low, high = 60 / FASTEST * _FINE, 60 / SLOWEST * _FINE
    lengths = np.unique(np.round(np.geomspace(low, high, _TEMPI)).astype(np.int64))
    first = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    change = -_STEADY * np.abs(lengths[:, None] / lengths[None, :] - 1)
    change -= np.log(np.exp(change).sum(axis=1, keepdims=True))
    prior = -0.5 * (np.log2(60 * _FINE / lengths / _PRIOR_BPM) / _PRIOR_OCTAVES) ** 2
    on_beat = np.concatenate([np.arange(n) < max(1.0, n * _NEAR) for n in lengths])
    return lengths, first, change + _PRIOR_WEIGHT * prior[None, :], on_beat


def _beat_times(chance: Floats) -> Floats:
    """Seconds of the beats on the best path through the state space, from chances at :data:`_FINE` a second."""
    lengths, first, change, on_beat = _space()
    last = first + lengths - 1
    on = np.log(np.clip(chance, 1e-4, 1 - 1e-4))
    off = np.log(np.clip((1 - chance) / (1 / _NEAR - 1), 1e-4, 1))
    value = np.where(on_beat, on[0], off[0])
    came = np.zeros((len(chance), len(lengths)), np.int8)
    for frame in range(1, len(chance)):
        ends = value[last][:, None] + change
        came[frame] = ends.argmax(axis=0)
        value[1:] = value[:-1].copy()
        value[first] = ends.max(axis=0)
        value += np.where(on_beat, on[frame], off[frame])
    state = int(value.argmax())
    tempo = int(np.searchsorted(first, state, side="right") - 1)
    frame, place = len(chance) - 1, state - int(first[tempo])
    found = []
    while True:
        frame -= place
        if frame > -max(1.0, lengths[tempo] * _NEAR):
            found.append(max(frame, 0))
        if frame <= 0:
            break
        tempo = int(came[frame, tempo])
        frame, place = frame - 1, int(lengths[tempo]) - 1
    return np.array(found[::-1], dtype=np.float64) / _FINE


def _refined(times: Floats, chance: Floats, rate: float) -> Floats:
    """Beats moved to the middle of the chances within 50 ms of them."""
    moved = []
    for near_to in times:
        time = float(near_to)
        low, high = max(0, int((time - _WITHIN_S) * rate)), int((time + _WITHIN_S) * rate) + 2
        near = chance[low:high]
        if near.size and float(near.max()) > 0.1:
            weight = near**2
            time = float((np.arange(low, low + len(near)) * weight).sum() / weight.sum()) / rate
        moved.append(time)
    return np.array(moved)


def _trimmed(times: Floats, fine: Floats) -> Floats:
    """The beats without those before the first and after the last that anything speaks for."""
    index = np.clip(np.round(times * _FINE).astype(int), 0, len(fine) - 1)
    heard = np.array([float(fine[max(0, i - 5) : i + 6].max()) for i in index])
    strong = np.flatnonzero(heard > 0.05)
    return times[strong[0] : strong[-1] + 1] if len(strong) else times[:0]


def _at(chance: Floats, times: Floats, rate: float) -> Floats:
    """Greatest chance within 50 ms of each time ``[n]``."""
    index, reach = np.round(times * rate).astype(int), max(1, round(_WITHIN_S * rate))
    return np.array([float(chance[max(0, i - reach) : i + reach + 1].max(initial=0.0)) for i in index])


def _bars(down: Floats) -> tuple[NDArray[np.int64], int]:
    """Place of each beat in its bar and the usual number of beats a bar, from chances of downbeats ``[n]``."""
    states = [(size, place) for size in _BARS for place in range(size)]
    down = np.clip(down, 0.02, 0.98)
    doubts = [_HALFWAY if (size, place) == (4, 2) else 1.0 for size, place in states]
    costs = np.array(
        [
            [
                np.log(d) if place == 0 else np.log(1 - doubt * d)
                for (_, place), doubt in zip(states, doubts, strict=True)
            ]
            for d in down
        ]
    )
    jump = np.full((len(states), len(states)), -np.inf)
    for a, (size, place) in enumerate(states):
        for b, (other, start) in enumerate(states):
            if other == size and start == (place + 1) % size:
                jump[a, b] = 0.0
            elif place == size - 1 and start == 0 and other != size:
                jump[a, b] = _NEW_METER
    value = np.array([_BARS[size] for size, _ in states]) + costs[0]
    came = np.zeros((len(down), len(states)), np.int64)
    for beat in range(1, len(down)):
        ways = value[:, None] + jump
        came[beat] = ways.argmax(axis=0)
        value = ways.max(axis=0) + costs[beat]
    at, path = int(value.argmax()), []
    for beat in range(len(down) - 1, -1, -1):
        path.append(at)
        at = int(came[beat, at])
    sizes = [states[s][0] for s in path]
    return np.array([states[s][1] for s in path[::-1]]), max(set(sizes), key=sizes.count)


def divides_in_three(strength: Floats, rate: float, beats_s: Floats) -> bool:
    """Whether onsets between beats fall on thirds of the beat rather than on its half.

    Parameters
    ----------
    strength, rate
        Onset strength ``[frames]`` and frames a second.
    """
    if len(beats_s) < 6:
        return False
    moments = np.arange(len(strength)) / rate
    gaps = np.diff(beats_s)

    def level(share: float) -> float:
        near = [np.interp(beats_s[:-1] + share * gaps + late, moments, strength) for late in (-0.02, 0.0, 0.02)]
        return float(np.max(near, axis=0).mean())

    floor = (level(1 / 6) + level(5 / 12) + level(7 / 12) + level(5 / 6)) / 4
    thirds, halves = (level(1 / 3) + level(2 / 3)) / 2 - floor, max(level(1 / 2), level(1 / 4), level(3 / 4)) - floor
    return thirds > 1.25 * max(halves, 0.0) and thirds > 0.05 * float(strength.mean())
