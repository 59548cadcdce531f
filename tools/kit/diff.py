"""What differs between two scores: notes added, removed or changed, with the bar and track of each."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import zip_longest
from typing import Literal

from tools.kit.score import Note, Score, Track

RESOLUTION = 960  # places a quarter: finer than any grid a person can hear


@dataclass(frozen=True)
class Difference:
    """One note that is in one score and not in the other; ``bar`` is 1-based."""

    kind: Literal["added", "removed"]
    track: str
    bar: int
    pitch: int


def differences(before: Score, after: Score) -> list[Difference]:
    """Every note that was added or removed, tracks matched by name and order, in the order of bars.

    A note that changed in pitch, time, length or velocity counts as one removed and one added.
    """
    found: list[Difference] = []
    bars_before, bars_after = before.bar_starts(), after.bar_starts()
    for name, old, new in tracks_alike(before, after):
        was, now = Counter(map(_signature, old)), Counter(map(_signature, new))
        found += [_difference("removed", name, bars_before, note) for note in (was - now).elements()]
        found += [_difference("added", name, bars_after, note) for note in (now - was).elements()]
    return sorted(found, key=lambda d: (d.bar, d.track, d.pitch, d.kind))


@dataclass(frozen=True)
class Tally:
    """How many notes were added and removed, and in which bars and tracks, those of the first bars first."""

    added: int
    removed: int
    bars: list[int]
    tracks: list[str]


def tally(before: Score, after: Score) -> Tally:
    """What :func:`differences` comes to in numbers, without a record for each note."""
    added = removed = 0
    bars: set[int] = set()
    first: dict[str, int] = {}
    starts = before.bar_starts(), after.bar_starts()
    for name, old, new in tracks_alike(before, after):
        was, now = Counter(map(_signature, old)), Counter(map(_signature, new))
        gone, come = was - now, now - was
        removed, added = removed + gone.total(), added + come.total()
        found = {_bar(s / RESOLUTION, at) for at, notes in zip(starts, (gone, come), strict=True) for s, *_ in notes}
        if found:
            first[name] = min(found | ({first[name]} if name in first else set()))
            bars |= found
    return Tally(added, removed, sorted(bars), sorted(first, key=lambda name: (first[name], name)))


def outside(
    found: Iterable[Difference], bars: tuple[int, int] | None, tracks: Iterable[str] | None
) -> list[Difference]:
    """The differences that lie outside a range of bars (1-based, inclusive) or outside the named tracks."""
    named = None if tracks is None else {t.lower() for t in tracks}
    return [
        d
        for d in found
        if (bars is not None and not bars[0] <= d.bar <= bars[1])
        or (named is not None and d.track.lower() not in named)
    ]


_Signature = tuple[int, int, int, int]


def _signature(note: Note) -> _Signature:
    return round(note.start * RESOLUTION), round(note.duration * RESOLUTION), note.pitch, note.velocity


def tracks_alike(before: Score, after: Score) -> list[tuple[str, list[Note], list[Note]]]:
    """Names of the tracks of two scores with the notes of each, as :func:`paired_tracks` matches them."""
    pairs = paired_tracks(before, after)
    return [(name, old.notes if old else [], new.notes if new else []) for name, old, new in pairs]


def paired_tracks(before: Score, after: Score) -> list[tuple[str, Track | None, Track | None]]:
    """The tracks of two scores matched by name; those that share one by order or, if some are gone, by program."""
    old, new = _by_name(before.tracks), _by_name(after.tracks)
    found: list[tuple[str, Track | None, Track | None]] = []
    for name in dict.fromkeys([*old, *new]):
        was, now = old.get(name, []), new.get(name, [])
        if len(was) != len(now):
            was, now = _programs_abreast(was, now)
        found += [(_called(a or b), a, b) for a, b in zip_longest(was, now)]
    return found


def _programs_abreast(was: list[Track], now: list[Track]) -> tuple[list[Track], list[Track]]:
    """Two lists of tracks with those of one program at the same places, at the front."""
    left, pairs = list(now), []
    for track in was:
        same = next((t for t in left if (t.program, t.is_drum) == (track.program, track.is_drum)), None)
        if same is not None:
            pairs.append((track, same))
            left = [t for t in left if t is not same]
    paired = {id(track) for track, _ in pairs}
    return [a for a, _ in pairs] + [t for t in was if id(t) not in paired], [*(b for _, b in pairs), *left]


def _by_name(tracks: list[Track]) -> dict[str, list[Track]]:
    named: dict[str, list[Track]] = {}
    for track in tracks:
        named.setdefault(track.name, []).append(track)
    return named


def _called(track: Track | None) -> str:
    """A track's name or, when it has none, what it plays."""
    if track is None:
        return ""
    return track.name or ("drums" if track.is_drum else f"program {track.program}")


def _difference(kind: Literal["added", "removed"], track: str, bars: list[float], signature: _Signature) -> Difference:
    return Difference(kind, track, _bar(signature[0] / RESOLUTION, bars), signature[2])


def _bar(place: float, starts: list[float]) -> int:
    return max(1, bisect_right(starts, place + 1e-3))
