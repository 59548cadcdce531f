"""shift_pitch: pitch within 5 cents, length exact."""

from __future__ import annotations

import numpy as np
import pytest


@pytest.mark.parametrize("semitones", [-12, -5, -0.5, 0.3, 3, 7, 12])
@pytest.mark.parametrize("hertz", [220.0, 700.0])
def test_pitch_moves_by_the_semitones_and_length_stays(call_tool, recording, heard, pitch_of, semitones, hertz):
    tone = 0.5 * np.sin(2 * np.pi * hertz * np.arange(44100 * 3) / 44100)[:, None]
    args = {"audio": "a1", "semitones": semitones}
    samples, rate = heard(call_tool("shift_pitch", args, attach=[recording(samples=tone)]))
    assert len(samples) == 3 * rate
    cents = 1200 * np.log2(pitch_of(samples[rate // 2 : -rate // 2, 0], rate) / hertz) - 100 * semitones
    assert abs(cents) < 5


def test_no_shift_changes_nothing(call_tool, recording, heard):
    path = recording()
    samples, _ = heard(call_tool("shift_pitch", {"audio": "a1", "semitones": 0}, attach=[path]))
    before, _ = heard(call_tool("trim_audio", {"audio": "a1"}))
    assert np.array_equal(samples, before)


def test_beats_stay_where_they_were(call_tool, recording, heard):
    clicks = np.zeros((44100 * 3, 1))
    for at in range(11025, 44100 * 3 - 11025, 22050):
        clicks[at : at + 100, 0] = np.hanning(100) * 0.9
    samples, _ = heard(call_tool("shift_pitch", {"audio": "a1", "semitones": 4}, attach=[recording(samples=clicks)]))
    level = np.convolve(np.abs(samples[:, 0]), np.ones(300), "same")
    for at in range(11025, 44100 * 3 - 11025, 22050):
        near = level[at - 4410 : at + 4410]
        assert abs(int(near.argmax()) - 4410) < 0.01 * 44100
