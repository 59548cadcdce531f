"""`compare` against a request, against a reference, and of pieces with one another; and by thumbs."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

from agent.planner.base import Situation
from agent.planner.grammar.planner import GrammarPlanner
from agent.store import Store
from tools import get_tool
from tools.contract import Artifact, ToolSettings
from tools.errors import UserError
from tools.kit.audio import write_wav
from tools.kit.measured import measure
from tools.kit.preferences import Thumb, add_thumbs
from tools.kit.score import Note, Score, Track, write_midi


def tune(path: Path, *, tempo: float = 120, notes: int = 32, leap: int = 2, seed: int = 1) -> Path:
    rng, pitch, track = random.Random(seed), 67, Track("Piano", 0)
    for number in range(notes):
        pitch = max(55, min(79, pitch + rng.choice([-leap, leap])))
        track.notes.append(Note(16 * number / notes, 16 / notes, pitch, 80))
    write_midi(Score(tracks=[track], tempi=[(0.0, tempo)]), path)
    return path


@pytest.fixture
def pair(tmp_path: Path) -> list[Path]:
    return [tune(tmp_path / "slow.mid", tempo=70, notes=16), tune(tmp_path / "fast.mid", tempo=140, notes=64, leap=7)]


RATE = 22050
ITEMS = {"items": ["a1", "a2"]}


@pytest.mark.parametrize(("tempo", "nearer"), [(72, "a1"), (138, "a2")])
def test_the_nearer_to_a_request_is_named_with_its_reason(call_tool, pair, tempo, nearer):
    brief = {"tempo_bpm": tempo, "instruments": ["piano"]}
    call = call_tool("compare", ITEMS | {"brief": brief}, attach=pair)
    assert call.data["nearest"] == nearer
    names = {"a1": "slow.mid", "a2": "fast.mid"}
    other = names["a2" if nearer == "a1" else "a1"]
    assert call.data["sentence"].startswith(f"{names[nearer]} is nearer to the request: it meets 2 of 2")
    assert f"{other} misses tempo bpm (wanted {tempo}, measured" in call.data["sentence"]
    assert [i["met"] for i in call.data["items"]] == ([2, 1] if nearer == "a1" else [1, 2])


def test_of_two_that_meet_everything_the_closer_is_named(call_tool, tmp_path):
    files = [tune(tmp_path / "exact.mid", tempo=120), tune(tmp_path / "near.mid", tempo=122)]
    call = call_tool("compare", ITEMS | {"brief": {"tempo_bpm": 120}}, attach=files)
    assert call.data["nearest"] == "a1"
    assert "lies closer" in call.data["sentence"]


def test_a_drum_solo_is_not_nearer_for_having_no_key(call_tool, tmp_path):
    drums = Track("Drums", 0, is_drum=True, notes=[Note(n / 2, 0.5, 36 + 2 * (n % 2), 90) for n in range(64)])
    write_midi(Score([drums], tempi=[(0.0, 120.0)]), tmp_path / "drums.mid")
    chords = Track("Piano", 0)
    for bar in range(19):
        root = (60, 65, 67, 60)[bar % 4]
        chords.notes += [Note(bar * 4 + beat, 1, root + p, 80) for beat in range(4) for p in (0, 4, 7)]
    write_midi(Score([chords], tempi=[(0.0, 120.0)]), tmp_path / "chords.mid")
    brief = {"tempo_bpm": 120, "key": "G major", "meter": "4/4", "bars": 20}
    for files in (["drums.mid", "chords.mid"], ["chords.mid", "drums.mid"]):
        call = call_tool("compare", ITEMS | {"brief": brief}, attach=[tmp_path / f for f in files])
        ids = {i["file"]: i["id"] for i in call.data["items"]}
        assert call.data["nearest"] == ids["chords.mid"], call.data["sentence"]
        for words in (
            "chords.mid is nearer",
            "drums.mid 2 of 5",
            "key and mode cannot be measured on drums.mid",
            "counts as not met",
        ):
            assert words in call.data["sentence"], call.data["sentence"]
        unmeasured = {i["file"]: (i["not_checked"], len(i["checks"])) for i in call.data["items"]}
        assert unmeasured == {"drums.mid": (2, 5), "chords.mid": (0, 5)}


def test_the_same_music_twice_is_a_tie(call_tool, tmp_path):
    files = [tune(tmp_path / "one.mid"), tune(tmp_path / "two.mid")]
    call = call_tool("compare", ITEMS | {"brief": {"tempo_bpm": 120}}, attach=files)
    assert call.data["nearest"] is None
    assert "equally near" in call.data["sentence"]
    call = call_tool("compare", ITEMS)
    assert "alike in every metric" in call.data["sentence"]
    assert call.data["differences"] == []


def test_without_a_request_the_largest_differences_are_told(call_tool, pair):
    call = call_tool("compare", ITEMS, attach=pair)
    assert call.data["nearest"] is None
    assert "differ most in" in call.data["sentence"]
    notes = next(d for d in call.data["differences"] if d["metric"] == "n_notes")
    assert notes["values"] == {"a1": 16, "a2": 64}
    assert notes["share"] == pytest.approx(0.75)


def test_the_nearer_to_a_reference_is_named(call_tool, pair, tmp_path):
    like_fast = tune(tmp_path / "model.mid", tempo=140, notes=60, leap=7, seed=4)
    call = call_tool("compare", ITEMS | {"reference": "a3"}, attach=[*pair, like_fast])
    assert call.data["nearest"] == "a2"
    assert "nearer to model.mid" in call.data["sentence"]
    apart = [i["from_reference"] for i in call.data["items"]]
    assert apart[1] < apart[0]


def test_a_piece_is_not_its_own_reference(call_tool, pair):
    with pytest.raises(UserError, match="is the reference and one of the pieces"):
        call_tool("compare", ITEMS | {"reference": "a1"}, attach=pair)


def test_two_versions_in_a_request_are_compared_with_each_other(pair, tmp_path):
    store = Store(tmp_path / "run")
    situation = Situation("compare these two versions", tuple(map(store.attach, pair)))
    (step,) = GrammarPlanner().plan(situation).plan.steps
    assert step.args["items"] == ["a1", "a2"]
    assert "reference" not in step.args


def test_reports_hold_a_table_a_radar_and_bars(call_tool, pair):
    brief = {"tempo_bpm": 72, "instruments": ["piano"], "meter": "4/4", "bars": 4}
    call = call_tool("compare", ITEMS | {"brief": brief}, attach=pair)
    pictures = {a.file.name for a in call.artifacts if a.kind == "picture"}
    assert {"request-radar.png", "request-bars.png", "metrics-bars.png"} <= pictures
    text = next(a.file for a in call.artifacts if a.media_type == "text/markdown").read_text()
    assert "| tempo_bpm | 72 | met" in text
    assert call.data["sentence"] in text


def test_notes_and_sound_have_nothing_in_common(call_tool, pair, tmp_path):
    import numpy as np

    from tools.kit.audio import write_wav

    wave = 0.3 * np.sin(np.arange(44100 * 2) * 0.05)[:, None].astype(np.float32)
    write_wav(tmp_path / "a.wav", wave, 44100)
    with pytest.raises(UserError, match="no metric in common"):
        call_tool("compare", ITEMS, attach=[pair[0], tmp_path / "a.wav"])


def test_a_damaged_file_is_an_error_in_plain_words(call_tool, pair, tmp_path):
    (tmp_path / "cut.mid").write_bytes(b"MThd\x00\x00\x00\x06")
    with pytest.raises(UserError, match=r"cut\.mid"):
        call_tool("compare", ITEMS, attach=[pair[0], tmp_path / "cut.mid"])


def test_enough_thumbs_rank_and_say_so(pair, tmp_path):
    thumbs = []
    for number in range(12):
        busy = number % 2 == 0
        file = tune(tmp_path / f"{number}.mid", notes=60 if busy else 14, leap=2 + number % 3, seed=number)
        metrics = measure(file).metrics
        thumbs.append(
            Thumb(thumb="up" if busy else "down", request="x", kind="midi", sha256=str(number), metrics=metrics)
        )
    kept = tmp_path / "preferences.jsonl"
    add_thumbs(kept, thumbs)
    found = get_tool("compare")(ITEMS, _Context(tmp_path, pair, kept)).data
    assert found.preferred == "a2"
    assert found.agreement > 0.8
    assert "By your 12 thumbs" in found.sentence


class _Context:
    """The world of a tool, with a person's thumbs in it."""

    seed = 0

    def __init__(self, folder: Path, files: list[Path], thumbs: Path) -> None:
        self.work_dir = folder / "work"
        self.work_dir.mkdir()
        self.settings = ToolSettings(cache_dir=folder / "cache", preferences_file=thumbs)
        store = Store(folder / "run")
        self.artifacts = {a.id: a for a in map(store.attach, files)}

    def artifact(self, ref: str) -> Artifact:
        return self.artifacts[ref]

    def progress(self, share: float, message: str) -> None:
        assert 0 <= share <= 1


def test_what_a_request_asks_is_scored_as_papers_do(call_tool, pair):
    brief = {"request": "a slow piece for piano", "tempo_bpm": 70, "key": "C major", "hit_points_s": [0.0, 2.0]}
    found = call_tool("compare", {"items": ["a1", "a2"], "brief": brief}, attach=list(pair)).data["items"]
    for item in found:
        scores = item["metrics"]
        assert {"TB", "TBT", "CK", "CKD", "attribute_tempo", "attribute_key", "hit_alignment"} <= set(scores)
        assert not {"BM", "PCM", "attribute_meter"} & set(scores)  # nothing was asked of them
        assert -1 <= scores["bridge_agreement"] <= 1
    assert sorted(item["metrics"]["TBT"] for item in found) == [0.0, 1.0]


def test_a_silent_recording_is_compared_without_an_error(call_tool, tmp_path):
    for name, level in (("tone", 0.3), ("silence", 0.0)):
        wave = level * np.sin(2 * np.pi * 220 * np.arange(RATE * 4) / RATE)
        write_wav(tmp_path / f"{name}.wav", wave[:, None].astype(np.float32), RATE)
    files = [tmp_path / "tone.wav", tmp_path / "silence.wav"]
    found = call_tool("compare", {"items": ["a1", "a2"], "prompt": "a calm tone"}, attach=files).data["items"]
    assert [item["metrics"]["bridge_agreement"] is None for item in found] == [False, True]
