"""Valence and arousal of a piece, and the words for them.

The estimate is the additive cue model that also checks results (:mod:`tools.kit.analysis.affect`), with the mode
cue taken from the key that the source marks where it marks one. It says what is expressed, not what is felt.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from tools.kit.analysis.affect import affect, note_cues
from tools.kit.analysis.notes import notes_of
from tools.kit.score import Score
from tools.kit.theory.pitch import Key

_BRIGHTNESS = {  # the mode cue, dark to bright: the mode's thirds, sixths and sevenths
    "lydian": 1.0,
    "major": 0.9,
    "major pentatonic": 0.8,
    "mixolydian": 0.45,
    "blues": 0.0,
    "dorian": -0.35,
    "minor pentatonic": -0.5,
    "minor": -0.75,
    "melodic minor": -0.6,
    "harmonic minor": -0.8,
    "phrygian": -0.9,
    "locrian": -1.0,
    "whole tone": 0.0,
}

MOODS: Mapping[str, tuple[float, float]] = {  # words in the plane of valence and arousal, after Russell 1980
    "joyful": (0.8, 0.5),
    "lively": (0.6, 0.7),
    "exuberant": (0.7, 0.85),
    "bright": (0.7, 0.25),
    "playful": (0.55, 0.5),
    "cheerful": (0.7, 0.4),
    "graceful": (0.5, -0.1),
    "warm": (0.55, -0.25),
    "content": (0.6, -0.4),
    "serene": (0.45, -0.7),
    "peaceful": (0.5, -0.6),
    "calm": (0.25, -0.65),
    "gentle": (0.3, -0.45),
    "dreamy": (0.2, -0.5),
    "wistful": (-0.2, -0.35),
    "nostalgic": (-0.05, -0.3),
    "plaintive": (-0.45, -0.3),
    "melancholy": (-0.5, -0.5),
    "sad": (-0.7, -0.4),
    "mournful": (-0.75, -0.55),
    "sombre": (-0.55, -0.6),
    "brooding": (-0.5, -0.1),
    "mysterious": (-0.25, 0.0),
    "restless": (-0.3, 0.4),
    "urgent": (-0.35, 0.65),
    "driving": (0.1, 0.75),
    "fiery": (-0.1, 0.85),
    "stormy": (-0.5, 0.75),
    "dramatic": (-0.2, 0.5),
    "stately": (0.3, 0.05),
    "solemn": (-0.3, -0.45),
    "spirited": (0.35, 0.6),
}


_NEAREST = {  # words people say, and the mood above that they mean
    "happy": "joyful",
    "upbeat": "lively",
    "energetic": "driving",
    "excited": "exuberant",
    "merry": "cheerful",
    "jolly": "cheerful",
    "festive": "exuberant",
    "funny": "playful",
    "quirky": "playful",
    "elegant": "graceful",
    "romantic": "warm",
    "tender": "gentle",
    "cozy": "warm",
    "relaxed": "calm",
    "relaxing": "calm",
    "chill": "calm",
    "tranquil": "peaceful",
    "quiet": "calm",
    "soothing": "peaceful",
    "ethereal": "dreamy",
    "hopeful": "warm",
    "bittersweet": "wistful",
    "longing": "plaintive",
    "sorrowful": "mournful",
    "melancholic": "melancholy",
    "gloomy": "sombre",
    "dark": "brooding",
    "somber": "sombre",
    "tense": "restless",
    "anxious": "restless",
    "angry": "stormy",
    "aggressive": "fiery",
    "intense": "urgent",
    "epic": "dramatic",
    "heroic": "spirited",
    "majestic": "stately",
    "noble": "stately",
    "serious": "solemn",
    "eerie": "mysterious",
    "欢快": "cheerful",
    "快乐": "joyful",
    "活泼": "lively",
    "明亮": "bright",
    "温暖": "warm",
    "宁静": "serene",
    "平静": "calm",
    "安静": "calm",
    "悲伤": "sad",
    "忧郁": "melancholy",
    "忧伤": "wistful",
    "怀旧": "nostalgic",
    "神秘": "mysterious",
    "紧张": "restless",
    "激动": "exuberant",
    "激昂": "spirited",
    "庄严": "solemn",
    "梦幻": "dreamy",
}


def valence_arousal(score: Score, bpm: float, key: Key) -> tuple[float, float]:
    """Estimated valence and arousal, each in [-1, 1], of a score whose beat runs at ``bpm`` in a known key."""
    cues = replace(note_cues(notes_of(score), bpm), mode=_BRIGHTNESS[key.mode])
    valence, arousal = affect(cues)
    return round(valence, 3), round(arousal, 3)


def mood_words(valence: float, arousal: float, k: int = 3) -> list[str]:
    """The ``k`` mood words nearest to a point of the plane, nearest first."""
    return sorted(MOODS, key=lambda word: math.dist(MOODS[word], (valence, arousal)))[:k]


def plain_mood(word: str) -> str:
    """The mood word of :data:`MOODS` that a word means, the word itself when it is unknown."""
    return _NEAREST.get(word, word)


def affect_of_words(words: Iterable[str]) -> tuple[float, float] | None:
    """Mean place of the known mood words among ``words``; None when none is known."""
    places = [MOODS[plain_mood(w)] for w in words if plain_mood(w) in MOODS]
    if not places:
        return None
    return sum(v for v, _ in places) / len(places), sum(a for _, a in places) / len(places)


def mood_words_in(text: str) -> list[str]:
    """The known mood words of a text, in English or Chinese, lower case."""
    known = (*MOODS, *_NEAREST)
    plain = f" {re.sub(r'[^a-z]+', ' ', text.lower())} "
    return [word for word in known if (f" {word} " in plain if word.isascii() else word in text)]
