"""Programs belong to channels: tracks share them, set-up tracks choose them, and a file is given back with its own."""

from __future__ import annotations

import mido
import pytest

from tools.kit.score import Note, Score, Track, read_midi, write_midi
from tools.kit.score.note_table import read_table, table_of


def notes(channel, *starts, pitch=60, name=None):
    """A track of quarters at those beats."""
    track = mido.MidiTrack([mido.MetaMessage("track_name", name=name)] if name else [])
    now = 0
    for start in starts:
        track.append(mido.Message("note_on", channel=channel, note=pitch, velocity=70, time=start * 480 - now))
        track.append(mido.Message("note_off", channel=channel, note=pitch, time=480))
        now = (start + 1) * 480
    return track


def chosen(channel, program, beats=0):
    return mido.Message("program_change", channel=channel, program=program, time=beats * 480)


def saved(path, *tracks):
    file = mido.MidiFile(ticks_per_beat=480)
    file.tracks += tracks
    file.save(path)
    return path


def settings(path):
    """Every program and controller change as ``(track name, tick, channel, value)``, by mido alone."""
    found = []
    for track in mido.MidiFile(path).tracks:
        now = 0
        for m in track:
            now += m.time
            if m.type in ("program_change", "control_change"):
                found.append(
                    (track.name, now, m.channel, m.program if m.type == "program_change" else (m.control, m.value))
                )
    return sorted(found, key=repr)


@pytest.fixture
def shared(tmp_path):
    """Two hands on one channel, of which the right one alone chooses the program."""
    right = notes(0, 0, 1, 2, 3, pitch=72, name="RH")
    right.insert(1, chosen(0, 6))
    return saved(tmp_path / "shared.mid", right, notes(0, 0, 2, pitch=48, name="LH"))


@pytest.fixture
def set_up(tmp_path):
    """A track without notes that chooses the program of the next one, and another from its fifth beat on."""
    level = mido.Message("control_change", channel=3, control=7, value=64)
    setting = mido.MidiTrack([chosen(3, 56), level, chosen(3, 60, 4)])
    return saved(tmp_path / "set_up.mid", setting, notes(3, 0, 2, 4, 6, name="Horns"))


@pytest.fixture
def kit(tmp_path):
    return saved(tmp_path / "kit.mid", notes(9, 0, 1, pitch=36))


@pytest.mark.parametrize("name", ["shared", "set_up", "kit"])
def test_a_file_is_written_with_exactly_the_settings_it_had(request, tmp_path, name):
    path = request.getfixturevalue(name)
    write_midi(read_midi(path), tmp_path / "b.mid")
    assert settings(tmp_path / "b.mid") == settings(path)
    assert read_midi(tmp_path / "b.mid") == read_midi(path)


def test_a_track_without_a_program_has_its_channels(shared, set_up):
    assert [(t.name, t.program) for t in read_midi(shared).tracks] == [("RH", 6), ("LH", 6)]
    horns = [t for t in read_midi(set_up).tracks if t.name == "Horns"]
    assert [(t.program, [n.start for n in t.notes]) for t in horns] == [(56, [0, 2]), (60, [4, 6])]


def test_of_programs_chosen_in_one_tick_a_tracks_own_counts(tmp_path):
    first, second = notes(0, 0, 1, name="a"), notes(0, 0, 1, name="b")
    first.insert(1, chosen(0, 6))
    second.insert(1, chosen(0, 40))
    score = read_midi(saved(tmp_path / "a.mid", first, second))
    assert [t.program for t in score.tracks] == [6, 40]
    write_midi(score, tmp_path / "b.mid")
    assert settings(tmp_path / "b.mid") == settings(tmp_path / "a.mid")


def test_another_instrument_replaces_the_program_where_it_stood(shared, set_up, tmp_path):
    for path, stood in (
        (shared, [("RH", 0, 0, 16)]),
        (set_up, [("", 0, 3, (7, 64)), ("", 0, 3, 16), ("", 1920, 3, 16)]),
    ):
        score = read_midi(path)
        for track in score.tracks:
            track.program = 16
        write_midi(score, tmp_path / "b.mid")
        assert settings(tmp_path / "b.mid") == sorted(stood, key=repr)


def test_the_program_stays_with_a_track_whose_neighbour_took_it_along(shared, tmp_path):
    score = read_midi(shared)
    score.tracks = score.tracks[1:]
    write_midi(score, tmp_path / "b.mid")
    assert settings(tmp_path / "b.mid") == [("LH", 0, 0, 6)]


def test_two_sounds_that_must_share_a_channel_take_turns(tmp_path):
    tracks = [Track(str(i), i, notes=[Note(i, 1, 60, 80), Note(i + 20, 1, 60, 80)]) for i in range(17)]
    write_midi(Score(tracks), tmp_path / "a.mid")
    assert [t.program for t in read_midi(tmp_path / "a.mid").tracks if t.notes] == list(range(17))


def test_the_fast_reader_leaves_programs_of_other_tracks_to_the_slow_one(set_up, shared):
    for path in (set_up, shared):
        assert read_table(path).track.tolist() == table_of(read_midi(path)).track.tolist()
    assert len(set(read_table(set_up).track.tolist())) == 2
