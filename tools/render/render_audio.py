"""Play a score: MIDI or MusicXML in, a finished stereo file out.

The sound is the synthesizer's (:mod:`tools.kit.synth`), brought to a loudness under a true-peak ceiling
(:mod:`tools.kit.loudness`), cut to the sample. Files are 24-bit, whose rounding lies 144 dB under full
scale, far below any SoundFont's own noise; dither would change nothing that can be heard or measured.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from pydantic import Field

from tools.brief import Brief
from tools.contract import Artifact, Output, Score, ToolArgs, ToolContext, ToolData, ToolResult, tool
from tools.errors import UserError
from tools.kit import loudness, soundfonts, synth
from tools.kit.audio import Samples, last_sound_s, write_flac, write_wav
from tools.kit.score import Score as Music
from tools.kit.score.notation import read_notation

DEFAULT_LUFS = -14.0
_RING_S = 1.0  # a last note may ring to its bar's end, but no longer than this
_EARLY_S, _LATE_S = 4.0, 0.5  # how far from the asked length the last note may end for the Brief's to be cut to
_SHORT_FADE_S, _LONG_FADE_S = 0.06, 0.25


class RenderAudioArgs(ToolArgs):
    """Arguments of :func:`render_audio`."""

    music: Score = Field(description="The score to play.")
    brief: Brief | None = Field(None, description="What is wanted: its loudness, length and loop are obeyed.")
    loudness_lufs: float | None = Field(
        None, ge=-60, le=0, description="Integrated loudness, LUFS (ITU-R BS.1770); the Brief's, or -14, when not said."
    )
    duration_s: float | None = Field(
        None, gt=0, le=3600, description="Exact length in seconds; the music's own when not said."
    )
    loop: bool | None = Field(None, description="Join the end to the start without a seam, in whole bars.")
    format: Literal["wav", "flac"] = Field("wav", description="File format.")
    rate: int = Field(48000, ge=8000, le=192000, description="Sample rate in Hz; 48000 is the synthesizer's own.")
    stems: bool = Field(False, description="Also write one file a track, which together make the mix.")
    soundfont: str | None = Field(
        None,
        max_length=500,
        description="Name of an installed SoundFont, path of an .sf2 file, or 'shipped'; the person's own, else the "
        "best installed one, when not said.",
    )


class RenderedAudio(ToolData):
    """What was rendered."""

    duration_s: float = Field(description="Length of the file in seconds, exact to the sample.")
    rate: int = Field(description="Sample rate in Hz.")
    loudness_lufs: float = Field(description="Integrated loudness measured on the result.")
    true_peak_db: float = Field(description="Highest true peak in dBTP.")
    limited_db: float = Field(description="Deepest peak limiting in dB; 0 when none was needed.")
    soundfont: str = Field(description="The SoundFont that sounds.")
    soundfont_licence: str = Field(description="Its licence.")
    stems: list[str] = Field(description="Names of the tracks written as stems.")


@dataclass(frozen=True)
class _Length:
    """Where the sound stops, in seconds, and whether it runs into its start."""

    seconds: float
    loop: bool
    note: str | None = None


@tool(
    version="1",
    takes=("midi", "score"),
    gives=("audio",),
    asks=(
        r"\b(?:listen to|hear)\b[^,.;]{0,20}\b(?:as (?:audio|sound|a wav)|out loud|aloud)\b",
        r"\b(?:re-?)?render(?:ed|ing)?\b(?: (?:it|this|that|them|the (?:score|midi|music|piece|result)))?",
        r"\b(?:play|bounce|export|turn|convert|synthesi[sz]e)\b[^,.;]{0,30}\b(?:audio|wav|flac|sound file|"
        r"sound)\b(?: file)?",
        r"(?:^|[,.!?] ?|\b(?:please|and|then|now|just|you|(?<!wants )(?<!want )to) )"
        r"play (?:me )?(?:it|this|that|the (?:score|midi|result|music|piece|tune))\b"
        r"(?! (?:on|with|by|faster|slower|louder|softer|back))",
        r"\bplay (?:it|this|that) back\b",
        r"\bone file (?:a|per) track\b",
        r"\b(?:midi|score|notes) (?:in)?to (?:audio|wav|flac|sound)\b",
        r"\b(?:let me|want to|can i|like to) (?:hear|listen)\b(?: to)?(?: (?:it|this|that))?",
        r"\b(?:as|to|in) (?:a )?(?:wav|flac)\b(?: file)?",
        r"\bmp3 of (?:it|this|the)\b",
        r"\bhow (?:does|would) (?:it|this|that) sound\b",
        "渲染(?:成|为)?(?:音频)?",
        "(?:转成|转为|导出|导出成|导出为|变成|生成|输出)[^,.;]{0,4}(?:音频|wav|flac)(?:文件)?",
        "试听",
        "听(?:一下|听)",
        "播放",
    ),
    cost="seconds",
    backends=("rustysynth",),
)
def render_audio(args: RenderAudioArgs, ctx: ToolContext) -> ToolResult:
    """Play a MIDI file or score with sampled instruments and write a finished stereo WAV or FLAC file."""
    source = ctx.artifact(args.music)
    ctx.progress(0.0, f"reading {source.file.name}")
    score = read_notation(source)
    synth.check_playable(score, source.file.name)
    font = soundfonts.choose(args.soundfont, ctx.settings.soundfont)
    length = _length(score, args)
    tracks = _sounds(score, args, font, length, ctx)
    font = replace(font, data=b"")  # a large bank is not held while the levels are set
    ctx.progress(0.85, "setting the loudness")
    mix = _sum([sound for _, sound in tracks])
    try:
        mix, levels = loudness.normalised(mix, args.rate, _target(args), wrap=length.loop)
    except UserError as err:
        raise UserError(f"{source.file.name} is silent when played with {font.name}; check its velocities.") from err
    facts = _facts(args, font, length, levels, len(mix))
    outputs = [_write(mix, source.file.stem, source, args, facts, ctx)]
    notes = [length.note, _loudness_note(levels)]
    if args.stems:
        outputs += _stems(tracks, levels.gain_db, source, args, facts, ctx)
    data = RenderedAudio(
        duration_s=len(mix) / args.rate,
        rate=args.rate,
        loudness_lufs=levels.lufs,
        true_peak_db=levels.true_peak_db,
        limited_db=levels.limited_db,
        soundfont=font.name,
        soundfont_licence=font.licence,
        stems=[name for name, _ in tracks] if args.stems else [],
    )
    summary = f"Rendered {source.file.name} to {data.duration_s:.2f} s of stereo at {levels.lufs:.1f} LUFS."
    return ToolResult(summary, data, tuple(outputs), backend="rustysynth", notes=tuple(n for n in notes if n))


def _target(args: RenderAudioArgs) -> float:
    wanted = (args.loudness_lufs, args.brief.loudness_lufs if args.brief else None)
    return next((lufs for lufs in wanted if lufs is not None), DEFAULT_LUFS)


def _length(score: Music, args: RenderAudioArgs) -> _Length:
    """How long the file is: as asked, in whole bars for a loop, else the music with its last bar rung out."""
    loop = args.loop if args.loop is not None else bool(args.brief and args.brief.loop)
    end, bar_end = score.seconds(score.end), score.seconds(_bar_end(score))
    if loop:
        return _Length(args.duration_s or bar_end, loop=True)
    if args.duration_s is not None:
        cut = end - args.duration_s
        note = f"The last {cut:.1f} s of the music were cut off." if cut > _LATE_S else None
        return _Length(args.duration_s, loop=False, note=note)
    own = min(bar_end, end + _RING_S)
    asked = args.brief.duration_s if args.brief else None
    if asked is not None and end - _LATE_S <= asked <= max(own, end + _EARLY_S):
        return _Length(asked, loop=False)
    return _Length(own, loop=False)


def _bar_end(score: Music) -> float:
    """End of the bar in which the last note ends, in quarters."""
    start = score.bar_starts()[-1]
    meter = next(m for at, m in reversed(score.meters) if at <= start + 1e-6)
    return max(score.end, start + meter.bar_quarters)


def _sounds(
    score: Music, args: RenderAudioArgs, font: synth.SoundFont, length: _Length, ctx: ToolContext
) -> list[tuple[str, Samples]]:
    """Each stem, or the mix alone, at the asked rate and length."""

    def progress(share: float) -> None:
        ctx.progress(0.05 + 0.75 * share, "playing")

    if args.stems:
        played = synth.synthesise(score, font, progress=progress)
    else:
        played = [("mix", synth.synthesise_mix(score, font, progress=progress))]
    return [(name, _resampled(_shaped(sound, length), args.rate, length)) for name, sound in played]


def _shaped(sound: Samples, length: _Length) -> Samples:
    """The sound cut to length: a loop's tail sounds on over its start, another's ends in a short fade."""
    count = round(length.seconds * synth.RATE)
    if length.loop:
        out = np.zeros((count, sound.shape[1]), np.float32)
        for start in range(0, len(sound), count):
            piece = sound[start : start + count]
            out[: len(piece)] += piece
        return out
    out = sound[:count]
    if len(out) < count:
        out = np.pad(out, ((0, count - len(out)), (0, 0)))
    fade = min(count, round(_fade_s(out) * synth.RATE))
    out[count - fade :] *= (0.5 + 0.5 * np.cos(np.pi * (np.arange(fade) + 1) / fade)).astype(np.float32)[:, None]
    return out


def _fade_s(sound: Samples) -> float:
    """A short fade where the music has nearly died away, a longer one where it still sounds."""
    last = loudness.highest(sound[-round(0.1 * synth.RATE) :])
    return _SHORT_FADE_S if last < 0.05 * loudness.highest(sound) else _LONG_FADE_S


def _resampled(sound: Samples, rate: int, length: _Length) -> Samples:
    """The sound at another rate; a loop is resampled around its seam."""
    if rate == synth.RATE:
        return sound
    from scipy import signal

    common = int(np.gcd(rate, synth.RATE))
    up, down = rate // common, synth.RATE // common
    count = round(length.seconds * rate)
    margin = down * 8 if length.loop else 0
    padded = np.pad(sound, ((margin, margin), (0, 0)), mode="wrap") if margin else sound
    fine = signal.resample_poly(padded, up, down, axis=0)[margin // down * up :]
    out = np.zeros((count, sound.shape[1]), np.float32)
    out[: min(count, len(fine))] = fine[:count]
    return out


def _sum(sounds: list[Samples]) -> Samples:
    total = sounds[0]
    for sound in sounds[1:]:
        total = total + sound
    return total


def _facts(
    args: RenderAudioArgs, font: synth.SoundFont, length: _Length, levels: loudness.Levels, count: int
) -> dict[str, object]:
    return {
        "duration_s": count / args.rate,
        "rate": args.rate,
        "channels": 2,
        "bit_depth": 24,
        "loop": length.loop,
        "loudness_lufs": round(levels.lufs, 2),
        "true_peak_db": round(levels.true_peak_db, 2),
        "soundfont": font.name,
        "soundfont_licence": font.licence,
    }


def _loudness_note(levels: loudness.Levels) -> str | None:
    if levels.reached:
        return None
    return (
        f"{levels.target_lufs:g} LUFS would need more than {loudness.MAX_LIMITING_DB:g} dB of limiting and flatten the "
        f"music; it was left at {levels.lufs:.1f} LUFS."
    )


def _stems(
    tracks: list[tuple[str, Samples]],
    gain_db: float,
    source: Artifact,
    args: RenderAudioArgs,
    facts: dict[str, object],
    ctx: ToolContext,
) -> list[Output]:
    """One file a track, all at one gain: the mix's, or less when a stem alone would exceed full scale."""
    loudest = max(loudness.highest(sound) for _, sound in tracks)
    gain = min(10 ** (gain_db / 20), 0.99 / max(loudest, 1e-9))
    outputs = []
    for number, (name, sound) in enumerate(tracks, start=1):
        stem = sound * np.float32(gain)
        label = "".join(c if c.isalnum() or c in " -" else "_" for c in name).strip() or f"track {number}"
        own = {k: v for k, v in facts.items() if k not in ("loudness_lufs", "true_peak_db")}
        own |= {"stem": name, "sounds_until_s": round(last_sound_s(stem, args.rate), 3)}
        outputs.append(_write(stem, f"{source.file.stem} - {number:02d} {label}", source, args, own, ctx))
    return outputs


def _write(
    sound: Samples, name: str, source: Artifact, args: RenderAudioArgs, facts: dict[str, object], ctx: ToolContext
) -> Output:
    path = ctx.work_dir / f"{name}.{args.format}"
    (write_wav if args.format == "wav" else write_flac)(path, sound, args.rate, subtype="PCM_24")
    return Output(path, "audio", f"audio/{args.format}", facts, parents=(source.id,), licence=source.licence)
