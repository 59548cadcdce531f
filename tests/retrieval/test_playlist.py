"""Playlists follow the way asked for, and neighbours are near in key and tempo."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from retrieval.library import DEFAULT, RECORDS
from retrieval.playlist import arrange, camelot, clusters, key_steps, step_cost, tempo_ratio, way_in_words
from retrieval.record import Record, load_records


@pytest.fixture(scope="module")
def records() -> list[Record]:
    return load_records(DEFAULT / RECORDS)[::16]


@pytest.mark.parametrize(
    ("key", "place"),
    [
        ("C major", (8, "B")),
        ("A minor", (8, "A")),
        ("G major", (9, "B")),
        ("F# minor", (11, "A")),
        ("Bb major", (6, "B")),
    ],
)
def test_keys_have_their_place_on_the_wheel(key: str, place: tuple[int, str]) -> None:
    assert camelot(key) == place


def test_relative_and_fifth_are_one_step_and_the_tritone_six() -> None:
    assert [key_steps("C major", k) for k in ("C major", "A minor", "F major", "F# major")] == [0, 1, 1, 6]


def test_half_time_is_near(records: list[Record]) -> None:
    slow = records[0].model_copy(update={"tempo_bpm": 80.0})
    fast = records[0].model_copy(update={"tempo_bpm": 158.0})
    assert tempo_ratio(slow, fast) == pytest.approx(0.9875)
    assert tempo_ratio(slow, records[0].model_copy(update={"tempo_bpm": None})) is None


def _rising(share: float) -> tuple[float | None, float | None]:
    return None, -0.5 + share


def test_the_way_is_followed_and_smoother_than_by_chance(records: list[Record]) -> None:
    fit = dict.fromkeys(range(len(records)), 1.0)
    rows = arrange(records, fit, _rising, count=8)
    assert len(set(rows)) == 8
    arousal = [records[row].arousal for row in rows]
    assert np.corrcoef(arousal, range(8))[0, 1] > 0.8
    costs = [step_cost(records[a], records[b]) for a, b in pairwise(rows)]
    shuffled = np.random.default_rng(0).permutation(rows)
    chance = [step_cost(records[a], records[b]) for a, b in pairwise(shuffled)]
    assert sum(costs) < 0.7 * sum(chance)


def test_a_length_in_seconds_is_met(records: list[Record]) -> None:
    rows = arrange(records, dict.fromkeys(range(len(records)), 1.0), lambda share: (None, None), seconds=600)
    assert sum(records[row].duration_s for row in rows) == pytest.approx(600, rel=0.1)


def test_fewer_pieces_than_asked_for_are_all_taken(records: list[Record]) -> None:
    assert sorted(arrange(records, {3: 1.0, 5: 0.5}, _rising, count=9)) == [3, 5]


def test_groups_hold_every_row_once_and_part_what_is_apart() -> None:
    rng = np.random.default_rng(1)
    points = np.vstack([np.eye(8)[i % 2] + 0.05 * rng.normal(size=8) for i in range(20)]).astype(np.float32)
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    groups = clusters(points, list(range(20)), 2)
    assert sorted(map(sorted, groups)) == [list(range(0, 20, 2)), list(range(1, 20, 2))]


@pytest.mark.parametrize(
    ("words", "start", "end", "arc"),
    [
        ("eight dances from calm to joyful", (0.25, -0.65), (0.8, 0.5), []),
        ("starts slow and peaceful and ends lively", (0.5, -0.6), (0.6, 0.7), []),
        ("an hour winding down", None, None, [(0.0, 0.4), (1.0, -0.6)]),
        ("calm airs", None, None, []),
    ],
)
def test_a_way_is_read_from_words(words: str, start: object, end: object, arc: object) -> None:
    assert way_in_words(words) == (start, end, arc)
