"""The score model as ABC notation 2.1 (Walshaw 2011): tunes of one voice or many, with tuplets, ties, words and marks.

Every voice of a track is a ``V:`` of its own, the voices of one track bracketed by ``%%score``. Notes keep their
pitch and, when they lie on note values, their place and length; tempi, keys and markers stand at bar lines.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction

from tools.kit.score.model import Note, Score, Track
from tools.kit.score.sheet import Bar, Chord, Line, Part, Sheet, Spans, Written, chords_of, sheet_of, written
from tools.kit.theory.interval import signature_fifths, spelling_in
from tools.kit.theory.pitch import Key

_UNIT = Fraction(1, 2)  # quarters: L:1/8
_BARS_A_LINE = 4
_LONGEST_TUPLET = 9  # notes under one sign
_SHARPS = "FCGDAEB"
_MODES = {"dorian": "dor", "phrygian": "phr", "lydian": "lyd", "mixolydian": "mix"}
_LOWEST_IN_TREBLE = 55  # mean pitch of a voice below which it has a bass clef
MARKS: dict[str, str] = {
    "accent": "!accent!",
    "strong-accent": "!^!",
    "staccato": ".",
    "staccatissimo": "!wedge!",
    "tenuto": "!tenuto!",
    "breath-mark": "!breath!",
    "up-bow": "u",
    "down-bow": "v",
    "open-string": "!open!",
    "snap-pizzicato": "!snap!",
    "trill-mark": "!trill!",
    "mordent": "!lowermordent!",
    "inverted-mordent": "!uppermordent!",
    "turn": "!turn!",
    "inverted-turn": "!invertedturn!",
    "fermata": "!fermata!",
    "arpeggiate": "!arpeggio!",
}
_IN_WORDS = str.maketrans(" ", "~", "*_|")
_AROUND = ("slur-start", "slur-stop", "grace")


def as_abc(score: Score) -> Written:
    """The score as one tune of ABC notation; repeats are written out, as the model holds them."""
    sheet, spans, moved = sheet_of(score)
    lines = [_Voice(sheet, Part(track, 0, frozenset(), two_staves=False), n, chords)
             for track in score.tracks if track.notes
             for n, chords in enumerate(_lines(sheet, track, spans))]  # fmt: skip
    first = sheet.bars[1] if sheet.has_pickup() else sheet.bars[0]
    tempo = f"Q:1/4={_tempo(score, 0.0):.9g}"
    title = " ".join(score.title.split()) or "Untitled"
    head = ["%abc-2.1", "X:1", f"T:{title}", f"M:{first.meter}", "L:1/8", tempo]
    head += [f"%%score {_grouped(lines)}"] if len(lines) > 1 else []
    head.append(f"K:{_key(sheet.key(0.0))}")
    lost: Counter[str] = _lost(sheet)
    body: list[str] = []
    for number, line in enumerate(lines, start=1):
        body += [*line.heading(number), *line.text(first=number == 1, many=len(lines) > 1)]
        lost.update(line.lost)
    return Written("\n".join([*head, *body, ""]), moved, tuple(f"{n} {what}" for what, n in lost.items() if n))


def _lines(sheet: Sheet, track: Track, spans: Spans) -> list[dict[int, list[Chord]]]:
    """The chords of each voice of a track, by bar."""
    bars = chords_of(sheet, Part(track, 0, frozenset(), two_staves=False), spans)
    voices = sorted({c.voice for chords in bars.values() for c in chords})
    return [{i: [c for c in chords if c.voice == v] for i, chords in bars.items()} for v in voices]


def _grouped(lines: list[_Voice]) -> str:
    """The voices by number, those of one track in brackets."""
    groups: list[list[str]] = []
    for number, line in enumerate(lines, start=1):
        if line.index == 0:
            groups.append([])
        groups[-1].append(str(number))
    return " ".join(f"({' '.join(g)})" if len(g) > 1 else g[0] for g in groups)


def _tempo(score: Score, place: float) -> float:
    return next((bpm for at, bpm in reversed(score.tempi) if at <= place + 1e-6), score.tempi[0][1])


def _key(key: Key | None) -> str:
    if key is None:
        return "none"
    if key.mode == "locrian":
        key = Key(key.relative_major_tonic())
    return str(key).split()[0] + _MODES.get(key.mode, "m" if key.is_minor else "")


def _signature(key: Key | None) -> dict[str, int]:
    """What a key's signature does to each letter."""
    fifths = signature_fifths(key) if key else 0
    sharp, flat = _SHARPS[: max(0, fifths)], _SHARPS[::-1][: max(0, -fifths)]
    return {letter: (letter in sharp) - (letter in flat) for letter in _SHARPS}


def _lost(sheet: Sheet) -> Counter[str]:
    """What of the score ABC has no place for."""
    score, starts = sheet.score, {round(float(b.start), 6) for b in sheet.bars}
    counts: Counter[str] = Counter()
    for what, places in (
        ("tempo changes inside bars (they stand at the next bar line)", [t for t, _ in score.tempi]),
        ("key changes inside bars (they stand at the next bar line)", [t for t, _ in score.keys]),
        ("markers inside bars", [t for t, _ in score.markers]),
    ):
        counts[what] += sum(round(t, 6) not in starts for t in places)
    for track in score.tracks:
        counts["controller changes"] += len(track.controls)
        counts["pitch bends"] += len(track.bends)
        counts["other events (texts, system exclusive, aftertouch)"] += len(track.raw) - len(track.program_changes)
        counts["tracks without notes"] += not track.notes
        counts.update(f"{m} marks" for n in track.notes for m in n.marks if m not in MARKS and m not in _AROUND)
    counts["other events (texts, system exclusive, aftertouch)"] += len(score.raw)
    levels = {n.velocity for t in score.tracks for n in t.notes}
    counts["notes' velocities (dynamic marks are kept)"] += sum(len(t.notes) for t in score.tracks) * (len(levels) > 1)
    return counts


@dataclass
class _Voice:
    """One voice of a track, bar by bar; ``lost`` counts what of its track found no note to stand at."""

    sheet: Sheet
    part: Part
    index: int
    chords: dict[int, list[Chord]]
    lost: Counter[str] = field(default_factory=Counter)

    def heading(self, number: int) -> list[str]:
        """The lines that open the voice: its name, clef and player."""
        track = self.part.track
        pitches = [n.pitch for chords in self.chords.values() for c in chords for n, _, _ in c.notes]
        low = bool(pitches) and sum(pitches) / len(pitches) < _LOWEST_IN_TREBLE
        clef = "perc" if track.is_drum else "bass" if low else "treble"
        name = " ".join(track.name.split()).replace('"', "'")
        named = f' name="{name}"' if name else ""
        player = ["%%MIDI channel 10"] if track.is_drum else []
        return [f"V:{number}{named} clef={clef}", *player, f"%%MIDI program {track.program}"]

    def text(self, *, first: bool, many: bool) -> Iterator[str]:
        """The lines of the voice: fields, music, words."""
        above = _Above(self.part.track) if self.index == 0 else _Above()
        words = {round(t, 4): w for t, w in self.part.track.lyrics if self.index == 0}
        music: list[str] = []
        sung: list[str] = []
        for number, bar in enumerate(self.sheet.bars):
            fields = self._fields(number, first=first, again=many)
            if music and (fields or len(music) == _BARS_A_LINE):
                yield from _line(music, sung)
                music, sung = [], []
            yield from fields
            values = written(self.chords.get(number, []), bar, 1)
            music.append(self._bar(values, bar, above))
            sung += _words(values, words)
        yield from _line(music, sung, final=True)
        self.lost["syllables without a note of their own"] += len(words)
        self.lost["dynamic marks after the last note"] += len(above.waiting)

    def _fields(self, number: int, *, first: bool, again: bool) -> list[str]:
        """Meter, key, tempo and marker lines before a bar."""
        bars, score = self.sheet.bars, self.sheet.score
        bar, found = bars[number], []
        shown = [bars[1].meter if n == 0 and self.sheet.has_pickup() else b.meter for n, b in enumerate(bars[:2])]
        if number and bar.meter != (bars[number - 1].meter if number > 1 else shown[0]):
            found.append(f"M:{bar.meter}")
        key = _key(self.sheet.key(float(bar.start)))
        before = _key(self.sheet.key(float(bars[number - 1].start))) if number else ""
        if key != before and (number or (again and len(score.keys) > 1)):
            found.append(f"K:{key}")
        if number and first:
            tempi = [_tempo(score, float(bars[n].start)) for n in (number - 1, number)]
            found += [f"Q:1/4={tempi[1]:.9g}"] if tempi[0] != tempi[1] else []
        if first:
            found += [f"P:{' '.join(m.split())}" for t, m in score.markers if abs(t - float(bar.start)) < 1e-6]
        return found

    def _bar(self, values: Line, bar: Bar, above: _Above) -> str:
        """One bar of music."""
        key = self.sheet.key(float(bar.start))
        spelled = _Spelling(key, _signature(key))
        tuplets = _tuplets(values)
        out: list[str] = []
        for number, (place, value, chord, tied, ties) in enumerate(values):
            ratio = value.tuplet or (1, 1)
            length = _length(value.length * ratio[0] / ratio[1] / _UNIT)
            sign = tuplets.get(number, "")
            if chord is None:
                out.append(f"{sign}z{length}")
                continue
            graces = "".join(spelled(g) for g in chord.graces) if not tied else ""
            marks = above.before(float(place)) if not tied else ""
            ended = above.after(float(place)) if not tied else ""
            lead = (f"{{{graces}}}" if graces else "") + sign
            out.append(f"{lead}{marks}{_notes(chord, length, spelled, tied=tied, ties=ties)}{ended}")
        return " ".join(out)


def _line(music: list[str], sung: list[str], *, final: bool = False) -> Iterator[str]:
    yield " | ".join(music) + (" |]" if final else " |")
    if any(w not in ("*", "_") for w in sung):
        yield f"w: {' '.join(sung)}"


@dataclass
class _Spelling:
    """A note's name in a bar: with its accidental where the signature or an earlier note of the bar says another."""

    key: Key | None
    signature: dict[str, int]
    altered: set[str] = field(default_factory=set)

    def __call__(self, note: Note) -> str:
        name = note.spelling or spelling_in(note.pitch, self.key)
        letter, alter = name[0], name.count("#") - name.count("b")
        sign = ""
        if alter != self.signature[letter] or letter in self.altered:
            self.altered.add(letter)
            sign = "=" if alter == 0 else "^" * alter + "_" * -alter
        octave = (note.pitch - alter) // 12 - 1
        return sign + (letter.lower() + "'" * (octave - 5) if octave > 4 else letter + "," * (4 - octave))


def _notes(chord: Chord, length: str, spelled: _Spelling, *, tied: bool, ties: bool) -> str:
    """A note or chord with its marks, slurs and ties."""
    members = sorted(chord.notes, key=lambda n: n[0].pitch)
    going = [tied_to or ties for _, _, tied_to in members]
    begun = [n for n, tied_from, _ in members if not (tied_from or tied)]
    marks = dict.fromkeys(m for n in begun for m in n.marks)
    lead = "".join(MARKS[m] for m in marks if m in MARKS) + "(" * sum(m == "slur-start" for m in marks)
    names = [spelled(n) for n, _, _ in members]
    end = ")" * sum(m == "slur-stop" for m in marks)
    if len(names) == 1:
        return f"{lead}{names[0]}{length}{'-' * going[0]}{end}"
    inner = "".join(n + "-" * (g and not all(going)) for n, g in zip(names, going, strict=True))
    return f"{lead}[{inner}]{length}{'-' * all(going)}{end}"


def _length(units: Fraction) -> str:
    """A length in units of L: nothing for one, ``/2`` for a half."""
    top = "" if units.numerator == 1 else str(units.numerator)
    return top if units.denominator == 1 else f"{top}/{units.denominator}"


def _tuplets(values: Line) -> dict[int, str]:
    """The sign before each group of notes under one tuplet: as many as fill a note value together."""
    signs: dict[int, str] = {}
    group: list[int] = []
    filled = Fraction(0)
    for number, (_, value, chord, tied, _) in enumerate(values):
        same = bool(group) and value.tuplet == values[group[0]][1].tuplet
        graced = chord is not None and bool(chord.graces) and not tied
        whole = bool(group) and filled.denominator % (values[group[0]][1].tuplet or (1, 1))[0] != 0
        if group and (not same or graced or whole or len(group) == _LONGEST_TUPLET):
            signs[group[0]] = _sign(values, group)
            group, filled = [], Fraction(0)
        if value.tuplet:
            group.append(number)
            filled += value.length
    if group:
        signs[group[0]] = _sign(values, group)
    return signs


def _sign(values: Line, group: list[int]) -> str:
    played, time = values[group[0]][1].tuplet or (1, 1)
    return f"({played}:{time}:{len(group)}"


def _words(values: Line, words: dict[float, str]) -> list[str]:
    """One entry of a ``w:`` line for each note of a bar; words that are used are taken away."""
    found: list[str] = []
    for place, _, chord, tied, _ in values:
        if chord is None:
            continue
        begun = not tied and not all(tied_from for _, tied_from, _ in chord.notes)
        text = words.pop(round(float(place), 4), "").strip() if begun else ""
        body = text.rstrip("-").replace("-", "\\-").translate(_IN_WORDS)
        found.append((body + "-" * text.endswith("-") if body else "*") if begun else "_")
    return found


class _Above:
    """Dynamic marks and hairpins, each to stand at the first note from its place on."""

    def __init__(self, track: Track | None = None) -> None:
        self.waiting = sorted(track.dynamics, key=lambda e: e[0]) if track else []
        self._open = ""

    def before(self, place: float) -> str:
        """What stands before the note at a place."""
        out = ""
        while self.waiting and self.waiting[0][0] <= place + 1e-6 and self.waiting[0][1] != "stop":
            mark = self.waiting.pop(0)[1]
            if mark in ("crescendo", "diminuendo"):
                self._open = mark
                out += f"!{mark}(!"
            else:
                out += f"!{mark}!"
        return out

    def after(self, place: float) -> str:
        """What ends with the note at a place."""
        if not (self.waiting and self.waiting[0][0] <= place + 1e-6):
            return ""
        self.waiting.pop(0)
        ended, self._open = self._open, ""
        return f"!{ended})!" if ended else ""
