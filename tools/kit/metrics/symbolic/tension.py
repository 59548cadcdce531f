"""Tonal tension on Chew's spiral array: how wide chords are, how far they move and how far from home they lie.

Pitch classes lie on a helix along the line of fifths (Chew 2000): class k at (sin(k pi/2), cos(k pi/2), k h) with
h = sqrt(2/15). MIDI states no spelling: a note takes the name within five fifths below and six above the tonic. A
cloud is what sounds in one quarter note, its centre the mean of its notes weighted by how long each sounds in it
(Herremans and Chew, Tension ribbons, 2016).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tools.kit.metrics.registry import metric
from tools.kit.metrics.symbolic.piece import Floats, Ints, Piece, Undefined

RISE = float(np.sqrt(2 / 15))
_WEIGHTS = np.array([0.536, 0.274, 0.19])  # of root, fifth and third; of tonic, dominant and subdominant
_ALPHA = _BETA = 0.75  # major dominant and minor subdominant in a minor key
_PAPER = (
    "Herremans and Chew, Tension ribbons, TENOR 2016; parameters of Chew 2000 as in midi-miner (Guo et al. 2020); "
    "computed from the papers. Clouds are quarters; the key is the one whose centre is nearest to all the notes'"
)


@dataclass(frozen=True)
class Tension:
    """Tension of the clouds that sound, in spiral array units; ``momentum`` between each two neighbours."""

    diameter: Floats
    momentum: Floats
    strain: Floats


@metric(
    "tonal_tension_diameter",
    family="symbolic",
    low=0,
    formula="mean over sounding quarters of the largest distance between two of the quarter's notes on the spiral",
    meaning="How dissonant the sounds are by themselves: small for triads, large for clusters and tritones. The order "
    "of the chords does not enter.",
    source=f"{_PAPER}: cloud diameter",
)
def tonal_tension_diameter(piece: Piece) -> float:
    """Mean cloud diameter; ``Undefined`` when no pitch sounds."""
    return float(tension(piece).diameter.mean())


@metric(
    "tonal_tension_momentum",
    family="symbolic",
    low=0,
    formula="mean over neighbouring sounding quarters of the distance between their centres on the spiral array",
    meaning="How far the harmony moves from beat to beat: 0 while a chord is held, large for leaps to remote chords. "
    "It does not know whether a move is prepared or resolved, and a passing note moves it as a new chord does.",
    source=f"{_PAPER}: cloud momentum",
)
def tonal_tension_momentum(piece: Piece) -> float:
    """Mean cloud momentum; ``Undefined`` below two sounding quarters."""
    momentum = tension(piece).momentum
    if not len(momentum):
        raise Undefined("fewer than two quarters sound")
    return float(momentum.mean())


@metric(
    "tonal_tension_strain",
    family="symbolic",
    low=0,
    formula="mean over sounding quarters of the distance from the quarter's centre to the key's on the spiral array",
    meaning="How far from home the harmony dwells: small for music around its tonic, large where it strays. One key is "
    "taken for the whole piece.",
    source=f"{_PAPER}: tensile strain",
)
def tonal_tension_strain(piece: Piece) -> float:
    """Mean tensile strain; ``Undefined`` when no pitch sounds."""
    return float(tension(piece).strain.mean())


def tension(piece: Piece) -> Tension:
    """The three tensions of every sounding quarter; ``Undefined`` when no pitch sounds for a grid step."""
    known: Tension | None = piece.memory.get("tension")
    if known is None:
        known = piece.memory["tension"] = clouds_tension(quarter_clouds(piece))
    return known


def clouds_tension(clouds: Floats) -> Tension:
    """Tension of clouds given as weights of the pitch classes, ``[clouds, 12]``; silent clouds are left out."""
    sounding = clouds[clouds.sum(axis=1) > 0]
    if not len(sounding):
        raise Undefined("no pitch sounds for a grid step")
    tonic, centre = nearest_key(sounding.sum(axis=0))
    where = position(spelling(tonic))
    apart = np.linalg.norm(where[:, None] - where[None], axis=2)
    centres = sounding / sounding.sum(axis=1, keepdims=True) @ where
    used = sounding > 0
    diameter = np.array([apart[np.ix_(row, row)].max() for row in used])
    return Tension(diameter, np.linalg.norm(np.diff(centres, axis=0), axis=1), np.linalg.norm(centres - centre, axis=1))


def quarter_clouds(piece: Piece) -> Floats:
    """Grid steps that each pitch class sounds in each quarter, drums left out, ``[quarters, 12]``."""
    step = piece.resolution
    clouds = np.zeros((piece.length // step + 1, 12))
    heard = ~piece.is_drum
    start, end, classes = piece.start[heard], piece.end[heard], piece.pitch[heard] % 12
    for quarter in range(int((end // step - start // step).max(initial=-1)) + 1):
        at = start // step + quarter
        share = np.minimum(end, (at + 1) * step) - np.maximum(start, at * step)
        here = share > 0
        np.add.at(clouds, (at[here], classes[here]), share[here])
    return clouds


def nearest_key(weights: Floats) -> tuple[int, Floats]:
    """Tonic pitch class and spiral centre ``[3]`` of the key nearest to the centre of pitch classes ``[12]``.

    Every key is tried with its own spelling; of keys equally near, which only a few notes leave open, the major one
    with the lower tonic is taken.
    """
    distances = []
    for minor in (False, True):
        home = key_centre(0, minor=minor)
        for tonic in range(12):
            centre = weights / weights.sum() @ position(spelling(tonic) - _fifths(tonic))
            distances.append((round(float(np.linalg.norm(centre - home)), 12), minor, tonic))
    _, minor, tonic = min(distances)
    return tonic, key_centre(_fifths(tonic), minor=minor)


def spelling(tonic: int) -> Ints:
    """Place on the line of fifths (C is 0) of each pitch class ``[12]`` in a key with this tonic."""
    fifths = (np.arange(12) - tonic) * 7 % 12
    return np.where(fifths > 6, fifths - 12, fifths) + _fifths(tonic)


def position(fifths: Ints) -> Floats:
    """Points ``[k, 3]`` of places ``[k]`` on the line of fifths."""
    angle = fifths * (np.pi / 2)
    return np.stack([np.sin(angle), np.cos(angle), fifths * RISE], axis=-1)


def key_centre(tonic: int, *, minor: bool) -> Floats:
    """Centre ``[3]`` of the key whose tonic has this place on the line of fifths."""
    if not minor:
        return _WEIGHTS @ np.stack([_triad(tonic), _triad(tonic + 1), _triad(tonic - 1)])
    dominant = _ALPHA * _triad(tonic + 1) + (1 - _ALPHA) * _triad(tonic + 1, minor=True)
    subdominant = _BETA * _triad(tonic - 1, minor=True) + (1 - _BETA) * _triad(tonic - 1)
    return _WEIGHTS @ np.stack([_triad(tonic, minor=True), dominant, subdominant])


def _triad(root: int, *, minor: bool = False) -> Floats:
    return np.asarray(_WEIGHTS @ position(np.array([root, root + 1, root - 3 if minor else root + 4])))


def _fifths(pitch_class: int) -> int:
    """Place of a pitch class on the line of fifths, from -5 to 6."""
    place = pitch_class * 7 % 12
    return place - 12 if place > 6 else place
