"""Places and players that an edit was said to be for and that no argument was made of: asked, not widened.

An edit without a place works on the whole piece. Where the words do name one ("the chorus", "only the theremins",
"except the middle"), doing it everywhere would be the opposite of what was asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from agent.plan import Step
from agent.planner.grammar.implied import PLACES
from agent.planner.grammar.reading import normalised, pattern
from agent.planner.grammar.wanted import Wanted
from tools.contract import Tool

_NTH = r"(?:first|second|third|fourth|last|final|opening|closing|next|middle|other|whole)"
_SECTION = pattern(
    rf"\b(?:the|my|each|every|both)\s+(?:{_NTH}\s+)?(?:pre-?chorus|chorus(?:es)?|verses?|bridge|intro(?:duction)?|outro"
    r"|refrain|coda|breakdown|middle\s+(?:eight|section|part)|exposition|recapitulation|trio\s+section|[ab]\s+section"
    r"|climax|repeat)\b(?!\s+effect)"
)
_EDGE = pattern(r"\b(?:the|my)\s+(?:ending|opening)\b")
_SOME_NOTES = pattern(
    rf"\bthe\s+(?:very\s+)?(?:{_NTH})\s+(?:\w+\s+)?(?:notes?|chords?|phrases?|beats?|lines?|bars?|measures?)\b"
)
_HELD_BACK = pattern(
    r"\b(?:only|just)\s+(?:in\s+|on\s+|for\s+|during\s+)?(?:the|my)\s+[\w'-]+(?:\s+[\w'-]+)?"
    r"|\b(?:except(?:\s+for)?|excluding|apart\s+from|other\s+than|everything\s+but|all\s+but)\s+(?:in\s+|on\s+)?"
    r"(?:the\s+|my\s+)?[\w'-]+(?:\s+[\w'-]+)?"
)
_SAYS_SO = (_SECTION, _SOME_NOTES, _HELD_BACK)
_UNKNOWN = pattern(
    r"\b(?:transpos|quanti[sz]|humani[sz])(?:e|es|ed|ing)\s+(?P<words>(?:the|my)\s+(?!(?:whole|entire|full|complete|actual|given"
    r"|attached|second|first|song|piece|music|score|file|midi|timing|rhythms?|pitch(?:es)?|key|tempo|notes?|chords?|tune"
    r"|groove|beats?|thing|lot|recording|track|performance|playing|feel|eighths?|quavers?|sixteenths?|quarters?|sheet"
    r"|result|last|composition|work|arrangement|harmony|starts?|onsets?|velocit\w+|lead\s+sheet|dynamics|same)\b)"
    r"[\w'-]+)"
)
_PLACED = PLACES | {"stretch"}


def unplaced(text: str, intents: Iterable[Wanted], steps: Sequence[Step]) -> str | None:
    """The words that say where or for whom an edit is, where a step of it is given no place; else None.

    Parameters
    ----------
    text
        The request.
    intents
        What is asked for, each with its part of the request.
    steps
        The plan.
    """
    plain = normalised(text)
    everywhere = {s.tool: s for s in steps if not _PLACED & s.args.keys()}
    for wanted in intents:
        if wanted.intent.negated or wanted.tool.name not in everywhere or not _edits_places(wanted.tool):
            continue
        start, end = wanted.segment
        curved = "dynamics" in everywhere[wanted.tool.name].args  # a fade has its place in its curve
        rules = _SAYS_SO if curved else (*_SAYS_SO, _EDGE)
        said = next((m for e in rules for m in [e.search(plain, start, end)] if m), None)
        if said:
            return text[said.start() : said.end()]
        unknown = _UNKNOWN.search(plain, start, end)
        if unknown:
            return text[unknown.start("words") : unknown.end("words")]
    return None


def _edits_places(tool: Tool) -> bool:
    return tool.family == "edit" and "from_bar" in tool.args_model.model_fields
