from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.planner.grammar.parse import parse
from tools.kit.theory import instruments as theory

Reads = Callable[[str, dict[str, Any]], None]

WANTED: list[tuple[str, list[str]]] = [
    ("for piano and strings", ["piano", "strings"]),
    ("acoustic guitar", ["guitar"]),
    ("nylon-string guitar", ["guitar"]),
    ("an electric guitar riff", ["electric guitar"]),
    ("upright bass", ["double bass"]),
    ("tenor sax", ["tenor saxophone"]),
    ("two violins and a cello", ["violin", "violin", "cello"]),
    ("string quartet", ["violin", "violin", "viola", "cello"]),
    ("a brass quintet", ["trumpet", "trumpet", "french horn", "trombone", "tuba"]),
    ("jazz trio", ["piano", "double bass", "drums"]),
    ("rock band", ["electric guitar", "bass", "drums"]),
    ("SATB choir and organ", ["choir", "organ"]),
    ("钢琴和小提琴", ["piano", "violin"]),
    ("吉他、贝斯和鼓", ["guitar", "bass", "drums"]),
    ("二胡独奏", ["erhu"]),
    ("古筝", ["guzheng"]),
    ("弦乐四重奏", ["violin", "violin", "viola", "cello"]),
    ("用钢琴写一首", ["piano"]),
    ("synth pads and a warm bass", ["synth pad", "bass"]),
    ("music box", ["music box"]),
    ("Rhodes", ["electric piano"]),
    ("flute, oboe, clarinet and bassoon", ["flute", "oboe", "clarinet", "bassoon"]),
    ("French horn in F", ["french horn"]),
    ("steel drums", ["steel drums"]),
    ("hammond organ", ["drawbar organ"]),
    ("with a shaker and congas", ["shaker", "congas"]),
    ("808s and hi-hats", ["drums", "hi-hat"]),
    ("violoncello", ["cello"]),
    ("harpsichord continuo", ["harpsichord"]),
    ("solo piano", ["piano"]),
    ("three guitars", ["guitar", "guitar", "guitar"]),
    ("大提琴独奏", ["cello"]),
    ("a kalimba and a hang drum", ["kalimba", "steel drums"]),
    ("bandoneón and violin", ["bandoneon", "violin"]),
    ("不只是钢琴", ["piano"]),
    # no instruments
    ("two keys", []),
    ("beats per minute", []),
    ("the lead singer", []),
    ("no strings attached to their use", []),
    ("a kick-ass tune", []),
    ("ride into the sunset", []),
    ("鼓舞人心", []),
    ("grand and majestic", []),
]


@pytest.mark.parametrize(("request_text", "names"), WANTED)
def test_instruments_wanted(assert_reads: Reads, request_text: str, names: list[str]) -> None:
    assert_reads(request_text, {"instruments": names, "exclude": []})


@pytest.mark.parametrize(
    ("request_text", "names"),
    [
        ("no strings", ["strings"]),
        ("no drums or bass", ["drums", "bass"]),
        ("minus the piano", ["piano"]),
        ("don't use guitar", ["guitar"]),
        ("anything but brass", ["brass"]),
        ("不要鼓", ["drums"]),
        ("没有鼓和贝斯", ["drums", "bass"]),
        ("without drums, bass or synths", ["drums", "bass", "synth"]),
        ("drumless", ["drums"]),
        ("drop the drums", ["drums"]),
        ("remove the violin", ["violin"]),
        ("everything except percussion", ["percussion"]),
        ("no electric guitars", ["electric guitar"]),
        ("leave out the flute", ["flute"]),
        ("avoid brass and woodwinds", ["brass", "woodwinds"]),
        ("please no saxophone", ["saxophone"]),
        ("不要弦乐", ["strings"]),
        ("去掉小提琴", ["violin"]),
        ("除了钢琴", ["piano"]),
        ("without any percussion", ["percussion"]),
        ("no piano, no drums", ["piano", "drums"]),
        ("drum-free", ["drums"]),
        ("get rid of the choir", ["choir"]),
        ("neither drums nor bass", ["drums", "bass"]),
        ("without synth or drum machine", ["synth", "drums"]),
        ("不用吉他或者鼓", ["guitar", "drums"]),
    ],
)
def test_instruments_refused(assert_reads: Reads, request_text: str, names: list[str]) -> None:
    assert_reads(request_text, {"exclude": names, "instruments": []})


@pytest.mark.parametrize(
    ("request_text", "wanted", "refused"),
    [
        ("piano, no drums", ["piano"], ["drums"]),
        ("no drums, just piano", ["piano"], ["drums"]),
        ("strings without brass", ["strings"], ["brass"]),
        ("no drums and a soft piano", ["piano"], ["drums"]),
        ("guitar and bass but no drums", ["guitar", "bass"], ["drums"]),
        ("钢琴，不要鼓", ["piano"], ["drums"]),
        ("no strings, only woodwinds", ["woodwinds"], ["strings"]),
        ("no drums but a shaker", ["shaker"], ["drums"]),
        ("no instruments except piano and cello", ["piano", "cello"], []),
        ("nothing but strings", ["strings"], []),
        ("a brass quintet without tuba", ["trumpet", "trumpet", "french horn", "trombone"], ["tuba"]),
        ("a string quartet, no piano", ["violin", "violin", "viola", "cello"], ["piano"]),
    ],
)
def test_wishes_beside_refusals(assert_reads: Reads, request_text: str, wanted: list[str], refused: list[str]) -> None:
    assert_reads(request_text, {"instruments": wanted, "exclude": refused})


@pytest.mark.parametrize(
    ("request_text", "vocals"),
    [
        ("without vocals", False),
        ("instrumental", False),
        ("不要人声", False),
        ("无人声", False),
        ("纯音乐", False),
        ("no singing", False),
        ("no vocals please", False),
        ("with female vocals", True),
        ("女声演唱", True),
        ("sung by a choir", None),
        ("drums, no voice", False),
        ("without any vocals or drums", False),
        ("add a male singer", True),
        ("with vocals", True),
        ("vocal-free", False),
        ("没有人声", False),
    ],
)
def test_vocals(assert_reads: Reads, request_text: str, vocals: bool | None) -> None:
    assert_reads(request_text, {} if vocals is None else {"vocals": vocals})


@pytest.mark.parametrize(
    ("request_text", "expected"),
    [
        ("just the left hand", {"slot:tracks": ["left hand"]}),
        ("only the flute part", {"slot:tracks": ["flute"], "instruments": []}),
        ("quantize the drums track", {"slot:tracks": ["drums"], "instruments": []}),
        ("change the piano to a harp", {"slot:tracks": ["piano"], "slot:instrument": "harp", "instruments": ["harp"]}),
        ("replace the violin with a flute", {"slot:tracks": ["violin"], "slot:instrument": "flute"}),
        ("把钢琴换成吉他", {"slot:tracks": ["piano"], "slot:instrument": "guitar"}),
        ("add a cello part", {"slot:instrument": "cello", "change:instruments": {"add": ["cello"]}}),
        ("加一段小提琴", {"change:instruments": {"add": ["violin"]}}),
        ("只有左手", {"slot:tracks": ["left hand"]}),
        ("harmonize the melody", {"slot:tracks": ["melody"]}),
        ("drop the drums", {"change:instruments": {"remove": ["drums"]}}),
        ("only piano", {"slot:only": True, "instruments": ["piano"]}),
        ("isolate the bass", {"slot:tracks": ["bass"], "instruments": []}),
        ("swap the guitar for a banjo", {"slot:instrument": "banjo", "slot:tracks": ["guitar"]}),
        ("flute instead of violin", {"instruments": ["flute"], "change:instruments": {"remove": ["violin"]}}),
    ],
)
def test_tracks_and_changes(assert_reads: Reads, request_text: str, expected: dict[str, Any]) -> None:
    assert_reads(request_text, expected)


@pytest.mark.parametrize("name", [n for n in theory.instruments() if n not in ("voice", "effects")])
def test_every_instrument_is_understood_by_its_own_name(name: str) -> None:
    assert parse(f"a tune with {name}").brief.instruments == [name]


def test_every_general_midi_program_can_be_asked_for() -> None:
    for program in range(128):
        name = theory.instrument_of_program(program).name
        assert parse(f"a tune with {name} and piano").brief.instruments[0] == name, name


def test_the_words_of_an_ensemble_stay_in_the_constraint() -> None:
    constraint = next(c for c in parse("something for string quartet").brief.constraints if c.name == "instruments")
    assert constraint.words == "string quartet"


@pytest.mark.parametrize(
    ("request_text", "names"),
    [
        ("jazz trio with piano, bass and drums", ["piano", "bass", "drums"]),
        ("爵士三重奏，钢琴、贝斯、鼓", ["piano", "bass", "drums"]),
        ("string quartet with two violins, viola and cello", ["violin", "violin", "viola", "cello"]),
        ("string quartet plus a second cello", ["violin", "violin", "viola", "cello", "cello"]),
        ("jazz trio, guitar", ["piano", "double bass", "drums", "guitar"]),
    ],
)
def test_players_named_after_their_ensemble_are_its_own(
    assert_reads: Reads, request_text: str, names: list[str]
) -> None:
    assert_reads(request_text, {"instruments": names})
