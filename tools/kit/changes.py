"""What became of each note from one score to another: added, removed, moved, changed; and of everything else.

Notes that are the same in both are set aside; of the rest, in each track, those of one pitch and start were changed
in touch or length, those of one start, length and touch in pitch, those of one pitch within a quarter were moved, those
of one start were changed in all; what is left was removed or added. The nearest pairs are made first.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from tools.kit.diff import RESOLUTION, paired_tracks, tracks_alike
from tools.kit.score import Note, Score, Track

Kind = Literal["added", "removed", "moved", "changed"]
Distance = Callable[[Note, Note], float]
_NEAR = 1.0  # quarters: a note that went farther is another note
_OCTAVE = 12  # semitones: and so is one that changed by more than this


@dataclass(frozen=True)
class Change:
    """One note's fate; ``bar`` is 1-based, where the note was (where it is, when it was added)."""

    kind: Kind
    track: str
    bar: int
    before: Note | None
    after: Note | None


def changes(before: Score, after: Score) -> list[Change]:
    """Every note that is not the same in both scores, in the order of bars, tracks and starts."""
    bars_before, bars_after = before.bar_starts(), after.bar_starts()
    found: list[Change] = []
    for name, old, new in tracks_alike(before, after):
        for kind, was, now in _paired(old, new):
            place, bars = (was, bars_before) if was else (now, bars_after)
            assert place is not None
            found.append(Change(kind, name, max(1, bisect_right(bars, place.start + 1e-3)), was, now))
    return sorted(found, key=lambda c: (c.bar, c.track, (c.before or c.after or Note(0, 0, 0, 0)).start))


def other_changes(before: Score, after: Score) -> list[str]:
    """What differs beside the notes, in words: tempo, meter, key, markers, instruments, controllers and bends."""
    said = [
        f"{name}: {_listed(old)} became {_listed(new)}"
        for name, old, new in (
            ("tempo", _rounded(before.tempi), _rounded(after.tempi)),
            ("meter", before.meters, after.meters),
            ("key", before.keys, after.keys),
            ("markers", before.markers, after.markers),
        )
        if list(old) != list(new)
    ]
    for name, old_track, new_track in paired_tracks(before, after):
        said += _track_changes(name, old_track, new_track)
    return said


def _track_changes(name: str, old: Track | None, new: Track | None) -> Iterator[str]:
    if old is None or new is None:
        yield f"track {name} was {'added' if old is None else 'removed'}"
        return
    if (old.program, old.is_drum) != (new.program, new.is_drum):
        yield f"track {name}: program {old.program} became {new.program}"
    elif _from_midi(old) and _from_midi(new) and old.program_changes != new.program_changes:
        yield f"track {name}: program changes were {_listed(old.program_changes)}, are {_listed(new.program_changes)}"
    if _sorted(old.controls) != _sorted(new.controls):
        yield f"track {name}: controllers differ ({len(old.controls)} became {len(new.controls)})"
    if _sorted(old.bends) != _sorted(new.bends):
        yield f"track {name}: pitch bends differ ({len(old.bends)} became {len(new.bends)})"


def _from_midi(track: Track) -> bool:
    return track.origin is not None and track.channel is not None


def _paired(old: list[Note], new: list[Note]) -> Iterator[tuple[Kind, Note | None, Note | None]]:
    removed, added = _without_common(old, new)
    rules: tuple[tuple[Kind, Callable[[Note], object], Distance, float], ...] = (
        ("changed", lambda n: (_tick(n.start), n.pitch), lambda a, b: abs(a.duration - b.duration), float("inf")),
        ("changed", lambda n: (_tick(n.start), _tick(n.duration), n.velocity), _leap, _OCTAVE),
        ("moved", lambda n: n.pitch, lambda a, b: abs(a.start - b.start), _NEAR),
        ("changed", lambda n: _tick(n.start), _leap, _OCTAVE),
    )
    for kind, key, distance, most in rules:
        pairs = _nearest(removed, added, key, distance, most)
        taken = {id(n) for pair in pairs for n in pair}
        removed, added = ([n for n in notes if id(n) not in taken] for notes in (removed, added))
        for was, now in pairs:
            yield kind, was, now
    for note in removed:
        yield "removed", note, None
    for note in added:
        yield "added", None, note


def _leap(old: Note, new: Note) -> float:
    return abs(old.pitch - new.pitch)


def _nearest(
    old: list[Note], new: list[Note], key: Callable[[Note], object], distance: Distance, most: float
) -> list[tuple[Note, Note]]:
    """Pairs that share a key, each note in one pair at most, the nearest first."""
    groups: dict[object, list[Note]] = defaultdict(list)
    for note in new:
        groups[key(note)].append(note)
    near = [(distance(a, b), n, a, b) for n, a in enumerate(old) for b in groups.get(key(a), ())]
    pairs: list[tuple[Note, Note]] = []
    taken: set[int] = set()
    for apart, _, was, now in sorted(near, key=lambda p: p[:2]):
        if apart <= most and not taken & {id(was), id(now)}:
            taken |= {id(was), id(now)}
            pairs.append((was, now))
    return pairs


def _without_common(old: list[Note], new: list[Note]) -> tuple[list[Note], list[Note]]:
    """The notes of each list that the other has not."""
    there: dict[tuple[int, int, int, int], list[Note]] = defaultdict(list)
    for note in new:
        there[_signature(note)].append(note)
    removed = []
    for note in old:
        same = there[_signature(note)]
        if same:
            same.pop()
        else:
            removed.append(note)
    return removed, [n for notes in there.values() for n in notes]


def _signature(note: Note) -> tuple[int, int, int, int]:
    return _tick(note.start), _tick(note.duration), note.pitch, note.velocity


def _tick(quarters: float) -> int:
    return round(quarters * RESOLUTION)


def _rounded(tempi: list[tuple[float, float]]) -> list[tuple[float, float]]:
    return [(t, round(bpm, 2)) for t, bpm in tempi]


def _listed(entries: Sequence[tuple[float, object]]) -> str:
    shown = ", ".join(f"{value} at {time:g}" for time, value in entries[:4])
    return (shown or "none") + (f" and {len(entries) - 4} more" if len(entries) > 4 else "")


def _sorted(events: Sequence[object]) -> list[str]:
    return sorted(map(repr, events))
