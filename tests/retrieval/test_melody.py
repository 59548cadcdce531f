"""A tune is found by part of it, in another key, unevenly sung, with notes wrong, missing or too many."""

from __future__ import annotations

import random

import pytest

from retrieval.library import DEFAULT, RECORDS
from retrieval.melody import Melodies, aligned, commonest, interval_letters, ngrams
from retrieval.record import load_records


@pytest.fixture(scope="module")
def melodies() -> list[str]:
    return [r.melody for r in load_records(DEFAULT / RECORDS)]


def _pitches(letters: str) -> list[int]:
    pitches = [60]
    for letter in letters:
        pitches.append(pitches[-1] + ord(letter) - ord("m"))
    return pitches


def test_a_tune_has_the_same_letters_in_every_key() -> None:
    line = [60, 62, 64, 60, 67, 67]
    assert interval_letters(line) == interval_letters([p + 7 for p in line]) == "ooitm"
    assert ngrams(line) == commonest("ooitm") == ["ooi", "oit", "itm"]


def test_an_alignment_is_whole_when_the_query_is_part_and_less_with_every_fault() -> None:
    tune = "ooitmkkmoqhm"
    whole, one_off, one_missing, other = aligned("oitmkk", [tune, "ooiumkkmoqhm", "ooitkkmoqhm", "aaaaaaaa"])
    assert whole == pytest.approx(12.0)
    assert other <= 0 < one_missing < whole
    assert 0 < one_off < whole


def test_a_noisy_part_of_a_tune_finds_it_among_thousands(melodies: list[str]) -> None:
    index, rng = Melodies(melodies), random.Random(5)
    rows = rng.sample([row for row, letters in enumerate(melodies) if len(letters) >= 60], 30)
    found = 0
    for row in rows:
        start = rng.randrange(len(melodies[row]) - 32)
        sung = [
            p + rng.choice((-1, 1)) if rng.random() < 0.05 else p for p in _pitches(melodies[row][start : start + 32])
        ]
        hits = [hit for hit, _ in index.rank(interval_letters(sung), 10)]
        found += any(melodies[hit] == melodies[row] for hit in hits)
    assert found >= 28


def test_nothing_is_found_for_no_melody_and_ties_go_by_row() -> None:
    index = Melodies(["ooitmkkm", "", "ooitmkkm"])
    assert index.rank("") == []
    assert index.rank("oitmk") == [(0, 1.0), (2, 1.0)]
