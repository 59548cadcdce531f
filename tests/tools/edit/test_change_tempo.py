"""change_tempo: values, factors and lengths met; rubato kept; nothing but the tempo map of the range changes."""

from __future__ import annotations

import pytest

from tools.edit.change_tempo import held_longest
from tools.errors import UserError
from tools.kit.region import select
from tools.kit.score import Note, Score, Track, read_midi, write_midi
from tools.kit.theory.meter import Meter


def test_a_factor_scales_the_map_and_moves_no_note(edit, band):
    before, after, call = edit("change_tempo", band, factor=0.5)
    assert call.data["factor"] == 0.5
    assert [b for _, b in after.tempi] == pytest.approx([b * 0.5 for _, b in before.tempi], abs=0.01)
    assert (before.tracks, before.meters) == (after.tracks, after.meters)


def test_a_value_holds_all_through_the_piece_and_moves_no_note(edit, band):
    before, after, call = edit("change_tempo", band, tempo_bpm=60)
    assert after.tempi == [(0.0, pytest.approx(60, abs=0.01))]
    assert (before.tracks, before.meters) == (after.tracks, after.meters)
    assert call.data["factor"] == pytest.approx(before.seconds(before.end) / after.seconds(after.end), abs=1e-3)
    assert any("became one" in n for n in call.result.notes)
    assert all(f"{round(b, 1):g}" in call.result.summary for _, b in before.tempi)


def test_the_tempo_that_is_held_longest_already_is_still_taken_to_the_rest(edit, band):
    before, after, _ = edit("change_tempo", band, tempo_bpm=held_longest(read_midi(band), select(read_midi(band))))
    assert len(before.tempi) > 1
    assert len(after.tempi) == 1


def test_a_value_holds_all_through_the_bars_and_nowhere_else(edit, tmp_path):
    path = tmp_path / "three.mid"
    notes = [Note(float(i), 1.0, 70, 80) for i in range(24)]
    write_midi(Score([Track("Fiddle", 40, notes=notes)], [(0.0, 120.0), (10.0, 150.0), (18.0, 90.0)]), path)
    _, after, _ = edit("change_tempo", path, tempo_bpm=60, from_bar=2, to_bar=4)
    assert [(t, round(b)) for t, b in after.tempi] == [(0, 120), (4, 60), (16, 150), (18, 90)]


def test_a_value_is_counted_in_the_beats_of_each_meter(edit, tmp_path):
    path = tmp_path / "mixed.mid"
    notes = [Note(float(i), 1.0, 70, 80) for i in range(14)]
    meters = [(0.0, Meter(4, 4)), (8.0, Meter(6, 8))]
    write_midi(Score([Track("Fiddle", 40, notes=notes)], [(0.0, 90.0), (4.0, 70.0)], meters), path)
    _, after, _ = edit("change_tempo", path, tempo_bpm=100)
    assert [(t, round(b)) for t, b in after.tempi] == [(0, 100), (8, 150)]


def test_a_gradual_change_to_a_value_goes_there_from_the_first_tempo(edit, band):
    before, after, _ = edit("change_tempo", band, tempo_bpm=50, curve="ritardando")
    tempi = [b for _, b in after.tempi]
    assert tempi == sorted(tempi, reverse=True)
    assert tempi[0] == pytest.approx(before.tempi[0][1], rel=0.02)
    assert tempi[-1] == pytest.approx(50, rel=0.02)


def test_the_result_is_heard_at_the_tempo_by_pretty_midi(call_tool, chorale):
    import pretty_midi

    call = call_tool("change_tempo", {"music": "a1", "tempo_bpm": 131}, attach=[chorale])
    assert pretty_midi.PrettyMIDI(str(call.file("midi"))).get_tempo_changes()[1] == pytest.approx([131], abs=0.01)


def test_the_beat_of_six_eight_is_the_dotted_quarter(edit, tmp_path):
    path = tmp_path / "jig.mid"
    write_midi(
        Score([Track("Fiddle", 40, notes=[Note(i / 2, 0.5, 70, 80) for i in range(24)])], meters=[(0.0, Meter(6, 8))]),
        path,
    )
    _, after, call = edit("change_tempo", path, tempo_bpm=100)
    assert after.tempi[0][1] == pytest.approx(150, abs=0.01)
    assert call.data["tempo_before_bpm"] == pytest.approx(80, abs=0.01)


def test_beats_a_minute_are_added(edit, chorale):
    call = edit("change_tempo", chorale, add_bpm=-6)[2]
    assert call.data["tempo_bpm"] == pytest.approx(call.data["tempo_before_bpm"] - 6, abs=0.01)


@pytest.mark.parametrize("curve", ["step", "accelerando"])
def test_a_length_is_met(edit, chorale, curve):
    _, after, _ = edit("change_tempo", chorale, duration_s=15, curve=curve)
    assert after.seconds(after.end) == pytest.approx(15, abs=0.05)


def test_bars_alone_change_and_the_old_tempo_returns(edit, band):
    before, after, _ = edit("change_tempo", band, factor=2, from_bar=2, to_bar=3)
    assert [(t, round(b, 1)) for t, b in after.tempi] == [
        (0, 100),
        (4, 200),
        (12, 100),
        (16, 132),
        (20.5, 90),
        (40, 120),
    ]
    assert before.tracks == after.tracks


def test_a_ritardando_slows_evenly_to_its_end(edit, chorale):
    before, after, call = edit("change_tempo", chorale, curve="ritardando", from_bar=-2)
    inside = [b for t, b in after.tempi if t >= 28]
    assert inside == sorted(inside, reverse=True)
    assert inside[-1] == pytest.approx(before.tempi[0][1] * call.data["factor"], rel=0.03)
    assert [e for e in after.tempi if e[0] < 28] == before.tempi


def test_what_is_said_twice_is_said(edit, chorale):
    call = edit("change_tempo", chorale, tempo_bpm=80, factor=1.2)[2]
    assert any("factor was left aside" in n for n in call.result.notes)


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ({}, "Say the new tempo"),
        ({"factor": 0.1, "tempo_bpm": None, "from_bar": 12}, "bar 12 is past its end"),
        ({"duration_s": 30_000}, "quarters a minute"),
        ({"add_bpm": -200}, "quarters a minute"),
    ],
)
def test_what_cannot_be_done_is_said(edit, chorale, args, message):
    with pytest.raises(UserError, match=message):
        edit("change_tempo", chorale, **args)


def test_a_score_in_notation_is_taken(call_tool, tmp_path):
    path = tmp_path / "tune.abc"
    path.write_text("X:1\nT:t\nM:4/4\nL:1/4\nQ:1/4=100\nK:G\nGABc|d2B2|\n", encoding="utf-8")
    call = call_tool("change_tempo", {"music": "a1", "factor": 2}, attach=[path])
    assert [n.pitch for n in read_midi(call.file("midi")).tracks[0].notes] == [67, 69, 71, 72, 74, 71]


def test_rubato_presses_on_and_holds_back_in_the_time_that_was(edit, chorale):
    before, after, _ = edit("change_tempo", chorale, curve="rubato", strength=0.6, phrase_bars=2)
    assert after.seconds(after.end) == pytest.approx(before.seconds(before.end), abs=0.01)
    bars = before.bar_starts()
    assert after.seconds(bars[2]) == pytest.approx(before.seconds(bars[2]), abs=0.01)
    tempi = [bpm for t, bpm in after.tempi if t < bars[2]]
    assert min(tempi) < 0.8 * max(tempi)
    assert tempi.index(max(tempi)) not in (0, len(tempi) - 1)
    assert after.tracks == before.tracks
