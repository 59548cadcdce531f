"""What every symbolic editor shares: the score in, the region meant, the edited MIDI out with what changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tools.contract import JSON, Output, ToolContext, ToolResult
from tools.kit.desk import Changed, Source, changed, load, with_notation
from tools.kit.region import Region, track_name
from tools.kit.score import Score, write_midi

__all__ = ["Edited", "Source", "changed", "load", "place", "result", "with_notation"]


class Edited(Changed):
    """What an editor changed."""


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

    A score that came as notation and says what MIDI has no event for is written as MusicXML too, after the MIDI file.

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
    outputs, kept = with_notation(made, score, notation=source.artifact.kind == "score")
    said = (*source.notes, *(n for n in notes if n), *kept)
    return ToolResult(summary, data(**measured, **(facts or {})), outputs, notes=said)
