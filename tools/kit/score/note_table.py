"""The notes of a piece as arrays, for what only measures: from a score, or from a MIDI file without a score between.

The bytes of a file are read by :mod:`tools.kit.score.midi_scan` where it can; what it passes over (damage, notes
without an end, program changes inside a part) goes by :func:`read_midi`, so that both ways give the same table.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tools.errors import UserError
from tools.kit.score.midi import MOST_BARS, Maps, from_zero, read_midi
from tools.kit.score.midi_scan import scan
from tools.kit.score.model import Score
from tools.kit.theory.meter import Meter
from tools.kit.theory.pitch import Key

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class NoteTable:
    """Notes as parallel arrays ``[n]``, track after track, and the maps of the piece.

    Attributes
    ----------
    ticks_per_quarter
        Unit of all ticks.
    start, end
        Ticks.
    pitch, velocity
        MIDI numbers, 0 to 127.
    track
        Number of the track each note is on, in the order of the tracks; tracks without notes may have none.
    is_drum
        Whether the note is one of a drum kit.
    last_control
        Tick of the last controller change; 0 when there is none.
    tempi, meters, keys
        As in :class:`Score`: times in quarters.
    """

    ticks_per_quarter: int
    start: Ints
    end: Ints
    pitch: Ints
    velocity: Ints
    track: Ints
    is_drum: Flags
    last_control: int
    tempi: list[tuple[float, float]]
    meters: list[tuple[float, Meter]]
    keys: list[tuple[float, Key]]

    def __len__(self) -> int:
        return len(self.pitch)

    def bar_starts(self, until: float) -> list[float]:
        """Starts of the bars in quarters, up to ``until``."""
        return Score(meters=self.meters).bar_starts(until)


def table_of(score: Score) -> NoteTable:
    """The notes of a score; ``UserError`` when times or numbers are none that music has."""
    unit = score.ticks_per_quarter
    notes = list(chain.from_iterable(track.notes for track in score.tracks))
    sizes = [len(track.notes) for track in score.tracks]
    begin = np.fromiter([n.start for n in notes], np.float64, len(notes))
    duration = np.fromiter([n.duration for n in notes], np.float64, len(notes))
    if not ((begin >= 0).all() and (duration >= 0).all() and np.isfinite(begin + duration).all()):
        raise UserError("A note starts before 0, ends before it starts or has no time; mend the score and try again.")
    controls = chain.from_iterable((c.time for c in track.controls) for track in score.tracks)
    return NoteTable(
        unit,
        start=np.rint(begin * unit).astype(np.int64),
        end=np.rint((begin + duration) * unit).astype(np.int64),
        pitch=_midi_numbers([n.pitch for n in notes], "pitch"),
        velocity=_midi_numbers([n.velocity for n in notes], "velocity"),
        track=np.repeat(np.arange(len(sizes)), sizes),
        is_drum=np.repeat(np.array([track.is_drum for track in score.tracks], dtype=np.bool_), sizes),
        last_control=round(max(controls, default=0.0) * unit),
        tempi=score.tempi,
        meters=score.meters,
        keys=score.keys,
    )


def read_table(path: Path) -> NoteTable:
    """The notes of a MIDI file, many times as fast as by its score; ``UserError`` as :func:`read_midi` has it."""
    found = scan(path.read_bytes())
    if found is None:
        return table_of(read_midi(path))
    maps = Maps(found.ticks_per_quarter)
    for events in found.meta:
        maps.take(events)
    meters = from_zero(maps.meters, Meter())
    last = found.end.max(initial=0) / found.ticks_per_quarter
    if last / min(m.bar_quarters for _, m in meters) > MOST_BARS:
        return table_of(read_midi(path))
    return NoteTable(
        found.ticks_per_quarter,
        start=found.start,
        end=found.end,
        pitch=found.pitch,
        velocity=found.velocity,
        track=found.track,
        is_drum=found.is_drum,
        last_control=found.last_control,
        tempi=from_zero(maps.tempi, 120.0),
        meters=meters,
        keys=maps.keys,
    )


def _midi_numbers(values: list[int], what: str) -> Ints:
    """Numbers of 0 to 127 as an array, ``[n]``; ``UserError`` for any other."""
    wrong = f"The score has a {what} outside 0 to 127; mend it and try again."
    try:
        found = np.frombuffer(bytes(values), dtype=np.uint8)
    except (ValueError, TypeError) as err:
        raise UserError(wrong) from err
    if (found > 127).any():
        raise UserError(wrong)
    return found.astype(np.int64)
