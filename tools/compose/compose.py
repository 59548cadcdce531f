"""Compose multi-track music from a Brief: the embedded composer."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from pydantic import Field

from tools.brief import Brief, MusicFields
from tools.compose import _desk as desk
from tools.compose.engine.composer import Composed, compose_score, landing_facts
from tools.compose.engine.request import Wish, read_wish, take_theme
from tools.compose.engine.thematic import likeness
from tools.compose.engine.theme import Theme, theme_of
from tools.contract import Output, References, Timeline, ToolArgs, ToolContext, ToolData, ToolResult, tool
from tools.contract import Score as ScoreRef
from tools.errors import UserError
from tools.kit.region import select
from tools.kit.score import write_midi
from tools.kit.splice import value_at


class ComposeArgs(ToolArgs, MusicFields):
    """The Brief's fields by their own names; a field given here overrides the one in ``brief``."""

    brief: Brief | None = Field(None, description="A whole Brief; fields given beside it override its own.")
    timeline: Timeline | None = Field(
        None, description="A film's timeline (from caption_video): the music lasts as long, and meets its cuts."
    )
    references: References | None = Field(
        None, description="Found music (from search_music) whose chords, meter and tempo may colour the piece."
    )
    theme: ScoreRef | None = Field(
        None,
        description="A melody that the piece is made of (a hum through transcribe_melody, or a riff): stated as it is, "
        "then coming again. Its key, meter and tempo are taken where none is named.",
    )


class SectionFacts(ToolData):
    """A section of the piece."""

    name: str = Field(description="Name, as asked where one was.")
    from_bar: int = Field(description="First bar, 1-based.")
    to_bar: int = Field(description="Last bar, inclusive.")
    start_s: float = Field(description="Start in seconds.")
    end_s: float = Field(description="End in seconds.")


class LandingFacts(ToolData):
    """Where a hit point or cut fell."""

    time_s: float = Field(description="The moment, in seconds.")
    kind: str = Field(description="'hit' when it was asked for, 'cut' when the film cuts there.")
    bar: int = Field(description="Bar, 1-based.")
    beat: float = Field(description="Beat in the bar, 1-based.")
    on: str = Field(description="'downbeat', 'beat', 'offbeat' or 'off the grid'.")
    error_s: float = Field(description="Accent minus moment, in seconds.")


class StatementFacts(ToolData):
    """A statement of the theme."""

    from_bar: int = Field(description="First bar, 1-based; an upbeat counts as its bar.")
    to_bar: int = Field(description="Last bar, inclusive.")
    how: str = Field(description="'literal', 'ornamented', 'transposed', 'fragment' or 'augmented'.")
    similarity: float = Field(
        description="0 to 1, measured on the finished melody: intervals like the theme's, times onsets in their place."
    )


class Composition(ToolData):
    """What was composed, as facts."""

    tempo_bpm: float = Field(description="Mean tempo in beats of the meter per minute.")
    key: str = Field(description="Key, as 'D minor'.")
    meter: str = Field(description="Time signature, as '3/4'.")
    bars: int = Field(description="Number of bars.")
    duration_s: float = Field(description="Length in seconds.")
    style: str = Field(description="The style its material was drawn from.")
    chords: list[str] = Field(description="Chord symbols, one entry a bar.")
    sections: list[SectionFacts] = Field(description="Sections in order.")
    instruments: list[str] = Field(description="Instruments that play, one a track.")
    hit_points: list[LandingFacts] = Field(description="Where hit points and cuts fell.")
    conflicts: list[str] = Field(description="What was asked and could not be kept, with the reason.")
    loop: bool = Field(description="Whether the end leads back to the start.")
    theme: list[StatementFacts] = Field(description="Where a given theme comes, in order; empty when none was given.")
    seed: int = Field(description="Seed it was composed with.")


@tool(
    version="1",
    takes=("timeline", "references", "midi", "score"),
    gives=("midi",),
    random=True,
    cost="seconds",
    timeout_s=120,
    asks=(
        r"\b(?:compose|(?<!this )(?<!the )(?<!my )composition|improvise)\b(?: me| us)?",
        r"\b(?:write|make|create|produce|generate|give|need|want|d like|would like|do|craft|cook up|come up with)\b "
        r"(?:me |us )?(?:(?!(?:of|from|to|for|in|on|this|that|these|those|and|then|with|my|more)\b)[\w'/#-]+ ){0,6}"
        "?(?:piece|music|songs?|tune|track|score|soundtrack|theme|jingle|groove|beat|loop|riff|lullaby|waltz|"
        "blues|march|ballad|anthem|melody|underscore|cue|number|instrumental|composition|interlude|overture|"
        r"sonata|etude|nocturne|fugue|minuet|prelude|hymn|carol|banger)\b(?! (?:sheet|file|grid|sheets))",
        r"\barrange (?:me |us )?(?:something|some music)\b",
        r"\b(?:write|create|produce|make)\b (?:me |us )?(?:an?|some|one|another|something)\b"
        r"(?! (?:[\w-]+ ){0,2}?(?:changes?|tweaks?|edits?|adjustments?|corrections?|fix|copy|backup)\b)",
        r"\bscore (?:it|this|the|my)\b(?: \w+){0,2}?(?: (?:video|film|clip|movie|footage|scene|picture|photo)"
        r")?\b",
        r"\b(?:music|score|soundtrack|theme|jingle|underscore|song|tune) (?:for|under|behind|to go with)\b(?: "
        r"(?:this|it|my|the|a|an))?(?: \w+){0,2}?(?: (?:video|film|clip|movie|footage|scene|picture|photo|"
        r"image))?\b",
        "(?:创作|写|来|谱|做|作)(?:一)?(?:首|段|支|曲)(?!歌词|词)",
        "作曲",
        "配(?:一)?(?:段|首|个)?(?:好听的)?(?:[^,.;]{0,8})(?:音乐|曲|乐)(?!器)",
        "配乐",
        "(?:想要|需要|要)(?:一)?(?:首|段|支)",
    ),
)
def compose(args: ComposeArgs, ctx: ToolContext) -> ToolResult:
    """Compose a multi-track piece that keeps every field of the Brief, to a film's cuts when a timeline is given."""
    parents = [ctx.artifact(ref) for ref in (args.timeline, args.references, args.theme) if ref]
    timeline = ctx.artifact(args.timeline).file if args.timeline else None
    references = ctx.artifact(args.references).file if args.references else None
    brief = _as_asked(args.brief) if args.brief and args.theme else args.brief
    wish = read_wish(
        MusicFields(**{n: getattr(args, n) for n in MusicFields.model_fields}), brief, timeline, references
    )
    if args.theme:
        take_theme(wish, _read_theme(args.theme, ctx))
    composed = compose_score(wish, ctx.seed, ctx.progress)
    data = _facts(composed, wish, ctx.seed)
    path = ctx.work_dir / f"{file_name(wish)}.mid"
    _write(composed, path)
    told = [_theme_note(data.theme)] if data.theme else []
    notes = tuple(dict.fromkeys([*composed.notes, *told, *(f"not kept: {c}" for c in composed.conflicts)]))
    output = Output(
        path,
        "midi",
        "audio/midi",
        facts=_output_facts(data),
        parents=tuple(p.id for p in parents),
        licence=ctx.artifact(args.theme).licence if args.theme else "CC0-1.0",
    )
    return ToolResult(_summary(data, wish.title()), data, (output,), backend="embedded", notes=notes)


def _write(composed: Composed, path: Path) -> None:
    if not any(t.notes for t in composed.score.tracks):
        raise UserError("The request leaves nothing to play (every bar is N.C.); give at least one chord.")
    write_midi(composed.score, path)


def file_name(wish: Wish) -> str:
    """A readable name from the title: ``wistful-waltz``, ``flute-c-sharp-minor``."""
    name = re.sub(r"[^\w]+", "-", wish.title().lower().replace("#", " sharp"), flags=re.UNICODE).strip("-_")
    return name[:60].rstrip("-_") or "piece"


def _facts(composed: Composed, wish: Wish, seed: int) -> Composition:
    grid = composed.grid
    chords: list[list[str]] = [[] for _ in grid.bars]
    for span in composed.spans:
        chords[span.bar].append("N.C." if span.chord is None else span.chord.symbol(flats=composed.key.prefers_flats))
    sections = [
        SectionFacts(
            name=s.name,
            from_bar=s.start + 1,
            to_bar=s.end,
            start_s=round(grid.seconds(grid.bars[s.start].start), 3),
            end_s=round(
                grid.seconds(min(grid.bars[s.end - 1].end, grid.end) if s.end < len(grid.bars) else grid.end), 3
            ),
        )
        for s in composed.form.sections
    ]
    return Composition(
        tempo_bpm=round(grid.tempo_bpm, 2),
        key=str(composed.key),
        meter=str(grid.meter),
        bars=len(grid.bars),
        duration_s=round(grid.duration_s, 3),
        style=composed.style,
        chords=[" ".join(c) for c in chords],
        sections=sections,
        instruments=[p.name for p in composed.players],
        hit_points=[LandingFacts(**landing_facts(la)) for la in grid.landings],
        conflicts=list(dict.fromkeys(composed.conflicts)),
        loop=bool(wish.fields.loop),
        theme=_statements(composed),
        seed=seed,
    )


def _as_asked(brief: Brief) -> Brief:
    """A Brief without the key, meter and tempo that it has from hearing the theme: the theme itself brings them."""
    asked = {c.name for c in brief.constraints}
    heard = {"key", "mode", "meter", "tempo_bpm"} - asked if asked else set()
    return brief.model_copy(update=dict.fromkeys(heard))


def _read_theme(ref: str, ctx: ToolContext) -> Theme:
    """The melody of the score given as the theme, in the meter, key and tempo of its beginning."""
    score = desk.load(ref, ctx).score
    _, line = desk.melody_of(score, select(score))
    begin = line[0].start
    meter, qpm = value_at(score.meters, begin), value_at(score.tempi, begin)
    return theme_of(line, score.bar_starts(), meter, desk.key_of(score), qpm)


def _statements(composed: Composed) -> list[StatementFacts]:
    """Where the theme comes, and how alike the finished melody is to it there."""
    tune = next((i for i, p in enumerate(composed.players) if p.role in ("melody", "solo")), None)
    heard = composed.score.tracks[tune].notes if tune is not None else []
    return [
        StatementFacts(
            from_bar=t.statement.bar + 1,
            to_bar=t.statement.bar + t.statement.bars,
            how=t.statement.how,
            similarity=likeness(t, heard),
        )
        for t in composed.told
    ]


def _theme_note(found: list[StatementFacts]) -> str:
    where = ", ".join(f"bar {s.from_bar} ({s.how}, {s.similarity:.2f})" for s in found)
    return f"the theme comes in {where}; in brackets how, and how alike it came out (1 is note for note)"


def _output_facts(data: Composition) -> dict[str, Any]:
    return data.model_dump(mode="json")


def _summary(data: Composition, title: str) -> str:
    who = ", ".join(dict.fromkeys(n.split(" #")[0] for n in data.instruments))
    marks = f"; {len(data.hit_points)} moments marked" if data.hit_points else ""
    return (
        f"Composed “{title}”: {data.bars} bars of {data.meter} in {data.key} at {data.tempo_bpm:g} BPM "
        f"({data.duration_s:.1f} s) for {who}{marks}."
    )
