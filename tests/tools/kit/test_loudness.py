"""Loudness against the published test signals and pyloudnorm; the limiter against its promises."""

from __future__ import annotations

import numpy as np
import pyloudnorm
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import signal

from tools.errors import UserError
from tools.kit import loudness

RATE = 48000


def _sine(level_db: float, seconds: float, hertz: float = 1000.0, channels: int = 2) -> np.ndarray:
    wave = 10 ** (level_db / 20) * np.sin(2 * np.pi * hertz * np.arange(round(RATE * seconds)) / RATE)
    return np.repeat(wave[:, None], channels, axis=1).astype(np.float32)


@pytest.mark.parametrize(
    ("levels", "expected"),
    [  # EBU Tech 3341, cases 1 to 5: level in dBFS and seconds
        ([(-23, 20)], -23.0),
        ([(-33, 20)], -33.0),
        ([(-36, 10), (-23, 60), (-36, 10)], -23.0),
        ([(-72, 10), (-36, 10), (-23, 60), (-36, 10), (-72, 10)], -23.0),
        ([(-26, 20), (-20, 20.1), (-26, 20)], -23.0),
    ],
)
def test_ebu_tech_3341_signals_measure_as_published(levels, expected):
    samples = np.concatenate([_sine(level, seconds) for level, seconds in levels])
    assert loudness.integrated_lufs(samples, RATE) == pytest.approx(expected, abs=0.1)


@pytest.mark.parametrize(
    ("levels", "expected"),
    [  # EBU Tech 3342, cases 1 to 3
        ((-20, -30), 10.0),
        ((-20, -15), 5.0),
        ((-40, -20), 20.0),
    ],
)
def test_ebu_tech_3342_ranges_measure_as_published(levels, expected):
    samples = np.concatenate([_sine(level, 20) for level in levels])
    assert loudness.loudness_range(samples, RATE) == pytest.approx(expected, abs=1.0)


@pytest.mark.parametrize("seconds", [3.3, 30.0])
@pytest.mark.parametrize("rate", [8000, 22050, 44100, 48000])
def test_integrated_loudness_agrees_with_pyloudnorm(rate, seconds):
    rng = np.random.default_rng(0)
    swell = np.abs(np.sin(2 * np.arange(round(seconds * rate)) / rate))[:, None]
    for channels in (1, 2) if seconds < 10 else (2,):
        samples = (0.1 * rng.standard_normal((len(swell), channels)) * swell).astype("f4")
        reference = pyloudnorm.Meter(rate).integrated_loudness(samples.astype(np.float64))
        assert loudness.integrated_lufs(samples, rate) == pytest.approx(reference, abs=1e-9)


def test_true_peak_finds_what_lies_between_samples():
    times = np.arange(RATE)
    hidden = np.sin(np.pi / 2 * times + np.pi / 4) * np.hanning(RATE)  # samples miss every crest by 3 dB
    assert 20 * np.log10(np.abs(hidden).max()) == pytest.approx(-3.01, abs=0.01)
    assert loudness.true_peak_db(hidden[:, None].astype("f4"), RATE) == pytest.approx(0.0, abs=0.1)
    assert loudness.true_peak_db(np.zeros((100, 1), np.float32), RATE) == float("-inf")


@pytest.mark.parametrize("target", [-20.0, -12.0, -8.0])
def test_a_normalised_file_is_at_its_target_and_under_its_ceiling(target):
    rng = np.random.default_rng(2)
    swell = np.linspace(0.1, 0.5, RATE * 6)[:, None]
    samples = (signal.lfilter([0.3], [1, -0.7], rng.standard_normal((RATE * 6, 2)), axis=0) * swell).astype("f4")
    made, levels = loudness.normalised(samples, RATE, target)
    assert levels.reached
    assert pyloudnorm.Meter(RATE).integrated_loudness(made.astype("f8")) == pytest.approx(target, abs=0.1)
    assert 20 * np.log10(np.abs(signal.resample_poly(made, 4, 1, axis=0, padtype="line")).max()) < -0.99


def test_limiting_bends_the_gain_smoothly():
    samples = _sine(-20, 3, hertz=440)
    samples[RATE : RATE + 30] *= 8
    held, deepest = loudness.held_under(samples, RATE, ceiling_db=-10)
    gain = held[:, 0] / np.where(np.abs(samples[:, 0]) > 1e-3, samples[:, 0], np.nan)
    assert deepest == pytest.approx(8, abs=1.5)
    assert np.nanmax(np.abs(np.diff(gain))) < 0.01
    assert np.allclose(held[: RATE // 2], samples[: RATE // 2], atol=1e-7)


def test_a_loop_is_limited_round_its_seam():
    samples = _sine(-12, 2)
    samples[-5:] = 0.9
    made, _ = loudness.normalised(samples, RATE, -12.0, wrap=True)
    assert np.abs(made[:50]).max() < np.abs(made[RATE : RATE + 50]).max()  # gain is already down at the start


def test_curves_cover_the_file_and_silence_has_no_loudness():
    samples = np.concatenate([_sine(-20, 1), np.zeros((RATE, 2), np.float32)])
    curve = loudness.loudness_curve(samples, RATE)
    assert len(curve) == 17
    assert curve[0] == pytest.approx(-20, abs=0.2)
    assert curve[-1] < -60
    assert loudness.integrated_lufs(np.zeros((RATE, 1), np.float32), RATE) == float("-inf")
    with pytest.raises(UserError, match="silent"):
        loudness.normalised(np.zeros((RATE, 1), np.float32), RATE, -14)


def test_files_shorter_than_a_window_are_measured():
    assert loudness.integrated_lufs(_sine(-20, 0.05), RATE) == pytest.approx(-20, abs=2)
    made, levels = loudness.normalised(_sine(-30, 0.05), RATE, -16.0)
    assert levels.reached
    assert len(made) == RATE // 20


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 999), gain_db=st.floats(-12, 12), channels=st.sampled_from([1, 2]))
def test_a_gain_moves_loudness_by_itself_and_its_range_not_at_all(seed, gain_db, channels):
    samples = 0.1 * np.random.default_rng(seed).standard_normal((8000 * 2, channels))
    louder = samples * 10 ** (gain_db / 20)
    before, after = (loudness.integrated_lufs(s.astype("f4"), 8000) for s in (samples, louder))
    assert after - before == pytest.approx(gain_db, abs=1e-4)
    ranges = [loudness.loudness_range(s.astype("f4"), 8000) for s in (samples, louder)]
    assert ranges[1] == pytest.approx(ranges[0], abs=1e-4)


@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 999))
def test_the_same_sound_on_two_channels_is_three_decibels_louder(seed):
    mono = (0.1 * np.random.default_rng(seed).standard_normal((8000 * 2, 1))).astype("f4")
    stereo = np.repeat(mono, 2, axis=1)
    gained = loudness.integrated_lufs(stereo, 8000) - loudness.integrated_lufs(mono, 8000)
    assert gained == pytest.approx(10 * np.log10(2), abs=1e-9)
