"""caption_video: on real clips, on films whose cuts are known, and on broken files."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tools.brief import Brief
from tools.errors import LimitExceeded, UserError

Maker = Callable[..., Path]
Camera = Callable[..., list[Any]]
BIKES_CUTS_S = [1.2, 3.04, 5.48, 7.48, 9.68]  # seen by eye, frame by frame
REAL_ENDS_S = {"bigbuckbunny": 5.28, "carphone_pristine": 4.004}


@pytest.mark.parametrize("name", ["bigbuckbunny", "carphone_pristine"])
def test_one_real_shot_is_not_cut_and_has_its_exact_length(
    name: str, films: dict[str, Path], call_tool: Callable[..., Any]
) -> None:
    data = call_tool("caption_video", {"video": "a1"}, attach=[films[name]]).data
    assert data["cuts_s"] == []
    assert data["duration_s"] == pytest.approx(REAL_ENDS_S[name], abs=0.001)


def test_a_real_film_gets_the_cuts_the_eye_sees_scenes_that_touch_and_a_bridge_for_a_brief(
    films: dict[str, Path], call_tool: Callable[..., Any]
) -> None:
    made = call_tool("caption_video", {"video": "a1"}, attach=[films["bikes"]])
    data, scenes = made.data, made.data["scenes"]
    assert data["cuts_s"] == data["bridge"]["hit_points_s"] == pytest.approx(BIKES_CUTS_S, abs=0.041)
    assert data["duration_s"] == data["bridge"]["duration_s"] == pytest.approx(10.0, abs=0.001)
    assert scenes[0]["start_s"] == 0
    assert scenes[-1]["end_s"] == data["duration_s"]
    assert [s["end_s"] for s in scenes[:-1]] == [s["start_s"] for s in scenes[1:]] == data["cuts_s"]
    assert all(0 <= m <= 1 for s in scenes for m in s["motion"])
    assert all(abs(sum(c["share"] for c in s["palette"]) - 1) < 0.01 for s in scenes)
    assert json.loads(made.file("timeline").read_text())["cuts_s"] == data["cuts_s"]
    shares = [share for share, _ in made.progress]
    assert shares == sorted(shares)
    assert len(shares) > 3
    brief = Brief().filled(data["bridge"], "bikes.mp4")
    assert brief.duration_s == 10.0
    assert {c.name for c in brief.constraints} == {"duration_s", "hit_points_s"}


def test_same_film_twice_gives_the_same_bytes(films: dict[str, Path], call_tool: Callable[..., Any]) -> None:
    runs = [call_tool("caption_video", {"video": "a1"}, attach=[films["carphone_pristine"]]) for _ in range(2)]
    assert runs[0].artifacts[0].sha256 == runs[1].artifacts[0].sha256


def test_hard_cuts_are_found_to_the_frame_and_only_they_are_hit_points(
    make_film: Maker,
    camera: Camera,
    excerpt: Camera,
    films: dict[str, Path],
    photos: dict[str, Path],
    call_tool: Callable[..., Any],
) -> None:
    shots = [
        camera(photos["china"], 31),
        excerpt(films["bikes"], 140, 165),
        camera(photos["flower"], 18),
        excerpt(films["bigbuckbunny"], 0, 40),
        camera(photos["china"], 26, at=0.9, zoom=2.5),
    ]
    film = make_film("cuts.mp4", [f for shot in shots for f in shot])
    data = call_tool("caption_video", {"video": "a1"}, attach=[film]).data
    assert data["cuts_s"] == pytest.approx(np.cumsum([len(s) for s in shots])[:-1] / 25, abs=0.041)
    assert {t["kind"] for t in data["transitions"]} == {"cut"}


def test_fade_and_dissolve_part_scenes_but_are_no_hit_points(
    make_film: Maker, camera: Camera, photos: dict[str, Path], call_tool: Callable[..., Any]
) -> None:
    one, other, third = camera(photos["china"], 40), camera(photos["flower"], 50), camera(photos["china"], 40, at=0.8)
    down = [(f * (1 - (i + 1) / 10)).astype(np.uint8) for i, f in enumerate(one[-10:])]
    up = [(f * (i / 10)).astype(np.uint8) for i, f in enumerate(other[:10])]
    black = [np.zeros_like(one[0])] * 6
    mixed = zip(other[-12:], third[:12], np.arange(1, 13) / 13, strict=True)
    mix = [((1 - share) * a + share * b).astype(np.uint8) for a, b, share in mixed]
    film = make_film("soft.mp4", [*one[:-10], *down, *black, *up, *other[10:-12], *mix, *third[12:]])
    data = call_tool("caption_video", {"video": "a1"}, attach=[film]).data
    assert [t["kind"] for t in data["transitions"]] == ["fade", "dissolve"]
    assert data["cuts_s"] == pytest.approx([43 / 25, 90 / 25], abs=0.2)
    assert data["bridge"]["hit_points_s"] == []


def test_flash_whip_pan_and_strobe_are_no_cuts(
    make_film: Maker, camera: Camera, photos: dict[str, Path], call_tool: Callable[..., Any]
) -> None:
    frames = camera(photos["china"], 160, speed=4, zoom=3)
    for at, light in [(30, 200), (31, 120), (32, 60), (90, 150), (92, 150), (94, 150), (96, 150)]:
        frames[at] = np.clip(frames[at].astype(int) + light, 0, 255).astype(np.uint8)
    frames = frames[:110] + frames[110::7] + frames[-1:] * 20
    data = call_tool("caption_video", {"video": "a1"}, attach=[make_film("wild.mp4", frames)]).data
    assert data["cuts_s"] == []


def test_cuts_between_dark_shots_are_found(
    make_film: Maker, excerpt: Camera, films: dict[str, Path], call_tool: Callable[..., Any]
) -> None:
    night = [(f * 0.15).astype(np.uint8) for f in excerpt(films["bikes"], 50, 160)]
    data = call_tool("caption_video", {"video": "a1"}, attach=[make_film("night.mp4", night)]).data
    assert data["cuts_s"] == pytest.approx([26 / 25, 87 / 25], abs=0.041)


def test_a_moving_film_has_more_motion_and_arousal_than_a_still_one(
    make_film: Maker, camera: Camera, photos: dict[str, Path], call_tool: Callable[..., Any]
) -> None:
    still = make_film("still.mp4", camera(photos["china"], 50, speed=0))
    moving = make_film("moving.mp4", camera(photos["china"], 50, speed=6))
    quiet = call_tool("caption_video", {"video": "a1"}, attach=[still]).data
    lively = call_tool("caption_video", {"video": "a2"}, attach=[moving]).data
    assert quiet["motion_mean"] < 0.1 < 0.4 < lively["motion_mean"]
    assert lively["arousal"] > quiet["arousal"] + 0.3
    assert "almost no motion" in quiet["description"].lower()


def test_motion_curve_shows_where_it_moves(
    make_film: Maker, camera: Camera, photos: dict[str, Path], call_tool: Callable[..., Any]
) -> None:
    frames = camera(photos["china"], 50, speed=0) + camera(photos["china"], 50, speed=5)
    data = call_tool("caption_video", {"video": "a1"}, attach=[make_film("starts.mp4", frames)]).data
    curve = np.array(data["motion"])
    assert len(curve) == 16
    assert curve[:7].max() < 0.15
    assert curve[9:].min() > 0.3


def test_a_bright_film_is_more_pleasant_than_a_dark_one_and_a_grey_one_has_no_saturation(
    make_film: Maker, camera: Camera, photos: dict[str, Path], call_tool: Callable[..., Any]
) -> None:
    frames = camera(photos["china"], 25)
    dark = make_film("dark.mp4", [(f * 0.25).astype(np.uint8) for f in frames])
    grey = make_film("grey.mp4", [np.repeat(f.mean(axis=2, keepdims=True), 3, axis=2).astype(np.uint8) for f in frames])
    bright = make_film("bright.mp4", frames)
    made = enumerate((dark, grey, bright), 1)
    data = [call_tool("caption_video", {"video": f"a{i}"}, attach=[film]).data for i, film in made]
    assert data[0]["valence"] < data[2]["valence"] - 0.4
    assert data[1]["saturation"] < 0.02 < data[2]["saturation"]


def test_a_phone_film_is_seen_upright(
    make_film: Maker, camera: Camera, photos: dict[str, Path], call_tool: Callable[..., Any]
) -> None:
    sky_up = camera(photos["china"], 10)
    turned = make_film("phone.mp4", [np.ascontiguousarray(np.rot90(f)) for f in sky_up], rotation=-90)
    data = call_tool("caption_video", {"video": "a1"}, attach=[turned]).data
    assert (data["width"], data["height"], data["rotation"]) == (320, 180, 270)


def test_variable_frame_rate_keeps_its_own_times(
    make_film: Maker, camera: Camera, photos: dict[str, Path], call_tool: Callable[..., Any]
) -> None:
    gaps = np.random.default_rng(0).choice([0.02, 0.04, 0.1], 79)
    times = [0.0, *np.cumsum(gaps).tolist()]
    frames = camera(photos["china"], 40) + camera(photos["flower"], 40)
    for number, name in enumerate(("vfr.mp4", "vfr.mkv"), 1):
        data = call_tool("caption_video", {"video": f"a{number}"}, attach=[make_film(name, frames, times=times)]).data
        assert data["cuts_s"] == pytest.approx([times[40]], abs=0.005)
        assert times[-1] < data["duration_s"] <= times[-1] + 0.11


def test_a_film_of_one_frame_is_described(
    make_film: Maker, camera: Camera, photos: dict[str, Path], call_tool: Callable[..., Any]
) -> None:
    data = call_tool("caption_video", {"video": "a1"}, attach=[make_film("one.mp4", camera(photos["china"], 1))]).data
    assert data["frames"] == 1
    assert data["duration_s"] == pytest.approx(0.04)
    assert len(data["scenes"]) == 1


def test_a_film_cut_off_in_the_middle_is_described_as_far_as_it_goes(
    make_film: Maker, camera: Camera, photos: dict[str, Path], call_tool: Callable[..., Any], tmp_path: Path
) -> None:
    whole = make_film("whole.mkv", camera(photos["china"], 100, speed=5))
    part = tmp_path / "part.mkv"
    part.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    made = call_tool("caption_video", {"video": "a1"}, attach=[part])
    assert 0.5 < made.data["duration_s"] < 3.5
    assert any("announces 4.0 s" in note for note in made.result.notes)


def test_damaged_packets_are_passed_over_and_said(
    make_film: Maker, camera: Camera, photos: dict[str, Path], call_tool: Callable[..., Any], tmp_path: Path
) -> None:
    content = bytearray(make_film("good.mp4", camera(photos["china"], 60), codec="mpeg4").read_bytes())
    for place in np.random.default_rng(1).integers(2000, len(content) // 2, 60):
        content[place] ^= 0xFF
    bad = tmp_path / "bad.mp4"
    bad.write_bytes(bytes(content))
    made = call_tool("caption_video", {"video": "a1"}, attach=[bad])
    assert made.data["frames"] > 10


def test_files_that_are_no_film_are_refused_in_one_clear_line(
    make_film: Maker,
    camera: Camera,
    photos: dict[str, Path],
    sine: Callable[..., Any],
    call_tool: Callable[..., Any],
    tmp_path: Path,
) -> None:
    frames = camera(photos["china"], 40)
    indexed_last = make_film("late.mp4", frames)
    cases = {
        "headless.mp4": (indexed_last.read_bytes()[: indexed_last.stat().st_size // 2], "cut off"),
        "noise.mp4": (indexed_last.read_bytes()[:32] + np.random.default_rng(0).bytes(20_000), "cannot be opened"),
    }
    for number, (name, (content, words)) in enumerate(cases.items(), 1):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(UserError, match=words) as caught:
            call_tool("caption_video", {"video": f"a{number}"}, attach=[tmp_path / name])
        assert name in caught.value.msg
        assert "\n" not in caught.value.msg


def test_a_film_without_picture_or_without_frames_is_refused(
    sine: Callable[..., Any], call_tool: Callable[..., Any], tmp_path: Path
) -> None:
    import av

    from tests.tools.conftest import write_sound

    with av.open(str(tmp_path / "sound.mp4"), "w") as out:
        write_sound(out, out.add_stream("aac", rate=48_000, layout="stereo"), sine(1.0))
    with pytest.raises(UserError, match="no picture"):
        call_tool("caption_video", {"video": "a1"}, attach=[tmp_path / "sound.mp4"])
    with av.open(str(tmp_path / "empty.mp4"), "w") as out:
        stream: Any = out.add_stream("mpeg4", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
        out.start_encoding()
    with pytest.raises(UserError, match="no picture"):
        call_tool("caption_video", {"video": "a2"}, attach=[tmp_path / "empty.mp4"])


def test_a_film_of_ten_hours_is_refused_before_it_is_decoded(
    make_film: Maker, camera: Camera, photos: dict[str, Path], call_tool: Callable[..., Any]
) -> None:
    film = make_film("long.mkv", camera(photos["china"], 3), times=[0.0, 1.0, 36_000.0])
    with pytest.raises(LimitExceeded, match=r"10 h 00 min.*4 h 00 min.*max_video_s"):
        call_tool("caption_video", {"video": "a1"}, attach=[film])
