"""Loudness of the whole: a level such as pianissimo, or louder and quieter than what is there."""

from __future__ import annotations

from agent.planner.grammar.numbers import NUMBER, number
from agent.planner.grammar.reading import Reading, pattern
from agent.planner.grammar.slots.levels import LEVELS

_STATIC = pattern(
    r"(?<!too )\b(?P<level>pianissimo|fortissimo|mezzo[\s-]forte|mezzo[\s-]piano|ppp|fff|(?:very\s+|really\s+"
    r"|nice\s+and\s+)?(?:soft|softly|loud|loudly)|very\s+quiet)\b|(?<![\w#])(?P<level2>pp|ff|mp|mf)(?!\w)"
)
_NOT_LOUD = pattern(
    r"\b(?:not|nothing|never|isn't|don't\s+be)\s+(?:too|so|very|overly|that)\s+(?P<level>loud|quiet|soft)\b|"
    r"(?:不要|别)太(?P<zh>响|大声|吵|轻|小声)"
)
_LOUDER = pattern(
    rf"(?P<how>much|a\s+lot|way|a\s+bit|a\s+little|slightly|a\s+touch|a\s+tad)?\s*\b(?P<way>louder|quieter"
    rf"|softer|turn\s+(?:it\s+)?(?:up|down)|boost\s+the\s+volume|lower\s+the\s+volume|raise\s+the\s+volume)\b"
    rf"(?:\s+by\s+(?P<n>{NUMBER})\s*(?:db|lu|lufs)\b)?"
    rf"|\b(?:(?:boost|turn|bring|push|pull|cut|raise|lower|take)\w*\s+(?:it|them|this|that|everything)\s+)?"
    rf"(?P<way3>up|down|back)\s+(?:by\s+)?(?P<n3>{NUMBER})\s*db\b"
    rf"|\b(?P<way4>drop|lower|reduce|cut|decrease|raise|boost|bump|increase|lift)\w*\s+(?:it|them|this|that|the\s+\w+)\s+"
    rf"(?:by\s+)?(?P<n4>{NUMBER})\s*db\b"
    rf"|\b(?:is|are|gets?|sounds?)\s+(?:(?:much|way|a\s+bit|far|a\s+little)\s+)?(?P<way5>too\s+(?:loud|quiet|soft))\b"
    rf"|(?P<n2>{NUMBER})\s*(?:db|lu)\s+(?P<way2>louder|quieter|softer)|(?:声音|音量)?(?:再|更|稍微)?"
    rf"(?P<zh>大声|小声|响|轻)(?:一?点儿?|一些)|(?:声音|音量)(?P<zh2>大|小|调高|调低)(?:一?点儿?|一些)?"
)
_DOWN = pattern(r"quieter|softer|too\s+loud|down|back|lower|drop|reduce|cut|decrease|小|轻|低")
_HOW = {"much": 2.0, "a lot": 2.0, "way": 2.0}


def read_static(r: Reading) -> None:
    """Read the slot ``level``."""
    for match in r.find(_NOT_LOUD):
        said = (match["level"] or match["zh"]).lower()
        r.slots["level"] = 0.4 if said in ("loud", "响", "大声", "吵") else 0.6
        r.take(match.start(), match.end(), "level")
    for match in r.find(_STATIC):
        said = " ".join((match["level"] or match["level2"]).lower().split())
        r.slots["level"] = LEVELS.get(said, LEVELS[said.split()[-1]])
        r.take(match.start(), match.end(), "level")


def read_louder(r: Reading) -> None:
    """Read ``changes["loudness_lufs"]`` and the slot ``gain_db``."""
    for match in r.find(_LOUDER):
        ways = ("way", "way5", "way2", "way3", "way4", "zh", "zh2")
        way = next(match[w] for w in ways if match[w]).lower()
        amount = match["n"] or match["n2"] or match["n3"] or match["n4"]
        how = " ".join((match["how"] or "").lower().split())
        step = number(amount) if amount else 3.0 * (_HOW.get(how, 0.5) if how else 1.0)
        is_down = _DOWN.search(way) is not None
        r.take(match.start(), match.end(), "loudness_lufs")
        r.slots["gain_db"] = -step if is_down else step
        r.changes["loudness_lufs"] = {"add": r.slots["gain_db"]}
