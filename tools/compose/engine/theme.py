"""A given theme: read from a score, fitted to a piece's meter, key and mode, and told where it comes and comes again.

The theme is stated literally at its first entry, and each return is literal, ornamented, moved by scale degrees,
shortened to its head, or twice as slow (the devices of thematic return: Schoenberg 1967, Fundamentals of Musical
Composition; a given theme that recurs is the task of Theme Transformer, Shih et al. 2022).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from tools.compose.engine.form import CLOSES, FRAMES, Form, Section
from tools.compose.weaver.recast import stepped
from tools.errors import UserError
from tools.kit.score import Note
from tools.kit.theory.meter import Meter
from tools.kit.theory.pitch import MODES, Key
from tools.kit.warp import warp_of

How = Literal["literal", "ornamented", "transposed", "fragment", "augmented"]
FEWEST = 3  # notes of a theme
MOST_BARS = 16
_AGAIN = ("variation", "recapitulation", "theme")  # sections that bring the theme whatever their material is called
_GRIDS = (4, 3)  # places a quarter that a played note is drawn to
_LONG = 2 / 3  # where the middle of a beat in two lies in a beat in three


@dataclass(frozen=True)
class Theme:
    """A melody, one note at a time, from the barline of its first bar on; places and lengths in quarters.

    ``qpm`` is its tempo in quarters a minute.
    """

    notes: tuple[Note, ...]
    meter: Meter
    key: Key
    qpm: float

    @property
    def bars(self) -> int:
        """Bars it takes; one into which its last note is only held counts from half of it on."""
        last, length = self.notes[-1], self.meter.bar_quarters
        return max(int((last.start + 1e-6) // length) + 1, int(last.end / length + 0.5 + 1e-6))

    @property
    def upbeat(self) -> bool:
        """Whether it leads in from the second half of its first bar."""
        return self.bars > 1 and self.notes[0].start >= self.meter.bar_quarters / 2 - 1e-6

    def head(self, bars: int) -> tuple[Note, ...]:
        """Its notes in so many first bars, the last one no longer than those."""
        end = bars * self.meter.bar_quarters
        kept = [n for n in self.notes if n.start < end - 1e-6]
        return tuple(replace(n, duration=min(n.duration, end - n.start)) for n in kept)


@dataclass(frozen=True)
class Statement:
    """The theme at a place: first bar (0-based), bars, how, and its notes from that bar's line on.

    ``given`` are the pitches of the theme that these notes state.
    """

    bar: int
    bars: int
    how: How
    notes: tuple[Note, ...]
    given: tuple[int, ...]


def theme_of(line: Sequence[Note], bar_starts: Sequence[float], meter: Meter, key: Key, qpm: float) -> Theme:
    """A theme from a line in a score: drawn to the grid, no two notes at once, from the bar of its first note.

    Raises ``UserError`` for fewer than :data:`FEWEST` notes.
    """
    snapped: dict[float, Note] = {}
    for note in line:
        at = snapped_to_grid(note.start)
        if at not in snapped or note.duration > snapped[at].duration:
            snapped[at] = note
    if len(snapped) < FEWEST:
        count = f"{len(snapped)} note{'s' if len(snapped) > 1 else ''}"
        raise UserError(f"The theme has {count}; hum or attach one of {FEWEST} notes or more.")
    places = sorted(snapped)
    origin = max((b for b in bar_starts if b <= places[0] + 1e-6), default=0.0)
    ends = [*places[1:], math.inf]
    notes = [
        Note(at - origin, max(0.125, min(snapped_to_grid(snapped[at].duration), end - at)), snapped[at].pitch, 84)
        for at, end in zip(places, ends, strict=True)
    ]
    return Theme(tuple(notes), meter, key, qpm)


def snapped_to_grid(place: float) -> float:
    """The nearest sixteenth or triplet eighth."""
    return min((round(place * g) / g for g in _GRIDS), key=lambda p: abs(p - place))


def fitted(theme: Theme, meter: Meter, key: Key) -> Theme:
    """The theme in another meter and key: note values stay where bars agree, beats go to beats where they do not."""
    return _in_key(_in_meter(theme, meter), key)


def bars_in(theme: Theme, meter: Meter) -> int:
    """Bars that the theme takes in a meter."""
    return _in_meter(theme, meter).bars


def shortened(theme: Theme, bars: int) -> Theme:
    """The theme's first bars."""
    return replace(theme, notes=theme.head(bars)) if theme.bars > bars else theme


def _in_meter(theme: Theme, meter: Meter) -> Theme:
    if theme.meter == meter:
        return theme
    unit, points = _unit_map(theme.meter, meter)
    length = points[-1][1]
    count = math.ceil(max(n.end for n in theme.notes) / unit) + 1
    whole = [(k * unit + a, k * length + b) for k in range(count) for a, b in points[:-1]]
    moved = warp_of([*whole, (count * unit, count * length)])
    notes = tuple(replace(n, start=moved(n.start), duration=moved(n.end) - moved(n.start)) for n in theme.notes)
    skipped = math.floor((notes[0].start + 1e-6) / meter.bar_quarters) * meter.bar_quarters
    return replace(theme, notes=tuple(replace(n, start=n.start - skipped) for n in notes), meter=meter)


def _unit_map(old: Meter, new: Meter) -> tuple[float, list[tuple[float, float]]]:
    """A stretch of the old meter and where its beats lie in the new one.

    Equal beats keep their note values. Two beats become a bar of three, long and short, as tunes in two become waltzes;
    a beat in two becomes a beat in three; otherwise bar goes to bar, the first beats of the shorter one the longest.
    """
    was, now = [*old.accents(), old.bar_quarters], [*new.accents(), new.bar_quarters]
    old_beats, new_beats = len(was) - 1, len(now) - 1
    even = len({round(b - a, 6) for a, b in [*pairwise(was), *pairwise(now)]}) == 1
    if even and (old_beats % new_beats == 0 or new_beats % old_beats == 0):
        return old.bar_quarters, [(0.0, 0.0), (old.bar_quarters, old.bar_quarters)]
    if old.is_compound != new.is_compound and old_beats % 2 == new_beats % 2 == 0:
        before, after = old.beat_quarters, new.beat_quarters
        middle = (before / 2, after * _LONG) if new.is_compound else (before * _LONG, after / 2)
        return before, [(0.0, 0.0), middle, (before, after)]
    if old_beats in (2, 4) and new_beats == 3:
        return was[2], [(0.0, 0.0), (was[1], now[2]), (was[2], now[3])]
    if old_beats <= new_beats:
        extra = new_beats - old_beats
        return was[-1], [(was[i], now[i + (extra if i else 0)]) for i in range(old_beats + 1)]
    extra = old_beats - new_beats
    return was[-1], [(was[i + (extra if i == new_beats else 0)], now[i]) for i in range(new_beats + 1)]


def _in_key(theme: Theme, key: Key) -> Theme:
    """Moved to the tonic by the nearer way; degrees go to the degrees of the other mode, chromatic ones stay."""
    old, new = _steps(theme.key), _steps(key)
    table = dict(zip(old, new, strict=True)) if old != new else {}
    shift = (key.tonic - theme.key.tonic + 5) % 12 - 5
    notes = []
    for note in theme.notes:
        degree = (note.pitch - theme.key.tonic) % 12
        notes.append(replace(note, pitch=note.pitch + shift + table.get(degree, degree) - degree))
    return replace(theme, notes=tuple(notes), key=key)


def _steps(key: Key) -> tuple[int, ...]:
    steps = tuple(MODES[key.mode])
    return steps if len(steps) == 7 else tuple(MODES["minor" if key.is_minor else "major"])


def room_for_theme(bars: int) -> int:
    """The longest theme, in bars, for a piece of so many: half of it, and never its last bar."""
    return max(1, min(MOST_BARS, bars // 2))


def form_for(theme_bars: int, bars: int) -> str:
    """Letters of a form whose first section has room for the theme and comes again."""
    size = min(theme_bars, room_for_theme(bars))
    if bars >= max(4 * size, 28) and bars < 40:
        return "AABA"
    if bars >= max(5 * size, 40):
        return "ABACA"
    if bars >= 2 * size + max(4, size // 2) and bars >= 12:
        return "ABA"
    return "AA" if bars >= 2 * size and bars >= 8 else "A"


def room_in(form: Form, bars: int) -> int:
    """Bars that the theme may take where it is first stated."""
    carrier = _carrier(form)
    return min(room_for_theme(bars), carrier.bars)


def statements(theme: Theme, form: Form, bars: int) -> list[Statement]:
    """Where the theme comes in a form of so many bars, in order; none overlaps another and none takes the last bar.

    Sections of the first main section's material open with it; a short theme is answered there by itself a step away
    or by its head. Contrasting sections open with its head moved by degrees, a coda with its head at half the speed.
    """
    carrier = _carrier(form)
    found: list[Statement] = []
    before: Section | None = None
    for section in form.sections:
        whole = section.letter == carrier.letter or section.role in _AGAIN
        if section.start < carrier.start:
            continue
        if whole:
            again = before is not None and (before.letter == section.letter or section.role == "variation")
            found += _in_section(theme, section, "ornamented" if again else "literal")
        elif section.role in CLOSES:
            found += _augmented(theme, section)
        elif section.role not in FRAMES and section.bars >= 2:
            size = max(1, min(theme.bars // 2, section.bars // 2))
            found.append(_moved(theme, section.start, size, 2))
        before = section
    kept: list[Statement] = []
    for one in found:
        if kept and one.bar < kept[-1].bar + kept[-1].bars:
            continue
        room = bars - 1 - one.bar
        if room >= 1 and one.notes:
            kept.append(one if one.bars <= room else _cut(one, room, theme.meter))
    return kept


def _carrier(form: Form) -> Section:
    """The first section that is neither an introduction nor a close, as long as any such."""
    main = [s for s in form.sections if s.role not in (*FRAMES, *CLOSES)] or list(form.sections)
    return main[0]


def _in_section(theme: Theme, section: Section, how: How) -> list[Statement]:
    """The theme at a section's start, its own answer after it, and itself again where a section has room for both."""
    lead = 1 if theme.upbeat and section.start > 0 else 0
    size = min(theme.bars, section.bars + lead)
    found = [_stated(theme, section.start - lead, size, how if size == theme.bars else "fragment")]
    at = section.start - lead + size
    left = section.end - at
    if size <= 2 and left >= size + 1:
        found.append(_moved(theme, at, size, 1))
    elif left >= size:
        found.append(_stated(theme, at, max(1, size // 2), "fragment"))
    later = section.start - lead + 4 * size
    if later + 2 * size <= section.end:
        found.append(_stated(theme, later, size, "ornamented"))
    return found


def _stated(theme: Theme, bar: int, size: int, how: How) -> Statement:
    notes = theme.head(size)
    return Statement(bar, size, how, notes, tuple(n.pitch for n in notes))


def _moved(theme: Theme, bar: int, size: int, steps: int) -> Statement:
    head = theme.head(size)
    notes = tuple(replace(n, pitch=stepped(n.pitch, steps, theme.key)) for n in head)
    return Statement(bar, size, "transposed", notes, tuple(n.pitch for n in head))


def _augmented(theme: Theme, section: Section) -> list[Statement]:
    size = min(theme.bars, (section.bars - 1) // 2)
    if size < 1:
        return []
    head = theme.head(size)
    notes = tuple(replace(n, start=2 * n.start, duration=2 * n.duration) for n in head)
    return [Statement(section.start, 2 * size, "augmented", notes, tuple(n.pitch for n in head))]


def _cut(one: Statement, bars: int, meter: Meter) -> Statement:
    end = bars * meter.bar_quarters
    notes = tuple(replace(n, duration=min(n.duration, end - n.start)) for n in one.notes if n.start < end - 1e-6)
    how: How = "fragment" if one.how == "literal" else one.how
    return replace(one, bars=bars, notes=notes, how=how, given=one.given[: len(notes)])


def bar_rhythms(theme: Theme, most: int = 3) -> list[tuple[float, ...]]:
    """Onsets in each of the theme's first full bars, from the barline: what bars of one's own may move in."""
    length = theme.meter.bar_quarters
    bars: Mapping[int, list[float]] = {k: [] for k in range(theme.bars)}
    for note in theme.notes:
        bar = int((note.start + 1e-6) // length)
        bars[bar].append(round(max(0.0, note.start - bar * length), 6))
    return [tuple(p) for p in bars.values() if p and p[0] < 1e-3][:most]
