"""The timing solver: lengths are exact, anchors land, asked tempi are kept, contradictions are told by how much."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.compose.engine.grid import Anchor
from tools.compose.engine.timing import EXACT_BEND, FREE_BEND, TempoWish, solve
from tools.errors import UserError
from tools.kit.theory.meter import Meter

METERS = st.sampled_from(["2/4", "3/4", "4/4", "6/8", "5/4", "7/8", "9/8", "12/8"]).map(Meter.parse)
FREE = TempoWish(100, 60, 170)


def exact(bpm: float) -> TempoWish:
    return TempoWish(bpm, bpm, bpm, exact=True)


def bpms(grid) -> list[float]:
    return [qpm / grid.meter.beat_quarters for _, qpm in grid.tempi]


@settings(max_examples=25, deadline=None)
@given(METERS, st.floats(1, 200), st.lists(st.floats(0.5, 190), max_size=6))
def test_free_tempo_ends_on_a_barline_exactly_at_the_asked_second(meter, duration, moments):
    grid = solve(meter, FREE, duration_s=duration, anchors=[Anchor(t) for t in moments])
    assert grid.duration_s == pytest.approx(duration, abs=1e-6)
    assert [b.start for b in grid.bars] == sorted({b.start for b in grid.bars})
    assert grid.bars[-1].start < grid.end <= grid.bars[-1].end + grid.meter.beat_quarters / 2 + 1e-6


@settings(max_examples=25, deadline=None)
@given(METERS, st.floats(40, 220), st.floats(4, 200))
def test_exact_tempo_is_kept_and_the_music_still_ends_at_the_asked_second(meter, bpm, duration):
    grid = solve(meter, exact(bpm), duration_s=duration)
    assert grid.duration_s == pytest.approx(duration, abs=1e-6)
    assert all(abs(b / bpm - 1) <= EXACT_BEND + 1e-9 for b in bpms(grid))
    assert all(bar.meter == meter for bar in grid.bars)


@settings(max_examples=25, deadline=None)
@given(METERS, st.lists(st.floats(0.6, 58), min_size=1, max_size=8, unique_by=lambda t: round(t, 1)))
def test_every_moment_is_marked_within_eighty_milliseconds(meter, moments):
    grid = solve(meter, FREE, duration_s=60, anchors=[Anchor(t, "hit", 4.0) for t in moments])
    assert len(grid.landings) == len(moments)
    for landing in grid.landings:
        assert abs(grid.seconds(landing.quarter) - landing.anchor.time_s) <= 0.08
        assert grid.place(landing.quarter) == (landing.bar, landing.beat)


@settings(max_examples=30, deadline=None)
@given(METERS, st.integers(1, 60), st.floats(5, 100))
def test_bars_and_seconds_together_decide_the_tempo(meter, bars, duration):
    bpm = bars * meter.bar_quarters / meter.beat_quarters * 60 / duration
    grid = solve(meter, TempoWish(bpm, bpm * 0.5, bpm * 2), duration_s=duration, bars=bars)
    assert len(grid.bars) == bars
    assert grid.tempo_bpm == pytest.approx(bpm)


def test_one_cut_is_pinned_to_a_downbeat_with_a_small_bend():
    grid = solve(Meter(4, 4), FREE, duration_s=30, anchors=[Anchor(11.3, "cut")])
    (landing,) = grid.landings
    assert landing.on == "downbeat"
    assert abs(landing.error_s) < 0.02
    assert max(bpms(grid)) / min(bpms(grid)) <= (1 + FREE_BEND) / (1 - FREE_BEND)


def test_twenty_cuts_in_a_minute_fall_on_beats_mostly():
    cuts = [1.9 + 2.9 * k + 0.7 * (k % 3) for k in range(19)]
    grid = solve(Meter(4, 4), FREE, duration_s=60, anchors=[Anchor(t, "cut") for t in cuts])
    strong = [la for la in grid.landings if la.on in ("downbeat", "beat")]
    assert len(strong) >= 0.8 * len(cuts)


def test_cuts_half_a_second_apart_are_all_marked():
    grid = solve(Meter(4, 4), FREE, duration_s=10, anchors=[Anchor(4.0, "cut"), Anchor(4.5, "cut")])
    assert all(abs(grid.seconds(la.quarter) - la.anchor.time_s) <= 0.08 for la in grid.landings)


def test_an_odd_bar_is_set_in_only_where_it_may():
    moments = [Anchor(7.2, "hit", 6.0), Anchor(12.6, "hit", 6.0), Anchor(18.6, "hit", 6.0)]
    kept = solve(Meter(4, 4), exact(100), duration_s=30, anchors=moments)
    odd = solve(Meter(4, 4), exact(100), duration_s=30, anchors=moments, odd_bars=True)
    assert {b.meter for b in kept.bars} == {Meter(4, 4)}
    assert any(b.meter != Meter(4, 4) for b in odd.bars)
    assert sum(la.on == "downbeat" for la in odd.landings) > sum(la.on == "downbeat" for la in kept.landings)
    assert all(a.end == pytest.approx(b.start) for a, b in zip(odd.bars, odd.bars[1:], strict=False))


def test_the_tempo_of_a_range_stays_inside_it_in_every_bar():
    moments = [Anchor(t, "hit", 4.0) for t in (3.1, 9.7, 16.2)]
    grid = solve(Meter(3, 4), TempoWish(110, 105, 115), duration_s=24, anchors=moments)
    assert all(105 - 1e-6 <= b <= 115 + 1e-6 for b in bpms(grid))


def test_a_contradiction_of_bars_seconds_and_tempo_says_by_how_much():
    with pytest.raises(UserError, match=r"16 bars of 4/4 in 20 s need 192\.0 BPM, 120 was asked \(60% off\)"):
        solve(Meter(4, 4), exact(120), duration_s=20, bars=16)


def test_seconds_and_quarters_are_inverse_over_tempo_changes():
    grid = solve(Meter(4, 4), FREE, duration_s=40, anchors=[Anchor(t, "cut") for t in (7.7, 19.1, 30.2)])
    assert len(grid.tempi) > 1
    for quarter in (0.0, 3.3, 17.0, 40.5, grid.end):
        assert grid.quarter(grid.seconds(quarter)) == pytest.approx(quarter)
