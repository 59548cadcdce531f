"""Rebuild the default library from music21's corpus: ``python -m retrieval.build_library``.

Measures every piece, one at a time, and writes ``retrieval/library/records.jsonl.gz`` and ``vectors.npy``. What
is done is kept beside the target and taken up again after an interruption. Takes about three minutes.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from pathlib import Path

from retrieval.ingest import Origin, record_of
from retrieval.piece import Piece
from retrieval.record import Record, save_records
from retrieval.sources import TUNEBOOKS, WORKS, corpus_folder, piece_of_tune, piece_of_work, tunes
from tools.errors import UserError

log = logging.getLogger(__name__)
LIBRARY = Path(__file__).with_name("library")


def jobs(corpus: Path) -> Iterator[tuple[Origin, Callable[[], Piece]]]:
    """Every piece that belongs in the library, with what reads it."""
    for work in WORKS:
        yield work.origin(), lambda work=work: piece_of_work(work, corpus)  # type: ignore[misc]
    for book in TUNEBOOKS:
        for tune in tunes(book, corpus):
            yield tune.origin, lambda tune=tune: piece_of_tune(tune)  # type: ignore[misc]


def measure(origin: Origin, read: Callable[[], Piece]) -> Record | None:
    """The record of one piece, None with a line in the log when it cannot be read."""
    from music21.exceptions21 import Music21Exception

    try:
        return record_of(read(), origin)
    except (UserError, Music21Exception, ValueError, ZeroDivisionError, IndexError, KeyError, AttributeError) as err:
        log.warning("left out %s: %s", origin.source, err)
        return None


def build(folder: Path) -> int:
    """Write records and vectors into ``folder``; returns the number of records."""
    from retrieval.embed import describe_vectors, save_vectors

    partial = folder / "records.partial.jsonl"
    done = _taken_up(partial)
    with partial.open("a", encoding="utf-8") as stream:
        for number, (origin, read) in enumerate(jobs(corpus_folder()), start=1):
            if origin.id in done:
                continue
            record = measure(origin, read)
            if record is not None:
                done[origin.id] = record
                stream.write(record.model_dump_json(exclude_none=True) + "\n")
                stream.flush()
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
