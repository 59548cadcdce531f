"""Lengths: seconds, minutes, bars."""

from __future__ import annotations

import re
from typing import NamedTuple

from agent.planner.grammar.numbers import NUMBER, number
from agent.planner.grammar.reading import Reading, pattern
from agent.planner.grammar.slots.bounds import bounded
from agent.planner.grammar.slots.times import CLOCK, seconds

_NEAR = r"(?:(?:about|around|roughly|approximately|approx\.?|circa|ca\.|some|~|大约|大概|约|差不多)\s*)"
_BOUND = (
    r"(?:(?:(?:no|not)\s+(?:longer|more)\s+than|not?\s+(?:over|exceeding|above)|at\s+(?:the\s+)?(?:most|least|longest)"
    r"|(?:no|not)\s+(?:less|shorter)\s+than|至少|最少|起码|不少于|不短于|up\s+to|under|within|less\s+than|max(?:imum|\.)?(?:\s+of)?|exactly|precisely|(?:别|不要|不能)(?:超过|长于|多于)|不超过|不多于|不长于|最多|最长|至多|正好"
    r"|刚好)\s*)?"
)
_MORE = r"(?:(?:more|extra|further|additional)\s+)?"
_HALF_AFTER = r"(?:\s*(?:and|&)\s*(?:a\s+)?half)"
_UNIT = r"(?P<unit>hours?|hrs?|minutes?|mins?|m|seconds?|secs?|s)(?![a-z]|\d(?!\d))"
_AMOUNT = pattern(
    rf"{_BOUND}(?P<near>{_NEAR})?(?<![\d.:])(?!(?:808|909)s\b)(?:(?P<n>{NUMBER}|(?<![a-z])an?(?=[\s-]+(?:minute|min"
    rf"|hour)))(?P<half>{_HALF_AFTER}|\s+1/2)?"
    rf"(?:\s+or\s+(?:so|two)|\s?-?ish)?[\s-]*{_MORE}{_UNIT}(?P<half2>{_HALF_AFTER})?"
    rf"(?:\s*(?:and|,)?\s*(?P<rest>{NUMBER})\s*-?(?:seconds?|secs?|s)(?![a-z])|(?<=m|n|e|s)\s*"
    rf"(?P<bare>[0-5]\d)(?![\d:/%]|\.\d|\s*[a-z]))?)(?:[\s-]+long\b)?(?:\s+or\s+so\b)?"
    r"(?:\s+(?:max(?:imum)?|tops|at\s+(?:the\s+)?(?:very\s+)?(?:most|least)|or\s+(?:less|under|more|longer)|minimum)\b)?"
)
_SHARES = pattern(
    r"(?<!and )(?<!and a )(?P<share>half\s+(?:an?\s+)?|(?:a\s+)?quarter\s+of\s+an?\s+"
    r"|three\s+quarters\s+of\s+an?\s+)(?P<unit>hour|minute|second)s?"
    r"(?:[\s-]+long\b)?"
)
_COUPLE = pattern(r"(?:a\s+)?couple(?:\s+of)?\s+(?P<unit>minutes|seconds|hours)")
_CLOCK = pattern(rf"(?P<near>{_NEAR})?(?<![\d:])(?P<clock>{CLOCK})(?![\d:])(?:\s*(?:min(?:utes?)?|long)\b)?")
_FEET = pattern(r"(?P<m>\d{1,2})'(?P<s>[0-5]\d)\"?(?!\d)")
_CHINESE = pattern(
    rf"{_BOUND}(?P<near>{_NEAR})?(?={NUMBER}\s*(?:个?半?小时|分(?!音符|之|音|贝)|秒))(?:(?P<h>{NUMBER})\s*个?(?P<hh>半)?小时)?(?:"
    rf"(?P<m>{NUMBER})\s*分(?!音符|之|音|贝)(?P<mh>半)?钟?)?"
    rf"(?:(?P<s>{NUMBER})\s*秒钟?)?(?:长|左右)?"
)
_CHINESE_HALF = pattern(r"半(?P<unit>分钟|小时)")
_MODIFIER = r"(?!\s*(?:each|apiece|per\b|every|后|之后))"
_BARS = pattern(
    rf"(?P<near>{_NEAR})?(?P<n>(?<![a-z\d/.]){NUMBER})[\s-]*{_MORE}(?:(?:bars?|measures?|takte?)(?![a-z])|mm?\.(?=\s|$)"
    rf"|个?小节){_MODIFIER}(?:[\s-]+long\b)?"
)
_FADE_BEFORE = re.compile(
    (
        r"(?:fad\w+(?:[\s-]+(?:in|out|away))?(?:\s+\w+)?\s+(?:over|for|of|in|lasting|during)\s+(?:the\s+(?:last"
        r"|first)\s+)?|淡[入出])$"
    ),
    re.IGNORECASE,
)
_FADE_AFTER = re.compile(r"(?:[\s-]+(?:long\s+)?(?:fade|crossfade)|的?(?:淡入|淡出))", re.IGNORECASE)
_EXCESS = re.compile(r"\s*too\s+(?:long|short)\b", re.IGNORECASE)  # how far off the length is
_DECADE_BEFORE = re.compile(r"\b(?:the|early|late|mid)[\s-]+$", re.IGNORECASE)
_DECADE_AFTER = re.compile(
    (
        r"[\s-]+(?:style|synth|pop|rock|music|vibe|sound|disco|hip|house|soul|funk|era|throwback|retro|inspired|r&b"
        r"|rap|trip|grunge|britpop|boy|girl|rave|techno|jungle|garage|euro|punk|metal|motown|ska|surf|new\s+wave"
        r"|city\s+pop|electro|psychedelic|arcade|anime|movie|film|video\s+game)"
    ),
    re.IGNORECASE,
)
_ADDED_AFTER = re.compile(r"[\s-]*(?P<way>longer|shorter)\b(?!\s+than)", re.IGNORECASE)
_ADDED_BEFORE = re.compile(r"(?P<way>\b(?:longer|shorter)\s+by|(?:再|加|变)(?:长|短)(?:了|上)?)\s*$", re.IGNORECASE)
_RELATIVE = pattern(
    r"\b(?P<half>half(?:\s+as\s+long|\s+(?:the|its)\s+length))\b|\b(?P<twice>(?:twice|two\s+times)(?:\s+as\s+long|\s+(?:the|its)"
    r"\s+length)|double\s+(?:the|its)\s+length)\b|\b(?P<way>longer|shorter)\b(?!\s+than)|(?P<zh>[长短])(?:一点|一些|点儿?)"
    r"|(?P<zhhalf>缩短一半|短一半)|(?P<zhtwice>长一倍)"
)
_SECONDS = {"h": 3600, "m": 60, "s": 1, "小": 3600, "分": 60, "秒": 1}
_SHARE = {"half": 0.5, "three": 0.75, "quarter": 0.25, "a": 0.25}


class _Length(NamedTuple):
    """A length, the words that say it, and how far off still counts when they are not exact, in seconds."""

    seconds: float
    words: str
    off: float | None


def read(r: Reading) -> None:
    """Read ``duration_s`` and ``bars``; two different lengths are a question."""
    found: list[_Length] = [_Length((b.low + b.high) / 2, b.words, (b.high - b.low) / 2) for b in bounded(r)]
    for expression, value in (
        (_SHARES, _share),
        (_COUPLE, _couple),
        (_AMOUNT, _amount),
        (_CHINESE, _chinese),
        (_CHINESE_HALF, _chinese_half),
        (_FEET, _feet),
        (_CLOCK, lambda m: seconds(m["clock"])),
    ):
        for match in r.find(expression):
            length = value(match)
            if length > 0 and _is_elsewhere(r, match, length):
                continue
            if 0 < length <= 3600:
                off = max(0.5, round(0.1 * length, 3)) if match.groupdict().get("near") else None
                found.append(_Length(length, r.take(match.start(), match.end(), "duration_s"), off))
    _settle(r, found)
    _read_bars(r)
    _read_relative(r)


def _is_elsewhere(r: Reading, match: re.Match[str], length: float) -> bool:
    """Whether a time is no length of the piece: a decade, a moment, or the length of a fade (slot ``fade_s``)."""
    before, after = r.whole[: match.start()], r.whole[match.end() :]
    if _FADE_BEFORE.search(before) or _FADE_AFTER.match(after):
        r.slots["fade_s"] = length
        r.take(match.start(), match.end(), "fade_s")
        return True
    if _EXCESS.match(after):
        r.take(match.start(), match.end(), "excess")
        return True
    if _is_added(r, match, length):
        return True
    is_decade = re.fullmatch(r"(?:19|20)?[2-9]0s", match.group().strip(), re.IGNORECASE) is not None
    if is_decade and (length > 1000 or _DECADE_BEFORE.search(before) or _DECADE_AFTER.match(after)):
        return True
    return match.re is _CLOCK and re.search(r"\bat\s+$", before, re.IGNORECASE) is not None


def _is_added(r: Reading, match: re.Match[str], length: float) -> bool:
    """Whether a time is how much longer or shorter than before: ``changes["duration_s"]`` adds it."""
    after, before = _ADDED_AFTER.match(r.text, match.end()), _ADDED_BEFORE.search(r.text, 0, match.start())
    said = after or before
    if said is None:
        return False
    shorter = said["way"].lower().startswith("shorter") or "短" in said["way"]
    start, end = before.start() if before else match.start(), after.end() if after else match.end()
    r.take(start, end, "duration_s")
    r.changes["duration_s"] = {"add": -length if shorter else length}
    return True


def _settle(r: Reading, found: list[_Length]) -> None:
    for length in found[:1]:
        r.want("duration_s", length.seconds, length.words)
        if length.off is not None:
            r.constraints[-1].tolerance = length.off
    different = [length for length in found if abs(length.seconds - found[0].seconds) > 0.01]
    if different:
        r.conflicts.append(f"You ask for {found[0].words} and for {different[0].words}; how long should it be?")


def _read_bars(r: Reading) -> None:
    for match in r.find(_BARS):
        count = number(match["n"])
        if count == int(count) and 1 <= count <= 2000:
            words = r.take(match.start(), match.end(), "bars")
            if r.fields.get("bars", int(count)) != int(count):
                r.conflicts.append(f"You ask for {r.said('bars')} and for {words}; how many bars should it have?")
                continue
            r.want("bars", int(count), words)


def _read_relative(r: Reading) -> None:
    """Read ``changes["duration_s"]``: half as long, longer, 短一点."""
    if "duration_s" in r.fields or "bars" in r.fields:
        return
    for match in r.find(_RELATIVE):
        way = (match["way"] or match["zh"] or "").lower()
        if match["half"] or match["zhhalf"]:
            factor = 0.5
        elif match["twice"] or match["zhtwice"]:
            factor = 2.0
        else:
            factor = 1.5 if way in ("longer", "长") else 0.67
        r.take(match.start(), match.end(), "duration_s")
        r.changes["duration_s"] = {"factor": factor}


def _share(match: re.Match[str]) -> float:
    return _SHARE[match["share"].lower().split()[0]] * _SECONDS[match["unit"].lower()[0]]


def _couple(match: re.Match[str]) -> float:
    return 2.0 * _SECONDS[match["unit"].lower()[0]]


def _amount(match: re.Match[str]) -> float:
    count = 1.0 if match["n"].lower() in ("a", "an") else number(match["n"])
    if match["half"] or match["half2"]:
        count += 0.5
    rest = number(match["rest"] or match["bare"] or "0") if match["unit"].lower()[0] == "m" else 0.0
    return count * _SECONDS[match["unit"].lower()[0]] + rest


def _chinese(match: re.Match[str]) -> float:
    hours = (number(match["h"]) + (0.5 if match["hh"] else 0)) * 3600 if match["h"] else 0.0
    minutes = (number(match["m"]) + (0.5 if match["mh"] else 0)) * 60 if match["m"] else 0.0
    return hours + minutes + (number(match["s"]) if match["s"] else 0.0)


def _chinese_half(match: re.Match[str]) -> float:
    return 0.5 * _SECONDS[match["unit"][0]]


def _feet(match: re.Match[str]) -> float:
    return float(match["m"]) * 60 + float(match["s"])
