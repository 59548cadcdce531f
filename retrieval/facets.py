"""Targeted search: one ranked list for each thing the person asked to control.

A facet gives every record a distance, 0 where it is exactly what was asked for and infinite where the facet has
nothing to say, and the words for it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from retrieval.affect import affect_of_words
from retrieval.filters import has_instrument, tempo_span
from retrieval.record import Record
from tools.brief import Brief, TempoRange
from tools.kit.theory.instruments import canonical
from tools.kit.theory.meter import Meter
from tools.kit.theory.pitch import Key

OTHER_GENRES = {  # what a genre asked for is called in the library
    "celtic": ("irish", "fiddle tune"),
    "scottish": ("strathspey", "highland fling"),
    "dance": ("reel", "jig", "hornpipe"),
    "traditional": ("folk",),
    "country": ("fiddle tune", "walkaround"),
    "bluegrass": ("fiddle tune",),
    "fiddle": ("fiddle tune",),
    "lullaby": ("air",),
    "lament": ("air",),
    "ballad": ("ballad", "air"),
    "classical": ("classical", "romantic", "baroque"),
    "choral": ("hymn", "madrigal", "mass movement"),
    "sacred": ("hymn", "mass movement"),
    "minstrel": ("walkaround",),
    "gigue": ("jig",),
    "early music": ("medieval", "renaissance"),
}


@dataclass(frozen=True)
class Facets:
    """What was asked for softly; fields as in a Brief."""

    genres: list[str] = field(default_factory=list)
    affect: tuple[float, float] | None = None
    instruments: list[str] = field(default_factory=list)
    tempo_bpm: float | TempoRange | None = None
    key: str | None = None
    mode: str | None = None
    meter: str | None = None
    duration_s: float | None = None


@dataclass(frozen=True)
class Facet:
    """One targeted list: a distance of any record from what was asked for."""

    name: str
    distance: Callable[[Record], float]
    explain: Callable[[Record], str]


def facets_of_brief(brief: Brief) -> Facets:
    """The soft wishes of a Brief; mood words place it in the plane when no numbers do."""
    affect = affect_of_words(m.lower() for m in brief.moods())
    if brief.valence is not None or brief.arousal is not None:
        affect = (brief.valence or 0.0, brief.arousal or 0.0)
    return Facets(
        genres=[g.lower() for g in brief.genres()],
        affect=affect,
        instruments=_known(brief.instruments),
        tempo_bpm=brief.tempo_bpm,
        key=brief.key,
        mode=brief.mode,
        meter=brief.meter,
        duration_s=brief.duration_s,
    )


def facets_of_record(record: Record) -> Facets:
    """What makes a piece what it is, to find others like it."""
    return Facets(
        genres=record.genre,
        affect=(record.valence, record.arousal),
        instruments=_known(record.instruments),
        tempo_bpm=record.tempo_bpm,
        mode=record.mode,
        meter=record.meter or None,
    )


def targeted(facets: Facets, records: Sequence[Record]) -> list[Facet]:
    """A list for every facet that was asked for and that the library can tell apart."""
    found = []
    absent = set(missing(facets, records))
    genres = [genre_kinds(g) for g in facets.genres if g not in absent]
    wanted = [name for name in facets.instruments if name not in absent]
    if genres:
        found.append(_genre(genres))
    if facets.affect is not None:
        found.append(_affect(*facets.affect))
    if wanted:
        found.append(_instruments(wanted))
    if facets.tempo_bpm is not None:
        found.append(_tempo(facets.tempo_bpm))
    if facets.key is not None or facets.mode is not None:
        found.append(_key(facets.key, facets.mode))
    if facets.meter is not None:
        found.append(_meter(facets.meter))
    if facets.duration_s is not None:
        found.append(_duration(facets.duration_s))
    return found


def missing(facets: Facets, records: Sequence[Record]) -> list[str]:
    """Genres and instruments asked for that no record has."""
    own = {genre for record in records for genre in record.genre}
    genres = [genre for genre in facets.genres if not own & set(genre_kinds(genre))]
    return genres + [name for name in facets.instruments if not any(has_instrument(r, name) for r in records)]


def genre_kinds(genre: str) -> tuple[str, ...]:
    """The library's words for a genre asked for, itself included."""
    plain = genre.strip().lower()
    for form in (plain, plain.removesuffix("s"), plain.removesuffix(" music")):
        if form in OTHER_GENRES:
            return (form, *OTHER_GENRES[form])
    return (plain, plain.removesuffix("s"), plain.split(" ")[-1])


def _known(names: Sequence[str]) -> list[str]:
    found = []
    for name in names:
        try:
            found.append(canonical(name))
        except ValueError:  # an instrument nobody here knows cannot be looked for
            continue
    return found


def _genre(wanted: Sequence[tuple[str, ...]]) -> Facet:
    """Share of the genres asked for that a record has none of the names of."""

    def distance(record: Record) -> float:
        return 1 - sum(bool(set(kinds) & set(record.genre)) for kinds in wanted) / len(wanted)

    return Facet("genre", distance, lambda r: f"genre: {', '.join(r.genre)}")


def _affect(valence: float, arousal: float) -> Facet:
    def distance(record: Record) -> float:
        return math.dist((record.valence, record.arousal), (valence, arousal))

    return Facet(
        "mood",
        distance,
        lambda r: (
            f"mood: {', '.join(r.mood[:2])} (valence {r.valence:+.2f}, arousal {r.arousal:+.2f}), {distance(r):.2f}"
            f" from the one asked for ({valence:+.2f}, {arousal:+.2f})"
        ),
    )


def _instruments(wanted: list[str]) -> Facet:
    def distance(record: Record) -> float:
        return 1 - sum(has_instrument(record, name) for name in wanted) / len(wanted)

    return Facet("instruments", distance, lambda r: f"instruments: {', '.join(r.instruments)}")


def _tempo(tempo: float | TempoRange) -> Facet:
    span = tempo_span(tempo)

    def distance(record: Record) -> float:
        if record.tempo_bpm is None:
            return math.inf
        low, high = span.min or 0.0, span.max or math.inf
        nearest = min(max(record.tempo_bpm, low), high)
        return abs(math.log2(record.tempo_bpm / nearest))

    return Facet("tempo", distance, lambda r: f"tempo: {r.tempo_bpm or 0:g} beats a minute ({r.tempo_from})")


def _key(key: str | None, mode: str | None) -> Facet:
    wanted = Key.parse(key) if key else None

    def distance(record: Record) -> float:
        own = Key.parse(record.key)
        if wanted is None:
            return float(own.mode != mode) if mode is not None else 0.0
        return 0.0 if own == wanted else 0.5 if own.mode == wanted.mode else 0.75 if _relative(own, wanted) else 1.0

    return Facet("key", distance, lambda r: f"key: {r.key} ({r.key_from})")


def _relative(one: Key, other: Key) -> bool:
    return one.relative_major_tonic() == other.relative_major_tonic()


def _duration(seconds: float) -> Facet:
    def distance(record: Record) -> float:
        return abs(math.log2(max(record.duration_s, 1e-3) / seconds))

    return Facet("duration", distance, lambda r: f"duration: {r.duration_s:g} s")


def _meter(meter: str) -> Facet:
    wanted = Meter.parse(meter)

    def distance(record: Record) -> float:
        if not record.meter:
            return math.inf
        own = Meter.parse(record.meter)
        if own == wanted:
            return 0.0
        same_count = own.bar_quarters / own.beat_quarters == wanted.bar_quarters / wanted.beat_quarters
        return 0.5 if same_count and own.is_compound == wanted.is_compound else 1.0

    return Facet("meter", distance, lambda r: f"meter: {r.meter}")
