"""What a piece is like in single numbers, and when two of them agree."""

from __future__ import annotations

import math

from tools.errors import UserError
from tools.kit.analysis.affect import METHOD, affect, audio_cues, note_cues
from tools.kit.analysis.notes import Notes, phrase_starts
from tools.kit.analysis.portrait import main_tempo
from tools.kit.metrics.audio.clip import Clip
from tools.kit.metrics.audio.level import integrated_loudness
from tools.kit.metrics.registry import metric
from tools.kit.score import Score

__all__ = [
    "METHOD",
    "density",
    "emotion",
    "emotion_distance",
    "expressed_arousal",
    "expressed_valence",
    "pitch_span",
    "quadrant",
    "sound_emotion",
    "within",
]

Point = tuple[float, float]


def within(measured: float, target: float, tolerance: float) -> bool:
    """Whether a value is the target to within a tolerance in the same unit."""
    return abs(measured - target) <= tolerance


def emotion(score: Score, notes: Notes) -> Point:
    """Valence and arousal in [-1, 1] that the notes express by their cues (tempo, mode, register, ...)."""
    return affect(note_cues(notes, main_tempo(score), phrase_starts(score)))


def sound_emotion(clip: Clip) -> Point:
    """The same of a recording, by the cues it shows."""
    return affect(audio_cues(clip.strength, clip.chroma, integrated_loudness(clip), clip.seconds))


_SOURCE = "Eerola, Friberg and Bresin 2013, Frontiers in Psychology 4:487: cues add up; weights set by hand"


@metric(
    "expressed_valence",
    family="control",
    low=-1,
    high=1,
    better="nearer the reference",
    formula="0.48 mode + 0.24 tempo + 0.12 articulation + 0.08 register + 0.04 density - 0.04 dynamics",
    meaning="How sad (-1) or happy (1) the music's cues make it, mode and tempo above all. It knows no style and no "
    "memory, and a recording shows it fewer cues than notes do.",
    source=_SOURCE,
)
def expressed_valence(point: Point | None) -> float | None:
    """The first of :func:`emotion` or :func:`sound_emotion`; None where nothing sounds."""
    return None if point is None else point[0]


@metric(
    "expressed_arousal",
    family="control",
    low=-1,
    high=1,
    better="nearer the reference",
    formula="0.40 tempo + 0.35 dynamics + 0.30 density + 0.15 articulation + 0.15 drums + 0.05 register, cut to +-1",
    meaning="How calm (-1) or excited (1) the music's cues make it, tempo, loudness and density above all. The "
    "loudness of a recording may have been set afterwards and counts half.",
    source=_SOURCE,
)
def expressed_arousal(point: Point | None) -> float | None:
    """The second of :func:`emotion` or :func:`sound_emotion`; None where nothing sounds."""
    return None if point is None else point[1]


@metric(
    "emotion_distance",
    family="control",
    low=0,
    high=8**0.5,
    better="lower",
    formula="sqrt((valence - asked valence)^2 + (arousal - asked arousal)^2)",
    meaning="How far the music's expression lies from the place of the mood words. Half of one axis is heard as "
    "another mood, and the place of a word is a mean over many listeners.",
    source="the circumplex of Russell 1980",
)
def emotion_distance(measured: Point | None, target: Point) -> float | None:
    """Distance in the valence-arousal plane, at most the square root of 8; None where nothing sounds.

    Raises
    ------
    UserError
        For a target outside the plane.
    """
    if not all(-1 <= value <= 1 for value in target):
        raise UserError(f"valence and arousal lie from -1 to 1, not at {target}.")
    return None if measured is None else math.dist(measured, target)


def quadrant(point: Point) -> int:
    """Russell's quadrant, 1 to 4: happy, tense, sad, calm; a neutral axis counts as positive."""
    valence, arousal = point
    if arousal >= 0:
        return 1 if valence >= 0 else 2
    return 3 if valence < 0 else 4


def pitch_span(notes: Notes) -> int | None:
    """Semitones from the lowest to the highest pitched note; None when there is none."""
    pitched = notes.pitched
    return int(pitched.pitch.max() - pitched.pitch.min()) if len(pitched) else None


def density(notes: Notes) -> float | None:
    """Notes a second from the first onset to the last end; None without a note."""
    if not len(notes):
        return None
    return len(notes) / max(float(notes.end_s.max() - notes.start_s.min()), 1e-3)
