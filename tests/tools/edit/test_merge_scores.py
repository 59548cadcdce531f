"""merge_scores: every note of every score, over one another or from the next bar line on, with its tempo."""

from __future__ import annotations

import numpy as np
import pytest

from tools.errors import UserError
from tools.kit.score import read_midi


def notes(score, shift=0.0):
    return [(n.start + shift, n.duration, n.pitch, n.velocity) for t in score.tracks for n in t.notes]


def same(ours, theirs):
    """Whether notes agree to the thousandth of a quarter, the two files' grids having no common one."""
    ours, theirs = (sorted((pitch, start, length, touch) for start, length, pitch, touch in n) for n in (ours, theirs))
    return np.allclose(ours, theirs, atol=1e-3)


def test_together_keeps_every_note_at_its_place(call_tool, chorale, band):
    call = call_tool("merge_scores", {"music": ["a1", "a2"]}, attach=[chorale, band])
    after = read_midi(call.file("midi"))
    assert same(notes(after), notes(read_midi(chorale)) + notes(read_midi(band)))
    assert len(after.tracks) == 8
    assert any("band.mid follows the tempo and meter of chorale.mid" in n for n in call.result.notes)


def test_tracks_of_one_name_are_numbered(call_tool, chorale, tmp_path):
    other = tmp_path / "again.mid"
    other.write_bytes(chorale.read_bytes())
    call = call_tool("merge_scores", {"music": ["a1", "a2"]}, attach=[chorale, other])
    assert call.data["tracks"][:5] == ["Soprano", "Alto", "Tenor", "Bass", "Soprano 2"]


def test_in_sequence_starts_at_the_next_bar_with_its_own_tempo_and_meter(call_tool, chorale, band):
    call = call_tool("merge_scores", {"music": ["a1", "a2"], "how": "in_sequence"}, attach=[chorale, band])
    first, second, after = read_midi(chorale), read_midi(band), read_midi(call.file("midi"))
    assert same(notes(after), notes(first) + notes(second, 36.0))
    assert after.meters[1:] == [(t + 36.0, m) for t, m in second.meters]
    assert after.seconds(after.end) == pytest.approx(first.seconds(36) + second.seconds(second.end), abs=1e-3)


def test_the_same_score_twice_in_sequence_keeps_its_tracks(call_tool, chorale):
    call = call_tool("merge_scores", {"music": ["a1", "a1"], "how": "in_sequence"}, attach=[chorale])
    assert call.data["tracks"] == ["Soprano", "Alto", "Tenor", "Bass"]
    assert call.data["bars"] == 18


def test_one_score_is_not_enough(call_tool, chorale):
    with pytest.raises(UserError, match="at least 2"):
        call_tool("merge_scores", {"music": ["a1"]}, attach=[chorale])


def test_parents_and_licences_are_those_of_all(call_tool, chorale, band):
    made = call_tool("merge_scores", {"music": ["a1", "a2"]}, attach=[chorale, band]).artifacts[0]
    assert made.parents == ["a1", "a2"]
    assert made.file.name == "chorale+band-merged.mid"
