"""Accents that moments may be met by, and how many moments luck alone would meet."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tools.errors import UserError
from tools.kit.analysis import onsets
from tools.kit.analysis.notes import Notes
from tools.kit.metrics.audio.clip import Clip
from tools.kit.metrics.registry import metric
from tools.kit.score import Score

Floats = NDArray[np.float64]


def sound_accents(clip: Clip) -> Floats:
    """Moments of a recording that accent, in seconds ``[n]``."""
    return onsets.strong_onsets(*onsets.audio_onsets(clip.strength))


def score_accents(score: Score, notes: Notes) -> Floats:
    """Moments of a score that accent: strong onsets and struck barlines, in seconds ``[n]``."""
    return onsets.accents_in(score, notes)


@metric(
    "hit_chance",
    family="control",
    unit="share",
    low=0,
    high=1,
    better="neither",
    formula="share of all moments of the piece, every 0.01 s, that lie within the tolerance of an event",
    meaning="How many moments named at random the music would hit: what hit_alignment is to be read against. Busy "
    "music comes near 1, where hitting proves nothing.",
    source="Scorewright's own; the chance level of an alignment score",
)
def hit_chance(events: ArrayLike, length_s: float, tolerance_s: float) -> float | None:
    """Share of random moments with an event within the tolerance; None for a piece without length.

    Raises
    ------
    UserError
        For a length or tolerance that is no number of seconds.
    """
    if not (math.isfinite(length_s) and math.isfinite(tolerance_s) and tolerance_s >= 0):
        raise UserError(f"length and tolerance are seconds, not {length_s} and {tolerance_s}.")
    return onsets.chance(np.asarray(events, dtype=np.float64), length_s, tolerance_s) if length_s > 0 else None
