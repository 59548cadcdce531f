"""make_playlist: a length, a way from mood to mood, conditions kept, smooth steps, and lists that go on."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import pytest

from retrieval.library import forget_shared
from retrieval.playlist import key_steps
from tools.errors import UserError

Call = Callable[..., Any]


@pytest.fixture(scope="module", autouse=True)
def _release() -> Iterator[None]:
    yield
    forget_shared()


def test_a_list_goes_from_mood_to_mood_in_small_steps(call_tool: Call) -> None:
    made = call_tool("make_playlist", {"query": "eight irish dances from calm to joyful", "k": 8})
    hits = made.data["hits"]
    assert len({hit["source"] for hit in hits}) == 8
    arousal = [hit["facts"]["arousal"] for hit in hits]
    assert sum(arousal[4:]) / 4 > sum(arousal[:4]) / 4 + 0.2
    assert made.data["mean_key_steps"] <= 1.5
    assert [hit["key_steps"] for hit in hits[1:]] == [
        key_steps(a["facts"]["key"], b["facts"]["key"]) for a, b in pairwise(hits)
    ]
    assert all("irish" in hit["facts"]["genre"] for hit in hits)


def test_a_length_and_conditions_are_kept(call_tool: Call) -> None:
    filters = {"mode": "minor", "licence": "public domain"}
    made = call_tool("make_playlist", {"query": "airs", "duration_s": 600, "filters": filters})
    assert made.data["duration_s"] == pytest.approx(600, rel=0.1)
    assert all(hit["facts"]["mode"] == "minor" and hit["licence"] == "public domain" for hit in made.data["hits"])
    starts = [hit["start_s"] for hit in made.data["hits"]]
    assert starts == sorted(starts)
    assert starts[0] == 0


def test_an_arc_of_energy_is_followed(call_tool: Call) -> None:
    arc = [{"at": 0, "level": 0.2}, {"at": 0.5, "level": 0.8}, {"at": 1, "level": 0.2}]
    hits = call_tool("make_playlist", {"query": "fiddle tunes", "k": 9, "energy": arc}).data["hits"]
    arousal = [hit["facts"]["arousal"] for hit in hits]
    assert max(arousal[3:6]) > max(arousal[0], arousal[-1]) + 0.3


def test_a_vague_wish_gives_groups_of_several_intents(call_tool: Call) -> None:
    made = call_tool("make_playlist", {"query": "something for the weekend", "k": 9})
    assert len(made.data["intents"]) == 3
    assert len(made.data["hits"]) == 9


def test_a_list_is_continued_without_what_it_has(call_tool: Call) -> None:
    first = call_tool("search_music", {"query": "slow airs in D minor", "k": 4})
    more = call_tool("make_playlist", {"references": first.artifacts[0].id, "k": 5})
    known = {hit["source"] for hit in first.data["hits"]}
    assert len(more.data["hits"]) == 5
    assert not known & {hit["source"] for hit in more.data["hits"]}
    assert more.data["hits"][0]["key_steps"] is not None
    assert sum("air" in hit["facts"]["genre"] for hit in more.data["hits"]) >= 3


def test_what_nobody_knows_is_told(call_tool: Call) -> None:
    with pytest.raises(UserError, match="no mood known here"):
        call_tool("make_playlist", {"start_mood": "flummoxed"})
    empty = call_tool("make_playlist", {"filters": {"key": "C# locrian", "composer": "nobody"}})
    assert empty.data["hits"] == []
    assert "meets the conditions" in empty.result.summary


def test_the_file_can_be_read_as_references(call_tool: Call) -> None:
    made = call_tool("make_playlist", {"query": "jigs", "k": 3})
    content = json.loads(made.file("references").read_text())
    assert [hit["title"] for hit in content["hits"]] == [hit["title"] for hit in made.data["hits"]]
