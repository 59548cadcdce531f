"""Bring notes back into the instruments' ranges by octaves."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from tools.contract import ToolContext, ToolResult, tool
from tools.edit import _desk as desk
from tools.kit.arguments import EditArgs, region_of
from tools.kit.region import Region, track_name
from tools.kit.settle import folded, settled
from tools.kit.theory.instruments import Instrument, instrument_of_program, instruments, names, plain
from tools.kit.theory.pitch import pitch_name


class FixRangesArgs(EditArgs):
    """Arguments of :func:`fix_ranges`."""


class Mended(BaseModel):
    """What was out of range in one track."""

    model_config = ConfigDict(extra="forbid")

    track: str = Field(description="Name of the track.")
    instrument: str = Field(description="Instrument whose range it was held to.")
    low: str = Field(description="Lowest note of the range, concert pitch, as 'B3'.")
    high: str = Field(description="Highest note of the range.")
    moved: int = Field(description="Notes moved by octaves.")


class RangesFixed(desk.Edited):
    """What was brought back."""

    mended: list[Mended] = Field(description="Tracks in which notes were out of range.")


@tool(
    version="1",
    takes=("midi", "score"),
    gives=("midi",),
    cost="instant",
    isolated=False,
    asks=(
        r"\b(?:goes|go|is|are|gets|reaches|sits?)(?: much| way| far)? too (?:low|high)\b[^.;]{0,40}\b(?:range|compass|"
        r"register)\b",
        r"\b(?:make sure|check that|see that)\b[^,.;]{0,30}\b(?:can|could) (?:really |actually |physically )?(?:play|b"
        r"e played|reach)\b(?:[^,.;]{0,12}\b(?:part|notes?))?",
        r"\b(?:out of|outside|beyond|below|above|exceeds?)\b[^,.;]{0,20}\b(?:range|compass|register)\b(?:[^.;]{0,1"
        r"0}\bfix\b(?: (?:that|it|them|this))?)?",
        r"\bunplayable\b",
        r"\bfix\b[^,.;]{0,20}\branges?\b",
        r"\b(?:make|keep)\b[^,.;]{0,15}\bplayable\b",
        r"\b(?:in|within|into) (?:the )?(?:playable )?range\b",
        "超出[^,.;]{0,8}音域",
        "音域",
        "无法演奏",
    ),
)
def fix_ranges(args: FixRangesArgs, ctx: ToolContext) -> ToolResult:
    """Move notes that a score's instruments cannot reach into range by octaves; the others stay."""
    source = desk.load(args.music, ctx)
    score = source.copy()
    region = region_of(score, args)
    mended = _mend(region)
    moved = sum(m.moved for m in mended)
    where = desk.place(region)
    summary = f"Every note {'of ' + where + ' ' if where else ''}lies in its instrument's range; nothing was changed."
    if moved:
        detail = ", ".join(f"{m.moved} of {m.track} ({m.instrument}, {m.low} to {m.high})" for m in mended)
        summary = f"Moved {moved} notes into range by octaves: {detail}."
    facts = {"mended": [m.model_dump() for m in mended]}
    return desk.result(source, score, "in-range", summary, ctx, data=RangesFixed, facts=facts)


def _mend(region: Region) -> list[Mended]:
    mended: list[Mended] = []
    for track, notes in region.notes(drums=False):
        player = _player(track.name) or instrument_of_program(track.program)
        beyond = [n for n in notes if not player.low <= n.pitch <= player.high]
        for note in beyond:
            note.pitch = folded(note.pitch, player.low, player.high)
        settled(track, set(map(id, beyond)))
        if beyond:
            mended.append(
                Mended(
                    track=track_name(track),
                    instrument=player.name,
                    low=_note(player.low),
                    high=_note(player.high),
                    moved=len(beyond),
                )
            )
    return mended


def _player(name: str) -> Instrument | None:
    """The instrument that a track is named for: a better witness than a program left at piano."""
    known = names().get(plain(name))
    found = instruments().get(known) if known else None
    return found if found and not found.is_drum else None


def _note(pitch: int) -> str:
    return f"{pitch_name(pitch % 12)}{pitch // 12 - 1}"
