"""The picture of ``bench composer``: for each style and statistic, how far every set lies from held-out real music."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from bench.composer import Row

_MARKS = {
    "floor": ("other real music", "#2e7d32", "o"),
    "ours": ("Scorewright", "#1565c0", "D"),
    "peer": ("ark-audio-agent", "#ef6c00", "s"),
    "markov": ("Markov chain", "#c62828", "x"),
}
_LEAST, _MOST = 0.01, 50.0


def draw(found: Mapping[str, Sequence[Row]], path: Path) -> None:
    """Write the picture as PNG: a panel a style, a line a statistic, distances on a logarithmic axis."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    names = list(dict.fromkeys(row.name for rows in found.values() for row in rows))
    place = {name: len(names) - k for k, name in enumerate(names)}
    figure = Figure(figsize=(13, 0.21 * len(names) + 1.2), layout="constrained")
    axes = np.atleast_1d(figure.subplots(1, len(found), sharey=True, sharex=True))
    for axis, (style, rows) in zip(axes, found.items(), strict=True):
        heights = [place[r.name] for r in rows]
        axis.hlines(heights, _LEAST, _MOST, color="#eeeeee", linewidth=0.8)
        for name, (label, colour, mark) in _MARKS.items():
            far = [float(np.clip(r.far.get(name, np.nan), _LEAST, _MOST)) for r in rows]
            axis.scatter(far, heights, s=16, color=colour, marker=mark, label=label, zorder=3)
        axis.set_xscale("log")
        axis.set_title(style, fontsize=9)
        axis.tick_params(labelsize=7)
    axes[0].set_yticks([place[n] for n in names], [n.replace("_", " ") for n in names])
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=len(labels), fontsize=8, frameon=False)
    figure.supxlabel("distance from held-out real music (left is nearer)", fontsize=9)
    FigureCanvasAgg(figure)
    figure.savefig(path, dpi=80)
