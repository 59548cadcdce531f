"""Accompaniment textures: how a voicing is sounded over its span, in any meter.

Three kinds: ``hold`` (struck once), ``strokes`` (the chord at places of a pattern) and ``run`` (its notes one after
another in an order of voices, 0 the lowest). Each sounds the whole chord at or soon after its start.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from tools.compose.engine.grid import Bar
from tools.compose.engine.harmony import Span
from tools.compose.engine.rhythm import divisions, places, strength
from tools.compose.engine.voicing import Voicing
from tools.kit.score import Note


@dataclass(frozen=True)
class Texture:
    """``pattern`` in eighths of 4/4 or a depth of division; ``hold`` is the share of the way to the next stroke."""

    kind: Literal["hold", "strokes", "run"]
    pattern: tuple[float, ...] | int = 0
    hold: float = 0.95
    order: tuple[int, ...] = ()
    strum: float = 0.0
    first: bool = True  # whether the chord is struck at the start of its span


TEXTURES: dict[str, Texture] = {
    "pad": Texture("hold"),
    "block": Texture("strokes", (0, 4), 0.97),
    "pulse": Texture("strokes", 2, 0.75),
    "gallop": Texture("strokes", (0, 1, 1.5, 2, 3, 3.5, 4, 5, 5.5, 6, 7, 7.5), 0.7),
    "comping": Texture("strokes", (0, 3, 6), 0.6),
    "charleston": Texture("strokes", (0, 3), 0.45),
    "bossa": Texture("strokes", (0, 2, 3, 5, 6), 0.7),
    "la-pompe": Texture("strokes", (0, 2, 4, 6), 0.4, strum=0.01),
    "strum": Texture("strokes", (0, 2, 3, 5, 6, 7), 0.9, strum=0.015),
    "skank": Texture("strokes", (1, 3, 5, 7), 0.45, first=False),
    "stabs": Texture("strokes", (0, 1.5, 3, 5, 6.5), 0.5),
    "funk": Texture("strokes", (0, 1, 1.5, 3, 3.5, 4, 5.5, 6.5, 7), 0.4),
    "oom-pah": Texture("strokes", (2, 4, 6), 0.55, first=False),
    "tremolo": Texture("strokes", 3, 0.98),
    "arpeggio": Texture("run", 2, 1.4, (0, 1, 2, 3, 2, 1)),
    "arpeggio16": Texture("run", 3, 1.0, (0, 1, 2, 3)),
    "alberti": Texture("run", 2, 1.2, (0, 2, 1, 2)),
    "broken": Texture("run", 2, 2.2, (0, 1, 2, 3)),
    "wide": Texture("run", 2, 2.5, (0, 2, 4, 3, 5, 2)),
    "picking": Texture("run", 2, 1.8, (0, 2, 1, 3, 0, 3, 2, 1)),
    "ostinato": Texture("run", 2, 0.8, (0, 2, 1, 0, 2, 3)),
    "montuno": Texture("run", 2, 0.7, (0, 2, 3, 1, 2, 3, 1, 2)),
    "pluck": Texture("run", 2, 0.6, (2, 0, 1, 2, 3, 1)),
    "sparkle": Texture("run", 1, 2.0, (0, 2, 1, 3)),
    "drone": Texture("strokes", (0, 4), 1.0),
}
_THINNER = {
    "pulse": "block",
    "arpeggio": "broken",
    "arpeggio16": "arpeggio",
    "strum": "block",
    "stabs": "comping",
    "comping": "pad",
    "ostinato": "sparkle",
    "gallop": "pulse",
    "tremolo": "pad",
    "funk": "comping",
    "picking": "sparkle",
    "alberti": "broken",
    "wide": "broken",
    "block": "pad",
    "broken": "sparkle",
    "montuno": "broken",
    "charleston": "pad",
    "bossa": "comping",
}
_FULLER = {
    "pad": "block",
    "block": "pulse",
    "broken": "arpeggio",
    "comping": "stabs",
    "sparkle": "arpeggio",
    "charleston": "comping",
}


def activity(name: str) -> float:
    """Roughly how many notes a bar of 4/4 a texture sounds on a chord of three."""
    texture = TEXTURES[name]
    count = {0: 1, 1: 4, 2: 8, 3: 16}[texture.pattern] if isinstance(texture.pattern, int) else len(texture.pattern)
    return float(count if texture.kind == "run" else 3 * count)


def thinner(name: str) -> str:
    """The calmer neighbour of a texture, itself when there is none."""
    return _THINNER.get(name, name)


def fuller(name: str) -> str:
    """The busier neighbour of a texture, itself when there is none."""
    return _FULLER.get(name, name)


def accompany(
    spans: Sequence[Span], voicings: Sequence[Voicing], bars: Sequence[Bar], names: Sequence[str], *, poly: bool
) -> list[Note]:
    """Notes of a texture over a run of chords; ``names`` gives the texture of each span.

    ``poly`` is False for one-note-at-a-time instruments: their chords are broken.
    """
    notes: list[Note] = []
    for span, voicing, name in zip(spans, voicings, names, strict=True):
        if span.chord is None:
            continue
        texture = TEXTURES[name]
        if not poly and texture.kind != "run":
            texture = TEXTURES["broken"]
        notes += _sound(span, voicing, bars[span.bar], texture, poly)
    return notes


def figure(name: str, span: Span, bar: Bar, pitch: int, line: int, strict: bool) -> list[Note]:
    """A texture on one line of several that share a chord: its places on the line's own pitch.

    Broken textures move the lowest of the lines (``line`` 0) to the chord tone above and back, as Alberti's bass does
    in a quartet's viola, and let the others take the beats; ``strict`` keeps every line on its pitch.
    """
    assert span.chord is not None
    texture = TEXTURES[name]
    if texture.kind == "hold":
        return [Note(span.start, (span.end - span.start) * 0.96, pitch, 72)]
    moves = texture.kind == "run" and line == 0 and not strict
    at = _inside(span, bar, texture if texture.kind == "strokes" or line == 0 else TEXTURES["pulse"])
    if texture.kind == "run" and line:
        beats = [p for p in at if strength(bar.meter, p - bar.start) >= 0.7]
        at = beats or at[:1]
    above = next(p for p in range(pitch + 3, pitch + 16) if p % 12 in span.chord.pitch_classes())
    notes = []
    for number, (start, stop) in enumerate(zip(at, [*at[1:], span.end], strict=True)):
        tone = above if moves and number % 2 else pitch
        weight = strength(bar.meter, start - bar.start)
        notes.append(Note(start, (stop - start) * min(0.96, texture.hold), tone, round(62 + 14 * weight)))
    return notes


def _sound(span: Span, voicing: Voicing, bar: Bar, texture: Texture, poly: bool) -> list[Note]:
    if texture.kind == "hold":
        return [Note(span.start, (span.end - span.start) * 0.98, p, 72) for p in voicing]
    if texture.kind == "run":
        return _run(span, voicing, bar, texture, poly)
    return _strokes(span, voicing, bar, texture)


def _inside(span: Span, bar: Bar, texture: Texture) -> list[float]:
    """Places of a texture's pattern inside a span, in quarters from the start of the piece."""
    pattern = texture.pattern
    raw = divisions(bar.meter, pattern) if isinstance(pattern, int) else places(bar.meter, pattern)
    found = [bar.start + p for p in raw if span.start - 1e-6 <= bar.start + p < span.end - 1e-6]
    if not texture.first:
        found = [p for p in found if p > span.start + 1e-6]
    if (texture.first and (not found or found[0] > span.start + 1e-6)) or not found:
        found.insert(0, span.start)
    return found


def _strokes(span: Span, voicing: Voicing, bar: Bar, texture: Texture) -> list[Note]:
    at = _inside(span, bar, texture)
    notes = []
    for number, (start, stop) in enumerate(zip(at, [*at[1:], span.end], strict=True)):
        weight = strength(bar.meter, start - bar.start)
        spread = list(voicing) if number % 2 == 0 else list(reversed(voicing))
        for string, pitch in enumerate(spread):
            late = texture.strum * string
            length = max(0.08, (stop - start) * texture.hold - late)
            notes.append(Note(start + late, length, pitch, round(62 + 18 * weight)))
    return notes


def _run(span: Span, voicing: Voicing, bar: Bar, texture: Texture, poly: bool) -> list[Note]:
    at = _inside(span, bar, texture)
    rungs = [*voicing, *(p + 12 for p in voicing)] if max(texture.order) >= len(voicing) else list(voicing)
    order = texture.order
    if len(at) < len(set(voicing)) and poly:
        return [Note(span.start, (span.end - span.start) * 0.95, p, 72) for p in voicing]
    if len(at) < len(voicing) + 1:
        order = tuple(range(len(voicing)))
    if not poly and len(at) < len(voicing):
        at = [span.start + (span.end - span.start) * k / len(voicing) for k in range(len(voicing))]
    notes = []
    for number, start in enumerate(at):
        step = (at[1] - at[0]) if len(at) > 1 else span.end - span.start
        length = min(step * (texture.hold if poly else min(0.95, texture.hold)), span.end - start)
        weight = strength(bar.meter, start - bar.start)
        pitch = rungs[order[number % len(order)] % len(rungs)]
        notes.append(Note(start, max(0.08, length * 0.98), pitch, round(62 + 16 * weight)))
    return notes
