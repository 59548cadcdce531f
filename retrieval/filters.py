"""Hard filters: a hit passes all of them or is no hit."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence

from pydantic import BaseModel, ConfigDict, Field, field_validator

from retrieval.record import Record
from tools.brief import TOLERANCES, TempoRange
from tools.kit.theory.instruments import canonical, ensembles, instruments, is_a
from tools.kit.theory.meter import Meter
from tools.kit.theory.pitch import MODES, Key

DURATION_TOLERANCE = 0.1  # share of a duration named as one number
_FREE = frozenset({"public domain", "CC0"})
_ATTRIBUTION = _FREE | {"CC BY"}
_COMMERCIAL = _ATTRIBUTION | {"CC BY-SA"}
NON_COMMERCIAL = frozenset({"CC BY-NC", "CC BY-NC-SA", "CC BY-NC-ND", "non-commercial"})
_LICENCES: tuple[tuple[tuple[str, ...], frozenset[str]], ...] = (  # words asked with, licences that satisfy them
    (("non-commercial", "noncommercial", "non commercial", "any", "cc by-nc"), _COMMERCIAL | NON_COMMERCIAL),
    (
        (
            "no strings",
            "no conditions",
            "public domain",
            "cc0",
            "copyright-free",
            "copyright free",
            "no copyright",
            "unrestricted",
            "公有领域",
            "无版权",
        ),
        _FREE,
    ),
    (("cc by-sa", "cc-by-sa", "share-alike", "sharealike"), _COMMERCIAL),
    (("cc by", "cc-by", "attribution"), _ATTRIBUTION),
    (("royalty", "commercial", "free", "creative commons", "商用", "免版税", "免费"), _COMMERCIAL),
)


class Span(BaseModel):
    """An open or closed range."""

    model_config = ConfigDict(extra="forbid")

    min: float | None = Field(None, ge=0, description="Least value that passes.")
    max: float | None = Field(None, ge=0, description="Greatest value that passes.")

    def holds(self, value: float) -> bool:
        """Whether a value lies in the range, its ends included."""
        return (self.min is None or value >= self.min) and (self.max is None or value <= self.max)


class SearchFilters(BaseModel):
    """Conditions every hit meets. What is left open does not filter."""

    model_config = ConfigDict(extra="forbid")

    tempo_bpm: float | TempoRange | None = Field(
        None, description="Beats per minute: a number (3 % off passes) or a range."
    )
    key: str | None = Field(None, description="Tonic and mode: 'D minor', 'F# major'; enharmonic keys are one.")
    mode: str | None = Field(None, description="Mode of any tonic: 'major', 'minor', 'dorian', 'mixolydian'...")
    meter: str | None = Field(None, pattern=r"^\d{1,2}/\d{1,2}$", description="Time signature as printed: '3/4'.")
    duration_s: float | Span | None = Field(None, description="Seconds: a number (10 % off passes) or a range.")
    instruments: list[str] = Field(default_factory=list, description="Instruments or families that must all be there.")
    exclude: list[str] = Field(default_factory=list, description="Instruments or families that must not be there.")
    licence: str | None = Field(
        None, description="What one must be free to do: 'public domain' or 'no strings', 'CC BY', 'royalty-free'."
    )
    composer: str | None = Field(None, description="Part of the composer's name; 'traditional' for folk tunes.")
    year: Span | None = Field(None, description="Range of years of the composition or its first print.")

    @field_validator("key")
    @classmethod
    def _known_key(cls, value: str | None) -> str | None:
        return None if value is None else str(Key.parse(value))

    @field_validator("mode")
    @classmethod
    def _known_mode(cls, value: str | None) -> str | None:
        if value is not None and value.strip().lower() not in MODES:
            raise ValueError(f"{value!r} is no mode; one of {', '.join(MODES)}")
        return value.strip().lower() if value else None

    @field_validator("meter")
    @classmethod
    def _known_meter(cls, value: str | None) -> str | None:
        return None if value is None else str(Meter.parse(value))

    @field_validator("instruments", "exclude")
    @classmethod
    def _known_instruments(cls, value: list[str]) -> list[str]:
        return [canonical(name) for name in value]

    @field_validator("licence")
    @classmethod
    def _known_licence(cls, value: str | None) -> str | None:
        if value is not None and satisfying_licences(value) is None:
            raise ValueError(f"{value!r} is no licence known here; say 'public domain', 'CC BY' or 'royalty-free'")
        return value

    def active(self) -> dict[str, Callable[[Record], bool]]:
        """The test of every filter that is set, by name."""
        return {name: test for name, test in _tests(self).items() if getattr(self, name) not in (None, [])}

    def passing(self, records: Sequence[Record]) -> list[int]:
        """Rows of the records that pass every filter."""
        tests = list(self.active().values())
        return [row for row, record in enumerate(records) if all(test(record) for test in tests)]


def shown(rows: Sequence[int], filters: SearchFilters, records: Sequence[Record]) -> list[int]:
    """Of these rows, those a search shows: for non-commercial use only, just when the licence filter asks for it."""
    return [row for row in rows if filters.licence or not is_non_commercial(records[row])]


def satisfying_licences(asked: str) -> frozenset[str] | None:
    """Licences under which what was asked for is allowed; None when the words name no licence."""
    text = asked.lower()
    return next((allowed for phrases, allowed in _LICENCES if any(p in text for p in phrases)), None)


def counts_without(filters: SearchFilters, records: Sequence[Record]) -> dict[str, int]:
    """For each filter that is set, how many records pass when it alone is dropped."""
    tests = filters.active()
    results = [[test(record) for test in tests.values()] for record in records]
    return {
        name: sum(all(r for i, r in enumerate(row) if i != index) for row in results)
        for index, name in enumerate(tests)
    }


def counts_alone(filters: SearchFilters, records: Sequence[Record]) -> dict[str, int]:
    """For each filter that is set, how many records pass it alone."""
    return {name: sum(map(test, records)) for name, test in filters.active().items()}


def tempo_span(tempo: float | TempoRange) -> Span:
    """The tempi that pass for a number or a range, in beats a minute."""
    if isinstance(tempo, TempoRange):
        return Span(min=tempo.min, max=tempo.max)
    slack = TOLERANCES["tempo_bpm"] * tempo
    return Span(min=tempo - slack, max=tempo + slack)


def has_instrument(record: Record, name: str) -> bool:
    """Whether a record's instruments include one, a kind of it, or every member of an ensemble."""
    if name in instruments():
        return any(is_a(own, name) for own in record.instruments)
    return all(any(is_a(own, member) for own in record.instruments) for member in ensembles()[name])


def _tests(filters: SearchFilters) -> Mapping[str, Callable[[Record], bool]]:
    return {
        "tempo_bpm": lambda r: r.tempo_bpm is not None and tempo_span(filters.tempo_bpm or 0).holds(r.tempo_bpm),
        "key": lambda r: r.key == filters.key,
        "mode": lambda r: r.mode == filters.mode,
        "meter": lambda r: r.meter == filters.meter,
        "duration_s": lambda r: _duration_span(filters.duration_s or 0).holds(r.duration_s),
        "instruments": lambda r: all(has_instrument(r, name) for name in filters.instruments),
        "exclude": lambda r: not any(has_instrument(r, name) for name in filters.exclude),
        "licence": lambda r: _plain_licence(r.licence) in (satisfying_licences(filters.licence or "") or ()),
        "composer": lambda r: folded(filters.composer or "") in folded(r.composer),
        "year": lambda r: filters.year is not None and r.year is not None and filters.year.holds(r.year),
    }


def _duration_span(duration: float | Span) -> Span:
    if isinstance(duration, Span):
        return duration
    return Span(min=duration * (1 - DURATION_TOLERANCE), max=duration * (1 + DURATION_TOLERANCE))


def is_non_commercial(record: Record) -> bool:
    """Whether a piece may be used for non-commercial ends only."""
    return _plain_licence(record.licence) in NON_COMMERCIAL


def _plain_licence(licence: str) -> str:
    """A licence without its version number."""
    return licence.rstrip("0123456789. ") if licence.startswith("CC BY") else licence


def folded(name: str) -> str:
    """A name without accents or case, to be compared."""
    plain = unicodedata.normalize("NFKD", name.replace("ʻ", "").replace("’", "'"))
    return "".join(c for c in plain if not unicodedata.combining(c)).casefold().strip()
