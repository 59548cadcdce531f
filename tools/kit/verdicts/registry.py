"""The dictionary of measures, and the judging of a whole Brief by it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pydantic import ValidationError

from tools.brief import TOLERANCES, Brief, Check, Constraint, MusicFields, constraint, is_set
from tools.kit.verdicts.evidence import Evidence

Measure = Callable[[Constraint, Evidence], Check]
MEASURES: dict[str, Measure] = {}


def measures(name: str) -> Callable[[Measure], Measure]:
    """Register the measure of a Brief field."""

    def register(function: Measure) -> Measure:
        MEASURES[name] = function
        return function

    return register


def verdict(wanted: Constraint, measured: Any, how: str, *, met: bool) -> Check:
    """A measured verdict."""
    return Check(name=wanted.name, target=wanted.target, measured=measured, how=how, verdict="met" if met else "missed")


def not_checked(wanted: Constraint, why: str) -> Check:
    """No verdict, with the reason."""
    return Check(name=wanted.name, target=wanted.target, how=why, verdict="not_checked")


def tolerance_of(wanted: Constraint) -> float:
    """The constraint's own tolerance, or the house's for its field."""
    own = wanted.tolerance
    return float(own if isinstance(own, (int, float)) else TOLERANCES[wanted.name])


def constraints_of(brief: Brief, *, has_video: bool) -> list[Constraint]:
    """What a Brief is measured by: its own constraints or, when it names none, every field that is set.

    Works to take after are always among them, and with a film and ``fit_picture`` the end of the picture.
    """
    wanted = list(brief.constraints)
    if not wanted:
        wanted = [
            constraint(name, _plain(getattr(brief, name)), brief.request or f"{name} of the Brief")
            for name in (*MusicFields.model_fields, "count")
            if is_set(getattr(brief, name)) and not (name == "count" and brief.count == 1)
        ]
    if brief.references and not any(c.name == "references" for c in wanted):
        wanted.append(constraint("references", brief.references, brief.request or "references of the Brief"))
    if brief.fit_picture and has_video and not any(c.name == "video_end" for c in wanted):
        wanted.append(constraint("video_end", True, brief.request or "fit_picture of the Brief"))
    return wanted


def judge(wanted: Constraint, evidence: Evidence) -> Check:
    """The verdict on one constraint; a target that is no value of its field is not checked, and said to be none."""
    measure = MEASURES.get(wanted.name)
    if measure is None:
        return not_checked(wanted, f"there is no measure of {wanted.name}")
    if wanted.name in MusicFields.model_fields:
        try:
            fields = MusicFields.model_validate({wanted.name: wanted.target})
        except ValidationError as err:
            return not_checked(wanted, f"{wanted.target!r} is no {wanted.name}: {err.errors()[0]['msg']}")
        wanted = wanted.model_copy(update={"target": _plain(getattr(fields, wanted.name))})
    if not is_set(wanted.target):
        return not_checked(wanted, "nothing is asked for")
    return measure(wanted, evidence)


def judge_all(evidence: Evidence) -> list[Check]:
    """Exactly one verdict for every constraint, then one ``not_understood`` for all words nothing was made of, each."""
    wanted = constraints_of(evidence.brief, has_video=evidence.video is not None)
    unread = [
        Check(name="not_understood", target=words, how="nothing was made of these words", verdict="not_checked")
        for words in evidence.brief.not_understood
    ]
    return [judge(c, evidence) for c in wanted] + unread


def _plain(value: Any) -> Any:
    """A field's value as JSON."""
    if isinstance(value, list):
        return [_plain(v) for v in value]
    return value.model_dump(exclude_none=True) if hasattr(value, "model_dump") else value
