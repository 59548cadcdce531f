"""The one event stream that every surface listens to."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Literal

EventKind = Literal[
    "planning",
    "planned",
    "step_started",
    "step_progress",
    "step_retry",
    "step_done",
    "checked",
    "repairing",
    "question",
    "note",
    "answer",
]


@dataclass(frozen=True)
class Event:
    """Something that happened: ``step`` and ``tool`` name a step, ``share`` its progress in [0, 1]."""

    kind: EventKind
    text: str = ""
    step: str | None = None
    tool: str | None = None
    share: float | None = None
    data: Any = None

    def as_json(self) -> dict[str, Any]:
        """The event as plain JSON, fields that say nothing left out."""
        return {k: v for k, v in asdict(self).items() if v not in (None, "")}


Listener = Callable[[Event], None]


def silent(event: Event) -> None:
    """A listener that hears and says nothing."""


class CancelToken:
    """Set once when the person cancels; every waiting place watches it."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def cancel(self) -> None:
        """Ask everything that holds this token to stop."""
        self._event.set()

    @property
    def cancelled(self) -> bool:
        """Whether the person cancelled."""
        return self._event.is_set()

    def wait(self, seconds: float) -> bool:
        """Sleep, but wake at once on cancel; returns whether it was cancelled."""
        return self._event.wait(seconds)
