"""Ornament of a melody: what sounds between its structural notes, before the barline and when a phrase comes again.

Passing and neighbour tones on anything short and weak, chord tones on anything long or strong. Each place of a motif
has a habit (step, leap or repeat, up or down), so that a bar with the motif's rhythm is heard as the motif again.
"""

from __future__ import annotations

import bisect
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tools.compose.engine.skeleton import Slot, Voice, parallel_cost
from tools.kit.score import Note
from tools.kit.theory.chord import Chord
from tools.kit.theory.pitch import Key

_GOES_ON = 0.6


@dataclass(frozen=True)
class Habit:
    """How a place of the motif moves on: ``step``, ``leap`` or ``repeat``; up (1) or down (-1)."""

    kind: str
    way: int

    @classmethod
    def draw(cls, voice: Voice, before: Habit | None, rng: random.Random) -> Habit:
        """A habit in the voice's manner; it mostly goes on the way of the place before, as runs do."""
        still = max(0.0, 1 - voice.leaps - voice.repeats)
        kind = rng.choices(("leap", "repeat", "step"), (voice.leaps, voice.repeats, still))[0]
        way = rng.choice((-1, 1))
        return cls(kind, before.way if before is not None and rng.random() < _GOES_ON else way)


def local_scale(chord: Chord, key: Key) -> frozenset[int]:
    """The key's scale under a chord: its foreign tones displace the neighbours they alter."""
    scale, tones = set(key.pitch_classes()), set(chord.pitch_classes())
    for foreign in tones - scale:
        scale -= {(foreign + 1) % 12, (foreign - 1) % 12} - tones
    return frozenset(scale | tones)


def ornament(
    slots: Sequence[Slot],
    fixed: Mapping[float, int],
    habits: dict[tuple[str, int], Habit],
    key: Key,
    voice: Voice,
    rng: random.Random,
) -> list[int]:
    """Pitches of all slots: the fixed ones as they are, the others led between them by the habits of the motif."""
    line: list[int] = []
    for index, slot in enumerate(slots):
        if slot.at in fixed:
            line.append(fixed[slot.at])
            continue
        ahead = next((k for k in range(index, len(slots)) if slots[k].at in fixed), None)
        goal = fixed[slots[ahead].at] if ahead is not None else line[-1]
        left = (ahead - index) if ahead is not None else 1
        if slot.motif not in habits:
            label, place = slot.motif
            habits[slot.motif] = Habit.draw(voice, habits.get((label, place - 1)), rng)
        target = slots[ahead] if ahead is not None else slot
        before = line[-1] if line else goal
        came = before - line[-2] if len(line) > 1 else 0
        line.append(_between(before, came, goal, left, slot, target, habits[slot.motif], key, voice))
    return line


def _between(
    before: int, came: int, goal: int, left: int, slot: Slot, target: Slot, habit: Habit, key: Key, voice: Voice
) -> int:
    """One note on the way from ``before``, which came by so many semitones, to ``goal``, ``left`` notes later."""
    tones = set(slot.chord.pitch_classes())
    limit = min(0.51, slot.bar_length / 7) if voice.strict else 1.01
    free = slot.weight <= (0.4 if voice.strict else 0.7) and slot.length <= limit + 1e-6
    plain = frozenset(slot.chord.triad().pitch_classes() if voice.strict else tones)
    leaps = habit.kind == "leap"
    allowed = local_scale(slot.chord, key) if free and not leaps else plain
    if habit.kind == "repeat" and before % 12 in allowed and not (left == 1 and goal == before):
        return before
    reach = 9 if leaps else 7
    low, high = max(voice.low, min(before, goal) - reach), min(voice.high, max(before, goal) + reach)
    options = [p for p in range(low, high + 1) if p % 12 in allowed]
    if not options:
        return before
    way = habit.way if abs(goal - before) <= 4 else (1 if goal > before else -1)
    wish = before + (goal - before) / (left + 1)
    if leaps:
        wish = before + 4.5 * way
    elif abs(goal - before) <= 2 * left - 1:
        wish = before + way * 2.0 * (1 if left > 1 or before == goal else 0.6)

    def cost(p: int) -> float:
        leap_after = abs(goal - p) if left == 1 else abs(goal - p) / left
        clash = 1.5 if p % 12 not in tones and abs(p - before) > 2 else 0.0
        resolve = 2.5 if p % 12 not in tones and left == 1 and not 0 < abs(goal - p) <= 2 else 0.0
        turned = 1.5 if (p - before) * came < 0 and abs(came) <= 4 and not leaps else 0.0
        return (
            abs(p - wish) * 0.5
            + max(0.0, leap_after - (5 if leaps else 4))
            + clash
            + resolve
            + turned
            + (1.6 if p == before else 0.0)
            + (0.4 if p == goal and left == 1 else 0)
            + (parallel_cost(slot, target, p, goal) if left == 1 else 0)
        )

    return min(options, key=lambda p: (cost(p), p))


def lead_in(last: Note, first: Note, barline: float, step: float, chord: Chord, key: Key, voice: Voice) -> list[Note]:
    """An upbeat of one or two notes of ``step`` quarters before a phrase, rising or falling into its first note.

    None where the phrase before still moves there.
    """
    if last.start > barline - 2 * step - 1e-6 or step > 1.01:
        return []
    scale = sorted(local_scale(chord, key))
    count = 2 if barline - last.start > 3.9 * step and step <= 0.51 else 1
    way = 1 if last.pitch > first.pitch else -1
    pitches: list[int] = []
    at = first.pitch
    for _ in range(count):
        at = next(p for p in range(at + way, at + 13 * way, way) if p % 12 in scale)
        pitches.insert(0, at)
    if not all(voice.low <= p <= voice.high for p in pitches):
        return []
    last.duration = min(last.duration, barline - count * step - last.start)
    return [Note(barline - (count - k) * step, step * 0.94, p, 70) for k, p in enumerate(pitches)]


class _Line:
    """A line's pitch at any place."""

    def __init__(self, notes: Sequence[Note]) -> None:
        self._notes = sorted(notes, key=lambda n: n.start)
        self._starts = [n.start for n in self._notes]

    def at(self, place: float) -> int | None:
        """The pitch there, None where it rests."""
        index = bisect.bisect_right(self._starts, place + 1e-6) - 1
        return self._notes[index].pitch if index >= 0 and self._notes[index].end > place - 0.3 else None

    def parallel(self, start: float, pitch: int, after: float, next_pitch: int) -> bool:
        """Whether a move of another line runs in fifths or octaves with this one."""
        mine, then = self.at(start), self.at(after)
        if mine is None or then is None or (then - mine) * (next_pitch - pitch) <= 0:
            return False
        first, second = abs(mine - pitch) % 12, abs(then - next_pitch) % 12
        return first == second and first in (0, 7)


def varied(
    notes: Sequence[Note],
    chords: Sequence[Chord],
    key: Key,
    share: float,
    rng: random.Random,
    *,
    neighbours: bool = True,
    others: Sequence[Sequence[Note]] = (),
) -> list[Note]:
    """A line with some of its longer notes parted by a passing or a neighbour tone (diminution).

    Parameters
    ----------
    chords
        The chord under each note.
    share
        How many of the notes that could be parted are, 0 to 1. The last note stays.
    neighbours
        Whether steps and repeats are parted too; otherwise thirds alone are filled.
    others
        Lines with which no parallel fifths or octaves may come about.
    """
    found: list[Note] = []
    lines = [_Line(o) for o in others]
    for index, note in enumerate(notes):
        after = notes[index + 1] if index + 1 < len(notes) else None
        gap = abs(after.pitch - note.pitch) if after else 99
        joined = after is not None and after.start - note.start < note.duration * 1.3
        wide = gap > 5 or (not neighbours and gap not in (3, 4))
        if note.duration < 0.85 or wide or not joined or rng.random() >= share:
            found.append(note)
            continue
        assert after is not None
        way = 1 if after.pitch > note.pitch or (gap == 0 and rng.random() < 0.5) else -1
        scale = local_scale(chords[index], key)
        between = next(p for p in range(note.pitch + way, note.pitch + 13 * way, way) if p % 12 in scale)
        half = (after.start - note.start) / 2
        middle = note.start + half
        if any(
            o.parallel(note.start, note.pitch, middle, between) or o.parallel(middle, between, after.start, after.pitch)
            for o in lines
        ):
            found.append(note)
            continue
        found.append(Note(note.start, half * 0.94, note.pitch, note.velocity))
        found.append(Note(note.start + half, half * 0.94, between, note.velocity - 8))
    return found
