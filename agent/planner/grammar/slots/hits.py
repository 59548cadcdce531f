"""Which hit of an earlier search is meant, and whether others than its hits are: "more like the second one"."""

from __future__ import annotations

from agent.planner.grammar.numbers import ORDINAL, number
from agent.planner.grammar.reading import Reading, pattern

_ZH = "一二三四五六七八九十"
_LIKE = r"(?:like|similar to|closer to|resembling|in the (?:style|vein|manner) of|along the lines of)"
_HIT = pattern(
    rf"(?:(?:something|anything|ones?|some|pieces?|tunes?|songs?|music|others?)\s+)?(?:(?:some\s+)?more\s+)?\b{_LIKE}\s+"
    rf"(?:the\s+|your\s+)?(?:(?P<nth>{ORDINAL})\b(?!\s*(?:bar|beat|half|verse|chorus|section|movement|symphony|sonata"
    r"|suite|concerto))(?:\s+(?:one|hit|piece|tune|song|result|track|suggestion))?"
    r"|(?:(?:number|no\.?|hit|result|piece|tune|track)\s*#?|#)\s*(?P<n>\d{1,2})\b)"
    rf"|(?:再?(?:来|找)?(?:几首|一些|些)?)?(?:更?(?:像|类似)|和|跟)(?:于)?第(?P<zh>[{_ZH}]|\d{{1,2}})(?:首|个|条)(?:差不多|那样|类似|一样)?"
    r"(?:的)?"
)
_OTHERS = pattern(
    r"\b(?:not (?:these|those|them) again|others than (?:these|those)|other than (?:these|those)|not (?:these|those)"
    r"|(?:some )?(?:others|other ones|different ones|new ones)(?: instead| please)?)\b|换(?:一批|几首|些别的)|别的"
    r"|其他的"
)


def read(r: Reading) -> None:
    """Read the slots ``number`` and ``known``."""
    for match in r.find(_HIT):
        r.slots["number"] = int(number(match["nth"] or match["n"] or match["zh"]))
        r.take(match.start(), match.end(), "number")
    for match in r.find(_OTHERS):
        r.slots["known"] = "leave_out"
        r.take(match.start(), match.end(), "known")
