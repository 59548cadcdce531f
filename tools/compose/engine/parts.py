"""The parts: every player's notes, section by section, before performance.

Registers are dealt so that the bass is the lowest voice and the melody the highest. A player that alone can
sound the harmony (``covers``) breaks or strikes the whole chord beside its own role.
"""

from __future__ import annotations

import bisect
import random
from collections.abc import Sequence
from dataclasses import dataclass, field

from tools.compose.engine.bass import bass_line
from tools.compose.engine.drums import drum_part
from tools.compose.engine.form import Form
from tools.compose.engine.grid import Grid
from tools.compose.engine.harmony import Span
from tools.compose.engine.layers import who_plays
from tools.compose.engine.melody import compose_melody
from tools.compose.engine.orchestration import Player
from tools.compose.engine.ornament import varied
from tools.compose.engine.partwriting import MOST_LINES, Frame, lead_inner
from tools.compose.engine.rhythm import divisions, swing
from tools.compose.engine.skeleton import Voice
from tools.compose.engine.style import Style
from tools.compose.engine.textures import accompany, activity, figure, fuller, thinner
from tools.compose.engine.thematic import ThemePlan, Told, told_by, with_theme
from tools.compose.engine.voicing import Voicing, lead_bass, lead_voices
from tools.kit.score import Note
from tools.kit.theory.chord import Chord
from tools.kit.theory.pitch import Key

_RESTS = 0.45  # share of the phrases in which one of several lines rests


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


def write_parts(piece: Piece) -> list[list[Note]]:
    """Notes of each player, in the order of the players."""
    piece.active = who_plays(piece.form, piece.players, piece.energies)
    bass_at = _bass_register(piece.players)
    basses = lead_bass(piece.chords, *bass_at)
    parts: list[list[Note]] = []
    lines = [p for p in piece.players if p.role == "inner"]
    lead = next((_lead(piece, p, basses) for p in piece.players if p.role == "melody"), [])
    under = next((_bass(piece, p, basses, bass_at, lead) for p in piece.players if p.role == "bass"), [])
    inner = _inner_voices(piece, lines, basses, lead, under)
    if lines:
        lead = with_theme(_flowing(piece, lead, "melody", [under, *inner]), piece.told)
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


def _texture_names(piece: Piece, number: int) -> list[str]:
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


def _voicings(piece: Piece, low: int, high: int, voices: int, basses: Sequence[int]) -> list[Voicing]:
    favour = piece.favour if piece.firm_key and piece.key.mode in ("major", "minor") else ()
    return lead_voices(piece.chords, low, high, voices, basses, favour)


def _size(piece: Piece, least: int = 3) -> int:
    """Voices a chord: enough for the richest chord of the piece."""
    return max(least, min(6, max(len(c.intervals) for c in piece.chords)))


def _harmony(piece: Piece, player: Player, basses: Sequence[int], number: int) -> list[Note]:
    centre = (61 if number % 2 == 0 else 64) + round(6 * piece.mood[0])
    low = max(player.low, min(centre - 10, player.high - 16))
    high = min(player.high, max(low + 16, centre + 10))
    voicings = _voicings(piece, low, high, _size(piece), basses)
    return accompany(piece.spans, voicings, piece.grid.bars, _texture_names(piece, number), poly=True)


def _bass(
    piece: Piece, player: Player, basses: Sequence[int], register: tuple[int, int], lead: Sequence[Note]
) -> list[Note]:
    energies = [piece.energies[s.bar] for s in piece.spans]
    pattern = piece.style.bass
    if pattern == "root" and _line_textures(piece):
        pattern = "pulse"  # among lines alone the bass keeps the beat
    if player.covers and not player.poly:
        voicings = [_stack(b, c, player.high, piece.favour) for b, c in zip(basses, piece.chords, strict=True)]
        return accompany(piece.spans, voicings, piece.grid.bars, ["arpeggio"] * len(voicings), poly=False)
    line = bass_line(
        piece.spans, basses, piece.grid.bars, pattern, energies, player.low, register[1] + 7, strict=piece.strict
    )
    if not player.covers:
        return _flowing(piece, line, "bass", [lead]) if pattern == "sustain" else line
    low = max(player.low, min(register[1] + 1, player.high - 16))
    chords = _voicings(piece, low, min(player.high, low + 20), _size(piece), basses)
    return line + accompany(piece.spans, chords, piece.grid.bars, _texture_names(piece, 0), poly=True)


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
    voicings = _voicings(piece, low, min(player.high, max(low + 13, voice.low + 3)), _size(piece), basses)
    under = accompany(piece.spans, voicings, piece.grid.bars, _texture_names(piece, 0), poly=True)
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
    chords = _voicings(piece, low, low + 14, _size(piece), basses)
    under = accompany(piece.spans, chords, piece.grid.bars, _texture_names(piece, 0), poly=True)
    voice = _voice(piece, player, low + 9)
    sung = _sung(piece, player, voice, basses)
    return line + [Note(n.start, n.duration, n.pitch, n.velocity - 10) for n in under] + sung


def _inner_voices(
    piece: Piece, lines: Sequence[Player], basses: Sequence[int], lead: Sequence[Note], under: Sequence[Note]
) -> list[list[Note]]:
    """One-line players share the chord: each leads a voice of it; one alone breaks several."""
    if not lines:
        return []
    parts: list[list[Note]] = [[] for _ in lines]
    order = sorted(range(len(lines)), key=lambda i: lines[i].low + lines[i].high)
    if len(lines) > 1:
        frames = _frames(piece, basses, lead, under)
        led = min(len(order), MOST_LINES)
        groups = [k * led // len(order) for k in range(len(order))]  # which voice each line plays, low to high
        ranges = [(lines[i].low, lines[i].high) for i in (order[groups.index(g)] for g in range(led))]
        ways = lead_inner(frames, ranges, (piece.key.tonic + 11) % 12)
        dealt = [
            _completed([way[g] for g in groups], f) if piece.strict else [(way[g],) for g in groups]
            for way, f in zip(ways, frames, strict=True)
        ]
    else:
        dealt = [[tuple(v)] for v in _voicings(piece, 52, 74, _size(piece), basses)]
    names = _line_textures(piece)
    tacet = _resting(piece, len(lines)) if names and piece.style.flow else {}
    for number, (span, shares) in enumerate(zip(piece.spans, dealt, strict=True)):
        if span.chord is None:
            continue
        bar = piece.grid.bars[span.bar]
        for index, share in zip(order, shares, strict=True):
            if index in tacet.get(span.bar, ()):
                continue
            pitches = [_into(v, lines[index].low, lines[index].high) for v in share]
            if names and len(pitches) == 1:
                parts[index] += figure(names[number], span, bar, pitches[0], order.index(index), piece.strict)
                continue
            inside = [p for p in divisions(bar.meter, 1) if span.start - 1e-6 <= bar.start + p < span.end - 1e-6]
            pulses = max(len(pitches), len(inside) if piece.energies[span.bar] > 0.62 else 1)
            step = (span.end - span.start) / pulses
            parts[index] += [
                Note(span.start + k * step, step * 0.96, pitches[k % len(pitches)], 72) for k in range(pulses)
            ]
    for index in order:
        others = [lead, under, *(p for i, p in enumerate(parts) if i != index)]
        parts[index] = _flowing(piece, parts[index], f"inner {index}", others)
    return parts


def _flowing(piece: Piece, part: list[Note], name: str, others: Sequence[Sequence[Note]]) -> list[Note]:
    """A line with passing and neighbour notes, as often as the style lets it flow; the melody only fills its thirds."""
    if not piece.style.flow or piece.strict or not part:
        return part
    starts = [s.start for s in piece.spans]
    chords = piece.chords
    under = [chords[max(0, bisect.bisect_right(starts, n.start + 1e-6) - 1)] for n in part]
    rng = piece.rng(f"flow {name}")
    return varied(part, under, piece.key, piece.style.flow, rng, neighbours=name != "melody", others=others)


def _line_textures(piece: Piece) -> list[str]:
    """The texture of each span for lines that must carry the accompaniment; empty where a player of chords does."""
    if any(p.role == "harmony" or p.is_drum or (p.covers and p.role != "inner") for p in piece.players):
        return []
    return _texture_names(piece, 0)


def _resting(piece: Piece, lines: int) -> dict[int, set[int]]:
    """Lines that rest in a bar: now and then one for a phrase, as in chamber music; nobody where chords are given.

    Neither the first nor the last phrase, nor those of great energy, and the same where material comes again.
    """
    rng = piece.rng("rests")
    found: dict[int, set[int]] = {}
    drawn: dict[tuple[str, int], int | None] = {}
    for phrase in piece.form.phrases:
        if phrase.opens_piece or phrase.cadence == "final" or piece.strict:
            continue
        slot = (phrase.letter, phrase.index)
        if slot not in drawn:
            drawn[slot] = rng.randrange(lines) if rng.random() < _RESTS else None
        line = drawn[slot]
        for bar in range(phrase.start, phrase.end):
            if line is not None and piece.energies[bar] < 0.8:
                found[bar] = {line}
    return found


def _completed(voices: Sequence[int], frame: Frame) -> list[tuple[int, ...]]:
    """What each line plays in turn, so that every tone of a given chord sounds: its own voice, and a missing tone."""
    missing = set(frame.chord.pitch_classes()) - {frame.bass % 12, *(v % 12 for v in voices)}
    shares: list[tuple[int, ...]] = [(v,) for v in voices]
    for number, tone in enumerate(sorted(missing)):
        line = number % len(voices)
        above = voices[line] + (tone - voices[line]) % 12
        shares[line] = (*shares[line], above if above - voices[line] <= 6 else above - 12)
    return shares


def _frames(piece: Piece, basses: Sequence[int], lead: Sequence[Note], under: Sequence[Note]) -> list[Frame]:
    """What bass and melody do at the start and the end of each chord."""
    starts, ends = [s.start for s in piece.spans], [s.end - 0.12 for s in piece.spans]
    tops, last_tops, last_basses = _sounding_at(lead, starts), _sounding_at(lead, ends), _sounding_at(under, ends)
    return [Frame(*row) for row in zip(piece.chords, basses, tops, last_basses, last_tops, strict=True)]


def _sounding_at(line: Sequence[Note], places: Sequence[float]) -> list[int | None]:
    """Pitch of a line at each of some ascending places, None where it rests."""
    notes = sorted(line, key=lambda n: (n.start, n.pitch))
    found: list[int | None] = []
    at = 0
    for place in places:
        while at + 1 < len(notes) and notes[at + 1].start <= place + 0.05:
            at += 1
        sounds = notes and notes[at].start <= place + 0.05 and notes[at].end > place - 0.25
        found.append(notes[at].pitch if sounds else None)
    return found


def _into(pitch: int, low: int, high: int) -> int:
    while pitch < low:
        pitch += 12
    while pitch > high:
        pitch -= 12
    return pitch


def _effects(piece: Piece, player: Player, basses: Sequence[int]) -> list[Note]:
    """Timpani, taiko, hits and noises: the bass's pitch where phrases start, on the beats when energy is high."""
    starts = {p.start for p in piece.form.phrases}
    notes = []
    for span, bass in zip(piece.spans, basses, strict=True):
        bar = piece.grid.bars[span.bar]
        if span.chord is None:
            continue
        pitch = _into(bass, player.low, player.high)
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
