"""join_audio: exact length, no clicks, mixed rates and channels."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile

from tools.errors import UserError


def test_length_is_the_sum_less_the_crossfades_and_the_rest_is_untouched(call_tool, recording, heard):
    paths = [recording("a.wav"), recording("b.wav", seed=5), recording("c.wav", seconds=2, seed=9)]
    args = {"audio": ["a1", "a2", "a3"], "crossfade_s": 0.1}
    samples, rate = heard(call_tool("join_audio", args, attach=paths))
    assert len(samples) == 10 * rate - 2 * 4410
    first, _ = soundfile.read(paths[0], always_2d=True)
    assert np.array_equal(samples[: 4 * rate - 4410], first[: 4 * rate - 4410])


@pytest.mark.parametrize("crossfade_s", [0.005, 0.02, 0.5])
def test_no_join_jumps_more_than_the_music_around_it(call_tool, recording, heard, crossfade_s):
    rate = 44100
    times = np.arange(rate * 2) / rate
    low = recording("low.wav", samples=0.6 * np.sin(2 * np.pi * 220 * times + 0.3)[:, None])
    high = recording("high.wav", samples=0.6 * np.cos(2 * np.pi * 330 * times)[:, None])
    call = call_tool("join_audio", {"audio": ["a1", "a2"], "crossfade_s": crossfade_s}, attach=[low, high])
    samples, _ = heard(call)
    steps = np.abs(np.diff(samples[:, 0]))
    join = round(call.artifacts[0].facts["joins_s"][0] * rate)
    around = steps[join - 10 : join + round(crossfade_s * rate) + 10]
    assert around.max() <= (1.0 if crossfade_s <= 0.05 else 1.2) * np.percentile(steps, 99.9)


def test_the_level_holds_through_a_crossfade_of_related_and_unrelated_sounds(call_tool, recording, heard):
    rate = 44100
    noise = np.random.default_rng(3).standard_normal((3, rate * 2)) * 0.1
    for second in (noise[0], noise[1]):
        shifted = np.roll(second, rate)  # the last second of one is the first of the other
        paths = [recording("x.wav", samples=noise[0][:, None]), recording("y.wav", samples=shifted[:, None])]
        args = {"audio": ["a1", "a2"], "crossfade_s": 1.0}
        samples, _ = heard(call_tool("join_audio", args, attach=paths))
        power = np.square(samples[:, 0]).reshape(-1, 4410).mean(axis=1)
        assert power.max() < 1.25 * np.median(power)
        assert power.min() > 0.75 * np.median(power)


def test_rates_and_channels_may_differ(call_tool, recording, heard):
    paths = [recording("a.wav", rate=22050, channels=1), recording("b.wav", rate=48000)]
    samples, rate = heard(call_tool("join_audio", {"audio": ["a1", "a2"], "crossfade_s": 0.02}, attach=paths))
    assert (rate, samples.shape) == (48000, (8 * 48000 - 960, 2))


def test_too_short_a_recording_is_named(call_tool, recording):
    paths = [recording("long.wav"), recording("tiny.wav", seconds=0.05)]
    with pytest.raises(UserError, match=r"tiny\.wav.*crossfade_s"):
        call_tool("join_audio", {"audio": ["a1", "a2"], "crossfade_s": 1}, attach=paths)
