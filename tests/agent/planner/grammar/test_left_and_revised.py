from __future__ import annotations

import itertools
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.planner.grammar.parse import left_over, parse, revised
from tools.brief import Brief

_WORDS = st.sampled_from(
    [
        "piano",
        "drums",
        "no",
        "without",
        "D minor",
        "at 120",
        "bpm",
        "3/4",
        "两分钟",
        "悲伤",
        "不要",
        "鼓",
        "bars 9 to 16",
        "a",
        "then",
        ",",
        "|",
        "Am F",
        "ii-V-I",
        "0:07",
        "hit at",
        "slower",
        "loud",
        "♩=",
        "½",
        "٣",
        "half",
        "and a half",
        "minutes",
        "last",
        "十",
        "百",
        "点",
        "升",
        "降",
        "小节",
        "“",
        '"',
        "lyrics:",
        "\n",
        "-",
        "–",
        "%",
        "F#",
        "♭",
        "AABA",
        "verse",
        "under this clip",
        "\x00",
        "x2",
        "100000000000",
    ]
)


@pytest.mark.parametrize(
    ("request_text", "left"),
    [
        ("a waltz for piano, please", []),
        ("write me a purple monkey waltz", ["purple monkey"]),
        ("piano music that smells of rain", ["smells of rain"]),
        ("slower, and without drums", []),
        ("请写一首两分钟的钢琴曲，不要鼓", []),
        ("a jazz tune with glorp and a zeugma", ["glorp", "zeugma"]),
        ("钢琴曲，像薛定谔的猫", None),
        ("60 seconds of lo-fi at 80 bpm, loopable, for a podcast", []),
        ("Em C D B7, folk, guitar, 3/4", []),
        ("with a flanger on the hurdy-gurdy", ["flanger"]),
        ("give it more sparkle dust", None),
        ("calm piano in D minor, 16 bars at 120", []),
        ("microtonal bagpipes", ["microtonal"]),
    ],
)
def test_what_nothing_was_made_of(request_text: str, left: list[str] | None) -> None:
    got = left_over(request_text, parse(request_text).spans)
    assert all(phrase in request_text for phrase in got)
    assert got == left if left is not None else got


def test_what_others_understood_is_not_left_over() -> None:
    request = "engrave a jazz tune"
    parsed = parse(request)
    assert left_over(request, parsed.spans) == ["engrave"]
    verb = type(parsed.spans[0])(0, 7, "tool")
    assert left_over(request, [*parsed.spans, verb]) == []


@settings(max_examples=80, deadline=None)
@given(
    st.one_of(
        st.text(max_size=80), st.lists(_WORDS, max_size=14).map(" ".join), st.lists(_WORDS, max_size=10).map("".join)
    )
)
def test_any_text_can_be_read_and_no_word_is_reported_twice(request_text: str) -> None:
    parsed = parse(request_text)
    left = left_over(request_text, parsed.spans)
    place = 0
    for phrase in left:
        found = request_text.find(phrase, place)
        assert found >= 0
        place = found + len(phrase)
    assert all(0 <= s.start < s.end <= len(request_text) for s in parsed.spans)
    spans = sorted((s.start, s.end) for s in parsed.spans)
    assert all(a[1] <= b[0] for a, b in itertools.pairwise(spans)), "a word was read twice"
    assert parsed.brief.not_understood == []


def test_a_very_long_request_is_read_in_part_and_the_rest_is_left_over() -> None:
    request = "a calm waltz, " + " " * 50 + "x" * 3 + " " * 5000 + "zeugma"
    parsed = parse(request)
    assert parsed.brief.genre == "waltz"
    assert left_over(request, parsed.spans)[-1] == "zeugma"


def test_constraints_quote_the_request_and_follow_the_fields() -> None:
    request = "16 bars at 120 in D minor for flute, no drums, -18 LUFS"
    brief = parse(request).brief
    assert {c.name for c in brief.constraints} == {
        "bars",
        "tempo_bpm",
        "key",
        "instruments",
        "exclude",
        "loudness_lufs",
    }
    for constraint in brief.constraints:
        assert constraint.words in request
        assert constraint.target == getattr(brief, constraint.name)


def _after(first: str, *follow_ups: str) -> dict[str, Any]:
    brief = parse(first).brief
    for text in follow_ups:
        brief = revised(brief, parse(text))
    return brief.model_dump(exclude_none=True)


@pytest.mark.parametrize(
    ("first", "follow_up", "expected"),
    [
        (
            "piano and drums at 100 bpm in D major, 30 seconds",
            "slower, and without drums",
            {"tempo_bpm": 85.0, "instruments": ["piano"], "exclude": ["drums"], "key": "D major", "duration_s": 30.0},
        ),
        ("in D major", "minor instead", {"key": "D minor"}),
        ("in D major", "in a minor key", {"key": "D minor"}),
        ("in C major", "in E minor", {"key": "E minor"}),
        ("in C major", "down a fourth", {"key": "G major"}),
        ("in C major", "the relative minor", {"key": "A minor"}),
        ("in C minor", "its parallel major", {"key": "C major"}),
        ("at 120 bpm", "20 bpm faster", {"tempo_bpm": 140.0}),
        ("at 120 bpm", "90 bpm", {"tempo_bpm": 90.0}),
        ("between 100 and 120 bpm", "twice as fast", {"tempo_bpm": {"min": 200.0, "max": 240.0}}),
        ("30 seconds", "16 bars", {"bars": 16}),
        ("sad piano", "happier", {"mood": "happy", "instruments": ["piano"]}),
        ("piano", "add a cello", {"instruments": ["piano", "cello"]}),
        ("piano and violin", "change the violin to a flute", {"instruments": ["piano", "flute"], "exclude": []}),
        ("piano, no drums", "add drums", {"instruments": ["piano", "drums"], "exclude": []}),
        (
            "string quartet",
            "for brass quintet",
            {"instruments": ["trumpet", "trumpet", "french horn", "trombone", "tuba"]},
        ),
        ("-16 LUFS", "a bit louder", {"loudness_lufs": -14.5}),
        ("fit the clip, piano", "30 seconds", {"duration_s": 30.0, "instruments": ["piano"]}),
        (
            "钢琴和鼓，每分钟100拍",
            "更慢一点，不要鼓",
            {"tempo_bpm": 92.5, "instruments": ["piano"], "exclude": ["drums"]},
        ),
        ("a waltz", "in 4/4", {"meter": "4/4", "genre": "waltz"}),
        ("piano, no drums", "no brass either", {"exclude": ["drums", "brass"], "instruments": ["piano"]}),
        ("piano", "slower", {"tempo_bpm": {"min": 50.0, "max": 80.0}}),
        ("flute, violin and cello", "drop the strings", {"instruments": ["flute"]}),
        ("with vocals", "no vocals", {"vocals": False}),
        ("loop, piano", "60 bpm", {"loop": True, "tempo_bpm": 60.0}),
    ],
)
def test_a_follow_up_changes_what_it_says_and_keeps_the_rest(
    first: str, follow_up: str, expected: dict[str, Any]
) -> None:
    got = _after(first, follow_up)
    assert {n: got.get(n) for n in expected} == expected
    if "bars" in expected:
        assert "duration_s" not in got
    if "duration_s" in expected:
        assert "bars" not in got


def test_constraints_follow_a_follow_up() -> None:
    first = parse("piano and drums at 100 bpm in D major, 30 seconds").brief
    brief = revised(first, parse("slower, and without drums"))
    targets = {c.name: c.target for c in brief.constraints}
    assert targets == {
        "duration_s": 30.0,
        "key": "D major",
        "tempo_bpm": 85.0,
        "instruments": ["piano"],
        "exclude": ["drums"],
    }
    shorter = revised(brief, parse("8 bars"))
    assert "duration_s" not in {c.name for c in shorter.constraints}
    freed = revised(parse("under this clip, piano").brief, parse("20 seconds"))
    assert "video_end" not in {c.name for c in freed.constraints}
    assert freed.fit_picture is None


def test_an_empty_follow_up_keeps_everything() -> None:
    first = parse("a calm waltz for harp in G, -18 LUFS, fades out").brief
    again = revised(first, parse("please"))
    assert again.model_copy(update={"request": first.request}) == first
    assert isinstance(again, Brief)


def test_reading_takes_milliseconds() -> None:
    texts = [
        "a waltz for piano and strings under this clip, wistful, over exactly when the picture is over",
        "16 bars at 120 bpm in D minor for flute and harp, no drums or bass, calm then frantic, -18 LUFS, loopable",
        "一首两分钟的悲伤钢琴曲，D小调，每分钟80拍，不要鼓，渐强，适合播客",
    ]
    parse(texts[0])
    started = time.perf_counter()
    for _ in range(10):
        for text in texts:
            parse(text)
    assert (time.perf_counter() - started) / 30 < 0.03
