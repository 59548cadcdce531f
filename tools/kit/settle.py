"""Edited notes made safe to write: inside MIDI's bounds, and never changing a neighbour's length.

MIDI cannot say which of two sounding notes of one pitch a note-off ends: readers end the older one first. So in
every pitch of a track the notes must end in the order in which they start. :func:`settled` sees to that by moving
only the ends of edited notes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

from tools.kit.score import Note, Track

SHORTEST = 1 / 960  # quarters; under the tick of any common file


def folded(pitch: int, low: int = 0, high: int = 127) -> int:
    """A pitch moved by the fewest octaves into ``[low, high]``; the nearest above ``low`` when none fits."""
    while pitch > high and pitch - 12 >= low:
        pitch -= 12
    while pitch < low:
        pitch += 12
    return pitch


def settled(track: Track, edited: Collection[int]) -> None:
    """Mend the ends of the edited notes (ids by :func:`id`) of a track, in place."""
    by_pitch: dict[int, list[Note]] = defaultdict(list)
    for note in track.notes:
        by_pitch[note.pitch].append(note)
    for notes in by_pitch.values():
        if len(notes) > 1 and any(id(n) in edited for n in notes):
            _settle_pitch(sorted(notes, key=lambda n: (n.start, n.end)), edited)


def _settle_pitch(notes: list[Note], edited: Collection[int]) -> None:
    ceiling = float("inf")
    ceilings: list[float] = []
    for note in reversed(notes):
        if id(note) not in edited:
            ceiling = min(ceiling, note.end)
        ceilings.append(ceiling)
    floor = 0.0
    kept_at = {n.start: n.end for n in notes if id(n) not in edited}
    for note, limit in zip(notes, reversed(ceilings), strict=True):
        if id(note) in edited:
            end = kept_at.get(note.start, min(max(note.end, floor), limit))
            note.duration = max(end - note.start, SHORTEST)
        floor = max(floor, note.end)
