"""Reading a query's words: what it asks for softly, and what it states exactly.

The planners read requests far more deeply; this is for a search typed by itself (``library search``, a tool call).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from retrieval.affect import affect_of_words, mood_words_in, plain_mood
from retrieval.facets import OTHER_GENRES, Facets, genre_kinds
from retrieval.filters import SearchFilters, Span, satisfying_licences
from tools.brief import Brief, TempoRange
from tools.kit.theory.instruments import names

_CHINESE = {
    "圆舞曲": "waltz",
    "华尔兹": "waltz",
    "进行曲": "march",
    "爱尔兰": "irish",
    "民谣": "folk",
    "民间": "folk",
    "舞曲": "dance",
    "摇篮曲": "lullaby",
    "古典": "classical",
    "赞美诗": "hymn",
    "吉格": "jig",
    "里尔": "reel",
    "大调": "major",
    "小调": "minor",
    "慢": "slow",
    "快板": "fast",
    "三拍": "3/4",
}
_MODES = r"(major|minor|dorian|phrygian|lydian|mixolydian)\b"
_KEY = re.compile(rf"(?<![a-z])((?-i:A|[B-Gb-g])(?:[#♯b♭]|[ -]?(?:sharp|flat))?)[ -]{_MODES}", re.IGNORECASE)
_MODE = re.compile(rf"(?<![a-z]){_MODES}", re.IGNORECASE)
_METER = re.compile(r"(?<![\d/])(\d{1,2}/(?:2|4|8|16))(?![\d/])")
_NUMBER = r"(\d{2,3}(?:\.\d+)?)"
_BPM = r"\s*(?:bpm|beats(?: per| a)? min(?:ute)?)\b"
_RANGE = re.compile(rf"{_NUMBER}(?:{_BPM})?\s*(?:-|–|to|and|到|至)\s*{_NUMBER}({_BPM})?", re.IGNORECASE)
_BOUND = re.compile(
    r"(under|below|at most|no faster than|slower than|up to|over|above|at least|no slower than|faster than)\s*"
    + _NUMBER
    + _BPM,
    re.IGNORECASE,
)
_EXACT = re.compile(_NUMBER + _BPM, re.IGNORECASE)
_UPPER = ("under", "below", "at most", "no faster than", "slower than", "up to")
_LICENCE = re.compile(
    r"non[ -]?commercial|"
    r"public[ -]domain|no strings attached|no[ -]copyright|copyright[ -]free|royalty[ -]free|cc0|cc[ -]by(?:[ -]sa)?"
    r"|commercial(?:ly)? us\w+|use commercially|free to use|公有领域|无版权|可商用|免版税",
    re.IGNORECASE,
)
_LENGTH = re.compile(
    r"(?:(?P<bound>under|below|at most|up to|shorter than|over|at least|longer than)\s*)?"
    r"(?:(?P<n>\d{1,4}(?:\.\d+)?)\s*-?(?P<unit>seconds?|secs?|(?<=\s)s|minutes?|mins?)\b|(?<![\d:])(?P<clock>\d{1,2}):(?P<s>[0-5]\d)\b)"
    r"(?:\s+(?:long|in length))?",
    re.IGNORECASE,
)
_YEARS = re.compile(
    r"\bbetween (?P<low>1\d{3}|20\d\d) and (?P<high>1\d{3}|20\d\d)\b"
    r"|\b(?P<word>before|until|older than|after|since|from|of|in|printed(?: in)?|written in)(?: the)? "
    r"(?P<y>1\d{3}|20\d\d)(?P<decade>s)?\b",
    re.IGNORECASE,
)
_ERA = re.compile(r" romantic (?:era|period|age|composers?) ")
_SLOWEST, _FASTEST = 20, 400  # BPM that a bare number may mean


def in_english(text: str) -> str:
    """The text with the Chinese words a search knows put into English, for the English embedder."""
    for word in (w for w in mood_words_in(text) if not w.isascii()):
        text = text.replace(word, f" {plain_mood(word)} ")
    for chinese, english in _CHINESE.items():
        text = text.replace(chinese, f" {english} ")
    for chinese in sorted((n for n in names() if not n.isascii()), key=len, reverse=True):
        if chinese in text:
            text = text.replace(chinese, f" {names()[chinese]} ")
    return " ".join(text.split())


def stated_filters(text: str) -> SearchFilters:
    """What a query states exactly: key or mode, meter, tempo and length in numbers, years, licence."""
    key, mode, meter, licence = _KEY.search(text), _MODE.search(text), _METER.search(text), _LICENCE.search(text)
    asked = licence[0].replace("-", " ").lower() if licence else None
    return SearchFilters(
        key=_key_text(key) if key else None,
        mode=mode[1].lower() if mode and not key else None,
        meter=meter[1] if meter else None,
        tempo_bpm=_tempo(text.replace(meter[0], " ") if meter else text),
        duration_s=_duration(text),
        year=_year(text),
        licence=asked if asked and satisfying_licences(asked) else None,
    )


def facets_of_text(text: str, genres: Iterable[str]) -> Facets:
    """What a query asks for softly: genres of the library, moods, instruments, and what it states exactly as well."""
    stated = stated_filters(text)
    plain = f" {' '.join(re.sub(r'[^a-z ]+', ' ', _LICENCE.sub(' ', text).lower()).split())} "
    is_era = _ERA.search(plain) is not None
    moods = [m for m in mood_words_in(text) if not (is_era and m == "romantic")]
    played = [n for n in names() if n.isascii() and len(n) > 2 and f" {n} " in plain]
    return Facets(
        genres=[g for g in _genres_in(plain, genres) if is_era or g != "romantic"],
        affect=affect_of_words(moods),
        instruments=list(dict.fromkeys(names()[n] for n in _longest(played, plain))),
        tempo_bpm=stated.tempo_bpm or _speed(plain),
        key=stated.key,
        mode=stated.mode,
        meter=stated.meter or ("3/4" if " waltz" in plain else None),
        duration_s=stated.duration_s if isinstance(stated.duration_s, float) else None,
    )


def brief_text(brief: Brief) -> str:
    """A Brief in the words of a description."""
    mood = " and ".join(brief.moods()[:2])
    genre = ", ".join(brief.genres()) or "piece"
    instruments = f" for {' and '.join(brief.instruments)}" if brief.instruments else ""
    key = f" in {brief.key or brief.mode}" if brief.key or brief.mode else ""
    meter = f", {brief.meter}" if brief.meter else ""
    return f"{mood} {genre}{instruments}{key}{meter}".strip()


def joined(first: Facets, second: Facets) -> Facets:
    """The first's wishes, with the second's where the first has none."""
    gaps = {name: value for name, value in vars(second).items() if not getattr(first, name)}
    return replace(first, **gaps)


def _genres_in(plain: str, genres: Iterable[str]) -> list[str]:
    """Genres of the library that the text names, by their own name or by another, in the singular or plural."""
    own = set(genres)
    known = sorted(own | {g for g in OTHER_GENRES if set(genre_kinds(g)) & own})
    forms = plain + plain.replace("s ", " ") + plain.replace("es ", " ")
    return _longest([g for g in known if f" {g} " in forms], forms)


def _longest(found: Sequence[str], plain: str) -> list[str]:
    """The names found that stand somewhere by themselves, and not only inside a longer one."""
    kept = []
    for name in found:
        rest = plain
        for longer in (n for n in found if len(n) > len(name) and f" {name} " in f" {n} "):
            rest = rest.replace(f" {longer} ", "  ")
        if rest == plain or f" {name} " in rest:
            kept.append(name)
    return kept


def _key_text(match: re.Match[str]) -> str:
    tonic = re.sub(r"[ -]?sharp", "#", re.sub(r"[ -]?flat", "b", match[1].lower()))
    return f"{tonic[0].upper()}{tonic[1:]} {match[2].lower()}"


def _tempo(text: str) -> float | TempoRange | None:
    """A tempo in numbers; a range needs no unit, a single number does."""
    match = _RANGE.search(text)
    if match and _SLOWEST <= float(match[1]) < float(match[2]) <= _FASTEST:
        return TempoRange(min=float(match[1]), max=float(match[2]))
    match = _BOUND.search(text)
    if match and _SLOWEST <= float(match[2]) <= _FASTEST:
        number = float(match[2])
        return TempoRange(max=number) if match[1].lower() in _UPPER else TempoRange(min=number)
    match = _EXACT.search(text)
    return float(match[1]) if match and _SLOWEST <= float(match[1]) <= _FASTEST else None


def _duration(text: str) -> float | Span | None:
    """A length in seconds or minutes, or a bound on one."""
    match = _LENGTH.search(text)
    if match is None:
        return None
    if match["clock"]:
        seconds = float(60 * int(match["clock"]) + int(match["s"]))
    else:
        seconds = float(match["n"]) * (60.0 if match["unit"].lower().startswith("m") else 1.0)
    bound = (match["bound"] or "").lower()
    if bound in _UPPER or bound in ("shorter than", "at most"):
        return Span(max=seconds)
    return Span(min=seconds) if bound else seconds


def _year(text: str) -> Span | None:
    """The years a query names: "before 1850", "from the 1830s", "between 1700 and 1800"."""
    match = _YEARS.search(text)
    if match is None:
        return None
    if match["low"]:
        return Span(min=float(match["low"]), max=float(match["high"]))
    year = float(match["y"])
    word = match["word"].lower()
    if match["decade"]:
        return Span(min=year, max=year + 9)
    if word in ("before", "until", "older than"):
        return Span(max=year)
    return Span(min=year) if word in ("after", "since") else Span(min=year, max=year)


def _speed(plain: str) -> TempoRange | None:
    """The range a plain word for speed stands for."""
    if " slow " in plain:
        return TempoRange(max=80)
    if " fast " in plain or " quick " in plain:
        return TempoRange(min=110)
    return None
