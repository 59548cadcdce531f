"""From a wish to a score: the rooms in order, and what was decided on the way."""

from __future__ import annotations

import functools
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from tools.compose.engine.assemble import perform
from tools.compose.engine.decide import (
    bars_cost,
    choose_form,
    choose_length,
    choose_meter,
    choose_players,
    chords_and_key,
    may_have_odd_bars,
    own_harmony,
    reachable,
)
from tools.compose.engine.fit import meter_with_room, squeezed
from tools.compose.engine.form import Form
from tools.compose.engine.grid import Grid, Landing
from tools.compose.engine.harmony import Span, lay_given
from tools.compose.engine.keys import denied_by, stability
from tools.compose.engine.levels import asked_curve, bar_energies, loudness_plan
from tools.compose.engine.merit import merit
from tools.compose.engine.orchestration import Player
from tools.compose.engine.parts import write_parts
from tools.compose.engine.piece import Piece
from tools.compose.engine.request import Wish
from tools.compose.engine.thematic import Told, plan_theme
from tools.compose.engine.timing import TempoWish, solve
from tools.compose.engine.tonality import (
    chords_heard,
    heard_weights,
    is_tellable,
    margin,
    sharpened,
    sounding_weights,
    tonic_lead,
)
from tools.kit.score import Score
from tools.kit.theory.chord import Chord
from tools.kit.theory.pitch import Key

TURNS = 8  # writings of a piece whose key is not clear, in its first take; two in the others
CLEAR = 0.02  # lead in correlation at which a key is
MOST_TAKES = 4
BUDGET_S = 0.8  # what all takes of a piece may cost...
TAKE_S, NOTE_S = 0.02, 0.0003  # ...where one costs so much, and so much more a bar and player
FELT = 0.3  # valence from which a mood asks for a bright or a dark mode
OVERTONES = 0.02  # how much more lead a key needs in the sound, whose overtones differ by instrument


@dataclass(frozen=True)
class Take:
    """One writing of a piece, and by how much its key leads (less what its chords lack); at least CLEAR is clear."""

    clarity: float
    piece: Piece
    score: Score


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
    told: list[Told] = field(default_factory=list)


def compose_score(
    wish: Wish, seed: int, progress: Callable[[float, str], None] = lambda share, message: None
) -> Composed:
    """A score that keeps the wish; the same wish and seed give the same score."""
    rng = random.Random(f"{seed} plan")
    meter = choose_meter(wish)
    given, key = chords_and_key(wish, rng)
    loop = bool(wish.fields.loop)
    meter, tempo = meter_with_room(wish, meter, given, rng)
    names, bars = choose_length(wish, meter, tempo, given, key, loop)
    progress(0.1, "solving for tempo and bars")
    grid = solve(
        meter,
        tempo,
        duration_s=wish.fields.duration_s,
        bars=bars,
        anchors=reachable(wish, meter, tempo, bars),
        odd_bars=may_have_odd_bars(wish, meter),
        bars_cost=bars_cost(given, key, loop, len(names)),
    )
    given = squeezed(given, len(grid.bars), wish)
    form = choose_form(wish, names, grid, loop)
    players = choose_players(wish)
    plan = plan_theme(wish, form, grid, key, chords_given=bool(given))
    curve = asked_curve(wish, grid)

    def written(take: int, turn: int, favour: tuple[float, ...]) -> tuple[Piece, Score]:
        sown = seed if take == turn == 0 else f"{seed} {turn}" if take == 0 else f"{seed} {turn} take {take}"
        piece = Piece(
            grid,
            form,
            plan.harmony(lay_given(given, grid) if given else own_harmony(wish, form, grid, key, loop, sown)),
            key,
            wish.style,
            wish.valence,
            wish.arousal,
            players,
            bar_energies(wish, form, grid, curve),
            bool(given),
            loop,
            sown,
            firm_key=bool(given or wish.fields.key),
            favour=favour,
            mood=wish.mood,
            theme=plan,
        )
        return piece, perform(piece, write_parts(piece), curve, loudness_plan(wish, piece, curve), wish)

    count = candidates(len(grid.bars), len(players))
    takes = []
    for number in range(count):
        progress(0.2 + 0.7 * number / count, f"writing take {number + 1} of {count}")
        takes.append(clearest(functools.partial(written, number), key, 2 if number else TURNS))
    piece, score = best_take(takes)
    _tell(wish, grid, tempo, key, given, players)
    told, style = piece.told, wish.style.name
    if wish.theme and not told:
        wish.conflicts.append("nobody plays a melody, so the theme is not heard")
    return Composed(score, grid, form, piece.spans, key, players, style, wish.notes, wish.conflicts, told)


def candidates(bars: int, players: int) -> int:
    """How many takes of a piece there is time for: those of :data:`BUDGET_S`, one at least.

    Time is reckoned from the size of the piece and never measured, so that the same seed gives the same piece.
    """
    return max(1, min(MOST_TAKES, int(BUDGET_S / (TAKE_S + NOTE_S * bars * players))))


def best_take(takes: Sequence[Take]) -> tuple[Piece, Score]:
    """Of the takes in which key and chords are heard best, the one whose melody is likest to real ones."""
    heard = max(min(CLEAR, t.clarity) for t in takes)
    worthy = [t for t in takes if t.clarity >= heard - 1e-9]
    best = max(worthy, key=lambda t: merit(t.score, *_lines(t.piece.players)))
    return best.piece, best.score


def _lines(players: Sequence[Player]) -> tuple[int | None, int | None]:
    """Who carries the melody and who the bass."""
    tune = next((i for i, p in enumerate(players) if p.role in ("melody", "solo")), None)
    return tune, next((i for i, p in enumerate(players) if p.role == "bass"), None)


def clearest(written: Callable[[int, tuple[float, ...]], tuple[Piece, Score]], key: Key, turns: int) -> Take:
    """The first of so many writings in which key and given chords are heard, or the one that comes nearest."""
    favour = stability(key)
    best: Take | None = None
    for turn in range(turns):
        piece, score = written(turn, favour)
        weights, heard = sounding_weights(score), heard_weights(score)
        lead = min(CLEAR, tonic_lead(weights, key))
        if is_tellable(key) and weights.any():
            on_paper, in_sound = margin(weights, key), margin(heard, key) - OVERTONES
            lead = min(CLEAR, on_paper, in_sound)
            weights = weights if on_paper < in_sound else heard
        clarity = lead - (1 - chords_heard(score, piece.spans) if piece.strict else 0.0)
        if best is None or clarity > best.clarity:
            best = Take(clarity, piece, score)
        if clarity >= CLEAR:
            break
        favour = sharpened(favour, weights, key)
    assert best is not None
    return best


def _tell(
    wish: Wish,
    grid: Grid,
    tempo: TempoWish,
    key: Key,
    given: Sequence[Sequence[Chord | None]],
    players: Sequence[Player],
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
    felt = wish.valence_asked and abs(wish.valence) >= FELT
    if felt and (fields.key or fields.mode) and key.is_minor == (wish.valence > 0):
        shade = "darker" if key.is_minor else "brighter"
        wish.notes.append(f"{key} stands as asked, though it sounds {shade} than the mood")
    denied = denied_by([c for bar in given for c in bar if c], key) if fields.key else ""
    if denied:
        wish.conflicts.append(f"the given chords stand before the asked key: {denied}")
    if all(p.is_drum for p in players) and (fields.key or given):
        wish.conflicts.append("drums alone sound no key and no chords")


def landing_facts(landing: Landing) -> dict[str, Any]:
    """A landing as plain facts."""
    return {
        "time_s": round(landing.anchor.time_s, 3),
        "kind": landing.anchor.kind,
        "bar": landing.bar,
        "beat": landing.beat,
        "on": landing.on,
        "error_s": landing.error_s,
    }
