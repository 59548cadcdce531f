"""trim_audio: exact to the sample, from both ends, with and without fades."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile

from tools.errors import UserError


@pytest.mark.parametrize(
    ("start", "end", "first", "last"),
    [
        (0.5, 2.25, 0.5, 2.25),
        (-1.5, None, 2.5, 4.0),
        (1.0, -0.5, 1.0, 3.5),
        (0.0, 99.0, 0.0, 4.0),
        (0.123, 0.124, 0.123, 0.124),
    ],
)
@pytest.mark.parametrize("subtype", ["PCM_16", "PCM_24"])
def test_what_is_kept_is_kept_bit_for_bit(call_tool, recording, start, end, first, last, subtype):
    path = recording(subtype=subtype)
    call = call_tool("trim_audio", {"audio": "a1", "start_s": start, "end_s": end}, attach=[path])
    before, rate = soundfile.read(path, dtype="int32")
    after, got = soundfile.read(call.file("audio"), dtype="int32")
    assert got == rate
    assert np.array_equal(after, before[round(first * rate) : round(last * rate)])


def test_cuts_fade_but_the_recordings_own_ends_do_not(call_tool, recording, heard):
    path = recording(samples=np.full((44100 * 2, 1), 0.5))
    samples, rate = heard(call_tool("trim_audio", {"audio": "a1", "start_s": 1, "fade_s": 0.2}, attach=[path]))
    assert samples[0, 0] < 1e-4
    assert np.allclose(samples[round(0.2 * rate) :, 0], 0.5, atol=1e-4)


def test_nothing_left_is_an_error(call_tool, recording):
    with pytest.raises(UserError, match=r"lasts 4\.00 s.*keeps nothing"):
        call_tool("trim_audio", {"audio": "a1", "start_s": 9}, attach=[recording()])


def test_the_licence_and_parent_are_kept(call_tool, recording):
    artifact = call_tool("trim_audio", {"audio": "a1", "end_s": 1}, attach=[recording()]).artifacts[0]
    assert (artifact.parents, artifact.licence) == (["a1"], "unstated (attached)")
