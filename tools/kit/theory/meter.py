"""Meters: bar length, beats and accents, compound and additive meters included."""

from __future__ import annotations

from dataclasses import dataclass

_ADDITIVE = {5: (3, 2), 7: (2, 2, 3), 8: (3, 3, 2), 10: (3, 3, 2, 2), 11: (3, 3, 3, 2)}  # in eighths


@dataclass(frozen=True)
class Meter:
    """A time signature. Lengths are in quarter notes.

    The *beat* is what a conductor shows and what a tempo counts: the dotted quarter in 6/8, 9/8 and
    12/8, the written unit otherwise, and the quarter in 7/8 and 5/8, whose bars hold 3.5 and 2.5 of it.
    """

    numerator: int = 4
    denominator: int = 4

    @classmethod
    def parse(cls, text: str) -> Meter:
        """A meter from ``'7/8'``; ``ValueError`` when it is none."""
        numerator, _, denominator = text.partition("/")
        meter = cls(int(numerator), int(denominator))
        if not 1 <= meter.numerator <= 32 or meter.denominator not in (1, 2, 4, 8, 16, 32):
            raise ValueError(f"{text!r} is no meter; write it as 3/4 or 7/8")
        return meter

    @property
    def bar_quarters(self) -> float:
        """Length of a bar in quarter notes."""
        return self.numerator * 4 / self.denominator

    @property
    def is_compound(self) -> bool:
        """Whether beats divide in three: 6/8, 9/8, 12/8 and their like."""
        return self.denominator >= 8 and self.numerator % 3 == 0 and self.numerator > 3

    @property
    def beat_quarters(self) -> float:
        """Length of the beat in quarter notes."""
        if self.is_compound:
            return 3 * 4 / self.denominator
        return 1.0 if self.denominator >= 8 else 4 / self.denominator

    def accents(self) -> tuple[float, ...]:
        """Starts of the felt beats inside a bar, in quarters: 7/8 is (0, 1, 2), its last one longer."""
        unit = 4 / self.denominator
        if self.is_compound:
            groups: tuple[int, ...] = (3,) * (self.numerator // 3)
        elif self.denominator >= 8:
            groups = _ADDITIVE.get(self.numerator, (2,) * (self.numerator // 2) + (1,) * (self.numerator % 2))
        else:
            groups = (1,) * self.numerator
        starts, at = [], 0
        for group in groups:
            starts.append(at * unit)
            at += group
        return tuple(starts)

    def __str__(self) -> str:
        return f"{self.numerator}/{self.denominator}"
