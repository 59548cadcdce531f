"""The synthesizer: windows add up, balance survives rescaling, odd notes end."""

from __future__ import annotations

import numpy as np
import pytest

from tools.errors import LimitExceeded, UserError
from tools.kit import synth
from tools.kit.score import Control, Note, Score, Track


@pytest.fixture(scope="module")
def font():
    return synth.load_soundfont()


def _rms(samples: np.ndarray, start_s: float, end_s: float) -> float:
    part = samples[round(start_s * synth.RATE) : round(end_s * synth.RATE)]
    return float(np.sqrt(np.square(part).mean()))


def test_windows_add_up_to_the_whole(font, monkeypatch):
    notes = [Note(i * 0.75, 2.5, 55 + i % 13, 60 + i % 40) for i in range(30)]
    score = Score(tracks=[Track("p", 0, notes=notes, controls=[Control(5, 10, 20), Control(12, 7, 60)])])
    whole = synth.synthesise_mix(score, font)
    monkeypatch.setattr(synth, "_WINDOW_S", 3.0)
    pieces = synth.synthesise_mix(score, font)
    assert whole.shape == pieces.shape
    assert np.sqrt(np.square(whole - pieces).mean()) < 0.02 * np.sqrt(np.square(whole).mean())


def test_notes_begin_where_they_are_written(font):
    times = [0.0, 0.5, 1.0, 1.4, 2.0001, 3.33]
    kit = Track("k", 0, True, notes=[Note(2 * t, 0.1, 37, 120) for t in times])
    sound = np.abs(synth.synthesise_mix(Score(tracks=[kit]), font)).max(axis=1)
    delays = []
    for time in times:
        at = round(time * synth.RATE)
        near = sound[max(0, at - 48) : at + 480]
        delays.append((int(np.argmax(near > 0.2 * near.max())) + max(0, at - 48) - at) / synth.RATE)
    assert np.ptp(delays) < 0.0015
    assert max(delays) < 0.003


def test_a_part_that_would_clip_keeps_its_true_level(font):
    def chord(count: int) -> float:
        notes = [Note(0, 4, 40 + 2 * i, 127) for i in range(count)]
        return float(np.abs(synth.synthesise_mix(Score(tracks=[Track("s", 81, notes=notes)]), font)).max())

    assert chord(24) > 1.0
    assert chord(24) > 1.5 * chord(4)


def test_velocity_follows_the_curve_of_the_soundfont_standard(font):
    def level(velocity: int) -> float:
        track = Track("f", 73, notes=[Note(0, 2, 72, velocity)])
        return _rms(synth.synthesise_mix(Score(tracks=[track]), font), 0.2, 0.9)

    for velocity in (32, 64, 96):  # SoundFont 2.04, 8.4.1: 40 log10(127 / v) dB
        assert 20 * np.log10(level(127) / level(velocity)) == pytest.approx(40 * np.log10(127 / velocity), abs=2.5)


def test_notes_end_whatever_their_pedal_says(font):
    endless = Track("o", 19, notes=[Note(0, 1, 60, 90)], controls=[Control(0, 64, 127)])
    after = Track("p", 0, notes=[Note(4, 1, 60, 90)])
    sound = synth.synthesise_mix(Score(tracks=[endless, after]), font)
    assert len(sound) == round((2.5 + synth.TAIL_S) * synth.RATE)
    assert _rms(sound, 6.3, 6.5) < 1e-3


def test_a_repeated_note_is_struck_again(font):
    held = Track("p", 0, notes=[Note(0, 4, 60, 90), Note(2, 2, 60, 90)])
    sound = synth.synthesise_mix(Score(tracks=[held]), font)
    assert _rms(sound, 1.01, 1.11) > 1.5 * _rms(sound, 0.88, 0.98)


def test_each_track_sounds_alone_and_together_they_are_the_mix(font):
    tracks = [Track(f"t{p}", p, notes=[Note(i, 0.9, 60 + p % 12, 80) for i in range(4)]) for p in (0, 40, 73)]
    score = Score(tracks=[*tracks, Track("empty")])
    stems = synth.synthesise(score, font)
    assert [name for name, _ in stems] == ["t0", "t40", "t73"]
    assert np.abs(sum(s for _, s in stems) - synth.synthesise_mix(score, font)).max() < 1e-3


def test_limits_and_wrong_soundfonts_are_named(font, tmp_path, monkeypatch):
    with pytest.raises(UserError, match="no notes"):
        synth.check_playable(Score(), "empty.mid")
    monkeypatch.setattr(synth, "MAX_NOTES", 2)
    with pytest.raises(LimitExceeded, match="more than the 2"):
        synth.check_playable(Score(tracks=[Track("t", notes=[Note(i, 1, 60, 80) for i in range(3)])]), "three.mid")
    wrong = tmp_path / "font.sf2"
    wrong.write_bytes(b"RIFF....WAVE" * 9)
    with pytest.raises(UserError, match=r"font\.sf2 is no SoundFont"):
        synth.load_soundfont(wrong)
    with pytest.raises(UserError, match="cannot be read"):
        synth.load_soundfont(tmp_path / "none.sf2")
    broken = synth.SoundFont("broken", "x", b"RIFF\x00\x00\x00\x00sfbkjunk")
    with pytest.raises(UserError, match="cannot be played"):
        synth.synthesise_mix(Score(tracks=[Track("t", notes=[Note(0, 1, 60, 80)])]), broken)
