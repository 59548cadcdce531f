"""The parts: every player's notes, section by section, before performance.

Registers are dealt so that the bass is the lowest voice and the melody the highest. A player that alone can
sound the harmony (``covers``) breaks or strikes the whole chord beside its own role.
"""

from __future__ import annotations

from collections.abc import Sequence

from tools.compose.engine.bass import bass_line
from tools.compose.engine.drums import drum_part
from tools.compose.engine.inner import flowing, inner_voices, line_textures
from tools.compose.engine.layers import who_plays
from tools.compose.engine.melody import compose_melody
from tools.compose.engine.orchestration import Player
from tools.compose.engine.piece import Piece, folded_into, size_of_chords, texture_names, voicings_of
from tools.compose.engine.rhythm import divisions, swing
from tools.compose.engine.skeleton import Voice
from tools.compose.engine.textures import accompany
from tools.compose.engine.thematic import told_by, with_theme
from tools.compose.engine.voicing import Voicing, lead_bass
from tools.kit.score import Note
from tools.kit.theory.chord import Chord


def write_parts(piece: Piece) -> list[list[Note]]:
    """Notes of each player, in the order of the players."""
    piece.active = who_plays(piece.form, piece.players, piece.energies)
    bass_at = _bass_register(piece.players)
    basses = lead_bass(piece.chords, *bass_at)
    parts: list[list[Note]] = []
    lines = [p for p in piece.players if p.role == "inner"]
    lead = next((_lead(piece, p, basses) for p in piece.players if p.role == "melody"), [])
    under = next((_bass(piece, p, basses, bass_at, lead) for p in piece.players if p.role == "bass"), [])
    inner = inner_voices(piece, lines, basses, lead, under)
    if lines:
        lead = with_theme(flowing(piece, lead, "melody", [under, *inner]), piece.told)
    harmony_number = 0
    for index, player in enumerate(piece.players):
        if player.role == "drums":
            notes = _drums(piece, index)
        elif player.role == "solo":
            notes = _solo(piece, player, basses)
        elif player.role == "bass":
            notes = under
        elif player.role == "melody":
            notes = lead
        elif player.role == "inner":
            notes = inner[lines.index(player)]
        elif player.role == "effect":
            notes = _effects(piece, player, basses)
        else:
            notes = _harmony(piece, player, basses, harmony_number)
            harmony_number += 1
        parts.append(_fit(piece, index, player, notes))
    return parts


def _bass_register(players: Sequence[Player]) -> tuple[int, int]:
    """Where the bass lies: the bottom of the bass player's compass, about an octave and a half."""
    holder = next((p for p in players if p.role in ("bass", "solo")), None)
    if holder is None:
        return 36, 54
    low = max(holder.low, 28 if holder.role == "bass" and not holder.poly else 36)
    low = min(low, holder.high - 12)
    return low, min(holder.high, low + (19 if holder.role == "bass" and not holder.covers else 12))


def _fit(piece: Piece, index: int, player: Player, notes: list[Note]) -> list[Note]:
    """Keep what lies in active sections, inside the compass and before the end; swing what is not drums too."""
    sections = piece.form.sections
    kept = []
    for note in notes:
        bar_index = piece.grid.bar_index(note.start)
        number = next(n for n in range(len(sections) - 1, -1, -1) if sections[n].start <= bar_index)
        if index not in piece.active[number] or note.start >= piece.grid.end - 0.02:
            continue
        bar = piece.grid.bars[bar_index]
        start = bar.start + swing(note.start - bar.start, bar.meter, piece.style.swing)
        stop = min(note.end, bar.end if piece.strict else note.end, piece.grid.end)
        pitch = note.pitch
        while not player.is_drum and pitch < player.low:
            pitch += 12
        while not player.is_drum and pitch > player.high:
            pitch -= 12
        kept.append(Note(start, max(0.05, stop - start), pitch, note.velocity))
    return kept


def _harmony(piece: Piece, player: Player, basses: Sequence[int], number: int) -> list[Note]:
    centre = (61 if number % 2 == 0 else 64) + round(6 * piece.mood[0])
    low = max(player.low, min(centre - 10, player.high - 16))
    high = min(player.high, max(low + 16, centre + 10))
    voicings = voicings_of(piece, low, high, size_of_chords(piece), basses)
    return accompany(piece.spans, voicings, piece.grid.bars, texture_names(piece, number), poly=True)


def _bass(
    piece: Piece, player: Player, basses: Sequence[int], register: tuple[int, int], lead: Sequence[Note]
) -> list[Note]:
    energies = [piece.energies[s.bar] for s in piece.spans]
    pattern = piece.style.bass
    if pattern == "root" and line_textures(piece):
        pattern = "pulse"  # among lines alone the bass keeps the beat
    if player.covers and not player.poly:
        voicings = [_stack(b, c, player.high, piece.favour) for b, c in zip(basses, piece.chords, strict=True)]
        return accompany(piece.spans, voicings, piece.grid.bars, ["arpeggio"] * len(voicings), poly=False)
    line = bass_line(
        piece.spans, basses, piece.grid.bars, pattern, energies, player.low, register[1] + 7, strict=piece.strict
    )
    if not player.covers:
        return flowing(piece, line, "bass", [lead]) if pattern == "sustain" else line
    low = max(player.low, min(register[1] + 1, player.high - 16))
    chords = voicings_of(piece, low, min(player.high, low + 20), size_of_chords(piece), basses)
    return line + accompany(piece.spans, chords, piece.grid.bars, texture_names(piece, 0), poly=True)


def _stack(bass: int, chord: Chord, high: int, favour: Sequence[float]) -> Voicing:
    """A broken chord up from its bass, for an instrument that plays one note at a time; its most settled tone twice."""
    pitches = [bass]
    for pc in chord.pitch_classes():
        above = bass + (pc - bass) % 12
        if pc != bass % 12:
            pitches.append(above if above <= high else above - 12)
    settled = max(pitches, key=lambda p: favour[p % 12]) if len(pitches) < 4 else bass
    again = settled + 12 if settled + 12 <= high else settled
    return (bass, *sorted([*pitches[1:], again]))


def _voice(piece: Piece, player: Player, floor: int) -> Voice:
    """The melody's register and character for a player.

    Arousal raises density (Gabrielsson and Lindström 2010, table 14.2), an asked valence the register (Eerola, Friberg
    and Bresin 2013).
    """
    valence, arousal = piece.mood
    centre = 72 + 2 * (piece.valence - valence) + 5 * (piece.arousal - arousal) + 8 * valence + arousal
    low = max(player.low + 1, min(floor, player.high - 14), round(centre) - 10)
    low = min(low, player.high - 14)
    high = min(player.high - 1, low + 19)
    density = piece.style.melody * (1 + 0.4 * (piece.arousal - piece.style.affect[1]))
    quick = piece.grid.tempo_bpm / max(80.0, piece.style.tempo[1])
    return Voice(
        low,
        high,
        max(0.35, density / max(1.0, quick)),
        piece.style.syncopation,
        piece.strict,
        1.2 if piece.firm_key else 0.5,
        piece.favour,
        piece.style.dotted,
        piece.style.leaps,
        piece.style.repeats,
        0.0 if piece.loop else piece.style.upbeat,
        piece.style.held,
        piece.theme.motifs,
    )


def _lead(piece: Piece, player: Player, basses: Sequence[int]) -> list[Note]:
    voice = _voice(piece, player, 58)
    line = _sung(piece, player, voice, basses)
    if not player.covers:
        return line
    low = max(player.low, min(52, player.high - 16))
    voicings = voicings_of(piece, low, min(player.high, max(low + 13, voice.low + 3)), size_of_chords(piece), basses)
    under = accompany(piece.spans, voicings, piece.grid.bars, texture_names(piece, 0), poly=True)
    return line + [Note(n.start, n.duration, n.pitch, n.velocity - 14) for n in under]


def _sung(piece: Piece, player: Player, voice: Voice, basses: Sequence[int]) -> list[Note]:
    """The melody a player sings or plays, with the theme where it comes."""
    line = compose_melody(piece.form, piece.grid, piece.spans, basses, piece.key, voice, piece.rng("melody"))
    compass, centre = (player.low, player.high), (voice.low + voice.high) / 2
    piece.told = told_by(piece.theme, piece.grid, piece.spans, piece.key, compass, centre, piece.rng("theme"))
    return with_theme(line, piece.told)


def _solo(piece: Piece, player: Player, basses: Sequence[int]) -> list[Note]:
    """One player alone: bass, chords and melody for a keyboard; a line that spells its chords for a flute."""
    if not player.poly:
        if not piece.strict or piece.theme.statements:
            return _sung(piece, player, _voice(piece, player, 58), basses)
        voicings = [_stack(b, c, player.high, piece.favour) for b, c in zip(basses, piece.chords, strict=True)]
        names = ["arpeggio" if piece.energies[s.bar] > 0.4 else "sparkle" for s in piece.spans]
        return accompany(piece.spans, voicings, piece.grid.bars, names, poly=False)
    energies = [piece.energies[s.bar] for s in piece.spans]
    register = _bass_register([player])
    line = bass_line(
        piece.spans, basses, piece.grid.bars, piece.style.bass, energies, player.low, register[1], strict=piece.strict
    )
    room = player.high - register[1]
    low = register[1] + 1 if room >= 24 else player.low + 5
    chords = voicings_of(piece, low, low + 14, size_of_chords(piece), basses)
    under = accompany(piece.spans, chords, piece.grid.bars, texture_names(piece, 0), poly=True)
    voice = _voice(piece, player, low + 9)
    sung = _sung(piece, player, voice, basses)
    return line + [Note(n.start, n.duration, n.pitch, n.velocity - 10) for n in under] + sung


def _effects(piece: Piece, player: Player, basses: Sequence[int]) -> list[Note]:
    """Timpani, taiko, hits and noises: the bass's pitch where phrases start, on the beats when energy is high."""
    starts = {p.start for p in piece.form.phrases}
    notes = []
    for span, bass in zip(piece.spans, basses, strict=True):
        bar = piece.grid.bars[span.bar]
        if span.chord is None:
            continue
        pitch = folded_into(bass, player.low, player.high)
        drumlike = player.program in (47, 112, 113, 115, 116, 117, 118)
        if drumlike and piece.energies[span.bar] > 0.45:
            at = [bar.start + p for p in divisions(bar.meter, 1)]
            notes += [
                Note(t, 0.5, pitch, 84 if k == 0 else 66)
                for k, t in enumerate(at)
                if span.start - 1e-6 <= t < span.end - 1e-6
            ]
        elif span.bar in starts and abs(span.start - bar.start) < 1e-6:
            notes.append(Note(span.start, min(2.0, (span.end - span.start) * 0.9), pitch, 84))
    return notes


def _drums(piece: Piece, index: int) -> list[Note]:
    player = piece.players[index]
    sections = piece.form.sections
    bars = [b for n, s in enumerate(sections) if index in piece.active[n] for b in range(s.start, s.end)]
    groove = piece.style.groove or (
        "waltz" if len(divisions(piece.grid.meter, 1)) == 3 else "brushes" if piece.arousal < -0.2 else "pop"
    )
    return drum_part(
        piece.grid, piece.form, groove, piece.energies, bars, piece.rng(player.name), player.keys, loop=piece.loop
    )
