"""One pass over a film that keeps what a description needs: small numbers, never the frames.

Motion is kept of every frame (4 bytes), colour four times a second (under 2 kB), and what a classifier
says of a keyframe about once a second. An hour of film comes to some 40 MB.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tools.kit.colour import ColourStats, colour_stats
from tools.kit.video.frames import DecodeReport, FilmFrame, read_frames
from tools.kit.video.probe import FilmFacts
from tools.kit.video.shots import Boundary, ShotDetector

CURVE_HZ = 4.0
KEYFRAME_SIDE = 256  # shortest side of the picture a classifier sees, in pixels
_TINY = (32, 18)  # the picture kept for the palette, width and height

Look = Callable[[NDArray[np.uint8]], NDArray[np.float32]]


@dataclass(frozen=True)
class ColourSample:
    """The colours of one frame: its time, its statistics, and the picture shrunk to a few hundred RGB pixels."""

    time_s: float
    stats: ColourStats
    pixels: NDArray[np.uint8]


@dataclass
class Survey:
    """What one pass found.

    ``times_s`` and ``motion`` hold one value a frame: film time, and motion since the frame before as a
    share of the diagonal. ``looks`` holds keyframe times and what the classifier gave for each.
    """

    report: DecodeReport
    boundaries: list[Boundary] = field(default_factory=list)
    times_s: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    motion: NDArray[np.float32] = field(default_factory=lambda: np.zeros(0, np.float32))
    colours: list[ColourSample] = field(default_factory=list)
    looks: list[tuple[float, NDArray[np.float16]]] = field(default_factory=list)

    def speed_curve(self) -> NDArray[np.float64]:
        """Motion in frame diagonals a second, one value every ``1 / CURVE_HZ`` s of film.

        The frame a cut brings moved nowhere: it takes the motion of the frame before.
        """
        motion = self.motion.astype(np.float64)
        for boundary in self.boundaries:
            at = int(np.searchsorted(self.times_s, boundary.time_s - 1e-6))
            if boundary.kind == "cut" and 0 < at < len(motion):
                motion[at] = motion[at - 1]
        cells = max(1, int(np.ceil(self.report.duration_s * CURVE_HZ - 1e-6)))
        place = np.minimum((self.times_s * CURVE_HZ + 1e-6).astype(int), cells - 1)
        gaps = np.diff(self.times_s, prepend=self.times_s[0])
        length = np.bincount(place, motion, cells)
        lasted = np.bincount(place, gaps, cells)
        return np.divide(length, lasted, out=np.zeros(cells), where=lasted > 1e-6)


def survey(
    path: Path,
    facts: FilmFacts,
    max_s: float,
    look: Look | None = None,
    progress: Callable[[float, float], None] | None = None,
) -> Survey:
    """Watch a film once from start to end.

    Parameters
    ----------
    facts
        What :func:`tools.kit.video.probe.probe` read.
    max_s
        Longest film time in seconds.
    look
        Called with keyframes, uint8 RGB; what it returns is kept as float16.
    progress
        Called about once a second of film with film time and announced length, in seconds.
    """
    report = DecodeReport()
    found = Survey(report)
    detector = ShotDetector(facts.fps or 25.0)
    collector = _Collector(found, look, _keyframe_gap_s(facts.announced_s))
    times: list[float] = []
    motions: list[float] = []
    told_s = 0.0
    for frame in read_frames(path, report, max_s):
        motion, boundaries = detector.feed(frame.time_s, frame.small)
        times.append(frame.time_s)
        motions.append(motion)
        found.boundaries += boundaries
        collector.take(frame)
        if progress is not None and frame.time_s >= told_s:
            told_s = frame.time_s + 1.0
            progress(frame.time_s, facts.announced_s or max(frame.time_s, 1.0))
    found.boundaries = sorted(found.boundaries + detector.finish(), key=lambda b: b.time_s)
    found.times_s, found.motion = np.array(times), np.array(motions, np.float32)
    return found


class _Collector:
    """Picks the frames whose colours and keyframes are kept."""

    def __init__(self, found: Survey, look: Look | None, gap_s: float) -> None:
        self._found, self._look, self._gap_s = found, look, gap_s
        self._next_colour = 0.0
        self._next_look = gap_s / 4

    def take(self, frame: FilmFrame) -> None:
        """Keep what is due of a frame."""
        import cv2

        if self._look is not None and frame.time_s >= self._next_look - 1e-6:
            self._next_look = frame.time_s + self._gap_s
            self._found.looks.append((frame.time_s, self._look(frame.rgb(KEYFRAME_SIDE)).astype(np.float16)))
        if frame.time_s < self._next_colour - 1e-6:
            return
        self._next_colour = frame.time_s + 1 / CURVE_HZ
        pixels = np.ascontiguousarray(cv2.resize(frame.small, _TINY, interpolation=cv2.INTER_AREA)[..., ::-1])
        self._found.colours.append(ColourSample(frame.time_s, colour_stats(frame.small[..., ::-1]), pixels))


def _keyframe_gap_s(announced_s: float | None) -> float:
    """Every 0.6 s of a short film, every two seconds of a long one."""
    return float(np.clip((announced_s or 600.0) / 600.0, 0.6, 2.0))
