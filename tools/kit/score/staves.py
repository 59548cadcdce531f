"""How an instrument is written: its clefs, the place of a drum on the staff, and how far from sounding pitch.

Clefs follow the ledger lines: each bar takes the clef that needs fewest, and a change must save more than it costs
(a shortest path over the bars). Drums lie where the Percussive Arts Society puts them (Weinberg 1998, "Guide to
Standardized Drumset Notation"). Transpositions are those of Adler 2016, "The Study of Orchestration", appendix.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tools.kit.score import Track
from tools.kit.theory.instruments import Instrument, instrument, instrument_of_program, is_a
from tools.kit.theory.interval import Interval


@dataclass(frozen=True)
class Clef:
    """A clef by its MusicXML sign, line and octave; ``low`` to ``high`` is its staff, bottom to top line, in MIDI."""

    sign: str
    line: int
    low: int
    high: int
    octave: int = 0

    @property
    def xml(self) -> str:
        """Its MusicXML, without the element around it."""
        octave = f"<clef-octave-change>{self.octave}</clef-octave-change>" if self.octave else ""
        return f"<sign>{self.sign}</sign><line>{self.line}</line>{octave}"


TREBLE, BASS = Clef("G", 2, 64, 77), Clef("F", 4, 43, 57)
ALTO, TENOR = Clef("C", 3, 53, 67), Clef("C", 4, 50, 64)
TREBLE_BELOW, BASS_BELOW = Clef("G", 2, 52, 65, -1), Clef("F", 4, 31, 45, -1)
TREBLE_ABOVE = Clef("G", 2, 76, 89, 1)

_CLEFS: tuple[tuple[str, tuple[Clef, ...]], ...] = (
    ("viola", (ALTO, TREBLE)),
    ("cello", (BASS, TENOR, TREBLE)),
    ("bassoon", (BASS, TENOR)),
    ("trombone", (BASS, TENOR)),
    ("euphonium", (BASS, TENOR)),
    ("bass", (BASS_BELOW,)),
    ("bowed double bass", (BASS_BELOW,)),
    ("guitar", (TREBLE_BELOW,)),
    ("piccolo", (TREBLE_ABOVE,)),
    ("tuba", (BASS,)),
    ("timpani", (BASS,)),
)
_ONE_CLEF = ("violin", "flute", "oboe", "clarinet", "saxophone", "trumpet", "english horn", "fiddle", "recorder")
_CHANGE, _HYSTERESIS = 14.0, 1.0  # ledger lines that a change of clef must save

_WRITTEN: tuple[tuple[str, str], ...] = (  # from sounding to written pitch, the special before the general
    ("bass clarinet", "M9"),
    ("clarinet", "M2"),
    ("soprano saxophone", "M2"),
    ("alto saxophone", "M6"),
    ("tenor saxophone", "M9"),
    ("baritone saxophone", "M13"),
    ("saxophone", "M6"),
    ("flugelhorn", "M2"),
    ("trumpet", "M2"),
    ("french horn", "P5"),
    ("english horn", "P5"),
    ("piccolo", "-P8"),
    ("xylophone", "-P8"),
    ("celesta", "-P8"),
    ("glockenspiel", "-P15"),
    ("bass", "P8"),
    ("bowed double bass", "P8"),
    ("guitar", "P8"),
)

_PITCHED_IN = re.compile(r"\bin ([a-h])(b|s|es|is|♭|#|♯|[ -]?flat|[ -]?sharp)?(?![a-z])", re.IGNORECASE)
_HIGH = {"C": "P1", "Bb": "M2", "A": "m3", "Ab": "M3", "D": "-M2", "Eb": "-m3", "E": "-M3", "F": "-P4"}
_HORN = {"C": "P8", "Bb": "M2", "A": "m3", "Ab": "M3", "G": "P4", "F": "P5", "E": "m6", "Eb": "M6", "D": "m7"}
_CROOKS: tuple[tuple[str, dict[str, str]], ...] = (
    ("french horn", _HORN),
    ("bass clarinet", {}),
    ("clarinet", _HIGH),
    ("trumpet", _HIGH),
)

# key of General MIDI to (step and octave in the treble clef, notehead)
_DRUMS: dict[int, tuple[str, str]] = {
    35: ("E4", ""), 36: ("F4", ""), 37: ("C5", "x"), 38: ("C5", ""), 39: ("C5", "triangle"), 40: ("C5", ""),
    41: ("G4", ""), 42: ("G5", "x"), 43: ("A4", ""), 44: ("D4", "x"), 45: ("B4", ""), 46: ("G5", "circle-x"),
    47: ("D5", ""), 48: ("E5", ""), 49: ("A5", "x"), 50: ("F5", ""), 51: ("F5", "x"), 52: ("B5", "x"),
    53: ("F5", "diamond"), 54: ("B4", "x"), 55: ("B5", "x"), 56: ("E5", "triangle"), 57: ("B5", "x"),
    59: ("F5", "x"), 70: ("E5", "x"), 75: ("E5", "x"), 76: ("E5", "triangle"), 80: ("A5", "triangle"),
    81: ("A5", "triangle"),
}  # fmt: skip
_SHORT = {
    "piano": "Pno.", "violin": "Vln.", "viola": "Vla.", "cello": "Vc.", "double bass": "Db.", "bass": "Bass",
    "flute": "Fl.", "oboe": "Ob.", "clarinet": "Cl.", "bassoon": "Bsn.", "french horn": "Hn.", "trumpet": "Tpt.",
    "trombone": "Tbn.", "tuba": "Tba.", "timpani": "Timp.", "guitar": "Gtr.", "drums": "Dr.", "harp": "Hp.",
    "organ": "Org.", "saxophone": "Sax.", "alto saxophone": "A. Sax.", "tenor saxophone": "T. Sax.",
    "vibraphone": "Vib.", "harpsichord": "Hpsd.", "strings": "Str.", "english horn": "E. H.", "piccolo": "Picc.",
}  # fmt: skip
_SUNG = re.compile(
    r"(?:mezzo[- ]?)?(?:soprano|alto|tenor|baritone|bass|treble|voice|vocals?|choir|sop|cantus|altus|bassus|superius|"
    r"discantus|contratenor|quintus|sextus|canto|basso|tenore)s?"
)
_STEPS = "CDEFGAB"
FEET = frozenset({35, 36, 44})


def player(track: Track) -> Instrument:
    """Who plays a track: the instrument it is named for, else that of its program."""
    sounds = instrument_of_program(track.program, track.is_drum)
    words = re.sub(r"\bin [a-h](?:b|-flat|-sharp|#)?\b|[\divx]+\b|[().,:]", " ", track.name.lower())
    if not track.is_drum and sounds.family in ("keyboards", "voice") and _SUNG.fullmatch(words.strip()):
        return sounds if sounds.family == "voice" else instrument("voice")
    for name in (track.name, words):
        try:
            named = instrument(name)
        except ValueError:
            continue
        return sounds if track.is_drum != named.is_drum or is_a(sounds.name, named.name) else named
    return sounds


def is_keyboard(track: Track) -> bool:
    """Whether hands on keys play the track; a harp is written like one."""
    return not track.is_drum and any(is_a(player(track).name, kind) for kind in ("keyboards", "harp", "celesta"))


def clefs_of(track: Track) -> tuple[Clef, ...]:
    """The clefs its players read, the usual one first; singers keep that of their register."""
    who = player(track).name
    if is_a(who, "voice"):
        mean = sum(n.pitch for n in track.notes) / max(1, len(track.notes))
        return (TREBLE if mean >= 61 else TREBLE_BELOW if mean >= 54 else BASS,)
    for name, clefs in _CLEFS:
        if is_a(who, name):
            return clefs
    if any(is_a(who, name) for name in _ONE_CLEF):
        return (TREBLE,)
    return (TREBLE, BASS)


def clef_path(bars: Sequence[Sequence[int]], clefs: tuple[Clef, ...]) -> list[Clef]:
    """The clef of each bar, given its pitches: fewest ledger lines in all, changes paid for.

    An empty bar keeps the clef before it; among equals the one named first in ``clefs`` is taken.
    """
    costs = [order * 1e-3 for order in range(len(clefs))]
    back: list[list[int]] = []
    for pitches in bars:
        change = _CHANGE if pitches else float("inf")
        came = [min(range(len(clefs)), key=lambda j: costs[j] + change * (i != j)) for i in range(len(clefs))]
        own = [sum(_ledgers(p, clef) for p in pitches) for clef in clefs]
        costs = [costs[came[i]] + (change if came[i] != i else 0.0) + own[i] for i in range(len(clefs))]
        back.append(came)
    at = min(range(len(clefs)), key=costs.__getitem__)
    path: list[Clef] = []
    for came in reversed(back):
        path.append(clefs[at])
        at = came[at]
    return path[::-1] or [clefs[0]]


def _ledgers(pitch: int, clef: Clef) -> float:
    """About how many ledger lines a pitch needs: a line for two steps, seven steps for twelve semitones."""
    beyond = max(clef.low - pitch, pitch - clef.high, 0)
    return max(0.0, beyond * 7 / 24 - _HYSTERESIS / 2)


def written_shift(track: Track) -> Interval | None:
    """From sounding to written pitch for an instrument that reads another pitch than it sounds; None for the rest.

    A part that says what it is pitched in (``"Clarinet in A"``, ``"Horn in Es"``) is written for that instrument.
    """
    if track.is_drum:
        return None
    who = player(track).name
    said = _PITCHED_IN.search(track.name)
    crooks = next((table for name, table in _CROOKS if is_a(who, name)), {})
    own = crooks.get(_pitch_class(said)) if said else None
    usual = next((step for name, step in _WRITTEN if is_a(who, name)), None)
    shift = Interval.parse(own or usual or "P1")
    return shift if shift.semitones else None


def _pitch_class(said: re.Match[str]) -> str:
    """The name of the pitch in ``in Bb``, ``in B flat``, ``in Es``; a plain B is the German B flat."""
    letter, sign = said[1].upper(), (said[2] or "").lower().strip(" -")
    flat = sign in ("b", "s", "es", "♭", "flat") or (letter == "B" and not sign)
    return {"H": "B"}.get(letter, letter) + ("b" if flat else "#" if sign else "")


def abbreviation(track: Track) -> str:
    """A part's short name, for the systems after the first."""
    name = track.name.strip()
    number = re.search(r"\s*\b(\d+|[IVX]+)$", name)
    short = _SHORT.get(player(track).name) or (f"{name[:4].rstrip()}." if len(name) > 5 else name)
    return short + (f" {number[1]}" if number else "")


def drum_place(key: int) -> tuple[str, int, str]:
    """Step, octave and notehead of a drum of General MIDI; those outside of the drum set go by their key."""
    place, head = _DRUMS.get(key, (f"{_STEPS[key % 7]}{4 + key % 2}", "x"))
    return place[0], int(place[1]), head
