"""Verdicts on expression: mood, valence, arousal; and why genre has none."""

from __future__ import annotations

from tools.brief import Check, Constraint
from tools.kit.metrics.attributes import (
    METHOD,
    emotion,
    emotion_distance,
    expressed_arousal,
    expressed_valence,
    sound_emotion,
    within,
)
from tools.kit.verdicts.evidence import Evidence
from tools.kit.verdicts.registry import measures, not_checked, tolerance_of, verdict

_NOTHING = "there is neither a note nor sound to estimate it from"


def expressed(evidence: Evidence) -> tuple[float, float] | None:
    """Valence and arousal estimated from the notes, or from the audio when there are none; None without either."""
    if evidence.score is not None and evidence.notes is not None:
        return emotion(evidence.score, evidence.notes)
    return None if evidence.audible is None else sound_emotion(evidence.audible)


def _how(evidence: Evidence) -> str:
    return f"{METHOD}, on the {'notes' if evidence.notes is not None else 'audio'}"


@measures("valence")
def valence(wanted: Constraint, evidence: Evidence) -> Check:
    """Estimated valence against the one wanted."""
    value = expressed_valence(expressed(evidence))
    evidence.record(expressed_valence=value)
    return _one(wanted, evidence, value)


@measures("arousal")
def arousal(wanted: Constraint, evidence: Evidence) -> Check:
    """Estimated arousal against the one wanted."""
    value = expressed_arousal(expressed(evidence))
    evidence.record(expressed_arousal=value)
    return _one(wanted, evidence, value)


def _one(wanted: Constraint, evidence: Evidence, value: float | None) -> Check:
    if value is None:
        return not_checked(wanted, _NOTHING)
    met = within(value, float(wanted.target), tolerance_of(wanted))
    return verdict(wanted, round(value, 2), _how(evidence), met=met)


@measures("mood")
def mood(wanted: Constraint, evidence: Evidence) -> Check:
    """Distance in the valence-arousal plane from the place of the mood words, which the Brief carries."""
    if evidence.brief.valence is None or evidence.brief.arousal is None:
        return not_checked(wanted, "the Brief gives these words no place in the valence-arousal plane")
    point = expressed(evidence)
    goal = (evidence.brief.valence, evidence.brief.arousal)
    apart = emotion_distance(point, goal)
    evidence.record(emotion_distance=apart)
    if point is None or apart is None:
        return not_checked(wanted, _NOTHING)
    how = f"{_how(evidence)}: {apart:.2f} from the words' place ({goal[0]:+.2f}, {goal[1]:+.2f})"
    measured = {"valence": round(point[0], 2), "arousal": round(point[1], 2)}
    return verdict(wanted, measured, how, met=apart <= tolerance_of(wanted))


@measures("genre")
def genre(wanted: Constraint, evidence: Evidence) -> Check:
    """Never judged: no classifier that ships here tells genres of rendered scores apart reliably."""
    return not_checked(
        wanted, "no measure of genre here is reliable enough for a verdict; listen, or see describe_music's facts"
    )
