"""The event stream as lines for a person at a terminal: one a step, a moving one where there is a screen."""

from __future__ import annotations

import threading
import time
from typing import TextIO

from agent.events import Event

SHOW_AFTER_S = 2.0
MARKS = {"ok": "done", "cached": "same as before", "failed": "FAILED", "skipped": "skipped", "waiting": "asks"}


class Progress:
    """A listener that writes to ``stream``; safe to call from several threads."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._moving = stream.isatty()
        self._lock = threading.Lock()
        self._last: dict[str, float] = {}

    def __call__(self, event: Event) -> None:
        """Show one event."""
        text = self._text(event)
        if text is None:
            return
        with self._lock:
            if self._moving:
                self._stream.write("\r\x1b[K" + text + ("" if event.kind == "step_progress" else "\n"))
            else:
                self._stream.write(text + "\n")
            self._stream.flush()

    def _text(self, event: Event) -> str | None:
        match event.kind:
            case "planned":
                names = " -> ".join(s["tool"] for s in event.data)
                return f"plan ({event.text}): {names}"
            case "step_started":
                self._last[event.step or ""] = time.monotonic()
                return f"  {event.tool} ..." if self._moving else None
            case "step_progress":
                return self._progress(event)
            case "step_retry":
                return f"  {event.tool}: {event.text}; trying again"
            case "step_done":
                seconds = event.data["seconds"]
                return f"  {event.tool}: {MARKS[event.data['status']]} in {seconds:.1f} s. {event.text}"
            case "checked" | "repairing" | "note":
                return f"  {event.kind}: {event.text}"
            case _:
                return None

    def _progress(self, event: Event) -> str | None:
        """Every report on a screen; in a log, at most one each two seconds a step."""
        now, step = time.monotonic(), event.step or ""
        if not self._moving and now - self._last.get(step, 0.0) < SHOW_AFTER_S:
            return None
        self._last[step] = now
        return f"  {event.tool}: {100 * (event.share or 0):3.0f} % {event.text}"
