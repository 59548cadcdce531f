"""Search along two tracks: broad, by the whole description, and targeted, by each thing asked to control.

The ranked lists (description vectors, words, one a facet) are fused by reciprocal rank and spread by maximal
marginal relevance; hard filters come first. Each hit carries the reasons for its place.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from retrieval.affect import mood_words_in
from retrieval.embed import Vectors
from retrieval.facets import Facet, Facets, missing, targeted
from retrieval.filters import SearchFilters, counts_alone, counts_without, shown
from retrieval.lexical import words
from retrieval.library import EXACT_LIMIT, Library
from retrieval.rank import RELEVANCE, competition_ranks, reciprocal_rank_fusion, spread
from retrieval.record import Record

WEIGHTS = {
    "melody": 6.0,
    "title": 2.0,
    "instruments": 2.0,
    "genre": 1.5,
    "mood": 1.5,
    "words": 0.7,
}  # 1 for the other lists
_REASON = 1.0  # distance from which a facet speaks against a hit
_POOL = 1_000  # nearest descriptions that are looked at in a library of many
_ALIKE = 0.35  # share of a melody below which two have only their style in common
_RARE = 100  # a word in one title of so many or fewer tells one from others
_LONGEST = 120  # intervals of a melody that are looked for


@dataclass(frozen=True)
class Query:
    """What to look for: text for the broad search, facets for the targeted one, filters for both."""

    text: str = ""
    facets: Facets = field(default_factory=Facets)
    filters: SearchFilters = field(default_factory=SearchFilters)
    k: int = 5
    by_words: bool = True  # whether the text's own words count, or only its meaning
    melody: str = ""  # interval letters of a tune that is looked for
    leave_out: frozenset[str] = frozenset()  # sources that are not wanted again
    meets: Callable[[Record], bool] | None = None  # a further condition, which a filter cannot say


@dataclass(frozen=True)
class Hit:
    """A record with its fused score in (0, 1] and the reasons for its place."""

    record: Record
    score: float
    why: list[str]


@dataclass(frozen=True)
class Found:
    """Hits, best first; how many records passed the filters; and what to relax when none did."""

    hits: list[Hit]
    passing: int
    alone: dict[str, int] = field(default_factory=dict)  # records that pass each filter by itself
    without: dict[str, int] = field(default_factory=dict)  # records that pass when it is dropped
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Listed:
    """A ranked list: distance and rank of rows, and how to put them in words."""

    name: str
    distances: Mapping[int, float]
    ranks: Mapping[int, int]


def search(library: Library, query: Query) -> Found:
    """The ``k`` best records for a query.

    What may be used for non-commercial ends only is left out unless the licence filter asks for it; when it would
    have been among the best, a note says so.
    """
    passing = query.filters.passing(library.records)
    passing = [row for row in passing if library.records[row].source not in query.leave_out]
    if query.meets is not None:
        passing = [row for row in passing if query.meets(library.records[row])]
    allowed = shown(passing, query.filters, library.records)
    notes: list[str] = []
    if not allowed:
        records = library.records
        if passing:
            notes.append(_hidden(len(passing)))
        return Found([], 0, counts_alone(query.filters, records), counts_without(query.filters, records), notes)
    broad = _broad(library, query, notes, is_filtered=len(passing) < len(library.records))
    seen = [library.records[row] for row in allowed]
    facets = targeted(query.facets, seen)
    absent = missing(query.facets, seen)
    if absent:
        notes.append(f"The library holds nothing with {', '.join(absent)}; these are the nearest otherwise.")
    if query.melody and not broad and not facets:
        notes.append("No melody in the library is like this one.")
        return Found([], len(allowed), notes=notes)
    scores = _fused([*broad, *(_listed(facet, library.records) for facet in facets)], passing)
    best = sorted(scores, key=lambda row: (-scores[row], row))[: query.k]
    hidden = len(set(best).difference(allowed))
    if hidden and (broad or facets):
        notes.append(_hidden(hidden))
    open_rows = set(allowed)
    scores = {row: score for row, score in scores.items() if row in open_rows}
    rows = spread(scores, library.vectors, query.k, relevance=1.0 if query.melody else RELEVANCE)
    notes += library.notes
    hits = [
        Hit(library.records[row], round(scores[row], 4), _why(library.records[row], row, broad, facets, query.filters))
        for row in rows
    ]
    return Found(hits, len(allowed), notes=notes)


def _hidden(count: int) -> str:
    pieces = "1 piece that fits" if count == 1 else f"{count} pieces that fit"
    return f"{pieces} may be used for non-commercial ends only and stayed out; ask for non-commercial music to see it."


def _fused(lists: Sequence[_Listed], allowed: Sequence[int]) -> dict[int, float]:
    """Scores of the rows allowed. Places are those in the whole library: among few, they would hardly differ."""
    if not lists:
        return dict.fromkeys(allowed, 1.0)
    fused = reciprocal_rank_fusion([(listed.ranks, WEIGHTS.get(listed.name, 1.0)) for listed in lists])
    return {row: fused[row] for row in allowed if row in fused}


def _broad(library: Library, query: Query, notes: list[str], *, is_filtered: bool) -> list[_Listed]:
    """The lists by melody and by description: vectors and words; words alone, and said so, when no vector is made."""
    lists = []
    if query.melody:
        found = library.melodies.rank(query.melody[:_LONGEST])
        lists.append(_ranked("melody", {row: 1.0 - share for row, share in found if share >= _ALIKE}))
    if not query.text.strip():
        return [listed for listed in lists if listed.ranks]
    vector = _vector(query.text, notes)
    if vector is not None:
        count = len(library.records)
        pool = count if is_filtered or count <= EXACT_LIMIT else _POOL
        lists.append(_ranked("description", dict(library.nearest(vector, pool))))
    matches = {row: -score for row, score in library.lexicon.rank(query.text)}
    if matches and query.by_words:
        lists.append(_ranked("words", matches))
        lists.append(_ranked("title", _titles(library, query)))
    return [listed for listed in lists if listed.ranks]


def _titles(library: Library, query: Query) -> dict[int, float]:
    """Works whose titles have rare words of the query, which say nothing of genre, mood or players."""
    said = {word for text in (*query.facets.genres, *query.facets.instruments) for word in words(text)}
    names = [w for w in words(query.text) if w not in said and not mood_words_in(w)]
    rarest = max(3, len(library.records) // _RARE)
    found: Counter[int] = Counter()
    telling = [rows for rows in (library.titles.rows_with(word) for word in names) if 0 < len(rows) <= rarest]
    for rows in telling:
        found.update(rows)
    return {row: 1.0 - count / len(telling) for row, count in found.items()}


def _vector(text: str, notes: list[str]) -> Vectors | None:
    from tools.backends.text_embedding import embed

    try:
        vector: Vectors = embed([text])[0]
    except (ImportError, RuntimeError, OSError) as err:
        notes.append(f"The text embedder could not be used ({err}); the search went by words alone.")
        return None
    return vector


def _listed(facet: Facet, records: Sequence[Record]) -> _Listed:
    distances = {row: facet.distance(record) for row, record in enumerate(records)}
    return _ranked(facet.name, {row: distance for row, distance in distances.items() if distance < math.inf})


def _ranked(name: str, distances: Mapping[int, float]) -> _Listed:
    return _Listed(name, distances, competition_ranks(distances))


def _why(record: Record, row: int, broad: list[_Listed], facets: list[Facet], filters: SearchFilters) -> list[str]:
    """The reasons for a hit: its place in the broad lists, its facets, the filters it passes."""
    reasons = []
    for listed in broad:
        if listed.name == "description" and row in listed.ranks:
            reasons.append(f"description: place {listed.ranks[row]}, cosine distance {listed.distances[row]:.2f}")
        elif listed.name == "melody" and row in listed.ranks:
            share = 1.0 - listed.distances[row]
            reasons.append(f"melody: place {listed.ranks[row]}, {share:.0%} of its intervals agree")
        elif listed.name == "title" and row in listed.ranks:
            reasons.append("title: it has words of the query")
        elif row in listed.ranks:
            reasons.append(f"words of the query found: place {listed.ranks[row]}")
    reasons += [facet.explain(record) for facet in facets if facet.distance(record) < _REASON]
    passed = ", ".join(filters.active())
    return [*reasons, f"passes the filters: {passed}"] if passed else reasons
