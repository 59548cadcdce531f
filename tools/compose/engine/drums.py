"""Drum grooves from ``grooves.toml`` in any meter, with fills at phrase ends and crashes where sections begin."""

from __future__ import annotations

import random
from collections.abc import Collection

from tools.compose.engine.form import Form
from tools.compose.engine.grid import Bar, Grid
from tools.compose.engine.rhythm import beats, is_triple
from tools.compose.engine.style import table
from tools.kit.score import Note

KEYS = {
    "kick": 36,
    "snare": 38,
    "rim": 37,
    "clap": 39,
    "hat": 42,
    "pedal": 44,
    "open": 46,
    "ride": 51,
    "crash": 49,
    "cymbal": 49,
    "tom_lo": 45,
    "tom_mid": 47,
    "tom_hi": 50,
    "shaker": 82,
    "tamb": 54,
    "conga_hi": 63,
    "conga_lo": 64,
    "clave": 75,
    "cowbell": 56,
    "bell": 56,
    "triangle": 81,
}
_LOUD = {"x": 82, "X": 104, "o": 48}
_THIN = ("kick", "hat", "ride", "shaker", "conga_lo", "triangle", "pedal")


def drum_part(
    grid: Grid,
    form: Form,
    groove: str,
    energies: list[float],
    bars: Collection[int],
    rng: random.Random,
    keys: tuple[int, ...] = (),
    *,
    loop: bool = False,
) -> list[Note]:
    """A kit's notes over the bars in which it plays.

    Parameters
    ----------
    energies
        For each bar, 0 to 1: a low one leaves out backbeats.
    bars
        0-based bars in which the kit plays.
    keys
        The only drum keys allowed (a snare alone, congas); empty allows the whole kit.
    """
    notes: list[Note] = []
    ends = {p.end - 1 for p in form.phrases}
    starts = {s.start for s in form.sections}
    last = len(grid.bars) - 1
    for index in sorted(bars):
        bar = grid.bars[index]
        if index == last and not loop:
            notes += [
                Note(bar.start, 1.0, KEYS["kick"], 96),
                Note(bar.start, min(4.0, grid.end - bar.start), KEYS["crash"], 92),
            ]
            continue
        fill = index in ends and energies[index] > 0.4 and rng.random() < 0.7
        body = groove_bar(groove, bar, energies[index])
        if fill:
            edge = bar.start + beats(bar.meter)[-1][0]
            body = [n for n in body if n.start < edge - 1e-6] + _fill(bar, edge, rng)
        if index in starts and index > 0 and energies[index] > 0.5:
            body.append(Note(bar.start, 1.0, KEYS["crash"], 100))
        notes += body
    return _only(notes, keys) if keys else notes


def groove_bar(groove: str, bar: Bar, energy: float) -> list[Note]:
    """One bar of a groove in the bar's meter."""
    rows = table("grooves")[groove]
    table_beats = beats(bar.meter)
    notes = []
    for voice, cells in rows.items():
        if voice == "triple" or (energy < 0.35 and voice not in _THIN):
            continue
        duple, triple = cells.split(), rows["triple"].get(voice, "...... ......").split()
        for number, (start, length) in enumerate(table_beats):
            cell = _cell(number, len(table_beats), duple, triple, is_triple(bar.meter, length))
            step = length / len(cell)
            notes += [
                Note(bar.start + start + k * step, 0.2, KEYS[voice], _LOUD[c]) for k, c in enumerate(cell) if c != "."
            ]
    return notes


def _cell(number: int, count: int, duple: list[str], triple: list[str], in_three: bool) -> str:
    """Which cell a beat takes: downbeat the first, last beat the last, between they alternate."""
    if in_three:
        return triple[number % 2 if count != 3 else min(number, 1)]
    if count == 4:
        return duple[number]
    if number == 0:
        return duple[0]
    if number == count - 1:
        return duple[3]
    return duple[1 if number % 2 else 2]


def _fill(bar: Bar, edge: float, rng: random.Random) -> list[Note]:
    """A fill over the bar's last beat, falling from snare to low tom or a snare roll."""
    parts = rng.choice((4, 4, 3, 2))
    drums = rng.choice(
        (("snare", "snare", "tom_hi", "tom_lo"), ("tom_hi", "tom_mid", "tom_mid", "tom_lo"), ("snare",) * 4)
    )
    length = bar.end - edge
    return [Note(edge + length * k / parts, 0.2, KEYS[drums[k]], 78 + 7 * k) for k in range(parts)]


def _only(notes: list[Note], keys: tuple[int, ...]) -> list[Note]:
    """The part on the keys that were asked for: other strokes move to the nearest of them, one a moment."""
    found: dict[tuple[float, int], Note] = {}
    for note in sorted(notes, key=lambda n: (n.start, -n.velocity)):
        key = note.pitch if note.pitch in keys else keys[note.pitch % len(keys)]
        spot = (round(note.start, 4), key)
        if spot not in found:
            found[spot] = Note(note.start, note.duration, key, note.velocity)
    return list(found.values())
