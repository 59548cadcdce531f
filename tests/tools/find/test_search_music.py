"""search_music finds what fits, says why, and says what is in the way when nothing does."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from retrieval.library import forget_shared
from tools import get_tool
from tools.errors import UserError
from tools.kit.score import Note, Score, Track, write_midi
from tools.kit.theory.meter import Meter


@pytest.fixture(scope="module", autouse=True)
def _release(cache_dir: Path) -> Iterator[None]:
    yield
    forget_shared()


def _facts(call: Any) -> list[dict[str, Any]]:
    return [hit["facts"] for hit in call.data["hits"]]


def test_hard_filters_have_precision_one(call_tool: Callable[..., Any]) -> None:
    filters = {"mode": "major", "tempo_bpm": {"min": 100, "max": 120}, "licence": "no strings attached"}
    found = call_tool("search_music", {"query": "something for a holiday", "filters": filters, "k": 50})
    assert len(found.data["hits"]) == 50
    assert all(f["mode"] == "major" and 100 <= f["tempo_bpm"] <= 120 for f in _facts(found))
    assert {hit["licence"] for hit in found.data["hits"]} <= {"public domain", "CC0"}


def test_a_typed_query_keeps_to_what_it_states_exactly(call_tool: Callable[..., Any]) -> None:
    found = call_tool("search_music", {"query": "major-key pieces between 100 and 120 with no strings attached"})
    assert len(found.data["hits"]) == 5
    assert all(f["mode"] == "major" and 100 <= f["tempo_bpm"] <= 120 for f in _facts(found))


def test_a_title_is_found_first(call_tool: Callable[..., Any]) -> None:
    found = call_tool("search_music", {"query": "Banish Misfortune", "k": 1})
    assert found.data["hits"][0]["title"] == "Banish Misfortune"


def test_mood_and_genre_lead_the_search(call_tool: Callable[..., Any]) -> None:
    sad = call_tool("search_music", {"query": "a sad slow air", "k": 10})
    assert sum(f["valence"] < 0 and "air" in f["genre"] for f in _facts(sad)) >= 8
    happy = call_tool("search_music", {"query": "happy lively jigs", "k": 10})
    assert sum(f["valence"] > 0.3 and "jig" in f["genre"] for f in _facts(happy)) >= 8


def test_every_hit_carries_licence_source_and_true_reasons(call_tool: Callable[..., Any]) -> None:
    found = call_tool("search_music", {"query": "wistful tune in 3/4, D major, about 72 bpm", "k": 10})
    for hit in found.data["hits"]:
        facts, why = hit["facts"], " | ".join(hit["why"])
        assert hit["licence"]
        assert hit["source"].startswith("music21 corpus: ")
        assert facts["licence_why"]
        assert f"key: {facts['key']}" in why
        assert f"meter: {facts['meter']}" in why
        assert f"tempo: {facts['tempo_bpm']:g} beats" in why
        assert f"valence {facts['valence']:+.2f}" in why
    places = [int(re.search(r"description: place (\d+)", " ".join(h["why"]))[1]) for h in found.data["hits"]]  # type: ignore[index]
    assert len(set(places)) == len(places)
    scores = [h["score"] for h in found.data["hits"]]
    assert scores == sorted(scores, reverse=True)
    assert 0 < scores[-1] <= scores[0] <= 1


def test_the_references_file_holds_what_a_composer_needs(call_tool: Callable[..., Any]) -> None:
    found = call_tool("search_music", {"query": "reel", "k": 3})
    content = json.loads(found.file("references").read_text())
    assert content["hits"] == found.data["hits"] or [h["title"] for h in content["hits"]] == [
        h["title"] for h in found.data["hits"]
    ]
    for hit in content["hits"]:
        facts = hit["facts"]
        assert len(facts["chords"]) == facts["bars"]
        assert facts["groove"]["pattern"]
        assert facts["tempo_bpm"] > 0
        assert facts["meter"]
        assert facts["mode"]
        assert facts["density"] > 0
    assert found.artifacts[0].licence == "public domain"


def test_a_brief_is_kept_to_as_far_as_any_piece_meets_it(call_tool: Callable[..., Any]) -> None:
    brief = {"mood": "wistful", "meter": "3/4", "mode": "minor", "instruments": ["synth"], "duration_s": 600}
    found = call_tool("search_music", {"brief": brief})
    assert all(f["meter"] == "3/4" and f["mode"] == "minor" for f in _facts(found))
    assert found.data["gave_way"] == ["instruments", "duration_s"]
    assert "instruments" in " ".join(found.result.notes)


def test_a_brief_with_words_nobody_knows_still_finds(call_tool: Callable[..., Any]) -> None:
    found = call_tool("search_music", {"brief": {"genre": "vaporwave", "mood": "flummoxed", "licence": "mine alone"}})
    assert len(found.data["hits"]) == 5
    assert found.data["gave_way"] == ["licence"]


def test_what_the_library_does_not_have_is_said(call_tool: Callable[..., Any]) -> None:
    found = call_tool("search_music", {"brief": {"genre": "vaporwave, reel", "instruments": ["saxophone", "violin"]}})
    assert "nothing with vaporwave, saxophone;" in " ".join(found.result.notes)
    assert all("reel" in f["genre"] for f in _facts(found))
    assert not any("saxophone" in reason for hit in found.data["hits"] for reason in hit["why"])


def test_no_hits_say_which_filter_to_drop(call_tool: Callable[..., Any]) -> None:
    filters = {"meter": "9/8", "instruments": ["piano"]}
    found = call_tool("search_music", {"query": "anything", "filters": filters})
    assert found.data["hits"] == []
    assert found.artifacts == []
    assert found.data["relax"]["instruments"] > found.data["relax"]["meter"] > 0
    assert f"{found.data['relax']['instruments']} without instruments" in found.result.summary
    never = call_tool("search_music", {"filters": {"meter": "13/8"}})
    assert "passes the filter meter" in never.result.summary


def test_filters_alone_are_enough(call_tool: Callable[..., Any]) -> None:
    found = call_tool("search_music", {"filters": {"composer": "o'carolan"}, "k": 7})
    assert {f["composer"] for f in _facts(found)} == {"Turlough O'Carolan"}
    assert len(found.data["hits"]) == 7


def test_without_an_embedder_the_words_are_searched_and_that_is_said(
    call_tool: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(texts: list[str]) -> None:
        raise RuntimeError("no weights")

    monkeypatch.setattr("tools.backends.text_embedding.embed", broken)
    found = call_tool("search_music", {"query": "Banish Misfortune", "k": 1})
    assert found.data["hits"][0]["title"] == "Banish Misfortune"
    assert "words alone" in found.result.notes[0]


def test_nothing_to_look_for_is_an_error(call_tool: Callable[..., Any]) -> None:
    with pytest.raises(UserError, match="something to look for"):
        call_tool("search_music", {"query": "  "})


def test_pieces_like_a_midi_file_are_found_by_its_melody(call_tool: Callable[..., Any], tmp_path: Path) -> None:
    from retrieval.sources import TUNEBOOKS, corpus_folder, piece_of_tune, tunes

    tune = next(t for t in tunes(TUNEBOOKS[1], corpus_folder()) if t.origin.id.endswith("/SoldiersJoy"))
    piece = piece_of_tune(tune)
    notes = [Note(n.start, n.duration, n.pitch + 3, 90) for n in piece.score.tracks[0].notes]
    score = Score(tracks=[Track("flute", 73, notes=notes)], tempi=[(0.0, 90.0)], meters=[(0.0, Meter(4, 4))])
    write_midi(score, tmp_path / "tune.mid")
    found = call_tool("search_music", {"like": "a1", "k": 5}, attach=[tmp_path / "tune.mid"])
    assert "Soldier's Joy" in found.data["hits"][0]["title"]  # both tune books print it
    assert any(reason.startswith("melody:") for reason in found.data["hits"][0]["why"])


def test_the_same_search_gives_the_same_bytes(call_tool: Callable[..., Any]) -> None:
    one, two = (call_tool("search_music", {"query": "calm air", "k": 8}) for _ in range(2))
    assert one.file("references").read_bytes() == two.file("references").read_bytes()


@pytest.mark.parametrize(
    "request_",
    [
        "find me five sad waltzes",
        "recommend some music for a picnic",
        "search for tunes in D minor",
        "find something like this but calmer",
        "which pieces would suit a wedding?",
        "推荐几首欢快的曲子",
        "找一些适合旅行的音乐",
    ],
)
def test_the_ways_people_ask_are_known(request_: str) -> None:
    assert any(re.search(p, request_, re.IGNORECASE) for p in get_tool("search_music").asks)


@pytest.mark.parametrize("request_", ["compose a sad waltz", "transpose this down a fourth", "写一首欢快的曲子"])
def test_other_requests_are_left_alone(request_: str) -> None:
    assert not any(re.search(p, request_, re.IGNORECASE) for p in get_tool("search_music").asks)


def _refs(call_tool: Callable[..., Any], name: str = "find") -> Any:
    return call_tool("search_music", {"query": "irish jigs", "k": 3})


def test_more_like_the_second_but_calmer(call_tool: Callable[..., Any]) -> None:
    first = _refs(call_tool)
    second = first.data["hits"][1]
    args = {"references": first.artifacts[0].id, "number": 2, "query": "but calmer and in minor", "k": 5}
    hits = call_tool("search_music", args).data["hits"]
    assert not {h["source"] for h in first.data["hits"]} & {h["source"] for h in hits}
    assert all(h["facts"]["arousal"] <= second["facts"]["arousal"] - 0.1 for h in hits)
    assert {h["facts"]["mode"] for h in hits} == {"minor"}
    assert sum("irish" in h["facts"]["genre"] for h in hits) >= 3


def test_others_than_those_shown(call_tool: Callable[..., Any]) -> None:
    first = _refs(call_tool)
    args = {"references": first.artifacts[0].id, "known": "leave_out", "query": "show me others", "k": 3}
    hits = call_tool("search_music", args).data["hits"]
    assert len(hits) == 3
    assert all("jig" in h["facts"]["genre"] for h in hits)
    assert not {h["source"] for h in first.data["hits"]} & {h["source"] for h in hits}
    with pytest.raises(UserError, match="there is no number 9"):
        call_tool("search_music", args | {"number": 9})


def _tune(title: str) -> list[int]:
    from retrieval.library import DEFAULT, RECORDS
    from retrieval.record import load_records

    letters = next(r.melody for r in load_records(DEFAULT / RECORDS) if r.title == title)
    pitches = [69]
    for letter in letters[:40]:
        pitches.append(pitches[-1] + ord(letter) - ord("m"))
    return pitches


def test_a_tune_is_named_from_a_transposed_midi_and_from_a_hum(call_tool: Callable[..., Any], tmp_path: Path) -> None:
    import numpy as np

    from tools.kit.audio import write_wav

    pitches = _tune("Banish Misfortune")
    notes = [Note(i * 0.7, 0.6, p - 4, 80) for i, p in enumerate(pitches)]
    write_midi(Score(tracks=[Track("t", notes=notes)]), tmp_path / "tune.mid")
    found = call_tool("search_music", {"like": "a1", "by": "melody"}, attach=[tmp_path / "tune.mid"])
    assert found.data["hits"][0]["title"] == "Banish Misfortune"
    assert "of its intervals agree" in found.data["hits"][0]["why"][0]
    rate, each = 16000, 0.4
    t = np.arange(int(rate * each)) / rate
    shape = np.minimum(1, 30 * t) * np.minimum(1, 12 * (each - t))
    hum = np.concatenate(
        [
            shape * sum(np.sin(2 * np.pi * 440 * 2 ** ((p - 81) / 12) * h * t) / h for h in (1, 2, 3))
            for p in pitches[:24]
        ]
    )
    write_wav(tmp_path / "hum.wav", (0.3 * hum).astype(np.float32)[:, None], rate)
    heard = call_tool("search_music", {"like": "a1", "by": "melody"}, attach=[tmp_path / "hum.wav"])
    assert "Banish Misfortune" in [h["title"] for h in heard.data["hits"]]


def test_non_commercial_music_stays_out_until_it_is_asked_for(call_tool: Callable[..., Any]) -> None:
    usual = call_tool("search_music", {"query": "german love song", "k": 10})
    assert "non-commercial" not in {hit["licence"] for hit in usual.data["hits"]}
    assert "ask for non-commercial music" in " ".join(usual.result.notes)
    asked = call_tool("search_music", {"query": "german love song, non-commercial", "k": 10})
    assert sum(hit["licence"] == "non-commercial" for hit in asked.data["hits"]) >= 8


def test_the_same_search_writes_the_same_file(call_tool: Callable[..., Any]) -> None:
    one, two = (call_tool("search_music", {"query": "wistful waltz", "k": 20}).file("references") for _ in range(2))
    assert one.read_bytes() == two.read_bytes()
