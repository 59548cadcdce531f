"""What every symbolic metric of one piece reads: its notes as arrays, on a grid and in seconds.

The grid is MusPy's: a time of ``t`` ticks is step ``round(t * resolution / ticks per quarter)``, halves to the even
step, as ``muspy.read_midi(path).adjust_resolution(resolution)`` has it but for :data:`NOTE_OFF_FIRST`. A note sounds
from its start up to, but not including, its end step; the piece lasts to the last note's end or controller change.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tools.errors import UserError
from tools.kit.score import Score, read_midi
from tools.kit.score.note_table import NoteTable, read_table, table_of

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
DEFAULT_RESOLUTION = 4
MAX_RESOLUTION = 10_080
NOTE_OFF_FIRST = (
    "a note whose note-off stands before its note-on in one tick, as music21 writes a grace note, lasts a tick here; "
    "MusPy holds the last such note of a pitch to the end of its track"
)


class Undefined(Exception):
    """The metric has no value for this piece; the message says why."""


@dataclass(frozen=True, eq=False)
class Piece:
    """Notes as parallel arrays ``[n]``, sorted by start, then pitch, then end.

    Attributes
    ----------
    resolution
        Grid steps a quarter note.
    start, end
        Grid steps.
    start_tick, end_tick
        Ticks of the file.
    pitch, velocity
        MIDI numbers.
    track
        Number of the track each note is on, in the order of the tracks.
    is_drum
        Whether the note is one of a drum kit.
    length
        End of the last note or controller change in grid steps.
    table
        Where it was read from: meters, tempi, keys and ticks a quarter.
    load
        Gives the score it was read from, for the metrics that need more than notes.
    memory
        What several metrics share and one of them has computed.
    """

    resolution: int
    start: Ints
    end: Ints
    start_tick: Ints
    end_tick: Ints
    pitch: Ints
    velocity: Ints
    track: Ints
    is_drum: Flags
    length: int
    table: NoteTable
    load: Callable[[], Score]
    memory: dict[str, Any] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.pitch)

    @cached_property
    def score(self) -> Score:
        """The score with all that is not in the arrays; read when first asked for."""
        return self.load()

    @cached_property
    def pitched(self) -> Ints:
        """Pitches of all notes but the drums', ``[p]``."""
        return self.pitch[~self.is_drum]

    @cached_property
    def pitch_counts(self) -> Ints:
        """Number of notes of each pitch, drums left out, ``[132]``: eleven whole octaves."""
        return np.asarray(np.bincount(self.pitched, minlength=132))

    @cached_property
    def class_counts(self) -> Ints:
        """Number of notes of each pitch class, drums left out, ``[12]``."""
        return np.asarray(self.pitch_counts.reshape(11, 12).sum(axis=0))

    @cached_property
    def measure(self) -> int:
        """Grid steps of a bar of the first meter; ``Undefined`` when its barlines fall between steps."""
        steps = self.resolution * self.table.meters[0][1].bar_quarters
        if steps != int(steps):
            meter = self.table.meters[0][1]
            raise Undefined(f"a bar of {meter.numerator}/{meter.denominator} is no whole number of grid steps")
        return int(steps)

    @cached_property
    def barlines(self) -> Ints:
        """Grid steps at which bars begin, meter changes followed, and the end of the last bar, ``[bars + 1]``."""
        if not len(self):
            return np.zeros(1, dtype=np.int64)
        until = max(int(self.end.max()), int(self.start.max()) + 0.51)
        starts = self.table.bar_starts(until / self.resolution)
        closing = [m for at, m in self.table.meters if at <= starts[-1] + 1e-6][-1]
        edges = np.array([*starts, starts[-1] + closing.bar_quarters])
        return np.asarray(np.rint(edges * self.resolution).astype(np.int64))

    @property
    def n_bars(self) -> int:
        """How many bars there are, up to the one in which the last note ends."""
        return len(self.barlines) - 1

    @cached_property
    def bar(self) -> Ints:
        """Index of the bar in which each note starts, ``[n]``."""
        return np.asarray(np.searchsorted(self.barlines, self.start, side="right") - 1)

    @cached_property
    def concurrency(self) -> Ints:
        """Number of different pitches on at each grid step, drums left out, ``[length]``.

        Counted by the starts and ends of each pitch's sounding stretches, overlapping notes joined: every pitch has
        a lane of its own on one long axis.
        """
        heard, size = ~self.is_drum, self.length + 1
        order = np.flatnonzero(heard)[np.argsort(self.pitch[heard].astype(np.uint8), kind="stable")]
        if not len(order):
            return np.zeros(self.length, dtype=np.int64)
        lane = self.pitch[order] * size
        start, end = lane + self.start[order], lane + self.end[order]
        reach = np.maximum.accumulate(end)
        first = np.flatnonzero(np.concatenate([[True], start[1:] > reach[:-1]]))
        last = np.concatenate([first[1:] - 1, [len(start) - 1]])
        changes = np.bincount(start[first] % size, minlength=size) - np.bincount(reach[last] % size, minlength=size)
        return np.asarray(np.cumsum(changes)[:-1])

    @cached_property
    def touched(self) -> Flags:
        """Whether any note, drums included, touches each grid step, its end step included, ``[length + 1]``."""
        size = self.length + 2
        changes = np.bincount(self.start, minlength=size) - np.bincount(self.end + 1, minlength=size)
        return np.asarray(np.cumsum(changes)[:-1] > 0)

    @cached_property
    def start_s(self) -> Floats:
        """Starts in seconds, ``[n]``."""
        return self.seconds(self.start_tick)

    @cached_property
    def end_s(self) -> Floats:
        """Ends in seconds, ``[n]``."""
        return self.seconds(self.end_tick)

    def seconds(self, ticks: Ints) -> Floats:
        """Seconds from the start, ``[k]``, computed tick by tick as pretty_midi does."""
        unit = self.table.ticks_per_quarter
        tempi = self.table.tempi
        changes = [t for i, t in enumerate(tempi) if not i or t[1] != tempi[i - 1][1]]
        knots = np.rint(np.array([at for at, _ in changes]) * unit).astype(np.int64)
        scales = np.array([60.0 / (bpm * unit) for _, bpm in changes])
        reached = np.zeros(len(knots))
        for index in range(1, len(knots)):
            reached[index] = reached[index - 1] + scales[index - 1] * (knots[index] - knots[index - 1])
        which = np.searchsorted(knots, ticks, side="right") - 1
        return np.asarray(reached[which] + scales[which] * (ticks - knots[which]))


def read_piece(source: Score | NoteTable | Path, resolution: int = DEFAULT_RESOLUTION) -> Piece:
    """The arrays of a score, of its notes or of a MIDI file at a resolution of grid steps a quarter.

    A file is read straight into arrays, many times as fast as by way of its score. Notes alone have no chords.

    Raises
    ------
    UserError
        When it cannot be read or measured.
    """
    if isinstance(source, Path):
        return _on_grid(read_table(source), partial(read_midi, source), resolution)
    if isinstance(source, NoteTable):
        return _on_grid(source, _no_score, resolution)
    return _on_grid(table_of(source), lambda: source, resolution)


def _no_score() -> Score:
    raise Undefined("only the notes are given, and not the score they are of")


def _on_grid(table: NoteTable, load: Callable[[], Score], resolution: int) -> Piece:
    validate(table, resolution)
    order = _order(table)
    start, end, pitch = table.start[order], table.end[order], table.pitch[order]
    scale = resolution / table.ticks_per_quarter
    first, last = (np.rint(ticks * scale).astype(np.int64) for ticks in (start, end))
    return Piece(
        resolution=resolution,
        start=first,
        end=last,
        start_tick=start,
        end_tick=end,
        pitch=pitch,
        velocity=table.velocity[order],
        track=table.track[order],
        is_drum=table.is_drum[order],
        length=max(int(last.max(initial=0)), round(table.last_control * scale)),
        table=table,
        load=load,
    )


def _order(table: NoteTable) -> Ints:
    """Order of the notes by start, then pitch, then end, as they stand where all three are alike."""
    length = table.end - table.start
    longest, latest = int(length.max(initial=0)) + 1, int(table.start.max(initial=0)) + 1
    if latest * 128 * longest >= 1 << 63:
        return np.lexsort((length, table.start * 128 + table.pitch))
    return np.argsort((table.start * 128 + table.pitch) * longest + length, kind="stable")


def validate(table: NoteTable, resolution: int) -> None:
    """Refuse what no metric is defined on: a grid without steps, a piece without meter, tempo or ticks."""
    if not 1 <= resolution <= MAX_RESOLUTION:
        raise UserError(f"A resolution of {resolution} steps a beat is not possible; give 1 to {MAX_RESOLUTION}.")
    if not table.meters or not table.tempi or table.ticks_per_quarter < 1:
        raise UserError("The score has no meter, no tempo or no ticks; read it from a file or give it all three.")
