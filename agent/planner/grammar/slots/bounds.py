"""Lengths between two bounds: 30-45 s, between 30 and 45 s, at least 30 but no more than 45 seconds, 30到45秒之间."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from agent.planner.grammar.numbers import NUMBER, number
from agent.planner.grammar.reading import Reading, pattern

_UNIT = r"(?:minutes?|mins?|seconds?|secs?|m|s|分钟?|秒钟?)(?![a-z])"
_LEAST = (
    r"(?:at\s+(?:the\s+)?(?:very\s+)?least|(?:no|not|never)\s+(?:less|shorter|under)(?:\s+than)?"
    r"|min(?:imum|\.)?(?:\s+of)?"
    r"|(?:more|longer)\s+than|over|upwards\s+of|至少|最少|起码|不少于|不短于|不低于|(?:别|不要|不能)(?:少于|短于))"
)
_MOST = (
    r"(?:(?:no|not|never)\s+(?:longer|more|over|above|beyond|exceeding)(?:\s+than)?"
    r"|at\s+(?:the\s+)?(?:very\s+)?(?:most|longest)"
    r"|(?:less|shorter)\s+than|up\s+to|under|within|max(?:imum|\.)?(?:\s+of)?|不超过|不多于|不长于|最多|最长|至多"
    r"|(?:别|不要|不能)(?:超过|长于|多于))"
)
_LEAST_AFTER = r"(?:min(?:imum|\.)?|at\s+(?:the\s+)?(?:very\s+)?least|or\s+(?:more|longer)|以上|起)"
_MOST_AFTER = r"(?:max(?:imum|\.)?|tops|at\s+(?:the\s+)?(?:very\s+)?most|or\s+(?:less|under|shorter)|以[下内])"
_AND = r"\s*(?:[,;/]\s*)?(?:and|but|yet|或|但是?|而且?|且)?\s*(?:also\s+|it\s+should\s+be\s+)?"
_N = rf"(?:{NUMBER}|an?(?=\s+(?:min|sec)))"
_LOW = rf"(?P<low>{_N})[\s-]*(?P<unit1>{_UNIT})?"
_HIGH = rf"(?P<high>{_N})[\s-]*(?P<unit2>{_UNIT})?"
_TAIL = r"(?:\s*(?:long|in\s+length|in\s+total|长))?"
_FORMS = (
    pattern(rf"(?<![a-z]){_LEAST}\s*{_LOW}{_AND}{_MOST}\s*{_HIGH}{_TAIL}"),
    pattern(rf"(?<![a-z]){_MOST}\s*{_HIGH}{_AND}{_LEAST}\s*{_LOW}{_TAIL}"),
    pattern(rf"(?<![a-z]){_LEAST}\s*{_LOW}{_AND}{_HIGH}\s*{_MOST_AFTER}"),
    pattern(rf"(?<![\d.:]){_LOW}\s*{_LEAST_AFTER}{_AND}{_HIGH}\s*{_MOST_AFTER}"),
    pattern(
        rf"(?:(?:somewhere\s+|anywhere\s+)?(?:between|from)\s+)?(?<![\d.:/]){_LOW}"
        rf"\s*(?:-|~|to|and|or|到|至)\s*(?P<high>{NUMBER})[\s-]*(?P<unit2>{_UNIT})(?:之间|左右)?{_TAIL}"
    ),
)


class Bounded(NamedTuple):
    """The bounds of a length, in seconds, and the words that say them."""

    low: float
    high: float
    words: str


def bounded(r: Reading) -> Iterator[Bounded]:
    """Take each length that is said by its two bounds."""
    for expression in _FORMS:
        for match in r.find(expression):
            low, high = _seconds(match)
            if 0 < low < high <= 3600:
                yield Bounded(low, high, r.take(match.start(), match.end(), "duration_s"))


def _seconds(match: re.Match[str]) -> tuple[float, float]:
    """Both bounds in seconds; one without a unit has that of the other. Without any unit it is no length: zeros."""
    units = [match["unit1"], match["unit2"]]
    if not any(units):
        return 0.0, 0.0
    low_unit, high_unit = (60 if (u or units[1 - n]).lower()[0] in "m分" else 1 for n, u in enumerate(units))
    return number(match["low"]) * low_unit, number(match["high"]) * high_unit
