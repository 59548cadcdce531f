"""Rhythm: the felt beats of any meter, places in them, and a melody's rhythms, put together from cells of a beat.

A pattern is written in eighths of a bar of 4/4 (0 to 8, halves for sixteenths) and read in any meter: the whole
part counts felt beats, the rest is a place inside the beat. A beat of three takes its off-eighth on the third,
so 4/4 patterns keep their lilt in 12/8 and their groups in 7/8.
"""

from __future__ import annotations

import functools
import math
import random
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from tools.kit.theory.meter import Meter


@functools.cache
def beats(meter: Meter) -> tuple[tuple[float, float], ...]:
    """Felt beats of a bar as (start, length) in quarters."""
    starts = (*meter.accents(), meter.bar_quarters)
    return tuple((a, b - a) for a, b in pairwise(starts))


def is_triple(meter: Meter, length: float) -> bool:
    """Whether a felt beat of this length divides in three."""
    return meter.denominator >= 8 and abs(length * meter.denominator / 4 - 3) < 1e-6


def place(meter: Meter, eighth: float) -> float | None:
    """Place in quarters of a pattern's eighth, None beyond the bar."""
    index, inside = int(eighth // 2), eighth % 2
    table = beats(meter)
    if index >= len(table):
        return None
    start, length = table[index]
    if is_triple(meter, length):
        return start + length * {0.0: 0.0, 0.5: 1 / 3, 1.0: 2 / 3, 1.5: 5 / 6}.get(inside, inside / 2)
    return start + length * inside / 2


def places(meter: Meter, pattern: Iterable[float]) -> list[float]:
    """Places in quarters of a pattern; bars with more than four beats take it up again."""
    pattern = list(pattern)
    found = set()
    for turn in range(0, 2 * len(beats(meter)), 8):
        found |= {
            p for p in (place(meter, e + turn) for e in pattern if e + turn < 2 * len(beats(meter))) if p is not None
        }
    return sorted(found)


@functools.cache
def divisions(meter: Meter, depth: int) -> tuple[float, ...]:
    """Places of the bar (depth 0), of its felt beats (1), of their halves or thirds (2), of twice as many (3)."""
    if depth == 0:
        return (0.0,)
    found = []
    for start, length in beats(meter):
        parts = 1 if depth == 1 else (3 if is_triple(meter, length) else 2) * (2 if depth == 3 else 1)
        found += [start + length * k / parts for k in range(parts)]
    return tuple(found)


def strength(meter: Meter, at: float) -> float:
    """Metrical weight of a place in the bar: downbeat 1, beat 0.7, division 0.4, finer 0.2 (Lerdahl and Jackendoff)."""
    for depth, weight in enumerate((1.0, 0.7, 0.4)):
        if any(abs(at - p) < 1e-4 for p in divisions(meter, depth)):
            return weight
    return 0.2


@dataclass(frozen=True)
class RhythmTaste:
    """Habits of a melody's rhythm: notes a quarter, and 0 to 1 off the beat (``syncopation``) and ``dotted``."""

    notes_per_beat: float
    syncopation: float = 0.1
    dotted: float = 0.1


# Cells of a felt beat as places in it (0 to 1), with how usual each is; an empty one lets the note before it last.
_DUPLE: dict[tuple[float, ...], float] = {
    (): 0.5,
    (0.0,): 1.0,
    (0.0, 0.5): 1.0,
    (0.0, 0.5, 0.75): 0.35,
    (0.0, 0.25, 0.5): 0.25,
    (0.0, 0.25, 0.5, 0.75): 1.0,
}
_TRIPLE: dict[tuple[float, ...], float] = {
    (): 0.4,
    (0.0,): 1.0,
    (0.0, 2 / 3): 1.0,
    (0.0, 1 / 3, 2 / 3): 1.2,
    (0.0, 1 / 3): 0.12,
    (0.0, 1 / 3, 1 / 2, 2 / 3): 0.15,
}
_DOTTED = {False: (0.0, 0.75), True: (0.0, 0.5, 2 / 3)}
_OFF = {False: ((0.5,), (0.0, 0.25, 0.75)), True: ((1 / 3,), (2 / 3,))}
_AGAIN = 0.55  # how often a beat takes the cell of the beat that answers it


def motif_rhythm(meter: Meter, taste: RhythmTaste, rng: random.Random) -> tuple[float, ...]:
    """Onsets of a one-bar motif in quarters; never none.

    Beats are filled with cells, drawn near the wanted density, and a bar answers itself: the third beat of four often
    takes the first one's cell, as the idioms of dance and song do.
    """
    chosen: list[tuple[float, ...]] = []
    found: list[float] = []
    scale = rng.uniform(0.85, 1.15)
    table = beats(meter)
    for number, (start, length) in enumerate(table):
        triple = is_triple(meter, length)
        echo = number - (2 if len(table) > 3 else 1)
        if echo >= 0 and chosen[echo] and rng.random() < _AGAIN and length == table[echo][1]:
            cell = chosen[echo]
        else:
            cell = _cell(taste, length, triple, taste.notes_per_beat * length * scale, rng, first=number == 0)
        chosen.append(cell)
        found += [start + p * length for p in cell]
    return tuple(found) or (0.0,)


def _cell(
    taste: RhythmTaste, length: float, triple: bool, wanted: float, rng: random.Random, *, first: bool
) -> tuple[float, ...]:
    """One beat's places, drawn by how usual they are and how near their number lies to the wanted one."""
    options = dict(_TRIPLE if triple else _DUPLE)
    options[_DOTTED[triple]] = 3.0 * taste.dotted * (0.5 if triple else 1.0)
    for off in _OFF[triple]:
        options[off] = 1.6 * taste.syncopation
    if first:
        options.pop(())
        options = {c: w for c, w in options.items() if c[0] == 0.0 or taste.syncopation > 0.25}
    if length < 0.75:  # the short beats of 3/8 and 5/16 are not parted
        options = {c: w for c, w in options.items() if len(c) < 3}
    cells = list(options)
    weights = [options[c] * math.exp(-(((len(c) - wanted) / 0.75) ** 2)) for c in cells]
    return rng.choices(cells, [w + 1e-9 for w in weights])[0]


def swing(quarter_in_bar: float, meter: Meter, amount: float) -> float:
    """A place with its off-beat eighth delayed by ``amount`` of an eighth; triple beats swing already."""
    if amount <= 0 or meter.denominator >= 8:
        return quarter_in_bar
    inside = quarter_in_bar % 1.0
    if abs(inside - 0.5) < 0.01:
        return quarter_in_bar + 0.5 * amount
    return quarter_in_bar + (0.25 * amount if abs(inside - 0.75) < 0.01 else 0.0)
