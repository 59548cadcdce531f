"""One score model: notes on tracks with tempo, meter and key maps. Times are in quarter notes.

It holds all that a MIDI file holds and what notation says beside it: spelling, voices, articulations and dynamics.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from tools.kit.theory.meter import Meter
from tools.kit.theory.pitch import Key

TICKS_PER_QUARTER = 480
DRUM_CHANNEL = 9
PROGRAM_CHANGE = 0xC0


@dataclass(slots=True)
class Note:
    """A note: start and duration in quarters, MIDI pitch 0 to 127, velocity 1 to 127.

    What only notation tells: ``spelling`` is its name as ``"F#"`` or ``"Bb"``; ``voice`` its number in its bar from
    1 (0 is unsaid); ``marks`` are articulations and ornaments by their MusicXML names (``"staccato"``).
    """

    start: float
    duration: float
    pitch: int
    velocity: int
    spelling: str = ""
    voice: int = 0
    marks: tuple[str, ...] = ()

    @property
    def end(self) -> float:
        """Where it stops, in quarters."""
        return self.start + self.duration

    def copied(self) -> Note:
        """Another note that is the same; several times as fast as :func:`dataclasses.replace`."""
        return Note(self.start, self.duration, self.pitch, self.velocity, self.spelling, self.voice, self.marks)


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
class Raw:
    """An event kept as its bytes: text, system exclusive, aftertouch or program change (status without its channel)."""

    time: float
    data: bytes


@dataclass
class Track:
    """One instrument's notes; ``program`` is General MIDI 0 to 127 (the kit's number when ``is_drum``).

    ``channel`` (0 to 15) and ``origin``, the number of the file track, say where it came from and goes back to;
    tracks of one origin and channel are one part whose program changes, and hold the same controllers. ``lyrics``
    are syllables by time, one that the next belongs to ends in a hyphen; ``dynamics`` are marks such as ``"mf"``.
    """

    name: str
    program: int = 0
    is_drum: bool = False
    notes: list[Note] = field(default_factory=list)
    controls: list[Control] = field(default_factory=list)
    bends: list[Bend] = field(default_factory=list)
    channel: int | None = None
    origin: int | None = field(default=None, compare=False)
    lyrics: list[tuple[float, str]] = field(default_factory=list)
    dynamics: list[tuple[float, str]] = field(default_factory=list)
    raw: list[Raw] = field(default_factory=list)

    @property
    def end(self) -> float:
        """End of the last note in quarters; 0 when empty."""
        return max((n.end for n in self.notes), default=0.0)

    @property
    def program_changes(self) -> list[tuple[float, int]]:
        """The program changes that its file has for it, by time; a note's own program is that of its track."""
        return [(r.time, r.data[1]) for r in self.raw if r.data[0] == PROGRAM_CHANGE]

    def copied(self) -> Track:
        """A track to edit; its notes keep their order."""
        return replace(
            self,
            notes=[n.copied() for n in self.notes],
            controls=list(self.controls),
            bends=list(self.bends),
            lyrics=list(self.lyrics),
            dynamics=list(self.dynamics),
            raw=list(self.raw),
        )


@dataclass
class Score:
    """Tracks over one map of tempi (quarters per minute), meters and keys; each map starts at 0.

    ``ticks_per_quarter`` is the resolution of the file it came from, so that what is not edited is written
    back to the tick. ``faults`` say what of that file was mended or could not be kept.
    """

    tracks: list[Track] = field(default_factory=list)
    tempi: list[tuple[float, float]] = field(default_factory=lambda: [(0.0, 120.0)])
    meters: list[tuple[float, Meter]] = field(default_factory=lambda: [(0.0, Meter(4, 4))])
    keys: list[tuple[float, Key]] = field(default_factory=list)
    markers: list[tuple[float, str]] = field(default_factory=list)
    title: str = ""
    ticks_per_quarter: int = TICKS_PER_QUARTER
    raw: list[Raw] = field(default_factory=list)
    faults: tuple[str, ...] = field(default=(), compare=False)

    @property
    def end(self) -> float:
        """End of the last note in quarters."""
        return max((t.end for t in self.tracks), default=0.0)

    def copied(self) -> Score:
        """A score to edit; tracks and notes keep their order, so that a region of it can be picked anew."""
        return replace(
            self,
            tracks=[t.copied() for t in self.tracks],
            tempi=list(self.tempi),
            meters=list(self.meters),
            keys=list(self.keys),
            markers=list(self.markers),
            raw=list(self.raw),
        )

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
