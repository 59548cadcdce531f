"""What the places of a tune ask of its harmony: tonic at the ends, cadences at the closes, primary triads between.

The counts of :mod:`.habits` say how chords follow one another and know nothing of where in the tune they stand. What is
charged here beside them is the textbook's: a tune opens on the tonic, or on the dominant at an upbeat; its phrases
close on tonic or dominant, on the dominant over the second and seventh degrees; it ends on the tonic; and a tune that
keeps to its scale lives on I, IV and V before any other chord.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from tools.compose.harmonizer.habits import Habits
from tools.compose.harmonizer.slots import Slot
from tools.kit.theory.pitch import Key

Floats = NDArray[np.float64]
_SCALES = {False: (0, 2, 4, 5, 7, 9, 11), True: (0, 2, 3, 5, 7, 8, 10, 9, 11)}
_PRIMARY = (0, 5, 7)
_OPENS_ELSEWHERE, _OPENS_INVERTED = 6.0, 1.5
_ENDS_ELSEWHERE, _ENDS_UNSETTLED = 7.0, 14.0
_SECONDARY, _CHROMATIC = 0.5, 1.2  # beside a primary triad, on a strong beat of a plain tune
_REPEATS = 0.25  # share of the beats whose note is the one before, from which a tune is as plain as can be
_WEAKLY = 0.5  # the share of them charged on a weak beat
_CLOSES_ELSEWHERE, _CLOSES_UNSETTLED, _NOT_THE_HALF = 1.5, 2.0, 1.0
_HALF = (2, 11)  # degrees, in semitones, under which a phrase closes on the dominant


def place_costs(slots: Sequence[Slot], learned: Habits, key: Key) -> Floats:
    """What each chord costs at each place of a tune, ``[slots, states]``, in the unit of log probabilities."""
    kinds = _plainness(slots, key) * _kinds(learned, key)
    costs = np.stack([kinds if s.strong or s.closes else _WEAKLY * kinds for s in slots])
    homes = (0, 3, 7) if key.is_minor else (0, 7)
    for place, slot in enumerate(slots[:-1]):
        if slot.closes:
            costs[place] += _closing(learned, (slot.notes[-1].pitch - key.tonic) % 12, homes)
    costs[0] += _opening(learned, upbeat=not slots[0].strong)
    costs[-1] += _ending(learned)
    return costs


def _plainness(slots: Sequence[Slot], key: Key) -> float:
    """How plain a tune is, 0 to 1: it keeps to its scale, melodic minor's raised degrees included, and repeats notes.

    A note that comes again asks for the same chord, so that the harmony is slow; a tune that steps on every beat, as
    chorales do, has a chord for each.
    """
    scale = _SCALES[key.is_minor]
    if any((n.pitch - key.tonic) % 12 not in scale for s in slots for n in s.notes):
        return 0.0
    again = sum(a.notes[-1].pitch == b.notes[0].pitch for a, b in pairwise(slots))
    return min(1.0, again / len(slots) / _REPEATS)


def _kinds(learned: Habits, key: Key) -> Floats:
    scale = set(_SCALES[key.is_minor])
    costs = np.empty(len(learned.states))
    for number, state in enumerate(learned.states):
        primary = state.root in _PRIMARY and state.quality in ("", "m", "7")
        diatonic = set(state.classes(0)) <= scale
        costs[number] = _CHROMATIC if not diatonic else 0.0 if primary else _SECONDARY
    return costs


def _opening(learned: Habits, *, upbeat: bool) -> Floats:
    """Tonic in root position; the dominant too where the tune opens with an upbeat."""
    costs = np.empty(len(learned.states))
    for number, state in enumerate(learned.states):
        homely = state.quality in ("", "m") and (state.root == 0 or (upbeat and state.root == 7))
        costs[number] = (_OPENS_INVERTED if state.inversion else 0.0) if homely else _OPENS_ELSEWHERE
    return costs


def _closing(learned: Habits, degree: int, homes: tuple[int, ...]) -> Floats:
    """Tonic, dominant or, in minor, the relative major in root position; the dominant over half cadences' degrees."""
    costs = np.empty(len(learned.states))
    for number, state in enumerate(learned.states):
        settled = state.quality in ("", "m") and state.inversion == 0
        cost = 0.0 if settled else _CLOSES_UNSETTLED
        cost += _CLOSES_ELSEWHERE if state.root not in homes else 0.0
        costs[number] = cost + (_NOT_THE_HALF if degree in _HALF and state.root != 7 else 0.0)
    return costs


def _ending(learned: Habits) -> Floats:
    """The tonic in root position, or another settled chord when the melody will not have it."""
    costs = np.empty(len(learned.states))
    for number, state in enumerate(learned.states):
        settled = state.quality in ("", "m") and state.inversion == 0
        costs[number] = 0.0 if settled and state.root == 0 else _ENDS_ELSEWHERE if settled else _ENDS_UNSETTLED
    return costs
