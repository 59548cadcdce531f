"""How near a candidate lies to real music: statistics of its melody beside those of songs, dances and chorales.

Each statistic is held against the mean and the spread it has in the training half of ``bench composer``'s corpus
(``styles/norms.toml``, written by ``python -m bench._learn_norms``); the faults that ``check_theory`` calls parallels
count beside them. The composer writes several candidates and keeps the best.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tools.compose.engine.style import table
from tools.kit.analysis.notes import Floats
from tools.kit.score import Note, Score

_FARTHEST = 3.0  # deviations beyond which a statistic is no worse
_FAULT = 4.0  # what a share of parallels of 1 costs, in deviations


def merit(score: Score, melody: int | None, bass: int | None) -> float:
    """Minus the mean distance of a piece's melody from real ones in standard deviations; 0 is best.

    Parameters
    ----------
    melody, bass
        Which tracks carry them; None where there is none, which is neither good nor bad.
    """
    if melody is None:
        return 0.0
    line = top_line(score.tracks[melody].notes)
    found = statistics(line, score)
    norms = table("norms")
    far = [min(_FARTHEST, abs(found[name] - mean) / spread) for name, (mean, spread) in norms.items() if name in found]
    under = top_line(score.tracks[bass].notes) if bass is not None else line[:0]
    return -float(np.mean(far)) - _FAULT * parallels(line, under) if far else 0.0


def top_line(notes: Sequence[Note]) -> Floats:
    """Start, end and pitch of the highest note at each onset, onsets taken to the nearest twelfth ``[n, 3]``."""
    top: dict[int, Note] = {}
    for note in notes:
        at = round(note.start * 12)
        if at not in top or note.pitch > top[at].pitch:
            top[at] = note
    return np.array([(at / 12, top[at].end, top[at].pitch) for at in sorted(top)], dtype=np.float64).reshape(-1, 3)


def statistics(line: Floats, score: Score) -> dict[str, float]:
    """Statistics of a melody ``[n, 3]`` of :func:`top_line`; empty with fewer than eight notes."""
    if len(line) < 8:
        return {}
    moves = np.diff(line[:, 2])
    sizes, signs = np.abs(moves), np.sign(moves[moves != 0])
    lengths = np.diff(np.append(line[:, 0], score.end))
    phrase = 4 * score.meters[0][1].bar_quarters
    edges = np.arange(phrase, score.end + 1e-6, phrase)
    last = np.maximum(np.searchsorted(line[:, 0], edges - 1e-6) - 1, 0)
    rests = lengths[last] >= np.median(lengths) - 1e-6 if len(last) else np.ones(1)
    return {
        "mean_interval": float(sizes.mean()),
        "repeats": float(np.mean(sizes == 0)),
        "steps": float(np.mean((sizes > 0) & (sizes <= 2))),
        "leaps": float(np.mean(sizes > 4)),
        "turns": float(np.mean(signs[1:] != signs[:-1])) if len(signs) > 1 else 0.0,
        "compass": float(np.ptp(line[:, 2])),
        "phrases_rest": float(np.mean(rests)),
    }


def parallels(upper: Floats, lower: Floats) -> float:
    """Share of the moves of two lines together that go in parallel fifths or octaves, 0 to 1."""
    if len(upper) < 2 or len(lower) < 2:
        return 0.0
    times = np.union1d(upper[:, 0], lower[:, 0])
    a, b = (line[np.maximum(np.searchsorted(line[:, 0], times, "right") - 1, 0), 2] for line in (upper, lower))
    together = (np.diff(a) != 0) & (np.diff(b) != 0)
    apart = np.abs(a - b) % 12
    faults = together & (apart[1:] == apart[:-1]) & np.isin(apart[1:], (0, 7)) & (np.diff(a) * np.diff(b) > 0)
    return float(faults.sum() / max(1, together.sum()))
