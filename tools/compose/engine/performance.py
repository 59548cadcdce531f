"""Performance: what turns written parts into playing.

Velocities follow metre and phrase, then each bar's loudness is set to the plan: note power is modelled as
(velocity/127)^4 a note (General MIDI's 40 log10 law) and the bar's velocities are scaled until the sum meets the
level asked for; expression (CC11) carries the same curve through held notes. Cuts and hit points are struck by
everybody. Timing is loosened by at most 12 ms, late only, never on downbeats or accents, so that no note slips into
another bar.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence

from tools.compose.engine.grid import Grid, Landing
from tools.compose.engine.orchestration import Player
from tools.compose.engine.rhythm import strength
from tools.kit.score import Control, Note

Level = Callable[[float], float]  # loudness 0 to 1 at a place in quarters
RANGE_DB = 34.0  # from level 0 to level 1
LOOSE_S = 0.012
USUAL_SHARE, MOST_DETACHED = 0.85, 0.4  # length of a note as a share of the way to the next, and what arousal takes
MOST_OVERLAP = 0.3
_SOFTEST, _LOUDEST = 14, 122
_ROLE_DB = {"melody": 2.0, "solo": 0.0, "bass": 0.0, "harmony": -1.5, "inner": -1.5, "effect": -4.0, "drums": -1.0}


def shape_velocities(parts: Sequence[list[Note]], players: Sequence[Player], grid: Grid, rng: random.Random) -> None:
    """Metrical accents, a swell over every four bars, the balance of roles and a little chance, in place."""
    for part, player in zip(parts, players, strict=True):
        for note in part:
            bar = grid.bars[grid.bar_index(note.start)]
            weight = strength(bar.meter, note.start - bar.start)
            inside = ((grid.bar_index(note.start) % 4) + (note.start - bar.start) / bar.meter.bar_quarters) / 4
            swell = 4 * math.sin(math.pi * min(1.0, inside * 1.15))
            gain = 10 ** (_ROLE_DB[player.role] / 40)
            note.velocity = _clip((note.velocity + 6 * (weight - 0.5) + swell + rng.uniform(-4, 4)) * gain)


def set_levels(parts: Sequence[list[Note]], grid: Grid, level: Level, share: float) -> None:
    """Scale velocities so that loudness follows the plan; a ``share`` below 1 keeps some of the parts' own weight.

    Windows are half bars.
    """
    edges = [b.start for b in grid.bars] + [b.start + b.meter.bar_quarters / 2 for b in grid.bars]
    edges = sorted(e for e in edges if e < grid.end)
    stops = [*edges[1:], grid.end]
    centres = [(a + b) / 2 for a, b in zip(edges, stops, strict=True)]
    power = _window_power(parts, edges, stops)
    wanted = [RANGE_DB * (level(c) - 1) for c in centres]
    sounding = [i for i, p in enumerate(power) if p > 0]
    if not sounding:
        return
    have = [10 * math.log10(power[i]) if power[i] > 0 else 0.0 for i in range(len(power))]
    offsets = sorted(have[i] + 40 * math.log10(_reference(level(centres[i])) / 78) - wanted[i] for i in sounding)
    offset = offsets[len(offsets) // 2]
    gains = [share * (wanted[i] + offset - have[i]) if power[i] > 0 else 0.0 for i in range(len(power))]
    if share < 1:
        gains = [
            g + (1 - share) * 40 * math.log10(_reference(level(c)) / 78) for g, c in zip(gains, centres, strict=True)
        ]
    for part in parts:
        for note in part:
            window = _window(edges, note.start)
            note.velocity = _clip(note.velocity * 10 ** (gains[window] / 40))


def _reference(level: float) -> float:
    """A middling velocity for a level: pp 30, mf 80, ff 112."""
    return 30 + 84 * level


def _window(edges: Sequence[float], at: float) -> int:
    low, high = 0, len(edges) - 1
    while low < high:
        middle = (low + high + 1) // 2
        if edges[middle] <= at + 1e-6:
            low = middle
        else:
            high = middle - 1
    return low


def _window_power(parts: Sequence[list[Note]], edges: Sequence[float], stops: Sequence[float]) -> list[float]:
    """Modelled mean power of each window: notes by the share of it they sound in, and their attacks."""
    power = [0.0] * len(edges)
    for part in parts:
        for note in part:
            strength_4 = (note.velocity / 127) ** 4
            window = _window(edges, note.start)
            while window < len(edges) and edges[window] < note.end:
                inside = min(note.end, stops[window]) - max(note.start, edges[window])
                attack = 0.5 if edges[window] <= note.start + 1e-6 else 0.0
                power[window] += strength_4 * (max(0.0, inside) * 0.5 + attack) / (stops[window] - edges[window])
                window += 1
    return power


def articulate(parts: Sequence[list[Note]], players: Sequence[Player], grid: Grid, arousal: float, pull: float) -> None:
    """Detach the notes of the pitched parts where arousal is high, bind them where it is low, in place.

    Legato is heard as calm, staccato as excited (Gabrielsson and Lindström 2010, table 14.2). A note lasts a share of
    the way to its track's next onset; that share moves by ``pull``, 0 to 1, towards :data:`USUAL_SHARE` and what
    arousal takes from it or adds. Only the calmest chords sound into the next ones, and only a little, and only calm
    arpeggios go on ringing.
    """
    target = USUAL_SHARE - MOST_DETACHED * arousal
    for part, player in zip(parts, players, strict=True):
        if player.is_drum or not part:
            continue
        onsets = sorted({round(n.start, 3) for n in part})
        after = dict(zip(onsets, [*onsets[1:], grid.end], strict=True))
        for note in part:
            gap = min(after[round(note.start, 3)] - note.start, grid.meter.bar_quarters)
            rings = note.duration if arousal <= -0.5 else min(note.duration, 1.2 * gap)
            length = rings + pull * (target * gap - min(rings, 1.2 * gap))
            most = gap * (1 + max(0.0, -arousal - 0.5) * MOST_OVERLAP if player.poly else 1)
            note.duration = min(length, max(note.duration, most)) if length > note.duration else max(0.05, length)


def _clip(velocity: float) -> int:
    return max(_SOFTEST, min(_LOUDEST, round(velocity)))


def strike(
    parts: Sequence[list[Note]],
    players: Sequence[Player],
    chords: Sequence[Sequence[int]],
    landing: Landing,
    grid: Grid,
) -> None:
    """Everybody who sounds strikes at a landing: notes held across it are struck again, the moment before is thinned.

    ``chords`` gives each player the pitches to strike when it is silent there. Hit points are struck hard, cuts less.
    """
    hard = landing.anchor.kind == "hit"
    at = landing.quarter
    bar = grid.bars[grid.bar_index(at)]
    before = grid.quarter(max(0.0, grid.seconds(at) - 0.22))
    after = grid.quarter(grid.seconds(at) + 0.3)
    let_go = at - grid.quarter(max(0.0, grid.seconds(at) - (0.12 if hard else 0.03)))
    loud = 124 if hard else 104
    for part, player, pitches in zip(parts, players, chords, strict=True):
        if not part:
            continue
        for note in part:
            if before < note.start < at - 1e-3:
                note.velocity = _clip(note.velocity * (0.4 if hard else 0.8))
            elif at + 1e-3 < note.start < after:
                note.velocity = _clip(note.velocity * (0.6 if hard else 0.9))
        held = [n for n in part if n.start < at - 1e-3 and n.end > at + 0.05]
        struck = [n for n in part if abs(n.start - at) <= 1e-3]
        near = [n for n in part if 1e-3 < n.start - at < 0.12]
        for note in held:
            if not struck and not player.is_drum:
                part.append(Note(at, note.end - at, note.pitch, loud))
            note.duration = max(0.0, at - note.start - let_go)
        if hard:  # a breath before the blow: what ends on it ends a little sooner
            for note in part:
                if note.start < at - 1e-3 and at - let_go < note.end <= at + 0.05:
                    note.duration = max(0.0, at - note.start - let_go)
        for note in near:
            note.start, note.duration = at, note.duration + (note.start - at)
        for note in (*struck, *near):
            note.velocity = loud
        alone = not struck and not near and (player.is_drum or not held)
        if alone and (hard or player.role in ("bass", "solo", "drums")):
            length = max(0.25, min(bar.end, grid.end) - at)
            part += [Note(at, min(length, 1.0), p, loud) for p in pitches]
        part[:] = [n for n in part if n.duration > 0.03]


def hold_final(
    parts: Sequence[list[Note]], players: Sequence[Player], chords: Sequence[Sequence[int]], start: float, end: float
) -> None:
    """The last chord: struck together by all who were playing, held to the end; drums leave their last stroke.

    Who must spell the harmony with one note at a time breaks the chord and holds its last tone.
    """
    for part, player, pitches in zip(parts, players, chords, strict=True):
        if player.is_drum or not any(n.end > start - 8 for n in part):
            continue
        mean = sum(n.velocity for n in part) / len(part)
        part[:] = [n for n in part if n.start < start - 1e-3]
        for note in part:
            note.duration = min(note.duration, start - note.start)
        if player.poly or len(pitches) < 2:
            part += [Note(start, end - start, p, round(mean)) for p in pitches]
            continue
        step = min(1.0, (end - start) / (2 * len(pitches)))
        for number, pitch in enumerate(pitches):
            length = step if number < len(pitches) - 1 else end - start - step * number
            part.append(Note(start + step * number, length, pitch, round(mean)))


def loosen(
    parts: Sequence[list[Note]], players: Sequence[Player], grid: Grid, exact: Sequence[float], rng: random.Random
) -> None:
    """Late starts of up to 12 ms off the downbeats, in place; places in ``exact`` are left alone."""
    fixed = {round(q, 3) for q in exact}
    for part, player in zip(parts, players, strict=True):
        most = LOOSE_S * (0.4 if player.is_drum else 1.0)
        drawn: dict[float, float] = {}
        for note in part:
            bar = grid.bars[grid.bar_index(note.start)]
            spot = round(note.start, 3)
            if abs(note.start - bar.start) < 1e-3 or spot in fixed:
                continue
            late = drawn.setdefault(spot, rng.triangular(0, most, most * 0.3))
            shift = grid.quarter(grid.seconds(note.start) + late) - note.start
            if note.duration > 3 * shift:
                note.start, note.duration = note.start + shift, note.duration - shift


def expression(grid: Grid, level: Level, asked: bool, final_start: float | None) -> list[Control]:
    """CC11 along the level, every beat or so, and a taper over the end of the last chord."""
    controls: list[Control] = []
    step = max(0.5, grid.meter.beat_quarters / (1 if grid.end < 400 else 0.5))
    at = 0.0
    last = -1
    while at < grid.end - 1e-6:
        floor, span = (62, 65) if asked else (92, 35)
        value = round(floor + span * max(0.0, min(1.0, level(at))))
        if value != last:
            controls.append(Control(at, 11, value))
            last = value
        at += step
    if final_start is not None:
        length = min(
            grid.end - final_start, grid.quarter(grid.duration_s) - grid.quarter(max(0.0, grid.duration_s - 0.6))
        )
        taper = grid.end - 0.35 * length
        controls += [
            Control(taper + (grid.end - taper) * k / 4, 11, max(20, round(last * (1 - 0.2 * k)))) for k in range(1, 4)
        ]
    return controls


def pedal(players: Sequence[Player], index: int, grid: Grid, changes: Sequence[float]) -> list[Control]:
    """Sustain pedal for pianos, harps and vibraphones, changed with every chord."""
    if players[index].program not in (0, 1, 2, 4, 5, 11, 46):
        return []
    controls = []
    for start, stop in zip(changes, [*changes[1:], grid.end], strict=True):
        if stop - start >= 1.0:
            controls += [Control(start + 0.04, 64, 127), Control(stop - 0.06, 64, 0)]
    return controls
