"""The first and last note of the tracks that are meant, and the lead where no track is called so."""

from __future__ import annotations

import pytest

from tools.errors import UserError
from tools.kit.region import select
from tools.kit.score import Note, Score, Track


@pytest.fixture
def score():
    """A lead of three notes, and a bass that goes on after it."""
    return Score(
        [
            Track("Lead", 80, notes=[Note(0, 1, 72, 80), Note(4, 1, 74, 80), Note(6, 1, 76, 80)]),
            Track("Bass", 33, notes=[Note(0, 2, 40, 80), Note(7, 1, 41, 80)]),
        ]
    )


def _pitches(score, **args):
    return [n.pitch for _, notes in select(score, **args).notes() for n in notes]


@pytest.mark.parametrize(
    ("args", "pitches"),
    [
        ({"tracks": ["lead"], "stretch": "last note"}, [76]),
        ({"tracks": ["lead"], "stretch": "first note"}, [72]),
        ({"tracks": ["bass"], "stretch": "last note"}, [41]),
        ({"stretch": "first note"}, [72, 40]),
        ({"tracks": ["lead"], "from_bar": 2, "stretch": "first note"}, [74]),
    ],
)
def test_one_note_of_the_tracks_that_are_meant(score, args, pitches):
    assert _pitches(score, **args) == pitches


def test_a_range_without_notes_has_no_last_one(score):
    with pytest.raises(UserError, match="no note in that range"):
        select(score, from_bar=2, tracks=["bass"], end_s=2.5, stretch="last note")


def test_the_lead_is_the_melody_where_no_track_is_called_so():
    score = Score([Track("Flute", 73, notes=[Note(0, 4, 84, 90)]), Track("Cello", 42, notes=[Note(0, 4, 40, 60)])])
    assert _pitches(score, tracks=["lead"]) == [84]
