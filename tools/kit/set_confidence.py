"""How sure the metrics of a set are: 95 % intervals by drawing its pieces again (Efron and Tibshirani 1993, chapter 8).

Pieces are drawn with replacement, never their windows, which hang together. A draw repeats pieces, so that two
copies of a piece would count as two alike: pairs of a piece with itself are left out of every sum over pairs, and
where that cannot be done there is no interval but a reason. Since a draw also holds fewer different pieces than the
set, which moves a distance as a whole, the interval is the spread of the draws about their own mean, laid round the
value that was measured, and widened as Student's t is where pieces are few.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tools.kit.metrics import rhythm_video
from tools.kit.metrics.registry import metrics
from tools.kit.metrics.sets import Embedding
from tools.kit.metrics.sets.frechet import Gaussian
from tools.kit.metrics.sets.kernel import SCALE, kernel_sums, median_distance
from tools.kit.metrics.sets.manifold import NEIGHBOURS, memberships
from tools.kit.metrics.symbolic_sets.densities import overlap_of_weighted

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
Values = Mapping[str, float | None]
DRAWS = 200
FEWEST = 5  # pieces of a set
LEVEL = 0.95  # share of intervals that hold what they are about
_ROUNDING = 1e-9  # of the values: draws no farther apart are one value
_MOST_WINDOWS = 12_000  # of both sets, to be paired again
_WORK = 1.5e11  # multiplications all draws of a Fréchet distance may take, about half a minute
_FEW = f"fewer than {FEWEST} pieces to draw from"


_RELATIVE = ("overlap", "intra", "reference_intra", "inter")  # measures of Yang and Lerch that draws can give
_DECLARED = {
    "overlap": "distance_overlap",
    "intra": "intra_set_distance",
    "reference_intra": "intra_set_distance",
    "inter": "inter_set_distance",
    "PD": "pitch_distribution_similarity",
    "DD": "duration_distribution_similarity",
    "MD": "melody_distance",
}
"""Metrics that a report calls otherwise than their declaration does."""


@dataclass(frozen=True)
class Confidence:
    """Ends of a 95 % interval, or why there is none."""

    low: float | None = None
    high: float | None = None
    why: str = ""


Confidences = dict[str, Confidence]


def interval(name: str, value: float | None, draws: Sequence[float | None], pieces: int) -> Confidence:
    """The interval about a metric's value from its values on draws of so many pieces, within the metric's bounds."""
    if value is None:
        return Confidence(why="it is undefined")
    defined = np.array([d for d in draws if d is not None and np.isfinite(d)])
    if len(defined) < 0.9 * len(draws):
        return Confidence(why="many draws do not define it")
    if np.ptp(defined) <= _ROUNDING * np.abs(defined).max():
        return Confidence(why="every draw gives the same value, which is no sign that others would")
    ends = value + _widening(pieces) * (np.quantile(defined, [(1 - LEVEL) / 2, (1 + LEVEL) / 2]) - defined.mean())
    known = metrics().get(_DECLARED.get(name, name))
    least = -np.inf if known is None or known.low is None else known.low
    most = np.inf if known is None or known.high is None else known.high
    low, high = np.clip(ends, least, most).tolist()
    return Confidence(low, high)


def _widening(pieces: int) -> float:
    """What draws of few pieces spread too little by: Student's t for the normal quantile, n - 1 for n."""
    from scipy import stats

    tail = (1 + LEVEL) / 2
    return float(stats.t.ppf(tail, pieces - 1) / stats.norm.ppf(tail) * np.sqrt(pieces / (pieces - 1)))


def multiplicities(pieces: int, seed: int = 0) -> Counts:
    """How often each piece is in each draw, ``[draws, pieces]``."""
    picked = np.random.default_rng(seed).integers(pieces, size=(DRAWS, pieces))
    return np.stack([np.bincount(row, minlength=pieces) for row in picked])


def of_means(columns: Mapping[str, Sequence[float | None]], values: Values) -> Confidences:
    """Intervals of metrics that are means over pieces, or over pairs of pieces, given piece by piece."""
    found: Confidences = {}
    for name, column in columns.items():
        defined = np.array([v for v in column if v is not None], dtype=np.float64)
        if len(defined) < FEWEST:
            found[name] = Confidence(why=_FEW)
        else:
            found[name] = interval(
                name, values[name], list(multiplicities(len(defined)) @ defined / len(defined)), len(defined)
            )
    return found


def of_beats(clips: Sequence[tuple[Floats, Floats, float]], values: Values) -> Confidences:
    """Intervals of the beat scores over clips."""
    if len(clips) < FEWEST:
        return {name: Confidence(why=_FEW) for name in values}
    each = [rhythm_video.evaluate([clip]) for clip in clips]
    means = ("BCS", "BHS", "BCS_D2M", "beat_F_mir_eval")
    found = of_means({name: [e[name] for e in each] for name in means}, values)
    coverage, hits = (np.array([e[name] for e in each], dtype=np.float64) for name in ("BCS", "BHS"))
    draws = multiplicities(len(clips))
    for name, scores in (("CSD", coverage), ("HSD", hits)):
        spreads = [rhythm_video.spread(list(np.repeat(scores, d))) for d in draws]
        found[name] = interval(name, values[name], spreads, len(clips))
    both = zip(draws @ coverage / len(clips), draws @ hits / len(clips), strict=True)
    scores_drawn = [rhythm_video.beat_f1(*pair) for pair in both]
    found["beat_F1"] = interval("beat_F1", values["beat_F1"], scores_drawn, len(clips))
    return {name: found[name] for name in values}


def of_rows(rows: Floats, statistic: Callable[[Floats], Values], values: Values) -> Confidences:
    """Intervals of metrics of rows ``[pieces, d]``, computed again on the rows of each draw."""
    if len(rows) < FEWEST:
        return {name: Confidence(why=_FEW) for name in values}
    drawn = [statistic(np.repeat(rows, draw, axis=0)) for draw in multiplicities(len(rows))]
    return {name: interval(name, values[name], [d[name] for d in drawn], len(rows)) for name in values}


def of_embedding(made: Embedding, reference: Embedding | None, values: Values) -> Confidences:
    """Intervals of the metrics on an embedding; pieces of both sets are drawn."""
    found = dict.fromkeys(values, Confidence(why=_FEW))
    found["vendi_score"] = Confidence(why="it counts different windows, and a draw repeats some")
    if len(made.sizes) >= FEWEST:
        diversity = values["pairwise_diversity"]
        found["pairwise_diversity"] = interval("pairwise_diversity", diversity, _diversity(made), len(made.sizes))
    if reference is None:
        return found
    why = "it is the end of a line through draws already"
    found["frechet_audio_distance_infinity"] = Confidence(why=why)
    fewest = min(len(made.sizes), len(reference.sizes))
    if fewest < FEWEST:
        return found
    found |= _of_memberships(made, reference, values)
    for name, draws in (("frechet_audio_distance", _frechet), ("kernel_audio_distance", _kernel)):
        drawn = draws(made, reference)
        too_long = Confidence(why="it would take too long on so many windows")
        found[name] = too_long if drawn is None else interval(name, values[name], drawn, fewest)
    return found


def _both(made: Embedding, reference: Embedding) -> tuple[Counts, Counts]:
    """Draws of both sets, each from a stream of its own."""
    return multiplicities(len(made.sizes), 0), multiplicities(len(reference.sizes), 1)


def _diversity(made: Embedding) -> list[float | None]:
    """Mean cosine distance of the draws, pairs of a window with itself left out."""
    lengths = np.linalg.norm(made.matrix, axis=1, keepdims=True)
    if not lengths.min() > 0:
        return [None] * DRAWS
    sums = np.add.reduceat(made.matrix / lengths, _edges(made), axis=0)
    sizes = np.array(made.sizes, dtype=np.float64)
    found: list[float | None] = []
    for draw in multiplicities(len(sizes)):
        itself = float(draw**2 @ sizes)
        pairs = float(draw @ sizes) ** 2 - itself
        found.append(1 - (float(np.sum((draw @ sums) ** 2)) - itself) / pairs if pairs else None)
    return found


def _frechet(made: Embedding, reference: Embedding) -> list[float | None] | None:
    """Fréchet distances of the draws; ``None`` when they would take too long."""
    rank = min(made.matrix.shape[1], max(len(made.matrix), len(reference.matrix)))
    once = (len(made.matrix) + len(reference.matrix)) * made.matrix.shape[1] * rank + 30 * rank**3
    if once * DRAWS > _WORK:
        return None
    found: list[float | None] = []
    for one, other in zip(*_both(made, reference), strict=True):
        fitted = [
            Gaussian.fitted(np.repeat(e.matrix, np.repeat(d, e.sizes), axis=0))
            for e, d in ((made, one), (reference, other))
        ]
        found.append(fitted[0].distance(fitted[1]) if fitted[0] and fitted[1] else None)
    return found


def _kernel(made: Embedding, reference: Embedding) -> list[float | None] | None:
    """Kernel distances of the draws at the width that the reference gives; ``None`` when they would take too long."""
    if len(made.matrix) + len(reference.matrix) > _MOST_WINDOWS:
        return None
    width = median_distance(reference.matrix)
    across = kernel_sums(made, reference, width)
    within = [kernel_sums(e, e, width) for e in (made, reference)]
    sizes = [np.array(e.sizes, dtype=np.float64) for e in (made, reference)]
    found: list[float | None] = []
    for draws in zip(*_both(made, reference), strict=True):
        parts = []
        for draw, sums, size in zip(draws, within, sizes, strict=True):
            itself = float(draw**2 @ size)
            pairs = float(draw @ size) ** 2 - itself
            parts.append((float(draw @ sums @ draw) - itself) / pairs)
        between = float(draws[0] @ across @ draws[1]) / float((draws[0] @ sizes[0]) * (draws[1] @ sizes[1]))
        found.append(SCALE * (parts[0] + parts[1] - 2 * between))
    return found


def _of_memberships(made: Embedding, reference: Embedding, values: Values) -> Confidences:
    """Intervals of precision and density over the pieces made, of recall and coverage over those of the reference.

    The balls stay where both whole sets put them, since a draw's repeated pieces would shrink them to nothing.
    """
    found = memberships(made, reference)
    if found is None:
        return {n: Confidence(why="it is undefined") for n in ("precision", "recall", "density", "coverage")}
    held_by, recalled, covered = found
    columns = {
        "precision": (held_by > 0, made),
        "density": (held_by / NEIGHBOURS, made),
        "recall": (recalled, reference),
        "coverage": (covered, reference),
    }
    confidences: Confidences = {}
    for name, (column, embedding) in columns.items():
        sums = np.add.reduceat(column.astype(np.float64), _edges(embedding))
        sizes, draws = np.array(embedding.sizes), multiplicities(len(embedding.sizes))
        confidences[name] = interval(name, values[name], list((draws @ sums) / (draws @ sizes)), len(sizes))
    return confidences


def _edges(embedding: Embedding) -> Counts:
    """First window of each recording."""
    return np.concatenate([[0], np.cumsum(embedding.sizes)[:-1]])


def of_feature(mine: Floats, theirs: Floats, values: Values) -> Confidences:
    """Intervals of Yang and Lerch's measures of one feature ``[n, d]`` and ``[m, d]``, pieces of both sets drawn."""
    found = {name: Confidence(why=_FEW) for name in (*_RELATIVE, "kl")}
    if min(len(mine), len(theirs)) < FEWEST:
        return found
    from scipy.spatial.distance import cdist

    own, other, across = cdist(mine, mine), cdist(theirs, theirs), cdist(mine, theirs)
    apart = ~np.eye(len(mine), dtype=bool)
    drawn: dict[str, list[float | None]] = {name: [] for name in _RELATIVE}
    for one, two in zip(multiplicities(len(mine), 0), multiplicities(len(theirs), 1), strict=True):
        pairs = np.outer(one, one) * apart
        between = np.outer(one, two)
        drawn["intra"].append(_weighted_mean(own, pairs))
        drawn["reference_intra"].append(_weighted_mean(other, np.outer(two, two) * ~np.eye(len(theirs), dtype=bool)))
        drawn["inter"].append(_weighted_mean(across, between))
        drawn["overlap"].append(overlap_of_weighted(own[apart], pairs[apart], across.ravel(), between.ravel()))
    fewest = min(len(mine), len(theirs))
    found = {name: interval(name, values.get(name), drawn[name], fewest) for name in _RELATIVE}
    return found | {"kl": Confidence(why="it hangs on the outermost distances, which most draws lack")}


def _weighted_mean(values: Floats, weights: Counts) -> float | None:
    total = int(weights.sum())
    return float((values * weights).sum() / total) if total else None
