"""Comparatives move the facets of the piece they are said of."""

from __future__ import annotations

import pytest

from retrieval.facets import Facets
from retrieval.relative import Shift, shift_of, shifted
from tools.brief import TempoRange

PIECE = Facets(affect=(0.2, 0.3), tempo_bpm=100.0, key="D major", mode="major")


@pytest.mark.parametrize(
    ("words", "shift"),
    [
        ("but calmer", Shift(arousal=-0.4)),
        ("a little slower and sadder", Shift(valence=-0.4, pace=-1)),
        ("the same, in a minor key", Shift(mode="minor")),
        ("更欢快一点", Shift(valence=0.4)),
        ("a calm waltz", Shift()),
    ],
)
def test_comparatives_are_read(words: str, shift: Shift) -> None:
    assert shift_of(words) == shift
    assert bool(shift_of(words)) == (shift != Shift())


def test_facets_move_as_asked_and_stay_in_range() -> None:
    moved = shifted(PIECE, shift_of("calmer, slower, in minor"))
    assert moved.affect == pytest.approx((0.2, -0.1))
    assert isinstance(moved.tempo_bpm, TempoRange)
    assert moved.tempo_bpm.max == pytest.approx(100 / 1.12)
    assert (moved.key, moved.mode) == ("D minor", "minor")
    assert shifted(Facets(affect=(0.0, -0.9)), shift_of("calmer")).affect == (0.0, -1.0)
