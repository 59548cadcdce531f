"""Tempi that move over a piece: from one number to another, or faster and slower without one."""

from __future__ import annotations

import re
from collections.abc import Iterator

from agent.planner.grammar.numbers import number
from agent.planner.grammar.reading import Reading, pattern
from agent.planner.grammar.slots.marks import EXACT
from agent.planner.grammar.slots.paces import ARRIVES, BPM, NEAR, OTHER_UNIT, TEMPO, arrives

_STARTS = pattern(rf"\b(?:start|begin|open)\w*\s+(?:out\s+|off\s+)?(?:at|from|on|around|with)\s+{TEMPO}{OTHER_UNIT}")
_SPEEDS = (
    r"(?:speed(?:s|ing)?\s+up|slow(?:s|ing)?\s+down|accelerat(?:es?|ing)|decelerat(?:es?|ing)|quicken(?:s|ing)?"
    r"|(?:get(?:s|ting)?|becom(?:es|ing)|grow(?:s|ing)?)\s+(?:\w+\s+)?(?:faster|slower|quicker)"
    r"(?:\s+and\s+(?:faster|slower))?|pick(?:s|ing)?\s+up\s+(?:speed|the\s+pace|pace)|relax(?:es|ing)?|eas(?:es|ing)\s+off"
    r"|climb(?:s|ing)?|ramp(?:s|ing)?(?:\s+up|\s+down)?|ris(?:es|ing)|drop(?:s|ping)|fall(?:s|ing)|builds?(?:\s+up)?"
    r"|increas(?:es|ing)|goes|going|moves|moving|slow(?:s|ing)|jump(?:s|ing)?|push(?:es|ing))"
)
_LITTLE_BY_LITTLE = (
    r"(?:\s*\b(?:gradually|slowly|steadily|little\s+by\s+little|bit\s+by\s+bit"
    r"|smoothly|progressively))?"
)
_BY_WHEN = (
    r"(?:\s+(?:(?:by|at|towards?|near|until|till)\s+the\s+(?:very\s+)?(?:end|finish|close|chorus|middle)"
    r"|(?:in|over|for|during)\s+the\s+(?:last|final|second|middle|first)\s+(?:\w+\s+)?\w+|halfway(?:\s+through)?"
    r"|throughout|as\s+it\s+goes(?:\s+on|\s+along)?))"
)
_RAMP = pattern(
    rf"(?:\b(?:and|then|that|which)\s+)?{_LITTLE_BY_LITTLE}\s*\b{_SPEEDS}{_LITTLE_BY_LITTLE}\s+(?:up\s+|down\s+)?"
    rf"(?:to|until|till|towards|into)\s+{NEAR}?\s*{TEMPO}(?:\s*{BPM})?{OTHER_UNIT}{_BY_WHEN}?"
    rf"|(?:逐渐|慢慢|渐渐)?(?:加速|加快|减速|减慢|放慢|升|降|变快|变慢)到\s*(?P<zh>\d{{2,3}})(?:\s*{BPM})?"
)
_RAMP_FROM = pattern(
    rf"(?:\b(?:and|then|that|which)\s+)?{_LITTLE_BY_LITTLE}\s*\b{_SPEEDS}{_LITTLE_BY_LITTLE}\s+from\s+(?P<low>\d{{2,3}})"
    rf"(?:\s*{BPM})?\s*(?:down\s+|up\s+)?to\s+(?P<high>\d{{2,3}})(?:\s*{BPM})?{OTHER_UNIT}{_BY_WHEN}?"
)
_ARROW = pattern(rf"(?<![\d.])(?P<low>\d{{2,3}})\s*(?:-+>|=+>|→)\s*(?P<high>\d{{2,3}})\s*{BPM}")
_DRIFT = pattern(
    rf"(?:\b(?:and|then|that|which|it)\s+)*(?:{_LITTLE_BY_LITTLE}\s*\b(?:speeds|slows|speeding|slowing|accelerat(?:es|ing)"
    rf"|decelerat(?:es|ing)|gets|getting|quickens?|picks|picking)\b(?:\s+(?:up|down|faster|slower|quicker|speed|pace"
    rf"|and\s+faster|and\s+slower))*{_LITTLE_BY_LITTLE}{_BY_WHEN}"
    rf"|\b(?:speed|slow)(?:s|ing)?\s+(?:up|down){_BY_WHEN}"
    r"|\b(?:speed|slow)(?:s|ing)?\s+(?:up|down)\s+(?:gradually|slowly|steadily)"
    r"|\b(?:gradually|slowly|steadily)\s+(?:speed|slow)(?:s|ing)?\s+(?:up|down)"
    rf"|\b(?:gets?|getting|growing)\s+(?:faster\s+and\s+faster|slower\s+and\s+slower|gradually\s+(?:faster|slower))"
    rf"|\b(?:with\s+an?\s+)?(?:slight\s+|gentle\s+|long\s+|final\s+|big\s+)?(?:accelerando|ritardando|rallentando|rit\.)"
    rf"{_BY_WHEN}?)"
    r"|越来越[快慢]|(?:逐渐|渐渐|慢慢)(?:变|加|放|减)?[快慢速]|(?:结尾|最后|后面|末尾)(?:处|时)?(?:逐渐|渐渐|慢慢)?(?:变|加|放|减)[快慢速]"
    r"|渐[快慢]"
)


def read_moving(r: Reading) -> bool:
    """Read ``tempo_bpm`` where it moves from one number to another, and the slot ``factor`` where it only drifts.

    Returns
    -------
    bool
        Whether that says all there is to say of the tempo.
    """
    for match in (*r.find(_RAMP_FROM), *r.find(_ARROW)):
        low, high = sorted((float(match["low"]), float(match["high"])))
        words = r.request[match.start() : match.end()].strip()
        r.leave(match.start(), match.end())
        r.want("tempo_bpm", {"min": low, "max": high}, words)
        return True
    ramps = [(float(m["n"] or m["zh"]), m) for m in r.find(_RAMP)]
    starts = next(iter(_numbers_before(r, ramps[0][1].start())), None) if ramps else None
    if starts is not None:
        _ramp(r, starts, *ramps[0])
        return True
    for match in r.find(_DRIFT):
        end = next((m for m in r.find(ARRIVES) if m.start() >= match.end()), None)
        if end is not None:  # "slow down gradually over the final two bars to 60"
            arrives(r, match, end)
            return True
        r.slots["factor"] = 0.8 if re.search(r"slow|rit|rall|decel|慢|减", match.group(), re.IGNORECASE) else 1.25
        r.leave(match.start(), match.end())
    return False


def _numbers_before(r: Reading, end: int) -> Iterator[re.Match[str]]:
    """Tempi named before a place, the last first."""
    found = [m for e in (*EXACT, _STARTS) for m in r.find(e) if m.end() <= end]
    yield from sorted(found, key=lambda m: -m.end())


def _ramp(r: Reading, starts: re.Match[str], goal: float, match: re.Match[str]) -> None:
    """A tempo that moves from one number to another: the range that holds both, and how it moves left as said."""
    first = number(starts["n"])
    words = r.take(starts.start(), starts.end(), "tempo_bpm")
    r.leave(match.start(), match.end())
    moved = r.request[match.start() : match.end()].strip()
    r.want("tempo_bpm", {"min": min(first, goal), "max": max(first, goal)}, f"{words} ... {moved}")
