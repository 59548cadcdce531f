"""A folder of music measured: every metric of every file, means with intervals, and distances to a reference set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from tools.contract import Folder, Music, Output, ToolArgs, ToolContext, ToolData, ToolResult, tool
from tools.errors import UserError
from tools.evaluate import _set_report as report
from tools.evaluate import _set_view
from tools.evaluate._set_view import Named, View
from tools.kit.folders import music_files, opened
from tools.kit.measured import How, Measured, Progress, measure_all
from tools.kit.report import Interval


class ScoreSetArgs(ToolArgs):
    """Arguments of :func:`score_set`."""

    folder: Folder | None = Field(None, description="Folder of MIDI files, scores and recordings; folders in it count.")
    reference: Folder | None = Field(None, description="Folder of music that the set should resemble.")
    items: list[Music] = Field(
        default_factory=list, description="Single files to measure as one set, or beside folder."
    )
    resolution: int = Field(
        4, ge=1, le=10080, description="Grid steps a quarter note for metrics of scores that are on a grid."
    )
    embedding: str = Field(
        "light-1",
        description="What hears recordings: light-1; musicnn-msd, which takes longer and adds scores on labels; "
        "clap-laion-audio, clap-laion-music or encodec-emb (which adds memorisation) with their weights; or the name "
        "of another, whose vectors lie beside each recording as embeddings/NAME/FILE.npy.",
    )
    weights: Folder | None = Field(None, description="Folder with the weights of a published embedding.")
    task: Literal[
        "beat", "onset", "tempo", "key", "chord", "melody", "multipitch", "transcription", "transcription_velocity",
        "segment", "hierarchy", "pattern", "separation", "alignment",
    ] | None = Field(
        None,
        description="Score annotations in place of music: folder holds the estimates of this task (for separation a "
        "folder of stems a song), reference the right ones under the same names.",
    )  # fmt: skip


class Mean(BaseModel):
    """Mean of one metric over a set."""

    model_config = ConfigDict(extra="forbid")

    mean: float | None = Field(description="Mean over the files that define it; null when none does.")
    low: float | None = Field(description="Lower end of Student's 95 % interval; null without a spread.")
    high: float | None = Field(description="Upper end of it.")
    std: float | None = Field(description="Sample standard deviation.")
    n: int = Field(description="How many files define it.")


class Ends(BaseModel):
    """Interval of one metric of the whole set."""

    model_config = ConfigDict(extra="forbid")

    low: float | None = Field(description="Lower end of the 95 % bootstrap interval.")
    high: float | None = Field(description="Upper end of the 95 % bootstrap interval.")
    why: str = Field(description="Why there is none; empty where there is one.")


class Failure(BaseModel):
    """A file that could not be measured."""

    model_config = ConfigDict(extra="forbid")

    file: str = Field(description="Path inside the folder.")
    error: str = Field(description="Why, in one line.")


class SetScores(ToolData):
    """What a set shows; the values of each file are in the reports."""

    measured: int = Field(description="Files measured.")
    resolution: int | None = Field(description="Grid steps a quarter note; null where no file is a score.")
    failed: list[Failure] = Field(description="Files that could not be, each with its reason.")
    means: dict[str, Mean] = Field(description="Metric name to its mean over the set.")
    reference_measured: int = Field(description="Files of the reference measured.")
    reference_means: dict[str, Mean] = Field(description="The same of the reference; empty without one.")
    relative: dict[str, dict[str, float | None]] = Field(
        description="Per feature of scores (mgeval): overlap and kl of the set's own distances with those to the "
        "reference, mean distances intra and inter; the same of the reference under reference_."
    )
    pieces_compared: list[int] = Field(
        description="Scores of the set and of the reference that relative rests on; larger sets are thinned to these."
    )
    melodies: dict[str, float | None] = Field(description="PD, DD, MD over scores of one name in both folders.")
    beats: dict[str, float | None] = Field(
        description="Beat scores (BCS, BHS, ...) over files of one name in both folders, the reference's onsets wanted."
    )
    embeddings: dict[str, dict[str, float | None]] = Field(
        description="Embedding name to set metrics of recordings; values of two embeddings must not be compared."
    )
    labels: dict[str, dict[str, float | None]] = Field(
        description="Tagger name to scores on its labels; the kl_ ones are over recordings of one name in both folders."
    )
    memorisation: dict[str, dict[str, float | None]] = Field(
        description="Codec name to shares of recordings that repeat the one of their name in the reference."
    )
    confidence: dict[str, dict[str, Ends]] = Field(
        description="Intervals of the metrics of the whole set, by group: embedding NAME, labels of NAME, tokens of "
        "NAME, feature NAME (relative), melodies, beats."
    )


@tool(
    version="1",
    takes=("midi", "score", "audio"),
    gives=("report", "picture"),
    cost="minutes",
    timeout_s=24 * 3600,
    asks=(
        r"\b(?:(?:compute|calculate|evaluate|measure|run|score|get)\b[^,.;]{0,15})?\b(?:fad|fr[eé]chet (?:audio )?"
        r"distance|overlapping area|kl divergence|inception score|mgeval|distribution metrics)\b(?:[^.;]{0,45}\b"
        r"(?:folders?|director(?:y|ies)|sets?|dataset|corpus|corpora)\b(?: of (?:outputs|midi|audio|files|music"
        r"|samples))?)?",
        r"\b(?:score|evaluate|compare)\b[^,.;]{0,15}\b(?:folders?|director(?:y|ies)|sets|datasets?)\b",
        "(?:文件夹|数据集|整个目录)[^,.;]{0,6}(?:评估|指标|打分|比较)",
    ),
)
def score_set(args: ScoreSetArgs, ctx: ToolContext) -> ToolResult:
    """Measure a folder of music: every metric of every file, means with intervals, distances to a reference folder."""
    notes: list[str] = []

    def tell(done: int, of: int, name: str) -> None:
        ctx.progress(0.9 * done / of, f"{done} of {of}: {name}")

    ours, theirs = _annotated(args, tell) if args.task else _heard(args, ctx, notes, tell)
    ctx.progress(0.92, "comparing")
    view = _set_view.view(_title(args), ours, theirs, args.resolution)
    data = _data(view)
    notes += view.thinned
    ctx.progress(0.96, "writing")
    parents = tuple(dict.fromkeys(args.items))
    written, undrawn = report.write(view, ctx.work_dir)
    notes += undrawn
    outputs = tuple(Output(p, kind, media, parents=parents, licence="CC0-1.0") for p, kind, media in written)
    return ToolResult(view.sentence, data, outputs, notes=tuple(notes))


def _annotated(args: ScoreSetArgs, tell: Progress) -> tuple[Named, Named]:
    """Annotations scored against the right ones."""
    from tools.kit.annotations import score_folder

    if not args.folder or not args.reference or args.items:
        raise UserError(
            f"To score the {args.task} task, name the folder of estimates and, as reference, that of the right "
            "annotations; leave items out."
        )
    return score_folder(str(args.task), Path(args.folder), Path(args.reference), tell), []


def _heard(args: ScoreSetArgs, ctx: ToolContext, notes: list[str], tell: Progress) -> tuple[Named, Named]:
    """The files of both sets, each with what was measured."""
    from tools.backends.audio_embedding import listener

    ours = _gather(args.folder, args.items, ctx, notes)
    theirs = _gather(args.reference, [], ctx, notes) if args.reference else []
    weights = opened(Path(args.weights)) if args.weights else None
    how = How(args.resolution, listener(args.embedding, weights))
    measured = measure_all([path for _, path in (*ours, *theirs)], ctx.settings.cache_dir, how, progress=tell)
    named = [(name, _audible(m)) for (name, _), m in zip((*ours, *theirs), measured, strict=True)]
    return named[: len(ours)], named[len(ours) :]


def _audible(found: Measured) -> Measured:
    """What was measured, or, where nothing sounds, why it is left out: silence is no music to stand in a mean."""
    return replace(found, error=f"{found.path.name} holds nothing that sounds.") if found.is_mute else found


def _gather(folder: str | None, items: Sequence[str], ctx: ToolContext, notes: list[str]) -> list[tuple[str, Path]]:
    """The files of a set, by name: those of the folder, then the artifacts."""
    found: list[tuple[str, Path]] = []
    if folder:
        listing = music_files(Path(folder))
        found += [(listing.name(path), path) for path in listing.files]
        if listing.passed_over():
            notes.append(f"In {listing.folder.name}, passed over: {listing.passed_over()}.")
    found += [(ctx.artifact(ref).file.name, ctx.artifact(ref).file) for ref in items]
    if not found:
        raise UserError('There is no music to measure; name a folder, as --args \'{"folder": "outputs"}\'.')
    return found


def _title(args: ScoreSetArgs) -> str:
    name = Path(args.folder).expanduser().absolute().name if args.folder else f"{len(args.items)} files"
    return f"{name} against {Path(args.reference).expanduser().absolute().name}" if args.reference else name


def _data(view: View) -> SetScores:
    """The typed result."""
    failed = [Failure(file=name, error=m.error or "") for name, m in view.failed]
    if not view.ours:
        shown = " ".join(f.error for f in failed[:3])
        raise UserError(f"Not one of {len(failed)} files could be measured: {shown}")
    return SetScores(
        measured=len(view.ours),
        resolution=view.resolution,
        failed=failed,
        means={n: _mean(i) for n, i in view.means.items()},
        reference_measured=len(view.theirs),
        reference_means={n: _mean(i) for n, i in view.reference_means.items()},
        relative={f: {k: v for k, v in found.items() if not isinstance(v, list)} for f, found in view.relative.items()},
        pieces_compared=list(view.pieces_compared),
        melodies=view.melodies.values,
        beats=view.beats.values,
        embeddings=view.embeddings,
        labels={name: found.values for name, found in view.labels.items()},
        memorisation={name: found.values for name, found in view.memorisation.items()},
        confidence={
            group: {name: Ends(**asdict(c)) for name, c in found.items()} for group, found in view.confidence.items()
        },
    )


def _mean(interval: Interval) -> Mean:
    return Mean(**asdict(interval))
