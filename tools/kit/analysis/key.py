"""Key finding by profile correlation, on notes and on audio chroma.

A pitch-class distribution is correlated with the profile of every key (Krumhansl and Schmuckler
1990). Profiles: Aarden (2003, Essen folk songs) for notes, which was the best of the published ones
on the chorales and tunes of ``bench fidelity``'s corpus; Temperley (1999, revised Krumhansl-Kessler)
for audio chroma, whose overtones flatten sharper profiles. The church modes, for which no
probe-tone profile is published, take the nearer of the two with the altered degree exchanged. The bass of the opening,
the close and the phrases breaks the ties between keys that share a scale.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tools.kit.analysis.notes import Notes
from tools.kit.theory.pitch import Key

Floats = NDArray[np.float64]

AARDEN = {
    "major": (
        17.7661,
        0.145624,
        14.9265,
        0.160186,
        19.8049,
        11.3587,
        0.291248,
        22.062,
        0.145624,
        8.15494,
        0.232998,
        4.95122,
    ),
    "minor": (
        18.2648,
        0.737619,
        14.0499,
        16.8599,
        0.702494,
        14.4362,
        0.702494,
        18.6161,
        4.56621,
        1.93186,
        7.37619,
        1.75623,
    ),
}
TEMPERLEY = {
    "major": (5.0, 2.0, 3.5, 2.0, 4.5, 4.0, 2.0, 4.5, 2.0, 3.5, 1.5, 4.0),
    "minor": (5.0, 2.0, 3.5, 4.5, 2.0, 4.0, 2.0, 4.5, 3.5, 2.0, 1.5, 4.0),
}
_EXCHANGES = {  # mode: (its parent, pairs of degrees whose weights change places)
    "dorian": ("minor", ((8, 9),)),
    "phrygian": ("minor", ((1, 2),)),
    "lydian": ("major", ((5, 6),)),
    "mixolydian": ("major", ((10, 11),)),
    "locrian": ("minor", ((1, 2), (6, 7))),
}
PLAIN_MODES = ("major", "minor")
CHURCH_MODES = ("major", "minor", "dorian", "phrygian", "lydian", "mixolydian", "locrian")
CUE_WEIGHT = 0.2  # what a bass that always comes home to the tonic adds to the correlation
_PHRASE_Q = 16.0  # quarters of a phrase where the bars are not known


@dataclass(frozen=True)
class KeyFit:
    """A key with its score: correlation in [-1, 1], plus at most :data:`CUE_WEIGHT` for the bass cues."""

    key: Key
    score: float


def rank_keys(
    distribution: Floats,
    profiles: Mapping[str, Sequence[float]],
    modes: tuple[str, ...] = PLAIN_MODES,
    cues: Floats | None = None,
) -> list[KeyFit]:
    """Every tonic in every mode, best first; empty when the distribution is flat or empty.

    Parameters
    ----------
    distribution
        Weight of each pitch class ``[12]``.
    cues
        Share of the tonic evidence of each pitch class ``[12]``, in [0, 1].
    """
    if not np.any(distribution) or float(np.ptp(distribution)) < 1e-12:
        return []
    extra = np.zeros(12) if cues is None else cues * CUE_WEIGHT
    fits = []
    for mode in modes:
        profile = mode_profile(mode, profiles)
        for tonic in range(12):
            score = float(np.corrcoef(distribution, np.roll(profile, tonic))[0, 1] + extra[tonic])
            fits.append(KeyFit(Key(tonic, mode), score))
    return sorted(fits, key=lambda fit: -fit.score)


def mode_profile(mode: str, profiles: Mapping[str, Sequence[float]]) -> Floats:
    """Weights ``[12]`` of the degrees of a mode, from the tonic up in semitones."""
    parent, exchanges = _EXCHANGES.get(mode, (mode, ()))
    profile = np.array(profiles[parent], dtype=np.float64)
    for one, other in exchanges:
        profile[[one, other]] = profile[[other, one]]
    return profile


def rank_note_keys(
    notes: Notes, modes: tuple[str, ...] = PLAIN_MODES, phrase_starts_q: Floats | None = None
) -> list[KeyFit]:
    """Keys of a score, best first, from the durations of its pitch classes; drums are left out.

    Parameters
    ----------
    phrase_starts_q
        Where phrases begin, in quarters; every 16 quarters from the first note when not given.
    """
    pitched = notes.pitched
    weights = np.bincount(pitched.pitch % 12, pitched.end_q - pitched.start_q, minlength=12).astype(np.float64)
    return rank_keys(weights, AARDEN, modes, tonic_cues(pitched, phrase_starts_q))


def rank_chroma_keys(chroma: Floats, modes: tuple[str, ...] = PLAIN_MODES) -> list[KeyFit]:
    """Keys of a recording, best first, from its mean chroma; ``chroma`` is ``[12, frames]``."""
    return rank_keys(chroma.sum(axis=1), TEMPERLEY, modes)


def tonic_cues(pitched: Notes, phrase_starts_q: Floats | None = None) -> Floats:
    """How far the bass speaks for each pitch class as tonic, ``[12]``, summing to 1 at most.

    A third each for the first chord, the last chord, and the starts of phrases: a loop of four chords that
    favours two keys is in the one it comes home to.
    """
    cues = np.zeros(12)
    if not len(pitched):
        return cues
    start, end = float(pitched.start_q.min()), float(pitched.end_q.max())
    last = pitched.where(pitched.end_q >= end - 1e-3)
    cues[int(last.pitch.min()) % 12] += 1 / 3
    cues[int(pitched.pitch[pitched.start_q <= start + 1e-3].min()) % 12] += 1 / 3
    phrases = np.arange(start, end - 1, _PHRASE_Q) if phrase_starts_q is None else phrase_starts_q
    basses = [b for b in (_bass_at(pitched, float(at)) for at in phrases) if b is not None]
    for bass in basses:
        cues[bass % 12] += 1 / 3 / len(basses)
    return cues


def _bass_at(pitched: Notes, quarter: float) -> int | None:
    """Lowest pitch sounding just after a moment."""
    sounding = pitched.pitch[(pitched.start_q <= quarter + 0.05) & (pitched.end_q > quarter + 0.05)]
    return int(sounding.min()) if len(sounding) else None


def plain_mode(key: Key) -> str:
    """The mode a profile can tell: minor for its harmonic and melodic forms, major for major pentatonic."""
    if key.mode in CHURCH_MODES:
        return key.mode
    return "minor" if key.is_minor else "major"
