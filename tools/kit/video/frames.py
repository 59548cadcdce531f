"""The frames of a film, one at a time, small and upright: memory does not grow with its length."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tools.errors import UserError
from tools.kit.video.probe import PictureClock, open_film, readable_packets, too_long

if TYPE_CHECKING:
    from av.video.frame import VideoFrame

ANALYSIS_SIDE = 160  # longest side of the small picture, in pixels
_MANY_PIXELS = 4096 * 2304  # above this, decoder threads are few: each holds whole frames


@dataclass
class DecodeReport:
    """What a pass over a film found; complete once the frames are exhausted."""

    start_s: float = 0.0
    duration_s: float = 0.0
    frames: int = 0
    damaged: int = 0
    rotation: int = 0
    size: tuple[int, int] = (0, 0)  # width and height as shown, after rotation
    small_size: tuple[int, int] = (0, 0)  # width and height of the small pictures, before rotation


@dataclass
class FilmFrame:
    """One frame: its place, and its picture scaled so that the longest side is ``ANALYSIS_SIDE``.

    ``small`` is uint8 [height, width, 3] in BGR, upright, of one shape throughout a film; ``time_s`` is film time.
    """

    index: int
    time_s: float
    small: NDArray[np.uint8]
    _source: VideoFrame = field(repr=False)
    _rotation: int = 0

    def rgb(self, shortest: int) -> NDArray[np.uint8]:
        """The picture scaled down to ``shortest`` pixels on its shortest side, uint8 [h, w, 3], RGB, upright."""
        factor = min(1.0, shortest / min(self._source.width, self._source.height))
        size = round(self._source.width * factor), round(self._source.height * factor)
        return _scaled(self._source, size, "rgb24", self._rotation)


def read_frames(path: Path, report: DecodeReport, max_s: float) -> Iterator[FilmFrame]:
    """Decode a film once, in order, and fill ``report``.

    Parameters
    ----------
    max_s
        Bound on film time in seconds, for films whose header understates it.

    Raises
    ------
    UserError
        When the file is no film, has no picture, or not one frame can be decoded.
    LimitExceeded
        When the film goes on beyond ``max_s``.
    """
    import av

    with open_film(path) as (container, stream):
        _set_threads(stream.codec_context)
        clock = PictureClock(stream)
        for packet in readable_packets(container, stream):
            clock.feed(packet)
            try:
                decoded = packet.decode()
            except av.error.FFmpegError:
                report.damaged += 1
                continue
            for frame in decoded:
                found = _film_frame(frame, report)
                if found.time_s > max_s:
                    raise too_long(path, found.time_s, max_s)
                yield found
        if report.frames == 0:
            raise UserError(_nothing_decoded(path, clock.packets))
        report.start_s, report.duration_s = clock.span(path)


def _film_frame(frame: VideoFrame, report: DecodeReport) -> FilmFrame:
    at = frame.time if frame.time is not None else float(report.frames) / 25
    if report.frames == 0:
        report.start_s = at
        report.rotation = round(frame.rotation / 90) * 90 % 360
        turned = report.rotation in (90, 270)
        report.size = (frame.height, frame.width) if turned else (frame.width, frame.height)
        factor = ANALYSIS_SIDE / max(frame.width, frame.height)
        report.small_size = max(16, round(frame.width * factor)), max(16, round(frame.height * factor))
    report.damaged += bool(frame.is_corrupt)
    small = _scaled(frame, report.small_size, "bgr24", report.rotation)
    report.frames += 1
    return FilmFrame(report.frames - 1, max(0.0, at - report.start_s), small, frame, report.rotation)


def _scaled(frame: VideoFrame, size: tuple[int, int], layout: str, rotation: int) -> NDArray[np.uint8]:
    """A frame scaled to ``size`` (width, height) and turned upright; ``rotation`` is in degrees, anticlockwise."""
    pixels = frame.reformat(max(1, size[0]), max(1, size[1]), format=layout, interpolation="AREA").to_ndarray()
    return np.ascontiguousarray(np.rot90(pixels, rotation // 90))


def _set_threads(codec: Any) -> None:
    big = codec.width * codec.height > _MANY_PIXELS
    codec.thread_type = "SLICE" if big else "AUTO"
    codec.thread_count = 2 if big else 0


def _nothing_decoded(path: Path, packets: int) -> str:
    if packets == 0:
        return f"{path.name} holds no frame of picture; export it again, or attach another file."
    return f"{path.name}: none of its {packets} packets of picture can be decoded; it is damaged: export it again."
