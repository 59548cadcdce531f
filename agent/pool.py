"""Worker processes, kept warm between steps and killed, children and all, on cancel or time-out."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from agent.events import CancelToken
from tools import errors
from tools.errors import Cancelled, LimitExceeded, ToolFailed, ToolRetry

ROOT = Path(__file__).resolve().parent.parent
WORKER_COMMAND = (sys.executable, "-m", "agent.worker")
POLL_S = 0.05


class Worker:
    """One worker process."""

    def __init__(self, command: Sequence[str]) -> None:
        paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths), **QUIET},
        )
        self._buffer = b""

    @property
    def alive(self) -> bool:
        """Whether it can take a request."""
        return self._process.poll() is None

    def ask(
        self,
        request: Mapping[str, Any],
        *,
        timeout_s: float,
        cancel: CancelToken,
        on_progress: Callable[[float, str], None],
    ) -> dict[str, Any]:
        """Send one request and wait for its answer.

        Raises
        ------
        Cancelled, LimitExceeded
            After the process and its children were killed.
        ToolRetry
            When the process died of itself.
        """
        assert self._process.stdin is not None
        deadline = time.monotonic() + timeout_s
        try:
            self._process.stdin.write(json.dumps(request).encode() + b"\n")
            self._process.stdin.flush()
        except BrokenPipeError as err:
            raise ToolRetry("the worker process had gone") from err
        while True:
            line = self._line()
            if line is None:
                self._watch(deadline, timeout_s, cancel, request["tool"])
            elif line == b"":
                self.kill()
                raise ToolRetry(self._epitaph(request["tool"]))
            else:
                message: dict[str, Any] = json.loads(line)
                if "progress" not in message:
                    return message
                on_progress(message["progress"], message["message"])

    def kill(self) -> None:
        """Kill the process and every child of it."""
        with contextlib.suppress(ProcessLookupError):  # it may be gone already
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()

    def _watch(self, deadline: float, timeout_s: float, cancel: CancelToken, tool: str) -> None:
        if cancel.cancelled:
            self.kill()
            raise Cancelled("Cancelled.")
        if time.monotonic() > deadline:
            self.kill()
            raise LimitExceeded(
                f"{tool} took longer than {timeout_s:g} s and was stopped; allow more with SCOREWRIGHT_STEP_TIMEOUT_S."
            )

    def _line(self) -> bytes | None:
        """The next line; ``None`` when there is none yet, empty when the process is gone."""
        assert self._process.stdout is not None
        if b"\n" not in self._buffer:
            ready, _, _ = select.select([self._process.stdout], [], [], POLL_S)
            if not ready:
                return None
            chunk = os.read(self._process.stdout.fileno(), 1 << 16)
            if not chunk:
                return b""
            self._buffer += chunk
            if b"\n" not in self._buffer:
                return None
        line, _, self._buffer = self._buffer.partition(b"\n")
        return line

    def _epitaph(self, tool: str) -> str:
        code = self._process.returncode
        if code == -signal.SIGKILL:
            return f"the process running {tool} was killed, most likely for want of memory"
        return f"the process running {tool} died ({signal.Signals(-code).name if code < 0 else f'exit {code}'})"


class Pool:
    """Lends warm workers; a context manager that leaves no process behind."""

    def __init__(self, command: Sequence[str] = WORKER_COMMAND) -> None:
        self._command = command
        self._idle: list[Worker] = []
        self._all: set[Worker] = set()
        self._lock = threading.Lock()

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def warm(self, count: int = 1) -> None:
        """Start workers ahead of need, so that they import while the plan is made."""
        for _ in range(count):
            self._give_back(self._new())

    def run(
        self,
        request: Mapping[str, Any],
        *,
        timeout_s: float,
        cancel: CancelToken,
        on_progress: Callable[[float, str], None],
    ) -> dict[str, Any]:
        """Run a request on a free worker; see :meth:`Worker.ask` for the errors."""
        worker = self._take()
        try:
            answer = worker.ask(request, timeout_s=timeout_s, cancel=cancel, on_progress=on_progress)
        except BaseException:
            worker.kill()
            with self._lock:
                self._all.discard(worker)
            raise
        self._give_back(worker)
        return answer

    def close(self) -> None:
        """Kill every worker."""
        with self._lock:
            workers, self._all, self._idle = self._all, set(), []
        for worker in workers:
            worker.kill()

    def _new(self) -> Worker:
        worker = Worker(self._command)
        with self._lock:
            self._all.add(worker)
        return worker

    def _take(self) -> Worker:
        with self._lock:
            while self._idle:
                worker = self._idle.pop()
                if worker.alive:
                    return worker
                self._all.discard(worker)
        return self._new()

    def _give_back(self, worker: Worker) -> None:
        with self._lock:
            self._idle.append(worker)


QUIET = {
    "ANONYMIZED_TELEMETRY": "False",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "GRADIO_ANALYTICS_ENABLED": "False",
    "OMP_NUM_THREADS": os.environ.get("OMP_NUM_THREADS", "1"),
    "PYTHONUNBUFFERED": "1",
}
"""Environment of every worker: telemetry off, one native thread a process (steps run side by side)."""


def raise_error(message: Mapping[str, Any], tool: str) -> None:
    """Raise what a worker's error message stands for."""
    kind = getattr(errors, str(message["type"]), None)
    if isinstance(kind, type) and issubclass(kind, errors.ScorewrightError) and kind is not errors.NeedsAnswer:
        raise kind(message["error"])
    raise ToolFailed(f"{tool} failed: {message['error']}")
