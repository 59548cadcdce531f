"""Chord symbols to pitch classes and back: ``Dm7b5``, ``F#maj7/A#``, ``Bsus4``, ``N.C.``."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tools.kit.theory.pitch import Key, pitch_class, pitch_name

QUALITIES: dict[str, tuple[int, ...]] = {
    "": (0, 4, 7),
    "m": (0, 3, 7),
    "dim": (0, 3, 6),
    "aug": (0, 4, 8),
    "5": (0, 7),
    "sus2": (0, 2, 7),
    "sus4": (0, 5, 7),
    "6": (0, 4, 7, 9),
    "m6": (0, 3, 7, 9),
    "7": (0, 4, 7, 10),
    "maj7": (0, 4, 7, 11),
    "m7": (0, 3, 7, 10),
    "mmaj7": (0, 3, 7, 11),
    "dim7": (0, 3, 6, 9),
    "m7b5": (0, 3, 6, 10),
    "7sus4": (0, 5, 7, 10),
    "aug7": (0, 4, 8, 10),
    "add9": (0, 4, 7, 2),
    "madd9": (0, 3, 7, 2),
    "6/9": (0, 4, 7, 9, 2),
    "9": (0, 4, 7, 10, 2),
    "maj9": (0, 4, 7, 11, 2),
    "m9": (0, 3, 7, 10, 2),
    "7b9": (0, 4, 7, 10, 1),
    "7#9": (0, 4, 7, 10, 3),
    "7b5": (0, 4, 6, 10),
    "11": (0, 7, 10, 2, 5),
    "m11": (0, 3, 7, 10, 2, 5),
    "13": (0, 4, 7, 10, 2, 9),
    "m13": (0, 3, 7, 10, 2, 9),
}
"""Chord qualities by canonical suffix: semitones above the root, stacked order."""

_ALIASES = {
    "maj": "",
    "M": "",
    "major": "",
    "min": "m",
    "-": "m",
    "minor": "m",
    "°": "dim",
    "o": "dim",
    "+": "aug",
    "Δ": "maj7",
    "Δ7": "maj7",
    "M7": "maj7",
    "ma7": "maj7",
    "j7": "maj7",
    "min7": "m7",
    "-7": "m7",
    "mM7": "mmaj7",
    "m(maj7)": "mmaj7",
    "mMaj7": "mmaj7",
    "°7": "dim7",
    "o7": "dim7",
    "ø": "m7b5",
    "ø7": "m7b5",
    "min7b5": "m7b5",
    "-7b5": "m7b5",
    "m7(b5)": "m7b5",
    "sus": "sus4",
    "7sus": "7sus4",
    "+7": "aug7",
    "7#5": "aug7",
    "add2": "add9",
    "69": "6/9",
    "M9": "maj9",
    "min9": "m9",
    "-9": "m9",
    "min6": "m6",
    "-6": "m6",
    "7(b9)": "7b9",
    "7(#9)": "7#9",
    "min11": "m11",
    "min13": "m13",
}
_SYMBOL = re.compile(r"^(?P<root>[A-G](?:[#♯b♭]{0,2}))(?P<quality>.*?)(?:/(?P<bass>[A-G][#♯b♭]{0,2}))?$")
_NUMERAL = re.compile(r"^(?P<accidental>[b#♭♯]?)(?P<degree>VII|VI|V|IV|III|II|I|vii|vi|v|iv|iii|ii|i)(?P<quality>.*)$")
_DEGREES = {"i": 0, "ii": 2, "iii": 4, "iv": 5, "v": 7, "vi": 9, "vii": 11}
_MINOR_DEGREES = {"i": 0, "ii": 2, "iii": 3, "iv": 5, "v": 7, "vi": 8, "vii": 10}


@dataclass(frozen=True)
class Chord:
    """A root (pitch class), a quality of :data:`QUALITIES` and, for slash chords, a bass pitch class."""

    root: int
    quality: str = ""
    bass: int | None = None

    def __post_init__(self) -> None:
        if self.quality not in QUALITIES:
            raise ValueError(f"{self.quality!r} is no known chord quality")

    @classmethod
    def parse(cls, symbol: str) -> Chord:
        """A chord from its symbol; ``ValueError`` says which symbol could not be read."""
        text = symbol.strip()
        match = _SYMBOL.match(text.replace("6/9", "69"))
        if match is None:
            raise ValueError(f"{symbol!r} is no chord symbol; write it as Am, F#maj7 or G/B")
        quality = match["quality"]
        quality = _ALIASES.get(quality, quality)
        if quality not in QUALITIES:
            raise ValueError(f"{symbol!r}: the quality {match['quality']!r} is not known")
        bass = pitch_class(match["bass"]) if match["bass"] else None
        return cls(pitch_class(match["root"]), quality, bass)

    @classmethod
    def from_numeral(cls, numeral: str, key: Key) -> Chord:
        """A chord from a roman numeral in a key: ``V7`` in D minor is A7 (degrees as in the key's mode)."""
        match = _NUMERAL.match(numeral.strip())
        if match is None:
            raise ValueError(f"{numeral!r} is no roman numeral; write it as ii, V7 or bVI")
        degree = match["degree"].lower()
        degrees = _MINOR_DEGREES if key.is_minor and not match["accidental"] else _DEGREES
        shift = {"": 0, "b": -1, "♭": -1, "#": 1, "♯": 1}[match["accidental"]]
        suffix = _ALIASES.get(match["quality"], match["quality"])
        is_lower = match["degree"].islower()
        quality = suffix if not is_lower or suffix.startswith(("m", "dim", "aug", "sus")) else "m" + suffix
        if is_lower and match["quality"] in ("°", "o", "ø", "ø7", "°7", "o7"):
            quality = suffix
        return cls((key.tonic + degrees[degree] + shift) % 12, quality)

    @property
    def intervals(self) -> tuple[int, ...]:
        """Semitones above the root, stacked order."""
        return QUALITIES[self.quality]

    def pitch_classes(self) -> tuple[int, ...]:
        """Sounding pitch classes from the root up; a foreign bass is appended."""
        tones = tuple((self.root + i) % 12 for i in self.intervals)
        return tones if self.bass is None or self.bass in tones else (*tones, self.bass)

    def triad(self) -> Chord:
        """The chord reduced to root and third: major, minor, diminished, augmented or suspended."""
        intervals = set(self.intervals)
        for quality in ("m", "", "dim", "aug", "sus4", "sus2"):
            if set(QUALITIES[quality]) <= intervals:
                return Chord(self.root, quality)
        return Chord(self.root, "m" if 3 in intervals else "")

    def symbol(self, *, flats: bool = False) -> str:
        """The chord symbol, as ``Bbm7/Db``."""
        bass = "" if self.bass is None else "/" + pitch_name(self.bass, flats=flats)
        return pitch_name(self.root, flats=flats) + self.quality + bass

    def __str__(self) -> str:
        return self.symbol(flats=self.root in (1, 3, 8, 10) and "m" not in self.quality.replace("maj", ""))
