"""A run: one request in one folder, from the first plan to ``run.json``; resumable after a kill."""

from __future__ import annotations

import contextlib
import datetime
import json
import re
import shutil
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field

from agent.answer import question_text
from agent.check import missed
from agent.config import Config
from agent.events import CancelToken, Listener, silent
from agent.execute import Executor
from agent.journal import Journal
from agent.plan import Plan, PlanError, validated
from agent.planner import make_planner
from agent.pool import Pool
from agent.records import Question, RunReport, StepRecord, public_artifact
from agent.store import WORK, Store, write_json
from tools.brief import Brief, Check
from tools.contract import Artifact
from tools.errors import Cancelled, ScorewrightError, ToolFailed, UserError

if TYPE_CHECKING:
    from agent.checkpoints import Checkpoints

STATE = ".state"
REQUEST_FILE = f"{STATE}/request.json"
REPORT_FILE = "run.json"
_MEND_DISK = "see that the disk has space and takes writing, and run again with --resume."


class Request(BaseModel):
    """What a run was asked; kept in its folder so that it can be resumed."""

    model_config = ConfigDict(extra="forbid")

    text: str
    attachments: list[str] = Field(default_factory=list, description="Absolute paths of this turn's files.")
    carried: list[Artifact] = Field(default_factory=list, description="What earlier turns of the session made.")
    previous: Brief | None = None
    history: list[str] = Field(default_factory=list)
    seed: int = 0
    yes: bool = False


class Run:
    """One run folder and the workflow over it."""

    def __init__(
        self,
        folder: Path,
        request: Request,
        config: Config,
        *,
        emit: Listener = silent,
        cancel: CancelToken | None = None,
        pool: Pool | None = None,
    ) -> None:
        self.request, self.config, self.emit = request, config, emit
        self.cancel = cancel or CancelToken()
        self._pool = pool
        self.store = Store(folder)
        (self.store.folder / STATE).mkdir(exist_ok=True)

    @classmethod
    def start(cls, folder: Path, request: Request, config: Config, **live: Any) -> Run:
        """A new run: its attachments are looked at and its request is written down."""
        if (folder / REQUEST_FILE).exists():
            raise UserError(f"{folder} holds a run already; resume it with --resume {folder}, or choose another --out.")
        run = cls(folder, request, config, **live)
        for path in request.attachments:
            run.store.attach(Path(path))
        for artifact in request.carried:
            run.store.adopt(artifact)
        write_json(run.store.folder / REQUEST_FILE, request.model_dump(mode="json"))
        return run

    @classmethod
    def reopen(cls, folder: Path, config: Config, **live: Any) -> Run:
        """A run that was killed or that asked a question."""
        try:
            request = Request.model_validate_json((folder / REQUEST_FILE).read_text(encoding="utf-8"))
        except (OSError, ValueError) as err:
            raise UserError(f"{folder} holds no run to resume; name the folder that the run printed.") from err
        run = cls(folder, request, config, **live)
        shutil.rmtree(run.store.folder / WORK, ignore_errors=True)
        return run

    def execute(self, answer: str | None = None) -> RunReport:
        """Run, or go on where the last process stopped; never raises for what went wrong in the music.

        ``answer`` is the person's reply when the run stopped with a question.
        """
        state: dict[str, Any] = {}
        error: ScorewrightError | None = None
        try:
            state = self._through_graph(answer)
        except KeyboardInterrupt:
            error = Cancelled("Cancelled.")
        except ScorewrightError as err:
            error = err
        except (OSError, sqlite3.Error) as err:
            error = ToolFailed(f"{self.store.folder} could not be written ({err}); {_MEND_DISK}")
        if error is not None:
            with contextlib.suppress(OSError, sqlite3.Error, ScorewrightError):
                state = self._last_state()
        report = self._report(state, error)
        self._write(report)
        return report

    def plan_only(self) -> RunReport:
        """The Brief and the plan, and nothing run; a plan that could not run says why in its notes."""
        planned = self._workflow(Pool()).plan_for(self._initial())
        notes = list(planned.notes)
        plan = planned.plan
        try:
            plan = validated(plan, self.store.attachments())
        except PlanError as err:
            notes.append(err.msg)
        state = {"brief": planned.brief.model_dump(mode="json"), "plan": plan.model_dump(mode="json")}
        report = self._report({**state, "planner": planned.planner, "notes": list(dict.fromkeys(notes))}, None)
        self._write(report)
        return report

    def _through_graph(self, answer: str | None) -> dict[str, Any]:
        from langgraph.types import Command

        with self._checkpoints() as saver, self._workers() as pool:
            begun = saver.get_tuple({"configurable": {"thread_id": "run"}}) is not None
            entry: Any = self._initial()
            if begun:
                entry = Command(resume=answer) if answer is not None else None
            return dict(self._workflow(pool).invoke(entry, saver))

    def _last_state(self) -> dict[str, Any]:
        """What the checkpoints hold after a failure."""
        with self._checkpoints() as saver:
            saved = saver.get_tuple({"configurable": {"thread_id": "run"}})
        return dict(saved.checkpoint["channel_values"]) if saved else {}

    @contextlib.contextmanager
    def _checkpoints(self) -> Iterator[Checkpoints]:
        from agent.checkpoints import Checkpoints, open_checkpoints

        with contextlib.closing(open_checkpoints(self.store.folder / STATE / "checkpoints.sqlite")) as connection:
            yield Checkpoints(connection)

    def _workers(self) -> contextlib.AbstractContextManager[Pool]:
        """The session's pool, left open, or one of our own, closed after the run."""
        return contextlib.nullcontext(self._pool) if self._pool else Pool()

    def _workflow(self, pool: Pool) -> Any:
        from agent.workflow import Workflow

        executor = Executor(self.store, self.config, pool, emit=self.emit, cancel=self.cancel)
        planner = make_planner(self.config.planner, self.config, emit=self.emit, cancel=self.cancel)
        return Workflow(planner, executor, max_repairs=self.config.max_repairs)

    def _initial(self) -> dict[str, Any]:
        first = len(self.request.attachments) + 1
        carried = [f"a{first + i}" for i in range(len(self.request.carried))]
        return {
            "request": self.request.text,
            "history": self.request.history,
            "seed": self.request.seed,
            "previous": self.request.previous.model_dump(mode="json") if self.request.previous else None,
            "attached": [f"a{i}" for i in range(1, first)],
            "current": carried,
            "yes": self.request.yes,
            "answers": [],
            "notes": [],
        }

    def _report(self, state: dict[str, Any], error: ScorewrightError | None) -> RunReport:
        take = (
            state.get("best")
            or state.get("take")
            or {"plan": state.get("plan", {"steps": []}), "records": {}, "checks": []}
        )
        plan = Plan.model_validate(take["plan"])
        records = [StepRecord.model_validate(r) for r in take["records"].values()] or self._recorded(plan)
        checks = [Check.model_validate(c) for c in take["checks"]]
        question = None if error else self._question(state)
        report = RunReport(
            request=self.request.text,
            planner=state.get("planner", ""),
            brief=state.get("brief", {}),
            plan=[s.model_dump(exclude_none=True) for s in plan.steps],
            steps=[r.public() for r in records],
            artifacts=[public_artifact(a) for a in self.store.all()],
            checks=checks,
            repairs=state.get("repairs", 0),
            answer=state.get("answer", ""),
            notes=state.get("notes", []),
            question=question,
            error=error.msg if error else None,
            usage=state.get("usage", {}),
            seed=self.request.seed,
            folder=str(self.store.folder),
        )
        report.exit_code = exit_code(records, checks, question, error)
        report.ok = report.exit_code == 0
        if question is not None:
            report.answer = question_text(question, report.folder)
        if error and not report.answer:
            finished = [r.tool for r in records if r.done]
            report.answer = error.msg + (f" Finished before that: {', '.join(finished)}." if finished else "")
        return report

    def _recorded(self, plan: Plan) -> list[StepRecord]:
        """What the folder remembers of a plan that was cut off."""
        journal = Journal(self.store.folder)
        found = (journal.get(step.id) for step in plan.steps)
        return [record for record in found if record is not None]

    def _question(self, state: dict[str, Any]) -> Question | None:
        from agent.workflow import questions

        asked = [q for q, _ in state.get("answers", [])]
        is_open = not state.get("answer")
        left = [q for q in questions(Plan.model_validate(state.get("plan", {"steps": []}))) if q.question not in asked]
        return left[0] if left and is_open else None

    def _write(self, report: RunReport) -> None:
        try:
            write_json(self.store.folder / REPORT_FILE, report.model_dump(mode="json"))
        except OSError as err:
            report.notes.append(f"{REPORT_FILE} could not be written ({err.strerror}).")


def exit_code(
    records: Iterable[StepRecord], checks: Iterable[Check], question: Question | None, error: ScorewrightError | None
) -> int:
    """0 done, 1 something missed, 2 the request or a file is wrong, 3 a step failed, 4 a question is open."""
    if error is not None:
        return error.exit_code
    if question is not None:
        return 4
    failures = [r for r in records if r.status == "failed"]
    if failures:
        return 2 if all(r.error_type == "UserError" for r in failures) else 3
    return 1 if missed(checks) else 0


def new_run_folder(runs_dir: Path, request: str, attachments: Iterable[Path]) -> Path:
    """A folder name a person can read: the day, then the first words of the request or the file's name."""
    words = re.findall(r"[^\W_]+", request.lower())[:6] or [p.stem for p in attachments][:1] or ["run"]
    stem = f"{datetime.date.today().isoformat()}-{'-'.join(words)[:60]}"
    for number in range(1, 10_000):
        folder = runs_dir / (stem if number == 1 else f"{stem}-{number}")
        if not folder.exists():
            return folder
    raise UserError(f"{runs_dir} holds ten thousand runs called {stem}; clear some, or name a folder with --out.")


def load_report(folder: Path) -> RunReport:
    """The report of a finished run."""
    try:
        return RunReport.model_validate(json.loads((folder / REPORT_FILE).read_text(encoding="utf-8")))
    except (OSError, ValueError) as err:
        raise UserError(f"{folder} holds no finished run ({REPORT_FILE} is missing or broken).") from err
