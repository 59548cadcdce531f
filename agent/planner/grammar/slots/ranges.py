"""Parts of a piece: bars 9 to 16, from bar 9 on, the last ten seconds, between 0:10 and 0:20.

Bars count from 1 and both ends belong to the range. Negative numbers count from the end: ``from_bar`` -4 is the
fourth bar from the end, ``start_s`` -10.0 ten seconds before it. ``None`` as an end is the end of the piece.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from agent.planner.grammar.numbers import DIGITS, NUMBER, ORDINAL, number
from agent.planner.grammar.reading import Reading, pattern
from agent.planner.grammar.slots.times import CLOCK, MINUTE, SECOND, TIME, seconds

_BAR = r"(?:bars?|measures?|mm?\.)"
_NTH = rf"(?:the\s+)?(?P<nth>{ORDINAL})\s+(?:bar|measure)\b"
_TO = r"\s*(?:to|-|through|thru|until|till|and|\.\.+|up\s+to|到|至)\s*"
_LONG = rf"(?P<n>{NUMBER})[\s-]*(?P<unit>{_BAR}|{SECOND}|{MINUTE})"

_SPARED = pattern(  # what an edit leaves as it is: "everywhere except bars 5-6"
    r"(?:\b(?:everywhere|everything|all(?:\s+(?:of\s+it|bars))?|the\s+whole\s+(?:thing|piece|song))\s*,?\s*)?\b(?:except(?:ing)?"
    r"(?:\s+for)?|but\s+not|(?:all|everything|everywhere)\s+but|excluding|other\s+than|apart(?:\s+from)?|save(?:\s+for)?"
    r"|(?:but\s+)?(?:leave|leaving|don't\s+touch|do\s+not\s+touch|not))\s+(?:(?:in|for|on|at|over|during)\s+)?(?:the\s+)?$"
)
_CUT = pattern(r"\bcut\s+(?:out\s+|off\s+|away\s+)?(?:the\s+)?$")
_KEPT_AS = pattern(r"\s+(?:as\s+(?:it\s+is|they\s+are|is)|alone|untouched|unchanged|excluded|excepted)\b")
_EDITS = pattern(
    r"\b(?:transpos|humani|quanti|swap|replac|rais|lower|shift|mov|put|set|make|chang|turn|tighten|delet|remov|drop|cut|keep"
    r"|crop|mut|silenc|louder|softer|quieter|slow|speed|soften|bring|swing|give|play|tak)\w*\b"
)

Range = tuple[float | None, float | None]
_CUT_OFF = re.compile(
    r"\b(?:(?:cut|trim|chop|crop|lop|shave|snip)(?:\s+(?:off|out|away))?|remove|drop|delete|lose|skip|discard|omit|kill"
    r"|get\s+rid\s+of|take\s+(?:off|out|away)|throw\s+away|leave\s+out|strip)\s+$"
    r"|(?:[剪裁切截删砍拿](?:掉|去|除)|去掉|去除|跳过|不要)(?:最)?$",
    re.IGNORECASE,
)
Rule = tuple[re.Pattern[str], Callable[[re.Match[str]], Range]]

_BARS: list[Rule] = [
    (
        pattern(
            rf"(?:(?:from|between|in|over|of|for)\s+)?(?:the\s+)?\b{_BAR}\s*(?P<a>{NUMBER}){_TO}(?:{_BAR}\s*)?"
            rf"(?P<b>{NUMBER})\b(?!\s*bpm)"
        ),
        lambda m: (number(m["a"]), number(m["b"])),
    ),
    (
        pattern(rf"(?:从)?第?\s*(?P<a>{NUMBER})\s*(?:小节)?\s*(?:到|至|-|~)\s*第?\s*(?P<b>{NUMBER})\s*小节"),
        lambda m: (number(m["a"]), number(m["b"])),
    ),
    (
        pattern(
            rf"(?:(?:from|starting\s+(?:at|from|in|with))\s+)(?:the\s+)?{_BAR}\s*(?P<a>{NUMBER})(?:\s*(?:on(?:wards?)?"
            rf"|to\s+the\s+end|until\s+the\s+end))?"
        ),
        lambda m: (number(m["a"]), None),
    ),
    (
        pattern(rf"\b{_BAR}\s*(?P<a>{NUMBER})\s*(?:on(?:wards?)?\b|to\s+the\s+end|until\s+the\s+end)"),
        lambda m: (number(m["a"]), None),
    ),
    (pattern(rf"从?第\s*(?P<a>{NUMBER})\s*小节(?:开始|以后|之后|往后|起)"), lambda m: (number(m["a"]), None)),
    (
        pattern(rf"\bafter\s+(?:{_NTH}|{_BAR}\s*(?P<a>{NUMBER}))"),
        lambda m: (number(m["a"] or m["nth"]) + 1, None),
    ),
    (
        pattern(rf"\b(?:from|starting\s+(?:at|from|in|with))\s+{_NTH}(?:\s+(?:on(?:wards?)?\b|to\s+the\s+end))?"),
        lambda m: (number(m["nth"]), None),
    ),
    (pattern(rf"\b{_NTH}\s+on(?:wards?)?\b"), lambda m: (number(m["nth"]), None)),
    (
        pattern(rf"(?:up\s+to|until|till|through)\s+(?:{_NTH}|{_BAR}\s*(?P<b>{NUMBER}))"),
        lambda m: (1, number(m["b"] or m["nth"])),
    ),
    (
        pattern(rf"\bbefore\s+(?:{_NTH}|{_BAR}\s*(?P<b>{NUMBER}))"),
        lambda m: (1, number(m["b"] or m["nth"]) - 1),
    ),
    (
        pattern(rf"(?:in|on|at|of)?\s*\b{_BAR}\s*(?P<a>{DIGITS})(?!\s*(?:bpm|:|/))\b"),
        lambda m: (number(m["a"]), number(m["a"])),
    ),
    (
        pattern(rf"(?:in\s+)?(?:the\s+)?(?P<a>(?!first\b){ORDINAL})\s+(?:bar|measure)\b"),
        lambda m: (number(m["a"]), number(m["a"])),
    ),
    (pattern(rf"第\s*(?P<a>{NUMBER})\s*个?小节"), lambda m: (number(m["a"]), number(m["a"]))),
]
_TIMES: list[Rule] = [
    (
        pattern(
            rf"(?:between|from)\s+(?P<a>{CLOCK}|{NUMBER}\s*(?:{SECOND}|{MINUTE})?)\s*(?:and|to|until|till|-)\s*"
            rf"(?P<b>{TIME})(?!\s*(?:long|in\s+length|in\s+total))"
        ),
        lambda m: _pair(m["a"], m["b"]),
    ),
    (
        pattern(rf"(?P<a>{CLOCK})\s*(?:-|to|through|until|~|到|至)\s*(?P<b>{CLOCK})"),
        lambda m: (seconds(m["a"]), seconds(m["b"])),
    ),
    (
        pattern(rf"\bseconds\s+(?P<a>{NUMBER})\s*(?:to|-|through)\s*(?P<b>{NUMBER})"),
        lambda m: (number(m["a"]), number(m["b"])),
    ),
    (
        pattern(rf"从?第?\s*(?P<a>{CLOCK}|{NUMBER}秒?)\s*(?:到|至|-|~)\s*第?\s*(?P<b>{CLOCK}|{NUMBER}秒)(?:之间|处)?"),
        lambda m: (seconds(m["a"]), seconds(m["b"])),
    ),
    (
        pattern(
            rf"(?:(?:from|starting\s+(?:at|from)|after)\s+)(?P<a>{TIME})(?:\s*(?:on(?:wards?)?\b|to\s+the\s+end"
            rf"|until\s+the\s+end))?"
        ),
        lambda m: (seconds(m["a"]), None),
    ),
    (pattern(rf"从第?(?P<a>{CLOCK}|{NUMBER}秒)(?:开始|以后|之后|起)"), lambda m: (seconds(m["a"]), None)),
    (pattern(rf"(?:up\s+to|until|till)\s+(?P<b>{TIME})(?![\s-]*(?:long|bars?))"), lambda m: (0.0, seconds(m["b"]))),
]
_FIRST = pattern(
    rf"(?:in\s+|of\s+|during\s+|over\s+|for\s+)?(?:the\s+)?(?:very\s+)?(?P<which>first|opening|last|final"
    rf"|closing)\s+(?:{_LONG}|(?P<one>bar|measure|second|minute)\b)"
)
_FIRST_CHINESE = pattern(
    rf"(?P<which>(?<!之)(?<!以)前|开头|最开始|最后|末尾|结尾|(?<![然之以最背])后)的?\s*(?P<n>{NUMBER})\s*"
    rf"(?P<unit>个?小节|秒钟?|分钟)"
)


_SIDES = pattern(
    rf"\b(?:everything|anything|all|what(?:'s|\s+is))\s+before\s+(?:the\s+)?(?P<a>{TIME})\s*(?:and|,|or)\s*(?:everything\s+|all\s+)?"
    rf"after\s+(?:the\s+)?(?P<b>{TIME})|(?P<a2>{CLOCK}|{NUMBER}\s*秒)之?(?:以?前)的?(?:和|与|、|,)\s*(?P<b2>{CLOCK}|{NUMBER}\s*秒)之?(?:以?后)的?"
)
_SIDE = pattern(
    rf"\b(?:everything|anything|all|what(?:'s|\s+is)|the\s+(?:parts?|bits?|stuff))\s+(?P<side>before|after)\s+(?:the\s+)?(?P<t>{TIME})"
    rf"|(?P<zh>{CLOCK}|{NUMBER}\s*秒)(?:之)?(?P<zhside>前|后)的"
)


def read(r: Reading) -> None:
    """Read ``from_bar`` and ``to_bar``, or ``start_s`` and ``end_s``."""
    for match in (*r.find(_FIRST), *r.find(_FIRST_CHINESE)):
        _read_edge(r, match)
    for match in r.find(_SIDES):
        _put(r, match, ("start_s", "end_s"), (seconds(match["a"] or match["a2"]), seconds(match["b"] or match["b2"])))
    for match in r.find(_SIDE):
        is_before = (match["side"] or match["zhside"]).lower() in ("before", "前")
        cut = _CUT_OFF.search(r.whole[: match.start()]) is not None
        at = seconds(match["t"] or match["zh"])
        _put(r, match, ("start_s", "end_s"), (at, None) if is_before == cut else (0.0, at))
    for rules, names in ((_BARS, ("from_bar", "to_bar")), (_TIMES, ("start_s", "end_s"))):
        for expression, ends in rules:
            for match in r.find(expression):
                _put(r, match, names, ends(match))


def _read_edge(r: Reading, match: re.Match[str]) -> None:
    """The first or the last so many bars or seconds."""
    groups = match.groupdict()
    unit = (groups.get("unit") or groups.get("one") or "").lower().removeprefix("个")
    length = number(groups["n"]) if groups.get("n") else 1.0
    from_end = match["which"].lower() in ("last", "final", "closing", "最后", "末尾", "结尾", "后")
    if unit[0] in "b小" or unit.startswith(("measure", "mm", "m.")):
        _put(r, match, ("from_bar", "to_bar"), (-length, None) if from_end else (1, length))
        return
    length *= 60 if unit[0] in "m分" else 1
    if _CUT_OFF.search(r.whole[: match.start()]):
        _put(r, match, ("start_s", "end_s"), (0.0, -length) if from_end else (length, None))
        return
    _put(r, match, ("start_s", "end_s"), (-length, None) if from_end else (0.0, length))


def _put(r: Reading, match: re.Match[str], names: tuple[str, str], ends: Range) -> None:
    low, high = ends
    if low is not None and high is not None and 0 <= high < low:
        return
    spared = _SPARED.search(r.whole, 0, match.start()) or _KEPT_AS.match(r.whole, match.end())
    whole = names[0] == "from_bar"
    if whole and spared and _EDITS.search(r.whole):
        start = spared.start() if spared.end() <= match.start() else match.start()
        r.take(start, max(match.end(), spared.end()), "spared_bars")
        r.slots["spared_bars"] = [None if end is None else int(end) for end in ends]
        return
    if whole and _CUT.search(r.whole, 0, match.start()):
        r.slots["remove"] = True
    r.take(match.start(), match.end(), names[0])
    for name, value in zip(names, ends, strict=True):
        r.slots[name] = int(value) if whole and value is not None else value


def _pair(a: str, b: str) -> Range:
    """Two times; a first one without a unit takes that of the second."""
    is_bare = a.strip()[-1].isdigit() and ":" not in a
    is_minutes = is_bare and ":" not in b and any(u in b.lower() for u in ("min", "分"))
    return seconds(a) * (60 if is_minutes else 1), seconds(b)
