"""Harmony: given chords followed to the letter, or a progression grown from the style's vocabulary.

Phrases take four-bar rows of the style (``progressions.toml``) whose chords' mean valence lies near the wish
(chord valence after Kolchinsky et al. 2017 and Lead Sheets with Affect, Makris et al. 2021), close with the mode's
cadence, and are coloured by sevenths, secondary dominants and borrowed chords as style and affect allow.
Sections with the same material take the same chords.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from tools.compose.engine.colour import Palette, colour, foreign_share, hold_tonic
from tools.compose.engine.form import Form, Phrase
from tools.compose.engine.grid import Bar, Grid
from tools.compose.engine.style import Style, table
from tools.errors import UserError
from tools.kit.theory.chord import Chord
from tools.kit.theory.meter import Meter
from tools.kit.theory.pitch import Key

_VALENCE = {
    "maj7": 0.8,
    "": 0.6,
    "6": 0.7,
    "add9": 0.7,
    "maj9": 0.8,
    "6/9": 0.75,
    "sus2": 0.3,
    "sus4": 0.2,
    "7": 0.4,
    "9": 0.45,
    "13": 0.5,
    "5": 0.0,
    "m7": -0.1,
    "m9": 0.0,
    "m": -0.5,
    "m6": -0.4,
    "madd9": -0.35,
    "7sus4": 0.2,
    "dim": -0.9,
    "m7b5": -0.7,
    "dim7": -0.9,
    "aug": -0.6,
    "mmaj7": -0.6,
}
_TRAVELS = ("classical", "baroque", "romantic", "functional", "chorale")
_PARALLEL_PERIODS = 0.8
_SPLIT = re.compile(r"[\s,~]+")


@dataclass(frozen=True)
class Span:
    """A chord from ``start`` to ``end`` in quarters, inside bar ``bar`` (0-based). No chord is silence."""

    start: float
    end: float
    chord: Chord | None
    bar: int


def read_chords(entries: Sequence[str], key: Key | None) -> list[list[Chord | None]]:
    """Given chords, bar by bar: one entry a bar, several chords in one entry share it, bars may also be barred.

    Roman numerals are read in ``key``. Raises ``UserError`` naming what could not be read.
    """
    bars: list[list[Chord | None]] = []
    for entry in entries:
        for bar in entry.split("|") if "|" in entry else [entry]:
            symbols = [s for s in _SPLIT.split(bar.strip()) if s]
            if symbols:
                bars.append([_read_chord(s, key) for s in symbols])
    return bars


def _read_chord(symbol: str, key: Key | None) -> Chord | None:
    if symbol.upper() in ("N.C.", "NC", "N.C"):
        return None
    try:
        return Chord.parse(symbol)
    except ValueError as err:
        try:
            return numeral(symbol, key or Key(0, "major"))
        except ValueError:
            raise UserError(f"chords: {err}.") from err


def numeral(text: str, key: Key) -> Chord:
    """A chord from a roman numeral, with ``/3`` or ``/5`` for a chord tone in the bass; ``ValueError`` otherwise."""
    symbol, _, bass = text.partition("/")
    if bass and bass not in ("3", "5"):
        symbol, bass = text, ""
    chord = Chord.from_numeral(symbol, key)
    if not bass:
        return chord
    return replace(chord, bass=chord.pitch_classes()[1 if bass == "3" else 2])


def lay_given(given: Sequence[Sequence[Chord | None]], grid: Grid) -> list[Span]:
    """Given bars of chords, repeated to fill the grid; chords that share a bar part it at its accents."""
    spans = []
    for index, bar in enumerate(grid.bars):
        spans += _split_bar(given[index % len(given)], bar, index, min(bar.end, grid.end))
    return spans


def _split_bar(chords: Sequence[Chord | None], bar: Bar, index: int, end: float) -> list[Span]:
    places = [bar.start + p for p in split_places(bar.meter, len(chords))] + [max(end, bar.start)]
    spans: list[Span] = []
    for start, stop, chord in zip(places, places[1:], chords, strict=False):
        if spans and len(chords) > 2 and spans[-1].chord == chord:
            spans[-1] = replace(spans[-1], end=stop)
        elif stop > start + 1e-6:
            spans.append(Span(start, stop, chord, index))
    return spans


def split_places(meter: Meter, count: int) -> list[float]:
    """Where ``count`` chords begin in a bar: on the accents at or after even shares, as two beats and one in 3/4.

    Evenly parted where there are too few accents.
    """
    even = [i * meter.bar_quarters / count for i in range(count)]
    places = [next((a for a in meter.accents() if a > wanted - 1e-6), 0.0) for wanted in even]
    return places if len(set(places)) == count else even


def compose_harmony(
    form: Form,
    grid: Grid,
    key: Key,
    palette: Palette,
    rng: random.Random,
    borrowed: Sequence[Sequence[Chord | None]] = (),
    loop: bool = False,
) -> list[Span]:
    """Chords for every bar of the form.

    Parameters
    ----------
    borrowed
        A progression to colour the first material with, already in the key (from references).
    loop
        Whether the last bar must lead back to the first.
    """
    vocabulary = _vocabulary(palette.style, key)
    memory: dict[tuple[str, int, int, str], list[list[Chord]]] = {}
    latest: dict[tuple[str, int], list[list[Chord]]] = {}
    spans: list[Span] = []
    for phrase in form.phrases:
        slot = (phrase.letter, phrase.index, phrase.bars, phrase.cadence)
        if slot not in memory:
            home = visited(key, phrase, palette, rng)
            words = vocabulary if home == key else _vocabulary(palette.style, home)
            row = _row(words, phrase, home, palette, rng, borrowed, len(grid.meter.accents()))
            made = hold_tonic(colour(row, home, palette, rng), home, rng)
            memory[slot] = _answering(made, latest.get((phrase.letter, phrase.index - 1)), phrase, rng)
            latest[phrase.letter, phrase.index] = memory[slot]
        bars = memory[slot]
        for offset, chords in enumerate(bars):
            index = phrase.start + offset
            spans += _split_bar(chords, grid.bars[index], index, min(grid.bars[index].end, grid.end))
    return _frame(spans, key, loop)


def visited(key: Key, phrase: Phrase, palette: Palette, rng: random.Random) -> Key:
    """The key of a phrase: home, or in tonal styles now and then a near one, where the phrase then cadences.

    The dominant or the relative minor from major, the relative major from minor (Kostka and Payne 2018, chapter 18).
    First and last phrases stay at home.
    """
    stays = phrase.opens_piece or phrase.cadence in ("final", "open")
    if palette.style.harmony not in _TRAVELS or key.mode not in ("major", "minor") or stays or phrase.bars < 2:
        return key
    if rng.random() >= 0.4 + 0.2 * palette.chromatic:
        return key
    if key.is_minor:
        return Key((key.tonic + 3) % 12, "major")
    return Key((key.tonic + 9) % 12, "minor") if rng.random() < 0.35 else Key((key.tonic + 7) % 12, "major")


def _answering(
    bars: list[list[Chord]], model: list[list[Chord]] | None, phrase: Phrase, rng: random.Random
) -> list[list[Chord]]:
    """The second phrase of a pair opens with the first one's chords more often than not: a parallel period."""
    half = phrase.bars // 2
    if phrase.index % 2 == 0 or model is None or len(model) != len(bars) or rng.random() >= _PARALLEL_PERIODS:
        return bars
    return [*model[:half], *bars[half:]]


def _vocabulary(style: Style, key: Key) -> list[str]:
    modes = table("progressions")["modes"]
    if key.mode in modes and not (style.harmony == "pentatonic" and "pentatonic" in key.mode):
        return list(modes[key.mode])
    family = "minor" if key.is_minor else "major"
    return list(table("progressions")[style.harmony][family])


def _row(
    vocabulary: Sequence[str],
    phrase: Phrase,
    key: Key,
    palette: Palette,
    rng: random.Random,
    borrowed: Sequence[Sequence[Chord | None]],
    most: int,
) -> list[list[Chord]]:
    """A phrase's chords: a row stretched to its bars, at most so many a bar, closed by its cadence."""
    if borrowed and phrase.letter == "A" and phrase.index % 2 == 0:
        bars = [[c for c in borrowed[i % len(borrowed)] if c] or [_tonic(key)] for i in range(phrase.bars)]
    else:
        text = _choose(vocabulary, key, palette, rng)
        bars = _paced(text, phrase.bars, key, most, palette, lambda: _choose(vocabulary, key, palette, rng))
    if phrase.index == 0 and phrase.opens_piece:
        bars[0] = [_tonic(key), *bars[0][1:]] if bars[0][0].root != key.tonic else bars[0]
    return _close(bars, phrase, key)


def _paced(row: str, bars: int, key: Key, most: int, palette: Palette, another: Callable[[], str]) -> list[list[Chord]]:
    """A row at the style's harmonic rhythm: each chord for so many bars, or up to ``most`` a bar, row after row."""
    if palette.style.rhythm >= 1:
        tokens = [t for t in row.split() for _ in range(round(palette.style.rhythm))]
        return [[numeral(s, key) for s in tokens[i % len(tokens)].split("~")] for i in range(bars)]
    share = min(round(1 / palette.style.rhythm), most)
    symbols = row.replace("~", " ").split()
    while len(symbols) < share * bars:
        symbols += another().replace("~", " ").split()
    return [[numeral(s, key) for s in symbols[i * share : (i + 1) * share]] for i in range(bars)]


def _choose(rows: Sequence[str], key: Key, palette: Palette, rng: random.Random) -> str:
    """A row at random, those whose chords' valence lies near the wish more often."""

    def distance(row: str) -> float:
        chords = [numeral(s, key) for t in row.split() for s in t.split("~")]
        mood = abs(sum(_VALENCE.get(c.quality, 0.0) for c in chords) / len(chords) - palette.valence)
        return mood + 4 * (1 - palette.chromatic) * foreign_share(chords, key)

    ranked = sorted(rows, key=distance)
    weights = [1 / (1 + place) for place in range(len(ranked))]
    return rng.choices(ranked, weights)[0]


def cadence_chords(key: Key) -> dict[str, Chord]:
    """The mode's ``approach``, ``goal`` and ``half`` chords."""
    return {name: Chord.from_numeral(text, key) for name, text in table("progressions")["cadences"][key.mode].items()}


def _tonic(key: Key) -> Chord:
    return cadence_chords(key)["goal"]


def _close(bars: list[list[Chord]], phrase: Phrase, key: Key) -> list[list[Chord]]:
    """End the phrase as its cadence says; the approach is left alone when it already leads there."""
    chords = cadence_chords(key)
    if phrase.cadence == "open":
        return bars
    goal = chords["half"] if phrase.cadence == "half" else chords["goal"]
    if len(bars[-1]) > 2 and len(bars) > 1:
        return [*bars[:-1], _closing_bar(bars[-1], goal, chords["approach"] if phrase.cadence != "half" else None)]
    bars[-1] = [
        bars[-1][0] if bars[-1][0].root == goal.root and len(bars[-1]) == 1 and bars[-1][0].bass is None else goal
    ]
    if phrase.cadence in ("authentic", "final") and len(bars) > 1:
        before = bars[-2][-1]
        if before.root != chords["approach"].root:
            bars[-2] = _approached(bars[-2], chords["approach"], whole=len(bars) > 2 or phrase.cadence == "final")
        if phrase.cadence == "final":
            bars[-1] = [goal]
    return bars


def _closing_bar(bar: list[Chord], goal: Chord, approach: Chord | None) -> list[Chord]:
    """A bar of many chords that comes to rest in its middle, as a chorale's fermata does."""
    rest = len(bar) - len(bar) // 2
    lead = bar[: len(bar) - rest]
    if approach is not None:
        lead = [*lead[:-1], approach]
    return [*lead, *[goal] * rest]


def _approached(bar: list[Chord], approach: Chord, *, whole: bool) -> list[Chord]:
    """A bar that ends on the approach to a cadence, or is nothing else where it holds one chord."""
    if len(bar) > 1:
        return [*bar[:-1], approach]
    return [approach] if whole else [*bar, approach]


def _frame(spans: list[Span], key: Key, loop: bool) -> list[Span]:
    """Open and end on the tonic; a loop's last chord leads back instead."""
    chords = cadence_chords(key)
    last_bar = spans[-1].bar
    if loop:
        if spans[-1].chord and spans[-1].chord.root == key.tonic and last_bar > 0:
            spans[-1] = replace(spans[-1], chord=chords["approach"])
        return spans
    if spans[-1].chord == chords["goal"] and len([s for s in spans if s.bar == last_bar]) > 1:
        return spans
    body = [s for s in spans if s.bar < last_bar]
    final = [s for s in spans if s.bar == last_bar]
    return [*body, Span(final[0].start, final[-1].end, chords["goal"], last_bar)]


def chord_at(spans: Sequence[Span], quarter: float) -> Span:
    """The span that holds a place."""
    for span in spans:
        if span.start - 1e-6 <= quarter < span.end - 1e-6:
            return span
    return spans[-1]
