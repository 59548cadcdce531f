"""What a film announces of itself, and where its picture really starts and ends.

Film time 0 is the moment the first frame is shown, whatever the container's own clock says; every time
in this package is in seconds of film time.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tools.errors import LimitExceeded, UserError

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.packet import Packet
    from av.video.stream import VideoStream


@dataclass(frozen=True)
class FilmFacts:
    """What the container says, before anything is decoded.

    ``announced_s`` is the container's own length in seconds (None when it gives none); ``width`` and
    ``height`` are those of the coded picture in pixels, before rotation.
    """

    announced_s: float | None
    fps: float | None
    width: int
    height: int
    codec: str
    container: str
    has_audio: bool


@contextmanager
def open_film(path: Path) -> Iterator[tuple[InputContainer, VideoStream]]:
    """Open a film for reading and give its container and its picture stream (cover art is none).

    Raises
    ------
    UserError
        When the file is no film that can be opened, or has no picture.
    """
    import av

    try:
        container = av.open(str(path), options={"fflags": "+genpts"}, metadata_errors="replace")
    except (av.error.FFmpegError, ValueError) as err:
        raise UserError(
            f"{path.name} cannot be opened as a film ({_reason(err)}): it is cut off, damaged or not a film; "
            "export or copy it again."
        ) from err
    with container:
        yield container, _picture_stream(container, path)


def probe(path: Path, max_s: float | None = None) -> FilmFacts:
    """Read a film's announcements without decoding it.

    Parameters
    ----------
    max_s
        Longest film accepted, in seconds; None accepts any.

    Raises
    ------
    UserError
        When the file is no film, has no picture, or announces a picture without size.
    LimitExceeded
        When it announces more than ``max_s`` seconds.
    """
    with open_film(path) as (container, stream):
        facts = FilmFacts(
            announced_s=_announced_s(container, stream),
            fps=float(stream.average_rate) if stream.average_rate else None,
            width=stream.codec_context.width,
            height=stream.codec_context.height,
            codec=stream.codec_context.name,
            container=container.format.name,
            has_audio=bool(container.streams.audio),
        )
    if facts.width < 1 or facts.height < 1:
        raise UserError(f"{path.name} announces a picture without size; it is damaged: export or copy it again.")
    if max_s is not None and facts.announced_s is not None and facts.announced_s > max_s:
        raise too_long(path, facts.announced_s, max_s)
    return facts


def picture_span(path: Path) -> tuple[float, float]:
    """Start on the container's clock and length of the picture, both in seconds, from its packets.

    Nothing is decoded, so this runs as fast as the disk reads.
    """
    with open_film(path) as (container, stream):
        clock = PictureClock(stream)
        for packet in readable_packets(container, stream):
            clock.feed(packet)
    return clock.span(path)


def too_long(path: Path, seconds: float, max_s: float) -> LimitExceeded:
    """The error for a film beyond the bound."""
    return LimitExceeded(
        f"{path.name} is {_clock(seconds)} long and the bound is {_clock(max_s)}; cut the film, or raise "
        f"max_video_s (now {max_s:g}) in scorewright.toml or with SCOREWRIGHT_MAX_VIDEO_S."
    )


class PictureClock:
    """Where a picture starts and ends, told by the timestamps of its packets."""

    def __init__(self, stream: VideoStream) -> None:
        rate = stream.average_rate or stream.guessed_rate
        self._usual_s = 1 / float(rate) if rate else 0.04
        self._start: float | None = None
        self._end = 0.0
        self.packets = 0

    def feed(self, packet: Packet[VideoStream]) -> None:
        """Take note of one packet of the picture stream; those an edit list hides count for nothing."""
        stamp = packet.pts if packet.pts is not None else packet.dts
        if stamp is None or packet.is_discard or packet.size == 0:
            return
        at = float(stamp * packet.time_base)
        lasts = float(packet.duration * packet.time_base) if packet.duration else self._usual_s
        self._start = at if self._start is None else min(self._start, at)
        self._end = max(self._end, at + lasts)
        self.packets += 1

    def span(self, path: Path) -> tuple[float, float]:
        """Start on the container's clock and length, in seconds; ``UserError`` when no frame came."""
        if self._start is None or self._end <= self._start:
            raise UserError(f"{path.name} holds no frame of picture; export it again, or attach another file.")
        return self._start, self._end - self._start


def readable_packets(container: InputContainer, stream: VideoStream) -> Iterator[Packet[VideoStream]]:
    """The packets of a stream up to the end, or up to where the file is damaged beyond reading."""
    import av

    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets)
        except (StopIteration, av.error.FFmpegError):
            return
        yield packet


def cut_off_note(path: Path, facts: FilmFacts, readable_s: float) -> str | None:
    """What to tell the person when a film's picture ends well before its header says; None when it does not."""
    announced = facts.announced_s
    if announced is None or readable_s >= announced - max(0.5, 0.02 * announced):
        return None
    return (
        f"{path.name} announces {announced:.1f} s but its picture can be read to {readable_s:.1f} s; "
        "it is cut off or damaged, and only that part was used."
    )


def _picture_stream(container: InputContainer, path: Path) -> VideoStream:
    import av

    cover = av.stream.Disposition.attached_pic
    streams = [s for s in container.streams.video if not s.disposition & cover]
    if not streams:
        if container.streams.audio:
            raise UserError(f"{path.name} holds sound but no picture; attach a film, or its sound as .m4a.")
        raise UserError(f"{path.name} holds no picture; export it again, or attach another file.")
    if streams[0].codec_context is None:
        raise UserError(f"{path.name} holds a picture in a format that cannot be decoded; convert it to H.264 MP4.")
    return streams[0]


def _announced_s(container: InputContainer, stream: VideoStream) -> float | None:
    if stream.duration and stream.time_base:
        return float(stream.duration * stream.time_base)
    return container.duration / 1_000_000 if container.duration else None


def _reason(err: Exception) -> str:
    return getattr(err, "strerror", None) or str(err)


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min {rest:02d} s"
