"""How far passages come back, at three lengths: the structureness indicators of Wu and Yang (2020).

A passage's fitness (Mueller, Jiang and Grosche 2013) is the harmonic mean of how well the best family of paths through
the self-similarity matrix repeats the passage and how much of the piece it covers. The fitness of all passages is
the scape plot; an indicator is its highest value among passages of a range of lengths.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from tools.kit.metrics.registry import F, metric
from tools.kit.metrics.symbolic.piece import Flags, Floats, Ints, Piece, Undefined
from tools.kit.metrics.symbolic.selfsimilarity import DIAGONAL, FEATURE_HZ, chroma, features, self_similarity

RANGES_S = {"short": (3, 8), "mid": (8, 15), "long": (15, 128)}
MAX_FRAMES = 360  # of the matrix: three minutes at 2 Hz; a longer piece is looked at more coarsely
_TINY = 1e-16
_ROUNDING = 1e-3  # far more than single precision loses on scores of some hundred
Singles = NDArray[np.float32]
_FIRST_FULL_ROW = 2
_MUSDR = (
    "Wu and Yang, The Jazz Transformer on the Front Line, ISMIR 2020; MusDr run_python_scapeplot.py and "
    "compute_structure_indicator{range}. MusDr starts from a recording's chroma, here it is the notes'; beyond three "
    "minutes every second, third ... feature frame is taken, so that the matrix has at most 360. 30 pieces of 22 "
    "to 166 s agree with the notebooks' code to 1e-13; in one of 223 s short, mid and long are 0.006, 0.002, 0.011 off"
)
_FORMULA = (
    "max fitness over passages of {low} to {high} s; fitness = 2 s c / (s + c), s = normalised score and c = "
    "normalised coverage of the best path family through the self-similarity matrix"
)
_MEANING = (
    "How strongly passages of {what} come back somewhere in the piece, transposed or at another tempo included: "
    "0 when nothing returns, towards 1 when the piece is made of returns. It does not tell a good repeat from a "
    "dull one, and a piece shorter than {low} s scores 0."
)


def _declared(name: str, what: str) -> Callable[[F], F]:
    low, high = RANGES_S[name]
    return metric(
        f"structureness_{name}",
        family="symbolic",
        low=0,
        high=1,
        better="higher",
        formula=_FORMULA.format(low=low, high=high),
        meaning=_MEANING.format(what=what, low=low),
        source=_MUSDR.format(range=(low, high)),
    )


@_declared("short", "3 to 8 seconds, a motif or a phrase")
def structureness_short(piece: Piece) -> float:
    """Highest fitness of passages of 3 to 8 s; ``Undefined`` when nothing pitched sounds."""
    return _indicator(piece, "short")


@_declared("mid", "8 to 15 seconds, a period")
def structureness_mid(piece: Piece) -> float:
    """Highest fitness of passages of 8 to 15 s; ``Undefined`` when nothing pitched sounds."""
    return _indicator(piece, "mid")


@_declared("long", "15 to 128 seconds, a section")
def structureness_long(piece: Piece) -> float:
    """Highest fitness of passages of 15 to 128 s; ``Undefined`` when nothing pitched sounds."""
    return _indicator(piece, "long")


def highest_fitness(matrix: Floats, shortest: int, longest: int) -> float:
    """Highest fitness of any passage of ``shortest`` to ``longest`` frames: part of the fitness scape plot's maximum.

    Parameters
    ----------
    matrix
        Self-similarity ``[n, n]``, at most 1, its diagonal 1.

    Returns
    -------
    float
        0 when the piece has fewer than ``shortest`` frames, as in MusDr.
    """
    count = len(matrix)
    best, coarse = -np.inf, matrix.astype(np.float32)
    highest = np.zeros((count, 0), dtype=np.float32)
    for length in range(1, min(longest, count) + 1):
        highest = _highest_in_passages(coarse, highest, length)
        if length < shortest:
            continue
        if best >= 1 - length / count:  # neither score nor coverage of a longer passage can be more
            break
        starts = np.flatnonzero(_most(highest.sum(axis=0, dtype=np.float64), length, count) >= best)
        if not len(starts):
            continue
        starts = np.arange(starts[0], starts[-1] + 1)
        bound = _most(_score_of_paths(coarse, length, starts), length, count)
        for some in (bound == bound.max(), bound < bound.max()):  # the likeliest first: it rules others out
            promising = starts[some & (bound >= best)]
            if len(promising):
                best = max(best, float(fitness_of_length(matrix, length, promising).max()))
    return best if np.isfinite(best) else 0.0


def _highest_in_passages(coarse: Singles, shorter: Singles, length: int) -> Singles:
    """Highest similarity, 0 at least, of each row to each passage of ``length`` frames, ``[row, start]``.

    A path takes one cell of a row at most, so that a column's sum is as much as any path family can score.
    """
    if length == 1:
        return np.asarray(np.maximum(coarse, 0))
    return np.asarray(np.maximum(shorter[:, :-1], coarse[:, length - 1 :]))


def _most(score: Floats, length: int, count: int) -> Floats:
    """What the fitness of passages of so high a score cannot exceed ``[start]``, a little above for rounding.

    Cells are at most 1, so a score takes as many cells at least; a family covers no more rows than there are.
    """
    repeated = np.maximum(1 - length / np.maximum(score + _ROUNDING, length), 0)
    covered = 1 - length / count
    return np.asarray(2 * repeated * covered / (repeated + covered + _TINY) + _ROUNDING)


def _score_of_paths(coarse: Singles, length: int, starts: Ints) -> Floats:
    """Score of the best path family of each passage, ``[start]``, in single precision and without its way.

    ``starts`` are neighbours.
    """
    score, older, newer = (np.full((length, len(starts)), -np.inf, dtype=np.float32) for _ in range(3))
    similar = np.lib.stride_tricks.sliding_window_view(coarse[:, starts[0] :], len(starts), axis=1)[:, :length]
    outside = np.zeros(len(starts), dtype=np.float32)
    score[0] = coarse[0, starts]
    for row in range(1, len(coarse)):
        before, outside = outside, np.maximum(score[-1], outside)
        np.maximum(score[:-1], older[:-1], out=newer[1:])
        np.maximum(newer[2:], score[:-2], out=newer[2:])
        np.maximum(newer[1:2], before, out=newer[1:2])
        newer[0] = outside
        newer += similar[row]
        score, older, newer = newer, score, older
    return np.asarray(np.maximum(score[-1], outside), dtype=np.float64)


def fitness_of_length(matrix: Floats, length: int, starts: Ints) -> Floats:
    """Fitness of the passages of ``length`` frames from each of ``starts``, ``[start]``.

    All passages of one length are followed at once, row by row of the matrix, in arrays ``[column, start]``. Which
    way led to a cell is noted as the backtracking of the FMP notebooks chooses, and the best path families are then
    walked back together to count their cells and rows.
    """
    count = len(matrix)
    score, older, newer = (np.full((length, len(starts)), -np.inf) for _ in range(3))
    columns = np.arange(length)[:, None] + starts
    ways = _Ways(count, length, len(starts))
    outside = np.zeros(len(starts))
    score[0] = matrix[0, starts]
    for row in range(1, count):
        before = outside
        np.greater(score[-1], before, out=ways.ended[row])
        outside = np.maximum(score[-1], before)
        _enter(newer, score, older, before, ways, row)
        newer[0] = outside
        newer += matrix[row][columns]
        score, older, newer = newer, score, older
    inside = score[-1] >= outside
    cells, rows = ways.walked_back(inside)
    return _fitness(np.where(inside, score[-1], outside), cells, rows, length, count)


def _enter(newer: Floats, score: Floats, older: Floats, outside: Floats, ways: _Ways, row: int) -> None:
    """The best way into columns 1 and up of a row: diagonal, two rows at once, two columns at once.

    The second column may also be entered from outside; the notebooks' backtracking does not see that step, nor any
    over two rows before the third, and counts the path as if it came by the next best way.
    """
    if row > _FIRST_FULL_ROW:
        np.greater(older[:-1], score[:-1], out=ways.two_rows[row, 1:])
    np.maximum(score[:-1], older[:-1], out=newer[1:])
    np.greater(score[:-2], newer[2:], out=ways.two_columns[row, 2:])
    np.maximum(newer[2:], score[:-2], out=newer[2:])
    np.maximum(newer[1:2], outside, out=newer[1:2])


class _Ways:
    """Which way led to each cell of the passages of one length: ``[row, column, start]``, diagonal unless noted.

    ``ended`` tells where a path had ended in the row before, ``[row, start]``.
    """

    def __init__(self, count: int, length: int, starts: int) -> None:
        self.two_rows = np.zeros((count, length, starts), dtype=np.bool_)
        self.two_columns = np.zeros((count, length, starts), dtype=np.bool_)
        self.ended = np.zeros((count, starts), dtype=np.bool_)

    def walked_back(self, inside: Flags) -> tuple[Ints, Ints]:
        """Cells and rows ``[start]`` of the path families, of which those ``inside`` end in the last row."""
        count, length, starts = self.two_rows.shape
        last = np.maximum.accumulate(np.where(self.ended, np.arange(count)[:, None], 0), axis=0)
        start = np.arange(starts)
        cells, rows = np.zeros(starts, dtype=np.int64), np.zeros(starts, dtype=np.int64)
        row = np.where(inside, count, last[-1]) - 1  # of the cell, below 0 when no path is left
        column = np.full(starts, length - 1)
        while (on := row >= 0).any():
            if not on.all():
                row, column, start = row[on], column[on], start[on]
            first = column == 0
            columns_too = self.two_columns[row, column, start]
            step = 1 + (self.two_rows[row, column, start] & ~columns_too)
            cells[start] += 1
            rows[start] += step
            row = np.where(first, last[row, start], row) - np.where(first, 1, step)
            column = np.where(first, length, column) - 1 - columns_too
        return cells, rows


def _fitness(score: Floats, cells: Ints, rows: Ints, length: int, count: int) -> Floats:
    """Harmonic mean of normalised score and normalised coverage; the passage itself is taken off both."""
    repeated = (score - length) / (cells + _TINY)
    covered = (rows - length) / (count + _TINY)
    return np.asarray(2 * repeated * covered / (repeated + covered + _TINY))


def _indicator(piece: Piece, name: str) -> float:
    low, high = RANGES_S[name]
    matrix, rate = _matrix(piece)
    return highest_fitness(matrix, int(low * rate), int(high * rate))


def _matrix(piece: Piece) -> tuple[Floats, float]:
    """The piece's self-similarity matrix and its frames a second, computed once a piece."""
    known: tuple[Floats, float] | None = piece.memory.get("self_similarity")
    if known is None:
        if not len(piece.pitched):
            raise Undefined("no note has a pitch")
        columns = features(chroma(piece))
        stride = max(1, -(-columns.shape[1] // MAX_FRAMES))
        matrix = self_similarity(columns[:, ::stride], DIAGONAL // stride)
        known = piece.memory["self_similarity"] = matrix, FEATURE_HZ / stride
    return known
