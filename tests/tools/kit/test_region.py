"""Regions and splices: what bars, seconds, tracks, hands and roles name, and maps carried through a cut."""

from __future__ import annotations

import pytest

from tools.errors import UserError
from tools.kit.region import select
from tools.kit.score import Note, Score, Track
from tools.kit.settle import folded, settled
from tools.kit.splice import changed_within, spliced
from tools.kit.theory.meter import Meter


@pytest.fixture
def score():
    """Eight bars of 4/4 at 120: flute, violin, drums and a piano of two hands."""
    return Score(
        [
            Track("Solo", 73, notes=[Note(i, 1, 80, 80) for i in range(32)]),
            Track("", 40, notes=[Note(i, 1, 70, 80) for i in range(32)]),
            Track("Kit", 0, is_drum=True, notes=[Note(i, 1, 36, 80) for i in range(32)]),
            Track("Keys", 0, notes=[Note(i, 1, p, 80) for i in range(32) for p in (40, 47, 64, 67, 72)]),
        ]
    )


def meant(score, **args):
    return {score.tracks.index(t): [(n.start, n.pitch) for n in notes] for t, notes in select(score, **args).notes()}


@pytest.mark.parametrize(
    ("args", "bars"),
    [
        ({"from_bar": 2, "to_bar": 3}, (2, 3)),
        ({"from_bar": -2}, (7, 8)),
        ({"to_bar": -7}, (1, 2)),
        ({}, (1, 8)),
        ({"start_s": 2.0, "end_s": 6.0}, (2, 3)),
        ({"start_s": -4.0}, (7, 8)),
        ({"from_bar": 2, "end_s": 6.0}, (2, 3)),
    ],
)
def test_bars_and_seconds_from_both_ends(score, args, bars):
    region = select(score, **args)
    assert region.bars == bars
    starts = [n.start for _, notes in region.notes() for n in notes]
    assert (min(starts), max(starts)) == ((bars[0] - 1) * 4, bars[1] * 4 - 1)


@pytest.mark.parametrize(
    ("names", "tracks"),
    [
        (["solo"], {0}),
        (["flute"], {0}),
        (["violin"], {1}),
        (["strings"], {1}),
        (["drums"], {2}),
        (["kit", "solo"], {0, 2}),
        (["woodwinds"], {0}),
        (["piano"], {3}),
        (["melody"], {0}),
        (["bass line"], {3}),
        ([], {0, 1, 2, 3}),
    ],
)
def test_tracks_by_name_instrument_family_and_role(score, names, tracks):
    assert set(select(score, tracks=names).picked) == tracks


def test_hands_of_one_piano_track_are_told_note_by_note(score):
    left, right = (meant(score, tracks=[hand], to_bar=1)[3] for hand in ("left hand", "right hand"))
    assert {p for _, p in left} == {40, 47}
    assert {p for _, p in right} == {64, 67, 72}


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ({"from_bar": 9}, "The piece has 8 bars; bar 9 is past its end"),
        ({"to_bar": -9}, "before its start"),
        ({"from_bar": 0}, "there is no bar 0"),
        ({"start_s": 17}, "lasts 16.00 s"),
        ({"start_s": 3, "end_s": 2}, "keeps nothing"),
        ({"tracks": ["tuba"]}, "has Solo, violin, Kit, Keys"),
    ],
)
def test_what_is_not_there_is_said(score, args, message):
    with pytest.raises(UserError, match=message):
        select(score, **args)


def test_a_score_without_keyboard_has_no_hands(score):
    del score.tracks[3]
    with pytest.raises(UserError, match="no keyboard part, so no left hand"):
        select(score, tracks=["left hand"])


def test_a_map_changed_within_a_range_is_what_it_was_after_it():
    tempi = [(0.0, 100.0), (6.0, 80.0)]
    assert changed_within(tempi, 4, 8, lambda bpm: bpm * 2) == [(0, 100), (4, 200), (6, 160), (8, 80)]
    assert changed_within(tempi, 0, float("inf"), lambda bpm: bpm / 2) == [(0, 50), (6, 40)]
    assert changed_within([], 0, 4, lambda bpm: bpm) == []


def test_a_splice_says_again_what_was_in_force(score):
    score.tempi = [(0.0, 100.0), (8.0, 140.0)]
    score.meters = [(0.0, Meter(4, 4)), (8.0, Meter(2, 4))]
    made = spliced(score, [(0, 4), (8, 10), (0, 4)])
    assert made.tempi == [(0, 100), (4, 140), (6, 100)]
    assert made.bar_starts() == [0, 4, 6]
    assert [n.start for n in made.tracks[0].notes] == list(range(10))


def test_an_edited_note_never_changes_the_length_of_one_that_is_kept():
    track = Track("Pad", notes=[Note(0, 4, 60, 80), Note(1, 1, 60, 70), Note(5, 4, 60, 60), Note(6, 1, 60, 50)])
    settled(track, {id(track.notes[1]), id(track.notes[2])})
    assert [(n.start, n.end) for n in track.notes] == [(0, 4), (1, 4), (5, 7), (6, 7)]


def test_folding_goes_by_the_fewest_octaves():
    assert [folded(p, 55, 103) for p in (43, 54, 55, 103, 104, 127)] == [55, 66, 55, 103, 92, 103]


@pytest.mark.parametrize(
    ("args", "bars"),
    [
        ({"stretch": "first half"}, (1, 4)),
        ({"stretch": "second half"}, (5, 8)),
        ({"stretch": "middle third"}, (4, 6)),
        ({"stretch": "second half", "from_bar": 1, "to_bar": 3}, (3, 3)),
    ],
)
def test_halves_and_thirds_are_of_the_range(score, args, bars):
    assert select(score, **args).bars == bars


def test_the_last_chord_is_what_is_struck_last(score):
    assert meant(score, stretch="last chord", tracks=["keys"]) == {3: [(31, p) for p in (40, 47, 64, 67, 72)]}
    assert meant(score, stretch="first chord", tracks=["solo"]) == {0: [(0, 80)]}


def test_too_few_bars_for_thirds_is_said(score):
    with pytest.raises(UserError, match="has no 3 parts"):
        select(score, 1, 2, stretch="last third")


def test_what_is_not_meant_is_left_out(score):
    assert set(meant(score, tracks=["not drums"])) == {0, 1, 3}
    assert set(meant(score, tracks=["keys", "not left hand"])) == {3}
    assert {p for _, p in meant(score, tracks=["not left hand"])[3]} == {64, 67, 72}
    with pytest.raises(UserError, match="Nothing is left"):
        select(score, tracks=["drums", "not kit"])


def test_a_number_tells_tracks_of_one_name_apart():
    twins = Score([Track("Violin", 40, notes=[Note(0, 1, p, 80)]) for p in (72, 60)])
    assert set(select(twins, tracks=["violin"]).picked) == {0, 1}
    assert set(select(twins, tracks=["violin 2"]).picked) == {1}
    assert set(select(twins, tracks=["Violin 1"]).picked) == {0}
    with pytest.raises(UserError, match="no track 'violin 3'"):
        select(twins, tracks=["violin 3"])
