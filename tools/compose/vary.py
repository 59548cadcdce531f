"""Variations: a theme turned, stretched, ornamented or moved, or varied freely, by how much is said."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from pydantic import Field

from tools.compose import _desk as desk
from tools.compose.weaver.bars import Chords
from tools.compose.weaver.transformations import CHANGES, Theme, Transformation, new_key
from tools.contract import Score as ScoreRef
from tools.contract import ToolContext, ToolResult, tool
from tools.errors import UserError
from tools.kit.arguments import RegionArgs, region_of
from tools.kit.region import Region, track_name
from tools.kit.score import Note, Score
from tools.kit.settle import settled
from tools.kit.theory.instruments import instrument_of_program
from tools.kit.theory.pitch import Key

_MELODIC = ("inversion", "ornament", "sequence", "rhythm", "free")
_UNSAID = {"ornament": 0.6, "rhythm": 0.6, "free": 0.5}  # the transformations of some notes, and how many
_ATTEMPTS = 6


class VaryArgs(RegionArgs):
    """Arguments of :func:`vary`."""

    music: ScoreRef = Field(description="The theme, or the piece that holds it.")
    transformation: Transformation = Field(
        "free",
        description="'inversion', 'retrograde', 'augmentation', 'diminution', 'ornament', 'sequence' (first bars "
        "on other steps), 'mode' (major to minor and back), 'rhythm' or 'free'.",
    )
    strength: float | None = Field(
        None, ge=0, le=1, description="Share of the notes that ornament, rhythm and free touch."
    )
    mode: Literal["major", "minor"] | None = Field(
        None, description="Mode to vary into; the notes' other one if not said."
    )
    style: str | None = Field(
        None, description="A way to vary in words, when no transformation is named: 'ornamented'."
    )


class Varied(desk.Written):
    """What was varied."""

    transformation: Transformation = Field(description="The transformation made.")
    strength: float = Field(description="Share of the notes that was to be varied, 0 to 1.")
    tracks: list[str] = Field(description="Tracks varied.")


@tool(
    version="1",
    takes=("midi", "score"),
    gives=("midi",),
    random=True,
    cost="seconds",
    asks=(
        r"\b(?:ornament|embellish|decorate)\b(?= (?:the|this|that|its|my|just|only|it)\b)",
        r"\b(?:play|put|turn|write|give me)\b[^,.;]{0,20}\b(?:in|into|by) (?:augmentation|diminution|inversion|retrogr"
        r"ade)\b",
        r"\b(?:(?:write|make|give|do|create|compose|want|need)\b[^,.;]{0,12} )?(?:a |an |some |\w+ )?variations?\b(?: "
        r"(?:on|of|for) (?:this|it|the|that)(?: (?:theme|tune|melody|piece))?)?",
        r"\bvary\b",
        r"\b(?:another|different|alternative|fresh) (?:take|version) (?:on|of)\b",
        r"\bre-?imagine\b",
        r"\b(?:invert|retrograde|augment|diminish|ornament|reverse)\b[^,.;]{0,12}"
        r"\b(?:theme|melody|motif|tune|it|this)\b",
        r"\b(?:play|turn|run|put)\b[^,.;]{0,20}\b(?:backwards?|upside down|in reverse)\b",
        r"\bremix\b",
        "变奏",
        "变化一下",
        "换个写法",
    ),
)
def vary(args: VaryArgs, ctx: ToolContext) -> ToolResult:
    """Make a variation of a piece, a theme or some bars: a named transformation or a free one.

    Melodic transformations vary the melody, over the chords that go on; the others vary every pitched track, where no
    track is named. In a part of a piece the length stays: an augmentation plays the first half of the bars twice as
    slowly, a diminution plays all of them twice.
    """
    source = desk.load(args.music, ctx)
    score = source.score.copied()
    kind = _kind(args)
    strength = _UNSAID.get(kind, 1.0) if args.strength is None or kind not in _UNSAID else args.strength
    region = region_of(score, args)
    key = desk.key_of(score, nameable=False)
    if kind == "mode" and args.mode and args.mode == ("minor" if key.is_minor else "major"):
        raise UserError(f"The music is in {key} already; name the other mode, or another transformation.")
    stretch = {"augmentation": 2.0, "diminution": 0.5}.get(kind)
    if stretch and region.whole and not args.tracks:
        _stretched(score, stretch)
        names = [track_name(t) for t in score.tracks if t.notes]
    else:
        score, names = _varied(source.score, args, kind, key, strength, ctx.seed)
    facts = {"key": str(new_key(key) if kind == "mode" else key), "transformation": kind, "strength": strength}
    if kind == "mode" and region.whole and region.all_tracks():
        score.keys = [(at, new_key(k)) for at, k in score.keys]
    summary = f"Varied {', '.join(names)} by {kind}, in {facts['key']}."
    same = score == source.score and "The notes there come out of it as they were; nothing was changed."
    said = (same or "", *_without_part(args, kind))
    return desk.written(source, score, kind, summary, ctx, Varied, {**facts, "tracks": names}, said)


def _without_part(args: VaryArgs, kind: Transformation) -> list[str]:
    """What was said that has no part in the transformation made."""
    said = []
    if args.strength is not None and kind not in _UNSAID:
        said.append(f"strength was left aside: '{kind}' takes every note; ornament, rhythm and free take a share.")
    if args.mode is not None and kind != "mode":
        said.append(f"mode was left aside: '{kind}' stays in its key; vary again with transformation 'mode'.")
    return said


def _varied(
    source: Score, args: VaryArgs, kind: Transformation, key: Key, strength: float, seed: int
) -> tuple[Score, list[str]]:
    """A variation in place and the names of its tracks; chance that touched nothing is asked again a few times."""
    score, names = source, list[str]()
    for attempt in range(_ATTEMPTS if strength else 1):
        score = source.copied()
        region = region_of(score, args)
        meant = _meant(score, region, args, kind)
        names = _vary_in_place(score, region, meant, kind, key, strength, f"{seed} {attempt}")
        if score != source:
            break
    return score, names


def _kind(args: VaryArgs) -> Transformation:
    if args.transformation == "free" and args.mode:
        return "mode"
    words: dict[str, Transformation] = {
        "inver": "inversion",
        "upside": "inversion",
        "retrograd": "retrograde",
        "backward": "retrograde",
        "revers": "retrograde",
        "augment": "augmentation",
        "dimin": "diminution",
        "ornament": "ornament",
        "embellish": "ornament",
        "sequen": "sequence",
        "minor": "mode",
        "major": "mode",
        "rhythm": "rhythm",
        "syncop": "rhythm",
    }
    if args.transformation == "free" and args.style:
        return next((kind for word, kind in words.items() if word in args.style.lower()), "free")
    return args.transformation


def _meant(score: Score, region: Region, args: VaryArgs, kind: Transformation) -> list[tuple[int, list[Note]]]:
    """Tracks by index with the notes to vary."""
    if kind in _MELODIC and not args.tracks:
        return [desk.melody_of(score, region)]
    found = [
        (i, [n for n in score.tracks[i].notes if region.holds(i, n)])
        for i in region.picked
        if not score.tracks[i].is_drum
    ]
    found = [(i, sorted(notes, key=lambda n: (n.start, n.pitch))) for i, notes in found if notes]
    if not found:
        raise UserError("There is no pitched note to vary there; name other bars or tracks.")
    return found


def _vary_in_place(
    score: Score,
    region: Region,
    meant: Sequence[tuple[int, list[Note]]],
    kind: Transformation,
    key: Key,
    strength: float,
    seed: str,
) -> list[str]:
    """Exchange the notes meant for their variation; names of the tracks."""
    gone = {id(n) for i, notes in meant for n in (*notes, *desk.ornaments(score.tracks[i].notes, notes))}
    rest = score.copied()
    for old, new in zip(score.tracks, rest.tracks, strict=True):
        new.notes = [n for n in old.notes if id(n) not in gone]
    accompanied = any(t.notes and not t.is_drum for t in rest.tracks)
    chords = Chords.of(rest if accompanied else score)
    first, last = region.bars
    starts = score.bar_starts()
    start = max(region.start, starts[first - 1])
    meter = [m for at, m in score.meters if at <= starts[last - 1] + 1e-6][-1]
    end = min(region.end, starts[last - 1] + meter.bar_quarters)
    for index, notes in meant:
        rng = random.Random(f"{seed} {index}")
        theme = Theme(notes, start, end, key, chords, accompanied, strength, rng, meter.bar_quarters)
        made = [n for n in CHANGES[kind](theme) if n.start < end - 1e-6]
        track = score.tracks[index]
        played = instrument_of_program(track.program)
        for note in made:
            note.pitch = max(0, min(127, note.pitch))
            note.duration = max(min(note.duration, max(end, theme.notes[-1].end) - note.start), 1 / 960)
        _into_range(made, played.low, played.high)
        kept = [n for n in track.notes if id(n) not in gone]
        track.notes = sorted([*kept, *made], key=lambda n: (n.start, n.pitch))
        settled(track, set(map(id, made)))
    return [track_name(score.tracks[i]) for i, _ in meant]


def _into_range(notes: Sequence[Note], low: int, high: int) -> None:
    """Move a line by whole octaves into the instrument's compass, when it has left it as a whole."""
    if not notes:
        return
    middle = sorted(n.pitch for n in notes)[len(notes) // 2]
    shift = 12 if middle < low else -12 if middle > high else 0
    for note in notes:
        if 0 <= note.pitch + shift <= 127:
            note.pitch += shift


def _stretched(score: Score, factor: float) -> None:
    """Every event of a piece so many times as late and long, in place; bars keep their meter."""
    for track in score.tracks:
        for note in track.notes:
            note.start, note.duration = note.start * factor, note.duration * factor
        track.controls = [replace(c, time=c.time * factor) for c in track.controls]
        track.bends = [replace(b, time=b.time * factor) for b in track.bends]
        track.raw = [replace(r, time=r.time * factor) for r in track.raw]
        track.lyrics = [(at * factor, text) for at, text in track.lyrics]
        track.dynamics = [(at * factor, text) for at, text in track.dynamics]
    score.raw = [replace(r, time=r.time * factor) for r in score.raw]
    score.tempi = [(at * factor, bpm) for at, bpm in score.tempi]
    score.keys = [(at * factor, key) for at, key in score.keys]
    score.markers = [(at * factor, text) for at, text in score.markers]
    score.meters = [(at * factor, meter) for at, meter in score.meters]
