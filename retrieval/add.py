"""Filling one's own library from a folder: what is new or changed is read over all cores, the rest left alone.

A file counts as read once its records are in the library's file; what is interrupted goes on with the next call. A
file that cannot be read costs one line, is remembered, and is tried again when it changes.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from retrieval.embed import Vectors, describe_vectors
from retrieval.files import content_sha, records_of_file
from retrieval.parallel import Failure, in_processes
from retrieval.record import Record
from retrieval.shelf import Known, Shelf, readable
from tools.backends.text_embedding import DIMENSIONS
from tools.errors import ScorewrightError, UserError
from tools.kit.folders import MUSIC_SUFFIXES, music_files

SECONDS_A_FILE = 120.0
Progress = Callable[[float, str], None]


@dataclass
class Report:
    """What became of a folder.

    ``added`` counts files that were read now, ``records`` the pieces in them, ``unchanged`` files known from before,
    ``gone`` known files that are no longer there; ``failed`` maps files to why they could not be read,
    ``duplicates`` files to what they repeat, byte for byte or note for note.
    """

    added: int = 0
    records: int = 0
    unchanged: int = 0
    gone: int = 0
    failed: dict[str, str] = field(default_factory=dict)
    duplicates: dict[str, str] = field(default_factory=dict)
    passed_over: str = ""


@dataclass(frozen=True)
class _Read:
    """What a worker brings back of one file."""

    known: Known
    records: list[Record]
    vectors: Vectors


def add_folder(shelf: Shelf, folder: Path, progress: Progress, workers: int | None = None) -> Report:
    """Read a folder, or a single file, into the library.

    Parameters
    ----------
    progress
        Told the share that is done and a message; what it raises stops the work, and what was reported stays.
    workers
        How many processes read; as many as there are cores without it.

    Raises
    ------
    UserError
        When there is no such folder, it holds no music, or the library is of another version.
    """
    if not shelf.is_current:
        shelf.contents()  # raises, and says what to do
    files, passed_over = _listed(folder)
    known = shelf.known()
    report = Report(passed_over=passed_over)
    report.gone = shelf.drop([path for path in known if _inside(path, folder) and not os.path.lexists(path)])
    fresh = [path for path in files if not _is_unchanged(path, known.get(path))]
    report.unchanged = len(files) - len(fresh)
    count = workers or min(os.cpu_count() or 1, max(1, len(fresh)))
    for number, (path, read) in enumerate(in_processes(fresh, _read, count, SECONDS_A_FILE), start=1):
        _kept(shelf, path, read, report)
        progress(number / len(fresh), f"{number} of {len(fresh)} files, {report.records} pieces")
    return report


def remove(shelf: Shelf, target: Path) -> int:
    """Take a folder or a file out of the library; the files themselves stay. Returns how many files were in it."""
    target = Path(os.path.abspath(target.expanduser()))
    return shelf.drop([path for path in shelf.known() if _inside(path, target)])


def rebuild(shelf: Shelf, progress: Progress, workers: int | None = None) -> Report:
    """Read every file of the library anew, after a new version or embedding model."""
    paths = sorted(shelf.known())
    shelf.clear()
    report = Report()
    report.gone = shelf.drop([path for path in paths if not path.exists()])
    there = [path for path in paths if path.exists()]
    count = workers or min(os.cpu_count() or 1, max(1, len(there)))
    for number, (path, read) in enumerate(in_processes(there, _read, count, SECONDS_A_FILE), start=1):
        _kept(shelf, path, read, report)
        progress(number / len(there), f"{number} of {len(there)} files, {report.records} pieces")
    return report


def _listed(folder: Path) -> tuple[list[Path], str]:
    """The music files a path names, absolute, and what else lies there in words."""
    absolute = Path(os.path.abspath(folder.expanduser()))
    if absolute.is_file():
        if absolute.suffix.lower() not in MUSIC_SUFFIXES:
            kinds = ", ".join(sorted(MUSIC_SUFFIXES))
            raise UserError(f"{folder} is no music by its name; the library takes {kinds}.")
        return [absolute], ""
    listing = music_files(absolute)
    return list(listing.files), listing.passed_over()


def _inside(path: Path, folder: Path) -> bool:
    return path.is_relative_to(Path(os.path.abspath(folder.expanduser())))


def _is_unchanged(path: Path, known: Known | None) -> bool:
    if known is None:
        return False
    try:
        state = path.stat()
    except OSError:
        return False
    return (state.st_size, state.st_mtime_ns) == (known.size, known.mtime_ns)


def _read(path: Path) -> _Read:
    """One file's records and their vectors, or the error that it has instead; runs in a worker."""
    nothing = np.zeros((0, DIMENSIONS), dtype=np.float32)
    size, mtime_ns, sha = 0, 0, ""
    try:
        state = path.stat()
        size, mtime_ns, sha = state.st_size, state.st_mtime_ns, content_sha(path)
        with warnings.catch_warnings(action="ignore"):  # readers warn of every sign they have to guess
            records = records_of_file(path)
        return _Read(Known(size, mtime_ns, sha, None), records, describe_vectors(records))
    except ScorewrightError as err:
        reason = err.msg
    except Exception as err:  # noqa: BLE001  # readers raise anything on malformed files; one file is one line
        reason = f"{path.name} cannot be read ({type(err).__name__}: {err})"
    return _Read(Known(size, mtime_ns, sha, readable(" ".join(reason.split())[:500])), [], nothing)


def _kept(shelf: Shelf, path: Path, read: _Read | Failure, report: Report) -> None:
    """Put what was read on the shelf, and into the report."""
    name = readable(str(path))
    if isinstance(read, Failure):
        state = path.stat() if path.exists() else None
        known = Known(state.st_size if state else 0, state.st_mtime_ns if state else 0, "", read.reason)
        read = _Read(known, [], np.zeros((0, DIMENSIONS), dtype=np.float32))
    if read.known.error:
        shelf.put(path, read.known, [], read.vectors)
        report.failed[name] = read.known.error
        return
    others = [other for other in shelf.paths_of(read.known.sha) if other != path and other.exists()]
    shelf.put(path, read.known, read.records, read.vectors)
    report.added += 1
    if others:
        report.duplicates[name] = f"the same file as {others[0]}"
        return
    report.records += len(read.records)
    twins: Sequence[str] = [twin for twin in map(shelf.same_tune, read.records) if twin]
    if twins and len(twins) == len(read.records):
        report.duplicates[name] = f"the same notes as “{twins[0]}”"
