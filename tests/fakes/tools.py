"""Tools that do little and fail on purpose, for the executor's tests."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

from pydantic import Field

from tools.contract import Midi, Output, Tool, ToolArgs, ToolContext, ToolData, ToolResult, tool
from tools.errors import ToolFailed, ToolRetry, UserError


class FakeArgs(ToolArgs):
    text: str = Field("x", description="What to write or do.")
    seconds: float = Field(0.0, description="How long to take, in seconds.")
    log: str | None = Field(None, description="File that gets a line at every start.")
    source: Midi | None = Field(None, description="An input.")
    loudness_lufs: float | None = Field(None, description="For repairs.")
    brief: dict | None = Field(None, description="The Brief.")


class FakeData(ToolData):
    text: str
    bridge: dict = {}
    checks: list = []


def _started(args: FakeArgs) -> int:
    if args.log is None:
        return 1
    with Path(args.log).open("a") as stream:
        stream.write(f"{args.text}\n")
    return Path(args.log).read_text().count(f"{args.text}\n")


@tool(version="1", takes=("midi",), gives=("midi",), random=True)
def writer(args: FakeArgs, ctx: ToolContext) -> ToolResult:
    """Write a file after a while."""
    _started(args)
    path = ctx.work_dir / f"{args.text}.mid"
    path.write_bytes(b"half")
    for i in range(int(args.seconds * 20)):
        ctx.progress(i / (args.seconds * 20), "writing")
        time.sleep(0.05)
    path.write_bytes(f"{args.text} {ctx.seed}".encode())
    parents = (args.source,) if args.source else ()
    return ToolResult(
        f"wrote {args.text}",
        FakeData(text=args.text, bridge={"tempo_bpm": 77.0}),
        (Output(path, "midi", "audio/midi", parents=parents),),
        backend="fake",
    )


@tool(version="1", cost="instant", isolated=False)
def noop(args: FakeArgs, ctx: ToolContext) -> ToolResult:
    """Do nothing."""
    return ToolResult("done", FakeData(text=str((args.brief or {}).get("tempo_bpm", args.text))))


@tool(version="1")
def spawner(args: FakeArgs, ctx: ToolContext) -> ToolResult:
    """Start a child and wait for it."""
    child = subprocess.Popen(["sleep", "60"])
    Path(args.text).write_text(str(child.pid))
    child.wait()
    raise ToolFailed("the child ended")


@tool(version="1")
def flaky(args: FakeArgs, ctx: ToolContext) -> ToolResult:
    """Fail twice, then work."""
    if _started(args) < 3:
        raise ToolRetry("busy")
    return ToolResult("worked", FakeData(text="worked"))


@tool(version="1")
def faulty(args: FakeArgs, ctx: ToolContext) -> ToolResult:
    """Fail in the way that ``text`` names."""
    match args.text:
        case "user":
            raise UserError("clip.mp4 is no film; attach another.")
        case "bug":
            raise ZeroDivisionError("oops")
        case "crash":
            os.kill(os.getpid(), signal.SIGSEGV)
        case "print":
            os.write(1, b"noise on stdout\n")
            print("more noise")  # noqa: T201 - what a careless library does
        case "full":
            raise OSError(28, "No space left on device")
    return ToolResult("survived", FakeData(text=args.text))


FAKES: dict[str, Tool] = {t.name: t for t in (writer, noop, spawner, flaky, faulty)}
