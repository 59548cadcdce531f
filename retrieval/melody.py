"""Melodies as intervals: the same tune in another key or tempo has the same ones.

An interval of -12 to 12 semitones is one letter, ``a`` to ``y``; ``m`` is a repeated note, wider leaps are
clipped. Runs of three to five intervals, weighed by rarity, find the candidates (Downie 1999, Evaluating a Simple
Approach to Music Information Retrieval; Uitdenbogerd and Zobel 1999); a local alignment of the intervals, which lets
notes be wrong, missing or too many, puts them in order (Smith and Waterman 1981). Neither looks at durations, so that
a hum may be slow, fast or uneven.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from tools.kit.score import Note, Score

SIZE = 3
KEPT = 40
_WIDEST = 12
_SIZES = (3, 4, 5)
_CANDIDATES = 300
_TOGETHER = 50  # melodies aligned at once
_SAME, _NEAR, _OTHER, _GAP = 2.0, 0.5, -1.2, -1.2  # of two intervals: equal, a semitone apart, others; a note too many


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
    return commonest(interval_letters(pitches))


def commonest(letters: str) -> list[str]:
    """The commonest trigrams of a line's interval letters; see :func:`ngrams`."""
    counts = Counter(letters[i : i + SIZE] for i in range(len(letters) - SIZE + 1))
    return [gram for gram, _ in counts.most_common(KEPT)]


def similarity(one: Iterable[str], other: Iterable[str]) -> float:
    """Jaccard similarity of two sets of n-grams, in [0, 1]."""
    a, b = set(one), set(other)
    return len(a & b) / len(a | b) if a | b else 0.0


class Melodies:
    """Melodies ready to be searched by a part of one of them."""

    def __init__(self, melodies: Sequence[str]) -> None:
        self._melodies = melodies
        self._rows: dict[str, list[int]] = {}
        for row, letters in enumerate(melodies):
            for gram in _grams(letters):
                self._rows.setdefault(gram, []).append(row)

    def rank(self, letters: str, k: int = _CANDIDATES) -> list[tuple[int, float]]:
        """Rows and how much of the query each melody has, in [0, 1], best first; equal ones in the order of rows."""
        candidates = self._candidates(letters, max(k, _CANDIDATES))
        if not candidates:
            return []
        shares = aligned(letters, [self._melodies[row] for row in candidates]) / (_SAME * max(len(letters), 1))
        scored = [
            (row, min(max(0.0, round(float(share), 6)), 1.0)) for row, share in zip(candidates, shares, strict=True)
        ]
        return sorted(scored, key=lambda pair: (-round(pair[1], 5), pair[0]))[:k]

    def _candidates(self, letters: str, most: int) -> list[int]:
        """The rows that share the rarest runs of intervals with the query."""
        weights: dict[int, float] = {}
        for gram in sorted(_grams(letters)):
            rows = self._rows.get(gram, ())
            rarity = math.log((len(self._melodies) + 1) / (len(rows) + 1))
            for row in rows:
                weights[row] = weights.get(row, 0.0) + rarity
        return sorted(weights, key=lambda row: (-round(weights[row], 9), row))[:most]


def _grams(letters: str) -> set[str]:
    return {letters[i : i + size] for size in _SIZES for i in range(len(letters) - size + 1)}


def aligned(query: str, melodies: Sequence[str]) -> NDArray[np.float64]:
    """The score of the best alignment of a query inside each melody: the whole query, any part of the melody.

    Parameters
    ----------
    query, melodies
        Interval letters.

    Returns
    -------
    array ``[melodies]``; at most twice the query's length.
    """
    order = sorted(range(len(melodies)), key=lambda row: len(melodies[row]))
    scores = np.zeros(len(melodies))
    for start in range(0, len(order), _TOGETHER):  # of like length, so that little is filled up
        rows = order[start : start + _TOGETHER]
        scores[rows] = _aligned(query, [melodies[row] for row in rows])
    return scores


def _aligned(query: str, melodies: Sequence[str]) -> NDArray[np.float32]:
    longest = len(melodies[-1])
    own = np.zeros((len(melodies), longest), dtype=np.int16)  # 0 is no letter and like none
    for row, melody in enumerate(melodies):
        own[row, : len(melody)] = np.frombuffer(melody.encode("ascii"), dtype=np.uint8)
    skipped = (_GAP * np.arange(longest + 1)).astype(np.float32)
    table = {letter: _agreement(own, letter) for letter in set(query.encode("ascii"))}
    previous = np.zeros((len(melodies), longest + 1), dtype=np.float32)
    for letter in query.encode("ascii"):
        best = previous + np.float32(_GAP)
        np.maximum(best[:, 1:], previous[:, :-1] + table[letter], out=best[:, 1:])
        previous = np.maximum.accumulate(best - skipped, axis=1) + skipped
    return np.asarray(previous.max(axis=1))


def _agreement(own: NDArray[np.int16], letter: int) -> NDArray[np.float32]:
    """What each interval scores against a letter."""
    apart = np.abs(own - letter)
    return np.where(apart == 0, _SAME, np.where(apart == 1, _NEAR, _OTHER)).astype(np.float32)
