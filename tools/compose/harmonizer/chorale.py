"""A melody set for four voices: the likeliest chords of the chorales that can be led without faults.

A beam search over slots of the melody. A state is a chord with its inversion and the pitches of alto, tenor and bass;
the cost of a step is the negative log probability of the chord after the one before (:mod:`.habits`) and of the soprano
over it, what the place in the tune asks (:mod:`.function`), plus the charges of part writing: parallel perfects are as
good as forbidden, sevenths fall, leading tones rise, no voice passes its neighbour, the bass leaps as a bass may and
inner voices move little. Chord choice and voice leading are searched together, as in Allan and Williams 2005
("Harmonising chorales by probabilistic inference") with the rules of Ebcioglu 1990 as costs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tools.compose.harmonizer.function import place_costs
from tools.compose.harmonizer.habits import CLOSE, STRONG, WEAK, Habits, State, habits, plain_mode
from tools.compose.harmonizer.slots import Slot
from tools.compose.harmonizer.voicings import voicings
from tools.errors import UserError
from tools.kit.theory.pitch import Key

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
_BEAM = 260  # settings kept after each slot
_STATES = 44  # chords tried a slot
_PARALLEL, _CONTRARY_PERFECT, _HIDDEN = 60.0, 2.5, 4.0
_OVERLAP, _AUGMENTED_SECOND, _SAME_WAY = 3.0, 4.0, 1.0
_SEVENTH_LEAPS, _SEVENTH_STAYS, _LEADING_STRAYS, _LEADING_FALLS = 7.0, 0.4, 6.0, 1.0
_STAYS = {WEAK: 0.3, STRONG: 1.1, CLOSE: 1.1}  # the same root again, by the beat it comes on
_STAYS_REPEATED = 0.3  # under a note that the melody repeats
_APPOGGIATURA, _LEAPT_DISSONANCE, _PASSING = 2.8, 3.0, 0.1
_INNER = np.array([0.0, 0.05, 0.05, 0.3, 0.35, 0.8, 2.6, 1.6, 3.0, 3.2, 6.0, 6.0, 5.0])
_BASS = np.array([0.25, 0.0, 0.0, 0.2, 0.25, 0.2, 2.6, 0.35, 1.2, 1.6, 4.0, 5.0, 0.5])
_TOO_FAR = 9.0


@dataclass(frozen=True)
class Setting:
    """A slot's chord and the pitches of the three lower voices."""

    state: State
    alto: int
    tenor: int
    bass: int


@dataclass
class _Row:
    """Candidates of one slot, arrays ``[k]``: state numbers, pitches, the melody's structural pitch, costs."""

    state: Ints
    sung: Ints
    alto: Ints
    tenor: Ints
    bass: Ints
    cost: Floats
    first: int
    last: int


@dataclass(frozen=True)
class _Rules:
    """Tables over states ``[n]`` or pairs of them: tones that must move, and where they must go."""

    leading: Ints  # pitch class that must rise, -1 for none
    seventh: Ints  # pitch class that must fall, -1 for none
    resolves: NDArray[np.bool_]  # [n, n]: the leading tone's goal is in the next chord, and its root is a resolution
    same_root: NDArray[np.bool_]


def set_chorale(slots: Sequence[Slot], key: Key, noise: np.random.Generator | None = None) -> list[Setting]:
    """Chord and lower voices for every slot.

    Parameters
    ----------
    slots
        The melody, at a soprano's height.
    noise
        When given, chord probabilities are shaken a little, for another good setting than the best one.

    Raises
    ------
    UserError
        When a note lies so that no chord can be set under it.
    """
    learned = habits(plain_mode(key))
    rules = _rules(learned, key)
    places = place_costs(slots, learned, key)
    rows = [_candidates(slot, learned, rules, key, place, noise) for slot, place in zip(slots, places, strict=True)]
    total, kept = _first(rows[0], learned, slots[0])
    beams, backs = [kept], [np.zeros(len(kept), dtype=np.int64)]
    for (before, row), (left, slot) in zip(pairwise(rows), pairwise(slots), strict=True):
        kind = CLOSE if slot.closes else STRONG if slot.strong else WEAK
        chords = -(learned.opens[None, :] * 0.6 + learned.moves[kind] * 0.4 if slot.opens else learned.moves[kind])
        old = beams[-1]
        step = chords[np.ix_(before.state[old], row.state)] + _leading_cost(before, old, row, rules, key)
        repeats = left.notes[-1].pitch == slot.notes[0].pitch
        step += (_STAYS_REPEATED if repeats else _STAYS[kind]) * rules.same_root[np.ix_(before.state[old], row.state)]
        reached = total[:, None] + step
        came = reached.argmin(axis=0)
        cost = reached[came, np.arange(len(row.state))] + row.cost
        keep = np.argsort(cost, kind="stable")[:_BEAM]
        total = cost[keep]
        beams.append(keep)
        backs.append(came[keep])
    return _traced(rows, beams, backs, int(total.argmin()), learned)


def _first(row: _Row, learned: Habits, slot: Slot) -> tuple[Floats, Ints]:
    cost = row.cost - learned.opens[row.state]
    keep = np.argsort(cost, kind="stable")[:_BEAM]
    return cost[keep], keep


def _traced(rows: list[_Row], beams: list[Ints], backs: list[Ints], at: int, learned: Habits) -> list[Setting]:
    found = []
    for row, kept, back in zip(reversed(rows), reversed(beams), reversed(backs), strict=True):
        i = int(kept[at])
        state = learned.states[int(row.state[i])]
        found.append(Setting(state, int(row.alto[i]), int(row.tenor[i]), int(row.bass[i])))
        at = int(back[at])
    return found[::-1]


def _rules(learned: Habits, key: Key) -> _Rules:
    scale = {(t + key.tonic) % 12 for t in ((0, 2, 3, 5, 7, 8, 10) if key.is_minor else (0, 2, 4, 5, 7, 9, 11))}
    leading, seventh = [], []
    for state in learned.states:
        tones = state.classes(key.tonic)
        third = (tones[1] - tones[0]) % 12
        rises = third == 4 and (state.quality == "7" or state.root == 7 or tones[1] not in scale)
        half = state.quality in ("dim", "m7b5", "dim7")
        leading.append(tones[1] if rises else tones[0] if half else -1)
        seventh.append(tones[3] if len(tones) > 3 else -1)
    count = len(learned.states)
    resolves = np.zeros((count, count), dtype=np.bool_)
    for i, one in enumerate(learned.states):
        goal = (leading[i] + 1) % 12
        for j, two in enumerate(learned.states):
            resolves[i, j] = leading[i] >= 0 and goal in two.classes(key.tonic) and one.root != two.root
    roots = np.array([s.root for s in learned.states])
    return _Rules(np.array(leading), np.array(seventh), resolves, roots[:, None] == roots[None, :])


def _candidates(
    slot: Slot, learned: Habits, rules: _Rules, key: Key, place: Floats, noise: np.random.Generator | None
) -> _Row:
    shaken = noise.gumbel(0, 0.5, len(learned.states)) if noise is not None else np.zeros(len(learned.states))
    table: list[tuple[int, int, int, int, int, float]] = []
    for pitch, charge in _structural(slot):
        fit = -learned.soprano[:, (pitch - key.tonic) % 12] + place - shaken
        for number in np.argsort(fit, kind="stable")[:_STATES].tolist():
            state = learned.states[number]
            tones = state.classes(key.tonic)
            if pitch % 12 not in tones:
                continue
            tender = int(rules.leading[number])
            cost = float(fit[number]) + charge + _dissonance(slot, pitch, tones)
            under = voicings(pitch, tones, state.inversion, None if tender < 0 else tender)
            table += [(number, pitch, v.alto, v.tenor, v.bass, cost + v.cost) for v in under]
    if not table:
        raise UserError(f"No chord can be set under the note {slot.notes[0].pitch}; it lies too high or too low.")
    numbers = np.array([row[:5] for row in table], dtype=np.int64).T
    state, sung, alto, tenor, bass = numbers
    costs = np.array([row[5] for row in table])
    return _Row(state, sung, alto, tenor, bass, costs, slot.notes[0].pitch, slot.notes[-1].pitch)


def _structural(slot: Slot) -> list[tuple[int, float]]:
    """The pitches that may be the chord's: the one on the beat, or the one it steps to as from a suspension."""
    first = slot.notes[0]
    found = [(first.pitch, 0.0)]
    if len(slot.notes) > 1 and 1 <= abs(first.pitch - slot.notes[1].pitch) <= 2:
        falls = first.pitch > slot.notes[1].pitch
        found.append((slot.notes[1].pitch, _APPOGGIATURA - (1.2 if falls and slot.strong else 0.0)))
    return found


def _dissonance(slot: Slot, pitch: int, tones: tuple[int, ...]) -> float:
    """Cost of the melody's further notes in the slot that the chord does not hold."""
    cost = 0.0
    for before, note in pairwise(slot.notes):
        if note.pitch % 12 not in tones:
            cost += _PASSING if abs(note.pitch - before.pitch) <= 2 else _LEAPT_DISSONANCE
    return cost


def _leading_cost(before: _Row, old: Ints, row: _Row, rules: _Rules, key: Key) -> Floats:
    """Charges of part writing from every kept setting to every candidate, ``[kept, k]``."""
    was = [np.full(len(old), before.last), before.alto[old], before.tenor[old], before.bass[old]]
    now = [np.full(len(row.state), row.first), row.alto, row.tenor, row.bass]
    moves = [n[None, :] - w[:, None] for w, n in zip(was, now, strict=True)]
    cost = _INNER[np.minimum(np.abs(moves[1]), 12)] + _INNER[np.minimum(np.abs(moves[2]), 12)]
    leap = np.abs(moves[3])
    cost += np.where(leap > 12, _TOO_FAR, _BASS[np.minimum(leap, 12)])
    cost += _perfects(was, now, moves) + _order(was, now) + _tendencies(before, old, row, was, moves, rules)
    cost += _SAME_WAY * ((np.minimum.reduce(moves) > 0) | (np.maximum.reduce(moves) < 0))
    return np.asarray(cost + _augmented(was, now, moves, key))


def _perfects(was: list[Ints], now: list[Ints], moves: list[Ints]) -> Floats:
    cost = np.zeros(moves[0].shape)
    for a in range(4):
        for b in range(a + 1, 4):
            before, after = (was[a] - was[b]) % 12, (now[a] - now[b]) % 12
            perfect = (after == 0) | (after == 7)
            together = moves[a] * moves[b]
            again = (before[:, None] == after[None, :]) & perfect[None, :] & (moves[a] != 0) & (moves[b] != 0)
            cost += np.where(again, np.where(together > 0, _PARALLEL, _CONTRARY_PERFECT), 0.0)
            if (a, b) == (0, 3):
                leapt = perfect[None, :] & (together > 0) & (np.abs(moves[0]) > 2)
                cost += np.where(leapt & ~again, _HIDDEN, 0.0)
    return cost


def _order(was: list[Ints], now: list[Ints]) -> Floats:
    cost = np.zeros((len(was[0]), len(now[0])))
    for upper, lower in ((0, 1), (1, 2), (2, 3)):
        cost += _OVERLAP * (now[lower][None, :] > was[upper][:, None])
        cost += _OVERLAP * (now[upper][None, :] < was[lower][:, None])
    return cost


def _tendencies(before: _Row, old: Ints, row: _Row, was: list[Ints], moves: list[Ints], rules: _Rules) -> Floats:
    states = before.state[old]
    must_rise = rules.resolves[np.ix_(states, row.state)]
    same = rules.same_root[np.ix_(states, row.state)]
    cost = np.zeros(moves[0].shape)
    for voice, (pitch, move) in enumerate(zip(was, moves, strict=True)):
        leads = (pitch % 12 == rules.leading[states])[:, None] & must_rise
        inner_falls = (voice in (1, 2)) & ((move == -3) | (move == -4))
        strays = np.where(inner_falls, _LEADING_FALLS, np.where(move == 0, 1.0, _LEADING_STRAYS))
        cost += np.where(leads & (move != 1), strays, 0.0)
        seventh = (pitch % 12 == rules.seventh[states])[:, None]
        falls = (move == -1) | (move == -2)
        held = np.where(move == 0, _SEVENTH_STAYS, np.where(same, 1.0, _SEVENTH_LEAPS))
        cost += np.where(seventh & ~falls, held, 0.0)
    return cost


def _augmented(was: list[Ints], now: list[Ints], moves: list[Ints], key: Key) -> Floats:
    """The step from the sixth degree of minor to the raised seventh, and back."""
    cost = np.zeros(moves[0].shape)
    if not key.is_minor:
        return cost
    sixth, raised = (key.tonic + 8) % 12, (key.tonic + 11) % 12
    for w, n, move in zip(was[1:], now[1:], moves[1:], strict=True):
        up = (w % 12 == sixth)[:, None] & (n % 12 == raised)[None, :] & (move == 3)
        down = (w % 12 == raised)[:, None] & (n % 12 == sixth)[None, :] & (move == -3)
        cost += _AUGMENTED_SECOND * (up | down)
    return cost


Part = Literal["alto", "tenor", "bass"]
PARTS: tuple[Part, ...] = ("alto", "tenor", "bass")
