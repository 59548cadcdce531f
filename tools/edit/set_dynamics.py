"""Shape loudness: a level, a curve over the range, or so much louder; accents and balance are kept."""

from __future__ import annotations

import numpy as np
from pydantic import Field

from tools.brief import DynamicPoint
from tools.contract import ToolContext, ToolResult, tool
from tools.edit import _desk as desk
from tools.errors import UserError
from tools.kit.arguments import EditArgs, region_of
from tools.kit.region import Region

_FULL = 127.0
_DB_PER_LEVEL = 40.0  # General MIDI 2: gain is the square of velocity, 40 dB for a factor of ten


class SetDynamicsArgs(EditArgs):
    """Arguments of :func:`set_dynamics`."""

    dynamics: list[DynamicPoint] = Field(
        default_factory=list, description="Curve over the range: points {at: 0 to 1, level: 0 to 1}."
    )
    level: float | None = Field(None, ge=0, le=1, description="One level: 0 is ppp, 0.5 between mp and mf, 1 is fff.")
    gain_db: float | None = Field(None, ge=-40, le=40, description="Louder (or, negative, softer) by so many decibels.")
    strength: float = Field(1.0, ge=0, le=1, description="Share of the way from what is played to what is asked.")


class DynamicsSet(desk.Edited):
    """What a change of dynamics changed."""

    velocity_before: float = Field(description="Mean velocity of the range before, 1 to 127.")
    velocity_after: float = Field(description="Mean velocity of it now.")
    clipped: int = Field(description="Notes that had to stop at the softest or loudest velocity.")


@tool(
    version="1",
    takes=("midi", "score"),
    gives=("midi",),
    cost="instant",
    isolated=False,
    asks=(
        r"\b(?:bring|turn|take|pull|push) (?:the|my|that) [\w ]{1,25}\b(?:up|down) (?:by )?"
        r"(?=(?:\d[\d.]*|a few|some|two|three|six) ?(?:db|decibels?)\b)",
        r"\b(?:bring|turn|take|pull|push|drop) (?:the|my|that) [\w ]{1,25}\bback (?:by )?"
        r"(?=\d[\d.]* ?(?:db|decibels?)\b)",
        r"\b(?:is|are|gets?|sounds?) (?:much |way |a bit |far |a little )?too (?:loud|quiet|soft)\b",
        r"\b(?:needs?|should|must|could)\b[^,.;]{0,12}\b(?:louder|quieter|softer)\b",
        r"\b(?:add|put|make|write|with|give|insert|apply)\b[^,.;]{0,15}\b(?:crescendo|decrescendo|diminuendo|swell"
        r"|dynamics|accents?)\b",
        r"\b(?:crescendo|decrescendo|diminuendo)\b",
        r"\b(?:play|make)\b[^,.;]{0,25}\b(?:softer|louder|quieter|piano|forte|pp|ff|pianissimo|fortissimo)\b",
        r"\b(?:change|set|shape|adjust)\b[^,.;]{0,15}\b(?:dynamics|velocit(?:y|ies))\b",
        r"\b(?:softer|louder|quieter)\b",
        "渐强",
        "渐弱",
        "力度",
        "(?:弹|奏|变)得?(?:更)?(?:轻|响|强|弱)",
        "[轻响](?:一点|一些|点)",
    ),
)
def set_dynamics(args: SetDynamicsArgs, ctx: ToolContext) -> ToolResult:
    """Set how loud a score, or some bars, tracks or one hand of it, is played: a level, a curve or a gain."""
    if not args.dynamics and args.level is None and args.gain_db is None:
        raise UserError("Say how loud: level (0 to 1), dynamics (a curve of levels) or gain_db.")
    source = desk.load(args.music, ctx)
    score = source.copy()
    region = region_of(score, args)
    notes = [n for _, held in region.notes() for n in held]
    if not notes:
        raise UserError("No note starts there; choose other bars or tracks.")
    before = np.array([n.velocity for n in notes], dtype=np.float64)
    places = np.array([n.start for n in notes])
    wanted = before + args.strength * (_wanted(args, region, places, before) - before)
    after = np.clip(np.rint(wanted), 1, _FULL)
    for note, velocity in zip(notes, after, strict=True):
        note.velocity = int(velocity)
    facts = {
        "velocity_before": round(float(before.mean()), 2),
        "velocity_after": round(float(after.mean()), 2),
        "clipped": int(np.sum(np.abs(wanted - after) > 1)),
    }
    summary = f"Set the dynamics of {desk.place(region) or 'the piece'}: {_said(args, after[np.argsort(places)])}."
    clipped = facts["clipped"]
    notes_said = [f"{clipped} notes could not go further: velocity ends at 1 and 127."] if clipped else []
    return desk.result(source, score, "dynamics", summary, ctx, data=DynamicsSet, facts=facts, notes=notes_said)


def _wanted(args: SetDynamicsArgs, region: Region, places: np.ndarray, before: np.ndarray) -> np.ndarray:
    """The velocities asked for, not yet held to 1 to 127: each note keeps its distance from the mean around it.

    A curve or level sets the mean; ``gain_db`` scales what is there (or what they set).
    """
    wanted = before
    if args.dynamics or args.level is not None:
        end = min(region.end, region.score.end)
        share = (places - region.start) / max(end - region.start, 1e-9)
        points = sorted(args.dynamics, key=lambda p: p.at)
        level = (
            np.interp(share, [p.at for p in points], [p.level for p in points])
            if points
            else np.full(len(places), args.level)
        )
        wanted = level * _FULL + before - before.mean()
    if args.gain_db is not None:
        wanted = wanted * 10 ** (args.gain_db / _DB_PER_LEVEL)
    return wanted


def _said(args: SetDynamicsArgs, after: np.ndarray) -> str:
    if args.dynamics:
        edge = max(1, len(after) // 8)
        return f"velocity {after[:edge].mean():.0f} at the start, {after[-edge:].mean():.0f} at the end"
    return f"mean velocity {after.mean():.0f}"
