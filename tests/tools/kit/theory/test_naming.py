"""Chord symbols are spelt by their key and mean the chord that they name."""

from __future__ import annotations

import itertools

import pytest

from tools.kit.theory.chord import QUALITIES, Chord
from tools.kit.theory.naming import symbol_in
from tools.kit.theory.pitch import Key


@pytest.mark.parametrize(
    ("chord", "key", "name"),
    [
        (Chord(2, "", 6), "G minor", "D/F#"),
        (Chord(6, "dim", 9), "G minor", "F#dim/A"),
        (Chord(0, "7", 10), "C major", "C7/Bb"),
        (Chord(9, "7", 1), "C major", "A7/C#"),
        (Chord(8, "dim"), "C major", "G#dim"),
        (Chord(10, ""), "C major", "Bb"),
        (Chord(1, ""), "C major", "Db"),
        (Chord(1, "", 5), "F# minor", "C#/E#"),
        (Chord(8, "", 0), "C minor", "Ab/C"),
        (Chord(11, "dim7", 8), "C minor", "Bdim7/Ab"),
        (Chord(4, "", 8), "A minor", "E/G#"),
        (Chord(5, "m", 8), "C major", "Fm/Ab"),
    ],
)
def test_roots_and_basses_are_spelt_by_the_key(chord, key, name):
    assert symbol_in(chord, Key.parse(key)) == name


@pytest.mark.parametrize("mode", ["major", "minor", "dorian"])
def test_every_symbol_reads_back_as_its_chord(mode):
    for tonic, root, quality in itertools.product(range(12), range(12), QUALITIES):
        for bass in (None, *((root + step) % 12 for step in QUALITIES[quality][1:])):
            chord = Chord(root, quality, bass)
            assert Chord.parse(symbol_in(chord, Key(tonic, mode))).pitch_classes() == chord.pitch_classes()
