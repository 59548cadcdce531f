"""Tools called one by one on a folder that grows."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.config import Config
from agent.events import CancelToken
from agent.workbench import Workbench
from tools.errors import Cancelled, UserError
from tools.kit.score import Note, Score, Track, read_midi, write_midi


@pytest.fixture
def riff(tmp_path: Path) -> Path:
    """Four notes for flute."""
    path = tmp_path / "riff.mid"
    write_midi(Score([Track("Flute", 73, False, [Note(i, i + 1, 60 + 2 * i, 80) for i in range(4)])]), path)
    return path


def test_takes_a_path_then_the_id_of_what_it_made(riff: Path, tmp_path: Path, config: Config) -> None:
    with Workbench(tmp_path / "bench", config) as bench:
        up = bench.call("transpose", {"music": str(riff), "semitones": 2})
        again = bench.call("transpose", {"music": up.artifacts[0]["id"], "semitones": 3})
    assert [n.pitch for n in read_midi(Path(again.artifacts[0]["path"])).tracks[0].notes] == [65, 67, 69, 71]
    assert again.artifacts[0]["parents"] == [up.artifacts[0]["id"]]


def test_a_file_named_twice_is_one_artifact_until_it_changes(riff: Path, tmp_path: Path, config: Config) -> None:
    with Workbench(tmp_path / "bench", config) as bench:
        assert bench.attach(riff).id == bench.attach(riff).id == "a1"
        write_midi(Score([Track("Flute", 73, False, [Note(0, 1, 72, 80)])]), riff)
        assert bench.attach(riff).id == "a2"


def test_goes_on_in_its_folder_and_overwrites_nothing(riff: Path, tmp_path: Path, config: Config) -> None:
    paths = []
    for semitones in (1, 2):
        with Workbench(tmp_path / "bench", config) as bench:
            report = bench.call("transpose", {"music": str(riff), "semitones": semitones})
            paths.append(Path(report.artifacts[0]["path"]))
    assert [read_midi(p).tracks[0].notes[0].pitch for p in paths] == [61, 62]


@pytest.mark.parametrize("name", ["/etc/hostname", "../outside.mid", "link.mid"])
def test_reads_only_in_its_roots(name: str, riff: Path, tmp_path: Path, config: Config) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    (tmp_path / "outside.mid").write_bytes(riff.read_bytes())
    (inside / "link.mid").symlink_to(tmp_path / "outside.mid")
    with Workbench(tmp_path / "bench", config, roots=[inside]) as bench:
        with pytest.raises(UserError, match="outside the folders"):
            bench.call("transpose", {"music": str(inside / name), "semitones": 1})
        assert not bench.store.all()


def test_folders_are_held_to_the_roots_too(tmp_path: Path, config: Config) -> None:
    (tmp_path / "inside").mkdir()
    with (
        Workbench(tmp_path / "bench", config, roots=[tmp_path / "inside"]) as bench,
        pytest.raises(UserError, match="outside the folders"),
    ):
        bench.call("score_set", {"folder": str(tmp_path)})


def test_says_which_artifacts_there_are(riff: Path, tmp_path: Path, config: Config) -> None:
    with Workbench(tmp_path / "bench", config) as bench:
        bench.attach(riff)
        with pytest.raises(UserError, match=r"no artifact here; artifacts: a1 \(midi, riff.mid\)"):
            bench.call("transpose", {"music": "s7-1", "semitones": 1})


def test_a_cancelled_call_raises_and_leaves_nothing(riff: Path, tmp_path: Path, config: Config) -> None:
    cancel = CancelToken()
    cancel.cancel()
    with Workbench(tmp_path / "bench", config) as bench:
        with pytest.raises(Cancelled):
            bench.call("transpose", {"music": str(riff), "semitones": 1}, cancel=cancel)
        assert not bench.store.made()
        assert bench.call("transpose", {"music": str(riff), "semitones": 1}).ok
