"""Other languages and loose talk put into plain English, a phrase at a time, with the way back to the own words.

The rooms and the tools' phrases are plain English and Chinese. A request in German or Spanish, or in colloquial
English, is glossed by its table in ``lexicon/tongues``; every letter of the gloss knows the stretch of the request
that it stands for.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from agent.planner.grammar.lexicon import table
from agent.planner.grammar.spelling import misspelt

TONGUES = ("german", "spanish")
COLLOQUIAL = "colloquial"
_WORD = re.compile(r"[^\W\d_]+")
_CHINESE = re.compile(r"[\u3400-\u9fff]")
_ENGLISH = frozenset(table("tongues/english")["marks"].split())
_LEAST_MARKS = 2  # function words of a language by which a request is known to be in it


@dataclass(frozen=True)
class Gloss:
    """A request in the words that the rooms read, and where each letter comes from."""

    text: str
    request: str
    places: tuple[tuple[int, int], ...]

    def own(self, words: str) -> str:
        """The person's words behind words of the gloss; a list joined by ", " item by item."""
        at = self.text.find(words)
        if at >= 0 and words:
            return self.request[self.places[at][0] : self.places[at + len(words) - 1][1]]
        parts = words.split(", ")
        return ", ".join(map(self.own, parts)) if len(parts) > 1 else words


def glossed(request: str, history: Iterable[str] = ()) -> Gloss | None:
    """The gloss of a request; None for one that is in plain English or Chinese already.

    ``history`` holds the requests before it: a few words more are taken to be in the language of those.
    """
    tongue = _tongue(request) or _goes_on(request, history)
    found = [
        (m.start(), m.end(), _meaning(tongue or COLLOQUIAL, m))
        for m in _phrases(tongue or COLLOQUIAL).finditer(request)
    ]
    if tongue is None:
        found += [(start, end, word) for start, end, word in misspelt(request) if not _overlaps(start, end, found)]
    if not found:
        return None
    pieces: list[tuple[str, tuple[int, int]]] = []
    at = 0
    for start, end, meaning in sorted(found):
        pieces += [(request[n], (n, n + 1)) for n in range(at, start)]
        pieces += [(letter, (start, end)) for letter in meaning]
        at = end
    pieces += [(request[n], (n, n + 1)) for n in range(at, len(request))]
    return Gloss("".join(letter for letter, _ in pieces), request, tuple(place for _, place in pieces))


def _overlaps(start: int, end: int, found: Iterable[tuple[int, int, str]]) -> bool:
    return any(start < other_end and other < end for other, other_end, _ in found)


def _goes_on(request: str, history: Iterable[str]) -> str | None:
    """The language of the requests before, when this one has a word of it."""
    before = next(filter(None, map(_tongue, reversed(list(history)))), None)
    return before if before and any(m for m in _phrases(before).finditer(request)) else None


def _tongue(request: str) -> str | None:
    """The language whose function words are most in a request, when they are more than the English ones."""
    words = [w.lower() for w in _WORD.findall(request)]
    counts = {tongue: sum(w in _marks(tongue) for w in words) for tongue in TONGUES}
    best = max(TONGUES, key=lambda tongue: counts[tongue])
    is_known = counts[best] >= min(_LEAST_MARKS, max(1, len(words) // 2))
    return best if is_known and counts[best] > sum(w in _ENGLISH for w in words) else None


@functools.cache
def _data(tongue: str) -> Mapping[str, Mapping[str, str]]:
    return table(f"tongues/{tongue}")


@functools.cache
def _marks(tongue: str) -> frozenset[str]:
    return frozenset(str(_data(tongue)["marks"]).split())


@functools.cache
def _phrases(tongue: str) -> re.Pattern[str]:
    """Keys by their names first, then the longest phrase."""
    data = _data(tongue)
    words = sorted(data["words"], key=len, reverse=True)
    parts = [_source(w) for w in words]
    keys = ""
    if "notes" in data:
        notes, signs, modes = (rf"(?:{'|'.join(data[name])})" for name in ("notes", "accidentals", "modes"))
        keys = rf"(?<!\w)(?P<note>{notes})(?:\s+(?P<sign>{signs}))?\s+(?P<mode>{modes})(?!\w)|"
    return re.compile(rf"{keys}(?P<words>{'|'.join(parts)})", re.IGNORECASE)


def _source(phrase: str) -> str:
    """The expression of a phrase: whole words with any space between them, Chinese anywhere."""
    plain = re.escape(phrase).replace(r"\ ", r"\s+").replace(r"\*", r"\w*")
    return plain if _CHINESE.search(phrase) else rf"(?<!\w){plain}(?!\w)"


@functools.cache
def _entries(tongue: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    """Entries with an open ending, for what no entry names word for word; the longest first."""
    words = _data(tongue)["words"]
    open_ended = sorted((w for w in words if "*" in w), key=len, reverse=True)
    return tuple((re.compile(_source(w), re.IGNORECASE), words[w]) for w in open_ended)


def _meaning(tongue: str, match: re.Match[str]) -> str:
    data = _data(tongue)
    if match["words"] is None:
        sign = data["accidentals"][match["sign"].lower()] if match["sign"] else ""
        return f"{data['notes'][match['note'].lower()]}{sign} {data['modes'][match['mode'].lower()]}"
    said = " ".join(match["words"].lower().split())
    if said in data["words"]:
        return data["words"][said]
    return next(meaning for entry, meaning in _entries(tongue) if entry.fullmatch(said))
