"""The person's own library from the command line: add, list, remove, rebuild, search, count."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from agent.config import Config
from agent.events import CancelToken
from tools.errors import Cancelled

Outcome = dict[str, Any]  # what ``--json`` prints; ``text`` is what a person reads
Tell = Callable[[float, str], None]
_SHOWN = 20  # failures and duplicates that are listed one by one


def add(folders: list[Path], config: Config, tell: Tell, cancel: CancelToken) -> Outcome:
    """Read folders or files into the library; a second call reads only what is new or changed."""
    from retrieval.add import add_folder

    told = _stoppable(tell, cancel)
    return _filled(config, [partial(add_folder, folder=folder, progress=told) for folder in folders])


def rebuild(config: Config, tell: Tell, cancel: CancelToken) -> Outcome:
    """Read every file of the library anew."""
    from retrieval.add import rebuild as read_anew

    return _filled(config, [partial(read_anew, progress=_stoppable(tell, cancel))])


def remove(paths: list[Path], config: Config) -> Outcome:
    """Take folders or files out of the library; the files themselves stay."""
    from retrieval.add import remove as take_out
    from retrieval.shelf import Shelf

    shelf = Shelf(config.library_file)
    try:
        gone = sum(take_out(shelf, path) for path in paths)
    finally:
        shelf.close()
    return {"ok": True, "removed": gone, "text": f"{gone} files taken out of the library; the files themselves stay."}


def listing(config: Config) -> Outcome:
    """Every piece of the library, one a line."""
    records = _records(config)
    rows = [f"{r.title}  [{r.key}, {_meter(r.meter)}{_tempo(r.tempo_bpm)}, {r.licence}]  {r.path}" for r in records]
    pieces = [r.model_dump(mode="json", exclude={"melody"}, exclude_none=True) for r in records]
    text = "\n".join(rows) if rows else "Your own library is empty; fill it with `scorewright library add FOLDER`."
    return {"ok": True, "pieces": pieces, "text": text}


def stats(config: Config) -> Outcome:
    """How much there is, by collection and licence, and what could not be read."""
    from retrieval.library import DEFAULT, RECORDS
    from retrieval.record import load_records
    from retrieval.shelf import Shelf

    default, own = load_records(DEFAULT / RECORDS), _records(config)
    failed = {}
    if config.library_file.exists():
        shelf = Shelf(config.library_file)
        failed = {str(path): known.error for path, known in shelf.known().items() if known.error}
        shelf.close()
    licences = Counter(r.licence for r in [*default, *own])
    lines = [f"{len(default)} pieces in the default library, {len(own)} in your own ({config.library_file})."]
    lines += [f"{count:7} {licence}" for licence, count in licences.most_common()]
    lines += [f"unread: {error}" for _, error in sorted(failed.items())[:_SHOWN]]
    return {
        "ok": True,
        "default": len(default),
        "own": len(own),
        "licences": dict(licences),
        "failed": failed,
        "text": "\n".join(lines),
    }


def _filled(config: Config, fills: list[Callable[[Any], Any]]) -> Outcome:
    """What every filling of the library came to, together."""
    from retrieval.library import Shelves, refresh_own_index
    from retrieval.shelf import Shelf

    shelf = Shelf(config.library_file)
    try:
        reports = [fill(shelf) for fill in fills]
    finally:
        shelf.close()
    notes = refresh_own_index(Shelves(config.cache_dir, config.library_file, config.chroma_url))
    failed = {name: reason for r in reports for name, reason in r.failed.items()}
    duplicates = {name: of for r in reports for name, of in r.duplicates.items()}
    counts = {name: sum(getattr(r, name) for r in reports) for name in ("added", "records", "unchanged", "gone")}
    lines = [
        f"{counts['added']} files read, {counts['records']} pieces added; {counts['unchanged']} files unchanged, "
        f"{counts['gone']} gone, {len(failed)} unreadable, {len(duplicates)} duplicates."
    ]
    lines += [f"unreadable: {reason}" for _, reason in sorted(failed.items())[:_SHOWN]]
    lines += [f"duplicate: {name} is {of}" for name, of in sorted(duplicates.items())[:_SHOWN]]
    lines += [f"passed over: {r.passed_over}" for r in reports if r.passed_over]
    lines += notes
    return {"ok": True, **counts, "failed": failed, "duplicates": duplicates, "text": "\n".join(lines)}


def _records(config: Config) -> list[Any]:
    from retrieval.shelf import Shelf

    if not config.library_file.exists():
        return []
    shelf = Shelf(config.library_file)
    try:
        return list(shelf.contents().records)
    finally:
        shelf.close()


def _stoppable(tell: Tell, cancel: CancelToken) -> Tell:
    """Progress that ends the work when the person has cancelled."""

    def told(share: float, message: str) -> None:
        if cancel.cancelled:
            raise Cancelled("Cancelled; what was reported as added is in the library.")
        tell(share, message)

    return told


def _meter(meter: str) -> str:
    return f"{meter}, " if meter else ""


def _tempo(bpm: float | None) -> str:
    return "no pulse" if bpm is None else f"{bpm:g} BPM"
