"""Beat scores of music made for a dance or a film, against the beats it should have: LORIS and D2M-GAN.

Both look at seconds with and without a beat. Who finds the beats is the caller's choice; the published numbers rest on
librosa's onsets, so that only numbers from one detector may be compared.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tools.kit.metrics.registry import metric
from tools.kit.metrics.rhythm_video.moments import validate

_LORIS = "Yu et al. 2023 (LORIS), ICML, beats_scores.py"
_BINS = "One-second bins saturate: 120 against 67 beats a minute scores 1, so mir_eval's beat F is reported beside it."


def second_bins(moments: ArrayLike, length_s: float) -> NDArray[np.bool_]:
    """For each second of a clip, the last begun one included, whether a moment lies in it ``[ceil(length_s)]``."""
    bins = np.zeros(math.ceil(length_s), dtype=np.bool_)
    seconds = np.floor(validate(moments, "beats")).astype(np.int64)
    bins[seconds[(seconds >= 0) & (seconds < len(bins))]] = True
    return bins


@dataclass(frozen=True)
class BeatCounts:
    """Seconds of a clip that hold a beat: of the reference, of the music under test, and of both."""

    reference: int
    estimate: int
    hit: int


def beat_counts(reference: ArrayLike, estimate: ArrayLike, length_s: float) -> BeatCounts:
    """Count the seconds with beats over the length that both clips share, ``length_s``."""
    want, got = second_bins(reference, length_s), second_bins(estimate, length_s)
    return BeatCounts(int(want.sum()), int(got.sum()), int((want & got).sum()))


@metric(
    "BCS",
    family="rhythm_video",
    unit="share",
    low=0,
    high=1,
    better="higher",
    formula="hit / estimated: seconds with a beat in both over seconds with a beat in the music under test; 0 for none",
    meaning="How much of the music's beat belongs to the film's or the reference's (a precision). " + _BINS,
    source=_LORIS + ". Not the score of the same name in D2M-GAN, see BCS_D2M",
)
def beat_coverage(reference: ArrayLike, estimate: ArrayLike, length_s: float) -> float:
    """Beat coverage score as LORIS has it, in [0, 1]."""
    counts = beat_counts(reference, estimate, length_s)
    return counts.hit / counts.estimate if counts.estimate else 0.0


@metric(
    "BHS",
    family="rhythm_video",
    unit="share",
    low=0,
    high=1,
    better="higher",
    formula="hit / reference: seconds with a beat in both over seconds with a beat in the reference; 0 for none",
    meaning="How much of the film's or the reference's beat the music takes up (a recall). " + _BINS,
    source=_LORIS + "; the same in Zhu et al. 2022 (D2M-GAN), ECCV",
)
def beat_hit(reference: ArrayLike, estimate: ArrayLike, length_s: float) -> float:
    """Beat hit score, in [0, 1]."""
    counts = beat_counts(reference, estimate, length_s)
    return counts.hit / counts.reference if counts.reference else 0.0


@metric(
    "BCS_D2M",
    family="rhythm_video",
    low=0,
    better="nearer the reference",
    formula="estimated / reference: seconds with a beat in the music under test over those of the reference; 0 if none",
    meaning="Whether the music has as many beats as the reference, wherever they lie; 1 is as many, above 1 is more. "
    + _BINS,
    source="Zhu et al. 2022 (D2M-GAN), ECCV, section 4.2: total generated over total reference beats",
)
def beat_coverage_d2m(reference: ArrayLike, estimate: ArrayLike, length_s: float) -> float:
    """Beat coverage score as D2M-GAN has it, from 0 up."""
    counts = beat_counts(reference, estimate, length_s)
    return counts.estimate / counts.reference if counts.reference else 0.0


@metric(
    "CSD",
    family="rhythm_video",
    low=0,
    better="lower",
    formula="sqrt(sum_i (BCS_i - mean BCS)^2 / (n - 1)) over n clips",
    meaning="Whether the coverage is alike in every clip: a mean may hide that some clips have no beat at all. "
    "Clips that are all equally poor have 0 as well, so it is read beside the BCS.",
    source=_LORIS,
)
@metric(
    "HSD",
    family="rhythm_video",
    low=0,
    better="lower",
    formula="sqrt(sum_i (BHS_i - mean BHS)^2 / (n - 1)) over n clips",
    meaning="Whether the beat is hit alike in every clip: 0 when each clip hits as large a share. Clips that all miss "
    "equally often have 0 as well, so it is read beside the BHS.",
    source=_LORIS,
)
def spread(scores: Sequence[float]) -> float | None:
    """Sample standard deviation of scores over clips; None for fewer than two."""
    return float(np.std(scores, ddof=1)) if len(scores) > 1 else None


@metric(
    "beat_F1",
    family="rhythm_video",
    unit="share",
    low=0,
    high=1,
    better="higher",
    formula="2 BCS BHS / (BCS + BHS), of the means over the clips; 0 when both are 0",
    meaning="Coverage and hits in one number: extra beats and missed beats both lower it. " + _BINS,
    source=_LORIS,
)
def beat_f1(coverage: float, hit: float) -> float:
    """Harmonic mean of coverage and hit score, in [0, 1]."""
    return 2 * coverage * hit / (coverage + hit) if coverage + hit else 0.0


def evaluate(clips: Sequence[tuple[ArrayLike, ArrayLike, float]]) -> dict[str, float | None]:
    """Beat scores over clips, each (reference beats, estimated beats, shared length in seconds).

    ``beat_F_mir_eval`` is mir_eval's F-measure within 70 ms from the fifth second on, averaged over the clips.
    All are None without a clip.
    """
    from tools.kit.metrics import mir

    names = ("BCS", "BHS", "BCS_D2M", "CSD", "HSD", "beat_F1", "beat_F_mir_eval")
    if not clips:
        return dict.fromkeys(names)
    coverage = [beat_coverage(*clip) for clip in clips]
    hits = [beat_hit(*clip) for clip in clips]
    exact = [mir.evaluate("beat", ref, est)["F-measure"] for ref, est, _ in clips]
    means = float(np.mean(coverage)), float(np.mean(hits))
    values = (
        *means,
        float(np.mean([beat_coverage_d2m(*clip) for clip in clips])),
        spread(coverage),
        spread(hits),
        beat_f1(*means),
        float(np.mean(np.array(exact, dtype=np.float64))),
    )
    return dict(zip(names, values, strict=True))
