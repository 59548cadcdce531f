"""Find the beats and downbeats of a recording, its meter and its tempo over time."""

from __future__ import annotations

import json
from typing import Any

from pydantic import Field

from tools.contract import Audio, Output, ToolArgs, ToolContext, ToolData, ToolResult, tool
from tools.errors import UserError
from tools.hear._beats import Backend, Pulse, hear_pulse, tempo_curve
from tools.hear._lines import StretchArgs, file_stem, read_stretch
from tools.kit.audio import Samples


class TrackBeatsArgs(ToolArgs, StretchArgs):
    """Arguments of :func:`track_beats`."""

    audio: Audio = Field(description="The recording.")
    clicks: bool = Field(False, description="Also write the recording with a click on every beat, higher on downbeats.")
    backend: Backend = Field("auto", description="'auto' and 'embedded' are the trained ears; 'librosa', if installed.")


class TempoAt(ToolData):
    """The tempo at a moment."""

    at_s: float = Field(description="Moment in seconds.")
    tempo_bpm: float = Field(description="Beats a minute round it.")


class BeatGrid(ToolData):
    """The pulse of a recording; times are seconds from its beginning."""

    beats_s: list[float] = Field(description="Every beat.")
    downbeats_s: list[float] = Field(description="The first beat of every bar.")
    meter: str = Field(description="Time signature, as '4/4'.")
    tempo_bpm: float = Field(description="Median tempo in beats a minute.")
    tempo_curve: list[TempoAt] = Field(description="Tempo over time, a value every four beats.")
    steadiness: float = Field(description="1 for machines, less the more the beats' lengths vary, down to 0.")
    confidence: float = Field(description="Mean chance of the beats, 0 to 1.")
    bridge: dict[str, Any] = Field(description="Fields of a Brief and values that a composer may take over.")


@tool(
    version="1",
    takes=("audio",),
    gives=("report", "audio"),
    backends=("embedded", "librosa"),
    asks=(
        r"\b(?:where|find|track|detect|mark|list|get|show)\b[^,.;]{0,15}\b(?:down)?beats?\b(?: and (?:down)?beats?\b)?",
        r"\bbeat[- ](?:grid|track(?:ing|er)|map|times|positions)\b",
        r"\bdownbeats?\b",
        r"\bclick track\b",
        r"\btap along\b",
        "节拍点",
        "(?:找出|检测|标出|标记)[^,.;]{0,6}(?:节拍|拍点|强拍|重拍)",
        "强拍位置",
        "重拍",
    ),
    timeout_s=900,
)
def track_beats(args: TrackBeatsArgs, ctx: ToolContext) -> ToolResult:
    """Find every beat and downbeat of a recording, its meter, and how its tempo moves."""
    from tools.kit.analysis.spectrum import RATE

    source = ctx.artifact(args.audio)
    ctx.progress(0.05, f"listening to {source.file.name}")
    samples, late = read_stretch(source, RATE, args.start_s, args.end_s)
    ctx.progress(0.4, "finding the beats")
    pulse = hear_pulse(samples[:, 0], args.backend)
    if pulse is None:
        raise UserError(f"No beat was heard in {source.file.name}; it may be too short, or without a pulse.")
    data = _grid(pulse, late)
    path = ctx.work_dir / f"{file_stem(source.file, 'beats')}.json"
    path.write_text(json.dumps(data.model_dump(mode="json"), indent=1) + "\n", encoding="utf-8")
    made = [Output(path, "report", "application/json", facts=data.bridge, parents=(source.id,), licence="CC0-1.0")]
    if args.clicks:
        from tools.kit.audio import write_wav

        clicked = ctx.work_dir / f"{file_stem(source.file, 'clicks')}.wav"
        write_wav(clicked, _clicked(samples, RATE, pulse), RATE)
        made.append(Output(clicked, "audio", "audio/wav", parents=(source.id,), licence=source.licence))
    return ToolResult(_summary(data), data, tuple(made), backend="librosa" if args.backend == "librosa" else "embedded")


def _grid(pulse: Pulse, late: float) -> BeatGrid:
    import numpy as np

    gaps = np.diff(pulse.beats_s)
    local = np.abs(np.diff(gaps)) / gaps[:-1] if len(gaps) > 1 else np.zeros(1)
    bpm = round(pulse.bpm, 2)
    return BeatGrid(
        beats_s=[round(float(t) + late, 3) for t in pulse.beats_s],
        downbeats_s=[round(float(t) + late, 3) for t in pulse.downbeats_s],
        meter=pulse.meter,
        tempo_bpm=bpm,
        tempo_curve=[TempoAt(at_s=c["at_s"] + late, tempo_bpm=c["tempo_bpm"]) for c in tempo_curve(pulse.beats_s)],
        steadiness=round(float(np.clip(1 - 4 * np.median(local), 0, 1)), 3),
        confidence=round(pulse.confidence, 3),
        bridge={"tempo_bpm": bpm, "meter": pulse.meter},
    )


def _clicked(samples: Samples, rate: int, pulse: Pulse) -> Samples:
    """The recording at three quarters of its level with a click on each beat, an octave higher on downbeats."""
    import numpy as np

    out = samples * np.float32(0.75 / max(float(np.abs(samples).max()), 1e-6))
    local = np.arange(round(0.03 * rate)) / rate
    down = {round(float(t), 4) for t in pulse.downbeats_s}
    for time in pulse.beats_s:
        tone = np.sin(2 * np.pi * (2000 if round(float(time), 4) in down else 1000) * local) * np.exp(-local / 0.008)
        at = max(0, round(float(time) * rate))
        room = len(out[at : at + len(tone)])
        out[at : at + room, 0] += (0.25 * tone[:room]).astype(np.float32)
    return np.asarray(np.clip(out, -1, 1), dtype=np.float32)


def _summary(data: BeatGrid) -> str:
    steady = "steady" if data.steadiness > 0.9 else "fairly steady" if data.steadiness > 0.75 else "free"
    counted = f"{len(data.beats_s)} beats in {len(data.downbeats_s)} bars of {data.meter}"
    return f"{counted} at {data.tempo_bpm:.1f} BPM, {steady}; the first downbeat is at {_first(data):.2f} s."


def _first(data: BeatGrid) -> float:
    return data.downbeats_s[0] if data.downbeats_s else data.beats_s[0]
