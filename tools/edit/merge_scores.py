"""Put several scores into one: all at once over one another, or one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import lcm
from typing import Annotated, Any, Literal

from pydantic import Field

from tools.contract import Accepts, Output, ToolArgs, ToolContext, ToolData, ToolResult, tool
from tools.edit import _desk as desk
from tools.kit.channels import bends_heard, controls_heard
from tools.kit.score import DRUM_CHANNEL, Bend, Control, Raw, Score, Track, write_midi
from tools.kit.splice import value_at

_MOST_TRACKS = 65_536  # of one file
_FINEST = 32_767  # ticks a quarter that a MIDI file can state


class MergeScoresArgs(ToolArgs):
    """Arguments of :func:`merge_scores`."""

    music: Annotated[list[str], Accepts(("midi", "score"))] = Field(
        min_length=2, description="The scores to put together, in order."
    )
    how: Literal["together", "in_sequence"] = Field(
        "together", description="All at once, bar on bar, or one after the other from the next bar line."
    )


class Merged(ToolData):
    """What was put together."""

    notes: int = Field(description="Notes of the result: all those of the scores.")
    bars: int = Field(description="Bars of the result.")
    tracks: list[str] = Field(description="Tracks of the result.")
    duration_s: float = Field(description="Length of the result in seconds.")


@tool(
    version="1",
    takes=("midi", "score"),
    gives=("midi",),
    cost="instant",
    isolated=False,
    asks=(
        r"\b(?:put|place|play|add|append|attach)\b[^,.;]{0,15}\b(?:second|other|next|2nd) (?:file|one|midi|score|piece"
        r"|tune)\b[^,.;]{0,10}"
        r"\b(?:after|behind|on top of|over|under|beneath) the (?:first|other)\b",
        r"\b(?:combine|put together|layer|stack|join)\b (?:these|the|those|both)(?: two)?\b(?: (?:files|scores|midis|p"
        r"ieces))?",
        r"\b(?:join|chain|string|put|place|glue|merge|combine)\b[^,.;]{0,25}\b(?:scores?|midis?|midi files|sketches|"
        r"pieces)\b[^,.;]{0,12}\b(?:one after (?:the other|another)|end to end|back to back|in a row)\b",
        r"\b(?:merge|combine|layer|stack|put|join)\b[^,.;]{0,25}\b(?:scores?|midis?|midi files|files|parts|tracks|"
        r"sketches)\b(?:[^,.;]{0,8}\b(?:in)?to (?:one|a single)\b(?: (?:score|file|piece|midi))?)?",
        r"\b(?:merge|combine|join|put)\b[^,.;]{0,50}\b(?:in)?to (?:one|a single) (?:score|midi|midi file)\b",
        r"\b(?:stick|tack|stitch|glue|string|put|join)\b[^,.;]{0,20}\b(?:scores?|midis?|midi files)\b[^,.;]{0,12}"
        r"\b(?:together|end to end|back to back|one after (?:the other|another)|in a row)\b",
        r"\bmerge\b",
        "(?:合并|合成|合到|拼)(?:成|为)?(?:一个|一份|起来)?(?:总谱|文件|谱子)?",
    ),
)
def merge_scores(args: MergeScoresArgs, ctx: ToolContext) -> ToolResult:
    """Put several scores into one, all at once or one after the other; no note is changed."""
    sources = [desk.load(ref, ctx) for ref in args.music]
    scores = [s.score for s in sources]
    score = _together(scores) if args.how == "together" else _in_sequence(scores)
    resolution = lcm(*(s.ticks_per_quarter for s in scores))
    score.ticks_per_quarter = resolution if resolution <= _FINEST else max(s.ticks_per_quarter for s in scores)
    path = ctx.work_dir / f"{'+'.join(dict.fromkeys(s.artifact.file.stem for s in sources))[:80]}-merged.mid"
    write_midi(score, path)
    facts: dict[str, Any] = {
        "notes": sum(len(t.notes) for t in score.tracks),
        "bars": len(score.bar_starts()),
        "tracks": [t.name for t in score.tracks],
        "duration_s": round(score.seconds(score.end), 3),
    }
    licence = " + ".join(dict.fromkeys(s.artifact.licence for s in sources))
    made = Output(path, "midi", "audio/midi", facts, tuple(s.artifact.id for s in sources), licence)
    names = ", ".join(s.artifact.file.name for s in sources)
    order = "over one another" if args.how == "together" else "one after the other"
    notes = [n for s in sources for n in s.notes]
    if args.how == "together":
        notes += [_other_maps(s, sources[0]) for s in sources[1:] if _differs(s.score, scores[0])]
    if resolution > _FINEST:
        notes.append("The scores' time grids have no common one in MIDI's bounds; notes moved by less than a tick.")
    outputs, kept = desk.with_notation(made, score, notation=any(s.artifact.kind == "score" for s in sources))
    notes += kept
    summary = f"Put {names} {order}: {len(score.tracks)} tracks, {facts['bars']} bars."
    return ToolResult(summary, Merged(**facts), outputs, notes=tuple(notes))


def _together(scores: Sequence[Score]) -> Score:
    """Every track of every score, in bars of the first one's maps; names that come twice are numbered."""
    tracks = _rehoused(scores)
    taken: set[str] = set()
    for track in tracks:
        name, number = track.name, 2
        while track.name and track.name in taken:
            track.name, number = f"{name} {number}", number + 1
        taken.add(track.name)
    markers = sorted({m for s in scores for m in s.markers})
    raw = sorted((r for s in scores for r in s.raw), key=lambda r: r.time)
    return replace(scores[0], tracks=tracks, markers=markers, raw=raw)


def _rehoused(scores: Sequence[Score]) -> list[Track]:
    """The tracks of all scores; a channel that an earlier score plays on is given up for a free one, by all on it."""
    tracks: list[Track] = []
    for number, score in enumerate(scores):
        taken = {t.channel for t in tracks}
        own = sorted({t.channel for t in score.tracks if t.channel is not None})
        free = iter([c for c in range(16) if c != DRUM_CHANNEL and c not in taken and c not in own])
        homes: dict[int | None, int | None] = {c: next(free, None) if c in taken else c for c in own}
        for track in score.tracks:
            home = track.channel if track.is_drum else homes.get(track.channel)
            stays = track.is_drum or home is not None or track.channel is None
            origin = track.origin + number * _MOST_TRACKS if stays and track.origin is not None else None
            tracks.append(replace(track, origin=origin, channel=home))
            if not stays:
                tracks[-1].controls, tracks[-1].bends = controls_heard(score, track), bends_heard(score, track)
    return tracks


def _in_sequence(scores: Sequence[Score]) -> Score:
    """One score after the other, each from a bar line; tracks of one name and program go on in one another."""
    tracks: dict[tuple[str, int, bool, int], Track] = {}
    made = replace(scores[0], tracks=[], tempi=[], meters=[], keys=[], markers=[], raw=[])
    at = 0.0
    for score in scores:
        seen: dict[tuple[str, int, bool], int] = {}
        for track in score.tracks:
            alike = (track.name, track.program, track.is_drum)
            seen[alike] = seen.get(alike, -1) + 1
            place = (*alike, seen[alike])
            if place not in tracks:
                channel = track.channel if track.channel not in {t.channel for t in tracks.values()} else None
                tracks[place] = Track(*alike, channel=channel)
            _append(tracks[place], track, at)
        made.tempi += [(t + at, v) for t, v in score.tempi]
        made.meters += [(t + at, v) for t, v in score.meters]
        made.keys += [(t + at, v) for t, v in score.keys]
        made.markers += [(t + at, v) for t, v in score.markers]
        made.raw += [Raw(r.time + at, r.data) for r in score.raw]
        last = score.bar_starts()[-1]
        at += last + value_at(score.meters, last).bar_quarters
    made.tracks = list(tracks.values())
    return made


def _append(track: Track, more: Track, at: float) -> None:
    later = [n.copied() for n in more.notes]
    for note in later:
        note.start += at
    track.notes += later
    track.controls += [Control(c.time + at, c.number, c.value) for c in more.controls]
    track.bends += [Bend(b.time + at, b.value) for b in more.bends]
    track.lyrics += [(t + at, text) for t, text in more.lyrics]
    track.dynamics += [(t + at, mark) for t, mark in more.dynamics]
    track.raw += [Raw(r.time + at, r.data) for r in more.raw]


def _differs(score: Score, first: Score) -> bool:
    return (score.tempi, score.meters) != (first.tempi, first.meters)


def _other_maps(source: desk.Source, first: desk.Source) -> str:
    own, leading = source.artifact.file.name, first.artifact.file.name
    return f"{own} follows the tempo and meter of {leading}; its own were left aside."
