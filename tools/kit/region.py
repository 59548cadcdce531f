"""Which notes of a score are meant: bars, seconds, tracks, hands and roles, picked once for every editor.

A note belongs to the bar in which it starts. Bars count from 1 and both ends belong to the range; a negative
number counts from the end. Drums belong to every region that names no tracks; editors of pitch leave them out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from tools.errors import UserError
from tools.kit.roles import ROLES, Picked, hand_of, of_role
from tools.kit.score import Note, Score, Track
from tools.kit.theory.instruments import instrument_of_program, instruments, is_a, names, plain

Stretch = Literal[
    "first half",
    "second half",
    "first third",
    "middle third",
    "last third",
    "first chord",
    "last chord",
    "first note",
    "last note",
]
_SHARES: dict[str, tuple[int, int]] = {  # which part of how many
    "first half": (0, 2),
    "second half": (1, 2),
    "first third": (0, 3),
    "middle third": (1, 3),
    "last third": (2, 3),
}
_EDGE = 1e-6  # quarters: the rounding of sums of bar lengths
_NOT = "not "
_LEADS = ("lead", "lead line", "lead part", "tune", "solo")  # the melody, where no track is called so
_TOGETHER = 1 / 16  # quarters between the notes of a chord as it is played


@dataclass(frozen=True)
class Region:
    """A stretch of a score in quarters, ``[start, end)``, and the notes in it that are meant.

    Attributes
    ----------
    bars
        First and last bar touched, 1-based, inclusive.
    whole
        Whether the stretch is the whole piece.
    picked
        For each track that is meant, its index and either all its notes (None) or the ids (:func:`id`) of some.
    """

    score: Score
    start: float
    end: float
    bars: tuple[int, int]
    whole: bool
    picked: dict[int, frozenset[int] | None]

    def tracks(self) -> list[Track]:
        """The tracks that are meant, wholly or in part."""
        return [self.score.tracks[i] for i in self.picked]

    def all_tracks(self) -> bool:
        """Whether every pitched track is meant, every note of it."""
        pitched = [i for i, t in enumerate(self.score.tracks) if not t.is_drum]
        return all(i in self.picked and self.picked[i] is None for i in pitched)

    def holds(self, index: int, note: Note) -> bool:
        """Whether a note of the track of that index is meant."""
        if index not in self.picked or not self.start - _EDGE <= note.start < self.end - _EDGE:
            return False
        some = self.picked[index]
        return some is None or id(note) in some

    def notes(self, *, drums: bool = True) -> Iterator[tuple[Track, list[Note]]]:
        """Each track that is meant with those of its notes that are, in the order of their starts."""
        for index in self.picked:
            track = self.score.tracks[index]
            if track.is_drum and not drums:
                continue
            held = [n for n in track.notes if self.holds(index, n)]
            yield track, sorted(held, key=lambda n: (n.start, n.pitch))


def select(
    score: Score,
    from_bar: int | None = None,
    to_bar: int | None = None,
    start_s: float | None = None,
    end_s: float | None = None,
    tracks: Sequence[str] | None = None,
    stretch: Stretch | None = None,
) -> Region:
    """The region that bars, seconds and tracks name together, or a stretch of it; what is None is open.

    Raises
    ------
    UserError
        When a bar or a second lies past the end, the range is empty, or a track is not there; the message
        says how many bars, how many seconds or which tracks there are.
    """
    starts = score.bar_starts() or [0.0]
    count = len(starts)
    first, last = _bar(from_bar, 1, count), _bar(to_bar, count, count)
    if last < first:
        raise UserError(f"from_bar {from_bar} lies after to_bar {to_bar}; the piece has {_bars(count)}.")
    if stretch in _SHARES:
        part, parts = _SHARES[stretch]
        first, last = _share(first, last, part, parts)
    start = 0.0 if first == 1 else starts[first - 1]
    end = float("inf") if last == count else starts[last]
    seconds = score.seconds(score.end)
    if start_s is not None:
        start = max(start, score.quarters(_second(start_s, seconds)))
    if end_s is not None:
        end = min(end, score.quarters(_second(end_s, seconds)))
    if end - start <= _EDGE:
        raise UserError(f"The range from {start_s} s to {end_s} s keeps nothing; the piece lasts {seconds:.2f} s.")
    if stretch in ("first chord", "last chord"):
        start, end = _chord(score, start, end, last=stretch == "last chord")
    meant = picked(score, tracks)
    if stretch in ("first note", "last note"):
        start, end = _note(score, meant, start, end, last=stretch == "last note")
    touched = (_bar_at(starts, start), _bar_at(starts, end - 2 * _EDGE))
    whole = start <= _EDGE and end == float("inf")
    return Region(score, start, end, touched, whole, meant)


def _share(first: int, last: int, part: int, parts: int) -> tuple[int, int]:
    """The first and last bar of one of so many parts of a range; an earlier part has the bar that is left over."""
    count = last - first + 1
    if count < parts:
        raise UserError(f"A range of {_bars(count)} has no {parts} parts; name a longer one.")
    edges = [first + -(-count * n // parts) for n in range(parts + 1)]
    return edges[part], edges[part + 1] - 1


def _chord(score: Score, start: float, end: float, *, last: bool) -> tuple[float, float]:
    """Where the first or last chord of a range begins, and where the next one does; of single notes, the note."""
    onsets = sorted(n.start for t in score.tracks if not t.is_drum for n in t.notes if start <= n.start + _EDGE < end)
    struck: list[list[float]] = []
    for onset in onsets:
        if struck and onset - struck[-1][0] <= _TOGETHER:
            struck[-1].append(onset)
        else:
            struck.append([onset])
    if not struck:
        raise UserError("There is no chord in that range; name one with notes in it.")
    chords = [n for n, notes in enumerate(struck) if len(notes) > 1] or range(len(struck))
    meant = chords[-1 if last else 0]
    return struck[meant][0], struck[meant + 1][0] if meant + 1 < len(struck) else end


def _note(score: Score, meant: Picked, start: float, end: float, *, last: bool) -> tuple[float, float]:
    """Where the first or last note of the tracks that are meant begins in a range, and where it ends."""
    notes = [
        n
        for index, some in meant.items()
        for n in score.tracks[index].notes
        if start - _EDGE <= n.start < end - _EDGE and (some is None or id(n) in some)
    ]
    if not notes:
        raise UserError("There is no note in that range; name one with notes in it.")
    onset = max(n.start for n in notes) if last else min(n.start for n in notes)
    until = max(n.end for n in notes if n.start <= onset + _TOGETHER)
    following = min((n.start for n in notes if n.start > onset + _TOGETHER), default=end)
    return onset, min(until, following, end)


def picked(score: Score, tracks: Sequence[str] | None) -> dict[int, frozenset[int] | None]:
    """What names of tracks mean: each track's index with all its notes (None) or the ids of some.

    A name is a track's own, an instrument's or its family's (``"strings"`` are all violins and cellos), ``"left
    hand"``, ``"right hand"``, or a role of :data:`tools.kit.roles.ROLES` such as ``"melody"``. ``"not drums"``
    leaves drums out of what the other names mean, of everything when there are none.
    """
    wanted = [t for t in tracks or () if not t.lower().startswith(_NOT)]
    refused = [t[len(_NOT) :] for t in tracks or () if t.lower().startswith(_NOT)]
    meant = _all_named(score, wanted) if wanted else dict.fromkeys(range(len(score.tracks)))
    for index, some in _all_named(score, refused).items() if refused else ():
        if index in meant:
            kept = meant.pop(index)
            whole = kept if kept is not None else frozenset(map(id, score.tracks[index].notes))
            if some is not None and whole - some:
                meant[index] = whole - some
    if refused and not meant:
        raise UserError(f"Nothing is left when {', '.join(refused)} is left out; the score has {_listed(score)}.")
    return dict(sorted(meant.items()))


def _all_named(score: Score, names: Sequence[str]) -> dict[int, frozenset[int] | None]:
    found: dict[int, frozenset[int] | None] = {}
    for name in names:
        meant = _named(score, name)
        if not meant:
            raise UserError(f"There is no track {name!r}; the score has {_listed(score)}.")
        for index, some in meant.items():
            old = found.get(index, frozenset())
            found[index] = None if some is None or old is None else old | some
    return found


def _named(score: Score, name: str) -> dict[int, frozenset[int] | None]:
    text = plain(name)
    own: dict[int, frozenset[int] | None] = {i: None for i, t in enumerate(score.tracks) if plain(t.name) == text}
    if own:
        return own
    if text in ("left hand", "right hand"):
        return hand_of(score, "left" if text.startswith("left") else "right")
    if text.replace("bassline", "bass line") in ROLES:
        return of_role(score, text.replace("bassline", "bass line"))
    found: Picked = {i: None for i, t in enumerate(score.tracks) if _sounds_as(t, text)}
    if not found and text in _LEADS:
        return of_role(score, "melody")
    return found or _numbered(score, text)


def _numbered(score: Score, name: str) -> Picked:
    """The track that a name with a number means, as ``violin 2`` where two tracks are called Violin."""
    what, _, number = name.rpartition(" ")
    if not (what and number.isdecimal()):
        return {}
    alike = list(_named(score, what).items())
    return dict(alike[int(number) - 1 : int(number)] if int(number) else [])


def _sounds_as(track: Track, name: str) -> bool:
    """Whether a track's program is the instrument or a kind of it, or its name holds the words."""
    known = next((names()[n] for n in (name, name.removesuffix("s"), name.removesuffix("es")) if n in names()), "")
    if known in instruments():
        if instruments()[known].is_drum or track.is_drum:
            return track.is_drum and instruments()[known].is_drum
        if is_a(instrument_of_program(track.program).name, known):
            return True
    return name in plain(track.name).split(" ") or (" " in name and name in plain(track.name))


def track_name(track: Track) -> str:
    """What a person calls a track: its name, or its instrument when it has none."""
    return track.name.strip() or instrument_of_program(track.program, track.is_drum).name


def _listed(score: Score) -> str:
    shown = list(dict.fromkeys(track_name(t) for t in score.tracks))
    return ", ".join(shown[:12]) + (f" and {len(shown) - 12} more" if len(shown) > 12 else "") if shown else "no tracks"


def _bar(number: int | None, default: int, count: int) -> int:
    if number is None:
        return default
    if number == 0:
        raise UserError(f"Bars count from 1 (or from -1, the last); there is no bar 0. The piece has {_bars(count)}.")
    if abs(number) > count:
        past = "past its end" if number > 0 else "before its start"
        raise UserError(f"The piece has {_bars(count)}; bar {number} is {past}.")
    return number if number > 0 else count + 1 + number


def _bars(count: int) -> str:
    return f"{count} bar{'s' if count != 1 else ''}"


def _second(second: float, length: float) -> float:
    place = second + length if second < 0 else second
    if place > length + 1e-3:
        raise UserError(f"The piece lasts {length:.2f} s; {second:g} s is past its end.")
    return max(0.0, place)


def _bar_at(starts: list[float], quarter: float) -> int:
    return max(1, sum(s <= quarter + _EDGE for s in starts))
