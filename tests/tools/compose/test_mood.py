"""What an asked mood moves, and that what nobody asked for stays the style's."""

from __future__ import annotations

import pytest

from tools.brief import MusicFields
from tools.compose.engine.composer import Composed, compose_score
from tools.compose.engine.grid import Bar, Grid
from tools.compose.engine.orchestration import Banned, Player, cast
from tools.compose.engine.performance import articulate
from tools.compose.engine.request import read_wish
from tools.kit.score import Note
from tools.kit.theory.chord import Chord
from tools.kit.theory.instruments import instrument
from tools.kit.theory.meter import Meter


def _made(seed: int = 4, **fields: object) -> Composed:
    return compose_score(read_wish(MusicFields(duration_s=30, **fields), None, None, None), seed)  # type: ignore[arg-type]


@pytest.mark.parametrize(("valence", "mode"), [(-0.8, "minor"), (0.0, "dorian"), (0.8, "major")])
def test_valence_chooses_the_mode_where_none_is_asked(valence, mode):
    assert _made(valence=valence, arousal=0.0).key.mode == mode


def test_an_asked_key_stands_before_the_mood_and_it_is_said():
    done = _made(mood="calm", key="D dorian")
    assert str(done.key) == "D dorian"
    assert any("darker than the mood" in note for note in done.notes)
    assert not any("than the mood" in note for note in _made(mood="calm", key="D major").notes)


def _richer(done: Composed) -> float:
    chords = [s.chord for s in done.spans if s.chord is not None]
    return sum(c != Chord(c.root, c.triad().quality, c.bass) for c in chords) / len(chords)


def test_low_valence_adds_tones_that_rub_and_high_valence_leaves_triads():
    assert _richer(_made(valence=-1.0, arousal=0.0)) > 0.5
    assert _richer(_made(valence=1.0, arousal=0.0)) < 0.2


def _quarters(share: float) -> list[Note]:
    return [Note(float(i), share, 60, 80) for i in range(8)]


def _lengths(share: float, arousal: float, pull: float) -> list[float]:
    part = _quarters(share)
    meter = Meter(4, 4)
    grid = Grid(meter, [Bar(0.0, meter), Bar(4.0, meter)], [(0.0, 100.0)], 8.0, [])
    players = [Player("flute", 73, False, 60, 96, "melody", False)]
    articulate([part], players, grid, arousal, pull)
    return [n.duration for n in part]


def test_excited_music_is_detached_and_calm_music_bound():
    assert max(_lengths(0.95, 1.0, 0.8)) < 0.7
    assert min(_lengths(0.5, -1.0, 0.8)) > 0.9
    assert _lengths(0.6, 0.5, 0.0) == [0.6] * 8


def test_a_line_never_runs_into_its_own_next_note():
    assert max(_lengths(0.5, -1.0, 1.0)) <= 1.0


@pytest.mark.parametrize("names", [("cello", "piano"), ("piano", "cello"), ("guitar", "flute")])
def test_in_a_duo_the_line_has_the_tune_and_the_chords_accompany(names):
    players = cast([instrument(n) for n in names], Banned(frozenset(), frozenset()))
    roles = {p.name: p.role for p in players}
    assert [roles[n] for n in sorted(names, key=lambda n: n in ("piano", "guitar"))] == ["melody", "bass"]
    assert next(p for p in players if p.role == "bass").covers


def test_a_born_bass_stays_the_bass_of_a_duo():
    players = cast([instrument("double bass"), instrument("piano")], Banned(frozenset(), frozenset()))
    assert {p.name: p.role for p in players}["double bass"] == "bass"
