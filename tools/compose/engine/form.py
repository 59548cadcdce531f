"""Form: sections from names, patterns or scenes; phrases of two to eight bars with their cadences.

Section lengths are found by dynamic programming over the bars: near the share that a role usually takes, in
fours where possible, with a pull towards bars on which the film cuts. Sections of one name share material, so
recurrence is literal in harmony and varied in melody and scoring.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

from tools.errors import UserError

Cadence = Literal["half", "authentic", "final", "open"]

# role: (usual bars, energy 0 to 1)
ROLES: dict[str, tuple[int, float]] = {
    "intro": (4, 0.35),
    "verse": (8, 0.5),
    "prechorus": (4, 0.62),
    "chorus": (8, 0.85),
    "hook": (8, 0.8),
    "bridge": (8, 0.6),
    "solo": (8, 0.75),
    "drop": (8, 0.95),
    "build": (4, 0.7),
    "breakdown": (8, 0.3),
    "interlude": (4, 0.45),
    "climax": (8, 1.0),
    "outro": (4, 0.35),
    "coda": (4, 0.4),
    "ending": (4, 0.45),
    "theme": (8, 0.55),
    "development": (8, 0.75),
    "exposition": (8, 0.55),
    "recapitulation": (8, 0.65),
    "refrain": (8, 0.75),
    "variation": (8, 0.6),
    "episode": (8, 0.6),
    "transition": (2, 0.5),
}
_ALIASES = {
    "pre chorus": "prechorus",
    "pre-chorus": "prechorus",
    "middle eight": "bridge",
    "middle 8": "bridge",
    "break": "breakdown",
    "build up": "build",
    "buildup": "build",
    "build-up": "build",
    "introduction": "intro",
    "end": "ending",
    "finale": "climax",
    "instrumental": "solo",
    "head": "theme",
    "post chorus": "hook",
    "tag": "coda",
    "opening": "intro",
    "前奏": "intro",
    "主歌": "verse",
    "副歌": "chorus",
    "桥段": "bridge",
    "间奏": "interlude",
    "尾奏": "outro",
    "高潮": "climax",
}
_PATTERNS = {
    "aaba": "A A B A",
    "ternary": "A B A",
    "aba": "A B A",
    "binary": "A B",
    "ab": "A B",
    "rondo": "A B A C A",
    "abaca": "A B A C A",
    "sonata": "exposition development recapitulation coda",
    "verse chorus": "intro verse chorus verse chorus bridge chorus outro",
    "theme and variations": "theme variation variation variation",
    "strophic": "A A A",
    "period": "A",
    "through composed": "A B C D",
    "song": "intro verse chorus verse chorus bridge chorus outro",
    "arch": "A B C B A",
    "32 bar": "A A B A",
    "minuet and trio": "A B A",
}
FRAMES = ("intro", "transition", "build", "prechorus", "interlude", "breakdown")
CLOSES = ("coda", "outro", "ending")
_CRAMPED = 2.0  # cost of each bar that a section lacks for the theme
_LETTER_ENERGY = {"A": 0.5, "B": 0.75, "C": 0.65, "D": 0.85}


@dataclass(frozen=True)
class Section:
    """A section: name as asked, role, material letter, first bar (0-based), bars, energy 0 to 1, earlier times."""

    name: str
    role: str
    letter: str
    start: int
    bars: int
    energy: float
    time: int = 0

    @property
    def end(self) -> int:
        """First bar after it."""
        return self.start + self.bars


@dataclass(frozen=True)
class Phrase:
    """A phrase: first bar (0-based), bars, cadence, material letter, place in its section."""

    start: int
    bars: int
    cadence: Cadence
    letter: str
    index: int
    section: int
    opens_piece: bool = False

    @property
    def end(self) -> int:
        """First bar after it."""
        return self.start + self.bars


@dataclass(frozen=True)
class Form:
    """Sections and phrases, in order, covering every bar once."""

    sections: tuple[Section, ...]
    phrases: tuple[Phrase, ...]

    def section_at(self, bar: int) -> Section:
        """The section of a 0-based bar."""
        return next(s for s in reversed(self.sections) if s.start <= bar)

    def phrase_at(self, bar: int) -> Phrase:
        """The phrase of a 0-based bar."""
        return next(p for p in reversed(self.phrases) if p.start <= bar)


def role_of(name: str) -> str:
    """The role of a section's name: ``'Verse 2'`` is a verse; unknown names stand for themselves."""
    text = re.sub(r"[\s_]*\d+$", "", name.strip().lower()).replace("_", " ")
    text = re.sub(r"^(final|last|first|second|third|big|double)\s+", "", text)
    return _ALIASES.get(text, text)


def section_names(asked: Sequence[str], form: str | None, style_form: str, bars: int | None) -> list[str]:
    """Names of the sections: as asked, as the form's pattern says, or a plan that suits the length."""
    if asked:
        return list(asked)
    pattern = form or (style_form if bars is None or bars >= 16 else "")
    if pattern:
        return _pattern_names(pattern, bars)
    if bars is None or bars >= 40:
        return ["intro", "A", "B", "A", "C", "A", "coda"]
    if bars >= 24:
        return ["A", "A", "B", "A"]
    return ["A", "B"] if bars >= 12 else ["A"]


def _pattern_names(pattern: str, bars: int | None) -> list[str]:
    text = " ".join(pattern.lower().replace("-", " ").split())
    if "blues" in text:
        return [f"chorus {i + 1}" for i in range(max(1, round((bars or 24) / 12)))]
    for name, plan in _PATTERNS.items():
        if text in (name, f"{name} form"):
            return plan.split()
    letters = re.sub(r"[^a-z]", "", text.replace("form", ""))
    if letters and len(letters) <= 12 and set(letters) <= set("abcdefg"):
        return list(letters.upper())
    raise UserError(
        f"{pattern!r} is no form known here; one of: {', '.join(_PATTERNS)}, 12-bar blues, or letters as 'AABA'."
    )


def usual_bars(names: Sequence[str], blues: bool = False) -> int:
    """How long a form is when nobody says: each section its usual bars."""
    return sum(12 if blues else ROLES.get(role_of(n), (8, 0.5))[0] for n in names)


def plan_form(
    names: Sequence[str],
    bars: int,
    cut_bars: Collection[int] = (),
    *,
    loop: bool = False,
    blues: bool = False,
    unit: int = 4,
    theme_bars: int = 0,
) -> Form:
    """Sections with lengths, and their phrases.

    Parameters
    ----------
    names
        Section names in order; when there are more than bars, the last ones share the last bar's place.
    bars
        Bars of the piece.
    cut_bars
        Bars (0-based) on whose downbeat the film cuts.
    unit
        Bars of a phrase.
    theme_bars
        Bars of a given theme, for which the first main section and its returns should have room.
    """
    names = list(names)[:bars]
    roles = [role_of(n) for n in names]
    main = next((r for r in roles if r not in (*FRAMES, *CLOSES)), None) if theme_bars else None
    needs = [min(theme_bars, bars // 2) if r == main else 0 for r in roles]
    lengths = _lengths([12 if blues else ROLES.get(r, (8, 0.5))[0] for r in roles], bars, cut_bars, needs)
    letters: dict[str, str] = {}
    sections: list[Section] = []
    at = 0
    for name, length in zip(names, lengths, strict=True):
        role = role_of(name)
        letter = letters.setdefault(role, role.upper() if len(role) == 1 else _next_letter(letters))
        time = sum(1 for s in sections if s.role == role)
        energy = ROLES.get(role, (8, _LETTER_ENERGY.get(letter, 0.6)))[1]
        sections.append(Section(name, role, letter, at, length, min(1.0, energy + 0.06 * time), time))
        at += length
    return Form(tuple(sections), tuple(_phrases(sections, loop, 12 if blues else unit)))


def _next_letter(letters: dict[str, str]) -> str:
    taken = set(letters.values())
    return next(c for c in "ABCDEFGHIJKLMNOPQRSTUVWXYZ" if c not in taken)


def _lengths(usual: Sequence[int], bars: int, cut_bars: Collection[int], needs: Sequence[int]) -> list[int]:
    """Bars of each section by dynamic programming; sums to ``bars``, each at least one, and what it needs if it can."""
    scale = bars / sum(usual)
    ideal = [u * scale for u in usual]
    cuts = set(cut_bars)
    best: list[dict[int, tuple[float, int]]] = [{0: (0.0, 0)}]
    for index, wanted in enumerate(ideal):
        left = len(usual) - index - 1
        row: dict[int, tuple[float, int]] = {}
        for at, (cost, _) in best[-1].items():
            low, high = max(1, math.floor(wanted * 0.4)), max(2, math.ceil(wanted * 2))
            choices = [bars - at] if left == 0 else range(low, min(high, bars - at - left) + 1)
            for length in choices:
                if length < 1:
                    continue
                total = cost + _length_cost(length, wanted, at + length, cuts if left else ())
                total += _CRAMPED * max(0, needs[index] - length)
                if at + length not in row or total < row[at + length][0] - 1e-9:
                    row[at + length] = (total, length)
        best.append(row)
    at, found = bars, []
    for row in reversed(best[1:]):
        found.append(row[at][1])
        at -= row[at][1]
    return found[::-1]


def _length_cost(length: int, wanted: float, end: int, cuts: Collection[int]) -> float:
    off = (length - wanted) / max(1.0, wanted)
    square = 0.0 if length % 8 == 0 else 0.04 if length % 4 == 0 else 0.15 if length % 2 == 0 else 0.3
    return 3 * off * off + square - (0.5 if end in cuts else 0.0)


def _phrases(sections: Sequence[Section], loop: bool, unit: int) -> list[Phrase]:
    found: list[Phrase] = []
    for number, section in enumerate(sections):
        lengths = phrase_lengths(section.bars, unit)
        at = section.start
        for index, length in enumerate(lengths):
            last = index == len(lengths) - 1
            found.append(
                Phrase(
                    at, length, _cadence(index, last, number, sections, loop), section.letter, index, number, at == 0
                )
            )
            at += length
    return found


def phrase_lengths(bars: int, unit: int = 4) -> list[int]:
    """Bars of a section parted into phrases of four, what is left over joined to the last or standing alone."""
    whole, rest = divmod(bars, unit)
    if whole == 0:
        return [bars]
    lengths = [unit] * whole
    if rest:
        if rest * 2 > unit or unit > 8:
            lengths.append(rest)
        else:
            lengths[-1] += rest
    return lengths


def _cadence(index: int, last: bool, number: int, sections: Sequence[Section], loop: bool) -> Cadence:
    if last and number == len(sections) - 1:
        return "half" if loop else "final"
    if last:
        lifts = sections[number + 1].energy > sections[number].energy + 0.15
        return (
            "half" if lifts or sections[number].role in ("intro", "prechorus", "build", "transition") else "authentic"
        )
    return "half" if index % 2 == 0 else "authentic"
