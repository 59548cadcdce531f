"""An executor over fake tools, in a folder a test."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from agent.config import Config
from agent.events import CancelToken, Event
from agent.execute import Executor
from agent.plan import Plan, Step, validated
from agent.pool import Pool
from agent.records import StepRecord
from agent.store import Store
from tests.fakes.tools import FAKES
from tools import catalogue
from tools.brief import Brief

FAKE_WORKER = (sys.executable, "-m", "tests.fakes.worker")


@pytest.fixture
def fake_tools(monkeypatch: pytest.MonkeyPatch) -> None:
    """The fake tools are in the catalogue."""
    for name, fake in FAKES.items():
        monkeypatch.setitem(catalogue(), name, fake)


@pytest.fixture
def fake_pool(fake_tools: None) -> Iterator[Pool]:
    """Workers that know the fake tools."""
    with Pool(FAKE_WORKER) as pool:
        yield pool


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """A configuration whose folders are all in the test's own."""
    return Config(
        cache_dir=tmp_path / "cache", runs_dir=tmp_path / "runs", sessions_dir=tmp_path / "sessions", workers=2
    )


@pytest.fixture
def execute(tmp_path: Path, fake_pool: Pool, config: Config) -> Callable[..., dict[str, StepRecord]]:
    """``execute([("writer", {...}), ...], needs={"s2": ["s1"]})`` runs steps s1, s2, ... and returns their records."""

    def run(
        steps: list[tuple[str, dict[str, Any]]],
        *,
        seed: int = 0,
        brief: Brief | None = None,
        folder: Path | None = None,
        events: list[Event] | None = None,
        cancel: CancelToken | None = None,
        settings: Config | None = None,
    ) -> dict[str, StepRecord]:
        plan = Plan(steps=[Step(id=f"s{n}", tool=t, args=a) for n, (t, a) in enumerate(steps, start=1)])
        store = Store(folder or tmp_path / "run")
        emit = (lambda e: None) if events is None else events.append
        executor = Executor(store, settings or config, fake_pool, emit=emit, cancel=cancel)
        return executor.run(validated(plan, store.all()), brief or Brief(), seed)

    return run
