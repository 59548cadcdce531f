"""A given theme: stated as it is, fitted to another meter and mode, coming again, and measured where it does."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import pytest

from tools.compose.engine.theme import fitted, form_for, theme_of
from tools.errors import UserError
from tools.kit.score import Note, Score, Track, read_midi, write_midi
from tools.kit.theory.meter import Meter
from tools.kit.theory.pitch import Key

TUNE = [(0, 1, 67), (1, 0.5, 64), (1.5, 0.5, 65), (2, 1, 67), (3, 1, 72), (4, 1.5, 71), (5.5, 0.5, 69), (6, 2, 67),
        (8, 1, 69), (9, 1, 65), (10, 0.5, 67), (10.5, 0.5, 69), (11, 1, 71), (12, 3, 72)]  # fmt: skip
CALLS = (
    {"bars": 16, "instruments": ["piano"]},
    {"bars": 24, "instruments": ["flute", "guitar", "cello"], "key": "D major"},
    {"bars": 32, "instruments": ["violin", "violin", "viola", "cello"], "tempo_bpm": 84},
    {"bars": 20, "instruments": ["trumpet", "piano", "double bass", "drums"], "genre": "jazz"},
)


@pytest.fixture
def riff(tmp_path: Path) -> Path:
    return written(TUNE, tmp_path / "riff.mid")


def written(tune: Sequence[tuple[float, float, int]], path: Path, meter: str = "4/4") -> Path:
    track = Track("Voice", 0, False, [Note(a, d, p, 80) for a, d, p in tune], [])
    write_midi(Score([track], [(0.0, 100.0)], [(0.0, Meter.parse(meter))], [(0.0, Key(0, "major"))], [], "riff"), path)
    return path


def stated(call, statement, count: int) -> list[Note]:
    """The highest line of the melody's track from a statement's bar on."""
    score = read_midi(call.file("midi"))
    start = score.bar_starts()[statement["from_bar"] - 1]
    names = call.data["instruments"]
    lead = next((t for t in score.tracks if t.name == names[0]), score.tracks[0])
    top: dict[float, Note] = {}
    for note in lead.notes:
        at = round((note.start - start) * 8) / 8
        if at >= 0 and (at not in top or note.pitch > top[at].pitch):
            top[at] = note
    floor = max(n.pitch for n in top.values()) - 24
    return [top[a] for a in sorted(top) if top[a].pitch > floor][:count]


@pytest.mark.parametrize("asked", CALLS)
def test_the_theme_is_stated_note_for_note_and_comes_again(call_tool, riff: Path, asked: dict[str, object]) -> None:
    call = call_tool("compose", {"theme": "a1", **asked}, attach=[riff], seed=3)
    first = call.data["theme"][0]
    assert (first["how"], first["similarity"]) == ("literal", 1.0)
    assert len(call.data["theme"]) >= 2
    assert max(s["similarity"] for s in call.data["theme"][1:]) >= 0.8
    assert call.data["bars"] == asked["bars"]
    assert call.data["key"] == asked.get("key", "C major")
    if "tempo_bpm" in asked:
        assert call.data["tempo_bpm"] == pytest.approx(asked["tempo_bpm"], rel=0.01)
    assert any("the theme comes in bar" in note for note in call.result.notes)


def test_intervals_and_rhythm_of_the_first_statement_are_the_given_ones(call_tool, riff: Path) -> None:
    call = call_tool("compose", {"theme": "a1", "bars": 16, "instruments": ["flute", "piano"]}, attach=[riff])
    got = stated(call, call.data["theme"][0], len(TUNE))
    assert [b.pitch - a.pitch for a, b in pairwise(got)] == [b[2] - a[2] for a, b in pairwise(TUNE)]
    origin = got[0].start
    assert [n.start - origin for n in got] == pytest.approx([a for a, _, _ in TUNE], abs=0.05)


def test_the_themes_own_key_meter_and_tempo_stand_where_none_is_asked(call_tool, tmp_path: Path) -> None:
    tune = [(0, 1, 69), (1, 1, 72), (2, 1, 76), (3, 2, 74), (5, 1, 72), (6, 1, 71), (7, 1, 68), (8, 1, 71), (9, 3, 69)]
    call = call_tool("compose", {"theme": "a1"}, attach=[written(tune, tmp_path / "minor.mid", "3/4")])
    assert (call.data["key"], call.data["meter"]) == ("A minor", "3/4")
    assert call.data["tempo_bpm"] == pytest.approx(100, rel=0.07)


def test_a_tune_in_four_becomes_a_waltz_long_and_short(call_tool, riff: Path) -> None:
    call = call_tool("compose", {"theme": "a1", "genre": "waltz", "duration_s": 40}, attach=[riff])
    assert call.data["meter"] == "3/4"
    assert call.data["duration_s"] == pytest.approx(40, abs=0.5)
    assert call.data["theme"][0]["similarity"] == 1.0
    theme = theme_of([Note(a, d, p, 80) for a, d, p in TUNE], [0, 4, 8, 12], Meter(4, 4), Key(0, "major"), 100)
    waltz = fitted(theme, Meter(3, 4), Key(0, "major"))
    assert [n.start for n in waltz.notes[:6]] == [0, 2, 2.5, 3, 5, 6]


def test_degrees_go_to_the_degrees_of_the_other_mode() -> None:
    theme = theme_of([Note(i, 1, p, 80) for i, p in enumerate((60, 64, 69, 67))], [0], Meter(4, 4), Key(0, "major"), 90)
    assert [n.pitch for n in fitted(theme, Meter(4, 4), Key(2, "minor")).notes] == [62, 65, 70, 69]


@pytest.mark.parametrize("meter", ["2/4", "3/4", "6/8", "12/8", "5/4", "7/8", "2/2"])
def test_a_theme_keeps_its_order_and_its_strong_notes_in_any_meter(meter: str) -> None:
    theme = theme_of([Note(a, d, p, 80) for a, d, p in TUNE], [0, 4, 8, 12], Meter(4, 4), Key(0, "major"), 100)
    made = fitted(theme, Meter.parse(meter), Key(0, "major"))
    assert [n.pitch for n in made.notes] == [n.pitch for n in theme.notes]
    assert all(a.start < b.start for a, b in pairwise(made.notes))
    bar = Meter.parse(meter).bar_quarters
    onsets = {round(n.start, 6): n.pitch for n in made.notes}
    downbeats = [p for at, p in onsets.items() if at % bar < 1e-6]
    assert {67, 71, 69, 72} <= set(downbeats)


def test_given_chords_stand_under_the_theme(call_tool, riff: Path) -> None:
    asked = {"theme": "a1", "bars": 16, "chords": ["C", "Am", "F", "G"], "instruments": ["flute", "piano"]}
    call = call_tool("compose", asked, attach=[riff])
    assert call.data["chords"][:4] == ["C", "Am", "F", "G"]
    assert call.data["theme"][0]["similarity"] == 1.0


def test_the_same_seed_gives_the_same_bytes(call_tool, riff: Path) -> None:
    asked = {"theme": "a1", "bars": 16, "instruments": ["piano", "violin"]}
    one, two = (call_tool("compose", asked, attach=[riff], seed=5).file("midi").read_bytes() for _ in range(2))
    assert one == two


def test_a_theme_of_one_note_is_refused(call_tool, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="theme has 1 note"):
        call_tool("compose", {"theme": "a1"}, attach=[written([(0, 1, 60)], tmp_path / "one.mid")])


def test_a_long_theme_is_cut_and_that_is_said(call_tool, tmp_path: Path) -> None:
    tune = [(a + 16 * k, d, p + k % 3) for k in range(8) for a, d, p in TUNE]
    call = call_tool("compose", {"theme": "a1", "bars": 16}, attach=[written(tune, tmp_path / "long.mid")])
    assert any("too long to come twice" in note for note in call.result.notes)
    assert call.data["theme"][0]["to_bar"] <= 8
    assert len(call.data["theme"]) >= 2


@pytest.mark.parametrize(("theme", "bars", "form"), [(4, 16, "ABA"), (8, 16, "AA"), (4, 32, "AABA"), (4, 4, "A")])
def test_the_form_lets_the_theme_come_again(theme: int, bars: int, form: str) -> None:
    assert form_for(theme, bars) == form
