"""Change the tempo: to one value throughout, or by a factor or to a length, which keep how tempi differ."""

from __future__ import annotations

from bisect import bisect_right
from itertools import pairwise
from math import log
from typing import Literal

import numpy as np
from pydantic import Field

from tools.contract import ToolContext, ToolResult, tool
from tools.edit import _desk as desk
from tools.errors import UserError
from tools.kit.analysis.notes import seconds_at
from tools.kit.arguments import MusicArgs, TimeArgs, region_of
from tools.kit.region import Region
from tools.kit.score import Score
from tools.kit.splice import changed_within, value_at

_GRADUAL = {"accelerando": 4 / 3, "ritardando": 3 / 4}
_SAME = 0.01  # beats a minute between tempi that are one
_FEW = 4  # tempi that are named one by one
_SLOWEST, _FASTEST = 4.0, 1000.0  # quarters per minute that MIDI and its readers take


class ChangeTempoArgs(TimeArgs, MusicArgs):
    """Arguments of :func:`change_tempo`."""

    tempo_bpm: float | None = Field(
        None,
        ge=10,
        le=400,
        description="New tempo in beats (of the meter: a dotted quarter in 6/8) per minute, all through the range; "
        "tempi that differ become one.",
    )
    factor: float | None = Field(
        None, ge=0.1, le=10, description="Times as fast: 2 doubles every tempo, 0.5 halves it."
    )
    add_bpm: float | None = Field(None, ge=-390, le=390, description="Beats per minute more (or, negative, fewer).")
    duration_s: float | None = Field(None, gt=0, le=36_000, description="Length that the range must have, in seconds.")
    curve: Literal["step", "accelerando", "ritardando", "rubato"] = Field(
        "step",
        description="How the new tempo comes: at once, or little by little until the end of the range; "
        "'rubato' lets each phrase press on and hold back, in the time it had.",
    )
    strength: float = Field(0.5, gt=0, le=1, description="Depth of rubato: 1 plays a phrase's end at half its middle.")
    phrase_bars: int = Field(4, ge=1, le=32, description="Bars of a phrase, for rubato.")


class TempoChanged(desk.Edited):
    """What a change of tempo changed."""

    factor: float = Field(
        description="How many times as fast the range is on the whole, or is at its end when gradual."
    )
    tempo_bpm: float = Field(description="Tempo held longest in the range now, in beats of the meter per minute.")
    tempo_before_bpm: float = Field(description="Tempo held longest in it before.")
    duration_before_s: float = Field(description="Length of the piece before, in seconds.")


@tool(
    version="1",
    takes=("midi", "score"),
    gives=("midi",),
    cost="instant",
    isolated=False,
    asks=(
        r"\b(?:speed|slow) (?:the |my |this )?(?:[\w-]+ ){1,3}(?:up|down)\b",
        r"\b(?:nudge|bump|push|pull|take|crank|knock|get|drop|up)\b[^,.;]{0,12}\b(?:tempo|speed|bpm)\b(?: (?:up|do"
        r"wn))?(?: (?:to|by)\b)?",
        r"\b(?:it|this) (?:drags|rushes|is too (?:slow|fast))\b",
        r"\btoo (?:slow|fast)\b",
        r"\b(?:change|set|put|raise|lower|increase|decrease|double|halve|adjust|bring|reduce|fix|take)\b[^,.;]{0,1"
        r"5}\b(?:tempo|speed|bpm)\b(?:[^,.;]{0,8}\b(?:to|by|at)\b)?",
        r"\b(?:slow(?:er)?|speed)(?: (?:it|this|that|things|the (?:piece|song|tune|midi|score|tempo)))? ?(?:down|u"
        r"p)\b",
        r"\b(?:slow|speed)(?:ing|s)?\b[^,.;]{0,20}?\b(?:to|at)(?= (?:about |around |exactly )?\d)",
        r"\b(?:make|have|let) (?:it|this|that|the \w+|this \w+) (?:last|run|take|fit)\b",
        "(?:慢|快|降|升|提|调|改)(?:速度?)?(?:到|至|成|为)(?=[^,.;]{0,6}\\d+ ?(?:%|拍|bpm|BPM))",
        r"\b(?:slower|faster|quicker)\b",
        r"\b(?:twice|half|double)[- ](?:as (?:fast|slow)|the (?:speed|tempo)|time|tempo|speed)\b",
        r"\b(?:accelerando|ritardando|rallentando|rubato)\b",
        r"\b(?:speed|slow) (?:it |this )?(?:up|down)\b",
        r"\bhalf as (?:fast|slow)\b",
        "(?:放|变|加|减)(?:慢|快|速)(?:速度)?",
        "(?:速度|节奏)[^,.;]{0,6}(?:快|慢|改|调|放)[^,.;]{0,2}",
        "[快慢](?:一点|一些|点|些)",
        "渐快",
        "渐慢",
    ),
)
def change_tempo(args: ChangeTempoArgs, ctx: ToolContext) -> ToolResult:
    """Change a score's tempo, or that of some bars, to a value, by a factor or to last so long; no note moves."""
    source = desk.load(args.music, ctx)
    score = source.copy()
    region = region_of(score, args)
    before = held_longest(score, region)
    there = _tempi(score, region)
    factor = _factor(args, score, region, before)
    if args.curve in _GRADUAL:
        if args.tempo_bpm is not None:
            _level(score, region, there[0])
            factor = args.tempo_bpm / there[0]
        score.tempi = _gradual(score, region, factor)
    elif args.tempo_bpm is not None:
        factor = _level(score, region, args.tempo_bpm)
    else:
        score.tempi = changed_within(score.tempi, region.start, region.end, lambda bpm: bpm * factor)
    if args.curve == "rubato":
        score.tempi = _rubato(score, region, args)
    _refuse_extremes(score)
    after = held_longest(score, region)
    facts = {
        "factor": round(factor, 6),
        "tempo_bpm": round(after, 3),
        "tempo_before_bpm": round(before, 3),
        "duration_before_s": round(source.score.seconds(source.score.end), 3),
    }
    where = desk.place(region)
    now = _named(_tempi(score, region))
    change = f"{where[0].upper() + where[1:] if where else 'The piece'}: {_named(there)} to {now} BPM"
    if args.curve == "rubato":
        change = f"Rubato over {where or 'the piece'} in phrases of {args.phrase_bars} bars"
    elif args.curve != "step":
        change = f"{args.curve.capitalize()} over {where or 'the piece'}, ending {factor:.2f} times as fast"
    seconds = score.seconds(score.end)
    return desk.result(
        source,
        score,
        "tempo",
        f"{change}; it lasts {seconds:.1f} s.",
        ctx,
        data=TempoChanged,
        facts=facts,
        notes=[*_left_aside(args), *_levelled(args, there)],
    )


def _tempi(score: Score, region: Region) -> list[float]:
    """The tempi of a region in order, in beats of their meters per minute; a tempo that goes on counts once."""
    end = min(region.end, max(score.end, region.start + 1e-3))
    places = sorted({region.start, *(t for t, _ in (*score.tempi, *score.meters) if region.start < t < end)})
    found = [round(value_at(score.tempi, p) / value_at(score.meters, p).beat_quarters, 3) for p in places]
    return [bpm for n, bpm in enumerate(found) if n == 0 or abs(bpm - found[n - 1]) > _SAME]


def _named(tempi: list[float]) -> str:
    """Tempi in words, as ``120, 150, 90`` or ``12 tempi of 80 to 110``."""
    if len(tempi) <= _FEW:
        return ", ".join(f"{round(t, 1):g}" for t in tempi)
    return f"{len(tempi)} tempi of {min(tempi):.0f} to {max(tempi):.0f}"


def _level(score: Score, region: Region, bpm: float) -> float:
    """Give a region one tempo in beats of its meters, in place; how many times as fast it is then on the whole."""
    end = min(region.end, max(score.end, region.start + 1e-3))
    before = score.seconds(end) - score.seconds(region.start)
    meters = [(region.start, value_at(score.meters, region.start))]
    meters += [(t, m) for t, m in score.meters if region.start + 1e-6 < t < region.end - 1e-6]
    level: list[tuple[float, float]] = []
    for place, meter in meters:
        quarters = bpm * meter.beat_quarters
        if not level or level[-1][1] != quarters:
            level.append((place, quarters))
    bounds = changed_within(score.tempi, region.start, region.end, lambda old: old)
    outside = [e for e in bounds if not region.start - 1e-9 <= e[0] < region.end - 1e-9]
    score.tempi = sorted([*outside, *level], key=lambda e: e[0])
    return before / (score.seconds(end) - score.seconds(region.start))


def held_longest(score: Score, region: Region) -> float:
    """The tempo held for the longest time in a region, in beats of its meter per minute."""
    end = min(region.end, max(score.end, region.start + 1e-3))
    places = sorted({region.start, *(t for t, _ in (*score.tempi, *score.meters) if region.start < t < end)})
    lasting = np.diff(seconds_at(score, np.array([*places, end])))
    times = [t for t, _ in score.tempi]
    held: dict[float, float] = {}
    for place, seconds in zip(places, lasting.tolist(), strict=True):
        quarters = score.tempi[max(0, bisect_right(times, place) - 1)][1]
        bpm = round(quarters / value_at(score.meters, place).beat_quarters, 3)
        held[bpm] = held.get(bpm, 0.0) + seconds
    return max(held, key=lambda bpm: held[bpm])


def _factor(args: ChangeTempoArgs, score: Score, region: Region, before: float) -> float:
    if args.tempo_bpm is not None:
        return args.tempo_bpm / before
    if args.duration_s is not None:
        ends = score.seconds(min(region.end, score.end)) - score.seconds(region.start)
        return _factor_for(ends / args.duration_s, gradual=args.curve in _GRADUAL)
    if args.factor is not None:
        return args.factor
    if args.add_bpm is not None:
        return max(0.0, before + args.add_bpm) / before
    if args.curve in _GRADUAL:
        return _GRADUAL[args.curve]
    if args.curve == "rubato":
        return 1.0
    raise UserError("Say the new tempo: tempo_bpm, factor (2 is twice as fast), add_bpm, duration_s, or a curve.")


def _factor_for(speed: float, *, gradual: bool) -> float:
    """The factor at the end that makes a stretch ``speed`` times as fast on the whole.

    A tempo that grows evenly over the beats from 1 to f takes ln(f) / (f - 1) of the time; solved by bisection.
    """
    if not gradual or abs(speed - 1) < 1e-9:
        return speed
    low, high = (1 + 1e-9, 1e3) if speed > 1 else (1e-3, 1 - 1e-9)
    for _ in range(200):
        middle = (low + high) / 2
        if (middle - 1) / log(middle) < speed:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _gradual(score: Score, region: Region, factor: float) -> list[tuple[float, float]]:
    """The tempo map with a new tempo every eighth, growing evenly from the old tempo to ``factor`` times it."""
    end = min(region.end, score.end)
    span = end - region.start
    steps = max(1, round(span * 2))
    ramp = [region.start + span * step / steps for step in range(steps)]
    base = changed_within(score.tempi, region.start, region.end, lambda bpm: bpm)
    times = [t for t, _ in base]
    grown = [
        (place, base[bisect_right(times, place) - 1][1] * (1 + (factor - 1) * _share(place, ramp, steps)))
        for place in sorted({*ramp, *(t for t in times if region.start <= t < region.end)})
    ]
    return [*(e for e in base if e[0] < region.start), *grown, *(e for e in base if e[0] >= region.end)]


def _rubato(score: Score, region: Region, args: ChangeTempoArgs) -> list[tuple[float, float]]:
    """The tempo map with an arch over each phrase, a new tempo every eighth; each phrase lasts as long as before.

    The arch is a parabola, slowest at both ends (Todd 1985, "A model of expressive timing in tonal music").
    """
    end = min(region.end, score.end)
    starts = [s for s in score.bar_starts() if region.start - 1e-6 <= s < end - 1e-6] or [region.start]
    edges = [region.start, *starts[:: args.phrase_bars][1:], end]
    base = changed_within(score.tempi, region.start, region.end, lambda bpm: bpm)
    made = [e for e in base if e[0] < region.start]
    for start, stop in pairwise(edges):
        steps = max(2, round((stop - start) * 2))
        ramp = [start + (stop - start) * step / steps for step in range(steps)]
        places = sorted({*ramp, *(t for t, _ in base if start <= t < stop)})
        arch = [1 + args.strength * (1 / 3 - (2 * _share(p, ramp, steps) - 1) ** 2) for p in places]
        lengths = np.diff([*places, stop])
        tempi = np.array([value_at(base, p) for p in places])
        kept = float(np.sum(lengths / tempi / np.array(arch)) / np.sum(lengths / tempi))
        made += [(p, float(t * a * kept)) for p, t, a in zip(places, tempi, arch, strict=True)]
    return [*made, *(e for e in base if e[0] >= end)]


def _share(place: float, ramp: list[float], steps: int) -> float:
    """How far a place has come through the ramp: the middle of its step, in [0, 1]."""
    return (bisect_right(ramp, place) - 0.5) / steps


def _refuse_extremes(score: Score) -> None:
    for _, bpm in score.tempi:
        if not _SLOWEST <= bpm <= _FASTEST:
            raise UserError(f"The tempo would be {bpm:.1f} quarters a minute; {_SLOWEST:g} to {_FASTEST:g} will do.")


def _levelled(args: ChangeTempoArgs, there: list[float]) -> list[str]:
    """That several tempi became one, where they did."""
    if args.tempo_bpm is None or len(there) == 1:
        return []
    return [
        f"{len(there)} tempi ({_named(there)} BPM) became one; factor changes them all alike and keeps how they differ."
    ]


def _left_aside(args: ChangeTempoArgs) -> list[str]:
    """What was said twice over: the first of tempo, length and factor decides."""
    said = [n for n in ("tempo_bpm", "duration_s", "factor", "add_bpm") if getattr(args, n) is not None]
    return [f"{said[0]} decides; {' and '.join(said[1:])} was left aside."] if len(said) > 1 else []
