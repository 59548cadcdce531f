"""`score_set` on folders of real scores and sounds: what it measures, what it compares, and what a bad file costs."""

from __future__ import annotations

import csv
import json
import random
import shutil
from pathlib import Path

import numpy as np
import pytest

from tools.errors import UserError
from tools.kit.audio import write_wav
from tools.kit.score import Note, Score, Track, write_midi

RATE = 44100


def tune(seed: int, leap: int) -> Score:
    """A walk over a bass whose steps are at most ``leap`` semitones."""
    rng, pitch, track = random.Random(seed), 64, Track("Piano", 0)
    for number in range(48):
        pitch = max(48, min(84, pitch + rng.choice([-leap, -1, 1, 2, leap])))
        track.notes.append(Note(number / 2, rng.choice([0.25, 0.5]), pitch, rng.randint(50, 100)))
        if number % 8 == 0:
            track.notes.append(Note(number / 2, 2, 40 + pitch % 12, 70))
    return Score(tracks=[track], tempi=[(0.0, 100.0)])


def sound(hz: float, noise: float, seed: int) -> np.ndarray:
    time = np.arange(RATE * 2) / RATE
    tone = 0.3 * np.sin(2 * np.pi * hz * time) * (1 + np.sin(2 * np.pi * 2 * time)) / 2
    return (tone + np.random.default_rng(seed).normal(0, noise, len(time)))[:, None].astype(np.float32)


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """``steps`` (small steps, clean), ``same`` (more of the kind) and ``leaps`` (large ones, noisy)."""
    root = tmp_path_factory.mktemp("sets")
    for name, first, leap, noise in (("steps", 0, 2, 0.001), ("same", 50, 2, 0.001), ("leaps", 100, 11, 0.05)):
        (root / name / "deep").mkdir(parents=True)
        for number in range(8):
            write_midi(tune(first + number, leap), root / name / "deep" / f"tune {number}.mid")
        for number in range(3):
            write_wav(root / name / f"sound{number}.wav", sound(220 + 40 * number, noise, first + number), RATE)
    return {p.name: p for p in root.iterdir()}


def test_every_file_is_measured_and_means_have_intervals(call_tool, folders):
    call = call_tool("score_set", {"folder": str(folders["steps"])})
    assert call.data["measured"] == 11
    assert not call.data["failed"]
    found = call.data["means"]["pitch_class_entropy"]
    assert found["n"] == 8
    assert found["low"] < found["mean"] < found["high"]
    assert call.data["means"]["loudness_lufs"]["n"] == 3
    assert call.progress[-1][0] > 0.9
    table = next(a.file for a in call.artifacts if a.media_type == "text/csv").read_text()
    rows = list(csv.DictReader(table.splitlines()))
    assert rows[0]["file"] == "deep/tune 0.mid"
    values = [float(r["pitch_class_entropy"]) for r in rows if r["pitch_class_entropy"]]
    assert np.mean(values) == pytest.approx(found["mean"])


def test_a_like_set_is_nearer_than_an_unlike_one(call_tool, folders):
    near = call_tool("score_set", {"folder": str(folders["steps"]), "reference": str(folders["same"])}).data
    far = call_tool("score_set", {"folder": str(folders["leaps"]), "reference": str(folders["same"])}).data
    (name,) = near["embeddings"]
    assert near["embeddings"][name]["frechet_audio_distance"] < far["embeddings"][name]["frechet_audio_distance"]
    overlaps = [
        np.mean([v["overlap"] for v in d["relative"].values() if v["overlap"] is not None]) for d in (near, far)
    ]
    assert overlaps[0] > overlaps[1] + 0.1
    assert near["melodies"]["PD"] > 0


def test_the_same_set_lies_at_no_distance_from_itself(call_tool, folders):
    call = call_tool("score_set", {"folder": str(folders["steps"]), "reference": str(folders["steps"])})
    (found,) = call.data["embeddings"].values()
    assert found["frechet_audio_distance"] == pytest.approx(0, abs=1e-6)
    assert call.data["melodies"]["PD"] == pytest.approx(1)
    plain = json.loads(next(a.file for a in call.artifacts if a.media_type == "application/json").read_text())
    assert all(e is None or e == 0 for e in plain["effects"].values())


def test_reports_name_the_embedding_and_stand_alone(call_tool, folders):
    call = call_tool("score_set", {"folder": str(folders["steps"]), "reference": str(folders["leaps"])})
    (name,) = call.data["embeddings"]
    html = next(a.file for a in call.artifacts if a.media_type == "text/html").read_text()
    markdown = next(a.file for a in call.artifacts if a.media_type == "text/markdown")
    for text in (html, markdown.read_text(), call.result.summary):
        assert f"embedding {name}" in text
    assert html.count("data:image/png;base64,") == len([a for a in call.artifacts if a.kind == "picture"]) > 0
    assert "<script" not in html
    assert 'src="http' not in html
    for artifact in call.artifacts:
        assert artifact.kind != "picture" or f"({artifact.file.name})" in markdown.read_text()


def test_bad_files_cost_one_line_each_and_others_are_measured(call_tool, folders, tmp_path):
    folder = tmp_path / "mixed"
    folder.mkdir()
    shutil.copy(folders["steps"] / "deep" / "tune 0.mid", folder / "good.mid")
    (folder / "cut.mid").write_bytes(b"MThd\x00\x00")
    (folder / "empty.wav").write_bytes(b"")
    (folder / "lies.wav").write_bytes(b"not sound at all")
    write_wav(folder / "mute.wav", np.zeros((RATE, 1), np.float32), RATE)
    write_midi(Score(tracks=[Track("Piano", 0)]), folder / "none.mid")
    (folder / "readme.txt").write_text("hello")
    (folder / "elsewhere.mid").symlink_to(folders["steps"] / "deep" / "tune 1.mid")
    (folder / ".hidden.mid").write_bytes(b"x")
    (folder / "loop").symlink_to(folder)
    call = call_tool("score_set", {"folder": str(folder)})
    assert call.data["measured"] == 1
    assert [f["file"] for f in call.data["failed"]] == ["cut.mid", "empty.wav", "lies.wav", "mute.wav", "none.mid"]
    assert all(f["error"] and "\n" not in f["error"] for f in call.data["failed"])
    assert "2 symbolic links" in call.result.notes[0]
    assert "1 files that are no music" in call.result.notes[0]


def test_a_set_may_be_files_instead_of_a_folder(call_tool, folders):
    tunes = sorted((folders["steps"] / "deep").iterdir())[:3]
    call = call_tool("score_set", {"items": ["a1", "a2", "a3"]}, attach=tunes)
    assert call.data["measured"] == 3
    assert call.data["means"]["n_notes"]["mean"] == 54


def test_nothing_to_measure_is_said(call_tool, tmp_path):
    with pytest.raises(UserError, match="name a folder"):
        call_tool("score_set", {})
    with pytest.raises(UserError, match="does not exist"):
        call_tool("score_set", {"folder": str(tmp_path / "none")})
    (tmp_path / "a.mid").write_bytes(b"MThd")
    with pytest.raises(UserError, match="is a file"):
        call_tool("score_set", {"folder": str(tmp_path / "a.mid")})
    with pytest.raises(UserError, match="Not one of 1 files"):
        call_tool("score_set", {"folder": str(tmp_path)})


def test_musicnn_gives_its_own_embedding_and_scores_on_labels(call_tool, folders):
    sounds = {"embedding": "musicnn-msd", "folder": str(folders["steps"]), "reference": str(folders["same"])}
    call = call_tool("score_set", sounds)
    assert list(call.data["embeddings"]) == ["musicnn-msd"]
    assert call.data["embeddings"]["musicnn-msd"]["frechet_audio_distance"] is not None
    scores = call.data["labels"]["musicnn-msd"]
    assert scores["inception_score"] is None  # needs ten recordings
    assert scores["modified_inception_score"] >= 1
    assert {"kl_softmax", "kl_sigmoid"} <= set(scores)
    text = next(a.file for a in call.artifacts if a.media_type == "text/markdown").read_text()
    assert "tagger musicnn-msd" in text


def test_vectors_of_another_program_are_read_beside_the_recordings(call_tool, folders, tmp_path):
    rng = np.random.default_rng(5)
    for name in ("ours", "theirs"):
        (tmp_path / name / "embeddings" / "vggish").mkdir(parents=True)
        for number in range(3):
            shutil.copy(folders["steps"] / f"sound{number}.wav", tmp_path / name / f"{number}.wav")
            np.save(tmp_path / name / "embeddings" / "vggish" / f"{number}.npy", rng.normal(size=(9, 128)))
    args = {"folder": str(tmp_path / "ours"), "reference": str(tmp_path / "theirs"), "embedding": "vggish"}
    assert list(call_tool("score_set", args).data["embeddings"]) == ["vggish"]
    (tmp_path / "ours" / "embeddings" / "vggish" / "1.npy").unlink()
    failed = call_tool("score_set", args).data["failed"]
    assert [f["file"] for f in failed] == ["1.wav"]
    assert "embeddings/vggish/1.npy" in failed[0]["error"]


@pytest.mark.parametrize(
    ("embedding", "told"),
    [("musicn", "There is no embedding"), ("clap-laion-music", "needs a folder with its weights")],
)
def test_an_embedding_that_cannot_be_had_is_refused(call_tool, folders, embedding, told):
    with pytest.raises(UserError, match=told):
        call_tool("score_set", {"folder": str(folders["steps"]), "embedding": embedding})


def test_the_resolution_reaches_metrics_on_a_grid(call_tool, folders):
    coarse, fine = (
        call_tool("score_set", {"folder": str(folders["steps"] / "deep"), "resolution": r}).data["means"]
        for r in (1, 24)
    )
    assert coarse["groove_consistency"] != fine["groove_consistency"]
    assert coarse["pitch_range"] == fine["pitch_range"]


def test_annotations_are_scored_by_mir_eval_under_their_names(call_tool, tmp_path):
    for name, late in (("right", 0.0), ("found", 0.2)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "good.txt").write_text("\n".join(f"{5 + n / 2:.2f}" for n in range(20)))
        beats = "\n".join(f"{5 + n / 2 + late:.2f}" for n in range(20))
        (tmp_path / name / "late.txt").write_text(beats)
    (tmp_path / "found" / "stray.txt").write_text("1.0")
    args = {"task": "beat", "folder": str(tmp_path / "found"), "reference": str(tmp_path / "right")}
    call = call_tool("score_set", args)
    assert call.data["means"]["mir_beat: F-measure"]["mean"] == pytest.approx(0.5)
    assert call.data["measured"] == 2
    assert "no annotation of its name" in call.data["failed"][0]["error"]
    with pytest.raises(UserError, match="as reference"):
        call_tool("score_set", {"task": "beat", "folder": str(tmp_path / "found")})


def test_stems_are_scored_song_by_song(call_tool, tmp_path):
    for name, noise in (("right", 0.0), ("found", 0.01)):
        (tmp_path / name / "song").mkdir(parents=True)
        for number in range(2):
            samples = sound(220 + 200 * number, noise, number)[: RATE // 2]
            write_wav(tmp_path / name / "song" / f"{number}.wav", samples, RATE)
    args = {"task": "separation", "folder": str(tmp_path / "found"), "reference": str(tmp_path / "right")}
    means = call_tool("score_set", args).data["means"]
    assert means["mir_separation: Sources - Source to Distortion"]["mean"] > 10


def test_a_thinned_set_says_so(call_tool, folders, monkeypatch):
    from tools.kit import set_scores

    monkeypatch.setattr(set_scores, "MOST_PAIRED", 5)
    call = call_tool(
        "score_set", {"folder": str(folders["steps"] / "deep"), "reference": str(folders["same"] / "deep")}
    )
    assert call.data["pieces_compared"] == [5, 5]
    text = next(a.file for a in call.artifacts if a.media_type == "text/markdown").read_text()
    assert "Of the 8 scores of the set, 5 at even distances" in text


def test_a_folder_of_scores_and_recordings_shows_both_in_tables_of_their_own(call_tool, folders):
    for args in ({}, {"reference": str(folders["same"])}):
        call = call_tool("score_set", {"folder": str(folders["steps"]), **args})
        text = next(a.file for a in call.artifacts if a.media_type == "text/markdown").read_text()
        scores, recordings = text.index("## Means of the scores"), text.index("## Means of the recordings")
        assert scores < text.index("| pitch_class_entropy |") < recordings < text.index("| loudness_lufs |")
        pictures = {a.file.name for a in call.artifacts if a.kind == "picture"}
        for family in ("scores", "recordings"):
            assert any(name.startswith(f"distributions-{family}") for name in pictures)


def test_metrics_of_the_whole_set_have_intervals_or_a_reason_in_every_report(call_tool, folders):
    call = call_tool("score_set", {"folder": str(folders["leaps"]), "reference": str(folders["same"])})
    overlap = call.data["confidence"]["feature total_used_pitch"]["overlap"]
    assert overlap["low"] <= call.data["relative"]["total_used_pitch"]["overlap"] <= overlap["high"]
    few = call.data["confidence"]["embedding light-1"]["frechet_audio_distance"]
    assert few["low"] is None
    assert "fewer than 5" in few["why"]
    texts = {a.file.name: a.file.read_text() for a in call.artifacts if a.kind == "report"}
    assert "No interval for" in texts["report.md"]
    assert "No interval for" in texts["report.html"]
    assert json.loads(texts["report.json"])["confidence"]["melodies"]["MD"]["low"] is not None
    rows = {(r["group"], r["metric"]): r for r in csv.DictReader(texts["set.csv"].splitlines())}
    assert float(rows["feature total_used_pitch", "overlap"]["low"]) == pytest.approx(overlap["low"])
    assert rows["embedding light-1", "frechet_audio_distance"]["no interval because"] == few["why"]


@pytest.fixture(scope="module")
def even(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two recordings with the same even beat, so that some metrics of them differ by rounding alone, and a tune."""
    folder = tmp_path_factory.mktemp("even")
    click = np.exp(-np.arange(2000) / 200) * np.sin(np.arange(2000) / 8)
    for name, level in (("a", 0.5), ("b", 0.3)):
        beat = np.zeros(RATE * 8)
        for start in range(0, len(beat), RATE // 2):
            beat[start : start + 2000] = level * click
        write_wav(folder / f"{name}.wav", beat[:, None].astype(np.float32), RATE)
    write_midi(tune(0, 2), folder / "tune.mid")
    return folder


def test_recordings_with_an_even_beat_are_reported_with_the_grid_of_the_scores(call_tool, even):
    call = call_tool("score_set", {"folder": str(even), "resolution": 12})
    assert call.data["measured"] == 3
    assert call.data["resolution"] == 12
    assert not call.result.notes
    for media in ("text/markdown", "text/html"):
        text = next(a.file for a in call.artifacts if a.media_type == media).read_text()
        assert "at 12 steps a quarter note" in text
    plain = json.loads(next(a.file for a in call.artifacts if a.media_type == "application/json").read_text())
    assert plain["resolution"] == 12


def test_a_picture_that_fails_is_told_and_the_report_is_there(call_tool, even, monkeypatch):
    from tools.kit.report import draw

    def broken(*_: object) -> bytes:
        raise ValueError("Too many bins for data range")

    monkeypatch.setattr(draw, "distributions", broken)
    call = call_tool("score_set", {"folder": str(even)})
    assert call.data["measured"] == 3
    assert any("distributions-recordings.png" in n and "Too many bins" in n for n in call.result.notes)
    assert {"text/markdown", "text/html", "text/csv", "application/json"} <= {a.media_type for a in call.artifacts}


def test_recordings_alone_have_no_grid(call_tool, folders, tmp_path):
    shutil.copy(folders["steps"] / "sound0.wav", tmp_path)
    call = call_tool("score_set", {"folder": str(tmp_path)})
    assert call.data["resolution"] is None
    assert "quarter note" not in next(a.file for a in call.artifacts if a.media_type == "text/html").read_text()
