"""What finds the nearest vectors: a Chroma collection, or an exact scan that stands in for it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from retrieval.embed import Vectors
from tools.errors import ScorewrightError

COLLECTION = "descriptions"
_PROBES = 3


class IndexBroken(ScorewrightError):
    """The index on disk is not what its manifest says; it has to be built again."""


class VectorIndex(Protocol):
    """What finds the nearest vectors."""

    name: str

    def nearest(self, vector: Vectors, k: int) -> list[tuple[int, float]]:
        """Row numbers and cosine distances of the ``k`` nearest, nearest first."""
        ...


class ExactIndex:
    """Every vector compared: exact, and quick up to some hundred thousand vectors."""

    name = "exact scan"

    def __init__(self, vectors: Vectors) -> None:
        self._vectors = vectors

    def nearest(self, vector: Vectors, k: int) -> list[tuple[int, float]]:
        """See :class:`VectorIndex`."""
        distances = 1.0 - self._vectors @ vector
        order = np.argsort(distances, kind="stable")[:k]
        return [(int(row), float(distances[row])) for row in order]


class ChromaIndex:
    """A Chroma collection whose ids are row numbers."""

    name = "chroma"

    def __init__(self, folder: Path) -> None:
        with chroma_errors(f"open {folder}"):
            self._client = chroma_client(folder)
        try:
            with chroma_errors(f"open {folder}"):
                self._collection = self._client.get_collection(COLLECTION, embedding_function=None)
        except IndexBroken:
            self._client.close()
            raise

    def nearest(self, vector: Vectors, k: int) -> list[tuple[int, float]]:
        """See :class:`VectorIndex`; :class:`IndexBroken` when Chroma fails."""
        with chroma_errors("answer a query"):
            found = self._collection.query(query_embeddings=[vector], n_results=k, include=["distances"])
        pairs = zip(found["ids"][0], found["distances"][0], strict=True)
        return sorted(((int(i), float(d)) for i, d in pairs), key=lambda pair: (pair[1], pair[0]))

    def check(self, vectors: Vectors) -> None:
        """:class:`IndexBroken` unless it holds every vector and finds some of them again."""
        if self._collection.count() != len(vectors):
            raise IndexBroken(f"The index holds {self._collection.count()} of {len(vectors)} vectors.")
        for row in np.linspace(0, len(vectors) - 1, _PROBES).astype(int):
            found = self.nearest(vectors[row], min(5, len(vectors)))
            if not found or found[0][1] > 1e-3 or vectors[found[0][0]] @ vectors[row] < 0.999:
                raise IndexBroken(f"The index does not find its own vector {row}.")

    def close(self) -> None:
        """Let go of the files."""
        self._client.close()


@contextlib.contextmanager
def chroma_errors(doing: str) -> Iterator[None]:
    """What Chroma raises, of whatever type, as :class:`IndexBroken`; the disk's own refusals pass."""
    try:
        yield
    except (OSError, ImportError):
        raise
    except Exception as err:
        raise IndexBroken(f"Chroma could not {doing} ({err}).") from err


def chroma_client(folder: Path) -> Any:
    """An embedded Chroma in a folder, telemetry off; close it when done."""
    import chromadb
    from chromadb.config import Settings

    return chromadb.PersistentClient(str(folder), settings=Settings(anonymized_telemetry=False))
