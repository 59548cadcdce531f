"""One's own library on disk: one SQLite file that holds files, records and vectors, and survives what befalls it.

Every file is added in one transaction (write-ahead log), so that a killed process loses nothing it had reported, and
two processes may add at once. The nearest-neighbour index is made from this and never the other way round.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from retrieval.embed import Vectors
from retrieval.record import SCHEMA, Record
from tools.backends.text_embedding import DIMENSIONS, MODEL_ID
from tools.errors import UserError

_TELLING = 24  # intervals from which two melodies that agree are one tune
_WAIT_S = 60.0  # for another process that writes
_TABLES = """
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS files (
    path BLOB PRIMARY KEY, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, sha TEXT NOT NULL, error TEXT);
CREATE INDEX IF NOT EXISTS files_by_sha ON files (sha);
CREATE TABLE IF NOT EXISTS records (
    number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, sha TEXT NOT NULL, tune TEXT NOT NULL,
    body TEXT NOT NULL, vector BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS records_by_sha ON records (sha);
CREATE INDEX IF NOT EXISTS records_by_tune ON records (tune);
"""


def readable(path: str) -> str:
    """A path as text, bytes that are no UTF-8 replaced."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


@dataclass(frozen=True)
class Known:
    """What is kept of a file: its state when it was read, and why it has no record."""

    size: int
    mtime_ns: int
    sha: str
    error: str | None


@dataclass(frozen=True)
class Contents:
    """Everything on the shelf, in the order it was added; ``numbers`` are never used twice."""

    numbers: NDArray[np.int64]
    records: list[Record]
    vectors: Vectors


class Shelf:
    """The library's file, created with its folder when it is missing.

    Raises
    ------
    UserError
        When it was written by another version, or is damaged.
    """

    def __init__(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        self.file = file
        self._is_changed = False
        with self._told():
            self._db = sqlite3.connect(self.file, timeout=_WAIT_S, isolation_level=None)
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=NORMAL")
            self._db.executescript(_TABLES)
        with self._told(), self._writing():
            self._db.execute("INSERT OR IGNORE INTO meta VALUES ('schema', ?), ('model', ?)", (str(SCHEMA), MODEL_ID))

    @property
    def model(self) -> str:
        """The embedding model that made the vectors."""
        return self._meta("model")

    @property
    def is_current(self) -> bool:
        """Whether records and vectors are of this version's kind."""
        return self._meta("schema") == str(SCHEMA) and self.model == MODEL_ID

    def known(self) -> dict[Path, Known]:
        """Every file that was read, by path."""
        rows = self._db.execute("SELECT path, size, mtime_ns, sha, error FROM files")
        return {Path(os.fsdecode(path)): Known(*rest) for path, *rest in rows}

    def put(self, path: Path, known: Known, records: Sequence[Record], vectors: Vectors) -> None:
        """Keep a file with its records, all or nothing; what it was before goes."""
        with self._told(), self._writing():
            before = self._db.execute("SELECT sha FROM files WHERE path = ?", (os.fsencode(path),)).fetchone()
            self._db.execute(
                "INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?)",
                (os.fsencode(path), known.size, known.mtime_ns, known.sha, known.error),
            )
            rows = [
                (r.id, known.sha, r.melody, r.model_dump_json(exclude_none=True), v.astype(np.float16).tobytes())
                for r, v in zip(records, vectors, strict=True)
            ]
            self._db.executemany(
                "INSERT OR IGNORE INTO records (id, sha, tune, body, vector) VALUES (?, ?, ?, ?, ?)", rows
            )
            if before and before[0] != known.sha:
                self._sweep(before[0])

    def drop(self, paths: Sequence[Path]) -> int:
        """Forget files, and the records that no other file has; returns how many files were known."""
        gone = 0
        with self._told(), self._writing():
            for path in paths:
                row = self._db.execute("SELECT sha FROM files WHERE path = ?", (os.fsencode(path),)).fetchone()
                if row:
                    self._db.execute("DELETE FROM files WHERE path = ?", (os.fsencode(path),))
                    self._sweep(row[0])
                    gone += 1
        return gone

    def clear(self) -> None:
        """Forget every record and vector and what made them; the files are to be read again."""
        with self._told(), self._writing():
            self._db.execute("DELETE FROM records")
            self._db.execute("UPDATE files SET size = -1, sha = ''")
            self._db.execute("INSERT OR REPLACE INTO meta VALUES ('schema', ?), ('model', ?)", (str(SCHEMA), MODEL_ID))

    def contents(self) -> Contents:
        """Every record with its vector; :class:`UserError` when they are of another version or model."""
        if not self.is_current:
            msg = (
                f"Your library in {self.file} was indexed by another version or embedding model ({self.model});"
                " run `scorewright library rebuild`."
            )
            raise UserError(msg)
        with self._told():
            rows = self._db.execute("SELECT number, body, vector FROM records ORDER BY number").fetchall()
        vectors = np.frombuffer(b"".join(row[2] for row in rows), dtype=np.float16).reshape(-1, DIMENSIONS)
        records = [Record.model_validate_json(row[1]) for row in rows]
        return Contents(np.array([row[0] for row in rows], dtype=np.int64), records, vectors.astype(np.float32))

    def state(self) -> str:
        """A short text that changes whenever records come or go."""
        row = self._db.execute("SELECT COUNT(*), COALESCE(MAX(number), 0), COALESCE(SUM(number), 0) FROM records")
        return "/".join(str(value) for value in row.fetchone())

    def paths_of(self, sha: str) -> list[Path]:
        """The files with some content."""
        rows = self._db.execute("SELECT path FROM files WHERE sha = ? ORDER BY path", (sha,))
        return [Path(os.fsdecode(path)) for (path,) in rows]

    def same_tune(self, record: Record) -> str | None:
        """The title of another record with the same melody, in any key; None when it has none worth comparing."""
        if len(record.melody) < _TELLING:
            return None
        row = self._db.execute(
            "SELECT body FROM records WHERE tune = ? AND id != ? ORDER BY number LIMIT 1", (record.melody, record.id)
        ).fetchone()
        return Record.model_validate_json(row[0]).title if row else None

    def close(self) -> None:
        """Let go of the file; its time tells others that it has changed."""
        self._db.close()
        if self._is_changed:
            os.utime(self.file)

    def _sweep(self, sha: str) -> None:
        """Forget the records of a content that no file has; where another file has it, they are found there."""
        left = self._db.execute("SELECT path FROM files WHERE sha = ? ORDER BY path LIMIT 1", (sha,)).fetchone()
        if left is None:
            self._db.execute("DELETE FROM records WHERE sha = ?", (sha,))
            return
        path = readable(os.fsdecode(left[0]))
        for number, body in self._db.execute("SELECT number, body FROM records WHERE sha = ?", (sha,)).fetchall():
            record = Record.model_validate_json(body)
            tune = "".join(record.source.rpartition(" #")[1:]) if " #" in record.source else ""
            moved = record.model_copy(update={"path": path, "source": f"{path}{tune}"}).model_dump_json(
                exclude_none=True
            )
            self._db.execute("UPDATE records SET body = ? WHERE number = ?", (moved, number))

    def _meta(self, name: str) -> str:
        row = self._db.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return str(row[0]) if row else ""

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        """One transaction, undone when anything in it fails."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")
        self._is_changed = True

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as err:
            msg = f"Your library's file {self.file} cannot be used ({err}); move it away and add your folders again."
            raise UserError(msg) from err
