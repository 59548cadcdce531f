"""From requests to plans: the scripted requests, and the rules behind them."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import pytest

from agent.plan import PlanError, references
from agent.planner.base import Planned, Situation
from agent.planner.grammar import GrammarPlanner
from agent.planner.grammar.unbuilt import lacking, runnable, toolbox, unbuilt_tools
from bench.plan import Case, cases, play
from tools import catalogue
from tools.brief import Brief
from tools.contract import Artifact, Audio, Tool, ToolArgs, ToolContext, ToolData, ToolResult, tool
from tools.errors import UserError

PLANNER = GrammarPlanner()
UNSEEN = (
    "heldout",
    "odd",
    "fresh3",
    "voices1",
    "voices2",
    "voices3",
)  # written after the phrases were settled: a share of them may go wrong
CASES = [c for c in cases() if c.file not in UNSEEN]
HELD_OUT = [c for c in cases() if c.file in UNSEEN]


def plan(say: str, *attach: str, previous: Brief | None = None, made: Sequence[tuple[str, str]] = ()) -> Planned:
    """Plan a request over files of these kinds; ``made`` are the session's own (kind, tool)."""
    files = [_file(f"a{n}", kind) for n, kind in enumerate(attach, start=1)]
    kept = [_file(f"m{n}", kind, maker) for n, (kind, maker) in enumerate(made, start=1)]
    current = tuple(a.id for a in kept)
    return PLANNER.plan(Situation(say, (*files, *kept), previous=previous, current=current))


def _file(artifact_id: str, kind: str, maker: str | None = None) -> Artifact:
    facts = {"id": artifact_id, "kind": kind, "path": f"/x/{artifact_id}", "sha256": artifact_id, "media_type": "x/x"}
    return Artifact.model_validate(facts | {"tool": maker})


def tools_of(planned: Planned) -> list[str]:
    """The tools of a plan, in its order."""
    return [s.tool for s in planned.plan.steps]


@pytest.mark.parametrize("case", CASES, ids=[f"{c.file}:{c.say[:40]}" for c in CASES])
def test_a_scripted_request_is_planned_as_expected(case: Case) -> None:
    outcome = play(case, PLANNER)
    assert set(tools_of(outcome.planned)) == set(case.tools)
    for name, expected in case.args.items():
        step = next(s for s in outcome.planned.plan.steps if s.tool == name)
        assert {k: step.args.get(k) for k in expected} == expected
    if case.not_understood is not None:
        assert " ".join(outcome.planned.brief.not_understood).split() == " ".join(case.not_understood).split()


def test_held_out_requests_are_nearly_all_planned_as_expected() -> None:
    right = [play(c, PLANNER).tools_right for c in HELD_OUT]
    assert len(right) >= 150
    assert sum(right) / len(right) >= 0.93


def test_there_are_enough_scripted_requests_and_every_tool_has_one() -> None:
    assert len(CASES) >= 150
    assert set(toolbox()) <= {t for c in CASES for t in c.tools}


def test_no_tool_is_both_built_and_declared_unbuilt() -> None:
    assert not set(catalogue()) & set(unbuilt_tools())


def test_a_step_works_on_the_result_of_the_one_before() -> None:
    steps = plan("transpose it up a third and render it as FLAC", "midi").plan.steps
    assert steps[0].args["music"] == "a1"
    assert [r for r, _ in references(steps[1].args)] == [steps[0].id]


def test_arguments_belong_to_the_verb_they_stand_with() -> None:
    steps = plan("keep bars 1 to 8, then repeat bars 3 to 4", "midi").plan.steps
    assert (steps[0].args["from_bar"], steps[0].args["to_bar"]) == (1, 8)
    assert (steps[1].args["from_bar"], steps[1].args["to_bar"]) == (3, 4)


def test_the_kind_at_hand_decides_between_tools_that_answer_to_the_same_words() -> None:
    assert tools_of(plan("transpose this up two semitones", "midi"))[0] == "transpose"
    assert tools_of(plan("transpose this up two semitones", "audio"))[0] == "shift_pitch"


def test_a_missing_kind_is_made_first() -> None:
    assert tools_of(plan("quantize this", "audio"))[:2] == ["transcribe", "quantize"]


def test_a_refused_tool_is_not_planned() -> None:
    planned = tools_of(plan("a calm waltz for piano, no piano roll please"))
    assert "compose" in planned
    assert "draw_piano_roll" not in planned


def test_check_comes_last_when_music_is_changed() -> None:
    assert tools_of(plan("quantize this and engrave it", "midi"))[-1] == "check"


def test_a_request_without_the_file_it_speaks_of_asks_for_it() -> None:
    step = plan("transpose this up a tone").plan.steps[0]
    assert step.tool == "ask_user"
    assert "Attach a MIDI file" in step.args["question"]
    assert step.args["default"]


@pytest.mark.parametrize(
    "say",
    [
        "a waltz under this clip",
        "music for the attached photo",
        "给这段视频配一段华尔兹",
        "a diminuendo from bar 5 to 12",
    ],
)
def test_a_film_a_picture_or_bars_that_are_spoken_of_and_missing_are_asked_for(say: str) -> None:
    assert tools_of(plan(say)) == ["ask_user"]


def test_music_is_made_without_the_film_once_that_is_the_answer() -> None:
    asked = plan("a waltz under this clip").plan.steps[0].args
    answered = Situation("a waltz under this clip", answers=((asked["question"], asked["default"]),))
    assert "compose" in tools_of(PLANNER.plan(answered))


def test_a_film_club_is_nothing_to_attach() -> None:
    assert "compose" in tools_of(plan("a waltz for this film club's opening night"))


@pytest.mark.parametrize(
    ("say", "sound"),
    [
        ("duck the music under the dialogue", "foreground"),
        ("lower the music when someone speaks", "foreground"),
        ("dub the music over the clip and duck the dialogue", "duck"),
    ],
)
def test_what_is_ducked_is_what_the_words_say(say: str, sound: str) -> None:
    (step,) = plan(say, "video", "audio").plan.steps
    assert (step.tool, step.args["original_sound"]) == ("mux_video", sound)


def test_a_time_between_two_bounds_is_a_length_where_nothing_is_there_to_edit() -> None:
    brief = plan("piano, between 30 and 45 s").brief
    assert (brief.duration_s, brief.constraints[0].tolerance) == (37.5, 7.5)
    assert plan("louder between 30 and 45 s", "midi").plan.steps[0].args["end_s"] == 45.0


@pytest.mark.parametrize(
    ("say", "expected"),
    [
        ("Ich brauche fröhliche Musik für Geige und Gitarre, 30 Sekunden", {"mood": "cheerful", "duration_s": 30.0}),
        ("Compón un tango triste para violín en la menor", {"mood": "sad", "key": "A minor"}),
        ("guitarr and flut duet, peacefull", {"instruments": ["guitar", "flute"]}),
        ("gimme a tango w/ gtr", {"instruments": ["guitar"]}),
    ],
)
def test_other_languages_and_loose_spelling_are_read(say: str, expected: dict[str, object]) -> None:
    brief = plan(say).brief
    assert brief.request == say
    assert {name: getattr(brief, name) for name in expected} == expected
    assert all(c.words.split(", ")[0] in say for c in brief.constraints)


def test_a_turn_of_few_words_is_in_the_language_of_those_before() -> None:
    before = ("ein ruhiger Walzer für Klavier",)
    planned = PLANNER.plan(Situation("heller", history=before, previous=Brief(request=before[0], mood="calm")))
    assert planned.brief.request == "heller"


def test_an_answer_to_a_contradiction_decides_it() -> None:
    say = "a piece at 90 bpm and 140 bpm"
    question = PLANNER.plan(Situation(say)).plan.steps[0].args["question"]
    decided = PLANNER.plan(Situation(say, answers=((question, "140 bpm"),)))
    assert decided.brief.tempo_bpm == 140
    assert "compose" in tools_of(decided)


def test_an_answer_that_says_more_is_added_to_the_request() -> None:
    question = PLANNER.plan(Situation("hello")).plan.steps[0].args["question"]
    more = PLANNER.plan(Situation("hello", answers=((question, "a sad tune for cello"),)))
    assert more.brief.instruments == ["cello"]
    assert "compose" in tools_of(more)


def test_an_empty_request_is_refused_with_an_example() -> None:
    with pytest.raises(UserError, match="empty"):
        PLANNER.plan(Situation("  \n"))


def test_a_plan_with_an_unbuilt_tool_is_shown_and_does_not_run() -> None:
    name = next(iter(unbuilt_tools()))
    case = next(c for c in CASES if name in c.tools and not c.before)
    planned = plan(case.say, *case.attach)
    assert name in lacking(planned.plan)
    assert any(name in note for note in planned.notes)
    with pytest.raises(PlanError, match=name):
        runnable(planned.plan)


class ReverseArgs(ToolArgs):
    """Arguments of the tool below."""

    audio: Audio
    strength: float | None = None


class Reversed(ToolData):
    """Its result."""


def _reverse_audio(args: ReverseArgs, ctx: ToolContext) -> ToolResult:
    """Play a recording backwards."""
    return ToolResult("backwards", Reversed())


def test_a_tool_added_later_is_planned_with_its_arguments() -> None:
    _reverse_audio.__module__ = "tools.mix.reverse_audio"
    asks = (r"\breverse\b", r"\bbackwards\b", "倒放")
    declared: Tool = tool(version="1", takes=("audio",), gives=("audio",), asks=asks)(_reverse_audio)
    added = dataclasses.replace(declared, name="reverse_audio")
    planner = GrammarPlanner(toolbox() | {"reverse_audio": added})
    for say in ("play this recording backwards, 50%", "把这段录音倒放"):
        planned = planner.plan(Situation(say, (_file("a1", "audio"),)))
        assert tools_of(planned) == ["reverse_audio", "check"]
        assert planned.plan.steps[0].args["audio"] == "a1"
    chained = planner.plan(Situation("reverse this and normalize it to -16 LUFS", (_file("a1", "audio"),)))
    assert tools_of(chained) == ["reverse_audio", "set_loudness", "check"]


def test_a_follow_up_remakes_with_the_same_film() -> None:
    first = plan("warm music for this, with drums", "video")
    made = [("midi", "compose"), ("audio", "render_audio"), ("video", "mux_video"), ("references", "search_music")]
    kept = [_file("a1", "video"), *(_file(f"m{n}", k, t) for n, (k, t) in enumerate(made))]
    current = tuple(a.id for a in kept)
    second = PLANNER.plan(Situation("without drums", tuple(kept), previous=first.brief, current=current))
    assert tools_of(second) == tools_of(first)
    mux = next(s for s in second.plan.steps if s.tool == "mux_video")
    assert mux.args["video"] == "a1"
    assert second.brief.exclude == ["drums"]
    assert second.brief.mood == "warm"


@pytest.mark.parametrize(
    ("say", "attach"),
    [
        ("a piece at 90 bpm and 140 bpm", ()),
        ("transpose this up a tone", ()),
        ("what key is this in?", ()),
        ("hello", ()),
        ("describe this photo", ()),
        ("join these", ("audio",)),
        ("16 bars at 120 bpm in 4/4, five minutes long", ()),
    ],
)
def test_every_question_has_a_default_that_ends_it(say: str, attach: tuple[str, ...]) -> None:
    step = plan(say, *attach).plan.steps[0]
    assert step.tool == "ask_user"
    files = tuple(_file(f"a{n}", kind) for n, kind in enumerate(attach, 1))
    answered = PLANNER.plan(Situation(say, files, answers=((step.args["question"], step.args["default"]),)))
    last = answered.plan.steps[0]
    assert step.args["default"]
    assert last.tool != "ask_user" or last.args["question"] == step.args["question"]


@pytest.mark.parametrize(
    ("say", "kind", "expected"),
    [
        ("-14 LUFS", "audio", "set_loudness"),  # an argument that only one tool takes
        ("four semitones higher", "midi", "transpose"),
        ("am I copying a famous song here?", "midi", "check_similarity"),  # by meaning
        ("接下来该怎么写呢", "midi", "continue_music"),
    ],
)
def test_a_job_without_a_verb_is_found_by_what_is_said(say: str, kind: str, expected: str) -> None:
    assert tools_of(plan(say, kind))[0] == expected


def test_a_choice_is_filled_by_its_name_and_the_last_one_counts() -> None:
    assert plan("convert this wav to mp3", "audio").plan.steps[0].args["format"] == "mp3"
    assert plan("render this as FLAC with stems", "midi").plan.steps[0].args["format"] == "flac"
    assert plan("render this as FLAC with stems", "midi").plan.steps[0].args["stems"] is True


def test_the_words_that_name_a_tool_are_no_wish() -> None:
    brief = plan("draw the piano roll", "midi").brief
    assert brief.instruments == []
    assert brief.not_understood == []


def test_a_question_binds_nothing() -> None:
    assert plan("is this thing in 6/8 or 3/4?", "midi").brief.constraints == []


def test_what_nothing_was_made_of_is_named() -> None:
    assert "lighthouse keeper" in " ".join(plan("a sad cello piece for a lighthouse keeper").brief.not_understood)


def test_a_film_of_the_session_stands_for_itself_and_not_for_what_was_made_of_it() -> None:
    kept = (_file("a1", "video"), _file("m1", "video", "mux_video"), _file("m2", "audio", "render_audio"))
    current = tuple(a.id for a in kept)
    planned = PLANNER.plan(Situation("put that music under the clip again", kept, Brief(request="x"), current=current))
    step = planned.plan.steps[0]
    assert (step.tool, step.args["video"], step.args["audio"]) == ("mux_video", "a1", "m2")
