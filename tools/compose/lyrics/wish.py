"""What a request for lyrics says in words: topic, form, rhyme scheme, syllables, meter, lines."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tools.compose.lyrics.verse import Foot

_NUMBERS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "ten": 10,
            "twelve": 12, "a": 1, "an": 1,
            "一": 1, "两": 2, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "十": 10}  # fmt: skip
_N = r"(?<![A-Za-z])(?P<n>\d{1,2}|" + "|".join(sorted(_NUMBERS, key=len, reverse=True)) + ")"
_SCHEME = re.compile(r"(?<![A-Za-z])(?P<s>[ABCDX](?:[- ]?[ABCDX]){1,13})(?![A-Za-z])")
_SYLLABLES = re.compile(
    rf"{_N}(?:\s+|-)syllables?|(?P<zh>[五七])言|每[句行]{_N.replace('<n>', '<m>')}个?字", re.IGNORECASE
)
_LINES = re.compile(rf"{_N}(?:\s+|-)lines?\b|{_N.replace('<n>', '<m>')}[句行]", re.IGNORECASE)
_FOOT = re.compile(
    r"\b(?P<f>iambic|trochaic|anapa?estic|dactylic)(?:\s+(?P<m>di|tri|tetra|penta|hexa)meter)?", re.IGNORECASE
)
_FEET = {"di": 2, "tri": 3, "tetra": 4, "penta": 5, "hexa": 6}
_STANZAS = re.compile(
    rf"(?:{_N}\s+)?(?P<role>verses?|chorus(?:es)?|hooks?|refrains?|bridges?|stanzas?|quatrains?|couplets?|limerick)\b"
    rf"|{_N.replace('<n>', '<m>')}?(?:段|个)?(?P<zh>主歌|副歌|桥段)",
    re.IGNORECASE,
)
_ABOUT = re.compile(
    r"(?:\babout\b|\bon the (?:theme|subject|topic) of\b|\bfor\b|\bof\b|关于|主题是|描写|歌唱)\s*"
    r"[\"'「“]?(?P<t>[^,.;:!?\n\"」”，。；！？]+)",
    re.IGNORECASE,
)
_TAIL = re.compile(
    r"\s*(?:\b(?:in|with|using|that|and set|and sing|rhyming|please|to the)\b.*"
    r"|的?(?:歌词|歌|词|诗|副歌|主歌)(?:$|.*))$",
    re.IGNORECASE,
)
_ROLES = {"hook": "chorus", "refrain": "chorus", "stanza": "verse", "quatrain": "verse", "couplet": "verse",
          "主歌": "verse", "副歌": "chorus", "桥段": "bridge"}  # fmt: skip
_SONG = re.compile(
    r"^(?:a |an |the |some |my )?(?:[\w-]+ )?(?:song|lyrics?|poem|tune|ballad|track)\b\s*(?:of|about|for)?\s*",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Said:
    """What the words of a request say; None and empty are not said."""

    topic: str = ""
    stanzas: tuple[str, ...] = ()
    scheme: str = ""
    syllables: int | None = None
    lines: int | None = None
    foot: Foot | None = None


def read_wish(query: str) -> Said:
    """Read the words of a request for lyrics."""
    scheme = _SCHEME.search(query)
    letters = re.sub(r"[- ]", "", scheme["s"]) if scheme else ""
    foot = _FOOT.search(query)
    kind: Foot | None = None
    syllables: int | None = None
    if foot:
        names: dict[str, Foot] = {"i": "iambic", "t": "trochaic", "a": "anapestic", "d": "dactylic"}
        kind = names[foot["f"][0].lower()]
        if foot["m"]:
            syllables = _FEET[foot["m"].lower()] * (2 if kind in ("iambic", "trochaic") else 3)
    counted = _SYLLABLES.search(query)
    if counted:
        syllables = {"五": 5, "七": 7}.get(counted["zh"] or "") or _number(counted["n"] or counted["m"])
    lines = _LINES.search(query)
    count = (
        _number(lines["n"] or lines["m"]) if lines else 5 if re.search(r"\blimerick\b", query, re.IGNORECASE) else None
    )
    return Said(_topic(query), _stanzas(query), letters, syllables, count, kind)


def _number(text: str) -> int:
    return int(text) if text.isdigit() else _NUMBERS[text.lower()]


def _stanzas(query: str) -> tuple[str, ...]:
    found: list[str] = []
    for match in _STANZAS.finditer(query):
        name = (match["zh"] or match["role"]).lower()
        name = "chorus" if name.startswith("chorus") else name.rstrip("s")
        times = _number(match["n"] or match["m"]) if match["n"] or match["m"] else 1
        found += [_ROLES.get(name, "verse" if name == "limerick" else name)] * min(12, times)
    return tuple(found)


def _topic(query: str) -> str:
    """What comes after "about", else what is left when the words of form are gone."""
    named = _ABOUT.search(query)
    text = named["t"] if named else query
    for pattern in (_SCHEME, _SYLLABLES, _LINES, _FOOT) + (() if named else (_STANZAS,)):
        text = pattern.sub(" ", text)
    text = _TAIL.sub("", text.strip()).strip()
    text = _SONG.sub("", text) or re.sub(r"\b(?:an?|the|songs?|lyrics?)\b", " ", text)
    text = re.sub(r"^(?:(?:me|us|please|write|some|a|an|the)\b|写|一段|一首)\s*", "", text.strip(), flags=re.IGNORECASE)
    return " ".join(text.split()).strip(" ,.;:，。的")
