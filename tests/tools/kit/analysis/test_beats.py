"""Beats, bars and chords decoded from chances whose truth is known."""

from __future__ import annotations

import numpy as np
import pytest

from tools.kit.analysis.beats import decoded, divides_in_three
from tools.kit.analysis.chord_path import chord_spans, label

RATE = 50.0


def chances(times: np.ndarray, per_bar: int, length_s: float, *, first: int = 0, noise: float = 0.05) -> np.ndarray:
    made = np.random.default_rng(0).uniform(0, noise, (int(length_s * RATE), 2))
    for index, time in enumerate(times):
        frame = round(float(time) * RATE)
        made[frame, 0] = 0.9
        made[frame, 1] = 0.8 if (index - first) % per_bar == 0 else 0.1
    return made


@pytest.mark.parametrize(("bpm", "per_bar"), [(60, 4), (90, 3), (133, 4), (176, 3), (200, 2)])
def test_even_beats_are_found_with_their_bars(bpm: float, per_bar: int) -> None:
    times = np.arange(0.31, 19.5, 60 / bpm)
    found = decoded(chances(times, per_bar, 20.0), RATE)
    assert found is not None
    assert len(found.times_s) == pytest.approx(len(times), abs=1)
    assert 60 / np.median(np.diff(found.times_s)) == pytest.approx(bpm, rel=0.02)
    assert found.per_bar == per_bar
    assert found.downbeats_s[1] == pytest.approx(times[per_bar], abs=0.03)


def test_a_tempo_that_moves_is_followed() -> None:
    gaps = 60 / np.linspace(90, 130, 40)
    times = 0.5 + np.concatenate([[0], np.cumsum(gaps)])
    found = decoded(chances(times, 4, float(times[-1]) + 1), RATE)
    assert found is not None
    hits = [np.abs(found.times_s - t).min() < 0.07 for t in times]
    assert np.mean(hits) > 0.95


def test_a_pickup_does_not_move_the_barlines() -> None:
    times = np.arange(0.2, 16, 0.5)
    found = decoded(chances(times, 4, 17.0, first=3), RATE)
    assert found is not None
    assert found.downbeats_s[0] == pytest.approx(times[3], abs=0.03)


@pytest.mark.parametrize("level", [0.0, 0.05])
def test_nothing_likely_is_no_beat(level: float) -> None:
    assert decoded(np.full((500, 2), level), RATE) is None


def test_thirds_of_the_beat_are_told_from_halves() -> None:
    beats = np.arange(0.5, 10, 0.6)
    for shares, truth in (((0, 1 / 3, 2 / 3), True), ((0, 0.5), False), ((0, 0.25, 0.5, 0.75), False), ((0,), False)):
        strength = np.zeros(1100)
        for beat in beats:
            for share in shares:
                strength[round((beat + share * 0.6) * 100)] = 1.0
        assert divides_in_three(strength, 100.0, beats) is truth


def test_chords_change_on_beats_and_a_moment_of_doubt_is_smoothed() -> None:
    log = np.full((100, 25), np.log(0.01))
    log[:50, 0], log[50:, 21] = np.log(0.8), np.log(0.8)
    log[20:22] = np.log(0.04)
    log[20:22, 7] = np.log(0.3)
    spans = chord_spans(log, 10.0, np.arange(0, 10, 0.5), np.arange(0, 10, 2.0), 10.0)
    assert [(round(s, 1), round(e, 1), label(c)) for s, e, c in spans] == [(0, 5, "C"), (5, 10, "Am")]


def test_chords_without_beats_cover_the_recording() -> None:
    spans = chord_spans(np.log(np.full((50, 25), 0.04)), 10.0, np.zeros(0), np.zeros(0), 5.0)
    assert (spans[0][0], spans[-1][1]) == (0.0, 5.0)
    assert label(24) == "N.C."
