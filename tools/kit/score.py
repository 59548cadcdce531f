"""One score model: notes on tracks with tempo, meter and key maps. Times are in quarter notes.

MIDI goes in and out through symusic (MIT), which reads what mido and pretty_midi reject and is some
hundred times faster; :func:`read_midi` turns its failures into a ``UserError`` that says what to do.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from tools.errors import UserError
from tools.kit.theory.meter import Meter
from tools.kit.theory.pitch import Key

T = TypeVar("T")
TICKS_PER_QUARTER = 480
DRUM_CHANNEL = 9


@dataclass
class Note:
    """A note: start and duration in quarters, MIDI pitch 0 to 127, velocity 1 to 127."""

    start: float
    duration: float
    pitch: int
    velocity: int

    @property
    def end(self) -> float:
        """Where it stops, in quarters."""
        return self.start + self.duration


@dataclass
class Control:
    """A controller change: MIDI controller number 0 to 127 and value 0 to 127 at a quarter."""

    time: float
    number: int
    value: int


@dataclass
class Bend:
    """A pitch bend of -8192 to 8191 at a quarter."""

    time: float
    value: int


@dataclass
class Track:
    """One instrument's notes; ``program`` is General MIDI 0 to 127 (the kit's number when ``is_drum``)."""

    name: str
    program: int = 0
    is_drum: bool = False
    notes: list[Note] = field(default_factory=list)
    controls: list[Control] = field(default_factory=list)
    bends: list[Bend] = field(default_factory=list)

    @property
    def end(self) -> float:
        """End of the last note in quarters; 0 when empty."""
        return max((n.end for n in self.notes), default=0.0)


@dataclass
class Score:
    """Tracks over one map of tempi (quarters per minute), meters and keys; each map starts at 0.

    ``ticks_per_quarter`` is the resolution of the file it came from, so that what is not edited is written
    back to the tick.
    """

    tracks: list[Track] = field(default_factory=list)
    tempi: list[tuple[float, float]] = field(default_factory=lambda: [(0.0, 120.0)])
    meters: list[tuple[float, Meter]] = field(default_factory=lambda: [(0.0, Meter(4, 4))])
    keys: list[tuple[float, Key]] = field(default_factory=list)
    markers: list[tuple[float, str]] = field(default_factory=list)
    title: str = ""
    ticks_per_quarter: int = TICKS_PER_QUARTER

    @property
    def end(self) -> float:
        """End of the last note in quarters."""
        return max((t.end for t in self.tracks), default=0.0)

    def seconds(self, quarter: float) -> float:
        """Seconds from the start to a place in quarters."""
        total = 0.0
        for index, (start, bpm) in enumerate(self.tempi):
            stop = self.tempi[index + 1][0] if index + 1 < len(self.tempi) else float("inf")
            if quarter <= start:
                break
            total += (min(quarter, stop) - start) * 60.0 / bpm
        return total

    def quarters(self, second: float) -> float:
        """Place in quarters of a moment in seconds; the inverse of :meth:`seconds`."""
        elapsed = 0.0
        for index, (start, bpm) in enumerate(self.tempi):
            stop = self.tempi[index + 1][0] if index + 1 < len(self.tempi) else float("inf")
            span = (stop - start) * 60.0 / bpm
            if second <= elapsed + span:
                return start + (second - elapsed) * bpm / 60.0
            elapsed += span
        return self.tempi[-1][0]

    def bar_starts(self, until: float | None = None) -> list[float]:
        """Starts of the bars in quarters, up to ``until`` (default: the end of the last note)."""
        limit = self.end if until is None else until
        starts: list[float] = []
        for index, (start, meter) in enumerate(self.meters):
            stop = self.meters[index + 1][0] if index + 1 < len(self.meters) else max(limit, start)
            at = start
            while at < stop - 1e-6:
                starts.append(at)
                at += meter.bar_quarters
        return starts


def read_midi(path: Path) -> Score:
    """The score in a MIDI file; ``UserError`` names the file, the fault and the mend."""
    import symusic

    _check_header(path)
    try:
        raw: Any = symusic.Score(path)
    except Exception as err:  # symusic raises bare RuntimeError and ValueError on malformed bytes
        msg = f"{path.name} cannot be read as MIDI: its bytes are damaged or cut off"
        raise UserError(f"{msg}; export it again as a standard MIDI file.") from err
    unit = raw.ticks_per_quarter
    tracks = [
        Track(
            name=t.name,
            program=t.program,
            is_drum=t.is_drum,
            notes=[Note(n.time / unit, n.duration / unit, n.pitch, n.velocity) for n in t.notes],
            controls=[Control(c.time / unit, c.number, c.value) for c in t.controls],
            bends=[Bend(b.time / unit, b.value) for b in t.pitch_bends],
        )
        for t in raw.tracks
    ]
    return Score(
        tracks=tracks,
        tempi=_from_zero([(t.time / unit, t.qpm) for t in raw.tempos], 120.0),
        meters=_from_zero([(m.time / unit, Meter(m.numerator, m.denominator)) for m in raw.time_signatures], Meter()),
        keys=[(k.time / unit, _key(k.key, k.tonality)) for k in raw.key_signatures],
        markers=[(m.time / unit, m.text) for m in raw.markers],
        ticks_per_quarter=unit,
    )


def _check_header(path: Path) -> None:
    """Refuse by its header what has no bars (SMPTE time) or no one order of its tracks (type 2)."""
    with path.open("rb") as stream:
        head = stream.read(14)
    if len(head) < 14 or head[:4] != b"MThd":
        raise UserError(f"{path.name} is no whole MIDI file: its header is cut off; export it again.")
    if head[9] == 2:
        raise UserError(f"{path.name} is a type 2 MIDI file, a bundle of separate sequences; export it as type 1.")
    if head[12] >= 0x80:
        raise UserError(f"{path.name} uses SMPTE time, which has no bars; export it with ticks per quarter note.")
    if head[12:14] == b"\0\0":
        raise UserError(f"{path.name} states no ticks per quarter note; export it again as a standard MIDI file.")


def write_midi(score: Score, path: Path) -> None:
    """Write a type 1 MIDI file; the same score gives the same bytes."""
    import symusic

    def ticks(quarters: float) -> int:
        return round(quarters * score.ticks_per_quarter)

    raw: Any = symusic.Score(score.ticks_per_quarter)
    for time, bpm in score.tempi:
        raw.tempos.append(symusic.Tempo(ticks(time), bpm))
    for time, meter in score.meters:
        raw.time_signatures.append(symusic.TimeSignature(ticks(time), meter.numerator, meter.denominator))
    for time, key in score.keys:
        raw.key_signatures.append(symusic.KeySignature(ticks(time), _fifths(key), int(key.is_minor)))
    for time, text in score.markers:
        raw.markers.append(symusic.TextMeta(ticks(time), text))
    for track in score.tracks:
        out: Any = symusic.Track(track.name, track.program, track.is_drum)
        for note in sorted(track.notes, key=lambda n: (n.start, n.pitch)):
            start = ticks(note.start)
            length = max(1, ticks(note.end) - start)
            out.notes.append(symusic.Note(start, length, note.pitch, max(1, min(127, note.velocity))))
        for control in track.controls:
            out.controls.append(symusic.ControlChange(ticks(control.time), control.number, control.value))
        for bend in track.bends:
            out.pitch_bends.append(symusic.PitchBend(ticks(bend.time), bend.value))
        raw.tracks.append(out)
    raw.dump_midi(path)


def _from_zero(changes: list[tuple[float, T]], default: T) -> list[tuple[float, T]]:
    """A map that starts at 0."""
    if not changes or changes[0][0] > 0:
        return [(0.0, default), *changes]
    return changes


def _fifths(key: Key) -> int:
    """Sharps (positive) or flats (negative) of the key signature, -5 to 6."""
    fifths = (key.relative_major_tonic() * 7) % 12
    return fifths if fifths <= 6 else fifths - 12


def _key(fifths: int, tonality: int) -> Key:
    tonic = (fifths * 7) % 12
    return Key((tonic + 9) % 12, "minor") if tonality else Key(tonic, "major")
