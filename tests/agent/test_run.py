"""Whole runs over fake tools and a planner that gives what the test says."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from agent.config import Config
from agent.plan import Plan, Step
from agent.planner.base import Planned, Situation
from agent.pool import Pool
from agent.run import Request, Run, load_report, new_run_folder
from tools.brief import Brief, constraint
from tools.errors import UserError

ROOT = Path(__file__).parents[2]


class Scripted:
    """A planner that gives its plans in turn and keeps what it was told."""

    def __init__(self, *plans: Plan, brief: Brief | None = None) -> None:
        self.plans, self.brief, self.seen = list(plans), brief or Brief(), []

    def plan(self, situation: Situation) -> Planned:
        self.seen.append(situation)
        plan = self.plans.pop(0) if len(self.plans) > 1 else self.plans[0]
        return Planned(self.brief, plan, "scripted")


def steps(*calls: tuple[str, dict]) -> Plan:
    return Plan(steps=[Step(id=f"s{n}", tool=t, args=a) for n, (t, a) in enumerate(calls, start=1)])


@pytest.fixture
def start(tmp_path: Path, config: Config, fake_pool: Pool, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Run]:
    def begin(planner: Scripted, name: str = "run", **request: object) -> Run:
        monkeypatch.setattr("agent.run.make_planner", lambda *_, **__: planner)
        return Run.start(tmp_path / name, Request(text="do it", **request), config, pool=fake_pool)

    return begin


def test_a_run_leaves_its_report_in_its_folder(start, tmp_path):
    report = start(Scripted(steps(("writer", {"text": "tune"}))), seed=4).execute()
    assert (report.exit_code, report.ok, report.planner) == (0, True, "scripted")
    assert load_report(tmp_path / "run") == report
    assert [s["status"] for s in report.steps] == ["ok"]
    assert report.artifacts[0]["path"] == str(tmp_path / "run" / "tune.mid")
    assert "tune.mid" in report.answer
    assert json.loads((tmp_path / "run" / "run.json").read_text())["seed"] == 4


def test_what_a_failed_step_leaves_undone_is_said_and_the_rest_is_kept(start, tmp_path):
    plan = steps(("writer", {"text": "tune"}), ("faulty", {"text": "bug"}))
    report = start(Scripted(plan)).execute()
    assert report.exit_code == 3
    assert "faulty failed" in report.answer
    assert (tmp_path / "run" / "tune.mid").exists()


def test_a_wrong_file_found_by_a_tool_is_the_requests_fault(start):
    assert start(Scripted(steps(("faulty", {"text": "user"})))).execute().exit_code == 2


def test_a_plan_that_cannot_run_is_told_and_costs_no_traceback(start):
    report = start(Scripted(steps(("sing_opera", {})))).execute()
    assert report.exit_code == 2
    assert "sing_opera" in report.error


def test_a_question_stops_the_run_until_it_is_answered(start, config, tmp_path, fake_pool):
    ask = steps(("ask_user", {"question": "90 or 140?", "default": "90", "options": ["90", "140"]}))
    planner = Scripted(ask, steps(("writer", {"text": "tune"})))
    report = start(planner).execute()
    assert (report.exit_code, report.question.question) == (4, "90 or 140?")
    assert report.question.options == ["90", "140"]
    report = Run.reopen(tmp_path / "run", config, pool=fake_pool).execute(answer="140")
    assert report.exit_code == 0
    assert planner.seen[-1].answers == (("90 or 140?", "140"),)


def test_yes_takes_the_stated_default_and_says_so(start):
    ask = steps(("ask_user", {"question": "90 or 140?", "default": "90"}))
    planner = Scripted(ask, steps(("writer", {})))
    report = start(planner, yes=True).execute()
    assert report.exit_code == 0
    assert planner.seen[-1].answers == (("90 or 140?", "90"),)
    assert "default: 90" in report.answer


def test_a_question_asked_twice_is_answered_by_the_first_answer(start):
    ask = steps(("ask_user", {"question": "which?", "default": "this"}), ("writer", {}))
    report = start(Scripted(ask), yes=True).execute()
    assert report.exit_code == 0
    assert [s["tool"] for s in report.steps] == ["ask_user", "writer"]


def test_two_runs_do_not_share_a_folder(start):
    start(Scripted(steps(("noop", {}))))
    with pytest.raises(UserError, match="holds a run already"):
        start(Scripted(steps(("noop", {}))))


def test_a_folder_is_named_after_the_day_and_the_words(tmp_path):
    folder = new_run_folder(tmp_path, "A waltz: for piano & 二胡!", [])
    assert folder.name.endswith("-a-waltz-for-piano-二胡")
    folder.mkdir()
    assert new_run_folder(tmp_path, "A waltz: for piano & 二胡!", []).name.endswith("-2")


def test_constraints_that_no_step_measured_are_named(start, monkeypatch):
    brief = Brief(key="D minor", constraints=[constraint("key", "D minor", "in D minor")])
    monkeypatch.setattr("agent.check.MAKING_FAMILIES", ("fakes",))
    plan = steps(("writer", {}), ("faulty", {"text": "bug"}))
    monkeypatch.setattr("agent.workflow.with_check", lambda plan: plan)
    report = start(Scripted(plan, brief=brief)).execute()
    assert [(c.name, c.verdict) for c in report.checks] == [("key", "not_checked")]


def test_killed_in_the_middle_it_goes_on_and_repeats_no_finished_step(tmp_path):
    """A real process, a real SIGKILL: steps one after another, killed during the third."""
    log = tmp_path / "log"
    script = tmp_path / "driver.py"
    script.write_text(f"""
import sys
sys.path[:0] = [{str(ROOT)!r}]
from pathlib import Path
import agent.run
from agent.config import Config
from agent.pool import Pool
from tests.agent.conftest import FAKE_WORKER
from tests.agent.test_run import Scripted, steps
from tests.fakes.tools import FAKES
from tools import catalogue
catalogue().update(FAKES)
calls = []
for n in range(5):
    source = {{"source": f"$s{{n}}"}} if n else {{}}
    calls.append(("writer", {{"text": f"part{{n}}", "seconds": 0.5, "log": {str(log)!r}, **source}}))
plan = steps(*calls)
agent.run.make_planner = lambda *_, **__: Scripted(plan)
folder = Path({str(tmp_path / "run")!r})
config = Config(cache_dir={str(tmp_path / "cache")!r}, cache_max_mb=0)
if sys.argv[1] == "start":
    run = agent.run.Run.start(folder, agent.run.Request(text="x"), config, pool=Pool(FAKE_WORKER))
else:
    run = agent.run.Run.reopen(folder, config, pool=Pool(FAKE_WORKER))
sys.exit(run.execute().exit_code)
""")
    first = subprocess.Popen([sys.executable, str(script), "start"], start_new_session=True, cwd=ROOT)
    deadline = time.monotonic() + 60
    while not (log.exists() and "part2" in log.read_text()):
        assert time.monotonic() < deadline
        assert first.poll() is None
        time.sleep(0.02)
    first.send_signal(signal.SIGKILL)
    first.wait()
    subprocess.run([sys.executable, str(script), "resume"], check=True, cwd=ROOT, timeout=60)
    starts = log.read_text().split()
    assert starts.count("part0") == starts.count("part1") == 1
    assert starts.count("part2") == 2
    assert starts.count("part3") == starts.count("part4") == 1
    assert (tmp_path / "run" / "part4.mid").read_bytes() == b"part4 0"


def test_a_file_that_no_step_takes_is_named(start, tmp_path):
    (tmp_path / "hum.mid").write_bytes(b"MThd")
    report = start(Scripted(steps(("writer", {}))), attachments=[str(tmp_path / "hum.mid")]).execute()
    assert "hum.mid was not used" in report.answer
