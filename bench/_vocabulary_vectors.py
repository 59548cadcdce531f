"""Embeds the embedded writer's words once, so that a topic is held against them in an instant.

``python -m bench._vocabulary_vectors`` writes ``tools/compose/lyrics/data/vocabulary.npz``: the words in order and
their sentence embeddings as int8, 127 for 1 over the row's largest value.
"""

from __future__ import annotations

from importlib import resources

import numpy as np

from tools.backends.text_embedding import embed
from tools.compose.lyrics.writer import vocabulary


def main() -> None:
    """Write the file."""
    words = vocabulary()
    vectors = embed(words)
    whole = np.round(vectors / np.abs(vectors).max(axis=1, keepdims=True) * 127).astype(np.int8)
    path = resources.files("tools.compose.lyrics").joinpath("data", "vocabulary.npz")
    np.savez_compressed(str(path), words=np.array(words), vectors=whole)


if __name__ == "__main__":
    main()
