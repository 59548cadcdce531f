"""Arguments that several tools take, declared once: a score, and where in it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from tools.contract import Score as ScoreRef
from tools.contract import ToolArgs
from tools.kit.region import Region, Stretch, select
from tools.kit.score import MOST_BARS, Score

BarNumber = Annotated[int, Field(ge=-MOST_BARS, le=MOST_BARS)]
Second = Annotated[float, Field(ge=-36_000, le=36_000)]


class BarArgs(ToolArgs):
    """A range of bars."""

    from_bar: BarNumber | None = Field(
        None, description="First bar, counted from 1; negative counts from the end (-1 is the last bar)."
    )
    to_bar: BarNumber | None = Field(None, description="Last bar, inclusive; the end of the piece when not said.")


class TimeArgs(BarArgs):
    """A range of bars or seconds, or a part of it."""

    start_s: Second | None = Field(
        None, description="Where the range starts, in seconds, instead of bars; negative counts from the end."
    )
    end_s: Second | None = Field(None, description="Where the range ends, in seconds; negative counts from the end.")
    stretch: Stretch | None = Field(
        None,
        description="A part of the range (or piece): a half or third of its bars, its first or last chord or note.",
    )


class RegionArgs(TimeArgs):
    """A range of bars or seconds, and some of the tracks."""

    tracks: list[str] = Field(
        default_factory=list,
        description="Only these: track names, instruments, families ('strings'), 'left hand', 'melody'; "
        "'not drums' leaves those out; empty is all.",
    )


class MusicArgs(ToolArgs):
    """The score that an editor works on."""

    music: ScoreRef = Field(description="The score to edit: MIDI, MusicXML, ABC, kern or JSON.")


class EditArgs(RegionArgs, MusicArgs):
    """What every editor of notes takes: a score, a range of it and some of its tracks."""


def region_of(score: Score, args: BarArgs) -> Region:
    """The region that a tool's arguments name in a score; what the arguments do not have is open."""
    start_s, end_s, stretch = (
        (args.start_s, args.end_s, args.stretch) if isinstance(args, TimeArgs) else (None, None, None)
    )
    tracks = args.tracks if isinstance(args, RegionArgs) else None
    return select(score, args.from_bar, args.to_bar, start_s, end_s, tracks, stretch)
