"""Questions for the person: what may be answered to each, what is assumed, and what an answer decides."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from agent.plan import Step
from agent.planner.grammar import job
from agent.planner.grammar.parse import Parse, parse, revised
from tools.contract import Tool

NEW = "write a new one"
LEAVE = "leave it"  # the answer that ends a request which only its author can complete
EVERYWHERE = "the whole piece"
EXAMPLE = "a calm piece for piano, one minute"
_EITHER = re.compile(r"^You ask for '?(?P<one>.+?)'? and for '?(?P<other>.+?)'?(?: at once)?;")
_GIVE_WAY = {"the tempo": "tempo_bpm", "the number of bars": "bars", "the length": "duration_s"}


def ask(question: str, default: str, options: Iterable[str] = ()) -> Step:
    """The step that puts a question."""
    return Step(id="s1", tool=job.ASK, args={"question": question, "default": default, "options": list(options)})


def ask_which(question: str) -> Step:
    """The question that a contradiction raises; what was said last is assumed."""
    either = _EITHER.match(question)
    if either:
        return ask(question, either["other"], either.groups())
    return ask(question, next(iter(_GIVE_WAY)), _GIVE_WAY)


def ask_for_music() -> Step:
    """The question what to make."""
    return ask("What should I make? Say a mood, a style, instruments or a length, or attach a file.", EXAMPLE)


def ask_for_file(tool: Tool, kinds: tuple[str, ...]) -> Step:
    """The question for a file that a tool needs; music that is to be judged is not made up for it."""
    if set(kinds) & job.MUSIC and tool.family in job.JUDGES_MUSIC:
        return ask("Which music do you mean? Attach a MIDI file, a score or a recording.", LEAVE)
    if set(kinds) & job.MUSIC:
        what = "Which music do you mean? Attach a MIDI file, a score or a recording"
        return ask(f"{what}, or say what to write first.", NEW)
    return ask(f"What should I work on? Attach a file of this kind: {' or '.join(kinds)}.", LEAVE)


def ask_for_shown(kind: str, words: str) -> Step:
    """The question for a film or picture that the words point at and that is not there."""
    question = f"You say “{words}”, and no {kind} is attached. Attach it, or should I write music without it?"
    return ask(question, NEW)


def ask_where(words: str) -> Step:
    """The question where a place is that the words name and the plan does not know."""
    question = f"You say “{words}”: which bars or which track is that? Say for example: bars 9 to 16."
    return ask(question, LEAVE, (EVERYWHERE,))


def ask_about(tool: Tool, name: str) -> Step:
    """The question for something that a tool must know and that was not said."""
    meaning = tool.args_model.model_fields[name].description or ""
    return ask(f"What should the {name.replace('_', ' ')} be? {meaning}".strip(), LEAVE)


def decided(parsed: Parse, question: str, answer: str) -> Parse:
    """The parse once a contradiction was answered: what the answer says holds, or what it names gives way."""
    open_still = tuple(c for c in parsed.conflicts if c != question)
    field = next((f for words, f in _GIVE_WAY.items() if words.split()[-1] in answer.casefold()), None)
    if field is not None and not _EITHER.match(question):
        kept = [c for c in parsed.brief.constraints if c.name != field]
        return replace(
            parsed, conflicts=open_still, brief=parsed.brief.model_copy(update={field: None, "constraints": kept})
        )
    brief = revised(parsed.brief, replace(parse(answer), conflicts=()))
    return replace(parsed, conflicts=open_still, brief=brief.model_copy(update={"request": parsed.brief.request}))
