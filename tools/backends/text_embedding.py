"""Sentences as vectors: all-MiniLM-L6-v2 (Reimers and Gurevych 2019) in int8 ONNX, on one CPU thread, no torch.

Mean pooling and normalisation are inside the graph. Provenance and licence: ``weights/README.md``.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

DIMENSIONS = 384
_WEIGHTS = Path(__file__).with_name("weights")
MODEL = _WEIGHTS / "minilm-l6-v2-int8.onnx"
TOKENIZER = _WEIGHTS / "minilm-tokenizer.json"
MODEL_ID = "all-minilm-l6-v2-int8/1"  # raised with the weights: vectors of two models never mix
_MAX_TOKENS = 256


@functools.cache
def _session() -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(str(MODEL), options, providers=["CPUExecutionProvider"])


@functools.cache
def _tokenizer() -> Any:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(TOKENIZER))
    tokenizer.enable_truncation(_MAX_TOKENS)
    return tokenizer


def is_word(text: str) -> bool:
    """Whether a lower-case word is one piece of the vocabulary: ordinary English words are, misspelt ones not."""
    return _tokenizer().token_to_id(text) is not None


def embed(texts: Sequence[str]) -> NDArray[np.float32]:
    """Embed texts.

    Parameters
    ----------
    texts
        Any language is taken, English is understood; what is beyond 256 tokens is cut off.

    Returns
    -------
    array ``[n, 384]``, each row of unit length, so that a dot product is the cosine.
    """
    vectors = np.zeros((len(texts), DIMENSIONS), dtype=np.float32)
    for row, text in enumerate(texts):
        vectors[row] = _embed_one(text)
    return vectors


def _embed_one(text: str) -> NDArray[np.float32]:
    """One text by itself: the quantised graph scales its activations by the batch, so that neighbours would tell."""
    encoded = _tokenizer().encode(text)
    feeds = {
        "input_ids": np.array([encoded.ids], dtype=np.int64),
        "attention_mask": np.array([encoded.attention_mask], dtype=np.int64),
    }
    return np.asarray(_session().run(["embedding"], feeds)[0][0], dtype=np.float32)
