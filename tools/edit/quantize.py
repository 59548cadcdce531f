"""Pull notes to a grid, wholly or part of the way; the grid is found when it is not said.

The grid found is the one whose root mean square error is smallest against that of notes strewn at random over it,
so that a finer grid must earn its place; errors under a sixty-fourth of a quarter are no evidence.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from tools.contract import ToolContext, ToolResult, tool
from tools.edit import _desk as desk
from tools.errors import UserError
from tools.kit.analysis.notes import seconds_at
from tools.kit.arguments import EditArgs, region_of
from tools.kit.region import Region
from tools.kit.score import Note, Score
from tools.kit.settle import SHORTEST, settled

Grid = Literal["1/4", "1/8", "1/8 triplet", "1/16", "1/16 triplet", "1/32", "1/16 and triplets"]
Floats = NDArray[np.float64]

_STEPS: dict[Grid, tuple[float, ...]] = {  # quarters
    "1/4": (1.0,),
    "1/8": (1 / 2,),
    "1/8 triplet": (1 / 3,),
    "1/16": (1 / 4,),
    "1/16 and triplets": (1 / 4, 1 / 3),
    "1/16 triplet": (1 / 6,),
    "1/32": (1 / 8,),
}
_FLOOR = 1 / 64
_STRAIGHT = 0.5


class QuantizeArgs(EditArgs):
    """Arguments of :func:`quantize`."""

    grid: Grid | None = Field(None, description="Grid of note values; found from the notes when not said.")
    strength: float = Field(1.0, ge=0, le=1, description="Share of the way to the grid: 1 is on it, 0.5 keeps feel.")
    swing: float = Field(
        _STRAIGHT, ge=0.5, le=0.8, description="Where in its beat the off-beat eighth lies: 0.5 straight, 0.667 swung."
    )
    keep_feel: bool = Field(
        False,
        description="Keep what each beat or off-beat does on the whole (laid back, swung); mend what strays from it.",
    )
    lengths: bool = Field(False, description="Pull the ends of notes to the grid too; otherwise lengths stay.")


class Quantized(desk.Edited):
    """What quantising changed."""

    grid: str = Field(description="The grid that was used.")
    error_before_ms: float = Field(description="Mean distance of starts from the grid before, in milliseconds.")
    error_after_ms: float = Field(description="The same afterwards.")


@tool(
    version="1",
    takes=("midi", "score"),
    gives=("midi",),
    cost="instant",
    isolated=False,
    asks=(
        r"\b(?:clean|tidy)(?: up)? (?:the |my |its )?(?:timing|rhythm)\b",
        r"\b(?:snap|lock|pull|align|move)\b[^,.;]{0,25}\bto (?:the )?(?:nearest )?(?:grid|beats?|\d+(?:th|nd)s?|ei"
        r"ghths?|sixteenths?|quarters?|triplets?)\b(?: notes?)?",
        r"\b(?:snap|lock|pull|align|move)\b[^,.;]{0,25}\b(?:to|onto) (?:an? |the )?(?:[\w/-]+ )?(?:note )?grid\b",
        r"\bswing (?:it|this|that|everything|"
        r"(?:the|my|these) (?:\w+ )?(?:beat|groove|rhythm|notes|eighths?|quavers?|sixteenths?|drums|8ths))\b",
        r"\b(?:make|give|put|add)\b[^,.;]{0,15}\bswing\b(?! (?:band|tune|piece|song))(?: feel| it)?",
        r"\bquanti[sz](?:e|es|ed|ing|ation)\b",
        r"\b(?:snap|lock|pull|align)\b[^,.;]{0,20}\b(?:to|onto) the (?:grid|beat)\b",
        r"\btighten(?: up)?\b[^,.;]{0,15}(?:timing|rhythm|notes|playing|it|this)\b",
        r"\b(?:sloppy|uneven|loose) timing\b",
        r"\bfix(?: up)? (?:the |my )?(?:timing|rhythm)\b",
        "量化",
        "对齐(?:到)?(?:网格|拍子|节拍)",
        "节奏(?:对齐|修正)",
    ),
)
def quantize(args: QuantizeArgs, ctx: ToolContext) -> ToolResult:
    """Pull the notes of a score, or of some bars or tracks, to the grid, with a strength and swing."""
    if args.keep_feel and args.swing != _STRAIGHT:
        raise UserError(
            f"keep_feel keeps the swing that is there and swing {args.swing:g} makes another; say one of the two."
        )
    source = desk.load(args.music, ctx)
    score = source.copy()
    region = region_of(score, args)
    bars = score.bar_starts()
    notes = [n for _, held in region.notes() for n in held]
    if not notes:
        raise UserError("No note starts there; choose other bars or tracks.")
    grid = args.grid or _found(np.array([_in_bar(n.start, bars)[1] for n in notes]))
    before = _error(score, notes, args, grid, bars)
    for track, held in region.notes():
        feel = _feel(held, args, grid, bars) if args.keep_feel else {}
        for note in held:
            _pull(note, args, grid, bars, region, feel)
        settled(track, set(map(id, held)))
    after = _error(score, notes, args, grid, bars)
    facts = {"grid": grid, "error_before_ms": before, "error_after_ms": after}
    where = desk.place(region) or f"{len(notes)} notes"
    what = f"the feel that each beat of {grid} has" if args.keep_feel else grid
    off = f"{before:.0f} ms off the grid before, {after:.0f} now" + (" as felt" if args.keep_feel else "")
    summary = f"Pulled {where} {args.strength:.0%} of the way to {what}: {off}."
    return desk.result(source, score, "quantized", summary, ctx, data=Quantized, facts=facts)


def _feel(notes: list[Note], args: QuantizeArgs, grid: Grid, bars: list[float]) -> dict[float, float]:
    """How far, by the median, the notes of a track lie from each place of the grid in its beat."""
    away: dict[float, list[float]] = defaultdict(list)
    for note in notes:
        target = _target(note.start, grid, args.swing, bars)
        away[_in_beat(target, bars)].append(note.start - target)
    return {place: float(np.median(values)) for place, values in away.items()}


def _in_beat(place: float, bars: list[float]) -> float:
    return round(_in_bar(place, bars)[1] % 1.0, 4) % 1.0


def _pull(
    note: Note, args: QuantizeArgs, grid: Grid, bars: list[float], region: Region, feel: dict[float, float]
) -> None:
    """Move one note; one that the grid would carry over the end of the region is left alone."""
    target = _target(note.start, grid, args.swing, bars)
    target += feel.get(_in_beat(target, bars), 0.0)
    if not region.start - 1e-6 <= target < region.end - 1e-6:
        return
    end = note.end
    start = max(0.0, note.start + args.strength * (target - note.start))
    if args.lengths:
        at = _target(end, grid, args.swing, bars)
        end += args.strength * (max(at, start + min(_STEPS[grid])) - end)
        note.duration = max(end - start, SHORTEST)
    note.start = start


def _target(place: float, grid: Grid, swing: float, bars: list[float]) -> float:
    """The nearest place of the grid, counted from the bar line; off-beat eighths lie where swing puts them."""
    bar, inside = _in_bar(place, bars)
    if swing != _STRAIGHT:
        inside = _unswung(inside, swing)
    nearest = min((round(inside / step) * step for step in _STEPS[grid]), key=lambda at: (abs(at - inside), at))
    return bar + (_swung(nearest, swing) if swing != _STRAIGHT else nearest)


def _swung(place: float, swing: float) -> float:
    beat, inside = divmod(place, 1.0)
    return beat + (inside * 2 * swing if inside < 0.5 else swing + (inside - 0.5) * 2 * (1 - swing))


def _unswung(place: float, swing: float) -> float:
    beat, inside = divmod(place, 1.0)
    return beat + (inside / swing / 2 if inside < swing else 0.5 + (inside - swing) / (1 - swing) / 2)


def _in_bar(place: float, bars: list[float]) -> tuple[float, float]:
    """Start of the bar that holds a place, and how far into it the place lies."""
    bar = bars[max(0, bisect_right(bars, place + 1e-9) - 1)]
    return bar, place - bar


def _found(inside: Floats) -> Grid:
    """The grid that explains starts, given in quarters from their bar lines, best."""
    return min(_STEPS, key=lambda name: _misfit(inside, _STEPS[name]))


def _misfit(inside: Floats, steps: tuple[float, ...]) -> float:
    errors = np.min([np.abs(inside - np.round(inside / step) * step) for step in steps], axis=0)
    strewn = np.linspace(0, 1, 2400, endpoint=False)
    at_random = np.min([np.abs(strewn - np.round(strewn / step) * step) for step in steps], axis=0)
    return float(np.sqrt(np.mean(errors**2) + _FLOOR**2) / np.sqrt(np.mean(at_random**2)))


def _error(score: Score, notes: list[Note], args: QuantizeArgs, grid: Grid, bars: list[float]) -> float:
    """Mean distance of starts from the grid in milliseconds."""
    places = np.array([(n.start, _target(n.start, grid, args.swing, bars)) for n in notes])
    apart = seconds_at(score, places[:, 0]) - seconds_at(score, places[:, 1])
    return round(1000 * float(np.mean(np.abs(apart))), 1)
