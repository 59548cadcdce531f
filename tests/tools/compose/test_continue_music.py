"""continue_music: what was there stays to the tick, the length is as asked, the theme returns, the end is a close."""

from __future__ import annotations

import pytest

from tools.errors import UserError
from tools.kit.score import Note, Score, Track, write_midi


def in_bar(score, track, bar, top=True):
    starts = [*score.bar_starts(), float("inf")]
    notes = [n for n in score.tracks[track].notes if starts[bar - 1] - 1e-6 <= n.start < starts[bar] - 1e-6]
    best = {}
    for n in notes:
        best[round(n.start, 3)] = max(best.get(round(n.start, 3), n), n, key=lambda m: m.pitch)
    return [best[t] for t in sorted(best)] if top else notes


@pytest.mark.parametrize("piece", ["chorale", "rag"])
def test_the_piece_stays_and_so_many_bars_follow(edit, request, piece):
    before, after, call = edit("continue_music", request.getfixturevalue(piece), bars=7, seed=2)
    was = len(before.bar_starts())
    assert len(after.bar_starts()) == was + 7 == call.data["bars"]
    edge = call.data["from_bar"] - 1
    start = after.bar_starts()[edge]
    for old, new in zip(before.tracks, after.tracks, strict=True):
        assert [n for n in new.notes if n.start < start - 1e-6] == old.notes
        assert (old.controls, old.program, old.name) == (new.controls, new.program, new.name)
    assert (before.tempi, before.meters, before.keys) == (after.tempi, after.meters, after.keys)
    assert min(call.data["bars_changed"]) > was


def test_the_theme_comes_back_where_it_is_said_to(edit, rag):
    before, after, call = edit("continue_music", rag, bars=8)
    assert call.data["theme_bar"] == call.data["from_bar"] + 4
    theme = in_bar(before, 0, call.data["sources"][4])
    again = in_bar(after, 0, call.data["theme_bar"])
    assert [n.pitch for n in theme] == [n.pitch for n in again]


def test_without_the_theme_none_is_claimed(edit, rag):
    _, _, call = edit("continue_music", rag, bars=8, theme=False)
    assert call.data["theme_bar"] is None


def test_it_closes_on_a_held_tonic(edit, chorale):
    _, after, call = edit("continue_music", chorale, bars=4)
    assert call.data["key"] == "F# minor"
    last = [n for t in range(len(after.tracks)) for n in in_bar(after, t, len(after.bar_starts()), top=False)]
    assert {n.pitch % 12 for n in last} <= {6, 9, 1}
    assert min(last, key=lambda n: n.pitch).end == pytest.approx(after.end, abs=0.01)


def test_so_many_seconds_are_added(edit, chorale):
    before, after, _ = edit("continue_music", chorale, duration_s=10)
    end = before.seconds(before.bar_starts()[-1] + before.meters[-1][1].bar_quarters)
    assert after.seconds(after.end) - end == pytest.approx(10, abs=1.3)


def test_bars_and_seconds_that_contradict_each_other_are_said(edit, chorale):
    with pytest.raises(UserError, match="say bars or duration_s"):
        edit("continue_music", chorale, bars=2, duration_s=60)


def test_same_seed_same_bytes(call_tool, rag):
    one, two, other = (
        call_tool("continue_music", {"music": "a1", "bars": 6}, attach=[rag], seed=s).file("midi").read_bytes()
        for s in (1, 1, 5)
    )
    assert one == two
    assert one != other


def test_a_single_bar_can_be_gone_on_from(edit, tmp_path):
    path = tmp_path / "bar.mid"
    write_midi(
        Score([Track("Flute", 73, notes=[Note(float(i), 1, p, 80) for i, p in enumerate([72, 76, 79, 76])])]), path
    )
    _, after, _ = edit("continue_music", path, bars=4)
    assert len(after.bar_starts()) == 5


def test_an_upbeat_is_not_taken_for_a_bar_and_tracks_keep_their_compass(edit, chorale):
    before, after, _ = edit("continue_music", chorale, bars=8)
    start = after.bar_starts()[len(before.bar_starts())]
    for bar in after.bar_starts()[len(before.bar_starts()) :]:
        assert any(abs(n.start - bar) < 0.26 for t in after.tracks for n in t.notes)
    for old, new in zip(before.tracks, after.tracks, strict=True):
        low, high = min(n.pitch for n in old.notes), max(n.pitch for n in old.notes)
        assert all(low - 7 <= n.pitch <= high + 7 for n in new.notes if n.start >= start)


def test_drums_alone_are_refused_with_the_tool_that_goes_on_with_them(edit, tmp_path):
    path = tmp_path / "kit.mid"
    write_midi(Score([Track("Kit", 0, True, [Note(float(i), 0.2, 38, 80) for i in range(16)])]), path)
    with pytest.raises(UserError, match="repeat_bars"):
        edit("continue_music", path)


def test_a_single_line_tells_no_power_chord(edit, tmp_path):
    path = tmp_path / "line.mid"
    pitches = [60, 60, 67, 67, 69, 69, 67, 67, 65, 65, 64, 64, 62, 62, 60, 60]
    write_midi(Score([Track("Flute", 73, notes=[Note(float(i), 1.0, p, 80) for i, p in enumerate(pitches)])]), path)
    chords = edit("continue_music", path)[2].data["chords"]
    assert not any(c.endswith("5") for c in chords)
