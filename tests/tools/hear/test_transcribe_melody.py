"""`transcribe_melody` on hummed lines whose notes are known, and on what holds no melody."""

from __future__ import annotations

import itertools
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bench._hum import hummed
from tools.errors import UserError
from tools.kit.analysis.singing import sung_notes
from tools.kit.audio import write_wav
from tools.kit.score import read_midi

WALTZ = [
    (0, 1, 62), (1, 1, 66), (2, 1, 69), (3, 2, 69), (5, 1, 67), (6, 1, 66), (7, 1, 64), (8, 1, 66), (9, 3, 62),
    (12, 1, 61), (13, 1, 64), (14, 1, 67), (15, 2, 66), (17, 1, 64), (18, 1, 62), (19, 1, 64), (20, 1, 61), (21, 3, 62),
]  # fmt: skip
FRAME_S = 0.016


def hum(
    path: Path, notes: list[tuple[int, int, int]], *, beat_s: float = 0.5, seed: int = 3, late: float = 0.7
) -> Path:
    line = [(late + at * beat_s, late + (at + length) * beat_s - 0.06, pitch) for at, length, pitch in notes]
    samples, _ = hummed(line, 22050, random.Random(seed))
    write_wav(path, samples[:, None], 22050)
    return path


@pytest.fixture
def waltz(tmp_path: Path) -> Path:
    return hum(tmp_path / "hum.wav", WALTZ)


def intervals(pitches: list[int]) -> list[int]:
    return np.diff(pitches).tolist()


def test_a_hummed_waltz_is_written_in_bars_of_three_in_its_key(call_tool: Any, waltz: Path) -> None:
    call = call_tool("transcribe_melody", {"audio": "a1"}, attach=[waltz])
    score = read_midi(call.file("midi"))
    notes = score.tracks[0].notes
    assert [(n.start, n.duration) for n in notes] == [(at, length) for at, length, _ in WALTZ]
    assert intervals([n.pitch for n in notes]) == intervals([p for _, _, p in WALTZ])
    assert str(score.meters[0][1]) == call.data["meter"] == "3/4"
    assert call.data["tempo_bpm"] == pytest.approx(120, rel=0.02)
    assert call.data["key"].endswith("major")
    assert call.data["bridge"] == {n: call.data[n] for n in ("key", "meter", "tempo_bpm")}
    assert call.data["starts_s"] == pytest.approx(0.7, abs=0.06)


def test_rests_stay(call_tool: Any, tmp_path: Path) -> None:
    line = [(0, 1, 60), (1, 1, 62), (2, 1, 64), (4, 1, 65), (5, 1, 64), (6, 2, 60), (8, 1, 60), (9, 1, 62), (12, 4, 60)]
    call = call_tool("transcribe_melody", {"audio": "a1"}, attach=[hum(tmp_path / "rests.wav", line)])
    notes = read_midi(call.file("midi")).tracks[0].notes
    gaps = [round(b.start - a.end, 2) for a, b in itertools.pairwise(notes)]
    assert gaps == [0, 0, 1, 0, 0, 0, 0, 2]


def test_notes_repeated_on_one_pitch_are_told_apart(call_tool: Any, tmp_path: Path) -> None:
    line = [(i, 1, p) for i, p in enumerate([64, 64, 64, 67, 67, 60, 60, 60, 60])]
    data = call_tool("transcribe_melody", {"audio": "a1"}, attach=[hum(tmp_path / "repeats.wav", line)]).data
    assert len(data["notes"]) == len(line)


def test_what_is_known_is_taken_as_said(call_tool: Any, waltz: Path) -> None:
    args = {"audio": "a1", "key": "B minor", "meter": "6/8", "tempo_bpm": 40, "instrument": "flute"}
    call = call_tool("transcribe_melody", args, attach=[waltz])
    score = read_midi(call.file("midi"))
    assert (call.data["key"], call.data["meter"], call.data["tempo_bpm"]) == ("B minor", "6/8", 40)
    assert (str(score.meters[0][1]), score.tempi[0][1], score.tracks[0].program) == ("6/8", pytest.approx(60), 73)


def test_without_a_grid_times_are_as_sung(call_tool: Any, waltz: Path) -> None:
    call = call_tool("transcribe_melody", {"audio": "a1", "quantize": False}, attach=[waltz])
    score = read_midi(call.file("midi"))
    heard = [n["start_s"] - call.data["notes"][0]["start_s"] for n in call.data["notes"]]
    assert [score.seconds(n.start) for n in score.tracks[0].notes] == pytest.approx(heard, abs=0.003)
    assert call.data["meter"] is None


def test_a_stretch_alone_is_heard_with_its_times_in_the_recording(call_tool: Any, waltz: Path) -> None:
    data = call_tool("transcribe_melody", {"audio": "a1", "start_s": 5.0, "end_s": 9.0}, attach=[waltz]).data
    assert all(4.9 <= n["start_s"] <= 9.0 for n in data["notes"])
    assert 5 <= len(data["notes"]) <= 9


def test_octave_leaps_of_the_tracker_are_brought_back() -> None:
    pitch = np.full(200, 60.0)
    pitch[60:66] += 12
    pitch[120:125] -= 12
    notes, _ = sung_notes(pitch, np.ones(200), np.full(200, -20.0), FRAME_S)
    assert [n.pitch for n in notes] == [60]


def test_a_voice_that_drifts_keeps_its_semitones() -> None:
    steps = np.repeat([60, 62, 64, 65, 67, 65, 64, 62, 60, 62, 64, 60], 60)
    drift = np.linspace(0, 0.8, len(steps))
    notes, _ = sung_notes(steps + drift, np.ones(len(steps)), np.full(len(steps), -20.0), FRAME_S)
    assert intervals([n.pitch for n in notes]) == intervals([60, 62, 64, 65, 67, 65, 64, 62, 60, 62, 64, 60])


def test_a_flat_singer_is_heard_in_tune() -> None:
    steps = np.repeat([60.0, 64.0, 67.0], 60) - 0.35
    notes, tuning = sung_notes(steps, np.ones(180), np.full(180, -20.0), FRAME_S)
    assert [n.pitch for n in notes] == [60, 64, 67]
    assert tuning == pytest.approx(-35, abs=5)
    assert all(abs(n.cents) < 5 and n.confidence > 0.9 for n in notes)


def test_noise_holds_no_melody_and_says_so(call_tool: Any, tmp_path: Path) -> None:
    noise = np.random.default_rng(0).standard_normal((44100, 1)).astype(np.float32) * 0.1
    write_wav(tmp_path / "noise.wav", noise, 22050)
    with pytest.raises(UserError, match=r"No melody was heard in noise\.wav"):
        call_tool("transcribe_melody", {"audio": "a1"}, attach=[tmp_path / "noise.wav"])


def test_silence_is_refused(call_tool: Any, tmp_path: Path) -> None:
    write_wav(tmp_path / "silent.wav", np.zeros((22050, 1), np.float32), 22050)
    with pytest.raises(UserError, match="silent"):
        call_tool("transcribe_melody", {"audio": "a1"}, attach=[tmp_path / "silent.wav"])


@pytest.mark.parametrize("args", [{"start_s": 99.0}, {"start_s": 3.0, "end_s": 2.0}])
def test_a_stretch_outside_the_recording_is_refused(call_tool: Any, waltz: Path, args: dict[str, float]) -> None:
    with pytest.raises(UserError, match="start_s before the end_s"):
        call_tool("transcribe_melody", {"audio": "a1"} | args, attach=[waltz])
