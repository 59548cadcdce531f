"""The verdict on words to be sung, from the syllables in a MIDI file."""

from __future__ import annotations

import pytest

from tools.brief import Brief, constraint
from tools.contract import Artifact
from tools.kit.score import Note, Score, Track, write_midi
from tools.kit.verdicts.evidence import Evidence
from tools.kit.verdicts.rights import lyrics


def _evidence(tmp_path, syllables):
    notes = [Note(float(i), 1.0, 60 + i, 80) for i in range(3)]
    path = tmp_path / "song.mid"
    write_midi(Score([Track("Voice", 53, notes=notes, lyrics=syllables)]), path)
    midi = Artifact(id="a1", kind="midi", path=str(path), sha256="0", media_type="audio/midi")
    return Evidence(Brief(), midi=midi)


@pytest.mark.parametrize(("asked", "verdict"), [("Gloria, amen!", "met"), ("Gloria patri", "missed")])
def test_words_asked_are_looked_for_in_the_syllables(tmp_path, asked, verdict):
    evidence = _evidence(tmp_path, [(0.0, "Glo-"), (1.0, "ria,"), (2.0, "amen")])
    assert lyrics(constraint("lyrics", asked, asked), evidence).verdict == verdict


def test_a_file_without_syllables_is_not_judged(tmp_path):
    assert lyrics(constraint("lyrics", "la", "la"), _evidence(tmp_path, [])).verdict == "not_checked"
