"""Turn a hummed, sung or whistled line into a clean melody: notes in key and meter."""

from __future__ import annotations

import json
from typing import Any

from pydantic import Field

from tools.contract import Audio, Output, ToolArgs, ToolContext, ToolData, ToolResult, tool
from tools.errors import UserError
from tools.hear._lines import NoteFacts, StretchArgs, file_stem, note_facts, read_stretch
from tools.kit.analysis.metrical import Bars, HeardNote
from tools.kit.analysis.singing import Sung
from tools.kit.score import Score
from tools.kit.theory.pitch import Key

_FREE_BPM = 120.0
_FALLBACK = "no steady beat was found, so the notes keep the lengths they were sung with"


class TranscribeMelodyArgs(ToolArgs, StretchArgs):
    """Arguments of :func:`transcribe_melody`."""

    audio: Audio = Field(description="The recording of one voice or one instrument, unaccompanied.")
    key: str | None = Field(None, description="The key, when it is known: 'G major'; found from the notes if not said.")
    tempo_bpm: float | None = Field(
        None, ge=20, le=300, description="The tempo, when it is known; found from the notes if not said."
    )
    meter: str | None = Field(
        None, pattern=r"^\d{1,2}/\d{1,2}$", description="The meter, when it is known: '3/4'; found if not said."
    )
    instrument: str = Field("piano", description="The instrument that plays the melody in the MIDI file.")
    quantize: bool = Field(True, description="Put notes on a grid of bars and beats; false keeps the times as sung.")


class Melody(ToolData):
    """The line as heard."""

    notes: list[NoteFacts] = Field(description="Notes in order, with their times in the recording.")
    key: str | None = Field(description="Key of the line, as 'G major'.")
    key_confidence: float | None = Field(description="Profile correlation of the key, at most about 1.")
    meter: str | None = Field(description="Time signature that the accents keep to; null when not put on a grid.")
    tempo_bpm: float | None = Field(description="Tempo in beats of the meter a minute.")
    tuning_cents: float = Field(description="How far from A 440 the voice was tuned, -50 to 50 cents.")
    bars: int = Field(description="Bars of the melody.")
    starts_s: float = Field(description="Where the first note begins in the recording, in seconds.")
    low: str = Field(description="Lowest note.")
    high: str = Field(description="Highest note.")
    confidence: float = Field(description="Mean confidence of the notes, 0 to 1.")
    bridge: dict[str, Any] = Field(description="Fields of a Brief and values that a composer may take over.")


@tool(
    version="1",
    takes=("audio",),
    gives=("midi",),
    asks=(
        r"\bvoice memo\b(?:[^.;]{0,30}\b(?:melody|tune|midi|notes)\b)*",
        r"\b(?:i|me) (?:sang|hum|humming|singing|whistling)\b",
        r"\b(?:transcribe|write down|notate|take down|pick out|extract|get)\b[^,.;]{0,20}\b(?:melody|tune|humming|hum|"
        r"hummed|whistling|whistled|vocal line|topline|sung)\b(?:[^,.;]{0,15}\b(?:i|we) (?:just )?(?:hummed|sang|"
        r"whistled))?",
        r"\b(?:my|this|the) (?:hum(?:ming|med)?|whistl(?:e|ed|ing))\b(?: (?:tune|melody))?",
        r"\bwrite (?:the|this|that|my) (?:tune|melody|line) (?:down|out)\b",
        r"\bwhat i (?:hum(?:med)?|sang|whistled)\b",
        r"\b(?:i|we)(?: just)? (?:hummed|whistled|sang)\b",
        "哼(?:的|唱的|唱|出来的)?(?:旋律|曲调|调子|歌|这段)?[^,.;]{0,6}(?:记下来|转|写下来|变成|写成|做成)?",
        "口哨",
        "提取(?:主)?旋律",
    ),
    timeout_s=600,
)
def transcribe_melody(args: TranscribeMelodyArgs, ctx: ToolContext) -> ToolResult:
    """Write down a hummed, sung or whistled line as a clean melody in MIDI: in tune, in key, in bars, rests kept."""
    from tools.kit.theory.instruments import instrument

    source = ctx.artifact(args.audio)
    program = instrument(args.instrument).programs[0]
    asked = None if args.key is None else Key.parse(args.key)
    ctx.progress(0.05, f"listening to {source.file.name}")
    sung, tuning, late = _listen(args, ctx)
    key, sure = _key(sung, asked)
    from tools.kit.analysis.singing import drawn_into_key

    sung = drawn_into_key(sung, frozenset(key.pitch_classes())) if key else sung
    ctx.progress(0.8, "writing the notes")
    score, bars, heard = _written(_heard(sung, late), args, program)
    score.keys = [(0.0, key)] if key else []
    path = ctx.work_dir / f"{file_stem(source.file, 'melody')}.mid"
    from tools.kit.score import write_midi

    write_midi(score, path)
    data = _melody(score, bars, heard, key, sure, tuning)
    facts = {n: v for n, v in (("key", data.key), ("meter", data.meter), ("tempo_bpm", data.tempo_bpm)) if v}
    shown = facts | {"notes": len(data.notes), "confidence": data.confidence}
    made = Output(path, "midi", "audio/midi", facts=shown, parents=(source.id,), licence=source.licence)
    notes = (_FALLBACK,) if args.quantize and bars is None else ()
    report = ctx.work_dir / f"{file_stem(source.file, 'melody')}.json"
    report.write_text(json.dumps(data.model_dump(mode="json"), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    told = Output(report, "description", "application/json", facts=facts, parents=(source.id,), licence="CC0-1.0")
    return ToolResult(_summary(data), data, (made, told), backend="swift-f0", notes=notes)


def _listen(args: TranscribeMelodyArgs, ctx: ToolContext) -> tuple[list[Sung], float, float]:
    """Notes, tuning in cents and the second at which the stretch begins."""
    from tools.backends import f0
    from tools.kit.analysis.singing import sung_notes

    source = ctx.artifact(args.audio)
    samples, late = read_stretch(source, f0.RATE, args.start_s, args.end_s)
    track = f0.track_pitch(samples[:, 0])
    ctx.progress(0.6, "finding the notes")
    sung, tuning = sung_notes(track.pitch, track.voicing, track.level_db, f0.FRAME_S)
    if not sung:
        raise UserError(f"No melody was heard in {source.file.name}; give a recording of one voice, close and clear.")
    return sung, tuning, late


def _key(sung: list[Sung], asked: Key | None) -> tuple[Key | None, float | None]:
    """The key asked for, or the best for the notes by their lengths, the last note weighing as a close."""
    from tools.kit.analysis.key import rank_note_keys
    from tools.kit.analysis.notes import notes_of
    from tools.kit.score import Note, Track

    line = Track("line", notes=[Note(n.start_s * 2, max((n.end_s - n.start_s) * 2, 0.05), n.pitch, 80) for n in sung])
    fits = rank_note_keys(notes_of(Score([line])))
    if asked is not None:
        return asked, next((round(f.score, 3) for f in fits if f.key == asked), None)
    return (fits[0].key, round(min(fits[0].score, 1.0), 3)) if fits else (None, None)


def _heard(sung: list[Sung], late: float) -> list[HeardNote]:
    return [HeardNote(n.start_s + late, n.end_s + late, n.pitch, round(40 + 70 * n.level), n.confidence) for n in sung]


def _written(
    heard: list[HeardNote], args: TranscribeMelodyArgs, program: int
) -> tuple[Score, Bars | None, list[HeardNote]]:
    """The line as a score: in bars, or as it was sung when that is asked for or no beat is found."""
    import numpy as np

    from tools.kit.analysis.metrical import accents_on, barred, beats_of_notes, clean_line, division, places
    from tools.kit.score import Note, Track
    from tools.kit.theory.meter import Meter

    beats = beats_of_notes(heard, args.tempo_bpm) if args.quantize else None
    if beats is not None:
        meter = None if args.meter is None else Meter.parse(args.meter)
        in_three = division(places(np.array([n.start_s for n in heard]), beats)) == 3
        unit = meter.beat_quarters if meter else 1.5 if in_three else 1.0
        count = round(meter.bar_quarters / meter.beat_quarters) if meter else 2 if in_three else None
        bars = barred(beats, accents_on(beats, heard), count, unit)
        score, kept = clean_line(heard, bars, "Melody", program)
        if args.tempo_bpm:
            score.tempi = [(0.0, args.tempo_bpm * unit)]
        return score, bars, kept
    pace = (args.tempo_bpm or _FREE_BPM) / 60
    first = heard[0].start_s
    notes = [Note((n.start_s - first) * pace, (n.end_s - n.start_s) * pace, n.pitch, n.velocity) for n in heard]
    return Score([Track("Melody", program, notes=notes)], [(0.0, 60 * pace)]), None, heard


def _melody(
    score: Score, bars: Bars | None, heard: list[HeardNote], key: Key | None, sure: float | None, tuning: float
) -> Melody:
    facts = note_facts(heard)
    low, high = min(facts, key=lambda n: n.pitch), max(facts, key=lambda n: n.pitch)
    meter = str(score.meters[0][1]) if bars else None
    tempo = round(score.tempi[0][1] / bars.beat_quarters, 1) if bars else None
    known = {"key": str(key) if key else None, "meter": meter, "tempo_bpm": tempo}
    return Melody(
        notes=facts,
        key=known["key"],
        key_confidence=sure,
        meter=meter,
        tempo_bpm=tempo,
        tuning_cents=round(tuning, 1),
        bars=len(score.bar_starts()),
        starts_s=facts[0].start_s,
        low=low.name,
        high=high.name,
        confidence=round(sum(n.confidence for n in facts) / len(facts), 3),
        bridge={name: value for name, value in known.items() if value is not None},
    )


def _summary(data: Melody) -> str:
    where = f" in {data.key}" if data.key else ""
    time = f", {data.bars} bars of {data.meter} at {data.tempo_bpm:.0f} BPM" if data.meter else ""
    sure = "sure" if data.confidence >= 0.75 else "fairly sure" if data.confidence >= 0.5 else "unsure"
    return f"A melody of {len(data.notes)} notes{where}{time}, {data.low} to {data.high}, {sure} of its notes."
