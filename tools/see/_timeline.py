"""From a survey of a film to its scenes: the typed timeline."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from tools.backends.image_labels import Probabilities
from tools.kit.affect import film_arousal, motion_energy
from tools.kit.colour import ColourStats, colour_affect
from tools.kit.video import CURVE_HZ, ColourSample, Survey
from tools.see import _words
from tools.see._facts import Look, look_facts


class Transition(BaseModel):
    """How one scene gives way to the next."""

    model_config = ConfigDict(extra="forbid")

    time_s: float = Field(description="First frame of the new scene; the middle of a fade or dissolve.")
    kind: str = Field(description="'cut', 'fade' (through black) or 'dissolve'.")


class Scene(Look):
    """One shot: its place, what it shows and how it moves."""

    start_s: float = Field(description="Film time of its first frame, in seconds.")
    end_s: float = Field(description="Where the next scene starts, or the film ends, in seconds.")
    motion: list[float] = Field(description="Motion energy, 0 to 1, four values a second; 0.5 is ordinary.")
    motion_mean: float = Field(description="Mean of the motion energy, 0 to 1.")
    sentence: str = Field(description="The scene in one sentence.")


def motion_curve(found: Survey) -> NDArray[np.float64]:
    """Motion energy of the film in [0, 1], :data:`CURVE_HZ` values a second."""
    return np.array([motion_energy(speed) for speed in found.speed_curve()])


def scenes(found: Survey, curve: NDArray[np.float64]) -> list[Scene]:
    """The film's scenes in order; they touch, and cover it from 0 to its end."""
    starts = [0.0, *(b.time_s for b in found.boundaries)]
    ends = [*starts[1:], found.report.duration_s]
    return [_scene(found, curve, start, end) for start, end in zip(starts, ends, strict=True)]


def film_look(found: Survey, curve: NDArray[np.float64], shot_s: float) -> Look:
    """Colour, subject and affect of the film as a whole; ``shot_s`` is the mean length of its shots."""
    return Look(**_look(found, 0.0, found.report.duration_s, float(curve.mean()), shot_s))


def _scene(found: Survey, curve: NDArray[np.float64], start: float, end: float) -> Scene:
    first = int(start * CURVE_HZ + 0.5)
    part = curve[first : max(first + 1, int(end * CURVE_HZ + 0.5))]
    part = part if len(part) else curve[-1:]
    energy = float(part.mean())
    scene = Scene(
        start_s=round(start, 4),
        end_s=round(end, 4),
        motion=[round(float(m), 3) for m in part],
        motion_mean=round(energy, 3),
        sentence="",
        **_look(found, start, end, energy, None),
    )
    scene.sentence = _sentence(scene)
    return scene


def _look(found: Survey, start: float, end: float, energy: float, shot_s: float | None) -> dict[str, object]:
    samples = _within(found.colours, start, end)
    stats = ColourStats(
        *(
            float(np.mean([getattr(s.stats, name) for s in samples]))
            for name in ("brightness", "saturation", "contrast")
        )
    )
    pixels = np.concatenate([s.pixels.reshape(-1, 3) for s in samples[:: max(1, len(samples) // 64)]])
    valence, colour_arousal = colour_affect(stats.brightness, stats.saturation)
    return look_facts(stats, pixels, _seen(found, start, end), (valence, film_arousal(colour_arousal, energy, shot_s)))


def _within(samples: Sequence[ColourSample], start: float, end: float) -> Sequence[ColourSample]:
    """The samples of a stretch; of a stretch shorter than their spacing, the nearest one."""
    first = bisect_left(samples, start - 1e-6, key=lambda s: s.time_s)
    last = bisect_left(samples, end - 1e-6, key=lambda s: s.time_s)
    if first < last:
        return samples[first:last]
    return [min(samples[max(0, first - 1) : first + 1], key=lambda s: abs(s.time_s - (start + end) / 2))]


def _seen(found: Survey, start: float, end: float) -> Probabilities | None:
    """The mean of what the classifier saw in a stretch; None when no keyframe fell into it."""
    first = bisect_left(found.looks, start - 1e-6, key=lambda look: look[0])
    last = bisect_left(found.looks, end - 1e-6, key=lambda look: look[0])
    inside = [probabilities for _, probabilities in found.looks[first:last]]
    return np.mean(inside, axis=0, dtype=np.float32) if inside else None


def _sentence(scene: Scene) -> str:
    what = _words.subject_words(scene) or _words.guess_words(scene)
    parts = [
        *([what] if what else []),
        f"mostly {_words.colour_words(scene.palette)}",
        _words.light_words(scene),
        _words.motion_words(scene.motion_mean) + _trend(scene.motion),
    ]
    span = f"{_words.clock(scene.start_s)} to {_words.clock(scene.end_s)}"
    return f"{span} ({scene.end_s - scene.start_s:.1f} s): {'; '.join(parts)}."


def _trend(motion: Sequence[float]) -> str:
    if len(motion) < 4:
        return ""
    half = len(motion) // 2
    change = float(np.mean(motion[half:]) - np.mean(motion[:half]))
    return " that grows" if change > 0.15 else " that settles" if change < -0.15 else ""
