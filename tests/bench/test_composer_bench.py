"""A small run of the bench that holds the composer against real music, without the other composer's environment."""

from __future__ import annotations

import numpy as np
import pytest

from bench import _composer_corpus, composer
from bench._composer_corpus import STYLES, halves, window
from bench._composer_stats import histograms, numbers, parallels
from tools.errors import UserError
from tools.kit.score import Note, Score, Track
from tools.kit.theory.meter import Meter
from tools.kit.theory.pitch import Key

FOLK = next(s for s in STYLES if s.name == "European folk song")


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return str(tmp_path_factory.mktemp("cache"))


@pytest.fixture(autouse=True)
def _own_cache(monkeypatch, cache):
    monkeypatch.setattr(_composer_corpus.platformdirs, "user_cache_dir", lambda name: cache)


def _line(pitches, last=1.0):
    notes = [Note(float(k), last if k == len(pitches) - 1 else 1.0, p, 80) for k, p in enumerate(pitches)]
    return Score([Track("line", 0, False, notes)], [(0.0, 100.0)], [(0.0, Meter(4, 4))], [(0.0, Key(0, "major"))])


@pytest.mark.filterwarnings("ignore")
def test_random_notes_lie_farther_from_real_music_than_other_real_music_and_a_missing_peer_is_told(monkeypatch):
    def absent(*given):
        raise UserError("it cannot be installed here")

    monkeypatch.setattr(composer, "peers", absent)
    rows, note = composer.compare(FOLK, 3, 3)
    floor, chance = (np.mean([r.far[s] for r in rows if np.isfinite(r.far[s])]) for s in ("floor", "random"))
    assert floor < chance
    assert "cannot be installed" in note
    assert not any("peer" in row.far for row in rows)
    assert any("| all |" in line for line in composer.summary({"folk": rows}))


@pytest.mark.filterwarnings("ignore")
def test_halves_share_no_piece_and_come_from_the_cache_the_second_time(monkeypatch):
    training, held_out = halves(FOLK, 2, 3)
    assert len(training) == 2
    assert len(held_out) == 4
    assert not {e.source for e in training} & {e.source for e in held_out}
    monkeypatch.setattr(_composer_corpus, "_parsed", lambda name, make: pytest.fail("parsed again"))
    again, _ = halves(FOLK, 2, 3)
    assert [e.source for e in again] == [e.source for e in training]


def test_a_phrase_that_rests_on_the_dominant_closes_and_one_that_runs_on_does_not():
    closes = numbers(_line([60, 62, 64, 65] * 3 + [67, 65, 64], last=2.0))
    assert closes["phrases_closed"] == 1.0
    assert closes["phrase_ends_long"] == 1.0
    assert numbers(_line([60, 62, 64, 65] * 4))["phrases_closed"] == 0.0


def test_parallel_fifths_are_counted_and_a_line_alone_has_none():
    two = Score([_line([60, 62]).tracks[0], _line([67, 69]).tracks[0]], [(0.0, 100.0)], [(0.0, Meter(4, 4))])
    assert parallels(two) == 100.0
    assert np.isnan(parallels(_line([60, 62])))


def test_histograms_sum_to_one_and_a_window_keeps_what_begins_in_it():
    for shares in histograms(_line([60, 64, 67, 72])).values():
        assert shares.sum() == pytest.approx(1.0)
    cut = window(_line([60, 62, 64, 65, 67]), 1.0, 3.0, Meter(4, 4))
    assert [(n.start, n.pitch) for n in cut.tracks[0].notes] == [(0.0, 62), (1.0, 64)]
