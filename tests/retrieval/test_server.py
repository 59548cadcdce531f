"""One's own library on a real Chroma server on loopback, and what happens when it is away or slow."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from retrieval import server
from retrieval.add import add_folder, remove
from retrieval.library import Library, Shelves, open_library
from retrieval.shelf import Shelf
from retrieval.vectors import IndexBroken
from tools.errors import UserError

START = "import sys; from chromadb.cli.cli import app; sys.exit(app())"


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.fixture(scope="module")
def chroma(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """A running `chroma run` and its URL."""
    port = _free_port()
    folder = tmp_path_factory.mktemp("server")
    command = [sys.executable, "-c", START, "run", "--path", str(folder), "--host", "127.0.0.1", "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for _ in range(400):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.2)
    yield f"http://127.0.0.1:{port}", process
    process.kill()
    process.wait()


def _nearest_titles(library: Library, row: int) -> list[str]:
    return [library.records[hit].title for hit, _ in library.nearest(library.vectors[row], 30)]


def test_a_server_answers_as_the_local_scan_does_and_its_loss_is_bridged(
    chroma: tuple[str, subprocess.Popen[bytes]], music: Path, tmp_path: Path, quiet: Callable[[float, str], None]
) -> None:
    url, process = chroma
    file = tmp_path / "own.sqlite3"
    shelf = Shelf(file)
    add_folder(shelf, music, quiet, workers=1)
    local = open_library(Shelves(tmp_path / "cache", file))
    served = open_library(Shelves(tmp_path / "cache", file, url))
    assert (served.index.name, served.notes) == ("exact scan and chroma server", ())
    row = len(local.records) - 1
    expected = _nearest_titles(local, row)
    assert _nearest_titles(served, row) == expected
    remove(shelf, music / "one.mid")
    shelf.close()
    later = open_library(Shelves(tmp_path / "cache", file, url))
    assert "one" not in {r.title for r in later.records}
    later.close()
    index = served.index
    process.kill()
    process.wait()
    assert _nearest_titles(served, row) == expected
    assert "scanned without it" in served.notes[0]
    away = open_library(Shelves(tmp_path / "cache", file, url))
    assert "chroma run" in away.notes[0]
    assert away.index.name == "exact scan"
    index.close()  # type: ignore[attr-defined]


def test_an_address_that_is_none_is_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="SCOREWRIGHT_CHROMA_URL"):
        server._client("localhost")


def test_a_server_that_does_not_answer_is_given_up() -> None:
    with pytest.raises(IndexBroken, match="did not answer within"):
        server.within(0.05, lambda: time.sleep(1))
