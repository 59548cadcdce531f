"""The notes in the bytes of a MIDI file as arrays, without an object for each event.

Where events begin is found by jumping from one to the next over a table of how long an event at every byte would be,
which is computed for the whole file at once; all events are then decoded together. A file that says anything out of
the ordinary is left to :mod:`tools.kit.score.midi_bytes`, which mends it or says what is wrong.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tools.kit.score.model import DRUM_CHANNEL

Bytes = NDArray[np.uint8]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Meta = tuple[int, int, bytes]  # tick, type, payload
_BESIDE = 64  # in place of a length: a meta event or system message, whose bytes say it
_UNCLEAR = 128  # a time of more than four bytes
_LAST_TICK = 1 << 31
_END_OF_TRACK = 0x2F
_LAST_BANK = 32  # controllers 0 and 32 choose a bank
_OFF, _ON, _CONTROL, _PROGRAM, _PRESSURE, _BEND, _OTHER = 0x80, 0x90, 0xB0, 0xC0, 0xD0, 0xE0, 0xF0


_LENGTHS = bytes([*[2] * 128, *[3] * 64, *[2] * 32, *[3] * 16, *[_BESIDE] * 16])
"""Bytes from a status byte, or from the data byte of a running status (below 128), to the next event."""


class _UnclearError(Exception):
    """The file is not one to be read this way."""


@dataclass(frozen=True, eq=False)
class Scanned:
    """Notes of a file as parallel arrays ``[n]`` in ticks, by track and then by the order of their note-ons.

    ``meta`` has the meta events of each file track; the rest is as in :class:`tools.kit.score.note_table.NoteTable`.
    """

    ticks_per_quarter: int
    start: Ints
    end: Ints
    pitch: Ints
    velocity: Ints
    track: Ints
    is_drum: Flags
    last_control: int
    meta: list[list[Meta]]


def scan(data: bytes) -> Scanned | None:
    """The notes of a type 0 or 1 file; ``None`` when it has to be read event by event."""
    if len(data) < 14 or data[:4] != b"MThd" or data[9] == 2 or data[12] >= 0x80 or data[12:14] == b"\0\0":
        return None
    try:
        events, meta = _events(data, _tracks(data))
        return _notes(events, meta, int.from_bytes(data[12:14], "big"))
    except (_UnclearError, IndexError):
        return None


def _tracks(data: bytes) -> list[tuple[int, int]]:
    """Where the events of each track begin and end."""
    found: list[tuple[int, int]] = []
    at = 8 + int.from_bytes(data[4:8], "big")
    while at + 8 <= len(data):
        end = at + 8 + int.from_bytes(data[at + 4 : at + 8], "big")
        if data[at : at + 4] == b"MTrk":
            found.append((at + 8, end))
        at = end
    if not found or found[-1][1] > len(data):
        raise _UnclearError
    return found


@dataclass(frozen=True, eq=False)
class _Events:
    """Events of a file, track after track, as arrays ``[e]``; ``channel`` counts sixteen to a file track."""

    tick: Ints
    kind: Bytes
    channel: Ints
    first: Bytes
    second: Bytes
    tracks: int

    def of(self, kind: int) -> Ints:
        """Indices of the events of a kind, ``[k]``."""
        return np.flatnonzero(self.kind == kind)

    def first_in_channel(self, chosen: Ints) -> Ints:
        """The first of some events on each channel, ``[16 * tracks]``; the number of events where there is none."""
        found = np.full(16 * self.tracks, len(self.tick))
        found[self.channel[chosen[::-1]]] = chosen[::-1]
        return found


def _events(data: bytes, tracks: list[tuple[int, int]]) -> tuple[_Events, list[list[Meta]]]:
    """All events of all tracks, and each track's meta events beside."""
    padded = np.frombuffer(data + bytes(8), dtype=np.uint8)
    steps, begins = _steps(data + bytes(4)), bytearray(len(data))
    texts = [_jump(data, steps, begins, start, end) for start, end in tracks]
    place = np.flatnonzero(np.frombuffer(begins, dtype=np.uint8))
    edges = np.searchsorted(place, [*(start for start, _ in tracks), len(data)])
    elapsed, head = _times(padded, place)
    total = np.concatenate([[0], np.cumsum(elapsed)])
    counts = np.diff(edges)
    tick = total[1:] - np.repeat(total[edges[:-1]], counts)
    if tick.max(initial=0) > _LAST_TICK:
        raise _UnclearError
    status, running = _statuses(padded[head + 1], edges[:-1][counts > 0])
    first, second = padded[head + 2 - running], padded[head + 3 - running]
    kind: Bytes = status & np.uint8(0xF0)
    short = (kind == _PROGRAM) | (kind == _PRESSURE)
    if ((np.where(short, first, first | second) >= 0x80) & (kind < _OTHER)).any():
        raise _UnclearError
    channel = np.repeat(np.arange(len(tracks)) << 4, counts) | (status & 0x0F)
    when = iter(tick[np.searchsorted(place, [at for found in texts for at, _, _ in found])].tolist())
    meta = [[(next(when), number, payload) for _, number, payload in found] for found in texts]
    return _Events(tick, kind, channel, first, second, len(tracks)), meta


def _steps(data: bytes) -> bytes:
    """How many bytes an event that began at each byte would take, its time included; ``data`` ends in four more."""
    lengths = np.frombuffer(data.translate(_LENGTHS), dtype=np.uint8)
    goes_on = (np.frombuffer(data, dtype=np.int8) >> 7).view(np.uint8)  # every bit of it, where a number goes on
    count = len(data) - 4
    steps = np.full(count, _UNCLEAR, dtype=np.uint8)
    for width in (4, 3, 2, 1):
        here = lengths[width : width + count] + np.uint8(width)
        steps = here ^ ((here ^ steps) & goes_on[width - 1 : width - 1 + count])
    return steps.tobytes()


def _jump(data: bytes, steps: bytes, begins: bytearray, start: int, end: int) -> list[tuple[int, int, bytes]]:
    """Mark where the events of a track begin; its meta events by the place they begin at."""
    found: list[tuple[int, int, bytes]] = []
    at = start
    while at < end:
        begins[at] = 1
        step = steps[at]
        if step < _BESIDE:
            at += step
            continue
        if step >= _UNCLEAR:
            raise _UnclearError
        number, payload, after = _beside(data, at, end)
        if number == _END_OF_TRACK:
            return found
        if number >= 0:
            found.append((at, number, payload))
        at = after
    if at > end:
        raise _UnclearError
    return found


def _beside(data: bytes, at: int, end: int) -> tuple[int, bytes, int]:
    """Type (-1 for a system exclusive message), payload and end of the event at ``at`` in a track up to ``end``."""
    _, at = _variable(data, at)
    status = data[at]
    if status not in (0xF0, 0xF7, 0xFF):
        raise _UnclearError
    is_meta = status == 0xFF
    length, body = _variable(data, at + 1 + is_meta)
    if body > end:
        raise _UnclearError
    return (data[at + 1] if is_meta else -1), data[body : body + length], body + length


def _variable(data: bytes, at: int) -> tuple[int, int]:
    """A variable-length number, and where it ends."""
    value = 0
    for place in range(at, at + 4):
        value = value << 7 | data[place] & 0x7F
        if data[place] < 0x80:
            return value, place + 1
    raise _UnclearError


def _times(padded: Bytes, place: Ints) -> tuple[Ints, Ints]:
    """Ticks since the event before, and the last byte of that number, of the events that begin at ``place``."""
    head, value = place.copy(), padded[place].astype(np.int64)
    wide = np.flatnonzero(value >= 0x80)
    value[wide] &= 0x7F
    while len(wide):
        head[wide] += 1
        byte = padded[head[wide]]
        value[wide] = value[wide] << 7 | byte & 0x7F
        wide = wide[byte >= 0x80]
    return value, head


def _statuses(said: Bytes, begins: Ints) -> tuple[Bytes, Flags]:
    """The status of each event, the running one filled in, and whether it was; ``begins`` are the tracks' first."""
    running = said < 0x80
    if not running.any():
        return said, running
    if running[begins].any():
        raise _UnclearError
    status = said[np.maximum.accumulate(np.where(running, 0, np.arange(len(said))))]
    ran_on = status[running] & 0xF0
    if ((ran_on >= _PROGRAM) & (ran_on != _BEND)).any():
        raise _UnclearError
    return status, running


def _notes(events: _Events, meta: list[list[Meta]], unit: int) -> Scanned:
    """Note-ons and note-offs joined, the oldest sounding note of a pitch ending first."""
    struck = events.of(_ON)
    quiet = events.second[struck] == 0
    begin = struck[~quiet]
    end = events.of(_OFF)
    end = np.sort(np.concatenate([end, struck[quiet]])) if len(end) else struck[quiet]
    if len(begin) != len(end) or _changes_part(events, begin):
        raise _UnclearError
    key = events.channel << 7 | events.first
    key = key.astype(np.uint16) if events.tracks <= 32 else key  # sorted by radix
    by_key, ends = (of[np.argsort(key[of], kind="stable")] for of in (begin, end))
    if (key[by_key] != key[ends]).any() or (ends < by_key).any():
        raise _UnclearError
    stop = np.empty(len(events.tick), dtype=np.int64)
    stop[by_key] = events.tick[ends]
    track = _track_numbers(events)[events.channel[begin]]
    if (track[1:] < track[:-1]).any():
        order = np.argsort(track, kind="stable")
        begin, track = begin[order], track[order]
    start = events.tick[begin]
    return Scanned(
        unit,
        start=start,
        end=np.maximum(stop[begin], start + 1),
        pitch=events.first[begin].astype(np.int64),
        velocity=events.second[begin].astype(np.int64),
        track=track,
        is_drum=events.channel[begin] & 0x0F == DRUM_CHANNEL,
        last_control=int(events.tick[events.kind == _CONTROL].max(initial=0)),
        meta=meta,
    )


def _changes_part(events: _Events, begin: Ints) -> bool:
    """Whether a channel chooses a program or bank once a note has been struck on it, there or in another track."""
    controls, programs = events.of(_CONTROL), events.of(_PROGRAM)
    struck = np.full(16, _LAST_TICK)
    np.minimum.at(struck, events.channel[begin] & 0x0F, events.tick[begin])
    if (events.tick[programs] > struck[events.channel[programs] & 0x0F]).any():
        return True
    banks = controls[(events.first[controls] == 0) | (events.first[controls] == _LAST_BANK)]
    chosen = np.concatenate([banks, programs])
    return bool((chosen > events.first_in_channel(begin)[events.channel[chosen]]).any())


def _track_numbers(events: _Events) -> Ints:
    """Number of each channel of each file track in the order in which they are first spoken to."""
    seen = np.argsort(events.first_in_channel(np.flatnonzero(events.kind < _OTHER)), kind="stable")
    numbers = np.empty(len(seen), dtype=np.int64)
    numbers[seen] = np.arange(len(seen))
    return numbers
