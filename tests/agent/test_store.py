from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from agent.store import Store, explain_os_error, write_atomically
from tools.contract import Output, ToolData, ToolResult
from tools.errors import ToolFailed, UserError

MADE_BY = {"tool": "compose", "version": "1", "args": {}, "seed": 0}


class Nothing(ToolData):
    pass


def output(store: Store, step: str, name: str, content: bytes = b"MThd") -> ToolResult:
    path = store.work_dir(step) / name
    path.write_bytes(content)
    return ToolResult("made", Nothing(), (Output(path, "midi", "audio/midi"),))


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("gone.mp4", None, "does not exist"),
        ("empty.mp4", b"", "is empty"),
        ("notes.mp4", b"just some words", "named like a video file, but its bytes are not one"),
        ("tune.mid", b"not midi at all", "named like a midi file"),
        ("program.exe", b"MZ\x00\x01", "nothing Scorewright reads"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_by_name_with_the_mend(tmp_path, name, content, message):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(UserError, match=message) as caught:
        Store(tmp_path / "run").attach(tmp_path / name)
    assert name in caught.value.msg


def test_a_folder_is_no_attachment(tmp_path):
    with pytest.raises(UserError, match="is a folder"):
        Store(tmp_path / "run").attach(tmp_path)


def test_attachments_stay_where_they_are_and_are_numbered(tmp_path):
    for name in ("one.mid", "two.mid"):
        (tmp_path / name).write_bytes(b"MThd" + name.encode())
    store = Store(tmp_path / "run")
    first, second = (store.attach(tmp_path / n) for n in ("one.mid", "two.mid"))
    assert (first.id, second.id, first.kind) == ("a1", "a2", "midi")
    assert first.file == tmp_path / "one.mid"
    assert [p.name for p in (tmp_path / "run").glob("*.mid")] == []


def test_a_folder_opened_again_knows_what_it_holds(tmp_path):
    store = Store(tmp_path / "run")
    (made,) = store.commit("s1", output(store, "s1", "tune.mid"), MADE_BY)
    assert Store(tmp_path / "run")["s1-1"] == made
    assert Store(tmp_path / "run").made() == [made]


def test_a_sidecar_without_its_file_is_forgotten(tmp_path):
    store = Store(tmp_path / "run")
    (made,) = store.commit("s1", output(store, "s1", "tune.mid"), MADE_BY)
    made.file.unlink()
    assert Store(tmp_path / "run").all() == []
    assert list((tmp_path / "run" / "sidecars").iterdir()) == []


def test_a_full_disk_leaves_nothing_of_the_step(tmp_path, monkeypatch):
    store = Store(tmp_path / "run")
    result = output(store, "s1", "tune.mid")

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(ToolFailed, match=r"disk .* is full; free some space"):
        store.commit("s1", result, MADE_BY)
    assert store.all() == []
    assert [p.name for p in (tmp_path / "run").iterdir() if p.is_file()] == []


def test_a_place_that_cannot_be_written_says_so(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("a file, no folder")
    with pytest.raises(UserError, match="choose another folder with --out"):
        Store(blocked / "run")


def test_errors_of_the_disk_name_the_folder_and_the_mend():
    assert "--out" in explain_os_error(OSError(errno.EROFS, "Read-only file system"), Path("/mnt/cd"))
    assert "/mnt/cd" in explain_os_error(OSError(errno.EIO, "Input/output error"), Path("/mnt/cd"))


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path, monkeypatch):
    target = tmp_path / "run.json"
    write_atomically(target, "old")
    monkeypatch.setattr(os, "replace", lambda *_: (_ for _ in ()).throw(OSError(errno.EIO, "x")))
    with pytest.raises(OSError, match="x"):
        write_atomically(target, "new")
    assert target.read_text() == "old"


def test_what_an_earlier_run_made_is_adopted_with_its_provenance(tmp_path):
    earlier = Store(tmp_path / "one")
    (made,) = earlier.commit("s1", output(earlier, "s1", "tune.mid"), MADE_BY)
    later = Store(tmp_path / "two")
    adopted = later.adopt(made)
    assert (adopted.id, adopted.tool, adopted.path) == ("a1", "compose", made.path)
    assert later.made() == []
