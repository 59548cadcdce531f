"""The main job, from words and what is shown to checked music: the one place where the planner names tools."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from agent.plan import Step
from tools.contract import JSON

LOOK = ("caption_video", "caption_image")
LISTEN = "describe_music"
ADD = "add_part"
SEARCH = "search_music"
MAKE = "compose"
ARRANGE = "arrange"
THEME = "theme"  # the argument of new music that only words give it
HEAR_TUNE = "transcribe_melody"
FINISH = ("render_audio", "mux_video", "draw_piano_roll")
DELIVERS = {  # what makes the files of a kind that a person names
    "midi": (),
    "audio": ("render_audio",),
    "sheet": ("engrave_score", "convert_score"),
    "picture": ("draw_piano_roll",),
    "video": ("render_audio", "mux_video"),
}
AMOUNTS = {  # a tool that nobody can do without an amount; where none is said, this is asked
    "transpose": (
        frozenset({"semitones", "interval", "degrees", "to_key", "mode"}),
        "How far should it be transposed, or to which key?",
        ("a whole step {way}", "a semitone {way}", "a fourth {way}", "an octave {way}"),
    )
}
_DOWN = re.compile(r"\b(?:down|lower|below)|降|低|下", re.I)
CHECK = "check"
ASK = "ask_user"
BEFORE = (*LOOK, SEARCH)

WORDS = ("lyrics",)
OWN_WORDS = re.compile(  # words that the person has: none are written in their stead
    r"\b(?:my|our|these|those) (?:own )?(?:words|lyrics?|poems?|text|verses|lines)\b"
    r"|(?:这首|这段|这些|我的)(?:歌词|词|诗)",
    re.I,
)
MUSIC = frozenset({"midi", "score", "audio"})
CHANGES_MUSIC = frozenset({"compose", "edit", "generate", "mix", "sing"})  # families whose results are checked
NAMES_STEMS = frozenset({"mix"})  # families to which an instrument is a stem that is there
PERCEIVES = frozenset({"see", "hear"})  # families that answer questions; what they hear is no wish
JUDGES_MUSIC = frozenset({"hear", "evaluate"})  # families that need music to listen to: none is made for them


def finishing(slots: Mapping[str, JSON], planned: frozenset[str]) -> list[str]:
    """The finishing tools for the files that are wanted: all, those of the slot ``deliver``, none of ``withhold``.

    A kind that alone is wanted and that a planned tool makes already needs no other.
    """
    wanted, refused = slots.get("deliver"), slots.get("withhold") or []
    kept = {tool for kind in refused for tool in DELIVERS[kind]} - {t for k in wanted or [] for t in DELIVERS[k]}
    if wanted is None:
        return [tool for tool in FINISH if tool not in kept]
    makers = [DELIVERS[kind] for kind in wanted]
    return [tool for tools in makers for tool in _needed(tools, planned) if tool not in kept]


def _needed(tools: tuple[str, ...], planned: frozenset[str]) -> tuple[str, ...]:
    """The tools that make a kind: all of a chain that ends in a film, the first of those that do the same job."""
    if "mux_video" in tools:
        return tools
    return () if planned & set(tools) else tools[:1]


def unsaid(steps: Iterable[Step], request: str) -> tuple[str, tuple[str, ...]] | None:
    """The question, and what may be answered, for the first step whose amount was not said; None when all were."""
    for step in steps:
        names, question, answers = AMOUNTS.get(step.tool, (frozenset(), "", ()))
        if names and not names & set(step.args):
            way = "down" if _DOWN.search(request) else "up"
            return question, tuple(answer.format(way=way) for answer in answers)
    return None
