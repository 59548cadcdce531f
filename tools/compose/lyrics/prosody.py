"""From lines to syllables: what is printed, how strongly each is stressed, which tone it has.

Weights are 0 to 1: 1 is the main stress of a longer word, 0.9 a word of one syllable that says something, 0.5 one that
may go either way, 0.45 a second stress, 0.1 a small word, 0 an unstressed syllable.
"""

from __future__ import annotations

import functools
import re
import tomllib
from dataclasses import dataclass
from importlib import resources

from tools.compose.lyrics.mandarin import read_line
from tools.compose.lyrics.syllables import LANGUAGES, hyphenated, split
from tools.compose.lyrics.words import Sound, plain, sounds
from tools.errors import UserError

MAIN, CONTENT, EITHER, SECOND, SMALL, NONE = 1.0, 0.9, 0.5, 0.45, 0.1, 0.0
_TOKEN = re.compile(r"[^\s\-–—]+(?:-[^\s\-–—]+)*")
_LAST = ("fr", "pl")  # where the stress of a word lies: last, last but one, or first syllable
_FIRST = ("cs", "hu", "de", "nl", "sv", "da", "nb")


@dataclass(frozen=True)
class Syllable:
    """A syllable: its letters with punctuation, weight, whether a word begins and ends with it, tone (0 none)."""

    text: str
    weight: float
    begins: bool = True
    ends: bool = True
    tone: int = 0


@dataclass(frozen=True)
class Line:
    """A line of verse: its syllables, what it rhymes on, and the words that no dictionary knew."""

    syllables: tuple[Syllable, ...]
    rhyme: tuple[str, ...]
    guessed: tuple[str, ...] = ()


@functools.cache
def _small_words() -> tuple[frozenset[str], frozenset[str]]:
    source = resources.files("tools.compose.lyrics").joinpath("data", "small_words.toml")
    table = tomllib.loads(source.read_text(encoding="utf-8"))
    return frozenset(table["weak"].split()), frozenset(table["middling"].split())


def read_verse(line: str, language: str) -> Line:
    """A line as syllables.

    Raises
    ------
    UserError
        When the language's words cannot be parted here and the line does not part them with hyphens.
    """
    if language == "zh":
        return _mandarin(line)
    tokens = [t for t in _TOKEN.findall(line.replace("&", "and")) if re.search(r"[^\W_]", t)]
    if language == "en":
        return _english(tokens)
    if language not in LANGUAGES and not any("-" in t for t in tokens):
        known = ", ".join(["en", "zh", *list(LANGUAGES)[1:]])
        raise UserError(
            f"Words in {language!r} cannot be parted into syllables here ({known} can); write hyphens between them."
        )
    return _other(tokens, language)


def _english(tokens: list[str]) -> Line:
    syllables: list[Syllable] = []
    guessed: list[str] = []
    last: Sound | None = None
    for token in tokens:
        for word, joined in _words_of(token):
            parts, last = _english_word(word)
            if last.source == "spelling":
                guessed.append(plain(word) or word)
            if joined:
                parts[-1] = Syllable(parts[-1].text + "-", parts[-1].weight, parts[-1].begins, ends=True)
            syllables += parts
    return Line(
        tuple(syllables), last.rhyme() if last and last.source != "spelling" else _spelt(tokens), tuple(guessed)
    )


def _spelt(tokens: list[str]) -> tuple[str, ...]:
    """What a word of unknown sound rhymes on: its letters from the last vowel on."""
    found = re.search(r"[aeiouy]+[^aeiouy]*e?$", plain(tokens[-1])) if tokens else None
    return ("spelt", found.group()) if found else ()


def _words_of(token: str) -> list[tuple[str, bool]]:
    """A token as words, True where a hyphen follows; hyphens between syllables of one known word are left in it."""
    parts = token.split("-")
    if len(parts) == 1:
        return [(token, False)]
    whole = sounds(token.replace("-", ""))[0]
    if whole.source != "spelling" and len(whole.stresses) == len(parts):
        return [(token, False)]
    by_hand = whole.source == "spelling" and any(len(plain(p)) < 3 for p in parts)
    if not by_hand and all(sounds(p)[0].source != "spelling" for p in parts if plain(p)):
        return [(p, i < len(parts) - 1) for i, p in enumerate(parts) if plain(p)]
    return [(token, False)]


def _english_word(word: str) -> tuple[list[Syllable], Sound]:
    given = word.split("-")
    sound = sounds(word.replace("-", ""))[0]
    stresses = list(sound.stresses) or [0]
    pieces = given if len(given) > 1 else list(_pieces(word, len(stresses)))
    if len(pieces) != len(stresses):  # hyphens by hand are right; letters that do not reach are joined
        stresses = [int(i == max(0, len(pieces) - 3)) for i in range(len(pieces))] if len(given) > 1 else [1]
        pieces = pieces if len(given) > 1 else [word]
    if len(pieces) == 1:
        weights = [_of_one_syllable(plain(word))]
    else:
        weights = [{0: NONE, 1: MAIN, 2: SECOND}[s] for s in stresses]
    made = [
        Syllable(text, weight, begins=i == 0, ends=i == len(pieces) - 1)
        for i, (text, weight) in enumerate(zip(pieces, weights, strict=True))
    ]
    return made, sound


def _pieces(word: str, count: int) -> tuple[str, ...]:
    """Letters parted, with the punctuation round them."""
    core = re.search(r"[^\W\d_](?:.*[^\W\d_])?", word)
    if core is None:
        return (word,)
    parts = split(core.group(), count)
    return (
        (word[: core.start()] + parts[0], *parts[1:-1], parts[-1] + word[core.end() :]) if len(parts) > 1 else (word,)
    )


def _of_one_syllable(word: str) -> float:
    weak, middling = _small_words()
    bare = word.strip("'")
    return SMALL if word in weak or bare in weak else EITHER if word in middling or bare in middling else CONTENT


def _mandarin(line: str) -> Line:
    read = read_line(line)
    syllables = tuple(Syllable(s.text, s.weight, s.begins, s.ends, s.tone) for s in read)
    return Line(syllables, (read[-1].rhyme,) if read else ())


def _other(tokens: list[str], language: str) -> Line:
    """Words of other languages: parted by hyphenation patterns or by hand, stressed where the language usually does."""
    syllables: list[Syllable] = []
    for token in tokens:
        pieces = token.split("-") if "-" in token else hyphenated(token, language) if language in LANGUAGES else [token]
        pieces = [p for p in pieces if re.search(r"[^\W\d_]", p)] or [token]
        count = len(pieces)
        place = count - 1 if language in _LAST else 0 if language in _FIRST else max(0, count - 2)
        main = MAIN if count > 1 else EITHER if len(plain(token)) > 3 else SMALL
        syllables += [
            Syllable(p, main if i == place else NONE, begins=i == 0, ends=i == count - 1) for i, p in enumerate(pieces)
        ]
    tail = re.search(r"[^\W\d_]{1,3}\W*$", tokens[-1]) if tokens else None
    return Line(tuple(syllables), ("spelt", re.sub(r"\W", "", tail.group()).lower()) if tail else ())
