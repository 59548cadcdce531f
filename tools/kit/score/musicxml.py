"""The score model as MusicXML 4.0 (W3C 2021): bars, voices, ties, tuplets, beams, words, marks and dynamics.

Notes keep their pitch and, when they lie on note values, their place and length; :func:`as_musicxml` counts those that
had to move. Controllers but the pedal, bends and raw events have no place in notation; they are named.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from xml.sax.saxutils import escape

from tools.kit.score import Control, Score, Track, staves
from tools.kit.score.musicxml_notes import voices_xml
from tools.kit.score.note_values import on_grid
from tools.kit.score.sheet import Bar, Chord, Part, Sheet, Spans, Written, chords_of, sheet_of
from tools.kit.score.sung import words_of
from tools.kit.theory.instruments import instrument_of_program
from tools.kit.theory.interval import Interval, signature_fifths
from tools.kit.theory.pitch import Key

MEDIA_TYPE = "application/vnd.recordare.musicxml+xml"
_PEDAL = 64
_FINAL = '<barline location="right"><bar-style>light-heavy</bar-style></barline>'
_BEATS = {0.5: ("eighth", ""), 1.0: ("quarter", ""), 1.5: ("quarter", "<beat-unit-dot/>"), 2.0: ("half", "")}
_MODES = ("major", "minor", "dorian", "phrygian", "lydian", "mixolydian", "locrian")


@dataclass(frozen=True)
class Layout:
    """How a score is to stand on paper; without one the document only has to say what the score holds.

    Attributes
    ----------
    tempi, words
        Tempo marks (quarters per minute) and words over the first staff, by place in quarters.
    breaks
        Indices of the bars that begin a system.
    transposed
        Parts of transposing instruments at written pitch; without a layout they always are.
    first_bar
        The number of the first bar.
    """

    tempi: tuple[tuple[float, float], ...] = ()
    words: tuple[tuple[float, str], ...] = ()
    breaks: frozenset[int] = frozenset()
    transposed: bool = False
    first_bar: int = 1


def as_musicxml(score: Score, layout: Layout | None = None, *, sounding: bool = False) -> Written:
    """The score as a MusicXML document.

    Parameters
    ----------
    layout
        With a layout notes of voices 5 and up stand on a second staff; readers may take the staves for two parts.
    sounding
        All parts at sounding pitch, for readers that know no transposing instruments.
    """
    tracks = [t for t in score.tracks if t.notes]
    sheet, spans, moved = sheet_of(score)
    transposed = layout.transposed if layout else not sounding
    shifts = [_shift(score, t) if transposed else None for t in tracks]
    parts = [_part(sheet, t, spans, number, layout, shifts[number - 1]) for number, t in enumerate(tracks, start=1)]
    title = f"<work><work-title>{escape(score.title)}</work-title></work>" if score.title else ""
    text = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE score-partwise PUBLIC "-//Recordare//DTD MusicXML 4.0 '
        'Partwise//EN" "http://www.musicxml.org/dtds/partwise.dtd">\n<score-partwise version="4.0">'
        f"{title}<part-list>{_part_list(tracks, layout)}</part-list>{''.join(parts)}</score-partwise>\n"
    )
    return Written(text, moved, tuple(_lost(score, sheet)))


def _part_list(tracks: list[Track], layout: Layout | None) -> str:
    """The entries of the parts; on paper neighbours of one family are bracketed."""
    out = ""
    for index, track in enumerate(tracks):
        family = staves.player(track).family
        alike = [0 <= i < len(tracks) and staves.player(tracks[i]).family == family for i in (index - 1, index + 1)]
        grouped = layout is not None and family in ("strings", "brass", "woodwinds", "voice") and any(alike)
        if grouped and not alike[0]:
            barline = "no" if family == "voice" else "yes"
            symbol = f"<group-symbol>bracket</group-symbol><group-barline>{barline}</group-barline>"
            out += f'<part-group type="start" number="1">{symbol}</part-group>'
        out += _listed(track, index + 1, short=layout is not None and len(tracks) > 1)
        if grouped and not alike[1]:
            out += '<part-group type="stop" number="1"/>'
    return out


def _listed(track: Track, number: int, *, short: bool) -> str:
    """A part's entry in the list of parts, with the program that plays it."""
    name = escape(track.name.strip())
    channel = 10 if track.is_drum else (number - 1) % 9 + 1 if track.channel is None else track.channel + 1
    players = ""
    if track.is_drum:
        keys = sorted({n.pitch for n in track.notes})
        players = "".join(
            f'<score-instrument id="P{number}-I{k}"><instrument-name>{name or "drum"} {k}</instrument-name>'
            "</score-instrument>"
            for k in keys
        ) + "".join(
            f'<midi-instrument id="P{number}-I{k}"><midi-channel>{channel}</midi-channel>'
            f"<midi-program>{track.program + 1}</midi-program><midi-unpitched>{k + 1}</midi-unpitched>"
            "</midi-instrument>"
            for k in keys
        )
    else:
        player = escape(instrument_of_program(track.program).name.title()) if name else ""
        players = (
            f'<score-instrument id="P{number}-I1"><instrument-name>{player}</instrument-name></score-instrument>'
            f'<midi-instrument id="P{number}-I1"><midi-channel>{channel}</midi-channel>'
            f"<midi-program>{track.program + 1}</midi-program></midi-instrument>"
        )
    brief = f"<part-abbreviation>{escape(staves.abbreviation(track))}</part-abbreviation>" if short and name else ""
    return f'<score-part id="P{number}"><part-name>{name}</part-name>{brief}{players}</score-part>'


def _shift(score: Score, track: Track) -> Interval | None:
    """From sounding to written pitch, spelled so that the written keys have the fewest signs."""
    shift = staves.written_shift(track)
    if shift is None:
        return None
    here = [signature_fifths(k) for _, k in score.keys] or [0]
    spelled = [replace(shift, fifths=shift.fifths + turn) for turn in (0, -12, 12)]
    return min(spelled, key=lambda s: (max(0, *(abs(f + s.fifths) - 6 for f in here)), abs(s.fifths)))


def _part(sheet: Sheet, track: Track, spans: Spans, number: int, layout: Layout | None, shift: Interval | None) -> str:
    low = frozenset(id(n) for n in track.notes if layout and n.voice >= 5)
    sung = words_of(track)
    spaced = layout is not None
    part = Part(track, number, low, two_staves=bool(low), shift=shift, spaced=spaced, slurs=sung.slurs)
    chords = chords_of(sheet, part, spans)
    clefs = _clefs(sheet, part, chords)
    first = layout.first_bar if layout else 1
    measures: list[str] = []
    for index, bar in enumerate(sheet.bars):
        pickup = index == 0 and sheet.has_pickup()
        shown = 'number="0" implicit="yes"' if pickup else f'number="{index - sheet.has_pickup() + first}"'
        body = '<print new-system="yes"/>' if layout and index in layout.breaks else ""
        body += _attributes(sheet, part, index, clefs)
        body += _directions(sheet, part, bar, layout)
        body += voices_xml(sheet, part, chords.get(index, []), bar, sung.syllables)
        body += _FINAL if layout and bar is sheet.bars[-1] else ""
        measures.append(f"<measure {shown}>{body}</measure>")
    return f'<part id="P{number}">{"".join(measures)}</part>'


def _clefs(sheet: Sheet, part: Part, chords: dict[int, list[Chord]]) -> list[list[staves.Clef]]:
    """The clefs of each staff, bar by bar; none for drums."""
    if part.track.is_drum:
        return []
    up = part.shift.semitones if part.shift else 0
    usual = tuple(
        replace(c, octave=0, low=c.low - 12 * c.octave, high=c.high - 12 * c.octave) if part.shift else c
        for c in staves.clefs_of(part.track)
    )
    choices = [(staves.TREBLE, staves.BASS), (staves.BASS, staves.TREBLE)] if part.two_staves else [usual]
    return [
        staves.clef_path(
            [
                [n.pitch + up for c in chords.get(i, []) if c.staff == staff for n, _, _ in c.notes]
                for i in range(len(sheet.bars))
            ],
            clefs,
        )
        for staff, clefs in enumerate(choices, start=1)
    ]


def _attributes(sheet: Sheet, part: Part, index: int, clefs: list[list[staves.Clef]]) -> str:
    bar, before = sheet.bars[index], sheet.bars[index - 1] if index else None
    key, old = sheet.key(float(bar.start)), sheet.key(float(before.start)) if before else None
    out = f"<divisions>{sheet.divisions}</divisions>" if before is None else ""
    if key and (before is None or key != old) and not (part.track.is_drum and before):
        out += _key(key, part)
    meter = sheet.bars[1].meter if index == 0 and sheet.has_pickup() else bar.meter
    shown = sheet.bars[1].meter if index == 1 and sheet.has_pickup() else before.meter if before else None
    if shown != meter:
        out += f"<time><beats>{meter.numerator}</beats><beat-type>{meter.denominator}</beat-type></time>"
    if before is None:
        out += "<staves>2</staves>" if part.two_staves else ""
        out += "" if clefs else "<clef><sign>percussion</sign></clef>"
    for staff, path in enumerate(clefs, start=1):
        if before is None or path[index] != path[index - 1]:
            out += (
                f'<clef number="{staff}">{path[index].xml}</clef>'
                if len(clefs) > 1
                else f"<clef>{path[index].xml}</clef>"
            )
    if before is None and part.shift:
        out += _transpose(part.shift)
    return f"<attributes>{out}</attributes>" if out else ""


def _transpose(shift: Interval) -> str:
    """How far what is written lies from what sounds: steps and semitones within an octave, and octaves."""
    steps = 4 * shift.fifths + 7 * ((shift.semitones - 7 * shift.fifths) // 12)
    octaves = int(-shift.semitones / 12)
    change = f"<octave-change>{octaves}</octave-change>" if octaves else ""
    diatonic, chromatic = -steps - 7 * octaves, -shift.semitones - 12 * octaves
    return f"<transpose><diatonic>{diatonic}</diatonic><chromatic>{chromatic}</chromatic>{change}</transpose>"


def _key(key: Key, part: Part) -> str:
    mode = key.mode if key.mode in _MODES else "major"
    fifths = signature_fifths(key) + (part.shift.fifths if part.shift else 0)
    return f"<key><fifths>{fifths}</fifths><mode>{mode}</mode></key>"


@dataclass(frozen=True)
class _Direction:
    """A direction's type at a place in quarters, where it stands and what it makes sound."""

    time: float
    kind: str
    placement: str = ""
    staff: str = ""
    sound: str = ""


def _directions(sheet: Sheet, part: Part, bar: Bar, layout: Layout | None) -> str:
    """What stands above and below the staff in a bar, each at its place."""
    events: list[_Direction] = []
    if part.number == 1:
        marks = [(t, f"<rehearsal>{escape(m)}</rehearsal>") for t, m in sheet.score.markers if m]
        events += [*_tempi(sheet, layout), *(_Direction(t, mark, "above") for t, mark in marks)]
    for time, mark in _closed(part.track.dynamics) if layout else part.track.dynamics:
        wedge = f'<wedge type="{mark}"/>' if mark in ("crescendo", "diminuendo", "stop") else ""
        events.append(_Direction(time, wedge or f"<dynamics><{mark}/></dynamics>", "below"))
    low = "<staff>2</staff>" if part.two_staves else ""
    pedals = _pedals(part.track.controls)
    events += [_Direction(t, f'<pedal type="{kind}" line="yes"/>', "below", low) for t, kind in pedals]
    inside = [e for e in events if float(bar.start) - 1e-6 <= e.time < float(bar.end) - 1e-6]
    return "".join(_placed(sheet, bar, e) for e in sorted(inside, key=lambda e: e.time))


def _closed(dynamics: list[tuple[float, str]]) -> list[tuple[float, str]]:
    """Dynamics in which every hairpin ends, at the latest where the next mark stands, and nothing else does."""
    out: list[tuple[float, str]] = []
    is_open = False
    for time, mark in sorted(dynamics, key=lambda e: (e[0], e[1] != "stop")):
        if is_open and mark != "stop":
            out.append((time, "stop"))
        if mark != "stop" or is_open:
            out.append((time, mark))
        is_open = mark in ("crescendo", "diminuendo")
    return out if not is_open else [e for e in out if e != out[-1]]


def _tempi(sheet: Sheet, layout: Layout | None) -> list[_Direction]:
    """Tempo marks: all in quarters with the sound they stand for, or on paper those chosen, in beats of the meter."""
    found: list[_Direction] = []
    for time, bpm in sheet.score.tempi if layout is None else ():
        mark = f"<metronome><beat-unit>quarter</beat-unit><per-minute>{bpm:.6g}</per-minute></metronome>"
        found.append(_Direction(time, mark, sound=f'<sound tempo="{bpm:.9g}"/>'))
    for time, bpm in layout.tempi if layout else ():
        meter = next(b.meter for b in reversed(sheet.bars) if float(b.start) <= time + 1e-6)
        beat = meter.beat_quarters if meter.beat_quarters in _BEATS else 1.0
        unit, dot = _BEATS[beat]
        mark = f"<metronome><beat-unit>{unit}</beat-unit>{dot}<per-minute>{bpm / beat:.0f}</per-minute></metronome>"
        found.append(_Direction(time, mark, "above"))
    for time, text in layout.words if layout else ():
        found.append(_Direction(time, f'<words font-style="italic">{escape(text)}</words>', "above"))
    return found


def _placed(sheet: Sheet, bar: Bar, event: _Direction) -> str:
    offset = sheet.ticks(on_grid(event.time) - bar.start)
    moved = f'<offset sound="yes">{offset}</offset>' if offset else ""
    where = f' placement="{event.placement}"' if event.placement else ""
    kind = f"<direction-type>{event.kind}</direction-type>"
    return f"<direction{where}>{kind}{moved}{event.staff}{event.sound}</direction>"


def _pedals(controls: list[Control]) -> list[tuple[float, str]]:
    """Where the sustain pedal goes down and up."""
    found: list[tuple[float, str]] = []
    down = False
    for control in sorted((c for c in controls if c.number == _PEDAL), key=lambda c: c.time):
        if (control.value >= 64) != down:
            down = not down
            found.append((control.time, "start" if down else "stop"))
    return found


def _lost(score: Score, sheet: Sheet) -> list[str]:
    """What of the score notation has no place for, in words."""
    counts: Counter[str] = Counter()
    bars = {b.start for b in sheet.bars}
    counts["key changes inside bars"] = sum(on_grid(t) not in bars for t, _ in score.keys)
    for track in score.tracks:
        counts["controller changes"] += sum(c.number != _PEDAL for c in track.controls)
        counts["pitch bends"] += len(track.bends)
        counts["other events (texts, system exclusive, aftertouch)"] += len(track.raw) - len(track.program_changes)
        counts["tracks without notes"] += not track.notes
    counts["other events (texts, system exclusive, aftertouch)"] += len(score.raw)
    return [f"{count} {what}" for what, count in counts.items() if count]
