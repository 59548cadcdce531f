"""The picture classifier and the weights that ship."""

from __future__ import annotations

import hashlib
import tomllib
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tools.backends import image_labels

MODELS = Path(image_labels.__file__).with_name("models.toml")


@pytest.mark.parametrize("model", tomllib.loads(MODELS.read_text(encoding="utf-8"))["model"], ids=lambda m: m["id"])
def test_every_weight_that_ships_is_the_one_that_is_listed(model: dict[str, object]) -> None:
    content = (MODELS.parent / str(model["file"])).read_bytes()
    assert hashlib.sha256(content).hexdigest() == model["sha256"]
    assert len(content) == model["bytes"]
    assert model["licence"]
    assert model["source"]


def test_every_weight_that_ships_is_listed() -> None:
    listed = {str(m["file"]) for m in tomllib.loads(MODELS.read_text(encoding="utf-8"))["model"]}
    shipped = {f"weights/{path.name}" for path in (MODELS.parent / "weights").glob("*.onnx")}
    assert shipped <= listed


def test_photographs_are_known_for_what_they_show(photos: dict[str, Path]) -> None:
    seen = {
        name: image_labels.labeller().probabilities(np.asarray(Image.open(path).convert("RGB")))
        for name, path in photos.items()
    }
    assert image_labels.subjects(seen["china"])[0].name == "buildings"
    assert image_labels.subjects(seen["flower"])[0].name == "flowers and plants"
    assert image_labels.labels(seen["flower"])[0].name == "daisy"


@pytest.mark.parametrize("shape", [(1, 1), (20, 900), (900, 20), (224, 224), (17, 17)])
def test_any_shape_gives_probabilities(shape: tuple[int, int]) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (*shape, 3), dtype=np.uint8)
    found = image_labels.labeller().probabilities(noise)
    assert found.shape == (1000,)
    assert float(found.sum()) == pytest.approx(0.0 if min(shape) < 16 else 1.0, abs=1e-3)


def test_a_flat_picture_shows_nothing() -> None:
    found = image_labels.labeller().probabilities(np.full((300, 400, 3), 90, np.uint8))
    assert image_labels.labels(found) == image_labels.subjects(found) == []


def test_names_are_a_thousand_and_no_class_has_two_subjects() -> None:
    assert len(image_labels.class_names()) == 1000
    owners = Counter(i for classes in image_labels._subjects().values() for i in classes)
    assert max(owners.values()) == 1
    assert max(owners) < 1000
