"""The composer beside real music: how far its statistics lie from held-out pieces, next to baselines and a floor.

For each style music21's corpus is parted in two: one half trains the baselines and gives the floor, the other is held
out. A statistic's distance is Wasserstein's between the values of two sets, in standard deviations of the held-out
half; a histogram's is 1 minus the overlap of intra-set and inter-set distances, and their divergence (Yang and Lerch
2020). Beside ours stand random notes and a first-order Markov chain of the training half, and another composer.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bench._composer_corpus import STYLES, Style, halves, scores
from bench._composer_peer import PEER, fidelity, peers
from bench._composer_plot import draw
from bench._composer_sets import at_random, markov, ours
from bench._composer_stats import columns, histograms, numbers
from tools.errors import UserError
from tools.kit.metrics.symbolic_sets import distance_kl, distance_overlap
from tools.kit.score import Score

SETS = ("floor", "ours", "peer", "markov", "random")
_BRIEFS = 30
_NOTHING = 1e-3  # a distance below it is none


@dataclass(frozen=True)
class Row:
    """A statistic of a style: the distance of every set from held-out real music, means of real and ours."""

    name: str
    far: dict[str, float]
    real: float
    mine: float

    def beats(self, whom: str = "ours") -> bool:
        """Whether a set lies nearer to real music than half of the Markov baseline's distance."""
        return self.far[whom] < 0.5 * self.far["markov"]

    def before_peer(self) -> bool:
        """Whether ours lies nearer than the peer; False where there is no peer."""
        return self.far["ours"] < self.far.get("peer", -1.0)


def run(n: int = 200, seed: int = 0, plot: Path | None = None) -> str:
    """Compare ``n`` pieces spread over the styles with twice as many real ones; a Markdown report, and a picture."""
    started = time.perf_counter()
    each = max(4, round(n / len(STYLES)))
    lines = [f"# The composer beside real music: about {each} pieces a style, seed {seed}", ""]
    found: dict[str, list[Row]] = {}
    for style in STYLES:
        found[style.name], note = compare(style, each, seed)
        lines += [f"## {style.name}", "", *([note, ""] if note else []), *_table(found[style.name]), ""]
    if plot is not None:
        draw(found, plot)
    if all("peer" in row.far for rows in found.values() for row in rows):
        lines += [f"Random Briefs to {PEER}, as `bench fidelity` measures them on the notes:", ""]
        lines += [*fidelity(_BRIEFS, seed), ""]
    lines += [*summary(found), "", f"{time.perf_counter() - started:.0f} s"]
    return "\n".join([*lines, ""])


def compare(style: Style, count: int, seed: int) -> tuple[list[Row], str]:
    """Every statistic of a style, and why a set is left out, if one is."""
    training, held_out = halves(style, count, seed)
    sets = {
        "held out": scores(held_out),
        "floor": scores(training),
        "ours": ours(style, training, seed),
        "markov": markov(scores(training), scores(training), seed),
        "random": at_random(scores(training), scores(training), seed),
    }
    note = ""
    try:
        sets["peer"] = peers(style, training, seed)
    except UserError as err:
        note = f"{PEER} is left out: {err.msg}"
    values = {name: columns([numbers(s) for s in pieces]) for name, pieces in sets.items()}
    rows = []
    for name, target in values["held out"].items():
        if np.isfinite(target).sum() >= 2:
            far = {s: _apart(values[s][name], target) for s in SETS if s in sets}
            rows.append(Row(name, far, float(np.nanmean(target)), _mean(values["ours"][name])))
    rows += _shapes(sets)
    return [r for r in rows if r.far["markov"] > _NOTHING or r.far["ours"] > _NOTHING], note


def _mean(values: np.ndarray) -> float:
    return float(np.nanmean(values)) if np.isfinite(values).any() else float("nan")


def _apart(mine: np.ndarray, real_values: np.ndarray) -> float:
    """Wasserstein distance in standard deviations of the real values."""
    from scipy import stats

    mine, real_values = mine[np.isfinite(mine)], real_values[np.isfinite(real_values)]
    if not len(mine):
        return float("inf")
    return float(stats.wasserstein_distance(mine, real_values) / max(float(real_values.std()), 1e-3))


def _shapes(sets: Mapping[str, Sequence[Score]]) -> list[Row]:
    """Histograms: a set's own distances against its distances to held-out pieces, by overlap and divergence."""
    found = {name: [histograms(s) for s in pieces] for name, pieces in sets.items()}
    rows = []
    for name in found["ours"][0]:
        arrays = {s: np.array([h[name] for h in rows_]) for s, rows_ in found.items()}
        names = [s for s in SETS if s in sets]
        overlap = {s: 1 - (distance_overlap(arrays[s], arrays["held out"]) or 0.0) for s in names}
        rows.append(Row(f"{name}: 1 - overlap", overlap, float("nan"), float("nan")))
        kl = {s: _or_inf(distance_kl(arrays[s], arrays["held out"])) for s in names}
        rows.append(Row(f"{name}: divergence", kl, float("nan"), float("nan")))
    return rows


def _or_inf(value: float | None) -> float:
    return float("inf") if value is None else value


def _table(rows: Sequence[Row]) -> list[str]:
    names = [s for s in SETS if s in rows[0].far]
    head = " | ".join(f"d {s}" for s in names)
    lines = [f"| statistic | real | ours | {head} | |", "|---" * (4 + len(names)) + "|"]
    for row in rows:
        cells = " | ".join(f"{row.far[s]:.2f}" for s in names)
        mark = ("M" if row.beats() else "") + ("P" if row.before_peer() else "")
        lines.append(f"| {row.name} | {row.real:.3g} | {row.mine:.3g} | {cells} | {mark} |")
    return lines


def summary(found: Mapping[str, Sequence[Row]]) -> list[str]:
    """How many rows of each style stand below half of the Markov baseline (M) and below the peer (P)."""
    lines = [
        "| style | rows | below half of Markov (M) | below the peer (P) | both | other real music so |",
        "|---|---|---|---|---|---|",
    ]
    total = np.zeros(5, dtype=int)
    for name, rows in found.items():
        both = sum(r.beats() and r.before_peer() for r in rows)
        counts = [len(rows), sum(r.beats() for r in rows), sum(r.before_peer() for r in rows), both]
        counts.append(sum(r.beats("floor") for r in rows))
        total += np.array(counts)
        lines.append(f"| {name} | " + " | ".join(map(str, counts)) + " |")
    return [*lines, "| all | " + " | ".join(map(str, total)) + " |"]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--plot", type=Path, default=None, help="PNG to draw")
    chosen = parser.parse_args()
    print(run(chosen.n, chosen.seed, chosen.plot))
