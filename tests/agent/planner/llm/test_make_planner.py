"""Which planner a name means, and both of them over the real catalogue."""

from __future__ import annotations

import subprocess
import sys

import pytest

from agent.config import Config
from agent.planner import make_planner
from agent.planner.base import Situation
from agent.planner.grammar import GrammarPlanner
from agent.planner.llm import LLMPlanner
from tests.fake_openai import call, openai_server, status  # noqa: F401 - a fixture
from tools import catalogue
from tools.errors import UserError

QUESTION = {"question": "Major or minor?", "default": "minor", "options": ["major", "minor"]}


def test_auto_takes_the_model_when_there_is_one():
    assert isinstance(make_planner("auto", Config(model="gpt-5-mini")), LLMPlanner)
    assert isinstance(make_planner("auto", Config(model=None)), GrammarPlanner)


def test_a_planner_asked_for_by_name_is_taken():
    assert isinstance(make_planner("grammar", Config(model="gpt-5-mini")), GrammarPlanner)
    with pytest.raises(UserError, match="SCOREWRIGHT_MODEL"):
        make_planner("llm", Config(model=None))


def test_the_real_catalogue_goes_through_the_protocol(openai_server):  # noqa: F811 - the fixture
    planner = make_planner("llm", Config(model="fake", base_url=openai_server.url))
    openai_server.plays(call({"brief": {}, "steps": [{"id": "s1", "tool": "ask_user", "args": QUESTION}]}))
    planned = planner.plan(Situation("quelque chose de très zorbly"))
    assert planned.planner == "llm"
    shown = openai_server.requests[0]
    assert all(f"## {name}\n" in shown["messages"][0]["content"] for name in catalogue())
    step = shown["tools"][0]["function"]["parameters"]["properties"]["steps"]["items"]
    assert step["properties"]["tool"]["enum"] == list(catalogue())


def test_a_failing_server_leaves_exactly_the_grammars_plan(openai_server):  # noqa: F811 - the fixture
    situation = Situation("something wistful at 90 bpm in D minor for piano, without drums")
    config = Config(model="fake", base_url=openai_server.url)
    openai_server.plays(status(401, "bad key"))
    planned = make_planner("llm", config).plan(situation)
    alone = make_planner("grammar", config).plan(situation)
    assert (planned.brief, planned.plan, planned.planner) == (alone.brief, alone.plan, "grammar")
    assert len(planned.notes) == len(alone.notes) + 1


def test_nothing_heavy_is_imported_before_a_model_is_asked():
    code = (
        "import sys; from agent.config import Config; from agent.planner import make_planner; import agent.doctor\n"
        "make_planner('llm', Config(model='x'))\n"
        "print([m for m in ('langchain_core', 'langchain_openai', 'openai', 'tiktoken', 'torch') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
