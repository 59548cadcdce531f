"""What changed between two scores, bar by bar and track by track, and beside the notes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from pydantic import BaseModel, ConfigDict, Field

from tools.contract import Output, Score, ToolContext, ToolData, ToolResult, tool
from tools.errors import UserError
from tools.kit.arguments import RegionArgs, region_of
from tools.kit.changes import Change, Kind, changes, other_changes
from tools.kit.diff_picture import draw_diff
from tools.kit.region import Region
from tools.kit.score import Note
from tools.kit.score import Score as Music
from tools.kit.score.notation import read_notation
from tools.kit.theory.pitch import pitch_name

_SHOWN = 200  # changes written out in the report; the data holds all


class DiffMusicArgs(RegionArgs):
    """Arguments of :func:`diff_music`."""

    before: Score = Field(description="The score as it was.")
    after: Score = Field(description="The score as it is.")


class Sounding(BaseModel):
    """A note as it stands in one of the scores."""

    model_config = ConfigDict(extra="forbid")

    start: float = Field(description="Start in quarters from the beginning.")
    duration: float = Field(description="Length in quarters.")
    pitch: int = Field(description="MIDI pitch, 0 to 127; 60 is middle C.")
    velocity: int = Field(description="Velocity, 1 to 127.")


class NoteChange(BaseModel):
    """What became of one note."""

    model_config = ConfigDict(extra="forbid")

    kind: Kind = Field(description="'moved' in time; 'changed' in pitch, length or velocity; 'added'; 'removed'.")
    bar: int = Field(description="Bar of the note, counted from 1.")
    track: str = Field(description="Track of the note.")
    before: Sounding | None = Field(description="The note as it was; None when it was added.")
    after: Sounding | None = Field(description="The note as it is; None when it was removed.")


class Diffed(ToolData):
    """Every difference between two scores."""

    same: bool = Field(description="Whether nothing differs in what was compared.")
    added: int = Field(description="Notes added.")
    removed: int = Field(description="Notes removed.")
    moved: int = Field(description="Notes moved in time.")
    changed: int = Field(description="Notes changed in pitch, length or velocity.")
    bars: list[int] = Field(description="Bars in which notes differ.")
    tracks: list[str] = Field(description="Tracks in which notes differ.")
    other: list[str] = Field(description="What differs beside the notes, in words; the whole pieces are compared.")
    changes: list[NoteChange] = Field(description="Every note that differs, in the order of bars.")


@tool(
    version="1",
    takes=("midi", "score"),
    gives=("report", "picture"),
    cost="seconds",
    asks=(
        r"\bhow far apart\b(?: are (?:these|the|those)(?: two)?(?: \w+)?)?(?:[^.;?]{0,12}\bnote (?:by|for) note\b)?",
        r"\bwhat(?: has|\x27s| is| was| did)?(?: been)? (?:changed?|different)\b(?:[^,.;?]{0,25}\b(?:between|from|"
        r"since)\b)?(?:[^.;?]{0,25}\b(?:note by note|bar by bar|versions?|files?)\b)?",
        r"\b(?:note|bar)[- ](?:by[- ])?(?:note|bar) (?:diff\w*|changes)\b",
        r"\bdiff\b",
        r"\bhow (?:far apart|different) (?:are|is)\b(?:[^.;?]{0,40}\b(?:note by note|note for note|bar by bar)\b)?",
        r"\bdifferences?\b(?: between)?",
        r"\bwhich (?:notes|bars) (?:changed|differ|are different)\b",
        "(?:有什么|哪些|哪里)(?:不同|变化|改动|区别|差异|改了)",
        "改了(?:什么|哪里|哪些)",
        "差异",
    ),
)
def diff_music(args: DiffMusicArgs, ctx: ToolContext) -> ToolResult:
    """Show bar by bar and track by track what changed between two scores: notes, tempo, meter, key, controllers."""
    artifacts = [ctx.artifact(args.before), ctx.artifact(args.after)]
    before, after = (read_notation(a) for a in artifacts)
    ctx.progress(0.5, "comparing")
    data, found = compared(args, before, after)
    names = [a.file.name for a in artifacts]
    path = ctx.work_dir / "diff.md"
    path.write_text(as_markdown(data, names[0], names[1]), encoding="utf-8")
    facts = data.model_dump(include={"same", "added", "removed", "moved", "changed", "bars", "tracks"})
    report = Output(path, "report", "text/markdown", facts, tuple(a.id for a in artifacts), "CC0-1.0")
    if not found:
        return ToolResult(_summary(data, names[0], names[1]), data, (report,))
    picture = ctx.work_dir / "diff.png"
    draw_diff(before, after, found, picture)
    drawn = Output(picture, "picture", "image/png", {}, tuple(a.id for a in artifacts), "CC0-1.0")
    return ToolResult(_summary(data, names[0], names[1]), data, (report, drawn))


def compared(args: DiffMusicArgs, before: Music, after: Music) -> tuple[Diffed, list[Change]]:
    """What differs between two scores in the bars and tracks that the arguments name, and each note's change."""
    meant = _meant(args, before, after)
    found = [c for c in changes(before, after) if meant(c)]
    counts = Counter(c.kind for c in found)
    other = other_changes(before, after)
    data = Diffed(
        same=not found and not other,
        added=counts["added"],
        removed=counts["removed"],
        moved=counts["moved"],
        changed=counts["changed"],
        bars=sorted({c.bar for c in found}),
        tracks=list(dict.fromkeys(c.track for c in found)),
        other=other,
        changes=[_as_data(c) for c in found],
    )
    return data, found


def _meant(args: DiffMusicArgs, before: Music, after: Music) -> Callable[[Change], bool]:
    """Whether a change lies in the bars and tracks asked for, in either score.

    A bar or track may be in one of the scores only; in neither it is an error.
    """
    regions: list[tuple[Music, Region | None]] = []
    errors: list[UserError] = []
    for score in (before, after):
        try:
            regions.append((score, region_of(score, args)))
        except UserError as err:
            regions.append((score, None))
            errors.append(err)
    if len(errors) == len(regions):
        raise errors[0]
    held = {id(n) for _, region in regions if region is not None for _, notes in region.notes() for n in notes}
    return lambda change: id(change.before) in held or id(change.after) in held


def _as_data(change: Change) -> NoteChange:
    return NoteChange(
        kind=change.kind,
        bar=change.bar,
        track=change.track,
        before=_sounding(change.before),
        after=_sounding(change.after),
    )


def _sounding(note: Note | None) -> Sounding | None:
    if note is None:
        return None
    return Sounding(
        start=round(note.start, 4), duration=round(note.duration, 4), pitch=note.pitch, velocity=note.velocity
    )


def _summary(data: Diffed, before: str, after: str) -> str:
    if data.same:
        return f"{before} and {after} are the same in all that was compared."
    kinds = [f"{n} {kind}" for kind in ("added", "removed", "moved", "changed") if (n := getattr(data, kind))]
    notes = f"{', '.join(kinds)} notes in bars {_ranges(data.bars)} of {', '.join(data.tracks)}" if kinds else "no note"
    other = f"; beside the notes: {'; '.join(data.other)}" if data.other else ""
    return f"From {before} to {after}: {notes}{other}."


def _ranges(bars: list[int]) -> str:
    """Bars as ``3 to 5, 9``."""
    runs: list[list[int]] = []
    for bar in bars:
        if runs and bar == runs[-1][-1] + 1:
            runs[-1].append(bar)
        else:
            runs.append([bar])
    return ", ".join(f"{r[0]} to {r[-1]}" if len(r) > 1 else str(r[0]) for r in runs)


def as_markdown(data: Diffed, before: str, after: str) -> str:
    """The differences as Markdown: a table of bars and tracks, then the notes one by one."""
    cells = Counter((c.bar, c.track, c.kind) for c in data.changes)
    rows = [
        f"| {bar} | {track.replace('|', ' ')} | "
        + " | ".join(str(cells[bar, track, kind] or "") for kind in ("added", "removed", "moved", "changed"))
        + " |"
        for bar, track in dict.fromkeys((c.bar, c.track) for c in data.changes)
    ]
    lines = [f"# From {before} to {after}", "", _summary(data, before, after), ""]
    if rows:
        lines += ["| bar | track | added | removed | moved | changed |", "|---|---|---|---|---|---|", *rows, ""]
    lines += [f"- bar {c.bar}, {c.track}: {c.kind} {_told(c)}" for c in data.changes[:_SHOWN]]
    if len(data.changes) > _SHOWN:
        lines.append(f"- and {len(data.changes) - _SHOWN} more")
    return "\n".join([*lines, ""])


def _told(change: NoteChange) -> str:
    if change.before and change.after:
        return f"{_note(change.before)} to {_note(change.after)}"
    return _note(change.before or change.after)


def _note(note: Sounding | None) -> str:
    if note is None:
        return ""
    name = f"{pitch_name(note.pitch % 12)}{note.pitch // 12 - 1}"
    return f"{name} at {note.start:g} ({note.duration:g} long, velocity {note.velocity})"
