"""The last look at what was read: what cannot all be had, strengths, and words that belong to what was taken."""

from __future__ import annotations

from agent.planner.grammar.reading import Reading, pattern
from tools.kit.theory import instruments as theory
from tools.kit.theory.meter import Meter

RESULT = "result"  # the name of a span that points at an earlier result of a session
_STRENGTH = [
    (
        pattern(
            r"\bnot\s+(?:all\s+the\s+way|fully|completely|(?:a\s+)?100\s*(?:%|percent)),?\s*(?:but\s+)?(?:just\s+|only\s+)?"
            r"(?:maybe|say|like|about|around|more\s+like|rather|perhaps)?\s*(?P<n>\d{1,2})(?!\d)\s*(?:%|percent)?(?P<n2>(?!))?"
        ),
        None,
    ),
    (
        pattern(
            r"(?:(?:at|with|to)\s+)?(?P<n>\d{1,3})\s*(?:%|percent)(?:\s+(?:strength|amount|intensity|wet|humani[sz]\w+"
            r"|quanti[sz]\w+))?|强度\s*(?P<n2>\d{1,3})\s*%?"
        ),
        None,
    ),
    (
        pattern(
            r"\b(?:slightly|a\s+(?:tiny\s+|little\s+)?(?:bit|touch|tad)|a\s+little|somewhat|subtly|gently)\b|稍微|略微"
            r"|轻微|一点点|有点"
        ),
        0.3,
    ),
    (
        pattern(
            r"\b(?:but\s+)?(?:only|just)\s+half[\s-]?way\b(?!\s+through)|\bhalf[\s-]?way\s+(?:is|will\s+be)\s+"
            r"(?:enough|fine|plenty)\b|\bhalf[\s-]?way\s+to\s+the\s+grid\b|(?:只要?)?一半的?(?:强度|力度)"
        ),
        0.5,
    ),
    (pattern(r"\b(?:moderately|fairly)\b|适度"), 0.5),
    (
        pattern(
            r"\b(?:strongly|heavily|a\s+lot|very\s+much|hard|drastically|completely|fully|strictly)\b|大幅|强烈地|完全"
            r"|非常"
        ),
        0.9,
    ),
]


_QUESTION = pattern(r"^\s*(?:is|are|does|do|did|was|what|what's|which|how)\b[^?]*\?\s*$")


_RESULT = pattern(
    r"#\s?\d{1,3}\b|\b(?:number|version|take|option)\s+#?\d{1,3}\b(?!\s*(?:bars?|bpm))"
    r"|\bthe\s+(?:first|second|third|fourth|fifth|last|latest|original)\s+(?:one|version|take|result|attempt|draft|idea|option|try)\b"
    r"|第[\d一二三四五六七八九十]{1,3}(?:版本?|稿)"
)


def read(r: Reading) -> None:
    """Read the slot ``strength`` and which result is pointed at; find contradictions between what the rooms read."""
    for expression, strength in _STRENGTH:
        for match in r.find(expression):
            if strength is not None:
                r.slots.setdefault("strength", strength)
            elif "strength" not in r.slots and 0 < (share := float(match["n"] or match["n2"]) / 100) <= 1:
                r.slots["strength"] = share
            else:
                continue
            r.take(match.start(), match.end(), "strength")
    for match in r.find(_RESULT):
        r.take(match.start(), match.end(), RESULT)
    _wanted_and_refused(r)
    if _QUESTION.match(r.whole):
        r.conflicts.clear()
    _length_against_tempo(r)


def _wanted_and_refused(r: Reading) -> None:
    if r.changes.get("instruments", {}).get("remove") and r.changes["instruments"].get("add"):
        r.fields["exclude"] = [n for n in r.fields.get("exclude", []) if not _wants(r, n)]
        r.constraints = [c for c in r.constraints if c.name != "exclude" or r.fields["exclude"]]
        return
    _thin_out(r)
    for refused in r.fields.get("exclude", []):
        for wanted in r.fields.get("instruments", []):
            if theory.is_a(wanted, refused):
                r.conflicts.append(f"You ask for {wanted} and for no {refused}; which one?")
                return


def _thin_out(r: Reading) -> None:
    """An ensemble without some of its members: "orchestra without woodwinds" is the rest of the orchestra."""
    wanted = r.fields.get("instruments", [])
    rest = [w for w in wanted if not any(theory.is_a(w, refused) for refused in r.fields.get("exclude", []))]
    if len(wanted) > 4 and len(wanted) / 2 <= len(rest) < len(wanted):
        r.want("instruments", rest, r.said("instruments"))
        r.slots["instrument"] = rest[0]


def _wants(r: Reading, refused: str) -> bool:
    return any(theory.is_a(wanted, refused) for wanted in r.fields.get("instruments", []))


def _length_against_tempo(r: Reading) -> None:
    """Seconds, bars and tempo fix one another; more than 15 % apart is a question."""
    duration, bars, tempo = (r.fields.get(n) for n in ("duration_s", "bars", "tempo_bpm"))
    if duration is None or bars is None or not isinstance(tempo, (int, float)):
        return
    meter = Meter.parse(r.fields.get("meter") or "4/4")
    seconds = bars * meter.bar_quarters / meter.beat_quarters * 60 / tempo
    if abs(seconds - duration) > 0.15 * max(seconds, duration):
        r.conflicts.append(
            f"{bars} bars at {tempo:g} BPM last {seconds:.0f} s, but you ask for {duration:g} s; which should give way?"
        )
