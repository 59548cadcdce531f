"""What sounds in a MIDI file, read by mido alone: each note with its channel's program, controllers and bend.

A second reader beside the project's own, for what that one might overlook; and MIDI files as other programs write
them, with channels that tracks share and a track of its own for what is set.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import mido

_DRUMS = 9
_WIDE = (0, 4, 16, 19, 48, 50)  # programs that reach every note of a corpus score
_TICKS = 960  # a quarter, on which the places of two files are compared


@dataclass(frozen=True)
class Heard:
    """A note as it begins to sound: its place in quarters, the name of its track and all that its channel is set to."""

    start: float
    track: str
    pitch: int
    velocity: int
    state: tuple[tuple[int, int], ...]

    @property
    def timbre(self) -> tuple[object, ...]:
        """What of it stays when bars move."""
        return self.pitch, self.velocity, self.state

    @property
    def sound(self) -> tuple[object, ...]:
        """What of it may not differ at all."""
        return (round(self.start * _TICKS), *self.timbre)


_PROGRAM, _BEND, _DRUM_KIT = -1, -2, -3  # beside the numbers of controllers


def heard(path: Path) -> list[Heard]:
    """Every note of a file; of the events of one tick those that set something come first, then in track order."""
    file = mido.MidiFile(path)
    events: list[tuple[int, bool, int, str, mido.Message]] = []
    for number, track in enumerate(file.tracks):
        now = 0
        for message in track:
            now += message.time
            if not message.is_meta and message.type != "sysex":
                events.append((now, message.type == "note_on", number, track.name.strip(), message))
    events.sort(key=lambda e: e[:3])
    states: list[dict[int, int]] = [{_DRUM_KIT: int(channel == _DRUMS), _PROGRAM: 0, _BEND: 0} for channel in range(16)]
    found: list[Heard] = []
    for tick, _, _, name, message in events:
        state = states[message.channel]
        if message.type == "program_change":
            state[_PROGRAM] = message.program
        elif message.type == "control_change":
            state[message.control] = message.value
        elif message.type == "pitchwheel":
            state[_BEND] = message.pitch
        elif message.type == "note_on" and message.velocity:
            place = tick / file.ticks_per_beat
            found.append(Heard(place, name, message.note, message.velocity, tuple(sorted(state.items()))))
    return found


def lost_outside(before: Path, after: Path, span: tuple[float, float], names: set[str], *, moves: bool) -> str:
    """What of the sound outside of some quarters and named tracks is not in the edited file; '' when all is.

    Parameters
    ----------
    moves
        Whether the edit moves what comes after it, so that places are not compared.
    """
    outside = [n for n in heard(before) if not (span[0] - 1e-6 <= n.start < span[1] - 1e-6 and n.track in names)]
    wanted = Counter(n.timbre if moves else n.sound for n in outside)
    lost = wanted - Counter(n.timbre if moves else n.sound for n in heard(after))
    first = next(iter(lost), None)
    return f"{lost.total()} notes sound otherwise, first {first}" if lost else ""


def foreign(path: Path, made: Path, rng: random.Random) -> Path:
    """A score as another program might write it: tracks of one program share a channel that only one of them sets.

    In half of the files what is set stands in a track without notes, with a change of program halfway.
    """
    file = mido.MidiFile(path)
    channels: dict[int, int] = {}
    tracks = [_timed(track) for track in file.tracks]
    settings: list[tuple[int, mido.Message]] = []
    for number, events in enumerate(tracks):
        programs = [m.program for _, m in events if m.type == "program_change"]
        own = next((m.channel for _, m in events if m.type == "note_on"), None)
        if own is None or own == _DRUMS:
            continue
        is_first = (programs or [0])[0] not in channels
        channel = channels.setdefault((programs or [0])[0], own)
        levels = [mido.Message("control_change", control=c, value=rng.randint(40, 120)) for c in (7, 10)]
        kept = [(t, m) for t, m in events if m.is_meta or m.type == "sysex" or m.type.startswith("note_")]
        chosen = [(t, m) for t, m in [*events, *((0, m) for m in levels)] if (t, m) not in kept]
        for _, message in (*kept, *chosen):
            if not message.is_meta and message.type != "sysex":
                message.channel = channel
        settings += chosen if is_first else []
        tracks[number] = [*kept, *chosen] if is_first else kept
    if rng.random() < 0.5 and settings:
        last = max(t for events in tracks for t, _ in events)
        set_here = [id(m) for _, m in settings]
        tracks = [[(t, m) for t, m in events if id(m) not in set_here] for events in tracks]
        other = mido.Message("program_change", channel=settings[0][1].channel, program=rng.choice(_WIDE))
        tracks.insert(1, [*settings, (last // 2, other)])
    out = mido.MidiFile(ticks_per_beat=file.ticks_per_beat)
    out.tracks += [_untimed(events) for events in tracks]
    out.save(made)
    return made


def _timed(track: mido.MidiTrack) -> list[tuple[int, mido.Message]]:
    now, found = 0, []
    for message in track:
        now += message.time
        if message.type != "end_of_track":
            found.append((now, message.copy(time=0)))
    return found


def _untimed(events: list[tuple[int, mido.Message]]) -> mido.MidiTrack:
    """A track of timed messages; in one tick what sets something and note-offs come before note-ons."""
    made, now = mido.MidiTrack(), 0
    for tick, message in sorted(events, key=lambda e: (e[0], e[1].type == "note_on")):
        made.append(message.copy(time=tick - now))
        now = tick
    return made
