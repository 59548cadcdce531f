"""Voices: those of real chorales are found again when their notes are thrown together."""

from __future__ import annotations

import random

import pytest

from tools.kit.score import Note, read_midi
from tools.kit.voices import MOST_VOICES, voices_of


@pytest.mark.parametrize("name", ["bwv66.6", "bwv57.8", "bwv269"])
def test_a_chorales_voices_are_found_again(name, tmp_path):
    from music21 import corpus

    path = tmp_path / "chorale.mid"
    corpus.parse(name).write("midi", fp=path)
    parts = [t.notes for t in read_midi(path).tracks if t.notes]
    own = {id(n): i for i, notes in enumerate(parts) for n in notes}
    voices = voices_of([n for notes in parts for n in notes])
    right = sum(own[id(n)] == i for i, voice in enumerate(voices) for n in voice)
    assert len(voices) == 4
    assert right / len(own) > 0.9


def test_every_note_is_in_one_voice_and_voices_are_bounded():
    notes = [Note(start, 2.0, 30 + 7 * step, 80) for start in range(3) for step in range(12)]
    voices = voices_of(notes)
    assert len(voices) == MOST_VOICES
    assert sorted(id(n) for v in voices for n in v) == sorted(map(id, notes))
    assert voices_of([]) == []


@pytest.mark.parametrize("seed", range(30))
def test_there_are_never_more_voices_than_notes_at_once(seed):
    rng = random.Random(seed)
    notes = [
        Note(rng.randrange(64) / 4, rng.choice((0.25, 0.5, 1.0, 2.0, 4.0)), rng.randint(24, 96), 80) for _ in range(60)
    ]
    at_once = max(sum(n.start <= m.start < n.end for n in notes) for m in notes)
    voices = voices_of(notes)
    assert len(voices) <= min(at_once, MOST_VOICES)
    assert sorted(map(id, (n for v in voices for n in v))) == sorted(map(id, notes))
