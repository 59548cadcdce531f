"""The sound track of a scored film, made block by block: memory does not grow with the film."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from tools.errors import UserError

Samples = NDArray[np.float32]  # [n, 2], full scale at -1 and 1

RATE = 48_000
BLOCK = 4_800  # samples mixed at a time: 0.1 s
FADE_S = 0.03  # fade where music is cut off at the picture's end
DUCK_DB = -12.0  # gain of the ducked sound while the other one is loud
LOUD_DB, SOFT_DB = -40.0, -55.0  # level of the other sound at which ducking is full, and at which there is none
ATTACK_S, RELEASE_S = 0.08, 0.5  # time constants of the ducking gain, falling and rising
CEILING = 10 ** (-1 / 20)  # highest sample of the mix, 1 dB below full scale


@dataclass(frozen=True)
class SoundPlan:
    """What goes into a sound track; ``start_s`` is the picture's start on the film's clock."""

    film: Path | None
    music: Path
    start_s: float
    length_s: float
    original: Literal["keep", "duck", "foreground", "drop"]
    music_gain_db: float = 0.0


@dataclass(frozen=True)
class Soundtrack:
    """A planned sound track: exactly ``samples`` samples at ``rate``, mixed anew at every iteration."""

    source: SoundPlan
    samples: int
    music_s: float
    mix_gain_db: float
    rate: int = RATE

    @classmethod
    def plan(cls, source: SoundPlan) -> Soundtrack:
        """Listen to the whole mix once, so that its gain can be chosen to keep it from clipping.

        Raises
        ------
        UserError
            When the music or the film's own sound cannot be decoded.
        """
        samples = round(source.length_s * RATE)
        music_n = _count(source.music)
        if music_n == 0:
            raise UserError(f"{source.music.name} holds no sound that can be decoded; export it again as WAV or FLAC.")
        open_gain = cls(source, samples, music_n / RATE, 0.0)
        peak = max((float(np.abs(block).max()) for block in open_gain._mixed()), default=0.0)
        return cls(source, samples, music_n / RATE, min(0.0, -20 * math.log10(peak / CEILING)) if peak > 0 else 0.0)

    def blocks(self) -> Iterator[Samples]:
        """The mix in blocks of at most :data:`BLOCK` samples, :attr:`samples` in all."""
        gain = np.float32(10 ** (self.mix_gain_db / 20))
        for block in self._mixed():
            yield block * gain

    def _mixed(self) -> Iterator[Samples]:
        plan = self.source
        gain = np.float32(10 ** (plan.music_gain_db / 20))
        music = _exactly(_decoded(plan.music, None), self.samples)
        own = plan.film if plan.original != "drop" else None
        film = _exactly(_decoded(own, plan.start_s), self.samples) if own else None
        ducker = _Ducker()
        is_cut, at = self.music_s > plan.length_s + 1 / RATE, 0
        for block in music:
            mixed = block * gain
            if is_cut:
                mixed *= _closing_fade(at, len(block), self.samples)[:, None]
            if film is not None:
                own_sound = next(film)
                if plan.original == "duck":
                    own_sound = own_sound * ducker.gains(mixed)[:, None]
                elif plan.original == "foreground":
                    mixed *= ducker.gains(own_sound)[:, None]
                mixed += own_sound
            at += len(block)
            yield mixed


class _Ducker:
    """A gain for one sound that follows the loudness of another: a sidechain compressor's."""

    def __init__(self) -> None:
        self._gain_db = 0.0

    def gains(self, key: Samples) -> Samples:
        """Linear gains ``[n]`` for the ducked sound, from the key sound ``[n, 2]`` of the same moment."""
        step = RATE // 200
        starts = range(0, len(key), step)
        points = [self._gain_db, *(self._follow(key[start : start + step]) for start in starts)]
        places = np.minimum(np.arange(len(points)) * step, len(key))
        curve = np.interp(np.arange(len(key)), places, points)
        return (10 ** (curve / 20)).astype(np.float32)

    def _follow(self, part: Samples) -> float:
        level_db = 20 * math.log10(max(float(np.sqrt((part**2).mean())), 1e-9))
        share = min(1.0, max(0.0, (level_db - SOFT_DB) / (LOUD_DB - SOFT_DB)))
        target = share * DUCK_DB
        constant = ATTACK_S if target < self._gain_db else RELEASE_S
        self._gain_db += (target - self._gain_db) * (1 - math.exp(-len(part) / RATE / constant))
        return self._gain_db


def _closing_fade(at: int, count: int, total: int) -> Samples:
    """Gains ``[count]`` from sample ``at`` on, falling in a straight line to 0 at ``total``."""
    left = total - at - np.arange(count)
    return np.clip(left / (FADE_S * RATE), 0, 1).astype(np.float32)


def _exactly(blocks: Iterator[Samples], total: int) -> Iterator[Samples]:
    """The samples regrouped into blocks of :data:`BLOCK`, cut or filled with silence to ``total``."""
    waiting: list[Samples] = []
    have = given = 0
    while given < total:
        want = min(BLOCK, total - given)
        while have < want:
            found = next(blocks, None)
            found = np.zeros((want - have, 2), np.float32) if found is None else found
            waiting.append(found)
            have += len(found)
        joined = np.concatenate(waiting)
        yield joined[:want]
        waiting, have, given = [joined[want:]], have - want, given + want


def _count(path: Path) -> int:
    return sum(len(block) for block in _decoded(path, None))


def _decoded(path: Path, start_s: float | None) -> Iterator[Samples]:
    """The first sound stream as stereo at :data:`RATE`, from ``start_s`` of the file's clock (None: its own start).

    Time stamps are honoured: sound that begins late is preceded by silence, what lies before
    ``start_s`` is left out, and gaps are filled.
    """
    import av

    try:
        with av.open(str(path), metadata_errors="replace") as container:
            if not container.streams.audio:
                raise UserError(f"{path.name} has no sound; attach a file with sound.")
            stream = container.streams.audio[0]
            resampler = av.AudioResampler(format="fltp", layout="stereo", rate=RATE)
            yield from _placed(container, stream, resampler, start_s)
    except av.FFmpegError as err:
        raise UserError(f"{path.name}: its sound cannot be decoded ({err.strerror}); export it again.") from err


def _placed(container: Any, stream: Any, resampler: Any, start_s: float | None) -> Iterator[Samples]:
    given = 0  # samples given so far
    skip: int | None = None  # samples still to leave out; None before the first frame
    for frame in _frames(container, stream):
        stamp = float(frame.pts * frame.time_base) if frame.pts is not None and frame.time_base else None
        if skip is None:
            start_s = stamp if start_s is None else start_s
        late = 0 if stamp is None or start_s is None else round((stamp - start_s) * RATE) - given
        if skip is None:
            skip = max(0, -late)
        if late > RATE // 10 or (given == 0 and late > 0):
            yield np.zeros((late, 2), np.float32)
            given += late
        frame.pts = None
        for samples in map(_stereo, resampler.resample(frame)):
            kept, skip = samples[skip:], max(0, skip - len(samples))
            given += len(kept)
            yield kept
    for samples in map(_stereo, resampler.resample(None)):
        yield samples[skip or 0 :]


def _stereo(block: Any) -> Samples:
    samples: Samples = block.to_ndarray().T.astype(np.float32)
    return np.nan_to_num(samples, nan=0.0, posinf=1.0, neginf=-1.0)


def _frames(container: Any, stream: Any) -> Iterator[Any]:
    """Frames that can be decoded; damaged packets are passed over, an unreadable rest ends the sound."""
    import av

    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets)
        except (StopIteration, av.FFmpegError):
            return
        try:
            yield from packet.decode()
        except av.FFmpegError:
            continue
