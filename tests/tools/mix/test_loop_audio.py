"""loop_audio: exact passes, inaudible seams, tails over the start."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile

from tools.errors import UserError


@pytest.mark.parametrize("crossfade_s", [0.01, 0.05, 0.4])
def test_the_seam_is_no_rougher_than_the_rest(call_tool, recording, heard, crossfade_s):
    times = np.arange(44100 * 3) / 44100
    path = recording(samples=0.5 * np.sin(2 * np.pi * 221.3 * times)[:, None])  # ends in mid-wave
    call = call_tool("loop_audio", {"audio": "a1", "times": 3, "crossfade_s": crossfade_s}, attach=[path])
    samples, rate = heard(call)
    one = round(call.data["loop_s"] * rate)
    assert len(samples) == 3 * one == 3 * (len(times) - round(crossfade_s * rate))
    assert np.array_equal(samples[:one], samples[one : 2 * one])
    steps = np.abs(np.diff(samples[:, 0]))
    for seam in (one, 2 * one):
        assert steps[seam - 3 : seam + 3].max() <= 1.05 * np.percentile(steps, 99.9)
    assert call.artifacts[0].facts["loop"] is True


def test_what_joins_smoothly_already_is_repeated_as_it_is(call_tool, recording):
    period = np.sin(2 * np.pi * np.arange(44100) / 44100 * 200)[:, None] * 0.5
    path = recording(samples=period)
    call = call_tool("loop_audio", {"audio": "a1", "times": 4}, attach=[path])
    before, after = soundfile.read(path, dtype="int32")[0], soundfile.read(call.file("audio"), dtype="int32")[0]
    assert np.array_equal(after, np.tile(before, 4))


def test_passes_can_be_whole_bars_and_the_tail_flows_over_the_start(call_tool, recording, heard):
    call = call_tool("loop_audio", {"audio": "a1", "times": 2, "loop_s": 60 / 97 * 4}, attach=[recording()])
    samples, rate = heard(call)
    assert len(samples) == 2 * round(60 / 97 * 4 * rate)


def test_a_length_is_filled_to_the_sample_and_ends_softly(call_tool, recording, heard):
    samples, rate = heard(call_tool("loop_audio", {"audio": "a1", "duration_s": 10.37}, attach=[recording()]))
    assert len(samples) == round(10.37 * rate)
    assert np.abs(samples[-3:]).max() < 1e-3


def test_wrong_wishes_are_explained(call_tool, recording):
    with pytest.raises(UserError, match="both given"):
        call_tool("loop_audio", {"audio": "a1", "times": 2, "duration_s": 9}, attach=[recording()])
    with pytest.raises(UserError, match="too short for passes"):
        call_tool("loop_audio", {"audio": "a1", "loop_s": 60})
    tone = recording("tone.wav", samples=0.5 * np.sin(np.arange(44100) * 0.05)[:, None])
    with pytest.raises(UserError, match="smaller crossfade_s"):
        call_tool("loop_audio", {"audio": "a2", "crossfade_s": 0.9}, attach=[tone])
