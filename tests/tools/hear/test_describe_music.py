"""`describe_music` on MIDI, notation and recordings whose truth is known, and on what cannot be read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tools.brief import Brief
from tools.errors import UserError
from tools.kit.audio import write_wav
from tools.kit.score import Note, Score, Track, write_midi
from tools.kit.theory.chord import Chord
from tools.kit.theory.meter import Meter

ABC = "X:1\nT:Scale\nM:3/4\nL:1/4\nQ:1/4=90\nK:G\nG B d|c A F|G2 B|d c A|G B d|G3|\n"


def song() -> Score:
    """Eight bars of 6/8 in A minor, strings and drums, dotted quarter at 80."""
    strings, drums = Track("Strings", 48), Track("Drums", 0, is_drum=True)
    for bar, symbol in enumerate(["Am", "Dm", "E", "Am"] * 2):
        strings.notes += [Note(bar * 3.0, 3.0, 57 + (p - 57) % 12, 80) for p in Chord.parse(symbol).pitch_classes()]
        strings.notes.append(Note(bar * 3.0, 3.0, 45 + (Chord.parse(symbol).root - 45) % 12, 80))
        drums.notes += [Note(bar * 3.0, 0.2, 36, 100), Note(bar * 3.0 + 1.5, 0.2, 38, 100)]
    return Score(tracks=[strings, drums], tempi=[(0.0, 120.0)], meters=[(0.0, Meter(6, 8))])


@pytest.fixture
def midi(tmp_path: Path) -> Path:
    path = tmp_path / "song.mid"
    write_midi(song(), path)
    return path


def test_a_score_is_described_by_its_own_facts(call_tool: Any, midi: Path) -> None:
    data = call_tool("describe_music", {"music": "a1"}, attach=[midi]).data
    assert data["tempo_bpm"] == pytest.approx(80.0)  # dotted quarters
    assert (data["meter"], data["key"], data["bars"]) == ("6/8", "A minor", 8)
    assert set(data["instruments"]) == {"strings", "drums"} or "strings" in data["instruments"][0]
    assert [c["label"] for c in data["chords"]] == ["Am", "Dm", "E", "Am", "Dm", "E", "Am"]
    assert data["chords"][0]["end_s"] == pytest.approx(1.5)
    assert data["duration_s"] == pytest.approx(12.0)
    assert data["valence"] < 0
    assert "A minor" in data["caption"]
    assert "80 BPM" in data["caption"]


def test_the_bridge_fills_a_brief(call_tool: Any, midi: Path) -> None:
    bridge = call_tool("describe_music", {"music": "a1"}, attach=[midi]).data["bridge"]
    brief = Brief(key="D major").filled(bridge, "song.mid")
    assert brief.meter == "6/8"
    assert brief.tempo_bpm == pytest.approx(80.0)
    assert brief.key == "D major"


def test_the_description_file_holds_the_same_facts(call_tool: Any, midi: Path) -> None:
    call = call_tool("describe_music", {"music": "a1"}, attach=[midi])
    assert json.loads(call.file("description").read_text()) == call.data
    assert call.artifacts[0].parents == ["a1"]


def test_changes_of_tempo_and_markers_are_told_with_their_times(call_tool: Any, tmp_path: Path) -> None:
    score = song()
    score.tempi, score.markers = [(0.0, 120.0), (12.0, 60.0)], [(0.0, "verse"), (12.0, "chorus")]
    write_midi(score, tmp_path / "two.mid")
    data = call_tool("describe_music", {"music": "a1"}, attach=[tmp_path / "two.mid"]).data
    assert data["tempo_changes"] == [{"at_s": 0.0, "tempo_bpm": 120.0}, {"at_s": 6.0, "tempo_bpm": 60.0}]
    assert [(s["label"], s["start_s"]) for s in data["sections"]] == [("verse", 0.0), ("chorus", 6.0)]


def test_notation_goes_the_same_way(call_tool: Any, tmp_path: Path) -> None:
    path = tmp_path / "tune.abc"
    path.write_text(ABC)
    data = call_tool("describe_music", {"music": "a1"}, attach=[path]).data
    assert (data["key"], data["meter"], data["bars"]) == ("G major", "3/4", 6)


def test_a_recording_is_described_by_what_can_be_heard(call_tool: Any, tmp_path: Path) -> None:
    rate, beat = 44100, 0.5
    time = np.arange(round(beat * rate)) / rate
    bars = []
    for symbol in ["D", "G", "A", "D"] * 4:
        tones = [50 + (p - 50) % 12 for p in Chord.parse(symbol).pitch_classes()]
        chord = sum(np.sin(2 * np.pi * 440 * 2 ** ((p - 69) / 12) * time) for p in tones)
        bars += [0.15 * loud * chord * np.exp(-4 * time) for loud in (1.0, 0.5, 0.7, 0.5)]
    write_wav(tmp_path / "take.wav", np.concatenate(bars)[:, None].astype(np.float32), rate)
    data = call_tool("describe_music", {"music": "a1"}, attach=[tmp_path / "take.wav"]).data
    assert data["key"] == "D major"
    assert min(abs(data["tempo_bpm"] / (120 * r) - 1) for r in (0.5, 1, 2)) < 0.02
    assert data["duration_s"] == pytest.approx(32.0)
    assert -40 < data["loudness_lufs"] < -5
    assert [c["label"] for c in data["chords"]] == ["D", "G", "A", *["D", "G", "A"] * 3, "D"]
    assert data["chords"][1]["start_s"] == pytest.approx(2.0, abs=0.1)
    assert data["meter"] in ("2/4", "4/4")
    assert data["instruments"]
    assert len(data["beats_s"]) == pytest.approx(32 / 60 * data["tempo_bpm"], abs=2)
    assert "trained network" in data["how"]


def test_a_score_without_notes_is_described_as_one(call_tool: Any, tmp_path: Path) -> None:
    write_midi(Score(tracks=[Track("none")], tempi=[(0.0, 90.0)]), tmp_path / "none.mid")
    data = call_tool("describe_music", {"music": "a1"}, attach=[tmp_path / "none.mid"]).data
    assert "without a single note" in data["caption"]
    assert (data["key"], data["chords"], data["bridge"]) == (None, [], {})


def _header(kind: int, tracks: int, division: bytes) -> bytes:
    return b"MThd\x00\x00\x00\x06" + kind.to_bytes(2, "big") + tracks.to_bytes(2, "big") + division


def _track(events: bytes) -> bytes:
    return b"MTrk" + len(events).to_bytes(4, "big") + events


NOTE = b"\x00\x90\x3c\x50\x60\x80\x3c\x00"
END = b"\x00\xff\x2f\x00"
ODD = {
    "smpte.mid": _header(1, 1, b"\xe7\x28") + _track(NOTE + END),
    "cut.mid": _header(1, 1, b"\x00\x60") + b"MTrk\x00\x00\x00\x40\x00\x90\x3c",
    "head.mid": b"MThd\x00\x00",
}


@pytest.mark.parametrize("name", sorted(ODD))
def test_midi_that_cannot_be_read_is_one_line(call_tool: Any, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(ODD[name])
    with pytest.raises(UserError, match=name) as caught:
        call_tool("describe_music", {"music": "a1"}, attach=[path])
    assert "\n" not in caught.value.msg


def test_type_two_midi_is_refused_as_separate_sequences(call_tool: Any, tmp_path: Path) -> None:
    path = tmp_path / "two.mid"
    path.write_bytes(_header(2, 2, b"\x00\x60") + _track(NOTE + END) + _track(NOTE + END))
    with pytest.raises(UserError, match=r"two\.mid cannot be read as MIDI: it is of type 2"):
        call_tool("describe_music", {"music": "a1"}, attach=[path])


def test_silence_is_said_to_be_silent(call_tool: Any, tmp_path: Path) -> None:
    write_wav(tmp_path / "quiet.wav", np.zeros((44100, 1), np.float32), 44100)
    with pytest.raises(UserError, match=r"quiet\.wav is silent"):
        call_tool("describe_music", {"music": "a1"}, attach=[tmp_path / "quiet.wav"])


def test_one_sample_is_refused_in_a_line_and_noise_is_described(call_tool: Any, tmp_path: Path) -> None:
    write_wav(tmp_path / "one.wav", np.full((1, 1), 0.5, np.float32), 44100)
    with pytest.raises(UserError, match=r"one\.wav holds no audio"):
        call_tool("describe_music", {"music": "a1"}, attach=[tmp_path / "one.wav"])
    write_wav(tmp_path / "short.wav", np.full((2000, 1), 0.5, np.float32), 44100)
    data = call_tool("describe_music", {"music": "a2"}, attach=[tmp_path / "short.wav"]).data
    assert data["tempo_bpm"] is None
    assert data["loudness_lufs"] == pytest.approx(-22.88, abs=0.01)  # shorter than a block counts as one
    noise = np.random.default_rng(0).normal(0, 0.1, (44100 * 4, 2)).astype(np.float32)
    write_wav(tmp_path / "noise.wav", noise, 44100)
    assert call_tool("describe_music", {"music": "a3"}, attach=[tmp_path / "noise.wav"]).data["duration_s"] == 4.0


@pytest.mark.parametrize("samples", [1, 400, 22050])
def test_a_very_short_recording_is_described_without_a_beat(call_tool: Any, tmp_path: Path, samples: int) -> None:
    write_wav(tmp_path / "short.wav", np.full((samples, 1), 0.5, np.float32), 22050)
    data = call_tool("describe_music", {"music": "a1"}, attach=[tmp_path / "short.wav"]).data
    assert (data["tempo_bpm"], data["beats_s"], data["meter"]) == (None, [], None)
    assert data["duration_s"] == pytest.approx(samples / 22050, abs=1e-3)
