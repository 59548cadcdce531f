"""Words of music that are misspelt by one letter: "guitarr", "melancoly", "flut".

A word is taken for another only when that one is a word of music, differs by one letter (Damerau 1964: one missing,
one too many, one other, two swapped) and the word itself is no English word that the sentence model knows.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator

from agent.planner.grammar.lexicon import table
from agent.planner.grammar.slots import genre, mood, players

_WORD = re.compile(r"(?<![\w'-])[a-z]{4,}(?![\w'-])", re.IGNORECASE)
_SHORTEST = 5  # letters of a word that another may stand for


def misspelt(request: str) -> Iterator[tuple[int, int, str]]:
    """Where each misspelt word stands, and the word of music it stands for."""
    for match in _WORD.finditer(request):
        meant = _meant(match.group().lower())
        if meant is not None:
            yield match.start(), match.end(), meant


@functools.lru_cache(maxsize=4096)
def _meant(word: str) -> str | None:
    if word in _known() or word in _music() or word.removesuffix("s") in _music():
        return None
    near = [w for edit in _edits(word) for w in _by_edit().get(edit, ()) if _one_apart(word, w)]
    return near[0] if near and not _is_english(word) else None


def _is_english(word: str) -> bool:
    """Whether the sentence model, or a plural's singular in it, knows a word as a whole."""
    from tools.backends.text_embedding import is_word

    return is_word(word) or (word.endswith("s") and is_word(word[:-1]))


@functools.cache
def _known() -> frozenset[str]:
    """Words that are spelt as they should be: those of the other tables, and names that no table has."""
    tables = repr([dict(table(name)) for name in ("tempi", "sections", "modes", "stop", "levels", "context")])
    return frozenset([*re.findall(r"[a-z]{4,}", tables.lower()), *table("tongues/english")["known"].split()])


@functools.cache
def _music() -> frozenset[str]:
    names = (*players.words(), *mood.words(), *genre.LEXICON.names)
    return frozenset(w for name in names for w in name.split() if w.isascii() and w.isalpha() and len(w) >= _SHORTEST)


@functools.cache
def _by_edit() -> dict[str, tuple[str, ...]]:
    """The words of music by what is left of them when one letter is taken away, and by themselves."""
    found: dict[str, list[str]] = {}
    for word in sorted(_music()):
        for edit in _edits(word):
            found.setdefault(edit, []).append(word)
    return {edit: tuple(words) for edit, words in found.items()}


def _edits(word: str) -> frozenset[str]:
    return frozenset({word, *(word[:n] + word[n + 1 :] for n in range(len(word)))})


def _one_apart(word: str, other: str) -> bool:
    """Whether two words that share a deletion begin alike and differ by one letter or one swap."""
    if word[0] != other[0]:
        return False
    if len(word) != len(other):
        return True
    differing = [n for n in range(len(word)) if word[n] != other[n]]
    if len(differing) == 1:
        return True
    swapped = len(differing) == 2 and differing[1] == differing[0] + 1
    return swapped and word[differing[0]] == other[differing[1]] and word[differing[1]] == other[differing[0]]
