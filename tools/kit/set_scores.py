"""Sets of measured files as a whole: means with intervals, and how one set lies to another.

Scores are compared by the features of Yang and Lerch (mgeval), recordings by the windows of one embedding at a time:
numbers of two embeddings are never brought together.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tools.kit import set_confidence
from tools.kit.measured import EMBEDDING, LABELS, LENGTH, MELODY, ONSETS, TOKENS, Measured
from tools.kit.metrics import rhythm_video
from tools.kit.metrics.registry import metrics
from tools.kit.metrics.sets import Embedding, evaluate, evaluate_labels, frechet_per_song, memorisation
from tools.kit.metrics.symbolic_sets import compare, melodies
from tools.kit.metrics.symbolic_sets.distances import validate
from tools.kit.report import Interval, mean_interval
from tools.kit.set_confidence import Confidence, Confidences

FEATURES = (
    "total_used_pitch",
    "total_used_note",
    "pitch_range",
    "avg_pitch_shift",
    "avg_IOI",
    "total_pitch_class_histogram",
    "pitch_class_transition_matrix",
    "note_length_hist",
    "note_length_transition_matrix",
)
"""mgeval's features of a whole piece, each a number or an array of one shape for every piece."""
Named = Sequence[tuple[str, Measured]]
MOST_PAIRED = 200  # pieces of a set that are compared pair by pair
_LARGE = 0.5  # a difference of means, in pooled standard deviations, that is worth a word (Cohen 1988: medium)


def means(found: Sequence[Measured]) -> dict[str, Interval]:
    """Mean of each metric over the files that define it, with its 95 % interval within the metric's bounds."""
    arrays = {name for m in found for name in m.arrays}  # histograms have no mean to read, where undefined or not
    names = dict.fromkeys(name for m in found for name in m.metrics if name not in arrays)
    bounds = {n: (known.low, known.high) for n, known in metrics().items()}
    intervals = {}
    for name in names:
        least, most = bounds.get(name, (None, None))
        values = [m.metrics[name] for m in found if name in m.metrics]
        intervals[name] = mean_interval(values, least=least, most=most)
    return intervals


@dataclass(frozen=True)
class Shift:
    """How the mean of a metric differs from the reference's, in pooled standard deviations (Cohen's d)."""

    metric: str
    mean: Interval
    reference: Interval
    effect: float | None

    @property
    def is_clear(self) -> bool:
        """Whether it is large enough for a word and the two intervals lie apart."""
        ends = (self.mean.low, self.mean.high, self.reference.low, self.reference.high)
        if self.effect is None or abs(self.effect) < _LARGE or any(e is None for e in ends):
            return False
        low, high, other_low, other_high = (e for e in ends if e is not None)
        return low > other_high or other_low > high


def shifts(ours: dict[str, Interval], theirs: dict[str, Interval]) -> list[Shift]:
    """Every metric that both sets have, the largest effect first; those without an effect last."""
    found = [Shift(n, ours[n], theirs[n], _effect(ours[n], theirs[n])) for n in ours if n in theirs]
    return sorted(found, key=lambda s: (s.effect is None, -abs(s.effect or 0.0)))


def _effect(one: Interval, other: Interval) -> float | None:
    if one.mean is None or other.mean is None or one.std is None or other.std is None:
        return None
    free = one.n + other.n - 2
    pooled = math.sqrt(((one.n - 1) * one.std**2 + (other.n - 1) * other.std**2) / free)
    if pooled > 0:
        return (one.mean - other.mean) / pooled
    return 0.0 if one.mean == other.mean else None


Relative = dict[str, dict[str, float | list[float] | None]]


def relative(ours: Sequence[Measured], theirs: Sequence[Measured]) -> tuple[Relative, int, int]:
    """Yang and Lerch's measures of each feature that scores of both sets have, and how many pieces were compared.

    Of a larger set :data:`MOST_PAIRED` pieces at even distances in the order of the files are taken.
    """
    sets = [_thinned([m for m in found if m.is_symbolic and not m.error]) for found in (ours, theirs)]
    return compare(*_columns(sets)), len(sets[0]), len(sets[1])


def relative_confidence(
    ours: Sequence[Measured], theirs: Sequence[Measured], found: Relative
) -> dict[str, Confidences]:
    """Intervals of each feature's measures, as :func:`relative` found them."""
    sets = [_thinned([m for m in found if m.is_symbolic and not m.error]) for found in (ours, theirs)]
    mine, reference = _columns(sets)
    return {
        name: set_confidence.of_feature(
            validate(name, mine[name]),
            validate(name, reference[name]),
            {key: v for key, v in values.items() if not isinstance(v, list)},
        )
        for name, values in found.items()
    }


def _columns(sets: Sequence[Sequence[Measured]]) -> list[dict[str, NDArray[np.float64]]]:
    """The features that scores of both sets have, first axis the piece."""
    names = [n for n in FEATURES if all(any(_feature(m, n) is not None for m in found) for found in sets)]
    return [{n: np.array(_column(found, n)) for n in names} for found in sets]


@dataclass(frozen=True)
class Paired:
    """Metrics over files of one name in both sets, their intervals, and how many such files there are."""

    values: dict[str, float | None]
    confidence: Confidences
    count: int


NO_PAIRS = Paired({}, {}, 0)


def melody_scores(ours: Named, theirs: Named) -> Paired:
    """SongMASS's PD, DD and MD over files of one name in both sets, the reference's the target."""
    pairs = [(_melody(target), _melody(made)) for made, target in _pairs(ours, theirs, MELODY)]
    pairs = [(target, melody) for target, melody in pairs if target and melody]
    if not pairs:
        return NO_PAIRS
    each = [melodies.evaluate([pair]) for pair in pairs]
    columns = {name: [e[name] for e in each] for name in each[0]}
    defined = {name: [v for v in column if v is not None] for name, column in columns.items()}
    values = {name: float(np.mean(column)) if column else None for name, column in defined.items()}
    return Paired(values, set_confidence.of_means(columns, values), len(pairs))


def label_scores(ours: Named, theirs: Named) -> dict[str, Paired]:
    """Tagger to the scores of its labels: of the set, and of recordings of one name in both sets, pair by pair."""
    scores = {}
    for key in _arrays_named(LABELS, ours):
        rows = np.concatenate([m.arrays[key] for _, m in ours if key in m.arrays])
        values = evaluate_labels(rows)
        confidence = set_confidence.of_rows(rows, evaluate_labels, values)
        if values["inception_score"] is not None:
            confidence["inception_score"] = Confidence(
                why="it is a mean over ten splits, among which copies would fall"
            )
        pairs = _pairs(ours, theirs, key)
        if pairs:
            made, wanted = map(np.concatenate, zip(*pairs, strict=True))
            divergences = {n: v for n, v in evaluate_labels(made, wanted).items() if n not in values}
            each = [evaluate_labels(*pair) for pair in pairs]
            confidence |= set_confidence.of_means({n: [e[n] for e in each] for n in divergences}, divergences)
            values = divergences | values
        scores[key.removeprefix(LABELS)] = Paired(values, confidence, len(pairs))
    return scores


def memorisation_scores(ours: Named, theirs: Named) -> dict[str, Paired]:
    """Codec to the shares of recordings that are those of one name in the reference, token by token.

    The longer of two recordings is cut to the shorter.
    """
    scores: dict[str, Paired] = {}
    for key in _arrays_named(TOKENS, ours):
        pairs = [(a[: len(b)], b[: len(a)]) for a, b in _pairs(ours, theirs, key)]
        tokens = [[side.astype(np.int64) for side in pair] for pair in pairs if pair[0].size]
        if tokens:
            values = _memorised(tokens)
            each = [_memorised([pair]) for pair in tokens]
            columns = {name: [e[name] for e in each] for name in values}
            scores[key.removeprefix(TOKENS)] = Paired(values, set_confidence.of_means(columns, values), len(tokens))
    return scores


def _memorised(pairs: Sequence[Sequence[NDArray[np.int64]]]) -> dict[str, float | None]:
    found = memorisation(*zip(*pairs, strict=True))
    return {"memorisation_exact": found.exact, "memorisation_approximate": found.approximate}


def beat_scores(ours: Named, theirs: Named) -> Paired:
    """LORIS's and D2M-GAN's beat scores over files of one name in both sets, from their onsets."""
    moments, lengths = _pairs(ours, theirs, ONSETS), _pairs(ours, theirs, LENGTH)
    clips = [
        (want, got, min(float(length.min()), float(other.min())))
        for (got, want), (length, other) in zip(moments, lengths, strict=True)
    ]
    clips = [clip for clip in clips if clip[2] > 0]
    if not clips:
        return NO_PAIRS
    values = rhythm_video.evaluate(clips)
    return Paired(values, set_confidence.of_beats(clips, values), len(clips))


def _arrays_named(prefix: str, found: Named) -> list[str]:
    return list(dict.fromkeys(key for _, m in found for key in m.arrays if key.startswith(prefix)))


def _pairs(ours: Named, theirs: Named, key: str) -> list[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """An array of each file that has one name in both sets."""
    wanted = {name: m.arrays[key] for name, m in theirs if key in m.arrays}
    return [(m.arrays[key], wanted[name]) for name, m in ours if name in wanted and key in m.arrays]


def embeddings(found: Sequence[Measured]) -> dict[str, Embedding]:
    """The recordings of a set in each embedding they were measured in, by the embedding's name."""
    names = dict.fromkeys(key for m in found for key in m.arrays if key.startswith(EMBEDDING))
    parts = {key: [m.arrays[key] for m in found if key in m.arrays] for key in names}
    return {key.removeprefix(EMBEDDING): Embedding.of(key.removeprefix(EMBEDDING), p) for key, p in parts.items()}


def on_embeddings(ours: Sequence[Measured], theirs: Sequence[Measured]) -> dict[str, dict[str, float | None]]:
    """Embedding name to its set metrics; those against a reference only where it has recordings in that embedding."""
    references = embeddings(theirs)
    return {name: evaluate(made, references.get(name)) for name, made in embeddings(ours).items()}


def embedding_confidence(
    ours: Sequence[Measured], theirs: Sequence[Measured], found: dict[str, dict[str, float | None]]
) -> dict[str, Confidences]:
    """Intervals of the set metrics on each embedding, as :func:`on_embeddings` found them."""
    references = embeddings(theirs)
    return {
        name: set_confidence.of_embedding(made, references.get(name), found[name])
        for name, made in embeddings(ours).items()
    }


def frechet_by_file(ours: Sequence[Measured], theirs: Sequence[Measured], name: str) -> dict[str, float | None]:
    """Fréchet distance of each recording's own windows to the reference, by the path of the file."""
    key = f"{EMBEDDING}{name}"
    files = [m for m in ours if key in m.arrays]
    reference = embeddings(theirs).get(name)
    if reference is None or not files:
        return {}
    distances = frechet_per_song(Embedding.of(name, [m.arrays[key] for m in files]), reference)
    return {str(m.path): d for m, d in zip(files, distances, strict=True)}


def _feature(measured: Measured, name: str) -> NDArray[np.float64] | None:
    if name in measured.arrays:
        return measured.arrays[name]
    value = measured.metrics.get(name)
    return None if value is None else np.array(float(value))


def _column(found: Sequence[Measured], name: str) -> list[NDArray[np.float64]]:
    """A feature of each piece that defines it."""
    return [value for m in found if (value := _feature(m, name)) is not None]


def _thinned(found: Sequence[Measured]) -> list[Measured]:
    if len(found) <= MOST_PAIRED:
        return list(found)
    return [found[i] for i in np.linspace(0, len(found) - 1, MOST_PAIRED).round().astype(int)]


def _melody(line: NDArray[np.float64]) -> list[tuple[int | None, float]]:
    """A melody from its array ``[notes, 2]`` of pitch (NaN for a rest) and quarters."""
    return [(None if math.isnan(p) else int(p), float(d)) for p, d in line]
