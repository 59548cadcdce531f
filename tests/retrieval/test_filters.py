"""Filters are exact: each hit passes, and what passes is found."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from retrieval.filters import SearchFilters, counts_alone, counts_without, satisfying_licences
from retrieval.record import Groove, Record

GROOVE = Groove(pattern="x.......x.......", onsets_per_beat=1.0, notes_per_s=2.0, syncopation=0.0)


def _record(**changes: object) -> Record:
    facts: dict[str, object] = {
        "id": "a",
        "title": "A",
        "composer": "traditional",
        "collection": "c",
        "source": "s",
        "year": 1903,
        "licence": "public domain",
        "licence_why": "w",
        "tempo_bpm": 100.0,
        "tempo_from": "marked",
        "key": "D minor",
        "key_from": "marked",
        "mode": "minor",
        "meter": "3/4",
        "bars": 16,
        "duration_s": 30.0,
        "instruments": ["violin"],
        "instruments_from": "scored",
        "genre": ["air"],
        "mood": ["sad"],
        "valence": -0.5,
        "arousal": -0.4,
        "low": 60,
        "high": 80,
        "chords": ["Dm"],
        "chords_from": "implied",
        "groove": GROOVE,
        "melody": "mmmmm",
        "description": "d",
    }
    return Record.model_validate(facts | changes)


@pytest.mark.parametrize(
    ("filters", "passes", "fails"),
    [
        ({"tempo_bpm": {"min": 100, "max": 120}}, {"tempo_bpm": 120.0}, {"tempo_bpm": 120.1}),
        ({"tempo_bpm": 100}, {"tempo_bpm": 103.0}, {"tempo_bpm": 103.1}),
        ({"tempo_bpm": {"max": 90}}, {"tempo_bpm": 60.0}, {"tempo_bpm": 91.0}),
        ({"key": "d minor"}, {}, {"key": "D major", "mode": "major"}),
        ({"key": "C# major"}, {"key": "Db major"}, {"key": "C major"}),
        ({"mode": "Minor"}, {}, {"mode": "dorian"}),
        ({"meter": "3/4"}, {}, {"meter": "3/8"}),
        ({"duration_s": {"max": 30}}, {}, {"duration_s": 30.1}),
        ({"duration_s": 30}, {"duration_s": 33.0}, {"duration_s": 33.1}),
        ({"instruments": ["strings"]}, {"instruments": ["violin", "piano"]}, {"instruments": ["piano"]}),
        ({"instruments": ["violin", "piano"]}, {"instruments": ["violin", "piano"]}, {"instruments": ["violin"]}),
        ({"exclude": ["strings"]}, {"instruments": ["flute"]}, {"instruments": ["flute", "cello"]}),
        ({"licence": "no strings attached"}, {"licence": "CC0"}, {"licence": "CC BY"}),
        ({"licence": "CC BY"}, {"licence": "CC BY 4.0"}, {"licence": "CC BY-SA 4.0"}),
        ({"licence": "royalty-free"}, {"licence": "CC BY-SA 3.0"}, {"licence": "CC BY-NC 4.0"}),
        ({"composer": "carolan"}, {"composer": "Turlough O'Carolan"}, {"composer": "Anna Carol"}),
        ({"composer": "liliuokalani"}, {"composer": "Queen Liliʻuokalani"}, {"composer": "Weber"}),
        ({"year": {"max": 1900}}, {"year": 1883}, {"year": None}),
    ],
)
def test_a_filter_passes_what_it_names_and_nothing_else(
    filters: dict[str, object], passes: dict[str, object], fails: dict[str, object]
) -> None:
    parsed = SearchFilters.model_validate(filters)
    assert parsed.passing([_record(**fails), _record(**passes)]) == [1]


@pytest.mark.parametrize(
    "wrong",
    [
        {"key": "H minor"},
        {"mode": "happy"},
        {"meter": "3/5"},
        {"instruments": ["flurb"]},
        {"licence": "mine"},
        {"tempo": 100},
    ],
)
def test_a_filter_that_means_nothing_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        SearchFilters.model_validate(wrong)


def test_counts_tell_which_filter_empties_the_list() -> None:
    records = [_record(), _record(meter="4/4"), _record(key="G major", mode="major")]
    filters = SearchFilters(mode="major", meter="4/4")
    assert filters.passing(records) == []
    assert counts_alone(filters, records) == {"mode": 1, "meter": 1}
    assert counts_without(filters, records) == {"mode": 1, "meter": 1}


def test_non_commercial_licences_satisfy_only_who_asks_for_them() -> None:
    assert "CC BY-NC" not in (satisfying_licences("royalty free") or ())
    assert "CC BY-NC" in (satisfying_licences("non-commercial is fine") or ())
    assert satisfying_licences("a violin") is None
