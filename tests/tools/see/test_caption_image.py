"""caption_image: photographs, every mode and rotation a file can have, and broken ones."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tools.brief import Brief
from tools.errors import UserError

Call = Callable[..., Any]


def describe(call_tool: Call, path: Path) -> dict[str, Any]:
    data: dict[str, Any] = call_tool("caption_image", {"image": "a1"}, attach=[path]).data
    return data


def test_a_photograph_is_described_with_its_subject_and_colours(photos: dict[str, Path], call_tool: Call) -> None:
    made = call_tool("caption_image", {"image": "a1"}, attach=[photos["china"]])
    data = made.data
    assert data["subjects"][0]["name"] == "buildings"
    assert "buildings" in data["description"]
    assert 2 <= data["description"].count(". ") + 1 <= 4
    assert sum(c["share"] for c in data["palette"]) == pytest.approx(1, abs=0.01)
    assert Brief().filled(data["bridge"], "china.jpg").valence == data["valence"] > 0
    assert made.artifacts[0].kind == "description"


def test_a_weak_guess_is_hedged_and_shows_its_confidence(photos: dict[str, Path], call_tool: Call) -> None:
    data = describe(call_tool, photos["flower"])
    best = data["subjects"][0]
    assert best["name"] == "flowers and plants"
    assert best["confidence"] < 0.5
    assert f"perhaps flowers and plants ({best['confidence']:.2f})" in data["description"]


@pytest.mark.parametrize("mode", ["L", "CMYK", "RGBA", "LA", "P", "1", "I;16"])
def test_every_mode_shows_the_same_picture(mode: str, photos: dict[str, Path], tmp_path: Path, call_tool: Call) -> None:
    photo = Image.open(photos["china"])
    path = tmp_path / ("photo.jpg" if mode == "CMYK" else "photo.png")
    if mode == "I;16":
        Image.fromarray(np.asarray(photo.convert("L")).astype(np.uint16) * 257).save(path)
    else:
        photo.convert(mode).save(path)
    data = describe(call_tool, path)
    assert data["brightness"] == pytest.approx(0.569, abs=0.02)
    assert (data["saturation"] < 0.01) == (mode in ("L", "LA", "1", "I;16"))
    assert (data["width"], data["height"]) == (640, 427)


def test_what_is_transparent_is_white(tmp_path: Path, call_tool: Call) -> None:
    Image.new("RGBA", (64, 64), (255, 0, 0, 0)).save(tmp_path / "clear.png")
    data = describe(call_tool, tmp_path / "clear.png")
    assert data["brightness"] == 1.0
    assert data["palette"][0]["name"] == "white"


def test_the_rotation_a_camera_asks_for_is_made(photos: dict[str, Path], tmp_path: Path, call_tool: Call) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    upright = Image.open(photos["china"])
    upright.rotate(90, expand=True).save(tmp_path / "turned.jpg", exif=exif, quality=95)
    data = describe(call_tool, tmp_path / "turned.jpg")
    assert (data["width"], data["height"]) == (640, 427)
    assert data["subjects"][0]["name"] == "buildings"


@pytest.mark.parametrize("suffix", [".gif", ".webp", ".png"])
def test_the_first_frame_of_an_animation_is_described_and_said(
    suffix: str, photos: dict[str, Path], tmp_path: Path, call_tool: Call
) -> None:
    first, second = Image.open(photos["china"]), Image.open(photos["flower"])
    path = tmp_path / f"moving{suffix}"
    first.save(path, save_all=True, append_images=[second])
    made = call_tool("caption_image", {"image": "a1"}, attach=[path])
    assert made.data["frames"] == 2
    assert made.data["brightness"] == pytest.approx(0.57, abs=0.02)
    assert any("first frame" in note for note in made.result.notes)


@pytest.mark.parametrize("size", [(1, 1), (3000, 2), (1, 500)])
def test_the_smallest_and_thinnest_pictures_have_a_colour_and_no_subject(
    size: tuple[int, int], tmp_path: Path, call_tool: Call
) -> None:
    Image.new("RGB", size, (255, 0, 0)).save(tmp_path / "small.png")
    data = describe(call_tool, tmp_path / "small.png")
    assert data["palette"] == [{"hex": "#ff0000", "name": "red", "share": 1.0}]
    assert data["subjects"] == data["labels"] == []
    assert (data["brightness"], data["saturation"], data["texture"]) == (0.213, 1.0, 0.0)


def test_symmetry_and_texture_follow_the_picture(tmp_path: Path, photos: dict[str, Path], call_tool: Call) -> None:
    half = np.asarray(Image.open(photos["china"]))[:, :320]
    Image.fromarray(np.concatenate([half, half[:, ::-1]], axis=1)).save(tmp_path / "mirror.png")
    grain = np.random.default_rng(0).integers(0, 256, (200, 200, 3), dtype=np.uint8)
    Image.fromarray(grain).save(tmp_path / "noise.png")
    mirror = call_tool("caption_image", {"image": "a1"}, attach=[tmp_path / "mirror.png"]).data
    noise = call_tool("caption_image", {"image": "a2"}, attach=[tmp_path / "noise.png"]).data
    plain = call_tool("caption_image", {"image": "a3"}, attach=[photos["flower"]]).data
    assert mirror["symmetry"] > 0.99
    assert "mirror-symmetrical" in mirror["description"]
    assert abs(noise["symmetry"]) < 0.2
    assert noise["texture"] > 0.2 > plain["texture"]


def test_same_picture_twice_gives_the_same_bytes(photos: dict[str, Path], call_tool: Call) -> None:
    made = [call_tool("caption_image", {"image": "a1"}, attach=[photos["flower"]]) for _ in range(2)]
    assert made[0].artifacts[0].sha256 == made[1].artifacts[0].sha256


def test_a_decompression_bomb_is_refused_before_it_is_decoded(tmp_path: Path, call_tool: Call) -> None:
    Image.new("1", (20_000, 20_000)).save(tmp_path / "bomb.png")
    with pytest.raises(UserError, match=r"bomb\.png.*pixels.*scale it down"):
        describe(call_tool, tmp_path / "bomb.png")


@pytest.mark.parametrize("keep", [0.6, 0.0005])
def test_a_picture_cut_off_is_refused_in_one_clear_line(
    keep: float, photos: dict[str, Path], tmp_path: Path, call_tool: Call
) -> None:
    content = photos["china"].read_bytes()
    (tmp_path / "part.jpg").write_bytes(content[: int(len(content) * keep)])
    with pytest.raises(UserError, match=r"part\.jpg") as caught:
        describe(call_tool, tmp_path / "part.jpg")
    assert "export it again" in caught.value.msg
    assert "\n" not in caught.value.msg
