"""Keep a range of bars, or take it out; with tracks named, keep only them, or silence them there."""

from __future__ import annotations

from dataclasses import replace

from pydantic import Field

from tools.contract import ToolContext, ToolResult, tool
from tools.edit import _desk as desk
from tools.errors import UserError
from tools.kit.arguments import EditArgs, region_of
from tools.kit.region import Region
from tools.kit.score import Score, Track
from tools.kit.splice import spliced


class CropBarsArgs(EditArgs):
    """Arguments of :func:`crop_bars`."""

    remove: bool = Field(
        False,
        description="Take the range out and join what is around it, instead of keeping it; with tracks, "
        "only silence them there.",
    )


class Cropped(desk.Edited):
    """What was kept."""

    from_bar: int = Field(description="First bar of the range, counted from 1.")
    to_bar: int = Field(description="Last bar of the range, inclusive.")
    notes_kept: int = Field(description="Notes of the result.")


@tool(
    version="1",
    takes=("midi", "score"),
    gives=("midi",),
    cost="instant",
    isolated=False,
    asks=(
        r"\b(?:keep|crop|cut|extract|take|trim|use|give me|isolate|save)\b(?: \w+){0,3}? (?:only |just |out )?(?=("
        r"?:the )?(?:(?:first|last|opening|final) (?:\w+ )?)?(?:bars?|measures?)\b)",
        r"\b(?:only|just) (?:(?:want|need|keep|use|like) )?"
        r"(?=(?:the )?(?:(?:first|last) (?:\w+ )?)?(?:bars?|measures?)\b)",
        r"\b(?:drop|remove|mute|silence|delete|cut|take out|leave out|get rid of|kill|strip out|lose|take) (?:out )?"
        r"(?:the|my) (?!(?:first|last|opening|final|bars?|measures?)\b)"
        r"(?:(?!octave|semitone|tone|step|third|fourth|fifth)[\w'-]+ ){1,3}?(?:out )?(?:of|in|for|from|during"
        r"|over|between|until|before|after|at|throughout) (?=(?:the )?(?:(?:first|last|opening|final|closing) )?"
        r"(?:\w+ )?(?:bars?|measures?|half|third)\b)",
        r"\b(?:delete|remove|drop|cut out|throw (?:away|out)|bin|ditch|scrap|lose|get rid of)\b"
        r"(?= (?:the )?(?:(?:first|last) (?:\w+ )?)?(?:bars?|measures?)\b)",
        r"(?:只)?(?:保留|截取|裁剪|留下|留|取|要|删除|删掉|去掉|剪掉)(?:到)?(?=[^,.;]{0,6}\d*[^,.;]{0,8}小节)",
    ),
)
def crop_bars(args: CropBarsArgs, ctx: ToolContext) -> ToolResult:
    """Keep only a range of a score's bars, or remove it, with the tempo, meter, key and pedals in force there.

    With ``tracks`` only those are kept, or those alone fall silent in the range.
    """
    source = desk.load(args.music, ctx)
    region = region_of(source.score, args)
    if not args.tracks and all(n is None for n in (args.from_bar, args.to_bar, args.start_s, args.end_s)):
        raise UserError(f"Say which bars: from_bar, to_bar; the piece has {region.bars[1]} bars.")
    stretch = (region.start, region.end)
    if args.tracks:
        score = _without(source.score, region, inside=args.remove)
        score = score if args.remove else spliced(score, [stretch], keep_held=True)
    elif args.remove:
        score = spliced(source.score, [(0.0, region.start), (region.end, float("inf"))])
    else:
        score = spliced(source.score, [stretch], keep_held=True)
    kept = sum(len(t.notes) for t in score.tracks)
    if not kept:
        first, last = region.bars
        raise UserError(f"Nothing would be left: bars {first} to {last} hold {'all' if args.remove else 'no'} notes.")
    facts = {"from_bar": region.bars[0], "to_bar": region.bars[1], "notes_kept": kept}
    did = "Kept" if not args.remove else "Silenced" if args.tracks else "Removed"
    summary = f"{did} {desk.place(region) or 'all bars'}; {len(score.bar_starts())} bars are left."
    return desk.result(source, score, "cropped", summary, ctx, data=Cropped, facts=facts)


def _without(score: Score, region: Region, *, inside: bool) -> Score:
    """The score without the notes that are meant (``inside``), or without all tracks' other notes."""
    some = region.picked
    tracks: list[Track] = []
    for index, track in enumerate(score.tracks):
        if inside:
            tracks.append(replace(track, notes=[n for n in track.notes if not region.holds(index, n)]))
        elif index in some:
            ids = some[index]
            tracks.append(track if ids is None else replace(track, notes=[n for n in track.notes if id(n) in ids]))
    return replace(score, tracks=tracks)
