"""What the find tools share: the library a call searches, earlier results read back, hits as facts."""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import ValidationError

from retrieval.filters import SearchFilters
from retrieval.library import Library, Shelves, shared_library
from retrieval.record import Record
from tools.contract import JSON, ToolContext
from tools.errors import UserError


def opened_library(ctx: ToolContext) -> Library:
    """The default library with the person's own behind it."""
    settings = ctx.settings
    return shared_library(Shelves(settings.cache_dir, settings.library_file, settings.chroma_url))


def earlier_sources(file: Path) -> list[str]:
    """The sources of an earlier result's hits, in order; ``UserError`` when it is none."""
    try:
        hits = json.loads(file.read_text(encoding="utf-8"))["hits"]
        return [str(hit["source"]) for hit in hits]
    except (OSError, ValueError, KeyError, TypeError) as err:
        raise UserError(f"{file.name} cannot be read as references ({err}); make it again with search_music.") from err


def earlier_search(file: Path) -> tuple[str, SearchFilters]:
    """The text and the filters of an earlier search; a playlist has none."""
    content = json.loads(file.read_text(encoding="utf-8"))
    try:
        return str(content.get("looked_for", "")), SearchFilters.model_validate(content.get("filters", {}))
    except ValidationError:
        return "", SearchFilters()


def still_there(library: Library, sources: list[str]) -> list[Record]:
    """The records of sources, in their order; those that have left the library are passed over."""
    known = {record.source: record for record in library.records}
    return [known[source] for source in sources if source in known]


def facts_of(record: Record) -> dict[str, JSON]:
    """What is known of a piece, but for what a hit says elsewhere and its melody."""
    facts = record.model_dump(mode="json", exclude={"title", "licence", "source", "melody"}, exclude_none=True)
    if record.groove is not None:
        facts["density"] = record.groove.onsets_per_beat
    return facts
