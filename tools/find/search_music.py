"""Search a library of free music by words, by a brief, by filters, or by a piece like what is looked for."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Literal

from pydantic import Field, ValidationError

from retrieval.facets import Facets, facets_of_brief, facets_of_record
from retrieval.filters import SearchFilters, shown
from retrieval.library import Library
from retrieval.query import brief_text, facets_of_text, in_english, joined, stated_filters
from retrieval.record import Record
from retrieval.relative import differs, shift_of, shifted
from retrieval.search import Found, Hit, Query, search
from tools.brief import Brief, is_set
from tools.contract import JSON, Music, Output, References, ToolArgs, ToolContext, ToolData, ToolResult, tool
from tools.errors import UserError
from tools.find._references import earlier_search, earlier_sources, facts_of, opened_library, still_there

_FROM_BRIEF = ("licence", "mode", "meter", "tempo_bpm", "key", "instruments", "exclude", "duration_s")  # by weight
_THINGS = r"(?:music|songs?|tunes?|tracks?|pieces?|references?|waltz(?:es)?|reels?|jigs?|melod(?:y|ies)|something)"
_CHINESE_THINGS = "(?:音乐|曲子|歌曲|歌|乐曲|配乐|旋律|曲)"
_FIND = r"(?:find|search(?: for)?|look(?:ing)? for|recommend|suggest|discover|dig up|show me)"
_ASKS = (
    r"\b(?:find|search(?: for)?|look(?:ing)? (?:for|up)|recommend|suggest|discover|dig up|browse|fetch)"
    r"\b(?: (?:me|us|out))?(?! (?:the )?(?:key|tempo|chords|beats?|downbeats|notes|meter|scale|loop))(?:(?!\b(?:that "
    r"was made|and|then|of|in|for|to|at|from)\b)[^,.;!?]){0,35}?(?:\b(?:music|songs?|tunes?|tracks?|pieces?|"
    r"references?|examples?|waltz(?:es)?|reels?|jigs?|melod(?:y|ies)|something)\b|(?=[ ,.;!?]|$))",
    r"\bshow (?:me|us) (?:some|a few|more|other)\b(?: \w+){0,2} (?:music|songs?|tunes?|tracks?|pieces?|"
    r"examples?)\b",
    r"\b(?:music|songs?|tunes?|tracks?|pieces?|more) (?:like|similar to|in the style of) (?:this|that|"
    r"it|these)\b",
    r"\b(?:[2-9]|\d\d|two|three|four|five|six|seven|eight|nine|ten|a few|some"
    r"|more) (?:[\w-]+ ){0,2}?(?:songs|tunes|tracks|"
    r"pieces|works|recordings) (?:that|which) (?:feel|sound|would|could|fit|suit|go|match|have|are|share)\b",
    r"\bwhat (?:music|songs?|tunes?|tracks?|pieces?) (?:would|could|should|might|do|are|is|goes?)\b",
    r"\b(?:do|have) you (?:have|got|know)(?: (?:any|some|a))?\b",
    r"\bany\b[^,.;?]{0,25}\b(?:in|from) (?:your|the) library\b",
    r"\b(?:anything|something) in (?:your|the|my) library\b(?: like)?",
    r"\b(?:in|from|search) (?:the|your) (?:library|collection|catalogue)\b",
    r"\bwhich (?:tunes?|pieces?|songs?|tracks?) (?:in|from|would|could|do|are|have)\b",
    r"\breference (?:music|tracks?|pieces?)\b",
    "(?:帮我|给我)?(?:找|搜索|搜|查找|寻找|检索)(?!出(?:节拍|强拍|和弦))(?:一?些|一?首|几首|点|出|一下|"
    "到|[一二两三四五六七八九十0-9]+首)?",
    "(?:推荐|介绍)(?:给我)?(?:一?些|一?首|几首|[一二两三四五六七八九十0-9]+首)?",
    "有没有(?:类似|像|什么)",
    "类似的(?:音乐|曲子|歌)",
    r"\b(?:got|have you got) (?:any|some)\b",
    r"\b(?:which|what)(?:'s| is| was)? (?:the )?(?:name of )?(?:this |that |the )?(?:tune|song|piece|melody|air|music)"
    r"(?: is| was)? (?:this|that|it|(?:called|named|from)|i (?:just )?(?:hum|sang|whistl|play)\w*)\b",
    r"\b(?:identify|recogni[sz]e|name|look up) (?:this|that|the|my) (?:\w+ )?(?:tune|song|piece|melody|hum\w*)\b",
    "(?:这|那)(?:首)?(?:是)?(?:什么|哪首|哪支)(?:曲子|歌曲|歌|旋律|曲)|(?:哪首|什么)(?:曲子|歌)(?:来着)?",
    r"(?<!write )(?<!compose )(?<!make )(?<!create )(?<!write me )(?<!make me )(?<!compose me )"
    r"\b(?:something|anything|more|others?|ones?|pieces?|tunes?|songs?) (?:like|similar to|closer to|along the lines"
    r" of) (?:the |your )?(?:first|second|third|fourth|fifth|last|\d(?:st|nd|rd|th)|number \d+|no\.? ?\d+|#\d+)"
    r"(?: one| piece| tune| song)?",
    "(?:再?(?:来|找)(?:几首|一些|些)?)?(?:更?像|类似|和|跟)第[一二三四五六七八九十0-9]+(?:首|个|条)(?:差不多|那样|类似|一样)?",
    r"\b(?:show|find|give|get) (?:me |us )?(?:some |a few )?(?:others?|other ones|different ones|more of "
    r"(?:them|these))\b",
    r"^\s*any\b[^,;?]{0,40}\b(?:music|songs|tunes|tracks|pieces|works|scores|hymns|waltzes|marches|carols|ballads|dances|"
    r"lullabies|chorales|tangos|minuets|reels|jigs|fugues|sonatas|preludes|examples)\b(?=[^?]{0,60}\?)",
    r"\bwhat (?:should|could|else|can) (?:i|we) (?:listen|hear|play|use)\b(?: to)?",
    r"\bif i like (?:this|it)\b",
    "有没有(?:什么)?(?:好听|适合)",
)


class SearchMusicArgs(ToolArgs):
    """What to look for; at least one of query, brief, filters, like and references."""

    query: str = Field("", max_length=2000, description="What to look for in words: mood, genre, a title; 'calmer'.")
    brief: Brief | None = Field(
        None, description="What is wanted: searched for softly, and kept to where it is exact and any piece meets it."
    )
    filters: SearchFilters | None = Field(None, description="Conditions that every hit meets.")
    like: Music | None = Field(None, description="A MIDI file, score or recording; pieces like it are looked for.")
    by: Literal["everything", "melody"] = Field(
        "everything", description="With like: 'melody' finds the piece that this tune, also a hummed one, is from."
    )
    references: References | None = Field(None, description="An earlier search that this one goes on with.")
    number: int | None = Field(None, ge=1, le=100, description="With references: the hit that others shall be like.")
    known: Literal["keep", "leave_out"] = Field(
        "keep", description="With references: 'leave_out' finds others than its hits."
    )
    k: int = Field(5, ge=1, le=100, description="How many hits.")


class ReferenceHit(ToolData):
    """One piece of the library."""

    title: str
    score: float = Field(description="Fused score in (0, 1]; 1 is first in every list.")
    facts: dict[str, JSON] = Field(description="What is known of it: tempo, key, meter, chords, groove, mood...")
    licence: str
    source: str
    why: list[str] = Field(description="The reasons for its place.")


class SearchMusicData(ToolData):
    """What was found, under which conditions."""

    hits: list[ReferenceHit]
    passing: int = Field(description="How many pieces of the library meet the filters.")
    filters: SearchFilters = Field(description="The filters that were applied.")
    gave_way: list[str] = Field(description="Exact wishes of the brief that no piece meets together with the rest.")
    relax: dict[str, int] = Field(description="With no hits: pieces found when that filter alone is dropped.")


@tool(
    version="2",
    takes=("midi", "score", "audio", "references"),
    gives=("references",),
    asks=_ASKS,
    cost="seconds",
    timeout_s=180,
    reads=("library_file",),
)
def search_music(args: SearchMusicArgs, ctx: ToolContext) -> ToolResult:
    """Find pieces in a library of free music and in one's own, by words, filters, a tune, or a piece to be like.

    Each hit comes with its licence, source, reasons and facts (chords, groove, tempo, mode) to compose from.
    """
    library = opened_library(ctx)
    query, gave_way = _query(args, ctx, library)
    found = search(library, query)
    data = SearchMusicData(
        hits=[_hit(h) for h in found.hits],
        passing=found.passing,
        filters=query.filters,
        gave_way=gave_way,
        relax={name: count for name, count in found.without.items() if count},
    )
    notes = tuple(found.notes)
    if gave_way:
        notes += (f"No piece of the library meets all that is wanted; the search let go of {', '.join(gave_way)}.",)
    if not found.hits:
        return ToolResult(_nothing(found, len(library.records)), data, notes=notes, backend=library.index.name)
    output = _write(query.text, args, data, ctx)
    return ToolResult(_summary(data), data, (output,), backend=library.index.name, notes=notes)


@dataclass(frozen=True)
class _Model:
    """What hits should be like: its description, facets and melody, and what is not to be found again."""

    text: str = ""
    facets: Facets = field(default_factory=Facets)
    melody: str = ""
    seen: frozenset[str] = frozenset()
    record: Record | None = None


def _query(args: SearchMusicArgs, ctx: ToolContext, library: Library) -> tuple[Query, list[str]]:
    """The search that the arguments describe, and what of the brief has to give way."""
    given = (args.query.strip(), args.brief, args.like, args.references)
    if not (any(given) or (args.filters and args.filters.active())):
        msg = "search_music needs something to look for: a query, a brief, filters, or a piece to be like."
        raise UserError(msg)
    typed = text = in_english(args.query)
    if args.like is not None and args.by == "melody":
        model = _model(args, ctx, library)
        return Query(filters=args.filters or SearchFilters(), k=args.k, melody=model.melody, leave_out=model.seen), []
    if args.references is not None and args.known == "leave_out" and args.number is None:
        earlier, filters = earlier_search(ctx.artifact(args.references).file)
        typed = text = earlier or typed
        args = args.model_copy(update={"filters": args.filters or filters})
    genres = {g for record in library.records for g in record.genre}
    facets = facets_of_text(typed, genres)
    if args.brief is not None:
        facets = joined(facets_of_brief(args.brief), facets)
        text = text or brief_text(args.brief)
    model = _model(args, ctx, library)
    shift = shift_of(args.query)
    if model.record is not None and shift:
        asked = Query(model.text, shifted(model.facets, shift), args.filters or SearchFilters(), args.k)
        meets = partial(differs, model=model.record, shift=shift)
        return replace(asked, by_words=False, leave_out=model.seen, meets=meets), []
    facets, text = joined(facets, model.facets), text or model.text
    filters, gave_way = _filters(args, typed, library)
    by_words = bool(typed) or model.record is None
    return Query(text, facets, filters, args.k, by_words, model.melody, model.seen), gave_way


def _model(args: SearchMusicArgs, ctx: ToolContext, library: Library) -> _Model:
    """What the attached piece, tune or earlier hits say."""
    seen, hit = _earlier(args, ctx, library)
    if args.like is not None and args.by == "melody":
        return _Model(melody=_letters(args.like, ctx), seen=seen)
    record = _record_of(args.like, ctx) if args.like is not None else hit
    if record is None:
        return _Model(seen=seen)
    return _Model(record.description, facets_of_record(record), record.melody, seen, record)


def _earlier(args: SearchMusicArgs, ctx: ToolContext, library: Library) -> tuple[frozenset[str], Record | None]:
    """The sources of an earlier search's hits, and the one that was pointed at."""
    if args.references is None:
        if args.number is not None:
            raise UserError("search_music: number points at a hit of an earlier search; give its references, too.")
        return frozenset(), None
    file = ctx.artifact(args.references).file
    sources = earlier_sources(file)
    if args.number is None:
        return frozenset(sources if args.known == "leave_out" else ()), None
    if args.number > len(sources):
        raise UserError(f"{file.name} has {len(sources)} hits; there is no number {args.number}.")
    found = still_there(library, [sources[args.number - 1]])
    if not found:
        raise UserError(f"{sources[args.number - 1]} is no longer in the library; search again.")
    return frozenset(sources), found[0]


def _filters(args: SearchMusicArgs, typed: str, library: Library) -> tuple[SearchFilters, list[str]]:
    """The filters given, with what the brief states exactly; what the query states when neither is there.

    Of the brief, the licence is always kept to, the rest in order of weight and as long as any piece that may be shown
    meets it.
    """
    filters = args.filters or SearchFilters()
    if args.brief is None:
        return (filters if args.filters is not None else stated_filters(typed)), []
    gave_way: list[str] = []
    for name in _FROM_BRIEF:
        value = getattr(args.brief, name)
        if not is_set(value) or is_set(getattr(filters, name)):
            continue
        tried = _with(filters, name, value)
        if tried is not None and (name == "licence" or shown(tried.passing(library.records), tried, library.records)):
            filters = tried
        else:
            gave_way.append(name)
    return filters, gave_way


def _with(filters: SearchFilters, name: str, value: JSON) -> SearchFilters | None:
    """The filters with one more; None when the value is nothing one can filter by."""
    try:
        return SearchFilters.model_validate(filters.model_dump() | {name: value})
    except ValidationError:
        return None


def _record_of(ref: str, ctx: ToolContext) -> Record:
    """The record of an attached piece."""
    from retrieval.files import records_of_file

    return records_of_file(ctx.artifact(ref).file)[0]


def _letters(ref: str, ctx: ToolContext) -> str:
    """The intervals of an attached tune."""
    from retrieval.hum import melody_of_recording, melody_of_score

    artifact = ctx.artifact(ref)
    return melody_of_recording(artifact.file) if artifact.kind == "audio" else melody_of_score(artifact.file)


def _hit(hit: Hit) -> ReferenceHit:
    record = hit.record
    return ReferenceHit(
        title=record.title,
        score=hit.score,
        facts=facts_of(record),
        licence=record.licence,
        source=record.source,
        why=hit.why,
    )


def _write(looked_for: str, args: SearchMusicArgs, data: SearchMusicData, ctx: ToolContext) -> Output:
    path = ctx.work_dir / "references.json"
    content = {"query": args.query, "looked_for": looked_for, **data.model_dump(mode="json", exclude_none=True)}
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    facts = {"hits": len(data.hits), "titles": [h.title for h in data.hits[:10]]}
    licences = ", ".join(sorted({h.licence for h in data.hits}))
    return Output(path, "references", "application/json", facts=facts, licence=licences)


def _summary(data: SearchMusicData) -> str:
    listed = "; ".join(f"{h.title} ({', '.join(str(part) for part in _label(h) if part)})" for h in data.hits[:10])
    return f"Found {_counted(len(data.hits))} among {data.passing} that fit the conditions: {listed}."


def _label(hit: ReferenceHit) -> list[JSON]:
    """Who wrote a hit and what it is, as far as known."""
    facts = hit.facts
    tempo = f"{facts['tempo_bpm']:g} BPM" if facts.get("tempo_bpm") else None
    return [facts.get("composer"), facts.get("key"), facts.get("meter"), tempo, hit.licence]


def _nothing(found: Found, size: int) -> str:
    """Why nothing was found, and which filter to relax for how many hits."""
    if not found.alone:
        return f"Nothing in the library's {size} pieces fits. {' '.join(found.notes)}".strip()
    never = [name for name, count in found.alone.items() if count == 0]
    if never:
        return f"None of the library's {size} pieces passes the filter {_listed(never)}, whatever the others are."
    ways = [f"{count} without {name}" for name, count in sorted(found.without.items(), key=lambda p: -p[1]) if count]
    if ways:
        return f"No piece of {size} passes all filters together; there would be {', '.join(ways)}."
    counts = ", ".join(f"{name} {count}" for name, count in found.alone.items())
    return f"No piece of {size} passes all filters together, nor with one of them dropped (each by itself: {counts})."


def _counted(number: int) -> str:
    return "1 piece" if number == 1 else f"{number} pieces"


def _listed(words: Sequence[str]) -> str:
    return " or ".join(words)
