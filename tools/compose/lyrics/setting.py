"""Stanzas on tunes: which share one, the bars each line fills, and how another verse is sung to the same notes."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

from tools.compose.lyrics.mandarin import direction, heights
from tools.compose.lyrics.prosody import Line, read_verse
from tools.compose.lyrics.rhythm import Shape, Sung, shape_of, sing
from tools.compose.lyrics.scansion import Scan, fitted, scan_stanza
from tools.compose.lyrics.text import Stanza
from tools.compose.lyrics.tune import Cadence, form_of
from tools.kit.theory.meter import Meter

_MELISMA = 0.5  # how often a long syllable inside a line gets two notes


@dataclass(frozen=True)
class Verse:
    """A stanza read and beaten, and the number of its tune."""

    role: str
    lines: tuple[Line, ...]
    scans: tuple[Scan, ...]
    tune: int


@dataclass(frozen=True)
class TunePlan:
    """What the stanzas of one tune share: bars and feet of each line, form, cadences, rhymes, dotted feet."""

    role: str
    shapes: tuple[Shape, ...]
    upbeats: tuple[int, ...]
    letters: str
    cadences: tuple[Cadence, ...]
    partners: tuple[int | None, ...]
    dotted: tuple[bool, ...]

    @property
    def bars(self) -> int:
        """Bars of the whole stanza."""
        return sum(s.bars for s in self.shapes)


@dataclass(frozen=True)
class Tone:
    """A note of a line before it has a pitch: as :class:`Sung`, and whether a syllable begins on it."""

    index: int
    foot: int
    start: float
    length: float
    strong: bool
    sung: bool = True


def read_stanzas(stanzas: Sequence[Stanza], language: str) -> list[Verse]:
    """Every stanza scanned; one of the same role whose words fit an earlier one's beats takes its tune."""
    verses: list[Verse] = []
    tunes = 0
    for stanza in stanzas:
        lines = tuple(line for line in (read_verse(text, language) for text in stanza.lines) if line.syllables)
        if not lines:
            continue
        syllables = [line.syllables for line in lines]
        for earlier in verses:
            if earlier.role == stanza.role:
                scans = fitted(syllables, [len(s.beats) for s in earlier.scans])
                if scans is not None:
                    verses.append(Verse(stanza.role, lines, tuple(scans), earlier.tune))
                    break
        else:
            verses.append(Verse(stanza.role, lines, tuple(scan_stanza(syllables)), tunes))
            tunes += 1
    return verses


def rhyme_partners(lines: Sequence[Line]) -> tuple[int | None, ...]:
    """For each line the nearest earlier one that it rhymes with."""
    found: list[int | None] = []
    for i, line in enumerate(lines):
        found.append(next((j for j in range(i - 1, -1, -1) if line.rhyme and lines[j].rhyme == line.rhyme), None))
    return tuple(found)


def plan_tunes(verses: Sequence[Verse], meter: Meter, rng: random.Random) -> list[TunePlan]:
    """The plan of each tune, from all the stanzas sung to it."""
    opening = max(v.scans[0].beats[0] for v in verses)
    plans = []
    for number in range(max(v.tune for v in verses) + 1):
        own = [v for v in verses if v.tune == number]
        count = len(own[0].lines)
        upbeats = [max(v.scans[j].beats[0] for v in own) for j in range(count)] + [opening]
        shapes = [
            shape_of(
                len(own[0].scans[j].beats),
                meter,
                before_next=upbeats[j + 1],
                after=max(len(v.lines[j].syllables) - v.scans[j].beats[-1] - 1 for v in own),
                closes=j == count - 1,
            )
            for j in range(count)
        ]
        roomy = all(s.used < len(s.feet) for s in shapes)
        letters, cadences = form_of(count, rng)
        dotted = tuple(rng.random() < 0.35 for _ in range(4))
        plans.append(
            TunePlan(
                own[0].role,
                tuple(replace(s, roomy=roomy) for s in shapes),
                tuple(upbeats),
                letters,
                cadences,
                rhyme_partners(own[0].lines),
                dotted,
            )
        )
    return plans


def time_line(verse: Verse, number: int, plan: TunePlan) -> list[Tone]:
    """A line's syllables in time, one note each."""
    line, scan, shape = verse.lines[number], verse.scans[number], plan.shapes[number]
    sung = sing(scan, len(line.syllables), shape, before_next=plan.upbeats[number + 1], dotted=plan.dotted)
    return [_tone(s) for s in sung]


def _tone(s: Sung) -> Tone:
    return Tone(s.index, s.foot, s.start, s.length, s.strong)


def with_melismas(tones: Sequence[Tone], rng: random.Random) -> list[Tone]:
    """Two notes for some syllables that fill a whole foot inside the line."""
    last = max(t.foot for t in tones)
    out: list[Tone] = []
    for t in tones:
        alone = sum(o.foot == t.foot for o in tones) == 1
        if alone and 0 <= t.foot < last and t.length >= 1.5 and rng.random() < _MELISMA:
            half = t.length * (2 / 3 if t.length in (1.5, 3.0) else 1 / 2)
            out.append(replace(t, length=half))
            out.append(Tone(t.index, t.foot, t.start + half, t.length - half, strong=False, sung=False))
        else:
            out.append(t)
    return out


def tone_moves(lines: Sequence[Line], tones: Sequence[Tone]) -> list[tuple[int, ...]]:
    """For each note where the tones of the verses go from the syllable before; empty where no tone speaks."""
    levels = [heights(tuple(s.tone for s in line.syllables)) for line in lines if any(s.tone for s in line.syllables)]
    count = 1 + max(t.index for t in tones)
    same = [h for h in levels if len(h) == count]
    moves: list[tuple[int, ...]] = []
    for t in tones:
        spoken = t.sung and t.index > 0
        moves.append(tuple(direction(h[t.index - 1], h[t.index]) for h in same) if spoken else ())
    return moves


def adapted(model: Sequence[tuple[Tone, int]], own: Sequence[Tone]) -> list[tuple[Tone, int]]:
    """Another verse's line sung to the notes of the first.

    In each foot: as many syllables take the same notes; fewer slur what is over after the first syllable; more divide
    the time anew and sing the pitch that sounded there.
    """
    out: list[tuple[Tone, int]] = []
    feet = sorted({t.foot for t in own})
    for foot in feet:
        theirs = [(t, p) for t, p in model if t.foot == foot]
        mine = [t for t in own if t.foot == foot]
        if not theirs:
            near = next(p for t, p in model if t.foot > foot)
            out += [(t, near) for t in mine]
        elif len(mine) > len(theirs):
            out += [(t, _sounding(theirs, t.start)) for t in mine]
        else:
            spare = len(theirs) - len(mine)
            for place, (t, pitch) in enumerate(theirs):
                begins = place == 0 or place > spare
                index = mine[0 if place <= spare else place - spare].index
                out.append((replace(t, index=index, sung=begins), pitch))
    return out


def _sounding(notes: Sequence[tuple[Tone, int]], at: float) -> int:
    before = [p for t, p in notes if t.start <= at + 1e-6]
    return before[-1] if before else notes[0][1]
