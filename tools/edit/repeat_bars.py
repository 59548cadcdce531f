"""Play a range of bars several times before going on; with tracks named, over what they play next."""

from __future__ import annotations

from dataclasses import replace

from pydantic import Field

from tools.contract import ToolContext, ToolResult, tool
from tools.edit import _desk as desk
from tools.errors import LimitExceeded
from tools.kit.arguments import EditArgs, region_of
from tools.kit.score import Score
from tools.kit.settle import settled
from tools.kit.splice import spliced

_MOST_NOTES = 1_000_000


class RepeatBarsArgs(EditArgs):
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
        r"\b(?:play|do|sing)\b[^,.;]{0,30}\b(?:bars?|chorus|verse|phrase|ending)\b[^,.;]{0,12}\b(?:once more|again|one"
        r" more time|\w+ times)\b",
        r"\b(?:repeat|double|duplicate|loop) (?:it|them|this|that|those)\b(?: \w+ times)?",
        r"\b(?:repeat|double|duplicate|copy|loop)(?:ing|s|ed)?\b(?= (?:only |just )?(?:the )?(?:(?:first|last|open"
        r"ing|final) (?:\w+ )?)?(?:bars?|measures?|intro|verse|chorus|bridge|outro|section|ending|phrase)\b)(?:[^,"
        r".;]{0,25}\b(?:twice|times|again|once)\b)?",
        r"\b(?:play|do)\b[^,.;]{0,20}\b(?:bars?|chorus|verse)\b[^,.;]{0,12}\btwice\b",
        r"\b(?:play|do|sing) (?:it|this|that|them|those) (?:twice|(?:two|three|four|five|six|\d+) times)\b"
        r"(?! (?:as|faster|slower|the))",
        r"(?<=[,;] )(?:and )?(?:twice|(?:three|four|five|six|\d+) times)(?! (?:as|faster|slower|the)\b)\b",
        r"\brepeat (?:it|this|that)\b",
        "重复",
        "反复",
        "再来一遍",
    ),
)
def repeat_bars(args: RepeatBarsArgs, ctx: ToolContext) -> ToolResult:
    """Repeat a range of a score's bars; what comes after moves back, and tempo and meter come again too.

    With ``tracks`` only those play the range again, in place of what they have in the bars that follow.
    """
    source = desk.load(args.music, ctx)
    region = region_of(source.score, args)
    starts = source.score.bar_starts()
    start = region.start
    bars = len(starts)
    end = region.end if region.bars[1] < bars else starts[-1] + source.score.meters[-1][1].bar_quarters
    notes = sum(len(held) for _, held in region.notes()) * args.times
    if notes > _MOST_NOTES:
        raise LimitExceeded(f"The repeats would make {notes} notes, more than {_MOST_NOTES}; ask for fewer times.")
    if args.tracks:
        score = _over(source.copy(), args, end)
    else:
        again = [(start, end)] * (args.times - 1)
        score = spliced(source.score, [(0.0, end), *again[:-1], (start, float("inf"))])
    first, last = region.bars
    where = desk.place(region)
    where = (where[0].upper() + where[1:] if where else "The piece") + (" is" if first == last or not where else " are")
    facts = {"from_bar": first, "to_bar": last, "times": args.times}
    summary = f"{where} played {args.times} times; the piece has {len(score.bar_starts())} bars instead of {bars}."
    return desk.result(source, score, "repeated", summary, ctx, data=Repeated, facts=facts)


def _over(score: Score, args: RepeatBarsArgs, end: float) -> Score:
    """The score whose named tracks play the range again over what follows; what sounds into it stops there."""
    region = region_of(score, args)
    length = end - region.start
    until = end + length * (args.times - 1)
    for index in region.picked:
        track = score.tracks[index]
        meant = [n for n in track.notes if region.holds(index, n)]
        later = replace(region, start=end, end=until)
        kept = [n for n in track.notes if not later.holds(index, n)]
        for note in meant:
            note.duration = min(note.duration, end - note.start)
        copies = [n.copied() for _ in range(1, args.times) for n in meant]
        for number, note in enumerate(copies):
            note.start += length * (number // len(meant) + 1)
        track.notes = [*kept, *copies]
        settled(track, set(map(id, [*meant, *copies])))
    return score
