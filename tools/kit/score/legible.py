"""A performance as a player would want to read it: on note values, in two voices a staff, hands apart.

Starts go to the grid of their beat, halves of it or thirds, whichever they lie nearer to (the per-beat choice of
Cemgil, Desain and Kappen 2000, "Rhythm quantization for transcription", with the error alone as evidence); lengths
fill up to the next note or to a beat, so that a note played short is no thicket of rests. What is exact stays as it is.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import groupby, pairwise

from tools.kit.roles import left_hand
from tools.kit.score import Control, Note, Score, Track
from tools.kit.score.note_values import on_grid, values
from tools.kit.score.staves import FEET, is_keyboard
from tools.kit.theory.instruments import plain

_GRIDS = ((1, 0.0), (2, 0.01), (4, 0.025), (3, 0.03), (8, 0.05), (6, 0.05))  # parts of a quarter, what they cost
_EXACT = 1 / 480  # quarters
_ENOUGH = 0.97  # share of a track's notes that lie on note values for it to be left alone
_SAME_TEMPO = 0.03
_GRADUAL = 2.0  # quarters between the steps of one gradual change
_HANDS = ("left", "right", "lh", "rh", "hand", "l.h.", "r.h.", "upper", "lower", "treble", "bass clef")


@dataclass(frozen=True)
class Legible:
    """A score for reading, the tempo marks and words to set over it, and how many notes it writes otherwise."""

    score: Score
    tempi: tuple[tuple[float, float], ...]
    words: tuple[tuple[float, str], ...]
    moved: int


def legible(score: Score) -> Legible:
    """A copy whose notes lie on note values; a keyboard's lower staff has the voices from 5 up.

    ``moved`` counts notes whose start or length differs from what was played.
    """
    tracks = [t.copied() for t in _keyboards_joined([t for t in score.tracks if t.notes])]
    moved = 0
    for track in tracks:
        played = {id(n): (n.start, n.duration) for n in track.notes}
        if not _is_written(track):
            _tidy_starts(track)
            _tidy_lengths(track)
        track.dynamics = [(_beat_grid(t), mark) for t, mark in track.dynamics]
        track.controls = [replace(c, time=_beat_grid(c.time)) for c in _pedals(track)]
        moved += sum(abs(s - n.start) + abs(d - n.duration) > _EXACT for n in track.notes for s, d in [played[id(n)]])
    tempi, words = _tempo_marks(score)
    return Legible(replace(score.copied(), tracks=tracks), tempi, words, moved)


def _pedals(track: Track) -> list[Control]:
    return [] if track.is_drum else [c for c in track.controls if c.number == 64]


def _beat_grid(place: float) -> float:
    return round(place * 4) / 4


def _is_written(track: Track) -> bool:
    """Whether nearly all notes have places and lengths one can write, in tuplets only where notes start in them."""
    if track.is_drum or _is_crowded(track):
        return False
    starts = {on_grid(n.start).denominator for n in track.notes}
    tuplets = [p for p in (3, 5, 7) if any(d % p == 0 for d in starts)]
    return sum(_is_plain(n, tuplets) for n in track.notes) >= _ENOUGH * len(track.notes)


def _is_plain(note: Note, tuplets: Sequence[int]) -> bool:
    """Whether a note's start and end are exact and its length is one value or tied values without a tuplet."""
    start, end = on_grid(note.start), on_grid(note.end)
    if end <= start or abs(float(start) - note.start) > _EXACT or abs(float(end) - note.end) > _EXACT:
        return False
    written = values(end - start)
    odd = [v.tuplet[0] for v in written if v.tuplet]
    return bool(written[0].type) and (all(t in tuplets for t in odd) if len(written) == 1 else not odd)


def _is_crowded(track: Track) -> bool:
    """Whether more than two lines sound at once and no voice says which is which."""
    if any(n.voice for n in track.notes):
        return False
    ends: list[float] = []
    for note in sorted({(n.start, n.end) for n in track.notes}):
        ends = [e for e in ends if e > note[0] + _EXACT] + [note[1]]
        if len(ends) > 2:
            return True
    return False


def _keyboards_joined(tracks: list[Track]) -> list[Track]:
    """One track for each keyboard: two of one name, or named for the hands, become one with its hands apart."""
    out: list[Track] = []
    for track in tracks:
        before = out[-1] if out else None
        if before is not None and is_keyboard(before) and is_keyboard(track) and _same_player(before, track):
            upper, lower = sorted((before, track), key=lambda t: -sum(n.pitch for n in t.notes) / len(t.notes))
            notes = [*(_in_hand(n, 0) for n in upper.notes), *(_in_hand(n, 4) for n in lower.notes)]
            name = "" if any(h in plain(before.name) for h in _HANDS) else before.name
            out[-1] = replace(
                before,
                name=name or "Piano",
                notes=sorted(notes, key=lambda n: n.start),
                controls=[*before.controls, *track.controls],
                dynamics=sorted({*before.dynamics, *track.dynamics}),
                lyrics=before.lyrics or track.lyrics,
            )
        elif is_keyboard(track) and not any(n.voice >= 5 for n in track.notes):
            out.append(_hands_apart(track))
        else:
            out.append(replace(track, notes=[_in_hand(n, 0) for n in track.notes]))
    return out


def _in_hand(note: Note, lowest: int) -> Note:
    copy = note.copied()
    copy.voice = lowest + (min(note.voice, 4) or (1 if lowest else 0))
    return copy


def _same_player(one: Track, other: Track) -> bool:
    if one.origin is not None and any(n.voice >= 5 for n in one.notes):
        return False
    names = [plain(t.name) for t in (one, other)]
    handed = [any(h in name.replace(".", "") for h in _HANDS) for name in names]
    return all(handed) or (names[0] == names[1] and one.program == other.program)


def _hands_apart(track: Track) -> Track:
    """A keyboard track on two staves when its notes need both."""
    pitches = [n.pitch for n in track.notes]
    if not (min(pitches) < 57 and max(pitches) > 62):
        return track
    low = left_hand(track.notes)
    return replace(track, notes=[_in_hand(replace(n, voice=0), 4 if id(n) in low else 0) for n in track.notes])


def _tidy_starts(track: Track) -> None:
    """Every start to the grid of its beat, in place; ends go along."""
    beats: dict[int, list[Note]] = defaultdict(list)
    for note in track.notes:
        beats[int(note.start + 1 / 12)].append(note)
    for beat, notes in beats.items():
        grid = _grid([n.start - beat for n in notes])
        for note in notes:
            to = float(beat + Fraction(round((note.start - beat) * grid), grid))
            note.duration = max(note.end - to, 1 / 16)
            note.start = to


def _grid(places: Sequence[float]) -> int:
    """Into how many parts the beat is cut for onsets at ``places`` in [-1/12, 1)."""
    if all(
        abs(float(on_grid(p)) - p) < _EXACT and on_grid(p).denominator in (5, 7, 9, 10, 12) for p in places if p > 0
    ):
        return max((on_grid(p).denominator for p in places), default=1)
    spread = {round(p, 3) for p in places}

    def cost(grid: int, price: float) -> float:
        steps = [round(p * grid) for p in spread]
        merged = len(spread) - len(set(steps)) if len(spread) < 9 else 0
        return sum(abs(p - s / grid) for p, s in zip(spread, steps, strict=True)) / len(spread) + price + 0.02 * merged

    return min(_GRIDS, key=lambda g: cost(*g))[0]


def _tidy_lengths(track: Track) -> None:
    """Lengths that can be read, staff by staff, in place; what is held over other notes becomes a second voice."""
    for staff in (0, 4):
        notes = [n for n in track.notes if (n.voice >= 5) == bool(staff)]
        if track.is_drum:
            lines = [[n for n in notes if n.pitch not in FEET], [n for n in notes if n.pitch in FEET]]
        else:
            held = _held(notes)
            lines = [[n for n in notes if id(n) not in held], [n for n in notes if id(n) in held]]
        for number, line in enumerate(lines, start=1):
            _fill(line, number + staff, short=track.is_drum)


def _held(notes: list[Note]) -> frozenset[int]:
    """Ids of notes that sound on well over the next note of their staff: the other voice."""
    starts = sorted({n.start for n in notes})
    found: set[int] = set()
    for note in notes:
        at = bisect_left(starts, note.start + _EXACT)
        if at < len(starts):
            gap = starts[at] - note.start
            overlap = note.end - starts[at]
            if overlap > max(0.3, 0.4 * gap) and overlap > 0.25 * note.duration:
                found.add(id(note))
    sets = [list(g) for _, g in groupby(sorted(notes, key=lambda n: n.start), key=lambda n: n.start)]
    for chord in sets:
        own = [n for n in chord if id(n) in found]
        if len(own) == len(chord) and len(chord) > 1:
            top = max(chord, key=lambda n: n.pitch)
            found -= {id(top)} if top.duration < 0.75 * max(n.duration for n in chord) else set()
    return frozenset(found)


def _fill(line: list[Note], voice: int, *, short: bool) -> None:
    """Lengths of one voice: chords end together, at the next chord or at a place of the beat."""
    chords = [list(g) for _, g in groupby(sorted(line, key=lambda n: n.start), key=lambda n: n.start)]
    following = [*(c[0].start for c in chords[1:]), float("inf")][: len(chords)]
    for chord, after in zip(chords, following, strict=True):
        start = chord[0].start
        sounding = sorted(n.duration for n in chord)[len(chord) // 2]
        end = _end(start, start if short else start + sounding, after)
        for note in chord:
            note.duration = end - start
            note.voice = voice


def _end(start: float, sounded: float, after: float) -> float:
    """Where a note is written to end that stops sounding at ``sounded`` with another after it."""
    beat = Fraction(start).limit_denominator(48)
    thirds = beat.denominator % 3 == 0
    step = Fraction(1, 3) if thirds else Fraction(1, 2) if beat.denominator <= 2 else Fraction(1, beat.denominator)
    end = beat
    while float(end) <= float(beat) + _EXACT or float(end) < sounded - 0.3 * float(step):
        end += step
        step = Fraction(1, 2) if end.denominator <= 2 and not thirds else step
    written = float(end)
    gap = after - start
    if written >= after - max(0.26, 0.34 * min(gap, 2.0)):
        return after if after < float("inf") else written
    return written


def _tempo_marks(score: Score) -> tuple[tuple[tuple[float, float], ...], tuple[tuple[float, str], ...]]:
    """The tempo marks worth reading: gradual changes become words, wavering is left to the player."""
    marks: list[tuple[float, float]] = []
    words: list[tuple[float, str]] = []
    for group in _together(score.tempi):
        old = marks[-1][1] if marks else None
        time, bpm = group[-1]
        if old is None:
            marks.append((group[0][0], group[0][1]))
            old = group[0][1]
        if abs(bpm / old - 1) <= _SAME_TEMPO:
            continue
        if len(group) >= 3:
            words.append((_beat_grid(group[0][0]), "rit." if bpm < old else "accel."))
            if score.end - time < 4:
                continue
        marks.append((_beat_grid(time), bpm))
    return tuple(marks), tuple(words)


def _together(tempi: Sequence[tuple[float, float]]) -> list[list[tuple[float, float]]]:
    """Tempo changes that follow one another closely in one direction, group by group."""
    groups = [[tempi[0]]]
    for (before, old), (time, bpm) in pairwise(tempi):
        group = groups[-1]
        rising = len(group) > 1 and group[-1][1] > group[-2][1]
        if time - before <= _GRADUAL and (len(group) < 2 or (bpm > old) == rising):
            group.append((time, bpm))
        else:
            groups.append([(time, bpm)])
    return groups
