"""vary: each named transformation is what its name says; what is not varied stays to the tick."""

from __future__ import annotations

import pytest

from tools.errors import UserError
from tools.kit.score import Note, Score, Track, write_midi
from tools.kit.theory.pitch import Key

TUNE = [60, 64, 67, 65, 64, 62, 59, 60]


@pytest.fixture
def tune(tmp_path):
    """Eight quarters in C major, alone."""
    path = tmp_path / "tune.mid"
    track = Track("Piano", 0, notes=[Note(float(i), 1.0, p, 80) for i, p in enumerate(TUNE)])
    write_midi(Score([track], keys=[(0.0, Key(0))]), path)
    return path


def pitches(score, track=0):
    return [n.pitch for n in sorted(score.tracks[track].notes, key=lambda n: n.start)]


def test_inversion_turns_every_step_round(edit, tune):
    _, after, _ = edit("vary", tune, transformation="inversion")
    assert pitches(after) == [60, 57, 53, 55, 57, 59, 62, 60]


def test_retrograde_is_the_tune_from_its_end(edit, tune):
    _, after, _ = edit("vary", tune, transformation="retrograde")
    assert pitches(after) == TUNE[::-1]


@pytest.mark.parametrize(("kind", "factor"), [("augmentation", 2.0), ("diminution", 0.5)])
def test_a_whole_piece_is_stretched(edit, tune, kind, factor):
    before, after, _ = edit("vary", tune, transformation=kind)
    assert pitches(after) == TUNE
    assert after.end == pytest.approx(before.end * factor, abs=0.01)
    assert after.tempi == before.tempi


def test_a_part_keeps_its_length(edit, tune):
    _, slow, _ = edit("vary", tune, transformation="augmentation", from_bar=1, to_bar=1)
    assert [(n.start, n.duration) for n in slow.tracks[0].notes[:2]] == [(0.0, 2.0), (2.0, 2.0)]
    assert pitches(slow)[2:] == TUNE[4:]
    _, fast, _ = edit("vary", tune, transformation="diminution", from_bar=2, to_bar=2)
    assert pitches(fast) == TUNE[:4] + TUNE[4:] * 2


def test_a_sequence_repeats_the_first_bar_on_other_steps(edit, tune):
    _, after, _ = edit("vary", tune, transformation="sequence")
    first, second = pitches(after)[:4], pitches(after)[4:]
    assert first == TUNE[:4]
    assert second in ([62, 65, 69, 67], [59, 62, 65, 64])


def test_mode_makes_major_minor_and_back(edit, tune, tmp_path):
    _, after, call = edit("vary", tune, transformation="mode")
    assert pitches(after) == [60, 63, 67, 65, 63, 62, 59, 60]
    assert call.data["key"] == "C minor"
    assert after.keys == [(0.0, Key(0, "minor"))]


def test_the_mode_named_is_the_one_varied_into(edit, tune):
    assert edit("vary", tune, mode="minor")[2].data["transformation"] == "mode"
    with pytest.raises(UserError, match="already"):
        edit("vary", tune, mode="major")


def test_ornaments_add_notes_and_keep_the_tune_on_its_beats(edit, tune):
    before, after, _ = edit("vary", tune, transformation="ornament", strength=1.0)
    assert len(after.tracks[0].notes) > len(before.tracks[0].notes)
    on_beat = {round(n.start, 3): n.pitch for n in after.tracks[0].notes}
    assert [on_beat[float(i)] for i in range(8)] == TUNE


def test_rhythm_changes_when_and_not_what(edit, tune):
    before, after, _ = edit("vary", tune, transformation="rhythm", strength=1.0)
    assert pitches(after) == TUNE
    assert [n.start for n in after.tracks[0].notes] != [n.start for n in before.tracks[0].notes]


def test_strength_says_how_much(edit, tune):
    def changed(strength):
        before, after, _ = edit("vary", tune, strength=strength, seed=4)
        was = {(n.start, n.duration, n.pitch) for n in before.tracks[0].notes}
        return len(was - {(n.start, n.duration, n.pitch) for n in after.tracks[0].notes})

    assert changed(0.0) == 0
    assert changed(0.2) <= changed(1.0)
    assert changed(1.0) > 2


@pytest.mark.parametrize("kind", ["inversion", "retrograde", "ornament", "sequence", "mode", "rhythm", "free"])
def test_nothing_outside_the_bars_and_tracks_differs(edit, rag, kind):
    before, after, call = edit("vary", rag, transformation=kind, from_bar=5, to_bar=8, tracks=["right hand"])
    starts = before.bar_starts()
    for old, new in zip(before.tracks, after.tracks, strict=True):
        kept = [n for n in old.notes if old.name not in call.data["tracks"] or not starts[4] <= n.start < starts[8]]
        was = sorted((n.start, n.duration, n.pitch, n.velocity) for n in kept)
        now = sorted((n.start, n.duration, n.pitch, n.velocity) for n in new.notes)
        assert set(was) <= set(now)
        assert old.controls == new.controls
    assert set(call.data["bars_changed"]) <= {5, 6, 7, 8}
    assert (before.tempi, before.meters) == (after.tempi, after.meters)


def test_drums_alone_are_refused(edit, tmp_path):
    path = tmp_path / "kit.mid"
    write_midi(Score([Track("Kit", 0, True, [Note(0, 1, 36, 90)])]), path)
    with pytest.raises(UserError):
        edit("vary", path, transformation="retrograde")


def test_notes_that_come_out_as_they_were_are_said_to(edit, tmp_path):
    path = tmp_path / "one.mid"
    write_midi(Score([Track("Piano", 0, notes=[Note(0, 4, 60, 80)])]), path)
    before, after, call = edit("vary", path, transformation="retrograde")
    assert before == after
    assert "nothing was changed" in call.result.notes[0]


def test_what_has_no_part_in_a_transformation_is_said_and_not_reported(edit, tune):
    full = edit("vary", tune, transformation="inversion")[1]
    _, after, call = edit("vary", tune, transformation="inversion", strength=0.1, mode="minor")
    assert after.tracks == full.tracks
    assert call.data["strength"] == 1.0
    assert [n.split(" was")[0] for n in call.result.notes if "left aside" in n] == ["strength", "mode"]
