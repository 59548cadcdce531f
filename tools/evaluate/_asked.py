"""A piece against the words, the Brief and the film it was made for: metrics that need more than the piece itself."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tools.contract import Artifact
from tools.errors import UserError

if TYPE_CHECKING:
    from tools.brief import Brief
    from tools.kit.analysis.onsets import Floats
    from tools.kit.audio import Samples
    from tools.kit.score import Score

CLAP = "clap-laion-music"
_SILENCE = 1e-4  # of full scale
Values = dict[str, float | None]


@dataclass(frozen=True)
class Film:
    """When a film cuts and moves, in seconds, and its frames a second."""

    cuts_s: Floats
    moves_s: Floats
    fps: float


@dataclass
class Heard:
    """What is heard in a piece, each thing read once."""

    piece: Artifact

    @cached_property
    def score(self) -> Score | None:
        """Its score; ``None`` for a recording."""
        from tools.kit.score.notation import read_notation

        return None if self.piece.kind == "audio" else read_notation(self.piece)

    @cached_property
    def facts(self) -> dict[str, Any]:
        """Tempo, key, meter, chords and the like, as a portrait tells them; empty when nothing sounds."""
        from tools.kit.analysis import portrait, spectrum

        if self.score is not None:
            found = portrait.of_score(self.score)
            return found if found["n_notes"] else {}
        return portrait.of_audio(self._samples, spectrum.RATE) if np.abs(self._samples).max() > _SILENCE else {}

    @cached_property
    def _samples(self) -> Samples:
        """A recording's sound at the rate of analysis."""
        from tools.kit.analysis import spectrum
        from tools.kit.audio import read_audio

        return read_audio(self.piece.file, spectrum.RATE)[0]

    @cached_property
    def onsets_s(self) -> tuple[Floats, Floats]:
        """All onsets, and those that accent, in seconds."""
        from tools.kit.analysis import onsets, spectrum
        from tools.kit.analysis.notes import notes_of

        if self.score is not None:
            notes = notes_of(self.score)
            return onsets.note_onsets(notes)[0], onsets.accents_in(self.score, notes)
        mono = self._samples.mean(axis=1)
        peak = max(float(np.abs(mono).max(initial=0.0)), 1e-9)
        found = onsets.audio_onsets(spectrum.onset_strength(mono / peak))
        return found[0], onsets.strong_onsets(*found)


def against_prompt(heard: Heard, prompt: str, weights: str | None) -> Values:
    """``bridge_agreement`` of a piece and the words it was made from; ``clap_score`` with weights, for a recording.

    Raises
    ------
    UserError
        When weights are given for a score or cannot be used.
    """
    from tools.backends.text_bridge import bridge_agreement

    found: Values = {"bridge_agreement": bridge_agreement(prompt, heard.facts) if heard.facts else None}
    if weights is None:
        return found
    from tools.backends import clap
    from tools.backends.audio_embedding import lacking
    from tools.kit.audio import read_audio
    from tools.kit.folders import opened

    name, folder = heard.piece.file.name, opened(Path(weights))
    missing = lacking(CLAP, folder)
    if missing:
        raise UserError(missing)
    if heard.score is not None:
        raise UserError(f"clap_score is heard in sound, and {name} is a score; render it, or leave weights out.")
    return found | {"clap_score": clap.load(folder).score(read_audio(heard.piece.file, clap.RATE)[0], prompt)}


def against_brief(heard: Heard, brief: Brief) -> Values:
    """Mustango's scores of what a Brief asks, MuseCoco's attributes for a score, and hit points; nothing unasked."""
    from tools.kit.metrics import attributes, control
    from tools.kit.metrics.registry import metrics
    from tools.kit.metrics.rhythm_video import hit_alignment, hit_distance

    asked = {"T": brief.tempo_bpm, "C": brief.key, "B": brief.meter}
    found: Values = {}
    for name, value in control.evaluate(brief, heard.facts).items():
        wanted = brief.chords if name in _CHORDS else asked[name[0]]
        if wanted:
            found[name] = value
    if heard.score is not None:
        names = {m.function: m.name for m in metrics().values()}
        accuracies = attributes.evaluate(brief, heard.score)
        found["attribute_accuracy"] = accuracies.pop("attribute_accuracy")
        found |= {names[attributes.MEASURES[n]]: v for n, v in accuracies.items()}
        if not accuracies:
            del found["attribute_accuracy"]
    if brief.hit_points_s:
        found["hit_alignment"] = hit_alignment(brief.hit_points_s, heard.onsets_s[1])
        found["hit_distance"] = hit_distance(brief.hit_points_s, heard.onsets_s[1])
    return found


_CHORDS = frozenset({"PCM", "ECM", "CMO", "CMOT"})


def against_film(heard: Heard, film: Film) -> Values:
    """How a piece's accents meet a film's cuts, and its onsets the peaks of motion."""
    from tools.kit.metrics.rhythm_video import alignments, av_align

    onsets_s, accents_s = heard.onsets_s
    found = alignments(film.cuts_s, [], accents_s)
    cuts = {name: value for name, value in found.items() if name.startswith("cut_")}
    return cuts | {"AV_align": av_align(onsets_s, film.moves_s, film.fps)}


def watch(path: Path, max_s: float) -> Film:
    """See a film's cuts and the peaks of its optical flow, at the size that films are analysed at."""
    import cv2

    from tools.kit.metrics.rhythm_video import flow_peaks
    from tools.kit.metrics.rhythm_video.film import mean_flow
    from tools.kit.video.frames import DecodeReport, read_frames
    from tools.kit.video.probe import probe
    from tools.kit.video.shots import ShotDetector

    fps = probe(path, max_s).fps or 25.0
    detector = ShotDetector(fps)
    before, flow, boundaries = None, [], []
    for frame in read_frames(path, DecodeReport(), max_s):
        boundaries += detector.feed(frame.time_s, frame.small)[1]
        grey = cv2.cvtColor(frame.small, cv2.COLOR_BGR2GRAY)
        if before is not None:
            flow.append(mean_flow(before, grey))
        before = grey
    boundaries += detector.finish()
    cuts = sorted(b.time_s for b in boundaries)
    return Film(np.array(cuts), flow_peaks([*flow[:1], *flow], fps), fps)
