"""The embedder gives unit vectors that know like from unlike, and are those of the weights that ship."""

from __future__ import annotations

import hashlib
import tomllib

import numpy as np
import pytest

from tools.backends.text_embedding import DIMENSIONS, MODEL, MODEL_ID, embed


def test_weights_are_those_the_model_list_names() -> None:
    models = tomllib.loads((MODEL.parents[1] / "models.toml").read_text(encoding="utf-8"))["model"]
    listed = next(m for m in models if m["file"] == f"weights/{MODEL.name}")
    assert hashlib.sha256(MODEL.read_bytes()).hexdigest() == listed["sha256"]
    assert MODEL_ID.split("/")[0] == listed["id"]


def test_vectors_have_unit_length() -> None:
    vectors = embed(["a sad slow waltz", "", "drums " * 1000])
    assert vectors.shape == (3, DIMENSIONS)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1.0, abs=1e-4)


def test_no_texts_give_no_vectors() -> None:
    assert embed([]).shape == (0, DIMENSIONS)


def test_a_text_has_the_same_vector_alone_and_among_others() -> None:
    texts = [f"tune number {n}, {'slow ' * (n % 7)}and sad" for n in range(20)]
    together = embed(texts)
    assert all(np.array_equal(together[row], embed([texts[row]])[0]) for row in (0, 7, 19))


def test_like_is_nearer_than_unlike() -> None:
    lament, mournful, reel = embed(["a mournful slow lament", "sad and slow, a dirge", "a fast happy dance reel"])
    assert lament @ mournful > lament @ reel + 0.1


def test_the_same_text_gives_the_same_bytes() -> None:
    assert embed(["calm"]).tobytes() == embed(["calm"]).tobytes()
