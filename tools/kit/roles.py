"""Hands and roles inside a score: left and right hand, melody, bass line, inner voices.

Hands of a single keyboard track are told note by note: at every onset the chord is cut once, and the sequence
of cuts is the one in which neither hand stretches or leaps more than it must (a beam search, as in the fingering
and staff-separation literature, e.g. Nakamura, Ono and Sagayama 2014, "Merged-output HMM for piano fingering").
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Literal

from tools.errors import UserError
from tools.kit.score import Note, Score, Track
from tools.kit.theory.instruments import instrument_of_program, is_a

Hand = Literal["left", "right"]
Picked = dict[int, frozenset[int] | None]
ROLES = ("melody", "top line", "bass line", "accompaniment", "chord track", "inner voices")

_NAMED = {
    "left": re.compile(r"\b(left|lh|l\.h\.|bass clef|lower)\b", re.IGNORECASE),
    "right": re.compile(r"\b(right|rh|r\.h\.|treble clef|upper)\b", re.IGNORECASE),
}
_LEADS = re.compile(r"\b(melody|lead|vocals?|voice|soprano|topline|solo)\b", re.IGNORECASE)
_SPAN = 14  # semitones a hand reaches with ease
_CENTRES = (48.0, 67.0)  # where the hands rest before the first note
_BEAM = 12
_BRIEF = 0.25  # quarters that a grace note lasts at the most
_TOGETHER = 0.06  # quarters: onsets so close are one chord


def hand_of(score: Score, hand: Hand) -> Picked:
    """The notes a hand plays: a track named for it, one of two keyboard tracks, or a part of the only one.

    ``UserError`` when the score has no keyboard part.
    """
    named: Picked = {i: None for i, t in enumerate(score.tracks) if not t.is_drum and _NAMED[hand].search(t.name)}
    if named:
        return named
    keys = [i for i, t in enumerate(score.tracks) if t.notes and _is_keyboard(t)]
    if not keys:
        raise UserError(f"The score has no keyboard part, so no {hand} hand; name one of its tracks.")
    if len(keys) == 2:
        low, high = sorted(keys, key=lambda i: _mean_pitch(score.tracks[i]))
        return {low if hand == "left" else high: None}
    found: Picked = {}
    for index in keys:
        left = left_hand(score.tracks[index].notes)
        notes = (n for n in score.tracks[index].notes if (id(n) in left) == (hand == "left"))
        found[index] = frozenset(map(id, notes))
    return found


def of_role(score: Score, role: str) -> Picked:
    """The notes of a role of :data:`ROLES`: a whole track of several, or the line inside a single one."""
    pitched = [i for i, t in enumerate(score.tracks) if t.notes and not t.is_drum]
    if not pitched:
        raise UserError(f"The score has no pitched notes, so no {role}.")
    if len(pitched) == 1:
        notes = score.tracks[pitched[0]].notes
        return {pitched[0]: _line(notes, role)}
    lead = next((i for i in pitched if _LEADS.search(score.tracks[i].name)), None)
    top = max(pitched, key=lambda i: _mean_pitch(score.tracks[i])) if lead is None else lead
    bass = min((i for i in pitched if i != top), key=lambda i: _mean_pitch(score.tracks[i]))
    chosen = {
        "melody": [top],
        "top line": [top],
        "bass line": [bass],
        "inner voices": [i for i in pitched if i not in (top, bass)],
    }.get(role, [i for i in pitched if i != top])
    return dict.fromkeys(chosen)


def ornaments_of(notes: Sequence[Note]) -> frozenset[int]:
    """Ids (:func:`id`) of the grace notes of a track, which sound beside the note they adorn.

    They are those that notation marks so and, where the track is one line but for them, those that are struck
    together with a longer note less than an octave away and last no more than a sixteenth and a third of it.
    """
    marked = {id(n) for n in notes if "grace" in n.marks}
    brief: set[int] = set()
    for together in _struck_at(n for n in notes if id(n) not in marked).values():
        longest = max(together, key=lambda n: n.duration)
        brief |= {id(n) for n in together if n is not longest and _adorns(n, longest)}
    rest = _struck_at(n for n in notes if id(n) not in marked | brief)
    return frozenset(marked | brief if all(len(t) == 1 for t in rest.values()) else marked)


def _struck_at(notes: Iterable[Note]) -> dict[float, list[Note]]:
    """Notes by where they start."""
    found: dict[float, list[Note]] = {}
    for note in notes:
        found.setdefault(round(note.start, 4), []).append(note)
    return found


def _adorns(note: Note, other: Note) -> bool:
    near = 0 < abs(note.pitch - other.pitch) < 12
    return near and note.duration <= min(_BRIEF, other.duration / 3) + 1e-6


def left_hand(notes: list[Note]) -> frozenset[int]:
    """Ids (:func:`id`) of the notes that the left hand plays when two hands share them."""
    beam: list[tuple[float, tuple[float, float], tuple[int, ...]]] = [(0.0, _CENTRES, ())]
    chords = _chords(notes)
    for chord in chords:
        grown = [
            (cost + _cut_cost(chord, cut, centres), _moved(chord, cut, centres), (*cuts, cut))
            for cost, centres, cuts in beam
            for cut in range(len(chord) + 1)
        ]
        beam = sorted(grown, key=lambda state: state[0])[:_BEAM]
    best = beam[0][2]
    return frozenset(id(n) for chord, cut in zip(chords, best, strict=True) for n in chord[:cut])


def _chords(notes: list[Note]) -> list[list[Note]]:
    """Notes that start together, each chord from the bottom up."""
    chords: list[list[Note]] = []
    for note in sorted(notes, key=lambda n: (n.start, n.pitch)):
        if chords and note.start - chords[-1][0].start <= _TOGETHER:
            chords[-1].append(note)
        else:
            chords.append([note])
    return [sorted(c, key=lambda n: n.pitch) for c in chords]


def _cut_cost(chord: list[Note], cut: int, centres: tuple[float, float]) -> float:
    cost = 0.0
    for part, centre, home in zip((chord[:cut], chord[cut:]), centres, _CENTRES, strict=True):
        if part:
            low, high = part[0].pitch, part[-1].pitch
            middle = (low + high) / 2
            cost += abs(middle - centre) + 0.3 * abs(middle - home) + 4.0 * max(0, high - low - _SPAN)
            cost += 6.0 * max(0, len(part) - 5)
    return cost


def _moved(chord: list[Note], cut: int, centres: tuple[float, float]) -> tuple[float, float]:
    parts = (chord[:cut], chord[cut:])
    left, right = (
        (part[0].pitch + part[-1].pitch) / 2 if part else centre for part, centre in zip(parts, centres, strict=True)
    )
    return left, right


def _line(notes: list[Note], role: str) -> frozenset[int]:
    """The highest or lowest notes of each chord of one track, or what is left without them."""
    graces = ornaments_of(notes)
    chords = _chords([n for n in notes if id(n) not in graces])
    top = {id(c[-1]) for c in chords}
    bottom = {id(c[0]) for c in chords}
    everything = {id(n) for n in notes}
    top |= _adorning(notes, graces, top)
    bottom |= _adorning(notes, graces, bottom) - top
    return frozenset(
        {
            "melody": top,
            "top line": top,
            "bass line": bottom,
            "inner voices": everything - top - bottom,
        }.get(role, everything - top)
    )


def _adorning(notes: Sequence[Note], graces: frozenset[int], line: set[int]) -> set[int]:
    """Ids of the grace notes that go with a line: struck with one of its notes."""
    places = {round(n.start, 4) for n in notes if id(n) in line}
    return {id(n) for n in notes if id(n) in graces and round(n.start, 4) in places}


def _is_keyboard(track: Track) -> bool:
    return not track.is_drum and is_a(instrument_of_program(track.program).name, "keyboards")


def _mean_pitch(track: Track) -> float:
    return sum(n.pitch for n in track.notes) / len(track.notes)
