"""The choice among drafts: the one whose bars are most like the piece's own."""

from __future__ import annotations

import numpy as np
import pytest

from tools.compose.weaver.typical import figures, nearest
from tools.kit.score import Note

SCALE = (0, 2, 4, 5, 7, 9, 11)


def bar(*pitches, length=1.0, at=0.0):
    return [Note(at + i * length, length, p, 80) for i, p in enumerate(pitches)]


def test_a_bar_is_seven_figures():
    chord = [Note(0.0, 2.0, p, 80) for p in (60, 64, 67)]
    assert figures([chord, []], SCALE).tolist() == [
        [3.0, 191 / 3, pytest.approx(np.std([60, 64, 67])), 2.0, 1.0, 1.0, 3.0]
    ]


def test_the_draft_of_the_pieces_own_density_and_register_wins():
    own = figures([bar(60, 62, 64, 65), bar(62, 64, 65, 67), bar(60, 64, 62, 65)], SCALE)
    drafts = [[bar(84, 86, 88, 89)], [bar(60, 62, length=2.0)], [bar(62, 60, 65, 64)]]
    assert nearest(drafts, lambda d: d, own, SCALE) is drafts[2]


def test_a_piece_without_bars_of_its_own_takes_the_first_draft():
    assert nearest([[bar(60)], [bar(72)]], lambda d: d, figures([], SCALE), SCALE)[0][0].pitch == 60
