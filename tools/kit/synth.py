"""From a score to stereo sound through rustysynth (MIT, in the midirenderer package) and a SoundFont.

rustysynth plays what a performance is made of: velocity (level and brightness), volume, expression,
pan, pitch bend, vibrato, exclusive classes, releases, reverb and chorus. It takes MIDI bytes and gives
16-bit samples at 48 kHz, so this module sees to the rest:

- a score goes through in windows of a minute that are summed with their releases overlapping; the
  synthesizer is linear in its notes, so the sum is the whole, and memory stays bounded;
- a window that would clip is rendered again softer, a very quiet one louder, and both are scaled back
  in floating point: no clipping, and no 16-bit grain in music that is turned up later;
- pedals become longer notes, unisons on one channel are struck again, nothing hangs.
"""

from __future__ import annotations

import io
import wave
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from tools.errors import LimitExceeded, ToolFailed, UserError
from tools.kit.audio import Samples
from tools.kit.loudness import highest
from tools.kit.score import DRUM_CHANNEL, Score, Track

RATE = 48_000
TAIL_S = 4.0  # release and reverb rendered after the last note
MAX_SECONDS = 3600.0
MAX_NOTES = 500_000
_WINDOW_S = 60.0
_TICKS_PER_S = 4800
_BLOCK = 64  # events fall on the synthesizer's next block of samples...
_LEAD_TICKS = 3  # ...so all are half a block late, and a block is cut off: their mean error is 0, at most 0.7 ms
_MELODIC_CHANNELS = tuple(c for c in range(16) if c != DRUM_CHANNEL)
_VOICES = 64  # rustysynth's polyphony
_VOLUME, _VOLUME_FINE, _PEDAL = 7, 39, 64
_DEFAULT_VOLUME = 100
_SHIPPED = ("TimGM6mb", "GPL-2.0")


@dataclass(frozen=True)
class SoundFont:
    """The sampled instruments that sound, with the name and licence that the result's facts carry."""

    name: str
    licence: str
    data: bytes


@dataclass(frozen=True)
class _Part:
    """One track in seconds, ready to play: notes as (start, end, pitch, velocity), other events as (time, bytes)."""

    name: str
    is_drum: bool
    program: int
    notes: tuple[tuple[float, float, int, int], ...]
    events: tuple[tuple[float, bytes], ...]  # status byte without its channel

    def polyphony(self) -> int:
        """Most notes that sound at once."""
        changes = sorted((t, d) for start, end, *_ in self.notes for t, d in ((start, 1), (end, -1)))
        most = level = 0
        for _, change in changes:
            level += change
            most = max(most, level)
        return most


def load_soundfont(setting: Path | None = None, licence: str = "unstated (the person's SoundFont)") -> SoundFont:
    """A SoundFont file under its licence, or the one that pretty_midi ships (``UserError`` on a bad file)."""
    if setting is None:
        spec = find_spec("pretty_midi")
        if spec is None or spec.origin is None:
            raise ToolFailed("The SoundFont of the pretty_midi package is missing; install pretty_midi again.")
        path, (name, licence) = Path(spec.origin).parent / "TimGM6mb.sf2", _SHIPPED
    else:
        path, name = setting, setting.stem
    try:
        data = path.read_bytes()
    except OSError as err:
        raise UserError(f"The SoundFont {path} cannot be read ({err.strerror}); check the path.") from err
    if data[:4] != b"RIFF" or data[8:12] != b"sfbk":
        raise UserError(f"{path.name} is no SoundFont 2 file; give an .sf2 file.")
    return SoundFont(name, licence, data)


def synthesise(
    score: Score, font: SoundFont, *, progress: Callable[[float], None] = lambda share: None
) -> list[tuple[str, Samples]]:
    """Play every track that has notes, each on its own: ``[(track name, float32 [n, 2]), ...]``.

    All arrays have one length: to the end of the last note and :data:`TAIL_S` beyond, at :data:`RATE`.
    """
    parts = _parts(score)
    groups = [[part] for part in parts]
    return [(g[0].name, s) for g, s in zip(groups, _play(groups, font, progress), strict=True)]


def synthesise_mix(score: Score, font: SoundFont, *, progress: Callable[[float], None] = lambda share: None) -> Samples:
    """Play the whole score: float32 ``[n, 2]`` at :data:`RATE`, :data:`TAIL_S` longer than its last note.

    The result is at the synthesizer's own level, which may exceed full scale.

    Raises
    ------
    UserError
        When the score has no notes, or the SoundFont cannot be played.
    LimitExceeded
        Beyond :data:`MAX_SECONDS` or :data:`MAX_NOTES`.
    """
    groups = list(_groups(_parts(score)))
    sounds = _play(groups, font, progress)
    total = next(sounds)
    for sound in sounds:
        total += sound
    return total


def check_playable(score: Score, name: str) -> None:
    """Refuse a score with no notes (``UserError``) or with more than is rendered (``LimitExceeded``), by its name."""
    count = sum(len(t.notes) for t in score.tracks)
    if count == 0:
        raise UserError(f"{name} has no notes, so there is nothing to hear; attach a score with notes.")
    if count > MAX_NOTES:
        raise LimitExceeded(f"{name} has {count} notes, more than the {MAX_NOTES} that are rendered; split it.")
    length = score.seconds(score.end)
    if length > MAX_SECONDS:
        longest = max((n for t in score.tracks for n in t.notes), key=lambda n: n.duration)
        held = score.seconds(longest.end) - score.seconds(longest.start)
        raise LimitExceeded(
            f"{name} lasts {length:.0f} s, more than the {MAX_SECONDS:.0f} s that are rendered "
            f"(its longest note is held {held:.0f} s); crop it first."
        )


def _parts(score: Score) -> list[_Part]:
    """The tracks with notes, in seconds, free of what would hang or never end."""
    return [_part(track, score) for track in score.tracks if track.notes]


def _part(track: Track, score: Score) -> _Part:
    seconds, score_end = _clock(score), score.end
    pedal = sorted((c.time, c.value >= 64) for c in track.controls if c.number == _PEDAL)
    last: dict[int, int] = {}
    notes: list[tuple[float, float, int, int]] = []
    for note in sorted(track.notes, key=lambda n: (n.start, n.pitch, -n.duration)):
        end = _pedalled(max(note.end, note.start), pedal, score_end)
        if note.pitch in last:
            earlier = notes[last[note.pitch]]
            start = seconds(note.start)
            if earlier[0] == start:
                continue  # a unison struck at once is one note
            notes[last[note.pitch]] = (earlier[0], min(earlier[1], start), *earlier[2:])
        last[note.pitch] = len(notes)
        notes.append((seconds(max(0.0, note.start)), seconds(end), note.pitch, max(1, min(127, note.velocity))))
    events = [
        (seconds(max(0.0, c.time)), bytes((0xB0, c.number, c.value)))
        for c in track.controls
        if c.number < 120 and c.number not in (_PEDAL, _VOLUME_FINE)
    ]
    events += [(seconds(max(0.0, b.time)), _bend(b.value)) for b in track.bends]
    return _Part(
        track.name, track.is_drum, track.program, tuple(notes), tuple(sorted(events, key=lambda event: event[0]))
    )


def _clock(score: Score) -> Callable[[float], float]:
    """Quarters to seconds, fast for many notes."""
    places = [time for time, _ in score.tempi]
    elapsed = [score.seconds(place) for place in places]

    def seconds(quarter: float) -> float:
        index = max(0, bisect_right(places, quarter) - 1)
        return elapsed[index] + (quarter - places[index]) * 60.0 / score.tempi[index][1]

    return seconds


def _pedalled(end: float, pedal: Sequence[tuple[float, bool]], limit: float) -> float:
    """Where a note stops sounding: at its end or, when the pedal is down then, at the pedal's release."""
    index = bisect_right(pedal, (end, True)) - 1
    if index < 0 or not pedal[index][1]:
        return end
    return min(limit, next((time for time, down in pedal[index + 1 :] if not down), limit))


def _bend(value: int) -> bytes:
    raw = max(0, min(16383, value + 8192))
    return bytes((0xE0, raw & 0x7F, raw >> 7))


def _groups(parts: list[_Part]) -> Iterator[list[_Part]]:
    """Parts that fit one synthesizer: its channels, one drum kit, its voices at two a note."""
    group: list[_Part] = []
    voices = 0
    for part in parts:
        need = 2 * part.polyphony()
        kits = {p.program for p in (*group, part) if p.is_drum}
        melodic = sum(not p.is_drum for p in (*group, part))
        if group and (voices + need > _VOICES or len(kits) > 1 or melodic > len(_MELODIC_CHANNELS)):
            yield group
            group, voices = [], 0
        group.append(part)
        voices += need
    yield group


def _play(groups: list[list[_Part]], font: SoundFont, progress: Callable[[float], None]) -> Iterator[Samples]:
    """The sound of each group, all of one length."""
    end = max(note[1] for group in groups for part in group for note in part.notes)
    length = int(np.ceil((end + TAIL_S) * RATE))
    windows = int(end // _WINDOW_S) + 1
    for number, group in enumerate(groups):
        out = np.zeros((length, 2), np.float32)
        for window in range(windows):
            start = window * _WINDOW_S
            piece = _window(group, font, start, start + _WINDOW_S)
            at = round(start * RATE)
            count = min(len(piece), length - at)
            out[at : at + count] += piece[:count]
            progress((number * windows + window + 1) / (len(groups) * windows))
        yield out


def _window(group: list[_Part], font: SoundFont, start: float, stop: float) -> Samples:
    """The sound of the notes that begin in a window, from its start to their last release, at true level."""
    notes = [[n for n in part.notes if start <= n[0] < stop] for part in group]
    if not any(notes):
        return np.zeros((0, 2), np.float32)
    volume, copies = 1.0, 1
    sound = _rendered(_midi(group, notes, start, volume, copies), font)
    while highest(sound) > 0.999 and volume > 0.05:
        volume /= 2
        sound = _rendered(_midi(group, notes, start, volume, copies), font)
    peak = highest(sound)
    room = _VOICES // (2 * sum(part.polyphony() for part in group))
    if 0 < peak < 0.1 and room > 1 and not any(part.is_drum for part in group):
        copies = min(room, int(0.5 / peak))
        sound = _rendered(_midi(group, notes, start, volume, copies), font)
    sound *= np.float32(1 / (volume**2 * copies))
    return sound


def _rendered(midi: bytes, font: SoundFont) -> Samples:
    import midirenderer

    try:
        wav = midirenderer.render_wave_from(font.data, midi)
    except Exception as err:  # the extension raises bare exceptions on a SoundFont it cannot play
        raise UserError(f"The SoundFont {font.name} cannot be played ({err}); give another .sf2 file.") from err
    with wave.open(io.BytesIO(wav)) as file:
        shape = (file.getframerate(), file.getnchannels(), file.getsampwidth())
        if shape != (RATE, 2, 2):
            raise ToolFailed(f"The synthesizer gave {shape} for 48 kHz 16-bit stereo; install midirenderer 0.1.3.")
        samples = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2")
    return samples.reshape(-1, 2)[_BLOCK:] * np.float32(1 / 32768)


def _midi(
    group: list[_Part], notes: list[list[tuple[float, float, int, int]]], start: float, volume: float, copies: int
) -> bytes:
    """A MIDI file of one window: each part's state at its start, then its events and notes until the last release."""

    def tick(second: float) -> int:
        return _LEAD_TICKS + round((second - start) * _TICKS_PER_S)

    channels = iter(_MELODIC_CHANNELS)
    end = max(n[1] for part in notes for n in part) + TAIL_S
    messages: list[tuple[int, int, bytes]] = [(tick(end), 9, bytes((0xB0, 119, 0)))]
    for part, own in zip(group, notes, strict=True):
        channel = DRUM_CHANNEL if part.is_drum else next(channels)
        messages.append((0, 0, bytes((0xC0 | channel, part.program))))
        messages.extend((0, 0, m) for m in _volume(channel, _DEFAULT_VOLUME, volume))
        for time, raw in part.events:
            if time < end:
                place = max(0, tick(time))
                is_volume = raw[0] == 0xB0 and raw[1] == _VOLUME
                own_bytes = _volume(channel, raw[2], volume) if is_volume else (bytes((raw[0] | channel, *raw[1:])),)
                messages.extend((place, 2, m) for m in own_bytes)
        for begin, stop, pitch, velocity in own:
            on = tick(begin)
            off = max(on + 1, tick(stop))
            messages.extend([(on, 3, bytes((0x90 | channel, pitch, velocity)))] * copies)
            messages.append((off, 1, bytes((0x80 | channel, pitch, 0))))
    messages.sort(key=lambda message: message[:2])
    return _file(messages)


def _volume(channel: int, value: int, scale: float) -> tuple[bytes, bytes]:
    """Channel volume in 14 bits, so that scaling keeps the balance between tracks."""
    fine = round(value * 128 * scale)
    return bytes((0xB0 | channel, _VOLUME, fine >> 7)), bytes((0xB0 | channel, _VOLUME_FINE, fine & 0x7F))


def _file(messages: list[tuple[int, int, bytes]]) -> bytes:
    """A type 0 file at one second a quarter, from sorted (tick, order, bytes)."""
    body = bytearray(b"\x00\xff\x51\x03" + (1_000_000).to_bytes(3, "big"))
    now = 0
    for tick, _, message in messages:
        body += _variable_length(tick - now) + message
        now = tick
    body += b"\x00\xff\x2f\x00"
    header = b"MThd" + (6).to_bytes(4, "big") + b"\x00\x00\x00\x01" + _TICKS_PER_S.to_bytes(2, "big")
    return header + b"MTrk" + len(body).to_bytes(4, "big") + bytes(body)


def _variable_length(value: int) -> bytes:
    out = [value & 0x7F]
    while value := value >> 7:
        out.append(0x80 | value & 0x7F)
    return bytes(reversed(out))
