"""The agent from Python: requests, sessions and single tools, without the command line."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from agent.config import Config, load_config
from agent.events import CancelToken, Listener, silent
from agent.records import RunReport
from agent.run import Request, Run, new_run_folder
from agent.session import Session
from agent.toolcall import ToolReport, call_tool


class Scorewright:
    """The agent with its settings: the defaults, ``scorewright.toml`` and the environment, then what is given here.

    ::

        from agent import Scorewright

        report = Scorewright().run("a calm waltz for piano, 20 s", attach=["film.mp4"])
        print(report.answer, [c.verdict for c in report.checks], report.folder)

    Parameters
    ----------
    settings
        Fields of :class:`agent.config.Config`, as ``planner="grammar"`` or ``runs_dir=Path("music")``.
    """

    def __init__(self, **settings: Any) -> None:
        self.config: Config = load_config(**settings)

    def run(
        self,
        request: str,
        attach: Iterable[Path | str] = (),
        *,
        out: Path | str | None = None,
        seed: int = 0,
        yes: bool = True,
        on_event: Listener = silent,
        cancel: CancelToken | None = None,
    ) -> RunReport:
        """Answer one request: plan, run the tools, check the result, repair, report.

        ``yes`` takes the stated default of every question; without it a report may hold a ``question``, which
        :meth:`resume` answers. What went wrong in the music is in the report, never raised.

        Raises
        ------
        UserError
            When an attachment cannot be read or the folder cannot be written.
        """
        files = [Path(p).expanduser().absolute() for p in attach]
        folder = Path(out) if out else new_run_folder(self.config.runs_dir, request, files)
        asked = Request(text=request, attachments=[str(p) for p in files], seed=seed, yes=yes)
        return Run.start(folder, asked, self.config, emit=on_event, cancel=cancel).execute()

    def resume(self, folder: Path | str, answer: str | None = None, *, on_event: Listener = silent) -> RunReport:
        """Go on with a run that was stopped or, with ``answer``, that asked a question."""
        return Run.reopen(Path(folder), self.config, emit=on_event).execute(answer)

    def session(self, name: str = "default", *, seed: int = 0) -> Session:
        """A conversation kept on disk: ``session.say("music for this", [path])``, then ``session.say("slower")``."""
        return Session(name, self.config, seed=seed)

    def call(
        self,
        tool: str,
        args: dict[str, Any] | None = None,
        attach: Iterable[Path | str] = (),
        *,
        out: Path | str | None = None,
        seed: int = 0,
        on_event: Listener = silent,
    ) -> ToolReport:
        """Call one tool; files fill its artifact arguments by kind."""
        folder = Path(out) if out else new_run_folder(self.config.runs_dir, tool, [])
        return call_tool(tool, args or {}, [Path(p) for p in attach], folder, self.config, seed=seed, emit=on_event)
