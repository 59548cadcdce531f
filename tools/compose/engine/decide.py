"""What is decided before a note is written: meter, key, tempo, length, form, chords, players.

What was asked stands; what was not is chosen from the style, the mood and found references, and noted.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from itertools import pairwise

from tools.brief import TempoRange
from tools.compose.engine.colour import Palette
from tools.compose.engine.form import Form, plan_form, section_names, usual_bars
from tools.compose.engine.grid import Anchor, Grid
from tools.compose.engine.harmony import Span, compose_harmony, read_chords
from tools.compose.engine.keys import choose_key, infer_key, read_key, read_mode
from tools.compose.engine.orchestration import Player, cast, pick_instruments, read_banned
from tools.compose.engine.request import Wish
from tools.compose.engine.theme import bars_in, form_for
from tools.compose.engine.timing import FASTEST, SLOWEST, TempoWish
from tools.errors import UserError
from tools.kit.theory.chord import Chord
from tools.kit.theory.instruments import instrument_of_program
from tools.kit.theory.meter import Meter
from tools.kit.theory.pitch import Key

USUAL_LENGTH_S = 70.0
SWAY_IN_GENRE = 0.3  # share of the chords whose consonance follows the mood where a genre was named too
REFERENCE_PULL = 0.15  # a reference may move the tempo that style and mood ask for by this share


def choose_meter(wish: Wish) -> Meter:
    """The meter asked, a reference's when the style knows it and no genre was named, or the style's first."""
    asked = wish.fields.meter
    if asked is None and wish.borrowed.get("meter") in wish.style.meters and not wish.fields.genre:
        asked = str(wish.borrowed["meter"])
        wish.notes.append(f"meter {asked} taken from {wish.borrowed['meter_from']}")
    try:
        return Meter.parse(asked or wish.style.meters[0])
    except ValueError as err:
        if wish.fields.meter is None:
            return Meter.parse(wish.style.meters[0])
        raise UserError(f"meter: {err}.") from err


def chords_and_key(wish: Wish, rng: random.Random) -> tuple[list[list[Chord | None]], Key]:
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
        if (
            mode is None
            and wish.fields.valence is None
            and wish.borrowed.get("mode") in ("major", "minor")
            and not wish.fields.mood
        ):
            mode = str(wish.borrowed["mode"])
        asked = choose_key(mode, wish.valence if wish.valence_asked else None, wish.style.mode, rng)
        wish.notes.append(f"key chosen: {asked}")
    if not given and wish.style.harmony == "pentatonic" and asked.mode in ("major", "minor"):
        asked = Key(asked.tonic, f"{asked.mode} pentatonic")
    return given, asked


def choose_tempo(wish: Wish, meter: Meter, rng: random.Random) -> TempoWish:
    """The tempo asked, or one inside the style's range that arousal chooses (faster with arousal)."""
    asked = wish.fields.tempo_bpm
    if isinstance(asked, (int, float)):
        return TempoWish(float(asked), float(asked), float(asked), exact=True)
    low, high = wish.style.tempo
    home = Meter.parse(wish.style.meters[0])
    scale = (
        0.72
        if meter.is_compound and not home.is_compound
        else 1.3
        if home.is_compound and not meter.is_compound
        else 1.0
    )
    scale /= max(1.0, meter.beat_quarters if meter.denominator < 4 else 1.0)
    if 0 < meter.beat_quarters < 0.5:
        scale *= 2
    lean = 0.5 + 0.38 * (wish.arousal - wish.style.affect[1]) + 0.2 * wish.style.affect[1] + rng.uniform(-0.12, 0.12)
    preferred = (low + (high - low) * min(1.15, max(-0.15, lean))) * scale
    borrowed = wish.borrowed.get("tempo_bpm")
    if isinstance(borrowed, (int, float)) and abs(borrowed / preferred - 1) <= REFERENCE_PULL:
        preferred = float(borrowed)
        wish.notes.append(f"tempo near {preferred:g} BPM after {wish.borrowed['tempo_bpm_from']}")
    slowest, fastest = max(SLOWEST, low * scale * 0.75), min(FASTEST, high * scale * 1.3)
    if isinstance(asked, TempoRange):
        slowest, fastest = (
            asked.min or min(SLOWEST, asked.max or SLOWEST),
            asked.max or max(FASTEST, asked.min or FASTEST),
        )
        if slowest > fastest:
            raise UserError(f"tempo_bpm: {slowest:g} to {fastest:g} is no range; give the slower tempo as min.")
        return TempoWish(
            round(min(max(preferred, slowest), fastest)) if fastest - slowest > 2 else (slowest + fastest) / 2,
            slowest,
            fastest,
        )
    return TempoWish(float(round(preferred)), min(slowest, preferred), max(fastest, preferred))


def choose_length(
    wish: Wish, meter: Meter, tempo: TempoWish, given: Sequence[Sequence[Chord | None]], key: Key, loop: bool
) -> tuple[list[str], int | None]:
    """Section names, and the number of bars unless seconds decide it."""
    fields = wish.fields
    bar_s = meter.bar_quarters / meter.beat_quarters * 60.0 / tempo.preferred
    blues = _is_blues(wish)
    theme_bars = bars_in(wish.theme, meter) if wish.theme else 0
    if fields.bars is not None or fields.duration_s is not None:
        count = fields.bars or max(1, round((fields.duration_s or 0) / bar_s))
        if not fields.sections and wish.scene_starts_s and not fields.form:
            return _scene_names(wish, count), fields.bars
        form = fields.form or (form_for(theme_bars, count) if theme_bars and not blues else None)
        return section_names(fields.sections, form, wish.style.form, count), fields.bars
    about = max(8, round(USUAL_LENGTH_S / bar_s / 8) * 8)
    form = fields.form or (form_for(theme_bars, about) if theme_bars and not blues else None)
    names = section_names(fields.sections, form, wish.style.form, about)
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


def bars_cost(given: Sequence[Sequence[Chord | None]], key: Key, loop: bool, sections: int) -> Callable[[int], float]:
    """Lengths a listener would call whole: fours, room for every section, given chords ended on the tonic."""
    closes = [i for i, bar in enumerate(given) if bar[-1] and bar[-1].root == key.tonic]

    def cost(bars: int) -> float:
        total = 3.0 * max(0, sections - bars) + 8.0 * max(0, len(given) - bars)
        if given and (loop or closes):
            at = (bars - 1) % len(given)
            return total + (0.0 if (at == len(given) - 1 if loop else at in closes) else 0.9)
        return total + (0.0 if bars % 4 == 0 else 0.35 if bars % 2 == 0 else 0.8)

    return cost


def reachable(wish: Wish, meter: Meter, tempo: TempoWish, bars: int | None) -> list[Anchor]:
    """The anchors that lie inside the piece; those beyond its bars are told of."""
    if bars is None or wish.fields.duration_s is not None:
        return list(wish.anchors)
    end = bars * meter.bar_quarters / meter.beat_quarters * 60.0 / tempo.preferred
    for anchor in wish.anchors:
        if anchor.time_s >= end - 0.05:
            wish.conflicts.append(
                f"the {anchor.kind} at {anchor.time_s:g} s lies after the end of {bars} bars ({end:.1f} s)"
            )
    return [a for a in wish.anchors if a.time_s < end - 0.05]


def choose_form(wish: Wish, names: Sequence[str], grid: Grid, loop: bool) -> Form:
    """Sections and phrases on the solved grid."""
    bars = len(grid.bars)
    if len(names) > bars:
        wish.conflicts.append(
            f"{len(names)} sections do not fit {bars} bars; the last {len(names) - bars} are left out"
        )
    cuts = {la.bar - 1 for la in grid.landings if la.on == "downbeat" and la.anchor.kind == "cut"}
    theme_bars = bars_in(wish.theme, grid.meter) if wish.theme else 0
    return plan_form(names, bars, cuts, loop=loop, blues=_is_blues(wish), unit=wish.style.phrase, theme_bars=theme_bars)


def own_harmony(wish: Wish, form: Form, grid: Grid, key: Key, loop: bool, seed: int | str) -> list[Span]:
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
    sway = 0.0 if not wish.valence_asked else SWAY_IN_GENRE if wish.fields.genre else 1.0
    palette = Palette(wish.style, wish.valence, wish.arousal, 0.35 if wish.fields.key else 1.0, sway)
    return compose_harmony(form, grid, key, palette, rng, borrowed, loop)


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


def choose_players(wish: Wish) -> list[Player]:
    """Who plays, with roles."""
    fields = wish.fields
    banned = read_banned(fields.exclude, fields.vocals, wish.conflicts)
    chosen = pick_instruments(fields.instruments, wish.style, banned, fields.vocals, wish.conflicts)
    if not fields.instruments:
        wish.notes.append(f"instruments of the style: {', '.join(dict.fromkeys(k.name for k in chosen))}")
    for kind in dict.fromkeys(k for k in chosen if k.nearest):
        stand_in = instrument_of_program(banned.program(kind), kind.is_drum).name
        wish.notes.append(f"General MIDI has no {kind.name}; {stand_in} sounds in its place")
    return cast(chosen, banned)


def may_have_odd_bars(wish: Wish, meter: Meter) -> bool:
    """Whether a bar of another length may be set in: no meter was asked, by number or by naming a dance."""
    dance = bool(wish.fields.genre) and len(wish.style.meters) == 1
    return wish.fields.meter is None and not dance and len(meter.accents()) > 2
