"""Mood words and their place in the plane of valence and arousal; moods that cannot be had together are a question.

The places come from Russell (1980) and the Glasgow Norms (Scott et al. 2019); see ``lexicon/moods.toml``.
"""

from __future__ import annotations

import functools
import itertools
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass

from agent.planner.grammar.lexicon import Lexicon, aliases, table
from agent.planner.grammar.numbers import DIGITS
from agent.planner.grammar.reading import Reading, pattern
from agent.planner.grammar.slots.negation import is_refused

_ROWS = table("moods")["moods"]
_PHRASES = aliases(_ROWS)
_THEN = re.compile(
    r"\bthen\b|\bbut\b|\binto\b|\byet\b|\bbecom\w+|\bturn\w*\b|\bbefore\b|\bafter\b|\blater\b|\bfrom\b|\bfirst\b"
    r"|\bwhile\b|->|→|\bto\b|\bends?\b|"
    r"\bmiddle\b|\bchorus\b|\bverse\b|然后|后来|接着|再|到|转|变|但|却|先|而后|逐渐|结尾|最后"
    r"|开头",
    re.IGNORECASE,
)
_CHANGES = re.compile(
    (
        r"\bthen\b|\binto\b|\bbecom\w+|\bget(?:s|ting)\b|\bgrow\w*|\brises?\b|\bturn(?:s|ing)?\s+(?:to|into)?|\bends?(?:ing)?\b|->|→|\bto\b|然后|后来|接着|再"
        r"|转|变|到|后"
    ),
    re.IGNORECASE,
)
_PLACES = re.compile(
    (
        r"\b(?:at\s+(?:first|the\s+(?!same\b)\w+)|in\s+the\s+(?:beginning|middle|end|chorus|verse|bridge)|intro|opening|ending"
        r"|starts?|begins?)\b|开头|开始|中段|中间|结尾|最后|前奏|副歌"
    ),
    re.IGNORECASE,
)
_EXPLICIT = pattern(
    rf"\b(?P<what>valence|arousal|energy)\s*(?:of|=|:|is|at)?\s*(?P<n>-?\s?{DIGITS})(?!\s*(?:bpm|%|s\b))"
)
_SAYS_MORE = frozenset(table("context")["moods"])
_CONTRARY = re.compile(
    (
        r"^\s+(?:to\s+(?:use|hear|see|share|download|edit|say|know|report)|of\s+charge|enough|if\b|that\b|with\s+(?:it"
        r"|this|the\s+result)|about\s+(?:it|this)|me\b|you\b|it\b|you're\b|drive|cut|stop|sample|license|this|down|that)"
    ),
    re.IGNORECASE,
)
_BY = re.compile(r"\s+by\b", re.IGNORECASE)
_ADJECTIVES = frozenset(table("context")["adjectives"])
_BY_ITSELF = pattern(
    r"\s*(?:$|[,.;!?)]|(?:and|but|yet|in|with|for|at|to|on|or|under|please|throughout|enough)\b|[\s-]*(?:\w+\s+){0,2}?(?:music|musical|sound|sounds"
    r"|sounding|feel|mood|vibes?|pieces?|tracks?|songs?|tunes?|melod(?:y|ies)|beats?|background|bed|theme|score|style|atmosphere"
    r"|tone|groove|intro|loop|cue|underscore|one|something|jazz|rock|pop|funk|folk|ballad|waltz|techno|house|metal)\b"
    r"|的|一|[,.、]|风|感|音)"
)
_OTHER_PARTY = re.compile(r"\b(?:dinner|garden|tea|cocktail|office|launch|third)\s+$", re.IGNORECASE)
_TOO = re.compile(r"\b(?:too|less)\s+$|太$", re.IGNORECASE)


@dataclass(frozen=True)
class _Mood:
    start: int
    end: int
    name: str
    row: str


@functools.cache
def place(row: str) -> tuple[float, float]:
    """Valence and arousal of a row of the mood lexicon, each in [-1, 1]."""
    data = _ROWS[row]
    if "near" in data:
        return place(data["near"])
    if "angle" in data:
        angle = math.radians(data["angle"])
        return math.cos(angle), math.sin(angle)
    return _cut((data["v"] - 5) / 4), _cut((data["a"] - 4.5) / 3.5)


def _cut(value: float) -> float:
    return max(-1.0, min(1.0, value))


def words() -> Iterable[str]:
    """Every word of a mood."""
    return _lexicon().names


@functools.cache
def _lexicon() -> Lexicon:
    """The mood words with their comparatives: happier, sadder, more energetic."""
    return Lexicon({more: _PHRASES[word] for more, word in _compared().items()} | _PHRASES)


@functools.cache
def _compared() -> dict[str, str]:
    """Comparatives to the mood words they come from: scarier, more energetic."""
    found: dict[str, str] = {}
    for phrase in _PHRASES:
        if phrase.isascii() and phrase.isalpha() and len(phrase) > 2:
            for comparative in (*_comparatives(phrase), f"more {phrase}"):
                found.setdefault(comparative, phrase)
    return found


def _comparatives(word: str) -> list[str]:
    if word.endswith("y"):
        return [word[:-1] + "ier"]
    if word.endswith("e"):
        return [word + "r"]
    doubled = [word + word[-1] + "er"] if len(word) <= 4 and word[-1] not in "aeiouwxy" and word[-2] in "aeiou" else []
    return [word + "er", *doubled]


def read(r: Reading) -> None:
    """Read ``mood``, ``valence`` and ``arousal``; a mood that turns into another becomes dynamics too."""
    moods = _moods(r)
    if moods:
        names = list(dict.fromkeys(m.name for m in moods))
        words = ", ".join(r.take(m.start, m.end, "mood") for m in moods)
        places = [place(m.row) for m in moods]
        r.want("mood", ", ".join(names), words)
        r.fields["valence"] = round(sum(v for v, _ in places) / len(places), 3)
        r.fields["arousal"] = round(sum(a for _, a in places) / len(places), 3)
        _judge(r, moods)
    for match in r.find(_EXPLICIT):
        value = float(match["n"].replace(" ", ""))
        name = "valence" if match["what"].lower() == "valence" else "arousal"
        if -1 <= value <= 1:
            r.want(name, value, r.take(match.start(), match.end(), name))


def _moods(r: Reading) -> list[_Mood]:
    found: list[_Mood] = []
    for hit in list(_lexicon().find(r.text)):
        after = r.whole[hit.end :]
        if hit.said in _SAYS_MORE and _CONTRARY.match(after):
            continue
        if not r.whole[: hit.start].strip() and re.match(r"\s*!|,\s*(?:now|but|thanks|can)\b", after):
            continue  # "nice! now ..."
        if hit.said == "inspired" and _BY.match(after):
            continue
        if hit.said in _ADJECTIVES and (hit.end - hit.start > len(hit.said) or not _is_musical(after)):
            continue
        if hit.said == "party" and _OTHER_PARTY.search(r.whole[: hit.start]):
            continue
        if hit.said == "love" and r.text[hit.start : hit.end].lower() != "love":
            continue  # "she loves waltzes"
        if hit.said in ("love", "hope", "wonder", "hurt", "alone") and re.search(
            r"\b(?:i|i'd|we|we'd|would|you|they)\s+(?:really\s+)?$", r.whole[: hit.start], re.IGNORECASE
        ):
            continue
        if (
            is_refused(r.whole, hit.start)
            or _TOO.search(r.whole[: hit.start])
            or (
                found
                and found[-1].row == ""
                and re.fullmatch(r"\s*(?:or|nor|/|,|或)\s*(?:too\s+)?", r.whole[found[-1].end : hit.start])
            )
        ):
            r.slots.setdefault("not_moods", []).append(hit.name)
            r.take(hit.start, hit.end, "not_moods")
            found.append(_Mood(hit.start, hit.end, hit.said, ""))
            continue
        said = _compared().get(hit.said, hit.said)
        name = said if said in _PHRASES and said.isascii() else hit.name
        found.append(_Mood(hit.start, hit.end, name, hit.name))
    return [m for m in found if m.row]


def _is_musical(after: str) -> bool:
    """Whether an adjective of every trade speaks of music: it ends its clause or stands before music or a mood."""
    following = next(_lexicon().find(after[:30]), None)
    return _BY_ITSELF.match(after) is not None or (following is not None and not after[: following.start].strip())


def _judge(r: Reading, moods: list[_Mood]) -> None:
    """Moods far apart: one after the other is a curve, both at once is a question."""
    for first, second in itertools.pairwise(moods):
        between = r.whole[first.end : second.start]
        if not _opposed(place(first.row), place(second.row)):
            continue
        if _CHANGES.search(between):
            _curve(r, moods)
            return
        if not _THEN.search(between) and not _PLACES.search(r.whole):
            r.conflicts.append(
                f"You ask for {first.name} and for {second.name} at once; which one, or one after the other?"
            )
            return


def _opposed(one: tuple[float, float], other: tuple[float, float]) -> bool:
    """Whether two places are so far apart that no music is in both."""
    distance = math.dist(one, other)
    product = math.hypot(*one) * math.hypot(*other)
    cosine = (one[0] * other[0] + one[1] * other[1]) / product if product else 0.0
    calm_against_wild = abs(one[1] - other[1]) > 1.3 and min(abs(one[1]), abs(other[1])) > 0.45
    return (cosine < -0.7 and distance > 1.2) or calm_against_wild


def _curve(r: Reading, moods: list[_Mood]) -> None:
    if "dynamics" in r.fields:
        return
    points = [
        {"at": round(i / (len(moods) - 1), 3), "level": round(0.5 + 0.4 * place(m.row)[1], 3)}
        for i, m in enumerate(moods)
    ]
    r.want("dynamics", points, r.said("mood"))
