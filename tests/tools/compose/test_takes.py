"""Several takes of a piece: how many, which is kept, and what makes one better."""

from __future__ import annotations

import pytest

from tools.brief import MusicFields
from tools.compose.engine import composer
from tools.compose.engine.merit import merit, parallels, statistics, top_line
from tools.compose.engine.request import read_wish
from tools.kit.score import Note, Score, Track
from tools.kit.score.midi import write_midi


def _score(pitches: list[int], bass: list[int] | None = None) -> Score:
    tune = Track("violin", 40, notes=[Note(float(i), 1.0, p, 80) for i, p in enumerate(pitches)])
    under = Track("bass", 32, notes=[Note(float(i), 1.0, p, 80) for i, p in enumerate(bass or [])])
    return Score([tune, under])


SONG = [67, 69, 71, 72, 71, 69, 67, 67, 64, 66, 67, 69, 67, 64, 62, 62, 67, 69, 71, 74, 72, 71, 69, 67]


def test_a_song_is_better_than_leaps_and_than_one_note():
    song, leaps = merit(_score(SONG), 0, None), merit(_score([48, 72, 50, 79, 47, 77, 52, 81] * 3), 0, None)
    assert song > leaps
    assert song > merit(_score([60] * 24), 0, None)


def test_parallel_fifths_count_against_a_take():
    fifths = [p - 19 for p in SONG]
    assert parallels(top_line(_score(SONG).tracks[0].notes), top_line(_score(SONG, fifths).tracks[1].notes)) == 1.0
    assert merit(_score(SONG, fifths), 0, 1) < merit(_score(SONG, [43] * 24), 0, 1)


def test_a_melody_too_short_to_judge_is_neither_good_nor_bad():
    assert statistics(top_line(_score([60, 62]).tracks[0].notes), _score([60, 62])) == {}
    assert merit(_score([60, 62]), 0, None) == 0.0


def test_long_pieces_get_fewer_takes_and_every_piece_one():
    assert composer.candidates(8, 2) == composer.MOST_TAKES
    assert composer.candidates(1000, 12) == 1
    counts = [composer.candidates(bars, 6) for bars in (8, 60, 200, 400)]
    assert counts == sorted(counts, reverse=True)


@pytest.mark.parametrize("seed", [1, 2])
def test_the_best_of_takes_is_no_worse_than_the_first_and_the_same_each_time(seed, monkeypatch, tmp_path):
    def made(takes: int) -> tuple[float, bytes]:
        monkeypatch.setattr(composer, "MOST_TAKES", takes)
        wish = read_wish(MusicFields(genre="folk", duration_s=25, key="G major"), None, None, None)
        done = composer.compose_score(wish, seed)
        roles = [p.role for p in done.players]
        path = tmp_path / "x.mid"
        write_midi(done.score, path)
        return merit(done.score, roles.index("melody"), roles.index("bass")), path.read_bytes()

    assert made(4)[0] >= made(1)[0]
    assert made(4) == made(4)
