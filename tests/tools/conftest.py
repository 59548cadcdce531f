"""Films made on the spot from real photographs and real clips, with everything about them known."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest


@pytest.fixture(autouse=True)
def shipped_soundfont(monkeypatch):
    """Tests sound the same whatever SoundFonts the machine has."""
    monkeypatch.setattr("tools.kit.soundfonts.folders", lambda: ())


SIZE = (320, 180)
Frame = np.ndarray[Any, np.dtype[np.uint8]]


def pan(photo: Path, count: int, *, speed: float = 2.0, zoom: float = 1.6, at: float = 0.0) -> list[Frame]:
    """A camera move over a photograph: ``speed`` pixels a frame to the right, starting ``at`` (0 to 1) of its width."""
    import cv2
    from PIL import Image

    image = np.asarray(Image.open(photo).convert("RGB"))
    width, height = SIZE
    scale = zoom * max(width / image.shape[1], height / image.shape[0])
    big = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    room = big.shape[1] - width
    left = [int(abs((at * room + i * speed + room) % (2 * room) - room)) for i in range(count)]
    top = (big.shape[0] - height) // 2
    return [np.ascontiguousarray(big[top : top + height, x : x + width]) for x in left]


def clip(path: Path, first: int, last: int) -> list[Frame]:
    """Frames ``first`` to ``last`` (not included) of a real clip, at the size of the films made here."""
    import av

    with av.open(str(path)) as container:
        frames = [f for i, f in enumerate(container.decode(video=0)) if first <= i < last]
        return [f.reformat(*SIZE, format="rgb24", interpolation="AREA").to_ndarray() for f in frames]


def tone(seconds: float, rate: int = 48_000, pitch_hz: float = 440.0, level: float = 0.3) -> Frame:
    """A sine, float32 [2, n]."""
    wave = level * np.sin(2 * np.pi * pitch_hz * np.arange(round(seconds * rate)) / rate)
    return np.stack([wave, wave]).astype(np.float32)


def write_film(
    path: Path,
    frames: Iterable[Frame],
    *,
    fps: int = 25,
    codec: str = "libx264",
    times: list[float] | None = None,
    sound: Frame | None = None,
    rotation: int = 0,
    options: dict[str, str] | None = None,
    sound_codec: str = "aac",
) -> Path:
    """Encode frames (and sound at 48 kHz) into the container that the path's suffix names."""
    import av

    with av.open(str(path), "w") as out:
        stream: Any = None
        audio: Any = out.add_stream(sound_codec, rate=48_000, layout="stereo") if sound is not None else None
        for number, pixels in enumerate(frames):
            if stream is None:
                stream = out.add_stream(codec, rate=fps)
                stream.height, stream.width = pixels.shape[:2]
                stream.pix_fmt = "yuv420p"
                stream.options = options if options is not None else _usual(codec)
                stream.codec_context.time_base = Fraction(1, 1000 if times else fps)
                if rotation:
                    stream.set_display_rotation(rotation)
            frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
            frame.pts = round(times[number] * 1000) if times else number
            frame.time_base = Fraction(1, 1000 if times else fps)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
        if sound is not None:
            write_sound(out, audio, sound)
    return path


def _usual(codec: str) -> dict[str, str]:
    return {"crf": "23", "preset": "veryfast"} if codec == "libx264" else {}


def write_sound(out: Any, stream: Any, sound: Frame) -> None:
    """Encode float32 samples [2, n] at 48 kHz into an open container."""
    import av

    for start in range(0, sound.shape[1], 960):
        part = np.ascontiguousarray(sound[:, start : start + 960])
        frame = av.AudioFrame.from_ndarray(part, format="fltp", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = 48_000, start, Fraction(1, 48_000)
        out.mux(stream.encode(frame))
    out.mux(stream.encode(None))


@pytest.fixture
def make_film(tmp_path: Path) -> Callable[..., Path]:
    """``make_film("name.mp4", frames, ...)``: a film in the test's folder; see :func:`write_film`."""

    def make(name: str, frames: Iterable[Frame], **how: Any) -> Path:
        return write_film(tmp_path / name, frames, **how)

    return make


@pytest.fixture(scope="session")
def camera() -> Callable[..., list[Frame]]:
    """``camera(photo, count, speed=, zoom=, at=)``: see :func:`pan`."""
    return pan


@pytest.fixture(scope="session")
def excerpt() -> Callable[..., list[Frame]]:
    """``excerpt(film, first, last)``: see :func:`clip`."""
    return clip


@pytest.fixture(scope="session")
def sine() -> Callable[..., Frame]:
    """``sine(seconds, rate=, pitch_hz=, level=)``: see :func:`tone`."""
    return tone
