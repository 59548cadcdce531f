"""Sections and form: what the markers say, what the music alone says, and whether the two agree."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from tools.errors import UserError
from tools.kit.analysis import structure
from tools.kit.analysis.notes import Notes
from tools.kit.analysis.structure import Section
from tools.kit.metrics.registry import metric
from tools.kit.score import Score

_LETTERS = re.compile(r"^[A-H]['A-H]*$")
_NOVELTY = "Foote, Automatic audio segmentation using a measure of audio novelty, ICME 2000, on bars of notes"


def marked_sections(score: Score, notes: Notes) -> list[Section]:
    """Sections by the markers of a score; none where it has fewer than two."""
    return structure.score_sections(score, notes) if len(score.markers) > 1 else []


@metric(
    "section_count",
    family="control",
    unit="sections",
    low=0,
    better="nearer the reference",
    formula="1 + peaks of bar novelty above mean + std and 0.05, at least 4 bars apart",
    meaning="How many sections the music itself has, by changes of harmony, texture, rhythm and loudness, however many "
    "were asked for. Sections that sound alike are one, and one under four bars is not seen.",
    source=_NOVELTY,
)
def section_count(score: Score, notes: Notes, most: int | None = None) -> int | None:
    """Sections by novelty alone; None without a note. ``most`` counts the strongest so many, clear or not."""
    return len(structure.boundaries(structure.bar_features(score, notes), most=most)) if len(notes) else None


@metric(
    "section_change",
    family="control",
    unit="share",
    low=0,
    high=1,
    better="higher",
    formula="|inner boundaries whose novelty over 2 bars exceeds the median of all bars| / |inner boundaries|",
    meaning="At how many of the marked section starts the music really changes. One section has nothing to change "
    "from and scores 1; a change of words alone is not heard.",
    source=_NOVELTY,
)
def section_change(score: Score, notes: Notes, starts: Sequence[int]) -> float | None:
    """Share of the section starts (bars, counted from 0) at which the music changes; None without a note.

    Raises
    ------
    UserError
        For a start that is no bar of the piece.
    """
    if not len(notes):
        return None
    features = structure.bar_features(score, notes)
    wrong = [s for s in starts if not 0 <= s < len(features)]
    if wrong:
        raise UserError(f"a section cannot start in bar {wrong[0] + 1}: the piece has {len(features)} bars.")
    inner = [s for s in starts if s > 0]
    if not inner or len(features) < 2:
        return 1.0
    curve = structure.novelty(structure.likeness(features), reach=2)
    return float(np.mean(curve[inner] > np.median(curve[1:])))


def is_letter_form(text: str) -> bool:
    """Whether a form is written in letters, as ``ABA`` or ``A-B-A'``."""
    return _LETTERS.match(_letters(text)) is not None


def form_heard(score: Score, notes: Notes) -> str:
    """The form in letters: marked sections, or else those found by novelty, lettered by likeness; ``""`` when empty."""
    if not len(notes):
        return ""
    features = structure.bar_features(score, notes)
    starts = [s.start for s in marked_sections(score, notes)] or structure.boundaries(features)
    return "".join(s.label for s in structure.labelled(features, starts))


@metric(
    "form_match",
    family="control",
    unit="0 or 1",
    low=0,
    high=1,
    better="higher",
    formula="1 if the letters heard are the letters asked, primes aside, else 0",
    meaning="Whether the sections return and contrast as the letters say: ABA comes home, AB does not. A varied return "
    "counts as the same letter, and how long each section lasts does not matter.",
    source=_NOVELTY + "; sections lettered by mean likeness of their bars",
)
def form_match(asked: str, heard: str) -> float | None:
    """1 when two forms in letters agree, else 0; None when nothing was heard; ``UserError`` for no letters."""
    if not is_letter_form(asked):
        raise UserError(f"{asked!r} is no form in letters; write it as ABA or AABA.")
    return float(_letters(heard).replace("'", "") == _letters(asked).replace("'", "")) if heard else None


def _letters(text: str) -> str:
    return str(text).strip().upper().replace("-", "")
