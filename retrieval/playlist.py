"""Playlists: pieces chosen and ordered so that each fits its place on the way and follows well from the one before.

A place asks for a mood (a point of the plane of valence and arousal, on a line from the first to the last mood, or on
an arc of energy). A step from one piece to the next costs what a listener notices: a change of tempo (double and half
time count as near) and of key, by the wheel that disc jockeys call Camelot (M. Davis; it is the circle of fifths with
relative keys side by side). A beam search weighs both against how well each piece fits the request.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from retrieval.affect import affect_of_words, mood_words_in
from retrieval.embed import Vectors
from retrieval.record import Record
from retrieval.tempo import felt_bpm
from tools.kit.theory.pitch import Key

Point = tuple[float, float]  # valence and arousal
Place = tuple[float | None, float | None]  # valence and arousal asked for; None where nothing is
_BEAM = 24
_FIT, _MOOD, _TEMPO, _KEY, _SAME_HAND = 1.0, 3.0, 1.2, 0.14, 0.25
_FARTHEST_KEY = 6


_FROM_TO = re.compile(r"\bfrom (?P<start>[a-z ]{3,30}?) to (?P<end>[a-z ]{3,30})", re.IGNORECASE)
_STARTS = re.compile(
    r"\b(?:start|begin|open)\w*\b(?P<words>[^,;.]{0,40}?)(?=\b(?:and |then )?(?:end|finish|clos)|[,;.]|$)",
    re.IGNORECASE,
)
_ENDS = re.compile(r"\b(?:end|finish|clos)(?:s|es|ing|ed)?\b(?P<words>[^,;.]{0,40})", re.IGNORECASE)
_ARCS = (  # what is said of a course of energy, as (place, arousal)
    (r"wind(?:ing|s)? down|calm(?:ing|s)? down|(?:get|grow|becom)\w* (?:calmer|quieter|slower)",
     [(0.0, 0.4), (1.0, -0.6)]),
    (r"build(?:ing|s)? up|ramp(?:ing|s)? up|warm(?:ing|s)? up|(?:get|grow|becom)\w* (?:livelier|faster|wilder)",
     [(0.0, -0.4), (1.0, 0.7)]),
    (r"peak(?:ing|s)? in the middle|up and down again|rise and fall", [(0.0, -0.3), (0.5, 0.7), (1.0, -0.3)]),
)  # fmt: skip


def way_in_words(text: str) -> tuple[Point | None, Point | None, list[tuple[float, float]]]:
    """The mood at the start and at the end, and the course of arousal, that a request states in words.

    "from calm to joyful", "starts peaceful and ends lively", "winding down".
    """
    between = _FROM_TO.search(text)
    start, end = _STARTS.search(text), _ENDS.search(text)
    first = affect_of_words(mood_words_in(start["words"])) if start else None
    last = affect_of_words(mood_words_in(end["words"])) if end else None
    if between:
        first = first or affect_of_words(mood_words_in(between["start"]))
        last = last or affect_of_words(mood_words_in(between["end"]))
    arc = next((points for words, points in _ARCS if re.search(rf"\b(?:{words})\b", text, re.IGNORECASE)), [])
    return first, last, arc


@dataclass(frozen=True)
class Step:
    """What changes from one piece to the next: the ratio of tempi and the steps on the key wheel."""

    tempo_ratio: float | None
    key_steps: int


def camelot(key: str) -> tuple[int, str]:
    """A key's place on the wheel: 1 to 12, ``B`` with a major third and ``A`` with a minor one (C major is 8B)."""
    parsed = Key.parse(key)
    number = (parsed.relative_major_tonic() * 7 + 7) % 12 + 1
    return number, "A" if (parsed.tonic + 3) % 12 in parsed.pitch_classes() else "B"


def key_steps(one: str, other: str) -> int:
    """Steps between two keys on the wheel: 0 for the same place, 1 for a neighbour or the relative, at most 7."""
    (a, side), (b, other_side) = camelot(one), camelot(other)
    round_the_wheel = min((a - b) % 12, (b - a) % 12)
    return round_the_wheel + (side != other_side)


def tempo_ratio(one: Record, other: Record) -> float | None:
    """How many times as fast the pulse of the second is, double and half time taken out; None without a pulse."""
    if one.tempo_bpm is None or other.tempo_bpm is None:
        return None
    ratio = felt_bpm(other.tempo_bpm) / felt_bpm(one.tempo_bpm)
    return min((ratio, ratio / 2, ratio * 2), key=lambda r: abs(math.log2(r)))


def step_between(one: Record, other: Record) -> Step:
    """The change from one piece to the next."""
    return Step(tempo_ratio(one, other), key_steps(one.key, other.key))


def step_cost(one: Record, other: Record) -> float:
    """What a listener notices of a change of piece, 0 for none."""
    step = step_between(one, other)
    tempo = abs(math.log2(step.tempo_ratio)) if step.tempo_ratio else 0.3
    same_hand = bool(one.composer) and one.composer == other.composer and one.composer != "traditional"
    return _TEMPO * tempo + _KEY * min(step.key_steps, _FARTHEST_KEY) + _SAME_HAND * same_hand


@dataclass(frozen=True)
class _Way:
    """A beginning of a playlist: its pieces, what it costs, how long it lasts."""

    rows: tuple[int, ...]
    cost: float
    seconds: float


def arrange(
    records: Sequence[Record],
    fit: Mapping[int, float],
    place: Callable[[float], Place],
    *,
    count: int | None = None,
    seconds: float | None = None,
    after: Record | None = None,
) -> list[int]:
    """Rows of the pieces, in order.

    Parameters
    ----------
    records, fit
        All records, and how well each row that may be taken fits the request, in [0, 1].
    place
        The mood asked for at a share of the way, 0 the start and 1 the end.
    count, seconds
        How many pieces, or how long together; the number of pieces goes before.
    after
        The piece that was heard last.
    """
    rows = sorted(fit, key=lambda row: (-fit[row], row))
    ways = [_Way((), 0.0, 0.0)]
    done: list[_Way] = []
    while ways:
        longer: list[_Way] = []
        for way in ways:
            if _is_whole(way, count, seconds) or len(way.rows) == len(rows):
                done.append(way)
                continue
            longer.extend(_continued(way, rows, records, fit, place, count, seconds, after))
        if not longer:
            break
        ways = sorted(longer, key=lambda w: (round(w.cost, 9), w.rows))[:_BEAM]
    best = min(
        done or ways, key=lambda w: (_missed(w, seconds if count is None else None), w.cost / len(w.rows), w.rows)
    )
    return list(best.rows)


def _is_whole(way: _Way, count: int | None, seconds: float | None) -> bool:
    if count is not None:
        return len(way.rows) >= count
    assert seconds is not None
    mean = way.seconds / len(way.rows) if way.rows else 0.0
    return way.seconds >= seconds - mean / 2 and bool(way.rows)


def _missed(way: _Way, seconds: float | None) -> float:
    """How far the length is off, in tenths of what was asked for; 0 when no length was."""
    return 0.0 if seconds is None else round(10 * abs(way.seconds - seconds) / seconds)


def _continued(
    way: _Way,
    rows: Sequence[int],
    records: Sequence[Record],
    fit: Mapping[int, float],
    place: Callable[[float], Place],
    count: int | None,
    seconds: float | None,
    after: Record | None,
) -> list[_Way]:
    """The beginnings that are one piece longer, the cheapest ones."""
    share = len(way.rows) / max(count - 1, 1) if count is not None else min(way.seconds / (seconds or 1.0), 1.0)
    wanted = place(share)
    last = records[way.rows[-1]] if way.rows else after
    taken = {records[row].melody or records[row].id for row in way.rows}
    found = []
    for row in rows:
        record = records[row]
        if row in way.rows or (record.melody or record.id) in taken:
            continue
        cost = _FIT * (1 - fit[row]) + _MOOD * _off(record, wanted) + (step_cost(last, record) if last else 0.0)
        found.append(_Way((*way.rows, row), way.cost + cost, way.seconds + record.duration_s))
    return sorted(found, key=lambda w: (round(w.cost, 9), w.rows))[:_BEAM]


def _off(record: Record, wanted: Place) -> float:
    """Distance of a piece's mood from the one wanted, along what is wanted."""
    pairs = zip((record.valence, record.arousal), wanted, strict=True)
    return math.sqrt(sum((own - asked) ** 2 for own, asked in pairs if asked is not None))


def clusters(vectors: Vectors, rows: Sequence[int], count: int) -> list[list[int]]:
    """Rows in ``count`` groups by likeness, each in the order given: k-means from points far apart.

    Parameters
    ----------
    vectors
        Unit vectors of all rows ``[n, d]``.
    """
    points = vectors[list(rows)]
    centres = [points[0]]
    while len(centres) < min(count, len(points)):
        nearest = np.max(points @ np.array(centres).T, axis=1)
        centres.append(points[int(nearest.argmin())])
    middle = np.array(centres)
    labels = np.zeros(len(points), dtype=np.int64)
    for _ in range(20):
        labels = np.argmax(points @ middle.T, axis=1)
        for index in range(len(middle)):
            if (labels == index).any():
                mean = points[labels == index].mean(axis=0)
                middle[index] = mean / max(float(np.linalg.norm(mean)), 1e-9)
    return [[row for row, label in zip(rows, labels, strict=True) if label == index] for index in range(len(middle))]
