"""What every command shares: its options, the guard that turns errors into one line, how outcomes are printed."""

from __future__ import annotations

import json
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

if TYPE_CHECKING:
    from collections.abc import Callable

    from agent.config import Config
    from agent.events import CancelToken
    from agent.toolcall import ToolReport

Attach = Annotated[list[Path] | None, typer.Option("--attach", "-a", help="A picture, film, recording, MIDI or score.")]
Out = Annotated[Path | None, typer.Option("--out", "-o", help="Folder for the results (default: runs/DAY-WORDS).")]
Planner = Annotated[str | None, typer.Option(help="auto, llm or grammar.")]
Seed = Annotated[int, typer.Option(min=0, max=2**53, help="Seed of everything random.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object on stdout and nothing else there.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Take the stated default of every question.")]


def group(help_text: str, **how: Any) -> typer.Typer:
    """A group of commands, as every one of them is set up."""
    return typer.Typer(help=help_text, no_args_is_help=True, rich_markup_mode=None, **how)


def guarded(work: Callable[..., Any], on_error: Callable[[str, int], Any] | None = None, **flags: Any) -> Any:
    """Do the work with the configuration in force; an error or Ctrl-C becomes one line and its exit code.

    ``on_error`` makes the object that ``--json`` prints instead of the line.
    """
    try:
        from agent.config import load_config
        from agent.events import CancelToken
        from tools.errors import ScorewrightError

        cancel = CancelToken()
        on_signals(cancel)
        try:
            return work(load_config(**flags), cancel)
        except ScorewrightError as err:
            message, code = err.msg, err.exit_code
        except OSError as err:
            message, code = refused_by_disk(err), 3
    except KeyboardInterrupt:
        message, code = "Cancelled.", 130
    return on_error(message, code) if on_error is not None else fail(message, code)


def refused_by_disk(err: OSError) -> str:
    """One line for a disk that refused, with the mend."""
    from agent.store import explain_os_error

    return explain_os_error(err, Path(err.filename).parent if err.filename else Path.cwd())


def on_signals(cancel: CancelToken) -> None:
    """Ctrl-C sets the token and interrupts whatever the main thread does; SIGTERM ends the program."""

    def interrupt(*_: object) -> NoReturn:
        cancel.cancel()
        raise KeyboardInterrupt

    def terminate(*_: object) -> NoReturn:
        cancel.cancel()
        raise SystemExit(143)

    signal.signal(signal.SIGINT, interrupt)
    signal.signal(signal.SIGTERM, terminate)


def user_error(message: str) -> Exception:
    """A ``UserError``, imported only when needed."""
    from tools.errors import UserError

    return UserError(message)


def fail(message: str, code: int) -> NoReturn:
    """One line on stderr, and the exit code."""
    print(message, file=sys.stderr)
    raise typer.Exit(code)


def called(
    name: str, args: Callable[[], dict[str, Any]], attach: list[Path], out: Path | None, *, seed: int = 0, as_json: bool
) -> ToolReport:
    """The report of one tool call; with ``--json`` an error is a report, too."""
    from agent.run import new_run_folder
    from agent.toolcall import ToolReport, call_tool

    def work(config: Config, cancel: CancelToken) -> ToolReport:
        from agent.surfaces.progress import Progress

        folder = out or new_run_folder(config.runs_dir, name, [])
        return call_tool(name, args(), attach, folder, config, seed=seed, emit=Progress(sys.stderr), cancel=cancel)

    def failed(message: str, code: int) -> ToolReport:
        return ToolReport(tool=name, ok=False, error=message, exit_code=code)

    report: ToolReport = guarded(work, on_error=failed if as_json else None)
    return report


def progress_of(name: str) -> Callable[[float, str], None]:
    """Progress of a command that is no step of a run, on stderr."""
    from agent.events import Event
    from agent.surfaces.progress import Progress

    show = Progress(sys.stderr)
    return lambda share, message: show(Event("step_progress", message, step=name, tool=name, share=share))


def show_outcome(work: Callable[..., dict[str, Any]], as_json: bool) -> None:
    """Print what a command came to: its text, or with ``--json`` the rest of it."""

    def failed(message: str, code: int) -> NoReturn:
        print(json.dumps({"ok": False, "error": message}))
        raise typer.Exit(code)

    found = guarded(work, on_error=failed if as_json else None)
    text = found.pop("text")
    print(json.dumps(found, ensure_ascii=False) if as_json else text)
