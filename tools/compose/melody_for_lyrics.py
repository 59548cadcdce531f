"""Set words to music: a singable melody with the syllables on its notes, and chords under it."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import Field

from tools.compose import _desk as desk
from tools.compose.lyrics.asked import MelodyForLyricsArgs, Plan, decide, in_time
from tools.compose.lyrics.band import accompaniment
from tools.compose.lyrics.setting import Verse, read_stanzas
from tools.compose.lyrics.song import Song, set_verses
from tools.compose.lyrics.text import language_of, read_text
from tools.contract import Output, ToolContext, ToolData, ToolResult, tool
from tools.errors import UserError
from tools.kit.score import MOST_BARS, Score, Track, write_midi
from tools.kit.theory.instruments import Instrument, instrument
from tools.kit.theory.pitch import Key

_OOHS = 53


class SungLine(ToolData):
    """A line as it was set."""

    bar: int = Field(description="Bar in which its first strong beat is, counted from 1.")
    text: str = Field(description="The line, syllables parted by '-', those on strong beats in capitals.")


class Setting(ToolData):
    """How the words were set."""

    language: str = Field(description="Language the words were read in.")
    key: str = Field(description="Key.")
    meter: str = Field(description="Time signature.")
    tempo_bpm: float = Field(description="Beats a minute.")
    bars: int = Field(description="Bars of the result.")
    duration_s: float = Field(description="Length in seconds.")
    syllables: int = Field(description="Syllables sung.")
    notes: int = Field(description="Notes of the voice; more than syllables where some are slurred.")
    stanzas: list[str] = Field(description="Stanzas in order, by role.")
    tunes: int = Field(description="Different tunes that the stanzas share.")
    lowest: int = Field(description="Lowest MIDI pitch of the voice.")
    highest: int = Field(description="Highest MIDI pitch of the voice.")
    chords: list[str] = Field(description="Chord symbols, one entry a bar.")
    lines: list[SungLine] = Field(description="The lines in order.")
    words_guessed: list[str] = Field(description="English words in no dictionary, whose syllables were guessed.")


@tool(
    version="1",
    takes=("lyrics", "midi", "score"),
    gives=("midi",),
    random=True,
    cost="seconds",
    timeout_s=180,
    asks=(
        r"\bset (?:it|them|that|those|this) to (?:an? |some )?(?:[\w-]+ ){0,2}(?:melody|tune|music)\b",
        r"\bset\b[^,.;]{0,25}\bto music\b",
        r"\bset\b[^,.;]{0,15}\b(?:words|lyrics|poem|text|verses|lines)\b[^,.;]{0,8}\bto\b[^,.;]{0,25}\b(?:melody|tune)\b",
        r"\b(?:music|melody|tune|song)\b[^,.;]{0,10}\b(?:for|to|from|out of) (?:these|my|the|this|those) "
        r"(?:words|lyrics|poem|text|verses|lines)\b",
        r"\b(?:put|fit|set)\b[^,.;]{0,6}\b(?:these|my|the|this) (?:words|lyrics|poem|text|verses)\b to "
        r"(?:an?|this|these|the|my) (?:[\w-]+ ){0,2}(?:melody|tune|chords?|progression|changes)\b",
        r"\b(?:turn|make|put)\b[^,.;]{0,6}\b(?:these|my|the|this) (?:words|lyrics|poem|text|verses)\b"
        r"[^,.;]{0,6}\b(?:into|to) (?:a )?(?:song|music|melody|tune)\b",
        "(?:给|为|把)?(?:这首|这段|这些|我的|下面的|以下)?(?:歌词|词|诗)"
        "[^,.;]{0,4}(?:谱曲|谱成曲|谱上曲|配曲|配旋律|写(?:一段)?旋律|变成歌)",
        "谱曲",
        "谱成曲",
    ),
)
def melody_for_lyrics(args: MelodyForLyricsArgs, ctx: ToolContext) -> ToolResult:
    """Set words to a singable melody, syllables on its notes: stress on strong beats, rhymes in like cadences.

    Verses of one build share a tune and a chorus has its own; Mandarin tones shape the line.
    """
    text, parents = _words(args, ctx)
    language = args.language or language_of(text)
    verses = read_stanzas(read_text(text), language)
    if not verses:
        raise UserError("The lyrics hold no words that can be sung; write them one line a line.")
    source = desk.load(args.music, ctx) if args.music else None
    plan = decide(args, verses, language, source, ctx.seed)
    ctx.progress(0.3, f"setting {sum(len(v.lines) for v in verses)} lines")
    song = set_verses(verses, plan.ask, ctx.seed)
    score, notes = _score(args, plan, song, source)
    plan = in_time(args, plan, score)
    path = ctx.work_dir / (f"{source.artifact.file.stem}-with-voice.mid" if source else "song.mid")
    write_midi(score, path)
    data = _data(score, song, verses, plan, language)
    parents += (source.artifact.id,) if source else ()
    licence = source.artifact.licence if source else "CC0-1.0"
    output = Output(path, "midi", "audio/midi", data.model_dump(mode="json", exclude={"lines"}), parents, licence)
    said = (*plan.notes, *notes, *_told(args, data, language))
    return ToolResult(_summary(data), data, (output,), backend="embedded", notes=said)


def _words(args: MelodyForLyricsArgs, ctx: ToolContext) -> tuple[str, tuple[str, ...]]:
    """The words and the artifacts they are from."""
    if args.text and args.text.strip():
        return args.text, ()
    if not args.lyrics:
        raise UserError("Give the words, as text or as a file of lyrics.")
    artifact = ctx.artifact(args.lyrics)
    try:
        return artifact.file.read_text(encoding="utf-8-sig"), (artifact.id,)
    except (OSError, UnicodeDecodeError) as err:
        raise UserError(f"{artifact.file.name} cannot be read as text ({err}); save it as UTF-8.") from err


def _score(
    args: MelodyForLyricsArgs, plan: Plan, song: Song, source: desk.Source | None
) -> tuple[Score, tuple[str, ...]]:
    """The score with the voice in it and what the person should know of it."""
    ask = plan.ask
    assert song.grid is not None
    name = (args.voice or "voice").capitalize()
    if source is not None:
        score = source.score.copied()
        first = score.bar_starts()[0]
        opening = min(0.0, song.notes[0].start)
        shift = first - (opening // ask.meter.bar_quarters) * ask.meter.bar_quarters if opening < 0 else first
        for n in song.notes:
            n.start += shift
        voice = Track(desk.fresh_name(score, name), _OOHS, notes=song.notes)
        voice.lyrics = [(t + shift, s) for t, s in song.lyrics]
        over = voice.end > source.score.end + 1e-6
        score.tracks.insert(0, voice)
        told = f"The words go on after {source.name} ends; its chords are taken round again for them." if over else ""
        return score, tuple(filter(None, (told,)))
    voice = Track(name, _OOHS, notes=song.notes, lyrics=song.lyrics)
    quarter = ask.tempo_bpm * ask.meter.beat_quarters
    score = Score([voice], [(0.0, quarter)], [(0.0, ask.meter)], [(0.0, _signature(ask.key))])
    score.markers = [(t, role) for t, role in song.stanzas]
    if not args.accompanied:
        return score, ()
    players, notes = _players(args)
    top = min(n.pitch for n in song.notes) + 5
    score.tracks += accompaniment(players, song.spans, song.grid, ask.style, top, ask.arousal)
    return score, notes


def _signature(key: Key) -> Key:
    """The key that a score states: pentatonic scales have the signature of their major or minor."""
    return Key(key.tonic, "minor" if key.is_minor else "major") if "pentatonic" in key.mode else key


def _players(args: MelodyForLyricsArgs) -> tuple[list[Instrument], tuple[str, ...]]:
    """Who accompanies; voices named as instruments sing, drums are left out and named."""
    found: list[Instrument] = []
    left: list[str] = []
    for name in args.instruments:
        try:
            player = instrument(name)
        except ValueError as err:
            raise UserError(f"instruments: {err}; name them as 'guitar'.") from err
        if player.is_drum:
            left.append(player.name)
        elif player.name != "voice":
            found.append(player)
    told = [f"{' and '.join(left)} left out, as accompaniment here has pitch; add drums with add_part."] if left else []
    return found or [instrument("piano")], tuple(told)


def _data(score: Score, song: Song, verses: Sequence[Verse], plan: Plan, language: str) -> Setting:
    assert song.grid is not None
    bars = [
        " ".join("N.C." if s.chord is None else str(s.chord) for s in song.spans if s.bar == b)
        for b in range(len(song.grid.bars))
    ]
    pitches = [n.pitch for n in song.notes]
    return Setting(
        language=language,
        key=str(plan.ask.key),
        meter=str(plan.ask.meter),
        tempo_bpm=round(plan.ask.tempo_bpm, 2),
        bars=len(score.bar_starts()),
        duration_s=round(score.seconds(score.end), 3),
        syllables=len(song.lyrics),
        notes=len(pitches),
        stanzas=[v.role for v in verses],
        tunes=song.tunes,
        lowest=min(pitches),
        highest=max(pitches),
        chords=bars,
        lines=_lines(verses, song),
        words_guessed=list(dict.fromkeys(w for v in verses for line in v.lines for w in line.guessed)),
    )


def _lines(verses: Sequence[Verse], song: Song) -> list[SungLine]:
    assert song.grid is not None
    found = []
    place = 0
    for verse in verses:
        for line, scan in zip(verse.lines, verse.scans, strict=True):
            parts = [s.text.upper() if i in scan.beats else s.text for i, s in enumerate(line.syllables)]
            text = "".join(
                p + ("-" if not s.ends else "" if p.endswith("-") else " ")
                for p, s in zip(parts, line.syllables, strict=True)
            )
            start = song.lyrics[place + scan.beats[0]][0]
            found.append(SungLine(bar=song.grid.bar_index(start) + 1, text=text.strip()))
            place += len(line.syllables)
    return found


def _told(args: MelodyForLyricsArgs, data: Setting, language: str) -> list[str]:
    """What was guessed about the words."""
    told = []
    if data.words_guessed:
        told.append(f"In no dictionary, so syllables and stress are guessed: {', '.join(data.words_guessed[:12])}.")
    if language not in ("en", "zh"):
        told.append(
            f"Words in {language!r} are parted by hyphenation patterns and stressed where the language usually does; "
            "there is no pronouncing dictionary for it here."
        )
    if data.bars > MOST_BARS:
        raise UserError(f"The words fill {data.bars} bars, more than {MOST_BARS}; set them in parts.")
    return told


def _summary(data: Setting) -> str:
    return (
        f"Set {len(data.lines)} lines ({data.syllables} syllables) in {data.key}, {data.meter} at {data.tempo_bpm:.0f} "
        f"BPM: {data.notes} notes over {data.bars} bars, {data.tunes} tune{'s' if data.tunes > 1 else ''}."
    )
