"""The index survives what happens to files: whatever is broken is noticed and built again, with the same answers."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from retrieval import store
from retrieval.store import Recipe, open_index
from retrieval.vectors import ExactIndex, IndexBroken

COUNT, SIZE = 120, 384


def _vectors(seed: int = 0) -> np.ndarray:
    raw = np.random.default_rng(seed).normal(size=(COUNT, SIZE)).astype(np.float32)
    return raw / np.linalg.norm(raw, axis=1, keepdims=True)


RECIPE = Recipe(schema=1, model="m", records_sha="r", count=COUNT)
QUERY = _vectors(7)[3]


def _top(folder: Path, recipe: Recipe = RECIPE, seed: int = 0) -> list[int]:
    index = open_index(folder, recipe, _vectors(seed))
    rows = [row for row, _ in index.nearest(QUERY, 10)]
    index.close()
    return rows


@pytest.fixture
def built(tmp_path: Path) -> Path:
    _top(tmp_path)
    return tmp_path


@pytest.fixture
def builds(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The folders that were built in during the test."""
    seen: list[Path] = []
    build = store._build
    monkeypatch.setattr(store, "_build", lambda folder, *rest: (seen.append(folder), build(folder, *rest))[1])
    return seen


def test_chroma_answers_as_an_exact_scan_does(tmp_path: Path) -> None:
    index = open_index(tmp_path, RECIPE, _vectors())
    exact = ExactIndex(_vectors()).nearest(QUERY, COUNT)
    found = index.nearest(QUERY, COUNT)
    index.close()
    assert [row for row, _ in found] == [row for row, _ in exact]
    assert [d for _, d in found] == pytest.approx([d for _, d in exact], abs=1e-5)


def test_a_whole_index_is_not_built_again(built: Path, builds: list[Path]) -> None:
    _top(built)
    assert builds == []


def _graph_file(index: Path) -> Path:
    return next(index.glob("*/data_level0.bin"))


def _truncate(file: Path) -> None:
    os.truncate(file, file.stat().st_size // 2)


def _scribble(file: Path) -> None:
    with file.open("r+b") as stream:
        stream.seek(file.stat().st_size // 2)
        stream.write(b"\x55" * 64)


def _lose_rows(index: Path) -> None:
    with sqlite3.connect(index / "chroma.sqlite3") as connection:
        connection.execute("DELETE FROM embeddings_queue")
        connection.execute("DELETE FROM embeddings WHERE id % 10 = 0")


def _other_manifest(index: Path) -> None:
    manifest = json.loads((index / "manifest.json").read_text())
    manifest["recipe"]["model"] = "another"
    (index / "manifest.json").write_text(json.dumps(manifest))


DAMAGE: dict[str, Callable[[Path], None]] = {
    "manifest lost": lambda index: (index / "manifest.json").unlink(),
    "manifest half written": lambda index: _truncate(index / "manifest.json"),
    "manifest of another model": _other_manifest,
    "database lost": lambda index: (index / "chroma.sqlite3").unlink(),
    "database truncated": lambda index: _truncate(index / "chroma.sqlite3"),
    "database emptied": lambda index: (index / "chroma.sqlite3").write_bytes(b""),
    "rows lost": _lose_rows,
    "graph file lost": lambda index: _graph_file(index).unlink(),
    "graph file truncated": lambda index: _truncate(_graph_file(index)),
    "graph file overwritten": lambda index: _scribble(_graph_file(index)),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_index_is_built_again_with_the_same_answers(
    built: Path, builds: list[Path], damage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = [row for row, _ in ExactIndex(_vectors()).nearest(QUERY, 10)]
    DAMAGE[damage](built / "index")
    assert _top(built) == before
    assert builds == [built]
    assert sorted(p.name for p in built.iterdir()) == ["index", "lock"]


@pytest.mark.parametrize("change", [{"schema": 2}, {"model": "n"}, {"records_sha": "s"}])
def test_an_index_of_another_recipe_is_never_used(built: Path, builds: list[Path], change: dict[str, object]) -> None:
    other = Recipe(**{**RECIPE.__dict__, **change})
    expected = [row for row, _ in ExactIndex(_vectors(1)).nearest(QUERY, 10)]
    assert _top(built, other, seed=1) == expected
    assert builds == [built]


def test_a_failing_query_says_the_index_is_broken(tmp_path: Path) -> None:
    index = open_index(tmp_path, RECIPE, _vectors())
    with pytest.raises(IndexBroken):
        index.nearest(QUERY[:10], 3)
    index.close()


def _build_slowly(folder: str, ready: object) -> None:
    fingerprints = store._fingerprints

    def stopped(index: Path) -> dict[str, str]:
        ready.set()  # type: ignore[attr-defined]
        time.sleep(60)
        return fingerprints(index)

    store._fingerprints = stopped
    _top(Path(folder))


def test_a_build_killed_in_the_middle_leaves_nothing_that_counts(tmp_path: Path) -> None:
    spawn = multiprocessing.get_context("spawn")
    ready = spawn.Event()
    child = spawn.Process(target=_build_slowly, args=(str(tmp_path), ready))
    child.start()
    assert ready.wait(150)
    assert child.pid is not None
    os.kill(child.pid, signal.SIGKILL)
    child.join()
    assert not (tmp_path / "index").exists()
    assert list(tmp_path.glob(".building*"))
    assert _top(tmp_path) == [row for row, _ in ExactIndex(_vectors()).nearest(QUERY, 10)]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["index", "lock"]


def _answer(folder: str, results: object) -> None:
    results.put(_top(Path(folder)))  # type: ignore[attr-defined]


def test_two_processes_that_open_at_once_both_answer_rightly(tmp_path: Path) -> None:
    spawn = multiprocessing.get_context("spawn")
    results = spawn.Queue()
    children = [spawn.Process(target=_answer, args=(str(tmp_path), results)) for _ in range(2)]
    for child in children:
        child.start()
    answers = [results.get(timeout=150) for _ in children]
    for child in children:
        child.join()
    expected = [row for row, _ in ExactIndex(_vectors()).nearest(QUERY, 10)]
    assert answers == [expected, expected]
