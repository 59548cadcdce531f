from __future__ import annotations

import pytest

from agent.records import Question, RunReport
from agent.surfaces.expect import Expectations, judge, matches
from tools.brief import Check


def report(**fields: object) -> RunReport:
    return RunReport(request="x", **fields)


def ok(report_: RunReport, before: tuple[RunReport, ...] = (), **expected: object) -> bool:
    (outcome,) = judge(Expectations(**expected), report_, before)
    return outcome.ok


@pytest.mark.parametrize(
    ("field", "expected", "got", "held"),
    [
        ("instruments", ["guitar"], ["guitar", "violin"], True),
        ("instruments", ["saxophone"], ["tenor saxophone"], True),
        ("instruments", ["violin"], ["piano"], False),
        ("mood", "warm", "calm, warm", True),
        ("mood", "cold", "calm, warm", False),
        ("tempo_bpm", 90, 90.0, True),
        ("tempo_bpm", {"min": None, "max": 100.0}, {"min": None, "max": 100.0}, True),
        ("loop", True, None, False),
        ("chords", ["Am"], ["Am", "F"], True),
    ],
)
def test_a_brief_field_matches_what_was_expected(field, expected, got, held):
    assert matches(field, expected, got) is held


def test_tools_called_and_not_called():
    done = report(steps=[{"tool": "compose", "error": None}])
    assert ok(done, tools=["compose"])
    assert not ok(done, tools=["compose", "check"])
    assert ok(done, not_tools=["check"])
    assert not ok(done, not_tools=["compose"])


def test_files_are_those_made_in_this_turn():
    done = report(artifacts=[{"id": "a1", "kind": "video"}, {"id": "s1-1", "kind": "midi"}])
    assert ok(done, files=["midi"])
    assert not ok(done, files=["video"])


def test_the_share_of_checks_leaves_out_what_was_not_measured():
    verdicts = ["met", "met", "missed", "not_checked"]
    done = report(checks=[Check(name=str(i), how="", verdict=v) for i, v in enumerate(verdicts)])
    assert ok(done, checks=0.66)
    assert not ok(done, checks=1)
    assert not ok(report(), checks=1)


def test_changed_and_kept_compare_with_the_turn_before():
    was = report(brief={"tempo_bpm": 90, "key": None, "mode": "major", "instruments": ["piano"]})
    now = report(brief={"tempo_bpm": 80, "key": None, "mode": "minor", "instruments": ["piano"]})
    assert ok(now, (was,), changed=["tempo_bpm", "key"])
    assert not ok(now, (was,), changed=["instruments"])
    assert ok(now, (was,), kept=["instruments"])
    assert not ok(now, (was,), kept=["tempo_bpm"])


def test_a_turn_is_the_same_as_an_earlier_one_when_its_files_are(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).write_text(name)
    one, other = ([{"id": "s1-1", "kind": "midi", "path": str(tmp_path / n)}] for n in ("a", "b"))
    assert ok(report(artifacts=one), (report(artifacts=one),), same_as=1)
    assert not ok(report(artifacts=other), (report(artifacts=one),), same_as=1)
    assert not ok(report(artifacts=one), (), same_as=1)


def test_says_asks_and_errors():
    assert ok(report(answer="Two of three met."), says="two of three")
    assert ok(report(question=Question(question="which?", default="")), asks=True)
    assert not ok(report(), asks=True)
    assert ok(report(exit_code=2, error="clip.mp4 is empty"), error="is empty")
    assert not ok(report(exit_code=0), error="is empty")


def test_an_error_nobody_expected_is_an_outcome_of_its_own():
    (outcome,) = judge(Expectations(), report(exit_code=3, error="boom"), ())
    assert (outcome.name, outcome.ok, outcome.got) == ("no error", False, "boom")
