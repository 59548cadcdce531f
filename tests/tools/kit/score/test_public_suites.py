"""Public suites of odd files: every one is read, written as MIDI and MusicXML, and what moved or was lost is told.

The MusicXML suite is LilyPond's unofficial one (R. Kainhofer), the MIDI files are music21's; both ship in music21.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import music21
import pytest

from tools.kit.score import Score, read_midi, write_midi
from tools.kit.score.musicxml import as_musicxml
from tools.kit.score.notation import read_score

SHIPPED = Path(music21.__file__).parent
MUSICXML = sorted((SHIPPED / "musicxml" / "lilypondTestSuite").glob("*.xml"))
MIDI = sorted((SHIPPED / "midi" / "testPrimitive").glob("*.mid"))
SILENT = {"02a", "02b", "02c", "41f", "45a", "45c", "45d", "45e", "45f", "46a", "52a"}  # rests alone: no part is left


def places(score: Score) -> Counter[tuple[int, int]]:
    return Counter((round(n.start * 24), n.pitch) for t in score.tracks for n in t.notes)


def test_the_suites_are_there():
    assert len(MUSICXML) > 130
    assert len(MIDI) > 15


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("path", MUSICXML, ids=lambda p: p.stem)
def test_a_file_of_the_musicxml_suite_goes_through_midi_and_back_to_musicxml(path, tmp_path):
    score = read_score(path)
    write_midi(score, tmp_path / "a.mid")
    assert places(read_midi(tmp_path / "a.mid")) == places(score)
    written = as_musicxml(score)
    (tmp_path / "a.musicxml").write_text(written.text, encoding="utf-8")
    back = read_score(tmp_path / "a.musicxml")
    strayed = (places(score) - places(back)).total()
    assert strayed <= written.moved
    lost = any("key changes" in what for what in written.lost)
    assert back.keys == score.keys or lost or path.stem[:3] in SILENT


@pytest.mark.parametrize("path", MIDI, ids=lambda p: p.stem)
def test_an_odd_midi_file_is_read_and_written_note_for_note(path, tmp_path):
    score = read_midi(path)
    write_midi(score, tmp_path / "a.mid")
    assert places(read_midi(tmp_path / "a.mid")) == places(score)
