"""Scansion: which syllables of a line fall on strong beats, found by dynamic programming over all ways to beat it.

A beat wants a stressed syllable and a stressed syllable a beat; one or two unstressed ones between two beats are the
rule, none or three the exception (Attridge, The Rhythms of English Poetry, 1982). Lines at the same place in stanzas
of one tune take the same number of beats.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean

from tools.compose.lyrics.prosody import Syllable

_BETWEEN = (2.0, 0.0, 0.35, 2.2, 5.0, 9.0)  # cost of so many syllables between two beats
_BEFORE = (0.0, 0.0, 0.4, 2.5, 6.0)  # and before the first beat
_AFTER = (0.0, 0.15, 0.7, 3.0, 7.0)  # and after the last
_FAR = 6.0  # for each further one
SAME_TUNE = 3.5  # mean extra cost a line at which another stanza's tune no longer fits


@dataclass(frozen=True)
class Scan:
    """A line beaten: indices of the syllables on beats, and what that cost."""

    beats: tuple[int, ...]
    cost: float


def _off_beat(weight: float) -> float:
    """Cost of a syllable without a beat."""
    return 7.0 if weight >= 1.0 else 5.0 if weight >= 0.9 else 1.0 if weight >= 0.4 else 0.0


def _on_beat(weight: float) -> float:
    """Cost of a beat on a syllable."""
    return 0.0 if weight >= 0.9 else 0.3 if weight >= 0.4 else 1.1 if weight >= 0.1 else 2.6


def _at(costs: Sequence[float], count: int) -> float:
    return costs[count] if count < len(costs) else costs[-1] + _FAR * (count - len(costs) + 1)


def ways(line: Sequence[Syllable]) -> dict[int, Scan]:
    """The best scansion of a line for each number of beats it may have."""
    count = len(line)
    off = [0.0]
    for s in line:
        off.append(off[-1] + _off_beat(s.weight))
    best: list[dict[int, tuple[float, int]]] = []  # for a beat on syllable i, by number of beats: cost, beat before
    for i, s in enumerate(line):
        here = _on_beat(s.weight)
        table = {1: (_at(_BEFORE, i) + off[i] + here, -1)}
        for j in range(max(0, i - 9), i):
            step = _at(_BETWEEN, i - j - 1) + off[i] - off[j + 1] + here
            for k, (cost, _) in best[j].items():
                if cost + step < table.get(k + 1, (math.inf, 0))[0]:
                    table[k + 1] = (cost + step, j)
        best.append(table)
    found: dict[int, Scan] = {}
    for i, table in enumerate(best):
        tail = _at(_AFTER, count - i - 1) + off[count] - off[i + 1]
        for k, (cost, _) in table.items():
            if k not in found or cost + tail < found[k].cost:
                found[k] = Scan(_path(best, i, k), cost + tail)
    return found


def _path(best: Sequence[dict[int, tuple[float, int]]], last: int, beats: int) -> tuple[int, ...]:
    path = [last]
    while beats > 1:
        path.append(best[path[-1]][beats][1])
        beats -= 1
    return tuple(reversed(path))


def scan_stanza(lines: Sequence[Sequence[Syllable]]) -> list[Scan]:
    """Each line beaten; a line takes the beats of most lines, or of every other line, where that costs little."""
    options = [ways(line) for line in lines]
    usual = [_usual(options, range(len(lines)), slack=1.0)] * len(lines)
    if len(lines) > 3 and len(lines) % 2 == 0:
        pair = [_usual(options, range(parity, len(lines), 2), slack=1.0) for parity in (0, 1)]
        usual = [pair[i % 2] for i in range(len(lines))]
    return [_near(o, u) for o, u in zip(options, usual, strict=True)]


def _usual(options: Sequence[dict[int, Scan]], which: range, slack: float) -> int:
    """The number of beats that costs least over some lines together, no line paying for more than a fault."""
    counts = {k for i in which for k in options[i]}
    dear = 3.0 + slack

    def total(k: int) -> float:
        least = [min(s.cost for s in options[i].values()) for i in which]
        return mean(
            min(dear, options[i][k].cost - c if k in options[i] else dear) for i, c in zip(which, least, strict=True)
        )

    return min(sorted(counts), key=total)


def _near(options: dict[int, Scan], usual: int) -> Scan:
    """A line's scansion, with the usual number of beats when that costs at most a small fault more."""
    best = min(options.values(), key=lambda s: (s.cost, len(s.beats)))
    asked = options.get(usual)
    return asked if asked is not None and asked.cost <= best.cost + 2.5 else best


def fitted(lines: Sequence[Sequence[Syllable]], beats: Sequence[int]) -> list[Scan] | None:
    """Lines beaten as often as a tune asks, or None when the words would suffer."""
    if len(lines) != len(beats):
        return None
    options = [ways(line) for line in lines]
    if any(k not in o for o, k in zip(options, beats, strict=True)):
        return None
    extra = [o[k].cost - min(s.cost for s in o.values()) for o, k in zip(options, beats, strict=True)]
    if mean(extra) > SAME_TUNE / 2 or max(extra) > 2 * SAME_TUNE:
        return None
    return [o[k] for o, k in zip(options, beats, strict=True)]
