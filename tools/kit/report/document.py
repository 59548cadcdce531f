"""What a report says, before it is written down: text, tables and pictures, in order."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

Cell = str | float | int | bool | None
_DIGITS = 4


@dataclass(frozen=True)
class Table:
    """Rows under a heading; numbers stay numbers until they are written."""

    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    title: str = ""
    note: str = ""


@dataclass(frozen=True)
class Figure:
    """A picture: PNG bytes, the file name it gets beside a Markdown report, and what it shows in words."""

    png: bytes
    name: str
    caption: str


class Undrawn(str):
    """A paragraph in the place of a picture that could not be drawn: which, and why."""


def figure(draw: Callable[[], bytes], name: str, caption: str) -> Figure | Undrawn:
    """The picture that ``draw`` makes, or a word on why there is none: no picture may cost a report its numbers."""
    try:
        return Figure(draw(), name, caption)
    except (ArithmeticError, LookupError, MemoryError, RuntimeError, ValueError) as err:
        reason = " ".join(str(err).split()) or type(err).__name__
        return Undrawn(f"The picture {name} ({caption}) could not be drawn: {reason}.")


@dataclass
class Document:
    """A report: its title, then paragraphs (``str``), tables and figures."""

    title: str
    parts: list[str | Table | Figure] = field(default_factory=list)

    def add(self, *parts: str | Table | Figure) -> None:
        """Append parts."""
        self.parts += parts


def shown(value: Cell) -> str:
    """A cell as a person reads it: four significant digits, no exponent up to a million, a dash for undefined."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value}"
    if isinstance(value, float):
        return _number(value)
    return value


def _number(value: float) -> str:
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    if value != 0 and not 1e-4 <= abs(value) < 1e6:
        return f"{value:.{_DIGITS - 1}e}".replace("-", "−")
    decimals = max(0, _DIGITS - 1 - math.floor(math.log10(abs(value)))) if value else 0
    text = f"{value:.{min(decimals, 6)}f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text).replace("-", "−")
