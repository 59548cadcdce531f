"""Faster or slower, the pitch kept: time-stretching by Signalsmith Stretch (MIT)."""

from __future__ import annotations

import numpy as np
from pydantic import Field

from tools.contract import Audio, ToolArgs, ToolContext, ToolResult, tool
from tools.errors import UserError
from tools.kit.analysis import pulse, spectrum
from tools.kit.audio import read_audio
from tools.mix import _desk as desk
from tools.mix import _dsp as dsp

SLOWEST, FASTEST = 0.25, 4.0


class ChangeSpeedArgs(ToolArgs):
    """Arguments of :func:`change_speed`: one of factor, duration_s and tempo_bpm."""

    audio: Audio = Field(description="The recording.")
    factor: float | None = Field(
        None, ge=SLOWEST, le=FASTEST, description="Speed as a ratio: 2 is twice as fast and half as long."
    )
    duration_s: float | None = Field(None, gt=0, le=7200, description="Length to fit, in seconds, exact to the sample.")
    tempo_bpm: float | None = Field(None, ge=10, le=400, description="Tempo to reach, in beats per minute.")
    from_tempo_bpm: float | None = Field(
        None, ge=10, le=400, description="The recording's present tempo in BPM; measured when not said."
    )
    keep_pitch: bool = Field(True, description="Keep the pitch; otherwise it moves with the speed, as on tape.")


class SpeedChanged(desk.Mixed):
    """The change that was made."""

    factor: float = Field(description="Speed as a ratio of the old one.")
    from_tempo_bpm: float | None = Field(description="The tempo it started from, when a tempo was asked for.")


@tool(
    version="1",
    takes=("audio",),
    gives=("audio",),
    asks=(
        r"\b(speed up|slow down|time.?stretch|stretch)\b",
        r"\b(half|double|twice) (the )?(speed|as fast)\b",
        r"\b(change|set)\b[^,.;]{0,20}\bspeed\b",
        r"\b\d+(\.\d+)?\s?(x|times|%|percent)\b[^,.;]{0,12}\b(faster|slower|speed)\b",
        r"\b(faster|slower)\b[^,.;]{0,30}\b(same pitch|keep(ing)? the pitch|without changing (the )?pitch)"
        r"\b",
        r"\b(fit|squeeze|stretch)\b[^,.;]{0,30}\b(seconds?|minutes?)\b",
        "(加快|减慢|放慢|变速|拉伸)",
        "速度[^,.;]{0,6}(倍|改)",
        r"\b(?:time[- ]?)?stretch(?:ed|ing)?\b(?:[^,.;]{0,12}\b(?:recording|audio|track|song|sample|loop)\b)"
        "?(?: to| by)?",
        r"\b(?:slow|speed)\b(?: (?:it|this|that|the|my|this \w+|the \w+|my \w+))? (?:down|up)\b(?:[^,.;]{0,8}"
        r"\b(?:to|by)\b)?(?:[^.;]{0,12}\bwithout (?:changing|affecting) (?:the )?pitch\b)?",
        r"\b(?:change|set|adjust|put)\b[^,.;]{0,15}\b(?:tempo|speed|bpm)\b(?:[^,.;]{0,6}\b(?:to|by|at)\b)?",
        r"\b(?:slow|speed)(?:ing|s)?\b[^,.;]{0,20}?\b(?:to|at)(?= (?:about |around |exactly )?\d)",
        r"\b(?:make|have|let) (?:it|this|that|the \w+|this \w+) (?:last|run|take|fit)\b",
        "(?:慢|快|降|升|提|调|改)(?:速度?)?(?:到|至|成|为)(?=[^,.;]{0,6}\\d+ ?(?:%|拍|bpm|BPM))",
        r"\b(?:slower|faster|quicker)\b",
        r"\b(?:twice|half|double)[- ](?:as (?:fast|slow)|the speed|speed)\b",
        r"\bwithout (?:changing|affecting) (?:the )?pitch\b",
        "(?:变速|倍速|放慢|加快|加速|减速|变慢|变快)(?:播放)?",
        "[快慢](?:一点|一些|点)",
    ),
)
def change_speed(args: ChangeSpeedArgs, ctx: ToolContext) -> ToolResult:
    """Play a recording faster or slower, by a factor, to a length or to a tempo, with its pitch kept."""
    given = [n for n in ("factor", "duration_s", "tempo_bpm") if getattr(args, n) is not None]
    if len(given) != 1:
        raise UserError(f"Give one of factor, duration_s and tempo_bpm; {', '.join(given) or 'none'} was given.")
    sound = desk.load(args.audio, ctx)
    factor, tempo = _factor(args, sound)
    if not SLOWEST <= factor <= FASTEST:
        raise UserError(
            f"{sound.name} would have to play {factor:.3g} times as fast; {SLOWEST} to {FASTEST:g} is possible. "
            "Trim or loop it first."
        )
    count = round(len(sound.samples) / factor) if args.duration_s is None else round(args.duration_s * sound.rate)
    desk.bounded(count / sound.rate)
    ctx.progress(0.3, "stretching")
    if args.keep_pitch:
        made = dsp.of_length(dsp.stretched(sound.samples, sound.rate, len(sound.samples) / count), count)
    else:
        made = _as_on_tape(sound, factor, count)
    made, note = desk.safe(made, sound.rate)
    facts = {"factor": factor} | ({"tempo_bpm": args.tempo_bpm} if args.tempo_bpm else {})
    name = f"{sound.source.file.stem} x{factor:.3g}"
    output, data = desk.output(made, sound.rate, name, [sound.source], ctx, facts)
    summary = f"{sound.name} now plays {factor:.4g} times as fast and lasts {data['duration_s']:.2f} s."
    result = SpeedChanged(**data, factor=factor, from_tempo_bpm=tempo)
    return ToolResult(summary, result, (output,), backend="signalsmith", notes=(note,) if note else ())


def _as_on_tape(sound: desk.Sound, factor: float, count: int) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    """Resampled by the nearest practical ratio; what that misses of the length is stretched, far below hearing."""
    ratio = dsp.near(factor)
    made = dsp.resampled(sound.samples, ratio, round(len(sound.samples) / ratio))
    return made if len(made) == count else dsp.stretched(made, sound.rate, len(made) / count)


def _factor(args: ChangeSpeedArgs, sound: desk.Sound) -> tuple[float, float | None]:
    """The speed, and the tempo it was reckoned from."""
    if args.factor is not None:
        return args.factor, None
    if args.duration_s is not None:
        return sound.duration_s / args.duration_s, None
    assert args.tempo_bpm is not None
    known = args.from_tempo_bpm or sound.source.facts.get("tempo_bpm") or _measured_tempo(sound)
    return args.tempo_bpm / float(known), float(known)


def _measured_tempo(sound: desk.Sound) -> float:
    mono, _ = read_audio(sound.source.file, spectrum.RATE, mono=True)
    bpm = pulse.tempo(spectrum.onset_strength(mono[:, 0]))
    if bpm is None:
        raise UserError(f"No steady beat was found in {sound.name}; give from_tempo_bpm, factor or duration_s.")
    return bpm
