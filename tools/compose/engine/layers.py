"""Layers: who plays in which section.

A bass and one player of chords carry every section; the others enter as energy rises and leave as it falls, so that
a form can be heard in the scoring alone. Neighbouring sections never sound the same players while somebody can rest.
"""

from __future__ import annotations

from collections.abc import Sequence

from tools.compose.engine.form import Form, Section
from tools.compose.engine.orchestration import Player

_ENTERS = {"drums": 0.25, "harmony": 0.2, "inner": 0.1, "effect": 0.45}  # share of the piece's energy, by role
_EACH_LATER = 0.15  # each further player of a role waits for so much more
_RESTS_FIRST = {"inner": 0, "harmony": 1, "effect": 2, "drums": 3}
_WITHOUT_TUNE = ("intro", "build", "breakdown")
_WITHOUT_BEAT = ("intro", "breakdown", "outro", "coda", "ending", "interlude")


def who_plays(form: Form, players: Sequence[Player], energies: Sequence[float]) -> list[set[int]]:
    """Indices of the players in each section.

    Parameters
    ----------
    energies
        For each bar, 0 to 1.
    """
    sections = form.sections
    if len(sections) == 1:
        return [set(range(len(players)))]
    core = _core(players)
    heat = [sum(energies[s.start : s.end]) / s.bars for s in sections]
    active = [core | _joining(players, s, _share(h, heat)) for s, h in zip(sections, heat, strict=True)]
    for number in range(1, len(sections)):
        if active[number] == active[number - 1]:
            _tell_apart(active, number, heat, core, players)
    loudest = max(range(len(sections)), key=lambda n: (heat[n], n))
    for index in range(len(players)):
        if not any(index in playing for playing in active):
            active[loudest].add(index)
    return active


def _core(players: Sequence[Player]) -> set[int]:
    """Those without whom the harmony cannot be heard."""
    core = {i for i, p in enumerate(players) if p.role in ("bass", "solo") or p.covers}
    chords = [i for i, p in enumerate(players) if p.role == "harmony"]
    return core | set(chords[:1] or [i for i, p in enumerate(players) if p.role == "inner"])


def _share(heat: float, all_heat: Sequence[float]) -> float:
    """Energy of a section between the calmest (0) and the most excited (1); 1 when they are all alike."""
    low, high = min(all_heat), max(all_heat)
    return (heat - low) / (high - low) if high - low > 0.02 else 1.0


def _joining(players: Sequence[Player], section: Section, share: float) -> set[int]:
    found = set()
    for index, player in enumerate(players):
        if player.role == "melody":
            joins = section.role not in _WITHOUT_TUNE or section.bars <= 2
        elif player.role == "drums" and section.role not in _WITHOUT_BEAT:
            joins = True
        else:
            rank = sum(1 for p in players[:index] if p.role == player.role)
            joins = share >= min(0.9, _ENTERS.get(player.role, 0.0) + _EACH_LATER * rank)
        if joins:
            found.add(index)
    return found


def _tell_apart(
    active: list[set[int]], number: int, heat: Sequence[float], core: set[int], players: Sequence[Player]
) -> None:
    """Let somebody rest in the calmer of two neighbours, or in the other where that would match its other neighbour."""
    calmer = number - 1 if heat[number] >= heat[number - 1] else number
    for section in (calmer, 2 * number - 1 - calmer):
        spare = [i for i in active[section] - core if players[i].role in _RESTS_FIRST]
        for index in sorted(spare, key=lambda i: (_RESTS_FIRST[players[i].role], -i)):
            rest = active[section] - {index}
            around = [active[n] for n in (section - 1, section + 1) if 0 <= n < len(active)]
            if rest not in around:
                active[section] = rest
                return
