"""Scripted prompts with expectations: a session a file, played without a person, usable as a test."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from agent.config import Config
from agent.events import CancelToken, Listener, silent
from agent.records import RunReport
from agent.run import new_run_folder
from agent.session import Session
from agent.surfaces.expect import Expectations, Outcome, judge
from tools.errors import ScorewrightError, UserError


class ScriptTurn(BaseModel):
    """One prompt and what must come of it."""

    model_config = ConfigDict(extra="forbid")

    say: str
    attach: list[str] = Field(default_factory=list)
    expect: Expectations = Field(default_factory=Expectations)


class Script(BaseModel):
    """A script file; paths are relative to it."""

    model_config = ConfigDict(extra="forbid")

    name: str
    attach: list[str] = Field(default_factory=list)
    seed: int = 0
    turns: list[ScriptTurn] = Field(min_length=1)


@dataclass
class PlayedTurn:
    """A turn's report and the outcome of each of its expectations."""

    report: RunReport
    outcomes: list[Outcome] = field(default_factory=list)


@dataclass
class Played:
    """A whole script, played."""

    name: str
    folder: Path
    turns: list[PlayedTurn] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether every expectation held."""
        return all(o.ok for turn in self.turns for o in turn.outcomes)

    def as_json(self) -> dict[str, Any]:
        """Per turn, the run's object with the outcome of each expectation."""
        turns = [
            {**t.report.model_dump(mode="json"), "expectations": [asdict(o) for o in t.outcomes]} for t in self.turns
        ]
        return {"name": self.name, "ok": self.ok, "folder": str(self.folder), "turns": turns}

    def as_text(self) -> str:
        """A line a turn and a line an expectation."""
        lines = [f"{self.name}: {'ok' if self.ok else 'FAILED'}"]
        for number, turn in enumerate(self.turns, start=1):
            lines.append(f"  {number}. {turn.report.request}")
            lines += [f"     {'ok    ' if o.ok else 'FAILED'} {o.name}: {o.got}" for o in turn.outcomes]
        return "\n".join([*lines, f"Folder: {self.folder}"])


def load_script(file: Path) -> Script:
    """Read a script; ``UserError`` names the file and every wrong line of it."""
    try:
        return Script.model_validate(yaml.safe_load(file.read_text(encoding="utf-8")))
    except OSError as err:
        raise UserError(f"{file} cannot be read ({err.strerror}); check the path.") from err
    except (yaml.YAMLError, UnicodeDecodeError) as err:
        raise UserError(f"{file.name} is not YAML ({' '.join(str(err).split())}).") from err
    except ValidationError as err:
        wrong = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'file'}: {e['msg']}" for e in err.errors())
        raise UserError(f"{file.name} is no script: {wrong}.") from err


def play(
    file: Path, config: Config, *, out: Path | None = None, emit: Listener = silent, cancel: CancelToken | None = None
) -> Played:
    """Play a script from its first turn to its last, in a session of its own under ``out``.

    What it made there before is replaced.
    """
    script = load_script(file)
    folder = out or new_run_folder(config.runs_dir, file.stem, [])
    session = Session(file.stem, config, folder=folder, seed=script.seed)
    played = Played(script.name, folder)
    try:
        session.begin_anew()
        for number, turn in enumerate(script.turns):
            files = [file.parent / p for p in [*(script.attach if number == 0 else []), *turn.attach]]
            report = _say(session, turn.say, files, emit, cancel)
            before = [t.report for t in played.turns]
            played.turns.append(PlayedTurn(report, judge(turn.expect, report, before)))
    finally:
        session.close()
    return played


def _say(session: Session, text: str, files: Iterable[Path], emit: Listener, cancel: CancelToken | None) -> RunReport:
    """One turn; a wrong file or request is a report with its error, so that a script can expect it."""
    try:
        return session.say(text, list(files), emit=emit, cancel=cancel)
    except ScorewrightError as err:
        return RunReport(request=text, error=err.msg, answer=err.msg, exit_code=err.exit_code)
