"""A score as it is written down: bars, chords cut at bar lines, voices, and note values; what all notations share."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from math import lcm

from tools.kit.score.model import Note, Score, Track
from tools.kit.score.note_values import Value, on_grid, values
from tools.kit.theory.interval import Interval
from tools.kit.theory.meter import Meter
from tools.kit.theory.pitch import Key

GRACE = 0.125  # quarters that a grace note has in the model
Spans = dict[int, tuple[Fraction, Fraction]]  # where each note, by its id, begins and ends on paper


@dataclass(frozen=True)
class Bar:
    """A bar between two places in quarters."""

    start: Fraction
    end: Fraction
    meter: Meter


@dataclass
class Chord:
    """Notes of one place and length inside a bar, with whether each is tied from and to its neighbours."""

    start: Fraction
    end: Fraction
    voice: int
    staff: int
    notes: list[tuple[Note, bool, bool]] = field(default_factory=list)
    graces: list[Note] = field(default_factory=list)


Line = list[tuple[Fraction, Value, Chord | None, bool, bool]]


@dataclass(frozen=True)
class Sheet:
    """What all parts share."""

    score: Score
    bars: tuple[Bar, ...]
    divisions: int

    def ticks(self, length: Fraction) -> int:
        """A length in the document's divisions."""
        return round(length * self.divisions)

    def key(self, place: float) -> Key | None:
        """The key in force at a place in quarters."""
        return next((k for t, k in reversed(self.score.keys) if t <= place + 1e-6), None)

    def has_pickup(self) -> bool:
        """Whether the first bar is shorter than the second."""
        bars = self.bars
        return len(bars) > 1 and bars[0].end - bars[0].start < bars[1].end - bars[1].start


@dataclass(frozen=True)
class Part:
    """A track as it is written: which of its notes lie on the lower staff, and how far it is from sounding pitch.

    With ``spaced`` the silences of further voices are hidden rests, so that what follows them on paper has a place.
    ``slurs`` are ends of slurs beside those of the marks, by the ids of notes.
    """

    track: Track
    number: int
    low: frozenset[int]
    two_staves: bool
    shift: Interval | None = None
    spaced: bool = False
    slurs: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Written:
    """A document in some notation, how many notes had to move, and what of the score is not in it."""

    text: str
    moved: int
    lost: tuple[str, ...]


def sheet_of(score: Score) -> tuple[Sheet, Spans, int]:
    """The sheet of a score, where its notes lie on it, and how many of them had to move to lie on note values."""
    spans: Spans = {}
    moved = 0
    for note in (n for t in score.tracks for n in t.notes):
        start, end = on_grid(note.start), on_grid(note.end)
        spans[id(note)] = (start, end if end > start else start + Fraction(1, 8))
        moved += abs(float(start) - note.start) > 1 / 480 or abs(float(end) - note.end) > 1 / 480
    bars = _bars(score, max((end for _, end in spans.values()), default=Fraction(0)))
    divisions = lcm(*{f.denominator for span in spans.values() for f in span}, *{b.start.denominator for b in bars}, 2)
    return Sheet(score, bars, divisions), spans, moved


def _bars(score: Score, last: Fraction) -> tuple[Bar, ...]:
    starts = [on_grid(s) for s in score.bar_starts(float(last))] or [Fraction(0)]
    places = [t for t, _ in score.meters]
    meters = [score.meters[max(0, bisect_right(places, float(s) + 1e-6) - 1)][1] for s in starts]
    ends = [*starts[1:], starts[-1] + Fraction(meters[-1].numerator * 4, meters[-1].denominator)]
    return tuple(Bar(s, e, m) for s, e, m in zip(starts, ends, meters, strict=True))


def chords_of(sheet: Sheet, part: Part, spans: Spans) -> dict[int, list[Chord]]:
    """The chords of each bar, cut at bar lines, each in a voice that is free and with the grace notes before it."""
    starts = [b.start for b in sheet.bars]
    found: dict[int, dict[tuple[Fraction, Fraction, int, int], Chord]] = defaultdict(dict)
    graces = _graces(part.track)
    for note in sorted(part.track.notes, key=lambda n: (n.start, -n.pitch)):
        if id(note) in graces:
            continue
        start, end = spans[id(note)]
        index = max(0, bisect_right(starts, start) - 1)
        at = start
        while at < end:
            until = min(end, sheet.bars[index].end) if index + 1 < len(starts) else end
            staff = 2 if id(note) in part.low else 1
            key = (at, until, note.voice, staff)
            chord = found[index].setdefault(key, Chord(at, until, note.voice, staff))
            chord.notes.append((note, at > start, until < end))
            at, index = until, index + 1
    for note in (n for n in part.track.notes if id(n) in graces):
        place, staff = spans[id(note)][0], 2 if id(note) in part.low else 1
        here = [c for c in found[max(0, bisect_right(starts, place) - 1)].values() if c.start == place]
        min(here, key=lambda c: (c.staff != staff, c.voice != note.voice)).graces.append(note)
    return {index: _with_voices(list(chords.values())) for index, chords in found.items()}


def _graces(track: Track) -> frozenset[int]:
    """Ids of the grace notes that have a note to stand before."""
    marked = [n for n in track.notes if "grace" in n.marks and abs(n.duration - GRACE) < 1e-6]
    mains = {n.start for n in track.notes} if not marked else {n.start for n in track.notes if "grace" not in n.marks}
    return frozenset(id(n) for n in marked if n.start in mains)


def _with_voices(chords: list[Chord]) -> list[Chord]:
    """Give each chord the voice it names or, when that is taken or none, the first free one of its staff."""
    free: dict[int, Fraction] = {}
    for chord in sorted(chords, key=lambda c: (c.start, -max(n.pitch for n, _, _ in c.notes))):
        lowest = 1 if chord.staff == 1 else 5
        wanted = chord.voice if chord.voice and chord.staff == 1 else lowest
        voice = wanted if free.get(wanted, chord.start) <= chord.start else lowest
        while free.get(voice, chord.start) > chord.start:
            voice += 1 if chord.staff == 2 or voice != 4 else 5
        chord.voice = voice
        free[voice] = chord.end
    return chords


def written(line: list[Chord], bar: Bar, voice: int) -> Line:
    """Notes and rests of a voice as written values, in order; rests and tied notes are cut where beats begin."""
    written: Line = []
    at = bar.start
    for chord in [*line, Chord(bar.end, bar.end, voice, 1)]:
        for value in _rests(at, chord.start, bar) if chord.start > at else ():
            written.append((at, value, None, False, False))
            at += value.length
        pieces = _pieces(chord.start, chord.end, bar) if chord.notes else ()
        for index, value in enumerate(pieces):
            written.append((at, value, chord, index > 0, index + 1 < len(pieces)))
            at += value.length
    return written


def _pieces(start: Fraction, end: Fraction, bar: Bar) -> tuple[Value, ...]:
    """The written values of a note: one when there is one, else cut at the next beat."""
    whole = values(end - start)
    beats = [b for b in _beats(bar) if start < b < end]
    crooked = whole[0].tuplet and beats and start not in _beats(bar)
    if (len(whole) == 1 and not crooked) or not beats or start in _beats(bar):
        return whole
    return (*values(beats[0] - start), *_pieces(beats[0], end, bar))


def _rests(start: Fraction, end: Fraction, bar: Bar) -> tuple[Value, ...]:
    """The written values of a silence: to the next beat, then beats, joined only where the meter pairs them."""
    if start == bar.start and end == bar.end:
        whole = values(end - start)
        return whole if len(whole) == 1 else (Value(end - start),)
    beats = _beats(bar)
    if start not in beats:
        until = min([end, *(b for b in beats if b > start)])
    else:
        index = beats.index(start)
        stops = [*beats, bar.end]
        span = next((s for s in (4, 2, 1) if _pairs(bar, index, s) and stops[index + s] <= end), 0)
        until = stops[index + span] if span else end
    rest = values(until - start)
    return rest if until >= end else (*rest, *_rests(until, end, bar))


def _pairs(bar: Bar, index: int, span: int) -> bool:
    """Whether a rest may last ``span`` beats from the beat of that index."""
    count = len(_beats(bar))
    even = not bar.meter.is_compound and bar.meter.denominator < 8 and count % 2 == 0
    return index + span <= count and (span == 1 or (even and index % span == 0))


def _beats(bar: Bar) -> list[Fraction]:
    return [b for a in bar.meter.accents() if (b := bar.start + Fraction(a)) < bar.end]
