"""What accompanies a sung melody: chords in the style's texture, a bass, held lines, all below the voice."""

from __future__ import annotations

from collections.abc import Sequence

from tools.compose.engine.bass import bass_line
from tools.compose.engine.grid import Grid
from tools.compose.engine.harmony import Span
from tools.compose.engine.style import Style
from tools.compose.engine.textures import accompany
from tools.compose.engine.voicing import lead_bass, lead_voices
from tools.kit.score import Note, Track
from tools.kit.theory.chord import Chord
from tools.kit.theory.instruments import Instrument, is_a

_CHORDAL = ("keyboards", "guitar", "plucked", "organ", "synth", "strings", "voice", "mallets")
_BASS = (36, 55)
_QUIET = 0.86  # velocity of the accompaniment as a share of the texture's own


def accompaniment(
    players: Sequence[Instrument], spans: Sequence[Span], grid: Grid, style: Style, top: int, arousal: float
) -> list[Track]:
    """A track for each player: the first that can plays the chords, a bass the bass, others a held voice each.

    A lone chordal player has the bass in the left hand. ``top`` is the highest pitch that keeps under the voice.
    """
    sounding = [s for s in spans if s.chord is not None]
    if not sounding:
        return []
    chords: list[Chord] = [s.chord for s in sounding if s.chord is not None]
    basses = lead_bass(chords, *_BASS)
    ceiling = max(60, min(72, top))
    voicings = lead_voices(chords, ceiling - 19, ceiling, 3, basses)
    energy = [0.6 + 0.3 * arousal] * len(sounding)
    low = bass_line(sounding, basses, grid.bars, "root" if arousal < 0.4 else style.bass, energy, *_BASS, strict=True)
    texture = style.textures[0] if arousal > -0.4 else "block"
    upper = accompany(sounding, voicings, grid.bars, [texture] * len(sounding), poly=True)
    tracks: list[Track] = []
    has_chords = False
    has_bass = any(_is_bass(p) for p in players)
    held = 0
    for player in players:
        if _is_bass(player):
            notes = low
        elif not has_chords and (_is_chordal(player) or len(players) == 1):
            has_chords = True
            notes = upper if has_bass else [*upper, *low]
        else:
            notes = _held(sounding, voicings, 2 - held % 3, player)
            held += 1
        tracks.append(Track(player.name.capitalize(), player.programs[0], notes=_soft(notes, player)))
    return tracks


def _is_bass(player: Instrument) -> bool:
    return "bass" in player.name and "clarinet" not in player.name


def _is_chordal(player: Instrument) -> bool:
    return any(is_a(player.name, family) or player.family == family for family in _CHORDAL)


def _held(spans: Sequence[Span], voicings: Sequence[tuple[int, ...]], voice: int, player: Instrument) -> list[Note]:
    """One voice of the chords, held; repeated pitches are one note."""
    low, high = player.low, player.high
    notes: list[Note] = []
    for span, voicing in zip(spans, voicings, strict=True):
        pitch = voicing[min(voice, len(voicing) - 1)]
        while pitch < low:
            pitch += 12
        while pitch > high:
            pitch -= 12
        if notes and notes[-1].pitch == pitch and abs(notes[-1].end - span.start) < 0.1:
            notes[-1] = Note(notes[-1].start, span.end - notes[-1].start, pitch, notes[-1].velocity)
        else:
            notes.append(Note(span.start, span.end - span.start, pitch, 66))
    return notes


def _soft(notes: Sequence[Note], player: Instrument) -> list[Note]:
    low, high = player.low, player.high
    ordered = sorted(notes, key=lambda n: (n.start, n.pitch))
    kept: dict[tuple[float, int], Note] = {}
    for n in ordered:
        pitch = n.pitch
        while pitch < low and pitch + 12 <= high:
            pitch += 12
        while pitch > high and pitch - 12 >= low:
            pitch -= 12
        kept.setdefault(
            (round(n.start, 4), pitch), Note(n.start, n.duration, pitch, max(1, round(n.velocity * _QUIET)))
        )
    return list(kept.values())
