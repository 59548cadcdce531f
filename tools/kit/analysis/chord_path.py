"""Chords of a recording from how likely each is at each moment: the best path over its beats.

The 25 classes are the major and minor triads and silence; a chord holds until another is worth its price, which is
least on a downbeat (after Mauch and Dixon, ISMIR 2010).
"""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray

from tools.kit.theory.chord import Chord

Floats = NDArray[np.float64]

CLASSES = 25
_CHANGE, _CHANGE_ON_DOWNBEAT = 2.2, 0.9  # prices of another chord, in nats, for a mean frame's evidence
_EVIDENCE = 3.0  # what the frames of a beat say together, in frames of one mind
_WITHOUT_BEATS_S = 0.5


def label(number: int) -> str:
    """The chord symbol of a class: 0 to 11 major, 12 to 23 minor, 24 none."""
    return "N.C." if number == 24 else str(Chord(number % 12, "m" if number >= 12 else ""))


def chord_spans(
    log_chances: Floats, rate: float, beats_s: Floats, downbeats_s: Floats, length_s: float
) -> list[tuple[float, float, int]]:
    """Spans (start, end, class) that cover the recording.

    Parameters
    ----------
    log_chances
        Log chances ``[frames, 25]`` at ``rate`` frames a second.
    beats_s, downbeats_s
        Beats in seconds, between which chords do not change; every half second where there are fewer than two.
    """
    beats = beats_s if len(beats_s) > 1 else np.arange(0.0, length_s, _WITHOUT_BEATS_S)
    edges = np.unique(np.clip(np.concatenate([[0.0], beats, [length_s]]), 0, length_s))
    edges = edges[np.concatenate([[True], np.diff(edges) > 0.05])]
    if len(edges) < 2:
        return []
    moments = np.arange(len(log_chances)) / rate
    rows = []
    for start, end in itertools.pairwise(edges):
        inside = (moments >= start) & (moments < end)
        near = inside if inside.any() else np.abs(moments - (start + end) / 2) <= 1 / rate
        rows.append(_EVIDENCE * log_chances[near].mean(axis=0))
    scores = np.array(rows)
    on_bar = np.array([len(downbeats_s) > 0 and float(np.abs(downbeats_s - e).min()) < 0.08 for e in edges[:-1]])
    path = _best(scores, np.where(on_bar, _CHANGE_ON_DOWNBEAT, _CHANGE))
    spans: list[tuple[float, float, int]] = []
    for start, end, chord in zip(edges[:-1], edges[1:], path, strict=True):
        if spans and spans[-1][2] == chord:
            spans[-1] = (spans[-1][0], float(end), chord)
        else:
            spans.append((float(start), float(end), chord))
    return spans


def _best(scores: Floats, price: Floats) -> list[int]:
    """Best path through ``scores [segments, classes]`` when another class at segment i costs ``price[i]``."""
    total, came = scores[0].copy(), np.zeros(scores.shape, np.int64)
    stay = np.arange(scores.shape[1])
    for index in range(1, len(scores)):
        jump = int(total.argmax())
        stays = total >= total[jump] - price[index]
        came[index] = np.where(stays, stay, jump)
        total = np.where(stays, total, total[jump] - price[index]) + scores[index]
    path = [int(total.argmax())]
    for index in range(len(scores) - 1, 0, -1):
        path.append(int(came[index, path[-1]]))
    return path[::-1]
