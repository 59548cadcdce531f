"""Which tools a request asks for: every tool's phrases against the words, weighed, in the order said.

No tool is named here. A tool declares the phrases (``asks``) by which a person asks for it; where the
phrases of several tools claim the same words, the longest phrase wins, helped by whether what the
tool takes is at hand.
"""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from agent.planner.grammar.reading import normalised, pattern
from tools.contract import Tool

DELIMITER = pattern(
    r"[,;!?\n]|(?<=\s)&(?=\s)|\.(?=\s|$)|:(?!\d)|\b(?:and|then|but|plus|also)\b|然后|接着|并且|再(?!来|现)|之后|最后|同时|并(?!不)"
)
_NEGATION = pattern(
    r"(?:\b(?:do\s?n['o]t|do not|does\s?n'?t|no need to|without|never|not|nor|no|rather than|instead of|skip|avoid)"
    r"|别|不要|不用|无需|不必|不需要)\s*(?:(?:any|a|an|the|to|really|just|me)\s+){0,2}$"
)
_ACROSS = 20.0
_LIKENESS = pattern(r"-(?:like|style|ish|esque|inspired)\b")  # "a soundscape-like piece" is no soundscape
_CJK = re.compile(r"[\u3400-\u9fff]")


@dataclass(frozen=True)
class Intent:
    """A tool that the words ``[start, end)`` of the request ask for, or, negated, ask not to be used.

    ``again`` holds further words of the same clause that ask for the same.
    """

    tool: Tool
    start: int
    end: int
    negated: bool = False
    again: tuple[tuple[int, int], ...] = ()

    def words(self) -> tuple[tuple[int, int], ...]:
        """Every stretch of the request that asks for the tool."""
        return ((self.start, self.end), *self.again)


@dataclass(frozen=True)
class _Match:
    tool: Tool
    start: int
    end: int
    weight: float


Fit = Callable[[Tool, set[str]], float]


def recognise(request: str, tools: Mapping[str, Tool], made: Iterable[str], fit: Fit) -> list[Intent]:
    """The intents of a request, in the order said.

    Parameters
    ----------
    request
        The person's words.
    tools
        Every tool that may be asked for.
    made
        Kinds of the artifacts at hand before the first intent.
    fit
        How well a tool fits, given kinds that earlier intents will have made; added to the weight
        of its phrases, which is about the number of letters they match.
    """
    text = normalised(request)
    at_hand = set(made)
    chosen: list[Intent] = []
    for cluster in _clusters(_matches(text, tools)):
        for match in _winners(cluster, at_hand, fit):
            intent = Intent(match.tool, match.start, match.end, negated(text, match.start), _beside(match, cluster))
            chosen.append(intent)
            if not intent.negated:
                at_hand |= set(match.tool.gives)
    return _merged(sorted(chosen, key=lambda i: i.start), text)


def _beside(match: _Match, cluster: list[_Match]) -> tuple[tuple[int, int], ...]:
    """Words beside a phrase that ask for the same tool too: the "bring it" of "bring it down a third"."""
    same = [(m.start, m.end) for m in cluster if m.tool is match.tool and m.start < match.end and match.start < m.end]
    return tuple(dict.fromkeys(s for s in same if s[0] < match.start or match.end < s[1]))


def negated(text: str, start: int) -> bool:
    """Whether the words before ``start``, in the same clause, refuse what follows."""
    return _NEGATION.search(text[clause_start(text, start) : start]) is not None


def asks_for(tool: Tool, text: str, start: int, end: int) -> bool:
    """Whether a phrase that asks for a tool begins at ``start`` and reaches ``end``."""
    found = [p.match(text, start) for p in _phrases(tool.asks)]
    return any(m is not None and m.end() >= end for m in found)


def clause_start(text: str, position: int) -> int:
    """Where the clause that holds ``position`` begins."""
    ends = [m.end() for m in DELIMITER.finditer(text, 0, position)]
    return ends[-1] if ends else 0


def segments(request: str, intents: list[Intent]) -> list[tuple[int, int]]:
    """For each intent the part of the request that speaks of it, cut at the last delimiter before the next one."""
    if not intents:
        return []
    text = normalised(request)
    cuts = [0]
    for before, after in itertools.pairwise(intents):
        between = [m.start() for m in DELIMITER.finditer(text, before.end, max(before.end, after.start))]
        cuts.append(between[-1] if between else after.start)
    return list(zip(cuts, [*cuts[1:], len(request)], strict=True))


@functools.lru_cache(maxsize=512)
def _phrases(asks: tuple[str, ...]) -> tuple[re.Pattern[str], ...]:
    return tuple(pattern(ask) for ask in asks)


def _matches(text: str, tools: Mapping[str, Tool]) -> list[_Match]:
    found = []
    for tool in tools.values():
        for phrase in _phrases(tool.asks):
            for match in phrase.finditer(text):
                start, end = _trimmed(text, match.start(), match.end())
                if end > start and not _LIKENESS.match(text, end):
                    found.append(_Match(tool, start, end, _weight(text[start:end])))
    return sorted(found, key=lambda m: (m.start, m.end))


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    part = text[start:end]
    return start + len(part) - len(part.lstrip()), end - len(part) + len(part.rstrip())


def _weight(words: str) -> float:
    """Letters of a phrase; what lies beyond the end of a clause counts only when it is much."""
    ends = [m.start() for m in DELIMITER.finditer(words) if m.start() > 0]
    whole = _letters(words) - _ACROSS * len(ends)
    return max(whole, _letters(words[: ends[0]])) if ends else whole


def _letters(words: str) -> float:
    """Letters and digits; a Chinese character says as much as three."""
    return sum(3.0 if _CJK.match(c) else 1.0 for c in words if not c.isspace())


def _clusters(matches: list[_Match]) -> Iterator[list[_Match]]:
    """Runs of matches that overlap one another, from left to right."""
    cluster: list[_Match] = []
    reach = -1
    for match in matches:
        if cluster and match.start >= reach:
            yield cluster
            cluster = []
        cluster.append(match)
        reach = max(reach, match.end)
    if cluster:
        yield cluster


def _winners(cluster: list[_Match], at_hand: set[str], fit: Fit) -> list[_Match]:
    """The heaviest matches of a cluster that do not overlap; ties go to the order of the catalogue."""
    ranked = sorted(cluster, key=lambda m: -(m.weight + fit(m.tool, at_hand)))
    kept: list[_Match] = []
    for match in ranked:
        if all(match.end <= k.start or k.end <= match.start for k in kept):
            kept.append(match)
    return kept


def _merged(intents: list[Intent], text: str) -> list[Intent]:
    """One intent where the same tool is meant twice in one clause, or twice by a tool that changes nothing."""
    merged: list[Intent] = []
    for intent in intents:
        twin = next((n for n, k in enumerate(merged) if _same(k, intent, text)), None)
        if twin is None:
            merged.append(intent)
        else:
            merged[twin] = replace(merged[twin], again=(*merged[twin].again, (intent.start, intent.end)))
    return merged


def _same(one: Intent, other: Intent, text: str) -> bool:
    if one.tool is not other.tool or one.negated != other.negated:
        return False
    return not _edits(one.tool) or clause_start(text, one.start) == clause_start(text, other.start)


def _edits(tool: Tool) -> bool:
    return bool(set(tool.takes) & set(tool.gives))
