"""Edits of files whose tracks share channels: what else is there sounds as it did, and ``diff_music`` would say so."""

from __future__ import annotations

import mido
import pytest

from bench._sounds import heard, lost_outside
from tools.kit.changes import other_changes
from tools.kit.score import read_midi

HANDS = {"RH": 72, "LH": 48}


@pytest.fixture
def hands(tmp_path):
    """Sixteen quarters of two hands on one channel; the right one sets its program and loudness."""
    file = mido.MidiFile(ticks_per_beat=480)
    for name, pitch in HANDS.items():
        track = mido.MidiTrack([mido.MetaMessage("track_name", name=name)])
        if name == "RH":
            track.append(mido.Message("program_change", program=6))
            track.append(mido.Message("control_change", control=7, value=90))
        for step in range(16):
            track.append(mido.Message("note_on", note=pitch + step % 4, velocity=70))
            track.append(mido.Message("note_off", note=pitch + step % 4, time=480))
        file.tracks.append(track)
    file.save(tmp_path / "hands.mid")
    return tmp_path / "hands.mid"


def sounds(path, track):
    """Channel settings under which the notes of a track sound."""
    return {n.state for n in heard(path) if n.track == track}


@pytest.mark.parametrize("tool", ["transpose", "humanize", "set_dynamics"])
def test_the_other_hand_keeps_its_sound(call_tool, hands, tool):
    more = {"transpose": {"semitones": 2}, "humanize": {}, "set_dynamics": {"level": 0.9}}[tool]
    args = {"music": "a1", "from_bar": 2, "to_bar": 3, "tracks": ["LH"], **more}
    made = call_tool(tool, args, attach=[hands]).file("midi")
    assert lost_outside(hands, made, (4, 12), {"LH"}, moves=False) == ""
    assert other_changes(read_midi(hands), read_midi(made)) == []


@pytest.mark.parametrize("given", HANDS)
def test_a_hand_given_to_another_instrument_leaves_the_channel_with_its_settings(call_tool, hands, given):
    (kept,) = set(HANDS) - {given}
    made = call_tool("change_instrument", {"music": "a1", "instrument": "organ", "tracks": [given]}, attach=[hands])
    path = made.file("midi")
    assert sounds(path, kept) == sounds(hands, kept)
    was, now = (dict(next(iter(sounds(p, given)))) for p in (hands, path))
    assert (was[-1], now[-1]) == (6, 16)
    assert now[7] == 90


def test_both_hands_together_stay_on_their_channel(call_tool, hands):
    path = call_tool("change_instrument", {"music": "a1", "instrument": "organ"}, attach=[hands]).file("midi")
    assert {m.channel for t in mido.MidiFile(path).tracks for m in t if m.type == "note_on"} == {0}


def test_no_channel_left_is_said(call_tool, hands, tmp_path):
    file = mido.MidiFile(hands)
    for channel in (c for c in range(1, 16) if c != 9):
        track = mido.MidiTrack([mido.Message("program_change", channel=channel, program=100 + channel)])
        track.append(mido.Message("note_on", channel=channel, note=60, velocity=70))
        track.append(mido.Message("note_off", channel=channel, note=60, time=480))
        file.tracks.append(track)
    file.save(tmp_path / "full.mid")
    args = {"music": "a1", "instrument": "organ", "tracks": ["LH"]}
    call = call_tool("change_instrument", args, attach=[tmp_path / "full.mid"])
    assert any("no channel left: 1 of these parts" in n for n in call.result.notes)


def test_a_program_that_someone_added_is_a_difference(call_tool, hands, tmp_path):
    file = mido.MidiFile(hands)
    file.tracks[1].insert(1, mido.Message("program_change", program=0))
    file.save(tmp_path / "piano.mid")
    call = call_tool("diff_music", {"before": "a1", "after": "a2"}, attach=[hands, tmp_path / "piano.mid"])
    assert call.data["other"] == ["track LH: program 6 became 0"]
    assert not call.data["same"]
    assert "notes sound otherwise" in lost_outside(hands, tmp_path / "piano.mid", (0, 0), set(), moves=False)


@pytest.fixture
def horns(tmp_path):
    """Horns whose program and loudness a track without notes sets."""
    file = mido.MidiFile(ticks_per_beat=480)
    program = mido.Message("program_change", channel=0, program=60)
    file.tracks.append(mido.MidiTrack([program, mido.Message("control_change", channel=0, control=7, value=50)]))
    file.tracks.append(mido.MidiTrack([mido.MetaMessage("track_name", name="Horns")]))
    for pitch in (50, 70, 52, 72):
        file.tracks[1].append(mido.Message("note_on", note=pitch, velocity=70))
        file.tracks[1].append(mido.Message("note_off", note=pitch, time=480))
    file.save(tmp_path / "horns.mid")
    return tmp_path / "horns.mid"


def test_scores_put_together_keep_what_is_set_for_a_channel_elsewhere(call_tool, hands, horns):
    path = call_tool("merge_scores", {"music": ["a1", "a2"]}, attach=[hands, horns]).file("midi")
    assert {n: sounds(path, n) for n in HANDS} == {n: sounds(hands, n) for n in HANDS}
    assert sounds(path, "Horns") == sounds(horns, "Horns")


def test_a_track_split_up_keeps_what_is_set_for_its_channel_elsewhere(call_tool, horns):
    path = call_tool("split_tracks", {"music": "a1", "by": "pitch", "split_pitch": 60}, attach=[horns]).file("midi")
    assert {n.state for n in heard(path)} == sounds(horns, "Horns")
    assert len({n.track for n in heard(path)}) == 2
