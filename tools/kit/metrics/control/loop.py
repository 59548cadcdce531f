"""Whether a loop joins: its end against its own joins inside, and its length against the bars of its score."""

from __future__ import annotations

from tools.kit.analysis.notes import bar_edges
from tools.kit.analysis.seam import Seam, loop_seam
from tools.kit.metrics.audio.clip import Clip
from tools.kit.metrics.registry import metric
from tools.kit.score import Score


def loop_join(clip: Clip) -> Seam | None:
    """The join of a recording's end with its start; None when it is silent or shorter than 8 frames."""
    return loop_seam(clip.samples, clip.rate)


@metric(
    "loop_roughness",
    family="control",
    unit="limits",
    low=0,
    better="lower",
    formula="max(kink / 1.5, cut / 1 dB, drop / 6 dB, hush / 6 dB, gap / max(0.03 s, longest rest)), at least 0",
    meaning="How rough the moment is at which a loop starts again: up to 1 nothing is heard, above it a click, a cut, "
    "a fade or a gap. It compares sound with sound and does not hear whether harmony and phrase lead back.",
    source="Scorewright's own: the join against like moments inside the piece (tools/kit/analysis/seam.py); limits set "
    "by ear on loops with made faults",
)
def loop_roughness(join: Seam | None) -> float | None:
    """The worst of the join's five measures in shares of what goes unheard; None without a join."""
    return None if join is None else join.roughness


@metric(
    "loop_offset",
    family="control",
    unit="s",
    better="nearer the reference",
    formula="end of the sound (or of the last note) - last barline of the score, in seconds",
    meaning="How much later than the last barline the piece ends: 0 is whole bars, less is a loop that starts again "
    "too early. It trusts the score's bars and does not hear the beat.",
    source="the definition of a loop in whole bars",
)
def loop_offset(score: Score, end_s: float) -> float | None:
    """Seconds from the last barline to an end; negative before it, None for a score without a note."""
    return end_s - score.seconds(float(bar_edges(score)[-1])) if any(t.notes for t in score.tracks) else None
