"""The terminal chat: a line a turn, attachments by path, Ctrl-C stops the run and not the chat."""

from __future__ import annotations

import re
import shlex
import signal
from pathlib import Path
from typing import NoReturn, TextIO

from agent.config import Config
from agent.events import CancelToken
from agent.preferences import rate
from agent.records import RunReport
from agent.run import load_report
from agent.session import Session
from agent.store import explain_os_error
from agent.surfaces.outline import brief_lines, plan_lines
from agent.surfaces.progress import Progress
from tools.errors import ScorewrightError
from tools.kit.preferences import Direction

HELP = """Say what you want; name files anywhere in the line to attach them, or use /attach FILE.
/undo      back to the turn before      /files     what the turn in force made
/plan      the last plan                /brief     what was understood
/up        this is good (or: 👍, 好听)   /down      this is not (or: 👎, 不好听)
/help      this                         /quit      leave (Ctrl-D does, too)"""
PROMPT = "> "
THUMBS: dict[str, Direction] = {
    "/up": "up", "👍": "up", "thumbs up": "up", "thumb up": "up", "好听": "up", "很好听": "up", "真好听": "up",
    "/down": "down", "👎": "down", "thumbs down": "down", "thumb down": "down", "不好听": "down", "难听": "down",
}  # fmt: skip
"""Whole turns that judge the music in force; skin tones, case and closing punctuation aside."""
_TRIMMED = re.compile("[\U0001f3fb-\U0001f3ff\ufe0f]")


class Chat:
    """A conversation over one session."""

    def __init__(self, name: str, config: Config, *, seed: int, out: TextIO, err: TextIO) -> None:
        self.config = config
        self.session = Session(name, config, seed=seed)
        self.out, self.progress = out, Progress(err)
        self.waiting: list[Path] = []
        self.cancel = CancelToken()
        self.last: RunReport | None = None

    def talk(self, lines: TextIO) -> None:
        """Read turns until the end of the input; Ctrl-C stops a run, and twice at the prompt the chat."""
        previous = signal.signal(signal.SIGINT, self._interrupt)
        head = self.session.head
        self._write(
            f"Session {self.session.folder.name}. " + (f"Last: {head.request}" if head else "/help shows the commands.")
        )
        try:
            while line := self._next(lines):
                if line.strip() in ("/quit", "/exit"):
                    return
                if line.strip():
                    self._turn(line.strip())
        finally:
            signal.signal(signal.SIGINT, previous)
            self.session.close()

    def _interrupt(self, *_: object) -> NoReturn:
        self.cancel.cancel()
        raise KeyboardInterrupt

    def _next(self, lines: TextIO) -> str:
        """The next line; empty at the end of the input or at a second Ctrl-C."""
        for _ in range(2):
            try:
                return input(PROMPT) + "\n" if lines.isatty() else lines.readline()
            except EOFError:
                return ""
            except KeyboardInterrupt:
                self._write("\nCtrl-C again, Ctrl-D or /quit leaves.")
        return ""

    def _turn(self, line: str) -> None:
        self.cancel = CancelToken()
        is_command = line.startswith("/") and not Path(line.split(maxsplit=1)[0]).exists()
        try:
            if thumb := thumb_in(line):
                self._rate(thumb)
            else:
                self._command(line) if is_command else self._say(line)
        except ScorewrightError as err:
            self._write(err.msg)
        except OSError as err:
            self._write(explain_os_error(err, self.session.folder))
        except KeyboardInterrupt:
            self._write("Cancelled.")

    def _say(self, line: str) -> None:
        files = [*self.waiting, *named_files(line)]
        self.waiting = []
        if self.last is not None and self.last.question is not None and not files:
            report = self.session.answer(line, emit=self.progress, cancel=self.cancel)
        else:
            report = self.session.say(line, files, emit=self.progress, cancel=self.cancel)
        self.last = report
        self._show(report)

    def _command(self, line: str) -> None:
        name, _, rest = line.partition(" ")
        match name:
            case "/help":
                self._write(HELP)
            case "/attach":
                self.waiting += [Path(p).expanduser() for p in _words(rest)]
                self._write("Attached to your next line: " + ", ".join(p.name for p in self.waiting))
            case "/undo":
                self.last = self.session.say("undo that", emit=self.progress)
                self._show(self.last)
            case "/files":
                self._write("\n".join(f"{a.kind:10} {a.path}" for a in self.session.artifacts()) or "Nothing yet.")
            case "/plan" | "/brief":
                self._tell(name)
            case _:
                self._write(f"There is no command {name}; /help shows them.")

    def _rate(self, thumb: Direction) -> None:
        """Keep what the person thinks of the music in force."""
        head = self.session.head
        kept = rate(thumb, head.request if head else "", self.session.artifacts(), self.config)
        self._write(f"Noted for {', '.join(t.file for t in kept)}: thumb {thumb}.")

    def _tell(self, what: str) -> None:
        head = self.session.head
        report = self.last or (load_report(self.session.folder / head.folder) if head else None)
        if report is None:
            self._write("Nothing was planned yet.")
        elif what == "/plan":
            self._write("\n".join(plan_lines(report)))
        else:
            self._write("\n".join(brief_lines(report.brief)))

    def _show(self, report: RunReport) -> None:
        if report.question:
            options = f" ({' / '.join(report.question.options)})" if report.question.options else ""
            self._write(f"{report.question.question}{options} [{report.question.default}]")
        else:
            self._write(report.answer)

    def _write(self, text: str) -> None:
        self.out.write(text + "\n")
        self.out.flush()


def thumb_in(line: str) -> Direction | None:
    """The thumb that a whole turn is, typed as a command, a picture or words; None for any other turn."""
    words = _TRIMMED.sub("", line).strip().rstrip(".!。！~ ").lower().replace("-", " ")
    held = words[: len(words) // 2]
    return THUMBS.get(held if held and words == held * 2 else words)


def named_files(line: str) -> list[Path]:
    """The words of a line that name files that exist, quoted or not."""
    paths = (Path(w.strip(",;")).expanduser() for w in _words(line) if "." in w or "/" in w)
    return [p for p in paths if p.is_file()]


def _words(line: str) -> list[str]:
    try:
        return shlex.split(line)
    except ValueError:  # an apostrophe, as in "don't", or a quotation mark that is never closed
        return [word.strip("\"'") for word in line.split()]
