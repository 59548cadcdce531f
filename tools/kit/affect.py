"""Valence and arousal of what is seen, and what they suggest to a musician.

Valence and arousal lie in [-1, 1], 0 neutral. Mood words stand at the angles Russell (1980, A circumplex
model of affect, J. Pers. Soc. Psychol. 39, circular scaling) measured. That motion and cutting raise
arousal is Hanjalic and Xu's model (2005, Affective video content representation and modeling, IEEE
Trans. Multimedia 7); the weights, and the way from affect to tempo and style, are our own.
"""

from __future__ import annotations

import math

MOOD_ANGLES = {  # degrees anticlockwise from pure pleasure
    "happy": 7.8,
    "delighted": 24.9,
    "excited": 48.6,
    "tense": 92.8,
    "sad": 207.5,
    "calm": 316.2,
    "serene": 328.6,
}
SURE = 0.35  # distance from neutral from which a mood is named
_WEIGHTS = {"colour": 0.25, "motion": 0.45, "pace": 0.3}
_USUAL_SPEED = 0.1  # motion of an ordinary moving picture, in frame diagonals a second
_NOISE_SPEED = 0.01  # motion that coding noise alone shows
_USUAL_SHOT_S = 4.0  # length of an ordinary shot (Cutting et al. 2011: 3 to 5 s in films since 2000)

_STYLES = (
    ("dance pop", "funk", "upbeat orchestral"),
    ("driving electronic", "rock", "tense orchestral"),
    ("dark ambient", "solo piano", "slow strings"),
    ("acoustic folk", "chamber strings", "ambient"),
)
_NEUTRAL_STYLES = ("light underscore", "minimal piano", "soft electronic")


def motion_energy(speed: float) -> float:
    """Motion in frame diagonals a second as energy in [0, 1): 0.5 is an ordinary moving picture."""
    real = max(0.0, speed - _NOISE_SPEED)
    return real / (real + _USUAL_SPEED)


def film_arousal(colour_arousal: float, energy: float, shot_s: float | None = None) -> float:
    """Arousal in [-1, 1] of a moving picture.

    Parameters
    ----------
    colour_arousal
        What its colours do, in [-1, 1].
    energy
        Mean motion energy in [0, 1].
    shot_s
        Mean length of its shots in seconds; None where cutting plays no part.
    """
    parts = {"colour": colour_arousal, "motion": 2 * energy - 1}
    if shot_s is not None:
        parts["pace"] = 2 * _USUAL_SHOT_S / (_USUAL_SHOT_S + shot_s) - 1
    total = sum(_WEIGHTS[name] for name in parts)
    return max(-1.0, min(1.0, sum(_WEIGHTS[name] * value for name, value in parts.items()) / total))


def mood_word(valence: float, arousal: float) -> str | None:
    """The mood word nearest in angle, or None near neutral, where any word would be a guess."""
    if math.hypot(valence, arousal) < SURE:
        return None
    angle = math.degrees(math.atan2(arousal, valence)) % 360
    return min(MOOD_ANGLES, key=lambda word: abs((MOOD_ANGLES[word] - angle + 180) % 360 - 180))


def suggested_tempo(arousal: float) -> tuple[int, int]:
    """A tempo range in BPM: around 65 for the calmest picture, 105 for a neutral one, 145 for the most stirring."""
    middle = 105 + 40 * arousal
    return int(5 * round((middle - 12) / 5)), int(5 * round((middle + 12) / 5))


def suggested_styles(valence: float, arousal: float) -> tuple[str, ...]:
    """Three styles that sit in the quadrant of an affect, the first the plainest choice."""
    if math.hypot(valence, arousal) < SURE / 2:
        return _NEUTRAL_STYLES
    quadrant = (0 if valence >= 0 else 1) if arousal >= 0 else (3 if valence >= 0 else 2)
    return _STYLES[quadrant]
