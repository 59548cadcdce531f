"""The grid of a piece: bars, tempo map and where moments of a film land in it.

Places are quarters from the start; a bar's number is 1-based in what people read, 0-based in code.
"""

from __future__ import annotations

import bisect
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Literal

from tools.kit.theory.meter import Meter

AnchorKind = Literal["hit", "cut"]
Landed = Literal["downbeat", "beat", "offbeat", "off the grid"]


@dataclass(frozen=True)
class Anchor:
    """A moment the music should mark: a hit point that was asked for, or a cut of a film.

    ``weight`` says how much missing it costs: 1 is an ordinary cut, a hit point weighs several.
    """

    time_s: float
    kind: AnchorKind = "hit"
    weight: float = 1.0


@dataclass(frozen=True)
class Landing:
    """Where an anchor fell: ``quarter`` is the place of the accent, ``error_s`` its distance in seconds."""

    anchor: Anchor
    quarter: float
    bar: int
    beat: float
    error_s: float
    on: Landed


@dataclass(frozen=True)
class Bar:
    """A bar: its start in quarters and its meter (odd ones stand for one bar only)."""

    start: float
    meter: Meter

    @property
    def end(self) -> float:
        """The next barline."""
        return self.start + self.meter.bar_quarters


@dataclass(frozen=True)
class Grid:
    """Bars over a tempo map. ``tempi`` holds (quarter, quarters per minute); the music stops at ``end``.

    ``end`` is a barline, or lies inside the last bar when tempo, meter and seconds were all fixed.
    """

    meter: Meter
    bars: tuple[Bar, ...]
    tempi: tuple[tuple[float, float], ...]
    end: float
    landings: tuple[Landing, ...] = ()

    @cached_property
    def _starts(self) -> list[float]:
        return [bar.start for bar in self.bars]

    @cached_property
    def _elapsed(self) -> list[float]:
        """Seconds at the start of each tempo."""
        total, found = 0.0, [0.0]
        for (start, qpm), (stop, _) in pairwise(self.tempi):
            total += (stop - start) * 60.0 / qpm
            found.append(total)
        return found

    def seconds(self, quarter: float) -> float:
        """Seconds from the start at a place in quarters."""
        index = max(0, bisect.bisect_right([q for q, _ in self.tempi], quarter + 1e-9) - 1)
        start, qpm = self.tempi[index]
        return self._elapsed[index] + (quarter - start) * 60.0 / qpm

    def quarter(self, second: float) -> float:
        """Place in quarters of a moment in seconds."""
        index = max(0, bisect.bisect_right(self._elapsed, second + 1e-9) - 1)
        start, qpm = self.tempi[index]
        return start + (second - self._elapsed[index]) * qpm / 60.0

    def bar_index(self, quarter: float) -> int:
        """0-based index of the bar that holds a place."""
        return max(0, bisect.bisect_right(self._starts, quarter + 1e-6) - 1)

    def place(self, quarter: float) -> tuple[int, float]:
        """Bar and beat, both 1-based, of a place in quarters."""
        index = self.bar_index(quarter)
        bar = self.bars[index]
        return index + 1, round(1 + (quarter - bar.start) / bar.meter.beat_quarters, 3)

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return self.seconds(self.end)

    @property
    def tempo_bpm(self) -> float:
        """Mean tempo over the piece, in beats of the main meter per minute."""
        return self.end / self.duration_s * 60.0 / self.meter.beat_quarters
