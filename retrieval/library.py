"""A library ready to be searched: records, their vectors, the words and melodies in them and the index over them."""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from retrieval.embed import Vectors, load_vectors
from retrieval.lexical import Lexicon
from retrieval.melody import Melodies
from retrieval.record import SCHEMA, Record, load_records, records_sha
from retrieval.server import open_server_index
from retrieval.shelf import Contents, Shelf
from retrieval.store import Recipe, open_index
from retrieval.vectors import ChromaIndex, ExactIndex, IndexBroken, JoinedIndex, VectorIndex
from tools.backends.text_embedding import MODEL_ID
from tools.errors import UserError

DEFAULT = Path(__file__).with_name("library")
RECORDS, VECTORS = "records.jsonl.gz", "vectors.npy"
EXACT_LIMIT = 20_000  # vectors up to which comparing all takes less than Chroma's import and graph


@dataclass(frozen=True)
class Shelves:
    """Where libraries are kept.

    ``own_file`` holds one's own records (None: only the default library), ``cache_dir`` what can be made again;
    ``chroma_url`` names a Chroma server that finds the nearest of one's own.
    """

    cache_dir: Path
    own_file: Path | None = None
    chroma_url: str | None = None


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

    @functools.cached_property
    def titles(self) -> Lexicon:
        """The titles as bags of words."""
        return Lexicon([record.title for record in self.records])

    @functools.cached_property
    def melodies(self) -> Melodies:
        """The melodies as bags of interval patterns."""
        return Melodies([record.melody for record in self.records])

    def nearest(self, vector: Vectors, k: int) -> list[tuple[int, float]]:
        """Rows and cosine distances of the ``k`` nearest; an index that fails now gives way to the exact scan."""
        if k > EXACT_LIMIT or k >= len(self.records):
            return ExactIndex(self.vectors).nearest(vector, k)
        try:
            return self.index.nearest(vector, k)
        except IndexBroken as err:
            self.notes = (*self.notes, _stand_in(err))
            self.index = ExactIndex(self.vectors)
            return self.index.nearest(vector, k)

    def close(self) -> None:
        """Let go of the index's files."""
        if isinstance(self.index, (ChromaIndex, JoinedIndex)):
            self.index.close()


def open_library(shelves: Shelves, folder: Path = DEFAULT) -> Library:
    """The library in ``folder`` with one's own behind it.

    Where Chroma cannot be used (a server that is away, a read-only or full disk, a lock that is held), the vectors
    are scanned exactly in its stead; an own library that cannot be read is left out. The ``notes`` say so.
    """
    records = load_records(folder / RECORDS)
    vectors = load_vectors(folder / VECTORS, len(records))
    recipe = Recipe(SCHEMA, MODEL_ID, records_sha(folder / RECORDS), len(records))
    notes: list[str] = []
    index = _index(shelves.cache_dir / "library", recipe, vectors, notes)
    own, state = _own(shelves, notes)
    if own is None or not own.records:
        return Library(records, vectors, index, tuple(notes))
    recipe = Recipe(SCHEMA, MODEL_ID, state, len(own.records))
    behind = _own_index(shelves, recipe, own, notes)
    joined = JoinedIndex([(0, index), (len(records), behind)])
    return Library([*records, *own.records], np.concatenate([vectors, own.vectors]), joined, tuple(notes))


def refresh_own_index(shelves: Shelves) -> list[str]:
    """Bring the index over one's own library up to date now, not at the next search; returns what should be known."""
    notes: list[str] = []
    own, state = _own(shelves, notes)
    if own is not None and (shelves.chroma_url is not None or len(own.records) > EXACT_LIMIT):
        index = _own_index(shelves, Recipe(SCHEMA, MODEL_ID, state, len(own.records)), own, notes)
        if isinstance(index, ChromaIndex):
            index.close()
    return notes


def shared_library(shelves: Shelves) -> Library:
    """The library, opened once a process for each place; opened again when one's own has changed."""
    state = _state(shelves.own_file)
    held = _open.get(shelves)
    if held is None or held[0] != state:
        if held is not None:
            held[1].close()
        held = _open[shelves] = (state, open_library(shelves))
    return held[1]


def forget_shared() -> None:
    """Close every library that :func:`shared_library` holds open."""
    for _, library in _open.values():
        library.close()
    _open.clear()


_open: dict[Shelves, tuple[str, Library]] = {}


def _state(own_file: Path | None) -> str:
    if own_file is None or not own_file.exists():
        return ""
    shelf = Shelf(own_file)
    try:
        return shelf.state()
    finally:
        shelf.close()


def _own(shelves: Shelves, notes: list[str]) -> tuple[Contents | None, str]:
    """One's own records and their state; what keeps them from being read goes into ``notes``."""
    if shelves.own_file is None or not shelves.own_file.exists():
        return None, ""
    try:
        shelf = Shelf(shelves.own_file)
        try:
            return shelf.contents(), shelf.state()
        finally:
            shelf.close()
    except UserError as err:
        notes.append(f"{err.msg} Until then only the default library is searched.")
        return None, ""


def _own_index(shelves: Shelves, recipe: Recipe, own: Contents, notes: list[str]) -> VectorIndex:
    if shelves.chroma_url is None:
        return _index(shelves.cache_dir / "own", recipe, own.vectors, notes, own.numbers)
    try:
        return open_server_index(shelves.chroma_url, str(shelves.own_file), recipe, own.vectors, own.numbers)
    except (OSError, IndexBroken, ImportError) as err:
        notes.append(_stand_in(err))
        return ExactIndex(own.vectors)


def _index(
    folder: Path, recipe: Recipe, vectors: Vectors, notes: list[str], numbers: np.ndarray | None = None
) -> VectorIndex:
    """Chroma in ``folder`` for many vectors, the exact scan for fewer or when it cannot be used."""
    from filelock import Timeout

    if len(vectors) <= EXACT_LIMIT:
        return ExactIndex(vectors)
    try:
        return open_index(folder, recipe, vectors, numbers)
    except (OSError, Timeout, IndexBroken, ImportError) as err:
        notes.append(_stand_in(err))
        return ExactIndex(vectors)


def _stand_in(err: Exception) -> str:
    return f"The vector index could not be used ({err}); the library was scanned without it, with the same results."
