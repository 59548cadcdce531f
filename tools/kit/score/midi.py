"""The score model in and out of MIDI files.

A file track becomes one track for each channel and program in it; they go back into one file track.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from tools.errors import UserError
from tools.kit.score.midi_bytes import ChannelEvents, DamagedMidiError, FileTrack, Message, assemble, meta, parse
from tools.kit.score.midi_programs import after_banks, program_changes, share_programs
from tools.kit.score.model import DRUM_CHANNEL, PROGRAM_CHANGE, Bend, Control, Note, Raw, Score, Track
from tools.kit.theory.meter import Meter
from tools.kit.theory.pitch import Key

T = TypeVar("T")
MOST_BARS = 100_000
_NAME, _LYRIC, _MARKER, _TEMPO, _METER, _KEY = 0x03, 0x05, 0x06, 0x51, 0x58, 0x59  # meta events
_BANKS = (0, 32)  # controllers


def read_midi(path: Path) -> Score:
    """The score in a MIDI file; ``UserError`` names the file, the fault and the mend."""
    try:
        file = parse(path.read_bytes())
        return _score(file.tracks, file.ticks_per_quarter, file.faults)
    except DamagedMidiError as err:
        msg = f"{path.name} cannot be read as MIDI: {err}"
        raise UserError(f"{msg}; export it again as a standard MIDI file of type 1.") from err


def _score(files: list[FileTrack], unit: int, faults: tuple[str, ...]) -> Score:
    share_programs(files)
    maps = Maps(unit)
    score = Score(ticks_per_quarter=unit)
    for number, file in enumerate(files):
        track = _tracks(file, number, unit)
        texts = maps.take(file.meta)
        name = next((_text(p) for _, kind, p in file.meta if kind == _NAME), "")
        raw = sorted([*texts, *(Raw(t / unit, d) for t, d in file.system)], key=lambda r: r.time)
        lyrics = [(t / unit, _text(p)) for t, kind, p in file.meta if kind == _LYRIC]
        if not track and number == 0 and not lyrics:
            score.title, score.raw = name, raw
            continue
        track = track or [Track(name, origin=number)]
        for part in track:
            part.name = name
        track[0].lyrics = lyrics
        track[0].raw = sorted([*track[0].raw, *raw], key=lambda r: r.time)
        score.tracks += track
    score.tempi, score.meters = from_zero(maps.tempi, 120.0), from_zero(maps.meters, Meter())
    score.keys, score.markers, score.faults = maps.keys, maps.markers, (*faults, *maps.faults)
    if score.end / min(m.bar_quarters for _, m in score.meters) > MOST_BARS:
        raise DamagedMidiError(f"it would have more than {MOST_BARS} bars")
    return score


class Maps:
    """The maps of a file, gathered from the meta events of all its tracks."""

    def __init__(self, unit: int) -> None:
        self.unit = unit
        self.tempi: list[tuple[float, float]] = []
        self.meters: list[tuple[float, Meter]] = []
        self.keys: list[tuple[float, Key]] = []
        self.markers: list[tuple[float, str]] = []
        self.faults: tuple[str, ...] = ()

    def take(self, events: list[tuple[int, int, bytes]]) -> list[Raw]:
        """Take what belongs to the maps; the rest comes back, but for names and lyrics."""
        rest: list[Raw] = []
        for tick, kind, payload in events:
            time = tick / self.unit
            if kind == _TEMPO and len(payload) == 3 and any(payload):
                self._put(self.tempi, time, 60e6 / int.from_bytes(payload, "big"), "tempi")
            elif kind == _METER and len(payload) == 4 and payload[0] and payload[1] <= 6:
                self._put(self.meters, time, Meter(payload[0], 1 << payload[1]), "meters")
            elif kind == _KEY and len(payload) == 2 and (payload[0] + 7) % 256 <= 14 and payload[1] <= 1:
                fifths = payload[0] - 256 if payload[0] > 127 else payload[0]
                self._put(self.keys, time, _key(fifths, payload[1]), "key signatures")
            elif kind == _MARKER:
                self.markers.append((time, _text(payload)))
            elif kind in (_TEMPO, _METER, _KEY):
                self.faults += (f"a {'tempo' if kind == _TEMPO else 'signature'} at {time:g} that says nothing",)
            elif kind not in (_NAME, _LYRIC):
                rest.append(Raw(time, meta(kind, payload)))
        return rest

    def _put(self, entries: list[tuple[float, T]], time: float, value: T, what: str) -> None:
        """Enter a value in the order of times; of several at one place the last one counts, and is told."""
        at = bisect_left(entries, time, key=lambda entry: entry[0])
        if at == len(entries) or entries[at][0] != time:
            entries.insert(at, (time, value))
        elif entries[at][1] != value:
            self.faults += (f"one of two {what} at {time:g} ({entries[at][1]})",)
            entries[at] = (time, value)


def _tracks(file: FileTrack, number: int, unit: int) -> list[Track]:
    """The tracks that a file track holds: one for each channel, and for each program played on it."""
    found: list[Track] = []
    for channel, events in file.channels.items():
        base = Track(
            "",
            events.programs[0][1] if events.programs else 0,
            is_drum=channel == DRUM_CHANNEL,
            controls=[Control(t / unit, n, v) for t, n, v in events.controls],
            bends=[Bend(t / unit, v) for t, v in events.bends],
            channel=channel,
            origin=number,
        )
        parts = _by_program(base, events, unit) or [base]
        chosen = [(t, bytes((PROGRAM_CHANGE, program))) for t, program in events.programs]
        parts[0].raw = [Raw(t / unit, d) for t, d in sorted([*chosen, *events.other], key=lambda e: e[0])]
        found += parts
    return found


def _by_program(base: Track, events: ChannelEvents, unit: int) -> list[Track]:
    parts: dict[tuple[int, int], Track] = {}
    for start, end, pitch, velocity, program, bank in events.notes:
        part = parts.get((program, bank))
        if part is None:
            part = replace(base, program=program, notes=[], controls=list(base.controls), bends=list(base.bends))
            parts[program, bank] = part
        part.notes.append(Note(start / unit, max(1, end - start) / unit, pitch, velocity))
    return list(parts.values())


def write_midi(score: Score, path: Path) -> None:
    """Write a type 1 MIDI file; the same score gives the same bytes."""

    def ticks(quarters: float) -> int:
        return max(0, round(quarters * score.ticks_per_quarter))

    conductor: list[Message] = [(0, 0, meta(_NAME, score.title.encode()))] if score.title else []
    conductor += [(ticks(t), 1, meta(_TEMPO, round(60e6 / bpm).to_bytes(3, "big"))) for t, bpm in score.tempi]
    for time, meter in score.meters:
        shown = bytes((meter.numerator, meter.denominator.bit_length() - 1, round(24 * meter.beat_quarters), 8))
        conductor.append((ticks(time), 1, meta(_METER, shown)))
    conductor += [(ticks(t), 1, meta(_KEY, bytes((_fifths(k) % 256, int(k.is_minor))))) for t, k in score.keys]
    conductor += [(ticks(t), 2, meta(_MARKER, text.encode())) for t, text in score.markers]
    conductor += [(ticks(r.time), 2, r.data) for r in score.raw]
    channels = channels_of(score.tracks)
    groups: dict[tuple[int, ...], list[tuple[Track, int]]] = {}
    for number, (track, channel) in enumerate(zip(score.tracks, channels, strict=True)):
        home = (number,) if track.origin is None else (-1, track.origin, channel)
        groups.setdefault(home, []).append((track, channel))
    parts = [(group[0][1], [track for track, _ in group]) for group in groups.values()]
    programs = program_changes(parts, ticks)
    chunks = [conductor, *(_messages(*part, chosen, ticks) for part, chosen in zip(parts, programs, strict=True))]
    path.write_bytes(assemble(chunks, score.ticks_per_quarter))


def channels_of(tracks: list[Track]) -> list[int]:
    """A channel for each track: its own, or the lowest free one, or one that plays the same program."""
    taken = {t.channel: t.program for t in tracks if t.channel is not None}
    chosen: list[int] = []
    for track in tracks:
        if track.is_drum:
            chosen.append(DRUM_CHANNEL)
        elif track.channel is not None and track.channel != DRUM_CHANNEL:
            chosen.append(track.channel)
        else:
            melodic = [c for c in range(16) if c != DRUM_CHANNEL]
            free = [c for c in melodic if c not in taken]
            alike = [c for c in melodic if taken.get(c) == track.program]
            channel = (free or alike or melodic[len(chosen) % len(melodic) :])[0]
            taken[channel] = track.program
            chosen.append(channel)
    return chosen


def _messages(
    channel: int, tracks: list[Track], programs: list[tuple[int, int]], ticks: Callable[[float], int]
) -> list[Message]:
    """One file track: the program changes given and all else that its tracks hold."""
    first, controls, bends = tracks[0], tracks[0].controls, tracks[0].bends
    if len(tracks) > 1:
        controls = list({(c.time, c.number, c.value): c for t in tracks for c in t.controls}.values())
        bends = list({(b.time, b.value): b for t in tracks for b in t.bends}.values())
    found: list[Message] = [(0, 0, meta(_NAME, first.name.encode()))] if first.name else []
    programs = [*programs, *after_banks(tracks, programs, ticks)]
    found += [(tick, 2, bytes((PROGRAM_CHANGE | channel, program))) for tick, program in programs]
    found += [
        (ticks(c.time), 1 if c.number in _BANKS else 3, bytes((0xB0 | channel, c.number, c.value))) for c in controls
    ]
    for bend in bends:
        raw = max(0, min(16383, bend.value + 8192))
        found.append((ticks(bend.time), 3, bytes((0xE0 | channel, raw & 0x7F, raw >> 7))))
    for note in sorted((n for t in tracks for n in t.notes), key=lambda n: (n.start, n.pitch)):
        start = ticks(note.start)
        found.append((start, 5, bytes((0x90 | channel, note.pitch, max(1, min(127, note.velocity))))))
        found.append((max(start + 1, ticks(note.end)), 4, bytes((0x80 | channel, note.pitch, 0))))
    for track in tracks:
        found += [(ticks(t), 3, meta(_LYRIC, text.encode())) for t, text in track.lyrics]
        kept = [r for r in track.raw if r.data[0] != PROGRAM_CHANGE]
        found += [(ticks(r.time), 3, _on_channel(r.data, channel)) for r in kept]
    return found


def _on_channel(data: bytes, channel: int) -> bytes:
    return bytes((data[0] | channel, *data[1:])) if data[0] in (0xA0, 0xD0) else data


def _text(payload: bytes) -> str:
    """A text of a MIDI file, which names no encoding: UTF-8 where it is that, else Latin-1."""
    try:
        return payload.decode()
    except UnicodeDecodeError:
        return payload.decode("latin-1")


def from_zero(changes: list[tuple[float, T]], default: T) -> list[tuple[float, T]]:
    """A map that starts at 0."""
    if not changes or changes[0][0] > 0:
        return [(0.0, default), *changes]
    return changes


def _fifths(key: Key) -> int:
    """Sharps (positive) or flats (negative) of the key signature, -5 to 6."""
    fifths = (key.relative_major_tonic() * 7) % 12
    return fifths if fifths <= 6 else fifths - 12


def _key(fifths: int, tonality: int) -> Key:
    tonic = (fifths * 7) % 12
    return Key((tonic + 9) % 12, "minor") if tonality else Key(tonic, "major")
