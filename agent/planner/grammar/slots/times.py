"""Clock times and lengths of time: the pieces that durations, ranges and hit points are read with."""

from __future__ import annotations

import re

from agent.planner.grammar.numbers import DIGITS, NUMBER, number

CLOCK = r"\d{1,2}:[0-5]\d(?::[0-5]\d)?(?:\.\d+)?"
SECOND = r"(?:seconds?|secs?|s|秒钟?)(?![a-z])"
MINUTE = r"(?:minutes?|mins?|分钟?)(?![a-z])"
TIME = rf"(?:{CLOCK}|{NUMBER}\s*-?(?:{SECOND}|{MINUTE}))"
"""A point in time: 0:07, 12.5 s, ten seconds, 两分钟."""
TIMES = rf"{TIME}|{DIGITS}"

_CLOCK = re.compile(CLOCK)
_AMOUNT = re.compile(rf"({NUMBER})\s*-?({SECOND}|{MINUTE})?", re.IGNORECASE | re.ASCII)


def seconds(text: str) -> float:
    """Seconds of a clock time or of an amount with a unit; a bare number counts seconds."""
    text = text.strip()
    if _CLOCK.fullmatch(text):
        total = 0.0
        for part in text.split(":"):
            total = total * 60 + float(part)
        return total
    match = _AMOUNT.match(text)
    if match is None:
        raise ValueError(f"{text!r} is no time")
    is_minutes = match[2] is not None and match[2].lower()[0] in "m分"
    return number(match[1]) * (60 if is_minutes else 1)
