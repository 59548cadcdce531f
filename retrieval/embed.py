"""Vectors of the records' descriptions, and their compact file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from retrieval.record import Record
from tools.backends.text_embedding import embed
from tools.errors import UserError

Vectors = NDArray[np.float32]


def describe_vectors(records: Sequence[Record]) -> Vectors:
    """Vectors of the descriptions, ``[n, 384]``, unit length."""
    return embed([r.description for r in records])


def save_vectors(vectors: Vectors, path: Path) -> None:
    """Store unit vectors in a byte a component (their dot products move by less than 0.001)."""
    largest = np.maximum(np.abs(vectors).max(axis=1, keepdims=True), 1e-12)
    np.save(path, np.rint(vectors / largest * 127).astype(np.int8), allow_pickle=False)


def load_vectors(path: Path, count: int) -> Vectors:
    """Vectors as stored, of unit length in single precision; ``UserError`` when there are not ``count`` of them."""
    try:
        stored: Vectors = np.load(path, allow_pickle=False).astype(np.float32)
    except (OSError, ValueError) as err:
        msg = f"The library's vectors in {path} cannot be read ({err}); restore the file or reinstall the package."
        raise UserError(msg) from err
    if stored.ndim != 2 or len(stored) != count:
        mend = "rebuild with `python -m retrieval.build_library`"
        msg = f"{path} holds {len(stored)} vectors for {count} records; {mend}."
        raise UserError(msg)
    return np.asarray(stored / np.maximum(np.linalg.norm(stored, axis=1, keepdims=True), 1e-12), dtype=np.float32)
