"""A folder becomes a library: everything readable once, what fails told, and nothing lost to a kill."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from retrieval.add import add_folder, rebuild, remove
from retrieval.library import Shelves, open_library
from retrieval.shelf import Shelf
from tools.errors import UserError

Tell = Callable[[float, str], None]
Make = Callable[..., Path]


def _titles(shelf: Shelf) -> list[str]:
    return sorted(r.title for r in shelf.contents().records)


def test_every_readable_file_is_added_and_the_rest_told(music: Path, tmp_path: Path, quiet: Tell) -> None:
    shelf = Shelf(tmp_path / "own.sqlite3")
    report = add_folder(shelf, music, quiet, workers=2)
    assert (report.added, report.records) == (4, 5)
    assert list(report.failed) == [str(music / "broken.mid")]
    assert "header is cut off" in report.failed[str(music / "broken.mid")]
    assert _titles(shelf) == ["Tune 1", "Tune 2", "one", "three", "二"]
    waltz = next(r for r in shelf.contents().records if r.title == "Tune 1")
    assert (waltz.key, waltz.meter, waltz.tempo_bpm, waltz.genre[0]) == ("D minor", "3/4", 120.0, "waltz")
    assert (waltz.composer, waltz.path, waltz.source) == (
        "Ana Lima", str(music / "book.abc"), f"{music / 'book.abc'} #1",
    )  # fmt: skip
    recording = next(r for r in shelf.contents().records if r.title == "three")
    assert recording.duration_s == pytest.approx(6.0, abs=0.1)
    assert recording.groove is None
    shelf.close()


def test_a_second_call_reads_only_what_changed(music: Path, tmp_path: Path, quiet: Tell, tune_midi: Make) -> None:
    shelf = Shelf(tmp_path / "own.sqlite3")
    add_folder(shelf, music, quiet, workers=2)
    (music / "three.flac").unlink()
    tune_midi(music / "one.mid", 7)
    again = add_folder(shelf, music, quiet, workers=1)
    assert (again.added, again.unchanged, again.gone, len(again.failed)) == (1, 3, 1, 0)
    assert _titles(shelf) == ["Tune 1", "Tune 2", "one", "二"]
    shelf.close()


def test_duplicates_are_found_by_bytes_and_by_notes(tmp_path: Path, quiet: Tell, tune_midi: Make) -> None:
    folder = tmp_path / "music"
    folder.mkdir()
    tune_midi(folder / "a.mid", 1)
    shutil.copy(folder / "a.mid", folder / "b.mid")
    tune_midi(folder / "c.mid", 1, shift=5, bpm=140)
    shelf = Shelf(tmp_path / "own.sqlite3")
    report = add_folder(shelf, folder, quiet, workers=1)
    assert report.duplicates == {
        str(folder / "b.mid"): f"the same file as {folder / 'a.mid'}",
        str(folder / "c.mid"): "the same notes as “a”",
    }
    assert len(shelf.contents().records) == 2
    assert remove(shelf, folder / "a.mid") == 1
    left = shelf.contents().records
    assert {r.path for r in left} == {str(folder / "b.mid"), str(folder / "c.mid")}
    shelf.close()


def test_a_sidecar_names_a_piece_and_its_licence(tmp_path: Path, quiet: Tell, tune_midi: Make) -> None:
    tune_midi(tmp_path / "x.mid", 3)
    (tmp_path / "x.json").write_text(
        '{"title": "Sea", "composer": "Ana", "licence": "CC BY 4.0", "year": 2020,'
        ' "genre": "Ambient", "mood": ["Calm"]}'
    )
    shelf = Shelf(tmp_path / "own.sqlite3")
    add_folder(shelf, tmp_path / "x.mid", quiet, workers=1)
    record = shelf.contents().records[0]
    assert (record.title, record.composer, record.licence, record.year) == ("Sea", "Ana", "CC BY", 2020)
    assert (record.genre[0], record.mood[0]) == ("ambient", "calm")
    assert "Sea" in record.description
    shelf.close()


def test_a_circle_of_links_is_not_walked(music: Path, tmp_path: Path, quiet: Tell) -> None:
    (music / "again").symlink_to(music)
    shelf = Shelf(tmp_path / "own.sqlite3")
    report = add_folder(shelf, music, quiet, workers=2)
    assert report.added == 4
    assert "symbolic link" in report.passed_over
    shelf.close()


def test_an_empty_folder_and_a_missing_one_are_told(tmp_path: Path, quiet: Tell) -> None:
    shelf = Shelf(tmp_path / "own.sqlite3")
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError, match="holds no music"):
        add_folder(shelf, tmp_path / "empty", quiet)
    with pytest.raises(UserError, match="does not exist"):
        add_folder(shelf, tmp_path / "nowhere", quiet)
    shelf.close()


def _add_and_tell(file: str, folder: str, told: object) -> None:
    add_folder(Shelf(Path(file)), Path(folder), lambda share, message: told.put(message), workers=1)  # type: ignore[attr-defined]


def test_what_was_reported_survives_a_kill_and_the_rest_is_done_later(
    tmp_path: Path, quiet: Tell, tune_midi: Make
) -> None:
    folder = tmp_path / "music"
    folder.mkdir()
    for seed in range(8):
        tune_midi(folder / f"{seed:02}.mid", seed)
    spawn = multiprocessing.get_context("spawn")
    told = spawn.Queue()
    child = spawn.Process(target=_add_and_tell, args=(str(tmp_path / "own.sqlite3"), str(folder), told))
    child.start()
    for _ in range(3):
        told.get(timeout=100)
    assert child.pid is not None
    os.kill(child.pid, signal.SIGKILL)
    child.join()
    reported = 3 + told.qsize()
    shelf = Shelf(tmp_path / "own.sqlite3")
    kept = len(shelf.contents().records)
    assert kept >= reported
    report = add_folder(shelf, folder, quiet, workers=1)
    assert (report.added, report.unchanged) == (8 - kept, kept)
    assert len(shelf.contents().records) == 8
    shelf.close()


def test_two_processes_may_add_at_once(tmp_path: Path, tune_midi: Make) -> None:
    folders = [tmp_path / name for name in ("a", "b")]
    for index, folder in enumerate(folders):
        folder.mkdir()
        for seed in range(5):
            tune_midi(folder / f"{seed}.mid", 10 * index + seed)
    spawn = multiprocessing.get_context("spawn")
    told = spawn.Queue()
    children = [
        spawn.Process(target=_add_and_tell, args=(str(tmp_path / "own.sqlite3"), str(folder), told))
        for folder in folders
    ]
    for child in children:
        child.start()
    for child in children:
        child.join(100)
    assert [child.exitcode for child in children] == [0, 0]
    shelf = Shelf(tmp_path / "own.sqlite3")
    assert len(shelf.contents().records) == 10
    shelf.close()


def test_a_library_of_another_model_is_refused_and_rebuilt(
    music: Path, tmp_path: Path, quiet: Tell, monkeypatch: pytest.MonkeyPatch
) -> None:
    from retrieval import shelf as shelves

    file = tmp_path / "own.sqlite3"
    shelf = Shelf(file)
    add_folder(shelf, music / "one.mid", quiet, workers=1)
    shelf.close()
    monkeypatch.setattr(shelves, "MODEL_ID", "another model")
    shelf = Shelf(file)
    with pytest.raises(UserError, match="library rebuild"):
        add_folder(shelf, music, quiet)
    opened = open_library(Shelves(tmp_path / "cache", file))
    assert "library rebuild" in opened.notes[0]
    assert not [r for r in opened.records if r.path]
    rebuild(shelf, quiet, workers=1)
    assert _titles(shelf) == ["one"]
    shelf.close()


def test_one_s_own_pieces_are_found_behind_the_default_library(music: Path, tmp_path: Path, quiet: Tell) -> None:
    file = tmp_path / "own.sqlite3"
    shelf = Shelf(file)
    add_folder(shelf, music / "book.abc", quiet, workers=1)
    shelf.close()
    library = open_library(Shelves(tmp_path / "cache", file))
    row = next(row for row, r in enumerate(library.records) if r.title == "Tune 1")
    assert library.nearest(library.vectors[row], 1)[0][0] == row
    library.close()


def test_a_huge_file_name_in_any_script_is_kept(tmp_path: Path, quiet: Tell, tune_midi: Make) -> None:
    folder = tmp_path / "музыка"
    folder.mkdir()
    name = "음악" * 30 + ".mid"
    tune_midi(folder / name, 5)
    shutil.copy(folder / name, os.fsdecode(os.fsencode(folder) + b"/caf\xe9.mid"))
    shelf = Shelf(tmp_path / "own.sqlite3")
    assert add_folder(shelf, folder, quiet, workers=1).added == 2
    assert add_folder(shelf, folder, quiet, workers=1).unchanged == 2
    assert [r.path for r in shelf.contents().records] == [f"{folder}/caf�.mid"]
    shelf.close()
