"""Swing: how far the off-beat eighths are laid back, from straight (0.5) to two thirds of the beat and beyond."""

from __future__ import annotations

from agent.planner.grammar.reading import Reading, pattern

_HOW = r"(?P<how>a\s+(?:little|bit|touch|tad)(?:\s+bit)?|slightly|lightly|gently|hard|heavily|strongly)"
_SHARE = r"[5-7]\d\s*(?:%|percent)"
_EIGHTHS = r"(?:eighths?|8ths?|quavers?|sixteenths?|16ths?|semiquavers?|notes|drums|beat|groove|rhythm)"
_SWING = pattern(
    rf"(?:(?:{_HOW}\s+)?\bswing\s+(?:it|this|that|everything|(?:the|my|these)\s+(?:\w+\s+)?{_EIGHTHS})\b"
    rf"(?:\s+{_HOW.replace('how', 'after')})?(?:,?\s*(?:(?:like|say|about|around|at|to|maybe)\s+)*(?P<n3>{_SHARE}))?"
    rf"|\bswing\s*(?:(?:of|=|at|to|about|around)\s*)*(?P<n>{_SHARE})|(?P<n2>{_SHARE})\s*swing\b"
    r"|\bwith\s+(?:(?:some|a\s+bit\s+of|a\s+touch\s+of|a\s+little|(?P<light>light|slight)|a)\s+)*swing\b"
    r"(?=[^a-z]*$|\s*[,.;])"
    r"|\b(?:make|let)\s+(?:it|this|that|the\s+\w+)\s+swing\b"
    r"|\b(?:give|add|put)\s+(?:(?:it|this|that|in)\s+)?(?:(?P<bit>a\s+(?:bit|touch|little)(?:\s+bit)?)\s+of|some|more)\s+swing\b"
    r"(?:\s+feel)?)"
)
_TIMED = pattern(r"\bquanti[sz]|\btiming\b|\bgrid\b|\btighten")  # else swing is a style
_TRIPLET, _LIGHT, _HARD = 0.667, 0.58, 0.72  # places in the beat


def read(r: Reading) -> None:
    """Read the slot ``swing``."""
    for match in r.find(_SWING):
        if match.group().lower().startswith("with") and not _TIMED.search(r.whole):
            continue
        share = match["n"] or match["n2"] or match["n3"]
        how = (match["how"] or match["after"] or match["bit"] or match["light"] or "").lower()
        strong = how in ("hard", "heavily", "strongly")
        r.slots["swing"] = float(share[:2]) / 100 if share else _HARD if strong else _LIGHT if how else _TRIPLET
        r.take(match.start(), match.end(), "swing")
