"""Play a range of bars several times before going on."""

from __future__ import annotations

from pydantic import Field

from tools.contract import ToolContext, ToolResult, tool
from tools.edit import _desk as desk
from tools.errors import LimitExceeded
from tools.kit.splice import spliced

_MOST_NOTES = 1_000_000


class RepeatBarsArgs(desk.BarArgs):
    """Arguments of :func:`repeat_bars`."""

    times: int = Field(2, ge=2, le=999, description="How often the range is played in all; 2 plays it once more.")


class Repeated(desk.Edited):
    """What was repeated."""

    from_bar: int = Field(description="First bar of the range, counted from 1.")
    to_bar: int = Field(description="Last bar of the range, inclusive.")
    times: int = Field(description="How often the range is played in all.")


@tool(
    version="1",
    takes=("midi", "score"),
    gives=("midi",),
    cost="instant",
    isolated=False,
    asks=(
        r"\b(?:repeat|double|duplicate|loop) (?:it|them|this|that|those)\b(?: \w+ times)?",
        r"\b(?:repeat|double|duplicate|copy|loop)(?:ing|s|ed)?\b(?= (?:only |just )?(?:the )?(?:(?:first|last|open"
        r"ing|final) (?:\w+ )?)?(?:bars?|measures?|intro|verse|chorus|bridge|outro|section|ending|phrase)\b)(?:[^,"
        r".;]{0,25}\b(?:twice|times|again)\b)?",
        r"\b(?:play|do)\b[^,.;]{0,20}\b(?:bars?|chorus|verse)\b[^,.;]{0,12}\btwice\b",
        r"\brepeat (?:it|this|that)\b",
        "重复",
        "反复",
        "再来一遍",
    ),
)
def repeat_bars(args: RepeatBarsArgs, ctx: ToolContext) -> ToolResult:
    """Repeat a range of a score's bars; what comes after moves back, and tempo and meter come again too."""
    source = desk.load(args.music, ctx)
    region = desk.region_of(source.score, args)
    starts = source.score.bar_starts()
    start = region.start
    bars = len(starts)
    end = region.end if region.bars[1] < bars else starts[-1] + source.score.meters[-1][1].bar_quarters
    notes = sum(len(held) for _, held in region.notes()) * args.times
    if notes > _MOST_NOTES:
        raise LimitExceeded(f"The repeats would make {notes} notes, more than {_MOST_NOTES}; ask for fewer times.")
    again = [(start, end)] * (args.times - 1)
    score = spliced(source.score, [(0.0, end), *again[:-1], (start, float("inf"))])
    first, last = region.bars
    facts = {"from_bar": first, "to_bar": last, "times": args.times}
    summary = (
        f"Bars {first} to {last} are played {args.times} times; the piece has {len(score.bar_starts())} bars "
        f"instead of {bars}."
    )
    return desk.result(source, score, "repeated", summary, ctx, data=Repeated, facts=facts)
