"""Orchestration: which instruments play, on which programs, in which roles and registers.

Wanted instruments alone play when the person named any; the style's own otherwise. What is excluded never sounds.
Roles are dealt by what each General MIDI program does well (Adler, The Study of Orchestration, 4th ed.): a bass, a
melody, chords; one-line instruments that are left take inner voices.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from tools.compose.engine.style import Style
from tools.errors import UserError
from tools.kit.theory.instruments import (
    Instrument,
    canonical,
    ensemble,
    ensembles,
    instrument,
    instruments,
    names,
    programs_of,
)

_BORN_BASS = 8  # talent for the bass from which a player is one, whoever plays beside it
Role = Literal["melody", "bass", "harmony", "inner", "solo", "effect", "drums"]
_SPARE = (
    "piano",
    "strings",
    "guitar",
    "flute",
    "synth pad",
    "marimba",
    "organ",
    "trumpet",
    "bass",
    "sitar",
    "synth lead",
    "kalimba",
)

# GM programs: (from, to, how well it sings a melody 0-9, how well it serves as bass 0-9, whether it plays chords)
_TALENTS: tuple[tuple[int, int, float, float, bool], ...] = (
    (0, 7, 6, 4, True),
    (8, 15, 5.5, 0, True),
    (16, 20, 4, 3, True),
    (21, 23, 7, 1, True),
    (24, 25, 5, 2, True),
    (26, 31, 5.5, 1, True),
    (32, 39, 0, 10, False),
    (40, 40, 9, 0, False),
    (41, 41, 5, 1, False),
    (42, 42, 6, 6, False),
    (43, 43, 1, 9, False),
    (44, 45, 4, 2, True),
    (46, 46, 4, 1, True),
    (47, 47, 0, 2, False),
    (48, 51, 5, 3, True),
    (52, 54, 6, 1, True),
    (55, 55, 0, 0, True),
    (56, 56, 8, 0, False),
    (57, 57, 5, 5, False),
    (58, 58, 1, 8, False),
    (59, 59, 7, 0, False),
    (60, 60, 6, 2, False),
    (61, 63, 5, 2, True),
    (64, 66, 8, 1, False),
    (67, 67, 4, 6, False),
    (68, 68, 8.5, 0, False),
    (69, 69, 7, 1, False),
    (70, 70, 4, 7, False),
    (71, 72, 8, 0, False),
    (73, 73, 8.5, 0, False),
    (74, 79, 7.5, 0, False),
    (80, 86, 8, 2, True),
    (87, 87, 4, 6, True),
    (88, 95, 2, 1, True),
    (96, 103, 1, 0, True),
    (104, 108, 6, 1, True),
    (109, 111, 8, 0, False),
    (112, 113, 0, 0, True),
    (114, 114, 6, 0, True),
    (115, 127, 0, 0, True),
)


@dataclass(frozen=True)
class Player:
    """One track: its name, program, drum keys (empty: the whole kit), compass, role, and whether it plays chords."""

    name: str
    program: int
    is_drum: bool
    low: int
    high: int
    role: Role
    poly: bool
    keys: tuple[int, ...] = ()
    covers: bool = False  # the only one who can sound the harmony: breaks the whole chord

    @property
    def sings(self) -> float:
        """How well it carries a melody, 0 to 9."""
        return talent(self.program)[0]


def talent(program: int) -> tuple[float, float, bool]:
    """Melody 0 to 9, bass 0 to 9, chords or not, of a General MIDI program."""
    return next((m, b, p) for low, high, m, b, p in _TALENTS if low <= program <= high)


def is_effect(program: int) -> bool:
    """Whether a program is a blow or a noise rather than a voice: orchestra hit, woodblock, gunshot..."""
    return program in (47, 55) or (program >= 112 and program != 114)


@dataclass(frozen=True)
class Banned:
    """What must not sound."""

    programs: frozenset[int]
    drum_names: frozenset[str]

    def allows(self, candidate: Instrument) -> bool:
        """Whether an instrument may play with at least one program."""
        if candidate.is_drum:
            return not ({candidate.name, *_kinds(candidate)} & self.drum_names)
        return any(p not in self.programs for p in candidate.programs)

    def program(self, candidate: Instrument) -> int:
        """The first program of an instrument that may sound."""
        return next(p for p in candidate.programs if candidate.is_drum or p not in self.programs)

    def allows_unasked(self, candidate: Instrument) -> bool:
        """Whether an instrument may play unasked: nothing on the drum channel where drums are excluded."""
        return self.allows(candidate) and not (candidate.is_drum and "drums" in self.drum_names)


def _kinds(candidate: Instrument) -> set[str]:
    found: set[str] = set()
    for parent in candidate.parents:
        found |= {parent, *_kinds(instruments()[parent])} if parent != candidate.name else set()
    return found


def read_banned(exclude: Iterable[str], vocals: bool | None, notes: list[str]) -> Banned:
    """Programs and kits that the exclusions rule out; names nobody knows are noted."""
    programs: set[int] = set()
    drums: set[str] = set()
    for name in [*exclude, *(["voice"] if vocals is False else [])]:
        try:
            found = canonical(name)
        except ValueError:
            if name.lower() not in ("vocals", "vocal", "singing", "singer", "lyrics", "人声"):
                notes.append(f"{name!r} is excluded, but no instrument of that name is known")
            found = "voice"
        for member in ensemble(found) if found in ensembles() else [found]:
            kind = instrument(member)
            programs |= programs_of(kind.name)
            if kind.is_drum or kind.name == "percussion":
                drums.add(kind.name)
    return Banned(frozenset(programs), frozenset(drums))


def pick_instruments(
    wanted: Sequence[str], style: Style, banned: Banned, vocals: bool | None, conflicts: list[str]
) -> list[Instrument]:
    """The instruments that play: the wanted ones, or the style's; none that is banned."""
    chosen: list[Instrument] = []
    for name in wanted:
        for kind in _members(name):
            if banned.allows(kind):
                chosen.append(kind)
            else:
                conflicts.append(f"{kind.name} is both wanted and excluded; it is left out")
    if not chosen:
        chosen = [k for n in style.instruments for k in _members(n) if banned.allows_unasked(k)]
    if not any(not k.is_drum for k in chosen) and not wanted:
        spare = next((instrument(n) for n in _SPARE if banned.allows(instrument(n))), None)
        anyone = spare or next((k for k in instruments().values() if not k.is_drum and banned.allows(k)), None)
        if anyone is None:
            raise UserError("Every instrument is excluded; leave at least one to play.")
        chosen.insert(0, anyone)
    if vocals and not any("voice" in {k.family, k.name} for k in chosen) and banned.allows(instrument("choir")):
        chosen.append(instrument("choir"))
    if not chosen:
        raise UserError(f"Every wanted instrument ({', '.join(wanted)}) is excluded; leave at least one to play.")
    return chosen


def _members(name: str) -> list[Instrument]:
    try:
        found = canonical(name)
    except ValueError as err:
        near = difflib.get_close_matches(name.lower(), names(), n=3)
        hint = f"did you mean {' or '.join(near)}?" if near else "name a General MIDI instrument."
        raise UserError(f"instruments: {name!r} is not known; {hint}") from err
    return [instrument(n) for n in ensemble(found)] if found in ensembles() else [instrument(found)]


def cast(chosen: Sequence[Instrument], banned: Banned) -> list[Player]:
    """Players with roles: every chosen instrument is one track, doubles of one name share numbers."""
    players: list[Player] = []
    for kind in chosen:
        time = sum(1 for c in players if c.name.split(" #")[0] == kind.name)
        name = kind.name if time == 0 else f"{kind.name} #{time + 1}"
        program = banned.program(kind)
        low, high = (kind.low, kind.high) if kind.is_drum else _compass(kind)
        keys = tuple(kind.notes)
        poly = kind.is_drum or talent(program)[2]
        players.append(
            Player(name, program, kind.is_drum, low, high, "drums" if kind.is_drum else "harmony", poly, keys)
        )
    pitched = [p for p in players if not p.is_drum]
    roles = _deal(pitched)
    dealt = iter(roles)
    return [p if p.is_drum else next(dealt) for p in players]


def _compass(kind: Instrument) -> tuple[int, int]:
    """The compass, at least a ninth wide and inside what samples sound well in."""
    low, high = max(kind.low, 24), min(kind.high, 105)
    return (low, high) if high - low >= 14 else (max(0, high - 14), high)


def _deal(pitched: Sequence[Player]) -> list[Player]:
    """Roles for the pitched players, in their order."""
    if not pitched:
        return []
    voices = [p for p in pitched if not is_effect(p.program)] or list(pitched)
    roles: dict[int, Player] = {id(p): replace(p, role="effect") for p in pitched if p not in voices}
    if len(voices) == 1:
        roles[id(voices[0])] = replace(voices[0], role="solo", covers=True)
        return [roles[id(p)] for p in pitched]
    rest = list(voices)
    bass = _under_a_soloist(rest) or max(rest, key=lambda p: (talent(p.program)[1] - 0.3 * p.sings, -p.low))
    if talent(bass.program)[1] < 3:
        bass = min(rest, key=lambda p: (p.low - (6 if p.poly else 0), p.sings))
    rest.remove(bass)
    melody = max(rest, key=lambda p: p.sings + 0.01 * p.high)
    rest.remove(melody)
    chords = [p for p in rest if p.poly]
    lines = [p for p in rest if not p.poly]
    lean = not chords and len(lines) < 3
    roles[id(bass)] = replace(bass, role="bass", covers=lean and (bass.poly or not (lines or melody.poly)))
    roles[id(melody)] = replace(melody, role="melody", covers=lean and melody.poly and not bass.poly)
    for player in chords:
        roles[id(player)] = replace(player, role="harmony")
    for player in lines:
        roles[id(player)] = replace(player, role="inner", covers=lean)
    return [roles[id(p)] for p in pitched]


def _under_a_soloist(voices: Sequence[Player]) -> Player | None:
    """The one of a duo who accompanies the other: piano under cello, guitar under flute; None in any other band."""
    chords = [p for p in voices if p.poly]
    soloists = [p for p in voices if not p.poly and p.sings >= 5 and talent(p.program)[1] < _BORN_BASS]
    return chords[0] if len(voices) == 2 and len(chords) == len(soloists) == 1 else None
