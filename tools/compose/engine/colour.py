"""Harmonic colour: sevenths and ninths, applied dominants, a borrowed subdominant, a held tonic.

How much of it stands in a :class:`Palette`: the style's habit, the affect, and less of what is foreign to the key
where somebody asked for that key.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from tools.compose.engine.style import Style
from tools.kit.theory.chord import QUALITIES, Chord
from tools.kit.theory.pitch import Key

_FUNCTIONAL = {"functional", "classical", "romantic", "jazz", "bossa", "ragtime", "soul", "film", "baroque"}
_COLOURS = {"": ("maj7", "7", "add9"), "m": ("m7", "madd9"), "maj7": ("maj9",), "m7": ("m9",), "7": ("9",)}
_RUBBING = {"": ("maj7", "7", "add9"), "m": ("madd9", "m7"), "dim": ("m7b5",)}
MOST_RUBBING = 1.0  # share of chords with a tone that rubs, at the lowest valence
_MODAL = ("dorian", "phrygian", "lydian", "mixolydian", "locrian")


@dataclass(frozen=True)
class Palette:
    """Style and affect of the harmony.

    ``chromatic`` is the share of foreign chords that is welcome, 0 to 1; ``sway`` how far valence, not the style's
    habit, decides over consonance, 0 to 1.
    """

    style: Style
    valence: float
    arousal: float
    chromatic: float = 1.0
    sway: float = 0.0


def foreign_share(chords: Sequence[Chord], key: Key) -> float:
    """Share of the chords' tones outside the scale; a minor key's leading tone belongs to it."""
    scale = set(key.pitch_classes()) | ({(key.tonic + 11) % 12} if key.mode == "minor" else set())
    tones = [pc for c in chords for pc in c.pitch_classes()]
    return sum(pc not in scale for pc in tones) / max(1, len(tones))


def colour(bars: list[list[Chord]], key: Key, palette: Palette, rng: random.Random) -> list[list[Chord]]:
    """A phrase's chords, coloured; its last bar, the goal of the cadence, is left as it is."""
    coloured = []
    strain = _Strain(palette.valence, rng.random()) if palette.sway else None
    for index, bar in enumerate(bars[:-1]):
        new = [_enrich(c, key, palette, rng, strain) for c in bar]
        new[-1] = _darken(new[-1], key, palette, rng)
        coloured.append(_apply_dominant(new, bars[index + 1][0], key, palette, rng))
    return [*coloured, bars[-1]]


def _darken(chord: Chord, key: Key, palette: Palette, rng: random.Random) -> Chord:
    """The minor subdominant for the major one where a major key should sound dark."""
    dark = key.mode == "major" and palette.valence < -0.1 and chord == Chord((key.tonic + 5) % 12)
    return Chord(chord.root, "m") if dark and rng.random() < 0.5 * palette.chromatic else chord


def _apply_dominant(bar: list[Chord], ahead: Chord, key: Key, palette: Palette, rng: random.Random) -> list[Chord]:
    """The dominant of the next bar's chord in the second half of a bar, more often when excited."""
    wanted = (0.12 + 0.12 * max(0.0, palette.arousal)) * palette.chromatic
    if palette.style.harmony not in _FUNCTIONAL or key.mode not in ("major", "minor") or rng.random() >= wanted:
        return bar
    applied = Chord((ahead.root + 7) % 12, "7")
    leads = ahead.root != key.tonic and 6 not in ahead.intervals and ahead.bass is None
    return [bar[0], applied] if len(bar) == 1 and leads and applied.root != bar[0].root else bar


def hold_tonic(bars: list[list[Chord]], key: Key, rng: random.Random) -> list[list[Chord]]:
    """In the church modes, which have no dominant to name the tonic, hold it in the bass of every other phrase."""
    if key.mode not in _MODAL or rng.random() < 0.5:
        return bars
    held = [[c if c.root == key.tonic else replace(c, bass=key.tonic) for c in bar] for bar in bars[:-1]]
    return [*held, bars[-1]]


@dataclass
class _Strain:
    """Spreads chords with a rubbing tone evenly: the lower the valence, the more of them.

    Consonance is heard as happy and serene, dissonance as unpleasant and sad (Gabrielsson and Lindström 2010, table
    14.2).
    """

    valence: float
    due: float

    def on(self, chord: Chord, key: Key) -> Chord:
        """The plain triad of a chord, or when one is due, one with a tone that rubs."""
        self.due += MOST_RUBBING * (1 - self.valence) / 2
        if self.due < 1 or chord.bass is not None:
            return chord if chord.bass is not None else chord.triad()
        self.due -= 1
        return _with(chord.triad(), _RUBBING, key)


def _enrich(chord: Chord, key: Key, palette: Palette, rng: random.Random, strain: _Strain | None) -> Chord:
    """A diatonic seventh or ninth on a plain triad, as often as the style's colour says, or as valence does."""
    if strain and rng.random() < palette.sway:
        return strain.on(chord, key)
    if palette.style.colour == 0 or chord.bass is not None or rng.random() > 0.35 * palette.style.colour:
        return chord
    return _with(chord, _COLOURS, key)


def _with(chord: Chord, options: Mapping[str, Sequence[str]], key: Key) -> Chord:
    """The first richer chord on the same root whose tones all lie in the scale, or the chord itself."""
    scale = set(key.pitch_classes())
    for quality in options.get(chord.quality, ()):
        if {(chord.root + i) % 12 for i in QUALITIES[quality]} <= scale:
            return Chord(chord.root, quality)
    return chord
