"""A request as understood in its situation: its Brief, what it asks for, and the files it may draw on."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass

from agent.planner.base import Situation
from agent.planner.grammar import job
from agent.planner.grammar.gloss import Gloss, glossed
from agent.planner.grammar.implied import with_implied
from agent.planner.grammar.intents import Intent, recognise
from agent.planner.grammar.meant import meant
from agent.planner.grammar.parse import Parse, revised
from agent.planner.grammar.questions import LEAVE, NEW, decided
from agent.planner.grammar.reading import Span, normalised, pattern
from agent.planner.grammar.supply import SEEN, Supply
from agent.planner.grammar.theme import theme_words, with_theme
from agent.planner.grammar.wanted import (
    CONTENT,
    MANNER,
    Wanted,
    begins,
    edits_a_place,
    fit,
    read,
    with_segments,
    works_on_music,
)
from agent.planner.grammar.wishes import wishes, with_length, within_name, without_growth
from tools.brief import Brief
from tools.contract import Tool

_SAME = pattern(
    r"\b(?:it|its|that|that's|those|same|again|another|instead|the (?:last|previous) (?:one|version)|this time|still|"
    r"as before|too)\b|再(?:来)?(?:一)?(?:次|遍|点)?|同样|一样|还是|它|刚才|换成|上一"
)
_AGAIN = pattern(r"\b(?:same|again|instead|as before)\b|同样|一样|还是")
_SELECTS = pattern(r"(?:only|just)\s+the\b")
_HAS_PLACES = job.MUSIC | {"video"}
_POINTS = pattern(r"\b(?:this|that|it|its|these|those|them|the (?:file|recording|score|song|piece|tune))\b|这|那|它")


@dataclass(frozen=True)
class Request:
    """A request understood."""

    text: str
    parsed: Parse
    brief: Brief
    intents: tuple[Wanted, ...]
    supply: Supply
    may_make: bool
    gloss: Gloss | None = None
    """The request in English, when it came in another language: then ``text`` is the gloss."""
    theme: tuple[Span, ...] = ()
    """The words that make what was given the theme of a new piece, or a hum the tune of an arrangement."""

    def wanted(self) -> list[Wanted]:
        """What is asked for, in order."""
        return [w for w in self.intents if not w.intent.negated]

    def refused(self) -> list[str]:
        """Tools that the person does not want used."""
        return [w.tool.name for w in self.intents if w.intent.negated]


def understood(situation: Situation, tools: Mapping[str, Tool]) -> Request:
    """Read a request in its situation."""
    said = ". ".join([situation.request, *_additions(situation)])
    gloss = glossed(said, situation.history)
    text = gloss.text if gloss else said
    supply = _supply(situation, tools)
    found = recognise(text, tools, supply.kinds(), functools.partial(fit, supply))
    found = [i for i in found if not within_name(i, read(text))]
    found = _without_selectors(text, found, supply)
    named = with_segments(text, found, read(text))
    themed = theme_words(text, supply)
    wished = read(text) if themed else wishes(text, found, named, read(text), sounds="audio" in supply.kinds())
    parsed = _settled(wished, situation)
    if not supply.kinds() & _HAS_PLACES:
        parsed = with_length(parsed)
    follows = situation.previous is not None and _follows(text, parsed, named, supply)
    may_make = any(a != LEAVE for _, a in situation.answers) or _may_make(text, parsed, supply)
    intents = meant(text, named, parsed, supply, may_make=may_make)
    intents = with_implied(text, intents, parsed, supply, follows=follows, may_make=may_make)
    intents = with_theme(text, intents, parsed, supply, themed)
    edits = [w.tool for w in intents if works_on_music(w.tool)]
    if not found and edits:
        parsed = without_growth(text, parsed, edits)
    brief = revised(situation.previous, parsed) if follows and situation.previous else parsed.brief
    makes = any(w.tool.name == job.MAKE or _needs_music_made(w, supply) for w in intents)
    if brief.fit_picture is None and makes and supply.find(("video",)):
        brief = brief.model_copy(update={"fit_picture": True})
    return Request(text, parsed, brief.model_copy(deep=True), tuple(intents), supply, may_make, gloss, tuple(themed))


def _without_selectors(text: str, found: list[Intent], supply: Supply) -> list[Intent]:
    """Without phrases that only say for which tracks an edit is: the "only the drums" of "humanise only the drums"."""
    edits = [i for i in found if not i.negated and works_on_music(i.tool) and not supply.missing(i.tool)]
    return [
        i
        for i in found
        if i in edits or not edits or not supply.missing(i.tool) or not _SELECTS.match(normalised(text), i.start, i.end)
    ]


def _needs_music_made(wanted: Wanted, supply: Supply) -> bool:
    """Whether a tool that gives a film lacks the music for it."""
    missing = {kind for kinds in supply.missing(wanted.tool) for kind in kinds}
    return "video" in wanted.tool.gives and bool(missing & job.MUSIC)


def _supply(situation: Situation, tools: Mapping[str, Tool]) -> Supply:
    fresh = tuple(a for a in situation.attachments if a.id not in situation.current)
    current = tuple(a for a in situation.attachments if a.id in situation.current)
    return Supply(tools, fresh, current)


def _additions(situation: Situation) -> list[str]:
    """Answers that say more of what is wanted (an answer to a contradiction is no addition: it decides)."""
    conflicts = set(read(situation.request).conflicts)
    return [a for question, a in situation.answers if question not in conflicts and a not in (NEW, LEAVE)]


def _settled(parsed: Parse, situation: Situation) -> Parse:
    """The parse in which answers to contradictions decide."""
    for question, answer in situation.answers:
        if question in parsed.conflicts:
            parsed = decided(parsed, question, answer)
    return parsed


def _follows(text: str, parsed: Parse, intents: list[Wanted], supply: Supply) -> bool:
    """Whether a turn goes on with what the turn before was about, rather than beginning something new.

    With new music or a new beginning only plain words say so ("the same", "again"); otherwise "it" does.
    """
    new = any(begins(w.tool) for w in intents if not w.intent.negated)
    if parsed.changes or _AGAIN.search(text):
        return True
    if any(a.kind in job.MUSIC for a in supply.fresh) or (supply.fresh and new):
        return False
    return _SAME.search(text) is not None or (not new and not supply.fresh)


def _may_make(text: str, parsed: Parse, supply: Supply) -> bool:
    """Whether new music may be made for a step that lacks some: music is described, or something is shown."""
    if any(a.kind in SEEN for a in supply.fresh):
        return True
    content = CONTENT - MANNER if edits_a_place(parsed) else CONTENT
    described = [s.start for s in parsed.spans if s.name in content and s.name not in parsed.changes]
    pointed = _POINTS.search(normalised(text))
    return bool(described) and (pointed is None or min(described) < pointed.start())
