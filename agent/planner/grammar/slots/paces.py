"""How tempi are written, and tempi relative to what is there: slower, by ten percent, double time, 快一点."""

from __future__ import annotations

import re

from agent.planner.grammar.numbers import NUMBER, number
from agent.planner.grammar.reading import Reading, pattern

BPM = r"(?:bpm|b\.p\.m\.?|beats?\s*(?:per|a|/)\s*min(?:ute)?\.?|拍(?:每分钟?|/分钟?)?)"
TEMPO = r"(?P<n>\d{2,3}(?:\.\d+)?)"
NEAR = r"(?:around|about|roughly|approximately|approx\.?|circa|ca\.?|near|~|大约|大概|约|左右)"
OTHER_UNIT = (
    r"(?![\d.:%/]|\s*(?:s|secs?|seconds?|min|mins|minutes?|bars?|measures?|%|percent|db|hz|khz|kbps|k|lufs|times|秒"
    r"|分|小节|年)(?![a-z]))"
)
_RELATIVE = pattern(
    r"(?P<how>much|a\s+lot|way|far|a\s+bit|a\s+little(?:\s+bit)?|slightly|somewhat|a\s+touch|a\s+tad"
    r"|twice\s+as|double|half\s+as)?\s*"
    r"(?P<way>\bslower\b|\bfaster\b|\bquicker\b|\bslow(?:s|ing)?\s+(?:it\s+|this\s+|that\s+|things\s+"
    r"|everything\s+|the\s+\w+\s+)?down\b|\bspeed(?:s|ing)?\s+(?:it\s+|this\s+|that\s+|things\s+|everything\s+"
    r"|the\s+\w+\s+)?up\b|"
    r"(?<=twice as )fast\b|(?<=half as )fast\b)(?!\s+than\b)(?:\s+by\s+half)?(?P<after>\s+(?:a\s+(?:touch|bit"
    r"|little(?:\s+bit)?|tad|lot)|slightly))?"
)
_PERCENT = pattern(
    r"(?:(?P<way1>slower|faster|slow(?:\s+it)?\s+down|speed(?:\s+it)?\s+up|tempo\s+up|tempo\s+down|加快|减慢"
    r"|放慢|快|慢)[\s,]*(?:(?:by|like|say|maybe|about|around|roughly|perhaps)\s+){0,2})?(?P<n>\d{1,3}(?:\.\d+)?)\s*(?:%|percent)\s*(?P<way2>slower|faster|quicker)?"
)
_SHARE = rf"(?P<n>{NUMBER})\s*(?:%|percent\b|per\s+cent\b)"
_AROUND = pattern(  # "speed the second half up by ten percent": what is between is read elsewhere
    r"\b(?P<verb>slow|speed)(?P<mid>\s+(?!it\b|this\b|that\b|things\b|everything\b)(?:(?!and\b|then\b|to\b)[\w']+\s+){2,4}?)"
    rf"(?P<way>up|down)\b(?:\s+by)?(?:\s+(?:about\s+|around\s+|roughly\s+)?{_SHARE})?"
)
_BY_SHARE = pattern(
    r"(?P<way>slower|faster|quicker|(?:slow|speed)\s+(?:it|this|that)?\s*(?:down|up)|加快|减慢|放慢|提速|减速)\s*"
    rf"(?:by\s+|了)?(?:{_SHARE}|百分之(?P<zh>{NUMBER}))"
)
_TO_PERCENT = pattern(
    r"\b(?:slow|speed|play|set|bring|put|take|tempo|speed)\w*\s+(?:[\w']+\s+){0,4}?(?:down\s+|up\s+)?(?:to|at)\s+"
    r"(?P<n>\d{1,3}(?:\.\d+)?)\s*(?:%|percent)(?:\s+(?:of\s+)?(?:the\s+|its\s+)?(?:original\s+)?(?:speed|tempo))?"
    r"|(?P<n2>\d{1,3})\s*(?:%|percent)\s+(?:of\s+)?(?:the\s+|its\s+)?(?:original\s+)?(?:speed|tempo)"
    r"|(?:放慢|减慢|减速|降低?|加快|提高|调)(?:速度)?[到至成为](?:原来的|原速的)?(?P<n3>\d{1,3})\s*%"
)
_BY_BPM = pattern(
    rf"(?:(?P<way1>slower|faster|up|down|knock|take|shave|lose)\s*(?:by\s*)?)?(?P<n>\d{{1,3}})\s*{BPM}\s*(?P<way2>slower|faster|quicker"
    rf"|up|down|off)"
)
ARRIVES = pattern(  # what a change of pace arrives at: "slow down over the last two bars to 60"
    r"(?:\b(?:down|up)\s+)?(?:\bto|\b(?:ending|arriving|finishing)\s+(?:at|on))\s+(?:about\s+|around\s+)?"
    rf"(?P<n>\d{{2,3}})(?![\d:.]|\s*(?:%|percent|bars?|measures?|s\b|sec|min|times|db))(?:\s*{BPM})?"
)
_MOVED = pattern(
    rf"(?P<verb>drop|lower|reduce|decrease|cut|slow|raise|increase|bump|push|bring|speed|降低|减少|提高|增加|加快"
    rf"|减慢)(?:ping|ing)?(?:\s+(?P<dir>up|down))?\s*(?:the\s+)?(?:tempo|speed|bpm|速度)(?:\s+(?P<dir2>up"
    rf"|down))?\s*(?:by\s+)?(?P<n>\d{{1,3}})\s*(?P<unit>%|percent|{BPM})?(?!\d)"
)
_BY_BPM_AFTER = pattern(rf"(?P<way1>slower|faster)\s+by\s+(?P<n>\d{{1,3}})\s*(?P<way2>{BPM})")
_TIMES = pattern(
    r"(?P<double>double[\s-]?(?:time|speed|the\s+(?:tempo|speed))|twice\s+the\s+(?:speed|tempo))|"
    r"(?P<half>half[\s-]?(?:time|speed|the\s+(?:tempo|speed))|halve\s+the\s+(?:tempo|speed))|(?P<x>\d(?:\.\d+)?)\s*x\s*(?:speed|tempo|as\s+fast)"
    r"|(?P<zh>快一倍|速度加倍)|(?P<zhhalf>慢一倍|速度减半)"
)
_CHINESE = pattern(
    r"(?:速度|节奏)?(?:再|更|稍微?|略微?|放|加|变|减)?(?P<way>慢|快|速)(?P<how>一点|一些|点儿?|些|很多|多了|得多)|"
    r"(?:再|更|放|变|稍)(?P<way2>慢|快)(?:速度|节奏)?|(?P<up>加快|加速|提速)|(?P<down>减慢|减速|放慢|降速)"
)
_STRENGTH = {
    "much": 2.0,
    "a lot": 2.0,
    "way": 2.0,
    "far": 2.0,
    "a bit": 0.5,
    "a little": 0.5,
    "a little bit": 0.5,
    "slightly": 0.4,
    "somewhat": 0.7,
    "a touch": 0.4,
    "a tad": 0.4,
}
_STEP = 0.15  # "slower" is 15 % slower, "faster" as much faster


def arrives(r: Reading, change: re.Match[str] | None, end: re.Match[str], *, slower: bool | None = None) -> None:
    """Take a change of pace that goes little by little to a number: the slots ``tempo_bpm`` and ``curve``."""
    if slower is None and change is not None:
        slower = re.search(r"slow|rit|rall|decel|慢|减", change.group(), re.IGNORECASE) is not None
    r.slots["curve"] = "ritardando" if slower else "accelerando"
    r.slots["tempo_bpm"] = float(end["n"])
    for match in (change, end):
        if match is not None:
            r.take(match.start(), match.end(), "tempo_bpm")


def read_relative(r: Reading) -> None:
    """Read ``changes["tempo_bpm"]`` and the slots ``factor`` and ``add_bpm``."""
    factor: float | None = None
    for match in (*r.find(_BY_BPM), *r.find(_BY_BPM_AFTER)):
        down = re.search(r"slower|down|off", match.group(), re.IGNORECASE) is not None
        r.take(match.start(), match.end(), "tempo_bpm")
        r.slots["add_bpm"] = -float(match["n"]) if down else float(match["n"])
        r.changes["tempo_bpm"] = {"add": r.slots["add_bpm"]}
    for match in r.find(_MOVED):
        down = (match["dir"] or match["dir2"] or "").lower() == "down" or re.match(
            r"drop|low|reduce|decrease|cut|slow|降|减", match["verb"].lower()
        ) is not None
        amount = float(match["n"]) * (-1 if down else 1)
        r.take(match.start(), match.end(), "tempo_bpm")
        if match["unit"] in ("%", "percent"):
            factor = 1 + amount / 100
        else:
            r.slots["add_bpm"] = amount
            r.changes["tempo_bpm"] = {"add": amount}
    for match in r.find(_TO_PERCENT):
        factor = float(match["n"] or match["n2"] or match["n3"]) / 100
        r.take(match.start(), match.end(), "tempo_bpm")
    for match in r.find(_AROUND):
        r.take(match.start("verb"), match.end("verb"), "tempo_bpm")
        r.take(match.start("way"), match.end(), "tempo_bpm")
        step = number(match["n"]) / 100 if match["n"] else _STEP
        factor = 1 + step if match["way"].lower() == "up" else 1 - step
    for match in r.find(_BY_SHARE):
        r.take(match.start(), match.end(), "tempo_bpm")
        step = number(match["n"] or match["zh"]) / 100
        factor = 1 - step if re.search(r"slow|减|放慢", match["way"], re.IGNORECASE) else 1 + step
    for match in r.find(_PERCENT):
        way = (match["way1"] or match["way2"] or "").lower()
        if way:
            r.take(match.start(), match.end(), "tempo_bpm")
            share = float(match["n"]) / 100
            factor = 1 - share if re.search(r"slow|down|慢", way) else 1 + share
    for match in r.find(_TIMES):
        factor = (
            2.0 if match["double"] or match["zh"] else (0.5 if match["half"] or match["zhhalf"] else float(match["x"]))
        )
        r.take(match.start(), match.end(), "tempo_bpm")
    for match in r.find(_RELATIVE):
        how, slow = (
            " ".join((match["how"] or match["after"] or "").lower().split()),
            match["way"].lower().startswith("slow"),
        )
        step = _STEP * _STRENGTH.get(how, 1.0)
        factor = {"twice as": 2.0, "double": 2.0, "half as": 0.5}.get(how, 1 - step if slow else 1 + step)
        r.take(match.start(), match.end(), "tempo_bpm")
    for match in r.find(_CHINESE):
        slow = bool(match["down"]) or (match["way"] or match["way2"]) == "慢"
        step = _STEP * (0.5 if (match["how"] or "").startswith(("点", "一点")) else 1.0)
        factor = 1 - step if slow else 1 + step
        r.take(match.start(), match.end(), "tempo_bpm")
    end = next(r.find(ARRIVES), None) if factor is not None and "from_bar" in r.slots else None
    if end is not None:
        arrives(r, None, end, slower=(factor or 1.0) < 1)
        return
    if factor is not None:
        r.changes["tempo_bpm"] = {"factor": round(factor, 4)}
        r.slots["factor"] = round(factor, 4)
