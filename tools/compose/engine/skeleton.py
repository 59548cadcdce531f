"""The skeleton of a melody: its structural notes, found together by dynamic programming (WuYun, Zhang et al. 2023).

They are chord tones near the planned contour, by step rather than leap, without parallel fifths and octaves against
the bass, and close where the cadence wants it. Each section letter has a climax of its own; phrases rise and fall in
the shapes that songs have (Huron 1996, "The melodic arch in Western folksongs": arches most, then falls, then rises).
"""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tools.compose.engine.form import Phrase, Section
from tools.compose.engine.grid import Grid
from tools.kit.theory.chord import Chord
from tools.kit.theory.pitch import Key

_PARALLEL = 7.0  # cost of a fifth or octave in parallel with the bass
_SHAPES = {"arch": 0.45, "fall": 0.3, "rise": 0.15, "bowl": 0.1}


@dataclass(frozen=True)
class Voice:
    """What a melody is written for: register, rhythm, manner.

    ``notes_per_beat``, ``syncopation`` and ``dotted`` describe its rhythm; ``leaps`` and ``repeats`` (0 to 1) how often
    an ornament jumps to a chord tone or repeats its note, ``upbeat`` how likely phrases begin before the barline,
    ``held`` how likely a phrase's last note takes its whole bar. ``strict`` keeps it to chord tones mostly; ``settle``
    is the cost of tones that are unsettled in the key, by ``favour``, 0 to 1 for each pitch class. ``motifs`` are the
    rhythms of a given theme's bars.
    """

    low: int
    high: int
    notes_per_beat: float
    syncopation: float
    strict: bool = False
    settle: float = 0.5
    favour: tuple[float, ...] = (1.0,) * 12
    dotted: float = 0.1
    leaps: float = 0.2
    repeats: float = 0.1
    upbeat: float = 0.0
    held: float = 0.5
    motifs: tuple[tuple[float, ...], ...] = ()


@dataclass(frozen=True)
class Slot:
    """An onset of the melody: place, length, chord under it, whether it carries the line, motif bar and place in it."""

    at: float
    length: float
    chord: Chord
    bass: int
    weight: float
    structural: bool
    motif: tuple[str, int]
    bar_length: float


@dataclass(frozen=True)
class Contour:
    """The planned height of a section's melody: where its climax stands in it, how high, and each phrase's shape."""

    climax: float
    height: float
    shapes: tuple[str, ...]

    @classmethod
    def draw(cls, section: Section, rng: random.Random) -> Contour:
        """A plan for the sections of one letter; energetic ones rise higher."""
        shapes = rng.choices(list(_SHAPES), list(_SHAPES.values()), k=8)
        height = 0.2 * section.energy + rng.uniform(0.08, 0.34)
        return cls(rng.choice((0.1, 0.2, 0.35, 0.5, 0.7)), height, tuple(shapes))

    def at(self, phrase: Phrase, section: Section, grid: Grid, place: float, voice: Voice) -> float:
        """The wanted pitch at a place in quarters."""
        begin, end = grid.bars[section.start].start, grid.bars[section.end - 1].end
        through = (place - begin) / max(1e-6, end - begin)
        first, last = grid.bars[phrase.start].start, grid.bars[phrase.end - 1].end
        inside = (place - first) / max(1e-6, last - first)
        shape = self.shapes[phrase.index % len(self.shapes)]
        bend = {
            "arch": math.sin(math.pi * min(1.0, inside * 1.1)),
            "fall": 1.0 - inside,
            "rise": inside,
            "bowl": 1.0 - math.sin(math.pi * inside),
        }[shape]
        swell = self.height * math.exp(-(((through - self.climax) / 0.22) ** 2))
        return voice.low + (voice.high - voice.low) * (0.3 + 0.24 * bend + swell)


def lay_skeleton(
    frame: Sequence[Slot],
    targets: Sequence[float],
    given: Mapping[float, int],
    phrase: Phrase,
    key: Key,
    voice: Voice,
    rng: random.Random,
) -> list[int]:
    """Structural pitches by dynamic programming over each slot's chord tones; ``given`` fixes some by their place."""
    rows = [[given[s.at]] if s.at in given else _tones(s.chord, voice.low, voice.high) for s in frame]
    taste = {(i, p): rng.uniform(0, 0.6) for i, row in enumerate(rows) for p in row}
    costs = [
        abs(p - targets[0]) * 0.35 + taste[0, p] + _goal_cost(frame[0], p, phrase, key, 0, len(frame), voice)
        for p in rows[0]
    ]
    came = [0] * len(rows[0])  # by how many semitones the best way to each pitch arrives there
    backs: list[list[int]] = []
    for i in range(1, len(frame)):
        new, back = [], []
        for p in rows[i]:
            here = abs(p - targets[i]) * 0.3 + taste[i, p] + _goal_cost(frame[i], p, phrase, key, i, len(frame), voice)
            total, best = min(
                (
                    costs[j]
                    + _leap_cost(q, p, voice)
                    + _turn_cost(came[j], p - q)
                    + parallel_cost(frame[i - 1], frame[i], q, p),
                    j,
                )
                for j, q in enumerate(rows[i - 1])
            )
            new.append(total + here)
            back.append(best)
        came = [p - rows[i - 1][j] or came[j] for p, j in zip(rows[i], back, strict=True)]
        costs = new
        backs.append(back)
    at = min(range(len(costs)), key=costs.__getitem__)
    path = [at]
    for back in reversed(backs):
        path.append(back[path[-1]])
    return [row[k] for row, k in zip(rows, reversed(path), strict=True)]


def _tones(chord: Chord, low: int, high: int) -> list[int]:
    tones = set(chord.pitch_classes())
    return [p for p in range(low, high + 1) if p % 12 in tones] or [low]


def _goal_cost(slot: Slot, pitch: int, phrase: Phrase, key: Key, index: int, count: int, voice: Voice) -> float:
    """What the cadence wants of the last note, and the opening of the first."""
    degree = (pitch - key.tonic) % 12
    if index == count - 1 and phrase.cadence in ("final", "authentic"):
        return 0.0 if degree == 0 else 3.0 if phrase.cadence == "authentic" else 8.0
    if index == count - 1 and phrase.cadence == "half":
        return 2.0 if degree == 0 else 1.0 if degree in (5, 8, 9) else 0.0
    if index == 0 and phrase.opens_piece:
        return 0.0 if degree in (0, 7) else 1.0
    settled = voice.favour[pitch % 12]
    if voice.strict:
        extension = (pitch - slot.chord.root) % 12 not in slot.chord.triad().intervals
        return 1.6 * (1 - settled) + (1.5 if extension else 0.0)
    return voice.settle * (1 - settled) + (0.3 if (pitch - slot.chord.root) % 12 == 0 and count > 2 else 0.0)


def _leap_cost(before: int, after: int, voice: Voice) -> float:
    """Steps are cheap, a repeat costs a little, leaps grow dear (von Hippel and Huron 2000), less where usual."""
    size = abs(after - before)
    if size == 0:
        return 1.5 - 2.0 * voice.repeats
    dear = max(0.9, 2.2 - 5 * voice.leaps)
    return 0.0 if size <= 2 else dear * (0.25 * (size - 2) if size <= 5 else 0.75 + 0.55 * (size - 5))


def _turn_cost(before: int, now: int) -> float:
    """Going back after a step costs a little; after a leap it is what melodies do (Meyer's gap-fill)."""
    return 0.9 if before * now < 0 and abs(before) <= 4 else 0.0


def parallel_cost(one: Slot, two: Slot, before: int, after: int) -> float:
    """Cost of moving in parallel fifths or octaves with the bass."""
    if before == after or one.bass == two.bass:
        return 0.0
    first, second = (before - one.bass) % 12, (after - two.bass) % 12
    same_way = (after - before) * (two.bass - one.bass) > 0
    return _PARALLEL if same_way and first == second and first in (0, 7) else 0.0
