"""What every part of a piece is written from, and what parts have in common."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field

from tools.compose.engine.form import Form
from tools.compose.engine.grid import Grid
from tools.compose.engine.harmony import Span
from tools.compose.engine.orchestration import Player
from tools.compose.engine.style import Style
from tools.compose.engine.textures import activity, fuller, thinner
from tools.compose.engine.thematic import ThemePlan, Told
from tools.compose.engine.voicing import Voicing, lead_voices
from tools.kit.theory.chord import Chord
from tools.kit.theory.pitch import Key


@dataclass
class Piece:
    """What every part is written from.

    ``energies`` holds 0 to 1 for each bar, ``active`` who plays in each section; ``strict`` keeps parts to given
    chords; ``favour`` weighs the twelve pitch classes by how much they settle the key, ``firm_key`` lets it weigh more;
    ``mood`` is the part of valence and arousal that was asked for.
    """

    grid: Grid
    form: Form
    spans: list[Span]
    key: Key
    style: Style
    valence: float
    arousal: float
    players: list[Player]
    energies: list[float]
    strict: bool
    loop: bool
    seed: int | str
    firm_key: bool = False
    favour: tuple[float, ...] = ()
    mood: tuple[float, float] = (0.0, 0.0)
    active: list[set[int]] = field(default_factory=list)
    theme: ThemePlan = field(default_factory=ThemePlan)
    told: list[Told] = field(default_factory=list)

    def rng(self, room: str) -> random.Random:
        """A room's own random numbers, so that one room's changes leave the others' as they are."""
        return random.Random(f"{self.seed} {room}")

    @property
    def chords(self) -> list[Chord]:
        """The chord of each span; where none sounds, the one before."""
        found: list[Chord] = []
        for span in self.spans:
            found.append(span.chord or (found[-1] if found else Chord(self.key.tonic)))
        return found


def texture_names(piece: Piece, number: int) -> list[str]:
    """The texture of each span for the ``number``-th chord player.

    The style's textures from calm to busy, chosen by the section's energy among the piece's sections; calmer and
    busier neighbours of them where a bar's own energy is far from the middle.
    """
    options = sorted(piece.style.textures, key=activity)
    sections = piece.form.sections
    least, most = min(s.energy for s in sections), max(s.energy for s in sections)
    names = []
    for span in piece.spans:
        section = next(s for s in reversed(piece.form.sections) if s.start <= span.bar)
        share = (section.energy - least) / (most - least) if most - least > 0.05 else 0.5
        name = options[(round(share * (len(options) - 1)) + number) % len(options)] if number < 2 else "pad"
        energy = piece.energies[span.bar]
        if energy < 0.36:
            name = thinner(name)
        elif energy > 0.8 or (section.time % 2 == 1 and energy > 0.5):
            name = fuller(name)
        names.append(name)
    return names


def voicings_of(piece: Piece, low: int, high: int, voices: int, basses: Sequence[int]) -> list[Voicing]:
    """The voice-led chords of the spans between two pitches, above the basses."""
    favour = piece.favour if piece.firm_key and piece.key.mode in ("major", "minor") else ()
    return lead_voices(piece.chords, low, high, voices, basses, favour)


def size_of_chords(piece: Piece, least: int = 3) -> int:
    """Voices a chord: enough for the richest chord of the piece."""
    return max(least, min(6, max(len(c.intervals) for c in piece.chords)))


def folded_into(pitch: int, low: int, high: int) -> int:
    """A pitch moved by octaves into a range."""
    while pitch < low:
        pitch += 12
    while pitch > high:
        pitch -= 12
    return pitch
