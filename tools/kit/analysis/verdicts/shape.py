"""Verdicts on the course of the piece: sections and form, dynamics, hit points."""

from __future__ import annotations

import re

import numpy as np

from tools.brief import Check, Constraint
from tools.kit.analysis import dynamics as loud
from tools.kit.analysis import onsets, structure
from tools.kit.analysis.verdicts.evidence import LOUDNESS_RATE, Evidence
from tools.kit.analysis.verdicts.registry import measures, not_checked, tolerance_of, verdict
from tools.kit.metrics.rhythm_video import align

_HEARD = 0.5  # least share of the asked boundaries at which something must change
_EVEN_LU = 6.0  # a curve asked to stay level may vary by this
_FROM_FILM = 0.8  # least share of a film's cuts that must be met
_LETTERS = re.compile(r"^[A-H]['A-H]*$")


@measures("sections")
def sections(wanted: Constraint, evidence: Evidence) -> Check:
    """Section names in order by the file's markers, and whether the music changes where they stand.

    Without markers the number of sections found by novelty is compared, and the verdict says so; that number is the
    music's own. One section fewer than asked is met where a less clear boundary makes it up.
    """
    asked = [_role(s) for s in wanted.target]
    if evidence.score is None or evidence.notes is None:
        return not_checked(wanted, "sections are told from notes; there is no MIDI file with any")
    features = structure.bar_features(evidence.score, evidence.notes)
    marked = [s for s in structure.score_sections(evidence.score, evidence.notes) if len(evidence.score.markers) > 1]
    found = len(structure.boundaries(features))
    if not marked:
        weaker = found == len(asked) - 1 and len(structure.boundaries(features, most=len(asked))) == len(asked)
        how = "no markers: sections found by novelty of harmony, texture and loudness, however many were asked for"
        how += "; one more boundary, less clear, is where the asked number wants it" if weaker else ""
        return verdict(wanted, found, how, met=found == len(asked) or weaker)
    heard = _share_heard(features, [s.start for s in marked])
    names = [_role(s.label) for s in marked]
    how = f"markers of the MIDI file; the music changes at {heard:.0%} of the boundaries (novelty above its median)"
    how += f", and novelty alone finds {found} sections"
    return verdict(wanted, names, how, met=names == asked and heard >= _HEARD)


def _role(text: str) -> str:
    """A section's role without case and number: ``"Verse 2"`` is ``"verse"``."""
    return re.sub(r"[\s_-]*\d+$", "", str(text).strip().lower())


def _share_heard(features: np.ndarray, starts: list[int]) -> float:
    """Share of the boundaries at which novelty lies above the median of all bars; 1 when there is no inner one."""
    inner = [s for s in starts if s > 0]
    if not inner or len(features) < 2:
        return 1.0
    curve = structure.novelty(structure.likeness(features), reach=2)
    return float(np.mean(curve[inner] > np.median(curve[1:])))


@measures("form")
def form(wanted: Constraint, evidence: Evidence) -> Check:
    """A form in letters against the letters of the sections found by likeness of bars; named forms are not judged."""
    asked = str(wanted.target).strip().upper().replace("-", "")
    if not _LETTERS.match(asked):
        return not_checked(
            wanted, f"{wanted.target!r} is a form without letters; sections and bars are checked instead"
        )
    if evidence.score is None or evidence.notes is None:
        return not_checked(wanted, "form is told from notes; there is no MIDI file with any")
    features = structure.bar_features(evidence.score, evidence.notes)
    found = _marker_starts(evidence) or structure.boundaries(features)
    letters = "".join(s.label for s in structure.labelled(features, found))
    how = "sections compared bar by bar in harmony, texture, rhythm and loudness; a varied return is the same letter"
    return verdict(wanted, letters, how, met=letters.replace("'", "") == asked.replace("'", ""))


def _marker_starts(evidence: Evidence) -> list[int]:
    assert evidence.score is not None
    assert evidence.notes is not None
    return (
        [s.start for s in structure.score_sections(evidence.score, evidence.notes)]
        if len(evidence.score.markers) > 1
        else []
    )


@measures("dynamics")
def dynamics(wanted: Constraint, evidence: Evidence) -> Check:
    """Rank correlation of the asked curve with short-term loudness in the audio; without audio, with note levels."""
    points = [(float(p["at"]), float(p["level"])) for p in wanted.target]
    length = evidence.length_s
    if length is None:
        return not_checked(wanted, "there is neither sound nor a note whose loudness could be followed")
    window = float(np.clip(length / 12, 0.4, 3.0))
    if evidence.samples is not None:
        moments, levels = loud.course(evidence.samples, LOUDNESS_RATE, window)
        how = f"loudness of the audio over {window:.1f} s windows (BS.1770 weighting)"
    else:
        assert evidence.notes is not None
        moments, levels = loud.note_course(evidence.notes, window)
        how = "levels of the notes that sound (velocity, volume, expression)"
    sounding = levels > levels.max(initial=loud.GATE_LUFS) - 45
    if len({level for _, level in points}) < 2:
        spread = float(np.ptp(np.percentile(levels[sounding], [10, 90])))
        return verdict(
            wanted,
            round(spread, 1),
            f"{how}: spread in LU, which may be {_EVEN_LU:.0f} for a level curve",
            met=spread <= _EVEN_LU,
        )
    agreement = loud.curve_agreement(moments[sounding], levels[sounding], points, length)
    return verdict(
        wanted,
        round(agreement, 3),
        f"{how}: Spearman rank correlation with the curve",
        met=agreement >= tolerance_of(wanted),
    )


@measures("hit_points_s")
def hit_points(wanted: Constraint, evidence: Evidence) -> Check:
    """Distance of each moment to the nearest strong onset in the audio (or accent in the notes, without audio).

    Moments that a film's cuts gave are met when four in five are; those a person named must all be.
    """
    moments = np.array(wanted.target, dtype=np.float64)
    by_notes = (
        onsets.accents_in(evidence.score, evidence.notes) if evidence.score and evidence.notes is not None else None
    )
    by_sound = None if evidence.strength is None else onsets.strong_onsets(*onsets.audio_onsets(evidence.strength))
    events = by_sound if by_sound is not None else by_notes
    if events is None or not len(moments):
        return not_checked(
            wanted, "there is no onset to measure the moments against" if len(moments) else "no moment was named"
        )
    tolerance = tolerance_of(wanted)
    found = align(moments, events, tolerance)
    assert found is not None
    least = _FROM_FILM if wanted.words.startswith("from ") else 1.0
    luck = onsets.chance(events, evidence.length_s or 0.0, tolerance)
    source = "audio" if by_sound is not None else "notes"
    how = f"distance of each to the nearest strong onset of the {source}; {found.share:.0%} within {tolerance:.2f} s"
    how += f" ({least:.0%} wanted; a random moment has {luck:.0%})"
    if by_sound is not None and by_notes is not None:
        how += f"; to accents and struck barlines of the MIDI file: {_listed(onsets.distances(moments, by_notes))}"
    return verdict(wanted, [_finite(d) for d in found.apart_s], how, met=found.share >= least)


def _finite(value: float) -> float | None:
    return round(float(value), 3) if np.isfinite(value) else None


def _listed(values: np.ndarray) -> str:
    return ", ".join("none" if not np.isfinite(v) else f"{v:.3f}" for v in values[:12])
