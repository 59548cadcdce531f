"""mux_video: the picture bit for bit, the sound in time, kept, ducked or dropped, in every container."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tools.errors import UserError
from tools.kit.audio import write_wav
from tools.kit.video import picture_span

Maker = Callable[..., Path]
Camera = Callable[..., list[Any]]
Call = Callable[..., Any]
RATE = 48_000
AAC_FRAME_S = 1024 / RATE


def packets(path: Path) -> list[tuple[str, float]]:
    """Hash and presentation time of every picture packet, in file order, times from the first frame on."""
    import av

    with av.open(str(path), options={"fflags": "+genpts"}) as container:
        stream = container.streams.video[0]
        read = [p for p in container.demux(stream) if p.size]
        found = [(hashlib.sha256(bytes(p)).hexdigest(), float(p.pts * p.time_base)) for p in read]
    start = min(at for _, at in found)
    return [(digest, round(at - start, 3)) for digest, at in found]


def sound_of(path: Path) -> Any:
    """The sound track as a player plays it: float32 [2, n] at 48 kHz from the picture's first frame on."""
    import av

    start_s, _ = picture_span(path)
    with av.open(str(path)) as container:
        resampler = av.AudioResampler(format="fltp", layout="stereo", rate=RATE)
        frames = list(container.decode(audio=0))
        first_s = float(frames[0].pts * frames[0].time_base) - start_s
        blocks = [b.to_ndarray() for f in frames for b in resampler.resample(f)]
    joined = np.concatenate(blocks, axis=1)
    ahead = round(first_s * RATE)
    return np.pad(joined, ((0, 0), (ahead, 0))) if ahead > 0 else joined[:, -ahead:]


def level_db(samples: Any, pitch_hz: float) -> float:
    """Level of one pitch in samples [2, n], dB of a full-scale sine."""
    wave = np.exp(-2j * np.pi * pitch_hz * np.arange(samples.shape[1]) / RATE)
    return float(20 * np.log10(2 * abs((samples[0] * wave).mean()) + 1e-9))


def clicks(path: Path, seconds: float, rate: int = 44_100) -> list[float]:
    """Write clicks, one every 0.7 s from 0.3 s on; their times."""
    times = np.arange(0.3, seconds - 0.1, 0.7)
    samples = np.zeros((round(seconds * rate), 2), np.float32)
    burst = np.random.default_rng(0).uniform(-0.5, 0.5, (300, 2)) * np.exp(-np.arange(300) / 60)[:, None]
    for at in times:
        samples[round(at * rate) : round(at * rate) + 300] = burst
    write_wav(path, samples, rate)
    return [float(t) for t in times]


def onsets_s(samples: Any) -> list[float]:
    """Moments at which the level leaves silence, in seconds."""
    loud = np.flatnonzero(np.abs(samples).max(axis=0) > 0.08)
    return [float(loud[i]) / RATE for i in range(len(loud)) if i == 0 or loud[i] - loud[i - 1] > RATE // 5]


@pytest.fixture
def music(tmp_path: Path, sine: Callable[..., Any]) -> Callable[..., Path]:
    """A sine of a length, as WAV."""

    def make(seconds: float, **how: Any) -> Path:
        write_wav(tmp_path / "music.wav", sine(seconds, **how).T, RATE)
        return tmp_path / "music.wav"

    return make


@pytest.mark.parametrize("name", ["bikes", "bigbuckbunny", "carphone_pristine"])
def test_picture_of_a_real_film_is_copied_bit_for_bit_and_sound_ends_with_it(
    name: str, films: dict[str, Path], music: Callable[..., Path], call_tool: Call
) -> None:
    made = call_tool("mux_video", {"video": "a1", "audio": "a2"}, attach=[films[name], music(12.0)])
    out = made.file("video")
    assert out.name == f"{name}-scored.mp4"
    assert packets(out) == packets(films[name])
    end_s = picture_span(films[name])[1]
    assert made.data["duration_s"] == pytest.approx(end_s, abs=0.001)
    assert end_s - 0.001 <= sound_of(out).shape[1] / RATE <= end_s + AAC_FRAME_S


@pytest.mark.parametrize(
    ("name", "how", "suffix"),
    [
        ("a.mp4", {}, ".mp4"),
        ("a.mov", {}, ".mov"),
        ("a.mkv", {}, ".mkv"),
        ("a.webm", {"codec": "libvpx-vp9", "options": {"deadline": "realtime", "cpu-used": "8"}}, ".webm"),
        ("a.avi", {"codec": "mpeg4"}, ".mp4"),
        ("a.mpg", {"codec": "mpeg2video"}, ".mkv"),
    ],
)
def test_every_container_keeps_picture_times_and_music_in_time(
    name: str,
    how: dict[str, Any],
    suffix: str,
    make_film: Maker,
    camera: Camera,
    photos: dict[str, Path],
    tmp_path: Path,
    call_tool: Call,
) -> None:
    film = make_film(name, camera(photos["china"], 50), **how)
    times = clicks(tmp_path / "clicks.wav", 2.0)
    made = call_tool("mux_video", {"video": "a1", "audio": "a2"}, attach=[film, tmp_path / "clicks.wav"])
    out = made.file("video")
    assert out.suffix == suffix
    assert packets(out) == packets(film)
    assert onsets_s(sound_of(out)) == pytest.approx(times, abs=0.015)
    assert (out.suffix == film.suffix) != any("became" in note for note in made.result.notes)


def test_rotation_and_variable_frame_times_survive(
    make_film: Maker, camera: Camera, photos: dict[str, Path], music: Callable[..., Path], call_tool: Call
) -> None:
    import av

    times = [0.0, *np.cumsum(np.random.default_rng(0).choice([0.02, 0.05, 0.1], 29)).tolist()]
    film = make_film("phone.mp4", camera(photos["china"], 30), times=times, rotation=-90)
    out = call_tool("mux_video", {"video": "a1", "audio": "a2"}, attach=[film, music(2.0)]).file("video")
    with av.open(str(out)) as container:
        assert next(container.decode(video=0)).rotation == -90
    assert packets(out) == packets(film)


def test_mp4_can_be_played_while_it_loads(films: dict[str, Path], music: Callable[..., Path], call_tool: Call) -> None:
    made = call_tool("mux_video", {"video": "a1", "audio": "a2"}, attach=[films["carphone_pristine"], music(4.0)])
    content = made.file("video").read_bytes()
    assert 0 < content.find(b"moov") < content.find(b"mdat")


def test_own_sound_is_kept_ducked_where_music_sounds_or_dropped(
    make_film: Maker,
    camera: Camera,
    photos: dict[str, Path],
    sine: Callable[..., Any],
    music: Callable[..., Path],
    call_tool: Call,
) -> None:
    film = make_film("talk.mp4", camera(photos["china"], 150), sound=sine(6.0, pitch_hz=300, level=0.2))
    song = music(3.0, pitch_hz=1000, level=0.2)
    levels = {}
    for number, mode in enumerate(("keep", "duck", "drop")):
        args = {"video": f"a{2 * number + 1}", "audio": f"a{2 * number + 2}", "original_sound": mode}
        sound = sound_of(call_tool("mux_video", args, attach=[film, song]).file("video"))
        under, after = sound[:, RATE : 2 * RATE], sound[:, 5 * RATE : round(5.9 * RATE)]
        levels[mode] = (level_db(under, 300), level_db(after, 300), level_db(under, 1000))
    assert levels["keep"][0] == pytest.approx(-14.0, abs=0.5)
    assert levels["duck"][0] == pytest.approx(-26.0, abs=0.8)
    assert levels["duck"][1] == pytest.approx(-14.0, abs=0.8)
    assert levels["drop"][0] < -60
    assert all(level[2] == pytest.approx(-14.0, abs=0.5) for level in levels.values())


def test_music_is_turned_down_where_the_own_sound_is_in_the_foreground(
    make_film: Maker,
    camera: Camera,
    photos: dict[str, Path],
    sine: Callable[..., Any],
    music: Callable[..., Path],
    call_tool: Call,
) -> None:
    film = make_film("talk.mp4", camera(photos["china"], 150), sound=sine(3.0, pitch_hz=300, level=0.2))
    args = {"video": "a1", "audio": "a2", "original_sound": "foreground"}
    made = call_tool("mux_video", args, attach=[film, music(6.0, pitch_hz=1000, level=0.2)])
    sound = sound_of(made.file("video"))
    under, after = sound[:, RATE : 2 * RATE], sound[:, 5 * RATE : round(5.9 * RATE)]
    assert level_db(under, 300) == pytest.approx(-14.0, abs=0.5)
    assert level_db(under, 1000) == pytest.approx(-26.0, abs=0.8)
    assert level_db(after, 1000) == pytest.approx(-14.0, abs=0.8)
    assert "music turned down" in made.result.summary


def test_own_sound_is_ducked_unless_said_and_a_silent_film_says_that_there_was_none(
    films: dict[str, Path], music: Callable[..., Path], call_tool: Call
) -> None:
    song = music(2.0)
    with_sound = call_tool("mux_video", {"video": "a1", "audio": "a2"}, attach=[films["bigbuckbunny"], song])
    assert with_sound.data["original_sound"] == "duck"
    args = {"video": "a3", "audio": "a4", "original_sound": "keep"}
    without = call_tool("mux_video", args, attach=[films["carphone_pristine"], song])
    assert without.data["original_sound"] == "drop"
    assert any("no sound of its own" in note for note in without.result.notes)


def test_a_loud_mix_is_turned_down_and_not_clipped(
    make_film: Maker,
    camera: Camera,
    photos: dict[str, Path],
    sine: Callable[..., Any],
    music: Callable[..., Path],
    call_tool: Call,
) -> None:
    film = make_film("loud.mp4", camera(photos["china"], 50), sound=sine(2.0, pitch_hz=440, level=0.9))
    args = {"video": "a1", "audio": "a2", "original_sound": "keep"}
    made = call_tool("mux_video", args, attach=[film, music(2.0, pitch_hz=440, level=0.9)])
    assert made.data["mix_gain_db"] == pytest.approx(-20 * np.log10(1.8) - 1, abs=0.3)
    assert np.abs(sound_of(made.file("video"))).max() < 1.0


def test_music_gain_moves_the_music(films: dict[str, Path], music: Callable[..., Path], call_tool: Call) -> None:
    args = {"video": "a1", "audio": "a2", "music_gain_db": -10.0}
    made = call_tool("mux_video", args, attach=[films["carphone_pristine"], music(4.0, pitch_hz=1000, level=0.5)])
    assert level_db(sound_of(made.file("video"))[:, RATE : 2 * RATE], 1000) == pytest.approx(-16.0, abs=0.5)


def test_music_that_is_too_long_fades_at_the_end_and_too_short_is_padded(
    films: dict[str, Path], music: Callable[..., Path], call_tool: Call
) -> None:
    film = films["carphone_pristine"]
    long = call_tool("mux_video", {"video": "a1", "audio": "a2"}, attach=[film, music(9.0)])
    ending = sound_of(long.file("video"))[0, round(3.95 * RATE) : round(4.004 * RATE)]
    assert np.abs(ending[:480]).max() > 0.2
    assert np.abs(ending[-96:]).max() < 0.05
    short = call_tool("mux_video", {"video": "a3", "audio": "a4"}, attach=[film, music(1.5)])
    sound = sound_of(short.file("video"))
    assert sound.shape[1] / RATE >= 4.004
    assert np.abs(sound[:, 2 * RATE :]).max() < 0.01
    assert any("2.50 s before the picture" in note for note in short.result.notes)


def test_licence_names_both_sources(films: dict[str, Path], music: Callable[..., Path], call_tool: Call) -> None:
    made = call_tool("mux_video", {"video": "a1", "audio": "a2"}, attach=[films["carphone_pristine"], music(4.0)])
    artifact = made.artifacts[0]
    assert artifact.licence.startswith("film: ")
    assert "music: " in artifact.licence
    assert artifact.parents == ["a1", "a2"]


def test_same_film_and_music_give_the_same_bytes(
    films: dict[str, Path], music: Callable[..., Path], call_tool: Call
) -> None:
    attached = [films["carphone_pristine"], music(4.0)]
    made = [call_tool("mux_video", {"video": "a1", "audio": "a2"}, attach=attached) for _ in range(2)]
    assert made[0].artifacts[0].sha256 == made[1].artifacts[0].sha256


def test_a_film_cut_off_is_scored_as_far_as_it_goes(
    make_film: Maker,
    camera: Camera,
    photos: dict[str, Path],
    music: Callable[..., Path],
    tmp_path: Path,
    call_tool: Call,
) -> None:
    whole = make_film("whole.mkv", camera(photos["china"], 100, speed=5))
    part = tmp_path / "part.mkv"
    part.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    made = call_tool("mux_video", {"video": "a1", "audio": "a2"}, attach=[part, music(5.0)])
    assert made.data["duration_s"] < 3.5
    assert packets(made.file("video")) == packets(part)
    assert any("announces 4.0 s" in note for note in made.result.notes)


def test_music_that_cannot_be_decoded_is_refused_by_name(
    films: dict[str, Path], tmp_path: Path, call_tool: Call
) -> None:
    bad = tmp_path / "bad.mp3"
    bad.write_bytes(b"ID3" + np.random.default_rng(0).bytes(5000))
    with pytest.raises(UserError, match=r"bad\.mp3"):
        call_tool("mux_video", {"video": "a1", "audio": "a2"}, attach=[films["carphone_pristine"], bad])
