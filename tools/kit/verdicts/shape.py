"""Verdicts on the course of the piece: sections and form, dynamics, hit points."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

import numpy as np

from tools.brief import Check, Constraint
from tools.kit.metrics.control.dynamics import Course, dynamics_agreement, dynamics_spread, note_course, sound_course
from tools.kit.metrics.control.hits import hit_chance, score_accents, sound_accents
from tools.kit.metrics.control.sections import (
    form_heard,
    form_match,
    is_letter_form,
    marked_sections,
    section_change,
    section_count,
)
from tools.kit.metrics.rhythm_video import align
from tools.kit.verdicts.evidence import Evidence
from tools.kit.verdicts.registry import measures, not_checked, tolerance_of, verdict

_HEARD = 0.5  # least share of the asked boundaries at which something must change
_EVEN_LU = 6.0  # a curve asked to stay level may vary by this
_FROM_FILM = 0.8  # least share of a film's cuts that must be met


@measures("sections")
def sections(wanted: Constraint, evidence: Evidence) -> Check:
    """Section names in order by the file's markers, and whether the music changes where they stand.

    Without markers the number of sections found by novelty is compared, and the verdict says so; that number is the
    music's own. One section fewer than asked is met where a less clear boundary makes it up.
    """
    asked = [_role(s) for s in wanted.target]
    if evidence.score is None or evidence.notes is None:
        return not_checked(wanted, "sections are told from notes; there is no MIDI file with any")
    marked = marked_sections(evidence.score, evidence.notes)
    found = section_count(evidence.score, evidence.notes)
    evidence.record(section_count=found)
    if not marked:
        pressed = section_count(evidence.score, evidence.notes, most=len(asked))
        weaker = found == len(asked) - 1 and pressed == len(asked)
        how = "no markers: sections found by novelty of harmony, texture and loudness, however many were asked for"
        how += "; one more boundary, less clear, is where the asked number wants it" if weaker else ""
        return verdict(wanted, found, how, met=found == len(asked) or weaker)
    heard = section_change(evidence.score, evidence.notes, [s.start for s in marked]) or 0.0
    evidence.record(section_change=heard)
    names = [_role(s.label) for s in marked]
    how = f"markers of the MIDI file; the music changes at {heard:.0%} of the boundaries (novelty above its median)"
    how += f", and novelty alone finds {found} sections"
    return verdict(wanted, names, how, met=names == asked and heard >= _HEARD)


def _role(text: str) -> str:
    """A section's role without case and number: ``"Verse 2"`` is ``"verse"``."""
    return re.sub(r"[\s_-]*\d+$", "", str(text).strip().lower())


@measures("form")
def form(wanted: Constraint, evidence: Evidence) -> Check:
    """A form in letters against the letters of the sections found by likeness of bars; named forms are not judged."""
    if not is_letter_form(str(wanted.target)):
        return not_checked(
            wanted, f"{wanted.target!r} is a form without letters; sections and bars are checked instead"
        )
    if evidence.score is None or evidence.notes is None:
        return not_checked(wanted, "form is told from notes; there is no MIDI file with any")
    letters = form_heard(evidence.score, evidence.notes)
    match = form_match(str(wanted.target), letters)
    evidence.record(form_match=match)
    how = "sections compared bar by bar in harmony, texture, rhythm and loudness; a varied return is the same letter"
    return verdict(wanted, letters, how, met=match == 1)


@measures("dynamics")
def dynamics(wanted: Constraint, evidence: Evidence) -> Check:
    """Rank correlation of the asked curve with short-term loudness in the audio; without audio, with note levels."""
    points = [(float(p["at"]), float(p["level"])) for p in wanted.target]
    found = _course(evidence)
    if found is None:
        return not_checked(wanted, "there is neither sound nor a note whose loudness could be followed")
    course, how = found
    spread, agreement = dynamics_spread(course), dynamics_agreement(course, points)
    evidence.record(dynamics_spread=spread, dynamics_agreement=agreement)
    if spread is None or agreement is None:
        return verdict(wanted, None, f"{how}: nothing sounds", met=False)
    if len({level for _, level in points}) < 2:
        how += f": spread in LU, which may be {_EVEN_LU:.0f} for a level curve"
        return verdict(wanted, round(spread, 1), how, met=spread <= _EVEN_LU)
    how += ": Spearman rank correlation with the curve"
    return verdict(wanted, round(agreement, 3), how, met=agreement >= tolerance_of(wanted))


def _course(evidence: Evidence) -> tuple[Course, str] | None:
    """Loudness over time with its name, of the audio or else of the notes; None without either."""
    if evidence.heard is not None:
        course = sound_course(evidence.heard)
        return course, f"loudness of the audio over {course.window_s:.1f} s windows (BS.1770 weighting)"
    if evidence.notes is None or evidence.length_s is None:
        return None
    course = note_course(evidence.notes, evidence.length_s)
    return course, "levels of the notes that sound (velocity, volume, expression)"


@measures("hit_points_s")
def hit_points(wanted: Constraint, evidence: Evidence) -> Check:
    """Distance of each moment to the nearest strong onset in the audio (or accent in the notes, without audio).

    Moments that a film's cuts gave are met when four in five are; those a person named must all be.
    """
    moments = np.array(wanted.target, dtype=np.float64)
    score, notes = evidence.score, evidence.notes
    by_notes = score_accents(score, notes) if score and notes is not None else None
    by_sound = None if evidence.audible is None else sound_accents(evidence.audible)
    events = by_sound if by_sound is not None else by_notes
    if events is None or not len(moments):
        return not_checked(
            wanted, "there is no onset to measure the moments against" if len(moments) else "no moment was named"
        )
    tolerance = tolerance_of(wanted)
    found = align(moments, events, tolerance)
    assert found is not None
    least = _FROM_FILM if wanted.words.startswith("from ") else 1.0
    luck = hit_chance(events, evidence.length_s or 0.0, tolerance) or 0.0
    evidence.record(hit_chance=luck, hit_distance=found.median_s)
    source = "audio" if by_sound is not None else "notes"
    how = f"distance of each to the nearest strong onset of the {source}; {found.share:.0%} within {tolerance:.2f} s"
    how += f" ({least:.0%} wanted; a random moment has {luck:.0%})"
    struck = align(moments, by_notes) if by_sound is not None and by_notes is not None else None
    if struck is not None:
        how += f"; to accents and struck barlines of the MIDI file: {_listed(struck.apart_s)}"
    return verdict(wanted, [_finite(d) for d in found.apart_s], how, met=found.share >= least)


def _finite(value: float) -> float | None:
    return round(float(value), 3) if math.isfinite(value) else None


def _listed(values: Iterable[float]) -> str:
    return ", ".join("none" if not math.isfinite(v) else f"{v:.3f}" for v in list(values)[:12])
