"""What the affect of a piece shows itself in, measured on its MIDI file and its sound with nothing of ``tools.kit``.

Each measure is one that reviews tie to an axis of affect (Gabrielsson and Lindström 2010, table 14.2; Eerola, Friberg
and Bresin 2013).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bench._fidelity_piece import Floats, Piece
from bench._fidelity_tonal import mode_strengths

_HURON = (0.0, -1.428, -0.582, 0.594, 0.386, 1.240, -0.453)
"""Consonance of interval classes 0 to 6 (Huron 1994, table 2); the unison is left out."""

TIED = {
    "mode": ("valence", "major over minor"),
    "dissonance": ("valence", "less of it"),
    "tempo": ("arousal", "faster"),
    "density": ("arousal", "more onsets a second"),
    "register": ("valence", "higher"),
    "loudness": ("arousal", "louder as performed"),
    "articulation": ("arousal", "more detached"),
}
"""Each attribute's axis and the direction in which it should go with it; :func:`measure` signs them so."""


def measure(piece: Piece, performed_lufs: float) -> dict[str, float]:
    """The attributes of :data:`TIED`, each signed so that it should rise with its axis.

    Parameters
    ----------
    performed_lufs
        Integrated loudness of the sound as played, before it was brought to a target.
    """
    return {
        "mode": _mode(piece),
        "dissonance": _consonance(piece),
        "tempo": _tempo(piece),
        "density": _density(piece),
        "register": float(np.average(piece.notes[:, 2], weights=piece.notes[:, 1] - piece.notes[:, 0])),
        "loudness": performed_lufs,
        "articulation": _detached(piece),
    }


def _mode(piece: Piece) -> float:
    """Lead of the best major key over the best minor one (Lartillot and Toiviainen 2007), mean of three profiles."""
    classes, lengths = piece.notes[:, 2].astype(int) % 12, piece.notes[:, 1] - piece.notes[:, 0]
    weights = np.asarray(np.bincount(classes, lengths, minlength=12), dtype=np.float64)
    return float(np.mean([major - minor for major, minor in mode_strengths(weights)]))


def _consonance(piece: Piece) -> float:
    """Huron's consonance of every two pitches that sound together, by the time they do; 0 where nothing does."""
    total = weight = 0.0
    starts, ends, pitches = piece.notes[:, 0], piece.notes[:, 1], piece.notes[:, 2].astype(int)
    for number in range(len(starts)):
        later = slice(number + 1, int(np.searchsorted(starts, ends[number])))
        shared = np.minimum(ends[number], ends[later]) - starts[later]
        steps = np.abs(pitches[later] - pitches[number]) % 12
        classes = np.minimum(steps, 12 - steps)
        heard = (classes > 0) & (shared > 0.02)
        total += float((np.take(_HURON, classes[heard]) * shared[heard]).sum())
        weight += float(shared[heard].sum())
    return total / weight if weight else 0.0


def _tempo(piece: Piece) -> float:
    """Felt beats a minute of the map, by the time each lasts; onsets must lie on its grid or it counts as 0."""
    times, rates = piece.midi.get_tempo_changes()
    spans = np.diff(np.append(np.minimum(times, piece.end_s), piece.end_s))
    first = piece.midi.time_signature_changes[0]
    compound = first.denominator == 8 and first.numerator % 3 == 0 and first.numerator > 3
    beat = 1.5 if compound else 4 / first.denominator
    quarters = np.array([piece.midi.time_to_tick(s) / piece.midi.resolution for s in piece.notes[:, 0]])
    grid = np.min([np.abs(quarters / u - np.round(quarters / u)) * u for u in (0.25, 1 / 3)], axis=0)
    on_grid = float(np.mean(grid < 0.1)) > 0.8
    return float(np.sum(rates * spans) / spans.sum()) / beat if on_grid else 0.0


def _density(piece: Piece) -> float:
    """Moments at which something begins, all instruments together, a second."""
    starts = np.sort([n.start for i in piece.midi.instruments for n in i.notes])
    return float((np.diff(starts, prepend=-1.0) > 0.03).sum() / max(piece.end_s, 1e-9))


def _detached(piece: Piece) -> float:
    """Median share of the way to a track's next onset that stays silent, over the pitched notes."""
    shares: list[NDArray[np.float64]] = []
    for track in piece.midi.instruments:
        if track.is_drum or len(track.notes) < 2:
            continue
        rows: Floats = np.array([(n.start, n.end) for n in track.notes])
        onsets = np.unique(np.round(rows[:, 0], 2))
        after = np.searchsorted(onsets, rows[:, 0] + 0.02)
        inner = after < len(onsets)
        gaps = onsets[after[inner]] - rows[inner, 0]
        shares.append(1 - np.clip((rows[inner, 1] - rows[inner, 0]) / np.maximum(gaps, 1e-3), 0, 1.2))
    return float(np.median(np.concatenate(shares))) if shares else 0.0
