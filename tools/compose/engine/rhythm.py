"""Rhythm: the felt beats of any meter, and places in them.

A pattern is written in eighths of a bar of 4/4 (0 to 8, halves for sixteenths) and read in any meter: the whole
part counts felt beats, the rest is a place inside the beat. A beat of three takes its off-eighth on the third,
so 4/4 patterns keep their lilt in 12/8 and their groups in 7/8.
"""

from __future__ import annotations

import functools
import random
from collections.abc import Iterable
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


def motif_rhythm(meter: Meter, notes_per_beat: float, syncopation: float, rng: random.Random) -> tuple[float, ...]:
    """Onsets of a one-bar motif, drawn by metrical weight; never fewer than one."""
    table = beats(meter)
    mean = meter.bar_quarters / len(table)
    wanted = max(1, round(notes_per_beat * mean * len(table) * rng.uniform(0.85, 1.2)))
    weights: dict[float, float] = {}
    for at in divisions(meter, 3 if notes_per_beat * mean > 1.6 else 2):
        weight = strength(meter, at)
        weights[at] = {1.0: 8.0, 0.7: 3.0 * (1.1 - syncopation), 0.4: 0.9 + 2.2 * syncopation}.get(weight, 0.35)
    chosen: list[float] = []
    while len(chosen) < min(wanted, len(weights)):
        options = [p for p in weights if p not in chosen]
        chosen.append(rng.choices(options, [weights[p] for p in options])[0])
    return tuple(sorted(chosen))


def swing(quarter_in_bar: float, meter: Meter, amount: float) -> float:
    """A place with its off-beat eighth delayed by ``amount`` of an eighth; triple beats swing already."""
    if amount <= 0 or meter.denominator >= 8:
        return quarter_in_bar
    inside = quarter_in_bar % 1.0
    if abs(inside - 0.5) < 0.01:
        return quarter_in_bar + 0.5 * amount
    return quarter_in_bar + (0.25 * amount if abs(inside - 0.75) < 0.01 else 0.0)
