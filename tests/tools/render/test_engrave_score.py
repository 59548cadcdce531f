"""engrave_score: the pages hold every note, in readable values, and what was asked for is on them."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest
from PIL import Image

from tools.errors import UserError
from tools.kit.score import Control, Note, Score, Track, write_midi
from tools.kit.theory.meter import Meter
from tools.kit.theory.pitch import Key

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def midi(tmp_path: Path):
    def write(score: Score, name: str = "piece") -> Path:
        path = tmp_path / f"{name}.mid"
        write_midi(score, path)
        return path

    return write


@pytest.fixture(scope="session")
def chorale() -> Path:
    from music21 import common

    return Path(common.getCorpusFilePath()) / "bach" / "bwv66.6.mxl"


def drawn(path: Path, kind: str) -> list[ElementTree.Element]:
    """The elements of a page that Verovio classes as ``kind``."""
    root = ElementTree.fromstring(path.read_text(encoding="utf-8"))
    return [g for g in root.iter(f"{SVG}g") if kind in (g.get("class") or "").split()]


def text_of(path: Path) -> str:
    root = ElementTree.fromstring(path.read_text(encoding="utf-8"))
    return " ".join(t.strip() for e in root.iter(f"{SVG}text") for t in e.itertext() if t.strip())


def svg(call_tool, path: Path, **args):
    call = call_tool("engrave_score", {"music": "a1", "format": "svg", **args}, attach=[path])
    return call, [a.file for a in call.artifacts if a.media_type == "image/svg+xml"]


@pytest.mark.filterwarnings("ignore")
def test_a_chorale_has_every_note_its_key_fermatas_and_title(call_tool, chorale):
    call, (page,) = svg(call_tool, chorale, title="Christ unser Herr", composer="J. S. Bach")
    assert (call.data["pages"], call.data["notes"], call.data["notes_tidied"]) == (1, 163, 0)
    ties = len(drawn(page, "tie"))
    assert len(drawn(page, "note")) == 163 + ties
    assert len(drawn(page, "staff")) == 4 * len(drawn(page, "measure"))  # sung parts, no keyboards
    assert len(drawn(page, "fermata")) == 6  # over the soprano
    assert all(w in text_of(page) for w in ("Christ unser Herr", "J. S. Bach", "Soprano", "Bass"))
    assert call.data["key"] == "F# minor"


def humanised(bars: int = 4) -> Score:
    """Eighths over a bass, played late, short and uneven, as a person plays them."""
    import numpy as np

    rng = np.random.default_rng(4)
    right = [Note(max(0.0, i / 2 + float(rng.normal(0, 0.02))), 0.41, 72 + i % 5, 80) for i in range(8 * bars)]
    left = [Note(max(0.0, i + float(rng.normal(0, 0.02))), 0.83, 43 + 2 * (i % 3), 70) for i in range(4 * bars)]
    piano = Track("Piano", 0, notes=right + left, controls=[Control(i * 2.0, 64, 127 * (i % 2)) for i in range(8)])
    return Score([piano], tempi=[(0.0, 96.0)])


def test_a_performance_is_written_in_plain_values_on_two_staves(call_tool, midi):
    call, (page,) = svg(call_tool, midi(humanised()))
    assert len(drawn(page, "note")) == 48
    assert len(drawn(page, "tie")) == 0
    assert len(drawn(page, "rest")) == 0
    assert len(drawn(page, "staff")) == 2 * len(drawn(page, "measure"))
    assert call.data["notes_tidied"] == 48
    assert call.result.notes


def test_the_tempo_counts_the_beat_of_the_meter_and_a_slowing_is_a_word(call_tool, midi):
    notes = [Note(i / 2, 0.5, 60 + i % 7, 80) for i in range(48)]
    slowing = [(18.0 + i / 2, 120.0 - 5 * i) for i in range(10)]
    score = Score([Track("Flute", 73, notes=notes)], [(0.0, 120.0), *slowing], [(0.0, Meter(6, 8))])
    _, (page,) = svg(call_tool, midi(score))
    text = text_of(page)
    assert "80" in text
    assert "rit." in text
    assert len(drawn(page, "tempo")) == 1


def test_parts_are_read_at_written_pitch_when_asked(call_tool, midi):
    notes = [Note(float(i), 1.0, 58 + (0, 2, 4, 5)[i % 4], 80) for i in range(8)]
    score = Score([Track("Clarinet", 71, notes=notes)], keys=[(0.0, Key.parse("Bb major"))])
    path = midi(score)
    sounding = svg(call_tool, path)[1][0]
    written = svg(call_tool, path, transposed=True)[1][0]
    flats = [len(drawn(page, "keyAccid")) for page in (sounding, written)]
    assert flats == [2, 0]


def test_drums_stand_on_their_lines_with_crosses_for_cymbals(call_tool, midi):
    kit = [Note(i / 2, 0.1, key, 90) for i in range(16) for key in ((36, 42) if i % 4 == 0 else (42,))]
    _, (page,) = svg(call_tool, midi(Score([Track("Drums", 0, is_drum=True, notes=kit)])))
    text = page.read_text(encoding="utf-8")
    assert text.count('xlink:href="#E0A9-') == 16  # SMuFL: notehead X, the hi-hat
    assert text.count('xlink:href="#E0A4-') == 4  # the bass drum


def test_a_cello_that_climbs_changes_its_clef(call_tool, midi):
    notes = [Note(float(i), 1.0, 40 + i % 8 if i < 16 else 64 + i % 8, 80) for i in range(32)]
    _, (page,) = svg(call_tool, midi(Score([Track("Cello", 42, notes=notes)])))
    signs = {e.get("{http://www.w3.org/1999/xlink}href", "")[:5] for g in drawn(page, "clef") for e in g.iter()} - {""}
    assert signs == {"#E062", "#E07A", "#E050"}  # SMuFL: F clef, the change to G, and G at the next system


def test_only_the_bars_and_parts_asked_for_are_set(call_tool, chorale):
    call, (page,) = svg(call_tool, chorale, from_bar=3, to_bar=4, tracks=["Alto", "Bass"], bars_per_system=1)
    assert (call.data["bars"], call.data["parts"]) == (2, ["Alto", "Bass"])
    assert len(drawn(page, "system")) == 2
    assert "Soprano" not in text_of(page)


def test_pdf_and_png_are_vector_and_picture_of_the_same_pages(call_tool, midi):
    path = midi(humanised(40))
    args = {"music": "a1", "title": "Étude № 1"}
    pdf = call_tool("engrave_score", args, attach=[path])
    (document,) = [a.file.read_bytes() for a in pdf.artifacts if a.media_type == "application/pdf"]
    png = call_tool("engrave_score", args | {"format": "png", "paper": "letter", "dpi": 60}, attach=[path])
    pictures = [a.file for a in png.artifacts if a.media_type == "image/png"]
    assert document.startswith(b"%PDF")
    assert b"/Subtype/Image" not in document.replace(b" ", b"")
    assert len(pictures) == png.data["pages"] > 1
    with Image.open(pictures[0]) as picture:
        assert picture.size == (510, 660)
    again = call_tool("engrave_score", args, attach=[path])
    assert again.file("picture").read_bytes() == document


def test_a_score_that_names_no_key_gets_the_one_its_notes_suggest(call_tool, midi):
    scale = (62, 64, 66, 67, 69, 71, 73, 74)
    score = Score([Track("Flute", 73, notes=[Note(i / 2, 0.5, scale[i % 8], 80) for i in range(64)])])
    call, (page,) = svg(call_tool, midi(score))
    assert call.data["key"] == "D major"
    assert not [g for g in drawn(page, "accid") if len(g)]  # all sharps are in the signature
    assert any("probably" in n for n in call.result.notes)


def test_an_empty_score_and_absent_parts_are_refused(call_tool, midi):
    with pytest.raises(UserError, match="no notes"):
        call_tool("engrave_score", {"music": "a1"}, attach=[midi(Score([Track("a")]))])
    with pytest.raises(UserError, match="no track"):
        call_tool("engrave_score", {"music": "a2", "tracks": ["tuba"]}, attach=[midi(humanised(), "b")])


def test_a_syllable_on_several_notes_is_slurred(call_tool, midi):
    notes = [Note(float(i), 1.0, 60 + i, 80) for i in range(8)]
    sung = [(0.0, "glo-"), (1.0, "ri-"), (2.0, "a"), (5.0, "in"), (6.0, "the"), (7.0, "high")]
    _, (page,) = svg(call_tool, midi(Score([Track("Voice", 52, notes=notes, lyrics=sung)])))
    assert len(drawn(page, "slur")) == 1
    assert "glo" in text_of(page)


def test_characters_that_no_font_has_are_said(call_tool, midi, monkeypatch):
    monkeypatch.setattr("matplotlib.font_manager.findSystemFonts", list)
    path = midi(Score([Track("Voice", 52, notes=[Note(0.0, 4.0, 60, 80)], lyrics=[(0.0, "春")])]))
    call, _ = svg(call_tool, path, title="Été à Łódź")
    assert any("No font here has 1 of the characters (春)" in n for n in call.result.notes)


def test_accents_and_the_notes_of_music_are_in_every_font(call_tool, midi):
    call, _ = svg(call_tool, midi(Score([Track("Flûte", 73, notes=[Note(0.0, 4.0, 60, 80)])])), title="Été à Łódź № 1")
    assert not any("No font" in n for n in call.result.notes)
