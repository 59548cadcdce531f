"""Add a part that follows what is there: bass, drums, pads, strings, a second voice, a counter-melody, a descant."""

from __future__ import annotations

import random
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from pydantic import Field

from tools.compose import _desk as desk
from tools.compose.engine.bass import bass_line
from tools.compose.engine.drums import groove_bar
from tools.compose.engine.grid import Bar
from tools.compose.engine.harmony import Span
from tools.compose.engine.style import Style, find_style
from tools.compose.engine.textures import TEXTURES, accompany
from tools.compose.engine.voicing import lead_bass, lead_voices
from tools.compose.harmonizer.slots import meter_at
from tools.compose.weaver.bars import Chords
from tools.compose.weaver.line import Part as Line
from tools.compose.weaver.line import against_the_melody, line_against, with_the_melody
from tools.contract import Score as ScoreRef
from tools.contract import ToolContext, ToolResult, tool
from tools.errors import UserError
from tools.kit.analysis.notes import beat_edges
from tools.kit.arguments import BarArgs
from tools.kit.region import Region, select
from tools.kit.score import Note, Score
from tools.kit.theory.instruments import Instrument, instrument, instrument_of_program, is_a
from tools.kit.theory.pitch import Key

Role = Literal[
    "bass", "walking bass", "drums", "pads", "strings", "chords", "second voice", "counter-melody", "descant"
]
_PLAYERS: dict[Role, str] = {
    "bass": "bass",
    "walking bass": "double bass",
    "drums": "drums",
    "pads": "synth pad",
    "strings": "strings",
    "chords": "piano",
    "second voice": "",
    "counter-melody": "cello",
    "descant": "flute",
}
_BASSES = ("bass", "tuba", "bassoon", "double bass")
_CHORDAL = ("keyboards", "guitar", "harp", "organ", "synth pad", "accordion")
_DEFAULT_STYLE = "pop"


class AddPartArgs(BarArgs):
    """Arguments of :func:`add_part`."""

    music: ScoreRef = Field(description="The score to add to.")
    part: Role | None = Field(
        None,
        description="What it does: 'bass', 'walking bass', 'drums', 'pads', 'strings', 'chords', 'second voice', "
        "'counter-melody' or 'descant'; told from the instrument when not said.",
    )
    instrument: str | None = Field(None, description="Who plays it, as 'double bass' or 'violin'.")
    style: str | None = Field(
        None, description="Genre whose patterns it plays, as 'jazz' for a walking bass; pop if not said."
    )


class PartAdded(desk.Written):
    """The part that was added."""

    part: Role = Field(description="What it does.")
    instrument: str = Field(description="Who plays it.")
    track: str = Field(description="Name of the new track.")
    style: str = Field(description="Genre whose patterns it plays.")


@dataclass(frozen=True)
class _Ground:
    """What a part is written over."""

    score: Score
    region: Region
    key: Key
    chords: Chords
    bars: list[Bar]
    spans: list[Span]
    style: Style
    rng: random.Random


@tool(
    version="1",
    takes=("midi", "score"),
    gives=("midi",),
    random=True,
    cost="seconds",
    asks=(
        r"\b(?:add|put|write|compose|give|lay|stick|throw|play(?! (?:everything|all|only|just))|include"
        r"|need|want)\b(?: in)?(?: (?:me|it|this|a"
        r"|an|some|another|the|second|more))*(?= (?:[\w#-]+ ){0,3}?(?:bass(?:es)?|bass ?line|drums?|drum (?:pa"
        r"rt|beat|track)|beat(?! ?(?:grid|map))|percussion|strings?|pads?|counter-?melody|counter-?point|desca"
        r"nt|obbligato|second voice|accompaniment|voice|part|line|guitars?|piano|violins?|violas?|cellos?|flut"
        r"es?|horns?|brass|trumpets?|sax(?:ophone)?s?|clarinets?|oboes?|organ|harp|choir|synth|keys|marimba|be"
        r"lls|glockenspiel|shaker|tambourine|riff|fills?|harmony vocal)\b)(?! (?:solo|piece|song|tune|sonata|c"
        r"oncerto|music)\b)",
        r"\b(?:counter-?melody|descant|accompaniment|second voice|bass ?line)\b(?= (?:for|to|under|over|below|"
        r"above) (?:this|it|that|the|my)\b)",
        r"\baccompany\b",
        r"(?:加|添加|增加|配|加上|加入|添上|补)(?:上|入)?(?:一)?(?:个|条|段|层|些|点|支|把)?(?=[^,.;]{0,6}(?:声部|伴奏|贝斯|贝司|低音|鼓|弦乐|对位|副旋"
        r"律|和声部|铺底|打击乐|吉他|钢琴|小提琴|大提琴|长笛|圆号|铜管|合唱))",
        r"配(?:个|上|一个)?伴奏",
    ),
)
def add_part(args: AddPartArgs, ctx: ToolContext) -> ToolResult:
    """Add a part to a score that follows its chords: bass, drums, pads, strings, a second voice, a counter-melody."""
    source = desk.load(args.music, ctx)
    player = _player(args.instrument) if args.instrument else None
    role = args.part or _role(player, args.instrument or "")
    style = _style(args.style)
    score = source.score.copied()
    region = select(score, args.from_bar, args.to_bar)
    melody_track, melody = desk.melody_of(score, region) if _has_pitch(score) else (None, [])
    if player is None:
        own = score.tracks[melody_track].program if melody_track is not None else 0
        player = instrument(_PLAYERS[role]) if _PLAYERS[role] else instrument_of_program(own)
    ground = _ground(score, region, style, random.Random(ctx.seed))
    if role != "drums" and not ground.spans:
        raise UserError("No chord sounds in those bars for a part to follow; name other bars, or add drums.")
    ctx.progress(0.5, f"writing {role}")
    notes = [n for n in _written(role, ground, player, melody) if _within(n, region)]
    if not notes:
        raise UserError(f"There is nothing for {role} to play in those bars; name other bars or another part.")
    name = args.instrument or role
    program = player.programs[0] if player.programs else 0
    track = desk.add_track(score, name[:1].upper() + name[1:], program, notes, is_drum=role == "drums")
    assert track is not None
    facts = {"key": str(ground.key), "part": role, "instrument": player.name, "track": track.name, "style": style.name}
    summary = f"Added {role} ({player.name}, {len(notes)} notes) as track {track.name}, in {ground.key}."
    return desk.written(source, score, "with-" + role.replace(" ", "-"), summary, ctx, PartAdded, facts)


def _has_pitch(score: Score) -> bool:
    return any(t.notes and not t.is_drum for t in score.tracks)


def _player(name: str) -> Instrument:
    try:
        return instrument(name)
    except ValueError as err:
        raise UserError(f"instrument: {err}; name one as 'double bass' or 'violin'.") from err


def _role(player: Instrument | None, said: str) -> Role:
    """What an instrument is usually added for."""
    if player is None:
        return "counter-melody"
    if player.is_drum:
        return "drums"
    if any(_is(player, name) for name in _BASSES):
        return "bass"
    if _is(player, "strings") and said.lower().rstrip("s") == "string":
        return "strings"
    if any(_is(player, name) for name in _CHORDAL):
        return "chords"
    return "descant" if player.low >= 59 else "counter-melody"


def _is(player: Instrument, name: str) -> bool:
    try:
        return is_a(player.name, name)
    except ValueError:
        return False


def _style(named: str | None) -> Style:
    style = find_style(named or _DEFAULT_STYLE)
    if style is None:
        raise UserError(f"style {named!r} is no genre known here; say one as 'jazz', 'rock' or 'bossa'.")
    return style


def _ground(score: Score, region: Region, style: Style, rng: random.Random) -> _Ground:
    chords = Chords.of(score)
    starts = score.bar_starts()
    bars = [Bar(s, meter_at(score, s)) for s in starts]
    spans: list[Span] = []
    for found in chords.found:
        edges = [found.start_q, *(s for s in starts if found.start_q + 1e-6 < s < found.end_q - 1e-6), found.end_q]
        for start, end in pairwise(edges):
            inside = region.start - 1e-6 <= start < region.end - 1e-6
            if found.chord is not None and inside:
                spans.append(Span(start, end, found.chord, max(0, bisect_right(starts, start + 1e-6) - 1)))
    key = desk.key_of(score) if _has_pitch(score) else Key(0)
    return _Ground(score, region, key, chords, bars, spans, style, rng)


def _within(note: Note, region: Region) -> bool:
    return region.start - 1e-6 <= note.start < region.end - 1e-6


def _written(role: Role, ground: _Ground, player: Instrument, melody: Sequence[Note]) -> list[Note]:
    if role == "drums":
        return _drums(ground)
    if role in ("bass", "walking bass"):
        return _bass(ground, player, "walking" if role == "walking bass" else ground.style.bass)
    if role in ("pads", "strings", "chords"):
        return _harmony(ground, player, role)
    return _line(ground, player, role, melody)


def _drums(ground: _Ground) -> list[Note]:
    first, last = ground.region.bars
    groove = ground.style.groove or "pop"
    notes = []
    for bar in ground.bars[first - 1 : last]:
        notes += groove_bar(groove, bar, 0.7)
    return notes


def _bass(ground: _Ground, player: Instrument, pattern: str) -> list[Note]:
    chords = [s.chord for s in ground.spans if s.chord is not None]
    low, high = max(28, player.low), min(55, max(player.high, player.low + 12))
    roots = lead_bass(chords, low, high)
    return bass_line(ground.spans, roots, ground.bars, pattern, [0.7] * len(chords), low, high, strict=False)


def _harmony(ground: _Ground, player: Instrument, role: Role) -> list[Note]:
    chords = [s.chord for s in ground.spans if s.chord is not None]
    low, high = max(player.low, 50), min(player.high, 76)
    voicings = lead_voices(chords, low, max(high, low + 12), 4 if role == "strings" else 3)
    texture = ground.style.textures[0] if role == "chords" and ground.style.textures[0] in TEXTURES else "pad"
    return accompany(ground.spans, voicings, ground.bars, [texture] * len(chords), poly=True)


def _line(ground: _Ground, player: Instrument, role: Role, melody: Sequence[Note]) -> list[Note]:
    pitches = sorted(n.pitch for n in melody)
    middle, top = pitches[len(pitches) // 2], pitches[-1]
    if role == "second voice":
        part = Line(max(player.low, middle - 16), min(player.high, top), below=True, along=True)
        places = with_the_melody(melody, ground.chords)
    else:
        above = role == "descant"
        low, high = (middle + 2, top + 9) if above else (middle - 19, middle - 3)
        low, high = _fitted(low, high, player)
        part = Line(low, high, below=not above)
        edges = [float(b) for b in beat_edges(ground.score) if melody[0].start - 1e-6 <= b <= melody[-1].end + 1e-6]
        places = against_the_melody(melody, ground.chords, edges)
    return line_against(places, part, ground.key, ground.rng)


def _fitted(low: int, high: int, player: Instrument) -> tuple[int, int]:
    """A register inside the instrument's compass, an octave wide at least."""
    low = max(player.low, min(low, player.high - 12))
    return low, min(player.high, max(high, low + 12))
