"""Pitch classes, modes and keys. Pitch class 0 is C; MIDI note 60 is C4 (middle C)."""

from __future__ import annotations

import re
from dataclasses import dataclass

MODES: dict[str, tuple[int, ...]] = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "minor": (0, 2, 3, 5, 7, 8, 10),
    "harmonic minor": (0, 2, 3, 5, 7, 8, 11),
    "melodic minor": (0, 2, 3, 5, 7, 9, 11),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "phrygian": (0, 1, 3, 5, 7, 8, 10),
    "lydian": (0, 2, 4, 6, 7, 9, 11),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
    "locrian": (0, 1, 3, 5, 6, 8, 10),
    "major pentatonic": (0, 2, 4, 7, 9),
    "minor pentatonic": (0, 3, 5, 7, 10),
    "blues": (0, 3, 5, 6, 7, 10),
    "whole tone": (0, 2, 4, 6, 8, 10),
}
"""Scale degrees of each mode, in semitones above the tonic."""

_LETTERS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_SHARP_NAMES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
_FLAT_NAMES = ("C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B")
_FLAT_MAJORS = frozenset({1, 3, 5, 8, 10})  # Db Eb F Ab Bb; Gb is spelt F#
_NOTE = re.compile(r"^([A-Ga-g])([#♯b♭]*)$")


def pitch_class(name: str) -> int:
    """Pitch class 0 to 11 of a note name such as ``F#``, ``Bb`` or ``E♭`` (``ValueError`` otherwise)."""
    match = _NOTE.match(name.strip())
    if match is None:
        raise ValueError(f"{name!r} is no note name; write it as C, F# or Bb")
    shift = sum(1 if sign in "#♯" else -1 for sign in match[2])
    return (_LETTERS[match[1].upper()] + shift) % 12


def pitch_name(pc: int, *, flats: bool = False) -> str:
    """Name of a pitch class, with sharps unless ``flats``."""
    return (_FLAT_NAMES if flats else _SHARP_NAMES)[pc % 12]


@dataclass(frozen=True)
class Key:
    """A tonic (pitch class) with a mode of :data:`MODES`."""

    tonic: int
    mode: str = "major"

    def __post_init__(self) -> None:
        if self.mode not in MODES:
            raise ValueError(f"{self.mode!r} is no mode; one of {', '.join(MODES)}")

    @classmethod
    def parse(cls, text: str) -> Key:
        """A key from its canonical text: ``'D minor'``, ``'F# major'``, ``'Bb dorian'``."""
        name, _, mode = text.strip().partition(" ")
        return cls(pitch_class(name), mode.strip().lower() or "major")

    @property
    def is_minor(self) -> bool:
        """Whether the third above the tonic is minor."""
        return 3 in MODES[self.mode] and 4 not in MODES[self.mode]

    @property
    def prefers_flats(self) -> bool:
        """Whether the key signature is written with flats."""
        return self.relative_major_tonic() in _FLAT_MAJORS

    def relative_major_tonic(self) -> int:
        """Tonic of the major scale with the same key signature."""
        steps = {"dorian": 2, "phrygian": 4, "lydian": 5, "mixolydian": 7, "locrian": 11}
        offset = steps.get(self.mode, 9 if self.is_minor else 0)
        return (self.tonic - offset) % 12

    def pitch_classes(self) -> tuple[int, ...]:
        """The scale, from the tonic up, as pitch classes."""
        return tuple((self.tonic + step) % 12 for step in MODES[self.mode])

    def __str__(self) -> str:
        return f"{pitch_name(self.tonic, flats=self.prefers_flats)} {self.mode}"
