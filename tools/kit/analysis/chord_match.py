"""Whether notes sound as the chords that were asked for, span by span."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tools.kit.analysis.harmony import chords_in, segment_weights, template_index, template_scores
from tools.kit.analysis.notes import Floats, Notes, sounding_in
from tools.kit.theory.chord import Chord

AS_GOOD = 0.05  # template scores this near the best cannot be told from it
_SOUNDS_Q = 0.05  # a tone shorter than this within a span is an overhang


def chord_matches(notes: Notes, edges: Floats, expected: Sequence[Chord | None]) -> list[bool]:
    """Whether each span sounds as the chord expected.

    A span matches when the chord recognised in it is the one expected (:func:`agrees`), or when the expected chord's
    template fits as well as the best to within :data:`AS_GOOD` and its tones sound. ``None`` expects no pitched note.

    Parameters
    ----------
    edges
        Boundaries of the spans in quarters ``[n + 1]``.
    expected
        A chord for each span ``[n]``.
    """
    heard = chords_in(notes, edges)
    sounding = [here.pitch[quarters > _SOUNDS_Q] % 12 for here, quarters in sounding_in(notes.pitched, edges)]
    scores = template_scores(*segment_weights(notes, edges))
    matches = []
    for index, (want, got) in enumerate(zip(expected, heard, strict=True)):
        classes = frozenset(sounding[index].tolist())
        if want is None or got is None:
            matches.append(want is None and not classes)
            continue
        as_good = bool(scores[index, template_index(want)] >= scores[index].max() - AS_GOOD)
        triad = set(want.triad().pitch_classes())
        matches.append(agrees(want, got, classes) or (as_good and triad <= classes and colour(want) <= classes))
    return matches


def agrees(asked: Chord, heard: Chord, sounding: frozenset[int]) -> bool:
    """Whether a recognised chord is the one asked for.

    The triads must be the same (or the chords the same set of pitch classes, as C6 and Am7), and a seventh or sixth
    that was asked for must be among the ``sounding`` pitch classes.
    """
    if set(asked.pitch_classes()) == set(heard.pitch_classes()):
        return True
    if asked.quality == "5":
        return asked.root == heard.root and set(asked.pitch_classes()) <= sounding
    return asked.triad() == heard.triad() and colour(asked) <= sounding


def colour(chord: Chord) -> set[int]:
    """Pitch classes of a chord's sixth or seventh, the tone that names it beyond its triad; empty for triads."""
    return {(chord.root + i) % 12 for i in chord.intervals[3:4]}


def share_matching(notes: Notes, edges: Floats, expected: Sequence[Chord | None]) -> float:
    """Share of the spans that match, in [0, 1]; 0 when there are none."""
    matches = chord_matches(notes, edges, expected)
    return float(np.mean(matches)) if matches else 0.0
