"""What a request wants of each tool: the intent, the part of the request that speaks of it, what was read there."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from agent.planner.grammar import job
from agent.planner.grammar.fill import FREE_TEXT
from agent.planner.grammar.intents import Intent, segments
from agent.planner.grammar.parse import Parse, parse
from agent.planner.grammar.supply import Supply, artifact_arguments, fewest, needs_nothing, required, takes_many
from tools.contract import Tool

CONTENT = frozenset(
    {
        "genre",
        "mood",
        "instruments",
        "chords",
        "sections",
        "form",
        "bars",
        "duration_s",
        "lyrics",
        "loop",
        "vocals",
        "exclude",
        "hit_points_s",
        "dynamics",
        "key",
        "mode",
        "meter",
        "tempo_bpm",
        "licence",
    }
)  # Brief fields that say what new music should be
MANNER = frozenset({"dynamics", "tempo_bpm", "key", "mode", "meter"})  # fields that music at hand can be given
_DERIVED = 5.0  # what a sound rendered from notes at hand counts less than the notes
_DIRECT_FRESH, _DIRECT, _NOTHING_NEEDED, _OUT_OF_REACH = 12.0, 9.0, 6.0, -6.0
read = functools.lru_cache(maxsize=256)(parse)


@dataclass(frozen=True)
class Wanted:
    """An intent with the part of the request that speaks of it and what was read there."""

    intent: Intent
    segment: tuple[int, int]
    parsed: Parse
    query: str

    @property
    def tool(self) -> Tool:
        """The tool that is wanted, or refused."""
        return self.intent.tool

    @property
    def takes_text(self) -> bool:
        """Whether the tool reads the words themselves."""
        return FREE_TEXT in self.tool.args_model.model_fields and not self.intent.negated


def begins(tool: Tool) -> bool:
    """Whether a tool starts from words: it needs no file and makes music, words or references."""
    return needs_nothing(tool) and bool(set(tool.gives) & {*job.MUSIC, "references", "lyrics"})


def edits_a_place(parsed: Parse) -> bool:
    """Whether no more is said than how a part of some music should be: "a diminuendo from bar 5 to bar 12"."""
    said = {s.name for s in parsed.spans} & CONTENT
    return "from_bar" in parsed.slots and bool(said) and said <= MANNER


def works_on_music(tool: Tool) -> bool:
    """Whether a tool cannot do without some music."""
    return any(set(kinds) & job.MUSIC and required(tool, name) for name, kinds in artifact_arguments(tool).items())


def fit(supply: Supply, tool: Tool, at_hand: set[str]) -> float:
    """How well a tool fits what is at hand; see :func:`recognise`."""
    fresh = {a.kind for a in supply.fresh}
    scores = []
    for name, kinds in artifact_arguments(tool).items():
        if required(tool, name):
            if takes_many(tool, name) and supply.count(kinds) < fewest(tool, name):
                scores.append(0.0)
            elif fresh & set(kinds):
                scores.append(_DIRECT_FRESH)
            elif at_hand & set(kinds):
                scores.append(_DIRECT - (_DERIVED if kinds == ("audio",) and "midi" in at_hand else 0.0))
            elif kinds == job.WORDS:
                scores.append(0.0)
            else:
                scores.append(0.0 if at_hand & job.MUSIC and set(kinds) & job.MUSIC else _OUT_OF_REACH)
    return min(scores, default=_NOTHING_NEEDED)


def with_segments(text: str, found: list[Intent], parsed: Parse) -> list[Wanted]:
    """Each intent with its part of the request; a single one has all of it."""
    if len(found) == 1:
        return [Wanted(found[0], (0, len(text)), parsed, _query(text, found[0], (0, len(text))))]
    return [
        Wanted(intent, part, read(text[part[0] : part[1]]), _query(text, intent, part))
        for intent, part in zip(found, segments(text, found), strict=True)
    ]


def _query(text: str, intent: Intent, part: tuple[int, int]) -> str:
    """The words of a segment without those that name the tool."""
    kept = "".join(c for n, c in enumerate(text) if part[0] <= n < part[1] and not _within(n, intent))
    words = " ".join(kept.split()).strip(" ,.;:!?，。；：！？、")
    return words or text


def _within(position: int, intent: Intent) -> bool:
    return any(start <= position < end for start, end in intent.words())
