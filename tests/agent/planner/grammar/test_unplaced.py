"""An edit whose place is named and not known is asked about, never made everywhere."""

from __future__ import annotations

import pytest

from agent.planner.base import Situation
from agent.planner.grammar.planner import GrammarPlanner
from tools.contract import Artifact

MIDI = Artifact(id="a1", kind="midi", path="/files/a1", sha256="a1", media_type="audio/midi")


def _steps(say, answers=()):
    situation = Situation(request=say, attachments=(MIDI,), answers=answers)
    return [s for s in GrammarPlanner().plan(situation).plan.steps if s.tool != "check"]


@pytest.mark.parametrize(
    "say",
    [
        "make the chorus louder",
        "raise the second verse by a semitone",
        "quantise the frobnicators to sixteenths",
        "make the ending slower",
        "play it softer in the bridge",
    ],
)
def test_a_place_that_no_argument_holds_is_asked(say):
    (step,) = _steps(say)
    assert step.tool == "ask_user"
    assert step.args["default"] == "leave it"


def test_the_answer_is_the_place():
    (asked,) = _steps("make the chorus louder")
    (step,) = _steps("make the chorus louder", ((asked.args["question"], "bars 9 to 16"),))
    assert (step.tool, step.args["from_bar"], step.args["to_bar"]) == ("set_dynamics", 9, 16)


def test_everywhere_is_an_answer_too():
    (asked,) = _steps("make the chorus louder")
    (step,) = _steps("make the chorus louder", ((asked.args["question"], "the whole piece"),))
    assert step.tool == "set_dynamics"
    assert "from_bar" not in step.args


@pytest.mark.parametrize(
    ("say", "ranges"),
    [
        ("transpose it up a tone except bars 5 to 6", [(None, 4), (7, None)]),
        ("humanise everything apart from the last two bars", [(None, -3)]),
        ("quantise it, but leave the first four bars as they are", [(5, None)]),
        ("delete everything except bars 3 to 6", [(3, 6)]),
    ],
)
def test_spared_bars_are_left_as_they_are(say, ranges):
    assert [(s.args.get("from_bar"), s.args.get("to_bar")) for s in _steps(say)] == ranges


def test_keeping_all_but_some_bars_takes_those_out():
    (step,) = _steps("keep everything except bars 3 to 6")
    assert (step.tool, step.args["remove"]) == ("crop_bars", True)
