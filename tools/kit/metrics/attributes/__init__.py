"""How many of the attributes asked for a piece has, after MuseCoco (Lu et al. 2023, arXiv:2306.00110).

MuseCoco asks its model for instruments, key, meter, tempo, bars, length, pitch range, density and emotion, measures
each on the score and reports the accuracy of every attribute and their average in a sample (ASA). Here a Brief says
what is asked, and each attribute is measured by the function that the check of a request uses too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from tools.brief import Brief, is_set
from tools.errors import UserError
from tools.kit.analysis.notes import notes_of
from tools.kit.metrics.attributes import accuracy
from tools.kit.metrics.attributes.forces import members, names_of, plays, read_instruments, sounding_tracks
from tools.kit.metrics.attributes.measures import (
    METHOD,
    density,
    emotion,
    emotion_distance,
    expressed_arousal,
    expressed_valence,
    pitch_span,
    quadrant,
    sound_emotion,
    within,
)
from tools.kit.metrics.registry import metric
from tools.kit.score import Score

__all__ = [
    "METHOD",
    "attribute_accuracy",
    "density",
    "emotion",
    "emotion_distance",
    "evaluate",
    "expressed_arousal",
    "expressed_valence",
    "members",
    "names_of",
    "pitch_span",
    "plays",
    "quadrant",
    "read_instruments",
    "sound_emotion",
    "sounding_tracks",
    "within",
]

MEASURES: dict[str, Callable[[Any, accuracy.Heard], float | None]] = {
    "instruments": accuracy.instruments,
    "exclude": accuracy.exclude,
    "key": accuracy.key,
    "mode": accuracy.mode,
    "meter": accuracy.meter,
    "tempo_bpm": accuracy.tempo,
    "bars": accuracy.bars,
    "duration_s": accuracy.duration,
    "pitch_range": accuracy.pitch_range,
    "density": accuracy.note_density,
    "emotion": accuracy.emotion_quadrant,
}
"""The measure of each attribute; ``pitch_range`` and ``density`` are no fields of a Brief, ``emotion`` is two."""


def evaluate(asked: Brief | Mapping[str, Any], score: Score) -> dict[str, float | None]:
    """Accuracy of every attribute that was asked for, and their mean as ``attribute_accuracy``.

    Parameters
    ----------
    asked
        A Brief, or a mapping with any of the names of :data:`MEASURES`; ``pitch_range`` in octaves, ``density`` in
        notes a second (a number, or a range with ``min`` and ``max``), ``emotion`` as (valence, arousal).

    Returns
    -------
    dict
        Values in [0, 1]; None where the piece has nothing to measure the attribute on.

    Raises
    ------
    UserError
        For a name that is no attribute, or a value that cannot be read.
    """
    wanted = _of_brief(asked) if isinstance(asked, Brief) else dict(asked)
    unknown = sorted(set(wanted) - set(MEASURES))
    if unknown:
        raise UserError(f"no attribute is called {', '.join(unknown)}; there are {', '.join(MEASURES)}.")
    heard = accuracy.Heard(score, notes_of(score))
    found = {name: MEASURES[name](value, heard) for name, value in wanted.items() if is_set(value)}
    return {**found, "attribute_accuracy": attribute_accuracy(found)}


@metric(
    "attribute_accuracy",
    family="control",
    unit="share",
    low=0,
    high=1,
    better="higher",
    formula="mean over the attributes asked for and measurable of their accuracies, each in [0, 1]",
    meaning="How much of a description the piece fulfils, every attribute weighing the same. It says nothing of what "
    "was not asked, and a piece may miss the one thing that mattered and still score high.",
    source="ASA, average sample-wise accuracy: Lu et al. 2023 (MuseCoco), without its genre, artist and danceability",
)
def attribute_accuracy(accuracies: Mapping[str, float | None]) -> float | None:
    """Mean of the accuracies that are known; None when none is."""
    known = [value for value in accuracies.values() if value is not None]
    return float(np.mean(known)) if known else None


def _of_brief(brief: Brief) -> dict[str, Any]:
    wanted = {name: getattr(brief, name) for name in MEASURES if name in Brief.model_fields}
    if brief.key is not None:
        del wanted["mode"]  # the key says it
    if brief.valence is not None and brief.arousal is not None:
        wanted["emotion"] = (brief.valence, brief.arousal)
    return wanted
