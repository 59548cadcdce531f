"""`scorewright library`: filling, listing, counting and emptying one's own library."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.config import Config
from agent.events import CancelToken
from agent.surfaces import library
from tools.errors import Cancelled
from tools.kit.score import Note, Score, Track, write_midi


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return Config(library_file=tmp_path / "own" / "library.sqlite3", cache_dir=tmp_path / "cache")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "music"
    folder.mkdir()
    notes = [Note(i * 0.5, 0.5, 60 + (i * 5) % 12, 80) for i in range(32)]
    write_midi(Score(tracks=[Track("line", notes=notes)]), folder / "first.mid")
    (folder / "broken.mid").write_bytes(b"MThd")
    return folder


def _tell(share: float, message: str) -> None:
    assert 0 < share <= 1


def test_a_library_is_filled_listed_counted_and_emptied(config: Config, folder: Path) -> None:
    assert "is empty" in library.listing(config)["text"]
    added = library.add([folder], config, _tell, CancelToken())
    assert (added["added"], added["records"], len(added["failed"])) == (1, 1, 1)
    assert "unreadable: broken.mid" in added["text"]
    assert "first  [" in library.listing(config)["text"]
    counted = library.stats(config)
    assert (counted["own"], counted["default"] >= 5_000) == (1, True)
    assert "unread: broken.mid" in counted["text"]
    assert library.rebuild(config, _tell, CancelToken())["added"] == 1
    assert library.remove([folder], config)["removed"] == 2
    assert library.stats(config)["own"] == 0


def test_a_cancelled_filling_keeps_what_it_has_told(config: Config, folder: Path) -> None:
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled, match="in the library"):
        library.add([folder / "first.mid"], config, _tell, cancel)
    assert library.stats(config)["own"] == 1
