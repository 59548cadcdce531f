"""Split tracks by hand, voice, pitch, drum or channel; or give every track a file of its own."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal

from pydantic import Field

from tools.contract import Output, ToolContext, ToolData, ToolResult, tool
from tools.edit import _desk as desk
from tools.errors import UserError
from tools.kit.arguments import EditArgs, region_of
from tools.kit.channels import bends_heard, controls_heard
from tools.kit.region import Region, track_name
from tools.kit.roles import left_hand
from tools.kit.score import Note, Score, Track, write_midi
from tools.kit.theory.instruments import instrument_of_program, instruments, is_a
from tools.kit.voices import voices_of

By = Literal["hand", "voice", "pitch", "drum", "channel", "track"]


class SplitTracksArgs(EditArgs):
    """Arguments of :func:`split_tracks`."""

    by: By | None = Field(
        None,
        description="By hand (keyboards), voice, pitch (at split_pitch), drum, MIDI channel, or only track by track; "
        "hand for a lone keyboard part or named hands, else track, when not said.",
    )
    split_pitch: int = Field(60, ge=1, le=127, description="Lowest MIDI pitch of the upper part, when split by pitch.")
    separate_files: bool = Field(False, description="Write every track as a file of its own beside the whole.")


class SplitUp(ToolData):
    """What the score was split into."""

    by: str = Field(description="How it was split.")
    tracks: list[str] = Field(description="Tracks of the result.")
    notes: list[int] = Field(description="Notes of each; together those of the score.")


@tool(
    version="1",
    takes=("midi", "score"),
    gives=("midi",),
    cost="instant",
    isolated=False,
    asks=(
        r"\b(?:give me|put|get|i (?:want|need))\b[^,.;]{0,12}\b(?:every|each)\b[^,.;]{0,20}\bon (?:a|its own) (?:separ"
        r"ate |own )?track\b(?: of its own)?",
        r"\bgive (?:every|each) (?:drum|instrument|voice|part|hand|staff)\b[^,.;]{0,12}\b(?:a|its own) (?:separate "
        r"|own )?tracks?\b(?: of its own)?",
        r"\b(?:one|a|an own|separate|own) (?:midi |score )?files? (?:per|for each|for every) "
        r"(?:instrument|track|part|voice)\b",
        r"\b(?:separate |single |own )?parts?,? (?:one )?(?:for|per) (?:each|every)(?: single)? (?:instrument|player"
        r"|musician|voice)\b",
        r"\b(?:split|separate|divide|explode|break (?:\w+ ){0,3}(?:up|apart|out|down|into))\b[^,.;]{0,45}\b"
        r"(?:tracks?|voices?|hands?|parts?|staves|channels?)\b",
        r"\b(?:left|right) hand\b[^,.;]{0,20}\b(?:own|separate) tracks?\b",
        "(?:拆分|分开|拆成|分离|分成)[^,.;]{0,8}(?:左右手|声部|轨道|音轨|左手|右手)",
        "(?:左右手|声部|音轨)[^,.;]{0,4}(?:拆|分)(?:开|成)?",
        "(?:每|各)(?:一?个|条)?(?:音轨|声部|轨道?|乐器)[^,.;]{0,4}(?:单独|分别|各自|独立)(?:存|导出|保存|成)*(?:为|成)?",
    ),
)
def split_tracks(args: SplitTracksArgs, ctx: ToolContext) -> ToolResult:
    """Split a score's tracks by hand, voice, pitch or drum, or write each track as a file; no note is changed."""
    source = desk.load(args.music, ctx)
    score = source.copy()
    hands = any("hand" in name.lower() for name in args.tracks)
    by = args.by or ("hand" if hands or _lone_keyboard(score) else "track")
    region = region_of(score, args if not hands else args.model_copy(update={"tracks": []}))
    tracks = [t for index, track in enumerate(score.tracks) for t in _split(region, index, track, by, args.split_pitch)]
    if by != "track" and [(t.name, len(t.notes)) for t in tracks] == [(t.name, len(t.notes)) for t in score.tracks]:
        raise UserError(f"Splitting by {by} changes nothing: {_why_not(by)}")
    score.tracks = tracks
    outputs = _written(source, score, ctx, each=args.separate_files or by == "track")
    (_, *pages), kept = desk.with_notation(outputs[0], score, notation=source.artifact.kind == "score")
    names = [track_name(t) for t in tracks]
    files = f", {len(outputs) - 1} of them as files of their own" if len(outputs) > 1 else ""
    return ToolResult(
        f"Split by {by} into {len(tracks)} tracks: {', '.join(names[:12])}{files}.",
        SplitUp(by=by, tracks=names, notes=[len(t.notes) for t in tracks]),
        (*outputs, *pages),
        notes=(*source.notes, *kept),
    )


def _lone_keyboard(score: Score) -> bool:
    return sum(_is_keyboard(t) for t in score.tracks) == 1


def _is_keyboard(track: Track) -> bool:
    return bool(track.notes) and not track.is_drum and is_a(instrument_of_program(track.program).name, "keyboards")


def _split(region: Region, index: int, track: Track, by: By, split_pitch: int) -> list[Track]:
    """What becomes of one track: its parts of the region, and first of all itself with what is not of it."""
    held = [n for n in track.notes if region.holds(index, n)]
    if not held:
        return [track]
    parts = {name: notes for name, notes in _parts(replace(track, notes=held), by, split_pitch).items() if notes}
    if list(parts) == [""]:
        return [track]
    ids = set(map(id, held))
    rest = [n for n in track.notes if id(n) not in ids]
    apart = replace(track, origin=None, channel=None)
    if rest:
        made = [replace(track, notes=rest), *_as_tracks(apart, parts)] if len(parts) > 1 else [track]
    else:
        made = _as_tracks(apart if _shares_channel(region.score, track) else track, parts)
    for part in (p for p in made if p.channel is None):
        part.controls, part.bends = controls_heard(region.score, track), bends_heard(region.score, track)
    return made


def _shares_channel(score: Score, track: Track) -> bool:
    """Whether other notes than a track's sound on its channel, so that its parts must leave it."""
    return not track.is_drum and any(t is not track and t.channel == track.channel and t.notes for t in score.tracks)


def _parts(track: Track, by: By, split_pitch: int) -> dict[str, list[Note]]:
    """Names and notes of what a track is split into; a track that this way of splitting does not fit stays whole."""
    if by == "drum" and track.is_drum:
        return _drums(track)
    if by == "channel" and track.channel is not None:
        return {f"channel {track.channel + 1}": track.notes}
    if track.is_drum or by in ("track", "drum", "channel") or (by == "hand" and not _is_keyboard(track)):
        return {"": track.notes}
    if by == "hand":
        left = left_hand(track.notes)
        return {
            "right hand": [n for n in track.notes if id(n) not in left],
            "left hand": [n for n in track.notes if id(n) in left],
        }
    if by == "pitch":
        return {
            "upper": [n for n in track.notes if n.pitch >= split_pitch],
            "lower": [n for n in track.notes if n.pitch < split_pitch],
        }
    voices = voices_of(track.notes)
    return {f"voice {n}": v for n, v in enumerate(voices, start=1)} if len(voices) > 1 else {"": track.notes}


def _drums(track: Track) -> dict[str, list[Note]]:
    """One part for each drum that General MIDI names, the rest under its key number."""
    named = {pitch: name for name, i in reversed(list(instruments().items())) if i.is_drum for pitch in i.notes}
    parts: dict[str, list[Note]] = {}
    for note in track.notes:
        parts.setdefault(named.get(note.pitch, f"key {note.pitch}"), []).append(note)
    return parts


def _as_tracks(track: Track, parts: dict[str, list[Note]]) -> list[Track]:
    """A track for each part, with the controllers and bends of the one they come from; words stay with the first."""
    base = track.name.strip()
    made: list[Track] = []
    for name, notes in parts.items():
        part = replace(track, name=" ".join(x for x in (base, name) if x), notes=[]).copied()
        part.notes = notes
        if made:
            part.channel, part.lyrics, part.raw = None, [], []
        part.origin = None
        made.append(part)
    return made


def _why_not(by: By) -> str:
    return {
        "hand": "it has no keyboard part that both hands play.",
        "voice": "every track is one voice already.",
        "pitch": "no track has notes on both sides of split_pitch.",
        "drum": "it has no drum track with several drums.",
        "channel": "it states no MIDI channels.",
    }.get(by, "")


def _written(source: desk.Source, score: Score, ctx: ToolContext, *, each: bool) -> list[Output]:
    stem, parent, licence = source.artifact.file.stem, source.artifact.id, source.artifact.licence
    scores = [(score, f"{stem}-split")]
    if each:
        scores += [(replace(score, tracks=[t]), f"{stem}-{_safe(track_name(t))}") for t in score.tracks]
    outputs: list[Output] = []
    for number, (part, name) in enumerate(scores):
        taken = [o.path.stem for o in outputs]
        path = ctx.work_dir / f"{name if name not in taken else f'{name} {number}'}.mid"
        write_midi(part, path)
        names = [track_name(t) for t in part.tracks]
        facts: dict[str, Any] = {"notes": sum(len(t.notes) for t in part.tracks), "tracks": names}
        outputs.append(Output(path, "midi", "audio/midi", facts, (parent,), licence))
    return outputs


def _safe(name: str) -> str:
    """A track's name as a part of a file's name."""
    return "".join(c if c.isalnum() or c in " -_" else "_" for c in name).strip()[:60] or "track"
