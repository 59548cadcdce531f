"""On which words of the person a model's reading rests.

The rule of the house: numbers, keys and names that code read in the request stand. A model's reading binds
only where it quotes words that the person really said and that code made nothing of; the rest of it may
colour the music (a mood, an instrument to suggest) but is no constraint and no order.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

_QUOTES = str.maketrans({"“": '"', "”": '"', "‘": "'", "’": "'", "，": ",", "。": "."})


def plain(text: str) -> str:
    """A text for comparison: compatibility forms, case, spacing and typographic quotes evened out."""
    return " ".join(unicodedata.normalize("NFKC", text).translate(_QUOTES).casefold().split())


@dataclass(frozen=True)
class Evidence:
    """The person's words, and those of them that code made nothing of."""

    said: str
    left: tuple[str, ...]

    @classmethod
    def of(cls, texts: Iterable[str], left: Iterable[str]) -> Evidence:
        """From the person's texts (this request and what went before) and the phrases left over."""
        return cls("\n".join(map(plain, texts)), tuple(p for p in map(plain, left) if p))

    def holds(self, quote: str) -> bool:
        """Whether the person said these words."""
        return bool(plain(quote)) and plain(quote) in self.said

    def new(self, quote: str) -> bool:
        """Whether the person said these words and code understood at least a part of them not."""
        return self.holds(quote) and any(p in plain(quote) or plain(quote) in p for p in self.left)

    def names(self, value: object) -> bool:
        """Whether a number or a name stands in the person's words as a word of its own."""
        text = f"{value:g}" if isinstance(value, float) else str(value)
        pattern = rf"(?<![^\W_]){re.escape(plain(text))}(?![^\W_])"
        return bool(text.strip()) and re.search(pattern, self.said) is not None


def uncovered(phrases: Iterable[str], quotes: Iterable[str]) -> list[str]:
    """The phrases, as written, less every part that one of the quotes covers."""
    covers = sorted({plain(q) for q in quotes if plain(q)}, key=len, reverse=True)
    left = []
    for phrase in phrases:
        rest = plain(phrase)
        if any(rest in quote for quote in covers):
            continue
        for quote in covers:
            rest = rest.replace(quote, " ")
        rest = " ".join(rest.split())
        if rest:
            left.append(phrase if rest == plain(phrase) else rest)
    return left
