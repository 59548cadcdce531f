"""From written parts to a finished score: endings, accents, loudness, timing, controllers, in that order."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tools.compose.engine import performance
from tools.compose.engine.harmony import chord_at
from tools.compose.engine.orchestration import Player
from tools.compose.engine.piece import Piece
from tools.compose.engine.request import Wish
from tools.compose.engine.voicing import chosen_tones
from tools.kit.score import Control, Note, Score, Track
from tools.kit.theory.chord import Chord

_PAN = {"melody": 64, "bass": 64, "solo": 64, "drums": 64, "effect": 64}
_VOLUME = {"melody": 104, "solo": 104, "bass": 98, "harmony": 88, "inner": 92, "effect": 92, "drums": 92}


def perform(
    piece: Piece,
    parts: list[list[Note]],
    curve: Callable[[float], float] | None,
    level: Callable[[float], float],
    wish: Wish,
) -> Score:
    """The score of written parts; ``curve`` is the asked loudness (None when free), ``level`` the one to meet."""
    grid, players = piece.grid, piece.players
    performance.shape_velocities(parts, players, grid, piece.rng("velocities"))
    if wish.arousal_asked:
        excited = wish.mood[1]
        performance.articulate(parts, players, grid, excited, 0.5 * abs(excited) + (0.0 if wish.fields.genre else 0.3))
    final = None
    if not piece.loop and len(grid.bars) > 1:
        final = piece.spans[-1].start
        performance.hold_final(parts, players, _pitches(piece, parts, final), final, grid.end)
    performance.set_levels(parts, grid, level, 1.0 if curve else 0.6)
    for landing in grid.landings:
        performance.strike(parts, players, _pitches(piece, parts, landing.quarter), landing, grid)
    performance.loosen(parts, players, grid, [la.quarter for la in grid.landings], piece.rng("timing"))
    _finish(piece, parts)
    tracks = [_track(piece, i, parts[i], level, curve is not None, final) for i in range(len(players))]
    meters = [(bar.start, bar.meter) for bar in grid.bars]
    changes = [m for k, m in enumerate(meters) if k == 0 or m[1] != meters[k - 1][1]]
    markers = [(grid.bars[s.start].start, s.name) for s in piece.form.sections]
    return Score(tracks, list(grid.tempi), changes, [(0.0, piece.key)], markers, wish.title())


def _pitches(piece: Piece, parts: Sequence[Sequence[Note]], at: float) -> list[list[int]]:
    """For each player the pitches of the chord at a place, near where it has been playing."""
    span = chord_at(piece.spans, min(at, piece.grid.end - 0.01))
    found: list[list[int]] = []
    for player, part in zip(piece.players, parts, strict=True):
        if player.is_drum:
            found.append([player.keys[0]] if player.keys else [36, 49])
            continue
        if span.chord is None:
            found.append([])
            continue
        found.append(_chord_for(player, part, span.chord, at, piece))
    return _above_the_bass(piece.players, found)


def _above_the_bass(players: Sequence[Player], pitches: list[list[int]]) -> list[list[int]]:
    """The same pitches with whatever lay under the bass an octave or two higher, as far as its player reaches."""
    floor = next((min(p) for who, p in zip(players, pitches, strict=True) if who.role in ("bass", "solo") and p), 0)
    lifted = []
    for player, chord in zip(players, pitches, strict=True):
        if player.is_drum or player.role in ("bass", "solo", "effect"):
            lifted.append(chord)
            continue
        raised = [p + 12 * max(0, -(-(floor - p) // 12)) for p in chord]
        lifted.append(sorted({r if r <= player.high else p for r, p in zip(raised, chord, strict=True)}))
    return lifted


def _chord_for(player: Player, part: Sequence[Note], chord: Chord, at: float, piece: Piece) -> list[int]:
    """A player's share of a chord: bass its root, chord players all, lines one tone."""
    bass_pc = chord.root if chord.bass is None else chord.bass
    recent = (
        [n.pitch for n in part if n.start < at + 0.1][-12:]
        or [n.pitch for n in part][:12]
        or [(player.low + player.high) // 2]
    )
    centre = sum(recent) / len(recent)
    low = min(recent)
    whole = list(dict.fromkeys([*chosen_tones(chord, 6), *chord.pitch_classes()]))
    if player.role == "effect" or (player.role == "bass" and not player.covers):
        return [_near(bass_pc, low if player.role == "bass" else centre, player)]
    if player.role in ("solo", "bass") and player.poly:
        root = _near(bass_pc, low, player)
        return sorted({root, *(_near(pc, max(centre, root + 12), player) for pc in whole)})
    if player.role in ("solo", "bass"):
        root = _near(bass_pc, low, player)
        others = [_near(pc, root + 6, player) for pc in whole if pc != bass_pc]
        return [root, *others, root] if piece.strict and at >= piece.spans[-1].start - 1e-6 else [root]
    if player.role == "melody":
        is_last = at >= piece.spans[-1].start - 1e-6
        height = max(recent) if player.covers else recent[-1]
        top = _near(piece.key.tonic if is_last and piece.key.tonic in whole else chord.root, height, player)
        under = [top - ((top - pc) % 12 or 12) for pc in whole] if player.covers else []
        return sorted({top, *(p for p in under if p >= player.low)})
    if player.poly:
        return sorted({_near(pc, centre, player) for pc in whole})
    rank = [p.name for p in piece.players if p.role == "inner"].index(player.name)
    third_first = [*whole[1:], whole[0]]
    return [_near(third_first[rank % len(third_first)], centre, player)]


def _near(pc: int, centre: float, player: Player) -> int:
    """The pitch of a class nearest to a height, inside the player's compass."""
    options = [p for p in range(player.low, player.high + 1) if p % 12 == pc] or [player.low]
    return min(options, key=lambda p: abs(p - centre))


def _finish(piece: Piece, parts: Sequence[list[Note]]) -> None:
    """Nothing beyond the end, nothing without length, no pitch struck twice at once or before it was let go."""
    end = piece.grid.end
    silent = [(s.start, s.end) for s in piece.spans if s.chord is None]
    for part, player in zip(parts, piece.players, strict=True):
        kept: dict[int, Note] = {}
        notes = []
        for note in sorted(part, key=lambda n: (n.start, n.pitch, -n.duration)):
            if note.start >= end - 0.01 or (
                not player.is_drum and any(a - 1e-6 <= note.start < b - 1e-6 for a, b in silent)
            ):
                continue
            note.duration = min(note.duration, end - note.start)
            before = kept.get(note.pitch)
            if before is not None and before.end > note.start - 1e-6:
                if note.start - before.start < 0.03:
                    before.velocity = max(before.velocity, note.velocity)
                    continue
                before.duration = max(0.02, note.start - before.start - 0.01)
            kept[note.pitch] = note
            notes.append(note)
        part[:] = notes
    if not any(n.end >= end - 0.05 for part in parts for n in part):
        _ring_to_the_end(piece, parts, end)


def _ring_to_the_end(piece: Piece, parts: Sequence[list[Note]], end: float) -> None:
    """Let the last notes of the pitched parts sound to the end, so that no silence is left there."""
    pitched = [p for p, who in zip(parts, piece.players, strict=True) if p and not who.is_drum] or [
        p for p in parts if p
    ]
    for part in pitched:
        last = max(n.start for n in part)
        for note in part:
            if note.start >= last - 0.05:
                note.duration = end - note.start


def _track(
    piece: Piece, index: int, notes: list[Note], level: Callable[[float], float], asked: bool, final: float | None
) -> Track:
    player = piece.players[index]
    spread = [i for i, p in enumerate(piece.players) if p.role in ("harmony", "inner")]
    pan = 64 if index not in spread else (40, 88, 52, 76, 30, 98)[spread.index(index) % 6]
    controls = [Control(0.0, 7, _VOLUME[player.role]), Control(0.0, 10, _PAN.get(player.role, pan))]
    controls += performance.expression(piece.grid, level, asked, final)
    if not piece.strict or player.role != "melody":
        changes = [s.start for s in piece.spans]
        controls += performance.pedal(piece.players, index, piece.grid, changes)
    controls.sort(key=lambda c: c.time)
    return Track(player.name, player.program, player.is_drum, notes, [c for c in controls if c.time < piece.grid.end])
