"""What every symbolic editor shares: the score in, the region meant, the edited MIDI out with what changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated

from pydantic import Field

from tools.contract import JSON, Artifact, Output, ToolArgs, ToolContext, ToolData, ToolResult
from tools.contract import Score as ScoreRef
from tools.errors import UserError
from tools.kit.diff import differences
from tools.kit.midi_events import not_held
from tools.kit.notation import read_notation
from tools.kit.region import Region, select, track_name
from tools.kit.score import Score, write_midi

MOST_BARS = 100_000
BarNumber = Annotated[int, Field(ge=-MOST_BARS, le=MOST_BARS)]
Second = Annotated[float, Field(ge=-36_000, le=36_000)]


class MusicArgs(ToolArgs):
    """The score that an editor works on."""

    music: ScoreRef = Field(description="The score to edit: MIDI, MusicXML, ABC or kern.")


class BarArgs(MusicArgs):
    """A score and a range of its bars."""

    from_bar: BarNumber | None = Field(
        None, description="First bar, counted from 1; negative counts from the end (-1 is the last bar)."
    )
    to_bar: BarNumber | None = Field(None, description="Last bar, inclusive; the end of the piece when not said.")


class TimeArgs(BarArgs):
    """A score and a range of its bars or seconds."""

    start_s: Second | None = Field(
        None, description="Where the range starts, in seconds, instead of bars; negative counts from the end."
    )
    end_s: Second | None = Field(None, description="Where the range ends, in seconds; negative counts from the end.")


class RegionArgs(TimeArgs):
    """A score, a range of its bars or seconds, and some of its tracks."""

    tracks: list[str] = Field(
        default_factory=list,
        description="Only these: track names, instruments, families ('strings'), 'left hand', 'melody'; empty is all.",
    )


class Edited(ToolData):
    """What an editor changed, measured between the score that came in and the one that went out."""

    notes_added: int = Field(description="Notes that are in the result and were not before.")
    notes_removed: int = Field(description="Notes that were there and are no more; a changed note counts in both.")
    bars_changed: list[int] = Field(description="Bars in which notes differ, counted from 1.")
    tracks_changed: list[str] = Field(description="Tracks in which notes differ.")
    bars: int = Field(description="Bars of the result.")
    duration_s: float = Field(description="Length of the result in seconds.")


@dataclass(frozen=True)
class Source:
    """A score that came in, its file, and what of the file the score model does not hold (``"12 lyrics"``)."""

    score: Score
    artifact: Artifact
    lost: tuple[str, ...]

    @property
    def notes(self) -> tuple[str, ...]:
        """What to tell the person of the file."""
        return (f"Not kept from {self.artifact.file.name}: {', '.join(self.lost)}.",) if self.lost else ()

    def copy(self) -> Score:
        """A score to edit; notes keep their order, so that a region of it can be picked anew."""
        tracks = [
            replace(t, notes=[replace(n) for n in t.notes], controls=list(t.controls), bends=list(t.bends))
            for t in self.score.tracks
        ]
        old = self.score
        return replace(
            old,
            tracks=tracks,
            tempi=list(old.tempi),
            meters=list(old.meters),
            keys=list(old.keys),
            markers=list(old.markers),
        )


def load(ref: str, ctx: ToolContext) -> Source:
    """The score behind a reference; ``UserError`` names a file that cannot be read or holds no note."""
    artifact = ctx.artifact(ref)
    ctx.progress(0.0, f"reading {artifact.file.name}")
    score = read_notation(artifact, ctx.work_dir)
    if not any(t.notes for t in score.tracks):
        raise UserError(f"{artifact.file.name} holds no notes; attach a score that has some.")
    return Source(score, artifact, not_held(artifact.file) if artifact.kind == "midi" else ())


def region_of(score: Score, args: BarArgs) -> Region:
    """The region that an editor's arguments name in a score."""
    if isinstance(args, RegionArgs):
        return select(score, args.from_bar, args.to_bar, args.start_s, args.end_s, args.tracks)
    if isinstance(args, TimeArgs):
        return select(score, args.from_bar, args.to_bar, args.start_s, args.end_s)
    return select(score, args.from_bar, args.to_bar)


def place(region: Region) -> str:
    """A region in words: ``bars 9 to 12 of Flute``; empty for the whole piece."""
    first, last = region.bars
    bars = "" if region.whole else f"bar {first}" if first == last else f"bars {first} to {last}"
    everything = len(region.picked) == len(region.score.tracks) and all(p is None for p in region.picked.values())
    named = "" if everything else ", ".join(dict.fromkeys(track_name(t) for t in region.tracks()))
    return " of ".join(part for part in (bars, named) if part)


def result(
    source: Source,
    score: Score,
    suffix: str,
    summary: str,
    ctx: ToolContext,
    *,
    notes: Sequence[str] = (),
    data: type[Edited] = Edited,
    facts: Mapping[str, JSON] | None = None,
) -> ToolResult:
    """Write the edited score as ``<stem>-<suffix>.mid`` and say what changed in it.

    Parameters
    ----------
    data
        The tool's typed result; ``facts`` are the fields it adds to :class:`Edited`, and the artifact's too.
    notes
        What to tell the person beside the summary.
    """
    path = ctx.work_dir / f"{source.artifact.file.stem}-{suffix}.mid"
    write_midi(score, path)
    measured = changed(source.score, score)
    made = Output(
        path, "midi", "audio/midi", {**measured, **(facts or {})}, (source.artifact.id,), source.artifact.licence
    )
    return ToolResult(
        summary, data(**measured, **(facts or {})), (made,), notes=(*source.notes, *(n for n in notes if n))
    )


def changed(before: Score, after: Score) -> dict[str, JSON]:
    """The fields of :class:`Edited`."""
    found = differences(before, after)
    return {
        "notes_added": sum(d.kind == "added" for d in found),
        "notes_removed": sum(d.kind == "removed" for d in found),
        "bars_changed": sorted({d.bar for d in found}),
        "tracks_changed": list(dict.fromkeys(d.track for d in found)),
        "bars": len(after.bar_starts()),
        "duration_s": round(after.seconds(after.end), 3),
    }
