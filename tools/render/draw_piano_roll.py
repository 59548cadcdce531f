"""A piano roll as a printed score is laid out: systems one under another, bars numbered, seconds above.

Pitch runs upward with the black keys shaded, each part has a colour and shows velocity as opacity,
the drum kit has lanes of its own below. Time is drawn in seconds, so that tempo changes show as wider
or narrower bars and the picture lines up with a film.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from pydantic import Field

from tools.contract import Output, Score, ToolArgs, ToolContext, ToolData, ToolResult, tool
from tools.errors import UserError
from tools.kit import drawing as picture
from tools.kit.analysis.key import rank_note_keys
from tools.kit.analysis.notes import notes_of, seconds_at
from tools.kit.score import Score as Music
from tools.kit.score import Track
from tools.kit.score.notation import read_notation
from tools.kit.theory.instruments import instrument_of_program
from tools.kit.theory.meter import Meter

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_SYSTEM_S = 24.0  # seconds a system holds when the piece is short enough
_MOST_SYSTEMS = 10
_MOST_BARS = 2000
_BLACK_KEYS = (1, 3, 6, 8, 10)
_LANES: tuple[tuple[str, tuple[int, ...]], ...] = (
    ("kick", (35, 36)),
    ("snare", (37, 38, 39, 40)),
    ("toms", (41, 43, 45, 47, 48, 50)),
    ("hi-hat", (42, 44, 46)),
    ("ride", (51, 53, 59)),
    ("crash", (49, 52, 55, 57)),
)
_OTHER_LANE = "percussion"


class DrawPianoRollArgs(ToolArgs):
    """Arguments of :func:`draw_piano_roll`."""

    music: Score = Field(description="The score to draw.")
    from_bar: int | None = Field(None, ge=1, description="First bar drawn, counted from 1.")
    to_bar: int | None = Field(None, ge=1, description="Last bar drawn, inclusive.")


class PianoRoll(ToolData):
    """What was drawn."""

    bars: int = Field(description="How many bars the picture shows.")
    notes: int = Field(description="How many notes it shows.")
    tracks: list[str] = Field(description="Names of the parts shown, as in the legend.")
    systems: int = Field(description="How many rows the picture has.")


@dataclass(frozen=True)
class _Part:
    """A track in seconds: notes as columns (start, end, pitch, velocity)."""

    label: str
    colour: str
    is_drum: bool
    notes: np.ndarray[tuple[int, int], np.dtype[np.float64]]


@dataclass(frozen=True)
class _Drawing:
    """Everything a system needs to know of the piece; ``bars`` are the bar lines in seconds, the end included."""

    parts: list[_Part]
    bars: list[float]
    first_bar: int
    markers: list[tuple[float, str]]
    low: int
    high: int
    lanes: list[str]


@tool(
    version="1",
    takes=("midi", "score"),
    gives=("picture",),
    asks=(
        r"\b(?:(?:draw|show|plot|see|visuali[sz]e|give|make|render)\b[^,.;]{0,15})?\bpiano.?roll\b(?: of (?:it|"
        r"this|that|the \w+))?",
        r"\b(?:draw|plot|visuali[sz]e)\b[^,.;]{0,25}\b(?:notes|midi|score|music|piece|tune|melody)\b",
        r"\b(?:show|see) (?:me )?(?:the |its |these )?notes\b",
        "(?:画|显示|生成|看)?(?:出)?(?:一个|个)?钢琴卷帘(?:图|窗)?",
        "(?:画|显示|看)[^,.;]{0,4}(?:音符|卷帘|钢琴窗)",
    ),
    cost="seconds",
)
def draw_piano_roll(args: DrawPianoRollArgs, ctx: ToolContext) -> ToolResult:
    """Draw a score as a piano roll: parts in colours, bars, seconds, sections, drums in lanes of their own."""
    source = ctx.artifact(args.music)
    score = read_notation(source)
    drawing = _drawing(score, args, source.file.name)
    ctx.progress(0.3, "drawing")
    systems = _systems(drawing.bars)
    picture_path = ctx.work_dir / f"{source.file.stem}-piano-roll.png"
    picture.save(_figure(drawing, systems, score.title or source.file.stem, _subtitle(score, drawing)), picture_path)
    shown = sum(len(p.notes) for p in drawing.parts)
    data = PianoRoll(
        bars=len(drawing.bars) - 1, notes=shown, tracks=[p.label for p in drawing.parts], systems=len(systems)
    )
    facts = {"bars": data.bars, "notes": shown, "from_bar": drawing.first_bar}
    output = Output(picture_path, "picture", "image/png", facts, parents=(source.id,), licence=source.licence)
    return ToolResult(f"Drew {shown} notes in {data.bars} bars of {source.file.name}.", data, (output,))


def _drawing(score: Music, args: DrawPianoRollArgs, name: str) -> _Drawing:
    """The bars asked for, in seconds."""
    tracks = [t for t in score.tracks if t.notes]
    if not tracks:
        raise UserError(f"{name} has no notes, so there is nothing to draw; attach a score with notes.")
    starts = score.bar_starts()
    first, last = args.from_bar or 1, min(args.to_bar or len(starts), len(starts))
    if first > last:
        raise UserError(f"{name} has {len(starts)} bars; from_bar {first} to to_bar {args.to_bar} holds none of them.")
    if last - first >= _MOST_BARS:
        raise UserError(f"{name} has {len(starts)} bars, more than {_MOST_BARS} in a picture; set from_bar and to_bar.")
    meter = next(m for at, m in reversed(score.meters) if at <= starts[-1] + 1e-6)
    quarters = [*starts, max(score.end, starts[-1] + meter.bar_quarters)][first - 1 : last + 1]
    bars = [float(s) for s in seconds_at(score, np.array(quarters))]
    parts = [p for p in (_part(score, track, number, bars) for number, track in enumerate(tracks)) if len(p.notes)]
    pitches = [int(p) for part in parts if not part.is_drum for p in part.notes[:, 2]]
    markers = [(score.seconds(at), text) for at, text in score.markers]
    markers = [marker for marker in markers if bars[0] <= marker[0] < bars[-1]]
    low, high = _compass(pitches, headroom=6 if markers else 3)
    keys = {int(p) for part in parts if part.is_drum for p in part.notes[:, 2]}
    lanes = [lane for lane in (*(n for n, _ in _LANES), _OTHER_LANE) if any(_lane(k) == lane for k in keys)]
    return _Drawing(parts, bars, first, markers, low, high, lanes)


def _part(score: Music, track: Track, number: int, bars: list[float]) -> _Part:
    """A track's notes that touch the bars drawn, cut off at their edges."""
    rows = np.array([(n.start, n.end, n.pitch, n.velocity) for n in track.notes], dtype=np.float64)
    rows[:, 0], rows[:, 1] = seconds_at(score, rows[:, 0]), seconds_at(score, rows[:, 1])
    rows = rows[(rows[:, 1] > bars[0]) & (rows[:, 0] < bars[-1])]
    rows[:, :2] = rows[:, :2].clip(bars[0], bars[-1])
    sounds = instrument_of_program(track.program, track.is_drum).name
    name = picture.drawable(track.name)
    label = sounds if not name or name.lower() == sounds else f"{name} ({sounds})"
    return _Part(label, picture.PALETTE[number % len(picture.PALETTE)], track.is_drum, rows)


def _compass(pitches: list[int], headroom: int) -> tuple[int, int]:
    """Lowest and highest pitch drawn: what is used, a little air, room for labels; two octaves at least."""
    if not pitches:
        return 60, 60
    low, high = min(pitches) - 2, max(pitches) + headroom
    missing = max(0, 24 - (high - low))
    return max(0, low - missing // 2), min(128, high + missing - missing // 2)


def _lane(key: int) -> str:
    return next((name for name, keys in _LANES if key in keys), _OTHER_LANE)


def _systems(bars: list[float]) -> list[tuple[int, int]]:
    """Bars to systems: (first, end) indices into ``bars``, an equal count of bars in each."""
    count = len(bars) - 1
    wanted = min(_MOST_SYSTEMS, max(1, int(np.ceil((bars[-1] - bars[0]) / _SYSTEM_S))))
    each = int(np.ceil(count / wanted))
    if each > 4:
        each = int(np.ceil(each / 4) * 4)
    return [(start, min(start + each, count)) for start in range(0, count, each)]


def _subtitle(score: Music, drawing: _Drawing) -> str:
    meters = list(dict.fromkeys(str(m) for _, m in score.meters))
    tempi = [bpm / _meter_at(score, at).beat_quarters for at, bpm in score.tempi]
    slow, fast = round(min(tempi)), round(max(tempi))
    if score.keys:
        key = " → ".join(dict.fromkeys(str(k) for _, k in score.keys))
    else:
        fits = rank_note_keys(notes_of(score))
        key = f"probably {fits[0].key}" if fits else "no key"
    length = picture.clock(drawing.bars[-1] - drawing.bars[0])
    return "  ·  ".join(
        [
            key,
            ", ".join(meters[:4]),
            f"{slow} BPM" if slow == fast else f"{slow} to {fast} BPM",
            f"{len(drawing.bars) - 1} bars",
            length,
        ]
    )


def _meter_at(score: Music, quarter: float) -> Meter:
    return next(m for at, m in reversed(score.meters) if at <= quarter + 1e-6)


def _figure(drawing: _Drawing, systems: list[tuple[int, int]], title: str, subtitle: str) -> Figure:
    """All systems under the heading and the legend; every height is in inches."""
    tallest = 3.0 if len(systems) <= 6 else 2.2
    pitched = 0.0 if drawing.high == drawing.low else max(1.5, min(tallest, (drawing.high - drawing.low) * 0.055))
    drums = 0.17 * len(drawing.lanes)
    gap, head = 0.72, 1.0 + 0.26 * _legend_rows(drawing.parts)
    system_height = pitched + drums + (0.06 if pitched and drums else 0.0)
    height = head + len(systems) * (system_height + gap)
    made = picture.figure(height)
    picture.heading(made, title, subtitle, height)
    _legend(made, drawing.parts, height)
    widest = max(drawing.bars[end] - drawing.bars[start] for start, end in systems)
    left, width = 0.62 / picture.WIDTH_IN, 1 - 0.92 / picture.WIDTH_IN
    for row, (start, end) in enumerate(systems):
        top = 1 - (head + row * (system_height + gap) + 0.3) / height
        share = (drawing.bars[end] - drawing.bars[start]) / widest
        places = [(top - pitched / height, pitched, _draw_pitches), (top - system_height / height, drums, _draw_drums)]
        boxes = []
        for bottom, inches, draw in places:
            if inches:
                boxes.append(made.add_axes((left, bottom, width * share, inches / height)))
                boxes[-1].set_xlim(drawing.bars[start], drawing.bars[end])
                draw(boxes[-1], drawing)
        _draw_time(boxes, drawing, start, end)
    return made


def _legend_rows(parts: list[_Part]) -> int:
    return int(np.ceil(len(parts) / 5))


def _legend(made: Figure, parts: list[_Part], height: float) -> None:
    from matplotlib.patches import Patch

    handles = [Patch(facecolor=p.colour, label=p.label if len(p.label) <= 34 else p.label[:33] + "…") for p in parts]
    made.legend(
        handles=handles,
        loc="upper left",
        bbox_to_anchor=(0.52 / picture.WIDTH_IN, 1 - 0.78 / height),
        ncols=5,
        frameon=False,
        fontsize=9.5,
        handlelength=1.1,
        handleheight=0.9,
        columnspacing=1.6,
        labelcolor=picture.INK,
        borderpad=0.1,
    )


def _draw_pitches(axes: Axes, drawing: _Drawing) -> None:
    axes.set_ylim(drawing.low - 0.5, drawing.high - 0.5)
    for pitch in range(drawing.low, drawing.high):
        if pitch % 12 in _BLACK_KEYS:
            axes.axhspan(pitch - 0.5, pitch + 0.5, color="#f1f2f6", lw=0, zorder=0)
    octaves = [p for p in range(drawing.low, drawing.high) if p % 12 == 0]
    axes.hlines(
        [p - 0.5 for p in octaves], 0, 1, transform=axes.get_yaxis_transform(), color="#d3d6df", lw=0.7, zorder=1
    )
    axes.set_yticks(octaves, [f"C{p // 12 - 1}" for p in octaves])
    for part in drawing.parts:
        if not part.is_drum:
            _draw_notes(axes, part, part.notes[:, 2], 0.86)


def _draw_drums(axes: Axes, drawing: _Drawing) -> None:
    axes.set_ylim(-0.5, len(drawing.lanes) - 0.5)
    axes.set_facecolor("#faf9f6")
    axes.hlines(
        np.arange(1, len(drawing.lanes)) - 0.5, 0, 1, transform=axes.get_yaxis_transform(), color="#e4e2db", lw=0.6
    )
    axes.set_yticks(range(len(drawing.lanes)), drawing.lanes)
    for part in drawing.parts:
        if part.is_drum:
            places = np.array([drawing.lanes.index(_lane(int(key))) for key in part.notes[:, 2]], dtype=np.float64)
            _draw_notes(axes, part, places, 0.66)


def _draw_notes(axes: Axes, part: _Part, places: np.ndarray[tuple[int], np.dtype[np.float64]], height: float) -> None:
    """One rectangle a note, its opacity its velocity, a hair of paper between repeated notes."""
    from matplotlib.collections import PolyCollection
    from matplotlib.colors import to_rgb

    start, end = part.notes[:, 0], part.notes[:, 1]
    low_x, high_x = axes.get_xlim()
    end = np.maximum(end - 0.012, start + (high_x - low_x) / 400)
    low, high = places - height / 2, places + height / 2
    corners = np.stack([start, low, start, high, end, high, end, low], axis=1).reshape(-1, 4, 2)
    colours = np.empty((len(start), 4))
    colours[:, :3] = to_rgb(part.colour)
    colours[:, 3] = 0.3 + 0.7 * part.notes[:, 3] / 127
    axes.add_collection(PolyCollection(list(corners), facecolors=colours, linewidths=0, zorder=3), autolim=False)


def _draw_time(boxes: list[Axes], drawing: _Drawing, start: int, end: int) -> None:
    """Bar lines and numbers under a system, seconds and section names over it."""
    lines = drawing.bars[start : end + 1]
    for axes in boxes:
        weight = 0.8 if len(lines) < 40 else 0.4
        axes.vlines(lines, 0, 1, transform=axes.get_xaxis_transform(), color="#b9bdc9", lw=weight, zorder=2)
        axes.tick_params(length=0, labelsize=8, colors=picture.INK, pad=3)
        axes.set_xticks([])
        for spine in axes.spines.values():
            spine.set_color("#b9bdc9")
    step = next(s for s in (1, 2, 4, 8, 16, 32, 64, 128, 256) if (len(lines) - 1) / s <= 24)
    numbered = [i for i in range(len(lines) - 1) if (drawing.first_bar + start + i - 1) % step == 0]
    names = [str(drawing.first_bar + start + i) for i in numbered]
    boxes[-1].set_xticks([lines[i] for i in numbered], names, ha="left")
    boxes[-1].set_xlabel("bar", fontsize=8, color=picture.FAINT, loc="right", labelpad=-9)
    _draw_seconds(boxes[0], lines[0], lines[-1])
    for at, text in drawing.markers:
        if bisect_right(lines, at + 1e-6) not in (0, len(lines)):
            _draw_marker(boxes, at, text)


def _draw_seconds(axes: Axes, start: float, end: float) -> None:
    step = picture.time_step(end - start)
    ticks = np.arange(np.ceil(start / step - 1e-9) * step, end + step * 1e-6, step)
    top = axes.secondary_xaxis("top")
    top.set_xticks(list(ticks), [picture.clock_label(t, step) for t in ticks])
    top.tick_params(length=3, labelsize=8, colors=picture.FAINT, pad=1)
    top.spines["top"].set_visible(False)


def _draw_marker(boxes: list[Axes], at: float, text: str) -> None:
    for axes in boxes:
        axes.axvline(at, color=picture.INK, lw=1.3, zorder=4)
    boxes[0].annotate(
        picture.drawable(text) or "§",
        (at, 1),
        xycoords=("data", "axes fraction"),
        xytext=(3, -3),
        textcoords="offset points",
        va="top",
        ha="left",
        size=9,
        weight="bold",
        color=picture.INK,
        zorder=6,
        bbox={"boxstyle": "round,pad=0.22", "facecolor": "#fff4c2", "edgecolor": "#d8c464", "linewidth": 0.6},
    )
