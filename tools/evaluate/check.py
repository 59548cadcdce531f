"""Check music against a Brief: every constraint measured on the files, one verdict each."""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import Field

from tools.brief import Brief, Check, constraint
from tools.contract import (
    Artifact,
    Audio,
    Midi,
    Output,
    Timeline,
    ToolArgs,
    ToolContext,
    ToolData,
    ToolResult,
    Video,
    tool,
)
from tools.errors import UserError

_SIGNS = {"met": "met", "missed": "**missed**", "not_checked": "not checked"}


class CheckArgs(ToolArgs):
    """Arguments of :func:`check`."""

    brief: Brief | None = Field(None, description="What was wanted; its constraints, or else every field that is set.")
    midi: Midi | None = Field(None, description="The score to measure.")
    audio: Audio | None = Field(None, description="The recording to measure.")
    video: Video | None = Field(
        None, description="The film with its sound; the sound is measured when no audio is given."
    )
    timeline: Timeline | None = Field(
        None, description="The film's timeline; its cuts are measured when music must fit the picture."
    )


class Checked(ToolData):
    """The verdicts."""

    checks: list[Check] = Field(
        description="One verdict a constraint: target, measured, how, met, missed or not_checked."
    )
    metrics: dict[str, float | None] = Field(description="What the verdicts measured, by the metrics' names.")
    met: int = Field(description="How many were met.")
    missed: int = Field(description="How many were missed.")
    not_checked: int = Field(description="How many could not be measured.")


@tool(
    version="1",
    takes=("midi", "audio", "video", "timeline"),
    gives=("report",),
    asks=(
        r"\bchecks?\b",
        r"\bverif(?:y|ies)\b",
        r"\bdoes (?:it|this) (?:fit|match|meet)\b",
        "检查",
        "核对",
        "验证",
        r"\b(?:does|do|did|will)\b[^,.;?]{0,25}\b(?:meet|match|fit|hit|follow|comply|pass|satisfy)\b(?:[^,.;?]{0,25}"
        r"\b(?:asked|wanted|brief|spec|request)\b(?: for)?)?",
        r"\bis (?:it|this|the (?:mix|music|file|piece|track)) (?:really |actually )?(?:exactly|within|under|"
        r"over|at|long enough|loud enough)\b",
        "(?:符合|满足|达到)[^,.;]{0,6}(?:要求|标准)",
    ),
    timeout_s=900,
)
def check(args: CheckArgs, ctx: ToolContext) -> ToolResult:
    """Measure music (MIDI, audio, film) against what was asked for: a verdict and a value for every constraint."""
    from tools.kit.verdicts import Evidence, constraints_of, judge_all

    given = {name: ctx.artifact(ref) for name in ("midi", "audio", "video", "timeline") if (ref := getattr(args, name))}
    if not {"midi", "audio", "video"} & set(given):
        raise UserError("There is nothing to check; attach a MIDI file, a recording or a film.")
    brief = args.brief or Brief()
    if "timeline" in given:
        brief = _with_cuts(brief, given["timeline"], has_video="video" in given)
    wants = constraints_of(brief, has_video="video" in given) or brief.not_understood
    if not wants and not brief.request:
        raise UserError('The Brief asks for nothing; say what to check, as --args \'{"brief": {"tempo_bpm": 120}}\'.')
    evidence = Evidence(
        brief, given.get("midi"), given.get("audio"), given.get("video"), _lineage(list(given.values()), ctx)
    )
    ctx.progress(0.1, "measuring")
    checks = judge_all(evidence)
    counts = {verdict: sum(c.verdict == verdict for c in checks) for verdict in _SIGNS}
    data = Checked(checks=checks, metrics=evidence.values, **counts)
    report = ctx.work_dir / "check.md"
    report.write_text(as_markdown(checks, [a.file.name for a in given.values()]), encoding="utf-8")
    made = Output(
        report, "report", "text/markdown", facts=counts, parents=tuple(a.id for a in given.values()), licence="CC0-1.0"
    )
    return ToolResult(_summary(data), data, (made,))


def _with_cuts(brief: Brief, timeline: Artifact, *, has_video: bool) -> Brief:
    """The Brief with the film's cuts as moments to meet, when music must fit the picture and names none itself."""
    from tools.kit.verdicts import constraints_of

    wanted = constraints_of(brief, has_video=has_video)
    if not brief.fit_picture or any(c.name == "hit_points_s" for c in wanted):
        return brief
    cuts = _cuts(timeline.file)
    if not cuts:
        return brief
    return brief.model_copy(
        update={"constraints": [*wanted, constraint("hit_points_s", cuts, f"from {timeline.file.name}")]}
    )


def _cuts(path: Path) -> list[float]:
    try:
        cuts = json.loads(path.read_text(encoding="utf-8")).get("cuts_s", [])
        return [float(c) for c in cuts]
    except (ValueError, AttributeError, TypeError, UnicodeDecodeError) as err:
        raise UserError(f"{path.name} is no timeline ({err}); make one with caption_video.") from err


def _lineage(artifacts: list[Artifact], ctx: ToolContext) -> tuple[Artifact, ...]:
    """The artifacts and everything they were made from, each once; an ancestor the run no longer has is left out."""
    found: dict[str, Artifact] = {}
    queue = list(artifacts)
    while queue:
        current = queue.pop(0)
        if current.id in found:
            continue
        found[current.id] = current
        for parent in current.parents:
            try:
                queue.append(ctx.artifact(parent))
            except UserError:
                continue
    return tuple(found.values())


def as_markdown(checks: list[Check], files: list[str]) -> str:
    """The verdicts as a Markdown table that a person can read."""
    rows = [
        f"| {c.name} | {_cell(c.target)} | {_cell(c.measured)} | {_SIGNS[c.verdict]} | {_cell(c.how)} |" for c in checks
    ]
    head = ["| constraint | wanted | measured | verdict | how |", "|---|---|---|---|---|"]
    return "\n".join([f"# Check of {', '.join(files)}", "", *head, *rows, ""])


def _cell(value: object) -> str:
    text = "" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text.replace("|", "\\|").replace("\n", " ")


def _summary(data: Checked) -> str:
    if not data.checks:
        return "Nothing that can be measured was asked for."
    missed = [
        f"{c.name} (wanted {_cell(c.target)}, measured {_cell(c.measured)})"
        for c in data.checks
        if c.verdict == "missed"
    ]
    said = f"{data.met} of {data.met + data.missed} measured constraints met"
    if missed:
        said += f"; missed: {'; '.join(missed)}"
    if data.not_checked:
        said += f"; {data.not_checked} not checked"
    return said + "."
