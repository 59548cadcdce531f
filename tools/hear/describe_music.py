"""Describe music: what a score or a recording is, as facts, a sentence, and fields a Brief may take over."""

from __future__ import annotations

import json
from typing import Any

from pydantic import BaseModel, Field

from tools.contract import Artifact, Music, Output, ToolArgs, ToolContext, ToolData, ToolResult, tool

_BRIDGE = ("tempo_bpm", "key", "meter", "instruments", "valence", "arousal")
_ON_NOTES = (
    "tempo, meter and instruments from the file; key by profile correlation (Aarden) with bass cues; chords by "
    "templates on each beat, smoothed; sections from markers or novelty; valence and arousal by an additive cue model "
    "(Eerola, Friberg and Bresin 2013)"
)
_ON_AUDIO = (
    "beats, bars and meter by a trained network and a bar pointer model; key and chords (major, minor) by a trained "
    "network, smoothed over beats; families of instruments by a trained network; loudness ITU-R BS.1770-4; sections by "
    "novelty; valence and arousal by an additive cue model (Eerola, Friberg and Bresin 2013)"
)


class DescribeMusicArgs(ToolArgs):
    """Arguments of :func:`describe_music`."""

    music: Music = Field(description="The score (MIDI, MusicXML, ABC, kern) or recording to describe.")


class Span(BaseModel):
    """A labelled stretch of time."""

    start_s: float = Field(description="Start in seconds.")
    end_s: float = Field(description="End in seconds.")
    label: str = Field(description="Chord symbol, or section name.")


class Described(ToolData):
    """The facts; what the source does not show is null or empty."""

    caption: str = Field(description="One or two sentences made from the facts.")
    how: str = Field(description="How the facts were measured.")
    duration_s: float = Field(description="Length in seconds.")
    tempo_bpm: float | None = Field(None, description="Tempo in beats of the meter per minute.")
    tempo_changes: list[dict[str, Any]] = Field(
        default_factory=list, description="at_s and tempo_bpm (quarters) of the map."
    )
    tempo_clarity: float | None = Field(None, description="How clear the pulse of a recording is, 0 to 1.")
    key: str | None = Field(None, description="Tonic and mode.")
    mode: str | None = Field(None, description="Mode alone.")
    key_confidence: float | None = Field(
        None, description="Profile correlation of a score's key, at most about 1; chance of a recording's."
    )
    beats_s: list[float] = Field(default_factory=list, description="Beats heard in a recording, in seconds.")
    downbeats_s: list[float] = Field(default_factory=list, description="First beats of its bars, in seconds.")
    meter: str | None = Field(None, description="Time signature at the start.")
    meter_changes: list[dict[str, Any]] = Field(default_factory=list, description="at_s and meter of the map.")
    bars: int | None = Field(None, description="Length in bars.")
    n_notes: int | None = Field(None, description="Number of notes.")
    chords: list[Span] = Field(default_factory=list, description="Chords over time.")
    sections: list[Span] = Field(
        default_factory=list, description="Sections over time: markers, or letters by likeness."
    )
    instruments: list[str] = Field(default_factory=list, description="Instruments with notes, the busiest first.")
    density: float | None = Field(None, description="Notes per second.")
    melody: dict[str, Any] | None = Field(None, description="Lowest and highest note of the top line.")
    loudness_lufs: float | None = Field(None, description="Integrated loudness of a recording, LUFS.")
    energy: list[dict[str, float]] = Field(
        default_factory=list, description="Course of loudness: at and level in [0, 1]."
    )
    valence: float | None = Field(None, description="Estimated pleasantness expressed, in [-1, 1].")
    arousal: float | None = Field(None, description="Estimated energy expressed, in [-1, 1].")
    bridge: dict[str, Any] = Field(description="Fields of a Brief and values that a composer may take over.")


@tool(
    version="1",
    takes=("midi", "score", "audio"),
    gives=("description",),
    asks=(
        r"\b(?:what|which|whats)\b(?:(?! did i| should| would| i )[^,.;?]){0,25}\b(?:scale|key|keys|mode|tempo|"
        "bpm|meter|metre|time signature|chords?|chord progression|harmony|instruments?|genre|form|sections?|"
        r"structure)\b(?:[^,.;?]{0,25}\b(?:in|is it|is this|are these|are those|is that|here|used?|play(?:ing|"
        r"ed)?|have|has)\b)?",
        r"\b(?:is|are) (?:this|it|that|these|those)(?: \w+){0,2} (?:in|major|minor|modal|a (?:major|minor)"
        r"|at \d)(?: (?:a |an )?(?:major|minor) key)?\b",
        r"\bhow (?:fast|slow|long|many (?:bars|beats|notes|sections|instruments))\b(?: (?:is|does|are) (?:it|"
        r"this|that|there)\b)?",
        r"\b(?:analy[sz]e|analysis)\b(?:[^,.;]{0,25}\b(?:harmony|form|piece|song|music|chords|structure|recording|"
        r"track|midi|score|this|it)\b)*",
        r"\bdescri(?:be|ption)\b(?:[^,.;]{0,12}\b(?:music|song|piece|track|recording|midi|tune|score)\b)?",
        r"\btell me (?:more )?about (?:this|it|the|that)(?: (?:music|song|piece|track|recording|midi|tune|"
        r"riff))?\b",
        r"\b(?:tell me|list|name|identify|detect|read|(?:show me|give me|find(?: out)?) (?:the|its|this|all))\b"
        r"[^,.;]{0,15}(?<!-)\b(?:chords|key|tempo|"
        r"meter|scale|chord (?:progression|chart)|instruments|sections|time signature)\b(?!-)(?:[^,.;?]{0,25}\b(?:of|"
        r"in) (?:this|it|the)\b)?",
        "(?:描述|分析|介绍)(?:一下)?[^,.;]{0,8}(?:曲|音乐|和弦|旋律|调|结构|曲式|歌|音频|录音|和声|节奏)?",
        "(?:是|用了|有|在)?(?:什么|哪些|哪个|几个|多少|多)(?:调|速度|和弦|乐器|拍|拍子|拍号|调式|音阶|风格|曲式|快)",
        "(?:和弦|速度|调|拍号|节拍|曲式)(?:进行)?(?:是)?(?:什么|多少|几)",
        r"\b(?:give|tell|show|get|send) (?:me|us) (?:the |its )?(?:chords?|changes|key|tempo) (?:to|of|for|in|from) "
        r"(?:this|that|it)\b(?: (?:one|song|tune|piece|track))?",
        r"\bhow many (?:bpm|beats (?:per|a) minute)\b",
        r"^\W*(?:the )?(?:bpm|key|tempo|chords?|meter|metre|scale|time signature|instruments)(?:\W+(?:and|"
        r"or|the|what|is|plus)?\W*(?:bpm|key|tempo|chords?|meter|metre|scale|time signature|instruments))*\W*(?:please|"
        r"pls|plz)?\W*$",
        r"\bwhere (?:does|do|is|are|did) the (?:first |second |last )?(?:verse|chorus|refrain|bridge|intro|"
        r"outro|solo|drop|hook|sections?|theme|modulation|key change)s?\b[^,.;?]{0,15}",
    ),
    timeout_s=300,
)
def describe_music(args: DescribeMusicArgs, ctx: ToolContext) -> ToolResult:
    """Say what music is: tempo, key, meter, chords, sections, instruments, mood, with times, and a caption."""
    source = ctx.artifact(args.music)
    ctx.progress(0.1, f"reading {source.file.name}")
    facts = _facts(source, ctx)
    how = _ON_AUDIO if source.kind == "audio" else _ON_NOTES
    bridge = (
        {name: facts[name] for name in _BRIDGE if facts.get(name) not in (None, [])}
        if facts.get("n_notes") != 0
        else {}
    )
    data = Described(caption=caption(facts), how=how, bridge=bridge, **facts)
    path = ctx.work_dir / f"{source.file.stem}-description.json"
    path.write_text(json.dumps(data.model_dump(mode="json"), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    shown = {name: facts[name] for name in (*_BRIDGE, "duration_s") if facts.get(name) not in (None, [])}
    made = Output(path, "description", "application/json", facts=shown, parents=(source.id,), licence="CC0-1.0")
    return ToolResult(data.caption, data, (made,))


def _facts(source: Artifact, ctx: ToolContext) -> dict[str, Any]:
    from tools.hear._sound import facts_of_recording
    from tools.kit.analysis import portrait, spectrum
    from tools.kit.audio import read_audio
    from tools.kit.score.notation import read_notation

    if source.kind == "audio":
        samples, rate = read_audio(source.file, spectrum.RATE, need_sound=True)
        return facts_of_recording(samples, rate)
    return portrait.of_score(read_notation(source))


def caption(facts: dict[str, Any]) -> str:
    """A sentence or two from the facts, saying nothing that was not measured."""
    if facts.get("n_notes") == 0:
        return f"A score without a single note, in {facts['meter']} at {facts['tempo_bpm']:.0f} BPM."
    parts = [f"{_length(facts['duration_s'])} of {_speed(facts.get('tempo_bpm'))} music"]
    if facts.get("key"):
        parts.append(f"in {facts['key']}")
    if facts.get("meter"):
        parts.append(f"in {facts['meter']}")
    if facts.get("tempo_bpm"):
        parts.append(f"at {facts['tempo_bpm']:.0f} BPM")
    if facts["instruments"]:
        parts.append(f"for {_listed(facts['instruments'])}")
    first = " ".join(parts)
    rest = [f"its expression is {_expression(facts['valence'], facts['arousal'])}"]
    labels = [s["label"] for s in facts["sections"]]
    if len(labels) > 1:
        rest.append(f"its sections run {' '.join(labels)}")
    chords = list(dict.fromkeys(c["label"] for c in facts["chords"] if c["label"] != "N.C."))
    if chords:
        rest.append(f"the harmony moves through {' '.join(chords[:6])}")
    if facts.get("loudness_lufs") is not None:
        rest.append(f"its loudness is {facts['loudness_lufs']:.1f} LUFS")
    return f"{first[0].upper()}{first[1:]}; {', '.join(rest)}."


def _length(seconds: float) -> str:
    return f"{seconds:.0f} seconds" if seconds < 100 else f"{seconds / 60:.1f} minutes"


def _speed(bpm: float | None) -> str:
    if bpm is None:
        return "pulseless"
    return "slow" if bpm < 76 else "moderate" if bpm < 112 else "lively" if bpm < 150 else "fast"


def _expression(valence: float, arousal: float) -> str:
    energy = "energetic" if arousal > 0.25 else "calm" if arousal < -0.25 else "of middling energy"
    tone = "bright" if valence > 0.25 else "dark" if valence < -0.25 else "neither bright nor dark"
    return f"{tone} and {energy}"


def _listed(names: list[str]) -> str:
    shown = names[:5] + (["others"] if len(names) > 5 else [])
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"
