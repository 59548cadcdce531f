"""What is measured of verse: syllables, meter and rhyme of each line, by the pronouncing dictionary or by pinyin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from tools.compose.lyrics.mandarin import group
from tools.compose.lyrics.prosody import EITHER, SECOND, SMALL, Syllable, read_verse
from tools.compose.lyrics.words import plain, sounds

Foot = Literal["iambic", "trochaic", "anapestic", "dactylic"]
_FEET: dict[Foot, str] = {"iambic": "01", "trochaic": "10", "anapestic": "001", "dactylic": "100"}
__all__ = ["Foot", "LineCheck", "check_lines", "fits", "group", "pattern_of", "rhyming", "scheme_partners"]


@dataclass(frozen=True)
class LineCheck:
    """A line measured: syllables, whether its stresses keep the meter, and whether it rhymes as the scheme says."""

    syllables: int
    keeps_length: bool
    keeps_meter: bool
    partner: int | None
    rhymes: bool | None


def pattern_of(foot: Foot, syllables: int) -> str:
    """Strong (1) and weak (0) places of a line of so many syllables."""
    unit = _FEET[foot]
    return (unit * (syllables // len(unit) + 1))[:syllables]


def fits(syllables: Sequence[Syllable], pattern: str) -> bool:
    """Whether stresses keep a pattern.

    No stressed syllable of a longer word and no telling word is in a weak place, no unstressed syllable of a longer
    word in a strong one, but for the last of three.
    """
    if len(syllables) != len(pattern):
        return False
    for i, (s, place) in enumerate(zip(syllables, pattern, strict=True)):
        if place == "0" and s.weight > EITHER:
            return False
        if place == "1" and s.weight < SMALL:
            far = i > 1 and syllables[i - 1].weight < SMALL and not s.begins
            if not (far and s.ends):
                return False
    return sum(s.weight >= SECOND for s, p in zip(syllables, pattern, strict=True) if p == "1") * 2 >= pattern.count(
        "1"
    )


def scheme_partners(scheme: str, lines: int) -> list[int | None]:
    """For each line the nearest earlier one with its letter; the scheme comes round again for further lines, anew."""
    found: list[int | None] = []
    for i in range(lines):
        turn, place = divmod(i, len(scheme))
        letter = scheme[place].upper()
        first = turn * len(scheme)
        found.append(next((j for j in range(i - 1, first - 1, -1) if scheme[j - first].upper() == letter), None))
    return [None if scheme[i % len(scheme)].upper() == "X" else p for i, p in enumerate(found)]


def rhyming(one: str, two: str, language: str) -> bool:
    """Whether two lines rhyme.

    In English the sound from the last stressed vowel on is the same in other words; in Mandarin the finals are of one
    group and the characters differ.
    """
    if language == "zh":
        a, b = read_verse(one, "zh"), read_verse(two, "zh")
        return a.rhyme == b.rhyme and a.syllables[-1].text != b.syllables[-1].text
    if language != "en":
        return read_verse(one, language).rhyme == read_verse(two, language).rhyme
    first, second = plain(one.replace("-", " ").split()[-1]), plain(two.replace("-", " ").split()[-1])
    if first == second:
        return False
    return any(a.rhyme() == b.rhyme() and a.onset() != b.onset() for a in sounds(first) for b in sounds(second))


def check_lines(lines: Sequence[str], language: str, scheme: str, syllables: int, foot: Foot | None) -> list[LineCheck]:
    """Each line of a stanza measured against the length, the meter and the scheme."""
    partners = scheme_partners(scheme, len(lines)) if scheme else [None] * len(lines)
    found = []
    for line, partner in zip(lines, partners, strict=True):
        read = read_verse(line, language).syllables
        keeps = foot is None or language != "en" or fits(read, pattern_of(foot, len(read)))
        rhymes = None if partner is None else rhyming(lines[partner], line, language)
        found.append(LineCheck(len(read), len(read) == syllables, keeps, partner, rhymes))
    return found
