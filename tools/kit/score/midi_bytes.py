"""Standard MIDI files as bytes: every event of them, read and written (MIDI Manufacturers Association, RP-001 1996).

Times are ticks. A note-off ends the oldest sounding note of its pitch, as sequencers read it. What a file says
against itself (a note without an end, a tempo of nothing) is mended and told in ``faults``; damaged bytes are an error.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

NoteEvent = list[int]  # start, end, pitch, velocity, program, bank
Message = tuple[int, int, bytes]  # tick, order within it, bytes without the time before them
_BANKS = (0, 32)
_SYSTEM_LENGTHS = {0xF1: 1, 0xF2: 2, 0xF3: 1}
_LAST_TICK = 1 << 31


class DamagedMidiError(ValueError):
    """Bytes that are no MIDI; the message says where and what."""


@dataclass
class ChannelEvents:
    """What one file track plays on one channel."""

    notes: list[NoteEvent] = field(default_factory=list)
    controls: list[tuple[int, int, int]] = field(default_factory=list)
    bends: list[tuple[int, int]] = field(default_factory=list)
    other: list[tuple[int, bytes]] = field(default_factory=list)  # aftertouch, status byte without its channel
    programs: list[tuple[int, int]] = field(default_factory=list)
    program: int = 0
    bank: int = 0


@dataclass
class FileTrack:
    """One track of a file: its channels, and its meta events and system messages as ``(tick, bytes)``."""

    channels: dict[int, ChannelEvents] = field(default_factory=lambda: defaultdict(ChannelEvents))
    meta: list[tuple[int, int, bytes]] = field(default_factory=list)  # tick, type, payload
    system: list[tuple[int, bytes]] = field(default_factory=list)


@dataclass
class MidiFile:
    """The tracks of a file and its ticks per quarter; ``faults`` say what was mended."""

    ticks_per_quarter: int
    tracks: list[FileTrack]
    faults: tuple[str, ...] = ()


def parse(data: bytes) -> MidiFile:
    """Every event of a type 0 or 1 file with ticks per quarter; :class:`DamagedMidiError` says what is wrong."""
    ticks = _ticks_per_quarter(data)
    faults: Counter[str] = Counter()
    tracks: list[FileTrack] = []
    at = 8 + int.from_bytes(data[4:8], "big")
    while at + 8 <= len(data):
        length = int.from_bytes(data[at + 4 : at + 8], "big")
        end = at + 8 + length
        if data[at : at + 4] == b"MTrk":
            if end > len(data):
                raise DamagedMidiError(f"track {len(tracks) + 1} is cut off")
            tracks.append(_track(data[at + 8 : end], len(tracks) + 1, faults))
        at = end
    if not tracks:
        raise DamagedMidiError("it has no tracks")
    missing = int.from_bytes(data[10:12], "big") - len(tracks)
    if missing > 0:
        faults["tracks that its header counts are not there: the file may be cut off"] = missing
    return MidiFile(ticks, tracks, tuple(f"{count} {fault}" for fault, count in sorted(faults.items())))


def _ticks_per_quarter(data: bytes) -> int:
    if len(data) < 14 or data[:4] != b"MThd":
        raise DamagedMidiError("its header is cut off")
    if data[9] == 2:
        raise DamagedMidiError("it is of type 2, a bundle of separate sequences")
    if data[12] >= 0x80:
        raise DamagedMidiError("it counts SMPTE time, which has no bars")
    ticks = int.from_bytes(data[12:14], "big")
    if not ticks:
        raise DamagedMidiError("it states no ticks per quarter note")
    return ticks


def _track(data: bytes, number: int, faults: Counter[str]) -> FileTrack:
    try:
        return _events(data, faults)
    except IndexError as err:
        raise DamagedMidiError(f"track {number} stops in the middle of an event") from err
    except DamagedMidiError as err:
        raise DamagedMidiError(f"track {number}: {err}") from err


def _events(data: bytes, faults: Counter[str]) -> FileTrack:
    """The events of one track, in one pass; the branches stand in the order of how often they are taken."""
    track = FileTrack()
    sounding: dict[int, list[NoteEvent]] = defaultdict(list)
    released: dict[int, int] = {}
    at, tick, status, size = 0, 0, 0, len(data)
    while at < size:
        byte = data[at]
        at += 1
        if byte & 0x80:
            delta, at = _variable(data, at - 1)
            tick += delta
        else:
            tick += byte
        byte = data[at]
        if byte & 0x80:
            status = byte
            at += 1
        elif not 0x80 <= status < 0xF0:
            raise DamagedMidiError(f"byte {at} should begin an event")
        kind = status & 0xF0
        if kind == 0xF0:
            at, ended = _beside(data, at, status, tick, track, faults)
            if ended:
                break
            continue
        channel = track.channels[status & 0x0F]
        first = data[at]
        second = data[at + 1] if kind not in (0xC0, 0xD0) else 0
        if (first | second) & 0x80:
            raise DamagedMidiError(f"byte {at} should be data, below 128")
        at += 1 if kind in (0xC0, 0xD0) else 2
        if kind == 0x90 and second:
            note = [tick, -1, first, second, channel.program, channel.bank]
            channel.notes.append(note)
            sounding[status << 7 & 0x780 | first].append(note)
        elif kind in (0x80, 0x90):
            key = status << 7 & 0x780 | first
            if sounding[key]:
                sounding[key].pop(0)[1] = tick
            else:
                released[key] = tick
        elif kind == 0xB0:
            channel.controls.append((tick, first, second))
            if first in _BANKS:
                channel.bank = second << 7 | channel.bank & 0x7F if first == 0 else channel.bank & ~0x7F | second
        elif kind == 0xE0:
            channel.bends.append((tick, (second << 7 | first) - 8192))
        elif kind == 0xC0:
            channel.program = first
            channel.programs.append((tick, first))
        else:
            channel.other.append((tick, bytes((kind, first, second) if kind == 0xA0 else (kind, first))))
    if tick > _LAST_TICK:
        raise DamagedMidiError("its times run beyond what a sequencer can play")
    _end_hanging(sounding, released, tick, faults)
    return track


def _beside(data: bytes, at: int, status: int, tick: int, track: FileTrack, faults: Counter[str]) -> tuple[int, bool]:
    """A meta event or system message at ``at``; where the next event begins, and whether the track ends here."""
    if status in (0xF0, 0xF7):
        length, at = _variable(data, at)
        if at + length > len(data):
            raise DamagedMidiError(f"a system exclusive message at byte {at} runs past the end")
        track.system.append((tick, bytes((status,)) + _number(length) + data[at : at + length]))
        return at + length, False
    if status != 0xFF:
        faults["system messages that belong to a wire, not a file"] += 1
        return at + _SYSTEM_LENGTHS.get(status, 0), False
    kind = data[at]
    length, at = _variable(data, at + 1)
    if kind == 0x2F:
        return at, True
    if at + length > len(data):
        raise DamagedMidiError(f"a meta event at byte {at} runs past the end")
    track.meta.append((tick, kind, data[at : at + length]))
    return at + length, False


def _end_hanging(
    sounding: dict[int, list[NoteEvent]], released: dict[int, int], last: int, faults: Counter[str]
) -> None:
    """End what no note-off ends: at its start where its note-off came first, else where its track ends."""
    for key, notes in sounding.items():
        for note in notes:
            if released.get(key) == note[0]:
                note[1] = note[0]
            else:
                note[1] = last
                faults["notes without an end, held to the end of their track"] += 1


def _variable(data: bytes, at: int) -> tuple[int, int]:
    """A variable-length number of four bytes at most, and where it ends."""
    value = 0
    for place in range(at, at + 4):
        byte = data[place]
        value = value << 7 | byte & 0x7F
        if not byte & 0x80:
            return value, place + 1
    raise DamagedMidiError(f"a number at byte {at} does not end")


def meta(kind: int, payload: bytes) -> bytes:
    """A meta event's bytes."""
    return bytes((0xFF, kind)) + _number(len(payload)) + payload


def assemble(tracks: Iterable[list[Message]], ticks_per_quarter: int) -> bytes:
    """A type 1 file of messages; those of one tick stand in their order, then as they came."""
    chunks = [_chunk(sorted(messages, key=lambda m: m[:2])) for messages in tracks]
    header = b"MThd" + (6).to_bytes(4, "big") + b"\x00\x01" + len(chunks).to_bytes(2, "big")
    return b"".join((header, ticks_per_quarter.to_bytes(2, "big"), *chunks))


def _chunk(messages: list[Message]) -> bytes:
    body = bytearray()
    now = 0
    for tick, _, message in messages:
        body += _number(tick - now) + message
        now = tick
    body += b"\x00\xff\x2f\x00"
    return b"MTrk" + len(body).to_bytes(4, "big") + bytes(body)


def _number(value: int) -> bytes:
    out = [value & 0x7F]
    while value := value >> 7:
        out.append(0x80 | value & 0x7F)
    return bytes(reversed(out))
