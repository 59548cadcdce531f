"""Which of the words read are wishes about the music, and which only name a tool, a question or an amount."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from agent.planner.grammar import job
from agent.planner.grammar.fill import argument_fields
from agent.planner.grammar.intents import Intent, asks_for, segments
from agent.planner.grammar.parse import Parse, Span
from agent.planner.grammar.reading import Reading, normalised, pattern
from agent.planner.grammar.slots.bounds import bounded
from agent.planner.grammar.wanted import Wanted, read, works_on_music
from tools.brief import Brief, constraint
from tools.contract import Tool

_GROWTH_BEFORE = pattern(
    r"\b(?:another|further|extra|additional|next|more|by|for|add|append)\s*(?:the\s+|about\s+|a\s+)?$"
    r"|(?:再|多|加|续|续写|往下写|延长|接着写)(?:写|来|出|了|个)?$"
)
_GROWTH = pattern(r"\b(?:more|extra|further|additional)\b")
_GROWTH_AFTER = pattern(r"\s*(?:more|longer|extra|further|on)\b|的?(?:延续|后续)")
_COUNTED = "bars"
_TOTAL = pattern(r"\b(?:in total|altogether|to (?:a total of )?\d+ bars|until bar|up to bar)\b|总共|一共")
_NAMES_OF_THINGS = frozenset({"instruments", "exclude", "vocals", "mood", "genre", "sections", "form"})
_NAMED = frozenset({"instruments", "exclude", "genre"})
_STEMS = frozenset({"instruments", "exclude", "vocals"})  # what a recording holds already
_FORM = frozenset({"sections", "form"})
_NEW = pattern(
    r"\b(?:an?|some|more|very|really|something|in|put|add|with|want|need|lay"
    r"|make)\s+(?:[\w-]+\s+)?$|[个段首]$"
)
_ADJECTIVES = frozenset({"mood", "genre"})
_AT_HAND = pattern(r"\b(?:this|my|our|these|those)\s+(?:\w+\s+)?$|(?:这首|这段|我的)$")
_PIECE_AFTER = pattern(r"\s*(?:piece|score|song|tune|sonata|music|recording|version|曲|谱|版)")
_OURS = pattern(r"\b(?:my|our)\s+(?:\w+\s+)?$")
_PLAYERS_DO = pattern(r"\s*(?:needs?|can(?:'t|not)?|wants?|sings?|plays?|struggles?|has|have|is|are)\b")
_IS = pattern(
    r"\b(?:bars?|measures?|it|this|they|these|section|part|passage|melody|intro|ending|bridge|chorus|verse|recording|mix)"
    r"(?:\s+[\d-]+(?:\s*(?:-|to|and)\s*\d+)?)?(?:\s+(?:is|are|was|were|sounds?|feels?|seems?)|'s|'re)\s+"
    r"(?:(?:a\s+bit|so|too|very|really|kinda|kind\s+of|just|rather|pretty)\s+)*$"
)
_BLANK = "\u25a1"  # stands for words that were set aside; it is part of no word


def wishes(text: str, found: Sequence[Intent], intents: Sequence[Wanted], parsed: Parse, *, sounds: bool) -> Parse:
    """The parse with nothing in its Brief but what is wished of the music; ``sounds``: a recording is at hand."""
    parsed = _without_phrases(text, found, parsed, sounds=sounds)
    if _only_asks(intents):
        return replace(parsed, brief=Brief(request=text), conflicts=())
    tools = [w.tool for w in intents if not w.intent.negated and works_on_music(w.tool)]
    if tools:
        return without_growth(text, parsed, tools)
    return parsed


def with_length(parsed: Parse) -> Parse:
    """The parse in which "between 30 and 45 s" is a length: for when nothing is there that it could be a place of."""
    span = next((s for s in parsed.spans if s.name == "start_s"), None)
    ends = (parsed.slots.get("start_s"), parsed.slots.get("end_s"))
    if span is None or parsed.brief.duration_s is not None or not all(isinstance(e, (int, float)) for e in ends):
        return parsed
    length = next(bounded(Reading(parsed.brief.request[span.start : span.end])), None)
    if length is None:
        return parsed
    wished = constraint("duration_s", (length.low + length.high) / 2, length.words)
    wished.tolerance = (length.high - length.low) / 2
    update = {"duration_s": wished.target, "constraints": [wished, *parsed.brief.constraints]}
    brief = parsed.brief.model_copy(update=update)
    spans = tuple(replace(s, name="duration_s") if s is span else s for s in parsed.spans)
    slots = {name: value for name, value in parsed.slots.items() if name not in ("start_s", "end_s")}
    return replace(parsed, brief=brief, spans=spans, slots=slots)


def _only_asks(intents: Sequence[Wanted]) -> bool:
    """Whether a request is a question alone: "is this in 3/4 or 6/8?" wants neither and contradicts nothing."""
    tools = [w.tool for w in intents if not w.intent.negated]
    return bool(tools) and all(t.family in job.PERCEIVES or _judges(t) for t in tools)


def _judges(tool: Tool) -> bool:
    """Whether a tool judges music by itself, not by what the person wants of it."""
    return tool.family in job.JUDGES_MUSIC and "brief" not in tool.args_model.model_fields


def without_growth(text: str, parsed: Parse, tools: Sequence[Tool]) -> Parse:
    """Without lengths that say how much is added ("another 8 bars"): the tool's business, no wish on the whole.

    Bars that the only one of ``tools`` counts itself are such a length whatever the words around them.
    """
    plain = normalised(text)
    counts = len(tools) == 1 and _COUNTED in tools[0].args_model.model_fields and not _TOTAL.search(plain)
    grown = {
        s.name
        for s in parsed.spans
        if s.name in ("bars", "duration_s")
        and (
            (counts and s.name == _COUNTED)
            or _GROWTH_BEFORE.search(plain[: s.start])
            or _GROWTH.search(plain[s.start : s.end])
            or _GROWTH_AFTER.match(plain[s.end :])
        )
    }
    if not grown:
        return parsed
    brief = parsed.brief.model_copy(
        update=dict.fromkeys(grown) | {"constraints": [c for c in parsed.brief.constraints if c.name not in grown]}
    )
    return replace(parsed, brief=brief)


def _without_phrases(text: str, found: Sequence[Intent], parsed: Parse, *, sounds: bool) -> Parse:
    """Without what is said only to name a tool: the piano of "piano roll" is no instrument that is wanted.

    What a recording holds already is none either; with no recording, what stands before "as mp3" describes new music.
    """
    chars = list(text)
    for intent, part in zip(found, segments(text, list(found)), strict=True):
        own = argument_fields(intent.tool)
        stems = intent.tool.family in job.NAMES_STEMS
        for span in parsed.spans:
            is_there = sounds or span.start >= intent.start
            is_stem = stems and is_there and span.name in _STEMS and part[0] <= span.start < part[1]
            is_form = stems and not sounds and span.name in _FORM  # "a song with a chorus" asks for no effect
            named = is_stem or (_inside(span, intent) and not is_form and not _is_spare(text, span, intent))
            if span.name in _NAMES_OF_THINGS - own and named:
                chars[span.start : span.end] = _BLANK * (span.end - span.start)
    if any(works_on_music(i.tool) or _judges(i.tool) for i in found if not i.negated):
        for span in _at_hand(normalised(text), parsed):
            chars[span.start : span.end] = _BLANK * (span.end - span.start)
    masked = "".join(chars)
    if masked == text:
        return parsed
    without = read(masked)
    brief = without.brief.model_copy(update={"request": text})
    return replace(without, brief=brief, spans=parsed.spans, slots=parsed.slots)


def _at_hand(plain: str, parsed: Parse) -> list[Span]:
    """What is said of the music that is there: "check my chorale", "this piano piece", "bars 9 to 12 are boring"."""
    found = [s for s in parsed.spans if s.name == "genre" and _AT_HAND.search(plain[: s.start])]
    found += [
        s
        for s in parsed.spans
        if s.name == "instruments" and _AT_HAND.search(plain[: s.start]) and _PIECE_AFTER.match(plain, s.end)
    ]
    found += [
        s
        for s in parsed.spans
        if s.name == "instruments" and _OURS.search(plain[: s.start]) and _PLAYERS_DO.match(plain, s.end)
    ]
    return found + [s for s in parsed.spans if s.name == "mood" and _IS.search(plain[: s.start])]


def _is_spare(text: str, span: Span, intent: Intent) -> bool:
    """Whether a phrase asks for the tool without the word too: the spooky of "a spooky variation" is a wish."""
    if intent.negated or span.name not in _ADJECTIVES:
        return False
    within = next(((a, b) for a, b in intent.words() if a <= span.start and span.end <= b), None)
    if within is None:
        return False
    plain = normalised(text)
    if not _NEW.search(plain[: span.start]):
        return False
    before, after = plain[: span.start].rstrip() + " ", plain[span.end :].lstrip()
    lost = len(plain) - len(before + after)
    return asks_for(intent.tool, before + after, within[0], within[1] - lost)


def within_name(intent: Intent, parsed: Parse) -> bool:
    """Whether a phrase is only a piece of a longer name: the 唱 of 合唱, a choir."""
    names = [s for s in parsed.spans if s.name in _NAMED and s.end - s.start > intent.end - intent.start]
    return any(s.start <= intent.start and intent.end <= s.end for s in names)


def _inside(span: Span, intent: Intent) -> bool:
    if intent.negated:
        return any(start < span.end and span.start < end for start, end in intent.words())
    return any(start <= span.start and span.end <= end for start, end in intent.words())
