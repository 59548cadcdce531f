"""A library ready to be searched: records, their vectors, the words in them and the index over them."""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from pathlib import Path

from retrieval.embed import Vectors, load_vectors
from retrieval.lexical import Lexicon
from retrieval.record import SCHEMA, Record, load_records, records_sha
from retrieval.store import Recipe, open_index
from retrieval.vectors import ChromaIndex, ExactIndex, IndexBroken, VectorIndex
from tools.backends.text_embedding import MODEL_ID

DEFAULT = Path(__file__).with_name("library")
RECORDS, VECTORS = "records.jsonl.gz", "vectors.npy"


@dataclass
class Library:
    """Records in the order of their vectors ``[n, 384]``."""

    records: list[Record]
    vectors: Vectors
    index: VectorIndex
    notes: tuple[str, ...] = field(default=())  # said to the person: what is not as it should be

    @functools.cached_property
    def lexicon(self) -> Lexicon:
        """The descriptions as bags of words."""
        return Lexicon([record.description for record in self.records])

    def nearest(self, vector: Vectors, k: int) -> list[tuple[int, float]]:
        """Rows and cosine distances of the ``k`` nearest; an index that fails now gives way to the exact scan."""
        try:
            return self.index.nearest(vector, k)
        except IndexBroken as err:
            self.notes = (*self.notes, _stand_in(err))
            self.index = ExactIndex(self.vectors)
            return self.index.nearest(vector, k)

    def close(self) -> None:
        """Let go of the index's files."""
        if isinstance(self.index, ChromaIndex):
            self.index.close()


def open_library(cache_dir: Path, folder: Path = DEFAULT) -> Library:
    """The library in ``folder``, its index under ``cache_dir`` opened or built.

    When Chroma cannot be used (a read-only or full disk, a lock that is held), the vectors are scanned exactly
    in its stead, and the library's ``notes`` say so.
    """
    from filelock import Timeout

    records = load_records(folder / RECORDS)
    vectors = load_vectors(folder / VECTORS, len(records))
    recipe = Recipe(SCHEMA, MODEL_ID, records_sha(folder / RECORDS), len(records))
    try:
        index: VectorIndex = open_index(cache_dir / "library", recipe, vectors)
        return Library(records, vectors, index)
    except (OSError, Timeout, IndexBroken, ImportError) as err:
        return Library(records, vectors, ExactIndex(vectors), (_stand_in(err),))


@functools.lru_cache(maxsize=2)
def shared_library(cache_dir: Path) -> Library:
    """The default library, opened once a process for each cache."""
    return open_library(cache_dir)


def _stand_in(err: Exception) -> str:
    return f"The vector index could not be used ({err}); the library was scanned without it, with the same results."
