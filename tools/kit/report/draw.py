"""Pictures of measurements: a radar of several pieces, bars with intervals, distributions of two sets.

Every function takes plain numbers and gives PNG bytes, the same for the same numbers. A value that is not defined
is left out of the picture and never drawn as zero.
"""

from __future__ import annotations

import io
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tools.kit import drawing
from tools.kit.report.interval import Interval

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_MARKS = ("o", "s", "^", "D", "v", "P", "X", "*")  # beside the colours: a picture that is read in grey, too
_LINES = ("-", "--", "-.", ":")
_ROUNDING = 1e-9  # of their size: values no farther apart are one value in a picture


def radar(shares: Mapping[str, Sequence[float | None]], axes_names: Sequence[str], title: str) -> bytes:
    """A radar picture of several pieces.

    Parameters
    ----------
    shares
        Name of a piece to one value an axis, each in [0, 1]; ``None`` breaks the line there.
    axes_names
        Names of the axes, three at least.
    title
        Says what is drawn, and what the rim stands for.
    """
    if len(axes_names) < 3:
        raise ValueError("a radar needs three axes")
    made = drawing.figure(7.2, 10.0)
    axes: Any = made.add_axes((0.16, 0.06, 0.5, 0.72), projection="polar")
    angles = np.linspace(0, 2 * np.pi, len(axes_names), endpoint=False)
    axes.set_theta_offset(np.pi / 2)
    axes.set_theta_direction(-1)
    axes.set_ylim(0, 1)
    axes.set_yticks([0.25, 0.5, 0.75, 1.0], ["", "", "", ""])
    axes.set_xticks(angles, [_wrapped(n) for n in axes_names], size=9, color=drawing.INK)
    axes.tick_params(axis="x", pad=10)
    for label, angle in zip(axes.get_xticklabels(), angles, strict=True):
        side = math.sin(angle)
        label.set_horizontalalignment("left" if side > 0.1 else "right" if side < -0.1 else "center")
    axes.grid(color="#dfe2ea", lw=0.8)
    axes.spines["polar"].set_color("#b9bdc9")
    for number, (name, values) in enumerate(shares.items()):
        points = np.array([math.nan if v is None else min(max(v, 0.0), 1.0) for v in values])
        colour = drawing.PALETTE[number % len(drawing.PALETTE)]
        closed = np.append(points, points[0])
        style: dict[str, Any] = {
            "lw": 1.8,
            "ms": 5,
            "ls": _LINES[number % len(_LINES)],
            "marker": _MARKS[number % len(_MARKS)],
        }
        axes.plot(np.append(angles, angles[0]), closed, color=colour, label=_short(name), **style)
        if np.isfinite(points).all():
            axes.fill(angles, points, color=colour, alpha=0.08, lw=0)
    axes.legend(loc="upper left", bbox_to_anchor=(1.12, 1.14), frameon=False, fontsize=9)
    _heading(made, title)
    return _png(made)


def bars(groups: Mapping[str, Sequence[float | None]], names: Sequence[str], title: str, unit: str = "") -> bytes:
    """Horizontal bars, one group a piece.

    Parameters
    ----------
    groups
        Name of a piece to one value a row; ``None`` draws no bar and says so.
    names
        Names of the rows.
    unit
        Unit of the horizontal axis.
    """
    count, rows = max(len(groups), 1), len(names)
    made, axes = _rows(rows, count)
    height = 0.8 / count
    for number, (label, values) in enumerate(groups.items()):
        places = np.arange(rows) + (number - (count - 1) / 2) * height
        colour = drawing.PALETTE[number % len(drawing.PALETTE)]
        widths = [0.0 if v is None or not math.isfinite(v) else v for v in values]
        axes.barh(places, widths, height * 0.92, color=colour, label=_short(label))
        for place, value in zip(places, values, strict=True):
            is_defined = value is not None and math.isfinite(value)
            text, end = (f"{value:.3g}", value or 0.0) if is_defined else ("not defined", 0.0)
            side: dict[str, Any] = {"xytext": (-4, 0), "ha": "right"} if end < 0 else {"xytext": (4, 0), "ha": "left"}
            axes.annotate(text, (end, place), textcoords="offset points", va="center", size=8, **side)
    _finish_rows(made, axes, names, title, unit)
    axes.margins(x=0.12)
    if count > 1:
        _legend(axes, count)
    return _png(made)


def interval_bars(groups: Mapping[str, Sequence[Interval]], names: Sequence[str], title: str, unit: str = "") -> bytes:
    """Means as points with their confidence intervals as lines, one group a set; a mean of nothing is left out."""
    count, rows = max(len(groups), 1), len(names)
    made, axes = _rows(rows, count)
    for number, (label, intervals) in enumerate(groups.items()):
        offset = (number - (count - 1) / 2) * 0.6 / count
        found = [(row + offset, i) for row, i in enumerate(intervals) if i.mean is not None]
        means = np.array([i.mean for _, i in found], dtype=float)
        lows = np.array([i.mean if i.low is None else i.low for _, i in found], dtype=float)
        highs = np.array([i.mean if i.high is None else i.high for _, i in found], dtype=float)
        colour, mark = drawing.PALETTE[number % len(drawing.PALETTE)], _MARKS[number % len(_MARKS)]
        spread = np.maximum(np.vstack([means - lows, highs - means]), 0.0)
        axes.errorbar(
            means,
            [place for place, _ in found],
            xerr=spread,
            fmt=mark,
            color=colour,
            capsize=4,
            lw=1.6,
            label=_short(label),
        )
    _finish_rows(made, axes, names, title, unit)
    if count > 1:
        _legend(axes, count)
    return _png(made)


def distributions(panels: Mapping[str, Mapping[str, Sequence[float]]], title: str) -> bytes:
    """Small histograms, one panel a quantity, the sets over one another as shares of their own size.

    Parameters
    ----------
    panels
        Name of a quantity to (name of a set to its values, all finite).
    """
    columns = 3
    lines = max(1, math.ceil(len(panels) / columns))
    height = 1.0 + 2.1 * lines
    made = drawing.figure(height, 12.0)
    grid = made.add_gridspec(
        lines, columns, left=0.05, right=0.98, top=1 - 1.15 / height, bottom=0.5 / height, hspace=0.75, wspace=0.18
    )
    for place, (quantity, sets) in enumerate(panels.items()):
        axes = made.add_subplot(grid[place // columns, place % columns])
        values = [np.asarray(v, dtype=float) for v in sets.values()]
        pooled = np.concatenate(values) if values else np.empty(0)
        edges: Any = _edges(pooled)
        for number, (name, found) in enumerate(zip(sets, values, strict=True)):
            weights = np.full(len(found), 1 / max(len(found), 1))
            colour = drawing.PALETTE[number % len(drawing.PALETTE)]
            style: dict[str, Any] = {"color": colour, "lw": 1.6, "ls": _LINES[number % len(_LINES)]}
            label = _short(name)
            axes.hist(found, edges, weights=weights, histtype="step", label=label, **style)
            axes.hist(found, edges, weights=weights, color=colour, alpha=0.12)
        axes.set_title(drawing.drawable(quantity), size=9, color=drawing.INK, loc="left")
        axes.set_yticks([])
        axes.locator_params(axis="x", nbins=5)
        _plain_frame(axes)
    handles, labels = made.axes[0].get_legend_handles_labels() if made.axes else ([], [])
    if len(labels) > 1:
        made.legend(handles, labels, loc="upper right", frameon=False, fontsize=9, ncols=len(labels))
    _heading(made, title)
    return _png(made)


def _edges(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Edges of six to 24 bins over finite values; values that rounding alone tells apart stand in the middle."""
    bins = min(24, max(6, round(math.sqrt(len(values) or 1))))
    low, high = (float(values.min()), float(values.max())) if len(values) else (0.0, 1.0)
    size = max(abs(low), abs(high))
    if high - low <= _ROUNDING * size or high == low:
        half = max(0.5, size * _ROUNDING * bins)
        low, high = low - half, high + half
    return np.linspace(low, high, bins + 1)


def _rows(rows: int, count: int) -> tuple[Figure, Axes]:
    """A figure with one row of axes, as high as its rows need."""
    height = 1.5 + rows * max(0.34, 0.24 * count)
    made = drawing.figure(height, 10.0)
    return made, made.add_axes((0.27, 0.55 / height, 0.5, 1 - 1.4 / height))


def _finish_rows(made: Figure, axes: Axes, names: Sequence[str], title: str, unit: str) -> None:
    axes.set_yticks(np.arange(len(names)), [drawing.drawable(n) for n in names], size=9)
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.set_xlabel(drawing.drawable(unit), size=9, color=drawing.FAINT)
    axes.grid(axis="x", color="#e6e8ee", lw=0.7)
    axes.set_axisbelow(True)
    _plain_frame(axes)
    _heading(made, title)


def _legend(axes: Axes, count: int) -> None:
    axes.legend(loc="upper left", bbox_to_anchor=(1.02, 1.0), frameon=False, fontsize=9, ncols=1 + count // 20)


def _plain_frame(axes: Axes) -> None:
    axes.tick_params(length=0, labelsize=8.5, colors=drawing.INK)
    for side, spine in axes.spines.items():
        spine.set_visible(side in ("left", "bottom"))
        spine.set_color("#b9bdc9")


def _heading(made: Figure, title: str) -> None:
    made.text(
        0.03, 1 - 0.36 / made.get_figheight(), drawing.drawable(title), size=12, weight="bold", color=drawing.INK,
        va="center",
    )  # fmt: skip


def _short(name: str, most: int = 26) -> str:
    """A name that fits beside the picture; the middle goes, since endings tell takes apart."""
    text = drawing.drawable(name)
    return text if len(text) <= most else f"{text[: most // 2]}…{text[-(most // 2 - 1) :]}"


def _wrapped(name: str) -> str:
    """A name over two lines when it is long."""
    words = drawing.drawable(name.replace("_", " ")).split()
    if len(" ".join(words)) <= 16 or len(words) < 2:
        return " ".join(words)
    half = (len(words) + 1) // 2
    return " ".join(words[:half]) + "\n" + " ".join(words[half:])


def _png(made: Figure) -> bytes:
    stream = io.BytesIO()
    made.savefig(stream, format="png", dpi=drawing.DPI, metadata={"Software": None})
    return stream.getvalue()
