"""Search along two tracks: broad, by the whole description, and targeted, by each thing asked to control.

The ranked lists (description vectors, words, one a facet) are fused by reciprocal rank and spread by maximal
marginal relevance; hard filters come first. Each hit carries the reasons for its place.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from retrieval.embed import Vectors
from retrieval.facets import Facet, Facets, missing, targeted
from retrieval.filters import SearchFilters, counts_alone, counts_without
from retrieval.library import Library
from retrieval.rank import competition_ranks, reciprocal_rank_fusion, spread
from retrieval.record import Record

WEIGHTS = {"melody": 6.0, "instruments": 2.0, "genre": 1.5, "mood": 1.5, "words": 0.7}  # 1 for the other lists
_REASON = 1.0  # distance from which a facet speaks against a hit


@dataclass(frozen=True)
class Query:
    """What to look for: text for the broad search, facets for the targeted one, filters for both."""

    text: str = ""
    facets: Facets = field(default_factory=Facets)
    filters: SearchFilters = field(default_factory=SearchFilters)
    k: int = 5
    by_words: bool = True  # whether the text's own words count, or only its meaning


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
    """The ``k`` best records for a query."""
    allowed = query.filters.passing(library.records)
    if not allowed:
        records = library.records
        return Found([], 0, counts_alone(query.filters, records), counts_without(query.filters, records))
    notes: list[str] = []
    broad = _broad(library, query, notes)
    facets = targeted(query.facets, library.records)
    absent = missing(query.facets, library.records)
    if absent:
        notes.append(f"The library holds nothing with {', '.join(absent)}; these are the nearest otherwise.")
    scores = _fused([*broad, *(_listed(facet, library.records) for facet in facets)], allowed)
    rows = spread(scores, library.vectors, query.k)
    notes += library.notes
    hits = [
        Hit(library.records[row], round(scores[row], 4), _why(library.records[row], row, broad, facets, query.filters))
        for row in rows
    ]
    return Found(hits, len(allowed), notes=notes)


def _fused(lists: Sequence[_Listed], allowed: Sequence[int]) -> dict[int, float]:
    """Scores of the rows allowed. Places are those in the whole library: among few, they would hardly differ."""
    if not lists:
        return dict.fromkeys(allowed, 1.0)
    fused = reciprocal_rank_fusion([(listed.ranks, WEIGHTS.get(listed.name, 1.0)) for listed in lists])
    return {row: fused[row] for row in allowed if row in fused}


def _broad(library: Library, query: Query, notes: list[str]) -> list[_Listed]:
    """The lists by description: vectors and words; words alone, and said so, when no vector can be made."""
    if not query.text.strip():
        return []
    lists = []
    vector = _vector(query.text, notes)
    if vector is not None:
        lists.append(_ranked("description", dict(library.nearest(vector, len(library.records)))))
    matches = {row: -score for row, score in library.lexicon.rank(query.text)}
    if matches and query.by_words:
        lists.append(_ranked("words", matches))
    return lists


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
        elif row in listed.ranks:
            reasons.append(f"words of the query found: place {listed.ranks[row]}")
    reasons += [facet.explain(record) for facet in facets if facet.distance(record) < _REASON]
    passed = ", ".join(filters.active())
    return [*reasons, f"passes the filters: {passed}"] if passed else reasons
