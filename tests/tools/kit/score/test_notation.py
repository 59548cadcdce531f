"""Notation in and out: real scores come back note for note; what was written is what was meant; damage is told."""

from __future__ import annotations

import pytest

from bench.roundtrip import corpus_files, trip
from tools.errors import UserError
from tools.kit.score import Control, Note, Score, Track
from tools.kit.score.musicxml import as_musicxml
from tools.kit.score.notation import read_score
from tools.kit.score.note_values import on_grid, values
from tools.kit.theory.meter import Meter
from tools.kit.theory.pitch import Key


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("number", range(25))
def test_real_scores_come_back_note_for_note(number, tmp_path):
    done = trip(corpus_files(25, 11)[number], tmp_path, kern=False)
    assert not done.error
    assert (done.midi, done.musicxml, done.maps, done.tracks) == (True, True, True, True), done.name


def written(score, tmp_path, name="a.musicxml"):
    path = tmp_path / name
    path.write_text(as_musicxml(score).text, encoding="utf-8")
    return read_score(path)


@pytest.mark.filterwarnings("ignore")
def test_everything_notation_has_a_place_for_is_written_and_read(tmp_path):
    notes = [
        Note(0.0, 1.0, 61, 70, "Db", 1, ("staccato", "accent", "slur-start")),
        Note(1.0, 1 / 3, 63, 71, "Eb", 1),
        Note(4 / 3, 1 / 3, 65, 72, "F", 1),
        Note(5 / 3, 1 / 3, 66, 73, "Gb", 1, ("slur-stop",)),
        Note(2.0, 4.0, 68, 74, "Ab", 1, ("fermata",)),
        Note(0.0, 6.0, 49, 60, "Db", 2),
    ]
    flute = Track("Flute", 73, notes=notes, lyrics=[(0.0, "glo-"), (1.0, "ria")], dynamics=[(0.0, "mf"), (2.0, "ff")])
    drums = Track("Kit", 0, is_drum=True, notes=[Note(i / 2, 0.5, 36 + 2 * (i % 3), 90) for i in range(12)])
    score = Score(
        [flute, drums],
        [(0.0, 96.0), (2.0, 120.5)],
        [(0.0, Meter(3, 4))],
        [(0.0, Key.parse("Db major"))],
        [(3.0, "B")],
        "A title",
    )
    back = written(score, tmp_path)
    for one, other in zip(score.tracks, back.tracks, strict=True):
        order = [sorted(t.notes, key=lambda n: (n.start, n.pitch)) for t in (one, other)]
        assert [(round(n.start, 6), round(n.duration, 6), n.pitch, n.velocity) for n in order[0]] == [
            (round(n.start, 6), round(n.duration, 6), n.pitch, n.velocity) for n in order[1]
        ]
    got = {(n.start, n.pitch): n for n in back.tracks[0].notes}
    assert got[0.0, 61].spelling == "Db"
    assert set(got[0.0, 61].marks) == {"staccato", "accent", "slur-start"}
    assert got[2.0, 68].marks == ("fermata",)
    assert (back.tracks[0].program, back.tracks[1].is_drum) == (73, True)
    assert back.tracks[0].lyrics == flute.lyrics
    assert back.tracks[0].dynamics == flute.dynamics
    assert (back.tempi, back.meters, back.keys) == (score.tempi, score.meters, score.keys)
    assert (back.markers, back.title) == (score.markers, "A title")


def test_what_has_no_place_is_named():
    track = Track("a", notes=[Note(0, 1, 60, 80)], controls=[Control(0, 7, 90), Control(0, 64, 127)])
    assert as_musicxml(Score([track])).lost == ("1 controller changes",)


@pytest.mark.parametrize("eighths", range(1, 33))
def test_every_length_in_eighths_is_written_in_tied_values_that_add_up(eighths):
    from fractions import Fraction

    pieces = values(Fraction(eighths, 2))
    assert sum(p.length for p in pieces) == Fraction(eighths, 2)
    assert all(p.type for p in pieces)


def test_places_are_found_on_the_coarsest_grid():
    places = (0.5, 1 / 3, 0.2, 0.142857, 0.3751, 0.27)
    assert [str(on_grid(x)) for x in places] == ["1/2", "1/3", "1/5", "1/7", "3/8", "1/4"]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.musicxml", "<score-partwise><part-list/>"),
        ("b.musicxml", "<score-partwise version='4.0'><part id='P1'><measure><note>"),
        ("c.json", '{"tracks": [{"name": 1}]}'),
        ("d.json", "[]"),
        ("e.krn", "**kern\n4zz\n"),
    ],
)
def test_damaged_notation_is_refused_by_name_or_empty(tmp_path, name, text):
    (tmp_path / name).write_text(text)
    try:
        assert not any(t.notes for t in read_score(tmp_path / name).tracks)
    except UserError as err:
        assert name in err.msg  # noqa: PT017
