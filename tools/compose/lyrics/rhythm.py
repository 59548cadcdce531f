"""From beaten lines to onsets and lengths: every stressed syllable opens a foot, feet fill bars, lines end in a breath.

A foot is the time from one strong beat to the next: half a bar of 4/4 or 6/8, a bar of 3/4. A line fills whole bars;
syllables before its first beat are sung in the time the line before leaves.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from tools.compose.lyrics.scansion import Scan
from tools.kit.theory.meter import Meter

_DUPLE = {1: (2.0,), 2: (1.0, 1.0), 3: (1.0, 0.5, 0.5), 4: (0.5,) * 4, 5: (0.5, 0.5, 0.5, 0.25, 0.25),
          6: (0.5, 0.5, 0.25, 0.25, 0.25, 0.25), 7: (0.5,) + (0.25,) * 6, 8: (0.25,) * 8}  # fmt: skip
_TRIPLE = {1: (3.0,), 2: (2.0, 1.0), 3: (1.0, 1.0, 1.0), 4: (1.0, 1.0, 0.5, 0.5), 5: (1.0, 0.5, 0.5, 0.5, 0.5),
           6: (0.5,) * 6, 7: (0.5,) * 5 + (0.25, 0.25), 8: (0.5,) * 4 + (0.25,) * 4}  # fmt: skip
_DOTTED = {2: (1.5, 0.5), 3: (1.0, 0.5, 0.5)}


@dataclass(frozen=True)
class Sung:
    """A syllable in time: its index and foot in the line (foot -1 before the first beat).

    ``start`` counts from the line's first bar, negative before it; times are in quarters.
    """

    index: int
    foot: int
    start: float
    length: float
    strong: bool


@dataclass(frozen=True)
class Shape:
    """How a line's feet lie: starts and lengths of all feet of its bars, and how many its words use.

    ``roomy`` says that upbeats have time to spare in the tune.
    """

    feet: tuple[tuple[float, float], ...]
    used: int
    bars: int
    roomy: bool = False

    def spare(self, meter: Meter) -> int:
        """Bars after the one that the last beat of the words is in."""
        return self.bars - 1 - int((self.feet[self.used - 1][0] + 1e-6) // meter.bar_quarters)


def strong_places(meter: Meter) -> tuple[float, ...]:
    """Where a bar's strong beats are, in quarters: 1 and 3 of 4/4, 1 of 3/4 and 2/4, 1 and 4 of 6/8."""
    if meter.denominator >= 8:
        return meter.accents() if meter.is_compound or meter.numerator > 4 else (0.0,)
    unit = 4 / meter.denominator
    halves = {4: (0, 2), 5: (0, 3), 6: (0, 3), 7: (0, 4), 8: (0, 2, 4, 6), 9: (0, 3, 6), 12: (0, 3, 6, 9)}
    return tuple(p * unit for p in halves.get(meter.numerator, (0,)))


def shape_of(beats: int, meter: Meter, *, before_next: int, after: int, closes: bool) -> Shape:
    """The bars of a line of so many beats.

    Parameters
    ----------
    before_next
        Syllables that the next line sings before its first beat.
    after
        Syllables after this line's last beat.
    closes
        Whether a stanza ends here: there is a bar's rest unless the last bar has room.
    """
    places = strong_places(meter)
    bar = meter.bar_quarters
    bars = math.ceil(beats / len(places))
    if len(places) == 1 and bars % 2:
        bars += 1
    tight = beats == bars * len(places)
    crowded = tight and (before_next > 2 or after > 1 or (before_next > 1 and after > 0))
    if crowded or (closes and tight):
        bars += 1 if len(places) > 1 else 2 if crowded and not closes else 1
    starts = [b * bar + p for b in range(bars) for p in places]
    ends = [*starts[1:], bars * bar]
    return Shape(tuple((a, b - a) for a, b in zip(starts, ends, strict=True)), beats, bars)


def cells(length: float, count: int, *, dotted: bool) -> tuple[float, ...]:
    """Lengths of so many notes that fill a foot."""
    triple = abs(length - 3.0) < 1e-6 or abs(length - 1.5) < 1e-6
    if count > 8:
        return (length / count,) * count
    if triple:
        return tuple(c * length / 3.0 for c in _TRIPLE[count])
    table = {**_DUPLE, **_DOTTED} if dotted and length >= 1.9 else _DUPLE
    return tuple(c * length / 2.0 for c in table[count])


def sing(scan: Scan, count: int, shape: Shape, *, before_next: int, dotted: Sequence[bool]) -> list[Sung]:
    """A line's syllables in time.

    Parameters
    ----------
    count
        Syllables of the line.
    before_next
        Syllables that the next line sings before its first beat: time is left for them, and for a breath.
    dotted
        For each foot whether two syllables in it are long and short.
    """
    out = upbeat(scan.beats[0], shape.feet[0][1], roomy=shape.roomy)
    for foot, first in enumerate(scan.beats):
        start, length = shape.feet[foot]
        is_last = foot == len(scan.beats) - 1
        stop = count if is_last else scan.beats[foot + 1]
        if is_last:
            lengths = tuple(_close(stop - first, shape, before_next))
        else:
            lengths = cells(length, stop - first, dotted=dotted[foot % len(dotted)])
        at = start
        for index, size in zip(range(first, stop), lengths, strict=True):
            out.append(Sung(index, foot, at, size, index == first))
            at += size
    return out


def upbeat(count: int, foot: float, *, roomy: bool) -> list[Sung]:
    """The syllables before a line's first beat, which is at 0."""
    size = upbeat_length(count, foot, roomy=roomy) / max(1, count)
    return [Sung(i, -1, (i - count) * size, size, strong=False) for i in range(count)]


def upbeat_length(count: int, foot: float, *, roomy: bool) -> float:
    """Time that so many syllables before a beat take: a third or a quarter of a foot each, less when they are many.

    ``roomy`` gives a single one half a foot of two.
    """
    if foot in (1.5, 3.0):
        return count * (foot / 3 if count <= 2 else foot / 6)
    if roomy and count == 1:
        return foot / 2
    return count * (foot / 4 if count <= 2 + 2 * roomy else foot / 8)


def _close(count: int, shape: Shape, before_next: int) -> list[float]:
    """Lengths of a line's last syllables: the time to the next line's first syllable, less a breath."""
    start, length = shape.feet[shape.used - 1]
    end = shape.feet[-1][0] + shape.feet[-1][1]
    room = end - start - upbeat_length(before_next, shape.feet[0][1], roomy=shape.roomy)
    eighth = length / 3 if length in (1.5, 3.0) else length / 4
    most = min(room - (eighth if room >= 2 * eighth else eighth / 2), 1.5 * length if count == 1 else 2 * length)
    fine = [s * length for s in (1.5, 1.0, 0.75, 2 / 3, 0.5, 1 / 3, 0.25)]
    if count == 1:
        return [next((s for s in fine if s <= most + 1e-6), most)]
    first = cells(length, count, dotted=False)
    if most >= length:
        return [*first[:-1], first[-1] + (length / 2 if most >= 1.5 * length else 0.0)]
    return [c * most / length for c in first] if most < length / 2 else [c / 2 for c in first]
