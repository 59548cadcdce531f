"""Chords for a melody in the manner of jazz, pop or the modes: the best path by fit, function and root motion.

A Viterbi search over the slots of the melody. A chord costs what its style says (``changes.toml``), what the melody's
notes make of it (chord tones nothing, tensions a little, a tone a semitone above a chord tone much), and the root
motion into it; dominant sevenths want their resolution, and the last chord is the tonic.
"""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tools.compose.engine.harmony import numeral
from tools.compose.harmonizer.slots import Slot
from tools.kit.theory.chord import Chord
from tools.kit.theory.pitch import MODES, Key

Floats = NDArray[np.float64]
_FIT, _TENSION, _AVOID, _FOREIGN = 3.2, 0.3, 1.3, 1.0
_UNRESOLVED, _CADENCE, _OPENING = 1.6, 4.0, 0.8
_ON_THE_SLOT = 1.0  # extra weight, in quarters, of the tone that the chord comes in under
_AT_A_CLOSE = 2.0  # of the tone that a phrase closes on
_PLAIN_TRIADS = {(4, 7): "", (3, 7): "m"}


@dataclass(frozen=True)
class Manner:
    """How a style harmonises; see the head of ``changes.toml``."""

    per_bar: int
    texture: str
    bass: str
    voices: int
    stay: float
    other: float
    motion: Mapping[int, float]


@functools.cache
def _table() -> dict[str, Any]:
    source = resources.files("tools.compose.harmonizer").joinpath("changes.toml")
    return tomllib.loads(source.read_text(encoding="utf-8"))


@functools.cache
def manner(style: str) -> Manner:
    """The manner of a style: ``jazz``, ``pop`` or ``modal``."""
    row = _table()[style]
    motion = {int(k): float(v) for k, v in row["motion"].items()}
    plain = {k: row[k] for k in ("per_bar", "texture", "bass", "voices", "stay", "other")}
    return Manner(**plain, motion=motion)


def vocabulary(style: str, key: Key) -> dict[Chord, float]:
    """The style's chords in a key with their costs; modal harmony has the triads of the mode, none diminished."""
    if style == "modal":
        return _modal(key)
    mode = "minor" if key.is_minor else "major"
    plain = Key(key.tonic, mode)
    return {numeral(name, plain): float(cost) for name, cost in _table()[style][mode].items()}


def _modal(key: Key) -> dict[Chord, float]:
    steps = MODES[key.mode] if len(MODES[key.mode]) == 7 else MODES["minor" if key.is_minor else "major"]
    plain = set(MODES["minor" if key.is_minor else "major"])
    found: dict[Chord, float] = {}
    for degree, step in enumerate(steps):
        third, fifth = ((steps[(degree + k) % 7] - step) % 12 for k in (2, 4))
        quality = _PLAIN_TRIADS.get((third, fifth))
        if quality is not None:
            tones = {(step + i) % 12 for i in (0, third, fifth)}
            tells_the_mode = bool(tones - plain)
            found[Chord((key.tonic + step) % 12, quality)] = 0.0 if degree == 0 else 0.2 if tells_the_mode else 0.6
    return found


def choose_chords(slots: Sequence[Slot], key: Key, style: str, noise: np.random.Generator | None = None) -> list[Chord]:
    """One chord for each slot.

    Parameters
    ----------
    noise
        When given, costs are shaken a little, for another good path than the best one.
    """
    table, how = vocabulary(style, key), manner(style)
    chords = list(table)
    fits = np.array([[_fit(slot, chord) for chord in chords] for slot in slots])
    costs = _FIT * fits + np.array(list(table.values()))
    if noise is not None:
        costs = costs + noise.gumbel(0, 0.35, costs.shape)
    tonic = np.array([0.0 if c.root == key.tonic and not _is_dominant(c) else 1.0 for c in chords])
    costs[0] += _OPENING * tonic
    costs[-1] += _CADENCE * tonic
    moves = np.array([[_move(a, b, how) for b in chords] for a in chords])
    total, backs = costs[0], []
    for row in costs[1:]:
        reached = total[:, None] + moves
        backs.append(reached.argmin(axis=0))
        total = reached.min(axis=0) + row
    path = [int(total.argmin())]
    for back in reversed(backs):
        path.append(int(back[path[-1]]))
    return [chords[i] for i in reversed(path)]


def _move(before: Chord, after: Chord, how: Manner) -> float:
    if before == after:
        return how.stay
    apart = (after.root - before.root) % 12
    cost = how.motion.get(apart, how.other)
    resolves = apart in (5, 11, 0) or (apart == 2 and before.quality == "7" and after.quality in ("m7", "m"))
    return cost + (_UNRESOLVED if _is_dominant(before) and not resolves else 0.0)


def _is_dominant(chord: Chord) -> bool:
    return chord.quality in ("7", "9", "13", "7b9", "dim7")


def _fit(slot: Slot, chord: Chord) -> float:
    """How ill a chord suits the melody of a slot, 0 to about 1.3, weighed by how long each tone sounds."""
    tones = set(chord.pitch_classes())
    total = charge = 0.0
    for note in slot.notes:
        weight = min(note.end, slot.end) - max(note.start, slot.start)
        weight += _ON_THE_SLOT if note.start <= slot.start + 1e-3 else 0.0
        weight += _AT_A_CLOSE if slot.closes and note is slot.notes[-1] else 0.0
        total += weight
        charge += weight * _tone_cost(note.pitch % 12, chord, tones)
    return charge / total if total else 0.0


def _tone_cost(pc: int, chord: Chord, tones: set[int]) -> float:
    if pc in tones:
        return 0.0
    above_root = (pc - chord.root) % 12
    if len(chord.intervals) > 3 and above_root in (2, 9):
        return _TENSION
    if (pc - 1) % 12 in tones and not _is_dominant(chord):
        return _AVOID
    return 0.7 if above_root in (2, 9, 5) else _FOREIGN
