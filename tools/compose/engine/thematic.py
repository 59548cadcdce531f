"""A theme's statements in a piece: chords that fit them, their place in the melody, and how alike they came out."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from tools.compose.engine.form import Form
from tools.compose.engine.grid import Grid
from tools.compose.engine.harmony import Span, chord_at, split_places
from tools.compose.engine.ornament import varied
from tools.compose.engine.request import Wish
from tools.compose.engine.rhythm import strength
from tools.compose.engine.theme import Statement, bar_rhythms, fitted, room_in, shortened, statements
from tools.compose.harmonizer.changes import choose_chords
from tools.compose.harmonizer.slots import Slot
from tools.kit.likeness import edit_similarity
from tools.kit.score import Note
from tools.kit.theory.chord import Chord
from tools.kit.theory.pitch import Key

_JAZZ = ("jazz", "bossa", "soul", "blues")
_MODAL = ("folk", "pentatonic", "andalusian")
_SHARE = 0.6  # share of the notes of an ornamented return that are parted, of those that can be
_FAR = 9  # semitones from a statement to what follows, beyond which that comes an octave nearer
_TOGETHER = 0.3  # quarters within which a performed note is the written one


@dataclass(frozen=True)
class Told:
    """A statement as the melody has it: from where to where, in quarters, and its notes."""

    start: float
    end: float
    statement: Statement
    notes: tuple[Note, ...]


@dataclass(frozen=True)
class ThemePlan:
    """The theme's statements in a piece, the chords under their bars, and the rhythms of the theme's bars."""

    statements: tuple[Statement, ...] = ()
    chords: Mapping[int, tuple[Span, ...]] | None = None
    motifs: tuple[tuple[float, ...], ...] = ()

    def harmony(self, spans: Sequence[Span]) -> list[Span]:
        """Spans with those under the theme in place of their own."""
        under = self.chords or {}
        kept = [s for s in spans if s.bar not in under]
        return sorted([*kept, *(s for bar in under.values() for s in bar)], key=lambda s: s.start)


def plan_theme(wish: Wish, form: Form, grid: Grid, key: Key, *, chords_given: bool) -> ThemePlan:
    """Where the theme comes in the form, and chords that fit it unless chords were given."""
    if wish.theme is None:
        return ThemePlan()
    theme = fitted(wish.theme, grid.meter, key)
    room = room_in(form, len(grid.bars))
    if theme.bars > room:
        whole = f"{theme.bars} bars of {grid.meter}"
        wish.notes.append(f"the theme is {whole} long, too long to come twice; its first {room} are taken")
        theme = shortened(theme, room)
    told = tuple(statements(theme, form, len(grid.bars)))
    chords = None if chords_given else _chords_under(told, grid, key, wish.style.harmony, wish.style.rhythm)
    return ThemePlan(told, chords, tuple(bar_rhythms(theme)))


def _chords_under(
    told: Sequence[Statement], grid: Grid, key: Key, harmony: str, pace: float
) -> dict[int, tuple[Span, ...]]:
    manner = "jazz" if harmony in _JAZZ else "modal" if harmony in _MODAL or len(key.pitch_classes()) != 7 else "pop"
    manner = "modal" if key.mode not in ("major", "minor") and manner == "pop" else manner
    found: dict[int, tuple[Span, ...]] = {}
    for one in told:
        notes = _laid(one, grid)
        slots: list[Slot] = []
        for number in range(one.bar, one.bar + one.bars):
            bar = grid.bars[number]
            count = 2 if pace < 1 and len(bar.meter.accents()) == 4 else 1
            edges = [bar.start + p for p in split_places(bar.meter, count)] + [bar.end]
            for start, end in pairwise(edges):
                inside = tuple(n for n in notes if n.start < end - 1e-3 and n.end > start + 1e-3)
                slots.append(Slot(start, end, inside, strong=True))
        for slot, chord in zip(slots, choose_chords(slots, key, manner), strict=True):
            number = grid.bar_index(slot.start)
            found[number] = (*found.get(number, ()), Span(slot.start, slot.end, chord, number))
    return found


def _laid(one: Statement, grid: Grid) -> list[Note]:
    """A statement's notes at their places in the piece; what a shorter bar has no room for is left out."""
    length = grid.meter.bar_quarters
    found = []
    for note in one.notes:
        number = int((note.start + 1e-6) // length)
        bar = grid.bars[one.bar + number]
        inside = note.start - number * length
        if inside < bar.meter.bar_quarters - 1e-6:
            weight = strength(bar.meter, max(0.0, inside))
            found.append(Note(bar.start + inside, note.duration, note.pitch, round(74 + 20 * weight)))
    return found


def told_by(
    plan: ThemePlan,
    grid: Grid,
    spans: Sequence[Span],
    key: Key,
    compass: tuple[int, int],
    centre: float,
    rng: random.Random,
) -> list[Told]:
    """The statements as one player plays them, all in the octave that suits its compass."""
    laid = [(one, _laid(one, grid)) for one in plan.statements]
    pitches = [n.pitch for _, notes in laid for n in notes]
    if not pitches:
        return []
    low, high = compass
    mean = sum(pitches) / len(pitches)

    def unfit(shift: int) -> tuple[int, float]:
        return sum(not low <= p + shift <= high for p in pitches), abs(mean + shift - centre)

    shift = min(range(-60, 61, 12), key=unfit)
    found = []
    for one, notes in laid:
        moved = [replace(n, pitch=n.pitch + shift) for n in notes]
        if one.how == "ornamented":
            under = [chord_at(spans, n.start).chord or Chord(key.tonic) for n in moved]
            moved = varied(moved, under, key, _SHARE, rng)
        last = grid.bars[one.bar + one.bars - 1].end
        moved = [replace(n, duration=min(n.duration, last - n.start)) for n in moved]
        found.append(Told(moved[0].start, last, one, tuple(moved)))
    return found


def with_theme(line: Sequence[Note], told: Sequence[Told]) -> list[Note]:
    """A melody in which the statements stand in place of what it had there."""
    if not told:
        return list(line)
    found: list[Note] = [n.copied() for one in told for n in one.notes]
    for note in line:
        if any(t.start - 1e-6 <= note.start < t.end - 1e-6 for t in told):
            continue
        following = min((t.start for t in told if t.start > note.start), default=note.end)
        found.append(replace(note, duration=max(0.1, min(note.duration, following - note.start))))
    found.sort(key=lambda n: n.start)
    return _joined(found, told)


def _joined(line: list[Note], told: Sequence[Told]) -> list[Note]:
    """What follows a statement comes an octave nearer where it would leap far, up to the next statement."""
    starts = sorted(t.start for t in told)
    for one in told:
        stop = min((s for s in starts if s > one.start + 1e-6), default=float("inf"))
        after = [n for n in line if one.end - 1e-6 <= n.start < stop - 1e-6]
        if not after:
            continue
        leap = after[0].pitch - one.notes[-1].pitch
        for note in after if abs(leap) > _FAR else ():
            note.pitch += -12 if leap > 0 else 12
    return line


def likeness(one: Told, heard: Sequence[Note]) -> float:
    """How alike a statement and the finished melody are to the theme's notes that it states, 0 to 1.

    Parameters
    ----------
    heard
        The notes of the track that has the melody, as performed.

    Returns
    -------
    The similarity of their intervals by edit distance, times the share of onsets that are where they belong.
    """
    floor = min(n.pitch for n in one.notes)
    top: dict[float, Note] = {}
    for note in heard:
        if one.start - _TOGETHER / 2 <= note.start < one.end - _TOGETHER / 2 and note.pitch >= floor:
            at = next((a for a in top if abs(a - note.start) < 0.05), note.start)
            if at not in top or top[at].pitch < note.pitch:
                top[at] = note
    got = [top[a] for a in sorted(top)]
    alike = edit_similarity(_intervals(one.statement.given), _intervals([n.pitch for n in got]))
    begin = one.start - one.statement.notes[0].start
    met = sum(any(abs(n.start - begin - g.start) < _TOGETHER for n in got) for g in one.statement.notes)
    return round(alike * met / len(one.statement.notes), 3)


def _intervals(pitches: Sequence[int]) -> list[int]:
    return [b - a for a, b in pairwise(pitches)]
