from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest

from agent.events import CancelToken
from agent.store import Store
from tools.errors import Cancelled


def files(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.iterdir() if not p.name.startswith(".") and p.is_file())


def test_a_step_leaves_its_file_with_a_sidecar_that_says_where_it_came_from(execute, tmp_path):
    records = execute([("writer", {"text": "tune"})], seed=3)
    assert records["s1"].status == "ok"
    artifact = Store(tmp_path / "run")["s1-1"]
    assert artifact.file.read_bytes() == b"tune 3"
    assert (artifact.tool, artifact.seed, artifact.backend, artifact.args["text"]) == ("writer", 3, "fake", "tune")


def test_steps_that_need_nothing_of_one_another_run_at_once(execute):
    started = time.monotonic()
    execute([("noop", {})])
    warm = time.monotonic() - started
    started = time.monotonic()
    records = execute([("writer", {"text": "a", "seconds": 1.0}), ("writer", {"text": "b", "seconds": 1.0})])
    assert {r.status for r in records.values()} == {"ok"}
    assert time.monotonic() - started - warm < sum(r.seconds for r in records.values()) - 0.5


def test_a_result_reaches_the_step_that_refers_to_it(execute, tmp_path):
    records = execute([("writer", {"text": "one"}), ("writer", {"text": "two", "source": "$s1"})])
    assert records["s2"].done
    assert Store(tmp_path / "run")["s2-1"].parents == ["s1-1"]


def test_the_brief_that_a_step_sees_is_filled_by_what_earlier_steps_found(execute):
    alone = execute([("noop", {"brief": "$brief"})])
    after = execute([("writer", {}), ("noop", {"brief": "$brief", "source": "$s1"})])
    assert alone["s1"].data["text"] == "None"
    assert after["s2"].data["text"] == "77.0"


@pytest.mark.parametrize(
    ("fault", "message"),
    [("user", "clip.mp4 is no film"), ("bug", "ZeroDivisionError: oops"), ("crash", "SIGSEGV"), ("full", "disk")],
)
def test_a_failure_is_one_line_and_fails_only_what_depends_on_it(execute, fault, message):
    records = execute([("faulty", {"text": fault}), ("writer", {"text": "free"})])
    assert records["s1"].status == "failed"
    assert message in records["s1"].error
    assert "\n" not in records["s1"].error
    assert records["s2"].status == "ok"


def test_what_depends_on_a_failed_step_is_skipped_and_says_why(execute, monkeypatch):
    records = execute([("flaky", {}), ("writer", {"text": "a"})])
    assert records["s1"].status == "failed"
    assert "failed 3 times: busy" in records["s1"].error
    assert records["s2"].done


def test_a_step_worth_another_try_is_tried_again(execute, tmp_path):
    events = []
    records = execute([("flaky", {"log": str(tmp_path / "log")})], events=events)
    assert records["s1"].status == "ok"
    assert [e.kind for e in events].count("step_retry") == 2


def test_a_tool_that_prints_does_not_break_the_protocol(execute):
    assert execute([("faulty", {"text": "print"})])["s1"].status == "ok"


def test_the_same_step_again_comes_from_the_cache_with_the_same_bytes(execute, tmp_path):
    first = execute([("writer", {"text": "tune"})], folder=tmp_path / "one")
    again = execute([("writer", {"text": "tune"})], folder=tmp_path / "two")
    other_seed = execute([("writer", {"text": "tune"})], folder=tmp_path / "three", seed=1)
    assert [r["s1"].status for r in (first, again, other_seed)] == ["ok", "cached", "ok"]
    assert (tmp_path / "one" / "tune.mid").read_bytes() == (tmp_path / "two" / "tune.mid").read_bytes()


def test_a_cached_result_names_the_parents_of_the_run_it_is_used_in(execute, tmp_path):
    execute([("writer", {"text": "one"}), ("writer", {"text": "two", "source": "$s1"})], folder=tmp_path / "first")
    execute(
        [("noop", {}), ("writer", {"text": "one"}), ("writer", {"text": "two", "source": "$s2"})], folder=tmp_path / "b"
    )
    assert Store(tmp_path / "b")["s3-1"].parents == ["s2-1"]


def test_a_damaged_cache_entry_is_not_used(execute, tmp_path, config):
    execute([("writer", {"text": "tune"})], folder=tmp_path / "one")
    for file in (config.cache_dir / "steps").glob("*/*"):
        if file.name != "result.json":
            file.write_bytes(b"rot")
    again = execute([("writer", {"text": "tune"})], folder=tmp_path / "two")
    assert again["s1"].status == "ok"
    assert (tmp_path / "two" / "tune.mid").read_bytes() == b"tune 0"


def test_the_cache_stays_under_its_size(execute, tmp_path, config):
    small = config.model_copy(update={"cache_max_mb": 0.001})
    for number in range(12):
        execute([("writer", {"text": f"tune{number}"})], folder=tmp_path / str(number), settings=small)
    stored = sum(f.stat().st_size for f in (config.cache_dir / "steps").glob("*/*"))
    assert 0 < stored <= 1000 + 400


def test_a_finished_step_is_not_run_again_in_the_same_folder(execute, tmp_path, config):
    no_cache = config.model_copy(update={"cache_max_mb": 0})
    log = tmp_path / "log"
    for _ in range(2):
        execute([("writer", {"text": "tune", "log": str(log)})], settings=no_cache)
    assert log.read_text() == "tune\n"


def test_a_step_that_takes_too_long_is_stopped_with_the_bound_named(execute, config, tmp_path):
    short = config.model_copy(update={"step_timeout_s": 0.5})
    records = execute([("writer", {"text": "slow", "seconds": 30.0})], settings=short)
    assert "longer than 0.5 s" in records["s1"].error
    assert records["s1"].error_type == "LimitExceeded"
    assert files(tmp_path / "run") == []


def test_cancel_stops_within_a_second_and_leaves_no_child_and_no_partial_file(execute, tmp_path):
    cancel, pid_file = CancelToken(), tmp_path / "pid"

    def soon() -> None:
        while not (pid_file.exists() and pid_file.read_text()):
            time.sleep(0.02)
        soon.at = time.monotonic()
        cancel.cancel()

    threading.Thread(target=soon).start()
    steps = [("spawner", {"text": str(pid_file)}), ("writer", {"text": "slow", "seconds": 30.0})]
    with pytest.raises(Cancelled):
        execute(steps, cancel=cancel)
    assert time.monotonic() - soon.at < 1.0
    assert not _alive(int(pid_file.read_text()))
    assert files(tmp_path / "run") == []
    assert not (tmp_path / "run" / ".work").exists()


def test_a_file_of_somebody_elses_is_never_overwritten(execute, tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "tune.mid").write_text("mine")
    execute([("writer", {"text": "tune"})])
    assert (tmp_path / "run" / "tune.mid").read_text() == "mine"
    assert (tmp_path / "run" / "tune-2.mid").read_bytes() == b"tune 0"


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z" and os.kill(pid, 0) is None
    except (OSError, IndexError):
        return False
