"""Notation read by music21 (MusicXML, ABC, kern and its other formats) as the score model.

Repeats are written out, ties joined, parts brought to sounding pitch; dynamics and accents become velocities and stay
marks. A bar shorter or longer than its meter (a pickup) has a meter of its own length. What has no place is counted.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from math import lcm
from typing import Any

from tools.kit.score import DRUM_CHANNEL, Control, Note, Raw, Score, Track
from tools.kit.score.loudness import LEVELS, play
from tools.kit.theory.meter import Meter
from tools.kit.theory.pitch import MODES, Key

_PEDAL, _TEXT = 64, 0x01
_SILENT = frozenset({"Clef", "LayoutBase", "Barline", "Instrument", "Metadata", "TempoIndication", "TimeSignature"})
_SILENT |= {"GeneralNote", "Spanner"}  # what no one hears, or is read elsewhere
_GRACE = 0.125  # quarters
_MOST_TICKS = 10_080
_EXPRESSIONS = {
    "Fermata": "fermata",
    "Trill": "trill-mark",
    "Mordent": "mordent",
    "InvertedMordent": "inverted-mordent",
    "Turn": "turn",
    "InvertedTurn": "inverted-turn",
    "ArpeggioMark": "arpeggiate",
}
_ARTICULATIONS = {
    "Accent": "accent",
    "StrongAccent": "strong-accent",
    "Staccato": "staccato",
    "Tenuto": "tenuto",
    "DetachedLegato": "detached-legato",
    "Staccatissimo": "staccatissimo",
    "Spiccato": "spiccato",
    "BreathMark": "breath-mark",
    "Caesura": "caesura",
    "UpBow": "up-bow",
    "DownBow": "down-bow",
    "Harmonic": "harmonic",
    "OpenString": "open-string",
    "Stopped": "stopped",
    "SnapPizzicato": "snap-pizzicato",
}


@dataclass
class _Part:
    """One part as it is read: its tracks by program, and what waits for its other half."""

    name: str
    origin: int
    players: list[tuple[float, int, bool]]
    tracks: dict[tuple[int, bool], Track] = field(default_factory=dict)
    tied: dict[int, list[Note]] = field(default_factory=dict)
    made: dict[int, list[Note]] = field(default_factory=dict)  # by the id of the music21 element
    dynamics: list[tuple[float, str]] = field(default_factory=list)
    lyrics: list[tuple[float, str]] = field(default_factory=list)
    texts: list[Raw] = field(default_factory=list)
    controls: list[Control] = field(default_factory=list)

    def track(self, place: float) -> Track:
        """The track that plays at a place."""
        _, program, is_drum = self.players[max(0, bisect_right([p[0] for p in self.players], place + 1e-6) - 1)]
        if (program, is_drum) not in self.tracks:
            channel = DRUM_CHANNEL if is_drum else None
            made = Track(self.name, program, is_drum=is_drum, channel=channel, origin=self.origin)
            self.tracks[program, is_drum] = made
        return self.tracks[program, is_drum]


def score_of(stream: Any, drum_keys: list[list[int]] | None = None) -> Score:
    """The score model of a music21 stream; ``faults`` say what could not be kept.

    ``drum_keys`` are the keys of a drum kit that the unpitched notes of each part stand for, in their order.
    """
    faults: Counter[str] = Counter()
    _name_drums(stream, drum_keys or [])
    stream = _one_piece(stream, faults)
    stream = _unfolded(stream, faults)
    parts = list(getattr(stream, "parts", ())) or [stream]
    score = Score(title=(stream.metadata.title or "") if stream.metadata else "")
    score.meters = _meters(parts[0])
    for number, part in enumerate(parts):
        score.tracks += _tracks(part, number, score, faults)
    score.tempi = _map(score.tempi[1:], 120.0)
    keys = sorted(dict(reversed(score.keys)).items())
    score.keys = [e for n, e in enumerate(keys) if not n or e[1] != keys[n - 1][1]]
    score.markers = sorted(set(score.markers))
    score.ticks_per_quarter = _resolution(score)
    score.faults = tuple(f"{count} {what}" for what, count in sorted(faults.items()))
    return score


def _name_drums(stream: Any, keys: list[list[int]]) -> None:
    """Tell each unpitched note the key that its part's file names for it, which music21 leaves out."""
    from music21 import instrument

    for part, wanted in zip(getattr(stream, "parts", ()), keys, strict=False):
        strokes = [n for e in part.recurse().notes for n in getattr(e, "notes", (e,)) if "Unpitched" in n.classes]
        if len(strokes) == len(wanted):
            for stroke, key in zip(strokes, wanted, strict=True):
                stroke.storedInstrument = instrument.UnpitchedPercussion()
                stroke.storedInstrument.percMapPitch = key


def _one_piece(stream: Any, faults: Counter[str]) -> Any:
    if "Opus" not in stream.classes:
        return stream
    pieces = list(stream.scores)
    faults["more pieces in the file; the first one was read"] += len(pieces) - 1
    return pieces[0]


def _unfolded(stream: Any, faults: Counter[str]) -> Any:
    """The stream at sounding pitch with its repeats written out."""
    from music21 import exceptions21

    if any("Transposition" in type(i).__name__ or getattr(i, "transposition", None) for i in _instruments(stream)):
        for part in getattr(stream, "parts", ()):
            _last_instruments(part)
        stream = stream.toSoundingPitch()
    marks = stream.recurse().getElementsByClass(["RepeatMark", "RepeatExpression"])
    if not any(True for _ in marks):
        return stream
    try:
        return stream.expandRepeats()
    except (exceptions21.Music21Exception, ValueError, AttributeError, IndexError):
        faults["repeat signs that do not add up, passed over"] += 1
        return stream


def _last_instruments(part: Any) -> None:
    """Of several pitched instruments at one place keep the last: the one whose transposition the bar states."""
    there: dict[float, Any] = {}
    for instrument in _instruments(part):
        if "UnpitchedPercussion" in instrument.classes:
            continue
        place = float(instrument.getOffsetInHierarchy(part))
        if place in there:
            there[place].activeSite.remove(there[place])
        there[place] = instrument


def _instruments(stream: Any) -> list[Any]:
    return list(stream.recurse().getElementsByClass("Instrument"))


def _map(entries: list[tuple[float, Any]], default: Any) -> list[tuple[float, Any]]:
    ordered = sorted(dict(entries).items())
    return ordered if ordered and ordered[0][0] <= 0 else [(0.0, default), *ordered]


def _meters(part: Any) -> list[tuple[float, Meter]]:
    """The meters of a part's bars, each bar as long as it is."""
    measures = list(part.getElementsByClass("Measure"))
    found: list[tuple[float, Meter]] = []
    current = Meter()
    for index, measure in enumerate(measures):
        for sign in measure.getElementsByClass("TimeSignature"):
            current = _meter(sign.numerator, sign.denominator) or current
        start = Fraction(measure.offset).limit_denominator(_MOST_TICKS)
        if index + 1 < len(measures):
            length = Fraction(measures[index + 1].offset).limit_denominator(_MOST_TICKS) - start
        else:
            length = Fraction(current.bar_quarters)
        actual = current if length == Fraction(current.bar_quarters) else _meter_of(length) or current
        if not found or found[-1][1] != actual:
            found.append((float(start), actual))
    if not measures:
        signs = part.flatten().getElementsByClass("TimeSignature")
        found = [(float(s.offset), m) for s in signs if (m := _meter(s.numerator, s.denominator))]
    return _map(found, Meter())


def _meter(numerator: int, denominator: int) -> Meter | None:
    return Meter(numerator, denominator) if 0 < numerator < 256 and denominator in (1, 2, 4, 8, 16, 32, 64) else None


def _meter_of(length: Fraction) -> Meter | None:
    """The meter of an irregular bar."""
    for denominator in (4, 8, 16, 32, 64):
        beats = length * denominator / 4
        if beats.denominator == 1 and 0 < beats < 256:
            return Meter(int(beats), denominator)
    return None


def _tracks(source: Any, number: int, score: Score, faults: Counter[str]) -> list[Track]:
    part = _Part(_name(source), number, _players(source))
    for place, element in _elements(source):
        _take(part, place, element, score, faults)
    _spanners(part, source, faults)
    tracks = list(part.tracks.values()) or [part.track(0.0)]
    tracks[0].lyrics, tracks[0].raw = sorted(part.lyrics, key=lambda e: e[0]), part.texts
    for track in tracks:
        track.dynamics = sorted(part.dynamics, key=lambda e: e[0])
        track.controls = sorted(part.controls, key=lambda c: c.time)
        track.notes.sort(key=lambda n: (n.start, n.pitch))
        play(track)
    return tracks


def _name(source: Any) -> str:
    return str(getattr(source, "partName", None) or "").strip()


def _players(source: Any) -> list[tuple[float, int, bool]]:
    """Where which program plays."""
    found = {0.0: (0, False)}
    for instrument in _instruments(source):
        drums = "UnpitchedPercussion" in instrument.classes or instrument.midiChannel == DRUM_CHANNEL
        place = float(instrument.getOffsetInHierarchy(source))
        if place not in found or not found[place][1]:
            found[place] = (min(127, max(0, instrument.midiProgram or 0)), drums)
    return [(place, *player) for place, player in sorted(found.items())]


def _elements(source: Any) -> Iterator[tuple[float, Any]]:
    """Every element of a part with its place in quarters, voices of bars included; notes carry ``voice`` if any."""
    containers = list(source.getElementsByClass("Measure")) or [source]
    for measure in containers:
        base = measure.offset if measure is not source else 0
        for element in measure:
            if "Voice" in element.classes:
                for inner in element:
                    yield float(base + element.offset + inner.offset), inner
            elif "Stream" not in element.classes:
                yield float(base + element.offset), element


def _take(part: _Part, place: float, element: Any, score: Score, faults: Counter[str]) -> None:
    kinds = element.classSet
    if "ChordSymbol" in kinds:
        part.texts.append(_text(place, element.figure))
    elif "NotRest" in kinds:
        _sound(part, place, element, faults)
    elif "Dynamic" in kinds:
        if element.value in LEVELS or element.value in ("sf", "sfz", "fp"):
            part.dynamics.append((place, element.value))
    elif "MetronomeMark" in kinds:
        bpm = element.getQuarterBPM()
        if bpm and 1 <= bpm <= 2000:
            score.tempi.append((place, float(bpm)))
    elif "KeySignature" in kinds:
        score.keys.append((place, _key(element)))
    elif "RehearsalMark" in kinds:
        score.markers.append((place, str(element.content)))
    elif "TextExpression" in kinds:
        part.texts.append(_text(place, element.content))
    elif not kinds & _SILENT:
        faults[f"signs of the kind {type(element).__name__}"] += 1


def _text(place: float, text: str) -> Raw:
    from tools.kit.score.midi_bytes import meta

    return Raw(place, meta(_TEXT, str(text).encode()))


def _key(signature: Any) -> Key:
    mode = getattr(signature, "mode", None) or "major"
    if hasattr(signature, "tonic") and mode in MODES:
        return Key(signature.tonic.pitchClass, mode)
    return Key((signature.sharps or 0) * 7 % 12, "major")


def _sound(part: _Part, place: float, element: Any, faults: Counter[str]) -> None:
    """A note, chord or drum stroke: new notes, or those it is tied to made longer."""
    length = float(element.quarterLength)
    marks = _marks(element, faults)
    voice = _voice(element)
    members = element.notes if "ChordBase" in element.classSet else (element,)
    for member in members:
        pitch, spelling = _pitch(member, element)
        if not 0 <= pitch <= 127:
            faults["notes beyond the pitches of MIDI"] += 1
            continue
        tie = member.tie or (element.tie if len(members) == 1 else None)
        open_note = _tied_from(part, pitch, place, voice) if tie and tie.type in ("stop", "continue") else None
        if open_note:
            open_note.duration = place + length - open_note.start
            open_note.marks = tuple(dict.fromkeys((*open_note.marks, *marks)))
            part.made.setdefault(id(element), []).append(open_note)
        else:
            own = ("grace", *marks) if length == 0 else marks
            volume = member.volume.velocity if member.hasVolumeInformation() else None
            volume = element.volume.velocity if volume is None and element.hasVolumeInformation() else volume
            note = Note(place, length or _GRACE, pitch, round(volume or 0), spelling, voice, own)
            part.track(place).notes.append(note)
            part.made.setdefault(id(element), []).append(note)
            open_note = note
        if tie and tie.type in ("start", "continue"):
            part.tied.setdefault(pitch, []).append(open_note)
    if element.lyrics:
        first = element.lyrics[0]
        going = "-" if first.syllabic in ("begin", "middle") else ""
        if first.text:
            part.lyrics.append((place, first.text + going))
        if len(element.lyrics) > 1:
            faults["syllables of further verses"] += len(element.lyrics) - 1


def _tied_from(part: _Part, pitch: int, place: float, voice: int) -> Note | None:
    """The note of a pitch that is tied to one at ``place``, if there is a choice of its voice; it waits no more."""
    waiting = part.tied.get(pitch, [])
    ending = [n for n in waiting if abs(n.end - place) < 1e-4]
    found = min(ending, key=lambda n: n.voice != voice, default=None)
    part.tied[pitch] = [n for n in waiting if n is not found]
    return found


def _pitch(member: Any, element: Any) -> tuple[int, str]:
    if "Unpitched" in member.classSet:
        player = member.storedInstrument or getattr(element, "storedInstrument", None)
        key = getattr(player, "percMapPitch", None)
        return (int(key) if key is not None else int(member.displayPitch().midi)), ""
    name = str(member.pitch.name).replace("-", "b")
    return int(member.pitch.midi), name if len(name) <= 3 and name[1:] in ("", "#", "b", "##", "bb") else ""


def _voice(element: Any) -> int:
    site = element.activeSite
    name = str(site.id) if site is not None and "Voice" in site.classes else ""
    return int(name) if name.isdigit() and 0 < int(name) < 9 else 0


def _marks(element: Any, faults: Counter[str]) -> tuple[str, ...]:
    found: list[str] = []
    for sign in (*element.articulations, *element.expressions):
        name = type(sign).__name__
        known = _ARTICULATIONS.get(name) or _EXPRESSIONS.get(name)
        if known:
            found.append(known)
        else:
            faults[f"signs of the kind {name}"] += 1
    return tuple(found)


def _spanners(part: _Part, source: Any, faults: Counter[str]) -> None:
    """Slurs and hairpins."""
    for spanner in source.recurse().getElementsByClass("Spanner"):
        elements = spanner.getSpannedElements()
        notes = [n for e in (elements[:1] + elements[-1:]) for n in part.made.get(id(e), ())[:1]]
        if len(notes) < 2 or notes[0] is notes[1]:
            continue
        if "Slur" in spanner.classes:
            notes[0].marks += ("slur-start",)
            notes[1].marks += ("slur-stop",)
        elif "DynamicWedge" in spanner.classes:
            kind = "crescendo" if "Crescendo" in spanner.classes else "diminuendo"
            part.dynamics += [(notes[0].start, kind), (notes[1].start, "stop")]
        elif "PedalMark" in spanner.classes:
            part.controls += [Control(notes[0].start, _PEDAL, 127), Control(notes[1].end, _PEDAL, 0)]
        else:
            faults[f"signs of the kind {type(spanner).__name__}"] += 1


def _resolution(score: Score) -> int:
    """Ticks a quarter in which every note begins and ends on one, 480 at least."""
    places = {x for t in score.tracks for n in t.notes for x in (n.start, n.end)}
    common = lcm(1, *{Fraction(x).limit_denominator(_MOST_TICKS).denominator for x in places})
    if common > _MOST_TICKS:
        return _MOST_TICKS
    return 480 if 480 % common == 0 else common * max(1, round(480 / common))
