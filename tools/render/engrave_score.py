"""Set a score as sheet music: pages of notation as PDF, SVG or PNG.

What was played is first written as a player would read it (:mod:`tools.kit.score.legible`); notes that are written
otherwise than they sound are counted in the result.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Literal

from pydantic import Field

from tools.contract import Output, Score, ToolContext, ToolData, ToolResult, tool
from tools.errors import UserError
from tools.kit.analysis.key import rank_note_keys
from tools.kit.analysis.notes import notes_of
from tools.kit.arguments import BarArgs
from tools.kit.region import Region, select, track_name
from tools.kit.score import Score as Music
from tools.kit.score import Track
from tools.kit.score.legible import legible
from tools.kit.score.musicxml import Layout, as_musicxml
from tools.kit.score.notation import read_notation
from tools.kit.splice import spliced
from tools.render import _pages as pages

_MOST_BARS = 2000
_MEDIA = {"pdf": "application/pdf", "svg": "image/svg+xml", "png": "image/png"}


class EngraveScoreArgs(BarArgs):
    """Arguments of :func:`engrave_score`."""

    music: Score = Field(description="The score to set: MIDI, MusicXML, ABC, kern or JSON.")
    format: Literal["pdf", "svg", "png"] = Field("pdf", description="One PDF, or one SVG or PNG file a page.")
    tracks: list[str] = Field(
        default_factory=list,
        description="Only these parts: track names, instruments, families, 'left hand', 'melody'; empty is the score.",
    )
    paper: Literal["a4", "a4 landscape", "letter", "letter landscape", "a3"] = Field(
        "a4", description="Size of the pages."
    )
    bars_per_system: int | None = Field(
        None, ge=1, le=16, description="Bars in each system; as many as fit when not said."
    )
    transposed: bool = Field(
        False, description="Parts of transposing instruments as their players read them, instead of as they sound."
    )
    title: str | None = Field(None, max_length=200, description="Title printed; the score's own when not said.")
    composer: str | None = Field(None, max_length=200, description="Name printed at the right above the music.")
    dpi: int = Field(150, ge=50, le=600, description="Pixels an inch of PNG pages.")


class Engraved(ToolData):
    """What was set."""

    pages: int = Field(description="How many pages there are.")
    bars: int = Field(description="How many bars they hold.")
    parts: list[str] = Field(description="The parts, from top to bottom.")
    notes: int = Field(description="How many notes they hold.")
    notes_tidied: int = Field(description="Notes whose start or length is written otherwise than it was played.")
    key: str = Field(description="Key of the first signature.")


@tool(
    version="1",
    takes=("midi", "score"),
    gives=("picture",),
    cost="seconds",
    timeout_s=300,
    asks=(
        r"\b(?:give|make|get|send|want|need|show)\b[^,.;]{0,15}\b(?:printable|printed"
        r"|pdf)(?: pdf)?(?: (?:score|parts?|sheet music|copy|version))?",
        r"\b(?:print|engrave|export) (?:me )?(?:the |out )?(?:individual )?parts\b(?: for (?:my|the"
        r"|a)(?: \w+){1,2})?",
        r"\btypeset\b",
        r"\bnotate (?:it|this)\b",
        r"\b(?:give|make|send|get|want|need|have)\b[^,.;]{0,12}\bpdf\b",
        r"\b(?:an? )?pdf (?:of|for)\b",
        r"\b(?:for|to) (?:my|the) (?:players|band members|string section)\b",
        r"\bengrav(?:e|es|ed|ing)\b(?:[^,.;]{0,12}\b(?:as|to|into) (?:a )?(?:pdf|svg|png)\b)?",
        r"\b(?:(?:give|make|print|show|get|want|need|create|produce|export|draw|see"
        r"|typeset)\b[^,.;]{0,15})?\b(?:sheet ?music|lead ?sheet|notation|printed score|printable score"
        r"|parts for the players|staff|tablature|tabs?)\b",
        r"\b(?:as|to|into|make|print|export)\b[^,.;]{0,8}\b(?:pdf|svg)\b(?: (?:score|file))?",
        r"\bprint (?:me )?(?:it|this|that|(?:the|a|out the) (?:score|music|parts))\b",
        r"\bshow (?:me )?(?:the |it as (?:a )?)score\b",
        r"(?:生成|打印|导出|出|给我|要|排|做)[^,.;]{0,4}(?:乐谱|五线谱|谱子|总谱|简谱|分谱)",
        r"五线谱",
        r"制谱",
        r"(?:导出|转成|生成)\s*pdf",
    ),
)
def engrave_score(args: EngraveScoreArgs, ctx: ToolContext) -> ToolResult:
    """Set a score, some of its bars or its parts as sheet music: a PDF, or SVG or PNG pages."""
    source = ctx.artifact(args.music)
    score = read_notation(source)
    if not any(t.notes for t in score.tracks):
        raise UserError(f"{source.file.name} holds no notes; attach a score that has some.")
    region = select(score, args.from_bar, args.to_bar, tracks=args.tracks)
    chosen, guessed = _keyed(_chosen(region))
    bars = len(chosen.bar_starts())
    if bars > _MOST_BARS:
        raise UserError(
            f"{source.file.name} has {bars} bars, more than {_MOST_BARS} in a print; set from_bar and to_bar."
        )
    ctx.progress(0.2, "writing notes")
    readable = legible(chosen)
    every = args.bars_per_system
    breaks = frozenset(range(every, bars, every)) if every else frozenset()
    layout = Layout(readable.tempi, readable.words, breaks, args.transposed, region.bars[0])
    written = as_musicxml(readable.score, layout)
    staves = sum(1 + any(n.voice >= 5 for n in t.notes) for t in readable.score.tracks)
    title = args.title if args.title is not None else score.title or source.file.stem.replace("_", " ")
    footer = "" if source.licence.startswith("unstated") else f"Licence: {source.licence}"
    ctx.progress(0.4, "engraving")
    heading = pages.Heading(title, args.composer or "", footer)
    sheets = pages.engrave(written.text, heading, paper=args.paper, staves=staves, breaks=bool(every))
    data = Engraved(
        pages=len(sheets.svg),
        bars=bars,
        parts=[track_name(t) for t in readable.score.tracks],
        notes=sum(len(t.notes) for t in readable.score.tracks),
        notes_tidied=readable.moved,
        key=str(chosen.keys[0][1]) if chosen.keys else "none",
    )
    ctx.progress(0.7, f"drawing {data.pages} pages")
    unset = pages.without_glyph(f"{re.sub('<[^>]*>', '', written.text)}{title}{args.composer or ''}{footer}")
    files = _files(args, sheets, title, source.file.stem, ctx)
    facts = data.model_dump(exclude={"notes_tidied"})
    outputs = tuple(Output(f, "picture", _MEDIA[args.format], facts, (source.id,), source.licence) for f in files)
    said = f"Set {data.bars} bars of {source.file.name} for {len(data.parts)} {_plural('part', data.parts)}"
    tidied = f"{data.notes_tidied} of {data.notes} notes are written on note values near to how they were played."
    notes = [tidied] * bool(data.notes_tidied) + [
        f"Key signature: probably {data.key}; the file states none."
    ] * guessed
    if unset:
        some = ", ".join(unset[:8]) + (", …" if len(unset) > 8 else "")
        notes.append(
            f"No font here has {len(unset)} of the characters ({some}): they are boxes on the page. Install a font "
            "that has them, as Noto Sans CJK for Chinese and Japanese, and set the score again."
        )
    return ToolResult(
        f"{said} on {data.pages} {_plural('page', files)} ({args.format}).", data, outputs, notes=tuple(notes)
    )


def _plural(word: str, things: list[str] | list[Path]) -> str:
    return word if len(things) == 1 else f"{word}s"


def _chosen(region: Region) -> Music:
    """The bars and parts asked for, as a score of their own."""
    tracks: list[Track] = []
    for index, some in region.picked.items():
        track = region.score.tracks[index]
        notes = [n for n in track.notes if region.holds(index, n)]
        if notes or (some is None and track.notes and not region.whole):
            kept = track.notes if some is None else [n for n in track.notes if id(n) in some]
            tracks.append(replace(track, notes=kept))
    score = spliced(replace(region.score, tracks=tracks), [(region.start, region.end)])
    if not any(t.notes for t in score.tracks):
        first, last = region.bars
        raise UserError(f"Bars {first} to {last} hold no notes of those parts; choose other bars or tracks.")
    return score


def _keyed(score: Music) -> tuple[Music, bool]:
    """The score with the key signature its notes suggest, when it states none; and whether that was so."""
    if score.keys or not any(t.notes for t in score.tracks if not t.is_drum):
        return score, False
    fits = rank_note_keys(notes_of(score))
    return (replace(score, keys=[(0.0, fits[0].key)]), True) if fits else (score, False)


def _files(args: EngraveScoreArgs, sheets: pages.Sheets, title: str, stem: str, ctx: ToolContext) -> list[Path]:
    """Write the pages; their names count from 1 when there are several files."""
    if args.format == "pdf":
        contents = [pages.as_pdf(sheets, title, ctx.work_dir)]
    elif args.format == "png":
        contents = pages.as_png(sheets, ctx.work_dir, args.dpi)
    else:
        contents = [page.encode() for page in sheets.svg]
    files: list[Path] = []
    for number, content in enumerate(contents, start=1):
        end = f"-{number}" if len(contents) > 1 else ""
        files.append(ctx.work_dir / f"{stem}-score{end}.{args.format}")
        files[-1].write_bytes(content)
    return files
