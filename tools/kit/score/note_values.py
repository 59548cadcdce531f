"""Lengths as written: note values with dots and tuplets, ties where one value will not do. All in quarters."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from fractions import Fraction

TYPES: dict[Fraction, str] = {
    Fraction(8): "breve",
    Fraction(4): "whole",
    Fraction(2): "half",
    Fraction(1): "quarter",
    Fraction(1, 2): "eighth",
    Fraction(1, 4): "16th",
    Fraction(1, 8): "32nd",
    Fraction(1, 16): "64th",
    Fraction(1, 32): "128th",
}
_TUPLETS = ((3, 2), (5, 4), (7, 4))
_GRIDS = ((8, 12, 16, 5, 7), Fraction(1, 900)), ((24, 32, 10, 14, 20, 9, 28, 48, 64, 96), Fraction(1, 10_000))
# quarters: closer than this to a place of a coarse or of a fine grid is on it, as MIDI's ticks round
_MOST_TIED = 3


@dataclass(frozen=True)
class Value:
    """One written note: its length, its type with dots, and its tuplet as (played, in the time of)."""

    length: Fraction
    type: str = ""
    dots: int = 0
    tuplet: tuple[int, int] | None = None


def on_grid(place: float) -> Fraction:
    """The place in a score of a place in time: on the coarsest grid that has it, else the nearest 32nd or sextuplet."""
    exact = Fraction(round(place * 40_320), 40_320)
    for grids, same in _GRIDS:
        for grid in grids:
            near = Fraction(round(exact * grid), grid)
            if abs(near - exact) <= same:
                return near
    return min((Fraction(round(exact * g), g) for g in (8, 6)), key=lambda f: abs(f - exact))


@functools.cache
def values(length: Fraction) -> tuple[Value, ...]:
    """Written notes, tied together, that last so long; one without a type when there are none."""
    return _spelled(length, _MOST_TIED) or (Value(length),)


def _spelled(length: Fraction, most: int) -> tuple[Value, ...]:
    single = _single(length)
    if single:
        return (single,)
    if most == 1:
        return ()
    for first, name in TYPES.items():
        if first < length:
            rest = _spelled(length - first, most - 1)
            if rest:
                return (Value(first, name), *rest)
    return ()


def _single(length: Fraction) -> Value | None:
    for dots, factor in enumerate((Fraction(1), Fraction(3, 2), Fraction(7, 4))):
        if length / factor in TYPES:
            return Value(length, TYPES[length / factor], dots)
    for played, time in _TUPLETS:
        written = length * played / time
        for dots, factor in enumerate((Fraction(1), Fraction(3, 2))):
            if written / factor in TYPES and length.denominator % played == 0:
                return Value(length, TYPES[written / factor], dots, (played, time))
    return None
