"""The embedded planner: from a situation to a Brief and a plan, by rules, offline, deterministic.

The words become a Brief (:mod:`~agent.planner.grammar.parse`) and intents (which tools they ask for,
:mod:`~agent.planner.grammar.intents`); intents become steps (:mod:`~agent.planner.grammar.build`).
What contradicts itself or cannot be acted on becomes one ``ask_user`` step.
"""

from __future__ import annotations

from collections.abc import Mapping

from agent.plan import Plan, PlanError, Step, validated
from agent.planner.base import Planned, Situation
from agent.planner.grammar import job
from agent.planner.grammar.build import Builder, Unclear, Unobtainable
from agent.planner.grammar.choices import choices
from agent.planner.grammar.gloss import Gloss
from agent.planner.grammar.parse import left_over
from agent.planner.grammar.questions import (
    LEAVE,
    ask,
    ask_about,
    ask_for_file,
    ask_for_music,
    ask_for_shown,
    ask_where,
    ask_which,
)
from agent.planner.grammar.reading import UNMET, Span
from agent.planner.grammar.request import Request, understood
from agent.planner.grammar.shown import shown
from agent.planner.grammar.slots.tidy import RESULT
from agent.planner.grammar.unbuilt import lacking, toolbox
from agent.planner.grammar.unplaced import unplaced
from agent.planner.grammar.wanted import works_on_music
from tools.brief import Brief
from tools.contract import Tool
from tools.errors import UserError

NAME = "grammar"
ARGUMENTS_ALONE = frozenset(
    {
        "from_bar",
        "to_bar",
        "start_s",
        "end_s",
        "semitones",
        "to_key",
        "strength",
        "true_peak_db",
        "add_bpm",
        "gain_db",
        "rate",
        "channels",
        "bitrate_kbps",
        "fade_s",
        "swing",
        "accompanied",
    }
)
"""Slots that mean something only as a tool's argument: read, but given to no step, they were not understood."""


class GrammarPlanner:
    """Plans by the phrases that tools declare and the words of music; needs no network and no model.

    Parameters
    ----------
    tools
        The tools to plan with, by name; the catalogue, and the declared unbuilt tools, by default.
    """

    def __init__(self, tools: Mapping[str, Tool] | None = None) -> None:
        self._tools = tools

    def plan(self, situation: Situation) -> Planned:
        """Plan a request; ``UserError`` when there are no words at all."""
        if not situation.request.strip():
            raise UserError("The request is empty; say what you need, for example: a calm piano piece for this film.")
        tools = self._tools if self._tools is not None else toolbox()
        request = understood(situation, tools)
        steps = _question(request, situation) or _steps(request, situation)
        steps = _unplaced_edit(request, steps, situation) or steps
        if any(step.tool == job.MAKE for step in steps):
            steps = _missing_picture(request, situation) or steps
        brief = request.brief.model_copy(update={"not_understood": _not_understood(request, steps, situation)})
        if request.gloss is not None:
            brief = _in_own_words(brief, request.gloss)
        plan = Plan(steps=steps)
        missing = lacking(plan)
        notes = tuple(f"This needs `{name}`, which this version does not have." for name in missing)
        if not missing and self._tools is None:
            plan = _checked(plan, situation)
        return Planned(brief=brief, plan=plan, planner=NAME, notes=notes)


def _in_own_words(brief: Brief, gloss: Gloss) -> Brief:
    """The Brief with the person's words where a gloss was read."""
    constraints = [c.model_copy(update={"words": gloss.own(c.words)}) for c in brief.constraints]
    left = [gloss.own(words) for words in brief.not_understood]
    return brief.model_copy(update={"request": gloss.request, "constraints": constraints, "not_understood": left})


def _checked(plan: Plan, situation: Situation) -> Plan:
    """The plan validated; where a tool refuses what the words say, the question what else to do."""
    try:
        return validated(plan, situation.attachments)
    except PlanError as err:
        return Plan(steps=[ask(f"That cannot be done as you say it. {err.msg} What should I do instead?", LEAVE)])


def _question(request: Request, situation: Situation) -> list[Step] | None:
    """The question that a contradiction asks, unless it was answered."""
    asked = [ask_which(question) for question in request.parsed.conflicts]
    answered = {question for question, _ in situation.answers}
    return next(([step] for step in asked if step.args["question"] not in answered), None)


def _unplaced_edit(request: Request, steps: list[Step], situation: Situation) -> list[Step] | None:
    """The question where a place is that an edit is said to be for, unless answered; it is not made everywhere."""
    words = unplaced(request.text, request.intents, steps)
    if words is None:
        return None
    asked = ask_where(request.gloss.own(words) if request.gloss else words)
    answered = {question for question, answer in situation.answers if answer != LEAVE}
    return None if asked.args["question"] in answered else [asked]


def _missing_picture(request: Request, situation: Situation) -> list[Step] | None:
    """The question for a film or picture that new music should go with and that is not there, unless answered."""
    if any(a.tool is None for a in situation.attachments):
        return None
    named = ((s.words, "film" if s.kind == "video" else "picture") for s in shown(request.text))
    own = ((request.gloss.own(words) if request.gloss else words, kind) for words, kind in named)
    answered = {question for question, _ in situation.answers}
    asked = (ask_for_shown(kind, words) for words, kind in own)
    return next(([step] for step in asked if step.args["question"] not in answered), None)


def _steps(request: Request, situation: Situation) -> list[Step]:
    themed = any(s.name == job.MAKE for s in request.theme)
    refused = [*request.refused(), *([job.SEARCH] if themed else [])]
    builder = Builder(request.supply, request.brief, refused, may_make=request.may_make, themed=themed)
    try:
        for wanted in request.wanted():
            if wanted.tool.name == job.MAKE:
                builder.make(wanted.parsed)
            else:
                builder.add(wanted.tool, wanted.parsed, wanted.query)
    except Unobtainable as err:
        return [ask_for_file(err.tool, err.kinds)]
    except Unclear as err:
        return [ask_about(err.tool, err.name)]
    if not builder.steps:
        return [ask_for_music()]
    unsaid = job.unsaid(builder.steps, request.text)
    if unsaid and unsaid[0] not in {question for question, _ in situation.answers}:
        return [ask(unsaid[0], unsaid[1][0], unsaid[1])]
    if builder.makes_from_nothing() or (situation.previous is not None and builder.changes_notes()):
        builder.finish(job.finishing(request.parsed.slots, frozenset(builder.planned())), request.parsed)
    builder.check(request.parsed)
    return builder.steps


def _not_understood(request: Request, steps: list[Step], situation: Situation) -> list[str]:
    """The words that neither the Brief, nor a slot, nor the phrase or the free text of a planned tool used."""
    planned = {s.tool for s in steps}
    given = {name for s in steps for name in s.args}
    if job.MAKE in planned and request.brief.instruments:
        given.add("accompanied")  # new music is played by those that are named and by nobody else
    pointless = {RESULT} if situation.previous is None else set()
    read = [s for s in request.parsed.spans if s.name not in ARGUMENTS_ALONE | pointless or s.name in given]
    spans = [s for s in read if s.name != UNMET]
    spans += [s for s in request.theme if s.name in planned]
    phrases: list[Span] = []
    for wanted in request.intents:
        said = [Span(start, end, wanted.tool.name) for start, end in wanted.intent.words()]
        spans += said
        phrases += said if wanted.tool.name in planned and works_on_music(wanted.tool) else []
        named = [span for _, found in choices(wanted.tool, wanted.parsed).values() for span in found]
        spans += [Span(wanted.segment[0] + s.start, wanted.segment[0] + s.end, s.name) for s in named]
        if wanted.takes_text and wanted.tool.name in planned:
            spans.append(Span(*wanted.segment, wanted.tool.name))
    for name in planned - {w.tool.name for w in request.intents}:
        spans += [s for _, found in choices(request.supply.tools[name], request.parsed).values() for s in found]
    unmet = [s for s in read if s.name == UNMET and not any(s.start <= p.start < s.end for p in phrases)]
    return left_over(request.text, spans, unmet)
