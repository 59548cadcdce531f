"""Choose and order pieces as a playlist: a length, a way from mood to mood or an arc of energy, smooth transitions."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import mean

import numpy as np
from pydantic import Field

from retrieval.affect import affect_of_words
from retrieval.facets import Facets, facets_of_brief
from retrieval.filters import SearchFilters
from retrieval.library import Library
from retrieval.playlist import Place, arrange, camelot, clusters, step_between, way_in_words
from retrieval.query import brief_text, facets_of_text, in_english, joined, stated_filters
from retrieval.record import Record
from retrieval.search import Found, Query, search
from tools.brief import Brief, DynamicPoint
from tools.contract import JSON, Output, References, ToolArgs, ToolContext, ToolData, ToolResult, tool
from tools.errors import UserError
from tools.find._references import earlier_sources, facts_of, opened_library, still_there

_DEFAULT_COUNT = 10
_POOL = 240
_INTENTS = 3
_ASKS = (
    r"\b(?:make|build|create|put together|assemble|give|generate|compile|curate|prepare|need|want)?\s*(?:me |us )?"
    r"(?:an? |the )?(?:[\w-]+ ){0,4}?(?:play[- ]?list|mix[- ]?tape|setlist|set list)\b",
    r"\b(?:hours?|minutes?)['’]?s?(?: |-)worth of\b(?! (?:one|a single|new)\b)",
    "歌单",
    "播放列表",
    "曲目单",
)


class MakePlaylistArgs(ToolArgs):
    """What the playlist is for; without a word of it, its pieces come in groups of several intents."""

    query: str = Field("", max_length=2000, description="What it is for in words: genre, mood, occasion.")
    brief: Brief | None = Field(None, description="What is wanted, as far as it was said.")
    filters: SearchFilters | None = Field(None, description="Conditions that every piece meets.")
    k: int | None = Field(None, ge=1, le=100, description="How many pieces; 10 when no length is given either.")
    duration_s: float | None = Field(None, gt=0, le=86_400, description="Length together, in seconds.")
    start_mood: str | None = Field(None, max_length=100, description="Mood at the start, as 'calm'.")
    end_mood: str | None = Field(None, max_length=100, description="Mood at the end, as 'joyful'.")
    energy: list[DynamicPoint] = Field(
        default_factory=list, max_length=50, description="Arc of energy: level 0 (still) to 1 (wild) at places 0 to 1."
    )
    references: References | None = Field(None, description="A list to be continued: its pieces are not repeated.")


class PlaylistEntry(ToolData):
    """One piece in its place."""

    title: str
    start_s: float = Field(description="When it begins, in seconds from the start of the list.")
    facts: dict[str, JSON] = Field(description="What is known of it: tempo, key, meter, mood...")
    camelot: str = Field(description="Its key on the wheel: 8B is C major, 8A A minor.")
    tempo_ratio: float | None = Field(None, description="Times as fast as the piece before, double time taken out.")
    key_steps: int | None = Field(None, description="Steps on the key wheel from the piece before, 0 to 7.")
    licence: str
    source: str
    why: list[str] = Field(description="The reasons for its place.")


class PlaylistData(ToolData):
    """The list and how smooth it is."""

    hits: list[PlaylistEntry] = Field(description="The pieces in order.")
    duration_s: float = Field(description="Length of all together, in seconds.")
    intents: list[str] = Field(description="For a vague request: what the groups of pieces are, in order.")
    mean_key_steps: float | None = Field(None, description="Mean step on the key wheel between neighbours.")
    mean_tempo_change: float | None = Field(None, description="Mean change of pulse between neighbours, a share.")
    mood_distance: float | None = Field(None, description="Mean distance of the pieces from the moods asked for.")


@dataclass(frozen=True)
class _Wish:
    """What to look for, the way through the moods, and what was heard before."""

    query: Query
    place: Callable[[float], Place]
    asks_mood: bool
    is_vague: bool
    before: tuple[Record, ...]


@tool(
    version="1",
    takes=("references",),
    gives=("references",),
    asks=_ASKS,
    cost="seconds",
    timeout_s=300,
    reads=("library_file",),
)
def make_playlist(args: MakePlaylistArgs, ctx: ToolContext) -> ToolResult:
    """Choose and order pieces of the library as a playlist.

    Takes a number of pieces or a length, a start and an end mood or an arc of energy, conditions, or a list to
    continue; neighbours are close in tempo and key.
    """
    library = opened_library(ctx)
    wish = _wish(args, ctx, library)
    found = search(library, wish.query)
    if not found.hits:
        data = PlaylistData(hits=[], duration_s=0.0, intents=[])
        return ToolResult(_nothing(found, len(library.records)), data, notes=tuple(found.notes))
    ctx.progress(0.5, f"ordering {len(found.hits)} pieces that fit")
    groups, names = _groups(wish, found, library)
    rows = _arranged(args, wish, found, library, groups)
    data = _described(rows, wish, found, library, names)
    path = ctx.work_dir / "playlist.json"
    content = {"query": args.query, **data.model_dump(mode="json", exclude_none=True)}
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    licences = ", ".join(sorted({hit.licence for hit in data.hits}))
    facts = {"hits": len(data.hits), "duration_s": data.duration_s, "titles": [h.title for h in data.hits[:10]]}
    outputs = [Output(path, "references", "application/json", facts=facts, licence=licences)]
    outputs += _player_list(data, ctx)
    return ToolResult(_summary(data), data, tuple(outputs), notes=(*found.notes, *_short(args, data)))


def _wish(args: MakePlaylistArgs, ctx: ToolContext, library: Library) -> _Wish:
    typed = in_english(args.query)
    genres = {g for record in library.records for g in record.genre}
    facets = facets_of_text(typed, genres)
    text = typed
    if args.brief is not None:
        facets, text = joined(facets_of_brief(args.brief), facets), typed or brief_text(args.brief)
    sources = earlier_sources(ctx.artifact(args.references).file) if args.references else []
    before = still_there(library, sources)
    if before:
        facets, text = joined(facets, _common(before)), text or before[-1].description
    place, asks_mood = _way(args, facets)
    filters = args.filters or _filters(args, typed)
    is_vague = not (any((facets.genres, facets.affect, facets.instruments)) or asks_mood or before)
    query = Query(text, facets, filters, _POOL, leave_out=frozenset(sources), by_words=False)
    return _Wish(query, place, asks_mood, is_vague, tuple(before))


def _filters(args: MakePlaylistArgs, typed: str) -> SearchFilters:
    """What the words or the brief state exactly of each piece; the length is that of the whole list."""
    stated = stated_filters(typed).model_copy(update={"duration_s": None})
    if args.brief is None:
        return stated
    names = ("mode", "meter", "key", "tempo_bpm", "licence", "exclude")
    given = {name: getattr(args.brief, name) for name in names if getattr(args.brief, name)}
    return SearchFilters.model_validate(stated.model_dump(exclude_none=True) | given)


def _common(records: Sequence[Record]) -> Facets:
    """What the pieces of a list have in common."""
    count = Counter(genre for record in records for genre in record.genre)
    tempi = [record.tempo_bpm for record in records if record.tempo_bpm]
    return Facets(
        genres=[genre for genre, n in count.most_common(3) if n > len(records) / 3],
        affect=(mean(r.valence for r in records), mean(r.arousal for r in records)),
        tempo_bpm=round(mean(tempi), 1) if tempi else None,
    )


def _way(args: MakePlaylistArgs, facets: Facets) -> tuple[Callable[[float], Place], bool]:
    """The mood asked for at each share of the way, and whether any was asked for."""
    start, end, spoken = way_in_words(in_english(args.query))
    start, end = _mood(args.start_mood) or start, _mood(args.end_mood) or end
    first, last = start or facets.affect or end, end or facets.affect or start
    arc = sorted((point.at, 2 * point.level - 1) for point in args.energy) or spoken

    def place(share: float) -> Place:
        mood: Place = (None, None)
        if first is not None and last is not None:
            mood = (first[0] + share * (last[0] - first[0]), first[1] + share * (last[1] - first[1]))
        if arc:
            mood = (mood[0], float(np.interp(share, [at for at, _ in arc], [level for _, level in arc])))
        return mood

    return place, first is not None or bool(arc)


def _mood(word: str | None) -> tuple[float, float] | None:
    if word is None:
        return None
    found = affect_of_words(in_english(word).lower().replace(",", " ").split())
    if found is None:
        raise UserError(f"{word!r} is no mood known here; say calm, happy, sad, tense, bright, dreamy or the like.")
    return found


def _groups(wish: _Wish, found: Found, library: Library) -> tuple[list[list[int]], list[str]]:
    """The rows found; for a vague request in groups, each named by its commonest genre and mood."""
    place = {id(record): row for row, record in enumerate(library.records)}
    rows = [place[id(hit.record)] for hit in found.hits]
    if not wish.is_vague or len(rows) < 2 * _INTENTS:
        return [rows], []
    groups = [group for group in clusters(library.vectors, rows, _INTENTS) if group]
    names = []
    for group in groups:
        genres = Counter(g for row in group for g in library.records[row].genre[:1])
        moods = Counter(library.records[row].mood[0] for row in group)
        names.append(" ".join(c.most_common(1)[0][0] for c in (moods, genres) if c))
    return groups, names


def _arranged(
    args: MakePlaylistArgs, wish: _Wish, found: Found, library: Library, groups: list[list[int]]
) -> list[int]:
    """The rows in order, group after group."""
    scores = {id(hit.record): hit.score for hit in found.hits}
    best = max(scores.values())
    duration = args.duration_s or (args.brief.duration_s if args.brief and args.k is None else None)
    count = args.k if args.k or duration else _DEFAULT_COUNT
    last = wish.before[-1] if wish.before else None
    rows: list[int] = []
    for number, group in enumerate(groups):
        fit = {row: scores[id(library.records[row])] / best for row in group}
        share = None if count is None else (count - len(rows)) // (len(groups) - number)
        if share == 0:
            continue
        seconds = None if duration is None else duration / len(groups)
        rows += arrange(library.records, fit, wish.place, count=share, seconds=seconds, after=last)
        last = library.records[rows[-1]]
    return rows


def _described(rows: Sequence[int], wish: _Wish, found: Found, library: Library, names: list[str]) -> PlaylistData:
    reasons = {id(hit.record): hit.why for hit in found.hits}
    entries: list[PlaylistEntry] = []
    records = [library.records[row] for row in rows]
    at, off = 0.0, []
    total = sum(record.duration_s for record in records)
    for index, record in enumerate(records):
        last = records[index - 1] if index else wish.before[-1] if wish.before else None
        step = step_between(last, record) if last else None
        wanted = wish.place(index / max(len(records) - 1, 1))
        off.append(_distance(record, wanted))
        side = "".join(map(str, camelot(record.key)))
        entries.append(
            PlaylistEntry(
                title=record.title,
                start_s=round(at, 1),
                facts=facts_of(record),
                camelot=side,
                tempo_ratio=round(step.tempo_ratio, 3) if step and step.tempo_ratio else None,
                key_steps=step.key_steps if step else None,
                licence=record.licence,
                source=record.source,
                why=reasons[id(record)],
            )
        )
        at += record.duration_s
    ratios = [abs(e.tempo_ratio - 1) for e in entries if e.tempo_ratio is not None]
    steps = [e.key_steps for e in entries if e.key_steps is not None]
    return PlaylistData(
        hits=entries,
        duration_s=round(total, 1),
        intents=names,
        mean_key_steps=round(mean(steps), 2) if steps else None,
        mean_tempo_change=round(mean(ratios), 3) if ratios else None,
        mood_distance=round(mean(off), 3) if wish.asks_mood else None,
    )


def _distance(record: Record, wanted: Place) -> float:
    pairs = zip((record.valence, record.arousal), wanted, strict=True)
    return float(np.sqrt(sum((own - asked) ** 2 for own, asked in pairs if asked is not None)))


def _player_list(data: PlaylistData, ctx: ToolContext) -> list[Output]:
    """A list that players open, where pieces are files of the person's own."""
    files = [(hit, hit.facts["path"]) for hit in data.hits if hit.facts.get("path")]
    if not files:
        return []
    lines = ["#EXTM3U"]
    for hit, path in files:
        lines += [f"#EXTINF:{hit.facts['duration_s']:.0f},{hit.title}", str(path)]
    path = ctx.work_dir / "playlist.m3u8"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return [Output(path, "report", "audio/x-mpegurl", facts={"files": len(files)}, licence="CC0-1.0")]


def _short(args: MakePlaylistArgs, data: PlaylistData) -> tuple[str, ...]:
    """What the person should know when the list is shorter than asked for."""
    if args.k is not None and len(data.hits) < args.k:
        return (f"Only {len(data.hits)} of {args.k} pieces meet the conditions.",)
    if args.duration_s is not None and data.duration_s < 0.9 * args.duration_s:
        return (f"The pieces that fit last {data.duration_s / 60:.0f} of {args.duration_s / 60:.0f} minutes.",)
    return ()


def _summary(data: PlaylistData) -> str:
    listed = "; ".join(
        f"{hit.title} ({hit.camelot}, {hit.facts['tempo_bpm']:g} BPM)"
        if hit.facts.get("tempo_bpm")
        else f"{hit.title} ({hit.camelot})"
        for hit in data.hits[:12]
    )
    groups = f", in groups ({'; '.join(data.intents)})" if data.intents else ""
    return f"A playlist of {len(data.hits)} pieces, {data.duration_s / 60:.0f} minutes{groups}: {listed}."


def _nothing(found: Found, size: int) -> str:
    ways = [f"{count} without {name}" for name, count in found.without.items() if count]
    hint = f"; there would be {', '.join(ways)}" if ways else ""
    return f"No piece of {size} meets the conditions{hint}."
