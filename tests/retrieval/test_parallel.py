"""A job that crashes or hangs its process costs itself and nothing else."""

from __future__ import annotations

import os
import signal
import time

from retrieval.parallel import Failure, in_processes


def _work(job: str) -> str:
    if job == "crash":
        os.kill(os.getpid(), signal.SIGKILL)
    if job == "hang":
        time.sleep(600)
    return job.upper()


def test_others_are_done_whatever_one_does(monkeypatch: object) -> None:
    from retrieval import parallel

    monkeypatch.setattr(parallel, "_STARTING_S", 8.0)  # type: ignore[attr-defined]
    jobs = ["a", "crash", "b", "hang", "c", "d"]
    results = dict(in_processes(jobs, _work, workers=2, seconds=1.0))
    assert {job: results[job] for job in "abcd"} == {"a": "A", "b": "B", "c": "C", "d": "D"}
    assert results["crash"] == Failure("its reader crashed")
    assert results["hang"] == Failure("it took too long to read")


def test_no_jobs_need_no_process() -> None:
    assert list(in_processes([], _work, workers=2)) == []
