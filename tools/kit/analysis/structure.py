"""Sections: boundaries where a checkerboard kernel on the self-similarity matrix peaks, labels by likeness.

Foote, Automatic audio segmentation using a measure of audio novelty, ICME 2000. The unit is a bar of notes or a
second of audio; features are standardised, so that harmony, texture and loudness weigh alike.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tools.kit.analysis.notes import Notes, bar_edges, sounding_in
from tools.kit.score import Score

Floats = NDArray[np.float64]

SHORTEST = 4  # units of a section
_ALIKE, _VARIED = 0.72, 0.5  # likeness of two sections for the same letter, and for a prime


@dataclass(frozen=True)
class Section:
    """Units ``start`` to ``end`` (end excluded) with a label: ``A``, ``B``, ``A'``, or a marker's text."""

    start: int
    end: int
    label: str


def bar_features(score: Score, notes: Notes) -> Floats:
    """What each bar is like, ``[bars, features]``: pitch classes, density, register, level, who plays, rhythm."""
    edges = bar_edges(score)
    bars = len(edges) - 1
    if bars < 1 or not len(notes):
        return np.zeros((max(bars, 0), 1))
    harmony, forces = np.zeros((bars, 12)), np.zeros((bars, int(notes.track.max()) + 1))
    for bar, (here, quarters) in enumerate(sounding_in(notes, edges)):
        pitched = ~here.is_drum
        harmony[bar] = np.bincount(here.pitch[pitched] % 12, quarters[pitched], minlength=12)
        forces[bar, here.track] = 1
    where = np.clip(np.searchsorted(edges, notes.start_q + 1e-6) - 1, 0, bars - 1)
    struck = np.bincount(where, minlength=bars)
    level, register = (
        np.bincount(where, values, minlength=bars) / np.maximum(struck, 1) for values in (notes.level, notes.pitch)
    )
    rhythm = np.zeros((bars, 16))
    np.add.at(rhythm, (where, np.clip((notes.start_q - edges[where]) * 2, 0, 15).astype(int)), 1)
    density = np.log1p(struck)
    harmony, rhythm = _share(harmony), _share(rhythm)
    groups = [harmony, forces, density[:, None], level[:, None], register[:, None], rhythm]
    return np.hstack([standardised(g) for g in groups])


def _share(rows: Floats) -> Floats:
    total = rows.sum(axis=1, keepdims=True)
    return np.asarray(np.divide(rows, total, out=np.zeros_like(rows, dtype=np.float64), where=total > 0))


def standardised(group: Floats) -> Floats:
    """A feature group ``[units, n]`` centred, with variance 1 over all its columns together (0 when constant)."""
    centred = group - group.mean(axis=0)
    spread = np.sqrt((centred**2).sum(axis=1).mean())
    return np.asarray(centred / spread if spread > 1e-9 else np.zeros_like(centred))


def likeness(features: Floats) -> Floats:
    """Self-similarity ``[units, units]`` in (0, 1]: Gaussian of the distance, scaled by its median."""
    size = (features**2).sum(axis=1)
    distance = np.sqrt(np.maximum(size[:, None] + size[None, :] - 2 * features @ features.T, 0))
    distance[distance < 1e-6] = 0.0
    scale = np.median(distance[distance > 1e-9]) if np.any(distance > 1e-9) else 1.0
    return np.asarray(np.exp(-0.5 * (distance / scale) ** 2))


def novelty(similarity: Floats, reach: int = SHORTEST) -> Floats:
    """How much changes at the start of each unit, ``[units]``, in [0, 1]; zero at the first.

    Likeness within the ``reach`` units before and after, less the likeness across.
    """
    units = len(similarity)
    values = np.zeros(units)
    for at in range(1, units):
        width = min(reach, at, units - at)
        before, after = slice(at - width, at), slice(at, at + width)
        within = (similarity[before, before].mean() + similarity[after, after].mean()) / 2
        values[at] = max(0.0, within - similarity[before, after].mean()) * np.sqrt(width / reach)
    return values


def boundaries(features: Floats, shortest: int = SHORTEST, most: int | None = None) -> list[int]:
    """Units at which a section starts, the first (0) included, by novelty peaks at least ``shortest`` apart.

    ``most`` keeps the strongest so many; without it a peak must rise a standard deviation over the mean.
    """
    if len(features) < 2 * shortest:
        return [0]
    curve = novelty(likeness(features), shortest)
    order = [int(i) for i in np.argsort(-curve) if shortest <= i <= len(curve) - max(2, shortest // 2)]
    floor = curve[1:].mean() + (0.0 if most is not None else curve[1:].std())
    kept: list[int] = []
    for at in order:
        if curve[at] > max(floor, 0.05) and all(abs(at - other) >= shortest for other in kept):
            kept.append(at)
    return [0, *sorted(kept[: None if most is None else max(most - 1, 0)])]


def labelled(features: Floats, starts: list[int]) -> list[Section]:
    """Sections with letters in order; one like an earlier section takes its letter, a varied one with a prime."""
    ends = [*starts[1:], len(features)]
    similarity = likeness(features) if len(features) else np.zeros((0, 0))
    found: list[Section] = []
    letters = 0
    for start, end in zip(starts, ends, strict=True):
        scored = [(_alike(similarity, s, start, end), s.label) for s in found if "'" not in s.label]
        best, letter = max(scored, default=(0.0, ""))
        if best >= _ALIKE:
            label = letter
        elif best >= _VARIED:
            label = letter + "'"
        else:
            label, letters = chr(ord("A") + letters % 26), letters + 1
        found.append(Section(start, end, label))
    return found


def _alike(similarity: Floats, earlier: Section, start: int, end: int) -> float:
    """Mean likeness of two sections, bar against bar from their starts."""
    length = min(earlier.end - earlier.start, end - start)
    return float(np.mean([similarity[earlier.start + i, start + i] for i in range(length)]))


def score_sections(score: Score, notes: Notes) -> list[Section]:
    """Sections of a score in bars: its markers where it has two or more, otherwise found by novelty."""
    edges = bar_edges(score)
    marked = (
        [(int(np.abs(edges[:-1] - q).argmin()), text) for q, text in score.markers if text.strip()]
        if len(edges) > 1
        else []
    )
    if len(marked) >= 2:
        ends = [*(bar for bar, _ in marked[1:]), len(edges) - 1]
        return [Section(bar, end, text) for (bar, text), end in zip(marked, ends, strict=True) if end > bar]
    features = bar_features(score, notes)
    return labelled(features, boundaries(features)) if len(features) else []
