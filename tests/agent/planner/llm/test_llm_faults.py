"""Whatever the server does, a request ends in a plan that can run, and the person reads why."""

from __future__ import annotations

import socket
import threading
import time

import pytest

from agent.config import Config
from agent.events import CancelToken
from agent.planner.base import Situation
from agent.planner.llm import LLMPlanner
from tests.agent.planner.llm.conftest import COMPOSE, RENDER, draft
from tests.fake_openai import call, cut, drip, hang, html, status, text
from tools.errors import Cancelled, UserError

GOOD = draft(COMPOSE, RENDER)
ASK = Situation("compose something")


def tools_of(planned):
    return [s.tool for s in planned.plan.steps]


def fell_back(planned, *words):
    """Whether the floor's plan was taken and one note names the cause in one line."""
    assert planned.planner == "grammar"
    assert tools_of(planned) == ["compose"]
    (note,) = planned.notes
    assert "\n" not in note
    assert "built-in grammar" in note
    for word in words:
        assert word in note, note


def test_waits_as_long_as_a_busy_server_asks(planner, openai_server):
    openai_server.plays(status(429, "slow down", {"Retry-After": "1"}), call(GOOD))
    begun = time.monotonic()
    planned = planner.plan(ASK)
    assert planned.planner == "llm"
    assert 1 <= time.monotonic() - begun < 2.5


def test_gives_up_at_once_when_asked_to_wait_beyond_its_time(planner, openai_server):
    openai_server.plays(status(429, "slow down", {"Retry-After": "120"}))
    begun = time.monotonic()
    fell_back(planner.plan(ASK), "busy", "120 s")
    assert time.monotonic() - begun < 1


def test_an_empty_account_is_not_asked_twice(planner, openai_server):
    openai_server.plays(status(429, "You exceeded your current quota", code="insufficient_quota"))
    fell_back(planner.plan(ASK), "no credit")
    assert len(openai_server.requests) == 1


def test_tries_again_after_a_server_error(planner, openai_server):
    openai_server.plays(status(500, "oops"), status(503, "overloaded"), call(GOOD))
    assert planner.plan(ASK).planner == "llm"


def test_a_server_that_always_fails_is_tried_a_bounded_number_of_times(planner, openai_server):
    openai_server.always = status(500, "upstream exploded")
    fell_back(planner.plan(ASK), "500", "upstream exploded")
    assert len(openai_server.requests) == 3


@pytest.mark.parametrize("silence", [hang(), drip()], ids=["hang", "drip of keep-alives"])
def test_a_server_that_never_answers_costs_the_timeout_and_no_more(openai_server, small_catalogue, floor, silence):
    planner = LLMPlanner(Config(model="fake", base_url=openai_server.url, llm_timeout_s=0.6), floor)
    openai_server.plays(silence)
    begun = time.monotonic()
    fell_back(planner.plan(ASK), "0.6 s", "SCOREWRIGHT_LLM_TIMEOUT_S")
    assert time.monotonic() - begun < 2


def test_cancelling_ends_a_hanging_plan_within_a_second(openai_server, small_catalogue, floor):
    cancel = CancelToken()
    planner = LLMPlanner(Config(model="fake", base_url=openai_server.url), floor, cancel=cancel)
    openai_server.plays(hang())
    threading.Timer(0.3, cancel.cancel).start()
    begun = time.monotonic()
    with pytest.raises(Cancelled):
        planner.plan(ASK)
    assert time.monotonic() - begun < 1.3


@pytest.mark.parametrize("politely", [False, True], ids=["dropped", "closed"])
def test_a_stream_cut_in_the_middle_is_asked_for_anew_without_streaming(planner, openai_server, politely):
    openai_server.plays(cut(GOOD, politely=politely), call(GOOD))
    assert planner.plan(ASK).planner == "llm"
    assert [r.get("stream") for r in openai_server.requests] == [True, False]


def test_answers_that_are_always_cut_end_with_the_floor(planner, openai_server):
    openai_server.always = cut(GOOD)
    fell_back(planner.plan(ASK), "cut off")


def test_a_web_page_is_no_answer(planner, openai_server):
    openai_server.always = html()
    fell_back(planner.plan(ASK), "no chat completion", "/v1")


def test_a_refused_key_is_named_and_not_tried_again(planner, openai_server):
    openai_server.plays(status(401, "Incorrect API key provided: sk-12"))
    fell_back(planner.plan(ASK), "refused the key", "OPENAI_API_KEY")
    assert len(openai_server.requests) == 1


def test_an_unknown_model_is_named(planner, openai_server):
    openai_server.plays(status(404, "model 'fake' not found, try pulling it first"))
    fell_back(planner.plan(ASK), "SCOREWRIGHT_MODEL", "not found")


@pytest.mark.parametrize(
    "message",
    [
        "This model's maximum context length is 4096 tokens. However, your messages resulted in 9000 tokens.",
        "the request exceeds the available context size. try increasing the context size",
        "prompt is too long",
    ],
)
def test_a_context_that_is_too_small_is_named(planner, openai_server, message):
    openai_server.plays(status(400, message))
    fell_back(planner.plan(ASK), "context")
    assert len(openai_server.requests) == 1


def test_a_server_without_tool_calls_is_asked_for_json(planner, openai_server):
    import json

    openai_server.plays(status(400, '"auto" tool choice requires --enable-auto-tool-choice'), text(json.dumps(GOOD)))
    assert planner.plan(ASK).planner == "llm"
    assert "tools" in openai_server.requests[0]
    assert "tools" not in openai_server.requests[1]


def test_a_server_without_streaming_is_asked_for_the_whole(planner, openai_server):
    openai_server.plays(status(400, "stream is not supported"), call(GOOD))
    assert planner.plan(ASK).planner == "llm"


def test_a_model_without_a_temperature_is_asked_without_one(planner, openai_server):
    openai_server.plays(status(400, "Unsupported value: 'temperature' does not support 0 with this model"), call(GOOD))
    assert planner.plan(ASK).planner == "llm"
    assert "temperature" not in openai_server.requests[1]
    assert openai_server.requests[1]["stream"] is True


def test_what_a_server_cannot_do_is_not_tried_again(planner, openai_server):
    openai_server.plays(status(400, "stream is not supported"), call(GOOD), call(GOOD))
    planner.plan(ASK)
    planner.plan(ASK)
    assert [bool(r.get("stream")) for r in openai_server.requests] == [True, False, False]


def test_nobody_listening_is_named_at_once(small_catalogue, floor):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    begun = time.monotonic()
    planned = LLMPlanner(Config(model="fake", base_url=f"http://127.0.0.1:{port}/v1"), floor).plan(ASK)
    fell_back(planned, "refused", str(port), "OPENAI_BASE_URL")
    assert time.monotonic() - begun < 2


def test_an_address_that_is_none_is_named_at_once(small_catalogue, floor):
    planned = LLMPlanner(Config(model="fake", base_url="localhost:11434/v1"), floor).plan(ASK)
    fell_back(planned, "localhost:11434/v1", "http://")


def test_no_key_and_no_server_sends_nothing(small_catalogue, floor):
    fell_back(LLMPlanner(Config(model="gpt-5-mini"), floor).plan(ASK), "OPENAI_API_KEY")


def test_a_request_neither_understands_says_both_reasons(planner, openai_server, floor):
    floor.refuses = "Nothing in the request names something to make."
    openai_server.plays(status(401, "bad key"))
    with pytest.raises(UserError, match=r"names something to make.*refused the key"):
        planner.plan(Situation("hm"))


def test_no_failure_leaves_a_thread_behind(planner, openai_server):
    before = {t for t in threading.enumerate() if "process_request" not in t.name}
    openai_server.plays(status(500), status(500), status(500))
    planner.plan(ASK)
    time.sleep(0.2)
    after = {t for t in threading.enumerate() if "process_request" not in t.name}
    assert not after - before
