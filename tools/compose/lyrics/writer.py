"""The embedded writer: sentences of a small grammar, filled so that they keep a meter and rhyme.

It knows a few hundred words and ranks them by nearness to the topic in a sentence embedding; it knows grammar, meter
and rhyme, and nothing of what it says. Each line is the best of several for topic, none repeats a telling word.
"""

from __future__ import annotations

import functools
import random
import re
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib import resources
from typing import Any

import numpy as np

from tools.compose.lyrics.prosody import EITHER, SMALL, Syllable, read_verse
from tools.compose.lyrics.verse import Foot, fits, pattern_of, scheme_partners
from tools.compose.lyrics.words import plain, sounds

_OPEN = ("N", "NS", "M", "A", "VI", "VI+s", "VT", "ADV", "ING")
_TRIES, _ENOUGH, _NEAREST = 120, 6, 45
_SMALL_TALK = frozenset(
    {
        "a",
        "an",
        "the",
        "of",
        "and",
        "or",
        "about",
        "for",
        "to",
        "in",
        "on",
        "my",
        "your",
        "our",
        "his",
        "her",
        "their",
        "me",
        "you",
        "i",
        "we",
        "with",
        "from",
        "that",
        "it",
        "is",
        "song",
        "lyrics",
        "verse",
        "chorus",
        "line",
        "lines",
        "words",
        "some",
    }
)  # words of a request that are no topic


@dataclass
class Topic:
    """What the words are about: every word's nearness to it, 0 to 1, and its own nouns."""

    nearness: dict[str, float]
    own: list[str]
    said: set[str] = field(default_factory=set)


@functools.cache
def _table(name: str) -> dict[str, Any]:
    source = resources.files("tools.compose.lyrics").joinpath("data", f"{name}.toml")
    return tomllib.loads(source.read_text(encoding="utf-8"))


@functools.cache
def words(tag: str) -> tuple[str, ...]:
    """The words of a part of speech; ``VI+s`` are verbs after he, she or it."""
    if tag == "VI+s":
        return tuple(third_person(v) for v in words("VI"))
    return tuple(dict.fromkeys(_table("vocabulary")["words"][tag].replace("once more", "").split()))


def third_person(verb: str) -> str:
    """A verb after he, she or it."""
    if re.search(r"(?:s|sh|ch|x|z|o)$", verb):
        return verb + "es"
    return verb[:-1] + "ies" if re.search(r"[^aeiou]y$", verb) else verb + "s"


@functools.cache
def shape(word: str) -> tuple[Syllable, ...]:
    """A word's syllables."""
    return read_verse(word, "en").syllables


@functools.cache
def vocabulary() -> tuple[str, ...]:
    """Every word of the writer, in order."""
    return tuple(sorted({w for tag in _OPEN for w in words(tag)}))


@functools.cache
def _vectors() -> dict[str, Any]:
    source = resources.files("tools.compose.lyrics").joinpath("data", "vocabulary.npz")
    with source.open("rb") as stream, np.load(stream) as table:
        rows = table["vectors"].astype(np.float32)
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        return dict(zip(table["words"].tolist(), rows, strict=True))


def about(text: str, mood: str, embed: Callable[[list[str]], Any]) -> Topic:
    """A topic read from words, by an embedding that gives unit vectors as rows."""
    own = [w for w in re.findall(r"[a-z']+", text.lower()) if w not in _SMALL_TALK and len(w) > 2]
    topic = embed([" ".join(filter(None, [text, mood])) or "a song"])[0]
    nearness = {w: float(v @ topic) for w, v in _vectors().items()}
    low, high = min(nearness.values()), max(nearness.values())
    scaled = {w: (v - low) / max(1e-6, high - low) for w, v in nearness.items()}
    nouns = [w for w in own if w in words("N") or w in words("NS") or w in words("M")]
    unknown = [w for w in own if sounds(w)[0].source != "spelling" and w not in nearness]
    scaled |= dict.fromkeys(unknown, 1.0)
    return Topic(scaled, list(dict.fromkeys([*nouns, *unknown])))


def write_stanza(
    topic: Topic, role: str, scheme: str, lines: int, syllables: int, foot: Foot, rng: random.Random
) -> list[str]:
    """A stanza; a line for which no rhyme is found takes the best line without one."""
    sentences = [
        s for s in _table("vocabulary")["sentences"]["chorus" if role == "chorus" else "verse"].split("\n") if s
    ]
    partners = scheme_partners(scheme, lines)
    pattern = pattern_of(foot, syllables)
    written: list[str] = []
    for number in range(lines):
        partner = partners[number]
        rhyme = plain(written[partner].split()[-1]) if partner is not None else None
        returns = number in partners
        line = _line(topic, sentences, pattern, rhyme, returns, rng) or _line(
            topic, sentences, pattern, None, False, rng
        )
        if line is None:
            line = _line(topic, sentences, pattern_of("iambic", syllables), None, False, rng)
        assert line is not None
        topic.said |= {plain(w) for w in line.split()}
        written.append(line[:1].upper() + line[1:])
    return written


def _line(
    topic: Topic, sentences: Sequence[str], pattern: str, rhyme: str | None, returns: bool, rng: random.Random
) -> str | None:
    """The line nearest to the topic of several that keep the pattern and, where asked, the rhyme."""
    found: dict[str, float] = {}
    slots = _Slots(topic, pattern, rhyme, returns, rng)
    for _ in range(_TRIES):
        tags = rng.choice(sentences).split()
        spoken = tuple(t for t in tags if t != ",")
        chosen = slots.fill(spoken) if slots.reaches(spoken, 0) else None
        made = _written(tags, chosen) if chosen else None
        if made is not None and fits(read_verse(made, "en").syllables, pattern):
            told = [plain(w) for w in made.split() if plain(w) in topic.nearness]
            fresh = sum(w in topic.said for w in told)
            found[made] = sum(topic.nearness[w] for w in told) / max(1, len(told)) - 0.5 * fresh
            found[made] += 0.4 * any(w in topic.own and w not in topic.said for w in told) + rng.uniform(0, 0.15)
            if len(found) >= _ENOUGH:
                break
    return max(found, key=lambda line: (found[line], line)) if found else None


class _Slots:
    """The words for each place of a line, and which places of the meter their shapes can reach."""

    def __init__(self, topic: Topic, pattern: str, rhyme: str | None, returns: bool, rng: random.Random) -> None:
        self.topic, self.pattern, self.rhyme, self.returns, self.rng = topic, pattern, rhyme, returns, rng
        self.pools: dict[tuple[str, bool], list[str]] = {}
        self.can: dict[tuple[tuple[str, ...], int], bool] = {}

    def pool(self, tag: str, is_last: bool) -> list[str]:
        """Words for a part of speech, those near to the topic first."""
        if (tag, is_last) not in self.pools:
            self.pools[tag, is_last] = _choices(self.topic, tag, is_last, self.rhyme, self.returns, self.rng)
        return self.pools[tag, is_last]

    def reaches(self, tags: tuple[str, ...], at: int) -> bool:
        """Whether the rest of a sentence can fill the rest of the pattern."""
        if not tags:
            return at == len(self.pattern)
        if (tags, at) not in self.can:
            shapes = {shape(w) for w in self.pool(tags[0], len(tags) == 1)}
            self.can[tags, at] = any(
                _sits(s, self.pattern[at : at + len(s)]) and self.reaches(tags[1:], at + len(s)) for s in shapes
            )
        return self.can[tags, at]

    def fill(self, tags: tuple[str, ...]) -> list[str] | None:
        """Words for a sentence, or None when it does not fill the pattern; no word comes twice."""
        out: list[str] = []
        at = 0
        while tags:
            fitting = [
                w
                for w in self.pool(tags[0], len(tags) == 1)
                if (w not in out or w == tags[0])
                and _sits(shape(w), self.pattern[at : at + len(shape(w))])
                and self.reaches(tags[1:], at + len(shape(w)))
            ]
            if not fitting:
                return None
            out.append(fitting[min(len(fitting) - 1, int(self.rng.expovariate(0.35)))])
            at += len(shape(out[-1]))
            tags = tags[1:]
        return out if at == len(self.pattern) else None


def _written(tags: Sequence[str], chosen: Sequence[str]) -> str:
    """The sentence with its commas, its articles and its I."""
    rest = iter(chosen)
    text = " ".join("," if t == "," else next(rest) for t in tags).replace(" ,", ",")
    return re.sub(r"\ba (?=[aeiou])", "an ", re.sub(r"\bi\b", "I", text))


def _sits(syllables: Sequence[Syllable], places: str) -> bool:
    if len(syllables) != len(places):
        return False
    for i, (s, place) in enumerate(zip(syllables, places, strict=True)):
        if place == "0" and s.weight > EITHER:
            return False
        if place == "1" and s.weight < SMALL and not (i == len(places) - 1 and i > 1):
            return False
    return True


def _choices(topic: Topic, tag: str, is_last: bool, rhyme: str | None, returns: bool, rng: random.Random) -> list[str]:
    """Words for a place of a sentence, those near to the topic first, shuffled a little."""
    if tag not in _OPEN and tag != "P":
        return [tag] if not is_last or (rhyme is None and not returns) else []
    pool = list(words(tag)) + ([w for w in topic.own if w not in words(tag)] if tag == "N" else [])
    if is_last and rhyme is not None:
        pool = [w for w in pool if w != rhyme and _rhymes(w, rhyme)]
    elif is_last and returns:
        pool = [w for w in pool if _company(w) >= 3]
    score = {w: topic.nearness.get(w, 0.5) - 0.6 * (w in topic.said) + rng.uniform(0, 0.35) for w in pool}
    ranked = sorted(pool, key=lambda w: (-score[w], w))
    return ranked if is_last else ranked[:_NEAREST]


def _rhymes(one: str, two: str) -> bool:
    return any(a.rhyme() == b.rhyme() and a.onset() != b.onset() for a in sounds(one) for b in sounds(two))


@functools.cache
def _by_rhyme() -> dict[tuple[str, ...], int]:
    counts: dict[tuple[str, ...], int] = {}
    for word in vocabulary():
        counts[sounds(word)[0].rhyme()] = counts.get(sounds(word)[0].rhyme(), 0) + 1
    return counts


def _company(word: str) -> int:
    """How many words of the vocabulary share a word's rhyme, itself among them."""
    return _by_rhyme().get(sounds(word)[0].rhyme(), 0)


def write_chinese(topic: str, scheme: str, lines: int, syllables: int, said: set[str], rng: random.Random) -> list[str]:
    """A stanza of lines of five or seven characters whose closes rhyme by group."""
    table = _table("phrases_zh")
    themes = [t for t in table if any(s in topic.lower() for s in table[t]["signs"])] or ["any"]
    near = [w for t in themes for w in table[t]["words"].split()]
    every = near + [w for w in table["any"]["words"].split() if w not in near]
    closes = [c for t in dict.fromkeys([*themes, "any"]) for c in table[t]["closes"].split()]
    partners = scheme_partners(scheme, lines)
    written: list[str] = []
    for number in range(lines):
        partner = partners[number]
        pool = [c for c in closes if c not in said]
        if partner is not None:
            wanted = read_verse(written[partner], "zh")
            own = [c for c in pool if read_verse(c, "zh").rhyme == wanted.rhyme and c[-1] != wanted.syllables[-1].text]
            pool = own or pool
        elif number in partners:
            groups = [read_verse(c, "zh").rhyme for c in pool]
            pool = [c for c, g in zip(pool, groups, strict=True) if groups.count(g) > 3] or pool
        close = rng.choice(pool[: max(6, len(pool) // 2)])
        fresh = [w for w in near if w not in said] or [w for w in every if w not in said] or every
        first = rng.choice(fresh)
        rest = [w for w in every if w not in said and w != first] or every
        line = first + (rng.choice(rest) if syllables == 7 else "") + close
        said |= {close, line[:2], line[2:4]}
        written.append(line)
    return written
