"""From a wish to a score: the rooms in order, and what was decided on the way."""

from __future__ import annotations

import bisect
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from tools.brief import TempoRange
from tools.compose.engine import performance
from tools.compose.engine.form import Form, plan_form, section_names, usual_bars
from tools.compose.engine.grid import Grid, Landing
from tools.compose.engine.harmony import Span, chord_at, compose_harmony, lay_given, read_chords
from tools.compose.engine.keys import choose_key, infer_key, read_key, read_mode
from tools.compose.engine.orchestration import Player, cast, pick_instruments, read_banned
from tools.compose.engine.parts import Piece, write_parts
from tools.compose.engine.request import Wish
from tools.compose.engine.timing import FASTEST, SLOWEST, TempoWish, solve
from tools.compose.engine.voicing import chosen_tones
from tools.errors import UserError
from tools.kit.score import Control, Note, Score, Track
from tools.kit.theory.chord import Chord
from tools.kit.theory.meter import Meter
from tools.kit.theory.pitch import Key, pitch_name

USUAL_LENGTH_S = 70.0
_PAN = {"melody": 64, "bass": 64, "solo": 64, "drums": 64, "effect": 64}
_VOLUME = {"melody": 104, "solo": 104, "bass": 98, "harmony": 88, "inner": 92, "effect": 92, "drums": 92}


@dataclass
class Composed:
    """A finished piece: the score, its grid and form, chords, key, and what the person should know."""

    score: Score
    grid: Grid
    form: Form
    spans: list[Span]
    key: Key
    players: list[Player]
    style: str
    notes: list[str] = field(default_factory=list)
    conflicts: list[str] = field(default_factory=list)


def compose_score(wish: Wish, seed: int, progress: Callable[[float, str], None] = lambda share, message: None) -> Composed:
    """A score that keeps the wish; the same wish and seed give the same score."""
    rng = random.Random(f"{seed} plan")
    meter = _meter(wish)
    given, key = _chords_and_key(wish, rng)
    loop = bool(wish.fields.loop)
    tempo = _tempo(wish, meter, rng)
    names, bars = _length(wish, meter, tempo, given, key, loop)
    progress(0.1, "solving for tempo and bars")
    grid = solve(
        meter, tempo, duration_s=wish.fields.duration_s, bars=bars, anchors=_reachable(wish, meter, tempo, bars),
        odd_bars=wish.fields.meter is None and len(meter.accents()) > 2, bars_cost=_bars_cost(given, key, loop, len(names)),
    )
    form = _form(wish, names, grid, loop)
    spans = lay_given(given, grid) if given else _grow(wish, form, grid, key, loop, seed)
    players = _players(wish)
    curve = _dynamics(wish, grid)
    piece = Piece(
        grid, form, spans, key, wish.style, wish.valence, wish.arousal, players, _energies(wish, form, grid, curve),
        bool(given), loop, seed,
    )
    progress(0.4, "writing the parts")
    parts = write_parts(piece)
    progress(0.8, "shaping the performance")
    score = _perform(piece, parts, curve, _level(wish, piece, curve), wish)
    _tell(wish, grid, tempo, key, given, players)
    return Composed(score, grid, form, spans, key, players, wish.style.name, wish.notes, wish.conflicts)


def _meter(wish: Wish) -> Meter:
    asked = wish.fields.meter
    if asked is None and wish.borrowed.get("meter") and not wish.fields.genre:
        asked = str(wish.borrowed["meter"])
        wish.notes.append(f"meter {asked} taken from {wish.borrowed['meter_from']}")
    try:
        return Meter.parse(asked or wish.style.meters[0])
    except ValueError as err:
        if wish.fields.meter is None:
            return Meter.parse(wish.style.meters[0])
        raise UserError(f"meter: {err}.") from err


def _chords_and_key(wish: Wish, rng: random.Random) -> tuple[list[list[Chord | None]], Key]:
    """Given chords bar by bar (empty when none were) and the key: asked, inferred from them, or chosen."""
    fields = wish.fields
    asked = read_key(fields.key) if fields.key else None
    mode = read_mode(fields.mode) if fields.mode else None
    if asked and mode and asked.mode != mode and " " not in (fields.key or "").strip():
        asked = Key(asked.tonic, mode)
    given = read_chords(fields.chords, asked or (Key(0, mode) if mode else None))
    sounding = [c for bar in given for c in bar if c]
    if asked is None and sounding:
        asked = infer_key(sounding, mode)
        wish.notes.append(f"key of the given chords: {asked}")
    if asked is None:
        if mode is None and wish.fields.valence is None and wish.borrowed.get("mode") in ("major", "minor") and not wish.fields.mood:
            mode = str(wish.borrowed["mode"])
        asked = choose_key(mode, wish.valence, wish.style.mode, rng)
        wish.notes.append(f"key chosen: {asked}")
    return given, asked


def _tempo(wish: Wish, meter: Meter, rng: random.Random) -> TempoWish:
    """The tempo asked, or one inside the style's range that arousal chooses (faster with arousal)."""
    asked = wish.fields.tempo_bpm
    if isinstance(asked, (int, float)):
        return TempoWish(float(asked), float(asked), float(asked), exact=True)
    low, high = wish.style.tempo
    home = Meter.parse(wish.style.meters[0])
    scale = 0.72 if meter.is_compound and not home.is_compound else 1.3 if home.is_compound and not meter.is_compound else 1.0
    scale /= max(1.0, meter.beat_quarters if meter.denominator < 4 else 1.0)
    if 0 < meter.beat_quarters < 0.5:
        scale *= 2
    lean = 0.5 + 0.38 * (wish.arousal - wish.style.affect[1]) + 0.2 * wish.style.affect[1] + rng.uniform(-0.12, 0.12)
    preferred = (low + (high - low) * min(1.15, max(-0.15, lean))) * scale
    borrowed = wish.borrowed.get("tempo_bpm")
    if isinstance(borrowed, (int, float)) and low * scale * 0.8 <= borrowed <= high * scale * 1.25:
        preferred = float(borrowed)
        wish.notes.append(f"tempo near {preferred:g} BPM after {wish.borrowed['tempo_bpm_from']}")
    slowest, fastest = max(SLOWEST, low * scale * 0.75), min(FASTEST, high * scale * 1.3)
    if isinstance(asked, TempoRange):
        slowest, fastest = asked.min or min(SLOWEST, asked.max or SLOWEST), asked.max or max(FASTEST, asked.min or FASTEST)
        if slowest > fastest:
            raise UserError(f"tempo_bpm: {slowest:g} to {fastest:g} is no range; give the slower tempo as min.")
        return TempoWish(round(min(max(preferred, slowest), fastest)) if fastest - slowest > 2 else (slowest + fastest) / 2, slowest, fastest)
    return TempoWish(float(round(preferred)), min(slowest, preferred), max(fastest, preferred))


def _length(
    wish: Wish, meter: Meter, tempo: TempoWish, given: Sequence[Sequence[Chord | None]], key: Key, loop: bool
) -> tuple[list[str], int | None]:
    """Section names, and the number of bars unless seconds decide it."""
    fields = wish.fields
    bar_s = meter.bar_quarters / meter.beat_quarters * 60.0 / tempo.preferred
    blues = _is_blues(wish)
    if fields.bars is not None or fields.duration_s is not None:
        count = fields.bars or max(1, round((fields.duration_s or 0) / bar_s))
        if not fields.sections and wish.scene_starts_s and not fields.form:
            return _scene_names(wish, count), fields.bars
        return section_names(fields.sections, fields.form, wish.style.form, count), fields.bars
    about = max(8, round(USUAL_LENGTH_S / bar_s / 8) * 8)
    names = section_names(fields.sections, fields.form, wish.style.form, about)
    bars = usual_bars(names, blues)
    last_hit = max((a.time_s for a in wish.anchors), default=0.0)
    if not fields.sections and not fields.form and not blues:
        bars = about
    bars = max(bars, int(last_hit / bar_s) + 3)
    if given:
        bars = -(-bars // len(given)) * len(given) + (1 if _returns(given, key) and not loop else 0)
    elif loop:
        bars = max(4, min(bars, 16))
    wish.notes.append(f"{bars} bars, as nobody named a length")
    return names, bars


def _is_blues(wish: Wish) -> bool:
    return "blues" in (wish.fields.form or ("" if wish.fields.sections else wish.style.form)).lower()


def _scene_names(wish: Wish, bars: int) -> list[str]:
    """Film sections: scenes of four seconds or more, at most one for each four bars, lettered in turn."""
    long_scenes = [a for a, b in pairwise([*wish.scene_starts_s, wish.fields.duration_s or 0.0]) if b - a >= 4.0]
    count = max(1, min(len(long_scenes) or 1, bars // 4, 6))
    return list("ABACBD"[:count]) if count > 2 else list("AB"[:count])


def _returns(given: Sequence[Sequence[Chord | None]], key: Key) -> bool:
    """Whether a progression needs one bar more to end where it began: on the tonic."""
    first, last = given[0][0], given[-1][-1]
    return bool(first and first.root == key.tonic and (last is None or last.root != key.tonic))


def _bars_cost(given: Sequence[Sequence[Chord | None]], key: Key, loop: bool, sections: int) -> Callable[[int], float]:
    """Lengths a listener would call whole: fours, room for every section, given chords ended on the tonic."""
    closes = [i for i, bar in enumerate(given) if bar[-1] and bar[-1].root == key.tonic]

    def cost(bars: int) -> float:
        total = 3.0 * max(0, sections - bars)
        if given and (loop or closes):
            at = (bars - 1) % len(given)
            return total + (0.0 if (at == len(given) - 1 if loop else at in closes) else 0.9)
        return total + (0.0 if bars % 4 == 0 else 0.35 if bars % 2 == 0 else 0.8)

    return cost


def _reachable(wish: Wish, meter: Meter, tempo: TempoWish, bars: int | None) -> list[Any]:
    """The anchors that lie inside the piece; those beyond its bars are told of."""
    if bars is None or wish.fields.duration_s is not None:
        return list(wish.anchors)
    end = bars * meter.bar_quarters / meter.beat_quarters * 60.0 / tempo.preferred
    for anchor in wish.anchors:
        if anchor.time_s >= end - 0.05:
            wish.conflicts.append(f"the {anchor.kind} at {anchor.time_s:g} s lies after the end of {bars} bars ({end:.1f} s)")
    return [a for a in wish.anchors if a.time_s < end - 0.05]


def _form(wish: Wish, names: Sequence[str], grid: Grid, loop: bool) -> Form:
    bars = len(grid.bars)
    if len(names) > bars:
        wish.conflicts.append(f"{len(names)} sections do not fit {bars} bars; the last {len(names) - bars} are left out")
    cuts = {la.bar - 1 for la in grid.landings if la.on == "downbeat" and la.anchor.kind == "cut"}
    return plan_form(names, bars, cuts, loop=loop, blues=_is_blues(wish))


def _grow(wish: Wish, form: Form, grid: Grid, key: Key, loop: bool, seed: int) -> list[Span]:
    """A progression of our own, its first material coloured by a reference's chords when one was found."""
    borrowed: list[list[Chord | None]] = []
    symbols = wish.borrowed.get("chords")
    if isinstance(symbols, list) and symbols and "pentatonic" not in key.mode:
        try:
            borrowed = _borrowed_chords([str(s) for s in symbols[:8]], key)
        except UserError:
            wish.notes.append(f"the chords of {wish.borrowed['chords_from']} could not be read")
    if borrowed:
        wish.notes.append(f"the first section's chords are coloured by {wish.borrowed['chords_from']}")
    rng = random.Random(f"{seed} harmony")
    return compose_harmony(form, grid, key, wish.style, wish.valence, wish.arousal, rng, borrowed, loop)


def _borrowed_chords(symbols: Sequence[str], key: Key) -> list[list[Chord | None]]:
    """A reference's progression moved into our key; empty when its mode is another or it would leave the scale."""
    bars = read_chords(symbols, key)
    sounding = [c for bar in bars for c in bar if c]
    if not sounding:
        return []
    home = infer_key(sounding)
    if home.is_minor != key.is_minor:
        return []
    shift = key.tonic - home.tonic
    moved = [[Chord((c.root + shift) % 12, c.quality) for c in bar if c] for bar in bars]
    scale = set(key.pitch_classes()) | ({(key.tonic + 11) % 12} if key.is_minor else set())
    return [list(bar) for bar in moved if bar and all(set(c.pitch_classes()) <= scale for c in bar)]


def _players(wish: Wish) -> list[Player]:
    fields = wish.fields
    banned = read_banned(fields.exclude, fields.vocals, wish.conflicts)
    chosen = pick_instruments(fields.instruments, wish.style, banned, fields.vocals, wish.conflicts)
    if not fields.instruments:
        wish.notes.append(f"instruments of the style: {', '.join(dict.fromkeys(k.name for k in chosen))}")
    return cast(chosen, banned)


def _dynamics(wish: Wish, grid: Grid) -> Callable[[float], float] | None:
    """The asked curve as loudness 0 to 1 at a place in quarters, straight lines between its points."""
    points = sorted((p.at, p.level) for p in wish.fields.dynamics)
    if not points:
        return None
    length = grid.duration_s
    places, levels = [p[0] for p in points], [p[1] for p in points]

    def curve(quarter: float) -> float:
        return interpolate(places, levels, grid.seconds(quarter) / length)

    return curve


def interpolate(places: Sequence[float], levels: Sequence[float], at: float) -> float:
    """Piecewise linear value at a place, flat beyond the ends."""
    index = bisect.bisect_right(places, at)
    if index == 0:
        return levels[0]
    if index == len(places):
        return levels[-1]
    share = (at - places[index - 1]) / max(1e-9, places[index] - places[index - 1])
    return levels[index - 1] + share * (levels[index] - levels[index - 1])


def _energies(wish: Wish, form: Form, grid: Grid, curve: Callable[[float], float] | None) -> list[float]:
    """Energy of each bar, 0 to 1: the section's role, arousal, the film's motion and the asked dynamics."""
    times, motion = [t for t, _ in wish.motion], [m for _, m in wish.motion]
    found = []
    for index, bar in enumerate(grid.bars):
        role = form.section_at(index).energy
        energy = 0.62 * role + 0.38 * (0.5 + 0.5 * wish.arousal)
        if times:
            energy = 0.7 * energy + 0.3 * interpolate(times, motion, grid.seconds(bar.start))
        if curve is not None:
            middle = min(bar.start + bar.meter.bar_quarters / 2, grid.end)
            energy = 0.45 * energy + 0.55 * curve(middle)
        found.append(max(0.0, min(1.0, energy)))
    return found


def _level(wish: Wish, piece: Piece, curve: Callable[[float], float] | None) -> Callable[[float], float]:
    """Loudness at a place: the asked curve, or one that follows the energy of the sections."""
    if curve is not None:
        return curve
    grid, energies = piece.grid, piece.energies

    def plan(quarter: float) -> float:
        index = grid.bar_index(quarter)
        bar = grid.bars[index]
        ahead = energies[min(index + 1, len(energies) - 1)]
        share = (quarter - bar.start) / bar.meter.bar_quarters
        energy = energies[index] + (ahead - energies[index]) * share
        return 0.22 + 0.5 * energy + 0.12 * wish.arousal

    return plan


def _perform(
    piece: Piece, parts: list[list[Note]], curve: Callable[[float], float] | None, level: Callable[[float], float], wish: Wish
) -> Score:
    grid, players = piece.grid, piece.players
    performance.shape_velocities(parts, players, grid, piece.rng("velocities"))
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
    return Score(tracks, list(grid.tempi), changes, [(0.0, piece.key)], markers, _title(wish))


def _pitches(piece: Piece, parts: Sequence[Sequence[Note]], at: float) -> list[list[int]]:
    """For each player the pitches of the chord at a place, near where it has been playing."""
    span = chord_at(piece.spans, min(at, piece.grid.end - 0.01))
    found: list[list[int]] = []
    for player, part in zip(piece.players, parts, strict=True):
        if player.is_drum:
            found.append([k for k in ((player.keys[0],) if player.keys else (36, 49))])
            continue
        if span.chord is None:
            found.append([])
            continue
        found.append(_chord_for(player, part, span.chord, at, piece))
    return found


def _chord_for(player: Player, part: Sequence[Note], chord: Chord, at: float, piece: Piece) -> list[int]:
    """A player's share of a chord: bass its root, chord players all, lines one tone."""
    bass_pc = chord.root if chord.bass is None else chord.bass
    recent = [n.pitch for n in part if n.start < at + 0.1][-12:] or [n.pitch for n in part][:12] or [(player.low + player.high) // 2]
    centre = sum(recent) / len(recent)
    low = min(recent)
    whole = list(dict.fromkeys([*chosen_tones(chord, 6), *chord.pitch_classes()]))
    if player.role == "effect" or (player.role == "bass" and not player.covers):
        return [_near(bass_pc, low if player.role == "bass" else centre, player)]
    if player.role in ("solo", "bass") and player.poly:
        root = _near(bass_pc, low, player)
        return sorted({root, *(_near(pc, max(centre, root + 12), player) for pc in whole)})
    if player.role in ("solo", "bass"):
        return [_near(bass_pc, low, player)]
    if player.role == "melody":
        is_last = at >= piece.spans[-1].start - 1e-6
        top = _near(piece.key.tonic if is_last and piece.key.tonic in whole else chord.root, recent[-1], player)
        under = [_near(pc, centre - 12, player) for pc in whole] if player.covers else []
        return sorted({top, *(p for p in under if p < top)})
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
            if note.start >= end - 0.01 or (not player.is_drum and any(a - 1e-6 <= note.start < b - 1e-6 for a, b in silent)):
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
    pitched = [p for p, who in zip(parts, piece.players, strict=True) if p and not who.is_drum] or [p for p in parts if p]
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


def _title(wish: Wish) -> str:
    mood = (wish.fields.mood or "").split(",")[0].strip()
    genre = (wish.fields.genre or wish.style.name).split(",")[0].strip()
    return f"{mood} {genre}".strip()


def _tell(
    wish: Wish, grid: Grid, tempo: TempoWish, key: Key, given: Sequence[Sequence[Chord | None]], players: Sequence[Player]
) -> None:
    """Notes and conflicts that only the finished grid can tell."""
    fields = wish.fields
    if fields.tempo_bpm is None:
        wish.notes.append(f"tempo chosen: {grid.tempo_bpm:.1f} BPM in {grid.meter}")
    odd = [i + 1 for i, b in enumerate(grid.bars) if b.meter != grid.meter]
    if odd:
        wish.notes.append(f"bars of another length, so that a cut falls on a downbeat: {', '.join(map(str, odd))}")
    if abs(grid.bars[-1].end - grid.end) > 1e-6:
        wish.notes.append("tempo, meter and seconds do not make whole bars; the last chord is cut off at the end")
    loose = [la for la in grid.landings if la.on == "off the grid"]
    if loose:
        wish.notes.append("marked off the beat: " + ", ".join(f"{la.anchor.time_s:.2f} s" for la in loose))
    if given and fields.key and all(c is None or c.root != key.tonic for bar in given for c in bar):
        wish.conflicts.append(f"the given chords hold no tonic of {key} ({pitch_name(key.tonic, flats=key.prefers_flats)})")
    if all(p.is_drum for p in players) and (fields.key or given):
        wish.conflicts.append("drums alone sound no key and no chords")


def landing_facts(landing: Landing) -> dict[str, Any]:
    """A landing as plain facts."""
    return {
        "time_s": round(landing.anchor.time_s, 3), "kind": landing.anchor.kind, "bar": landing.bar, "beat": landing.beat,
        "on": landing.on, "error_s": landing.error_s,
    }


