"""Melody: rhythm from motifs, a skeleton of structural notes, ornament between them (WuYun, Zhang et al. 2023).

Each phrase takes its rhythm from a bank of motifs of its section and their development (:func:`_bar_rhythms`). The
answering phrase of a pair opens as the first did where the chords allow, so that eight bars make a parallel period
(Caplin 1998, Classical Form). What comes again comes literally the first time and embellished after.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from tools.compose.engine.form import Form, Phrase, Section
from tools.compose.engine.grid import Grid
from tools.compose.engine.harmony import Span, chord_at
from tools.compose.engine.ornament import Habit, lead_in, local_scale, ornament, varied
from tools.compose.engine.rhythm import RhythmTaste, beats, divisions, motif_rhythm, strength
from tools.compose.engine.skeleton import Contour, Slot, Voice, lay_skeleton
from tools.kit.score import Note
from tools.kit.theory.meter import Meter
from tools.kit.theory.pitch import Key

__all__ = ["compose_melody", "local_scale"]
_CLOSES = ("half", "authentic")
_RECALLS = 0.7  # share of the bars with an earlier one's motif and chord that repeat its notes
_ANSWERS = 0.9  # share of the second phrases of a pair that open as the first

BarRhythm = tuple[str, tuple[float, ...]]


@dataclass
class _Material:
    """What the sections of one letter share: motif rhythms, contour, habits of the motif's places.

    ``closes`` holds the beat on which a phrase comes to rest, by cadence; empty where phrases run on.
    """

    head: tuple[float, ...]
    answer: tuple[float, ...]
    turn: tuple[float, ...]
    quiet: tuple[float, ...]
    closes: dict[str, int]
    contour: Contour
    periodic: bool
    habits: dict[tuple[str, int], Habit] = field(default_factory=dict)


@dataclass(frozen=True)
class _Written:
    """A phrase as it was first written: places from its start, its bars' rhythms, and its chords bar by bar."""

    notes: tuple[Note, ...]
    rhythms: tuple[BarRhythm, ...]
    harmony: tuple[tuple[object, ...], ...]


def compose_melody(
    form: Form, grid: Grid, spans: Sequence[Span], basses: Sequence[int], key: Key, voice: Voice, rng: random.Random
) -> list[Note]:
    """The melody of a whole piece; the caller keeps what each section needs.

    Phrases with the same letter, place, chords and meters are the same: literally the second time a section comes,
    embellished from then on, and in the second half of a second time.
    """
    materials: dict[str, _Material] = {}
    memory: dict[tuple[object, ...], _Written] = {}
    latest: dict[tuple[str, int], _Written] = {}
    voice = _own_manner(voice, rng)
    upbeats = not voice.strict and rng.random() < voice.upbeat
    phrases: list[tuple[Phrase, list[Note]]] = []
    by_bar: dict[int, list[tuple[Span, int]]] = {}
    for span, bass in zip(spans, basses, strict=True):
        by_bar.setdefault(span.bar, []).append((span, bass))
    for phrase in form.phrases:
        section = form.sections[phrase.section]
        bars = range(phrase.start, phrase.end)
        inside = [pair for b in bars for pair in by_bar.get(b, ())]
        origin = grid.bars[phrase.start].start
        harmony = tuple(_harmony_of(b, grid, by_bar) for b in bars)
        slot = (section.letter, phrase.index, phrase.cadence, harmony)
        if section.letter not in materials:
            materials[section.letter] = _material(grid.meter, section, voice, upbeats, rng)
        if slot not in memory:
            model = latest.get((section.letter, phrase.index - 1)) if phrase.index % 2 else None
            memory[slot] = _phrase(phrase, section, grid, inside, key, voice, materials[section.letter], model, rng)
            latest[section.letter, phrase.index] = memory[slot]
        made = [Note(n.start + origin, n.duration, n.pitch, n.velocity) for n in memory[slot].notes]
        again = section.time + (phrase.index > 0) - 1
        if again > 0 and not voice.strict and made and inside:
            chords = [chord_at([s for s, _ in inside], n.start).chord or inside[0][0].chord for n in made]
            known = [c for c in chords if c is not None]
            if len(known) == len(made):
                made = varied(made, known, key, min(0.6, 0.2 + 0.15 * again), rng)
        phrases.append((phrase, made))
    if upbeats:
        _add_upbeats(phrases, grid, spans, key, voice)
    return [n for _, notes in phrases for n in notes]


def _own_manner(voice: Voice, rng: random.Random) -> Voice:
    """A style's manner as one piece has it: livelier or calmer, with more leaps or fewer."""
    if voice.strict:
        return voice
    return replace(
        voice,
        notes_per_beat=voice.notes_per_beat * rng.lognormvariate(0, 0.1),
        leaps=min(0.6, voice.leaps * rng.lognormvariate(0, 0.3)),
        repeats=min(0.6, voice.repeats * rng.lognormvariate(0, 0.4)),
        dotted=min(0.8, voice.dotted * rng.lognormvariate(0, 0.6)),
    )


def _harmony_of(bar: int, grid: Grid, by_bar: dict[int, list[tuple[Span, int]]]) -> tuple[object, ...]:
    """A bar's meter and chords with their places in it."""
    start = grid.bars[bar].start
    chords = tuple((round(s.start - start, 6), s.chord) for s, _ in by_bar.get(bar, ()))
    return str(grid.bars[bar].meter), min(grid.bars[bar].end, grid.end) - start, chords


def _material(meter: Meter, section: Section, voice: Voice, upbeats: bool, rng: random.Random) -> _Material:
    """Four one-bar rhythms (the motif, its answer, another turn, a quieter one), closes, and a contour."""
    lively = voice.notes_per_beat * (0.75 + 0.5 * section.energy)

    def draw(share: float, off: float) -> tuple[float, ...]:
        return motif_rhythm(meter, RhythmTaste(lively * share, voice.syncopation * off, voice.dotted), rng)

    count = len(beats(meter))
    arrivals = [0, count // 2, count - 1]
    runs_on = not upbeats and not voice.strict and voice.held < 0.3
    closes = {} if runs_on else {n: rng.choices(arrivals, (voice.held, 0.5, 1 - voice.held))[0] for n in _CLOSES}
    contour = Contour.draw(section, rng)
    answers = rng.random() < _ANSWERS
    drawn = [draw(1.0, 1.0), draw(1.15, 1.0), draw(0.95, 1.0), draw(0.75, 0.5)]
    head, answer, turn, quiet = [*voice.motifs[:3], *drawn[len(voice.motifs[:3]) :]]
    return _Material(head, answer, turn, quiet, closes, contour, answers)


def _bar_rhythms(phrase: Phrase, grid: Grid, material: _Material, rng: random.Random) -> list[BarRhythm]:
    """Each bar's label and onsets: sentence (a a b c), period (a b a c) or chain (a b d c); longer phrases spin on."""
    a, b, c, d = (
        ("a", material.head),
        ("b", material.answer),
        ("c", material.quiet),
        ("d", material.turn),
    )
    plan = list(rng.choice(((a, a, b, c), (a, b, a, c), (a, b, d, c), (a, d, b, c))))
    while len(plan) < phrase.bars:
        plan.insert(2, b if len(plan) % 2 else a)
    plan = [*plan[: phrase.bars - 1], plan[-1]] if phrase.bars > 1 else [a]
    table = beats(grid.bars[phrase.end - 1].meter)
    if phrase.cadence == "final":
        plan[-1] = ("z", (0.0,))
    elif phrase.cadence in material.closes:
        arrival = table[min(material.closes[phrase.cadence], len(table) - 1)][0]
        moving = material.head if material.closes[phrase.cadence] == len(table) - 1 else material.quiet
        plan[-1] = (f"z{phrase.cadence}", (*(p for p in moving if p < arrival - 1e-6), arrival))
    return plan


def _phrase(
    phrase: Phrase,
    section: Section,
    grid: Grid,
    inside: Sequence[tuple[Span, int]],
    key: Key,
    voice: Voice,
    material: _Material,
    model: _Written | None,
    rng: random.Random,
) -> _Written:
    """A phrase, its first half that of ``model`` where one is given and stands on the same chords."""
    origin = grid.bars[phrase.start].start
    by_bar: dict[int, list[tuple[Span, int]]] = {}
    for span, bass in inside:
        by_bar.setdefault(span.bar, []).append((span, bass))
    harmony = tuple(_harmony_of(b, grid, by_bar) for b in range(phrase.start, phrase.end))
    rhythms = _bar_rhythms(phrase, grid, material, rng)
    half = phrase.bars // 2
    given: dict[float, int] = {}
    if model is not None and material.periodic and half and model.harmony[:half] == harmony[:half]:
        rhythms[:half] = model.rhythms[:half]
        stop = grid.bars[phrase.start + half].start - 1e-6
        given = {n.start + origin: n.pitch for n in model.notes if n.start + origin < stop}
    slots = _slots(phrase, grid, inside, rhythms)
    if not slots:
        return _Written((), tuple(rhythms), harmony)
    given = {s.at: p for s in slots for at, p in given.items() if abs(s.at - at) < 1e-6}
    frame = [s for s in slots if s.structural]
    targets = [material.contour.at(phrase, section, grid, s.at, voice) for s in frame]
    pitches = lay_skeleton(frame, targets, given, phrase, key, voice, rng)
    fixed = {**dict(zip((s.at for s in frame), pitches, strict=True)), **given}
    line = ornament(slots, fixed, material.habits, key, voice, rng)
    if not voice.strict:
        line = _recalled(slots, line, phrase, grid, harmony, fixed if given else {}, rng)
    notes = _breathe(slots, line, phrase)
    return _Written(
        tuple(Note(n.start - origin, n.duration, n.pitch, n.velocity) for n in notes), tuple(rhythms), harmony
    )


def _recalled(
    slots: Sequence[Slot],
    line: Sequence[int],
    phrase: Phrase,
    grid: Grid,
    harmony: Sequence[object],
    given: Mapping[float, int],
    rng: random.Random,
) -> list[int]:
    """The line, some bars of which repeat an earlier bar of their motif note for note where the chord is the same."""
    bars: dict[int, list[int]] = {}
    for number, slot in enumerate(slots):
        bars.setdefault(grid.bar_index(slot.at) - phrase.start, []).append(number)
    found = list(line)
    models: dict[tuple[object, ...], list[int]] = {}
    for bar, places in bars.items():
        name = (slots[places[0]].motif[0], len(places), harmony[bar])
        model = models.setdefault(name, places)
        stands = bar == phrase.bars - 1 or any(slots[k].at in given for k in places)
        if model is places or stands or rng.random() >= _RECALLS:
            continue
        before, after = found[places[0] - 1], found[places[-1] + 1]
        if abs(found[model[0]] - before) <= 7 and abs(found[model[-1]] - after) <= 7:
            found[places[0] : places[-1] + 1] = [found[k] for k in model]
    return found


def _slots(phrase: Phrase, grid: Grid, inside: Sequence[tuple[Span, int]], rhythms: Sequence[BarRhythm]) -> list[Slot]:
    spans = [s for s, _ in inside]
    basses = {s.start: b for s, b in inside}
    onsets: list[tuple[float, float, tuple[str, int]]] = []
    for index, (label, rhythm) in zip(range(phrase.start, phrase.end), rhythms, strict=False):
        bar = grid.bars[index]
        places = [p for p in rhythm if p < bar.meter.bar_quarters - 1e-6] or [0.0]
        if places[0] > beats(bar.meter)[0][1] + 1e-6:
            places.insert(0, 0.0)
        changes = [s.start - bar.start for s in spans if s.bar == index and s.start > bar.start + 1e-6]
        places = sorted({*places, *(c for c in changes if all(abs(c - p) > 0.05 for p in places))})
        onsets += [
            (bar.start + p, strength(bar.meter, p), (label, k))
            for k, p in enumerate(places)
            if bar.start + p < grid.end - min(0.1, grid.end / 2)
        ]
    found: list[Slot] = []
    end = min(grid.bars[phrase.end - 1].end, grid.end)
    seen: set[float] = set()
    for (at, weight, motif), after in zip(onsets, [*(o[0] for o in onsets[1:]), end], strict=True):
        span = chord_at(spans, at)
        if span.chord is None:
            continue
        first = span.start not in seen
        seen.add(span.start)
        length = min(after, end) - at
        carries = first or (weight >= 0.7 and length >= 1.9) or after >= end
        bar_length = grid.bars[grid.bar_index(at)].meter.bar_quarters
        found.append(Slot(at, length, span.chord, basses[span.start], weight, carries, motif, bar_length))
    return found


def _breathe(slots: Sequence[Slot], line: Sequence[int], phrase: Phrase) -> list[Note]:
    """Notes with a breath at the phrase's end; the piece's last note is held."""
    notes = []
    for index, (slot, pitch) in enumerate(zip(slots, line, strict=True)):
        length = slot.length * 0.94
        if index == len(slots) - 1:
            length = slot.length if phrase.cadence == "final" else max(min(slot.length, 0.5), slot.length * 0.8)
        notes.append(Note(slot.at, length, pitch, round(70 + 22 * slot.weight)))
    return notes


def _add_upbeats(
    phrases: Sequence[tuple[Phrase, list[Note]]], grid: Grid, spans: Sequence[Span], key: Key, voice: Voice
) -> None:
    """Lead every phrase but the first in from before its barline."""
    index = 0
    for (_, notes), (phrase, following) in pairwise(phrases):
        if not notes or not following:
            continue
        barline = grid.bars[phrase.start].start
        while index + 1 < len(spans) and spans[index].end < barline - 1e-6:
            index += 1
        meter = grid.bars[phrase.start - 1].meter
        last_beat = [p for p in divisions(meter, 2) if p >= beats(meter)[-1][0] - 1e-6]
        step = meter.bar_quarters - (last_beat[-1] if voice.notes_per_beat > 1.1 else last_beat[0])
        step = min(step, 0.5) if voice.notes_per_beat > 1.4 else step
        chord = spans[index].chord
        if chord is not None and abs(following[0].start - barline) < 1e-6:
            notes.extend(lead_in(notes[-1], following[0], barline, step, chord, key, voice))
