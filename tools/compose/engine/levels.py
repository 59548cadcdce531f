"""Energy and loudness over the piece: from the form, the mood, the film's motion, or the curve that was asked."""

from __future__ import annotations

import bisect
from collections.abc import Callable, Sequence

from tools.compose.engine.form import Form
from tools.compose.engine.grid import Grid
from tools.compose.engine.piece import Piece
from tools.compose.engine.request import Wish


def asked_curve(wish: Wish, grid: Grid) -> Callable[[float], float] | None:
    """The asked curve as loudness 0 to 1 at a place in quarters, straight lines between its points."""
    points = sorted((p.at, p.level) for p in wish.fields.dynamics)
    if not points:
        return None
    length = grid.duration_s
    places, levels = [p[0] for p in points], [p[1] for p in points]

    def curve(quarter: float) -> float:
        return interpolate(places, levels, grid.seconds(quarter) / length)

    return curve


def interpolate(places: Sequence[float], levels: Sequence[float], at: float) -> float:
    """Piecewise linear value at a place, flat beyond the ends."""
    index = bisect.bisect_right(places, at)
    if index == 0:
        return levels[0]
    if index == len(places):
        return levels[-1]
    share = (at - places[index - 1]) / max(1e-9, places[index] - places[index - 1])
    return levels[index - 1] + share * (levels[index] - levels[index - 1])


def bar_energies(wish: Wish, form: Form, grid: Grid, curve: Callable[[float], float] | None) -> list[float]:
    """Energy of each bar, 0 to 1: the section's role, arousal, the film's motion and the asked dynamics."""
    times, motion = [t for t, _ in wish.motion], [m for _, m in wish.motion]
    found = []
    for index, bar in enumerate(grid.bars):
        role = form.section_at(index).energy
        energy = 0.62 * role + 0.38 * (0.5 + 0.5 * wish.arousal)
        if times:
            energy = 0.7 * energy + 0.3 * interpolate(times, motion, grid.seconds(bar.start))
        if curve is not None:
            middle = min(bar.start + bar.meter.bar_quarters / 2, grid.end)
            energy = 0.45 * energy + 0.55 * curve(middle)
        found.append(max(0.0, min(1.0, energy)))
    return found


def loudness_plan(wish: Wish, piece: Piece, curve: Callable[[float], float] | None) -> Callable[[float], float]:
    """Loudness at a place: the asked curve, or one that follows the energy of the sections."""
    if curve is not None:
        return curve
    grid, energies = piece.grid, piece.energies

    def plan(quarter: float) -> float:
        index = grid.bar_index(quarter)
        bar = grid.bars[index]
        ahead = energies[min(index + 1, len(energies) - 1)]
        share = (quarter - bar.start) / bar.meter.bar_quarters
        energy = energies[index] + (ahead - energies[index]) * share
        return 0.22 + 0.5 * energy + 0.12 * wish.arousal

    return plan
