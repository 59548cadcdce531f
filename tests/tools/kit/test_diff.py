"""What differs between two scores, note by note and in numbers."""

from __future__ import annotations

import random

from tools.kit.diff import differences, tally
from tools.kit.score import Note, Score, Track


def test_the_tally_counts_what_the_differences_list():
    rng = random.Random(3)
    tracks = [
        Track(name, notes=[Note(i / 2, 0.5, rng.randint(40, 80), 80) for i in range(64)]) for name in ("A", "B", "A")
    ]
    before = Score(tracks)
    after = before.copied()
    for note in after.tracks[2].notes[20:30] + after.tracks[1].notes[:3]:
        note.pitch += 1
    del after.tracks[0].notes[-1]
    found, counted = differences(before, after), tally(before, after)
    assert (counted.added, counted.removed) == (13, 14)
    assert counted.bars == sorted({d.bar for d in found})
    assert counted.tracks == list(dict.fromkeys(d.track for d in found)) == ["B", "A"]
    assert tally(before, before.copied()).bars == []
