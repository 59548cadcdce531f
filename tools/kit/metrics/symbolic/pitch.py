"""Which pitches a piece uses: counts, range, entropies, scales. Drums have no pitch and are left out.

The definitions are those of MusPy 0.5.0 (Dong et al. 2020) on ``muspy.read_midi(path)``.
"""

from __future__ import annotations

import numpy as np

from tools.kit.metrics.registry import metric
from tools.kit.metrics.symbolic.piece import Flags, Floats, Piece, Undefined

_MUSPY = "Dong et al., MusPy, ISMIR 2020; muspy 0.5.0"
_STEPS = {"major": (0, 2, 4, 5, 7, 9, 11), "minor": (0, 2, 3, 5, 7, 8, 10)}


@metric(
    "n_notes",
    family="symbolic",
    unit="notes",
    low=0,
    formula="number of notes, drum strokes included",
    meaning="How much is played. It says nothing of when or how.",
    source=f"{_MUSPY}: the notes of all tracks of muspy.Music",
)
def n_notes(piece: Piece) -> int:
    """Count every note, drum strokes included."""
    return len(piece)


@metric(
    "n_pitches_used",
    family="symbolic",
    unit="pitches",
    low=0,
    high=128,
    formula="number of different MIDI pitches",
    meaning="How many different keys of the piano are touched. A pitch that sounds once counts like the tonic.",
    source=f"{_MUSPY}: n_pitches_used",
)
def n_pitches_used(piece: Piece) -> int:
    """Count the different pitches of the notes that are not drums."""
    return int(np.count_nonzero(piece.pitch_counts))


@metric(
    "n_pitch_classes_used",
    family="symbolic",
    unit="pitch classes",
    low=0,
    high=12,
    formula="number of different values of pitch mod 12",
    meaning="How many of the twelve notes appear: 5 for a pentatonic tune, 7 for a plain scale, 12 when all are "
    "touched. A passing note counts like the tonic.",
    source=f"{_MUSPY}: n_pitch_classes_used",
)
def n_pitch_classes_used(piece: Piece) -> int:
    """Count the different pitch classes of the notes that are not drums."""
    return int(np.count_nonzero(piece.class_counts))


@metric(
    "pitch_range",
    family="symbolic",
    unit="semitones",
    low=0,
    high=127,
    formula="highest pitch - lowest pitch; 0 when no note has a pitch",
    meaning="How far the lowest note lies from the highest over all instruments. One stray note sets it.",
    source=f"{_MUSPY}: pitch_range. For drums alone muspy's code returns -127 where its documentation says 0; here 0",
)
def pitch_range(piece: Piece) -> int:
    """Semitones from the lowest to the highest pitch; 0 when there is none."""
    return int(np.ptp(piece.pitched)) if len(piece.pitched) else 0


@metric(
    "pitch_entropy",
    family="symbolic",
    unit="bits",
    low=0,
    high=7,
    formula="-sum_p P(p) log2 P(p) over the 128 pitches, P(p) = share of the notes with pitch p",
    meaning="How evenly the piece spreads over its pitches: low for a few notes said again and again, high for many "
    "in equal use. Order, length and loudness of notes do not enter.",
    source=f"{_MUSPY}: pitch_entropy",
)
def pitch_entropy(piece: Piece) -> float:
    """Entropy of the pitches in bits; ``Undefined`` when no note has a pitch."""
    return entropy(_heard(piece).pitch_counts)


@metric(
    "pitch_class_entropy",
    family="symbolic",
    unit="bits",
    low=0,
    high=float(np.log2(12)),
    formula="-sum_c P(c) log2 P(c) over the 12 pitch classes, P(c) = share of the notes in class c",
    meaning="How firmly the piece holds to a few of the twelve notes: about 2.5 in plain tonal music, towards 3.58 "
    "when all are in equal use. It does not know which notes, so a wrong scale scores like a right one.",
    source=f"{_MUSPY}: pitch_class_entropy",
)
def pitch_class_entropy(piece: Piece) -> float:
    """Entropy of the pitch classes in bits; ``Undefined`` when no note has a pitch."""
    return entropy(_heard(piece).class_counts)


@metric(
    "scale_consistency",
    family="symbolic",
    unit="share",
    low=0,
    high=1,
    better="higher",
    formula="max over the 24 major and natural minor scales of (notes in the scale / notes)",
    meaning="How well one scale holds all notes: 1 when nothing leaves it. A piece that modulates, or a harmonic "
    "minor, scores lower without being wrong.",
    source=f"{_MUSPY}: scale_consistency (after Mogren 2016)",
)
def scale_consistency(piece: Piece) -> float:
    """Share of the notes inside the scale that holds most of them; ``Undefined`` when no note has a pitch."""
    return float((_SCALES @ _heard(piece).class_counts).max() / len(piece.pitched))


@metric(
    "pitch_in_scale_rate",
    family="symbolic",
    unit="share",
    low=0,
    high=1,
    better="higher",
    formula="notes in the scale / notes; the scale is that of the file's first key signature",
    meaning="How far the notes keep to the key the file states. A file that states a wrong key, or C major out of "
    "habit, is measured against that.",
    source=f"{_MUSPY}: pitch_in_scale_rate(root, mode), with root and mode of the file's first key signature",
)
def pitch_in_scale_rate(piece: Piece, root: int | None = None, mode: str | None = None) -> float:
    """Share of the notes in a scale.

    Parameters
    ----------
    root
        Pitch class of the scale's root, 0 to 11; that of the file's first key when not given.
    mode
        ``"major"`` or ``"minor"`` (natural); that of the file's first key when not given.

    Raises
    ------
    Undefined
        When no note has a pitch, or no scale is given and the file states no key.
    """
    counts = _heard(piece).class_counts
    if root is None or mode is None:
        if not piece.table.keys:
            raise Undefined("the file states no key")
        key = piece.table.keys[0][1]
        root, mode = key.tonic, "minor" if key.is_minor else "major"
    return float(counts[scale(root, mode)].sum() / len(piece.pitched))


def scale(root: int, mode: str) -> Flags:
    """Pitch classes of a major or natural minor scale as a mask ``[12]``."""
    mask = np.zeros(12, dtype=np.bool_)
    mask[[(root + step) % 12 for step in _STEPS[mode]]] = True
    return mask


def entropy(counts: Floats | np.ndarray) -> float:
    """Shannon entropy in bits of counts ``[k]`` that are not all 0."""
    shares = counts[counts > 0] / counts.sum()
    return float(-(shares * np.log2(shares)).sum()) + 0.0


def _heard(piece: Piece) -> Piece:
    if not len(piece.pitched):
        raise Undefined("no note has a pitch")
    return piece


_SCALES = np.stack([scale(root, mode) for mode in _STEPS for root in range(12)]).astype(np.int64)
