from __future__ import annotations

from typing import Any

import pytest

from agent.planner.grammar.parse import left_over, parse


@pytest.mark.parametrize(
    ("request_text", "swing"),
    [
        ("swing the eighths", 0.667),
        ("swing the eighths a little", 0.58),
        ("swing it hard", 0.72),
        ("the beat is too straight, swing it, like 62%", 0.62),
        ("quantize with 60% swing", 0.6),
        ("make it swing", 0.667),
        ("give it a bit of swing", 0.58),
        ("a swing band", None),
    ],
)
def test_swing_is_a_place_in_the_beat(request_text: str, swing: float | None) -> None:
    assert parse(request_text).slots.get("swing") == swing


@pytest.mark.parametrize(
    ("request_text", "slots"),
    [
        ("tidy it to 16ths but not 100%, maybe 70", {"strength": 0.7}),
        ("cut out everything before 0:15 and after 1:05", {"start_s": 15.0, "end_s": 65.0}),
        ("bars 17 to 32 a bit slower, like 20 percent", {"from_bar": 17, "to_bar": 32, "factor": 0.8}),
        ("the tape is a semitone flat, bring it up", {"semitones": 1}),
        ("it is a quarter tone sharp", {"semitones": -0.5}),
        ("transpose everything up a third except the drums", {"semitones": 4, "tracks": ["not drums"]}),
        ("the flute should play an octave higher", {"semitones": 12, "tracks": ["flute"]}),
        ("the cello has nothing to play in bars 21-28", {"tracks": ["cello"], "from_bar": 21, "to_bar": 28}),
    ],
)
def test_what_an_editor_is_told_is_read(request_text: str, slots: dict[str, Any]) -> None:
    read = parse(request_text).slots
    assert {name: read.get(name) for name in slots} == slots


@pytest.mark.parametrize(
    ("request_text", "fields"),
    [
        ("concert key is F, I need it in G", {"key": "G major"}),
        ("its written in Eb, my singer wants D", {"key": "D major"}),
        ("country, banjo and fiddle, G", {"key": "G major"}),
        ("drum and bass 174, dark", {"tempo_bpm": 174.0}),
        ("chase scene, 140ish, drums", {"tempo_bpm": 140.0}),
        ("20-ish seconds, calm", {"tempo_bpm": None, "duration_s": 20.0}),
        ("1 min 20. C minor", {"duration_s": 80.0}),
        ("爵士三重奏：钢琴、低音提琴、鼓", {"instruments": ["piano", "double bass", "drums"], "genre": "jazz"}),
        ("double bass drum kit and choir", {"instruments": ["drums", "choir"]}),
        ("not a single guitar", {"exclude": ["guitar"]}),
        ("intro (4 bars), verse (8 bars), folk", {"sections": ["intro", "verse"], "bars": 12}),
        ("放松一点，别太快", {"tempo_bpm": {"min": None, "max": 112.0}}),
        ("make a minor change to this", {"mode": None}),
        ("crescendo from bar 1 to bar 8 then drop to piano", {"exclude": [], "instruments": []}),
    ],
)
def test_what_is_wished_is_read(request_text: str, fields: dict[str, Any]) -> None:
    brief = parse(request_text).brief.model_dump()
    assert {name: brief[name] for name in fields} == fields


def test_a_drop_to_piano_is_where_the_loudness_ends() -> None:
    curve = parse("crescendo from bar 1 to bar 8 then drop to piano").brief.dynamics
    assert [p.level for p in curve][-1] < 0.4 < max(p.level for p in curve)


def test_a_phrase_of_a_tool_leaves_no_word_of_its_own_over() -> None:
    said = parse("make a minor change to this")
    assert "minor" not in left_over(said.brief.request, said.spans)
