"""What a set of files shows, computed once: every number of its report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from tools.kit import set_scores
from tools.kit.measured import Measured
from tools.kit.metrics.registry import Metric, metrics
from tools.kit.report import Interval, shown
from tools.kit.set_confidence import Confidences

Named = Sequence[tuple[str, Measured]]
FRECHET = "frechet_audio_distance"
_TOLD = 3  # differences named in the sentence


@dataclass(frozen=True)
class View:
    """A measured set, perhaps with a reference: everything a report tells of it.

    Attributes
    ----------
    ours, theirs
        Name and measurements of each file that could be measured.
    failed
        The files of either set that could not.
    steps
        Grid steps a quarter note that scores were measured at.
    """

    title: str
    ours: Named
    theirs: Named
    failed: Named
    known: Mapping[str, Metric]
    steps: int

    @property
    def resolution(self) -> int | None:
        """Grid steps a quarter note of the metrics on a grid; ``None`` where no file is a score."""
        return self.steps if any(m.is_symbolic for _, m in (*self.ours, *self.theirs)) else None

    @cached_property
    def means(self) -> dict[str, Interval]:
        """Mean of each metric over the set."""
        return set_scores.means([m for _, m in self.ours])

    @cached_property
    def reference_means(self) -> dict[str, Interval]:
        """Mean of each metric over the reference."""
        return set_scores.means([m for _, m in self.theirs])

    @cached_property
    def shifts(self) -> list[set_scores.Shift]:
        """How the means differ, the largest effect first."""
        return set_scores.shifts(self.means, self.reference_means)

    @cached_property
    def _relative(self) -> tuple[set_scores.Relative, int, int]:
        return set_scores.relative([m for _, m in self.ours], [m for _, m in self.theirs])

    @property
    def relative(self) -> set_scores.Relative:
        """Yang and Lerch's measures per feature."""
        return self._relative[0]

    @property
    def pieces_compared(self) -> tuple[int, int]:
        """How many scores of each set the relative measures rest on."""
        return self._relative[1:]

    @cached_property
    def relative_confidence(self) -> dict[str, Confidences]:
        """Intervals of those, per feature."""
        sets = [[m for _, m in found] for found in (self.ours, self.theirs)]
        return set_scores.relative_confidence(sets[0], sets[1], self.relative)

    @cached_property
    def melodies(self) -> set_scores.Paired:
        """SongMASS's measures over scores of one name."""
        return set_scores.melody_scores(self.ours, self.theirs)

    @cached_property
    def beats(self) -> set_scores.Paired:
        """Beat scores over files of one name."""
        return set_scores.beat_scores(self.ours, self.theirs)

    @property
    def thinned(self) -> list[str]:
        """Which sets were too large to be compared pair by pair as they are, in words."""
        told = []
        for name, found, used in zip(("set", "reference"), (self.ours, self.theirs), self.pieces_compared, strict=True):
            scores = sum(m.is_symbolic for _, m in found)
            if self.relative and scores > used:
                told.append(f"Of the {scores} scores of the {name}, {used} at even distances were compared in pairs.")
        return told

    @cached_property
    def labels(self) -> dict[str, set_scores.Paired]:
        """Scores on labels, by tagger."""
        return set_scores.label_scores(self.ours, self.theirs)

    @cached_property
    def memorisation(self) -> dict[str, set_scores.Paired]:
        """Shares of recordings that repeat the reference's, by codec."""
        return set_scores.memorisation_scores(self.ours, self.theirs)

    @cached_property
    def embeddings(self) -> dict[str, dict[str, float | None]]:
        """Set metrics of recordings, by embedding."""
        return set_scores.on_embeddings([m for _, m in self.ours], [m for _, m in self.theirs])

    @cached_property
    def embedding_confidence(self) -> dict[str, Confidences]:
        """Intervals of those, by embedding."""
        return set_scores.embedding_confidence([m for _, m in self.ours], [m for _, m in self.theirs], self.embeddings)

    @property
    def confidence(self) -> dict[str, Confidences]:
        """Every interval of a metric of the whole set, by the group of metrics it is in."""
        groups = {f"embedding {name}": found for name, found in self.embedding_confidence.items()}
        groups |= {f"labels of {name}": found.confidence for name, found in self.labels.items()}
        groups |= {f"tokens of {name}": found.confidence for name, found in self.memorisation.items()}
        groups |= {f"feature {name}": found for name, found in self.relative_confidence.items()}
        groups |= {"melodies": self.melodies.confidence, "beats": self.beats.confidence}
        return {name: found for name, found in groups.items() if found}

    @cached_property
    def frechet(self) -> dict[str, dict[str, float | None]]:
        """Embedding name to path to the file's own Fréchet distance."""
        ours, theirs = [m for _, m in self.ours], [m for _, m in self.theirs]
        return {name: set_scores.frechet_by_file(ours, theirs, name) for name in self.embeddings}

    def windows(self, embedding: str) -> str:
        """How many windows of either set the metrics on an embedding rest on, in words."""
        counts = [set_scores.embeddings([m for _, m in found]).get(embedding) for found in (self.ours, self.theirs)]
        shapes = [e.matrix.shape for e in counts if e is not None]
        return f"{' and '.join(str(rows) for rows, _ in shapes)} windows of {shapes[0][1]} values"

    @property
    def sentence(self) -> str:
        """The set in plain words."""
        parts = [f"{len(self.ours)} files measured"]
        if self.theirs:
            parts[0] += f" against {len(self.theirs)} of the reference"
        if self.failed:
            parts.append(f"{len(self.failed)} could not be measured")
        overlaps = [v["overlap"] for v in self.relative.values() if isinstance(v["overlap"], float)]
        if overlaps:
            parts.append(
                f"scores overlap by {sum(overlaps) / len(overlaps):.0%} on average over {len(overlaps)} features"
            )
        for name, found in self.embeddings.items():
            if found.get(FRECHET) is not None:
                parts.append(f"Fréchet audio distance {shown(found[FRECHET])} (embedding {name})")
        clear = [s for s in self.shifts if s.is_clear][:_TOLD]
        if clear:
            told = [f"{s.metric} ({shown(s.mean.mean)} against {shown(s.reference.mean)})" for s in clear]
            parts.append(f"means differ most in {', '.join(told)}")
        return "; ".join(parts) + "."


def view(title: str, ours: Named, theirs: Named, steps: int) -> View:
    """The view of a set and, where there is one, its reference, measured at so many grid steps a quarter note."""
    good = [[(n, m) for n, m in found if not m.error] for found in (ours, theirs)]
    return View(title, good[0], good[1], [(n, m) for n, m in (*ours, *theirs) if m.error], metrics(), steps)
