"""Transpose by semitones, an interval, scale steps or to a key; another mode maps the scale degree by degree."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import zip_longest

from pydantic import Field

from tools.contract import ToolContext, ToolResult, tool
from tools.edit import _desk as desk
from tools.errors import UserError
from tools.kit.analysis.key import rank_note_keys
from tools.kit.analysis.notes import notes_of
from tools.kit.arguments import EditArgs, region_of
from tools.kit.region import Region
from tools.kit.score import Note, Score, Track
from tools.kit.settle import folded, settled
from tools.kit.splice import changed_within, value_at
from tools.kit.theory.instruments import instrument_of_program
from tools.kit.theory.interval import Interval, moved_spelling, spelled_shift, spelling_in
from tools.kit.theory.pitch import MODES, Key

_DIATONIC = 7
_TRUSTED = 3  # a key signature counts when it is among so many best fits to the notes


class TransposeArgs(EditArgs):
    """Arguments of :func:`transpose`."""

    semitones: int | None = Field(None, ge=-48, le=48, description="Shift in semitones; down is negative.")
    interval: str | None = Field(None, description="Shift by an interval: 'm3', '-P5', 'down a minor third'.")
    degrees: int | None = Field(
        None, ge=-28, le=28, description="Shift by steps of the key's scale, so that the music stays in its key."
    )
    to_key: str | None = Field(None, description="Key to end in, by the nearest way: 'D minor', 'E dorian'.")
    mode: str | None = Field(None, description="Mode to end in on the same tonic: 'minor', 'major', 'dorian'.")
    from_key: str | None = Field(None, description="Key it is in now; told from the notes when not said.")


class Transposed(desk.Edited):
    """What a transposition changed."""

    semitones: int = Field(description="Shift of the tonic that was made, in semitones.")
    from_key: str | None = Field(description="Key the music was in; None when the shift did not need it.")
    interval: str | None = Field(None, description="Shift by an interval: 'm3', '-P5', 'down a minor third'.")
    degrees: int | None = Field(
        None, ge=-28, le=28, description="Shift by steps of the key's scale, so that the music stays in its key."
    )
    to_key: str | None = Field(description="Key it is in now; None when the shift did not need it.")
    octave_folded: int = Field(description="Notes brought back by octaves because MIDI has no such pitch.")


@dataclass(frozen=True)
class _Way:
    """How pitches move: every pitch by ``shift`` semitones after its step in the scale was put in the new mode."""

    shift: int
    old: Key | None = None
    new: Key | None = None
    degrees: int = 0
    fifths: int | None = None

    def moved(self, note: Note, following: Note | None) -> int:
        """The new pitch, not yet held to MIDI's range."""
        if self.degrees and self.old is not None:
            return _stepped(note.pitch, self.degrees, self.old)
        if self.old is None or self.new is None or self.old.mode == self.new.mode:
            return note.pitch + self.shift
        degree = (note.pitch - self.old.tonic) % 12
        rises = following is not None and following.pitch == note.pitch + 1
        stays = degree == 11 and rises and self.new.is_minor
        return note.pitch + self.shift + (0 if stays else _degrees(self.old.mode, self.new.mode)[degree] - degree)


@tool(
    version="1",
    takes=("midi", "score"),
    gives=("midi",),
    cost="instant",
    isolated=False,
    asks=(
        r"\btranspos(?:e|es|ed|ing)\b (?:the |my |this )?(?:[\w-]+ ){1,5}?(?:up|down|higher|lower|by|to|into)\b"
        r"(?: (?:an?|one|two|three|four|five|six|seven|\d+)\b)?(?: (?:semi-?tones?|tones?|steps?|octaves?|thirds?|"
        r"fourths?|fifths?|sixths?))?",
        r"\b(?:drop|raise|lower|lift|bump|move|take|bring|shift|pitch)\b[^,.;]{0,20}? (?=(?:by )?(?:an?|one|two|th"
        r"ree|four|five|six|seven|\d+) (?:(?:half|whole|major|minor|perfect) )?(?:semi-?tones?|half-?steps?|tones?"
        r"|steps?|octaves?|seconds?|thirds?|fourths?|fifths?|sixths?)\b)",
        r"\btoo (?:high|low) for\b[^,.;]{0,20}\b(?:singer|voice|me|him|her)\b",
        r"\btranspos(?:e|es|ed|ing|ition)\b",
        r"\b(?:move|shift|take|bring|raise|lower|put|drop)\b[^,.;]{0,20}\b(?:up|down|higher|lower)(?= (?:by )?(?:a"
        r"|an|one|two|three|four|five|\d+|half|whole|perfect|minor|major|semitone|octave)\b(?! ?(?:db|decibel|%|bp"
        "m|percent|bit|little|notch|touch|second)))",
        r"\b(?:change|modulate|put|move|turn|convert)\b[^,.;]{0,20}?\b(?:key\b[^,.;]{0,8}\b)?(?:to|in|into)\b(?= ("
        r"?:the )?(?:key|(?:[a-g](?:[#b]| ?flat| ?sharp)?[ -]?(?:major|minor|dorian|dur|moll)))\b)",
        r"\b(?:turn|make|change|put|convert)\b[^,.;]{0,15}\b(?:major|minor)\b(?! (?:third|second|sixth"
        r"|seventh|change|tweak|edit|adjustment|fix|correction|detail|point))",
        r"\b(?:an?|one|two|three|four|\d+) (?:(?:half|whole|major|minor|perfect) )?(?:semi-?tones?|tones?|steps?"
        r"|octaves?|thirds?|fourths?|fifths?|sixths?) (?:up|down|higher|lower)\b",
        r"\b(?:up|down) (?:a|an|one|two|three|four|five|six|seven|\d+) (?:(?:half|whole|major|minor|perfect) )?(?:"
        r"semi-?tones?|tones?|steps?|octaves?|seconds?|thirds?|fourths?|fifths?|sixths?)\b",
        r"\b(?:minor|major|dorian|phrygian|lydian|mixolydian) version\b",
        "移调",
        "转调",
        "变调",
        "(?:移|升|降|调)(?:高|低)?(?=[^,.;]{0,4}(?:度|半音|全音|八度))",
        "(?:改|变|换|移|调|转|升|降)(?:成|为|到|至)(?=[^,.;]{0,8}(?:大调|小调|调))",
    ),
)
def transpose(args: TransposeArgs, ctx: ToolContext) -> ToolResult:
    """Transpose a score, or some bars or tracks of it, by semitones, to a key or into another mode; drums stay."""
    source = desk.load(args.music, ctx)
    score = source.copy()
    region = region_of(score, args)
    if not any(notes for _, notes in region.notes(drums=False)):
        raise UserError("There is nothing to transpose there: drums have no pitch, and no other note starts there.")
    way = _way(args, region)
    folds = _move(region, way)
    if region.all_tracks() and not way.degrees:
        score.keys = changed_within(score.keys, region.start, region.end, lambda key: _key_after(key, way))
    facts = {
        "semitones": way.shift,
        "from_key": str(way.old) if way.old else None,
        "to_key": str(way.new) if way.new else None,
        "octave_folded": folds,
    }
    said = _notes(region, folds)
    return desk.result(
        source, score, "transposed", _summary(way, region), ctx, data=Transposed, facts=facts, notes=said
    )


def _way(args: TransposeArgs, region: Region) -> _Way:
    if args.interval is not None or args.degrees:
        return _by_interval_or_steps(args, region)
    if args.to_key is None and args.mode is None:
        if not args.semitones:
            raise UserError("Say how far to transpose: semitones, interval, degrees, to_key or mode.")
        return _Way(args.semitones)
    old = _key(args.from_key, "from_key") if args.from_key else key_of(region)
    new = _target(args, old)
    for key in (old, new):
        if old.mode != new.mode and len(MODES[key.mode]) != _DIATONIC:
            raise UserError(f"{key} has no seven degrees to map from {old.mode} to {new.mode}; ask for another mode.")
    nearest = (new.tonic - old.tonic + 5) % 12 - 5
    if args.semitones and (args.semitones - nearest) % 12 and args.to_key:
        raise UserError(
            f"From {old}, {args.semitones:+d} semitones do not lead to {new} ({nearest:+d} do); say one of the two."
        )
    return _Way(args.semitones or nearest, old, new)


def _by_interval_or_steps(args: TransposeArgs, region: Region) -> _Way:
    said = [n for n in ("semitones", "interval", "degrees", "to_key", "mode") if getattr(args, n)]
    if len(said) > 1:
        raise UserError(f"{' and '.join(said)} say how far in several ways; say one of them.")
    if args.interval is not None:
        try:
            interval = Interval.parse(args.interval)
        except ValueError as err:
            raise UserError(f"interval {err}.") from err
        return _Way(interval.semitones, fifths=interval.fifths)
    old = _key(args.from_key, "from_key") if args.from_key else key_of(region)
    tonic = 60 + old.tonic
    return _Way(_stepped(tonic, args.degrees or 0, old) - tonic, old, old, degrees=args.degrees or 0)


def _stepped(pitch: int, degrees: int, key: Key) -> int:
    """A pitch moved by steps of a key's scale; one between two steps keeps its distance from the lower one."""
    scale = MODES[key.mode]
    octave, step = divmod(pitch - key.tonic, 12)
    below = max(i for i, s in enumerate(scale) if s <= step)
    turns, degree = divmod(below + degrees, len(scale))
    return key.tonic + 12 * (octave + turns) + scale[degree] + step - scale[below]


def _target(args: TransposeArgs, old: Key) -> Key:
    shift = args.semitones or 0
    if args.to_key is None:
        return _key_with_mode((old.tonic + shift) % 12, args.mode or old.mode)
    text = args.to_key.strip()
    named = _key(text, "to_key")
    if args.mode:
        wanted = _key_with_mode(named.tonic, args.mode)
        if " " in text and wanted != named:
            raise UserError(f"to_key {named} and mode {args.mode} do not agree; say one of the two.")
        return wanted
    return named if " " in text else Key(named.tonic, old.mode)


def _key(text: str, argument: str) -> Key:
    try:
        return Key.parse(text)
    except ValueError as err:
        raise UserError(f"{argument} {text!r} is no key ({err}); write it as 'D minor' or 'Bb major'.") from err


def _key_with_mode(tonic: int, mode: str) -> Key:
    try:
        return Key(tonic, mode.strip().lower())
    except ValueError as err:
        raise UserError(f"mode {mode!r} is not known ({err}).") from err


def key_of(region: Region) -> Key:
    """The key of the region: the signature in force when the notes bear it out, else what the notes say."""
    tracks = [Track(t.name, t.program, t.is_drum, notes) for t, notes in region.notes(drums=False)]
    fits = [fit.key for fit in rank_note_keys(notes_of(Score(tracks, region.score.tempi)))]
    stated = value_at(region.score.keys, region.start) if region.score.keys else None
    return stated if stated in fits[:_TRUSTED] else fits[0]


def _move(region: Region, way: _Way) -> int:
    """Move the notes in place; how many had to be folded by octaves."""
    folds = 0
    for track, notes in region.notes(drums=False):
        pitches = [way.moved(note, following) for note, following in zip_longest(notes, notes[1:])]
        for note, pitch in zip(notes, pitches, strict=True):
            moved = pitch - note.pitch
            note.pitch = folded(pitch)
            folds += note.pitch != pitch
            if note.spelling:
                note.spelling = _spelled(note, moved, way, region)
        settled(track, set(map(id, notes)))
    return folds


def _spelled(note: Note, moved: int, way: _Way, region: Region) -> str:
    """The name of a moved note: by the interval, or by the shift that leaves the key simplest."""
    key = value_at(region.score.keys, note.start) if region.score.keys else way.old
    if moved != way.shift or way.degrees:
        return spelling_in(note.pitch, way.new or key)
    return moved_spelling(note.spelling, spelled_shift(way.shift, key) if way.fifths is None else way.fifths)


def _degrees(old: str, new: str) -> list[int]:
    """Where each of the twelve steps above the tonic goes: degrees to degrees, others stay when the new mode has them.

    A step foreign to both keeps its distance from the degree below it.
    """
    steps, targets = MODES[old], MODES[new]
    moved = dict(zip(steps, targets, strict=True))
    table = []
    for step in range(12):
        below = max(s for s in steps if s <= step)
        table.append(moved[step] if step in moved else step if step in targets else moved[below] + step - below)
    return table


def _key_after(key: Key, way: _Way) -> Key:
    mode = way.new.mode if way.new and way.old and key.mode == way.old.mode else key.mode
    return Key((key.tonic + way.shift) % 12, mode)


def _summary(way: _Way, region: Region) -> str:
    where = desk.place(region)
    if way.degrees:
        return f"Transposed {where + ' ' if where else ''}by {way.degrees:+d} steps of {way.old}."
    far = f"{way.shift:+d} semitone{'s' if abs(way.shift) != 1 else ''}"
    how = f"from {way.old} to {way.new} ({far})" if way.old else f"by {far}"
    return f"Transposed {where + ' ' if where else ''}{how}."


def _notes(region: Region, folds: int) -> list[str]:
    said = [f"{folds} notes beyond MIDI's range were brought back by octaves."] if folds else []
    for track, notes in region.notes(drums=False):
        played = instrument_of_program(track.program)
        beyond = sum(not played.low <= n.pitch <= played.high for n in notes)
        if beyond:
            said.append(f"{beyond} notes lie outside the {played.name}'s range; fix_ranges brings them back.")
    return said
