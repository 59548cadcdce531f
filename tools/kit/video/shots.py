"""Shot boundaries: PySceneDetect proposes, what lies before and after decides.

Hard cuts are proposed by PySceneDetect's content and adaptive detectors, set to miss nothing, and kept
when motion explains neither the change itself (a pan, a passing car) nor the difference from the
frames that follow (a flash, a strobe: the old picture comes back). Fades are spans of black between two
pictures. Dissolves are found by their own law: the middle frame is the mean of the two ends.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from tools.kit.video.motion import MotionMeter, Picture

BoundaryKind = Literal["cut", "fade", "dissolve"]

LOOK_S = 0.5  # how far before and after a moment is looked, in seconds
MIN_RESIDUAL = 9.0  # least unexplained change of a cut, in grey levels of 255...
DIM_RESIDUAL = 0.5  # ...or this share of the pictures' own contrast, where that is less
SPIKE = 1.9  # a cut's unexplained change over the largest of its neighbours'
STAYS_NEW = 0.55  # share of a cut's change that the frames after it must keep
SLID = 0.42  # disagreement under which two frames are one picture, moved far
BLACK = 16.0  # level of the brightest twentieth of a picture, of 255, under which it is black
LIT = 32.0  # and this is the level from which it is a picture again
MIXED = 0.3  # largest error of "the middle is the mean of the ends", as a share of their distance
UNLIKE = 0.6  # largest correlation of two pictures that count as different


@dataclass(frozen=True)
class Boundary:
    """Where a shot begins: ``time_s`` is film time of its first frame (the middle of a fade or dissolve)."""

    time_s: float
    kind: BoundaryKind


@dataclass
class _Moment:
    index: int
    time_s: float
    small: Picture
    tiny: NDArray[np.float32]
    residual: float
    light: float


class ShotDetector:
    """Feed it every small frame in order; it gives boundaries about half a second late.

    Parameters
    ----------
    fps
        Frames per second, by which half a second is counted in frames.
    """

    def __init__(self, fps: float) -> None:
        from scenedetect import AdaptiveDetector, ContentDetector

        self._reach = int(np.clip(round(LOOK_S * fps), 6, 30))
        self._halves = sorted({max(3, self._reach // 3), max(3, self._reach * 2 // 3), self._reach})
        self._meter = MotionMeter()
        self._window: deque[_Moment] = deque(maxlen=2 * self._reach + 1)
        self._proposers: tuple[Any, ...] = (
            ContentDetector(threshold=24.0, min_scene_len=0),
            AdaptiveDetector(adaptive_threshold=1.6, min_content_val=3.0, min_scene_len=0, window_width=2),
        )
        self._proposed: set[int] = set()
        self._next = 1  # the frame judged next
        self._quiet_until = 0  # frames up to here belong to a boundary already found
        self._black_from: float | None = None  # when the black span began that has not ended yet
        self._pictured = False  # whether anything but black was seen
        self._mixes: list[tuple[float, _Moment]] = []

    def feed(self, time_s: float, small: Picture) -> tuple[float, list[Boundary]]:
        """Take in one frame; every frame has the same shape.

        Returns
        -------
        motion
            Motion since the frame before, as a share of the diagonal.
        boundaries
            Those that became certain with this frame, in order.
        """
        import cv2

        motion = residual = 0.0
        index = 0
        if self._window:
            index = self._window[-1].index + 1
            motion, residual = self._meter.compare(self._window[-1].small, small)
        tiny = cv2.resize(small, (32, 18), interpolation=cv2.INTER_AREA).astype(np.float32)
        light = float(np.percentile(tiny, 95))
        self._propose(index, small)
        self._window.append(_Moment(index, time_s, small, tiny, residual, light))
        found = self._judge() if index - self._reach >= self._next else []
        return motion, found

    def finish(self) -> list[Boundary]:
        """The boundaries still open when the film has ended."""
        found: list[Boundary] = []
        while self._window and self._next <= self._window[-1].index:
            found += self._judge()
        return found

    def _propose(self, index: int, small: Picture) -> None:
        from scenedetect import FrameTimecode

        for proposer in self._proposers:
            self._proposed.update(t.frame_num for t in proposer.process_frame(FrameTimecode(index, 25.0), small))

    def _judge(self) -> list[Boundary]:
        first = self._window[0].index
        moments = list(self._window)
        at = self._next - first
        self._next += 1
        found = [b for b in (self._fade(moments[at]), self._cut(moments, at), self._dissolve(moments, at)) if b]
        self._proposed.discard(moments[at].index)
        return found

    def _cut(self, moments: list[_Moment], at: int) -> Boundary | None:
        here, near = moments[at], [m.residual for m in moments[max(1, at - 4) : at + 5] if m is not moments[at]]
        if here.index not in self._proposed or here.index <= self._quiet_until:
            return None
        if here.residual < _least_residual(moments[at - 1], here):
            return None
        if here.residual < SPIKE * max(near, default=0.0):
            return None
        if self._meter.slid(moments[at - 1].small, here.small) < SLID or self._comes_back(moments, at):
            return None
        self._quiet_until = here.index + 2
        self._mixes.clear()
        return Boundary(here.time_s, "cut")

    def _comes_back(self, moments: list[_Moment], at: int) -> bool:
        """Whether a frame soon after shows what the frame before showed."""
        here, before = moments[at], moments[at - 1]
        later = moments[at + 1 : at + 1 + self._reach]
        return any(self._meter.compare(before.small, m.small)[1] < STAYS_NEW * here.residual for m in later)

    def _fade(self, here: _Moment) -> Boundary | None:
        if here.light < BLACK:
            if self._black_from is None and self._pictured:
                self._black_from = here.time_s
            return None
        if here.light < LIT:
            return None
        self._pictured = True
        began, self._black_from = self._black_from, None
        if began is None:
            return None
        self._mixes.clear()
        return Boundary((began + here.time_s) / 2, "fade")

    def _dissolve(self, moments: list[_Moment], at: int) -> Boundary | None:
        """The best centre of a dissolve, told once the frames no longer look like one."""
        error = min((_mixing_error(moments, at, half) for half in self._halves), default=1.0)
        if error < MIXED:
            self._mixes.append((error, moments[at]))
            return None
        if not self._mixes or moments[at].index - self._mixes[-1][1].index < 3:
            return None
        best = min(self._mixes, key=lambda mix: mix[0])[1]
        lasted, self._mixes = len(self._mixes), []
        if lasted < 2 or best.index <= self._quiet_until + 2:
            return None
        self._quiet_until = best.index
        return Boundary(best.time_s, "dissolve")


def _least_residual(before: _Moment, after: _Moment) -> float:
    """The unexplained change a cut between two pictures must bring: less between dark or misty ones."""
    contrast = max(float(np.abs(m.tiny - m.tiny.mean(axis=(0, 1))).mean()) for m in (before, after))
    return min(MIN_RESIDUAL, max(2.0, DIM_RESIDUAL * contrast))


def _mixing_error(moments: list[_Moment], at: int, half: int) -> float:
    """How badly the frames around ``at`` fit a linear mixture of the two that lie ``half`` frames off.

    0 is a perfect dissolve of two different pictures; 1 is given where there is none to speak of.
    """
    if at - half < 0 or at + half >= len(moments):
        return 1.0
    start, end = moments[at - half], moments[at + half]
    if min(start.light, end.light) < 4 * BLACK or _correlation(start.tiny, end.tiny) > UNLIKE:
        return 1.0
    apart = float(np.abs(start.tiny - end.tiny).mean())
    if apart < 2 * MIN_RESIDUAL:
        return 1.0
    worst = 0.0
    for offset in (-half // 2, 0, half // 2):
        share = 0.5 + offset / (2 * half)
        mixture = (1 - share) * start.tiny + share * end.tiny
        worst = max(worst, float(np.abs(moments[at + offset].tiny - mixture).mean()) / apart)
    return worst


def _correlation(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    one, other = one - one.mean(), other - other.mean()
    scale = float(np.sqrt((one**2).sum() * (other**2).sum()))
    return float((one * other).sum()) / scale if scale > 0 else 1.0
