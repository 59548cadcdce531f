"""The words people use, in tables, and the reader that finds them in a request."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any

_ENDINGS = ("", "s", "es", "'s")


@dataclass(frozen=True)
class Hit:
    """A phrase of a lexicon found in a text: where, as said (lower case) and what it stands for."""

    start: int
    end: int
    said: str
    name: str


class Lexicon:
    """Phrases and what they stand for; finds the longest phrase at each place of a text.

    Hyphens and spaces are the same; English words must begin and end at a word's edge and may take a plural
    ending, Chinese ones may stand anywhere.
    """

    def __init__(self, phrases: Mapping[str, str]) -> None:
        self.names = {_flat(p): n for p, n in phrases.items()}
        self._by_head: dict[str, list[str]] = {}
        for phrase in sorted(self.names, key=len, reverse=True):
            self._by_head.setdefault(_head(phrase), []).append(phrase)

    def find(self, text: str) -> Iterator[Hit]:
        """The phrases in a text, left to right, longest first, none overlapping."""
        flat, at = _flat_same_length(text), 0
        while at < len(flat):
            hit = self._at(flat, at)
            if hit is None:
                at = _next_start(flat, at)
            else:
                yield hit
                at = hit.end

    def _at(self, flat: str, at: int) -> Hit | None:
        for phrase in self._by_head.get(_head(flat, at), ()):
            if not flat.startswith(phrase, at):
                continue
            end = at + len(phrase)
            for ending in _ENDINGS if _is_word(phrase[-1]) else ("",):
                if flat.startswith(ending, end) and _is_edge(flat, end + len(ending), phrase):
                    return Hit(at, end + len(ending), phrase, self.names[phrase])
        return None


def _is_word(char: str) -> bool:
    """Whether a character belongs to an alphabetic word (CJK text has no word edges)."""
    return char.isalnum() and ord(char) < 0x2E80


def _head(text: str, at: int = 0) -> str:
    if not _is_word(text[at]):
        return text[at]
    end = at
    while end < len(text) and end < at + 3 and _is_word(text[end]):
        end += 1
    return text[at:end]


def _next_start(flat: str, at: int) -> int:
    if not _is_word(flat[at]):
        return at + 1
    while at < len(flat) and _is_word(flat[at]):
        at += 1
    return at


def _is_edge(flat: str, end: int, phrase: str) -> bool:
    return end >= len(flat) or not _is_word(phrase[-1]) or not _is_word(flat[end])


def _flat(phrase: str) -> str:
    return " ".join(phrase.lower().replace("-", " ").split())


def _flat_same_length(text: str) -> str:
    return "".join(c.lower() if len(c.lower()) == 1 else c for c in text).replace("-", " ").replace("_", " ")


@functools.cache
def table(name: str) -> Mapping[str, Any]:
    """A data file of this folder, by its name without the ending."""
    source = resources.files(__package__).joinpath(f"{name}.toml")
    return tomllib.loads(source.read_text(encoding="utf-8"))


def aliases(rows: Mapping[str, Mapping[str, Iterable[str]]]) -> dict[str, str]:
    """Every way to say each row, to the row's name; the first row to claim a phrase keeps it."""
    found: dict[str, str] = {}
    for name, row in rows.items():
        for phrase in (name, *row.get("en", ()), *row.get("zh", ())):
            found.setdefault(_flat(phrase), name)
    return found
