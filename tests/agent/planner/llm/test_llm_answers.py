"""What a model answers: plans that run, and plans that go back with the reason."""

from __future__ import annotations

import json

import pytest

from agent.config import Config
from agent.planner.base import Situation
from agent.planner.llm import LLMPlanner
from tests.agent.planner.llm.conftest import COMPOSE, RENDER, attached, draft
from tests.fake_openai import call, text
from tools.errors import UserError

GOOD = draft(COMPOSE, RENDER)
ASK = Situation("compose something", (attached("a1", "midi", "tune.mid"), attached("a2", "video", "clip.mp4")))


def tools_of(planned):
    return [s.tool for s in planned.plan.steps]


def test_a_good_plan_is_taken_with_its_needs_filled_in(planner, openai_server):
    openai_server.plays(call(GOOD))
    planned = planner.plan(ASK)
    assert planned.planner == "llm"
    assert planned.notes == ()
    assert [(s.tool, s.needs) for s in planned.plan.steps] == [("compose", []), ("render_audio", ["s1"])]
    assert planned.usage == {"input_tokens": 100, "output_tokens": 20}


def test_the_model_is_made_to_call_one_function_and_told_every_tool(planner, openai_server, small_catalogue):
    openai_server.plays(call(GOOD))
    planner.plan(ASK)
    (request,) = openai_server.requests
    assert openai_server.paths == ["/v1/chat/completions"]
    assert openai_server.headers[0]["authorization"] == "Bearer key"
    assert request["tool_choice"]["function"]["name"] == "submit_plan"
    step = request["tools"][0]["function"]["parameters"]["properties"]["steps"]["items"]
    assert step["properties"]["tool"]["enum"] == list(small_catalogue)
    for name in small_catalogue:
        assert f"## {name}\n" in request["messages"][0]["content"]


@pytest.mark.parametrize(
    "answer",
    [
        call(GOOD, call_id=None),
        call(GOOD, pieces=1),
        call(GOOD, pieces=40),
        text(json.dumps(GOOD)),
        text(f"Here is the plan you {{asked}} for:\n```json\n{json.dumps(GOOD, indent=2)}\n```\nEnjoy!"),
        text(f'<think>maybe {{"steps": []}}?</think>\n{json.dumps(GOOD)}'),
        text(json.dumps({"name": "submit_plan", "arguments": GOOD})),
        text(json.dumps({"name": "submit_plan", "arguments": json.dumps(GOOD)})),
    ],
    ids=["null id", "one piece", "pieces", "bare JSON", "prose and fences", "thoughts", "call as text", "call in call"],
)
def test_a_plan_is_found_however_it_is_wrapped(planner, openai_server, answer):
    openai_server.plays(answer)
    planned = planner.plan(ASK)
    assert (planned.planner, tools_of(planned)) == ("llm", ["compose", "render_audio"])
    assert len(openai_server.requests) == 1


def step(number, tool, needs=(), **args):
    return {"id": f"s{number}", "tool": tool, "args": args, "needs": list(needs)}


def plan(*steps, **brief):
    return {"brief": brief, "steps": list(steps)}


FAULTY = {
    "malformed JSON": (call('{"brief": {}, "steps": [{"id": "s1",, }]}'), "malformed"),
    "half an object in text": (text('{"brief": {}, "steps": [{"id": "s1", "tool": "comp'), "malformed"),
    "no JSON at all": (text("I would compose something nice."), "no JSON"),
    "nothing at all": (text(""), "no JSON"),
    "too long": (text('{"brief": {"mood": "', finish="length"), "too long"),
    "a tool called directly": (call({"semitones": 2}, name="transpose"), "submit_plan"),
    "a list instead of an object": (call("[1, 2]"), "object"),
    "no Brief": (call({"steps": [step(1, "compose")]}), "'brief'"),
    "no steps": (call({"brief": {}}), "'steps'"),
    "a plan without an end": (call(plan(*(step(n, "compose") for n in range(1, 99)))), "40 at most"),
    "an empty plan": (call(plan()), "no steps"),
    "a step that is a word": (call(plan("compose")), "object"),
    "an unknown tool": (call(plan(step(1, "composse"))), "did you mean compose"),
    "a wrong type": (call(plan(step(1, "transpose", music="a1", semitones="a fourth"))), "semitones"),
    "out of bounds": (call(plan(step(1, "transpose", music="a1", semitones=99))), "48"),
    "an unknown argument": (call(plan(step(1, "transpose", music="a1", steps=2))), "'steps'"),
    "a missing argument": (call(plan(step(1, "transpose", semitones=2))), "music"),
    "a step that does not exist": (call(plan(step(1, "render_audio", music="$s9"))), "'s9'"),
    "a need that does not exist": (call(plan(step(1, "compose", needs=["s7"]))), "'s7'"),
    "a cycle": (call(plan(step(1, "compose", needs=["s2"]), step(2, "compose", needs=["s1"]))), "circle"),
    "an invented file": (call(plan(step(1, "transpose", music="a7", semitones=2))), "not attached"),
    "a number for a file": (call(plan(step(1, "transpose", music=3, semitones=2))), "music names 3"),
    "an object for a file": (call(plan(step(1, "transpose", music={"id": "a1"}, semitones=2))), "music names"),
    "a number in a list of files": (call(plan(step(1, "transpose", music=["a1", 7], semitones=2))), "music names 7"),
    "arguments in a list": (call({"brief": {}, "steps": [{"id": "s1", "tool": "compose", "args": ["a1"]}]}), "args"),
    "no tool": (call({"brief": {}, "steps": [{"id": "s1", "tool": None}]}), "tool"),
    "needs that are a word": (call({"brief": {}, "steps": [{"id": "s1", "tool": "compose", "needs": "s0"}]}), "needs"),
    "words in a list": (call(plan(step(1, "compose"), words=["calm"])), "words"),
    "nested beyond reason": (text('{"brief": ' * 40000), "JSON"),
    "the wrong kind of file": (call(plan(step(1, "transpose", music="a2", semitones=2))), "video"),
    "a result of the wrong kind": (
        call(plan(step(1, "caption_video", video="a2"), step(2, "render_audio", music="$s1"))),
        "caption_video gives",
    ),
    "twice the same id": (call(plan(step(1, "compose"), step(1, "compose"))), "share an id"),
    "a Brief of the wrong type": (call(plan(step(1, "compose"), tempo_bpm="fast")), "tempo_bpm"),
    "a Brief field that does not exist": (call(plan(step(1, "compose"), speed=3)), "speed"),
}


@pytest.mark.parametrize(("answer", "told"), FAULTY.values(), ids=list(FAULTY))
def test_a_faulty_answer_goes_back_with_its_fault_and_the_mended_one_is_taken(planner, openai_server, answer, told):
    openai_server.plays(answer, call(GOOD))
    planned = planner.plan(ASK)
    assert (planned.planner, tools_of(planned), planned.notes) == ("llm", ["compose", "render_audio"], ())
    assert planned.usage == {"input_tokens": 200, "output_tokens": 40}
    last = openai_server.requests[1]["messages"][-1]
    assert last["role"] == "user"
    assert told in last["content"], last["content"]


def test_after_two_mends_the_floor_plans_and_the_last_fault_is_named(planner, openai_server):
    openai_server.always = FAULTY["a cycle"][0]
    planned = planner.plan(ASK)
    assert len(openai_server.requests) == 3
    assert (planned.planner, tools_of(planned)) == ("grammar", ["compose"])
    assert "circle" in planned.notes[-1]
    assert planned.usage == {"input_tokens": 300, "output_tokens": 60}


@pytest.mark.parametrize("written", ["tune.mid", "/music/tune.mid", "$a1"])
def test_a_file_that_is_named_otherwise_is_taken_for_its_id(planner, openai_server, written):
    openai_server.plays(call(draft(("transpose", {"music": written, "semitones": 2}))))
    assert planner.plan(ASK).plan.steps[0].args["music"] == "a1"


def test_a_bare_step_id_is_taken_for_what_the_step_makes(planner, openai_server):
    openai_server.plays(call(draft(COMPOSE, ("render_audio", {"music": "s1"}))))
    assert planner.plan(ASK).plan.steps[1].args["music"] == "$s1"


def test_a_kept_artifact_called_like_a_step_is_not_mistaken_for_it(planner, openai_server):
    openai_server.plays(call(draft(COMPOSE, ("render_audio", {"music": "s1"}))))
    planned = planner.plan(Situation("play it", (attached("s1", "midi", "old.mid"),)))
    assert planned.plan.steps[1].args["music"] == "s1"


def test_null_fields_mean_not_said(planner, openai_server):
    openai_server.plays(call({"brief": {"mood": None, "chords": None, "words": None}, "steps": GOOD["steps"]}))
    assert planner.plan(ASK).planner == "llm"


def test_progress_is_told_while_the_answer_streams(openai_server, small_catalogue, floor):
    heard = []
    planner = LLMPlanner(Config(model="fake", base_url=openai_server.url), floor, emit=heard.append)
    openai_server.plays(call(GOOD, pieces=10))
    planner.plan(ASK)
    assert len(heard) > 5
    assert {e.kind for e in heard} == {"planning"}
    assert "fake" in heard[-1].text


def test_an_llm_planner_without_a_model_says_what_to_set(floor):
    with pytest.raises(UserError, match="SCOREWRIGHT_MODEL"):
        LLMPlanner(Config(model=None), floor)
