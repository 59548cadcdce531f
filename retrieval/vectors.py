"""What finds the nearest vectors: an exact scan, or a Chroma collection, embedded or on a server.

Whatever finds the candidates, their distances are computed anew from the stored vectors and equal ones are put in the
order of their rows, so that the same library gives the same list after any rebuild of its index.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from retrieval.embed import Vectors
from tools.errors import ScorewrightError

COLLECTION = "descriptions"
_PROBES = 3
_MARGIN = 2  # times as many candidates as are wanted, so that where the graph cuts them off changes nothing
_STEP = 1e-6  # distances nearer than this are equal

Rows = NDArray[np.int64]


class IndexBroken(ScorewrightError):
    """The index is not what it should be or does not answer; the vectors are scanned, or it is built again."""


class VectorIndex(Protocol):
    """What finds the nearest vectors."""

    name: str

    def nearest(self, vector: Vectors, k: int) -> list[tuple[int, float]]:
        """Row numbers and cosine distances of the ``k`` nearest, nearest first."""
        ...


class ExactIndex:
    """Every vector compared: exact, and the quickest up to some ten thousand vectors."""

    name = "exact scan"

    def __init__(self, vectors: Vectors) -> None:
        self._vectors = vectors

    def nearest(self, vector: Vectors, k: int) -> list[tuple[int, float]]:
        """See :class:`VectorIndex`."""
        return ordered(self._vectors, vector, np.arange(len(self._vectors)), k)


class ChromaIndex:
    """A Chroma collection whose ids are the library's numbers, over the vectors themselves."""

    name = "chroma"

    def __init__(self, collection: Any, vectors: Vectors, numbers: Rows, client: Any = None) -> None:
        self._collection, self._vectors, self._client = collection, vectors, client
        self._rows = {int(number): row for row, number in enumerate(numbers)}

    def nearest(self, vector: Vectors, k: int) -> list[tuple[int, float]]:
        """See :class:`VectorIndex`; :class:`IndexBroken` when Chroma fails."""
        wanted = min(_MARGIN * k, len(self._vectors))
        with chroma_errors("answer a query"):
            found = self._collection.query(query_embeddings=[vector], n_results=wanted, include=[])
        rows = [self._rows[int(number)] for number in found["ids"][0] if int(number) in self._rows]
        return ordered(self._vectors, vector, np.array(rows, dtype=np.int64), k)

    def check(self) -> None:
        """:class:`IndexBroken` unless it holds every vector and finds some of them again."""
        with chroma_errors("count its vectors"):
            count = self._collection.count()
        if count != len(self._vectors):
            raise IndexBroken(f"The index holds {count} of {len(self._vectors)} vectors.")
        for row in np.linspace(0, len(self._vectors) - 1, _PROBES).astype(int):
            found = self.nearest(self._vectors[row], min(5, len(self._vectors)))
            if not found or self._vectors[found[0][0]] @ self._vectors[row] < 0.999:
                raise IndexBroken(f"The index does not find its own vector {row}.")

    def close(self) -> None:
        """Let go of the files or the connection."""
        if self._client is not None:
            self._client.close()


class JoinedIndex:
    """Several indexes over parts of one matrix, one after the other."""

    def __init__(self, parts: Sequence[tuple[int, VectorIndex]]) -> None:
        self._parts = parts
        self.name = " and ".join(dict.fromkeys(index.name for _, index in parts))

    def nearest(self, vector: Vectors, k: int) -> list[tuple[int, float]]:
        """See :class:`VectorIndex`."""
        found = [(start + row, d) for start, index in self._parts for row, d in index.nearest(vector, k)]
        return sorted(found, key=lambda pair: (_stepped(pair[1]), pair[0]))[:k]

    def close(self) -> None:
        """Let go of every part's files."""
        for _, index in self._parts:
            if isinstance(index, ChromaIndex):
                index.close()


def ordered(vectors: Vectors, vector: Vectors, rows: Rows, k: int) -> list[tuple[int, float]]:
    """The ``k`` nearest of some rows with their distances; equal distances in the order of rows."""
    distances = 1.0 - vectors[rows] @ vector if len(rows) < len(vectors) else 1.0 - (vectors @ vector)[rows]
    order = np.lexsort((rows, np.round(distances / _STEP)))[:k]
    return [(int(rows[place]), float(distances[place])) for place in order]


def _stepped(distance: float) -> int:
    return round(distance / _STEP)


@contextlib.contextmanager
def chroma_errors(doing: str) -> Iterator[None]:
    """What Chroma raises, of whatever type, as :class:`IndexBroken`; the disk's own refusals pass."""
    try:
        yield
    except (OSError, ImportError, IndexBroken):
        raise
    except Exception as err:
        raise IndexBroken(f"Chroma could not {doing} ({err}).") from err


def chroma_client(folder: Path) -> Any:
    """An embedded Chroma in a folder, telemetry off; close it when done."""
    import chromadb
    from chromadb.config import Settings

    return chromadb.PersistentClient(str(folder), settings=Settings(anonymized_telemetry=False))
