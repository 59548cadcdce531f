"""Write a melody over given chords, or over a score's own."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from pydantic import Field

from tools.brief import MusicFields
from tools.compose import _desk as desk
from tools.compose.engine.composer import Composed, compose_score
from tools.compose.engine.request import Wish, read_wish
from tools.compose.weaver.bars import Chords
from tools.contract import Output, ToolArgs, ToolContext, ToolData, ToolResult, tool
from tools.contract import Score as ScoreRef
from tools.errors import UserError
from tools.kit.score import MOST_BARS, Note, Score, Track, write_midi
from tools.kit.theory.instruments import Instrument, instrument, instrument_of_program
from tools.kit.theory.pitch import Key

_COMPANION = "piano"
_LEAD = "flute"


class MelodyForChordsArgs(ToolArgs):
    """Arguments of :func:`melody_for_chords`."""

    music: ScoreRef | None = Field(
        None, description="A score the melody goes over; it stays as it is. Its chords count if none are given."
    )
    chords: list[str] = Field(
        default_factory=list, description="Chord symbols, one a bar unless barred: ['Dm', 'G7', 'C | Am']."
    )
    key: str | None = Field(None, description="Key, as 'D minor'; told from the chords when not said.")
    tempo_bpm: float | None = Field(None, ge=10, le=400, description="Tempo in beats per minute.")
    meter: str | None = Field(None, pattern=r"^\d{1,2}/\d{1,2}$", description="Time signature, as '3/4'.")
    instrument: str | None = Field(None, description="Who plays the melody, as 'violin'; a flute if not said.")
    style: str | None = Field(None, description="Genre, as 'jazz' or 'waltz'.")
    bars: int | None = Field(None, ge=1, le=MOST_BARS, description="Length in bars; the chords come round again.")


class Melody(ToolData):
    """The melody that was written."""

    key: str = Field(description="Key it is in.")
    chords: list[str] = Field(description="Chord symbols, one entry a bar.")
    bars: int = Field(description="Bars of the result.")
    notes: int = Field(description="Notes of the melody.")
    instrument: str = Field(description="Who plays it.")
    lowest: int = Field(description="Its lowest MIDI pitch.")
    highest: int = Field(description="Its highest MIDI pitch.")
    duration_s: float = Field(description="Length of the result in seconds.")


@tool(
    version="1",
    takes=("midi", "score"),
    gives=("midi",),
    random=True,
    cost="seconds",
    timeout_s=120,
    asks=(
        r"\b(?:(?:write|compose|make|give|find|need|want|put|create|improvise)\b[^,.;]{0,12} )?(?:a |an |some "
        r"|the )?(?:[\w-]+ ){0,2}?(?:melody|tune|top[- ]?line|solo|lead)\b[^,.;|]{0,15}?\b(?:over|on top of|fo"
        r"r|above|on|to fit|that fits)\b(?= *(?:(?:these|the|my|this|those) (?:chords|changes|progression|chor"
        r"d progression)|\|? ?(?-i:[A-G][#b]?(?:m|maj|min|dim|aug|sus|7|\b))))(?: *(?:these|the|my|this|those) (?:ch"
        r"ords|changes|progression|chord progression))?",
        r"(?:给|为|在|根据|按)(?:这些|这个|这组|这段|这几个|以下|下列|下面的?)?和弦(?:进行)?(?:上)?[^,.;]{0,4}(?:写|配|编)(?:一段|一个|条)?旋律",
        r"(?:写|配)[^,.;]{0,4}旋律[^,.;]{0,6}和弦(?:是|:)",
    ),
)
def melody_for_chords(args: MelodyForChordsArgs, ctx: ToolContext) -> ToolResult:
    """Write a melody over given chords, with the chords under it, or over those of a score, which stays as it is."""
    if not args.music and not args.chords:
        raise UserError("Give the chords, as ['Dm', 'G7', 'C'], or a score that has some.")
    player = _player(args.instrument)
    if args.music:
        return _over_score(args, args.music, player, ctx)
    wish = _wish(args, args.chords, player)
    composed, lead = _composed(args, args.chords, wish, player, ctx)
    path = ctx.work_dir / "melody.mid"
    write_midi(composed.score, path)
    chords: list[list[str]] = [[] for _ in composed.grid.bars]
    for span in composed.spans:
        chords[span.bar].append("N.C." if span.chord is None else str(span.chord))
    data = _data(composed.score, lead, composed.key, [" ".join(c) for c in chords], player)
    output = Output(path, "midi", "audio/midi", data.model_dump(mode="json"), (), "CC0-1.0")
    told = (*composed.conflicts, *_meter_told(args, wish))
    return ToolResult(_summary(data), data, (output,), backend="embedded", notes=told)


def _over_score(args: MelodyForChordsArgs, ref: str, player: Instrument, ctx: ToolContext) -> ToolResult:
    source = desk.load(ref, ctx)
    if len({m for _, m in source.score.meters}) > 1:
        raise UserError(f"{source.name} changes its meter; crop it to bars of one meter first (crop_bars).")
    if args.meter and args.meter != str(source.score.meters[0][1]):
        raise UserError(f"{source.name} is in {source.score.meters[0][1]}, not {args.meter}; leave the meter out.")
    score = source.score.copied()
    key = desk.key_of(score, args.key)
    bars = (_round(args.chords, len(score.bar_starts())) if args.chords else _bars(score, key))[: args.bars]
    fitted = args.model_copy(
        update={"key": str(key), "meter": str(score.meters[0][1]), "tempo_bpm": None, "bars": len(bars)}
    )
    wish = _wish(fitted, bars, player)
    _, lead = _composed(fitted, bars, wish, player, ctx)
    first = score.bar_starts()[0]
    end = first + len(bars) * score.meters[0][1].bar_quarters
    line = [Note(n.start + first, n.duration, n.pitch, n.velocity) for n in lead.notes]
    held = [n for n in line if n.start < end - 1e-6]
    track = desk.add_track(score, args.instrument or "Melody", player.programs[0], held)
    if track is None:
        raise UserError(f"The chords of {source.name} leave a melody nothing to play; attach a score with chords.")
    path = ctx.work_dir / f"{source.artifact.file.stem}-with-melody.mid"
    write_midi(score, path)
    data = _data(score, track, key, bars, player)
    facts = data.model_dump(mode="json")
    output = Output(path, "midi", "audio/midi", facts, (source.artifact.id,), source.artifact.licence)
    told = tuple(_meter_told(fitted, wish))
    return ToolResult(_summary(data), data, (output,), backend="embedded", notes=told)


def _composed(
    args: MelodyForChordsArgs, chords: Sequence[str], wish: Wish, player: Instrument, ctx: ToolContext
) -> tuple[Composed, Track]:
    """A piece over the chords and the track of its melody, which is the player's.

    One whom the composer deals the bass, as a tuba, gets the melody that it writes for another, in their own compass.
    """
    composed = compose_score(wish, ctx.seed, ctx.progress)
    dealt = next((p.role for p in composed.players if p.program in player.programs), "melody")
    if dealt != "bass":
        return composed, _lead(composed.score, player)
    other = instrument(_LEAD)
    composed = compose_score(_wish(args, chords, other), ctx.seed, ctx.progress)
    lead = _lead(composed.score, other)
    _hand_over(lead, player)
    return composed, lead


def _hand_over(track: Track, player: Instrument) -> None:
    """Give a line to another player, in place: moved by whole octaves to the middle of their compass, then folded."""
    middle = sorted(n.pitch for n in track.notes)[len(track.notes) // 2]
    shift = 12 * round(((player.low + player.high) / 2 - middle) / 12)
    for note in track.notes:
        note.pitch += shift
        while note.pitch < player.low:
            note.pitch += 12
        while note.pitch > player.high:
            note.pitch -= 12
    track.name, track.program = player.name.capitalize(), player.programs[0]


def _meter_told(args: MelodyForChordsArgs, wish: Wish) -> list[str]:
    """That the meter is not one of the style's, where both were asked."""
    if not (args.style and args.meter) or args.meter in wish.style.meters:
        return []
    return [f"{args.style} is in {' or '.join(wish.style.meters)}; it was written in {args.meter}, and less like it."]


def _player(name: str | None) -> Instrument:
    try:
        player = instrument(name or _LEAD)
    except ValueError as err:
        raise UserError(f"instrument: {err}; name one as 'violin'.") from err
    if player.is_drum:
        raise UserError(f"{player.name} has no pitch for a melody; name an instrument that has.")
    return player


def _wish(args: MelodyForChordsArgs, chords: Sequence[str], player: Instrument) -> Wish:
    fields = MusicFields(
        chords=list(chords),
        key=args.key,
        tempo_bpm=args.tempo_bpm,
        meter=args.meter,
        bars=args.bars or _count(chords),
        genre=args.style,
        instruments=[player.name, _COMPANION if player.name != _COMPANION else "double bass"],
    )
    return read_wish(fields, None, None, None)


def _round(chords: Sequence[str], bars: int) -> list[str]:
    """Given chords bar by bar, again and again, for so many bars."""
    given = [b.strip() for entry in chords for b in entry.split("|") if b.strip()]
    return [given[i % len(given)] for i in range(bars)]


def _count(chords: Sequence[str]) -> int:
    """Bars that given chords fill once."""
    return sum(len([b for b in entry.split("|") if b.strip()]) for entry in chords)


def _lead(score: Score, player: Instrument) -> Track:
    """The track of the player who has the melody."""
    own = [t for t in score.tracks if t.notes and not t.is_drum and t.program in player.programs]
    pitched = own or [t for t in score.tracks if t.notes and not t.is_drum]
    if not pitched:
        raise UserError("The chords leave a melody nothing to play (every bar is N.C.); give at least one chord.")
    return max(pitched, key=lambda t: sum(n.pitch for n in t.notes) / len(t.notes))


def _bars(score: Score, key: Key) -> list[str]:
    """The chords of a score bar by bar, as the composer reads them; a bar without any has none."""
    starts = score.bar_starts()
    found: list[list[str]] = [[] for _ in starts]
    chords = Chords.of(score)
    for bar, start in enumerate(starts):
        sounding = chords.at(start)
        found[bar].append(sounding.symbol(flats=key.prefers_flats) if sounding else "N.C.")
    for heard in chords.found:
        bar = max(0, bisect_right(starts, heard.start_q + 1e-6) - 1)
        if heard.chord is not None and heard.start_q > starts[bar] + 1e-3:
            found[bar].append(heard.chord.symbol(flats=key.prefers_flats))
    return [" ".join(c) for c in found]


def _data(score: Score, lead: Track, key: Key, chords: Sequence[str], player: Instrument) -> Melody:
    pitches = [n.pitch for n in lead.notes]
    return Melody(
        key=str(key),
        chords=list(chords),
        bars=len(score.bar_starts()),
        notes=len(pitches),
        instrument=instrument_of_program(lead.program).name if lead.program not in player.programs else player.name,
        lowest=min(pitches),
        highest=max(pitches),
        duration_s=round(score.seconds(score.end), 3),
    )


def _summary(data: Melody) -> str:
    return f"Wrote a melody of {data.notes} notes for {data.instrument} over {len(data.chords)} bars in {data.key}."
