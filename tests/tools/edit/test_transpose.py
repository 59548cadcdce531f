"""transpose: as music21 transposes, in a region and nowhere else, into other modes, never beyond MIDI."""

from __future__ import annotations

import pytest

from tools.errors import UserError
from tools.kit.diff import differences, outside
from tools.kit.score import read_midi, write_midi
from tools.kit.theory.pitch import Key


def pitches(score):
    return [sorted((round(n.start, 4), n.pitch) for n in t.notes) for t in score.tracks]


@pytest.mark.filterwarnings("ignore:.*MIDI channel")
@pytest.mark.parametrize("semitones", [-13, -5, 3, 12])
def test_moves_as_music21_does(edit, chorale, semitones, tmp_path):
    from music21 import converter

    path = tmp_path / "expected.mid"
    converter.parse(chorale).transpose(semitones).write("midi", fp=path)
    _, after, _ = edit("transpose", chorale, semitones=semitones)
    assert pitches(after) == pitches(read_midi(path))


def test_to_a_key_goes_the_nearest_way_and_takes_the_signature_along(edit, chorale):
    before, after, call = edit("transpose", chorale, to_key="D minor")
    assert call.data["semitones"] == -4
    assert (call.data["from_key"], call.data["to_key"]) == ("F# minor", "D minor")
    assert after.keys == [(0.0, Key.parse("D minor"))]
    assert [n.pitch - 4 for n in before.tracks[0].notes] == [n.pitch for n in after.tracks[0].notes]


def test_a_tonic_alone_keeps_the_mode(edit, chorale):
    assert edit("transpose", chorale, to_key="E")[2].data["to_key"] == "E minor"


def test_another_mode_maps_degree_by_degree(edit, tmp_path, chorale):
    _, after, _ = edit("transpose", chorale, mode="major")
    scale = set(Key.parse("F# major").pitch_classes())
    notes = [n for t in after.tracks for n in t.notes]
    assert sum(n.pitch % 12 in scale for n in notes) / len(notes) > 0.95


def test_a_leading_tone_stays_raised_in_minor(edit, tmp_path):
    from tools.kit.score import Note, Score, Track

    path = tmp_path / "scale.mid"
    steps = [60, 62, 64, 65, 67, 69, 71, 72, 71, 69, 67, 64, 60]
    write_midi(Score([Track("Piano", notes=[Note(i, 1, p, 80) for i, p in enumerate(steps)])]), path)
    _, after, _ = edit("transpose", path, mode="minor", from_key="C major")
    assert [n.pitch for n in after.tracks[0].notes] == [60, 62, 63, 65, 67, 68, 71, 72, 70, 68, 67, 63, 60]


def test_only_the_named_bars_and_tracks_move(edit, band):
    before, after, call = edit("transpose", band, semitones=5, from_bar=3, to_bar=5, tracks=["strings"])
    found = differences(before, after)
    assert found
    assert not outside(found, (3, 5), ["Cello"])
    assert call.data["tracks_changed"] == ["Cello"]
    assert after.keys == before.keys


def test_bars_of_all_tracks_carry_their_signature_and_give_it_back(edit, band):
    _, after, _ = edit("transpose", band, semitones=2, from_bar=3, to_bar=4)
    assert [(t, str(k)) for t, k in after.keys] == [
        (0.0, "C major"),
        (8.0, "D major"),
        (16.0, "C major"),
        (24.0, "A minor"),
    ]


def test_drums_stay(edit, band):
    before, after, _ = edit("transpose", band, semitones=7)
    assert before.tracks[3].notes == after.tracks[3].notes


def test_what_midi_cannot_hold_is_folded_and_said(edit, band):
    _, after, call = edit("transpose", band, semitones=48)
    assert max(n.pitch for t in after.tracks for n in t.notes) <= 127
    assert call.data["octave_folded"] > 0
    assert any("brought back by octaves" in n for n in call.result.notes)


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ({}, "semitones"),
        ({"semitones": 2, "from_bar": 40}, "The piece has 9 bars; bar 40 is past its end"),
        ({"semitones": 2, "from_bar": 5, "to_bar": 3}, "lies after to_bar"),
        ({"semitones": 2, "tracks": ["tuba"]}, "no track 'tuba'; the score has Soprano, Alto"),
        ({"to_key": "H minor"}, "is no key"),
        ({"to_key": "C minor", "semitones": 1}, "do not lead to C minor"),
        ({"semitones": 2, "start_s": 99}, "lasts 22.50 s; 99 s is past its end"),
    ],
)
def test_what_cannot_be_done_is_said(edit, chorale, args, message):
    with pytest.raises(UserError, match=message):
        edit("transpose", chorale, **args)


def test_name_parents_and_licence_follow_the_file(call_tool, chorale):
    made = call_tool("transpose", {"music": "a1", "semitones": 1}, attach=[chorale]).artifacts[0]
    assert (made.file.name, made.parents, made.licence) == ("chorale-transposed.mid", ["a1"], "unstated (attached)")


def test_an_interval_by_name_moves_by_its_semitones(edit, chorale):
    before, after, call = edit("transpose", chorale, interval="down a minor third")
    assert call.data["semitones"] == -3
    assert [n.pitch - 3 for n in before.tracks[1].notes] == [n.pitch for n in after.tracks[1].notes]


@pytest.mark.parametrize("degrees", [-9, -2, 1, 3, 7])
def test_steps_of_the_scale_stay_in_the_key_and_as_music21_counts_them(edit, chorale, degrees):
    from music21 import key

    before, after, _ = edit("transpose", chorale, degrees=degrees, from_key="F# minor")
    ladder = [p.midi for p in key.Key("f#").getPitches("F#0", "F#8")]
    for old, new in zip(before.tracks[0].notes, after.tracks[0].notes, strict=True):
        if old.pitch in ladder:
            assert new.pitch == ladder[ladder.index(old.pitch) + degrees]
    assert after.keys == before.keys


def test_two_ways_of_saying_how_far_are_refused(edit, chorale):
    with pytest.raises(UserError, match="semitones and interval"):
        edit("transpose", chorale, semitones=2, interval="M2")


def test_a_key_and_another_mode_are_refused_and_the_same_mode_is_taken(edit, chorale):
    with pytest.raises(UserError, match="D major and mode minor do not agree"):
        edit("transpose", chorale, to_key="D major", mode="minor")
    assert edit("transpose", chorale, to_key="D minor", mode="minor")[2].data["to_key"] == "D minor"
    assert edit("transpose", chorale, to_key="D", mode="minor")[2].data["to_key"] == "D minor"
