"""Chord symbols spelt as their key has them: F# over D in G minor, Bb and G#dim in C major."""

from __future__ import annotations

from tools.kit.theory.chord import Chord
from tools.kit.theory.interval import moved_spelling, signature_fifths, spelling_at
from tools.kit.theory.pitch import Key

_FIFTHS = {0: 0, 1: -5, 2: 2, 3: -3, 4: 4, 5: -1, 6: -6, 7: 1, 8: 8, 9: 3, 10: -2, 11: 5}
"""Steps on the line of fifths from a root to its tones, by semitones above it."""
_RAISED, _LOWERED = 4.0, 0.5  # middle of the roots on the line of fifths, from the signature: diminished, other


def symbol_in(chord: Chord, key: Key) -> str:
    """The chord symbol with root and bass spelt by the key, as ``D/F#`` in G minor.

    A chromatic root is a raised degree under a diminished chord, which leads upwards, and a lowered one otherwise; the
    bass is spelt by its interval above the root.
    """
    diminished = chord.quality in ("dim", "dim7", "m7b5")
    centre = signature_fifths(key) + (_RAISED if diminished else _LOWERED + key.is_minor)
    place = (chord.root * 7) % 12
    root = spelling_at(min((place + 12 * k for k in (-2, -1, 0, 1)), key=lambda p: abs(p - centre)))
    return root + chord.quality + ("" if chord.bass is None else "/" + _bass(chord, root))


def _bass(chord: Chord, root: str) -> str:
    assert chord.bass is not None
    above = (chord.bass - chord.root) % 12
    fifths = _FIFTHS[above]
    if above == 8 and 8 not in chord.intervals:
        fifths = -4
    if above == 9 and chord.quality == "dim7":
        fifths = -9
    return moved_spelling(root, fifths)
