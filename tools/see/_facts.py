"""The typed facts that pictures and films share."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from tools.backends.image_labels import Label, Probabilities, labels, subjects
from tools.brief import VALENCE_AROUSAL
from tools.contract import ToolData
from tools.kit.affect import mood_word
from tools.kit.colour import ColourStats, palette


class Colour(BaseModel):
    """One colour of a palette."""

    model_config = ConfigDict(extra="forbid")

    hex: str = Field(description="The colour as #rrggbb.")
    name: str = Field(description="Its everyday name.")
    share: float = Field(description="Its share of the picture, 0 to 1.")


class Seen(BaseModel):
    """Something a classifier sees, with its confidence."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(description="Class or subject.")
    confidence: float = Field(description="The classifier's confidence, 0 to 1; below 0.5 it is not stated as a fact.")


class Look(ToolData):
    """Colour, subject and affect of a picture or a stretch of film."""

    brightness: float = Field(description="Mean luma, 0 black to 1 white.")
    saturation: float = Field(description="Mean of max - min of R, G, B, 0 grey to 1 pure (IHSL).")
    contrast: float = Field(description="Standard deviation of luma, 0 to 0.5.")
    palette: list[Colour] = Field(description="Main colours, largest share first.")
    subjects: list[Seen] = Field(description="What it is of, in broad words, best first.")
    labels: list[Seen] = Field(description="ImageNet classes seen, best first.")
    valence: float = Field(description=f"Pleasantness {VALENCE_AROUSAL}.")
    arousal: float = Field(description=f"Energy {VALENCE_AROUSAL}.")
    mood: str | None = Field(description="Mood word the affect suggests; null near neutral.")


def look_facts(
    stats: ColourStats, pixels: NDArray[np.uint8], seen: Probabilities | None, affect: tuple[float, float]
) -> dict[str, Any]:
    """The fields of :class:`Look`, from what was measured."""
    valence, arousal = affect
    return {
        "brightness": round(stats.brightness, 3),
        "saturation": round(stats.saturation, 3),
        "contrast": round(stats.contrast, 3),
        "palette": [Colour(hex=s.hex, name=s.name, share=s.share) for s in palette(pixels)],
        "subjects": [] if seen is None else [_seen(s) for s in subjects(seen)[:3]],
        "labels": [] if seen is None else [_seen(s) for s in labels(seen)],
        "valence": round(valence, 3),
        "arousal": round(arousal, 3),
        "mood": mood_word(valence, arousal),
    }


def _seen(label: Label) -> Seen:
    return Seen(name=label.name, confidence=round(label.confidence, 3))
