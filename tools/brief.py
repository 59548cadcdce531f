"""The Brief: what is wanted, in the words of music. The language that agent and tools share.

Every field has one unit and one meaning, the same in the CLI's JSON, in a tool's arguments and in
a script's expectations. ``None`` and the empty list mean "not said".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

VALENCE_AROUSAL = "in [-1, 1]; 0 is neutral (Russell 1980, circumplex model of affect)"


class TempoRange(BaseModel):
    """An open or closed range of tempi in quarter-note-independent beats per minute."""

    model_config = ConfigDict(extra="forbid")

    min: float | None = Field(None, gt=0, le=400, description="Slowest tempo, in BPM.")
    max: float | None = Field(None, gt=0, le=400, description="Fastest tempo, in BPM.")


class DynamicPoint(BaseModel):
    """One point of a dynamics curve; between points the level moves in a straight line."""

    model_config = ConfigDict(extra="forbid")

    at: float = Field(ge=0, le=1, description="Place in the piece: 0 its start, 1 its end.")
    level: float = Field(ge=0, le=1, description="Loudness: 0 is ppp, 0.5 is between mp and mf, 1 is fff.")


class MusicFields(BaseModel):
    """The fields that describe music; `compose` takes them as arguments under the same names."""

    model_config = ConfigDict(extra="forbid")

    duration_s: float | None = Field(None, gt=0, le=3600, description="Length in seconds.")
    bars: int | None = Field(None, ge=1, le=2000, description="Length in bars.")
    tempo_bpm: float | TempoRange | None = Field(
        None, description="Tempo in beats per minute (the beat of the meter: a dotted quarter in 6/8), or a range."
    )
    key: str | None = Field(None, description="Tonic and mode, as 'D minor', 'F# major', 'Bb dorian'.")
    mode: str | None = Field(None, description="Mode, also when no tonic is named: 'minor', 'major', 'dorian'...")
    meter: str | None = Field(None, pattern=r"^\d{1,2}/\d{1,2}$", description="Time signature, as '3/4'.")
    chords: list[str] = Field(default_factory=list, description="Chord symbols, one a bar unless barred: ['Dm', 'Gm'].")
    sections: list[str] = Field(
        default_factory=list, description="Section roles in order: ['intro', 'verse', 'chorus']."
    )
    form: str | None = Field(None, description="A named form: 'AABA', 'rondo', '12-bar blues', 'ternary'...")
    genre: str | None = Field(None, description="Style, as 'jazz' or 'waltz'; several joined by ', '.")
    mood: str | None = Field(None, description="Mood words as said, as 'wistful'; several joined by ', '.")
    valence: float | None = Field(None, ge=-1, le=1, description=f"Pleasantness {VALENCE_AROUSAL}.")
    arousal: float | None = Field(None, ge=-1, le=1, description=f"Energy {VALENCE_AROUSAL}.")
    instruments: list[str] = Field(default_factory=list, description="Instruments wanted: ['violin', 'drums'].")
    exclude: list[str] = Field(default_factory=list, description="Instruments or families that must not sound.")
    vocals: bool | None = Field(None, description="Whether a voice is wanted (true) or refused (false).")
    lyrics: str | None = Field(None, description="Words to be sung, one line a line.")
    language: str | None = Field(None, description="ISO 639-1 code of the language of lyrics or answer.")
    dynamics: list[DynamicPoint] = Field(default_factory=list, description="Loudness over the piece.")
    hit_points_s: list[float] = Field(default_factory=list, description="Moments that want an accent, in seconds.")
    loudness_lufs: float | None = Field(None, ge=-60, le=0, description="Integrated loudness, LUFS (ITU-R BS.1770).")
    loop: bool | None = Field(None, description="Whether the end must join the start without a seam.")
    licence: str | None = Field(None, description="Licence asked for: 'royalty-free', 'public domain', 'CC BY'...")

    @field_validator("tempo_bpm")
    @classmethod
    def _tempo_in_range(cls, value: float | TempoRange | None) -> float | TempoRange | None:
        if isinstance(value, (int, float)) and not 10 <= value <= 400:
            raise ValueError(f"{value} BPM is outside 10 to 400")
        return value


class Constraint(BaseModel):
    """One thing the result will be measured by."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(description="Name of the Brief field, or 'video_end'.")
    target: Any = Field(description="What is wanted, in the field's unit.")
    tolerance: Any = Field(None, description="How far off still counts, in the field's unit; None is exactly.")
    words: str = Field(description="The words of the request it came from, or 'from FILE'.")


class Brief(MusicFields):
    """What is wanted: the music's fields, the constraints with their words, and what was not understood."""

    request: str = Field("", description="The person's words.")
    fit_picture: bool | None = Field(
        None, description="Whether music must end with the attached film and meet its cuts."
    )
    count: int = Field(1, ge=1, le=20, description="How many different results are wanted.")
    references: list[str] = Field(default_factory=list, description="Names of works or files to take after.")
    constraints: list[Constraint] = Field(default_factory=list)
    not_understood: list[str] = Field(default_factory=list, description="Words nothing was made of.")

    @model_validator(mode="after")
    def _mode_of_the_key(self) -> Brief:
        """A key names its mode; ``mode`` always says it, so that a reader need not take a key apart."""
        named = (self.key or "").partition(" ")[2]
        if named and self.mode != named:
            self.mode = named
        return self

    def filled(self, facts: Mapping[str, Any], source: str) -> Brief:
        """A copy in which fields the person left open come from a picture's or a recording's facts.

        Parameters
        ----------
        facts
            Brief fields and values, as a tool's ``bridge`` gives them. Other names are a ``ValueError``.
        source
            The file's name, quoted in the ``words`` of every constraint that follows from it.
        """
        brief = self.model_copy(deep=True)
        updates: dict[str, Any] = {}
        for name, value in facts.items():
            if name not in MusicFields.model_fields:
                raise ValueError(f"{name!r} is no field of a Brief")
            if is_set(value) and not is_set(getattr(brief, name)):
                updates[name] = value
        if brief.bars is not None:
            updates.pop("duration_s", None)
        merged = Brief.model_validate(brief.model_dump() | updates)
        named = {c.name for c in merged.constraints}
        for name, value in updates.items():
            if name in MEASURED_FROM_FILES and name not in named:
                merged.constraints.append(constraint(name, value, f"from {source}"))
        return merged

    def moods(self) -> list[str]:
        """The mood words, one by one."""
        return [m.strip() for m in (self.mood or "").split(",") if m.strip()]

    def genres(self) -> list[str]:
        """The genres, one by one."""
        return [g.strip() for g in (self.genre or "").split(",") if g.strip()]


TOLERANCES: dict[str, Any] = {
    "duration_s": 0.5,  # s
    "video_end": 0.05,  # s
    "tempo_bpm": 0.03,  # share of the target
    "loudness_lufs": 0.5,  # LU
    "hit_points_s": 0.08,  # s, each
    "valence": 0.5,
    "arousal": 0.5,
    "mood": 0.6,  # distance in the valence-arousal plane
    "dynamics": 0.6,  # least rank correlation of loudness over time with the curve
    "chords": 0.9,  # least share of bars recognised as asked
}
MEASURED_FROM_FILES = frozenset({"duration_s", "hit_points_s"})  # bridge facts that bind, others only colour


def constraint(name: str, target: Any, words: str) -> Constraint:
    """A constraint with the house's tolerance for its field."""
    return Constraint(name=name, target=target, tolerance=TOLERANCES.get(name), words=words)


def is_set(value: Any) -> bool:
    """Whether a field was said at all."""
    return value is not None and value != []


Verdict = Literal["met", "missed", "not_checked"]


class Check(BaseModel):
    """A verdict on one constraint, measured on the artifact itself."""

    model_config = ConfigDict(extra="forbid")

    name: str
    target: Any = None
    measured: Any = None
    how: str = Field(description="How it was measured, or why it was not.")
    verdict: Verdict
