"""Copying a picture stream into a new file beside a new sound track."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from tools.errors import ToolFailed
from tools.kit.video import open_film, readable_packets
from tools.render._soundtrack import Samples, Soundtrack

_MP4_CODECS = frozenset({"h264", "hevc", "mpeg4", "av1", "vp9"})
_BIT_RATES = {"aac": 192_000, "opus": 160_000}
_ENCODERS = {"aac": "aac", "opus": "libopus"}
_NOT_COPIED = frozenset({"encoder", "major_brand", "minor_version", "compatible_brands", "creation_time", "duration"})


@dataclass(frozen=True)
class OutputForm:
    """Container, file suffix and sound codec of what is written, and what the person should know of the choice."""

    container: str
    suffix: str
    media_type: str
    sound_codec: str
    notes: tuple[str, ...] = ()


MP4 = OutputForm("mp4", ".mp4", "video/mp4", "aac")
MOV = OutputForm("mov", ".mov", "video/quicktime", "aac")
MATROSKA = OutputForm("matroska", ".mkv", "video/x-matroska", "aac")
WEBM = OutputForm("webm", ".webm", "video/webm", "opus")


def choose_form(path: Path, codec: str, container: str) -> OutputForm:
    """The film's own container where a picture can be copied into it, else MP4 or Matroska.

    Parameters
    ----------
    codec, container
        FFmpeg's names of the picture's codec and the film's container.
    """
    names = container.split(",")
    if "mp4" in names:
        return MOV if path.suffix.lower() in (".mov", ".qt") else MP4
    if "matroska" in names:
        return WEBM if path.suffix.lower() == ".webm" else MATROSKA
    form = MP4 if codec in _MP4_CODECS else MATROSKA
    note = f"{path.name} is {names[0].upper()}, which scored films are not written in; it became {form.suffix}."
    return OutputForm(form.container, form.suffix, form.media_type, form.sound_codec, (note,))


def write_film(
    source: Path, target: Path, form: OutputForm, soundtrack: Soundtrack, progress: Callable[[float], None]
) -> None:
    """Copy the picture's packets unchanged and lay a sound track beside them.

    Film time 0 of the picture and sample 0 of the sound track fall together.

    Raises
    ------
    ToolFailed
        When the container refuses the picture, or the disk refuses the file.
    """
    import av

    options = {"movflags": "+faststart"} if form.container in ("mp4", "mov") else {}
    try:
        with (
            open_film(source) as (container, stream),
            av.open(str(target), "w", format=form.container, options=options) as out,
        ):
            out.metadata.update({k: v for k, v in container.metadata.items() if k.lower() not in _NOT_COPIED})
            picture = out.add_stream_from_template(stream)
            sound = _Sound(out, form.sound_codec, soundtrack)
            _interleave(container, stream, picture, sound, soundtrack, progress)
    except (av.FFmpegError, OSError, ValueError) as err:
        reason = getattr(err, "strerror", None) or str(err)
        raise ToolFailed(
            f"{source.name} could not be copied into {target.name} ({reason}); convert the film to H.264 MP4, "
            "or see that the disk has room."
        ) from err


def _interleave(
    container: Any, stream: Any, picture: Any, sound: _Sound, soundtrack: Soundtrack, progress: Callable[[float], None]
) -> None:
    start_s, length_s = soundtrack.source.start_s, soundtrack.source.length_s
    shift = round(Fraction(start_s).limit_denominator(10**9) / stream.time_base)
    for number, packet in enumerate(_timed(readable_packets(container, stream), stream)):
        packet.dts -= shift
        packet.pts = packet.pts - shift if packet.pts is not None else packet.dts
        at_s = float(packet.dts * packet.time_base)
        packet.stream = picture
        sound.write_until(at_s)
        sound.out.mux(packet)
        if number % 100 == 0:
            progress(max(0.0, min(0.99, at_s / length_s)))
    sound.finish()


def _timed(packets: Iterator[Any], stream: Any) -> Iterator[Any]:
    """The packets that carry picture, each with a decoding time.

    Matroska stores none, and FFmpeg knows those of the first few packets only once it has seen more:
    they are counted back from the first known one, a frame apart.
    """
    rate = stream.average_rate or Fraction(25)
    step = max(1, int(1 / rate / stream.time_base))
    waiting: list[Any] = []
    last: int | None = None
    for packet in packets:
        if packet.size == 0 or (packet.dts is None and packet.pts is None):
            continue
        if packet.dts is None:
            if last is None:
                waiting.append(packet)
                continue
            packet.dts = last + 1
        for back, early in enumerate(reversed(waiting), start=1):
            early.dts = packet.dts - back * step
        yield from waiting
        waiting, last = [], packet.dts
        yield packet
    for packet in waiting:
        packet.dts = packet.pts
        yield packet


class _Sound:
    """The encoder of the sound track, fed a little ahead of the picture."""

    def __init__(self, out: Any, codec: str, soundtrack: Soundtrack) -> None:
        self.out = out
        self._rate = soundtrack.rate
        self._stream = out.add_stream(_ENCODERS[codec], rate=soundtrack.rate, layout="stereo")
        self._stream.bit_rate = _BIT_RATES[codec]
        self._blocks: Iterator[Samples] = soundtrack.blocks()
        self._given = 0

    def write_until(self, film_s: float) -> None:
        """Encode blocks until the sound is half a second past a moment of the film."""
        while self._given / self._rate < film_s + 0.5 and self._write_block():
            pass

    def finish(self) -> None:
        """Encode what is left and empty the encoder."""
        while self._write_block():
            pass
        self.out.mux(self._stream.encode(None))

    def _write_block(self) -> bool:
        import av

        block = next(self._blocks, None)
        if block is None:
            return False
        planes = np.ascontiguousarray(block.T)
        frame = av.AudioFrame.from_ndarray(planes, format="fltp", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = self._rate, self._given, Fraction(1, self._rate)
        self._given += len(block)
        self.out.mux(self._stream.encode(frame))
        return True
