"""Instruments by everyday name: General MIDI programs, family, compass, kinds of kinds, ensembles.

The names are the ones a Brief uses (``"tenor saxophone"``); a tenor saxophone is a saxophone, which is
one of the woodwinds. Programs are 0-based, as in a MIDI file (General MIDI 1 Sound Set, MMA 1991).
"""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any


@dataclass(frozen=True)
class Instrument:
    """One instrument or section.

    Attributes
    ----------
    programs
        General MIDI programs (0 to 127), the one to play it with first; for a drum kit the kit numbers.
    family
        The group it belongs to, itself an instrument's name: ``"strings"``, ``"brass"`` ...
    low, high
        Playable compass as MIDI pitches, concert pitch.
    is_drum
        Played on the drum channel; ``notes`` are its keys there, empty for a whole kit.
    parents
        Names of what it is a kind of, nearest first; the family is one of them.
    nearest
        General MIDI has no such instrument, the programs are the nearest there are.
    english, chinese
        Other names a person may use.
    """

    name: str
    programs: tuple[int, ...]
    family: str
    low: int
    high: int
    is_drum: bool = False
    notes: tuple[int, ...] = ()
    parents: tuple[str, ...] = ()
    nearest: bool = False
    english: tuple[str, ...] = ()
    chinese: tuple[str, ...] = ()


@functools.cache
def _data() -> dict[str, dict[str, dict[str, Any]]]:
    source = resources.files("tools.kit.data").joinpath("instruments.toml")
    return tomllib.loads(source.read_text(encoding="utf-8"))


@functools.cache
def instruments() -> Mapping[str, Instrument]:
    """Every instrument and section by name, in the order of the data file."""
    return {name: _instrument(name, row) for name, row in _data()["instruments"].items()}


def _instrument(name: str, row: Mapping[str, Any]) -> Instrument:
    parents = [*row.get("parents", []), row["family"]]
    return Instrument(
        name=name,
        programs=tuple(row["programs"]),
        family=row["family"],
        low=row["range"][0],
        high=row["range"][1],
        is_drum=row.get("drum", False),
        notes=tuple(row.get("notes", ())),
        parents=tuple(p for p in parents if p != name),
        nearest=row.get("nearest", False),
        english=tuple(row["en"]),
        chinese=tuple(row["zh"]),
    )


@functools.cache
def ensembles() -> Mapping[str, tuple[str, ...]]:
    """Every ensemble by name, with its members; a name that comes twice plays two parts."""
    return {name: tuple(row["members"]) for name, row in _data()["ensembles"].items()}


@functools.cache
def names() -> Mapping[str, str]:
    """Every way to name an instrument or an ensemble, lower case, spaces for hyphens, to its canonical name."""
    found: dict[str, str] = {}
    for table in ("instruments", "ensembles"):
        for name, row in _data()[table].items():
            for alias in (name, *row["en"], *row["zh"]):
                found.setdefault(plain(alias), name)
    return found


def plain(name: str) -> str:
    """A name as :func:`names` spells it: lower case, one space for hyphens and runs of spaces."""
    return " ".join(name.lower().replace("-", " ").split())


def canonical(name: str) -> str:
    """The canonical name of an instrument or ensemble; ``ValueError`` when nobody knows it."""
    text = plain(name)
    for candidate in (text, text.removesuffix("s"), text.removesuffix("es")):
        if candidate in names():
            return names()[candidate]
    raise ValueError(f"{name!r} is no instrument known here")


def instrument(name: str) -> Instrument:
    """The instrument of a name or alias; ``ValueError`` when there is none (or when it is an ensemble)."""
    found = canonical(name)
    if found not in instruments():
        raise ValueError(f"{name!r} is an ensemble; ensemble({found!r}) names its members")
    return instruments()[found]


def ensemble(name: str) -> list[str]:
    """Members of an ensemble, one a part: a string quartet is violin, violin, viola, cello."""
    found = canonical(name)
    if found not in ensembles():
        raise ValueError(f"{name!r} is no ensemble")
    return list(ensembles()[found])


@functools.cache
def _ancestors(name: str) -> frozenset[str]:
    """An instrument's own name and the names of all it is a kind of."""
    found = {name}
    for parent in instruments()[name].parents:
        found |= _ancestors(parent)
    return frozenset(found)


def is_a(name: str, other: str) -> bool:
    """Whether one instrument is the other or a kind of it: a tenor saxophone is one of the woodwinds."""
    return instrument(other).name in _ancestors(instrument(name).name)


@functools.cache
def _programs_of(name: str) -> frozenset[int]:
    kinds = (
        i
        for i in instruments().values()
        if not i.is_drum and name in _ancestors(i.name) and (i.name == name or not i.nearest)
    )
    return frozenset(program for kind in kinds for program in kind.programs)


def programs_of(name: str) -> frozenset[int]:
    """Programs on melodic channels that sound as this instrument or a kind of it.

    A group gives all its programs: ``"strings"`` 40 to 45, 48 to 51 and 110. What is played on the drum channel
    has none of these; see :attr:`Instrument.is_drum`. Instruments that borrow a program lend none to their groups.
    """
    return _programs_of(instrument(name).name)


@functools.cache
def _by_program() -> Mapping[int, Instrument]:
    """The most specific instrument of each program that General MIDI itself names."""
    found: dict[int, Instrument] = {}
    for candidate in instruments().values():
        if candidate.is_drum or candidate.nearest:
            continue
        for program in candidate.programs:
            if program not in found or found[program].name in _ancestors(candidate.name) - {candidate.name}:
                found[program] = candidate
    return found


def instrument_of_program(program: int, is_drum: bool = False) -> Instrument:
    """The instrument that a program (0 to 127) sounds as; on the drum channel always the drums."""
    if is_drum:
        return instruments()["drums"]
    if program not in _by_program():
        raise ValueError(f"{program} is no General MIDI program; programs are 0 to 127")
    return _by_program()[program]
