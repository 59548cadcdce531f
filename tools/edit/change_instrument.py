"""Give a part, or some bars of it, to another instrument; what it cannot reach moves by octaves."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from pydantic import Field

from tools.contract import ToolContext, ToolResult, tool
from tools.edit import _desk as desk
from tools.errors import UserError
from tools.kit.arguments import EditArgs, region_of
from tools.kit.channels import bends_heard, controls_heard, crowded, leave_channel
from tools.kit.region import Region
from tools.kit.score import Bend, Control, Note, Score, Track
from tools.kit.score.marks import leave_out_unplayable
from tools.kit.settle import SHORTEST, folded, settled
from tools.kit.theory import instruments as theory
from tools.kit.voices import voices_of

_HANDS = (("woodwinds", 1), ("brass", 1), ("voice", 1), ("guitar", 6), ("keyboards", 10), ("harp", 8), ("strings", 2))
_SECTIONS = ("choir", "synth strings", "synth brass")
_MANY = 10
_PEDALLED = ("keyboards", "vibraphone", "harp", "synth")
_PEDALS = (64, 66, 67, 69)
Articulation = Literal["arco", "pizzicato", "tremolo", "muted", "open"]
_BOWED, _TREMOLO, _PLUCKED = 48, 44, 45  # General MIDI programs
_WAYS: dict[str, tuple[tuple[str, int | None], ...]] = {  # who plays so, and with which program; None is their own
    "pizzicato": (("strings", _PLUCKED),),
    "tremolo": (("strings", _TREMOLO),),
    "arco": (("strings", None),),
    "muted": (("trumpet", 59), ("electric guitar", 28)),
    "open": (("brass", None), ("electric guitar", None)),
}


class ChangeInstrumentArgs(EditArgs):
    """Arguments of :func:`change_instrument`."""

    instrument: str = Field(description="The new instrument: 'flute', 'electric piano', 'tenor saxophone'.")
    articulation: Articulation | None = Field(
        None,
        description="How it plays, where General MIDI has a sound for it: strings 'pizzicato', 'tremolo' or 'arco', "
        "trumpet and electric guitar 'muted' or 'open'.",
    )
    chords: Literal["keep", "reduce", "divide"] = Field(
        "keep",
        description="Chords with more notes than one player has: keep them, reduce them to the outer notes that can "
        "be played, or divide them among several players.",
    )
    fit_range: bool = Field(True, description="Move what the instrument cannot reach by octaves; false leaves pitches.")


class InstrumentChanged(desk.Edited):
    """What a change of instrument changed."""

    instrument: str = Field(description="The new instrument.")
    articulation: str | None = Field(description="How it plays, when that was asked.")
    program: int = Field(description="Its General MIDI program, 0 to 127.")
    replaced: list[str] = Field(description="The instruments it replaces.")
    octave_shift: int = Field(description="Octaves that whole parts moved to lie in its range, largest of them.")
    octave_folded: int = Field(description="Single notes moved by octaves beyond that.")
    notes_left_out: int = Field(description="Notes of chords that one player cannot play, left out.")
    players: int = Field(description="Players that the parts need now, in all.")


@dataclass
class _Fitted:
    index: int = -1  # of the track that holds the notes given
    shift: int = 0
    folded: int = 0


@tool(
    version="1",
    takes=("midi", "score"),
    gives=("midi",),
    cost="instant",
    isolated=False,
    asks=(
        r"\b(?:let|have) (?:an?|the|some) (?:[\w-]+ ){1,2}(?:play|take|have|carry)\b"
        r"(?: (?:it|this|that|the (?:tune|melody|line|part|solo)))?",
        r"\b(?:give|hand|assign|reassign|move)\b (?:the |that |this |my )?(?:[\w'’-]+ ){1,3}?(?:part |line |melody |"
        r"voice )?to (?=(?:an? |the )(?!grid|beat)\w+)",
        r"\b(?:replace|swap|substitute|exchange)\b(?! (?:the |its |my |this )?(?:sound ?track|audio"
        r"|music|sound)\b)(?:[^,.;]{0,30}?\b(?:by|with|for)\b)?",
        r"\b(?:change|switch|set|turn)\b[^,.;]{0,20}\b(?:instruments?|sound|patch|program|timbre)\b(?:[^,.;]{0,10}"
        r"\bto\b)?",
        r"\b(?:play|put|have|give|re-?voice)\b[^,.;]{0,15}\b(?:on|to|by) (?=(?:an? |the )?(?:flute|piano|guitar|vi"
        "olin|cello|harp|organ|trumpet|sax|clarinet|oboe|marimba|vibraphone|synth|electric|harpsichord|celesta|ba"
        "njo|accordion))",
        r"\b(?:change|switch|turn)\b[^,.;]{0,20}?\b(?:to|into)\b(?= (?:an? |the )?(?:flute|piano|guitar|violin|cel"
        r"lo|harp|organ|trumpet|sax\w*|clarinet|oboe|marimba|vibraphone|synth|harpsichord|celesta|banjo|accordion)"
        ")",
        r"\b(?:play|use|have|put|try|want|take|give (?:me|us))\b[^,.;]{2,40}? "
        r"(?:instead of|in place of|rather than)\b(?= (?:an? |the |my )?(?:[\w-]+ )?(?:flute|piano|guitar|violin|viola"
        r"|cello|harp|organ|trumpet|horn|trombone|tuba|sax\w*|clarinet|oboe|bassoon|piccolo|recorder|marimba|vibraphone"
        r"|xylophone|synth|harpsichord|celesta|banjo|mandolin|accordion|choir|voice|strings|bass|fiddle|ukulele|sitar"
        r"|bells|glockenspiel)s?\b)",
        "换(?:成|为|作)(?=[^,.;]{0,6}(?:琴|笛|号|管|吉他|萨克斯|鼓|提琴|竖琴|筝|二胡|琵琶))",
        "(?:换|改)(?:个|一个|一下|掉)?(?:乐器|音色)",
        "用[^,.;]{1,6}(?:来)?演奏",
    ),
)
def change_instrument(args: ChangeInstrumentArgs, ctx: ToolContext) -> ToolResult:
    """Give a score's tracks, or some bars or one hand of them, to another instrument, within its playable range."""
    new = _playing(_instrument(args.instrument), args.articulation)
    source = desk.load(args.music, ctx)
    score = source.copy()
    region = region_of(score, args)
    meant = [i for i in region.picked if _has_pitches(region, i)]
    if not meant:
        raise UserError("There is nothing to give away there: drums stay drums, and no other note starts there.")
    replaced = list(dict.fromkeys(theory.instrument_of_program(score.tracks[i].program).name for i in meant))
    where = desk.place(region)
    fits = [_give(score, region, index, new, fit=args.fit_range) for index in meant]
    given = [score.tracks[f.index] for f in fits]
    for track in given:
        leave_channel(score, track)
    left_out = sum(_reduce(t, new) for t in given) if args.chords == "reduce" else 0
    players = sum(_divide(score, t, new) for t in given) if args.chords == "divide" else len(given)
    unpedalled = sum(_lift_pedal(t, region, new) for t in given)
    sharing = crowded(score, given)
    unplayable = leave_out_unplayable((n for t in given for n in t.notes), new.name)
    facts = {
        "notes_left_out": left_out,
        "players": players,
        "instrument": new.name,
        "articulation": args.articulation,
        "program": new.programs[0],
        "replaced": replaced,
        "octave_shift": max((f.shift for f in fits), key=abs),
        "octave_folded": sum(f.folded for f in fits),
    }
    part = where[0].upper() + where[1:] if where else "Every pitched part"
    how = f", {args.articulation}" if args.articulation else ""
    return desk.result(
        source,
        score,
        new.name.replace(" ", "-"),
        f"{part} is now for {new.name}{how} (was {', '.join(replaced)}).",
        ctx,
        data=InstrumentChanged,
        facts=facts,
        notes=[
            f"MIDI has no channel left: {sharing} of these parts share one with another instrument." if sharing else "",
            *_notes(score, new, fits, left_out, unpedalled),
            f"{unplayable} marks that a {new.name} has no way to play were left out." if unplayable else "",
        ],
    )


def _has_pitches(region: Region, index: int) -> bool:
    track = region.score.tracks[index]
    return not track.is_drum and any(region.holds(index, n) for n in track.notes)


def _instrument(name: str) -> theory.Instrument:
    try:
        new = theory.instrument(name)
    except ValueError as err:
        raise UserError(f"{err}; name one instrument, as 'flute' (arrange writes for ensembles).") from err
    if new.is_drum:
        raise UserError(f"{new.name} plays no pitches, so it cannot take over a part; name a pitched instrument.")
    return new


def _playing(new: theory.Instrument, articulation: Articulation | None) -> theory.Instrument:
    """The instrument with the program of a way of playing; ``UserError`` when General MIDI has no sound for it."""
    if articulation is None:
        return new
    players = _WAYS[articulation]
    program = next((p or _own(new) for who, p in players if theory.is_a(new.name, who)), None)
    if program is None:
        who = " and ".join(who for who, _ in players)
        raise UserError(f"General MIDI has no {articulation} {new.name}; {articulation} is for {who}.")
    return replace(new, programs=(program, *new.programs))


def _own(new: theory.Instrument) -> int:
    """The program of an instrument played plainly."""
    return _BOWED if new.programs[0] in (_PLUCKED, _TREMOLO) else new.programs[0]


def _give(score: Score, region: Region, index: int, new: theory.Instrument, *, fit: bool) -> _Fitted:
    """Give what is meant of one track to the instrument: the track itself when it is all of it, else a new one."""
    track = score.tracks[index]
    given = [n for n in track.notes if region.holds(index, n)]
    fitted = _fit(given, new) if fit else _Fitted()
    if len(given) == len(track.notes):
        track.name = _new_name(track, new)
        track.program = new.programs[0]
    else:
        ids = set(map(id, given))
        track.notes = [n for n in track.notes if id(n) not in ids]
        track = Track(
            _free_name(score, new),
            new.programs[0],
            notes=given,
            controls=_state(controls_heard(score, track), region),
            bends=_bends(bends_heard(score, track), region),
        )
        score.tracks.append(track)
    settled(track, set(map(id, given)))
    fitted.index = next(i for i, t in enumerate(score.tracks) if t is track)
    return fitted


def _at_once(new: theory.Instrument) -> int:
    """How many notes one player sounds together."""
    section = new.name in _SECTIONS or any(new.name == family for family, _ in _HANDS)
    return _MANY if section else next((count for family, count in _HANDS if theory.is_a(new.name, family)), _MANY)


def _reduce(track: Track, new: theory.Instrument) -> int:
    """Leave out of each chord what one player cannot sound: the highest note stays, then the lowest; how many."""
    most = _at_once(new)
    chords: dict[float, list[Note]] = defaultdict(list)
    for note in track.notes:
        chords[round(note.start, 4)].append(note)
    dropped: set[int] = set()
    for chord in chords.values():
        chord.sort(key=lambda n: -n.pitch)
        kept = [chord[0], *chord[len(chord) - most + 1 :]] if len(chord) > most else chord
        dropped |= set(map(id, chord)) - set(map(id, kept))
    track.notes = [n for n in track.notes if id(n) not in dropped]
    if most == 1:
        _one_at_a_time(track)
    return len(dropped)


def _one_at_a_time(track: Track) -> None:
    """Let each note end where the next begins."""
    track.notes.sort(key=lambda n: n.start)
    for note, following in pairwise(track.notes):
        note.duration = max(SHORTEST, min(note.duration, following.start - note.start))


def _divide(score: Score, track: Track, new: theory.Instrument) -> int:
    """Give the voices of a track to as many players as they need; how many."""
    most = _at_once(new)
    if most > 1 or not _together(track.notes):
        return 1
    voices = voices_of(track.notes)
    at = next(i for i, t in enumerate(score.tracks) if t is track)
    for number, voice in enumerate(voices[1:], start=2):
        player = replace(track, name=f"{track.name} {number}", notes=voice, channel=None, origin=None)
        player.lyrics, player.raw = [], []
        score.tracks.insert(at + number - 1, player)
    track.notes = voices[0]
    return len(voices)


def _lift_pedal(track: Track, region: Region, new: theory.Instrument) -> int:
    """Take away the pedals in the range when the instrument has none; how many changes of them.

    One that is down where the range begins is lifted there.
    """
    if any(theory.is_a(new.name, family) for family in _PEDALLED):
        return 0
    inside = [c for c in track.controls if c.number in _PEDALS and region.start <= c.time < region.end]
    ids = set(map(id, inside))
    before = {c.number: c.value for c in track.controls if c.number in _PEDALS and c.time < region.start}
    track.controls = [c for c in track.controls if id(c) not in ids]
    track.controls += [Control(region.start, number, 0) for number, value in before.items() if value >= 64]
    track.controls.sort(key=lambda c: c.time)
    return len(inside)


def _names(track: Track) -> list[str]:
    old = theory.instrument_of_program(track.program)
    return [old.name, *old.english, *old.chinese]


def _new_name(track: Track, new: theory.Instrument) -> str:
    """A track named after its instrument takes the new one's name; a part's own name (Soprano) stays."""
    named_for_it = not track.name.strip() or theory.plain(track.name) in {theory.plain(n) for n in _names(track)}
    return new.name.title() if named_for_it else track.name


def _free_name(score: Score, new: theory.Instrument) -> str:
    taken = {t.name for t in score.tracks}
    numbers = [new.name.title(), *(f"{new.name.title()} {n}" for n in range(2, len(taken) + 3))]
    return next(name for name in numbers if name not in taken)


def _fit(notes: list[Note], new: theory.Instrument) -> _Fitted:
    """Move the part by the octaves that bring most of it into range, then single notes that still lie outside."""

    def outside(octaves: int) -> int:
        return sum(not new.low <= n.pitch + 12 * octaves <= new.high for n in notes)

    shift = min(range(-4, 5), key=lambda o: (outside(o), abs(o), -o))
    fitted = _Fitted(shift=shift)
    for note in notes:
        moved = note.pitch + 12 * shift
        note.pitch = folded(moved, new.low, new.high)
        fitted.folded += note.pitch != moved
    return fitted


def _state(controls: list[Control], region: Region) -> list[Control]:
    """The controllers in force at the start of a region and their changes inside it."""
    opening = {c.number: c for c in sorted(controls, key=lambda c: c.time) if c.time <= region.start}
    inside = [c for c in controls if region.start < c.time < region.end]
    return [*(Control(region.start, c.number, c.value) for c in opening.values()), *inside]


def _bends(bends: list[Bend], region: Region) -> list[Bend]:
    before = [b for b in sorted(bends, key=lambda b: b.time) if b.time <= region.start]
    inside = [b for b in bends if region.start < b.time < region.end]
    return [*(Bend(region.start, b.value) for b in before[-1:]), *inside]


def _notes(score: Score, new: theory.Instrument, fits: list[_Fitted], left_out: int, unpedalled: int) -> list[str]:
    folds = sum(f.folded for f in fits)
    said = [f"{folds} notes out of the {new.name}'s range moved by octaves."] if folds else []
    shifts = sorted({f.shift for f in fits if f.shift})
    if shifts:
        said.append(f"Parts moved by {', '.join(f'{s:+d}' for s in shifts)} octaves to lie in the {new.name}'s range.")
    chords = sum(_together(t.notes) for t in score.tracks if t.program == new.programs[0] and not t.is_drum)
    if left_out:
        said.append(f"{left_out} notes of chords that one {new.name} cannot play were left out.")
    if unpedalled:
        said.append(f"{unpedalled} pedal changes were taken away: the {new.name} has no pedal.")
    if _at_once(new) == 1 and chords:
        said.append(f"{chords} chords are more than one {new.name} can play; chords='divide' brings more players.")
    return said


def _together(notes: list[Note]) -> int:
    """Starts that several notes share."""
    return sum(count > 1 for count in Counter(round(n.start, 4) for n in notes).values())
