"""Genres as data, read from ``tools/compose/styles``: what a style prescribes and how it is found by its names."""

from __future__ import annotations

import functools
import math
import tomllib
from dataclasses import dataclass
from importlib import resources
from typing import Any

FALLBACK = "film"


@dataclass(frozen=True)
class Style:
    """A genre: see the head of ``genres.toml`` for the meaning of each field."""

    name: str
    names: tuple[str, ...]
    tempo: tuple[float, float]
    meters: tuple[str, ...]
    mode: str
    affect: tuple[float, float]
    harmony: str
    textures: tuple[str, ...]
    bass: str
    groove: str
    melody: float
    syncopation: float
    instruments: tuple[str, ...]
    colour: int = 0
    rhythm: float = 1
    swing: float = 0.0
    form: str = ""
    dotted: float = 0.1
    leaps: float = 0.2
    repeats: float = 0.1
    upbeat: float = 0.4
    held: float = 0.5
    flow: float = 0.0
    phrase: int = 4


@functools.cache
def table(name: str) -> dict[str, Any]:
    """One of the data files: ``genres``, ``progressions``, ``grooves`` or ``moods``."""
    source = resources.files("tools.compose").joinpath("styles", f"{name}.toml")
    return tomllib.loads(source.read_text(encoding="utf-8"))


@functools.cache
def styles() -> dict[str, Style]:
    """Every genre by name."""
    return {name: _style(name, row) for name, row in table("genres").items()}


def _style(name: str, row: dict[str, Any]) -> Style:
    fields: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in row.items()}
    return Style(name=name, **fields)


@functools.cache
def _by_word() -> dict[str, str]:
    words: dict[str, str] = {}
    for name, style in styles().items():
        for word in (name, *style.names):
            words.setdefault(plain(word), name)
    return words


def plain(word: str) -> str:
    """Lower case, one space for hyphens and underscores."""
    return " ".join(word.lower().replace("-", " ").replace("_", " ").split())


def find_style(genre: str) -> Style | None:
    """The style of a genre's name, or the one whose longest name stands in it; None when nothing fits."""
    text = plain(genre)
    known = _by_word()
    if text in known:
        return styles()[known[text]]
    inside = [w for w in known if (f" {w} " in f" {text} " if w.isascii() else w in text)]
    return styles()[known[max(inside, key=len)]] if inside else None


def nearest_style(valence: float, arousal: float) -> Style:
    """The style without a dance's own meter that lies nearest in the valence-arousal plane."""
    neutral = (
        "film",
        "epic",
        "classical",
        "romantic",
        "ambient",
        "pop",
        "ballad",
        "acoustic",
        "corporate",
        "action",
        "folk",
        "post-rock",
        "minimalism",
        "new-age",
    )
    return min((styles()[n] for n in neutral), key=lambda s: math.dist(s.affect, (valence, arousal)))
