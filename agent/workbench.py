"""A workbench: tools called one by one on a growing folder of artifacts, with no planner between.

LangChain agents (:func:`agent.toolkit.load_tools`), MCP clients and ``scorewright tool call`` stand at it.
"""

from __future__ import annotations

import re
import threading
import weakref
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from agent.config import Config
from agent.events import CancelToken, Listener, silent
from agent.execute import Executor
from agent.plan import Plan, Step, validated
from agent.pool import Pool
from agent.records import StepRecord, public_artifact
from agent.store import Store
from tools import get_tool
from tools.brief import Brief
from tools.contract import Artifact, Tool
from tools.errors import UserError
from tools.kit.media import sha256_of


class ToolReport(BaseModel):
    """What one tool call gave; dumped, it is what ``tool call --json`` prints."""

    model_config = ConfigDict(extra="forbid")

    tool: str
    ok: bool
    data: dict[str, Any] = Field(default_factory=dict)
    artifacts: list[dict[str, Any]] = Field(default_factory=list)
    error: str | None = None
    summary: str = ""
    notes: list[str] = Field(default_factory=list)
    exit_code: int = 0


class Workbench:
    """Tools over one folder; a file argument takes the id of an artifact here, or a path.

    Parameters
    ----------
    folder
        Where results, their sidecars and the journal are kept; one that exists is gone on with.
    roots
        Folders that paths may lie in; none given, any file that can be read may be named.
    """

    def __init__(self, folder: Path, config: Config, *, roots: Iterable[Path | str] = ()) -> None:
        self.store = Store(folder)
        self.config = config
        self._roots = [Path(r).expanduser().resolve() for r in roots]
        self._pool = Pool()
        self._let_go = weakref.finalize(self, self._pool.close)
        self._calls = _last_step(self.store)
        self._one_at_a_time = threading.Lock()

    def __enter__(self) -> Workbench:
        return self

    def __exit__(self, kind: type[BaseException] | None, err: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the worker processes; a workbench that nobody holds any more does so by itself."""
        self._let_go()

    def attach(self, path: Path) -> Artifact:
        """Take a file in by reference; the same file named twice is one artifact.

        Raises
        ------
        UserError
            When the file lies outside the allowed folders, cannot be read, or is of no known kind.
        """
        path = self._allowed(path)
        named = [a for a in self.store.attachments() if a.path == str(path)]
        digest = sha256_of(path) if named and path.is_file() else None
        same = [a for a in named if a.sha256 == digest]
        return same[0] if same else self.store.attach(path)

    def adopt(self, artifact: Artifact) -> Artifact:
        """Take in what a run made elsewhere, by reference, with its facts, licence and provenance."""
        known = [a for a in self.store.attachments() if (a.path, a.sha256) == (artifact.path, artifact.sha256)]
        return known[0] if known else self.store.adopt(artifact)

    def resolve(self, ref: str) -> Artifact:
        """The artifact of that id, or the file at that path taken in.

        Raises
        ------
        UserError
            When it is neither; the message names the artifacts that there are.
        """
        if ref in self.store:
            return self.store[ref]
        if not Path(ref).expanduser().exists():
            have = ", ".join(f"{a.id} ({a.kind}, {a.file.name})" for a in self.store.all()) or "none"
            raise UserError(f"{ref!r} is no file and no artifact here; artifacts: {have}.")
        return self.attach(Path(ref))

    def call(
        self,
        name: str,
        args: Mapping[str, Any],
        *,
        seed: int = 0,
        emit: Listener = silent,
        cancel: CancelToken | None = None,
    ) -> ToolReport:
        """Call a tool; what fails while it runs is told in the report.

        Raises
        ------
        UserError
            When the tool, an argument or a file is wrong.
        Cancelled
            After the tool's worker was killed.
        """
        tool = get_tool(name)
        with self._one_at_a_time:
            step = Step(id=self._next_step(), tool=name, args=self._referred(tool, args))
            plan = validated(Plan(steps=[step]), self.store.all())
            executor = Executor(self.store, self.config, self._pool, emit=emit, cancel=cancel)
            return self._report(executor.run(plan, Brief(), seed)[step.id])

    def _report(self, record: StepRecord) -> ToolReport:
        return ToolReport(
            tool=record.tool,
            ok=record.done,
            data=record.data,
            summary=record.summary,
            notes=record.notes,
            error=record.error,
            artifacts=[public_artifact(self.store[i]) for i in record.artifacts],
            exit_code=_exit_code(record),
        )

    def _referred(self, tool: Tool, args: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments with every path of a file taken in, and every folder looked at."""
        referred = dict(args)
        for name in tool.references():
            if name in referred:
                referred[name] = self._ids(referred[name])
        for name in tool.folders():
            if isinstance(referred.get(name), str):
                referred[name] = str(self._allowed(Path(referred[name])))
        return referred

    def _ids(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._ids(v) for v in value]
        return self.resolve(value).id if isinstance(value, str) else value

    def _allowed(self, path: Path) -> Path:
        path = path.expanduser().absolute()
        inside = [*self._roots, self.store.folder.resolve()]
        if self._roots and not any(path.resolve().is_relative_to(root) for root in inside):
            raise UserError(f"{path} lies outside the folders that may be read: {', '.join(map(str, inside))}.")
        return path

    def _next_step(self) -> str:
        self._calls += 1
        return f"s{self._calls}"


def _last_step(store: Store) -> int:
    """The highest number of a step that left an artifact in the folder; 0 in a fresh one."""
    made = (re.match(r"s(\d+)-", a.id) for a in store.made())
    return max((int(m[1]) for m in made if m), default=0)


def _exit_code(record: StepRecord) -> int:
    if record.done:
        return 0
    if record.status == "waiting":
        return 4
    return 2 if record.error_type == "UserError" else 3
