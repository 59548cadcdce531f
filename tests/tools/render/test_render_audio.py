"""render_audio: exact length, loudness, dynamics, seams, errors."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pyloudnorm
import pytest
import soundfile
from scipy import signal

from tools.errors import LimitExceeded, UserError
from tools.kit.score import Bend, Control, Note, Score, Track, write_midi
from tools.kit.theory.meter import Meter


def _phrase(program: int = 0, velocity: int = 80, bars: int = 4, pitch: int = 60) -> Track:
    notes = [Note(i, 1.0, pitch + (0, 4, 7, 12)[i % 4], velocity) for i in range(bars * 4)]
    return Track(f"part {program}", program, notes=notes)


@pytest.fixture
def midi(tmp_path: Path):
    def write(*tracks: Track, **maps) -> Path:
        path = tmp_path / f"piece{len(list(tmp_path.glob('*.mid')))}.mid"
        write_midi(Score(tracks=list(tracks), **maps), path)
        return path

    return write


def _read(call) -> tuple[np.ndarray, int]:
    return soundfile.read(call.file("audio"), always_2d=True)


@pytest.mark.parametrize("target", [-14.0, -18.0, -23.0])
@pytest.mark.parametrize("programs", [(0,), (40, 42), (73, 24, 33)])
def test_loudness_is_reached_and_peaks_stay_under_the_ceiling(call_tool, midi, programs, target):
    call = call_tool(
        "render_audio", {"music": "a1", "loudness_lufs": target}, attach=[midi(*(_phrase(p) for p in programs))]
    )
    samples, rate = _read(call)
    assert pyloudnorm.Meter(rate).integrated_loudness(samples) == pytest.approx(target, abs=0.1)
    peak = np.abs(signal.resample_poly(samples, 4, 1, axis=0)).max()
    assert 20 * np.log10(peak) < -1.0


def test_the_file_ends_at_the_end_of_the_last_bar(call_tool, midi):
    call = call_tool("render_audio", {"music": "a1"}, attach=[midi(_phrase(bars=4))])
    samples, rate = _read(call)
    assert len(samples) == 8 * rate  # 16 quarters at 120
    assert np.abs(samples[-10:]).max() < 1e-3


@pytest.mark.parametrize("duration_s", [3.0, 8.0, 8.337, 11.25])
@pytest.mark.parametrize("rate", [48000, 44100])
def test_an_asked_length_is_exact_to_the_sample(call_tool, midi, duration_s, rate):
    call = call_tool(
        "render_audio", {"music": "a1", "duration_s": duration_s, "rate": rate}, attach=[midi(_phrase(bars=4))]
    )
    samples, got = _read(call)
    assert (got, len(samples)) == (rate, round(duration_s * rate))
    assert bool(call.result.notes) == (duration_s == 3.0)  # cutting music off is said


def test_the_brief_gives_loudness_and_length(call_tool, midi):
    brief = {"loudness_lufs": -20.0, "duration_s": 9.5}
    call = call_tool("render_audio", {"music": "a1", "brief": brief}, attach=[midi(_phrase(bars=4))])
    samples, rate = _read(call)
    assert len(samples) == round(9.5 * rate)
    assert pyloudnorm.Meter(rate).integrated_loudness(samples) == pytest.approx(-20, abs=0.1)


def test_a_brief_much_longer_than_the_music_is_not_filled_with_silence(call_tool, midi):
    call = call_tool("render_audio", {"music": "a1", "brief": {"duration_s": 60}}, attach=[midi(_phrase(bars=4))])
    assert call.data["duration_s"] == pytest.approx(8.0)


def test_louder_notes_sound_louder(call_tool, midi):
    track = _phrase(bars=4)
    for index, note in enumerate(track.notes):
        note.velocity = 30 + 6 * index
    samples, rate = _read(call_tool("render_audio", {"music": "a1"}, attach=[midi(track)]))
    levels = [np.sqrt((samples[i * rate : (i + 1) * rate] ** 2).mean()) for i in range(8)]
    assert all(b > a for a, b in itertools.pairwise(levels))
    assert levels[-1] > 3 * levels[0]


def test_volume_pan_pedal_and_bend_are_played(call_tool, midi):
    plain, moved = _phrase(program=40, bars=2), _phrase(program=40, bars=2)
    moved.controls = [Control(0, 10, 0), Control(4, 11, 30)]
    left, rate = _read(call_tool("render_audio", {"music": "a1"}, attach=[midi(moved)]))
    assert np.square(left[:, 0]).sum() > 10 * np.square(left[:, 1]).sum()
    assert np.square(left[: 2 * rate]).sum() > 10 * np.square(left[2 * rate :]).sum()
    short = Track("p", 0, notes=[Note(0, 0.25, 60, 90), Note(7.5, 0.5, 90, 20)])
    held = Track("p", 0, notes=list(short.notes), controls=[Control(0, 64, 127), Control(4, 64, 0)])
    dry, _ = _read(call_tool("render_audio", {"music": "a2"}, attach=[midi(short)]))
    wet, _ = _read(call_tool("render_audio", {"music": "a3"}, attach=[midi(held)]))
    second = slice(rate // 2, rate)
    assert np.abs(wet[second]).max() > 5 * np.abs(dry[second]).max()
    plain.bends = [Bend(0, 8191)]
    bent, _ = _read(call_tool("render_audio", {"music": "a4"}, attach=[midi(plain)]))
    spectrum = np.abs(np.fft.rfft(bent[rate // 8 : rate // 2, 0], rate))
    assert np.argmax(spectrum[200:400]) + 200 == pytest.approx(293.7, abs=4)  # C4 bent up a tone is D4


def test_a_loop_is_bar_exact_and_its_seam_no_rougher_than_the_rest(call_tool, midi):
    path = midi(_phrase(program=48, bars=4), tempi=[(0.0, 97.0)], meters=[(0.0, Meter(4, 4))])
    for rate in (48000, 44100):
        attach = [path] if rate == 48000 else []
        samples, _ = _read(call_tool("render_audio", {"music": "a1", "loop": True, "rate": rate}, attach=attach))
        assert len(samples) == round(16 * 60 / 97 * rate)
        twice = np.concatenate([samples, samples])[:, 0]
        steps = np.abs(np.diff(twice, n=2))
        seam = steps[len(samples) - 3 : len(samples) + 2].max()
        assert seam <= np.percentile(steps, 99.9)


def test_stems_add_up_to_the_mix(call_tool, midi):
    kit = Track("kit", 0, True, notes=[Note(i, 0.2, 38, 90) for i in range(16)])
    path = midi(_phrase(0), _phrase(33, pitch=36), kit)
    call = call_tool("render_audio", {"music": "a1", "stems": True, "loudness_lufs": -24}, attach=[path])
    mix, *stems = [soundfile.read(a.path)[0] for a in call.artifacts]
    assert len(stems) == 3
    assert len(call.data["stems"]) == 3
    assert np.abs(sum(stems) - mix).max() < 1e-4


def test_quiet_and_crowded_scores_keep_their_balance(call_tool, midi):
    crowd = [Track(f"t{p}", 48, notes=[Note(0, 8, 36 + 2 * p + k * 24, 127) for k in range(3)]) for p in range(20)]
    samples, _ = _read(call_tool("render_audio", {"music": "a1"}, attach=[midi(*crowd)]))
    assert np.abs(samples).max() < 0.9
    quiet, _ = _read(call_tool("render_audio", {"music": "a2"}, attach=[midi(_phrase(73, velocity=10))]))
    assert len(np.unique(np.round(quiet[:48000, 0] * 2**23))) > 1000  # 16-bit steps would be some fifty


def test_the_same_score_gives_the_same_bytes(call_tool, midi):
    path = midi(_phrase(0), _phrase(40))
    first = call_tool("render_audio", {"music": "a1"}, attach=[path])
    second = call_tool("render_audio", {"music": "a1"})
    assert first.artifacts[0].sha256 == second.artifacts[0].sha256
    assert first.artifacts[0].facts["soundfont"] == "TimGM6mb"
    assert first.artifacts[0].facts["soundfont_licence"] == "GPL-2.0"


def test_flac_is_written_on_request(call_tool, midi):
    call = call_tool("render_audio", {"music": "a1", "format": "flac"}, attach=[midi(_phrase())])
    assert soundfile.info(call.file("audio")).format == "FLAC"
    assert soundfile.info(call.file("audio")).subtype == "PCM_24"


def test_a_musicxml_score_is_played(call_tool, tmp_path):
    from music21 import converter

    path = tmp_path / "tune.musicxml"
    converter.parse("tinynotation: 3/4 c4 e g c'2.").write("musicxml", fp=path)
    assert call_tool("render_audio", {"music": "a1"}, attach=[path]).data["duration_s"] == pytest.approx(3.0)


def test_bad_scores_are_refused_in_one_line(call_tool, midi, tmp_path):
    with pytest.raises(UserError, match="no notes"):
        call_tool("render_audio", {"music": "a1"}, attach=[midi(Track("empty"))])
    endless = midi(Track("drone", 48, notes=[Note(0, 1, 60, 80), Note(1, 20000, 62, 80)]))
    with pytest.raises(LimitExceeded, match=r"longest note.*crop"):
        call_tool("render_audio", {"music": "a2"}, attach=[endless])


def test_a_loop_sounds_as_the_piece_played_on(call_tool, midi):
    once = _phrase(program=0, bars=2)
    again = [Note(n.start + 8 * k, n.duration, n.pitch, n.velocity) for k in (0, 1, 2) for n in once.notes]
    twice = Track("p", 0, notes=again)
    loop, rate = _read(call_tool("render_audio", {"music": "a1", "loop": True}, attach=[midi(once)]))
    played, _ = _read(call_tool("render_audio", {"music": "a2"}, attach=[midi(twice)]))
    second = played[4 * rate : 8 * rate]
    scale = float((second * loop).sum() / np.square(loop).sum())
    assert np.square(second - scale * loop).mean() < 1e-3 * np.square(second).mean()


def test_a_soundfont_is_chosen_by_name_or_path_and_a_wrong_one_named(call_tool, midi, tmp_path):
    from tools.kit.synth import load_soundfont

    own = tmp_path / "Mine.sf2"
    own.write_bytes(load_soundfont().data)
    path = midi(_phrase(0))
    first = call_tool("render_audio", {"music": "a1", "soundfont": "shipped"}, attach=[path])
    second = call_tool("render_audio", {"music": "a1", "soundfont": str(own)})
    assert [c.data["soundfont"] for c in (first, second)] == ["TimGM6mb", "Mine"]
    assert first.artifacts[0].sha256 == second.artifacts[0].sha256
    with pytest.raises(UserError, match="no SoundFont 'Nothing'"):
        call_tool("render_audio", {"music": "a1", "soundfont": "Nothing"})
