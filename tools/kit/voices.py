"""Voices inside a polyphonic track: lines that sound one note at a time.

At every onset the new notes are dealt to the voices that are free, in order of pitch and without crossing, so that
the leaps are smallest together (the local step of Chew and Wu 2004, "Separating voices in polyphonic music: a
contig mapping approach").
"""

from __future__ import annotations

from itertools import groupby

from tools.kit.score import Note

MOST_VOICES = 8
_OVERLAP = 1 / 16  # quarters that notes of one voice may overlap, as in legato
_NEW_VOICE = 30.0  # semitones of leap that a new voice costs


def voices_of(notes: list[Note]) -> list[list[Note]]:
    """Every note in exactly one voice, the highest voice first; at most :data:`MOST_VOICES`.

    What more voices would be needed for shares the nearest one.
    """
    voices: list[list[Note]] = []
    ordered = sorted(notes, key=lambda n: (round(n.start, 6), -n.pitch))
    for onset, group in groupby(ordered, key=lambda n: round(n.start, 6)):
        free = sorted((v for v in voices if v[-1].end <= onset + _OVERLAP), key=lambda v: -v[-1].pitch)
        chord = list(group)
        for note, voice in zip(chord, _dealt(chord, free), strict=True):
            if voice is not None:
                free[voice].append(note)
            elif len(voices) < MOST_VOICES:
                voices.append([note])
            else:
                min(voices, key=lambda v: abs(v[-1].pitch - note.pitch)).append(note)
    return sorted(voices, key=lambda v: -sum(n.pitch for n in v) / len(v))


def _dealt(chord: list[Note], free: list[list[Note]]) -> list[int | None]:
    """For each note of a chord, from the top, the index of its voice, or None for a new one: least leaps in all."""
    best: list[list[tuple[float, tuple[int | None, ...]]]] = [[(0.0, ())] * (len(free) + 1)]
    for note in chord:
        above = best[-1]
        row = [(above[0][0] + _NEW_VOICE, (*above[0][1], None))]
        for index, voice in enumerate(free):
            leap = abs(voice[-1].pitch - note.pitch)
            taken = (above[index][0] + leap, (*above[index][1], index))
            fresh = (above[index + 1][0] + _NEW_VOICE, (*above[index + 1][1], None))
            row.append(min(taken, fresh, row[-1], key=lambda state: state[0]))
        best.append(row)
    return list(best[-1][-1][1])
