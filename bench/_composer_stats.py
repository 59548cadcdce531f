"""Statistics of one score for ``bench composer``: numbers, and histograms that are compared as Yang and Lerch do."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, pairwise

import numpy as np
from numpy.typing import NDArray

from tools.kit.metrics.symbolic import evaluate, read_piece
from tools.kit.score import Score, Track

Floats = NDArray[np.float64]
_FROM_KIT = (
    "pitch_class_entropy",
    "scale_consistency",
    "grooving_similarity",
    "polyphony",
    "pitch_range",
    "structureness_short",
    "structureness_mid",
    "structureness_long",
    "compression_ratio",
)
_CLOSING = (0, 2, 3, 4, 7, 11)
LENGTHS = (0.25, 1 / 3, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 4.0)


def numbers(score: Score) -> dict[str, float]:
    """Every scalar statistic; NaN where one is not defined."""
    found = {k: _float(v) for k, v in evaluate(read_piece(score, 12), _FROM_KIT).values.items()}
    line = _line(_lead(score))
    steps = np.abs(np.diff(line[:, 2])) if len(line) > 1 else np.zeros(0)
    pitched = [n for t in score.tracks if not t.is_drum for n in t.notes]
    found["notes_per_quarter"] = len(pitched) / max(score.end, 1e-9)
    found["mean_interval"] = float(steps.mean()) if len(steps) else float("nan")
    found["share_of_repeats"] = float(np.mean(steps == 0)) if len(steps) else float("nan")
    found["share_of_steps"] = float(np.mean((steps > 0) & (steps <= 2))) if len(steps) else float("nan")
    found["share_of_leaps"] = float(np.mean(steps > 4)) if len(steps) else float("nan")
    found["turns"] = _turns(line[:, 2])
    found["mean_length"] = float(np.mean([n.duration for n in pitched])) if pitched else float("nan")
    found["climax_place"] = _climax(line, score.end)
    found["bar_rhythms"] = _bar_rhythms(line, score)
    found["ends_on_tonic_chord"] = _ends_at_home(score)
    found["phrase_ends_long"], found["phrases_closed"] = _phrase_ends(line, score)
    found["parallel_fifths"] = parallels(score)
    return found


def histograms(score: Score) -> dict[str, Floats]:
    """Interval, length, pitch-class and onset-place histograms, each summing to 1."""
    line = _line(_lead(score))
    pitched = [n for t in score.tracks if not t.is_drum for n in t.notes]
    tonic = score.keys[0][1].tonic if score.keys else 0
    intervals = np.clip(np.diff(line[:, 2]), -12, 12).astype(int) + 12 if len(line) > 1 else np.zeros(0, int)
    nearest = [int(np.abs(np.log2(max(n.duration, 1e-3)) - np.log2(LENGTHS)).argmin()) for n in pitched]
    size = score.meters[0][1].bar_quarters
    places = [round((n.start % size) / size * 24) % 24 for n in pitched]
    weights = [n.duration for n in pitched]
    return {
        "intervals": _share(np.bincount(intervals, minlength=25)),
        "lengths": _share(np.bincount(nearest, minlength=len(LENGTHS))),
        "pitch_classes": _share(np.bincount([(n.pitch - tonic) % 12 for n in pitched], weights, minlength=12)),
        "onset_places": _share(np.bincount(places, minlength=24)),
    }


def _share(counts: NDArray[np.int64] | Floats) -> Floats:
    return np.asarray(counts / max(float(counts.sum()), 1e-9), dtype=np.float64)


def _float(value: object) -> float:
    return float(value) if isinstance(value, (int, float)) else float("nan")


def _lead(score: Score) -> Track:
    """The part that lies highest on average."""
    sounding = [t for t in score.tracks if t.notes and not t.is_drum]
    return max(sounding, key=lambda t: np.mean([n.pitch for n in t.notes]))


def _line(track: Track) -> Floats:
    """Start, end and pitch of the highest note at each onset of a part ``[n, 3]``."""
    top: dict[float, tuple[float, float, int]] = {}
    for note in track.notes:
        at = round(note.start * 12) / 12
        if at not in top or note.pitch > top[at][2]:
            top[at] = (at, note.end, note.pitch)
    return np.array([top[at] for at in sorted(top)], dtype=np.float64).reshape(-1, 3)


def _turns(pitches: Floats) -> float:
    """Share of the moves that change direction."""
    moves = np.sign(np.diff(pitches))
    moves = moves[moves != 0]
    return float(np.mean(moves[1:] != moves[:-1])) if len(moves) > 1 else float("nan")


def _climax(line: Floats, end: float) -> float:
    """Place of the first highest note, 0 to 1."""
    return float(line[line[:, 2].argmax(), 0] / max(end, 1e-9)) if len(line) else float("nan")


def _bar_rhythms(line: Floats, score: Score) -> float:
    """Different rhythms of the lead's bars, as a share of its bars."""
    size = score.meters[0][1].bar_quarters
    bars: dict[int, list[float]] = {}
    for start in line[:, 0]:
        bars.setdefault(int(start / size + 1e-6), []).append(round(start % size, 3))
    return len({tuple(b) for b in bars.values()}) / max(1, len(bars))


def _ends_at_home(score: Score) -> float:
    """1 when the lowest note at the end is the key's tonic."""
    pitched = [n for t in score.tracks if not t.is_drum for n in t.notes]
    last = [n.pitch for n in pitched if n.end >= score.end - 0.1]
    return float(bool(last) and bool(score.keys) and min(last) % 12 == score.keys[0][1].tonic)


def _phrase_ends(line: Floats, score: Score) -> tuple[float, float]:
    """Share of the four-bar phrases whose last note is longer than the lead's median, and of those that close.

    A phrase closes when its last note is longer than the median or tied with it, and lies in the triad of the tonic or
    the dominant: a melodic cadence, which one part can have as well as four.
    """
    size = 4 * score.meters[0][1].bar_quarters
    if len(line) < 2:
        return float("nan"), float("nan")
    lengths = np.diff(np.append(line[:, 0], score.end))
    edges = np.arange(size, score.end + 1e-6, size)
    last = [i for i in np.searchsorted(line[:, 0], edges - 1e-6) - 1 if i >= 0]
    if not last:
        return float("nan"), float("nan")
    usual = np.median(lengths)
    tonic = score.keys[0][1].tonic if score.keys else 0
    close = [lengths[i] >= usual - 1e-6 and (line[i, 2] - tonic) % 12 in _CLOSING for i in last]
    return float(np.mean([lengths[i] > usual + 1e-6 for i in last])), float(np.mean(close))


def parallels(score: Score) -> float:
    """Parallel fifths and octaves a hundred moves of two parts; NaN with fewer than two parts."""
    parts = [_line(t) for t in score.tracks if t.notes and not t.is_drum]
    if len(parts) < 2:
        return float("nan")
    moves = faults = 0
    for one, two in combinations(parts, 2):
        times = np.unique(np.concatenate([one[:, 0], two[:, 0]]))
        a, b = (_sounding(part, times) for part in (one, two))
        for before, after in pairwise(range(len(times))):
            if (
                a[before] == a[after]
                or b[before] == b[after]
                or np.isnan([a[before], b[before], a[after], b[after]]).any()
            ):
                continue
            moves += 1
            first, second = abs(a[before] - b[before]) % 12, abs(a[after] - b[after]) % 12
            same_way = (a[after] - a[before]) * (b[after] - b[before]) > 0
            faults += bool(same_way and first == second and first in (0, 7))
    return 100 * faults / moves if moves else float("nan")


def _sounding(part: Floats, times: Floats) -> Floats:
    """Pitch of a part at each moment, NaN where it rests."""
    index = np.searchsorted(part[:, 0], times + 1e-6) - 1
    found = np.where(index >= 0, part[np.maximum(index, 0), 2], np.nan)
    return np.where((index >= 0) & (part[np.maximum(index, 0), 1] > times + 0.02), found, np.nan)


def columns(rows: Sequence[dict[str, float]]) -> dict[str, Floats]:
    """One array a statistic from one dict a piece."""
    return {name: np.array([row[name] for row in rows], dtype=np.float64) for name in rows[0]}
