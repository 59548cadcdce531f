"""What the comparison of pieces is made from, and the sentence that tells it in plain words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from tools.brief import Check
from tools.errors import UserError
from tools.kit.measured import Measured
from tools.kit.metrics.registry import Metric
from tools.kit.nearness import Difference, Standing, differences, mean_difference, standing
from tools.kit.report import shown

TOLD = 3  # differences named in the sentence


@dataclass(frozen=True)
class Spread:
    """One metric over the pieces: their values, and the largest difference between two as a share of its range."""

    metric: str
    values: list[float | None]
    share: float


@dataclass(frozen=True)
class View:
    """Pieces side by side.

    Attributes
    ----------
    labels, measured, checks
        Name, measurements and verdicts of each piece, in the order given.
    reference
        The piece they should resemble.
    known
        What is known of metrics by name.
    """

    labels: list[str]
    measured: list[Measured]
    checks: list[list[Check]]
    reference: Measured | None = None
    known: Mapping[str, Metric] = field(default_factory=dict)

    @cached_property
    def standings(self) -> list[Standing]:
        """How each piece stands before the request."""
        return [standing(c) for c in self.checks]

    @property
    def is_requested(self) -> bool:
        """Whether anything that was asked for was measured."""
        return any(s.met + s.missed for s in self.standings)

    @cached_property
    def against_reference(self) -> list[list[Difference]]:
        """Differences of each piece from the reference, largest first; empty without one."""
        if self.reference is None:
            return [[] for _ in self.measured]
        return [differences(m.metrics, self.reference.metrics, self.known) for m in self.measured]

    @property
    def from_reference(self) -> list[float | None]:
        """Mean difference of each piece from the reference."""
        return [mean_difference(found) for found in self.against_reference]

    @cached_property
    def spread(self) -> list[Spread]:
        """Every metric that two pieces have, the largest difference first.

        Raises
        ------
        UserError
            When the pieces have none in common.
        """
        largest: dict[str, float] = {}
        for number, one in enumerate(self.measured):
            for other in self.measured[number + 1 :]:
                for found in differences(one.metrics, other.metrics, self.known):
                    largest[found.metric] = max(found.share, largest.get(found.metric, 0.0))
        if not largest:
            raise UserError(
                f"{words_and(self.labels)} have no metric in common; compare notes with notes and sound with sound "
                "(render_audio makes sound of notes)."
            )
        ranked = sorted(largest, key=lambda name: (-largest[name], name))
        return [Spread(name, [m.metrics.get(name) for m in self.measured], largest[name]) for name in ranked]

    @property
    def differing(self) -> list[Spread]:
        """The metrics in which pieces differ at all."""
        return [s for s in self.spread if s.share > 0]


def verdict(view: View) -> tuple[int | None, str]:
    """The nearer piece and the sentence about it."""
    if view.is_requested:
        return _nearer_to_request(view)
    if view.reference is not None:
        return _nearer_to_reference(view)
    return None, _apart(view)


def _nearer_to_request(view: View) -> tuple[int | None, str]:
    stands, labels = view.standings, view.labels
    ranked = sorted(range(len(stands)), key=lambda i: stands[i].order)
    best, second = ranked[:2]
    counts = {i: f"{stands[i].met} of {stands[i].asked}" for i in ranked}
    if stands[best].order == stands[second].order:
        tied = [labels[i] for i in ranked if stands[i].order == stands[best].order]
        differing = _most(view)
        tail = f" They differ most in {differing}." if differing and len(tied) == len(labels) else ""
        head = f"{words_and(tied)} are equally near to the request: {counts[best]} constraints met"
        return None, f"{head}{_unmeasured(view)}.{tail}"
    what = "nearer" if len(stands) == 2 else "nearest"
    head = f"{labels[best]} is {what} to the request: it meets {counts[best]} constraints"
    head += f", {labels[second]} {counts[second]}"
    wrong = [c for c in view.checks[second] if c.verdict == "missed"]
    own = {c.name: c for c in view.checks[best]}
    told = [c for c in wrong if own[c.name].verdict == "met"] or wrong
    if counts[best] == counts[second]:
        apart = [shown(round(stands[i].distance or 0.0, 3)) for i in (best, second)]
        head += f", and it lies closer ({apart[0]} against {apart[1]} tolerances away on average)"
    if told:
        misses = [
            f"{plain(c.name)} (wanted {told_value(c.target)}, measured {told_value(c.measured)})" for c in told[:TOLD]
        ]
        head += f"; {labels[second]} misses {words_and(misses)}"
    return best, f"{head}{_unmeasured(view)}."


def _unmeasured(view: View) -> str:
    """Which constraints could not be measured on which piece and count as not met, in words."""
    told = []
    for label, checks in zip(view.labels, view.checks, strict=True):
        names = [plain(c.name) for c in checks if c.verdict == "not_checked"]
        if names:
            told.append(f"{words_and(names)} cannot be measured on {label}")
    return f"; {words_and(told)}, which counts as not met" if told else ""


def _nearer_to_reference(view: View) -> tuple[int | None, str]:
    assert view.reference is not None
    name = view.reference.path.name
    apart = view.from_reference
    ranked = sorted((i for i, a in enumerate(apart) if a is not None), key=lambda i: (apart[i], i))
    if len(ranked) < 2:
        raise UserError(f"{name} has metrics in common with fewer than two of the pieces; choose another reference.")
    best, second = ranked[:2]
    if apart[best] == apart[second]:
        return None, f"{view.labels[best]} and {view.labels[second]} are equally near to {name}."
    found = view.against_reference
    mine = {d.metric: d for d in found[best]}
    gains = sorted((d for d in found[second] if d.metric in mine), key=lambda d: mine[d.metric].share - d.share)
    why = [
        f"{plain(d.metric)} ({shown(mine[d.metric].one)} against {shown(d.one)}, {name} has {shown(d.other)})"
        for d in gains[:TOLD]
        if d.share > mine[d.metric].share
    ]
    head = f"{view.labels[best]} is nearer to {name}: its metrics differ by {apart[best]:.0%} of their range on average"
    tail = f"; most of it in {words_and(why)}" if why else ""
    return best, f"{head}, those of {view.labels[second]} by {apart[second]:.0%}{tail}."


def _apart(view: View) -> str:
    """How pieces differ when there is nothing to be nearer to."""
    found = _most(view)
    if not found:
        return f"{words_and(view.labels)} are alike in every metric."
    return f"{words_and(view.labels)} differ most in {found}; there is no request to be nearer to."


def _most(view: View) -> str:
    """The largest differences in words; empty when there is none."""
    found = view.differing[:TOLD]
    told = [f"{plain(s.metric)} ({' against '.join(map(shown, s.values))})" for s in found]
    return words_and(told) if told else ""


def told_value(value: Any) -> str:
    """A target or a measurement as a person reads it."""
    if isinstance(value, Mapping):
        return ", ".join(f"{k} {told_value(v)}" for k, v in value.items() if v is not None)
    if isinstance(value, (list, tuple)):
        return ", ".join(map(told_value, value))
    return shown(value) if value is None or isinstance(value, (bool, int, float, str)) else str(value)


def plain(name: str) -> str:
    """A metric's or field's name as words."""
    return name.replace("_", " ")


def words_and(parts: Sequence[str]) -> str:
    """Parts as ``a, b and c``."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
