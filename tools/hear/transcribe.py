"""Turn a recording into MIDI: every note of any instruments, or of a piano with its pedal."""

from __future__ import annotations

import json
from typing import Any, Literal

from pydantic import Field

from tools.contract import Audio, Output, ToolArgs, ToolContext, ToolData, ToolResult, tool
from tools.errors import UserError
from tools.hear._lines import NoteFacts, StretchArgs, file_stem, note_facts, read_stretch
from tools.kit.analysis.metrical import Bars, HeardNote
from tools.kit.score import Score

Backend = Literal["auto", "basic-pitch", "transkun"]
Spans = list[tuple[float, float]]
_MOST_SHOWN = 5000
_PEDAL = 64


class TranscribeArgs(ToolArgs, StretchArgs):
    """Arguments of :func:`transcribe`."""

    audio: Audio = Field(description="The recording.")
    quantize: bool = Field(
        False, description="Move notes to the nearest division of the beat; otherwise they keep their own time."
    )
    align: bool = Field(True, description="Lay bars and tempo under the notes; false writes plain seconds at 120 BPM.")
    instrument: str = Field("piano", description="The instrument that plays the notes in the MIDI file.")
    min_confidence: float = Field(0.0, ge=0, le=1, description="Notes less sure than this are left out.")
    backend: Backend = Field(
        "auto",
        description="'basic-pitch' hears any instruments; 'transkun' piano with pedal, when its package is installed; "
        "'auto' takes the first.",
    )


class Transcription(ToolData):
    """The notes heard."""

    n_notes: int = Field(description="Number of notes.")
    notes: list[NoteFacts] = Field(
        description=f"Notes in order, with their times in the recording; at most {_MOST_SHOWN}."
    )
    confidence: float = Field(description="Mean confidence of the notes, 0 to 1.")
    key: str | None = Field(description="Key of the notes, as 'G major'.")
    meter: str | None = Field(description="Time signature; null without bars.")
    tempo_bpm: float | None = Field(description="Median tempo in beats of the meter a minute; null without bars.")
    low: str = Field(description="Lowest note.")
    high: str = Field(description="Highest note.")
    bridge: dict[str, Any] = Field(description="Fields of a Brief and values that a composer may take over.")


@tool(
    version="1",
    takes=("audio",),
    gives=("midi",),
    cost="minutes",
    backends=("basic-pitch", "transkun"),
    asks=(
        r"\b(?:which|what) notes\b[^,.;?]{0,25}",
        r"\bfigure out (?:what|the notes|the chords)\b[^,.;]{0,20}",
        "扒(?:一下|出来|下来|谱|带)?",
        r"\btranscri(?:be|bing|ption)\b(?:[^,.;]{0,40}?\b(?:to|into|as) (?:midi|notes|a score|notation|"
        r"sheet music)\b)?",
        r"\b(?:notes|midi)\b[^,.;]{0,12}\b(?:of|from|out of)\b[^,.;]{0,30}\b(?:recording|audio|song|wav|mp3|track)\b"
        r"(?: as (?:midi|notes))?",
        r"\b(?:(?:turn|convert|change|make|export)\b[^,.;]{0,12} )?(?:audio|recording|wav|mp3|song|track|this|it) "
        r"(?:in)?to (?:midi|notes)\b",
        r"\baudio[- ]to[- ]midi\b",
        r"\b(?:write|notate) (?:down )?(?:out )?what (?:is|was|they|he|she|i)\b[^,.;]{0,12}\bplay(?:ed|ing|s)?\b",
        "(?:音符|音|谱子?)[^,.;]{0,4}(?:写|记|抄)(?:下来|出来)",
        "扒谱",
        "扒带",
        "转录",
        "听写",
        r"(?:录音|音频|歌)[^,.;]{0,8}(?:转成|转换成|转为|变成|转)\s*(?:midi|音符|乐谱|谱)",
    ),
    timeout_s=3600,
)
def transcribe(args: TranscribeArgs, ctx: ToolContext) -> ToolResult:
    """Write down every note of a recording as MIDI, under the recording's own bars, with how sure each note is."""
    from tools.kit.score import write_midi
    from tools.kit.theory.instruments import instrument

    source = ctx.artifact(args.audio)
    program = instrument(args.instrument).programs[0]
    chosen = "transkun" if args.backend == "transkun" else "basic-pitch"
    ctx.progress(0.02, f"listening to {source.file.name}")
    heard, pedal, mono, late = _heard(args, ctx, chosen)
    heard = [n for n in heard if n.confidence >= args.min_confidence]
    if not heard:
        raise UserError(
            f"No note was heard in {source.file.name}; give one of pitched instruments, or lower min_confidence."
        )
    ctx.progress(0.9, "laying bars under the notes")
    bars = _bars(mono, heard, late) if args.align or args.quantize else None
    score = _score(heard, pedal, bars, args.quantize, program)
    data = _facts(heard, score, bars)
    stem = file_stem(source.file, "transcription")
    path, report = ctx.work_dir / f"{stem}.mid", ctx.work_dir / f"{stem}.json"
    write_midi(score, path)
    report.write_text(json.dumps(data.model_dump(mode="json"), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    facts = {"notes": data.n_notes, "confidence": data.confidence} | data.bridge
    outputs = (
        Output(path, "midi", "audio/midi", facts=facts, parents=(source.id,), licence=source.licence),
        Output(report, "description", "application/json", facts=data.bridge, parents=(source.id,), licence="CC0-1.0"),
    )
    notes = ("no steady beat was found, so the notes stand at 120 BPM",) if args.align and bars is None else ()
    return ToolResult(_summary(data), data, outputs, backend=chosen, notes=notes)


def _heard(args: TranscribeArgs, ctx: ToolContext, backend: str) -> tuple[list[HeardNote], Spans, Any, float]:
    """Notes and pedal in the recording's own seconds, mono samples at 22.05 kHz, and where the stretch begins."""
    from tools.backends import note_activity
    from tools.kit.analysis.polyphony import notes_from_activity

    source = ctx.artifact(args.audio)
    samples, late = read_stretch(source, note_activity.RATE, args.start_s, args.end_s)
    mono = samples[:, 0] / max(float(abs(samples).max()), 1e-9)

    def report(share: float) -> None:
        ctx.progress(0.05 + 0.8 * share, f"writing down {source.file.name}")

    if backend == "transkun":
        from tools.backends.piano_notes import piano_notes

        notes, pedal = piano_notes(mono, note_activity.RATE, late, report)
        return notes, pedal, mono, late
    activity = note_activity.note_activity(mono, report)
    found = notes_from_activity(activity.onset, activity.sounding, note_activity.FRAME_S)
    return (
        [
            HeardNote(
                n.start_s + late,
                n.end_s + late,
                n.key + note_activity.LOWEST,
                max(1, min(127, round(127 * n.strength))),
                n.confidence,
            )
            for n in found
        ],
        [],
        mono,
        late,
    )


def _bars(mono: Any, heard: list[HeardNote], late: float) -> Bars | None:
    """The recording's beats and bars, in its own seconds; None when it has no pulse."""
    from tools.hear._beats import heard_bars

    bars = heard_bars(mono, heard, late)
    return None if bars is None or len(bars.beats_s) < 4 else bars


def _score(heard: list[HeardNote], pedal: Spans, bars: Bars | None, quantised: bool, program: int) -> Score:
    from tools.kit.analysis.metrical import aligned
    from tools.kit.score import Control, Note, Track

    if bars is not None:
        score = aligned(heard, bars, quantised=quantised, name="Transcription", program=program)
    else:
        notes = [Note(2 * n.start_s, 2 * max(n.end_s - n.start_s, 0.02), n.pitch, n.velocity) for n in heard]
        score = Score([Track("Transcription", program, notes=notes)])
    score.tracks[0].controls = [
        Control(max(0.0, score.quarters(at)), _PEDAL, value)
        for start, end in pedal
        for at, value in ((start, 127), (end, 0))
    ]
    key = _key(score)
    score.keys = [(0.0, key)] if key else []
    return score


def _key(score: Score) -> Any:
    from tools.kit.analysis.key import rank_note_keys
    from tools.kit.analysis.notes import notes_of

    fits = rank_note_keys(notes_of(score))
    return fits[0].key if fits else None


def _facts(heard: list[HeardNote], score: Score, bars: Bars | None) -> Transcription:
    facts = note_facts(heard)
    low, high = min(facts, key=lambda n: n.pitch), max(facts, key=lambda n: n.pitch)
    known: dict[str, Any] = {"key": str(score.keys[0][1]) if score.keys else None}
    if bars is not None:
        known |= {"meter": str(bars.meter), "tempo_bpm": round(bars.bpm, 1)}
    return Transcription(
        n_notes=len(facts),
        notes=facts[:_MOST_SHOWN],
        confidence=round(sum(n.confidence for n in facts) / len(facts), 3),
        key=known["key"],
        meter=known.get("meter"),
        tempo_bpm=known.get("tempo_bpm"),
        low=low.name,
        high=high.name,
        bridge={name: value for name, value in known.items() if value is not None},
    )


def _summary(data: Transcription) -> str:
    where = f" in {data.key}" if data.key else ""
    time = f", in {data.meter} at {data.tempo_bpm:.0f} BPM" if data.meter else ""
    return f"{data.n_notes} notes{where}{time}, {data.low} to {data.high}, mean confidence {data.confidence:.2f}."
