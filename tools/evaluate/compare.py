"""Two or more pieces side by side: against a request, against a reference, or against one another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from tools.brief import Brief, Check
from tools.contract import Artifact, Folder, Music, Output, ToolArgs, ToolContext, ToolData, ToolResult, Video, tool
from tools.errors import UserError
from tools.evaluate._comparison import document, write
from tools.evaluate._view import View, plain, verdict
from tools.kit.measured import Measured, measure
from tools.kit.metrics.registry import metrics

MOST = 12


class CompareArgs(ToolArgs):
    """Arguments of :func:`compare`."""

    items: list[Music] = Field(min_length=2, max_length=MOST, description="The pieces to compare, two or more.")
    brief: Brief | None = Field(None, description="The request they answer; without one they are compared as they are.")
    reference: Music | None = Field(None, description="A piece that the others should resemble.")
    prompt: str | None = Field(
        None, min_length=1, description="The words the pieces were made from; else those of the brief, if it has any."
    )
    weights: Folder | None = Field(
        None, description="Folder with a CLAP model's weights; with prompt or brief, adds clap_score for recordings."
    )
    video: Video | None = Field(
        None, description="The film the pieces were made for; adds how they meet its cuts and motion."
    )


class Compared(BaseModel):
    """One piece of the comparison."""

    model_config = ConfigDict(extra="forbid")

    id: str = Field(description="Artifact id.")
    file: str = Field(description="File name.")
    kind: str = Field(description="midi, score or audio.")
    metrics: dict[str, float | None] = Field(description="Every metric by name; null where undefined.")
    checks: list[Check] = Field(description="Verdicts against the request; empty without one.")
    met: int = Field(description="Constraints met.")
    missed: int = Field(description="Constraints missed.")
    not_checked: int = Field(description="Constraints that cannot be measured on this piece; they count as not met.")
    distance: float | None = Field(
        description="Mean distance from the request in tolerances (0 exact, 1 the edge of what counts as met); "
        "one constraint counts 10 at most, one that cannot be measured 2."
    )
    from_reference: float | None = Field(description="Mean difference from the reference, in shares of each range.")
    liking: float | None = Field(description="Liking by the person's thumbs; only differences mean anything.")


class MetricDifference(BaseModel):
    """A metric in which pieces differ."""

    model_config = ConfigDict(extra="forbid")

    metric: str = Field(description="Its name.")
    values: dict[str, float | None] = Field(description="Artifact id to value.")
    share: float = Field(description="Largest difference between two pieces as a share of the metric's range.")


class Comparison(ToolData):
    """Pieces compared."""

    items: list[Compared] = Field(description="The pieces, in the order given.")
    nearest: str | None = Field(description="Id of the piece nearer to the request or reference; null for a tie.")
    sentence: str = Field(description="Which is nearer and why, or how they differ, in plain words.")
    differences: list[MetricDifference] = Field(description="Where they differ, most first.")
    preferred: str | None = Field(description="Id of the piece that the person's thumbs speak for; null when unknown.")
    agreement: float | None = Field(description="Share of held-out pairs of thumbs that the model orders right.")


@tool(
    version="1",
    takes=("midi", "score", "audio", "video"),
    gives=("report", "picture"),
    reads=("preferences_file",),
    asks=(
        r"\bcompar(?:e|es|ed|ing|ison)\b(?: (?:these|them|the)(?: two| three| versions| takes)*)?(?:[^,.;]{0,30}"
        r"\bwhich (?:one )?is better\b)?",
        r"\bwhich (?:one|version|take|of (?:these|them|the two))\b[^,.;]{0,20}\b(?:better|best|closer|closest|fits"
        r"|louder|faster)\b",
        r"\b(?:versus|vs\.?|side by side|a/b)\b",
        "比较(?:一下)?(?:这两个)?(?:版本)?(?:哪个(?:更)?好)?",
        "对比",
        "哪(?:个|一个|首)更[^,.;]{1,4}",
    ),
)
def compare(args: CompareArgs, ctx: ToolContext) -> ToolResult:
    """Compare pieces with each other and with the request: table, pictures, and in plain words which is nearer."""
    artifacts = [ctx.artifact(ref) for ref in args.items]
    if args.reference in args.items:
        name = ctx.artifact(str(args.reference)).file.name
        raise UserError(f"{name} is the reference and one of the pieces, too; compare others with it.")
    measured = _with_asked(args, artifacts, _measured(artifacts, ctx), ctx)
    reference = None
    if args.reference is not None:
        reference = measure(ctx.artifact(args.reference).file, ctx.settings.cache_dir)
        if reference.error:
            raise UserError(reference.error)
    ctx.progress(0.6, "comparing")
    checks = [_checks(args.brief, a, ctx) for a in artifacts]
    view = View(_labels(artifacts), measured, checks, reference, metrics())
    data = _compared(view, artifacts, ctx)
    written = write(document(view, data.sentence), data.model_dump(mode="json"), ctx.work_dir)
    parents = tuple(a.id for a in artifacts)
    outputs = tuple(Output(p, kind, media, parents=parents, licence="CC0-1.0") for p, kind, media in written)
    return ToolResult(data.sentence, data, outputs)


def _measured(artifacts: Sequence[Artifact], ctx: ToolContext) -> list[Measured]:
    found = []
    for number, artifact in enumerate(artifacts):
        ctx.progress(0.5 * number / len(artifacts), f"measuring {artifact.file.name}")
        found.append(measure(artifact.file, ctx.settings.cache_dir))
        if found[-1].error:
            raise UserError(str(found[-1].error))
    return found


def _with_asked(
    args: CompareArgs, artifacts: Sequence[Artifact], measured: Sequence[Measured], ctx: ToolContext
) -> list[Measured]:
    """What was measured of each piece, and how it answers the words, the Brief and the film."""
    from tools.evaluate._asked import Heard, against_brief, against_film, against_prompt, watch
    from tools.kit.verdicts import constraints_of

    asked = args.brief if args.brief is not None and constraints_of(args.brief, has_video=False) else None
    prompt = args.prompt or (asked.request.strip() if asked else "")
    if args.weights and not prompt:
        raise UserError("weights hold a model that hears how music agrees with words; give the words as prompt.")
    film = watch(ctx.artifact(args.video).file, ctx.settings.max_video_s) if args.video else None
    found = []
    for artifact, piece in zip(artifacts, measured, strict=True):
        heard, metrics = Heard(artifact), dict(piece.metrics)
        if prompt:
            metrics |= against_prompt(heard, prompt, args.weights if artifact.kind == "audio" else None)
        if asked:
            metrics |= against_brief(heard, asked)
        if film:
            metrics |= against_film(heard, film)
        found.append(replace(piece, metrics=metrics))
    return found


def _checks(brief: Brief | None, artifact: Artifact, ctx: ToolContext) -> list[Check]:
    """Verdicts of one piece against the request; none when nothing was asked that can be measured."""
    from tools.kit.verdicts import Evidence, constraints_of, judge_all

    if brief is None or not constraints_of(brief, has_video=False):
        return []
    notes = _as_midi(artifact, ctx.work_dir) if artifact.kind in ("midi", "score") else None
    evidence = Evidence(brief, notes, artifact if artifact.kind == "audio" else None, None, (artifact,))
    return [c for c in judge_all(evidence) if c.name != "not_understood"]


def _as_midi(artifact: Artifact, work_dir: Path) -> Artifact:
    """A score in another notation as a MIDI artifact, since verdicts read MIDI."""
    if artifact.kind == "midi":
        return artifact
    from tools.kit.score import write_midi
    from tools.kit.score.notation import read_score

    path = work_dir / f".{artifact.id}.mid"
    write_midi(read_score(artifact.file), path)
    return artifact.model_copy(update={"kind": "midi", "path": str(path)})


def _labels(artifacts: Sequence[Artifact]) -> list[str]:
    """File names; those that share one get their ids beside it."""
    names = [a.file.name for a in artifacts]
    return [n if names.count(n) == 1 else f"{n} ({a.id})" for n, a in zip(names, artifacts, strict=True)]


def _compared(view: View, artifacts: Sequence[Artifact], ctx: ToolContext) -> Comparison:
    likings, preferred, agreement, taste = _by_taste(view, ctx)
    nearest, sentence = verdict(view)
    rows = zip(artifacts, view.measured, view.checks, view.standings, view.from_reference, likings, strict=True)
    items = [
        Compared(
            id=a.id,
            file=a.file.name,
            kind=m.kind,
            metrics=m.metrics,
            checks=c,
            met=s.met,
            missed=s.missed,
            not_checked=s.not_checked,
            distance=s.distance,
            from_reference=apart,
            liking=liking,
        )
        for a, m, c, s, apart, liking in rows
    ]
    ids = [a.id for a in artifacts]
    found = [
        MetricDifference(metric=s.metric, values=dict(zip(ids, s.values, strict=True)), share=s.share)
        for s in view.differing
    ]
    return Comparison(
        items=items,
        nearest=None if nearest is None else artifacts[nearest].id,
        sentence=" ".join(filter(None, [sentence, taste])),
        differences=found,
        preferred=None if preferred is None else artifacts[preferred].id,
        agreement=agreement,
    )


def _by_taste(view: View, ctx: ToolContext) -> tuple[list[float | None], int | None, float | None, str]:
    """Likings by the person's thumbs, the piece preferred, the model's agreement, and the sentence."""
    from tools.kit.preferences import LEAST_AGREEMENT, learn, read_thumbs

    nothing: list[float | None] = [None] * len(view.measured)
    kinds = {"audio" if m.kind == "audio" else "midi" for m in view.measured}
    taste = learn(read_thumbs(ctx.settings.preferences_file), kinds.pop()) if len(kinds) == 1 else None
    if taste is None:
        return nothing, None, None, ""
    told = f"your {taste.ups + taste.downs} thumbs (they order {taste.agreement:.0%} of held-out pairs right)"
    if taste.agreement < LEAST_AGREEMENT:
        return nothing, None, taste.agreement, f"No ranking is made from {told}."
    likings: list[float | None] = [taste.liking(m.metrics) for m in view.measured]
    ranked = sorted(range(len(likings)), key=lambda i: -(likings[i] or 0.0))
    best, second = ranked[:2]
    chance = taste.preferred(view.measured[best].metrics, view.measured[second].metrics)
    if abs(chance - 0.5) < 1e-9:
        return likings, None, taste.agreement, f"By {told} you would like them equally well."
    why = [plain(n) for n, _ in taste.reasons(view.measured[best].metrics, view.measured[second].metrics)]
    because = f", mostly for its {' and '.join(why)}" if why else ""
    return likings, best, taste.agreement, f"By {told} you would prefer {view.labels[best]}{because} ({chance:.0%})."
