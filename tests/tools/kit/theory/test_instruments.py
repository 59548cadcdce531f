from __future__ import annotations

import pytest

from tools.kit.theory import instruments as theory


def test_every_program_has_a_name_whose_programs_hold_it() -> None:
    for program in range(128):
        found = theory.instrument_of_program(program)
        assert program in found.programs
        assert program in theory.programs_of(found.name)


def test_drum_channel_is_drums_whatever_the_program() -> None:
    assert theory.instrument_of_program(40, is_drum=True).name == "drums"


@pytest.mark.parametrize(
    ("name", "other", "expected"),
    [
        ("tenor sax", "saxophone", True),
        ("tenor saxophone", "woodwinds", True),
        ("saxophone", "tenor saxophone", False),
        ("double bass", "bass", True),
        ("bass", "strings", False),
        ("fiddle", "strings", True),
        ("taiko", "drums", True),
        ("distortion guitar", "guitar", True),
        ("hi-hats", "drums", True),
        ("piano", "strings", False),
        ("synth bass", "synth", True),
        ("小提琴", "弦乐", True),
    ],
)
def test_kinds_of_kinds(name: str, other: str, expected: bool) -> None:
    assert theory.is_a(name, other) is expected


@pytest.mark.parametrize(
    ("name", "programs"),
    [
        ("strings", {40, 41, 42, 43, 44, 45, 48, 49, 50, 51, 110}),
        ("brass", set(range(56, 64))),
        ("guitar", set(range(24, 32))),
        ("saxophone", {64, 65, 66, 67}),
        ("drums", {116, 117, 118}),
        ("erhu", {110}),
    ],
)
def test_a_group_gives_the_programs_of_all_its_kinds(name: str, programs: set[int]) -> None:
    assert theory.programs_of(name) == programs


@pytest.mark.parametrize(
    ("name", "members"),
    [
        ("string quartet", ["violin", "violin", "viola", "cello"]),
        ("Brass Quintet", ["trumpet", "trumpet", "french horn", "trombone", "tuba"]),
        ("爵士三重奏", ["piano", "double bass", "drums"]),
    ],
)
def test_an_ensemble_is_its_members(name: str, members: list[str]) -> None:
    assert theory.ensemble(name) == members


def test_every_ensemble_member_and_parent_is_an_instrument_with_a_compass() -> None:
    for members in theory.ensembles().values():
        assert all(theory.instrument(m).name == m for m in members)
    for instrument in theory.instruments().values():
        assert instrument.low <= instrument.high
        assert all(parent in theory.instruments() for parent in instrument.parents)


def test_unknown_names_are_errors_that_say_so() -> None:
    with pytest.raises(ValueError, match="gadulka"):
        theory.instrument("gadulka")
    with pytest.raises(ValueError, match="ensemble"):
        theory.instrument("string quartet")
    with pytest.raises(ValueError, match="no ensemble"):
        theory.ensemble("piano")
    with pytest.raises(ValueError, match="0 to 127"):
        theory.instrument_of_program(128)
