"""set_dynamics: levels and curves are met on the mean, accents stay, only velocities in the region change."""

from __future__ import annotations

import numpy as np
import pytest

from tools.errors import UserError
from tools.kit.diff import differences, outside


def velocities(score):
    return np.array([n.velocity for t in score.tracks for n in t.notes], dtype=float)


@pytest.mark.parametrize("level", [0.3, 0.5, 0.7])
def test_a_level_is_the_mean_and_accents_stay(edit, band, level):
    before, after, _ = edit("set_dynamics", band, level=level)
    assert velocities(after).mean() == pytest.approx(127 * level, abs=1.5)
    assert np.corrcoef(velocities(before), velocities(after))[0, 1] > 0.98
    assert [[(n.start, n.duration, n.pitch) for n in t.notes] for t in after.tracks] == [
        [(n.start, n.duration, n.pitch) for n in t.notes] for t in before.tracks
    ]


def test_a_crescendo_rises_from_level_to_level(edit, chorale):
    curve = [{"at": 0, "level": 0.2}, {"at": 1, "level": 0.9}]
    _, after, call = edit("set_dynamics", chorale, dynamics=curve, from_bar=3, to_bar=6)
    notes = sorted((n.start, n.velocity) for t in after.tracks for n in t.notes if 8 <= n.start < 24)
    assert [v for _, v in notes] == sorted(v for _, v in notes)
    assert (notes[0][1], notes[-1][1]) == (pytest.approx(25, abs=3), pytest.approx(112, abs=5))
    assert set(call.data["bars_changed"]) <= {3, 4, 5, 6}


def test_six_decibels_up_is_a_gain_of_two_in_squared_velocity(edit, band):
    before, after, _ = edit("set_dynamics", band, gain_db=-6)
    assert np.mean(velocities(after) / velocities(before)) == pytest.approx(10 ** (-6 / 40), abs=0.01)


def test_strength_goes_part_of_the_way(edit, band):
    before, after, _ = edit("set_dynamics", band, gain_db=-12, strength=0.5)
    assert velocities(after).mean() == pytest.approx(velocities(before).mean() * (1 + 10 ** (-12 / 40)) / 2, abs=0.5)


def test_one_hand_alone(edit, rag):
    before, after, _ = edit("set_dynamics", rag, level=0.2, tracks=["left hand"], from_bar=5, to_bar=8)
    found = differences(before, after)
    assert found
    assert not outside(found, (5, 8), None)
    assert np.mean([d.pitch for d in found]) < 60


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ({}, "Say how loud"),
        ({"level": 0.5, "tracks": ["left hand"]}, None),
        ({"level": 0.5, "from_bar": 18}, "17 bars"),
    ],
)
def test_what_cannot_be_done_is_said(edit, band, args, message):
    if message is None:
        assert edit("set_dynamics", band, **args)[2].data["tracks_changed"] == ["Piano"]
    else:
        with pytest.raises(UserError, match=message):
            edit("set_dynamics", band, **args)
