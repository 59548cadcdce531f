"""Which bars of the piece the new ones are made from: runs that join well, at both edges, and are not the bars before.

A shortest path over donors, one a new bar. Going on with the donor's own successor costs nothing; a jump costs the
leap that the leading line makes over it, a chord that the piece never leads so, and a charge for breaking off. The
first and the last donor are joined in the same way to the bars around the gap.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from tools.compose.weaver.bars import BarView, Chords
from tools.kit.theory.chord import Chord

_BREAK, _LEAP, _STRANGE, _STALE, _JITTER, _FREE = 1.0, 0.12, 0.8, 0.9, 0.6, 2.4
_EASY_LEAP = 4  # semitones
_PHRASE = 4  # bars


@dataclass(frozen=True)
class Material:
    """A piece's bars with what joining them needs: the track that leads, its chords, who may give."""

    views: Sequence[BarView]
    chords: Chords
    lead: int
    donors: Sequence[int]

    def moves(self) -> Counter[tuple[int | None, int | None]]:
        """How often the piece goes from one bar's first root to the next one's."""
        roots = [root_of(self.chords.at(v.start)) for v in self.views]
        return Counter(pairwise(roots))


def root_of(chord: Chord | None) -> int | None:
    """The root of a chord; None where none sounds."""
    return None if chord is None else chord.root


def choose(
    material: Material,
    places: Sequence[int],
    before: int | None,
    after: int | None,
    rng: random.Random,
    wanted: Mapping[int, int] | None = None,
    stale: Collection[int] = (),
    charge: Callable[[int, int], float] = lambda place, donor: 0.0,
    freedom: float = 0.0,
) -> list[int]:
    """A donor's bar number for every new bar.

    Parameters
    ----------
    places
        0-based numbers of the new bars in the piece to be.
    before, after
        Numbers of the bars that the first and the last join; None at the piece's start or end.
    wanted
        Donors that are fixed, by index into ``places``.
    stale
        Bars too fresh in the ear to be repeated as they are.
    charge
        What else a donor costs at a place.
    freedom
        How far chance may outweigh smooth joints, 0 to 1.
    """
    moves = material.moves()
    donors = list(material.donors)
    total = [0.0] * len(donors)
    backs: list[list[int]] = []
    for index, place in enumerate(places):
        own = [
            charge(place, d)
            + _STALE * (d in stale)
            + 0.4 * (d % _PHRASE != place % _PHRASE)
            + rng.random() * (_JITTER + freedom * _FREE)
            + (50.0 if wanted and index in wanted and d != wanted[index] else 0.0)
            for d in donors
        ]
        if index == 0:
            total = [
                c + (0.0 if before is None else _join(material, before, d, moves))
                for c, d in zip(own, donors, strict=True)
            ]
            continue
        reached = [
            min((t + _join(material, e, d, moves), k) for k, (t, e) in enumerate(zip(total, donors, strict=True)))
            for d in donors
        ]
        total = [cost + c for (cost, _), c in zip(reached, own, strict=True)]
        backs.append([k for _, k in reached])
    if after is not None:
        total = [t + _join(material, d, after, moves) for t, d in zip(total, donors, strict=True)]
    at = min(range(len(donors)), key=total.__getitem__)
    path = [at]
    for back in reversed(backs):
        path.append(back[path[-1]])
    return [donors[k] for k in reversed(path)]


def _join(material: Material, one: int, two: int, moves: Counter[tuple[int | None, int | None]]) -> float:
    """Cost of bar ``two`` after bar ``one``."""
    if two == one + 1:
        return 0.0
    first, second = material.views[one], material.views[two]
    said, sung = first.notes.get(material.lead), second.notes.get(material.lead)
    leap = abs(said[-1].pitch - sung[0].pitch) if said and sung else _EASY_LEAP
    pair = root_of(material.chords.at(first.start)), root_of(material.chords.at(second.start))
    return _BREAK + _LEAP * max(0, leap - _EASY_LEAP) + (_STRANGE if not moves[pair] else 0.0) + (two == one)
