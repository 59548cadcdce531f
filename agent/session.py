"""A session: turns that know one another. "It" is what the last turn made; "undo that" goes back.

Everything is on disk: a folder a session, a run folder a turn, and ``session.json``, which names the
turns and the one in force. A lock keeps two processes from writing one session at once.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout
from pydantic import BaseModel, ConfigDict, Field

from agent.config import Config
from agent.events import CancelToken, Event, Listener, silent
from agent.pool import Pool
from agent.recall import UNDO, back_to, chosen, one_version, placed, pointed_at, versions
from agent.records import RunReport
from agent.run import Request, Run, load_report
from agent.store import Store, write_json
from tools.brief import Brief
from tools.contract import Artifact
from tools.errors import UserError

CARRIED_FACTS = ("tempo_bpm", "key", "meter")
CARRIED_KINDS = ("video", "image", "audio", "midi", "score", "lyrics", "references")
MUSIC_KINDS = frozenset({"video", "audio", "midi", "score"})
_AT_THE_START = "Back to the start; nothing is made yet."


class Turn(BaseModel):
    """One turn: the words, the folder of its run, the turn it started from, and which of its results is in force."""

    model_config = ConfigDict(extra="forbid")

    number: int
    request: str
    folder: str
    parent: int | None = None
    undo: bool = False
    version: int | None = None


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

    def begin_anew(self) -> None:
        """Forget every turn and delete their folders, as before the first one."""
        with self._lock.acquire(timeout=0.5):
            for folder in {t.folder for t in self._record.turns if t.folder}:
                shutil.rmtree(self.folder / folder, ignore_errors=True)
            self._file.unlink(missing_ok=True)
            self._record = _Record(name=self._record.name)

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
        """One turn: run the request, or go back; the report's artifacts are those now in force."""
        try:
            with self._lock.acquire(timeout=0.5):
                self._record = self._load(self._record.name)
                if UNDO.match(text) and not attachments:
                    return self._undo(text, emit)
                place = None if attachments else back_to(text)
                if place is not None:
                    return self._back(text, place, emit)
                picked = self._pointed(text) if chosen(text) and not attachments else self.head
                if picked is not None and picked != self.head:
                    return self._go(text, picked, emit)
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
        base = self._pointed(text)
        number = len(self._record.turns) + 1
        folder = f"turn-{number:02d}"
        carried = self._carried(base)
        request = Request(
            text=text,
            attachments=[str(p.expanduser().absolute()) for p in attachments],
            carried=carried,
            previous=self._brief(base),
            history=[t.request for t in self._line(base)],
            seed=self._seed(carried),
            yes=live.pop("yes"),
        )
        report = Run.start(self.folder / folder, request, self.config, pool=self._pool, **live).execute()
        turn = Turn(number=number, request=text, folder=folder, parent=base.number if base else None)
        keeps = report.exit_code in (0, 1, 4)
        self._save(turn, head=number if keeps else self._record.head)
        return report

    def _undo(self, text: str, emit: Listener) -> RunReport:
        head = self.head
        if head is None:
            raise UserError("There is nothing to undo yet.")
        return self._go(text, self._turn(head.parent), emit)

    def _back(self, text: str, place: int, emit: Listener) -> RunReport:
        """Go back to one of the results so far, counted from 1, or from the newest when negative."""
        results = [t for t in self._record.turns if t.folder and self._made(t)]
        counted = placed(place, len(results))
        if counted is None:
            raise UserError(f"There is no result {abs(place)} to go back to; {len(results)} were made so far.")
        return self._go(text, results[counted - 1], emit)

    def _go(self, text: str, target: Turn | None, emit: Listener) -> RunReport:
        """Put an earlier turn, one of its results, or the start, in force again."""
        number = len(self._record.turns) + 1
        if target is not None and target.version is not None:
            chosen_turn = target.model_copy(update={"number": number, "request": text, "parent": target.number})
            self._save(chosen_turn, head=number)
        else:
            head = target.number if target else None
            self._save(Turn(number=number, request=text, folder="", parent=head, undo=True), head=head)
        which = f", result {target.version}" if target and target.version else ""
        answer = f"Back to turn {target.number}{which}: {target.request}" if target else _AT_THE_START
        emit(Event("answer", answer))
        report = load_report(self.folder / target.folder) if target else RunReport(request=text)
        return report.model_copy(
            update={
                "request": text,
                "answer": answer,
                "ok": True,
                "exit_code": 0,
                "plan": [],
                "steps": [],
                "question": None,
            }
        )

    def _pointed(self, text: str) -> Turn | None:
        """The turn that a request starts from: the one in force, or the result that the words point at."""
        source, place = self._source(self.head), pointed_at(text)
        if source is None or place is None or not any(a.kind in MUSIC_KINDS for a in self._made(source)):
            return self.head
        several = versions(self._made(source))
        if several > 1:
            counted = placed(place, several)
            return source.model_copy(update={"version": counted}) if counted else self.head
        results = [t for t in self._line(self.head) if any(a.kind in MUSIC_KINDS for a in self._made(t))]
        counted = placed(place, len(results))
        return results[counted - 1] if counted else self.head

    def _carried(self, head: Turn | None) -> list[Artifact]:
        """Files attached on the way to this turn, newest first, then what is in force of what the turns made.

        Music is that of the last turn that made some; words and references are the newest of their kind. What the
        turn itself made comes last.
        """
        line = self._line(head)[::-1]
        stores = [Store(self.folder / t.folder) for t in line]
        attached = [a for store in stores for a in store.attachments() if a.tool is None]
        made: list[Artifact] = []
        seen: set[str] = set()
        for turn in line:
            fresh = [a for a in self._made(turn) if a.kind not in seen]
            made = [*fresh, *made]
            kinds = {a.kind for a in fresh}
            seen |= kinds | (MUSIC_KINDS if kinds & MUSIC_KINDS else set())
        unique = {a.sha256: a for a in [*made, *attached] if a.kind in CARRIED_KINDS}
        return sorted(unique.values(), key=lambda a: a.tool is not None)

    def _brief(self, head: Turn | None) -> Brief | None:
        """What was wanted, with what the program chose where nothing was said: "slower" is slower than that."""
        source = self._source(head) or head
        if source is None:
            return None
        brief = Brief.model_validate(load_report(self.folder / source.folder).brief)
        if source.version is not None:
            single = [c for c in brief.constraints if c.name != "count"]
            brief = brief.model_copy(update={"count": 1, "constraints": single})
        scores = [a for a in self._made(source) if a.kind == "midi"]
        facts = {name: scores[-1].facts.get(name) for name in CARRIED_FACTS} if scores else {}
        return brief.filled(facts, scores[-1].file.name if scores else "")

    def _seed(self, carried: list[Artifact]) -> int:
        """The seed of the score in force, so that what is made again is made as that was; else the session's."""
        scores = [a for a in carried if a.kind == "midi" and a.tool is not None and a.seed is not None]
        return scores[-1].seed if scores and scores[-1].seed is not None else self.seed

    def _source(self, head: Turn | None) -> Turn | None:
        """The newest turn on the way to this one that made something to go on with: a question makes nothing."""
        return next((t for t in reversed(self._line(head)) if self._made(t)), None)

    def _made(self, turn: Turn) -> list[Artifact]:
        """What a turn made that later turns can go on with."""
        made = [a for a in Store(self.folder / turn.folder).made() if a.kind in CARRIED_KINDS]
        return one_version(made, turn.version) if turn.version else made

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
