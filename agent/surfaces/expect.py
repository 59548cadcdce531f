"""What a script may expect of a turn, and the judgement of each expectation on the turn's report."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from agent.records import RunReport
from tools.brief import Brief
from tools.kit.theory.instruments import is_a


class DiffOnly(BaseModel):
    """Where alone notes may differ from the turn before."""

    model_config = ConfigDict(extra="forbid")

    bars: tuple[int, int] | None = Field(None, description="First and last bar, 1-based, inclusive.")
    tracks: list[str] | None = None


class Expectations(BaseModel):
    """The expectations of one turn; what is not named is not judged."""

    model_config = ConfigDict(extra="forbid")

    tools: list[str] | None = None
    not_tools: list[str] | None = None
    brief: dict[str, Any] | None = None
    files: list[str] | None = None
    checks: float | None = Field(None, ge=0, le=1)
    changed: list[str] | None = None
    kept: list[str] | None = None
    same_as: int | None = Field(None, ge=1)
    says: str | None = None
    asks: bool | None = None
    diff_only: DiffOnly | None = None
    error: str | None = None


@dataclass(frozen=True)
class Outcome:
    """One expectation: whether it held, and what was found."""

    name: str
    ok: bool
    got: Any


Judge = Callable[[Any, RunReport, Sequence[RunReport]], tuple[bool, Any]]


def judge(expected: Expectations, report: RunReport, before: Sequence[RunReport]) -> list[Outcome]:
    """The outcome of every expectation; a turn that failed unexpectedly is an outcome of its own."""
    outcomes = [
        Outcome(name, *JUDGES[name](getattr(expected, name), report, before))
        for name in expected.model_fields_set
        if getattr(expected, name) is not None
    ]
    if report.exit_code in (2, 3) and expected.error is None:
        outcomes.append(Outcome("no error", False, report.error or report.answer))
    return sorted(outcomes, key=lambda o: list(Expectations.model_fields).index(o.name) if o.name != "no error" else -1)


def matches(field: str, expected: Any, got: Any) -> bool:
    """Whether a Brief field is as expected: a list contains each expected item, the rest is equal.

    An instrument contains its kind: ``tenor saxophone`` is a ``saxophone``.
    """
    if field in ("instruments", "exclude"):
        return all(any(g == e or is_a(g, e) for g in got or []) for e in _listed(expected))
    if field in ("mood", "genre") and isinstance(got, str):
        return set(_listed(expected)) <= {part.strip() for part in got.split(",")} or got == expected
    if isinstance(got, list):
        return all(item in got for item in _listed(expected))
    if isinstance(expected, (int, float)) and not isinstance(expected, bool) and isinstance(got, (int, float)):
        return abs(float(got) - float(expected)) <= 1e-6 * max(1.0, abs(float(expected)))
    return bool(got == expected)


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list) else [value]


def _called(report: RunReport) -> list[str]:
    return [s["tool"] for s in (report.steps or report.plan)]


def _tools(expected: list[str], report: RunReport, before: Sequence[RunReport]) -> tuple[bool, Any]:
    return set(expected) <= set(_called(report)), _called(report)


def _not_tools(expected: list[str], report: RunReport, before: Sequence[RunReport]) -> tuple[bool, Any]:
    return not set(expected) & set(_called(report)), _called(report)


def _brief(expected: Mapping[str, Any], report: RunReport, before: Sequence[RunReport]) -> tuple[bool, Any]:
    got = {name: report.brief.get(name) for name in expected}
    return all(name in Brief.model_fields and matches(name, e, got[name]) for name, e in expected.items()), got


def _files(expected: list[str], report: RunReport, before: Sequence[RunReport]) -> tuple[bool, Any]:
    made = [a["kind"] for a in _made(report)]
    return set(expected) <= set(made), made


def _checks(expected: float, report: RunReport, before: Sequence[RunReport]) -> tuple[bool, Any]:
    judged = [c for c in report.checks if c.verdict != "not_checked"]
    share = sum(c.verdict == "met" for c in judged) / len(judged) if judged else 0.0
    return share >= expected, round(share, 3)


def _changed(expected: list[str], report: RunReport, before: Sequence[RunReport]) -> tuple[bool, Any]:
    differing = _differing(expected, report, before)
    return set(differing) == set(expected), differing


def _kept(expected: list[str], report: RunReport, before: Sequence[RunReport]) -> tuple[bool, Any]:
    differing = _differing(expected, report, before)
    return not differing, {"changed": differing}


def _differing(fields: Iterable[str], report: RunReport, before: Sequence[RunReport]) -> list[str]:
    """The fields that differ from the turn before; a key also changes with its mode, and back."""
    if not before:
        return []
    old, new = before[-1].brief, report.brief
    related = {"key": ("key", "mode"), "mode": ("mode", "key")}
    return [f for f in fields if any(old.get(n) != new.get(n) for n in related.get(f, (f,)))]


def _same_as(expected: int, report: RunReport, before: Sequence[RunReport]) -> tuple[bool, Any]:
    if expected > len(before):
        return False, f"there is no turn {expected} before this one"
    hashes = [_content(r) for r in (before[expected - 1], report)]
    return hashes[0] == hashes[1] != [], [Path(a["path"]).name for a in _made(report)]


def _says(expected: str, report: RunReport, before: Sequence[RunReport]) -> tuple[bool, Any]:
    return expected.lower() in report.answer.lower(), report.answer


def _asks(expected: bool, report: RunReport, before: Sequence[RunReport]) -> tuple[bool, Any]:
    return (report.question is not None) == expected, report.question.question if report.question else None


def _error(expected: str, report: RunReport, before: Sequence[RunReport]) -> tuple[bool, Any]:
    errors = " ".join([report.error or "", *(s["error"] or "" for s in report.steps)]).strip()
    return report.exit_code in (2, 3) and expected.lower() in errors.lower(), errors


def _diff_only(expected: DiffOnly, report: RunReport, before: Sequence[RunReport]) -> tuple[bool, Any]:
    from tools.kit.diff import differences, outside
    from tools.kit.score import read_midi

    files = [
        next((Path(a["path"]) for a in reversed(r.artifacts) if a["kind"] == "midi"), None)
        for r in (*before[-1:], report)
    ]
    if len(files) < 2 or files[0] is None or files[1] is None:
        return False, "there are no two scores to compare"
    found = differences(read_midi(files[0]), read_midi(files[1]))
    stray = outside(found, expected.bars, expected.tracks)
    return bool(found) and not stray, {"changed": len(found), "outside": [f"bar {d.bar} {d.track}" for d in stray[:10]]}


def _made(report: RunReport) -> list[dict[str, Any]]:
    """The artifacts that the turn's steps made, attachments left out."""
    return [a for a in report.artifacts if not (a["id"].startswith("a") and a["id"][1:].isdigit())]


def _content(report: RunReport) -> list[str]:
    from tools.kit.media import sha256_of

    return sorted(sha256_of(Path(a["path"])) for a in _made(report))


JUDGES: dict[str, Judge] = {
    "tools": _tools,
    "not_tools": _not_tools,
    "brief": _brief,
    "files": _files,
    "checks": _checks,
    "changed": _changed,
    "kept": _kept,
    "same_as": _same_as,
    "says": _says,
    "asks": _asks,
    "diff_only": _diff_only,
    "error": _error,
}
