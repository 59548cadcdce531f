"""Work spread over processes that may die: a file that crashes or hangs its reader costs itself and nothing else.

A pool of the standard library is lost with any of its workers; here a worker that ends or overruns is replaced, and
its job comes back as a :class:`Failure`.
"""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")
_STARTING_S = 60.0  # what a worker may take to import its libraries, on top of a job's own time


@dataclass(frozen=True)
class Failure:
    """Why a job has no result."""

    reason: str


@dataclass
class _Worker(Generic[T]):
    process: BaseProcess
    pipe: Connection
    job: T | None = None
    deadline: float = field(default=0.0)
    is_fresh: bool = True


def in_processes(
    jobs: Iterable[T], work: Callable[[T], R], workers: int, seconds: float = 120.0
) -> Iterator[tuple[T, R | Failure]]:
    """Every job with its result, as they are done.

    Parameters
    ----------
    work
        A function of a module; what it raises ends the worker and fails the job, so it returns its own errors.
    workers
        How many processes.
    seconds
        The most one job may take.
    """
    queue = iter(jobs)
    pool: list[_Worker[T]] = []
    try:
        for _ in range(workers):
            job = next(queue, None)
            if job is None:
                break
            pool.append(_given(_started(work), job, seconds))
        while pool:
            for worker in _answering(pool):
                done, result = worker.job, _received(worker)
                worker.is_fresh = False
                pool.remove(worker)
                job = next(queue, None)
                if job is not None:
                    kept = worker if not isinstance(result, _Dead) else _started(work)
                    pool.append(_given(kept, job, seconds))
                else:
                    _ended(worker)
                assert done is not None
                yield done, Failure(result.reason) if isinstance(result, _Dead) else result
    finally:
        for worker in pool:
            _ended(worker)


class _Dead(Failure):
    """The worker ended or was ended."""


def _serve(pipe: Connection, work: Callable[[Any], Any]) -> None:
    """What a worker does: results for jobs, until it is told to stop."""
    while True:
        try:
            job = pipe.recv()
        except EOFError:
            return
        if job is None:
            return
        pipe.send(work(job))


def _started(work: Callable[[Any], Any]) -> _Worker[Any]:
    context = multiprocessing.get_context("spawn")
    mine, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, work), daemon=True)
    process.start()
    theirs.close()
    return _Worker(process, mine)


def _given(worker: _Worker[T], job: T, seconds: float) -> _Worker[T]:
    worker.job = job
    worker.deadline = time.monotonic() + seconds + (_STARTING_S if worker.is_fresh else 0.0)
    worker.pipe.send(job)
    return worker


def _answering(pool: list[_Worker[T]]) -> list[_Worker[T]]:
    """The workers that have answered, ended or overrun."""
    left = max(0.0, min(w.deadline for w in pool) - time.monotonic())
    ready = set(wait([w.pipe for w in pool], timeout=left))
    now = time.monotonic()
    return [w for w in pool if w.pipe in ready or w.deadline <= now]


def _received(worker: _Worker[Any]) -> Any:
    """A worker's answer; one that has none is ended."""
    if worker.pipe.poll():
        try:
            return worker.pipe.recv()
        except (EOFError, OSError):
            _ended(worker)
            return _Dead("its reader crashed")
    _ended(worker)
    return _Dead("it took too long to read")


def _ended(worker: _Worker[Any]) -> None:
    worker.process.kill()
    worker.process.join()
    worker.pipe.close()
