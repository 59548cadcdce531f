"""How long the music lasts, and whether it ends with its picture."""

from __future__ import annotations

import math

from tools.errors import UserError
from tools.kit.analysis.notes import Notes
from tools.kit.audio import last_sound_s
from tools.kit.metrics.audio.clip import Clip
from tools.kit.metrics.registry import metric


@metric(
    "duration_heard",
    family="control",
    unit="s",
    low=0,
    better="nearer the reference",
    formula="decoded samples / sample rate; without sound, end of the last note",
    meaning="How long the music lasts, as a player shows it. Silence at the end counts, which silent_tail tells.",
    source="the decoded stream, not the header of the file",
)
def duration_heard(clip: Clip | None, notes: Notes | None) -> float | None:
    """Length in seconds of the sound, or of the notes where there is none; None without either."""
    if clip is not None:
        return clip.seconds
    return float(notes.end_s.max()) if notes is not None and len(notes) else None


@metric(
    "silent_tail",
    family="control",
    unit="s",
    low=0,
    better="lower",
    formula="length - moment of the last sample at or above -60 dB of the peak",
    meaning="How long nothing is heard before the recording ends. A reverb's last 60 dB count as sound.",
    source="-60 dB is the decay that reverberation times are measured by (ISO 3382)",
)
def silent_tail(clip: Clip) -> float:
    """Seconds of silence at the end; the whole length when nothing sounds."""
    return clip.seconds - last_sound_s(clip.samples, clip.rate)


@metric(
    "picture_gap",
    family="control",
    unit="s",
    better="nearer the reference",
    formula="(start + length of the sound) - (start + length of the picture), on the film's clock",
    meaning="How much later than the picture the sound ends: 0 is together, less is a film that goes on in silence. It "
    "times the streams and does not hear whether the music has come to its close.",
    source="the presentation times of the film's streams",
)
def picture_gap(sound_s: tuple[float, float], picture_s: tuple[float, float]) -> float | None:
    """Seconds by which the sound outlasts the picture; each is (start, length) in seconds; None without a picture.

    Raises
    ------
    UserError
        For a length below 0 or a time that is no number.
    """
    times = (*sound_s, *picture_s)
    if not all(map(math.isfinite, times)) or min(sound_s[1], picture_s[1]) < 0:
        raise UserError(f"streams have a start and a length in seconds, not {times}; export the film again.")
    return sum(sound_s) - sum(picture_s) if picture_s[1] > 0 else None
