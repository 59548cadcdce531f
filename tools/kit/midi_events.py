"""What a MIDI file holds that the score model does not: read from the bytes, so that no loss is silent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

_META = {
    0x01: "texts",
    0x02: "copyright notices",
    0x05: "lyrics",
    0x07: "cue points",
    0x54: "SMPTE offsets",
    0x7F: "sequencer data",
}
_CHANNEL = {0xA0: "polyphonic aftertouch", 0xD0: "channel aftertouch"}
_LENGTHS = {0x80: 2, 0x90: 2, 0xA0: 2, 0xB0: 2, 0xC0: 1, 0xD0: 1, 0xE0: 2}


def not_held(path: Path) -> tuple[str, ...]:
    """Kinds of events in a MIDI file that :mod:`tools.kit.score` does not keep, with how many of each.

    A damaged track is read as far as it goes.
    """
    data = path.read_bytes()
    counts: Counter[str] = Counter()
    at = 0
    while at + 8 <= len(data):
        length = int.from_bytes(data[at + 4 : at + 8], "big")
        if data[at : at + 4] == b"MTrk":
            counts.update(_kinds(data[at + 8 : at + 8 + length]))
        at += 8 + length
    return tuple(f"{count} {kind}" for kind, count in sorted(counts.items()))


def _kinds(track: bytes) -> Iterator[str]:
    at, running, size = 0, 0, len(track)
    while at < size:
        _, at = _variable(track, at)
        if at >= size:
            return
        status = track[at] if track[at] & 0x80 else running
        at += track[at] >> 7
        if status in (0xFF, 0xF0, 0xF7):
            kind = _META.get(track[at], "") if status == 0xFF and at < size else "system exclusive messages"
            length, at = _variable(track, at + (status == 0xFF))
            at += length
        elif status & 0xF0 in _LENGTHS:
            running, kind = status, _CHANNEL.get(status & 0xF0, "")
            at += _LENGTHS[status & 0xF0]
        else:
            return
        if kind:
            yield kind


def _variable(data: bytes, at: int) -> tuple[int, int]:
    """A variable-length number and where it ends."""
    value = 0
    while at < len(data):
        byte = data[at]
        value, at = value << 7 | byte & 0x7F, at + 1
        if not byte & 0x80:
            break
    return value, at
