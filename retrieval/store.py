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
from retrieval.vectors import COLLECTION, ChromaIndex, IndexBroken, Rows, chroma_client, chroma_errors

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


def open_index(folder: Path, recipe: Recipe, vectors: Vectors, numbers: Rows | None = None) -> ChromaIndex:
    """The index in ``folder``, built first when it is missing, damaged or of another recipe.

    Parameters
    ----------
    vectors
        Unit vectors ``[n, d]``.
    numbers
        The library's own number of each row ``[n]``, which never names another vector; without it the row itself.
        With them an index that lacks some, or has some too many, is brought up to date in place of being built.

    Raises
    ------
    OSError, filelock.Timeout
        The folder cannot be written or its lock is held for more than a minute.
    """
    from filelock import FileLock

    folder.mkdir(parents=True, exist_ok=True)
    mends = (_nothing, _build) if numbers is None else (_nothing, _update, _build)
    numbers = np.arange(len(vectors)) if numbers is None else numbers
    with FileLock(folder / "lock", timeout=LOCK_TIMEOUT_S):
        for mend in mends:
            try:
                mend(folder, recipe, vectors, numbers)
                return _open(folder / _INDEX, recipe, vectors, numbers)
            except IndexBroken:
                if mend is _build:
                    raise
    raise IndexBroken(f"The index in {folder} could not be opened.")


def _nothing(folder: Path, recipe: Recipe, vectors: Vectors, numbers: Rows) -> None:
    """The first try: the index as it is."""


def _open(index: Path, recipe: Recipe, vectors: Vectors, numbers: Rows) -> ChromaIndex:
    _check_files(index, recipe)
    opened = _opened(index, vectors, numbers)
    try:
        opened.check()
    except IndexBroken:
        opened.close()
        raise
    return opened


def _opened(index: Path, vectors: Vectors, numbers: Rows) -> ChromaIndex:
    with chroma_errors(f"open {index}"):
        client = chroma_client(index)
    try:
        with chroma_errors(f"open {index}"):
            collection = client.get_collection(COLLECTION, embedding_function=None)
    except IndexBroken:
        client.close()
        raise
    return ChromaIndex(collection, vectors, numbers, client)


def _update(folder: Path, recipe: Recipe, vectors: Vectors, numbers: Rows) -> None:
    """Add and take out what has changed since a whole index of the same model was written; call it under the lock.

    The manifest goes first and comes last: an update that is cut off leaves an index that is built anew.
    """
    index = folder / _INDEX
    manifest = _manifest(index)
    if {**manifest["recipe"], "records_sha": "", "count": 0} != {**asdict(recipe), "records_sha": "", "count": 0}:
        raise IndexBroken("The index was built by another model.")
    _check_whole(index, manifest)
    (index / _MANIFEST).unlink()
    client = chroma_client(index)
    try:
        with chroma_errors(f"update {index}"):
            bring_up_to_date(client.get_collection(COLLECTION, embedding_function=None), vectors, numbers)
    finally:
        client.close()
    _write_manifest(index, recipe)


def bring_up_to_date(collection: Any, vectors: Vectors, numbers: Rows) -> None:
    """Make a collection hold exactly these numbers, those it has being taken as they are."""
    present = {int(number) for number in collection.get(include=[])["ids"]}
    wanted = {int(number): row for row, number in enumerate(numbers)}
    gone = [str(number) for number in sorted(present - wanted.keys())]
    for start in range(0, len(gone), BATCH):
        collection.delete(ids=gone[start : start + BATCH])
    new = sorted(wanted.keys() - present)
    for start in range(0, len(new), BATCH):
        part = new[start : start + BATCH]
        collection.add(ids=[str(n) for n in part], embeddings=vectors[[wanted[n] for n in part]])


def _build(folder: Path, recipe: Recipe, vectors: Vectors, numbers: Rows) -> None:
    """Make the index beside the old one and put it in its place; call it under the lock."""
    for left in (*folder.glob(f"{_BUILDING}*"), *folder.glob(f"{_BROKEN}*")):
        shutil.rmtree(left, ignore_errors=True)
    building = folder / f"{_BUILDING}-{os.getpid()}"
    with chroma_errors(f"build an index in {folder}"):
        _fill(building, vectors, numbers)
    _write_manifest(building, recipe)
    index = folder / _INDEX
    if index.exists():
        broken = folder / f"{_BROKEN}-{os.getpid()}"
        index.rename(broken)
        shutil.rmtree(broken, ignore_errors=True)
    building.rename(index)


def _fill(folder: Path, vectors: Vectors, numbers: Rows) -> None:
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
            collection.add(ids=[str(number) for number in numbers[part]], embeddings=vectors[part])
    finally:
        client.close()


def _write_manifest(index: Path, recipe: Recipe) -> None:
    manifest = {"recipe": asdict(recipe), "files": _fingerprints(index)}
    (index / _MANIFEST).write_text(json.dumps(manifest, indent=2), encoding="utf-8")


def _manifest(index: Path) -> Mapping[str, Any]:
    try:
        manifest: Mapping[str, Any] = json.loads((index / _MANIFEST).read_text(encoding="utf-8"))
        if not isinstance(manifest["recipe"], dict) or not isinstance(manifest["files"], dict):
            raise TypeError("its manifest holds no recipe")
    except (OSError, ValueError, KeyError, TypeError) as err:
        raise IndexBroken(f"The index in {index} cannot be read ({err}).") from err
    return manifest


def _check_files(index: Path, recipe: Recipe) -> None:
    """:class:`IndexBroken` unless manifest, graph files and database are whole and of this recipe."""
    manifest = _manifest(index)
    if manifest["recipe"] != asdict(recipe):
        raise IndexBroken("The index was built from other records or by another model.")
    _check_whole(index, manifest)


def _check_whole(index: Path, manifest: Mapping[str, Any]) -> None:
    try:
        if _fingerprints(index) != manifest["files"]:
            raise IndexBroken("A file of the index was changed or lost.")
        _check_database(index / "chroma.sqlite3")
    except (OSError, sqlite3.Error) as err:
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
