"""Repeat a recording without a seam: its end flows into its start, and every pass has one exact length."""

from __future__ import annotations

import numpy as np
from pydantic import Field

from tools.contract import Audio, ToolArgs, ToolContext, ToolResult, tool
from tools.errors import UserError
from tools.kit.analysis.seam import loop_seam
from tools.kit.audio import Samples
from tools.mix import _desk as desk
from tools.mix import _dsp as dsp

_END_FADE_S = 0.05


class LoopAudioArgs(ToolArgs):
    """Arguments of :func:`loop_audio`."""

    audio: Audio = Field(description="The recording to repeat.")
    times: int | None = Field(None, ge=1, le=1000, description="How many passes; one makes a file ready to be looped.")
    duration_s: float | None = Field(None, gt=0, le=7200, description="Length to fill, in seconds, instead of times.")
    loop_s: float | None = Field(
        None,
        gt=0.05,
        le=7200,
        description="Length of one pass in seconds, to loop whole bars; what sounds beyond it flows over the start.",
    )
    crossfade_s: float = Field(0.05, ge=0.005, le=10, description="How long the end fades into the start, in seconds.")


class Looped(desk.Mixed):
    """The loop that was made."""

    loop_s: float = Field(description="Length of one pass in seconds, exact to the sample.")
    passes: float = Field(description="How many passes the file holds.")


@tool(
    version="1",
    takes=("audio",),
    gives=("audio",),
    asks=(
        r"\bloop(s|ed|ing)?\b[^,.;]{0,40}\b(audio|recording|sound|file|mp3|wav|it|this|times?)\b",
        r"\b(make|turn)\b[^,.;]{0,30}\bloop\b",
        r"\brepeat\b[^,.;]{0,30}\b(audio|recording|sound|file|mp3|wav)\b",
        "循环[^,.;]{0,8}(次|遍|音频|播放|录音)",
        "(音频|录音)[^,.;]{0,6}循环",
        "(重复|反复)[^,.;]{0,6}(音频|录音)",
        r"\bmake\b[^,.;]{0,20}\bloop(?:able|s)?\b(?: seamlessly| without (?:a|any) (?:seam|click|gap))?",
        r"\b(?:find|cut|extract|get|create)\b[^,.;]{0,15}\bloop\b(?:[^,.;]{0,10}\b(?:from|out of|in) (?:this|"
        r"it|the)\b)?",
        r"\bloop (?:this|it|that|the (?:recording|audio|sample|track|clip|wav|song|file))\b",
        r"\b(?:loops?|repeats?) seamlessly\b",
        r"\bturn\b[^,.;]{0,20}\binto a (?:seamless )?loop\b",
        "(?:做|变|剪|切)成(?:无缝)?循环",
        "(?:无缝)?循环(?:播放|起来)",
    ),
)
def loop_audio(args: LoopAudioArgs, ctx: ToolContext) -> ToolResult:
    """Repeat a recording seamlessly, a number of times or to fill a length, each pass the same to the sample."""
    if args.times is not None and args.duration_s is not None:
        raise UserError("times and duration_s were both given; give one of them.")
    sound = desk.load(args.audio, ctx)
    ctx.progress(0.3, "joining end and start")
    one_pass = _one_pass(sound, args)
    count = len(one_pass) * (args.times or 1) if args.duration_s is None else round(args.duration_s * sound.rate)
    desk.bounded(count / sound.rate)
    made = np.tile(one_pass, (-(-count // len(one_pass)), 1))[:count]
    whole = count % len(one_pass) == 0
    made, note = desk.safe(made if whole else dsp.faded(made, 0, round(_END_FADE_S * sound.rate)), sound.rate)
    loop_s = len(one_pass) / sound.rate
    output, data = desk.output(
        made, sound.rate, f"{sound.source.file.stem} loop", [sound.source], ctx, {"loop": whole, "loop_s": loop_s}
    )
    passes = count / len(one_pass)
    summary = f"Looped {sound.name}: {passes:g} passes of {loop_s:.3f} s."
    result = Looped(**data, loop_s=loop_s, passes=passes)
    return ToolResult(summary, result, (output,), notes=(note,) if note else ())


def _one_pass(sound: desk.Sound, args: LoopAudioArgs) -> Samples:
    """The recording joined to itself; one that joins smoothly as it is stays as it is."""
    samples, rate = sound.samples, sound.rate
    overlap = round(args.crossfade_s * rate)
    if args.loop_s is None:
        seam = loop_seam(samples, rate)
        if seam is not None and seam.is_smooth:
            return samples
        count = len(samples) - overlap
    else:
        count = round(args.loop_s * rate)
    if count > len(samples):
        if count - len(samples) > len(samples) // 2:
            raise UserError(f"{sound.name} lasts {sound.duration_s:.3f} s, too short for passes of {args.loop_s:g} s.")
        return dsp.of_length(dsp.faded(samples, 0, overlap), count)
    overlap = min(overlap, len(samples) - count)
    if count < 2 * overlap:
        raise UserError(
            f"{sound.name} lasts {sound.duration_s:.3f} s, too short for a crossfade of {args.crossfade_s:g} s; "
            "give a smaller crossfade_s."
        )
    if overlap == 0:
        return samples[:count]
    seam_part = dsp.crossfade(samples[count : count + overlap], samples[:overlap], rate)
    return np.concatenate([seam_part, samples[overlap:count]])
