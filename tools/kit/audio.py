"""Audio in and out: any container PyAV decodes becomes float samples; WAV and FLAC go out.

Samples are float32 arrays of shape ``[n, channels]``, full scale at -1 and 1, with one channel for
mono sources and two for all others (surround is folded down by FFmpeg's own matrix).
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tools.errors import LimitExceeded, UserError

if TYPE_CHECKING:
    from av.audio.frame import AudioFrame
    from av.audio.stream import AudioStream

Samples = NDArray[np.float32]
MAX_SECONDS = 2 * 3600.0
_SF_ERR_SYSTEM = 2
_ALMOST_NOTHING = 1 << 16  # bytes
_OPEN_SIZE = 0x7FFF0000  # of a data chunk: written by programs that do not know yet how much follows
SILENCE_DBFS = -70.0  # the absolute gate of ITU-R BS.1770-4, here on sample peaks


def read_audio(
    path: Path, rate: int = 44100, mono: bool = False, *, need_sound: bool = False, max_s: float = MAX_SECONDS
) -> tuple[Samples, int]:
    """Decode the first audio stream of a file.

    Parameters
    ----------
    path
        Any audio or video file that FFmpeg reads.
    rate
        Sample rate of the result in Hz.
    mono
        Fold to one channel.
    need_sound
        Refuse a file whose every sample lies below :data:`SILENCE_DBFS`.
    max_s
        Longest stream that is read, in seconds.

    Returns
    -------
    samples, rate
        float32 ``[n, 1]`` or ``[n, 2]``, and ``rate``.

    Raises
    ------
    UserError
        When nothing can be decoded, or, with ``need_sound``, when nothing sounds.
    LimitExceeded
        When the stream is longer than ``max_s``.
    """
    import av

    try:
        with av.open(str(path)) as container:
            if not container.streams.audio:
                raise UserError(f"{path.name} has no audio stream; attach a file with sound.")
            samples = _decode(container, container.streams.audio[0], rate, mono, path, max_s)
    except (av.FFmpegError, OSError) as err:
        reason = getattr(err, "strerror", None) or err
        raise UserError(
            f"{path.name} cannot be decoded as audio ({reason}); export it again as WAV, FLAC or MP3."
        ) from err
    if not len(samples):
        raise UserError(f"{path.name} holds no audio samples; export or record it again.")
    if not np.isfinite(samples).all():
        samples = np.nan_to_num(samples, nan=0.0, posinf=1.0, neginf=-1.0)
    if need_sound and not is_sounding(samples):
        raise UserError(f"{path.name} is silent (nothing above {SILENCE_DBFS:.0f} dBFS); attach a file with sound.")
    return samples, rate


def stated_seconds(path: Path) -> float | None:
    """Length that the header of a WAV, FLAC or AIFF file states; None for others, whose length is an estimate.

    A WAV's is that of its ``data`` chunk, however much of it is there. None, too, where the header leaves it open, as
    programs that write to a pipe do.
    """
    import av

    with av.open(str(path)) as container:
        if container.format.name not in ("wav", "flac", "aiff") or not container.streams.audio:
            return None
        stream = container.streams.audio[0]
        if container.format.name != "wav":
            return float(stream.duration * stream.time_base) if stream.duration and stream.time_base else None
    return _stated_by_riff(path)


def _stated_by_riff(path: Path) -> float | None:
    """Bytes of the ``data`` chunk over bytes a second of the ``fmt`` chunk before it (RIFF, Microsoft 1991)."""
    with path.open("rb") as stream:
        if stream.read(12)[:4] != b"RIFF":
            return None
        bytes_a_second = 0
        while len(head := stream.read(8)) == 8:
            name, size = head[:4], int.from_bytes(head[4:], "little")
            if name == b"data":
                return size / bytes_a_second if bytes_a_second and size < _OPEN_SIZE else None
            if name == b"fmt ":
                bytes_a_second = int.from_bytes(stream.read(12)[8:], "little")
                stream.seek(-12, os.SEEK_CUR)
            stream.seek(size + size % 2, os.SEEK_CUR)
    return None


def _decode(container: Any, stream: AudioStream, rate: int, mono: bool, path: Path, max_s: float) -> Samples:
    """Every sample of the stream up to the first packet that cannot be decoded after good ones."""
    import av

    stated = float(stream.duration * stream.time_base) if stream.duration and stream.time_base else 0.0
    if stated > max_s:
        raise LimitExceeded(
            f"{path.name} lasts {stated:.0f} s, more than the {max_s:.0f} s that are read; cut it first."
        )
    layout = "mono" if mono or stream.channels == 1 else "stereo"
    resampler = av.AudioResampler(format="fltp", layout=layout, rate=rate)
    blocks: list[Samples] = []
    total = 0
    try:
        for frame in container.decode(stream):
            frame.pts = None  # gaps between time stamps are not filled in; samples are counted
            for block in resampler.resample(frame):
                blocks.append(_floats(block))
                total += blocks[-1].shape[1]
            if total > max_s * rate:
                raise LimitExceeded(f"{path.name} lasts more than the {max_s:.0f} s that are read; cut it first.")
    except av.FFmpegError:
        if total == 0:
            raise
    blocks.extend(_floats(block) for block in resampler.resample(None))
    channels = 1 if layout == "mono" else 2
    joined = np.concatenate(blocks, axis=1) if blocks else np.zeros((channels, 0), np.float32)
    length, padding = round(stated * rate), 2048 * rate // stream.rate  # encoders fill up their last frame
    if 0 < length < joined.shape[1] <= length + padding:
        joined = joined[:, :length]
    return np.ascontiguousarray(joined.T)


def _floats(block: AudioFrame) -> Samples:
    return block.to_ndarray().astype(np.float32, copy=False)


def is_sounding(samples: Samples, floor_dbfs: float = SILENCE_DBFS) -> bool:
    """Whether any sample reaches ``floor_dbfs`` decibels below full scale."""
    return bool(samples.size and float(np.abs(samples).max()) >= 10 ** (floor_dbfs / 20))


def last_sound_s(samples: Samples, rate: int, floor_dbfs: float = -60.0) -> float:
    """Moment of the last sample at or above ``floor_dbfs`` dB below the loudest one, in seconds (0 when silent)."""
    if not is_sounding(samples):
        return 0.0
    level = np.abs(samples).max(axis=1)
    loud = np.flatnonzero(level >= level.max() * 10 ** (floor_dbfs / 20))
    return float(loud[-1] + 1) / rate


def write_wav(path: Path, samples: Samples, rate: int, *, subtype: str = "PCM_16") -> None:
    """Write WAV; ``subtype`` is ``PCM_16``, ``PCM_24`` or ``FLOAT``. Samples beyond full scale are a ``ValueError``."""
    _write(path, samples, rate, "WAV", subtype)


def write_flac(path: Path, samples: Samples, rate: int, *, subtype: str = "PCM_16") -> None:
    """Write FLAC; ``subtype`` is ``PCM_16`` or ``PCM_24``. Samples beyond full scale are a ``ValueError``."""
    _write(path, samples, rate, "FLAC", subtype)


def _write(path: Path, samples: Samples, rate: int, container: str, subtype: str) -> None:
    import soundfile

    if subtype != "FLOAT" and max(float(samples.max(initial=0.0)), -float(samples.min(initial=0.0))) > 1.0:
        raise ValueError(f"{path.name}: samples exceed full scale; lower the gain before writing {subtype}")
    with disk_told(path):
        soundfile.write(path, samples, rate, format=container, subtype=subtype)


@contextlib.contextmanager
def disk_told(path: Path) -> Iterator[None]:
    """Turn libsndfile's "System error" while writing ``path`` into the ``OSError`` that it hides."""
    import soundfile

    try:
        yield
    except soundfile.LibsndfileError as err:
        if err.code != _SF_ERR_SYSTEM:
            raise
        full = shutil.disk_usage(path.parent).free < _ALMOST_NOTHING
        code = errno.ENOSPC if full else errno.EIO
        raise OSError(code, os.strerror(code), str(path)) from err
