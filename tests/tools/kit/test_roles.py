"""Roles inside a score: which notes only adorn others, and what the melody of one track is."""

from __future__ import annotations

from tools.kit.roles import of_role, ornaments_of
from tools.kit.score import Note, Score, Track

LINE = [Note(float(i), 1.0, 60 + i, 80) for i in range(4)]


def test_marked_graces_adorn_wherever_they_are():
    grace = Note(1.0, 0.125, 65, 80, marks=("grace",))
    chord = [Note(2.0, 1.0, 55, 80)]
    assert ornaments_of([*LINE, *chord, grace]) == {id(grace)}


def test_a_brief_neighbour_in_a_single_line_adorns():
    grace = Note(1.0, 0.125, 65, 80)
    assert ornaments_of([*LINE, grace]) == {id(grace)}


def test_a_brief_note_among_chords_or_far_away_adorns_nothing():
    brief = Note(1.0, 0.125, 65, 80)
    assert not ornaments_of([*LINE, brief, Note(2.0, 1.0, 55, 80)])
    assert not ornaments_of([*LINE, Note(1.0, 0.125, 85, 80)])


def test_the_melody_of_one_track_takes_its_graces_along():
    grace = Note(1.0, 0.125, 65, 80, marks=("grace",))
    low = [Note(float(i), 1.0, 40, 80) for i in range(4)]
    score = Score([Track("Piano", notes=[*LINE, grace, *low])])
    assert of_role(score, "melody") == {0: frozenset(map(id, [*LINE, grace]))}
    assert of_role(score, "accompaniment") == {0: frozenset(map(id, low))}
