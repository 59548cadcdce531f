"""Write a score in another format, read it back, and say what the format did not keep."""

from __future__ import annotations

import json
import shutil
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from pydantic import Field

from tools.contract import Artifact, Kind, Output, ToolContext, ToolData, ToolResult, tool
from tools.edit import _desk as desk
from tools.errors import UserError
from tools.kit.arguments import MusicArgs
from tools.kit.score import Note, Score, write_midi
from tools.kit.score.abc import as_abc
from tools.kit.score.marks import not_in_midi
from tools.kit.score.musicxml import MEDIA_TYPE, as_musicxml
from tools.kit.score.notation import as_json, as_kern, read_notation

Format = Literal["musicxml", "mxl", "midi", "json", "abc", "kern", "lilypond"]
_WRITTEN: dict[str, tuple[str, str]] = {
    "musicxml": (".musicxml", MEDIA_TYPE),
    "mxl": (".mxl", "application/vnd.recordare.musicxml"),
    "midi": (".mid", "audio/midi"),
    "json": (".json", "application/json"),
    "kern": (".krn", "text/x-humdrum"),
    "abc": (".abc", "text/vnd.abc"),
}
_UNWRITTEN = {
    "lilypond": "LilyPond is not written here; ask for musicxml and run LilyPond's musicxml2ly on it, or engrave_score "
    "for a printed page.",
}
_KINDS: dict[str, Kind] = {"midi": "midi"}
_TICK = 1 / 480  # quarters by which a note given back may differ


class ConvertScoreArgs(MusicArgs):
    """Arguments of :func:`convert_score`."""

    format: Format | None = Field(
        None,
        description="Format to write; MusicXML from MIDI and MIDI from notation when not said. "
        "LilyPond is neither read nor written.",
    )


class Converted(ToolData):
    """What was written."""

    format: str = Field(description="The format written.")
    notes: int = Field(description="Notes of the score.")
    notes_kept: int | None = Field(description="Notes that the file gives back with their pitch, start and length.")
    bars: int = Field(description="Bars of the score.")


@tool(
    version="3",
    takes=("midi", "score"),
    gives=("score", "midi"),
    cost="seconds",
    timeout_s=900,
    asks=(
        r"\b(?:export|save|give me|need|want|get)\b[^,.;]{0,10}\b(?:music ?xml|xml|abc|kern)\b",
        r"\b(?:convert|export|save|turn|give|write|change|output|get)\b[^,.;]{0,25}\b(?:music ?xml|mxl|abc(?: nota"
        r"tion)?|(?:hum)?kern|lilypond|midi)\b(?: (?:file|format|notation))?",
        r"\b(?:as|to|into) (?:a |an )?(?:music ?xml|mxl|abc|kern|lilypond)\b",
        r"\bmusic ?xml\b",
        r"(?:转(?:换)?成?|导出(?:成|为)?|存成|变成)\s*(?:music ?xml|abc|xml|midi|lilypond)(?:格式|文件)?",
    ),
)
def convert_score(args: ConvertScoreArgs, ctx: ToolContext) -> ToolResult:
    """Write a score as MusicXML, MXL, MIDI, ABC, kern or JSON, from any of them; say what the format did not keep."""
    artifact = ctx.artifact(args.music)
    target = args.format or ("musicxml" if artifact.kind == "midi" else "midi")
    if target not in _WRITTEN:
        raise UserError(_UNWRITTEN[target])
    source = desk.load(args.music, ctx)
    suffix, media_type = _WRITTEN[target]
    path = ctx.work_dir / f"{artifact.file.stem}{suffix}"
    ctx.progress(0.3, f"writing {path.name}")
    lost = _write(source, target, path)
    ctx.progress(0.7, f"reading {path.name} back")
    kept, moved = _kept(source.score, target, path, media_type)
    total, bars = sum(len(t.notes) for t in source.score.tracks), len(source.score.bar_starts())
    facts: dict[str, Any] = {"format": target, "notes": total, "notes_kept": kept, "bars": bars}
    made = Output(path, _KINDS.get(target, "score"), media_type, facts, (artifact.id,), artifact.licence)
    of = "" if kept is None else f", {kept} of them given back at their place and length"
    summary = f"Wrote {artifact.file.name} as {path.name}: {total} notes in {bars} bars{of}."
    notes = (*source.notes, *(f"{target} has no place for {what}." for what in lost), *moved)
    return ToolResult(summary, Converted(**facts), (made,), notes=notes)


def _write(source: desk.Source, target: str, path: Path) -> tuple[str, ...]:
    """Write the file; what the format cannot hold comes back in words."""
    if target == "midi" and source.artifact.kind == "midi":
        shutil.copyfile(source.artifact.file, path)
        return ()
    if target == "midi":
        write_midi(source.score, path)
        return tuple(not_in_midi(source.score))
    if target == "json":
        path.write_text(json.dumps(as_json(source.score), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        return ()
    abc, kern = target == "abc", target == "kern"
    written = as_abc(source.score) if abc else as_musicxml(source.score, sounding=kern)
    if kern:
        path.write_text(as_kern(written.text), encoding="utf-8")
    elif target == "mxl":
        _compressed(written.text, path)
    else:
        path.write_text(written.text, encoding="utf-8")
    return written.lost


def _compressed(text: str, path: Path) -> None:
    """A compressed MusicXML file; the same text gives the same bytes."""
    container = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<container><rootfiles><rootfile full-path="score.musicxml" '
        'media-type="application/vnd.recordare.musicxml+xml"/></rootfiles></container>\n'
    )
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        for name, content in (("META-INF/container.xml", container), ("score.musicxml", text)):
            archive.writestr(ZipInfo(name), content, ZIP_DEFLATED)


def _kept(score: Score, target: str, path: Path, media_type: str) -> tuple[int | None, list[str]]:
    """How many notes the written file gives back at their pitch and place, and what to say of the rest."""
    kind: Kind = "midi" if target == "midi" else "score"
    written = Artifact(id="written", kind=kind, path=str(path), sha256="", media_type=media_type)
    before, after = ([n for t in s.tracks for n in t.notes] for s in (score, read_notation(written)))
    left, unheard = _unmatched(before, after, lambda a, b: abs(a.end - b.end) < 2 * _TICK)
    moved, _ = _unmatched(left, unheard, lambda a, b: True)
    said = [
        (len(left) - len(moved), f"notes come back from {target} with another length."),
        (len(moved), f"notes lie between the note values that {target} writes; they moved."),
        (len(after) - len(before), f"notes more than the score has come back from {target}."),
    ]
    return len(before) - len(left), [f"{count} {what}" for count, what in said if count > 0]


def _unmatched(
    before: list[Note], after: list[Note], alike: Callable[[Note, Note], bool]
) -> tuple[list[Note], list[Note]]:
    """The notes of each list that have no partner of their pitch and start, and alike, in the other."""
    there: dict[tuple[int, int], list[Note]] = defaultdict(list)
    for note in after:
        there[note.pitch, round(note.start / _TICK)].append(note)
    left, taken = [], set()
    for note in before:
        near = [n for step in (0, -1, 1) for n in there.get((note.pitch, round(note.start / _TICK) + step), ())]
        found = next((n for n in near if id(n) not in taken and alike(note, n)), None)
        if found is None:
            left.append(note)
        else:
            taken.add(id(found))
    return left, [n for n in after if id(n) not in taken]
