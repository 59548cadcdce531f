"""How well shot boundaries are found, beside PySceneDetect's own detectors, on films whose truth is known.

Films are put together from real clips and photographs: hard cuts, fades through black and dissolves
between shots that stand, pan, zoom, shake, whip round, brighten or flash, with grain on half of
them, coded as H.264. A cut counts when it is found within one frame, a fade or dissolve when a
boundary falls into it; every other boundary found is a false one.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench._media import media
from tools.kit.video import DecodeReport, ShotDetector, read_frames

FPS = 25
WIDTH, HEIGHT = 480, 270
MOVES = ("stand", "pan", "zoom", "shake", "whip", "brighten", "flash", "strobe")
REAL_SHOTS = {  # frames, read off the clips by eye
    "bikes": ((0, 30), (30, 76), (76, 137), (137, 187), (187, 242)),
    "bigbuckbunny": ((0, 132),),
    "carphone": ((0, 120),),
}
REAL_CUTS = {"bikes": (30, 76, 137, 187, 242), "bigbuckbunny": (), "carphone": ()}
Frames = list[NDArray[np.uint8]]
Detector = Callable[[Path], list[int]]


@dataclass
class Truth:
    """Where a film's shots change: frames of hard cuts, spans of frames of gradual changes."""

    hard: list[int]
    gradual: list[tuple[int, int]]


@dataclass
class Tally:
    """Counts over films."""

    found: int = 0
    missed: int = 0
    false: int = 0
    gradual_found: int = 0
    gradual: int = 0

    def add(self, predicted: Sequence[int], truth: Truth) -> None:
        """Match one film's boundaries with its truth, each at most once."""
        left = list(predicted)
        for cut in truth.hard:
            near = [p for p in left if abs(p - cut) <= 1]
            self.found, self.missed = self.found + bool(near), self.missed + (not near)
            left = [p for p in left if p not in near[:1]]
        for first, last in truth.gradual:
            inside = [p for p in left if first - 2 <= p <= last + 2]
            self.gradual_found, self.gradual = self.gradual_found + bool(inside), self.gradual + 1
            left = [p for p in left if p not in inside[:1]]
        self.false += len(left)

    def row(self, name: str) -> str:
        """The counts as a line of a Markdown table."""
        right = self.found + self.gradual_found
        precision = right / max(1, right + self.false)
        recall = self.found / max(1, self.found + self.missed)
        f1 = 2 * precision * recall / max(1e-9, precision + recall)
        return (
            f"| {name} | {self.found} / {self.found + self.missed} | {self.false} | {precision:.3f} | {recall:.3f} | "
            f"{f1:.3f} | {self.gradual_found} / {self.gradual} |"
        )


def run(n: int = 12, seed: int = 0) -> str:
    """Build ``n`` films from ``seed`` on, find their boundaries in four ways, and report in Markdown."""
    from scenedetect import AdaptiveDetector, ContentDetector

    ways: dict[str, Detector] = {
        "scorewright": ours,
        "PySceneDetect content (default)": lambda path: plain(path, ContentDetector()),
        "PySceneDetect adaptive (default)": lambda path: plain(path, AdaptiveDetector()),
    }
    made, real = {name: Tally() for name in ways}, {name: Tally() for name in ways}
    sources = _sources()
    spent = frames = 0.0
    with tempfile.TemporaryDirectory() as folder:
        for number in range(seed, seed + n):
            path = Path(folder) / f"{number}.mp4"
            truth, length = _film(path, sources, np.random.default_rng(number))
            for name, way in ways.items():
                began = time.perf_counter()
                made[name].add(way(path), truth)
                spent += (time.perf_counter() - began) * (way is ours)
            frames += length
    for clip, cuts in REAL_CUTS.items():
        for name, way in ways.items():
            real[name].add(way(media(clip)), Truth(list(cuts), []))
    head = "| | hard cuts | false | precision | recall | F1 | fades and dissolves |\n|---|---|---|---|---|---|---|"
    return "\n".join(
        [
            f"{n} films made of real clips and photographs (seeds from {seed}, {frames:.0f} frames):",
            "",
            head,
            *(tally.row(name) for name, tally in made.items()),
            "",
            "Three real clips:",
            "",
            head,
            *(tally.row(name) for name, tally in real.items()),
            "",
            f"Ours, decoding included: {frames / max(spent, 1e-9):.0f} frames a second at {WIDTH} x {HEIGHT}.",
        ]
    )


def ours(path: Path) -> list[int]:
    """Boundaries as `caption_video` finds them, as frame numbers."""
    detector, found = ShotDetector(FPS), []
    for frame in read_frames(path, DecodeReport(), 3600.0):
        found += detector.feed(frame.time_s, frame.small)[1]
    return [round(b.time_s * FPS) for b in found + detector.finish()]


def plain(path: Path, detector: Any) -> list[int]:
    """Boundaries as PySceneDetect alone finds them, as frame numbers."""
    from scenedetect import detect

    return [int(scene[0].frame_num) for scene in detect(str(path), detector)][1:]


def _sources() -> list[Frames]:
    """Real shots as lists of frames; photographs as lists of one, larger than the film."""
    import av
    import cv2
    from PIL import Image

    shots: list[Frames] = []
    for name, spans in REAL_SHOTS.items():
        with av.open(str(media(name))) as container:
            scaled = (f.reformat(WIDTH, HEIGHT, format="rgb24") for f in container.decode(video=0))
            whole: Frames = [np.asarray(f.to_ndarray(), dtype=np.uint8) for f in scaled]
        shots += [whole[first:last] for first, last in spans]
    for name in ("china", "flower"):
        photo = np.asarray(Image.open(media(name)).convert("RGB"))
        halves = (photo[:, :400], photo[:, 240:]) if name == "china" else (photo,)
        shots += [[cv2.resize(half, (900, 600), interpolation=cv2.INTER_CUBIC).astype(np.uint8)] for half in halves]
    return shots


def _film(path: Path, sources: list[Frames], rng: np.random.Generator, shots: int = 10) -> tuple[Truth, int]:
    truth, frames, last = Truth([], []), _shot(sources[0], rng), 0
    for _ in range(shots - 1):
        last = int(rng.choice([i for i in range(len(sources)) if i != last]))
        shot, chance = _shot(sources[last], rng), float(rng.random())
        if chance < 0.7 or min(len(shot), len(frames)) < 24:
            truth.hard.append(len(frames))
            frames = frames + shot
        else:
            frames = (_faded if chance < 0.85 else _dissolved)(frames, shot, truth, int(rng.integers(7, 16)))
    if rng.random() < 0.5:
        grain = rng.normal(0, 3, (8, HEIGHT, WIDTH, 3))
        frames = [_bounded(f + grain[i % 8]) for i, f in enumerate(frames)]
    _write(path, frames)
    return truth, len(frames)


def _shot(source: Frames, rng: np.random.Generator) -> Frames:
    """Frames of a real shot, or a camera move over a photograph."""
    length = int(rng.integers(14, 70))
    if len(source) > 1:
        first = int(rng.integers(0, max(1, len(source) - length)))
        return source[first : first + length]
    move = MOVES[int(rng.integers(len(MOVES)))]
    room = np.array([source[0].shape[1] - WIDTH, source[0].shape[0] - HEIGHT])
    start, end = rng.uniform(0, 1, 2) * room, rng.uniform(0, 1, 2) * room
    length = max(length, 40) if move in ("whip", "flash", "strobe") else length
    return [_moved(source[0], move, i, length, start, end, rng) for i in range(length)]


def _moved(
    photo: NDArray[np.uint8],
    move: str,
    i: int,
    length: int,
    start: NDArray[Any],
    end: NDArray[Any],
    rng: np.random.Generator,
) -> NDArray[np.uint8]:
    import cv2

    share = i / length
    place = start
    if move == "pan":
        place = start + (end - start) * share
    elif move == "whip":
        place = np.array([(photo.shape[1] - WIDTH) * np.clip((share - 0.4) / 0.15, 0, 1), start[1]])
    elif move == "shake":
        place = np.clip(start + rng.normal(0, 4, 2), 0, [photo.shape[1] - WIDTH, photo.shape[0] - HEIGHT])
    zoom = 1 + 0.5 * share if move == "zoom" else 1.0
    matrix = np.array([[zoom, 0, -zoom * place[0]], [0, zoom, -zoom * place[1]]], np.float32)
    frame = cv2.warpAffine(photo, matrix, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REFLECT)
    if move == "brighten":
        return _bounded(frame * (0.5 + 0.9 * share))
    if move == "flash" and 0 <= (i - length // 3) < 4:
        return _bounded(frame + (220.0, 150.0, 90.0, 40.0)[i - length // 3])
    if move == "strobe" and 0.25 < share < 0.75 and i % 4 < 2:
        return _bounded(frame * 0.3 + 170)
    return _bounded(frame)


def _faded(frames: Frames, shot: Frames, truth: Truth, length: int) -> Frames:
    first = len(frames) - length
    down = [_bounded(f * (1 - (i + 1) / length)) for i, f in enumerate(frames[first:])]
    up = [_bounded(f * (i / length)) for i, f in enumerate(shot[:length])]
    truth.gradual.append((first, first + 2 * length + 5))
    return frames[:first] + down + [np.zeros_like(shot[0])] * 5 + up + shot[length:]


def _dissolved(frames: Frames, shot: Frames, truth: Truth, length: int) -> Frames:
    first = len(frames) - length
    shares = [(i + 1) / (length + 1) for i in range(length)]
    mixed = [_bounded(a * (1 - s) + b * s) for a, b, s in zip(frames[first:], shot, shares, strict=False)]
    truth.gradual.append((first, len(frames)))
    return frames[:first] + mixed + shot[length:]


def _bounded(levels: NDArray[Any]) -> NDArray[np.uint8]:
    bounded: NDArray[np.uint8] = np.clip(levels, 0, 255).astype(np.uint8)
    return bounded


def _write(path: Path, frames: Frames) -> None:
    import av

    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=FPS)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.options = {"crf": "27", "preset": "veryfast"}
        for pixels in frames:
            out.mux(stream.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format="rgb24")))
        out.mux(stream.encode(None))
