"""Voicing by search: chord tones in a register, each chord led to the next by the least motion.

A Viterbi path over candidate voicings of every chord; an edge costs the voices' motion, parallel fifths and
octaves (Huron 2001, principles of pitch proximity and parallel perfects), leaps on top and distance from the middle
of the register.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Sequence

from tools.kit.theory.chord import Chord

Voicing = tuple[int, ...]
_MOST = 26  # candidates kept a chord
_PARALLEL = 5.0


def lead_voices(
    chords: Sequence[Chord],
    low: int,
    high: int,
    voices: int,
    floors: Sequence[int] | None = None,
    favour: tuple[float, ...] = (),
) -> list[Voicing]:
    """A voicing, low to high, for each chord.

    Parameters
    ----------
    low, high
        Register in MIDI pitches.
    voices
        Notes a chord, where it has so many tones; a chord of fewer doubles its root and fifth.
    floors
        For each chord the bass under it: the lowest voice stays above where the register allows.
    favour
        Twelve weights of pitch classes: the root, which the bass sounds, gives its place to the favoured tones.
    """
    if not chords:
        return []
    rows = [
        _candidates(c, max(low, min((floors[i] + 1) if floors else low, high - 12)), high, voices, favour)
        for i, c in enumerate(chords)
    ]
    centre = (low + high) / 2
    costs = [abs(_mean(v) - centre) * 0.3 for v in rows[0]]
    backs: list[list[int]] = []
    for before, row in itertools.pairwise(rows):
        new, back = [], []
        for voicing in row:
            total, best = min((costs[i] + _step(p, voicing), i) for i, p in enumerate(before))
            new.append(total + abs(_mean(voicing) - centre) * 0.12)
            back.append(best)
        costs = new
        backs.append(back)
    at = min(range(len(costs)), key=costs.__getitem__)
    path = [at]
    for back in reversed(backs):
        path.append(back[path[-1]])
    return [row[i] for row, i in zip(rows, reversed(path), strict=True)]


@functools.lru_cache(maxsize=4096)
def _candidates(chord: Chord, low: int, high: int, voices: int, favour: tuple[float, ...] = ()) -> tuple[Voicing, ...]:
    """Close and open positions of a chord inside a register, the compact and central ones first."""
    tones = _favoured(chord, voices, favour) if favour else chosen_tones(chord, voices)
    high = max(high, low + 12)
    found: set[Voicing] = set()
    for order in (
        itertools.permutations(tones) if len(tones) <= 4 else [tones[i:] + tones[:i] for i in range(len(tones))]
    ):
        for start in range(low, low + 12):
            if start % 12 != order[0]:
                continue
            pitches = [start]
            for pc in order[1:]:
                pitches.append(pitches[-1] + ((pc - pitches[-1]) % 12 or 12))
            for shift in range(0, high - low + 1, 12):
                if pitches[-1] + shift <= high:
                    found.add(tuple(p + shift for p in pitches))
    if not found:
        found.add(tuple(sorted(low + (pc - low) % 12 for pc in tones)))
    centre = (low + high) / 2
    return tuple(sorted(found, key=lambda v: (abs(_mean(v) - centre) + 0.5 * (v[-1] - v[0]) + _mud(v), v))[:_MOST])


def chosen_tones(chord: Chord, voices: int) -> tuple[int, ...]:
    """Pitch classes for so many voices: the third and the seventh before the root, the fifth last to stay."""
    tones = [(chord.root + i) % 12 for i in chord.intervals]
    if len(tones) < voices:
        return tuple(tones)
    by_need = sorted(range(len(tones)), key=lambda i: (_NEED.get(chord.intervals[i], 1), i))
    return tuple(tones[i] for i in sorted(by_need[:voices]))


def _favoured(chord: Chord, voices: int, favour: tuple[float, ...]) -> tuple[int, ...]:
    """A triad without its root, filled up by favoured tones; the root stays in richer and in settled chords."""
    tones = list(dict.fromkeys((chord.root + i) % 12 for i in chord.intervals))
    keeps_root = len(tones) > 3 or favour[chord.root] >= max(favour[t] for t in tones)
    upper = [t for t in tones if t != chord.root or keeps_root]
    ranked = sorted(upper, key=lambda t: -favour[t])
    size = max(voices, len(upper)) if len(upper) < 5 else len(upper)
    filled = [*upper, *(ranked[k % len(ranked)] for k in range(max(0, size - len(upper))))]
    return tuple(sorted(filled, key=lambda t: (t - chord.root) % 12))


_NEED = {3: 0, 4: 0, 5: 0, 10: 0, 11: 0, 2: 0, 9: 0, 6: 0, 8: 0, 1: 0, 0: 1, 7: 2}


def _mean(voicing: Voicing) -> float:
    return sum(voicing) / len(voicing)


def _mud(voicing: Voicing) -> float:
    """Cost of close intervals low down."""
    return sum(3.0 for a, b in itertools.pairwise(voicing) if a < 48 and b - a < 5)


@functools.lru_cache(maxsize=65536)
def _step(before: Voicing, after: Voicing) -> float:
    """Cost of leading one voicing to the next."""
    pairs = list(zip(before, after, strict=False))
    motion = sum(abs(a - b) for a, b in pairs)
    top = abs(before[-1] - after[-1])
    parallels = 0
    for (a1, b1), (a2, b2) in itertools.combinations(pairs, 2):
        if a1 != b1 and (a2 - a1) % 12 in (0, 7) and (a2 - a1) % 12 == (b2 - b1) % 12 and (b1 - a1) * (b2 - a2) > 0:
            parallels += 1
    return motion + 0.5 * max(0, top - 4) + _PARALLEL * parallels


def lead_bass(chords: Sequence[Chord], low: int, high: int) -> list[int]:
    """The bass pitch of each chord (its root, or the slash bass), by least motion near the lower middle."""
    if not chords:
        return []
    centre = low + min(9.0, (high - low) / 2)
    rows = []
    for chord in chords:
        pc = chord.root if chord.bass is None else chord.bass
        rows.append([p for p in range(low, high + 1) if p % 12 == pc] or [low + (pc - low) % 12])
    costs = [abs(p - centre) * 0.5 for p in rows[0]]
    backs = []
    for before, row in itertools.pairwise(rows):
        picks = [min((costs[i] + abs(b - p) * 0.6, i) for i, b in enumerate(before)) for p in row]
        costs = [cost + abs(p - centre) * 0.5 for (cost, _), p in zip(picks, row, strict=True)]
        backs.append([i for _, i in picks])
    at = min(range(len(costs)), key=costs.__getitem__)
    path = [at]
    for back in reversed(backs):
        path.append(back[path[-1]])
    return [row[i] for row, i in zip(rows, reversed(path), strict=True)]
