"""Score music: the field's objective metrics of one piece, from its notes or from its sound."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import Field

from tools.contract import (
    Artifact,
    Folder,
    Music,
    Output,
    Score,
    ToolArgs,
    ToolContext,
    ToolData,
    ToolResult,
    Video,
    tool,
)
from tools.errors import UserError

if TYPE_CHECKING:
    from tools.kit.score import Score as ScoreModel

_SHOWN = 6
_FIRST = (
    "n_notes", "pitch_class_entropy", "scale_consistency", "polyphony", "groove_consistency", "grooving_similarity",
    "structureness_short", "loudness_lufs", "true_peak_dbtp", "tempo_bpm", "key_clarity", "tempo_stability",
)  # fmt: skip
_NOTHING = "the piece has nothing to measure it on"
Value = int | float | list[Any] | None


class ScoreMusicArgs(ToolArgs):
    """Arguments of :func:`score_music`."""

    music: Music = Field(description="The score (MIDI, MusicXML, ABC, kern) or recording to measure.")
    resolution: int = Field(
        4,
        ge=1,
        le=10080,
        description="Grid steps a quarter note for metrics on a grid; the file's own ticks a quarter leave its times "
        "as they are. A recording has no grid.",
    )
    metrics: list[str] = Field(default_factory=list, description="Names of the metrics to compute; empty: all.")
    reference: Score | None = Field(
        None, description="A score to compare repetition with; similarity_error needs it, nothing else uses it."
    )
    prompt: str | None = Field(
        None, min_length=1, description="The words the music was made from; adds how well it agrees with them."
    )
    weights: Folder | None = Field(
        None, description="Folder with a CLAP model's weights; with prompt, adds the clap_score of a recording."
    )
    video: Video | None = Field(
        None, description="The film the music was made for; adds how it meets its cuts and motion."
    )


class Scored(ToolData):
    """The metrics by name."""

    source: str = Field(description="What was measured: notes or sound.")
    resolution: int | None = Field(description="Grid steps a quarter note; null for a recording.")
    metrics: dict[str, Value] = Field(
        description="Name to value; vectors and matrices are lists; null where the piece does not define the metric."
    )
    undefined: dict[str, str] = Field(description="Why each null is one.")
    notes: list[str] = Field(description="What to know when reading the values.")


@tool(
    version="1",
    takes=("midi", "score", "audio", "video"),
    gives=("report",),
    asks=(
        r"\b(?:(?:compute|calculate|give|show|measure|print|report|run|get)\b[^,.;]{0,20})?\b(?:(?:objective |"
        r"quality |symbolic |audio )?metrics|pitch(?:[- ]class)? entropy|groove consistency|scale consistency|"
        r"polyphony rate|structureness|empty[- ](?:beat|measure) rate|statistics)\b(?: (?:of|for) (?:this|it|t"
        r"he)(?: \w+)?)?",
        r"\b(?:rate|grade|score|evaluate)\b (?=(?:this|it|the)\b)(?: this)?(?: (?:piece|tune|song|melody|midi|"
        r"music))?(?= ?(?:$|[,.;?!]|objectively|by|on))",
        r"\bhow good is (?:this|it)\b",
        r"\b(?:rate|grade|score|evaluate|measure|quantify|assess|judge)\b (?:me )?(?:the |its )?(?:musical |ov"
        r"erall )?(?:quality|musicality|complexity|originality of)\b(?:[^.;]{0,30}\b(?:numbers|numerically|obj"
        r"ectively|figures)\b)?",
        "客观指标",
        "(?:计算|算|给出)[^,.;]{0,6}(?:指标|熵|评分)",
        "评分",
        "打分",
    ),
    timeout_s=900,
)
def score_music(args: ScoreMusicArgs, ctx: ToolContext) -> ToolResult:
    """Compute a piece's objective metrics: pitch, rhythm, texture, repetition and tension, or a recording's sound."""
    source = ctx.artifact(args.music)
    ctx.progress(0.1, f"reading {source.file.name}")
    beside, notes = _beside(source, args, ctx)
    own = args.model_copy(update={"metrics": [name for name in args.metrics if name not in beside]})
    _had_elsewhere(own.metrics)
    if own.metrics or not args.metrics:
        data = _sound(source, own) if source.kind == "audio" else _notes(source, own, ctx)
    else:
        data = Scored(source=_source(source), resolution=None, metrics={}, undefined={}, notes=[])
    chosen = {name: value for name, value in beside.items() if name in args.metrics or not args.metrics}
    data.metrics.update(chosen)
    data.undefined.update({name: _NOTHING for name, value in chosen.items() if value is None})
    data.notes.extend(notes)
    report = ctx.work_dir / f"{source.file.stem}-metrics.md"
    report.write_text(as_markdown(data, source.file), encoding="utf-8")
    facts = {name: value for name, value in data.metrics.items() if isinstance(value, int | float)}
    made = Output(report, "report", "text/markdown", facts=facts, parents=(source.id,), licence="CC0-1.0")
    return ToolResult(summary(data, source.file), data, (made,))


def _beside(source: Artifact, args: ScoreMusicArgs, ctx: ToolContext) -> tuple[dict[str, Value], list[str]]:
    """Metrics of the piece and the words and film it was made for, and what to know of them."""
    from tools.evaluate._asked import Heard, against_film, against_prompt, watch

    if args.weights and not args.prompt:
        raise UserError("weights hold a model that hears how music agrees with words; give the words as prompt.")
    heard, found, notes = Heard(source), dict[str, Value](), list[str]()
    if args.prompt:
        from tools.backends.text_bridge import description

        found |= against_prompt(heard, args.prompt, args.weights)
        said = f'"{description(heard.facts)}"' if heard.facts else "nothing, since nothing sounds,"
        notes.append(f"bridge_agreement holds {said} against the prompt; it is no CLAP score")
    if "clap_score" in found:
        notes.append(f"clap_score is in the ear of the checkpoint in {args.weights}; numbers of another do not compare")
    if args.video:
        ctx.progress(0.3, "watching the film")
        found |= against_film(heard, watch(ctx.artifact(args.video).file, ctx.settings.max_video_s))
        notes.append("AV_align sees motion in the film scaled to 160 pixels on its longest side")
    return found, notes


def _had_elsewhere(names: Sequence[str]) -> None:
    """Refuse metrics that the piece alone does not give (``UserError`` says what does)."""
    from tools.evaluate._reach import LIBRARY_ONLY, places
    from tools.kit.metrics.registry import metrics

    for name in names:
        if name in LIBRARY_ONLY:
            raise UserError(f"No tool gives {name}: {LIBRARY_ONLY[name]}.")
        if name in places() and metrics()[name].family not in ("symbolic", "audio"):
            raise UserError(f"{name} cannot be had from the piece alone; it is in {places()[name]}.")


def _source(source: Artifact) -> str:
    return "sound" if source.kind == "audio" else "notes"


def _notes(source: Artifact, args: ScoreMusicArgs, ctx: ToolContext) -> Scored:
    """Metrics of a score."""
    from tools.kit.metrics.symbolic import evaluate, read_piece
    from tools.kit.metrics.symbolic.form import bar_similarity

    piece = read_piece(_readable(source), args.resolution)
    given: dict[str, dict[str, Any]] = {}
    if args.reference is not None:
        other = read_piece(_readable(ctx.artifact(args.reference)), args.resolution)
        given["similarity_error"] = {"reference": bar_similarity(other) if other.n_bars > 1 else []}
    found = evaluate(piece, args.metrics, **given)
    notes = [f"metrics on a grid are at {args.resolution} steps a quarter note"]
    if len(piece.table.meters) > 1:
        notes.append("the meter changes: groove_consistency and empty_measure_rate keep to bars of the first meter")
    return Scored(
        source="notes", resolution=args.resolution, metrics=found.values, undefined=found.undefined, notes=notes
    )


def _readable(source: Artifact) -> Path | ScoreModel:
    """What the metrics read: a MIDI file as it lies, other notation as a score."""
    from tools.kit.score.notation import read_score

    return source.file if source.kind == "midi" else read_score(source.file)


def _sound(source: Artifact, args: ScoreMusicArgs) -> Scored:
    """Metrics of a recording."""
    from tools.kit.metrics.audio import evaluate
    from tools.kit.metrics.symbolic import names

    if args.reference is not None:
        raise UserError("reference compares scores; leave it out for a recording, or transcribe the recording first.")
    of_scores = set(names()).intersection(args.metrics)
    if of_scores:
        named = ", ".join(sorted(of_scores))
        raise UserError(f"{named}: measured on notes, and {source.file.name} is a recording; transcribe it first.")
    found: dict[str, float | None] = evaluate(source.file)
    strangers = [name for name in args.metrics if name not in found]
    if strangers:
        raise UserError(f"There is no metric {', '.join(strangers)} of a recording; there are: {', '.join(found)}.")
    values: dict[str, Value] = {name: found[name] for name in args.metrics or found}
    undefined = {name: "the recording does not define it" for name, value in values.items() if value is None}
    return Scored(source="sound", resolution=None, metrics=values, undefined=undefined, notes=[])


def summary(data: Scored, file: Path) -> str:
    """One sentence: how many were measured, the telling ones, how many are undefined."""
    from tools.kit.metrics.registry import metrics

    single = [name for name, value in data.metrics.items() if isinstance(value, int | float)]
    first = [name for name in _FIRST if name in single] or single
    units = metrics()
    shown = [
        f"{name} {_number(data.metrics[name])}{_unit(units[name].unit) if name in units else ''}"
        for name in first[:_SHOWN]
    ]
    measured = len(data.metrics) - len(data.undefined)
    said = f"{measured} metrics of {file.name}" + (f": {', '.join(shown)}" if shown else "")
    return said + (f"; {len(data.undefined)} undefined." if data.undefined else ".")


def as_markdown(data: Scored, file: Path) -> str:
    """Every value with its unit and what it means."""
    from tools.kit.metrics.registry import metrics

    known = metrics()
    lines = [f"# Metrics of {file.name}", "", *(f"{note[0].upper()}{note[1:]}." for note in data.notes), ""]
    lines += ["| metric | value | what it tells |", "|---|---|---|"]
    for name, value in data.metrics.items():
        told, unit = (known[name].meaning, known[name].unit) if name in known else ("", "")
        shown = f"undefined: {data.undefined[name]}" if value is None else f"{_number(value)}{_unit(unit)}"
        lines.append(f"| {name} | {shown} | {told} |")
    return "\n".join([*lines, ""])


def _number(value: Value) -> str:
    if isinstance(value, list):
        sizes = f"{len(value)} x {len(value[0])}" if value and isinstance(value[0], list) else str(len(value))
        return f"[{sizes} values]"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _unit(unit: str) -> str:
    return "" if unit in ("", "share") else f" {unit}"
