"""quantize: where music21 puts notes, the grid found, feel kept by strength, swing, nothing pushed out of its bars."""

from __future__ import annotations

import numpy as np
import pytest

from tools.errors import UserError
from tools.kit.diff import differences, outside
from tools.kit.score import Note, Score, Track, read_midi, write_midi
from tools.kit.theory.meter import Meter


@pytest.fixture
def played(tmp_path):
    """``played(step, spread_ms)``: notes on a grid of ``step`` quarters, played with errors, at 120 BPM."""

    def make(step: float, spread_ms: float = 20.0, count: int = 96, meter: str = "4/4"):
        rng = np.random.default_rng(1)
        late = np.clip(rng.normal(0, spread_ms / 500, count), -0.4 * step, 0.4 * step)
        notes = [Note(max(0.0, i * step + late[i]), step * 0.8, 60 + i % 12, 80) for i in range(count)]
        path = tmp_path / "played.mid"
        write_midi(Score([Track("Piano", notes=notes)], meters=[(0.0, Meter.parse(meter))]), path)
        return path

    return make


@pytest.mark.parametrize(("step", "grid"), [(1, "1/4"), (1 / 2, "1/8"), (1 / 4, "1/16"), (1 / 3, "1/8 triplet")])
def test_finds_the_grid_and_puts_every_note_back(edit, played, step, grid):
    _, after, call = edit("quantize", played(step))
    assert call.data["grid"] == grid
    assert [n.start for n in after.tracks[0].notes] == pytest.approx([i * step for i in range(96)], abs=1.1e-3)


def test_one_eighth_in_ten_quarters_keeps_the_eighths(edit, tmp_path):
    path = tmp_path / "mixed.mid"
    starts = [float(i) for i in range(40)] + [3.5, 13.5, 23.5, 33.5]
    write_midi(Score([Track("Piano", notes=[Note(s, 0.4, 60, 80) for s in sorted(starts)])]), path)
    assert edit("quantize", path)[2].data["grid"] == "1/8"


def test_agrees_with_music21(edit, played, tmp_path):
    from music21 import converter

    path = played(1 / 4, 25)
    theirs = converter.parse(path, quantizePost=False).parts[0].stripTies().flatten()
    theirs.quantize((4,), processOffsets=True, processDurations=False, inPlace=True)
    _, after, _ = edit("quantize", path, grid="1/16")
    ours = [(round(n.start, 2), n.pitch) for n in after.tracks[0].notes]
    assert ours == [(round(float(n.offset), 2), n.pitch.midi) for n in theirs.notes]


def test_half_the_strength_halves_the_error(edit, played):
    call = edit("quantize", played(1 / 2), strength=0.5, grid="1/8")[2]
    assert call.data["error_after_ms"] == pytest.approx(call.data["error_before_ms"] / 2, rel=0.05)


def test_swing_puts_off_beats_where_it_says(edit, played):
    _, after, _ = edit("quantize", played(1 / 2), grid="1/8", swing=2 / 3)
    assert [n.start % 1 for n in after.tracks[0].notes[:8]] == pytest.approx([0, 2 / 3] * 4, abs=2e-3)


def test_the_grid_counts_from_the_bar_line(edit, played):
    _, after, _ = edit("quantize", played(1 / 2, meter="7/8"), grid="1/4")
    assert {round(n.start % 3.5, 3) for n in after.tracks[0].notes} <= {0, 1, 2, 3}


def test_nothing_leaves_its_bars(edit, played):
    before, after, _ = edit("quantize", played(1 / 4, 40), from_bar=2, to_bar=3, grid="1/4")
    assert not outside(differences(before, after), (2, 3), None)


def test_lengths_come_to_the_grid_when_asked(edit, played):
    _, after, _ = edit("quantize", played(1 / 2), grid="1/16", lengths=True)
    assert all(abs(n.end * 4 - round(n.end * 4)) < 0.01 for n in after.tracks[0].notes)


def test_what_cannot_be_done_is_said(edit, band, played):
    with pytest.raises(UserError, match="The piece has 17 bars; bar 99"):
        edit("quantize", band, from_bar=99)
    with pytest.raises(UserError, match="strength"):
        edit("quantize", band, strength=2)
    assert read_midi(band).ticks_per_quarter == 384


def test_feel_is_kept_while_what_strays_from_it_is_mended(edit, tmp_path):
    import random
    import statistics

    from tools.kit.score import Note, Score, Track, write_midi

    rng = random.Random(1)
    late = {0.0: 0.0, 0.5: 0.08}  # every off-beat is laid back
    notes = [Note(i / 2 + late[i / 2 % 1] + rng.uniform(-0.02, 0.02), 0.3, 60, 80) for i in range(1, 64)]
    write_midi(Score([Track("Piano", notes=notes)]), tmp_path / "laid-back.mid")
    _, after, _ = edit("quantize", tmp_path / "laid-back.mid", grid="1/8", keep_feel=True)
    off = [n.start % 1 for n in after.tracks[0].notes if 0.3 < n.start % 1 < 0.9]
    assert statistics.pstdev(off) < 0.002
    assert 0.56 < statistics.mean(off) < 0.6


def test_keeping_the_feel_and_making_another_is_refused(edit, played):
    with pytest.raises(UserError, match="say one of the two"):
        edit("quantize", played(1 / 2), keep_feel=True, swing=0.667)


def test_a_kept_feel_is_named_in_the_summary(edit, played):
    assert "the feel that each beat" in edit("quantize", played(1 / 2), keep_feel=True)[2].result.summary
