"""Valence and arousal expressed by music, estimated from its cues.

A linear, additive model: Eerola, Friberg and Bresin (Frontiers in Psychology 4:487, 2013) found that mode, tempo,
register, dynamics, articulation and timbre, in this order, add up without interaction and explain 77 to 89 % of
listeners' ratings. The signs and the order of the weights follow them and Gabrielsson and Lindstroem (2010); the
weights themselves are set by hand; those of valence add up to 1, so that only all cues together reach its ends.
It is an estimate of what is *expressed*, not felt.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np

from tools.kit.analysis.key import CHURCH_MODES, KeyFit, rank_chroma_keys, rank_note_keys
from tools.kit.analysis.notes import Floats, Notes
from tools.kit.analysis.onsets import audio_onsets, note_onsets
from tools.kit.analysis.pulse import tempo

METHOD = (
    "additive cue model after Eerola, Friberg and Bresin 2013 (mode, tempo, density, register, dynamics, articulation)"
)


@dataclass(frozen=True)
class Cues:
    """Each cue in [-1, 1]; 0 where it says nothing.

    ``mode`` is minor to major, ``tempo`` 50 to 170 BPM, ``density`` 1 to 9 onsets a second, ``register`` low to high,
    ``dynamics`` soft to loud, ``articulation`` legato to staccato, ``drums`` none to half of all notes.
    """

    mode: float = 0.0
    tempo: float = 0.0
    density: float = 0.0
    register: float = 0.0
    dynamics: float = 0.0
    articulation: float = 0.0
    drums: float = 0.0


VALENCE = Cues(mode=0.48, tempo=0.24, density=0.04, register=0.08, dynamics=-0.04, articulation=0.12, drums=0.0)
AROUSAL = Cues(mode=0.0, tempo=0.40, density=0.30, register=0.05, dynamics=0.35, articulation=0.15, drums=0.15)

BRIGHTNESS = {
    "major": 1.0,
    "mixolydian": 0.6,
    "lydian": 0.5,
    "dorian": -0.3,
    "minor": -0.8,
    "phrygian": -1.0,
    "locrian": -1.0,
}
DOUBT = 0.05  # difference of key scores at which a rival's say falls to a third


def affect(cues: Cues) -> tuple[float, float]:
    """Valence and arousal in [-1, 1]."""
    values = asdict(cues)
    valence, arousal = (sum(w * values[name] for name, w in asdict(weights).items()) for weights in (VALENCE, AROUSAL))
    return float(np.clip(valence, -1, 1)), float(np.clip(arousal, -1, 1))


def note_cues(notes: Notes, bpm: float, phrase_starts_q: Floats | None = None) -> Cues:
    """The cues of a score whose beat runs at ``bpm`` and whose phrases start at the quarters given."""
    pitched = notes.pitched
    if not len(notes):
        return Cues()
    onsets, _ = note_onsets(notes)
    rate = len(onsets) / max(float(notes.end_s.max() - notes.start_s.min()), 1e-3)
    spans = pitched.end_s - pitched.start_s
    register = float(np.average(pitched.pitch, weights=np.maximum(spans, 1e-6))) if len(pitched) else 62.0
    return Cues(
        mode=mode_cue(rank_note_keys(notes, CHURCH_MODES, phrase_starts_q)),
        tempo=_scaled(np.log2(bpm), np.log2(92), np.log2(170 / 92)),
        density=_scaled(np.log2(max(rate, 0.1)), np.log2(3), np.log2(3)),
        register=_scaled(register, 62.0, 12.0),
        dynamics=_scaled(float(notes.level.mean()), 0.6, 0.3),
        articulation=_articulation(pitched),
        drums=_scaled(float(notes.is_drum.mean()), 0.0, 0.5),
    )


def audio_cues(strength: Floats, chroma: Floats, lufs: float | None, length_s: float) -> Cues:
    """The cues that a recording shows: mode, tempo, density and, roughly, dynamics (its loudness may have been set)."""
    bpm = tempo(strength)
    onsets, _ = audio_onsets(strength)
    rate = len(onsets) / max(length_s, 1e-3)
    return Cues(
        mode=mode_cue(rank_chroma_keys(chroma)),
        tempo=0.0 if bpm is None else _scaled(np.log2(bpm), np.log2(92), np.log2(170 / 92)),
        density=_scaled(np.log2(max(rate, 0.1)), np.log2(3), np.log2(3)),
        dynamics=0.0 if lufs is None else 0.5 * _scaled(lufs, -18.0, 12.0),
    )


def mode_cue(fits: list[KeyFit]) -> float:
    """How bright the key's mode is heard, major (1) to phrygian (-1); keys nearly as likely have their say.

    The order is that of listeners' choices in Temperley and Tan (Music Perception 30:237, 2013).
    """
    if not fits:
        return 0.0
    best = max(f.score for f in fits)
    says = [(np.exp((f.score - best) / DOUBT), BRIGHTNESS[f.key.mode]) for f in fits if f.key.mode in BRIGHTNESS]
    return float(sum(w * b for w, b in says) / max(sum(w for w, _ in says), 1e-9))


def _articulation(pitched: Notes) -> float:
    """Share of the time to the track's next onset that notes sound: 0.9 and more is legato, 0.3 staccato."""
    shares: list[float] = []
    for track in np.unique(pitched.track):
        mine = pitched.where(pitched.track == track)
        starts = np.unique(mine.start_s)
        following = np.searchsorted(starts, mine.start_s, side="right")
        inner = following < len(starts)
        gaps = starts[following[inner]] - mine.start_s[inner]
        lengths = (mine.end_s - mine.start_s)[inner]
        shares.extend(np.clip(lengths / np.maximum(gaps, 1e-3), 0, 1.2).tolist())
    return _scaled(-float(np.median(shares)), -0.7, 0.35) if shares else 0.0


def _scaled(value: float, middle: float, reach: float) -> float:
    return float(np.clip((value - middle) / reach, -1, 1))
