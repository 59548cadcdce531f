"""Proofread part writing: what breaks which rule, in which bar, on which beat, between which voices."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from tools.contract import Output, ToolContext, ToolData, ToolResult, tool
from tools.contract import Score as ScoreRef
from tools.errors import UserError
from tools.kit.arguments import RegionArgs, region_of
from tools.kit.partwriting.moments import REST, Moments, Voice, moments_of, place, voices_in
from tools.kit.partwriting.motion import Breach, crossings, parallels, wide_spacing
from tools.kit.partwriting.tones import Harmony, dissonances, leading_tones, leaps, sevenths
from tools.kit.score import Score
from tools.kit.theory.instruments import instrument_of_program, is_a
from tools.kit.theory.pitch import Key, pitch_name

Weight = Literal["error", "warning", "remark"]
Style = Literal["chorale", "counterpoint", "classical", "jazz", "pop"]
_PERFECTS = ("parallel fifths", "parallel octaves")
_CONTRARY = ("contrary fifths", "contrary octaves")
_HIDDEN = ("hidden fifths", "hidden octaves")
_LEAPS = ("augmented second", "tritone leap", "leap of a seventh", "leap beyond an octave")
_RULES: dict[Style, dict[str, Weight]] = {
    "chorale": {
        **dict.fromkeys((*_PERFECTS, "range"), "error"),
        **dict.fromkeys((*_HIDDEN, *_LEAPS, "voice crossing", "wide spacing"), "warning"),
        **dict.fromkeys(("leading tone", "unresolved seventh"), "warning"),
        **dict.fromkeys((*_CONTRARY, "voice overlap", "unresolved dissonance"), "remark"),
    },
    "counterpoint": {
        **dict.fromkeys((*_PERFECTS, *_HIDDEN, *_LEAPS, "unresolved dissonance", "range"), "error"),
        **dict.fromkeys((*_CONTRARY, "voice crossing", "leading tone", "unresolved seventh"), "warning"),
    },
    "classical": {
        **dict.fromkeys((*_PERFECTS, "leading tone", "unresolved seventh"), "warning"),
        **dict.fromkeys((*_HIDDEN, "augmented second"), "remark"),
        "range": "error",
    },
    "jazz": {"range": "error", "muddy interval": "warning", "minor ninth": "warning"},
    "pop": {"range": "error", "muddy interval": "warning", "minor ninth": "remark"},
}
_VOICES = {  # compass of the voices of a choir, MIDI pitches (Aldwell and Schachter)
    "soprano": (60, 81),
    "alto": (53, 76),
    "tenor": (47, 69),
    "bass": (39, 64),
}
_SUNG_BY_NUMBER = ("soprano", "alto", "tenor", "bass")
_MUDDY_BELOW, _MUDDY_WITHIN = 48, 5  # intervals under a fourth below C3 blur
_MOST_VOICES = 12


class CheckTheoryArgs(RegionArgs):
    """Arguments of :func:`check_theory`."""

    music: ScoreRef = Field(description="The score to proofread.")
    style: Style | str | None = Field(
        None,
        description="Whose rules: 'chorale', 'counterpoint', 'classical', 'jazz' or 'pop'; by the forces if not said.",
    )
    key: str | None = Field(None, description="Key, as 'G minor'; told from the notes when not said.")


class Finding(BaseModel):
    """A place where a rule is broken."""

    model_config = ConfigDict(extra="forbid")

    rule: str = Field(description="The rule, as 'parallel fifths'.")
    weight: Weight = Field(description="How grave it is in this style.")
    bar: int = Field(description="Bar, counted from 1.")
    beat: float = Field(description="Beat of the bar in quarters, counted from 1.")
    voices: list[str] = Field(description="The voices concerned, the upper first.")
    notes: list[str] = Field(description="Their notes, voice by voice, before and after where they move.")


class TheoryChecked(ToolData):
    """What a proofreader found."""

    style: Style = Field(description="Whose rules were applied.")
    key: str = Field(description="Key they were applied in.")
    voices: list[str] = Field(description="The voices, the highest first.")
    counts: dict[str, int] = Field(description="How often each rule was broken; every rule applied is named.")
    errors: int = Field(description="Findings that are errors in this style.")
    warnings: int = Field(description="Findings that are warnings.")
    findings: list[Finding] = Field(description="Every finding, in the order of bars.")


@tool(
    version="1",
    takes=("midi", "score"),
    gives=("report",),
    cost="seconds",
    timeout_s=300,
    asks=(
        r"\b(?:check|look|scan|find|are there|is there|any|watch)\b[^,.;]{0,12}\bparallels\b",
        r"\b(?:(?:check|look|scan|find|are there|is there|any)\b[^,.;]{0,12})?\b(?:parallel|hidden|consecutive|direct"
        r") (?:fifths?|octaves?|5ths?|8ves)\b(?: (?:and|or) (?:octaves?|fifths?))?(?: in (?:this|it|here))?",
        r"\bmy (?:harmony|counterpoint|part[- ]writing|voice[- ]leading|chorale|theory)\b[^,.;?]{0,25}\b(?:correct|ri"
        r"ght|ok|okay|fine|wrong|valid)\b",
        r"\bvoice[- ](?:leading|crossing)\b(?: (?:errors?|mistakes?|problems?))?",
        r"\b(?:check|proof-?read|correct|mark|grade|find)\b[^,.;]{0,20}\b(?:theory|harmony (?:exercise|homework)|coun"
        r"terpoint|part[- ]writing|voice[- ]leading)\b",
        r"\b(?:theory|part[- ]writing|counterpoint|harmony) (?:errors?|mistakes?|problems?|check)\b",
        r"\bleading tones? resol\w+\b",
        "(?:检查|看看|有没有)?[^,.;]{0,6}平行[五八]度",
        "声部进行",
        "(?:和声|乐理|对位)(?:错误|问题|检查)",
        "检查(?:一下)?(?:和声|乐理|对位)",
    ),
)
def check_theory(args: CheckTheoryArgs, ctx: ToolContext) -> ToolResult:
    """Look for breaches of part-writing rules, with bar, beat and voices: parallels, ranges, dissonances and more."""
    from tools.kit.analysis.harmony import chord_sequence
    from tools.kit.score.notation import read_notation

    artifact = ctx.artifact(args.music)
    score = read_notation(artifact)
    region = region_of(score, args)
    held = {id(n) for _, notes in region.notes(drums=False) for n in notes}
    if not held:
        raise UserError(f"{artifact.file.name} has no pitched notes there; name other bars or tracks.")
    voices = _meant(voices_in(score), held)
    key = _key(score, args.key)
    style = _style(args.style, voices)
    ctx.progress(0.4, f"proofreading {len(voices)} voices")
    breaches = _breaches(voices, style, key, Harmony(chord_sequence(score)))
    inside = [b for b in breaches if region.start - 1e-6 <= b.time < region.end - 1e-6]
    data = _data(score, voices, style, key, inside)
    path = ctx.work_dir / "theory.md"
    path.write_text(as_markdown(data, artifact.file.name), encoding="utf-8")
    facts = data.model_dump(include={"style", "key", "counts", "errors", "warnings"})
    report = Output(path, "report", "text/markdown", facts, (artifact.id,), "CC0-1.0")
    return ToolResult(_summary(data, artifact.file.name), data, (report,))


def _meant(voices: list[Voice], held: set[int]) -> list[Voice]:
    """The voices that hold a note of the region; the most of them that are proofread against one another."""
    return [v for v in voices if any(id(n) in held for n in v.notes)][:_MOST_VOICES]


def _key(score: Score, named: str | None) -> Key:
    from tools.kit.analysis.key import rank_note_keys
    from tools.kit.analysis.notes import notes_of, phrase_starts

    if named:
        try:
            return Key.parse(named)
        except ValueError as err:
            raise UserError(f"key {named!r} is no key ({err}); write it as 'D minor' or 'Bb major'.") from err
    return rank_note_keys(notes_of(score), phrase_starts_q=phrase_starts(score))[0].key


def _style(named: str | None, voices: Sequence[Voice]) -> Style:
    if named:
        text = named.lower()
        for style in _RULES:
            if style in text:
                return style
        if any(word in text for word in ("bach", "satb", "hymn", "choir", "choral", "four-part", "four part")):
            return "chorale"
        if any(word in text for word in ("species", "fux", "palestrina", "fugue", "baroque", "strict")):
            return "counterpoint"
        raise UserError(f"style {named!r} has no rules here; say {', '.join(_RULES)}.")
    sung = all(is_a(instrument_of_program(v.program).name, "voice") for v in voices)
    return "chorale" if len(voices) == 4 or sung else "counterpoint" if len(voices) <= 3 else "classical"


def _breaches(voices: Sequence[Voice], style: Style, key: Key, harmony: Harmony) -> list[Breach]:
    moments = moments_of(voices)
    found = chain(
        parallels(moments, contrary=True),
        crossings(moments),
        wide_spacing(moments) if len(voices) > 2 else (),
        _out_of_range(voices, style),
        leading_tones(voices, harmony, key),
        sevenths(voices, harmony),
        leaps(voices, key),
        dissonances(voices, harmony),
        _clashes(moments),
    )
    applied = _RULES[style]
    return sorted((b for b in found if b.rule in applied), key=lambda b: (b.time, b.rule, b.voices))


def _out_of_range(voices: Sequence[Voice], style: Style) -> Iterator[Breach]:
    """Notes beyond the voice's compass: a choir's by name or by number of four, else the instrument's."""
    for number, voice in enumerate(voices):
        named = next((v for v in _VOICES if v in voice.name.lower()), None)
        if named is None and style == "chorale" and len(voices) == 4:
            named = _SUNG_BY_NUMBER[number]
        played = instrument_of_program(voice.program)
        low, high = _VOICES[named] if named else (played.low, played.high)
        for note in voice.notes:
            if not low <= note.pitch <= high:
                yield Breach("range", note.start, (number,), (note.pitch,))


def _clashes(moments: Moments) -> Iterator[Breach]:
    """Close intervals low down, and minor ninths between voices that are struck together."""
    pitch, struck = moments.pitch, moments.struck
    for upper in range(len(pitch)):
        for lower in range(upper + 1, len(pitch)):
            for at in (struck[upper] & struck[lower]).nonzero()[0]:
                a, b = int(pitch[upper, at]), int(pitch[lower, at])
                if REST in (a, b):
                    continue
                found = Breach("", float(moments.times[at]), (upper, lower), (a, b))
                if 0 < a - b < _MUDDY_WITHIN and a < _MUDDY_BELOW:
                    yield Breach("muddy interval", found.time, found.voices, found.pitches)
                if a - b == 13:
                    yield Breach("minor ninth", found.time, found.voices, found.pitches)


def _data(score: Score, voices: Sequence[Voice], style: Style, key: Key, breaches: Sequence[Breach]) -> TheoryChecked:
    bars = score.bar_starts()
    weights = _RULES[style]
    counts = dict.fromkeys(weights, 0)
    findings = []
    for breach in breaches:
        counts[breach.rule] += 1
        bar, beat = place(bars, breach.time)
        findings.append(
            Finding(
                rule=breach.rule,
                weight=weights[breach.rule],
                bar=bar,
                beat=beat,
                voices=[voices[v].name for v in breach.voices],
                notes=[_name(p, key) for p in breach.pitches],
            )
        )
    return TheoryChecked(
        style=style,
        key=str(key),
        voices=[v.name for v in voices],
        counts=counts,
        errors=sum(f.weight == "error" for f in findings),
        warnings=sum(f.weight == "warning" for f in findings),
        findings=findings,
    )


def _name(pitch: int, key: Key) -> str:
    return f"{pitch_name(pitch % 12, flats=key.prefers_flats)}{pitch // 12 - 1}"


def _summary(data: TheoryChecked, name: str) -> str:
    told = [f"{n} {rule}" for rule, n in data.counts.items() if n]
    if not told:
        return f"{name} breaks none of the {len(data.counts)} {data.style} rules that were checked, in {data.key}."
    first = next(f for f in data.findings if f.rule == max(data.counts, key=lambda r: data.counts[r]))
    where = f"{first.rule} first in bar {first.bar}, beat {first.beat:g}"
    return f"{name}, by {data.style} rules in {data.key}: {', '.join(told)} ({where})."


def as_markdown(data: TheoryChecked, name: str) -> str:
    """The findings as a table."""
    rows = [
        f"| {f.bar} | {f.beat:g} | {f.rule} | {f.weight} | {', '.join(f.voices)} | {' '.join(f.notes)} |"
        for f in data.findings
    ]
    head = [f"# Part writing of {name}", "", _summary(data, name), ""]
    table = ["| bar | beat | rule | weight | voices | notes |", "|---|---|---|---|---|---|", *rows, ""] if rows else []
    clean = ", ".join(rule for rule, n in data.counts.items() if not n)
    return "\n".join([*head, *table, f"Nothing found of: {clean}." if clean else "", ""])
