"""Marks of ``bench understand``: each answer against the truth by mir_eval's own definitions."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tools.kit.theory.chord import Chord
from tools.kit.theory.pitch import Key

Floats = NDArray[np.float64]
_NAMES = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")


def tempo_marks(heard: float | None, truth: float) -> tuple[float, float]:
    """Accuracy 1 and 2: within 4 % of the tempo, and of it or its half, double, third or triple."""
    if not heard:
        return 0.0, 0.0
    ratios = (1.0, 2.0, 0.5, 3.0, 1 / 3)
    near = [abs(heard / (truth * r) - 1) <= 0.04 for r in ratios]
    return float(near[0]), float(any(near))


def beat_f(heard: Sequence[float], truth: Floats) -> float:
    """F at 70 ms, nothing trimmed from the beginning."""
    import mir_eval

    return float(mir_eval.beat.f_measure(truth, np.sort(np.asarray(heard, dtype=np.float64))))


def key_mark(heard: Key | None, truth: Key) -> float:
    """MIREX weighted score: 1, 0.5 a fifth off, 0.3 relative, 0.2 parallel."""
    import mir_eval

    if heard is None:
        return 0.0

    def named(key: Key) -> str:
        return f"{_NAMES[key.tonic]} {'minor' if key.is_minor else 'major'}"

    return float(mir_eval.key.weighted_score(named(truth), named(heard)))


def chord_mark(
    heard: Iterable[tuple[float, float, Chord | None]], truth: Iterable[tuple[float, float, Chord | None]]
) -> float | None:
    """Weighted overlap of major and minor triads over the time for which the truth has one; None when it has none."""
    import mir_eval

    reference, names = _spans(truth)
    if not names:
        return None
    estimate, guesses = _spans(heard)
    if not guesses:
        return 0.0
    estimate, guesses = mir_eval.util.adjust_intervals(
        estimate, guesses, reference.min(), reference.max(), mir_eval.chord.NO_CHORD, mir_eval.chord.NO_CHORD
    )
    both, left, right = mir_eval.util.merge_labeled_intervals(reference, names, estimate, guesses)
    weights = mir_eval.util.intervals_to_durations(both)
    each = mir_eval.chord.majmin(left, right)
    return None if not (each >= 0).any() else float(mir_eval.chord.weighted_accuracy(each, weights))


def _spans(chords: Iterable[tuple[float, float, Chord | None]]) -> tuple[Floats, list[str]]:
    """Intervals and labels in Harte's notation; what is neither major nor minor is left out of the mark."""
    kept = [(s, e, _harte(c)) for s, e, c in chords if e - s > 1e-3]
    return np.array([[s, e] for s, e, _ in kept]).reshape(-1, 2), [name for *_, name in kept]


def _harte(chord: Chord | None) -> str:
    if chord is None:
        return "N"
    third = "maj" if 4 in chord.intervals else "min" if 3 in chord.intervals else "sus4"
    fifth = {6: "dim", 8: "aug"}.get(next((i for i in chord.intervals if i in (6, 7, 8)), 7), "")
    return f"{_NAMES[chord.root]}:{fifth or third}"


def boundary_f(heard: Sequence[float], truth: Sequence[float], length_s: float) -> float:
    """F of section boundaries at 3 s, the ends trimmed."""
    import mir_eval

    def spans(edges: Sequence[float]) -> Floats:
        inside = sorted({round(e, 3) for e in edges if 0.5 < e < length_s - 0.5})
        whole = [0.0, *inside, length_s]
        return np.array(list(itertools.pairwise(whole)))

    return float(mir_eval.segment.detection(spans(truth), spans(heard), window=3.0, trim=True)[2])


def note_f(heard: Any, truth: Floats) -> float:
    """F of onsets at 50 ms and pitches at 50 cents; lengths do not count."""
    import mir_eval

    found = np.asarray(heard, dtype=np.float64).reshape(-1, 3)
    real = truth[truth[:, 1] - truth[:, 0] > 0.01]
    if not len(found) or not len(real):
        return float(len(found) == len(real))
    found = found.copy()
    found[:, 0] = np.maximum(found[:, 0], 0)
    found[:, 1] = np.maximum(found[:, 1], found[:, 0] + 0.03)
    return float(
        mir_eval.transcription.precision_recall_f1_overlap(
            real[:, :2], _hertz(real[:, 2]), found[:, :2], _hertz(found[:, 2]), offset_ratio=None
        )[2]
    )


def _hertz(pitches: Floats) -> Floats:
    return np.asarray(440.0 * 2 ** ((pitches - 69) / 12))


def voice_accuracy(times_s: Floats, hertz: Floats, truth_s: Floats, truth_hertz: Floats) -> float:
    """Overall accuracy of a pitch track: voiced frames within half a semitone, and unvoiced ones told."""
    import mir_eval

    return float(mir_eval.melody.evaluate(truth_s, truth_hertz, times_s, hertz)["Overall Accuracy"])


def macro_f(found: Sequence[frozenset[str]], truth: Sequence[frozenset[str]], names: Sequence[str]) -> float:
    """Mean over the names that occur of the F of their presence."""
    scores = []
    for name in names:
        hits = sum(name in f and name in t for f, t in zip(found, truth, strict=True))
        said, real = sum(name in f for f in found), sum(name in t for t in truth)
        if real:
            scores.append(2 * hits / max(said + real, 1))
    return float(np.mean(scores)) if scores else 0.0
