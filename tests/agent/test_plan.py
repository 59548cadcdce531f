from __future__ import annotations

import dataclasses

import pytest

from agent.plan import Plan, PlanError, Step, references, validated
from tests.fakes.tools import FAKES
from tools import catalogue
from tools.contract import Artifact

pytestmark = pytest.mark.usefixtures("fake_tools")
MIDI = Artifact(id="a1", kind="midi", path="/x/a.mid", sha256="0", media_type="audio/midi")
FILM = Artifact(id="a2", kind="video", path="/x/a.mp4", sha256="1", media_type="video/mp4")


def plan(*steps: tuple[str, str, dict]) -> Plan:
    return Plan(steps=[Step(id=i, tool=t, args=a) for i, t, a in steps])


def test_needs_follow_from_references():
    done = validated(plan(("two", "writer", {"source": "$one.midi"}), ("one", "writer", {})), [])
    assert done.ids() == ["one", "two"]
    assert done.step("two").needs == ["one"]


def test_ancestors_are_the_steps_before_near_and_far():
    steps = plan(("a", "writer", {}), ("b", "writer", {"source": "$a"}), ("c", "writer", {"source": "$b"}))
    assert validated(steps, []).ancestors("c") == {"a", "b"}


def test_references_are_found_at_any_depth_and_the_brief_is_none():
    assert list(references({"x": ["$s1", {"y": "$s2.audio"}], "z": "$brief", "price": "$5"})) == [
        ("s1", None),
        ("s2", "audio"),
    ]


@pytest.mark.parametrize(
    ("steps", "message"),
    [
        ([("s1", "writer", {}), ("s1", "noop", {})], "share an id: s1"),
        ([("s1", "wrter", {})], "no tool named 'wrter'; did you mean writer"),
        ([("s1", "writer", {"text": 5})], "text: Input should be a valid string"),
        ([("s1", "writer", {"colour": "red"})], "no argument named 'colour'"),
        ([("s1", "writer", {"source": "$s9"})], "refers to step 's9', which the plan does not have"),
        ([("s1", "writer", {"source": 3})], "source must name an artifact"),
        ([("s1", "writer", {"source": "a9"})], "names 'a9', which is not attached"),
        ([("s1", "writer", {"source": "a2"})], "source takes midi; a2 is video"),
        ([("s1", "noop", {}), ("s2", "writer", {"source": "$s1"})], "source takes midi, but noop gives no file"),
        (
            [("s1", "writer", {"source": "$s2"}), ("s2", "writer", {"source": "$s1"})],
            "wait for one another in a circle",
        ),
        ([("s1", "writer", {"source": "$s2.film"}), ("s2", "writer", {})], "asks for kind 'film'"),
    ],
)
def test_a_plan_that_cannot_run_says_which_step_and_why(steps, message):
    with pytest.raises(PlanError, match=message):
        validated(plan(*steps), [MIDI, FILM])


def test_a_step_that_takes_the_brief_waits_for_those_that_look_at_the_persons_files(monkeypatch):
    looking = {"look": dataclasses.replace(FAKES["writer"], name="look", family="see")}
    for name, tool in looking.items():
        monkeypatch.setitem(catalogue(), name, tool)
    steps = plan(
        ("s1", "look", {}), ("s2", "noop", {"brief": "$brief"}), ("s3", "noop", {}), ("s4", "look", {"source": "$s1"})
    )
    done = validated(steps, [])
    assert done.step("s2").needs == ["s1"]
    assert done.step("s3").needs == []
