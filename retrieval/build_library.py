"""Rebuild the default library from music21's corpus: ``python -m retrieval.build_library``.

Measures every piece, over all cores, and writes ``retrieval/library/records.jsonl.gz`` and ``vectors.npy``. What
is done is kept beside the target and taken up again after an interruption. Takes some minutes.
"""

from __future__ import annotations

import functools
import logging
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from retrieval.ingest import Origin, record_of
from retrieval.parallel import in_processes
from retrieval.piece import Piece
from retrieval.record import Record, save_records
from retrieval.songbooks import SONGBOOKS, piece_of_song, songs
from retrieval.sources import TUNEBOOKS, WORKS, corpus_folder, piece_of_tune, piece_of_work, tunes
from tools.errors import UserError

log = logging.getLogger(__name__)
LIBRARY = Path(__file__).with_name("library")


@dataclass(frozen=True)
class Job:
    """A piece that belongs in the library, and how it is read."""

    origin: Origin
    read: Callable[[], Piece]


def jobs(corpus: Path) -> Iterator[Job]:
    """Every piece that belongs in the library."""
    for work in WORKS:
        yield Job(work.origin(), functools.partial(piece_of_work, work, corpus))
    for book in TUNEBOOKS:
        for tune in tunes(book, corpus):
            yield Job(tune.origin, functools.partial(piece_of_tune, tune))
    for songbook in SONGBOOKS:
        for song in songs(songbook, corpus):
            yield Job(song.origin, functools.partial(piece_of_song, song))


def measure(job: Job) -> Record | str:
    """The record of one piece, or why it has none."""
    from music21.exceptions21 import Music21Exception

    try:
        return record_of(job.read(), job.origin)
    except (UserError, Music21Exception, ValueError, ZeroDivisionError, IndexError, KeyError, AttributeError) as err:
        return f"{type(err).__name__}: {err}"


def build(folder: Path) -> int:
    """Write records and vectors into ``folder``; returns the number of records."""
    from retrieval.embed import describe_vectors, save_vectors

    partial = folder / "records.partial.jsonl"
    done = _taken_up(partial)
    left = [job for job in jobs(corpus_folder()) if job.origin.id not in done]
    with partial.open("a", encoding="utf-8") as stream:
        for number, (job, found) in enumerate(in_processes(left, measure, workers=os.cpu_count() or 2), start=1):
            if isinstance(found, Record):
                done[job.origin.id] = found
                stream.write(found.model_dump_json(exclude_none=True) + "\n")
                stream.flush()
            else:
                log.warning("left out %s: %s", job.origin.source, found)
            if number % 200 == 0:
                log.info("%d pieces read, %d kept", number, len(done))
    records = sorted(done.values(), key=lambda r: r.id)
    save_records(records, folder / "records.jsonl.gz")
    save_vectors(describe_vectors(records), folder / "vectors.npy")
    partial.unlink()
    return len(records)


def _taken_up(partial: Path) -> dict[str, Record]:
    """Records that an earlier, interrupted build has left; a half-written last line is dropped."""
    if not partial.exists():
        return {}
    lines = [line for line in partial.read_text(encoding="utf-8").splitlines(keepends=True) if line.endswith("\n")]
    partial.write_text("".join(lines), encoding="utf-8")
    return {record.id: record for record in map(Record.model_validate_json, lines)}


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
    log.info("%d records in %s", build(LIBRARY), LIBRARY)
