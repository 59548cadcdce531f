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
    """Store unit vectors in half precision (their dot products move by less than 0.001)."""
    np.save(path, vectors.astype(np.float16), allow_pickle=False)


def load_vectors(path: Path, count: int) -> Vectors:
    """Vectors as stored, in single precision; ``UserError`` when there are not ``count`` of them."""
    try:
        vectors: Vectors = np.load(path, allow_pickle=False).astype(np.float32)
    except (OSError, ValueError) as err:
        msg = f"The library's vectors in {path} cannot be read ({err}); restore the file or reinstall the package."
        raise UserError(msg) from err
    if vectors.ndim != 2 or len(vectors) != count:
        mend = "rebuild with `python -m retrieval.build_library`"
        msg = f"{path} holds {len(vectors)} vectors for {count} records; {mend}."
        raise UserError(msg)
    return vectors
