"""A whole song from verses: bars, chords, the tune for each stanza, and what accompanies it."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from tools.compose.engine.colour import Palette
from tools.compose.engine.form import Form, Phrase, Section
from tools.compose.engine.grid import Bar, Grid
from tools.compose.engine.harmony import Span, chord_at, compose_harmony, lay_given
from tools.compose.engine.style import Style
from tools.compose.lyrics.setting import (
    Tone,
    TunePlan,
    Verse,
    adapted,
    plan_tunes,
    time_line,
    tone_moves,
    with_melismas,
)
from tools.compose.lyrics.tune import Compass, LinePlan, Place, climax_of, write_tune
from tools.kit.score import Note
from tools.kit.theory.chord import Chord
from tools.kit.theory.meter import Meter
from tools.kit.theory.pitch import Key

_CHORUS_LIFT = 0.12
Lyric = tuple[float, str]


@dataclass(frozen=True)
class Ask:
    """What the song must keep: key, meter, tempo in beats a minute, compass, style and affect, given chords.

    ``lead_in`` is the number of bars before the first line.
    """

    key: Key
    meter: Meter
    tempo_bpm: float
    compass: Compass
    style: Style
    valence: float
    arousal: float
    chords: Sequence[Sequence[Chord | None]] = ()
    lead_in: int = 1


@dataclass
class Song:
    """The notes of the voice with their syllables, the chords, bars, and where each stanza begins."""

    notes: list[Note] = field(default_factory=list)
    lyrics: list[Lyric] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    grid: Grid | None = None
    stanzas: list[tuple[float, str]] = field(default_factory=list)
    line_ends: list[float] = field(default_factory=list)
    tunes: int = 0


def set_verses(verses: Sequence[Verse], ask: Ask, seed: int) -> Song:
    """Verses set to music; the same verses, wishes and seed give the same song."""
    plans = plan_tunes(verses, ask.meter, random.Random(f"{seed} rhythm"))
    starts: list[int] = []
    bar = ask.lead_in
    for verse in verses:
        starts.append(bar)
        bar += plans[verse.tune].bars
    grid = _grid(ask, bar)
    spans = _chords(verses, plans, starts, grid, ask, seed)
    song = Song(spans=spans, grid=grid, tunes=len(plans))
    known: dict[tuple[object, ...], list[list[tuple[Tone, int]]]] = {}
    times: dict[str, int] = {}
    for verse, first in zip(verses, starts, strict=True):
        plan = plans[verse.tune]
        origin = grid.bars[first].start
        inside = [s for s in spans if first <= s.bar < first + plan.bars]
        under = (verse.tune, tuple((round(s.start - origin, 4), s.chord) for s in inside[:-1]))
        if under not in known:
            own = [v for v in verses if v.tune == verse.tune]
            known[under] = _tune(own, plan, inside, origin, ask, random.Random(f"{seed} tune {verse.tune}"))
        times[verse.role] = times.get(verse.role, 0) + 1
        title = verse.role.capitalize()
        song.stanzas.append((origin, title if verse.role != "verse" else f"{title} {times[verse.role]}"))
        _sing(song, verse, plan, known[under], origin)
    return song


def _grid(ask: Ask, bars: int) -> Grid:
    length = ask.meter.bar_quarters
    made = tuple(Bar(i * length, ask.meter) for i in range(bars))
    return Grid(ask.meter, made, ((0.0, ask.tempo_bpm * ask.meter.beat_quarters),), bars * length)


def _chords(
    verses: Sequence[Verse], plans: Sequence[TunePlan], starts: Sequence[int], grid: Grid, ask: Ask, seed: int
) -> list[Span]:
    if ask.chords:
        turn = -ask.lead_in % len(ask.chords)
        return lay_given([*ask.chords[turn:], *ask.chords[:turn]], grid)
    phrases: list[Phrase] = []
    sections: list[Section] = []
    resting: set[int] = set()
    if ask.lead_in:
        sections.append(Section("intro", "intro", "I", 0, ask.lead_in, 0.35))
        phrases.append(Phrase(0, ask.lead_in, "open", "I", 0, 0, opens_piece=True))
    for verse, first in zip(verses, starts, strict=True):
        plan, at = plans[verse.tune], first
        letter = "ABCDEFGH"[verse.tune % 8]
        sections.append(Section(verse.role, verse.role, letter, first, plan.bars, 0.6))
        for index, (shape, close) in enumerate(zip(plan.shapes, plan.cadences, strict=True)):
            cadence = {"closed": "authentic", "half": "half", "open": "open"}[close]
            slot = (
                ord(plan.letters[index]) * 10 + (close != "open")
                if plan.letters.count(plan.letters[index]) > 1
                else index
            )
            opens, held = index == 0, shape.bars - shape.spare(ask.meter)
            where = len(sections) - 1
            phrases.append(
                Phrase(at, held, cadence, letter, 0 if opens else slot + 1, where, opens)  # type: ignore[arg-type]
            )
            if held < shape.bars:  # the last chord goes on under a line's rest
                phrases.append(Phrase(at + held, shape.bars - held, "open", letter, 1000, where))
                resting |= set(range(at + held, at + shape.bars))
            at += shape.bars
    palette = Palette(ask.style, ask.valence, ask.arousal, 0.35)
    form = Form(tuple(sections), tuple(phrases))
    spans = compose_harmony(form, grid, ask.key, palette, random.Random(f"{seed} chords"))
    out: list[Span] = []
    for span in spans:
        out.append(replace(span, chord=out[-1].chord) if span.bar in resting and out else span)
    return out


def _tune(
    verses: Sequence[Verse], plan: TunePlan, spans: Sequence[Span], origin: float, ask: Ask, rng: random.Random
) -> list[list[tuple[Tone, int]]]:
    """The tune of a stanza: for each line its notes, timed from the line's first bar, with their pitches."""
    lead = verses[0]
    tonal = any(s.tone for line in lead.lines for s in line.syllables)
    at = origin
    timed: list[list[Tone]] = []
    lines: list[LinePlan] = []
    climax = climax_of(len(lead.lines))
    for number, shape in enumerate(plan.shapes):
        tones = time_line(lead, number, plan)
        tones = tones if tonal else with_melismas(tones, rng)
        moves = tone_moves([v.lines[number] for v in verses], tones)
        places = tuple(
            Place(at + t.start, t.length, t.strong, chord_at(spans, max(origin, at + t.start)).chord, t.sung, m)
            for t, m in zip(tones, moves, strict=True)
        )
        height = _CHORUS_LIFT * (plan.role in ("chorus", "bridge")) + 0.06 * (plan.letters[number] not in ("a", "c"))
        lines.append(
            LinePlan(
                places, plan.letters[number], plan.cadences[number], plan.partners[number], height, number == climax
            )
        )
        timed.append(tones)
        at += shape.bars * ask.meter.bar_quarters
    pitches = write_tune(lines, ask.key, ask.compass, rng)
    return [list(zip(t, p, strict=True)) for t, p in zip(timed, pitches, strict=True)]


def _sing(song: Song, verse: Verse, plan: TunePlan, tune: Sequence[Sequence[tuple[Tone, int]]], origin: float) -> None:
    """Add a stanza's notes and syllables to the song."""
    assert song.grid is not None
    at = origin
    for number, shape in enumerate(plan.shapes):
        line = verse.lines[number]
        for tone, pitch in adapted(tune[number], time_line(verse, number, plan)):
            start = at + tone.start
            song.notes.append(Note(start, tone.length, pitch, 92 if tone.strong else 78))
            if tone.sung:
                syllable = line.syllables[tone.index]
                song.lyrics.append((start, syllable.text if syllable.ends else f"{syllable.text}-"))
        song.line_ends.append(song.notes[-1].end)
        at += shape.bars * song.grid.meter.bar_quarters
