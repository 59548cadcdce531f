"""Program changes: the program belongs to the channel, which several tracks of a MIDI file may share.

One rule holds for reading and for writing: a note sounds with the latest program change on its channel, in whatever
track it stands; of several in one tick its own track's counts, else that of the last track.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

from tools.kit.score.midi_bytes import ChannelEvents, FileTrack
from tools.kit.score.model import Track

Ticks = Callable[[float], int]
_BANKS = (0, 32)  # controllers


def share_programs(tracks: list[FileTrack]) -> None:
    """Give the notes of each file track the program that another track chose for their channel."""
    channels: dict[int, list[ChannelEvents]] = defaultdict(list)
    for track in tracks:
        for channel, events in track.channels.items():
            channels[channel].append(events)
    for sharing in channels.values():
        for events in sharing if sum(bool(e.programs) for e in sharing) else ():
            others = [(tick, program) for e in sharing if e is not events for tick, program in e.programs]
            others.sort(key=lambda change: change[0])
            places, own = [tick for tick, _ in others], [tick for tick, _ in events.programs]
            for note in events.notes if others else ():
                latest, chosen = bisect_right(places, note[0]) - 1, bisect_right(own, note[0]) - 1
                if latest >= 0 and (chosen < 0 or places[latest] > own[chosen]):
                    note[4] = others[latest][1]


@dataclass
class Change:
    """A program change as it is written; ``heard`` once a note has sounded with it."""

    tick: int
    group: int
    program: int
    heard: bool = False


def program_changes(groups: list[tuple[int, list[Track]]], ticks: Ticks) -> list[list[tuple[int, int]]]:
    """The program changes of each file track as ``(tick, program)``, given with its channel and what it plays.

    Those that came with the tracks stay, with another program where their next note wants another; notes whose
    channel has not the program they want get one before them. Tracks that did not come from MIDI open with theirs.
    """
    found: list[list[tuple[int, int]]] = [[] for _ in groups]
    for channel in {channel for channel, _ in groups}:
        sharing = [(number, tracks) for number, (own, tracks) in enumerate(groups) if own == channel]
        for change in _on_channel(sharing, ticks):
            found[change.group].append((change.tick, change.program))
    return found


def _on_channel(sharing: list[tuple[int, list[Track]]], ticks: Ticks) -> list[Change]:
    """The changes of a channel, found by playing its notes in order."""
    changes = [
        Change(ticks(time), number, program)
        for number, tracks in sharing
        for time, program in [*_opening(tracks), *(c for t in tracks for c in t.program_changes)]
    ]
    changes.sort(key=lambda c: (c.tick, c.group))
    played = [(number, t) for number, tracks in sharing for t in tracks]
    notes = [(ticks(n.start), number, n.pitch, t.program) for number, t in played for n in t.notes]
    silent = {number for number, tracks in sharing if not any(t.notes for t in tracks)}
    own: dict[int, Change] = {}
    last: Change | None = None
    made: list[Change] = []
    at = 0
    for count, (tick, number, _, wanted) in enumerate(sorted(notes)):
        while at < len(changes) and changes[at].tick <= tick:
            last = own[changes[at].group] = changes[at]
            at += 1
        change = own.get(number)
        if change is None or (last is not None and last.tick > change.tick):
            change = last
        if change is not None and not change.heard and (change.group == number or change.group in silent):
            change.heard, change.program = True, wanted
        elif (change.program if change is not None else 0) != wanted:
            last = own[number] = Change(tick if count else 0, number, wanted, heard=True)
            made.append(last)
    return [*changes, *made]


def _opening(tracks: list[Track]) -> list[tuple[float, int]]:
    """The first program of what did not come from a MIDI file; one of a file has what it came with."""
    is_new = tracks[0].origin is None or tracks[0].channel is None
    plays = any(t.notes or t.controls or t.bends or t.program for t in tracks)
    chosen = any(t.program_changes for t in tracks)
    return [(0.0, tracks[0].program)] if is_new and plays and not chosen else []


def after_banks(tracks: list[Track], chosen: list[tuple[int, int]], ticks: Ticks) -> list[tuple[int, int]]:
    """Program changes that make the bank changes of a new track heard, where none follows them."""
    if tracks[0].origin is not None:
        return []
    notes = sorted((ticks(n.start), n.pitch, t.program) for t in tracks for n in t.notes)
    banks = sorted({ticks(c.time) for t in tracks for c in t.controls if c.number in _BANKS} - {0})
    following = [(at, next((n for n in notes if n[0] >= at), None)) for at in banks]
    return [(at, note[2]) for at, note in following if note and not any(at <= tick <= note[0] for tick, _ in chosen)]
