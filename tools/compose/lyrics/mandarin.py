"""Mandarin: characters as syllables with their tones in running speech, and the rhyme group of each.

Readings are pypinyin's, by phrase, with tone sandhi (third before third rises, 一 and 不 by what follows). Rhymes are
the thirteen groups of northern sung verse (shisan zhe).
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import Any

_HAN = re.compile(r"[\u3400-\u9fff]")
_GROUPS = (
    ("faha", ("a", "ia", "ua")),
    ("suobo", ("o", "e", "uo")),
    ("miexie", ("ie", "ve", "üe", "ê")),
    ("gusu", ("u",)),
    ("yiqi", ("i", "v", "ü", "er")),
    ("huailai", ("ai", "uai")),
    ("huidui", ("ei", "uei", "ui")),
    ("yaotiao", ("ao", "iao")),
    ("youqiu", ("ou", "iou", "iu")),
    ("yanqian", ("an", "ian", "uan", "van", "üan")),
    ("renchen", ("en", "in", "un", "uen", "vn", "ün")),
    ("jiangyang", ("ang", "iang", "uang")),
    ("zhongdong", ("eng", "ing", "ong", "iong", "ueng")),
)
HEIGHT = {1: 5.0, 2: 4.0, 3: 1.5, 4: 3.0}
"""Mean height of each tone in Chao's five levels: 55, 35, 21 (the half third tone of running speech), 51."""
_AFTER = {1: 2.0, 2: 3.0, 3: 4.0, 4: 1.0}  # height of a neutral tone after each tone (Chao 1968)


@dataclass(frozen=True)
class Character:
    """A character sung: text with its punctuation, tone 1 to 4 (5 neutral), weight, word bounds and rhyme group."""

    text: str
    tone: int
    weight: float
    begins: bool
    ends: bool
    rhyme: str


@functools.lru_cache(maxsize=4096)
def read_line(line: str) -> tuple[Character, ...]:
    """The characters of a line; words of other letters between them are sung as one syllable each."""
    from pypinyin import Style, lazy_pinyin

    text = line.strip()

    def letters(other: str) -> Any:
        return list(other)

    tones = lazy_pinyin(text, style=Style.TONE3, neutral_tone_with_five=True, tone_sandhi=True, errors=letters)
    finals = lazy_pinyin(text, style=Style.FINALS, errors=letters)
    found: list[Character] = []
    inside = False  # a word of other letters
    for char, tone, final in zip(text, tones, finals, strict=True):
        if not _HAN.match(char):
            if char.isalnum() and (not found or not inside):
                found.append(Character(char, 5, 0.6, True, True, char))
            elif found and not char.isspace():
                found[-1] = Character(found[-1].text + char, *_rest(found[-1]))
            inside = char.isalnum()
            continue
        inside = False
        number = int(tone[-1]) if tone[-1:].isdigit() else 5
        weight = 0.1 if number == 5 else 0.6
        found.append(Character(char, number, weight, True, True, group(final)))
    return tuple(_in_pairs(found))


def _rest(c: Character) -> tuple[int, float, bool, bool, str]:
    return c.tone, c.weight, c.begins, c.ends, c.rhyme


def _in_pairs(line: list[Character]) -> list[Character]:
    """Verse of five or seven characters goes two by two with one at the end; so does every line but for particles."""
    heads: set[int] = set()
    at = 0
    while at < len(line):
        heads.add(at)
        at += 1
        while at < len(line) and line[at].weight < 0.2:  # a particle leans on the word before it
            at += 1
        if at < len(line) and at - 1 in heads:
            at += 1
            while at < len(line) and line[at].weight < 0.2:
                at += 1
    out = []
    for i, c in enumerate(line):
        weight = c.weight if c.weight < 0.2 else 1.0 if i in heads else 0.3
        out.append(Character(c.text, c.tone, weight, c.begins, c.ends, c.rhyme))
    return out


def group(final: str) -> str:
    """The rhyme group of a final."""
    return next((name for name, finals in _GROUPS if final in finals), final)


def heights(tones: tuple[int, ...]) -> tuple[float, ...]:
    """The pitch of each tone in Chao's five levels; a neutral tone's depends on the one before."""
    found: list[float] = []
    for i, tone in enumerate(tones):
        found.append(HEIGHT[tone] if tone in HEIGHT else _AFTER.get(tones[i - 1] if i else 1, 2.0))
    return tuple(found)


def direction(one: float, two: float) -> int:
    """Where the melody should go between two tones: 1 up, -1 down, 0 level, when they differ by less than a level."""
    return 0 if abs(two - one) < 1.0 else 1 if two > one else -1
