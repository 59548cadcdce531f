"""What a check looks at: the files, and what is read from them, each thing once."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from tools.brief import Brief
from tools.contract import Artifact
from tools.errors import UserError
from tools.kit.analysis.notes import Notes, notes_of
from tools.kit.audio import Samples, read_audio
from tools.kit.metrics.audio.clip import Clip, native_rate
from tools.kit.metrics.control.duration import duration_heard
from tools.kit.score import Score, read_midi

LOUDNESS_RATE = 44100
_AUDIBLE = 1e-4  # -80 dBFS: below it nothing is heard that could be judged


@dataclass
class Evidence:
    """The Brief and the artifacts under test; ``lineage`` holds them with all their ancestors.

    The sound is the audio given, or the sound track of the film when there is no audio. ``values`` collects what the
    verdicts measured, by the names of :mod:`tools.kit.metrics`.
    """

    brief: Brief
    midi: Artifact | None = None
    audio: Artifact | None = None
    video: Artifact | None = None
    lineage: tuple[Artifact, ...] = field(default=())
    values: dict[str, float | None] = field(default_factory=dict)

    @cached_property
    def score(self) -> Score | None:
        """The score in the MIDI file."""
        return read_midi(self.midi.file) if self.midi else None

    @cached_property
    def notes(self) -> Notes | None:
        """Its notes, None when there is no MIDI or not one note in it."""
        found = notes_of(self.score) if self.score else None
        return found if found is not None and len(found) else None

    @cached_property
    def sound_path(self) -> Path | None:
        """The file whose sound is measured."""
        if self.audio:
            return self.audio.file
        return self.video.file if self.video and has_sound(self.video.file) else None

    @cached_property
    def samples(self) -> Samples | None:
        """Its samples at :data:`LOUDNESS_RATE`, float32 ``[n, channels]``."""
        return read_audio(self.sound_path, LOUDNESS_RATE)[0] if self.sound_path else None

    @cached_property
    def clip(self) -> Clip | None:
        """The same sound at its own sample rate, as the metrics of a recording see it."""
        if self.sound_path is None or self.samples is None:
            return None
        rate = native_rate(self.sound_path)
        samples = self.samples if rate == LOUDNESS_RATE else read_audio(self.sound_path, rate)[0]
        return Clip.of(samples, rate)

    @property
    def audible(self) -> Clip | None:
        """The clip where anything is heard in it; None for silence."""
        return self.clip if self.clip is not None and self.clip.peak > _AUDIBLE else None

    def record(self, **values: float | None) -> None:
        """Keep what a verdict measured, by the names of the metrics."""
        self.values |= values

    @cached_property
    def heard(self) -> Clip | None:
        """The sound at :data:`LOUDNESS_RATE`, at which lengths and levels are measured."""
        return None if self.samples is None else Clip.of(self.samples, LOUDNESS_RATE)

    @property
    def length_s(self) -> float | None:
        """Decoded length of the sound, or the end of the last note when there is none; seconds."""
        return duration_heard(self.heard, self.notes)


def has_sound(path: Path) -> bool:
    """Whether a film has an audio stream; ``UserError`` when it cannot be opened."""
    import av

    try:
        with av.open(str(path)) as container:
            return bool(container.streams.audio)
    except av.FFmpegError as err:
        raise UserError(f"{path.name} cannot be opened as a film ({err.strerror}); export it again.") from err
