"""What a typed query says is read: exactly where it is exact, softly where it is not."""

from __future__ import annotations

import pytest

from retrieval.filters import SearchFilters
from retrieval.query import facets_of_text, in_english, stated_filters
from tools.brief import TempoRange

GENRES = {"reel", "jig", "air", "irish", "folk", "strathspey", "classical"}


@pytest.mark.parametrize(
    ("text", "stated"),
    [
        (
            "five major-key pieces between 100 and 120 with no strings attached to their use",
            {"mode": "major", "tempo_bpm": {"min": 100, "max": 120}, "licence": "no strings attached"},
        ),
        ("reels in F sharp minor", {"key": "F# minor"}),
        ("a jig in A minor", {"key": "A minor"}),
        ("a minor key lament", {"mode": "minor"}),
        ("in b-flat major, 6/8", {"key": "Bb major", "meter": "6/8"}),
        ("around 84 bpm", {"tempo_bpm": 84}),
        ("no faster than 90 bpm", {"tempo_bpm": {"max": 90}}),
        ("at least 110 beats per minute", {"tempo_bpm": {"min": 110}}),
        ("public-domain waltz", {"licence": "public domain"}),
        ("royalty-free", {"licence": "royalty free"}),
        ("tunes from 1883", {"year": {"min": 1883, "max": 1883}}),
        ("airs from the 1830s", {"year": {"min": 1830, "max": 1839}}),
        ("songs printed before 1850", {"year": {"max": 1850}}),
        ("a reel, 24 seconds long", {"duration_s": 24.0}),
        ("longer than 2 minutes", {"duration_s": {"min": 120.0}}),
        ("shorter than 1:30", {"duration_s": {"max": 90.0}}),
        ("german songs, non-commercial", {"licence": "non commercial"}),
        ("the 50 best tunes", {}),
        ("music of mirth", {}),
    ],
)
def test_exact_words_become_filters(text: str, stated: dict[str, object]) -> None:
    assert stated_filters(text) == SearchFilters.model_validate(stated)


def test_soft_words_become_facets() -> None:
    facets = facets_of_text("a sad slow irish air for violin and piano", GENRES)
    assert facets.genres == ["air", "irish"]
    assert facets.instruments == ["violin", "piano"] or set(facets.instruments) == {"violin", "piano"}
    assert facets.affect is not None
    assert facets.affect[0] < 0
    assert facets.affect[1] < 0
    assert facets.tempo_bpm == TempoRange(max=80)


def test_no_strings_attached_is_about_the_licence_and_not_about_violins() -> None:
    assert facets_of_text("tunes with no strings attached", GENRES).instruments == []


def test_a_longer_instrument_name_hides_the_shorter_one_in_it() -> None:
    assert facets_of_text("solo bass clarinet", GENRES).instruments == ["bass clarinet"]


def test_chinese_words_are_put_into_english() -> None:
    english = in_english("悲伤的爱尔兰小提琴曲，小调")
    assert {"sad", "irish", "violin", "minor"} <= set(english.replace("，", " ").split())
    assert facets_of_text(english, GENRES).genres == ["irish"]
    assert stated_filters(english).mode == "minor"


@pytest.mark.parametrize(
    ("text", "genres"),
    [
        ("slip jigs", ["slip jig"]),
        ("jigs and slip jigs", ["jig", "slip jig"]),
        ("celtic dances", ["celtic", "dance"]),
        ("polonaises of the romantic era", ["polonaise", "romantic"]),
        ("romantic polonaises", ["polonaise"]),
    ],
)
def test_genres_are_read_in_the_plural_and_the_longest_name_wins(text: str, genres: list[str]) -> None:
    own = {"jig", "slip jig", "reel", "irish", "fiddle tune", "polonaise", "romantic"}
    assert sorted(facets_of_text(text, own).genres) == genres
