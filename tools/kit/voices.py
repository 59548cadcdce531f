"""Voices inside a polyphonic track: lines that sound one note at a time.

At every onset the new notes are dealt to the voices that are free, in order of pitch and without crossing, so that
the leaps are smallest together (the local step of Chew and Wu 2004, "Separating voices in polyphonic music: a
contig mapping approach"). There are never more voices than the most notes that sound at once.
"""

from __future__ import annotations

from heapq import heappop, heappush
from itertools import groupby

from tools.kit.score import Note

MOST_VOICES = 8
_OVERLAP = 1 / 16  # quarters that notes of one voice may overlap, as in legato
_NEW_VOICE, _FORCED = 30.0, 1e6  # semitones of leap that a new voice costs, and one more than are needed at once


def voices_of(notes: list[Note]) -> list[list[Note]]:
    """Every note in exactly one voice, the highest voice first; at most :data:`MOST_VOICES`.

    What more voices would be needed for shares the nearest one.
    """
    voices: list[list[Note]] = []
    ordered = sorted(notes, key=lambda n: (round(n.start, 6), -n.pitch))
    needed = _at_once(ordered)
    for onset, group in groupby(ordered, key=lambda n: round(n.start, 6)):
        free = sorted((v for v in voices if v[-1].end <= onset + _OVERLAP), key=lambda v: -v[-1].pitch)
        chord = list(group)
        price = _NEW_VOICE if len(voices) + len(chord) <= needed else _FORCED
        for note, voice in zip(chord, _dealt(chord, free, price), strict=True):
            if voice is not None:
                free[voice].append(note)
            elif len(voices) < MOST_VOICES:
                voices.append([note])
            else:
                min(voices, key=lambda v: abs(v[-1].pitch - note.pitch)).append(note)
    return sorted(voices, key=lambda v: -sum(n.pitch for n in v) / len(v))


def _at_once(ordered: list[Note]) -> int:
    """The most notes that sound at once, overlaps as in legato not counted."""
    most = 0
    ends: list[float] = []
    for onset, group in groupby(ordered, key=lambda n: round(n.start, 6)):
        while ends and ends[0] <= onset + _OVERLAP:
            heappop(ends)
        for note in group:
            heappush(ends, note.end)
        most = max(most, len(ends))
    return most


def _dealt(chord: list[Note], free: list[list[Note]], price: float) -> list[int | None]:
    """For each note of a chord, from the top, the index of its voice, or None for a new one: least leaps in all."""
    best: list[list[tuple[float, tuple[int | None, ...]]]] = [[(0.0, ())] * (len(free) + 1)]
    for note in chord:
        above = best[-1]
        row = [(above[0][0] + price, (*above[0][1], None))]
        for index, voice in enumerate(free):
            leap = abs(voice[-1].pitch - note.pitch)
            taken = (above[index][0] + leap, (*above[index][1], index))
            fresh = (above[index + 1][0] + price, (*above[index + 1][1], None))
            row.append(min(taken, fresh, row[-1], key=lambda state: state[0]))
        best.append(row)
    return list(best[-1][-1][1])
