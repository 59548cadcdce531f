"""How the tables of requests are checked: every named field of the Brief, slot or change has the value given."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.planner.grammar.parse import Parse, parse


def _found(parsed: Parse, name: str) -> Any:
    """A field of the Brief, ``slot:name``, ``change:name`` or ``target:name`` (of a constraint)."""
    kind, _, rest = name.partition(":")
    if kind == "slot":
        return parsed.slots.get(rest)
    if kind == "change":
        return parsed.changes.get(rest)
    if kind == "target":
        return next((c.target for c in parsed.brief.constraints if c.name == rest), None)
    return parsed.brief.model_dump(exclude_none=True).get(name)


def _assert_reads(request: str, expected: dict[str, Any]) -> None:
    """Assert that a request reads as expected."""
    parsed = parse(request)
    got = {name: _found(parsed, name) for name in expected}
    wrong = {n: (got[n], v) for n, v in expected.items() if not _same(got[n], v)}
    assert not wrong, f"{request!r}: (got, expected) {wrong}"


def _same(got: Any, expected: Any) -> bool:
    if isinstance(expected, float) and isinstance(got, (int, float)):
        return abs(got - expected) < 0.011
    return bool(got == expected or (expected == [] and got is None))


@pytest.fixture
def assert_reads() -> Callable[[str, dict[str, Any]], None]:
    """``assert_reads(request, {"key": "D minor", "slot:semitones": -5})``."""
    return _assert_reads
