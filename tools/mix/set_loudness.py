"""Bring a recording to a loudness that a platform or a person asks for."""

from __future__ import annotations

from pydantic import Field

from tools.contract import Audio, ToolArgs, ToolContext, ToolResult, tool
from tools.errors import UserError
from tools.kit import loudness
from tools.mix import _desk as desk

_PLATFORMS = "|".join(name.replace(" ", r"\s?") for name in loudness.PRESETS)


class SetLoudnessArgs(ToolArgs):
    """Arguments of :func:`set_loudness`."""

    audio: Audio = Field(description="The recording.")
    loudness_lufs: float | None = Field(
        None, ge=-60, le=-3, description="Integrated loudness wanted, in LUFS (ITU-R BS.1770); -14 when not said."
    )
    preset: str | None = Field(None, description=f"A platform or standard: {', '.join(loudness.PRESETS)}.")
    true_peak_db: float = Field(
        loudness.TRUE_PEAK_CEILING_DB, ge=-20, le=0, description="Highest true peak allowed, in dBTP."
    )


class SetLoudness(desk.Mixed):
    """The levels measured on the result."""

    loudness_lufs: float = Field(description="Integrated loudness of the result.")
    true_peak_db: float = Field(description="Its highest true peak, in dBTP.")
    loudness_range_lu: float = Field(description="Its loudness range, in LU (EBU Tech 3342).")
    gain_db: float = Field(description="The gain given, in dB.")
    limited_db: float = Field(description="Deepest peak limiting in dB; 0 when none was needed.")


@tool(
    version="1",
    takes=("audio",),
    gives=("audio",),
    asks=(
        r"\bnormali[sz]e\b",
        r"\b(set|bring|change|adjust|make|master)\b[^,.;]{0,40}\b(loudness|lufs|true peak|volume)\b",
        r"\b(file|recording|audio|mp3|wav|it)\b[^,.;]{0,12}\b(louder|quieter)\b",
        r"\b(master|level|ready|loud enough)\b[^,.;]{0,20}\b(spotify|youtube|tidal|amazon|deezer|apple\s?music|"
        r"podcast|broadcast|tv|ebu\s?r128|atsc\s?a/85|netflix|game|cinema|background)\b",
        "响度",
        "音量[^,.;]{0,6}(标准化|归一|调)",
        r"\b(?:normali[sz]e|loudness[- ]normali[sz]e|master)(?:d|s|ing)?\b(?: (?:it|this|that|them|the (?:audio|"
        r"track|recording|file|mix|song)))?(?: (?:to|at|for)\b)?",
        r"\b(?:make|bring|set|get|turn|put|raise|lower)\b[^,.;]{0,25}?\b(?:to|at|louder|quieter|up|down|loudness|"
        r"volume)(?= ?(?:-?\d+(?:\.\d+)? ?(?:lufs|db))?)(?: ?(?=-?\d+(?:\.\d+)? ?lufs))",
        r"\b(?:loudness|volume|gain)\b(?: (?:to|at|of)\b)?",
        r"\b(?:louder|quieter)\b",
        r"\btoo (?:quiet|loud)\b",
        "响度(?:调|设|标准化|统一)?(?:到|成|为)?",
        "音量[^,.;]{0,4}(?:调|大|小|到)",
        "标准化",
        "母带",
        "(?:更)?(?:响|大声|小声)(?:一点|一些)?",
        r"\b(?:normali[sz]e|loudness[- ]normali[sz]e|master)(?:d|s|ing)?\b(?: (?:it|this|that|them|the (?:audio|"
        r"track|recording|file|mix|song)))?(?: (?:to|at|for)\b)?",
    ),
)
def set_loudness(args: SetLoudnessArgs, ctx: ToolContext) -> ToolResult:
    """Set a recording's integrated loudness, in LUFS or for a platform, with its true peaks under a ceiling."""
    if args.loudness_lufs is not None and args.preset is not None:
        raise UserError("loudness_lufs and preset were both given; give one of them.")
    target = -14.0 if args.loudness_lufs is None else args.loudness_lufs
    if args.preset is not None:
        target = loudness.target_of(args.preset)
    sound = desk.load(args.audio, ctx, need_sound=True)
    ctx.progress(0.3, "measuring and levelling")
    made, levels = loudness.normalised(sound.samples, sound.rate, target, ceiling_db=args.true_peak_db)
    facts = {"loudness_lufs": round(levels.lufs, 2), "true_peak_db": round(levels.true_peak_db, 2)}
    name = f"{sound.source.file.stem} at {levels.lufs:.1f} LUFS"
    output, data = desk.output(made, sound.rate, name, [sound.source], ctx, facts)
    result = SetLoudness(
        **data,
        **facts,
        loudness_range_lu=round(loudness.loudness_range(made, sound.rate), 2),
        gain_db=levels.gain_db,
        limited_db=levels.limited_db,
    )
    missed = (
        f"{target:g} LUFS would need more than {loudness.MAX_LIMITING_DB:g} dB of limiting and flatten the music; "
        f"it was left at {levels.lufs:.1f} LUFS."
    )
    summary = f"Set {sound.name} to {levels.lufs:.1f} LUFS, true peak {levels.true_peak_db:.1f} dBTP."
    return ToolResult(summary, result, (output,), notes=() if levels.reached else (missed,))
