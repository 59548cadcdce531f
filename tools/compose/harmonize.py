"""Put chords or voices under a melody, which stays note for note; what accompanied it there gives way."""

from __future__ import annotations

import random
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from tools.compose import _desk as desk
from tools.compose.engine.bass import bass_line
from tools.compose.engine.grid import Bar
from tools.compose.engine.harmony import Span
from tools.compose.engine.style import find_style
from tools.compose.engine.textures import accompany
from tools.compose.engine.voicing import lead_bass, lead_voices
from tools.compose.harmonizer.changes import choose_chords, manner
from tools.compose.harmonizer.chorale import set_chorale
from tools.compose.harmonizer.lines import lines_of
from tools.compose.harmonizer.slots import Slot, meter_at, slots_of
from tools.contract import Score as ScoreRef
from tools.contract import ToolContext, ToolResult, tool
from tools.errors import UserError
from tools.kit.arguments import BarArgs
from tools.kit.partwriting.moments import Voice, moments_of
from tools.kit.partwriting.motion import parallels
from tools.kit.region import Region, select, track_name
from tools.kit.score import Note, Score, Track
from tools.kit.theory.instruments import instrument_of_program, is_a
from tools.kit.theory.naming import symbol_in
from tools.kit.theory.pitch import Key

Manner = Literal["chorale", "jazz", "pop", "modal"]
_WORDS: dict[Manner, tuple[str, ...]] = {
    "chorale": ("chorale", "choral", "bach", "satb", "hymn", "four-part", "four part", "choir", "baroque", "classical"),
    "jazz": ("jazz", "swing", "bebop", "bossa", "blues", "soul", "gospel"),
    "modal": ("modal", "mode", "medieval", "celtic", "folk"),
    "pop": ("pop", "rock", "ballad", "country"),
}
_OF_HARMONY: dict[str, Manner] = {
    "jazz": "jazz",
    "bossa": "jazz",
    "soul": "jazz",
    "blues": "jazz",
    "classical": "chorale",
    "baroque": "chorale",
    "romantic": "chorale",
    "functional": "chorale",
    "folk": "modal",
    "pentatonic": "modal",
    "andalusian": "modal",
}
_SOPRANO = (60, 81)  # where the search wants its melody; others are read at the nearest octave
_COMPANIONS = {  # who sings or plays under a melody, by its family
    "strings": (40, 41, 42),
    "woodwinds": (68, 71, 70),
    "brass": (60, 57, 58),
    "keyboards": (None, None, None),
}
_CHOIR = 52
_PIANO, _BASS_GUITAR, _DOUBLE_BASS, _PAD = 0, 33, 32, 89


class HarmonizeArgs(BarArgs):
    """Arguments of :func:`harmonize`."""

    music: ScoreRef = Field(description="The melody, or a piece whose harmony is to be made anew.")
    style: Manner | str | None = Field(
        None, description="'chorale' (four voices), 'jazz', 'pop' or 'modal', or a genre near one; chorale if not said."
    )
    tracks: list[str] = Field(
        default_factory=list, description="Where the melody is: a track's name or instrument; found when not said."
    )
    key: str | None = Field(None, description="Key to harmonise in, as 'G major'; told from the notes when not said.")


class ChordFact(BaseModel):
    """A chord and where it starts."""

    model_config = ConfigDict(extra="forbid")

    bar: int = Field(description="Bar, counted from 1.")
    beat: float = Field(description="Beat of the bar, counted from 1, in quarters.")
    chord: str = Field(description="Chord symbol, as 'Dm7/F'.")


class Harmonized(desk.Written):
    """What was put under the melody."""

    style: str = Field(description="Manner: chorale, jazz, pop or modal.")
    melody: str = Field(description="Track that the melody is in.")
    chords: list[ChordFact] = Field(description="Chords in order.")
    parallels: int = Field(description="Parallel fifths and octaves between the voices written; 0 is faultless.")


@dataclass(frozen=True)
class _Parts:
    """Chords by slot and the tracks that sound them: name, program, notes."""

    chords: list[str]
    tracks: list[tuple[str, int, list[Note]]]


@tool(
    version="1",
    takes=("midi", "score"),
    gives=("midi",),
    random=True,
    cost="seconds",
    timeout_s=180,
    asks=(
        r"\b(?:re-?)?harmoni[sz](?:e|es|ed|ing|ation)\b(?: (?:this|the|my|that) (?:melody|tune|theme|line)"
        r"| this| it)?(?: (?:for"
        r"|in) (?:\w+ )?(?:voices|parts|four-part|satb))?",
        r"\b(?:add|find|put|give|write|need|want)\b[^,.;]{0,15}\b(?:chords|harmony|harmonies)\b[^,.;]{0,10}\b(?:to|for"
        r"|under|behind|over|that fit|which fit)\b(?:[^,.;]{0,12}\b(?:melody|tune|theme|line)\b)?",
        r"\b(?:sop?rano|satb|four[- ]part) (?:harmony|setting|writing)\b",
        r"\b(?:soprano|alto|tenor|bass)s?(?:(?:,| and|, and)? (?:soprano|alto|tenor|bass)(?:es|s)?){1,3}\b"
        r"(?: (?:parts?|lines?|voices?))?"
        r"(?=[^,.;]{0,30}\b(?:tune|melody|this|it|theme|hymn|line)\b)",
        r"\b(?:put|set|write|make|turn|arrange)\b[^,.;]{0,20}\b(?:in|for|into) (?:four|4)[- ](?:parts?|voices?)\b",
        "配和声",
        "(?:重新)?配(?:上)?[^,.;]{0,4}和弦",
        r"\b(?:what|which) chords (?:would|could|should|might|can|do) (?:go|fit|work|suit|i (?:put|use|play|choose))\b"
        r"(?:[^,.;?]{0,25}\b(?:melody|tune|theme|line|it|this)\b)?",
        "(?:旋律)?[^,.;]{0,4}和声(?:化|编配)",
        "四部和声",
    ),
)
def harmonize(args: HarmonizeArgs, ctx: ToolContext) -> ToolResult:
    """Put four voices or chords under a melody, which stays note for note, or make a piece's harmony anew.

    Seed 0 gives the likeliest setting; other seeds give others that are nearly as likely.
    """
    source = desk.load(args.music, ctx)
    style = _manner(args.style)
    score = source.score.copied()
    region = select(score, args.from_bar, args.to_bar)
    index, melody = desk.melody_of(score, region, args.tracks)
    alone = Score([Track("", notes=melody)], score.tempi, score.meters, score.keys)
    key = desk.key_of(alone, args.key, modal=style == "modal")
    slots = slots_of(score, melody, None if style == "chorale" else manner(style).per_bar, region.end)
    ctx.progress(0.2, f"harmonising {len(slots)} places")
    noise = np.random.default_rng(ctx.seed) if ctx.seed else None
    lead = score.tracks[index]
    if style == "chorale":
        made = _four_voices(slots, melody, key, lead.program, noise, random.Random(ctx.seed))
    else:
        made = _comped(slots, melody, key, style, score, noise)
    removed = _cleared(score, region, index, melody)
    for name, program, notes in made.tracks:
        desk.add_track(score, name, program, notes)
    facts = {
        "style": style,
        "melody": track_name(lead),
        "key": str(key),
        "chords": _chord_facts(score, slots, made.chords),
        "parallels": _faults(melody, made) if style == "chorale" else 0,
    }
    said = f"{removed} notes that accompanied the melody there gave way to the new harmony." if removed else ""
    summary = f"Harmonised {len(melody)} notes of {track_name(lead)} in {key}, {style} style, with {len(slots)} chords."
    return desk.written(source, score, "harmonized", summary, ctx, Harmonized, facts, (said,))


def _manner(style: str | None) -> Manner:
    if not style:
        return "chorale"
    text = style.lower()
    for name, words in _WORDS.items():
        if any(word in text for word in words):
            return name
    known = find_style(text)
    if known is None:
        raise UserError(f"style {style!r} is no way to harmonise known here; say chorale, jazz, pop or modal.")
    return _OF_HARMONY.get(known.harmony, "pop")


def _four_voices(
    slots: Sequence[Slot],
    melody: Sequence[Note],
    key: Key,
    program: int,
    noise: np.random.Generator | None,
    rng: random.Random,
) -> _Parts:
    """Alto, tenor and bass; they are written at a choir's height and moved by octaves to a lower melody's."""
    shift = _octaves(melody)
    high = [_moved(s, shift) for s in slots]
    settings = set_chorale(high, key, noise)
    lines = lines_of(high, settings, [_lifted(n, shift) for n in melody], key, rng)
    down = max(0, shift)
    programs = _companions(program)
    names = ("Alto", "Tenor", "Bass")
    tracks = [
        (name, player, [_lifted(n, -down) for n in line])
        for name, player, line in zip(names, programs, lines, strict=True)
    ]
    return _Parts([symbol_in(s.state.chord(key.tonic), key) for s in settings], tracks)


def _octaves(melody: Sequence[Note]) -> int:
    """Semitones, whole octaves, that bring a melody nearest to a soprano's height."""
    middle = float(np.median([n.pitch for n in melody]))
    low, high = _SOPRANO
    shift = 0
    while middle + shift < low:
        shift += 12
    while middle + shift > high:
        shift -= 12
    return shift


def _lifted(note: Note, by: int) -> Note:
    made = note.copied()
    made.pitch = max(0, min(127, note.pitch + by))
    return made


def _moved(slot: Slot, by: int) -> Slot:
    notes = tuple(_lifted(n, by) for n in slot.notes)
    return Slot(slot.start, slot.end, notes, slot.strong, slot.closes, slot.opens)


def _companions(program: int) -> tuple[int, int, int]:
    name = instrument_of_program(program).name
    for family, programs in _COMPANIONS.items():
        if is_a(name, family):
            first, second, third = (program if p is None else p for p in programs)
            return first, second, third
    return _CHOIR, _CHOIR, _CHOIR


def _comped(
    slots: Sequence[Slot], melody: Sequence[Note], key: Key, style: str, score: Score, noise: np.random.Generator | None
) -> _Parts:
    """A chord part and a bass in the style's textures, both below the melody."""
    how = manner(style)
    chords = choose_chords(slots, key, style, noise)
    bars, spans = _spans(slots, chords, score)
    basses = lead_bass(chords, 33, 52)
    ceiling = max(60, min(74, int(np.percentile([n.pitch for n in melody], 25)) - 1))
    voicings = lead_voices(chords, ceiling - 19, ceiling, how.voices, basses)
    chordal = accompany(spans, voicings, bars, [how.texture] * len(spans), poly=True)
    low = bass_line(spans, basses, bars, how.bass, [0.6] * len(spans), 28, 55, strict=False)
    players = {"jazz": (_PIANO, _DOUBLE_BASS), "pop": (_PIANO, _BASS_GUITAR), "modal": (_PAD, _DOUBLE_BASS)}[style]
    symbols = [symbol_in(c, key) for c in chords]
    return _Parts(symbols, [("Chords", players[0], chordal), ("Bass", players[1], low)])


def _spans(slots: Sequence[Slot], chords: Sequence[object], score: Score) -> tuple[list[Bar], list[Span]]:
    starts = score.bar_starts(slots[-1].end)
    bars = [Bar(s, meter_at(score, s)) for s in starts]
    spans = [
        Span(slot.start, slot.end, chord, max(0, bisect_right(starts, slot.start + 1e-6) - 1))  # type: ignore[arg-type]
        for slot, chord in zip(slots, chords, strict=True)
    ]
    return bars, spans


def _cleared(score: Score, region: Region, index: int, melody: Sequence[Note]) -> int:
    """Take away the pitched notes of the region that are not the melody's nor adorn it; how many there were."""
    kept = {*map(id, melody), *map(id, desk.ornaments(score.tracks[index].notes, melody))}
    removed = 0
    for track in score.tracks:
        if track.is_drum:
            continue
        rest = [n for n in track.notes if id(n) in kept or not region.start - 1e-6 <= n.start < region.end - 1e-6]
        removed += len(track.notes) - len(rest)
        track.notes = rest
    return removed


def _chord_facts(score: Score, slots: Sequence[Slot], chords: Sequence[str]) -> list[dict[str, object]]:
    starts = score.bar_starts(slots[-1].end)
    found: list[dict[str, object]] = []
    for slot, chord in zip(slots, chords, strict=True):
        bar = max(1, bisect_right(starts, slot.start + 1e-6))
        found.append({"bar": bar, "beat": round(slot.start - starts[bar - 1] + 1, 3), "chord": chord})
    return found


def _faults(melody: Sequence[Note], made: _Parts) -> int:
    voices = [Voice("melody", tuple(melody)), *(Voice(name, tuple(notes)) for name, _, notes in made.tracks)]
    return sum(1 for _ in parallels(moments_of(voices), hidden=False))
