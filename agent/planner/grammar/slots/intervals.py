"""Intervals with a direction: down a fourth, two semitones higher, 降两个半音, 高八度."""

from __future__ import annotations

import re

from agent.planner.grammar.numbers import NUMBER, number
from agent.planner.grammar.reading import Reading, pattern

_SIZES = {
    "unison": 0,
    "second": 2,
    "third": 4,
    "fourth": 5,
    "tritone": 6,
    "fifth": 7,
    "sixth": 9,
    "seventh": 10,
    "octave": 12,
    "ninth": 14,
    "tenth": 16,
    "2nd": 2,
    "3rd": 4,
    "4th": 5,
    "5th": 7,
    "6th": 9,
    "7th": 10,
}
_IMPERFECT = frozenset({"second", "third", "sixth", "seventh", "2nd", "3rd", "6th", "7th", "ninth", "tenth"})
_MAJOR = {"seventh": 11, "7th": 11}
_STEPS = {"quarter": 0.5, "semitone": 1, "half": 1, "whole": 2, "tone": 2, "step": 2, "octave": 12}
_STEP = (
    r"(?P<step>quarter[\s-]?tones?|semi-?tones?|half[\s-]?(?:steps?|tones?)|whole[\s-]?(?:steps?|tones?)|tones?|steps?|octaves?)"
    r"(?![a-z])"
)
_INTERVAL = (
    rf"(?:(?P<quality>minor|major|perfect|augmented|diminished|min\.?|maj\.?)\s+)?"
    rf"(?P<interval>{'|'.join(_SIZES)})s?(?![a-z])"
)
_COUNT = rf"(?P<count>{NUMBER}|an?|a\s+couple\s+of|one)"
_AMOUNT = rf"(?:{_COUNT}[\s-]+)?(?:{_STEP}|{_INTERVAL})"
_DOWN = r"down(?:wards?)?|lower(?:ed|s|ing)?|drop(?:ped|s)?|below|deeper|sink"
_UP = r"up(?:wards?)?|higher|rais(?:e|ed|es|ing)|above|lift(?:ed)?"
_WAY = rf"(?P<way>{_DOWN}|{_UP})"
_FORMS = [
    pattern(rf"\b{_WAY}\s+(?:(?:it|this|that|them|everything|all|the\s+(?:whole\s+)?\w+)\s+)?(?:by\s+)?{_AMOUNT}"),
    pattern(rf"\b{_WAY}\s+(?:[\w']+\s+){{1,6}}?by\s+{_AMOUNT}"),
    pattern(rf"(?:by\s+)?(?<![a-z]){_AMOUNT}\s+{_WAY}\b"),
    pattern(rf"(?P<sign>[+-])\s*(?P<count>\d{{1,2}})\s*{_STEP}"),
    pattern(rf"\btranspos\w*\s+(?:(?:it|this|that|everything|the\s+\w+)\s+)?(?:{_WAY}\s+)?by\s+{_AMOUNT}"),
    pattern(
        rf"\b(?:transpos\w*|shift\w*|pitch)\s+(?:(?:it|this|that|everything|the\s+\w+)\s+)?(?:by\s+)?"
        rf"(?:{_WAY}\s+)?(?:by\s+)?(?P<sign>[+-])?(?P<count>\d{{1,2}})(?![\d:.]|\s*(?:%|bars?|beats|bpm))"
    ),
]
_AMOUNT_ALONE = pattern(rf"\bby\s+{_AMOUNT}$")
_MISTUNED = pattern(rf"(?<![a-z]){_AMOUNT}\s+(?:too\s+)?(?P<tuned>flat|sharp|low|high)\b")  # to be put right
_THING_MOVED = pattern(
    r"(?<=\s)the\s+(?!whole|piece|song|tune|pitch|key|music|score|recording"
    r"|track)\w+(?=\s+(?:by\s+)?)"
)
_CHINESE_SIZES = {
    "一": 0,
    "二": 2,
    "三": 4,
    "四": 5,
    "五": 7,
    "六": 9,
    "七": 10,
    "八": 12,
    "2": 2,
    "3": 4,
    "4": 5,
    "5": 7,
    "6": 9,
    "7": 10,
    "8": 12,
}
_CHINESE = pattern(
    rf"(?P<way>升高?|提高|调高|移高|上移|向上移?|往上移?|高|降低?|调低|移低|下移|向下移?|往下移?|低)(?:了|移)?"
    rf"(?:一个|个)?"
    rf"(?:(?P<quality>大|小|纯|增|减)?(?P<size>[一二三四五六七八2-8])度|(?P<count>{NUMBER})个?(?P<step>半音"
    rf"|全音|八度)|(?P<half>半个?音))"
)


def read(r: Reading) -> None:
    """Read the slot ``semitones`` and ``changes["key"]``."""
    for expression in _FORMS:
        for match in r.find(expression):
            groups = match.groupdict()
            shift = _size(groups)
            if shift is None:
                continue
            way = (groups.get("way") or "").lower()
            is_down = groups.get("sign") == "-" or re.fullmatch(_DOWN, way) is not None
            _put(r, match, -shift if is_down else shift)
    for match in r.find(_MISTUNED):
        shift = _size(match.groupdict())
        if shift is not None:
            _put(r, match, shift if match["tuned"].lower() in ("flat", "low") else -shift)
    for match in r.find(_CHINESE):
        shift = _chinese_size(match)
        _put(r, match, -shift if re.search(r"降|低|下", match["way"]) else shift)


def _size(groups: dict[str, str | None]) -> float | None:
    """Semitones of an amount, without its direction."""
    said = (groups.get("count") or "1").lower()
    count = 2.0 if said.startswith("a couple") else (1.0 if said in ("a", "an", "one") else number(said))
    step, interval = groups.get("step"), groups.get("interval")
    if step:
        kind = step.lower().replace("-", " ")
        unit = next(v for k, v in _STEPS.items() if kind.startswith(k) or (k == "semitone" and kind.startswith("semi")))
        return _whole(count * unit)
    if interval is None:
        return int(count)
    if count != 1:
        return None
    return _interval(interval.lower(), (groups.get("quality") or "").lower())


def _whole(semitones: float) -> float:
    """A count of semitones, an int where it is one."""
    return int(semitones) if semitones == int(semitones) else semitones


def _interval(name: str, quality: str) -> int:
    size = _SIZES[name]
    if quality.startswith("min"):
        return {10: 10, 4: 3, 2: 1, 9: 8, 14: 13, 16: 15}.get(size, size)
    if quality.startswith("maj"):
        return _MAJOR.get(name, size)
    if quality == "augmented":
        return _MAJOR.get(name, size) + 1
    if quality == "diminished":
        return size - (2 if name in _IMPERFECT and name not in _MAJOR else 1)
    return size


def _chinese_size(match: re.Match[str]) -> int:
    if match["half"]:
        return 1
    if match["step"]:
        return int(number(match["count"]) * {"半音": 1, "全音": 2, "八度": 12}[match["step"]])
    size = _CHINESE_SIZES[match["size"]]
    return size + {"小": -1 if size != 10 else 0, "增": 1, "减": -1, "大": 1 if size == 10 else 0}.get(
        match["quality"] or "", 0
    )


def _put(r: Reading, match: re.Match[str], semitones: float) -> None:
    said = match.re is _FORMS[1] and _AMOUNT_ALONE.search(r.text, match.end("way"), match.end())
    if said:  # "raise the last note of the lead by a semitone": what is moved is read elsewhere
        r.take(match.start("way"), match.end("way"), "semitones")
        r.take(said.start(), said.end(), "semitones")
        r.slots["semitones"] = semitones
        r.changes["key"] = {"semitones": semitones}
        return
    between = _THING_MOVED.search(r.text, match.start(), match.end())
    if between is None:
        r.take(match.start(), match.end(), "semitones")
    else:  # "raise the flute by an octave": what is moved is read elsewhere
        r.take(match.start(), between.start(), "semitones")
        r.take(between.end(), match.end(), "semitones")
    r.slots["semitones"] = semitones
    r.changes["key"] = {"semitones": semitones}
