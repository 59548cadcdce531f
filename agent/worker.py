"""The worker process: runs isolated tools one after another, spoken to in JSON lines over its pipes.

In: ``{"tool", "args", "work_dir", "seed", "settings", "artifacts"}``. Out: ``{"progress", "message"}``
any number of times, then ``{"result"}`` or ``{"error", "type"}``. The process leads a session of its
own, so that killing its group kills every child a tool may have started; when its parent dies, the
pipe closes and it kills that group itself.
"""

from __future__ import annotations

import json
import os
import queue
import signal
import sys
import threading
import time
import traceback
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

from tools import get_tool
from tools.contract import Artifact, Output, ToolResult, ToolSettings
from tools.errors import ScorewrightError, UserError

PROGRESS_INTERVAL_S = 0.05


class WorkerContext:
    """A tool's view of the world inside a worker."""

    def __init__(self, request: Mapping[str, Any], out: IO[str]) -> None:
        self.work_dir = Path(request["work_dir"])
        self.seed: int = request["seed"]
        self.settings = ToolSettings.model_validate(request["settings"])
        self._artifacts = {a["id"]: Artifact.model_validate(a) for a in request["artifacts"]}
        self._out = out
        self._last = 0.0

    def artifact(self, ref: str) -> Artifact:
        """The artifact with this id."""
        if ref not in self._artifacts:
            raise UserError(f"There is no artifact {ref!r}; there are: {', '.join(self._artifacts) or 'none'}.")
        return self._artifacts[ref]

    def progress(self, share: float, message: str) -> None:
        """Send progress to the parent, at most some twenty times a second."""
        now = time.monotonic()
        if now - self._last >= PROGRESS_INTERVAL_S or share >= 1:
            self._last = now
            _send(self._out, {"progress": share, "message": message})


def dump_result(result: ToolResult) -> dict[str, Any]:
    """A tool's result as plain JSON."""
    plain = asdict(result)
    plain["data"] = result.data.model_dump(mode="json")
    for output in plain["outputs"]:
        output["path"] = str(output["path"])
    return plain


def load_outputs(plain: Mapping[str, Any]) -> tuple[Output, ...]:
    """The outputs of :func:`dump_result`."""
    return tuple(Output(**{**o, "path": Path(o["path"]), "parents": tuple(o["parents"])}) for o in plain["outputs"])


def run_one(request: Mapping[str, Any], out: IO[str]) -> dict[str, Any]:
    """Run one tool; every failure becomes a message."""
    try:
        tool = get_tool(request["tool"])
        return {"result": dump_result(tool(request["args"], WorkerContext(request, out)))}
    except ScorewrightError as err:
        return {"error": err.msg, "type": type(err).__name__}
    except MemoryError:
        return {"error": f"{request['tool']} ran out of memory; try a smaller file.", "type": "LimitExceeded"}
    except OSError as err:
        return {"error": str(err), "type": "OSError", "errno": err.errno}
    except Exception as err:  # noqa: BLE001 - the boundary: a tool's bug must reach the person as one line
        return {"error": f"{type(err).__name__}: {err}", "type": "bug", "traceback": traceback.format_exc()}


def main() -> None:
    """Serve requests until the parent closes the pipe."""
    out = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
    os.dup2(2, 1)  # a library that prints must not break the protocol
    requests: queue.Queue[dict[str, Any]] = queue.Queue()
    threading.Thread(target=_read, args=(requests,), daemon=True).start()
    while True:
        _send(out, run_one(requests.get(), out))


def _read(requests: queue.Queue[dict[str, Any]]) -> None:
    for line in sys.stdin:
        requests.put(json.loads(line))
    os.killpg(0, signal.SIGKILL)


def _send(out: IO[str], message: Mapping[str, Any]) -> None:
    out.write(json.dumps(message) + "\n")
    out.flush()


if __name__ == "__main__":
    main()
