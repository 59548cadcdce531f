"""Keys and chords of library pieces: recognised where there is harmony, implied under a single line.

Implied chords: each bar's notes, weighted by length and metric place, are compared with the diatonic triads of
the key and the dominant seventh; a dynamic program over the bars prefers the primary triads, fewer changes and an
end on the tonic (after Simon, Morris and Basu 2008, MySong, with hand-set weights in place of learnt ones).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from retrieval.piece import Piece
from tools.kit.analysis.harmony import chords_in
from tools.kit.analysis.key import CHURCH_MODES, PLAIN_MODES, rank_note_keys
from tools.kit.analysis.notes import Notes, notes_of
from tools.kit.theory.chord import Chord
from tools.kit.theory.pitch import MODES, Key

Floats = NDArray[np.float64]
NO_CHORD = "N.C."
_PRIMARY = {0: 0.25, 5: 0.08, 7: 0.10}  # bonus of a triad by its root's distance from the tonic, in semitones
_DOMINANT_SEVENTH = 0.02
_STAY, _END_ON_TONIC, _OUTSIDE = 0.06, 0.5, 0.8


def key_of(piece: Piece) -> tuple[Key, bool]:
    """The piece's key, and whether its source marks it; otherwise it is estimated from the notes."""
    if piece.marked_key is not None:
        return piece.marked_key, True
    fits = rank_note_keys(notes_of(piece.score), PLAIN_MODES if len(piece.score.tracks) > 1 else CHURCH_MODES)
    return (fits[0].key if fits else Key(0)), False


def bar_edges_of(piece: Piece) -> Floats:
    """Barlines with the end of the last bar, in quarters ``[bars + 1]``."""
    last = max(piece.score.end, piece.bar_starts[-1] + piece.meter.bar_quarters)
    return np.array([*piece.bar_starts, last])


def is_single_line(notes: Notes) -> bool:
    """Whether at most one note in ten starts while another still sounds."""
    pitched = notes.pitched
    overlapping = np.sum(pitched.start_q[1:] < np.maximum.accumulate(pitched.end_q)[:-1] - 0.05)
    return bool(overlapping <= 0.1 * len(pitched))


def chords_of(piece: Piece, key: Key) -> tuple[list[str], bool]:
    """A chord symbol for each bar, and whether they are only implied."""
    notes, edges = notes_of(piece.score), bar_edges_of(piece)
    if is_single_line(notes):
        return implied_chords(notes, edges, key, piece.meter.beat_quarters), True
    flats = key.prefers_flats
    return [c.symbol(flats=flats) if c else NO_CHORD for c in chords_in(notes, edges)], False


def implied_chords(notes: Notes, edges: Floats, key: Key, beat: float) -> list[str]:
    """A plausible chord for each bar of a single line.

    Parameters
    ----------
    edges
        Barlines in quarters ``[bars + 1]``.
    beat
        Length of the meter's beat in quarters; notes on it weigh double.
    """
    chords = _diatonic(key)
    weights = _bar_weights(notes.pitched, edges, beat)
    scores = _fit(weights, chords, key)
    path = _best_path(scores)
    flats = key.prefers_flats
    return [chords[i].symbol(flats=flats) if row.any() else NO_CHORD for i, row in zip(path, weights, strict=True)]


def _diatonic(key: Key) -> list[Chord]:
    """The major and minor triads of the key, the tonic first, and the dominant seventh unless the mode has none."""
    scale = set(key.pitch_classes())
    minor_kind = key.mode == "minor"
    roots = [pc for pc in key.pitch_classes() if key.mode in MODES]
    triads = [Chord(r, q) for r in roots for q in ("", "m") if set(Chord(r, q).pitch_classes()) <= scale]
    dominant = Chord((key.tonic + 7) % 12, "7")
    if minor_kind:
        triads.append(Chord(dominant.root))
    if minor_kind or key.mode == "major":
        triads.append(dominant)
    return triads


def _bar_weights(notes: Notes, edges: Floats, beat: float) -> Floats:
    """Share of each pitch class in each bar ``[bars, 12]``; on-beat notes count double."""
    starts = np.maximum(notes.start_q[:, None], edges[None, :-1])
    sounding = np.maximum(np.minimum(notes.end_q[:, None], edges[None, 1:]) - starts, 0.0)
    bar = np.clip(np.searchsorted(edges, notes.start_q + 1e-6) - 1, 0, len(edges) - 2)
    place = (notes.start_q - edges[bar]) / beat
    on_beat = np.abs(place - np.round(place)) < 0.02
    weights = (sounding * (1 + on_beat)[:, None]).T @ np.eye(12)[notes.pitch % 12]
    total = weights.sum(axis=1, keepdims=True)
    return np.asarray(np.divide(weights, total, out=np.zeros_like(weights), where=total > 0))


def _fit(weights: Floats, chords: list[Chord], key: Key) -> Floats:
    """Fit of every chord to every bar ``[bars, chords]``."""
    tones = np.zeros((len(chords), 12))
    for row, chord in zip(tones, chords, strict=True):
        row[list(chord.pitch_classes())] = 1
    bonus = np.array(
        [_DOMINANT_SEVENTH if c.quality == "7" else _PRIMARY.get((c.root - key.tonic) % 12, 0.0) for c in chords]
    )
    inside = weights @ tones.T
    scores = inside - _OUTSIDE * (weights.sum(axis=1, keepdims=True) - inside) + bonus
    tonic = np.array([c.root == key.tonic for c in chords])
    scores[-1, tonic] += _END_ON_TONIC
    return np.asarray(scores)


def _best_path(scores: Floats) -> list[int]:
    """The best chord of each bar when staying on a chord earns a little (Viterbi)."""
    total = scores[0].copy()
    came_from = np.zeros(scores.shape, dtype=np.int64)
    states = np.arange(scores.shape[1])
    for index in range(1, len(scores)):
        best = int(total.argmax())
        stays = total + _STAY >= total[best]
        came_from[index] = np.where(stays, states, best)
        total = np.where(stays, total + _STAY, total[best]) + scores[index]
    path = [int(total.argmax())]
    for index in range(len(scores) - 1, 0, -1):
        path.append(int(came_from[index, path[-1]]))
    return path[::-1]
