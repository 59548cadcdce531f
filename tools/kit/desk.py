"""A score on the desk: read in, and what a tool changed in it measured on the way out."""

from __future__ import annotations

from dataclasses import dataclass, replace

from pydantic import Field

from tools.contract import JSON, Artifact, Output, ToolContext, ToolData
from tools.errors import UserError
from tools.kit.diff import tally
from tools.kit.score import Score
from tools.kit.score.marks import mend_slurs, not_in_midi
from tools.kit.score.musicxml import MEDIA_TYPE, as_musicxml
from tools.kit.score.notation import read_notation

_MOST_FAULTS = 8


class Changed(ToolData):
    """What a tool changed, measured between the score that came in and the one that went out."""

    notes_added: int = Field(description="Notes that are in the result and were not before.")
    notes_removed: int = Field(description="Notes that were there and are no more; a changed note counts in both.")
    bars_changed: list[int] = Field(description="Bars in which notes differ, counted from 1.")
    tracks_changed: list[str] = Field(description="Tracks in which notes differ, new ones included.")
    bars: int = Field(description="Bars of the result.")
    duration_s: float = Field(description="Length of the result in seconds.")


@dataclass(frozen=True)
class Source:
    """A score that came in and its file."""

    score: Score
    artifact: Artifact

    @property
    def name(self) -> str:
        """The file's name."""
        return self.artifact.file.name

    @property
    def notes(self) -> tuple[str, ...]:
        """What to tell the person of the file."""
        return tuple(f"{self.name}: {fault}." for fault in self.score.faults[:_MOST_FAULTS])

    def copy(self) -> Score:
        """A score to edit."""
        return self.score.copied()


def load(ref: str, ctx: ToolContext) -> Source:
    """The score behind a reference; ``UserError`` names a file that cannot be read or holds no note."""
    artifact = ctx.artifact(ref)
    ctx.progress(0.0, f"reading {artifact.file.name}")
    score = read_notation(artifact)
    if not any(t.notes for t in score.tracks):
        raise UserError(f"{artifact.file.name} holds no notes; attach a score that has some.")
    return Source(score, artifact)


def changed(before: Score, after: Score) -> dict[str, JSON]:
    """The fields of :class:`Changed`."""
    found = tally(before, after)
    return {
        "notes_added": found.added,
        "notes_removed": found.removed,
        "bars_changed": list(found.bars),
        "tracks_changed": list(found.tracks),
        "bars": len(after.bar_starts()),
        "duration_s": round(after.seconds(after.end), 3),
    }


def with_notation(made: Output, score: Score, *, notation: bool) -> tuple[tuple[Output, ...], list[str]]:
    """The MIDI file of a score and, where MIDI cannot hold all of it, the same as MusicXML after it.

    Parameters
    ----------
    notation
        Whether the score came as notation; else there is nothing to keep.

    Returns
    -------
    The files, and what to tell the person of them.
    """
    lost = not_in_midi(score) if notation else []
    if not lost:
        return (made,), []
    torn = sum(mend_slurs(t) for t in score.tracks)
    page = replace(made, path=made.path.with_suffix(".musicxml"), kind="score", media_type=MEDIA_TYPE)
    page.path.write_text(as_musicxml(score).text, encoding="utf-8")
    said = [f"MIDI has no place for {', '.join(lost)}; {page.path.name} keeps them."]
    return (made, page), said + ([f"{torn} ends of slurs whose other end went elsewhere are gone."] if torn else [])
