"""What the transcribers share: how their notes are shown, and how a stretch of a recording is cut out."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, Field

from tools.contract import Artifact
from tools.errors import UserError
from tools.kit.analysis.metrical import HeardNote
from tools.kit.audio import Samples, read_audio
from tools.kit.theory.pitch import pitch_name

LONGEST_S = 1800.0
_START, _END = "Where to begin, in seconds.", "Where to stop, in seconds; the end when not given."


class StretchArgs(BaseModel):
    """Which part of a recording is heard."""

    start_s: float | None = Field(None, ge=0, description=_START)
    end_s: float | None = Field(None, gt=0, description=_END)


class NoteFacts(BaseModel):
    """A note as heard."""

    start_s: float = Field(description="Start in the recording, in seconds.")
    end_s: float = Field(description="End in the recording, in seconds.")
    pitch: int = Field(description="MIDI pitch.")
    name: str = Field(description="Name with octave, as 'C4'.")
    velocity: int = Field(description="Loudness as MIDI velocity, 1 to 127.")
    confidence: float = Field(description="How sure the note is, 0 to 1.")


def note_facts(notes: list[HeardNote]) -> list[NoteFacts]:
    """The notes as shown to people and programs."""
    return [
        NoteFacts(
            start_s=round(n.start_s, 3),
            end_s=round(n.end_s, 3),
            pitch=n.pitch,
            name=f"{pitch_name(n.pitch % 12)}{n.pitch // 12 - 1}",
            velocity=n.velocity,
            confidence=round(n.confidence, 3),
        )
        for n in notes
    ]


def read_stretch(source: Artifact, rate: int, start_s: float | None, end_s: float | None) -> tuple[Samples, float]:
    """Mono samples ``[n, 1]`` of the stretch asked for, and the second at which it begins."""
    samples, rate = read_audio(source.file, rate, mono=True, need_sound=True, max_s=LONGEST_S)
    length = len(samples) / rate
    first, last = start_s or 0.0, length if end_s is None else min(end_s, length)
    if first >= last:
        raise UserError(f"{source.file.name} lasts {length:.1f} s; give a start_s before the end_s inside that.")
    return samples[round(first * rate) : round(last * rate)], first


def file_stem(path: Path, suffix: str) -> str:
    """A readable file name: the recording's with what was made of it."""
    return f"{path.stem}-{suffix}"
