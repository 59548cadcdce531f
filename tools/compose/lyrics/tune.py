"""The tune of a stanza: a pitch for every note at once, by dynamic programming over pairs of neighbours.

What it weighs: chord tones on strong beats and stepwise dissonance elsewhere; steps before leaps, a leap turned back
(von Hippel and Huron 2000); an arch over each line and one climax in the stanza; lines of one letter sung alike; the
cadence each line closes with, and one cadence figure for lines that rhyme; for Mandarin the direction in which
neighbouring tones should move (Guan et al. 2021, ReLyMe; Zhang et al. 2022, T-Music).
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from tools.compose.engine.melody import local_scale
from tools.kit.theory.chord import Chord
from tools.kit.theory.pitch import Key

Cadence = Literal["open", "half", "closed"]
_GOALS: dict[Cadence, tuple[tuple[int, float], ...]] = {  # semitones above the tonic, cost
    "closed": ((0, 0.0),),
    "half": ((2, 0.0), (7, 0.4), (11, 0.8)),
    "open": ((4, 0.0), (3, 0.0), (7, 0.2), (9, 0.8), (2, 1.0), (5, 1.2)),
}
_MISSED, _FIGURE = 14.0, 3
_STEP = {0: 0.6, 1: 0.0, 2: 0.0, 3: 0.3, 4: 0.4, 5: 0.8, 7: 1.4, 8: 2.4, 9: 2.4, 12: 2.8}
_AGAINST_TONE, _LEVEL_FOR_TONE = 3.2, 1.6


@dataclass(frozen=True)
class Place:
    """A note to be: place and length in quarters, whether on a strong beat, the chord under it.

    ``sung`` says whether a syllable begins on it, ``moves`` where the tones of the verses go to reach it.
    """

    at: float
    length: float
    strong: bool
    chord: Chord | None
    sung: bool = True
    moves: tuple[int, ...] = ()


@dataclass(frozen=True)
class LinePlan:
    """A line's notes, its letter in the form, how it closes, the earlier line it rhymes with, its height."""

    places: tuple[Place, ...]
    letter: str
    cadence: Cadence
    rhymes_with: int | None
    height: float
    is_climax: bool


@dataclass(frozen=True)
class Compass:
    """Lowest and highest pitch, and the highest outside the climax."""

    low: int
    high: int

    @property
    def span(self) -> int:
        """Semitones from bottom to top."""
        return self.high - self.low


def form_of(lines: int, rng: random.Random) -> tuple[str, tuple[Cadence, ...]]:
    """Letters and cadences of a stanza's lines: period, sentence or song form; the last line closes."""
    forms = {1: ("a",), 2: ("ab", "aa"), 3: ("aab", "abc"), 4: ("abac", "aaba", "aabc"), 5: ("aabba", "abacb"),
             6: ("abacdc", "aabaab", "ababcc")}  # fmt: skip
    if lines in forms:
        letters = rng.choice(forms[lines])
    else:
        four = rng.choice(("abac", "aaba"))
        letters = "".join(
            four[i % 4] if i // 4 % 2 == 0 or i // 4 == (lines - 1) // 4 else "dede"[i % 4] for i in range(lines)
        )
    cadences: list[Cadence] = ["half" if i % 2 else "open" for i in range(lines)]
    if lines % 2 and lines > 1:
        cadences[-2] = "half"
    cadences[-1] = "closed"
    return letters, tuple(cadences)


def climax_of(lines: int) -> int:
    """The line that holds the highest note: about two thirds of the way."""
    return max(0, round(0.66 * lines) - (0 if lines != 4 else 1)) if lines > 2 else lines - 1


def write_tune(lines: Sequence[LinePlan], key: Key, compass: Compass, rng: random.Random) -> list[list[int]]:
    """Pitches of every line."""
    writer = _Writer(key, compass, rng)
    written: list[list[int]] = []
    by_letter: dict[str, int] = {}
    for number, plan in enumerate(lines):
        model = by_letter.get(plan.letter)
        like = written[model] if model is not None else None
        figure = written[plan.rhymes_with][-_FIGURE:] if plan.rhymes_with is not None else None
        before = written[-1][-1] if written else None
        written.append(writer.line(plan, like, figure, before))
        by_letter.setdefault(plan.letter, number)
    return written


class _Writer:
    def __init__(self, key: Key, compass: Compass, rng: random.Random) -> None:
        self.key, self.compass, self.rng = key, compass, rng
        self.scale = sorted({(pc - key.tonic) % 12 for pc in key.pitch_classes()})

    def degree(self, pitch: int) -> int:
        """Steps of the scale above the lowest tonic; a foreign tone counts as the step below it."""
        octave, inside = divmod(pitch - self.key.tonic, 12)
        return octave * len(self.scale) + sum(s <= inside for s in self.scale)

    def line(
        self, plan: LinePlan, like: Sequence[int] | None, figure: Sequence[int] | None, before: int | None
    ) -> list[int]:
        """The cheapest pitches of a line, given the line before and those it should be like."""
        rows = [self._row(p) for p in plan.places]
        alone = [[self._alone(plan, i, p, like, self.rng.uniform(0, 0.5)) for p in row] for i, row in enumerate(rows)]
        if len(rows) == 1:
            return [rows[0][min(range(len(rows[0])), key=alone[0].__getitem__)]]
        costs: dict[tuple[int, int], float] = {}
        for i, p in enumerate(rows[0]):
            start = alone[0][i] + (0.5 * _leap(abs(p - before)) if before is not None else 0.0)
            for j, q in enumerate(rows[1]):
                costs[i, j] = start + alone[1][j] + self._pair(plan, 1, p, q, figure)
        backs: list[dict[tuple[int, int], int]] = []
        for n in range(2, len(rows)):
            pair = [[self._pair(plan, n, p, q, figure) for q in rows[n]] for p in rows[n - 1]]
            new: dict[tuple[int, int], float] = {}
            back: dict[tuple[int, int], int] = {}
            for (i, j), cost in costs.items():
                for k, q in enumerate(rows[n]):
                    total = cost + pair[j][k] + alone[n][k] + self._turn(plan, n, rows[n - 2][i], rows[n - 1][j], q)
                    if total < new.get((j, k), math.inf):
                        new[j, k], back[j, k] = total, i
            costs = new
            backs.append(back)
        j, k = min(costs, key=lambda pair: (costs[pair], pair))
        path = [k, j]
        for back in reversed(backs):
            path.append(back[path[-1], path[-2]])
        return [row[i] for row, i in zip(rows, reversed(path), strict=True)]

    def _row(self, place: Place) -> list[int]:
        low, high = self.compass.low, self.compass.high
        allowed = set(self.key.pitch_classes())
        if place.chord is not None:
            tones = set(place.chord.pitch_classes())
            pentatonic = len(self.scale) < 7
            allowed = allowed | tones if pentatonic else set(local_scale(place.chord, self.key))
        return [p for p in range(low, high + 1) if p % 12 in allowed]

    def _alone(self, plan: LinePlan, index: int, pitch: int, like: Sequence[int] | None, taste: float) -> float:
        place, count = plan.places[index], len(plan.places)
        cost = taste + 0.18 * abs(pitch - self._target(plan, index))
        if place.chord is not None and pitch % 12 not in place.chord.pitch_classes():
            cost += 2.4 if place.strong else 0.3 if place.length < 0.9 else 0.9
        if not plan.is_climax and pitch > self.compass.high - 2:
            cost += 2.0
        if like is not None and index < len(like) and index < count - _FIGURE:
            cost += 0.55 * min(4, abs(pitch - like[index]))
        if index == self._goal(plan):
            goals = dict(_GOALS[plan.cadence])
            cost += goals.get((pitch - self.key.tonic) % 12, _MISSED)
        if index > self._goal(plan):
            cost += 0.0 if (pitch - self.key.tonic) % 12 in dict(_GOALS[plan.cadence]) else 2.5
        return cost

    @staticmethod
    def _goal(plan: LinePlan) -> int:
        """The note on the line's last strong beat."""
        return max(i for i, p in enumerate(plan.places) if p.strong or i == 0)

    def _target(self, plan: LinePlan, index: int) -> float:
        """The height planned: an arch over the line, highest in the climax."""
        first, last = plan.places[0].at, plan.places[-1].at
        through = (plan.places[index].at - first) / max(1e-6, last - first)
        arch = math.sin(math.pi * min(1.0, through * 1.15 + 0.1))
        lift = 0.48 if plan.is_climax else 0.24
        return self.compass.low + self.compass.span * (0.28 + plan.height + lift * arch)

    def _pair(self, plan: LinePlan, index: int, before: int, after: int, figure: Sequence[int] | None) -> float:
        cost = _leap(abs(after - before))
        moves = list(plan.places[index].moves)
        for wanted in moves:
            gone = (after > before) - (after < before)
            against = wanted * gone < 0
            missed = wanted != 0 and gone == 0
            leapt = wanted == 0 and abs(after - before) > 2
            cost += (_AGAINST_TONE * against + _LEVEL_FOR_TONE * missed + 0.5 * leapt) / len(moves)
        from_end = len(plan.places) - index
        if figure is not None and from_end < len(figure):
            step = self.degree(figure[-from_end]) - self.degree(figure[-from_end - 1])
            cost += 1.1 * min(3, abs(self.degree(after) - self.degree(before) - step))
        return cost

    def _turn(self, plan: LinePlan, index: int, one: int, two: int, three: int) -> float:
        """What three notes in a row cost: a leap goes back by step, a dissonance is passed through, no note thrice."""
        first, second = two - one, three - two
        cost = 0.0
        if abs(first) >= 5:
            cost += 0.0 if first * second < 0 and abs(second) <= 4 else 0.9 if abs(second) <= 2 else 2.0
        if first == 0 and second == 0:
            cost += 0.9
        if first * second > 0 and abs(first) > 2 and abs(second) > 2 and abs(first + second) not in (7, 8, 9, 12):
            cost += 0.8
        if first == -second and first != 0 and index >= 3:
            cost += 0.25
        chord = plan.places[index - 1].chord
        if (
            chord is not None
            and two % 12 not in chord.pitch_classes()
            and not (abs(first) <= 2 and 0 < abs(second) <= 2)
        ):
            cost += 1.6
        return cost


def _leap(size: int) -> float:
    return _STEP.get(size, 1.6 if size == 6 else 3.6)
