"""``scorewright mcp``: the tools and the agent for MCP clients."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agent.surfaces.cli.terminal import guarded, user_error

if TYPE_CHECKING:
    from agent.config import Config
    from agent.events import CancelToken


def mcp(
    folder: Annotated[Path, typer.Option(help="Where everything that is made is kept.")] = Path("runs/mcp"),
    root: Annotated[
        list[Path] | None, typer.Option(help="A folder that clients may name files in (default: this one).")
    ] = None,
    http: Annotated[
        str | None, typer.Option(help="Serve over HTTP at HOST:PORT, as 127.0.0.1:8765; left out: stdin and stdout.")
    ] = None,
) -> None:
    """Serve the tools, the artifacts and the agent to MCP clients."""

    def work(config: Config, cancel: CancelToken) -> None:
        if find_spec("mcp") is None:
            raise user_error("The MCP server comes with an extra: pip install 'scorewright[mcp]'.")
        from agent.surfaces.mcp import Studio, serve_http, serve_stdio

        host, port = address(http) if http is not None else ("", 0)
        studio = Studio(folder, config, [p.expanduser() for p in root or [Path.cwd()]])
        if http is not None:
            serve_http(studio, host, port)
        else:
            serve_stdio(studio)

    guarded(work)


def address(text: str) -> tuple[str, int]:
    """Host and port of ``HOST:PORT``; ``UserError`` when it is none."""
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit() or int(port) > 65535:
        raise user_error(f"--http takes HOST:PORT, as 127.0.0.1:8765; got {text!r}.")
    return host.strip("[]"), int(port)
