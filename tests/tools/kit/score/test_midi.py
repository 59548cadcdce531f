"""MIDI files: every event comes back, mid-track programs and channels too; damage is an error, oddities are told."""

from __future__ import annotations

import random

import mido
import pytest

from tools.errors import UserError
from tools.kit.score import Control, Note, Raw, Score, Track, midi_bytes, read_midi, write_midi


def written(path, *tracks, **how):
    file = mido.MidiFile(**how)
    file.tracks += [mido.MidiTrack(t) for t in tracks]
    file.save(path)
    return path


def everything():
    return [
        mido.MetaMessage("track_name", name="Solo"),
        mido.MetaMessage("text", text="dolce"),
        mido.Message("control_change", channel=3, control=0, value=8),
        mido.Message("program_change", channel=3, program=40),
        mido.MetaMessage("lyrics", text="glo-"),
        mido.Message("sysex", data=[126, 127, 9, 1]),
        mido.Message("note_on", channel=3, note=60, velocity=70),
        mido.Message("aftertouch", channel=3, value=50, time=120),
        mido.Message("polytouch", channel=3, note=60, value=20, time=120),
        mido.Message("pitchwheel", channel=3, pitch=-500),
        mido.Message("note_off", channel=3, note=60, time=240),
        mido.Message("program_change", channel=3, program=73),
        mido.MetaMessage("lyrics", text="ria"),
        mido.Message("note_on", channel=3, note=62, velocity=71, time=0),
        mido.Message("note_off", channel=3, note=62, time=480),
        mido.Message("program_change", channel=3, program=40),
        mido.Message("note_on", channel=3, note=64, velocity=72, time=0),
        mido.Message("note_off", channel=3, note=64, time=480),
        mido.Message("note_on", channel=5, note=50, velocity=72, time=0),
        mido.Message("note_off", channel=5, note=50, time=480),
    ]


def test_every_kind_of_event_comes_through_a_round_trip(tmp_path):
    conductor = [
        mido.MetaMessage("track_name", name="The piece"),
        mido.MetaMessage("copyright", text="(c) 1900"),
        mido.MetaMessage("set_tempo", tempo=612_345),
        mido.MetaMessage("time_signature", numerator=7, denominator=8),
        mido.MetaMessage("key_signature", key="Ebm"),
        mido.MetaMessage("marker", text="A", time=480),
        mido.MetaMessage("cue_marker", text="door", time=480),
        mido.MetaMessage("sequencer_specific", data=[1, 2, 3]),
    ]
    score = read_midi(written(tmp_path / "a.mid", conductor, everything(), ticks_per_beat=480))
    write_midi(score, tmp_path / "b.mid")
    assert read_midi(tmp_path / "b.mid") == score
    kinds = [sorted(m.type for t in mido.MidiFile(tmp_path / f"{n}.mid").tracks for m in t) for n in "ab"]
    ignored = ("end_of_track", "program_change", "control_change", "track_name")
    assert [k for k in kinds[0] if k not in ignored] == [k for k in kinds[1] if k not in ignored]
    assert score.title == "The piece"
    assert not score.faults


def test_a_program_change_inside_a_track_makes_two_tracks_that_go_back_into_one(tmp_path):
    score = read_midi(written(tmp_path / "a.mid", everything(), ticks_per_beat=480))
    assert [(t.name, t.program, t.channel, len(t.notes)) for t in score.tracks] == [
        ("Solo", 40, 3, 2),
        ("Solo", 73, 3, 1),
        ("Solo", 0, 5, 1),
    ]
    assert score.tracks[0].lyrics == [(0.0, "glo-"), (1.0, "ria")]
    write_midi(score, tmp_path / "b.mid")
    solo = mido.MidiFile(tmp_path / "b.mid").tracks[1]
    assert [m.program for m in solo if m.type == "program_change"] == [40, 73, 40]
    assert [m.value for m in solo if m.type == "control_change"] == [8]


def test_new_tracks_get_free_channels_and_drums_the_tenth(tmp_path):
    tracks = [Track("a", 5, notes=[Note(0, 1, 60, 64)], channel=0)]
    tracks += [Track(f"n{i}", i, notes=[Note(0, 1, 60, 64)]) for i in range(3)]
    tracks.append(Track("kit", 0, is_drum=True, notes=[Note(0, 1, 36, 64)]))
    write_midi(Score(tracks), tmp_path / "a.mid")
    assert [t.channel for t in read_midi(tmp_path / "a.mid").tracks] == [0, 1, 2, 3, 9]


@pytest.mark.parametrize("seed", range(20))
def test_random_scores_come_back_note_for_note_and_byte_for_byte(tmp_path, seed):
    rng = random.Random(seed)

    def notes():
        ends: dict[int, float] = {}
        made = []
        for start in sorted(rng.randrange(0, 9600) for _ in range(80)):
            pitch, length = rng.randrange(128), rng.randrange(1, 2000)
            end = max(start + length, ends.get(pitch, 0))  # MIDI ends the older of two alike first
            ends[pitch] = end
            made.append(Note(start / 480, (end - start) / 480, pitch, rng.randrange(1, 128)))
        return sorted(made, key=lambda n: (n.start, n.pitch))

    tracks = [
        Track(
            f"t{i}",
            rng.randrange(128),
            notes=notes(),
            controls=[Control(k, rng.randrange(1, 32), rng.randrange(128)) for k in range(9)],
            channel=i,
            raw=[Raw(1.0, bytes((0xD0, 5)))],
        )
        for i in range(4)
    ]
    write_midi(Score(tracks), tmp_path / "a.mid")
    back = read_midi(tmp_path / "a.mid")
    assert [sorted(map(repr, t.notes)) for t in back.tracks] == [sorted(map(repr, t.notes)) for t in tracks]
    write_midi(back, tmp_path / "b.mid")
    assert (tmp_path / "a.mid").read_bytes() == (tmp_path / "b.mid").read_bytes()


def test_hanging_notes_and_empty_signatures_are_mended_and_told(tmp_path):
    track = [
        mido.Message("note_on", note=60, velocity=9),
        mido.Message("note_on", note=64, velocity=9),
        mido.Message("note_off", note=64, time=96),
    ]
    path = written(tmp_path / "a.mid", track, ticks_per_beat=96)
    data = path.read_bytes().replace(b"\x00\x90\x3c\x09", b"\x00\xff\x51\x03\0\0\0\x00\x90\x3c\x09")
    length = len(data) - 22
    path.write_bytes(data[:18] + length.to_bytes(4, "big") + data[22:])
    score = read_midi(path)
    assert [(n.pitch, n.duration) for n in score.tracks[0].notes] == [(60, 1.0), (64, 1.0)]
    assert len(score.faults) == 2
    assert "without an end" in score.faults[0]
    assert "tempo" in score.faults[1]


def test_a_note_off_that_comes_before_its_note_on_in_one_tick_ends_it(tmp_path):
    track = [mido.Message("note_off", note=60, time=96), mido.Message("note_on", note=60, velocity=9, time=0)]
    track.append(mido.Message("note_off", note=72, time=960))
    score = read_midi(written(tmp_path / "a.mid", track, ticks_per_beat=96))
    assert [(n.start, n.duration) for n in score.tracks[0].notes] == [(1.0, 1 / 96)]
    assert not score.faults


HEAD = b"MThd\0\0\0\6\0\1\0\1\0\x60"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "header"),
        (b"RIFF" + HEAD, "header"),
        (HEAD, "no tracks"),
        (HEAD[:9] + b"\2\0\1\0\x60", "type 2"),
        (HEAD[:12] + b"\xe7\x28", "SMPTE"),
        (HEAD[:12] + b"\0\0", "ticks per quarter"),
        (HEAD + b"MTrk\0\0\0\x09\0\x90\x3c\x40", "cut off"),
        (HEAD + b"MTrk\0\0\0\3\0\x90\x3c", "middle of an event"),
        (HEAD + b"MTrk\0\0\0\3\0\x3c\x40", "should begin an event"),
        (HEAD + b"MTrk\0\0\0\4\0\x90\x3c\xff", "should be data"),
        (HEAD + b"MTrk\0\0\0\6\xff\xff\xff\xff\xff\x7f", "does not end"),
        (HEAD + b"MTrk\0\0\0\5\0\xff\x01\x7fa", "runs past the end"),
        (HEAD + b"MTrk\0\0\0\4\0\xf0\x7fa", "runs past the end"),
    ],
)
def test_damaged_bytes_are_refused_with_the_place(tmp_path, data, message):
    (tmp_path / "bad.mid").write_bytes(data)
    with pytest.raises(UserError, match=message) as caught:
        read_midi(tmp_path / "bad.mid")
    assert caught.value.msg.startswith("bad.mid cannot be read as MIDI")


def test_a_file_of_a_million_bars_is_refused(tmp_path):
    track = [mido.Message("note_on", note=60, velocity=9), mido.Message("note_off", note=60, time=200_000_000)]
    with pytest.raises(UserError, match="bars"):
        read_midi(written(tmp_path / "long.mid", track, ticks_per_beat=96))


def test_tracks_cut_off_at_their_border_are_told():
    track = b"MTrk\x00\x00\x00\x0d\x00\x90\x3c\x40\x60\x80\x3c\x40\x00\xff\x2f\x00"
    track = track[:4] + (len(track) - 8).to_bytes(4, "big") + track[8:]
    whole = b"MThd\x00\x00\x00\x06\x00\x01\x00\x02\x00\x60" + track * 2
    assert midi_bytes.parse(whole).faults == ()
    assert "cut off" in midi_bytes.parse(whole[: -len(track)]).faults[0]
