"""``scorewright mcp`` as a client starts it: a process on stdio, a port on loopback."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import anyio
import pytest
from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client
from typer.testing import CliRunner

from main import app

ROOT = Path(__file__).resolve().parents[4]
COMMAND = [str(ROOT / "main.py"), "mcp"]


@pytest.fixture
def surroundings(tmp_path: Path) -> dict[str, str]:
    """The environment of a server that keeps to the test's folder."""
    return {**os.environ, "SCOREWRIGHT_CACHE_DIR": str(tmp_path / "cache"), "PYTHONPATH": str(ROOT)}


def test_serves_a_client_on_stdio(tmp_path: Path, surroundings: dict[str, str]) -> None:
    server = StdioServerParameters(command=sys.executable, args=COMMAND, env=surroundings, cwd=str(tmp_path))

    async def main() -> list[str]:
        async with Client(stdio_client(server)) as client:
            return [t.name for t in (await client.list_tools()).tools]

    assert "ask" in anyio.run(main)
    assert (tmp_path / "runs" / "mcp").is_dir()


@pytest.fixture
def port(tmp_path: Path, surroundings: dict[str, str]) -> Iterator[int]:
    """The port of a server over HTTP."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number = free.getsockname()[1]
    command = [sys.executable, *COMMAND, "--http", f"127.0.0.1:{number}"]
    process = subprocess.Popen(command, cwd=tmp_path, env=surroundings, stderr=subprocess.PIPE)
    try:
        for _ in range(300):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", number)) == 0:
                    break
            time.sleep(0.1)
        yield number
    finally:
        process.terminate()
        process.communicate(timeout=20)


def test_serves_clients_over_http_and_refuses_a_foreign_host(port: int) -> None:
    import httpx

    async def main() -> list[str]:
        async with Client(f"http://127.0.0.1:{port}/mcp") as client:
            return [t.name for t in (await client.list_tools()).tools]

    assert "ask" in anyio.run(main)
    refused = httpx.post(f"http://127.0.0.1:{port}/mcp", json={}, headers={"Host": "evil.example"})
    assert refused.status_code in (403, 421)


@pytest.mark.parametrize("wrong", ["8765", "localhost:", "localhost:99999", ":80"])
def test_a_wrong_address_is_said(wrong: str, tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["mcp", "--http", wrong, "--folder", str(tmp_path)])
    assert result.exit_code == 2
    assert "HOST:PORT" in result.output
