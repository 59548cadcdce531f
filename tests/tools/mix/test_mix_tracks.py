"""mix_tracks: sums, levels, pans, starts, loudness."""

from __future__ import annotations

import numpy as np
import pyloudnorm
import pytest
import soundfile

from tools.errors import UserError


def test_a_plain_mix_is_the_sum(call_tool, recording, heard):
    paths = [recording("a.wav"), recording("b.wav", seconds=3, seed=4)]
    quarter = [-12.0412, -12.0412]
    samples, rate = heard(call_tool("mix_tracks", {"audio": ["a1", "a2"], "gains_db": quarter}, attach=paths))
    first, second = (soundfile.read(p, always_2d=True)[0] for p in paths)
    expected = first / 4
    expected[: 3 * rate] += second / 4
    assert np.allclose(samples, expected, atol=1e-5)


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize(("pan", "left", "right"), [(-1, 2, 0), (0, 1, 1), (1, 0, 2)])
def test_pans_keep_the_power(call_tool, recording, heard, channels, pan, left, right):
    tone = np.repeat(0.3 * np.sin(np.arange(44100) * 0.05)[:, None], channels, axis=1)
    samples, _ = heard(call_tool("mix_tracks", {"audio": ["a1"], "pans": [pan]}, attach=[recording(samples=tone)]))
    power = np.square(samples).mean(axis=0) / np.square(tone[:, 0]).mean()
    assert power == pytest.approx([left, right], abs=0.01)


def test_starts_place_each_recording(call_tool, recording, heard):
    tone = 0.4 * np.ones((22050, 1))
    paths = [recording("a.wav", samples=tone), recording("b.wav", samples=tone)]
    samples, _ = heard(call_tool("mix_tracks", {"audio": ["a1", "a2"], "starts_s": [0, 1.5]}, attach=paths))
    assert len(samples) == 66150 + 22050
    assert np.all(samples[22050:66150] == 0)
    assert np.allclose(samples[66150:], 0.4, atol=1e-4)


def test_loudness_is_matched_and_set(call_tool, recording, heard):
    loud, soft = recording("loud.wav"), recording("soft.wav", samples=0.01 * np.sin(np.arange(176400) * 0.05)[:, None])
    args = {"audio": ["a1", "a2"], "match_loudness": True, "loudness_lufs": -18, "pans": [-1, 1]}
    samples, rate = heard(call_tool("mix_tracks", args, attach=[loud, soft]))
    meter = pyloudnorm.Meter(rate)
    assert meter.integrated_loudness(samples) == pytest.approx(-18, abs=0.1)
    apart = meter.integrated_loudness(samples[:, :1]) - meter.integrated_loudness(samples[:, 1:])
    assert abs(apart) < 3.1  # the pan law folds a stereo track's one side away


def test_a_mix_over_full_scale_is_limited_and_said(call_tool, recording, heard):
    call = call_tool("mix_tracks", {"audio": ["a1", "a1", "a1"]}, attach=[recording()])
    samples, _ = heard(call)
    assert 0.8 < np.abs(samples).max() < 0.9
    assert "limited" in call.result.notes[0]


def test_lists_of_the_wrong_length_or_range_are_refused(call_tool, recording):
    with pytest.raises(UserError, match="gains_db has 1 values for 2"):
        call_tool("mix_tracks", {"audio": ["a1", "a1"], "gains_db": [0]}, attach=[recording()])
    with pytest.raises(UserError, match="pans: 3 is outside"):
        call_tool("mix_tracks", {"audio": ["a1"], "pans": [3]})
