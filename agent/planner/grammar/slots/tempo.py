"""Tempo: a number, a range, an Italian or a plain word."""

from __future__ import annotations

from agent.planner.grammar.reading import Reading, pattern

_NUMBER = pattern(r"\b(?:at\s+)?(\d{2,3}(?:\.\d+)?)\s*bpm\b")


def read(r: Reading) -> None:
    """Read ``tempo_bpm``."""
    for match in r.find(_NUMBER):
        r.want("tempo_bpm", float(match[1]), r.take(match.start(), match.end(), "tempo_bpm"))
