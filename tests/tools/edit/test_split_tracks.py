"""split_tracks: all notes in exactly one part; hands as a printed score has them, voices as a chorale has them."""

from __future__ import annotations

from collections import Counter

import mido
import pytest

from tools.errors import UserError
from tools.kit.score import Note, Score, Track, read_midi, write_midi


def bag(score):
    notes = [n for t in score.tracks for n in t.notes]
    return Counter((round(n.start, 3), round(n.duration, 3), n.pitch, n.velocity) for n in notes)


def flattened(path, target):
    """The notes of all tracks of a score on one piano track."""
    score = read_midi(path)
    notes = [n for t in score.tracks for n in t.notes]
    write_midi(Score([Track("Piano", notes=notes)], score.tempi, score.meters, ticks_per_quarter=10_080), target)
    return target


def test_hands_agree_with_the_printed_staves(edit, rag, tmp_path):
    before = read_midi(rag)
    staff = {(round(n.start, 3), n.pitch): i for i, t in enumerate(before.tracks) for n in t.notes}
    _, after, call = edit("split_tracks", flattened(rag, tmp_path / "one.mid"))
    assert call.data["tracks"] == ["Piano right hand", "Piano left hand"]
    right = [staff.get((round(n.start, 3), n.pitch)) == side for side, t in enumerate(after.tracks) for n in t.notes]
    assert sum(right) / len(right) > 0.92


def test_voices_of_a_chorale_are_found(edit, chorale, tmp_path):
    before = read_midi(chorale)
    voice = {(round(n.start, 3), n.pitch): i for i, t in enumerate(before.tracks) for n in t.notes}
    _, after, _ = edit("split_tracks", flattened(chorale, tmp_path / "one.mid"), by="voice")
    same = [voice.get((round(n.start, 3), n.pitch)) == i for i, t in enumerate(after.tracks) for n in t.notes]
    assert len(after.tracks) == 4
    assert sum(same) / len(same) > 0.8  # unisons of two voices are one note on one channel


@pytest.mark.parametrize("by", ["hand", "voice", "pitch", "drum"])
def test_no_note_is_lost_or_changed(edit, band, by):
    before, after, call = edit("split_tracks", band, by=by, split_pitch=60)
    assert bag(after) == bag(before)
    assert sum(call.data["notes"]) == sum(bag(before).values())
    assert (after.tempi, after.meters) == (before.tempi, before.meters)


def test_drums_are_named(edit, band):
    names = edit("split_tracks", band, by="drum")[2].data["tracks"]
    assert len(names) == 5
    assert any("kick" in n or "bass drum" in n for n in names)


def test_only_the_named_track_is_split(edit, band):
    _, after, _ = edit("split_tracks", band, by="pitch", tracks=["piano"])
    assert [t.name for t in after.tracks] == ["Flute", "Piano upper", "Piano lower", "Cello", "Drums"]


def test_every_track_as_a_file(call_tool, chorale):
    call = call_tool("split_tracks", {"music": "a1", "by": "track"}, attach=[chorale])
    names = [a.file.name for a in call.artifacts]
    assert names == [
        "chorale-split.mid",
        "chorale-Soprano.mid",
        "chorale-Alto.mid",
        "chorale-Tenor.mid",
        "chorale-Bass.mid",
    ]
    assert [len(t.notes) for t in read_midi(call.artifacts[4].file).tracks] == [41]


def test_a_split_that_does_nothing_is_said(edit, tmp_path):
    path = tmp_path / "line.mid"
    write_midi(Score([Track("Flute", 73, notes=[Note(i, 1, 70 + i, 80) for i in range(4)])]), path)
    with pytest.raises(UserError, match="no keyboard part"):
        edit("split_tracks", path, by="hand")
    with pytest.raises(UserError, match="one voice already"):
        edit("split_tracks", path, by="voice")


def test_only_the_range_is_split_off_and_the_rest_stays(edit, band):
    before, after, _ = edit("split_tracks", band, by="pitch", split_pitch=55, tracks=["Piano"], from_bar=3, to_bar=4)
    names = [t.name for t in after.tracks]
    assert names == ["Flute", "Piano", "Piano upper", "Piano lower", "Cello", "Drums"]
    assert all(8 <= n.start < 16 for t in after.tracks[2:4] for n in t.notes)
    assert not [n for n in after.tracks[1].notes if 8 <= n.start < 16]
    assert sum(len(t.notes) for t in after.tracks) == sum(len(t.notes) for t in before.tracks)


def test_channels_of_one_file_track_come_apart(edit, tmp_path):
    import mido

    file = mido.MidiFile(type=0)
    track = [mido.MetaMessage("track_name", name="All")]
    for channel in (0, 4):
        track.append(mido.Message("note_on", channel=channel, note=60, velocity=64, time=0))
        track.append(mido.Message("note_off", channel=channel, note=60, time=480))
    file.tracks.append(mido.MidiTrack(track))
    file.save(tmp_path / "zero.mid")
    _, after, call = edit("split_tracks", tmp_path / "zero.mid", by="channel")
    assert call.data["tracks"] == ["All channel 1", "All channel 5"]
    assert [t.channel for t in after.tracks] == [0, 4]


def test_parts_leave_a_channel_whose_program_changes_on_the_way(edit, tmp_path):
    song = mido.MidiFile(ticks_per_beat=480)
    setting, playing = mido.MidiTrack(), mido.MidiTrack()
    setting.append(mido.Message("program_change", program=0, time=0))
    setting.append(mido.Message("program_change", program=4, time=1920))
    for number in range(8):
        playing.append(mido.Message("note_on", note=50 + 5 * number % 30, velocity=80, time=0))
        playing.append(mido.Message("note_off", note=50 + 5 * number % 30, time=480))
    song.tracks += [setting, playing]
    song.save(tmp_path / "shared.mid")

    def heard(path):
        program, at, notes = {}, 0, []
        for message in mido.MidiFile(path).merged_track:
            at += message.time
            if message.type == "program_change":
                program[message.channel] = message.program
            if message.type == "note_on" and message.velocity:
                notes.append((at, message.note, program.get(message.channel, 0)))
        return sorted(notes)

    _, _, call = edit("split_tracks", tmp_path / "shared.mid", by="pitch", split_pitch=64)
    assert heard(call.file("midi")) == heard(tmp_path / "shared.mid")
