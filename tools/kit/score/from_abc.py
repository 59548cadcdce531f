"""ABC notation as the one score model: music21 reads it, and what its reader leaves out is put back.

That reader takes inline fields for chords, the lines of voices that take turns for parts that follow one another, and
has no ties of chords, no words, no voice names and no players. Voices are gathered and fields put on lines of their
own before it reads; ties and words are then set note by note from its own tokens.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from tools.kit.score.from_music21 import score_of
from tools.kit.score.model import DRUM_CHANNEL, Score

_FIELD = re.compile(r"\[([KLMPQV]):([^\]\n]*)\]")
_LONE = re.compile(r"^[KLMQ]:")  # a single field at a bar line gets lost in music21, two of them do not
_VOICE = re.compile(r"^V:\s*(\S+)(.*)$")
_NAME = re.compile(r'\b(?:name|nm)\s*=\s*(?:"([^"]*)"|(\S+))')
_MIDI = re.compile(r"^%%MIDI\s+(program|channel)\s+(?:\d+\s+)?(\d+)\s*$")
_SYLLABLE = re.compile(r"(?:\\-|[^\s\-_*|])+-?|[-_*|]")
_MEMBER = re.compile(r"[\^_=]*[A-Ga-g][,']*[\d/]*-?")
_GROUP = re.compile(r"\(([^()]*)\)")


@dataclass
class _Voice:
    """One voice of a tune: its lines and who plays it."""

    lines: list[str] = field(default_factory=list)
    name: str = ""
    program: int | None = None
    is_drum: bool = False


@dataclass
class _Tune:
    """A tune with the lines of each voice together."""

    head: list[str]
    voices: list[_Voice]
    groups: list[list[int]]  # voices on one staff, by their index

    @classmethod
    def of(cls, text: str) -> _Tune:
        """The tune in a text, its inline fields on lines of their own."""
        head: list[str] = []
        voices: dict[str, _Voice] = {"": _Voice()}
        here, in_head, groups = "", True, []
        for line in _FIELD.sub(r"\n\1:\2\n", text).splitlines():
            voice, player = _VOICE.match(line), _MIDI.match(line)
            if voice:
                here = voice[1]
                named = _NAME.search(voice[2])
                own = voices.setdefault(here, _Voice())
                own.name = (named[1] or named[2] or "") if named else own.name
            elif line.startswith(("%%score", "%%staves")):
                groups = [g.split() for g in _GROUP.findall(line)]
            elif player:
                _take_player(voices[here], player[1], int(player[2]))
            elif in_head:
                head.append(line)
            else:
                voices[here].lines.append(line)
            here = "" if line.startswith("K:") and in_head else here
            in_head = in_head and not line.startswith("K:")
        played = {name: v for name, v in voices.items() if any(_is_music(line) for line in v.lines)}
        numbers = {name: number for number, name in enumerate(played)}
        return cls(head, list(played.values()), [[numbers[n] for n in g if n in numbers] for g in groups])

    def text(self) -> str:
        """The tune for music21: voice after voice, numbered, without words."""
        lines = list(self.head)
        for number, voice in enumerate(self.voices, start=1):
            lines += [f"V:{number}"] if len(self.voices) > 1 else []
            for line in (sung for sung in voice.lines if not sung.startswith("w:")):
                lines += [line, line] if _LONE.match(line) else [line]
        return "\n".join([*lines, ""])


def _is_music(line: str) -> bool:
    return bool(line.strip()) and line[0] != "%" and line[1:2] != ":"


def _take_player(voice: _Voice, what: str, number: int) -> None:
    if what == "program":
        voice.program = min(127, number)
    else:
        voice.is_drum = number == DRUM_CHANNEL + 1


def read_abc(text: str) -> Score:
    """The score of one tune of ABC notation (music21's errors pass through)."""
    from music21 import abcFormat

    tune = _Tune.of(text)
    handler = abcFormat.ABCFile().readstr(tune.text())
    stream = abcFormat.translate.abcToStreamScore(handler)
    parts = list(stream.parts)
    tokens = handler.splitByVoice()
    faults: list[str] = []
    if len(tune.voices) == len(parts):
        for part, voice, own in zip(parts, tune.voices, tokens[-len(parts) :], strict=True):
            faults += _completed(part, voice, own.tokens)
            _named(part, voice)
    if any(line.replace(" ", "").lower() == "k:none" for line in tune.head):
        _unkeyed(stream)
    score = score_of(stream)
    if len(score.tracks) == len(tune.voices):
        _joined(score, tune)
    score.faults += tuple(dict.fromkeys(faults))
    return score


def _completed(part: Any, voice: _Voice, tokens: list[Any]) -> list[str]:
    """Give the notes of a part their words, and its chords their ties; what could not be given is told."""
    from music21 import abcFormat

    elements = [e for e in part.recurse().notesAndRests if "Harmony" not in e.classes]
    sounds = [t for t in tokens if isinstance(t, abcFormat.ABCNote) and getattr(t, "subTokens", True)]
    has_words = any(line.startswith("w:") for line in voice.lines)
    if len(elements) != len(sounds):
        tied = any(isinstance(t, abcFormat.ABCChord) and t.tie for t in sounds)
        return ["lines whose words and ties of chords could not be placed"] if has_words or tied else []
    _tie(elements, sounds)
    return _sing(elements, voice.lines) if has_words else []


def _tie(elements: list[Any], sounds: list[Any]) -> None:
    """Tie the members of chords to the notes that follow them."""
    from music21 import tie

    held: set[int] = set()
    for element, token in zip(elements, sounds, strict=True):
        if element.duration.isGrace:
            continue
        members = list(getattr(element, "notes", ())) if element.isChord else [] if element.isRest else [element]
        going = _going(token, len(members))
        now: set[int] = set()
        for member, goes in zip(members, going, strict=True):
            comes = member.pitch.midi in held
            now |= {member.pitch.midi} if goes else set()
            if element.isChord or comes:
                kind = "continue" if comes and goes else "stop" if comes else "start" if goes else ""
                member.tie = tie.Tie(kind) if kind else None
        held = now


def _going(token: Any, count: int) -> list[bool]:
    """For each member of a note or chord whether it is tied to what follows."""
    if token.tie in ("start", "continue"):
        return [True] * count
    inside = _MEMBER.findall(token.src.partition("[")[2].partition("]")[0])
    return [mark.endswith("-") for mark in inside] if len(inside) == count else [False] * count


def _sing(elements: list[Any], lines: list[str]) -> list[str]:
    """Set the words under each line of music; what of them has no note is told."""
    from music21 import abcFormat

    at, verse, left = 0, 0, 0
    line_notes: list[Any] = []
    for line in lines:
        if line.startswith("w:"):
            verse += 1
            left += _set(line[2:], line_notes, verse)
        elif _is_music(line):
            handler = abcFormat.ABCHandler()
            handler.tokenize(line)
            count = sum(isinstance(t, abcFormat.ABCNote) for t in handler.tokens)
            line_notes = [e for e in elements[at : at + count] if not (e.isRest or e.duration.isGrace)]
            at, verse = at + count, 0
    return [f"{left} syllables that no note was left for"] if left else []


def _set(words: str, notes: list[Any], verse: int) -> int:
    """Set one ``w:`` line under the notes of its line; how many syllables were left over."""
    signs = [s for s in _SYLLABLE.findall(words) if s != "|"]
    places = [s for s in signs if s != "-"]
    for place, note in zip(places, notes, strict=False):
        if place not in ("*", "_"):
            text = place.replace("\\-", "\0").replace("~", " ")
            note.addLyric(text.replace("\0", "-"), lyricNumber=verse, applyRaw=True)
            note.lyrics[-1].syllabic = "begin" if text.endswith("-") else "single"
            note.lyrics[-1].text = text.rstrip("-").replace("\0", "-")
    return sum(p not in ("*", "_") for p in places[len(notes) :])


def _named(part: Any, voice: _Voice) -> None:
    """Give a part its name and player."""
    from music21 import instrument

    part.partName = voice.name or None
    if voice.program is not None or voice.is_drum:
        player = instrument.Instrument()
        player.midiProgram = voice.program or 0
        player.midiChannel = DRUM_CHANNEL if voice.is_drum else None
        part.insert(0, player)


def _unkeyed(stream: Any) -> None:
    """Take away the signature that music21 gives a tune without one."""
    for sign in list(stream.recurse().getElementsByClass("KeySignature")):
        if sign.getOffsetInHierarchy(stream) == 0:
            sign.activeSite.remove(sign)


def _joined(score: Score, tune: _Tune) -> None:
    """Make the voices of one name on one staff one track again."""
    gone: set[int] = set()
    for group in tune.groups:
        tracks = [score.tracks[n] for n in group]
        if len(tracks) < 2 or len({t.name for t in tracks}) > 1 or not tracks[0].name:
            continue
        for number, track in enumerate(tracks, start=1):
            for note in track.notes:
                note.voice = number
        tracks[0].notes = sorted((n for t in tracks for n in t.notes), key=lambda n: (n.start, n.pitch))
        gone |= set(group[1:])
    score.tracks = [t for n, t in enumerate(score.tracks) if n not in gone]
