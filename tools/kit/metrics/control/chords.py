"""Chords asked and chords heard: Mustango's four scores, and the check's comparison bar by bar."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from tools.errors import UserError
from tools.kit.analysis.chord_match import chord_matches
from tools.kit.analysis.harmony import chords_in
from tools.kit.analysis.notes import Floats, Notes
from tools.kit.metrics.registry import metric
from tools.kit.theory.chord import Chord

ChordLike = str | Chord | None
_NO_CHORD = frozenset({"N", "N.C.", "NC", "-", "%"})
_SOURCE = "Melechovsky et al. 2024 (Mustango), utils/evaluate_control_testB.py: one piece's term"
_BY_SOUND = "The script compares spellings and slashes; here root and type count, as the paper says, and C# is Db"


def parse_bar(text: str) -> list[Chord | None]:
    """Chords of one bar: ``"Am F"`` gives two that share it, ``"N.C."`` None; ``ValueError`` for what is no chord."""
    symbols = [s for s in re.split(r"[\s,|]+", str(text)) if s]
    if not symbols:
        raise ValueError("an empty bar among the chords asked for")
    return [None if s.upper() in _NO_CHORD else Chord.parse(s) for s in symbols]


def read_chords(chords: Sequence[ChordLike]) -> list[Chord | None]:
    """Chords from symbols, one after the other; None where no chord is to sound; ``UserError`` for what is none."""
    found: list[Chord | None] = []
    for item in chords:
        try:
            found += parse_bar(item) if isinstance(item, str) else [item]
        except ValueError as err:
            raise UserError(f"{item!r} is no chord ({err}); write it as Am, F#maj7 or G/B.") from err
    return found


@metric(
    "PCM",
    family="control",
    unit="0 or 1",
    low=0,
    high=1,
    better="higher",
    formula="1 if the heard chords are the asked ones in number, order, root and type, else 0",
    meaning="Whether the progression is played exactly as written, nothing missing and nothing added. A piece that "
    "plays it twice or adds one passing chord gets 0.",
    source=f"{_SOURCE}. The script also calls perfect what holds all asked chords in order among others (ECM = 1); "
    f"the paper's definition, in length too, is kept. {_BY_SOUND}",
)
def perfect_chord_match(asked: Sequence[ChordLike], heard: Sequence[ChordLike]) -> float | None:
    """Perfect chord match (PCM): 1 when the two sequences are the same, else 0; None when no chord is asked."""
    want, got = _named(asked), _named(heard)
    return float(want == got) if want else None


@metric(
    "ECM",
    family="control",
    unit="share",
    low=0,
    high=1,
    better="higher",
    formula="k / n: the first k of the n asked chords are heard one after the other, others between them allowed",
    meaning="How far the asked progression can be followed through the piece in its order. Added chords cost nothing; "
    "one chord that never comes ends the count, however much of the rest is right.",
    source=f"{_SOURCE}. {_BY_SOUND}",
)
def exact_chord_match(asked: Sequence[ChordLike], heard: Sequence[ChordLike]) -> float | None:
    """Exact chord match (ECM): share of the asked chords followed in order, in [0, 1]; None when none is asked."""
    want, got = _named(asked), _named(heard)
    if not want:
        return None
    reached = 0
    for chord in got:
        if reached < len(want) and chord == want[reached]:
            reached += 1
    return reached / len(want)


@metric(
    "CMO",
    family="control",
    unit="share",
    low=0,
    high=1,
    better="higher",
    formula="|asked and heard| / |asked|, both as multisets of (root, type)",
    meaning="How many of the asked chords occur at all, each as often as asked, in any order. A shuffled progression "
    "scores 1, and so does a piece that plays every chord there is.",
    source=f"{_SOURCE}. {_BY_SOUND}",
)
def chord_match_any_order(asked: Sequence[ChordLike], heard: Sequence[ChordLike]) -> float | None:
    """Chord match in any order (CMO), in [0, 1]; None when none is asked."""
    return _shared(_named(asked), _named(heard))


@metric(
    "CMOT",
    family="control",
    unit="share",
    low=0,
    high=1,
    better="higher",
    formula="|asked and heard| / |asked|, both as multisets of (root, major | minor | other)",
    meaning="As CMO with chords told apart by root and by major or minor alone: D, D6, D7 and Dmaj7 are one chord. "
    "Sevenths, sixths and inversions do not matter to it.",
    source=f"{_SOURCE} (half-diminished is minor there; diminished and augmented are one class, other)",
)
def chord_match_any_order_type(asked: Sequence[ChordLike], heard: Sequence[ChordLike]) -> float | None:
    """Chord match in any order, major or minor type (CMOT), in [0, 1]; None when none is asked."""
    return _shared([_typed(c) for c in read_chords(asked)], [_typed(c) for c in read_chords(heard)])


def _named(chords: Sequence[ChordLike]) -> list[Hashable]:
    return [None if c is None else (c.root, c.quality) for c in read_chords(chords)]


def _typed(chord: Chord | None) -> Hashable:
    if chord is None:
        return None
    intervals = set(chord.intervals)
    if 4 in intervals and (8 not in intervals or 7 in intervals):
        return chord.root, "major"
    if 3 in intervals and (7 in intervals or chord.quality == "m7b5"):
        return chord.root, "minor"
    return chord.root, "other"


def _shared(want: list[Hashable], got: list[Hashable]) -> float | None:
    return (Counter(want) & Counter(got)).total() / len(want) if want else None


@dataclass(frozen=True)
class ChordAnswer:
    """Whether each span of a piece sounds as the chord asked for it.

    Attributes
    ----------
    edges
        Edges of the spans in quarters ``[n + 1]``.
    matches
        One a span ``[n]``.
    heard
        The chord recognised in each span ``[n]``; None where there is none.
    is_short
        Whether the piece has fewer bars than the progression.
    """

    edges: Floats
    matches: tuple[bool, ...]
    heard: tuple[Chord | None, ...]
    is_short: bool


def chords_heard(notes: Notes, bars: Floats, asked: Sequence[Sequence[Chord | None]]) -> ChordAnswer:
    """Compare the notes with a progression bar by bar; it goes round when the piece is longer.

    Parameters
    ----------
    bars
        Barlines in quarters ``[bars + 1]``.
    asked
        The chords that share each bar of the progression.
    """
    edges: list[float] = []
    expected: list[Chord | None] = []
    for index, (start, end) in enumerate(pairwise(bars)):
        bar = asked[index % len(asked)]
        edges.extend(start + (end - start) * np.arange(len(bar)) / len(bar))
        expected.extend(bar)
    spans = np.array([*edges, bars[-1]])
    matches, heard = tuple(chord_matches(notes, spans, expected)), tuple(chords_in(notes, spans))
    return ChordAnswer(spans, matches, heard, len(bars) - 1 < len(asked))


@metric(
    "chord_agreement",
    family="control",
    unit="share",
    low=0,
    high=1,
    better="higher",
    formula="|spans in which the asked chord explains the notes| / |spans|, the progression going round to the end",
    meaning="How much of the piece sounds as the progression says, bar by bar and in its order. Passing notes are "
    "forgiven, and a bar late is wrong throughout.",
    source="chord templates on the notes of each span; Scorewright's own, stricter in time than Mustango's scores",
)
def chord_agreement(answer: ChordAnswer) -> float | None:
    """Share of the spans that match, in [0, 1]; None when there is none."""
    return float(np.mean(answer.matches)) if answer.matches else None
