"""Metrics on a recording: against independent computations on real clips, at the edges, and on spoilt music."""

from __future__ import annotations

import math
import statistics
from fractions import Fraction
from itertools import groupby

import av
import numpy as np
import pyloudnorm
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import signal

from tools.errors import UserError
from tools.kit.metrics.audio import MEASURES, evaluate, evaluate_samples
from tools.kit.metrics.audio.clip import Clip
from tools.kit.metrics.audio.form import structure_profile
from tools.kit.metrics.registry import metrics

RATE = 48000


def measure(name, samples, rate=RATE):
    return MEASURES[name](Clip.of(samples, rate))


def tone(hertz=440.0, seconds=3.0, level=0.5, rate=RATE):
    return (level * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)).astype(np.float32)


def noise(seconds=3.0, level=0.01, channels=2, seed=0):
    return (np.random.default_rng(seed).standard_normal((round(seconds * RATE), channels)) * level).astype(np.float32)


def as_mp3(samples, path, kbps=32):
    with av.open(str(path), "w", format="mp3") as container:
        stream = container.add_stream("libmp3lame", rate=RATE, layout="stereo", bit_rate=kbps * 1000)
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples.T), format="fltp", layout="stereo")
        frame.sample_rate, frame.time_base = RATE, Fraction(1, RATE)
        for packet in (*stream.encode(frame), *stream.encode(None)):
            container.mux(packet)
    return path


# -- every metric -----------------------------------------------------------------------------------------------------


def test_every_measure_is_declared_and_every_declared_one_is_measured():
    declared = {name for name, found in metrics().items() if found.family == "audio"}
    assert set(MEASURES) == declared


def test_values_of_real_music_lie_within_their_declared_bounds(openings, rag):
    for samples in (*list(openings.values())[:6], rag):
        for name, value in evaluate_samples(samples, RATE).items():
            declared = metrics()[name]
            assert value is None or math.isfinite(value), name
            assert value is None or declared.low is None or value >= declared.low - 1e-9, name
            assert value is None or declared.high is None or value <= declared.high + 1e-9, name


def test_a_file_and_its_samples_measure_the_same(openings, tmp_path):
    samples = openings["bach-bwv66.6"]
    soundfile.write(tmp_path / "a.wav", samples, RATE, subtype="FLOAT")
    assert evaluate(tmp_path / "a.wav") == pytest.approx(evaluate_samples(samples, RATE), nan_ok=False)


@pytest.mark.parametrize("rate", [8000, 22050, 44100, 96000])
def test_sample_rates_from_telephone_to_studio_are_measured_at_their_own(rate, tmp_path):
    soundfile.write(tmp_path / "a.wav", tone(rate=rate), rate)
    found = evaluate(tmp_path / "a.wav")
    assert found["sample_peak_dbfs"] == pytest.approx(-6.02, abs=0.01)
    assert found["tuning_cents"] == pytest.approx(0, abs=0.5)


def test_silence_has_no_level_no_key_and_no_pulse():
    found = evaluate_samples(np.zeros((RATE, 2), np.float32), RATE)
    defined = {name: value for name, value in found.items() if value is not None}
    assert defined == {
        "clipping_share": 0, "silence_share": 1, "silence_leading_s": 1, "silence_trailing_s": 1, "dc_offset": 0,
    }  # fmt: skip


def test_one_sample_is_measured_without_inventing_music():
    found = evaluate_samples(np.ones((1, 1), np.float32), RATE)
    assert found["sample_peak_dbfs"] == 0
    for name in ("tempo_stability", "pulse_clarity", "key_clarity", "tuning_cents", "bandwidth_hz", "noise_floor_dbfs"):
        assert found[name] is None


@pytest.mark.parametrize(
    "bad",
    [np.zeros((0, 2), np.float32), np.zeros((2, 2, 2)), np.array([np.nan, 0.0]), np.array([np.inf]), np.array([1, 2])],
)
def test_malformed_samples_are_refused(bad):
    with pytest.raises(UserError):
        evaluate_samples(bad, RATE)


def test_files_that_are_no_recordings_are_refused(tmp_path):
    (tmp_path / "a.wav").write_bytes(b"RIFF none of it")
    with pytest.raises(UserError, match=r"a\.wav"):
        evaluate(tmp_path / "a.wav")
    with pytest.raises(UserError, match="rate"):
        evaluate_samples(np.ones(9, np.float32), 0)


@pytest.mark.parametrize("name", ["a.wav", "a.flac", "a.aiff"])
def test_a_file_that_is_cut_off_is_refused_and_a_whole_one_is_not(name, tmp_path):
    soundfile.write(tmp_path / name, noise(4.0), RATE)
    assert evaluate(tmp_path / name)["loudness_lufs"] is not None
    whole = (tmp_path / name).read_bytes()
    for kept in (len(whole) // 2, len(whole) // 10):
        (tmp_path / name).write_bytes(whole[:kept])
        with pytest.raises(UserError, match=r"cut off: its header states 4\.00 s"):
            evaluate(tmp_path / name)


@pytest.mark.parametrize("size", [0xFFFFFFFF, 0x7FFFFFFF])
def test_a_wav_written_to_a_pipe_leaves_its_length_open(size, tmp_path):
    soundfile.write(tmp_path / "a.wav", noise(1.0), RATE)
    whole = bytearray((tmp_path / "a.wav").read_bytes())
    at = whole.index(b"data") + 4
    whole[at : at + 4] = size.to_bytes(4, "little")
    (tmp_path / "a.wav").write_bytes(whole)
    assert evaluate(tmp_path / "a.wav")["loudness_lufs"] is not None


# -- level ------------------------------------------------------------------------------------------------------------


def test_loudness_agrees_with_pyloudnorm_on_real_clips(openings):
    meter = pyloudnorm.Meter(RATE)
    assert len(openings) >= 30
    for name, samples in openings.items():
        expected = meter.integrated_loudness(samples.astype(np.float64))
        assert measure("loudness_lufs", samples) == pytest.approx(expected, abs=1e-6), name


def test_true_peak_is_the_crest_between_the_samples_and_never_under_the_sample_peak(openings):
    quarter = np.sin(2 * np.pi * (np.arange(RATE) / 4 + 1 / 8)).astype(np.float32) * 0.5  # samples at 45 degrees
    assert measure("sample_peak_dbfs", quarter) == pytest.approx(20 * math.log10(0.5 * math.sqrt(0.5)), abs=1e-4)
    assert measure("true_peak_dbtp", quarter) == pytest.approx(20 * math.log10(0.5), abs=0.2)  # EBU Tech 3341
    for samples in openings.values():
        fine = np.abs(signal.resample_poly(samples, 16, 1, axis=0)).max()
        assert measure("true_peak_dbtp", samples) == pytest.approx(20 * math.log10(fine), abs=0.3)
        assert measure("true_peak_dbtp", samples) >= measure("sample_peak_dbfs", samples)


def test_loudness_range_is_the_step_between_two_levels():
    sound = np.r_[tone(1000, 20, 0.1), tone(1000, 20, 0.1 * 10 ** (-10 / 20))]
    assert measure("loudness_range_lu", sound) == pytest.approx(10, abs=1)  # EBU Tech 3342, test signal 1


def test_louder_music_moves_levels_by_its_gain_and_nothing_that_has_no_level(openings):
    samples = openings["verdi-ladonnaemobile"]
    before, after = evaluate_samples(samples, RATE), evaluate_samples(samples * np.float32(0.5), RATE)
    for name in ("loudness_lufs", "true_peak_dbtp", "sample_peak_dbfs"):
        assert after[name] - before[name] == pytest.approx(20 * math.log10(0.5), abs=1e-4)
    same = ("stereo_width", "phase_correlation", "tuning_cents", "tuning_consistency", "key_clarity", "key_strength",
            "bandwidth_hz", "structure_energy_db", "structure_variance_db")  # fmt: skip
    for name in same:
        assert after[name] == pytest.approx(before[name], rel=1e-3, abs=1e-3), name


# -- defects ----------------------------------------------------------------------------------------------------------


def runs(inside, least=3):
    """Samples in runs, one by one."""
    return sum(n for n in (len(list(g)) for on, g in groupby(inside) if on) if n >= least)


def test_defects_agree_with_a_count_sample_by_sample_on_real_clips(openings):
    for samples in list(openings.values())[:10]:
        spoilt = np.clip(samples * 12, -1, 1)[:24000]
        full = sum(runs((np.abs(column) >= 0.999).tolist()) for column in spoilt.T)
        assert measure("clipping_share", spoilt) == pytest.approx(full / spoilt.size, abs=1e-12)
        assert measure("flat_top_share", spoilt) == pytest.approx(measure("clipping_share", spoilt), rel=0.02)
        assert full > 0
        loud = [i for i, frame in enumerate(samples) if np.abs(frame).max() >= 1e-3]
        assert measure("silence_leading_s", samples) == pytest.approx(loud[0] / RATE, abs=1e-12)
        assert measure("silence_trailing_s", samples) == pytest.approx((len(samples) - 1 - loud[-1]) / RATE, abs=1e-12)
        blocks = [np.abs(samples[i : i + 2400]).max() < 1e-3 for i in range(0, len(samples), 2400)]
        assert measure("silence_share", samples) == pytest.approx(sum(blocks) / len(blocks), abs=1e-12)
        means = [math.fsum(column.tolist()) / len(column) for column in samples.T]
        assert measure("dc_offset", samples) == pytest.approx(max(map(abs, means)), abs=1e-9)


def test_clipping_is_seen_at_full_scale_and_flat_tops_at_any_level(openings):
    for name, samples in list(openings.items())[::3]:
        clipped = np.clip(samples, -0.3 * np.abs(samples).max(), 0.3 * np.abs(samples).max())
        full = clipped / np.abs(clipped).max()
        assert measure("clipping_share", samples) == 0
        assert measure("clipping_share", full) > 0.001, name
        assert measure("clipping_share", full * np.float32(0.5)) == 0
        assert measure("flat_top_share", full * np.float32(0.5)) > measure("flat_top_share", samples) + 0.001, name


@pytest.mark.parametrize("level_db", [-70, -50, -30])
@pytest.mark.parametrize("channels", [1, 2])
def test_noise_floor_is_the_level_of_white_noise(level_db, channels):
    assert measure("noise_floor_dbfs", noise(4, 10 ** (level_db / 20), channels)) == pytest.approx(level_db, abs=0.5)


def test_added_hiss_raises_the_noise_floor_to_itself(openings):
    hiss = noise(3, 10 ** (-40 / 20))
    for name, samples in openings.items():
        before, after = (
            measure("noise_floor_dbfs", samples),
            measure("noise_floor_dbfs", samples + hiss[: len(samples)]),
        )
        assert after > before + 3, name
        assert after == pytest.approx(-40, abs=4), name


def test_offset_is_measured_as_added():
    assert measure("dc_offset", tone(441) + np.float32(0.05)) == pytest.approx(0.05, abs=1e-4)


def test_bandwidth_is_where_a_filter_ends_the_sound():
    low = signal.firwin(2049, 5000, fs=RATE, window=("kaiser", 12.0))
    cut = signal.convolve(noise(3, 0.1, 1)[:, 0], low, "same")
    assert measure("bandwidth_hz", cut) == pytest.approx(5100, abs=200)
    assert measure("bandwidth_hz", noise(3, 0.1)) == pytest.approx(24000, abs=100)


@pytest.mark.parametrize("offset", [0.1, -0.3])
def test_an_offset_leaves_the_bandwidth_where_it_was(offset, openings):
    for samples in (noise(3, 0.01), openings["verdi-ladonnaemobile"]):
        assert measure("bandwidth_hz", samples + np.float32(offset)) == measure("bandwidth_hz", samples)
    assert measure("bandwidth_hz", np.full((RATE, 1), offset, np.float32)) is None


def test_mp3_at_32_kbps_takes_the_top_off(openings, tmp_path):
    lost = 0
    for name in list(openings)[::6]:
        original = np.clip(openings[name], -1, 1)
        after = evaluate(as_mp3(original, tmp_path / f"{name}.mp3"))["bandwidth_hz"]
        before = measure("bandwidth_hz", original)
        lost += after < before * 0.9
    assert lost == 6


# -- stereo -----------------------------------------------------------------------------------------------------------


def test_stereo_runs_from_mono_over_unrelated_sides_to_opposed_ones():
    one, other = noise(2, 0.1, 1, seed=1), noise(2, 0.1, 1, seed=2)
    for sides, width, phase in (
        (np.c_[one, one], 0, 1),
        (np.c_[one, other], 0.5, 0),
        (np.c_[one, -one], 1, -1),
        (one, 0, 1),
    ):
        assert measure("stereo_width", sides) == pytest.approx(width, abs=0.01)
        assert measure("phase_correlation", sides) == pytest.approx(phase, abs=0.02)
    alone = np.c_[one, 0 * one]
    assert measure("stereo_width", alone) == pytest.approx(0.5)
    assert measure("phase_correlation", alone) is None


def test_stereo_agrees_with_numpy_correlation_on_real_clips_without_offset(openings):
    for samples in openings.values():
        centred = samples - samples.mean(axis=0)
        expected = np.corrcoef(centred.astype(np.float64), rowvar=False)[0, 1]
        assert measure("phase_correlation", centred) == pytest.approx(expected, abs=1e-6)


# -- music ------------------------------------------------------------------------------------------------------------


def resampled(samples, cents):
    """The recording played faster or slower, so that it sounds that many cents higher."""
    count = round(len(samples) / 2 ** (cents / 1200))
    return np.asarray(signal.resample(samples, count), dtype=np.float32)


@pytest.mark.parametrize("cents", [-35, 20, 40])
def test_detuning_is_measured_in_cents(openings, cents):
    for name in ("bach-bwv66.6", "palestrina-agnus", "schubert-lindenbaum", "mozart-k155-movement2"):
        moved = measure("tuning_cents", resampled(openings[name], cents)) - measure("tuning_cents", openings[name])
        assert (moved - cents + 50) % 100 - 50 == pytest.approx(0, abs=4), name


def test_notes_out_of_tune_with_each_other_lower_tuning_consistency():
    rng = np.random.default_rng(4)
    pitches = rng.integers(55, 80, 24)

    def played(cents):
        notes = [tone(440 * 2 ** ((p - 69 + c / 100) / 12), 0.25, 0.3) for p, c in zip(pitches, cents, strict=True)]
        return np.concatenate([note * np.hanning(len(note)).astype(np.float32) for note in notes])

    tuned, detuned = (measure("tuning_consistency", played(c)) for c in (np.zeros(24), rng.uniform(-50, 50, 24)))
    assert tuned > 0.9
    assert detuned < 0.5


MAJOR = (5, 2, 3.5, 2, 4.5, 4, 2, 4.5, 2, 3.5, 1.5, 4)  # Temperley 1999
MINOR = (5, 2, 3.5, 4.5, 2, 4, 2, 4.5, 3.5, 2, 1.5, 4)


def test_key_strength_and_clarity_are_a_plain_count_of_24_correlations(openings):
    for name, samples in openings.items():
        clip = Clip.of(samples, RATE)
        weights = [sum(float(value) for value in row) for row in clip.chroma]
        fits = [
            statistics.correlation([profile[(c - tonic) % 12] for c in range(12)], weights)
            for profile in (MAJOR, MINOR)
            for tonic in range(12)
        ]
        first, second, *_ = sorted(fits, reverse=True)
        assert MEASURES["key_strength"](clip) == pytest.approx(first, abs=1e-9), name
        assert MEASURES["key_clarity"](clip) == pytest.approx(first - second, abs=1e-9), name


@settings(max_examples=12, deadline=None)
@given(gain_db=st.floats(-24, 6), piece=st.integers(0, 35), swap=st.booleans())
def test_a_gain_or_swapped_channels_change_nothing_that_has_no_level_or_side(openings, gain_db, piece, swap):
    samples = openings[sorted(openings)[piece]]
    other = samples * np.float32(10 ** (gain_db / 20))
    other = other[:, ::-1] if swap else other
    for name in ("key_clarity", "key_strength", "tuning_cents", "tuning_consistency", "stereo_width", "bandwidth_hz"):
        before, after = measure(name, samples), measure(name, other)
        assert after == pytest.approx(before, rel=1e-3, abs=1e-3), name
    assert measure("sample_peak_dbfs", other) - measure("sample_peak_dbfs", samples) == pytest.approx(gain_db, abs=1e-4)


def test_noise_blurs_key_and_pulse(rag):
    clear, blurred = evaluate_samples(rag, RATE), evaluate_samples(rag + noise(12, 0.3)[: len(rag)], RATE)
    assert clear["key_strength"] > blurred["key_strength"]
    assert clear["pulse_clarity"] > blurred["pulse_clarity"] + 0.1
    assert clear["tuning_consistency"] > blurred["tuning_consistency"] + 0.1


def test_a_click_is_steadier_than_clicks_that_stray():
    def clicks(times):
        sound = noise(16, 1e-4, 1)[:, 0]
        for at in times:
            start = round(at * RATE)
            sound[start : start + 480] += np.hanning(480).astype(np.float32) * 0.5
        return sound

    steady = 0.5 * np.arange(1, 30)
    strayed = steady + np.random.default_rng(3).uniform(-0.12, 0.12, len(steady))
    assert measure("tempo_stability", clicks(steady)) > 0.97
    assert measure("tempo_stability", clicks(strayed)) < measure("tempo_stability", clicks(steady)) - 0.02
    assert measure("pulse_clarity", clicks(strayed)) < measure("pulse_clarity", clicks(steady)) - 0.2


def test_too_few_beats_define_no_tempo_stability(openings):
    assert measure("pulse_clarity", noise(3)) is None
    assert measure("tempo_stability", tone()) is None


# -- form -------------------------------------------------------------------------------------------------------------


def test_form_by_energy_sees_an_arc_and_not_a_level_line():
    flat = noise(8, 0.1, 1)
    arc = flat * np.hanning(len(flat)).astype(np.float32)[:, None]
    assert measure("structure_energy_db", flat) == pytest.approx(0, abs=0.1)
    assert measure("structure_energy_db", arc) > 5
    assert measure("structure_variance_db", np.r_[flat[: len(flat) // 2], tone(seconds=4)[:, None] * 0.2]) > 2
    assert measure("structure_energy_db", tone(seconds=1)) is None


def test_profile_has_mean_and_variance_of_each_segment():
    steps = np.repeat([0.1, 0.2, 0.4, 0.8], RATE)[:, None].astype(np.float32) * np.sign(tone(1000, 4)[:, None] + 1e-9)
    energy, variance = structure_profile(Clip.of(steps, RATE), 4)
    assert energy == pytest.approx(np.array([1, 4, 16, 64]) / 64, rel=1e-5)
    assert variance == pytest.approx(np.zeros(4), abs=1e-9)
