"""How near new bars lie to a piece's own: the choice among several drafts.

A bar is seven figures: notes struck, mean pitch, spread of pitch, mean length, share on a beat, share in the key's
scale, notes struck together. A draft is as far from the piece as the mean of its bars is from that of the piece's bars,
each figure measured in the spread that it has over the piece.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from tools.compose.weaver.runs import Material
from tools.kit.score import Note

Floats = NDArray[np.float64]
Draft = TypeVar("Draft")
_SAME_BEAT = 1e-3
_DRAFTS, _JOINS = 64, 600_000  # drafts at most, and steps of the search for all of them
_FLOOR = np.array([0.5, 1.0, 0.5, 0.1, 0.05, 0.03, 0.25])  # least spread of each figure, for pieces all of one bar


def figures(bars: Iterable[Sequence[Note]], scale: Collection[int]) -> Floats:
    """The figures of some bars, ``[bars, 7]``; bars without a note are left out.

    Parameters
    ----------
    bars
        The notes of each bar.
    scale
        Pitch classes of the key.
    """
    rows = [_row(notes, frozenset(scale)) for notes in bars if notes]
    return np.array(rows, dtype=np.float64).reshape(-1, len(_FLOOR))


def _row(notes: Sequence[Note], scale: frozenset[int]) -> list[float]:
    pitches = np.array([n.pitch for n in notes], dtype=np.float64)
    count = len(notes)
    return [
        float(count),
        float(pitches.mean()),
        float(pitches.std()),
        sum(n.duration for n in notes) / count,
        sum(abs(n.start - round(n.start)) < _SAME_BEAT for n in notes) / count,
        sum(n.pitch % 12 in scale for n in notes) / count,
        count / len({round(n.start, 3) for n in notes}),
    ]


def freedoms(material: Material, bars: int) -> list[float]:
    """How free each draft of so many bars is, from 0 to 1; fewer drafts where a piece's length makes each dear."""
    count = max(2, min(_DRAFTS, _JOINS // (len(material.donors) ** 2 * max(1, bars))))
    return [n / (count - 1) for n in range(count)]


def nearest(drafts: Sequence[Draft], bars_of: Callable[[Draft], Iterable[Sequence[Note]]], own: Floats,
            scale: Collection[int]) -> Draft:  # fmt: skip
    """The draft whose bars lie nearest to the piece's own on the whole; the first when the piece has none."""
    if not len(own):
        return drafts[0]
    mean, spread = own.mean(axis=0), np.maximum(own.std(axis=0), _FLOOR)

    def far(draft: Draft) -> float:
        new = figures(bars_of(draft), scale)
        return float(np.linalg.norm((new.mean(axis=0) - mean) / spread)) if len(new) else float("inf")

    return min(drafts, key=far)
