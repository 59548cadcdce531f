"""Lexical search: Okapi BM25 (Robertson and Zaragoza 2009) over titles and descriptions."""

from __future__ import annotations

import functools
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

_K1, _B = 1.2, 0.75
_WORD = re.compile(r"[a-z0-9]+(?:/[0-9]+)?")
_STOP = frozenset(
    [
        "a",
        "an",
        "and",
        "any",
        "are",
        "as",
        "at",
        "be",
        "by",
        "can",
        "do",
        "find",
        "for",
        "from",
        "get",
        "give",
        "have",
        "i",
        "in",
        "is",
        "it",
        "like",
        "me",
        "music",
        "my",
        "of",
        "on",
        "or",
        "piece",
        "pieces",
        "please",
        "recommend",
        "search",
        "show",
        "some",
        "something",
        "song",
        "songs",
        "that",
        "the",
        "this",
        "to",
        "track",
        "tracks",
        "tune",
        "tunes",
        "want",
        "was",
        "we",
        "what",
        "which",
        "with",
        "you",
        "your",
        "about",
    ]
)


def words(text: str) -> list[str]:
    """Lower-case words in the singular, without accents, possessives or stop words."""
    plain = text if text.isascii() else unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    joined = plain.lower().replace("'s", "").replace("'", "")
    return [form for form in map(_form, _WORD.findall(joined)) if form]


@functools.lru_cache(maxsize=100_000)
def _form(word: str) -> str:
    """A word without its plural ending; nothing for a stop word."""
    if word in _STOP:
        return ""
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")) else word


class Lexicon:
    """Documents ready to be ranked against a query."""

    def __init__(self, documents: Sequence[str]) -> None:
        self._postings: dict[str, list[tuple[int, int]]] = {}
        self._lengths = []
        for row, document in enumerate(documents):
            found = words(document)
            self._lengths.append(len(found))
            for word, count in Counter(found).items():
                self._postings.setdefault(word, []).append((row, count))
        self._mean = sum(self._lengths) / max(len(self._lengths), 1)

    def rows_with(self, word: str) -> list[int]:
        """The documents that have a word, as :func:`words` gives it."""
        return [row for row, _ in self._postings.get(word, [])]

    def rank(self, query: str) -> list[tuple[int, float]]:
        """Rows that share a word with the query and their scores, best first."""
        scores: dict[int, float] = {}
        for word in dict.fromkeys(words(query)):
            postings = self._postings.get(word, [])
            rarity = math.log(1 + (len(self._lengths) - len(postings) + 0.5) / (len(postings) + 0.5))
            for row, count in postings:
                damped = count + _K1 * (1 - _B + _B * self._lengths[row] / self._mean)
                scores[row] = scores.get(row, 0.0) + rarity * count * (_K1 + 1) / damped
        return sorted(scores.items(), key=lambda pair: (-pair[1], pair[0]))
