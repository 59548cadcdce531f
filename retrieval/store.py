"""The vector index: an embedded Chroma, written by one process, checked at every opening, rebuilt when in doubt.

Two processes that write one Chroma path lose data in silence, so a file lock stands before every opening; an
index is built in a folder of its own and renamed into place, with a manifest of what it was built from. The
records are the truth, the index can always be made again from them.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from retrieval.embed import Vectors
from retrieval.vectors import COLLECTION, ChromaIndex, IndexBroken, chroma_client, chroma_errors

BATCH = 5_461  # the most Chroma takes in one call
LOCK_TIMEOUT_S = 60.0
_MANIFEST = "manifest.json"
_INDEX, _BUILDING, _BROKEN = "index", ".building", ".broken"


@dataclass(frozen=True)
class Recipe:
    """What an index is built from; any difference makes another index."""

    schema: int
    model: str
    records_sha: str
    count: int


def open_index(folder: Path, recipe: Recipe, vectors: Vectors) -> ChromaIndex:
    """The index in ``folder``, built first when it is missing, damaged or of another recipe.

    Raises
    ------
    OSError, filelock.Timeout
        The folder cannot be written or its lock is held for more than a minute.
    """
    from filelock import FileLock

    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / "lock", timeout=LOCK_TIMEOUT_S):
        try:
            return _open(folder / _INDEX, recipe, vectors)
        except IndexBroken:
            _build(folder, recipe, vectors)
            return _open(folder / _INDEX, recipe, vectors)


def _open(index: Path, recipe: Recipe, vectors: Vectors) -> ChromaIndex:
    _check_files(index, recipe)
    opened = ChromaIndex(index)
    try:
        opened.check(vectors)
    except IndexBroken:
        opened.close()
        raise
    return opened


def _build(folder: Path, recipe: Recipe, vectors: Vectors) -> None:
    """Make the index beside the old one and put it in its place; call it under the lock."""
    for left in (*folder.glob(f"{_BUILDING}*"), *folder.glob(f"{_BROKEN}*")):
        shutil.rmtree(left, ignore_errors=True)
    building = folder / f"{_BUILDING}-{os.getpid()}"
    with chroma_errors(f"build an index in {folder}"):
        _fill(building, vectors)
    manifest = {"recipe": asdict(recipe), "files": _fingerprints(building)}
    (building / _MANIFEST).write_text(json.dumps(manifest, indent=2), encoding="utf-8")
    index = folder / _INDEX
    if index.exists():
        broken = folder / f"{_BROKEN}-{os.getpid()}"
        index.rename(broken)
        shutil.rmtree(broken, ignore_errors=True)
    building.rename(index)


def _fill(folder: Path, vectors: Vectors) -> None:
    """Write every vector into a new Chroma collection."""
    client = chroma_client(folder)
    try:
        parts = np.array_split(np.arange(len(vectors)), -(-len(vectors) // BATCH))
        smallest = len(parts[-1])  # each batch is synced to disk, so that the graph files are final
        graph = {
            "space": "cosine",
            "ef_construction": 200,
            "ef_search": 200,
            "sync_threshold": max(smallest, 2),
            "batch_size": max(min(smallest, 100), 2),
        }
        collection = client.create_collection(COLLECTION, embedding_function=None, configuration={"hnsw": graph})
        for part in parts:
            collection.add(ids=[str(row) for row in part], embeddings=vectors[part])
    finally:
        client.close()


def _check_files(index: Path, recipe: Recipe) -> None:
    """:class:`IndexBroken` unless manifest, graph files and database are whole."""
    try:
        manifest: Mapping[str, Any] = json.loads((index / _MANIFEST).read_text(encoding="utf-8"))
        if manifest["recipe"] != asdict(recipe):
            raise IndexBroken("The index was built from other records or by another model.")
        if _fingerprints(index) != manifest["files"]:
            raise IndexBroken("A file of the index was changed or lost.")
        _check_database(index / "chroma.sqlite3")
    except (OSError, ValueError, KeyError, TypeError, sqlite3.Error) as err:
        raise IndexBroken(f"The index in {index} cannot be read ({err}).") from err


def _check_database(path: Path) -> None:
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
    try:
        verdict: Sequence[str] = connection.execute("PRAGMA quick_check(1)").fetchone()
    finally:
        connection.close()
    if verdict[0] != "ok":
        raise IndexBroken(f"The index's database is damaged ({verdict[0]}).")


def _fingerprints(index: Path) -> dict[str, str]:
    """SHA-256 of the graph files; the database, which Chroma touches at opening, is checked by SQLite itself."""
    return {
        str(file.relative_to(index)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(index.glob("*/*"))
        if file.is_file()
    }
