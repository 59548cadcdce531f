"""Where each declared metric can be had: which tool gives it, where in its data, and what it must be given.

A metric that no tool gives is in :data:`LIBRARY_ONLY` with the reason; a test runs the tools and holds this to them.
"""

from __future__ import annotations

from dataclasses import dataclass

from tools.kit.metrics.registry import Metric, metrics


@dataclass(frozen=True)
class Place:
    """Where a value is.

    Attributes
    ----------
    tool
        What gives it.
    path
        The names that lead to it in ``root``; ``*`` is any.
    given
        The arguments it takes beside the music.
    root
        ``data``, or the file that the tool writes.
    """

    tool: str
    path: tuple[str, ...]
    given: str = ""
    root: str = "data"

    def __str__(self) -> str:
        """As a person reads it."""
        given = f" with {self.given}" if self.given else ""
        return f"`{self.tool}`{given}: `{'.'.join(self.path)}` in {self.root}"


LIBRARY_ONLY: dict[str, str] = {
    "attribute_density": "a Brief has no notes a second to ask for",
    "attribute_range": "a Brief has no pitch range to ask for",
    "caption_loss": "no music captioner loads here; it takes the log-probabilities that one gave",
    "imagebind_rank": "ImageBind does not load here; it takes the similarities that it gave, of at least two systems",
    "imsm": "CLIP does not load here; it takes the similarities that CLIP and CLAP gave",
    "mulan_cycle_consistency": "MuLan was never published; it takes the vectors of one like it",
    "retrieval_rank": "no embedding of both film and music loads here; it takes the similarities that one gave",
}
"""Metrics to be called from Python only, and why."""

_RELATIVE = {
    "distance_kl": "kl",
    "distance_overlap": "overlap",
    "intra_set_distance": "intra",
    "inter_set_distance": "inter",
    "feature_mean": "mean",
    "feature_std": "std",
}
_MELODIES = {"pitch_distribution_similarity": "PD", "duration_distribution_similarity": "DD", "melody_distance": "MD"}
_AGAINST_A_FILM = frozenset({"cut_alignment", "cut_distance", "AV_align"})
_HITS = frozenset({"hit_alignment", "hit_distance"})
_BY_CHECK = frozenset(
    {
        "chord_agreement",
        "duration_heard",
        "dynamics_agreement",
        "dynamics_spread",
        "emotion_distance",
        "expressed_arousal",
        "expressed_valence",
        "form_match",
        "hit_chance",
        "key_deficit",
        "key_fit",
        "loop_offset",
        "loop_roughness",
        "picture_gap",
        "scale_share",
        "section_change",
        "section_count",
        "silent_tail",
        "struck_beats",
        "tempo_heard",
        "tempo_map",
        "tempo_support",
    }
)
_PER_SONG = "frechet_audio_distance_per_song"


def place(metric: Metric) -> Place | None:
    """Where a metric can be had; ``None`` for those of :data:`LIBRARY_ONLY`."""
    name = metric.name
    if name in LIBRARY_ONLY:
        return None
    if metric.family in ("symbolic", "audio"):
        return Place("score_music", ("metrics", name), "reference" if name == "similarity_error" else "")
    if metric.family == "agreement":
        return Place("score_music", ("metrics", name), "prompt" if name != "clap_score" else "prompt and weights")
    if name in _AGAINST_A_FILM:
        return Place("score_music", ("metrics", name), "video")
    if name in _BY_CHECK:
        return Place("check", ("metrics", name), "brief")
    if metric.family == "control" or name in _HITS:
        return Place("compare", ("items", "*", "metrics", name), "brief")
    if metric.family == "people":
        return Place("eval listen", ("scores",))
    return _of_sets(metric)


def _of_sets(metric: Metric) -> Place:
    name = metric.name
    if metric.family == "mir":
        return Place("score_set", ("means", f"{name}: *"), f"task {name.removeprefix('mir_')} and reference")
    if metric.family == "rhythm_video":
        return Place("score_set", ("beats", name), "reference")
    if name in _RELATIVE:
        return Place("score_set", ("relative", "*", _RELATIVE[name]), "reference")
    if name in _MELODIES:
        return Place("score_set", ("melodies", _MELODIES[name]), "reference")
    if name == _PER_SONG:
        return Place("score_set", ("files", "*", f"{name}:*"), "reference", "report.json")
    if name.startswith("memorisation"):
        return Place("score_set", ("memorisation", "*", name), "reference, embedding encodec-emb and weights")
    if "inception" in name or name.startswith("kl_"):
        paired = "reference and " if name.startswith("kl_") else ""
        return Place("score_set", ("labels", "*", name), f"{paired}embedding musicnn-msd")
    alone = name in ("vendi_score", "pairwise_diversity")
    return Place("score_set", ("embeddings", "*", name), "" if alone else "reference")


def places() -> dict[str, Place]:
    """Every metric that can be had outside Python, by name."""
    return {name: found for name, metric in metrics().items() if (found := place(metric)) is not None}
