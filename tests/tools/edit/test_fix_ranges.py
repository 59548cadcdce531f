"""fix_ranges: only what is out of range moves, by whole octaves, into it."""

from __future__ import annotations

import pytest

from tools.errors import UserError
from tools.kit.score import Note, Score, Track, write_midi
from tools.kit.theory.instruments import instrument


@pytest.fixture
def beyond(tmp_path):
    """A flute and a violin with notes below their ranges, and drums with keys nobody ranges."""
    path = tmp_path / "beyond.mid"
    write_midi(
        Score(
            [
                Track("Flute", 73, notes=[Note(i, 1, p, 80) for i, p in enumerate([50, 58, 60, 72, 96, 108])]),
                Track("Violin", 0, notes=[Note(i, 1, p, 80) for i, p in enumerate([43, 55, 60, 76])]),
                Track("Kit", 0, is_drum=True, notes=[Note(0, 1, 20, 80)]),
            ]
        ),
        path,
    )
    return path


def test_each_instruments_notes_come_into_its_range_and_the_others_stay(edit, beyond):
    before, after, call = edit("fix_ranges", beyond)
    for track, name in ((0, "flute"), (1, "violin")):
        low, high = instrument(name).low, instrument(name).high
        for old, new in zip(before.tracks[track].notes, after.tracks[track].notes, strict=True):
            assert low <= new.pitch <= high
            assert (new.pitch - old.pitch) % 12 == 0
            assert new.pitch == old.pitch or not low <= old.pitch <= high
            assert abs(new.pitch - old.pitch) <= 12
    assert after.tracks[2] == before.tracks[2]
    assert [m["instrument"] for m in call.data["mended"]] == ["flute", "violin"]
    assert call.data["mended"][1]["low"] == "G3"


def test_only_the_named_track(edit, beyond):
    before, after, _ = edit("fix_ranges", beyond, tracks=["violin"])
    assert after.tracks[0] == before.tracks[0]
    assert after.tracks[1] != before.tracks[1]


def test_a_score_in_range_is_left_alone_and_said_so(edit, chorale):
    before, after, call = edit("fix_ranges", chorale)
    assert before == after
    assert "nothing was changed" in call.result.summary


def test_an_unknown_track_is_said(edit, beyond):
    with pytest.raises(UserError, match="no track 'horn'; the score has Flute, Violin, Kit"):
        edit("fix_ranges", beyond, tracks=["horn"])
