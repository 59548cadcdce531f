"""Whether the asked key is the one heard, and which tones would tell it from its nearest rival.

A pitch-class distribution is correlated with three published profiles (Krumhansl and Kessler 1982; Aarden 2003;
Temperley 1999). Where a rival key correlates better, as Ab major does in a loop of C#m and G#, the tones that the
asked key's profile weighs more than the rival's are favoured in doublings and melody, and the piece is written again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from tools.compose.engine.harmony import Span
from tools.kit.analysis.key import AARDEN, TEMPERLEY, Floats, rank_keys
from tools.kit.analysis.notes import notes_of, sounding_in
from tools.kit.score import Score
from tools.kit.theory.chord import Chord
from tools.kit.theory.pitch import Key

KRUMHANSL: Mapping[str, Sequence[float]] = {
    "major": (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88),
    "minor": (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17),
}
_PROFILES = (KRUMHANSL, AARDEN, TEMPERLEY)
_TRIADS = ("", "m", "dim", "sus4", "sus2")
_NEARER = 0.01  # by how much a chord must be nearer than any other
_FALL = 0.6  # of a partial's strength in the next
_STEP = 0.35  # how far one round moves the weights towards what distinguishes the key


def sounding_weights(score: Score) -> Floats:
    """Sounding time of each pitch class in quarters ``[12]``; drums are left out."""
    weights = np.zeros(12)
    for track in score.tracks:
        for note in () if track.is_drum else track.notes:
            weights[note.pitch % 12] += note.duration
    return weights


def heard_weights(score: Score) -> Floats:
    """Weight of each pitch class in the sound of a score ``[12]``: each note with its first overtones.

    A listener's chroma takes the third partial of a note for its fifth and the fifth for its third, so that a loop that
    is clear on paper can sound in the key of its dominant. Partials fall by :data:`_FALL` each (Gómez 2006).
    """
    weights = np.zeros(12)
    partials = [(round(12 * np.log2(number)) % 12, _FALL ** (number - 1)) for number in range(1, 6)]
    for track in score.tracks:
        for note in () if track.is_drum else track.notes:
            for step, share in partials:
                weights[(note.pitch + step) % 12] += share * note.duration * (note.velocity / 127) ** 0.5
    return weights


def margin(weights: Floats, key: Key) -> float:
    """How far the key leads its strongest rival by the second best of three profiles; negative when it does not lead.

    In units of correlation; -1 where nothing sounds.
    """
    home = _plain(key)
    leads = []
    for profiles in _PROFILES:
        fits = rank_keys(weights, profiles)
        if not fits:
            return -1.0
        own = next(f.score for f in fits if f.key == home)
        leads.append(own - next(f.score for f in fits if f.key != home))
    return sorted(leads)[1]


def sharpened(favour: Sequence[float], weights: Floats, key: Key) -> tuple[float, ...]:
    """Weights of the pitch classes, 0 to 1, moved towards the key and away from the rivals that outdo it."""
    home = _plain(key)
    moved = np.array(favour, dtype=np.float64)
    for profiles in _PROFILES:
        rival = next((f.key for f in rank_keys(weights, profiles) if f.key != home), None)
        if rival is not None:
            moved += _STEP * (_shape(profiles, home) - _shape(profiles, rival)) / len(_PROFILES)
    moved -= moved.min()
    return tuple(float(v) for v in moved / max(float(moved.max()), 1e-9))


def chords_heard(score: Score, spans: Sequence[Span]) -> float:
    """Share of the chords whose triad is the nearest template to what sounds (Fujishima 1999), 0 to 1."""
    edges = np.array([spans[0].start, *(s.end for s in spans)])
    heard = []
    for span, (here, quarters) in zip(spans, sounding_in(notes_of(score).pitched, edges), strict=True):
        weights = np.bincount(here.pitch % 12, quarters, minlength=12).astype(np.float64)
        if span.chord is None:
            heard.append(not weights.any())
            continue
        triad = span.chord.triad()
        others = [_likeness(weights, Chord(root, q)) for q in _TRIADS for root in range(12) if Chord(root, q) != triad]
        heard.append(_likeness(weights, triad) >= max(others) + _NEARER)
    return float(np.mean(heard))


def _likeness(weights: Floats, triad: Chord) -> float:
    """Cosine of a chord's tones with sounding weights."""
    tones = list(triad.pitch_classes())
    return float(weights[tones].sum() / (np.sqrt(len(tones)) * max(float(np.linalg.norm(weights)), 1e-9)))


def _plain(key: Key) -> Key:
    return Key(key.tonic, "minor" if key.is_minor else "major")


def _shape(profiles: Mapping[str, Sequence[float]], key: Key) -> Floats:
    """A key's profile with mean 0 and deviation 1, from C up ``[12]``."""
    row = np.roll(np.array(profiles[key.mode], dtype=np.float64), key.tonic)
    return np.asarray((row - row.mean()) / row.std())


def tonic_lead(weights: Floats, key: Key) -> float:
    """By how much of the whole the weightiest tone of the tonic triad leads the weightiest of the others, -1 to 1."""
    triad = [(key.tonic + step) % 12 for step in (0, 3 if key.is_minor else 4, 7)]
    others = np.delete(weights, triad)
    return float((weights[triad].max() - others.max()) / max(float(weights.sum()), 1e-9))


def is_tellable(key: Key) -> bool:
    """Whether profiles tell this key from others: not so for modes, blues and other scales of their own."""
    return key.mode in ("major", "minor", "harmonic minor", "melodic minor")
