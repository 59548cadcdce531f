"""One sung, hummed or whistled line as notes, from its pitch track.

The line's tuning is followed (a voice drifts), pitches that jump an octave and back are folded, and a hidden Markov
model over semitones and silence decides where notes are (after Mauch et al., Computer-aided melody note
transcription, TENOR 2015): smoothing the pitch over a period of vibrato keeps its middle, and a change must be worth
its price, so that scoops and glides belong to the note they lead to. Notes sung again on one pitch are told by the
dip in level between.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

SHORTEST_S = 0.09  # a shorter sound between two notes is a glide
_VIBRATO_S = 0.05  # standard deviation of the smoothing
_OCTAVE_S, _TUNING_S = 0.6, 4.0  # reach of the median that octaves are told by, and of the tuning's mean
_SPREAD, _FARTHEST = 0.4, 9.0  # semitones a steady voice strays, and the most that one frame may cost
_CHANGE, _TO_REST = 5.0, 2.5  # prices of another note and of a silence, in nats
_DIP_DB, _DIP_S = 5.0, 0.16
_NEAR_S = 0.035  # silence within which two sounds touch
_IN_KEY = 0.28  # semitones off at which the key decides between two neighbours


@dataclass(frozen=True)
class Sung:
    """A note: seconds, MIDI pitch, how far off in cents it was sung, confidence and level in [0, 1]."""

    start_s: float
    end_s: float
    pitch: int
    cents: float
    confidence: float
    level: float


def sung_notes(pitch: Floats, voicing: Floats, level_db: Floats, frame_s: float) -> tuple[list[Sung], float]:
    """The notes of a line and its tuning.

    Parameters
    ----------
    pitch, voicing, level_db
        One value a frame: MIDI pitch with fractions, chance that a voice sounds, level in dBFS.
    frame_s
        Distance of the frames in seconds.

    Returns
    -------
    notes, tuning
        Notes in order, none overlapping, and the line's mean offset from A 440 in cents, -50 to 50.
    """
    heard = voicing * _audible(level_db)
    if heard.size == 0 or heard.max() < 0.5:
        return [], 0.0
    folded = _folded(pitch, heard, frame_s)
    smooth = _smoothed(folded, heard, _VIBRATO_S / frame_s)
    tuning = tuning_curve(smooth, heard, frame_s)
    tuned = smooth - tuning
    path = _path(tuned, heard)
    runs = _split(_merged(_runs(path), tuned, frame_s), level_db, frame_s)
    notes = [_note(run, tuned, heard, level_db, frame_s) for run in runs]
    notes = [n for n in notes if n.end_s - n.start_s >= SHORTEST_S * 0.6 and n.confidence > 0.15]
    return _octaves_mended(notes), 100 * float(np.average(tuning, weights=np.maximum(heard, 1e-9)))


def _audible(level_db: Floats) -> Floats:
    """0 where the level lies 45 dB or more below the loud parts, 1 from 35 dB on."""
    loud = float(np.percentile(level_db, 95))
    return np.clip((level_db - (loud - 45)) / 10, 0, 1)


def _folded(pitch: Floats, heard: Floats, frame_s: float) -> Floats:
    """The pitch with frames an octave off the line round them brought back."""
    reach = max(1, round(_OCTAVE_S / frame_s))
    voiced = np.flatnonzero(heard >= 0.5)
    folded = pitch.copy()
    if len(voiced) < 3:
        return folded
    values = pitch[voiced]
    around = np.array([np.median(values[max(0, i - reach) : i + reach + 1]) for i in range(len(values))])
    off = np.round((values - around) / 12)
    is_octave = (off != 0) & (np.abs(values - around - 12 * off) < 1.0)
    folded[voiced[is_octave]] -= 12 * off[is_octave]
    return folded


def _smoothed(pitch: Floats, heard: Floats, frames: float) -> Floats:
    """A mean of the pitch weighted by voicing, which silence and breath do not bend."""
    from scipy import ndimage

    weight = np.where(heard >= 0.5, heard, 1e-6)
    total = ndimage.gaussian_filter1d(weight, frames)
    return np.asarray(ndimage.gaussian_filter1d(pitch * weight, frames) / np.maximum(total, 1e-12))


def tuning_curve(pitch: Floats, heard: Floats, frame_s: float) -> Floats:
    """Offset of the line from equal temperament at A 440 over time, in semitones, continuous ``[frames]``.

    The circular mean of what is left of each pitch above a semitone, over some seconds; steady frames count.
    """
    from scipy import ndimage

    slope = np.abs(np.gradient(pitch)) / frame_s if len(pitch) > 1 else np.zeros(len(pitch))
    weight = np.where(heard >= 0.5, heard, 0.0) * np.exp(-slope / 3.0)
    angles = weight * np.exp(2j * np.pi * pitch)
    overall = angles.sum()
    steady = _TUNING_S / frame_s
    local = ndimage.gaussian_filter1d(angles.real, steady) + 1j * ndimage.gaussian_filter1d(angles.imag, steady)
    local = local + 0.15 * overall / max(len(pitch), 1)
    middle = float(np.angle(overall)) / (2 * np.pi)
    return np.asarray(middle + np.angle(local * np.exp(-2j * np.pi * middle)) / (2 * np.pi))


def _path(tuned: Floats, heard: Floats) -> NDArray[np.int64]:
    """MIDI pitch at each frame, -1 in silence: the cheapest way through the semitones."""
    voiced = tuned[heard >= 0.5]
    low, high = int(np.floor(voiced.min())) - 1, int(np.ceil(voiced.max())) + 1
    grid = np.arange(low, high + 1)
    chance = np.clip(heard, 0.02, 0.98)
    off = np.minimum(0.5 * ((tuned[:, None] - grid[None, :]) / _SPREAD) ** 2, _FARTHEST)
    cost = np.concatenate([-np.log(1 - chance)[:, None], off * chance[:, None] - np.log(chance)[:, None]], axis=1)
    states = cost.shape[1]
    total, came = cost[0].copy(), np.zeros(cost.shape, np.int64)
    price_in = np.full(states, _CHANGE)
    price_in[0] = _TO_REST
    for frame in range(1, len(cost)):
        best = int(total.argmin())
        from_rest = total[0] + _TO_REST
        jump = np.minimum(total[best] + price_in, np.where(np.arange(states) > 0, from_rest, np.inf))
        source = np.where(total[best] + price_in <= np.where(np.arange(states) > 0, from_rest, np.inf), best, 0)
        stay = total <= jump
        came[frame] = np.where(stay, np.arange(states), source)
        total = np.where(stay, total, jump) + cost[frame]
    at = int(total.argmin())
    path = np.empty(len(cost), np.int64)
    for frame in range(len(cost) - 1, -1, -1):
        path[frame] = at
        at = int(came[frame, at])
    return np.where(path == 0, -1, grid[np.maximum(path - 1, 0)])


_Run = tuple[int, int, int]  # first frame, frame after the last, pitch


def _runs(path: NDArray[np.int64]) -> list[_Run]:
    edges = [0, *(np.flatnonzero(np.diff(path)) + 1).tolist(), len(path)]
    return [(a, b, int(path[a])) for a, b in pairwise(edges) if path[a] >= 0]


def _merged(runs: list[_Run], tuned: Floats, frame_s: float) -> list[_Run]:
    """Runs too short to be notes joined to the neighbour that touches them, the one they lead to before the other."""
    near, shortest = _NEAR_S / frame_s, SHORTEST_S / frame_s
    merged = list(runs)
    while True:
        short = [i for i, (a, b, _) in enumerate(merged) if b - a < shortest]
        move = next((found for i in short if (found := _neighbour(merged, i, tuned, near)) is not None), None)
        if move is None:
            return merged
        index, other = move
        first, second = merged[min(index, other)], merged[max(index, other)]
        merged[min(index, other) : max(index, other) + 1] = [(first[0], second[1], merged[other][2])]


def _neighbour(runs: list[_Run], index: int, tuned: Floats, near: float) -> tuple[int, int] | None:
    start, end, pitch = runs[index]
    touching = [
        other
        for other, is_near in (
            (index + 1, index + 1 < len(runs) and runs[index + 1][0] - end <= near),
            (index - 1, index > 0 and start - runs[index - 1][1] <= near),
        )
        if is_near and abs(runs[other][2] - pitch) <= 4
    ]
    if not touching:
        return None
    heading = float(tuned[min(end, len(tuned)) - 1] - tuned[start])
    best = min(
        touching, key=lambda o: abs(runs[o][2] - pitch) - 0.5 * (o > index and heading * (runs[o][2] - pitch) > 0)
    )
    return index, best


def _split(runs: list[_Run], level_db: Floats, frame_s: float) -> list[_Run]:
    """Runs cut where the level dips between two tones on one pitch."""
    from scipy import ndimage

    smooth = ndimage.gaussian_filter1d(level_db, 1.0)
    reach, shortest = round(_DIP_S / frame_s), round(SHORTEST_S / frame_s)
    pieces: list[_Run] = []
    for start, end, pitch in runs:
        begin = start
        dips = [
            at
            for at in range(start + shortest, end - shortest)
            if smooth[at] == smooth[max(start, at - reach // 2) : min(end, at + reach // 2) + 1].min()
            and min(smooth[max(start, at - reach) : at].max(), smooth[at : min(end, at + reach)].max()) - smooth[at]
            >= _DIP_DB
        ]
        for at in dips:
            if at - begin >= shortest:
                pieces.append((begin, at, pitch))
                begin = at
        pieces.append((begin, end, pitch))
    return pieces


def _note(run: _Run, tuned: Floats, heard: Floats, level_db: Floats, frame_s: float) -> Sung:
    start, end, pitch = run
    trim = max(0, min((end - start) // 4, round(0.1 / frame_s)))
    core = slice(start + trim, max(end - trim, start + trim + 1))
    middle = float(np.median(tuned[core]))
    off = middle - pitch
    sure = float(heard[start:end].mean()) * float(np.exp(-0.5 * (off / 0.35) ** 2))
    loud = float(np.percentile(level_db, 95))
    return Sung(
        start * frame_s,
        end * frame_s,
        pitch,
        100 * off,
        round(sure * min(1.0, (end - start) * frame_s / 0.12), 3),
        float(np.clip(1 + (float(level_db[start:end].max()) - loud) / 40, 0.05, 1.0)),
    )


def _octaves_mended(notes: Sequence[Sung]) -> list[Sung]:
    """Notes with a short one that lies an octave from both neighbours, and would lie among them, brought back."""
    mended = list(notes)
    for index in range(1, len(mended) - 1):
        before, note, after = mended[index - 1], mended[index], mended[index + 1]
        for shift in (-12, 12):
            moved = note.pitch + shift
            if (
                note.end_s - note.start_s < 0.25
                and max(abs(moved - before.pitch), abs(moved - after.pitch)) <= 5
                and min(abs(note.pitch - before.pitch), abs(note.pitch - after.pitch)) >= 8
            ):
                mended[index] = replace(note, pitch=moved, confidence=round(note.confidence * 0.8, 3))
    return mended


def drawn_into_key(notes: Sequence[Sung], scale: frozenset[int]) -> list[Sung]:
    """Notes sung about midway between a tone of the scale and one outside it, moved to the scale's."""
    drawn = []
    for note in notes:
        toward = 1 if note.cents > 0 else -1
        is_between = abs(note.cents) >= 100 * _IN_KEY
        if note.pitch % 12 not in scale and is_between and (note.pitch + toward) % 12 in scale:
            drawn.append(replace(note, pitch=note.pitch + toward, cents=note.cents - 100 * toward))
        else:
            drawn.append(note)
    return drawn
