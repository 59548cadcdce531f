"""Numbers as people write them: digits, fractions, English and Chinese numerals."""

from __future__ import annotations

import re

_UNITS = {
    w: i
    for i, w in enumerate(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
        ]
    )
}
_TENS = {
    w: 10 * i
    for i, w in enumerate(["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], start=2)
}
_ORDINALS = {
    w: i
    for i, w in enumerate(
        [
            "first",
            "second",
            "third",
            "fourth",
            "fifth",
            "sixth",
            "seventh",
            "eighth",
            "ninth",
            "tenth",
            "eleventh",
            "twelfth",
            "thirteenth",
            "fourteenth",
            "fifteenth",
            "sixteenth",
        ],
        start=1,
    )
}
_CHINESE = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "俩": 2}
_CHINESE_POWERS = {"十": 10, "百": 100, "千": 1000}
_FRACTIONS = {"½": 0.5, "¼": 0.25, "¾": 0.75, "⅓": 1 / 3, "⅔": 2 / 3}

_WORD = "(?:" + "|".join([*_TENS, *sorted(_UNITS, key=len, reverse=True)]) + ")"
ENGLISH = (
    rf"(?:(?:an?|{_WORD})[\s-]+hundred(?:[\s-]+(?:and[\s-]+)?{_WORD}(?:[\s-]+{_WORD})?)?|{_WORD}(?:[\s-]{_WORD})?)"
)
CHINESE = r"[零〇一二两俩三四五六七八九十百千]{1,9}(?:点[零〇一二三四五六七八九]{1,4})?"
DIGITS = r"\d{1,6}(?:[.,]\d{1,4})?"
NUMBER = rf"(?:{DIGITS}\s?[½¼¾]|{DIGITS}|[½¼¾⅓⅔]|\b{ENGLISH}\b|{CHINESE})"
"""A regular expression (no groups) for a number; :func:`number` reads what it matches."""
ORDINAL = rf"(?:\d+(?:st|nd|rd|th)|{'|'.join(sorted(_ORDINALS, key=len, reverse=True))})"


def number(text: str) -> float:
    """The value of a numeral that :data:`NUMBER` or :data:`ORDINAL` matches; ``ValueError`` for anything else."""
    plain = text.strip().lower()
    if plain[-1:] in _FRACTIONS:
        return (number(plain[:-1]) if plain[:-1].strip() else 0.0) + _FRACTIONS[plain[-1]]
    if re.fullmatch(r"\d+(?:[.,]\d+)?", plain):
        return float(plain.replace(",", "."))
    if re.fullmatch(r"\d+(?:st|nd|rd|th)", plain):
        return float(plain[:-2])
    if plain in _ORDINALS:
        return float(_ORDINALS[plain])
    if re.fullmatch(CHINESE, plain):
        return _chinese(plain)
    return _english(plain)


def _english(text: str) -> float:
    total = 0.0
    for word in re.split(r"[\s-]+", text):
        if word in ("a", "an"):
            total += 1
        elif word == "hundred":
            total *= 100
        elif word in _UNITS or word in _TENS:
            total += _UNITS.get(word, _TENS.get(word, 0))
        elif word != "and":
            raise ValueError(f"{text!r} is no number")
    return total


def _chinese(text: str) -> float:
    whole, _, decimals = text.partition("点")
    if decimals:
        return float(f"{_chinese(whole):.0f}." + "".join(str(_CHINESE[c]) for c in decimals))
    if not any(c in _CHINESE_POWERS for c in whole):
        return float("".join(str(_CHINESE[c]) for c in whole))
    total, digit, power = 0, 0, 1
    for char in whole:
        if char in _CHINESE_POWERS:
            power = _CHINESE_POWERS[char]
            total += (digit or 1) * power
            digit = 0
        else:
            digit = _CHINESE[char]
    ends_bare = len(whole) > 1 and whole[-2] in "百千"  # 一百二 is 120
    return float(total + digit * (power // 10 if ends_bare else 1))
