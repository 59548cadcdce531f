"""A piece on its way into the library: its score with true barlines, and what its source says of it."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from tools.errors import UserError
from tools.kit.score import Note, Score, Track, read_midi
from tools.kit.theory.meter import Meter
from tools.kit.theory.pitch import MODES, Key

if TYPE_CHECKING:
    from music21.stream import Score as Music21Score

_EPSILON = 1e-3
_MODE_UNSAID = (".mxl", ".musicxml", ".xml")  # notation programs write "major" under any signature


@dataclass
class Piece:
    """A score and the words of its source; barlines are the notation's own, pickups included."""

    score: Score
    bar_starts: list[float]
    meter: Meter
    title: str = ""
    composer: str = ""
    marked_key: Key | None = None
    marked_bpm: float | None = None
    tempo_words: str = ""
    genre: list[str] = field(default_factory=list)
    instruments: list[str] = field(default_factory=list)
    instruments_from: Literal["scored", "typical"] = "scored"


def read_piece(path: Path) -> Piece:
    """A piece from a MIDI file, or from MusicXML, ABC or kern through music21."""
    if path.suffix.lower() in (".mid", ".midi"):
        return piece_of_midi(read_midi(path), path.stem)
    from music21 import converter

    try:
        parsed = converter.parse(path, forceSource=True)
    except Exception as err:  # music21's readers raise errors of many unrelated types on malformed files
        msg = f"{path.name} cannot be read as notation ({err}); export it again as MusicXML or MIDI."
        raise UserError(msg) from err
    piece = piece_of_music21(first_score(parsed))
    return replace(piece, marked_key=None) if path.suffix.lower() in _MODE_UNSAID else piece


def piece_of_midi(score: Score, title: str = "") -> Piece:
    """A piece from a score read from MIDI: its maps are the marks."""
    from tools.kit.theory.instruments import instrument_of_program

    sounding = [t for t in score.tracks if t.notes]
    meter = _longest(score.meters, score.end)
    bpm = _longest(score.tempi, score.end) / meter.beat_quarters
    return Piece(
        score=score,
        bar_starts=score.bar_starts(),
        meter=meter,
        title=score.title or title,
        marked_key=score.keys[0][1] if score.keys else None,
        marked_bpm=bpm,
        instruments=list(dict.fromkeys(instrument_of_program(t.program, t.is_drum).name for t in sounding)),
    )


def first_score(parsed: Any) -> Music21Score:
    """The first score of what music21 parsed: an opus holds several, a part alone is made one."""
    from music21 import stream

    if isinstance(parsed, stream.Opus):
        parsed = parsed.scores[0]
    if isinstance(parsed, stream.Score) and parsed.parts:
        return parsed
    whole = stream.Score()
    whole.insert(0, parsed)
    whole.metadata = parsed.metadata
    return whole


def piece_of_music21(source: Music21Score) -> Piece:
    """A piece from a music21 score; chord symbols and grace notes are not sounded."""
    from music21 import meter as m21meter

    signature = next(iter(source.recurse().getElementsByClass(m21meter.TimeSignature)), None)
    meter = Meter(signature.numerator, signature.denominator) if signature else Meter()
    metadata = source.metadata
    return Piece(
        score=Score(tracks=[_track(part) for part in source.parts], meters=[(0.0, meter)]),
        bar_starts=_bar_starts(source.parts[0]),
        meter=meter,
        title=(metadata.title or metadata.movementName or "") if metadata else "",
        composer=(metadata.composer or "") if metadata else "",
        marked_key=_marked_key(source),
        marked_bpm=_marked_bpm(source, meter),
        tempo_words=_tempo_words(source),
    )


def _track(part: Any) -> Track:
    from music21 import harmony

    instrument = part.getInstrument(returnDefault=True)
    notes = [
        Note(float(element.offset), float(element.quarterLength), pitch.midi, 80)
        for element in part.flatten().stripTies().notes
        if not isinstance(element, harmony.Harmony) and element.quarterLength > 0
        for pitch in element.pitches
    ]
    return Track(name=str(part.partName or ""), program=instrument.midiProgram or 0, notes=notes)


def _bar_starts(part: Any) -> list[float]:
    """Barlines in quarters; a bar split by a repeat or a double bar counts once, a pickup starts before bar 1."""
    starts: list[float] = []
    missing = 0.0
    for number, measure in enumerate(part.getElementsByClass("Measure")):
        full = measure.barDuration.quarterLength
        length = measure.highestTime
        if missing > _EPSILON and length <= missing + _EPSILON:
            missing -= length
            continue
        starts.append(float(measure.offset))
        is_pickup = number == 0 and length < full - _EPSILON
        missing = 0.0 if is_pickup else max(0.0, float(full - length))
    if len(starts) > 1 and part.getElementsByClass("Measure")[0].highestTime < _usual_gap(starts) - _EPSILON:
        starts.pop(0)
    return starts


def _usual_gap(starts: list[float]) -> float:
    """The commonest distance between neighbouring barlines, in quarters (0 when there are fewer than two)."""
    gaps: Counter[float] = Counter(round(b - a, 3) for a, b in pairwise(starts))
    return gaps.most_common(1)[0][0] if gaps else 0.0


def _marked_key(source: Music21Score) -> Key | None:
    """The key a source names with its mode; a bare key signature names none."""
    from music21 import key as m21key

    for found in source.recurse().getElementsByClass(m21key.Key):
        mode = {"ionian": "major", "aeolian": "minor"}.get(found.mode, found.mode)
        if mode in MODES:
            return Key(found.tonic.pitchClass, mode)
    return None


def _marked_bpm(source: Music21Score, meter: Meter) -> float | None:
    from music21 import tempo

    for mark in source.recurse().getElementsByClass(tempo.MetronomeMark):
        if mark.number is not None and not mark.numberImplicit:
            return float(mark.getQuarterBPM()) / meter.beat_quarters
    return None


def _tempo_words(source: Music21Score) -> str:
    from music21 import tempo

    return " ".join(str(m.text) for m in source.recurse().getElementsByClass(tempo.MetronomeMark) if m.text)


def _longest(changes: list[tuple[float, Any]], end: float) -> Any:
    """The value of a map that holds for the greatest part of the piece."""
    held: defaultdict[Any, float] = defaultdict(float)
    for index, (start, value) in enumerate(changes):
        stop = changes[index + 1][0] if index + 1 < len(changes) else max(end, start)
        held[value] += max(stop - start, 0)
    return max(held, key=lambda value: held[value])
