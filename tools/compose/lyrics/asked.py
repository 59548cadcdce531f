"""What a song is asked to be, and what is decided before a note is written: key, meter, tempo, compass, chords."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Literal

from pydantic import Field

from tools.brief import MusicFields, TempoRange
from tools.compose import _desk as desk
from tools.compose.engine.decide import chords_and_key
from tools.compose.engine.keys import choose_key
from tools.compose.engine.request import Wish, read_wish
from tools.compose.lyrics.setting import Verse
from tools.compose.lyrics.song import Ask
from tools.compose.lyrics.tune import Compass
from tools.compose.weaver.bars import Chords
from tools.contract import Accepts, ToolArgs
from tools.contract import Score as ScoreRef
from tools.errors import UserError
from tools.kit.score import Score
from tools.kit.theory.chord import Chord
from tools.kit.theory.meter import Meter
from tools.kit.theory.pitch import pitch_class

Singer = Literal["soprano", "mezzo-soprano", "alto", "tenor", "baritone", "bass voice", "child voice"]
_VOICES: dict[Singer | None, tuple[int, int]] = {
    "soprano": (60, 79), "mezzo-soprano": (57, 76), "alto": (55, 74), "tenor": (48, 67), "baritone": (45, 64),
    "bass voice": (41, 60), "child voice": (60, 74), None: (57, 74),
}  # fmt: skip
_SUNG_TEMPO = {
    3: (104.0, 26.0),
    2: (92.0, 26.0),
    1: (63.0, 14.0),
}  # quarters to a strong beat: beats a minute, by arousal
_SLOWEST, _FASTEST = 48.0, 160.0
_NEAR_ENOUGH = 0.02  # of a length that was asked
_RANGE = re.compile(r"^\s*([A-Ga-g][#b♯♭]?)(-?\d)\s*(?:-|–|to|到)\s*([A-Ga-g][#b♯♭]?)(-?\d)\s*$")


class MelodyForLyricsArgs(ToolArgs):
    """Arguments of :func:`melody_for_lyrics`."""

    lyrics: Annotated[str | None, Accepts(("lyrics",), unless="text")] = Field(
        None, description="A file of lyrics; not needed when the words are given as text."
    )
    text: str | None = Field(
        None, description="The words: one line a line, an empty line between verses; hyphens part syllables."
    )
    music: ScoreRef | None = Field(
        None, description="A score whose chords the melody follows; it stays as it is, the voice is added."
    )
    key: str | None = Field(None, description="Key, as 'D minor'.")
    mode: str | None = Field(None, description="Mode when no key is named, as 'minor' or 'dorian'.")
    meter: str | None = Field(None, pattern=r"^\d{1,2}/\d{1,2}$", description="Time signature, as '3/4'.")
    tempo_bpm: float | TempoRange | None = Field(None, description="Tempo in beats a minute, 20 to 300, or a range.")
    duration_s: float | None = Field(None, gt=0, le=3600, description="Length in seconds, met by the tempo.")
    chords: list[str] = Field(default_factory=list, description="Chord symbols, one a bar; they come round again.")
    style: str | None = Field(None, description="Genre, as 'folk', 'pop' or 'waltz'.")
    mood: str | None = Field(None, description="Mood words, as 'wistful'.")
    language: str | None = Field(None, description="ISO 639-1 code of the words; told from them when not said.")
    voice: Singer | None = Field(None, description="Who sings; a middle voice when not said.")
    range: str | None = Field(None, description="Lowest and highest note, as 'A3-E5' (C4 is middle C).")
    instruments: list[str] = Field(default_factory=list, description="Who accompanies, as ['guitar', 'cello'].")
    accompanied: bool = Field(True, description="Whether chords are played under the voice.")


@dataclass(frozen=True)
class Plan:
    """What was decided before a note was written, and what the person should hear of it."""

    ask: Ask
    notes: tuple[str, ...]


def decide(
    args: MelodyForLyricsArgs, verses: Sequence[Verse], language: str, source: desk.Source | None, seed: int
) -> Plan:
    """Key, meter, tempo, compass and chords: as asked, as the given score has them, or chosen."""
    rng = random.Random(f"{seed} song")
    wish = read_wish(
        MusicFields(chords=args.chords, key=args.key, mode=args.mode, genre=args.style or "folk", mood=args.mood),
        None,
        None,
        None,
    )
    notes = [n for n in wish.notes if args.style or not n.startswith("style")]
    if source is not None:
        return _over_score(args, source, wish, tuple(notes))
    given, key = chords_and_key(wish, rng)
    if not (args.key or args.mode or given):
        usual = ("major pentatonic" if language == "zh" else "major") if not args.style else wish.style.mode
        key = choose_key(None, wish.valence if args.mood else 0.2, usual, rng)
    meter = _meter(args, wish, verses, rng)
    ask = Ask(
        key, meter, _tempo(args, wish, meter), _compass(args), wish.style, wish.valence, wish.arousal, given,
        lead_in=2 if meter.bar_quarters <= 3 else 1,
    )  # fmt: skip
    return Plan(ask, tuple(notes))


def _over_score(args: MelodyForLyricsArgs, source: desk.Source, wish: Wish, notes: tuple[str, ...]) -> Plan:
    score = source.score
    meters = {m for _, m in score.meters}
    if len(meters) > 1:
        raise UserError(f"{source.name} changes its meter; crop it to bars of one meter first (crop_bars).")
    meter = score.meters[0][1]
    if args.meter and args.meter != str(meter):
        raise UserError(f"{source.name} is in {meter}, not {args.meter}; leave the meter out.")
    key = desk.key_of(score, args.key)
    found = Chords.of(score)
    chords: list[list[Chord | None]] = [[found.at(start)] for start in score.bar_starts()]
    tempo = score.tempi[0][1] / meter.beat_quarters
    ask = Ask(key, meter, tempo, _compass(args), wish.style, wish.valence, wish.arousal, chords, lead_in=0)
    return Plan(ask, notes)


def _meter(args: MelodyForLyricsArgs, wish: Wish, verses: Sequence[Verse], rng: random.Random) -> Meter:
    """The meter asked, the style's own, or what suits the words: three where two unstressed syllables are the rule."""
    if args.meter:
        try:
            return Meter.parse(args.meter)
        except ValueError as err:
            raise UserError(f"meter: {err}.") from err
    if args.style and wish.style.meters[0] != "4/4":
        return Meter.parse(wish.style.meters[0])
    gaps = [b - a for v in verses for s in v.scans for a, b in zip(s.beats, s.beats[1:], strict=False)]
    if gaps and sum(gaps) / len(gaps) > 2.45:
        return Meter(6, 8)
    return Meter.parse(rng.choice(("4/4", "4/4", "3/4")) if not args.style else "4/4")


def _tempo(args: MelodyForLyricsArgs, wish: Wish, meter: Meter) -> float:
    """The tempo asked, or one at which two to three syllables a second are sung."""
    if isinstance(args.tempo_bpm, TempoRange):
        bounds = [b for b in (args.tempo_bpm.min, args.tempo_bpm.max) if b is not None]
        return sum(bounds) / len(bounds) if bounds else 90.0
    if args.tempo_bpm is not None:
        return float(args.tempo_bpm)
    kind = 1 if meter.is_compound else 3 if meter.numerator % 3 == 0 else 2
    middle, spread = _SUNG_TEMPO[kind]
    return float(round(middle + spread * wish.arousal))


def _compass(args: MelodyForLyricsArgs) -> Compass:
    """The notes that may be sung: the range asked, or a tenth or so of the voice's."""
    if args.range:
        match = _RANGE.match(args.range)
        if match is None:
            raise UserError(f"range {args.range!r} is not understood; write it as 'A3-E5'.")
        low, high = (
            pitch_class(match[i].replace("♯", "#").replace("♭", "b")) + 12 * (int(match[i + 1]) + 1) for i in (1, 3)
        )
        if not (low >= 12 and high <= 115 and high - low >= 7):
            raise UserError(f"range {args.range!r} is no range to sing in; name a fifth or more, as 'A3-E5'.")
        return Compass(low, high)
    return Compass(*_VOICES[args.voice])


def in_time(args: MelodyForLyricsArgs, plan: Plan, score: Score) -> Plan:
    """The tempo that makes the song as long as asked, set in the score; it stays where one was asked, and is said.

    Words that would have to be sung at a tempo that nobody sings get the nearest one that somebody does.
    """
    if args.duration_s is None:
        return plan
    lasts = score.seconds(score.end)
    tempo = plan.ask.tempo_bpm * lasts / args.duration_s
    if args.music or args.tempo_bpm is not None:
        whose = "the score" if args.music else "tempo_bpm"
        note = f"It lasts {lasts:.1f} s, not {args.duration_s:g}: {whose} sets the tempo; {tempo:.0f} BPM would do."
        close = abs(lasts - args.duration_s) <= _NEAR_ENOUGH * args.duration_s
        return plan if close else replace(plan, notes=(*plan.notes, note))
    taken = min(max(tempo, _SLOWEST), _FASTEST)
    score.tempi = [(at, bpm * taken / plan.ask.tempo_bpm) for at, bpm in score.tempi]
    told = f"{args.duration_s:g} s would take {tempo:.0f} beats a minute for these words; {taken:.0f} was taken."
    return Plan(replace(plan.ask, tempo_bpm=taken), plan.notes if taken == tempo else (*plan.notes, told))
