"""How an English word sounds: the CMU Pronouncing Dictionary first, then its known parts, then spelling alone.

Phones are ARPAbet; the digit of a vowel is its stress (1 primary, 2 secondary, 0 none).
"""

from __future__ import annotations

import functools
import gzip
import re
from dataclasses import dataclass
from importlib import resources
from typing import Literal

Source = Literal["dictionary", "parts", "spelling"]
_VOWELS = re.compile(r"[aeiouy]+")
_ELISIONS = {"o'er": "or", "e'er": "air", "ne'er": "nair", "whene'er": "when air", "where'er": "where air",
             "howe'er": "how air", "e'en": "een", "ev'n": "een", "heav'n": "hevn", "pow'r": "power", "flow'r": "flower",
             "bow'r": "bower", "show'r": "shower", "'neath": "neath", "'mid": "mid", "'gainst": "gainst",
             "th'": "the", "o'": "of", "thro'": "through", "tho'": "though", "giv'n": "givn"}  # fmt: skip
_SOUNDS = {"every": ("EH1", "V", "R", "IY0"), "or": ("AO1", "R"), "air": ("EH1", "R"), "nair": ("N", "EH1", "R"),
           "een": ("IY1", "N"),
           "hevn": ("HH", "EH1", "V", "N"), "givn": ("G", "IH1", "V", "N"), "neath": ("N", "IY1", "TH"),
           "power": ("P", "AW1", "R"), "flower": ("F", "L", "AW1", "R"), "bower": ("B", "AW1", "R"),
           "shower": ("SH", "AW1", "R"), "hath": ("HH", "AE1", "TH"), "doth": ("D", "AH1", "TH"),
           "ere": ("EH1", "R"), "thine": ("DH", "AY1", "N"), "thou": ("DH", "AW1"), "thee": ("DH", "IY1"),
           "wilt": ("W", "IH1", "L", "T"), "shalt": ("SH", "AE1", "L", "T")}  # fmt: skip
_ENDINGS: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (  # ending, its sound, what may have been cut off
    ("'s", ("Z",), ("",)),
    ("s'", ("Z",), ("s", "")),
    ("'d", ("D",), ("", "e")),
    ("'st", ("S", "T"), ("", "e")),
    ("in'", ("IH0", "N"), ("ing",)),
    ("ing", ("IH0", "NG"), ("", "e")),
    ("eth", ("AH0", "TH"), ("", "e")),
    ("est", ("AH0", "S", "T"), ("", "e")),
    ("less", ("L", "AH0", "S"), ("",)),
    ("ness", ("N", "AH0", "S"), ("",)),
    ("ful", ("F", "AH0", "L"), ("",)),
    ("ward", ("W", "ER0", "D"), ("",)),
    ("ly", ("L", "IY0"), ("", "le")),
    ("er", ("ER0",), ("", "e")),
    ("ed", ("D",), ("", "e")),
    ("es", ("Z",), ("", "e")),
    ("s", ("Z",), ("",)),
    ("y", ("IY0",), ("", "e")),
)
_DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_PREFIXES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("un", ("AH0", "N")),
    ("be", ("B", "IH0")),
    ("a", ("AH0",)),
    ("re", ("R", "IY0")),
    ("en", ("EH0", "N")),
)


@dataclass(frozen=True)
class Sound:
    """A pronunciation and where it is from; ``stresses`` has one digit a syllable."""

    phones: tuple[str, ...]
    source: Source

    @property
    def stresses(self) -> tuple[int, ...]:
        """Stress of each syllable: 1 primary, 2 secondary, 0 none."""
        return tuple(int(p[-1]) for p in self.phones if p[-1].isdigit())

    def rhyme(self) -> tuple[str, ...]:
        """The phones from the last stressed vowel on, without stress: two words rhyme when these are the same."""
        marked = [i for i, p in enumerate(self.phones) if p[-1] in "12"] or [
            i for i, p in enumerate(self.phones) if p[-1].isdigit()
        ]
        return tuple(p.rstrip("012") for p in self.phones[marked[-1] if marked else 0 :])

    def onset(self) -> str:
        """The consonant before the rhyme; perfect rhymes differ in it."""
        place = len(self.phones) - len(self.rhyme())
        return self.phones[place - 1] if place else ""


@functools.cache
def dictionary() -> dict[str, list[tuple[str, ...]]]:
    """Every word of the pronouncing dictionary with its pronunciations, the usual one first."""
    packed = resources.files("tools.compose.lyrics").joinpath("data", "cmudict.txt.gz").read_bytes()
    found: dict[str, list[tuple[str, ...]]] = {}
    for line in gzip.decompress(packed).decode("utf-8").splitlines():
        word, *phones = line.split(" ")
        found.setdefault(word, []).append(tuple(phones))
    return found


def plain(word: str) -> str:
    """A word as the dictionary writes it: lower case, straight apostrophes, no punctuation."""
    return re.sub(r"[^a-z']", "", word.lower().replace("’", "'").replace("‘", "'").replace("é", "e").replace("è", "e"))


@functools.lru_cache(maxsize=8192)
def sounds(word: str) -> tuple[Sound, ...]:
    """The pronunciations of a word, the usual one first; there is always one."""
    digits = re.sub(r"\D", "", word)
    text = plain(word) or " ".join(_DIGITS[int(d)] for d in digits)
    if " " in text:
        return (Sound(tuple(p for part in text.split() for p in sounds(part)[0].phones), "dictionary"),)
    if text in _ELISIONS or text in _SOUNDS:
        known = _SOUNDS.get(_ELISIONS.get(text, text))
        if known is not None:
            return (Sound(known, "dictionary"),)
        text = _ELISIONS[text]
        if " " in text:
            return (Sound(tuple(p for part in text.split() for p in sounds(part)[0].phones), "dictionary"),)
    listed = dictionary().get(text) or dictionary().get(text.strip("'"))
    if listed:
        usual = sorted(listed, key=lambda p: _count(p) != len(nuclei(text)) or _count(p) >= _count(listed[0]))
        return tuple(Sound(p, "dictionary") for p in usual)  # "fire" is one syllable in song where it may be
    built = _from_parts(text.strip("'"))
    return (Sound(built, "parts") if built else Sound(_from_spelling(text), "spelling"),)


def _count(phones: tuple[str, ...]) -> int:
    return sum(p[-1].isdigit() for p in phones)


def _from_parts(text: str) -> tuple[str, ...] | None:
    """A word made of known ones: ending, prefix or compound."""
    known = dictionary()
    for ending, sound, restored in _ENDINGS:
        stem = text.removesuffix(ending)
        if stem == text or len(stem) < 2:
            continue
        stems = [stem + r for r in restored] + ([stem[:-1]] if len(stem) > 3 and stem[-1] == stem[-2] else [])
        stems += [stem[:-1] + "y"] if stem.endswith("i") else []
        for base in stems:
            if base in known:
                return known[base][0] + _joined(ending, sound, known[base][0])
    for prefix, sound in _PREFIXES:
        rest = text.removeprefix(prefix)
        if rest != text and len(rest) > 2 and rest in known:
            return sound + known[rest][0]
    for cut in range(3, len(text) - 2):
        one, two = known.get(text[:cut]), known.get(text[cut:])
        if one and two:
            return one[0] + tuple(p.replace("1", "2") for p in two[0])
    return None


def _joined(ending: str, sound: tuple[str, ...], stem: tuple[str, ...]) -> tuple[str, ...]:
    """The sound of an ending after a stem: a vowel of its own after a hiss (s) or t and d (ed)."""
    if ending in ("'s", "es", "s") and stem[-1] in ("S", "Z", "SH", "ZH", "CH", "JH"):
        return ("AH0", "Z")
    if ending == "ed" and stem[-1] in ("T", "D"):
        return ("AH0", "D")
    return sound


def _from_spelling(text: str) -> tuple[str, ...]:
    """Vowels by spelling alone: as many as vowel groups, the stress by the usual place in English."""
    count = max(1, len(nuclei(text)))
    stressed = 0 if count < 3 else count - 3
    if count > 1 and re.search(r"(?:tion|sion|cian|ic|ious|eous|ity|ette|ee)s?$", text):
        stressed = max(0, count - 2 - text.endswith("ity"))
    return tuple(f"AH{int(i == stressed)}" for i in range(count))


def nuclei(text: str) -> list[tuple[int, int]]:
    """Where the vowels of a word's syllables stand in its spelling; a final silent e is none."""
    groups = [m.span() for m in _VOWELS.finditer(text)]
    if text.startswith("y") and groups and len(text) > 1 and text[1] in "aeiou":
        groups[0] = (1, groups[0][1])
    inner = [m.span() for m in re.finditer(r"(?<=[^aeiouy])e(?=l[yi]|less|ness|ful|ment)", text)]
    groups = [g for g in groups if g not in inner or g == groups[0]]
    silent = re.search(r"(?<![aeiouy])(?:es|ed|e)$", text)
    if len(groups) > 1 and silent and not re.search(r"[^aeiou]le$|[sxz]es$|[cg]es$|[sc]hes$|[td]ed$", text):
        groups.pop()
    return groups
