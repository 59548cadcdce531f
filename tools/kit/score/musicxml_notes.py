"""The notes of a MusicXML part: chords cut at bar lines, voices, note values, ties, tuplets, beams and marks."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import groupby
from xml.sax.saxutils import escape

from tools.kit.score import Note, Score, Track
from tools.kit.score.note_values import Value, values
from tools.kit.score.staves import drum_place
from tools.kit.theory.interval import Interval, moved_spelling, spelling_in
from tools.kit.theory.meter import Meter
from tools.kit.theory.pitch import Key

ARTICULATIONS = frozenset(
    [
        "accent",
        "strong-accent",
        "staccato",
        "tenuto",
        "detached-legato",
        "staccatissimo",
        "spiccato",
        "breath-mark",
        "caesura",
    ]
)
TECHNICAL = frozenset(["up-bow", "down-bow", "harmonic", "open-string", "stopped", "snap-pizzicato"])
ORNAMENTS = frozenset(["trill-mark", "mordent", "inverted-mordent", "turn", "inverted-turn"])
_LOUD = 90  # velocity that MusicXML calls 100 %
GRACE = 0.125  # quarters that a grace note has in the model
_BEAMED = frozenset({"eighth", "16th", "32nd", "64th", "128th"})


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


_Line = list[tuple[Fraction, Value, Chord | None, bool, bool]]


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
    """

    track: Track
    number: int
    low: frozenset[int]
    two_staves: bool
    shift: Interval | None = None
    spaced: bool = False


def chords_of(sheet: Sheet, part: Part, spans: dict[int, tuple[Fraction, Fraction]]) -> dict[int, list[Chord]]:
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


def voices_xml(sheet: Sheet, part: Part, chords: list[Chord], bar: Bar, words: dict[Fraction, str]) -> str:
    """The notes of a bar, voice after voice; the first voice of each staff has its rests written."""
    lines: dict[int, list[Chord]] = {v: [] for v in ((1, 5) if part.two_staves else (1,))}
    for chord in sorted(chords, key=lambda c: (c.voice, c.start)):
        lines.setdefault(chord.voice, []).append(chord)
    backup = f"<backup><duration>{sheet.ticks(bar.end - bar.start)}</duration></backup>"
    return backup.join(_voice(sheet, part, lines[v], v, bar, words) for v in sorted(lines) if lines[v] or v in (1, 5))


def _voice(sheet: Sheet, part: Part, line: list[Chord], voice: int, bar: Bar, words: dict[Fraction, str]) -> str:
    """The notes of one voice of a bar."""
    staff = f"<staff>{line[0].staff if line else 1 + voice // 5}</staff>" if part.two_staves else ""
    written = _written(line, bar, voice)
    beams = _beams(written, bar)
    brackets = _brackets(written, beams)
    out: list[str] = []
    for index, (place, value, meant, tied, ties) in enumerate(written):
        if meant is None and voice not in (1, 5) and part.spaced:
            out.append(_note(sheet, "<rest/>", value, voice, staff, "", "", "", "", ' print-object="no"'))
        elif meant is None and voice not in (1, 5):
            out.append(f"<forward><duration>{sheet.ticks(value.length)}</duration></forward>")
        elif meant is None:
            whole = value.length == bar.end - bar.start and not (bar is sheet.bars[0] and sheet.has_pickup())
            shape = '<rest measure="yes"/>' if whole else "<rest/>"
            out.append(_note(sheet, shape, value, voice, staff, brackets.get(index, ""), "", typed=not whole))
        else:
            out += [_grace_xml(sheet, part, g, voice, staff) for g in meant.graces if not tied]
            out.append(
                _chord_xml(sheet, part, meant, value, (tied, ties), staff)
                .replace("@beam", beams.get(index, "")).replace("@bracket", brackets.get(index, ""))
                .replace("@lyric", _lyric(words.pop(place, "")) if not tied else "")
            )  # fmt: skip
    return "".join(out)


def _written(line: list[Chord], bar: Bar, voice: int) -> _Line:
    """Notes and rests of a voice as written values, in order; rests and tied notes are cut where beats begin."""
    written: _Line = []
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


def _grace_xml(sheet: Sheet, part: Part, note: Note, voice: int, staff: str) -> str:
    loud = f' dynamics="{note.velocity * 100 / _LOUD:.2f}"'
    shape = _unpitched(note) if part.track.is_drum else _pitched(sheet, part, note)
    marks = _marks(note)
    notations = f"<notations>{marks}</notations>" if marks else ""
    return f'<note{loud}><grace slash="yes"/>{shape}<voice>{voice}</voice><type>eighth</type>{staff}{notations}</note>'


def _chord_xml(sheet: Sheet, part: Part, chord: Chord, value: Value, inner: tuple[bool, bool], staff: str) -> str:
    """The notes of a chord, the first with the chord's beam, bracket and words (marked ``@``)."""
    out: list[str] = []
    for index, (note, tied_from, tied_to) in enumerate(sorted(chord.notes, key=lambda n: n[0].pitch)):
        stops, starts = tied_from or inner[0], tied_to or inner[1]
        ties = ('<tie type="stop"/>' if stops else "") + ('<tie type="start"/>' if starts else "")
        notations = ties.replace("<tie ", "<tied ") + ("@bracket" if index == 0 else "")
        if not stops:
            notations += _marks(note)
        head = "<chord/>" if index else ""
        drum = part.track.is_drum
        shape = _unpitched(note) if drum else _pitched(sheet, part, note)
        player = f'<instrument id="P{part.number}-I{note.pitch}"/>' if drum else ""
        notehead = drum_place(note.pitch)[2] if drum else ""
        place = f"<notehead>{notehead}</notehead>{staff}" if notehead else staff
        beam, lyric = ("@beam", "@lyric") if index == 0 else ("", "")
        loud = f' dynamics="{note.velocity * 100 / _LOUD:.2f}"'
        out.append(_note(sheet, head + shape, value, chord.voice, place, notations, beam, ties + player, lyric, loud))
    return "".join(out)


def _note(
    sheet: Sheet,
    head: str,
    value: Value,
    voice: int,
    staff: str,
    notations: str,
    beam: str,
    after_duration: str = "",
    lyric: str = "",
    loud: str = "",
    *,
    typed: bool = True,
) -> str:
    kind = f"<type>{value.type}</type>{'<dot/>' * value.dots}" if value.type and typed else ""
    if value.tuplet and typed:
        played, time = value.tuplet
        kind += (
            f"<time-modification><actual-notes>{played}</actual-notes><normal-notes>{time}</normal-notes>"
            "</time-modification>"
        )
    shown = f"<notations>{notations}</notations>" if notations else ""
    duration = f"<duration>{sheet.ticks(value.length)}</duration>"
    return f"<note{loud}>{head}{duration}{after_duration}<voice>{voice}</voice>{kind}{staff}{beam}{shown}{lyric}</note>"


def _pitched(sheet: Sheet, part: Part, note: Note) -> str:
    """Step, alteration and octave, at written pitch."""
    name, pitch = note.spelling or spelling_in(note.pitch, sheet.key(note.start)), note.pitch
    if part.shift is not None:
        name, pitch = moved_spelling(name, part.shift.fifths), pitch + part.shift.semitones
    alter = name.count("#") - name.count("b")
    octave = (pitch - alter) // 12 - 1
    altered = f"<alter>{alter}</alter>" if alter else ""
    return f"<pitch><step>{name[0]}</step>{altered}<octave>{octave}</octave></pitch>"


def _unpitched(note: Note) -> str:
    step, octave, _ = drum_place(note.pitch)
    return f"<unpitched><display-step>{step}</display-step><display-octave>{octave}</display-octave></unpitched>"


def _marks(note: Note) -> str:
    """A note's articulations, technical signs, ornaments, slurs and fermata."""
    out = ""
    for group, names in (("articulations", ARTICULATIONS), ("technical", TECHNICAL), ("ornaments", ORNAMENTS)):
        own = "".join(f"<{m}/>" for m in note.marks if m in names)
        out += f"<{group}>{own}</{group}>" if own else ""
    out += "".join(f'<slur type="{m.removeprefix("slur-")}"/>' for m in note.marks if m.startswith("slur-"))
    out += "<arpeggiate/>" if "arpeggiate" in note.marks else ""
    return out + ("<fermata/>" if "fermata" in note.marks else "")


def _lyric(text: str) -> str:
    if not text.strip():
        return ""
    syllabic = "begin" if text.endswith("-") else "single"
    return f"<lyric><syllabic>{syllabic}</syllabic><text>{escape(text.strip().rstrip('-'))}</text></lyric>"


def _beams(written: _Line, bar: Bar) -> dict[int, str]:
    """Beams over the short notes of each beat."""
    accents = [float(bar.start) + a for a in bar.meter.accents()]
    groups: dict[int, list[int]] = defaultdict(list)
    for index, (place, value, chord, _, _) in enumerate(written):
        if chord is not None and value.type in _BEAMED:
            groups[bisect_right(accents, float(place) + 1e-6)].append(index)
    found: dict[int, str] = {}
    for group in groups.values():
        runs = [[i for _, i in run] for _, run in groupby(enumerate(group), lambda e: e[1] - e[0])]
        for run in (r for r in runs if len(r) > 1):
            for index in run:
                kind = "begin" if index == run[0] else "end" if index == run[-1] else "continue"
                found[index] = f'<beam number="1">{kind}</beam>'
    return found


def _brackets(written: _Line, beams: dict[int, str]) -> dict[int, str]:
    """Where tuplets begin and end: a run of one kind that fills a length without it; bracketed unless all is beamed."""
    found: dict[int, str] = {}
    begun: int | None = None
    length = Fraction(0)
    for index, (_, value, _, _, _) in enumerate(written):
        if value.tuplet is None:
            begun = None
            continue
        if begun is None or written[begun][1].tuplet != value.tuplet:
            begun, length = index, Fraction(0)
        length += value.length
        if length.denominator % value.tuplet[0] and index > begun:
            shown = "no" if all(i in beams for i in range(begun, index + 1)) else "yes"
            found[begun] = f'<tuplet type="start" bracket="{shown}"/>'
            found[index] = '<tuplet type="stop"/>'
            begun = None
    return found
