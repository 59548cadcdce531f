"""What the tools share that work on a given score: the score in, its melody, the result out with what it changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic import Field

from tools.contract import JSON, Output, ToolContext, ToolResult
from tools.errors import UserError
from tools.kit.analysis.key import CHURCH_MODES, PLAIN_MODES, rank_note_keys
from tools.kit.analysis.notes import notes_of, phrase_starts
from tools.kit.desk import Changed, Source, changed, load, with_notation
from tools.kit.region import Region, picked, track_name
from tools.kit.roles import of_role, ornaments_of
from tools.kit.score import Note, Score, Track, write_midi
from tools.kit.splice import value_at
from tools.kit.theory.pitch import Key

__all__ = [
    "Source",
    "Written",
    "add_track",
    "fresh_name",
    "key_of",
    "load",
    "melody_of",
    "ornaments",
    "top_line",
    "written",
]

_TRUSTED = 3  # a key signature counts when it is among so many best fits to the notes


class Written(Changed):
    """What a composing tool changed."""

    key: str = Field(description="Key it was written in.")


def key_of(score: Score, named: str | None = None, *, modal: bool = False, nameable: bool = True) -> Key:
    """The key as named, else the signature's when the notes bear it out, else what the notes say.

    Without any pitched note there is none: ``UserError`` asks for one where the tool takes it (``nameable``).
    """
    if named:
        try:
            return Key.parse(named)
        except ValueError as err:
            raise UserError(f"key {named!r} is no key ({err}); write it as 'D minor' or 'Bb major'.") from err
    fits = rank_note_keys(notes_of(score), CHURCH_MODES if modal else PLAIN_MODES, phrase_starts(score))
    if not fits:
        way = "name one as 'D minor'" if nameable else "attach one that has some; repeat_bars goes on with drums"
        raise UserError(f"The score has no pitched notes, so no key; {way}.")
    stated = value_at(score.keys, 0.0) if score.keys else None
    return stated if stated in [f.key for f in fits[:_TRUSTED]] else fits[0].key


def melody_of(score: Score, region: Region, tracks: Sequence[str] = ()) -> tuple[int, list[Note]]:
    """Index of the melody's track and its notes in the region, one at a time, in order.

    ``tracks`` names it; otherwise it is the track or the top line that :func:`tools.kit.roles.of_role` takes for it.
    """
    meant = picked(score, tracks) if tracks else of_role(score, "melody")
    lines = [
        (i, [n for n in score.tracks[i].notes if some is None or id(n) in some])
        for i, some in meant.items()
        if not score.tracks[i].is_drum
    ]
    lines = [(i, [n for n in notes if region.start - 1e-6 <= n.start < region.end - 1e-6]) for i, notes in lines]
    lines = [(i, notes) for i, notes in lines if notes]
    if not lines:
        raise UserError("There is no melody note in those bars; name other bars or the melody's track.")
    index, notes = max(lines, key=lambda line: sum(n.pitch for n in line[1]) / len(line[1]))
    return index, top_line(notes)


def top_line(notes: Sequence[Note]) -> list[Note]:
    """The highest note of each onset but for grace notes, in order; the ids are those of the notes given."""
    best: dict[float, Note] = {}
    graces = ornaments_of(notes)
    for note in [n for n in notes if id(n) not in graces] or notes:
        at = round(note.start, 4)
        if at not in best or note.pitch > best[at].pitch:
            best[at] = note
    return [best[at] for at in sorted(best)]


def ornaments(notes: Sequence[Note], line: Sequence[Note]) -> list[Note]:
    """The grace notes among a track's notes that go with a line: they are struck together with one of its notes."""
    graces = ornaments_of(notes)
    places = {round(n.start, 4) for n in line}
    return [n for n in notes if id(n) in graces and round(n.start, 4) in places]


def fresh_name(score: Score, name: str) -> str:
    """A track name that the score does not have yet."""
    taken = {track_name(t) for t in score.tracks}
    return next(n for n in (name, *(f"{name} {i}" for i in range(2, 100))) if n not in taken)


def add_track(score: Score, name: str, program: int, notes: list[Note], *, is_drum: bool = False) -> Track | None:
    """A new track at the end of a score, in place; None when there is nothing to play."""
    if not notes:
        return None
    ordered = sorted(notes, key=lambda n: (n.start, n.pitch))
    track = Track(fresh_name(score, name), program, is_drum, ordered)
    score.tracks.append(track)
    return track


def written(
    source: Source,
    score: Score,
    suffix: str,
    summary: str,
    ctx: ToolContext,
    data: type[Written],
    facts: Mapping[str, JSON],
    notes: Sequence[str] = (),
) -> ToolResult:
    """Write the score as ``<stem>-<suffix>.mid`` and say what changed in it; ``facts`` are the fields added."""
    path = ctx.work_dir / f"{source.artifact.file.stem}-{suffix}.mid"
    write_midi(score, path)
    measured = changed(source.score, score)
    made = Output(path, "midi", "audio/midi", {**measured, **facts}, (source.artifact.id,), source.artifact.licence)
    outputs, kept = with_notation(made, score, notation=source.artifact.kind == "score")
    said = (*source.notes, *filter(None, notes), *kept)
    return ToolResult(summary, data(**measured, **facts), outputs, backend="embedded", notes=said)
