"""A session: turns that know one another. "It" is what the last turn made; "undo that" goes back.

Everything is on disk: a folder a session, a run folder a turn, and ``session.json``, which names the
turns and the one in force. A lock keeps two processes from writing one session at once.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout
from pydantic import BaseModel, ConfigDict, Field

from agent.config import Config
from agent.events import CancelToken, Event, Listener, silent
from agent.pool import Pool
from agent.records import RunReport
from agent.run import Request, Run, load_report
from agent.store import Store, write_json
from tools.brief import Brief
from tools.contract import Artifact
from tools.errors import UserError

CARRIED_FACTS = ("tempo_bpm", "key", "meter")
CARRIED_KINDS = ("video", "image", "audio", "midi", "score", "lyrics", "references")
UNDO = re.compile(
    r"^\W*(?:please\s+)?(?:undo(?:\s+(?:that|it|this|the last (?:one|change|turn)))?|go back|revert(?: that)?"
    r"|撤销|撤回|返回上一步)\W*$",
    re.I,
)


class Turn(BaseModel):
    """One turn: the words, the folder of its run, and the turn it started from."""

    model_config = ConfigDict(extra="forbid")

    number: int
    request: str
    folder: str
    parent: int | None = None
    undo: bool = False


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str
    turns: list[Turn] = Field(default_factory=list)
    head: int | None = None


class Session:
    """A named session on disk."""

    def __init__(self, name: str, config: Config, folder: Path | None = None, seed: int = 0) -> None:
        if not re.fullmatch(r"[\w][\w .-]{0,80}", name):
            raise UserError(f"{name!r} is no session name; use letters, digits, spaces, dots and dashes.")
        self.folder = (folder or config.sessions_dir / name).absolute()
        self.config, self.seed = config, seed
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as err:
            raise UserError(f"Cannot write in {self.folder} ({err.strerror}); set SCOREWRIGHT_SESSIONS_DIR.") from err
        self._file = self.folder / "session.json"
        self._lock = FileLock(self.folder / ".lock")
        self._pool = Pool()
        self._record = self._load(name)

    def close(self) -> None:
        """Let go of the worker processes."""
        self._pool.close()

    @property
    def turns(self) -> list[Turn]:
        """Every turn, oldest first."""
        return list(self._record.turns)

    @property
    def head(self) -> Turn | None:
        """The turn in force."""
        return self._turn(self._record.head)

    def say(
        self,
        text: str,
        attachments: list[Path] | None = None,
        *,
        emit: Listener = silent,
        cancel: CancelToken | None = None,
        yes: bool = False,
    ) -> RunReport:
        """One turn: run the request, or undo; the report's artifacts are those now in force."""
        try:
            with self._lock.acquire(timeout=0.5):
                self._record = self._load(self._record.name)
                if UNDO.match(text) and not attachments:
                    return self._undo(text, emit)
                return self._run(text, attachments or [], emit=emit, cancel=cancel, yes=yes)
        except Timeout as err:
            raise UserError(
                f"The session in {self.folder} is in use by another process; wait, or name another."
            ) from err

    def answer(self, reply: str, *, emit: Listener = silent, cancel: CancelToken | None = None) -> RunReport:
        """Answer the question that the last turn asked."""
        head = self.head
        if head is None:
            raise UserError("No question is open.")
        run = Run.reopen(self.folder / head.folder, self.config, emit=emit, cancel=cancel, pool=self._pool)
        return run.execute(answer=reply)

    def artifacts(self) -> list[Artifact]:
        """What the turn in force made, and every file attached so far."""
        return self._carried(self.head)

    def _run(self, text: str, attachments: list[Path], **live: Any) -> RunReport:
        head = self.head
        number = len(self._record.turns) + 1
        folder = f"turn-{number:02d}"
        request = Request(
            text=text,
            attachments=[str(p.expanduser().absolute()) for p in attachments],
            carried=self._carried(head),
            previous=self._brief(head),
            history=[t.request for t in self._line(head)],
            seed=self.seed,
            yes=live.pop("yes"),
        )
        report = Run.start(self.folder / folder, request, self.config, pool=self._pool, **live).execute()
        turn = Turn(number=number, request=text, folder=folder, parent=head.number if head else None)
        keeps = report.exit_code in (0, 1, 4)
        self._save(turn, head=number if keeps else self._record.head)
        return report

    def _undo(self, text: str, emit: Listener) -> RunReport:
        head = self.head
        if head is None:
            raise UserError("There is nothing to undo yet.")
        target = self._turn(head.parent)
        number = len(self._record.turns) + 1
        self._save(Turn(number=number, request=text, folder="", parent=head.parent, undo=True), head=head.parent)
        answer = (
            f"Back to turn {target.number}: {target.request}" if target else "Back to the start; nothing is made yet."
        )
        emit(Event("answer", answer))
        report = load_report(self.folder / target.folder) if target else RunReport(request=text)
        return report.model_copy(
            update={"request": text, "answer": answer, "ok": True, "exit_code": 0, "plan": [], "steps": []}
        )

    def _carried(self, head: Turn | None) -> list[Artifact]:
        """Files attached on the way to this turn, newest first, then what the turn made."""
        line = self._line(head)
        stores = [Store(self.folder / t.folder) for t in reversed(line)]
        attached = [a for store in stores for a in store.attachments() if a.tool is None]
        made = stores[0].made() if stores else []
        unique = {a.sha256: a for a in [*made, *attached] if a.kind in CARRIED_KINDS}
        return sorted(unique.values(), key=lambda a: a.tool is not None)

    def _brief(self, head: Turn | None) -> Brief | None:
        """What was wanted, with what the program chose where nothing was said: "slower" is slower than that."""
        if head is None:
            return None
        brief = Brief.model_validate(load_report(self.folder / head.folder).brief)
        scores = [a for a in Store(self.folder / head.folder).made() if a.kind == "midi"]
        chosen = {name: scores[-1].facts.get(name) for name in CARRIED_FACTS} if scores else {}
        return brief.filled(chosen, scores[-1].file.name if scores else "")

    def _line(self, head: Turn | None) -> list[Turn]:
        """The turns that led to this one, oldest first, itself last."""
        line: list[Turn] = []
        while head is not None:
            line.append(head)
            head = self._turn(head.parent)
        return line[::-1]

    def _turn(self, number: int | None) -> Turn | None:
        return next((t for t in self._record.turns if t.number == number), None)

    def _load(self, name: str) -> _Record:
        if not self._file.exists():
            return _Record(name=name)
        try:
            return _Record.model_validate_json(self._file.read_text(encoding="utf-8"))
        except ValueError as err:
            raise UserError(f"{self._file} is damaged ({err}); move it away to start the session anew.") from err

    def _save(self, turn: Turn, head: int | None) -> None:
        self._record = _Record(name=self._record.name, turns=[*self._record.turns, turn], head=head)
        write_json(self._file, self._record.model_dump(mode="json"))
