"""How near music is to a request, or to other music, in numbers that may be added up.

To a request: each verdict becomes a distance in tolerances, so that 0 is exactly what was asked, 1 is the edge of what
still counts as met, and a constraint that has no such scale is 0 when met and :data:`MISSED` when missed. To other
music: the mean difference of all metrics that both have, each in shares of its range.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tools.brief import TOLERANCES, Check
from tools.kit.metrics.registry import Metric

MISSED = 2.0
FARTHEST = 10.0  # tolerances; beyond it everything is equally far, so that one wild value does not decide alone
_SHARES_OF_TARGET = frozenset({"tempo_bpm"})  # tolerances that are shares of the target
_AGREEMENTS = frozenset({"chords", "dynamics"})  # measured as agreement, 1 at best; the tolerance is the least


def distance(check: Check) -> float | None:
    """A verdict's distance from what was asked, in tolerances; ``None`` when it was not checked."""
    if check.verdict == "not_checked":
        return None
    scaled = _scaled(check.name, check.target, check.measured)
    if check.verdict == "met":
        return 0.0 if scaled is None else min(scaled, 1.0)
    return MISSED if scaled is None else min(max(scaled, 1.0), FARTHEST)


def closeness(check: Check) -> float | None:
    """The same as a share for pictures: 1 exactly as asked, 0.5 at the edge of the tolerance, towards 0 beyond."""
    apart = distance(check)
    return None if apart is None else 1 / (1 + apart)


def _scaled(name: str, target: Any, measured: Any) -> float | None:
    """Distance in tolerances where target and measurement are numbers; ``None`` where they are not."""
    if not _is_number(measured):
        return None
    tolerance = TOLERANCES.get(name)
    if name in _AGREEMENTS and tolerance is not None:
        return max(0.0, 1 - float(measured)) / (1 - float(tolerance))
    nearest = _nearest(target, float(measured))
    if nearest is None:
        return None
    unit = 1.0 if tolerance is None else float(tolerance)
    if name in _SHARES_OF_TARGET:
        unit *= nearest
    return abs(float(measured) - nearest) / unit if unit > 0 else None


def _nearest(target: Any, measured: float) -> float | None:
    """The point of a target, a number or a range, that lies nearest to what was measured."""
    if _is_number(target):
        return float(target)
    if isinstance(target, Mapping) and {"min", "max"} & set(target):
        low, high = target.get("min"), target.get("max")
        return max(-math.inf if low is None else low, min(math.inf if high is None else high, measured))
    return None


@dataclass(frozen=True)
class Standing:
    """How one piece stands before a request; ``apart`` is the mean distance of what was measured, None of nothing."""

    met: int
    missed: int
    not_checked: int
    apart: float | None

    @property
    def asked(self) -> int:
        """Constraints asked for, measurable on this piece or not."""
        return self.met + self.missed + self.not_checked

    @property
    def order(self) -> tuple[int, float]:
        """Smaller is nearer: constraints asked for and not met, then the mean distance.

        What cannot be measured on a piece is not met by it and lies :data:`MISSED` away, so that it never helps.
        """
        return self.asked - self.met, math.inf if self.distance is None else self.distance

    @property
    def distance(self) -> float | None:
        """Mean distance over all constraints asked for, in tolerances; None when nothing was asked."""
        if not self.asked:
            return None
        return ((self.apart or 0.0) * (self.met + self.missed) + MISSED * self.not_checked) / self.asked


def standing(checks: Iterable[Check]) -> Standing:
    """Verdicts counted, and the mean of their distances (``None`` when nothing was measured)."""
    checks = list(checks)
    found = [d for d in map(distance, checks) if d is not None]
    verdicts = [c.verdict for c in checks]
    return Standing(
        verdicts.count("met"),
        verdicts.count("missed"),
        verdicts.count("not_checked"),
        sum(found) / len(found) if found else None,
    )


@dataclass(frozen=True)
class Difference:
    """How far two pieces differ in one metric: ``share`` of its range, in [0, 1]."""

    metric: str
    one: float
    other: float
    share: float


Metrics = Mapping[str, float | None]


def differences(one: Metrics, other: Metrics, known: Mapping[str, Metric]) -> list[Difference]:
    """Every metric that both pieces have, the largest difference first.

    A metric with bounds is compared by their distance; another by the larger of the two values.

    Parameters
    ----------
    known
        What is known of metrics by name; others are taken as unbounded.
    """
    found = []
    for name, value in one.items():
        against = other.get(name)
        if value is None or against is None or not (math.isfinite(value) and math.isfinite(against)):
            continue
        found.append(Difference(name, value, against, _share(value, against, known.get(name))))
    return sorted(found, key=lambda d: (-d.share, d.metric))


def mean_difference(found: Sequence[Difference]) -> float | None:
    """Mean share over the metrics; ``None`` when there is none."""
    return sum(d.share for d in found) / len(found) if found else None


def _share(one: float, other: float, metric: Metric | None) -> float:
    if one == other:
        return 0.0
    if metric is not None and metric.low is not None and metric.high is not None:
        return min(abs(one - other) / (metric.high - metric.low), 1.0)
    return min(abs(one - other) / max(abs(one), abs(other)), 1.0)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
