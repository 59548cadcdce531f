"""A word's spelling in as many pieces as it has syllables, for printing under notes."""

from __future__ import annotations

import functools
import itertools
import re
from typing import Any

from tools.compose.lyrics.words import nuclei

_PAIRS = ("th", "sh", "ch", "ph", "wh", "ck", "qu", "gh")
_ONSETS = ("bl", "br", "cl", "cr", "dr", "dw", "fl", "fr", "gl", "gr", "pl", "pr", "sc", "sk", "sl", "sm", "sn", "sp",
           "st", "sw", "tr", "tw", "thr", "shr", "chr", "spr", "str", "scr")  # fmt: skip
LANGUAGES = {"en": "en_US", "de": "de_DE", "fr": "fr", "es": "es", "it": "it_IT", "pt": "pt_PT", "nl": "nl_NL",
             "sv": "sv", "da": "da_DK", "nb": "nb_NO", "pl": "pl_PL", "cs": "cs_CZ", "hu": "hu_HU",
             "ru": "ru_RU"}  # fmt: skip
"""Languages whose words can be parted, by ISO 639-1 code, with the name of their hyphenation patterns."""


@functools.cache
def _patterns(language: str) -> Any:
    import pyphen

    return pyphen.Pyphen(lang=LANGUAGES[language], left=1, right=1)


def hyphenated(word: str, language: str) -> list[str]:
    """A word parted by its language's hyphenation patterns."""
    return [p for p in _patterns(language).inserted(word, "\x00").split("\x00") if p]


@functools.lru_cache(maxsize=8192)
def split(word: str, count: int) -> tuple[str, ...]:
    """An English word in ``count`` pieces; fewer only where its letters do not reach."""
    if count < 2:
        return (word,)
    pieces = [p for p in hyphenated(word, "en") if p]
    if len(pieces) == count and all(re.search(r"[aeiouy]", p.lower()) for p in pieces):
        return tuple(pieces)
    return _by_vowels(word, count)


def _by_vowels(word: str, count: int) -> tuple[str, ...]:
    """Cut between vowels: after one consonant none, after several so that a usual onset begins the next piece."""
    text = word.lower()
    peaks = nuclei(text)
    while len(peaks) < count and any(b - a > 1 for a, b in peaks):  # io in "lion", ie in "quiet"
        wide = max(range(len(peaks)), key=lambda i: peaks[i][1] - peaks[i][0])
        a, b = peaks[wide]
        peaks[wide : wide + 1] = [(a, a + 1), (a + 1, b)]
    if len(peaks) < count and (late := re.search(r"[aeiouy](?=[^aeiouy]*$)", text)) and late.span() not in peaks:
        peaks.append(late.span())
    if len(peaks) < count and re.search(r"(?:sm|thm)s?$", text):  # "rhythm", "chasm": the m is a syllable
        peaks.append((text.rindex("m"), text.rindex("m") + 1))
    while len(peaks) > count:
        gaps = [peaks[i + 1][0] - peaks[i][1] for i in range(len(peaks) - 1)]
        narrow = min(range(len(gaps)), key=lambda i: (gaps[i], -i))
        peaks[narrow : narrow + 2] = [(peaks[narrow][0], peaks[narrow + 1][1])]
    cuts = [_cut(text, a[1], b[0]) for a, b in itertools.pairwise(peaks)]
    places = [0, *cuts, len(word)]
    return tuple(word[a:b] for a, b in itertools.pairwise(places))


def _cut(text: str, start: int, end: int) -> int:
    """Where the consonants between two vowels are parted."""
    between = text[start:end]
    if len(between) < 2:
        return start
    for at in range(1, len(between)):
        if between[at:] in _ONSETS or between[at:] in _PAIRS or len(between) - at == 1:
            inside = between[at - 1 : at + 1]
            return start + at - 1 if inside in _PAIRS and len(between) == 2 else start + at
    return start + 1
