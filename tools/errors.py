"""The errors a tool may raise, and what each one means to the person and to the executor."""

from __future__ import annotations


class ScorewrightError(Exception):
    """Base of every error this program raises on purpose.

    ``msg`` is one line a person can act on: what is wrong, with which file or value, and the mend.
    """

    exit_code = 3

    def __init__(self, msg: str) -> None:
        super().__init__(msg)
        self.msg = msg


class UserError(ScorewrightError):
    """The request or a file is wrong; the message says what and how to mend it (exit 2)."""

    exit_code = 2


class ToolRetry(ScorewrightError):
    """Worth another try with the same arguments: a busy server, a lock, a flaky read."""


class ToolFailed(ScorewrightError):
    """Final: another try with the same arguments would fail again (exit 3)."""


class LimitExceeded(ScorewrightError):
    """A bound on time, memory or size was reached; the message names the bound and how to raise it."""


class Cancelled(ScorewrightError):
    """The person cancelled (exit 130)."""

    exit_code = 130


class NeedsAnswer(ScorewrightError):
    """A question for the person is open (exit 4); ``default`` is what ``--yes`` answers."""

    exit_code = 4

    def __init__(self, question: str, default: str, options: tuple[str, ...] = ()) -> None:
        super().__init__(question)
        self.question, self.default, self.options = question, default, options
