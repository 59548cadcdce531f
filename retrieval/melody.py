"""Melodies as interval n-grams: the same tune in another key or tempo has the same ones.

An interval of -12 to 12 semitones is one letter, ``a`` to ``y``; ``m`` is a repeated note, wider leaps are
clipped. Trigrams (four notes) follow Downie (1999, Evaluating a Simple Approach to Music Information Retrieval).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise

from tools.kit.score import Note, Score

SIZE = 3
KEPT = 40
_WIDEST = 12


def top_line(score: Score) -> list[Note]:
    """The highest note of each moment at which a pitched note starts, in order."""
    highest: dict[float, Note] = {}
    for track in score.tracks:
        for note in () if track.is_drum else track.notes:
            at = round(note.start, 3)
            if at not in highest or note.pitch > highest[at].pitch:
                highest[at] = note
    return [highest[at] for at in sorted(highest)]


def interval_letters(pitches: Sequence[int]) -> str:
    """The melodic intervals of a line as letters, one fewer than its notes."""
    steps = (b - a for a, b in pairwise(pitches))
    return "".join(chr(ord("m") + max(-_WIDEST, min(_WIDEST, step))) for step in steps)


def ngrams(pitches: Sequence[int]) -> list[str]:
    """The commonest interval trigrams of a line, at most :data:`KEPT`; ties in the order of the line."""
    letters = interval_letters(pitches)
    counts = Counter(letters[i : i + SIZE] for i in range(len(letters) - SIZE + 1))
    return [gram for gram, _ in counts.most_common(KEPT)]


def similarity(one: Iterable[str], other: Iterable[str]) -> float:
    """Jaccard similarity of two sets of n-grams, in [0, 1]."""
    a, b = set(one), set(other)
    return len(a & b) / len(a | b) if a | b else 0.0
