"""melody_for_chords: a line that fits the chords given, or those of a score that stays as it is."""

from __future__ import annotations

import pytest

from tools.errors import UserError
from tools.kit.score import Note, Score, Track, read_midi, write_midi
from tools.kit.theory.chord import Chord

CHORDS = ["Dm7", "G7", "Cmaj7", "A7", "Dm7", "G7", "C", "C"]


def fit(notes, chords, bar=4.0):
    """Share of the time of long or accented notes that is spent on chord tones."""
    good = total = 0.0
    for n in notes:
        chord = Chord.parse(chords[min(int(n.start // bar), len(chords) - 1)])
        if n.start % 1 == 0 and n.duration >= 0.5:
            total += n.duration
            good += n.duration * (n.pitch % 12 in chord.pitch_classes())
    return good / total


def test_a_melody_over_chords_fits_them_and_sounds_over_them(call_tool):
    call = call_tool("melody_for_chords", {"chords": CHORDS, "instrument": "violin", "tempo_bpm": 110}, seed=1)
    score = read_midi(call.file("midi"))
    lead = next(t for t in score.tracks if t.program == 40)
    assert call.data["bars"] == 8
    assert call.data["chords"] == CHORDS
    assert fit(lead.notes, CHORDS) > 0.6
    assert len(score.tracks) > 1
    assert call.data["lowest"] >= 55


def test_over_a_score_only_a_track_is_added(edit, tmp_path):
    names = ["C", "Am", "F", "G"] * 2
    pads = [
        Note(4.0 * b, 4.0, 48 + (pc - 48) % 12, 70)
        for b, c in enumerate(names)
        for pc in Chord.parse(c).pitch_classes()
    ]
    path = tmp_path / "pads.mid"
    write_midi(Score([Track("Pad", 89, notes=pads)], tempi=[(0, 100), (8, 90)]), path)
    before, after, call = edit("melody_for_chords", path, instrument="oboe", seed=2)
    assert after.tracks[:1] == before.tracks
    assert after.tempi == before.tempi
    assert call.data["chords"] == names
    assert fit(after.tracks[1].notes, names) > 0.6
    assert after.tracks[1].notes[-1].end <= 32.01


def test_chords_given_beside_a_score_are_the_ones_that_count(edit, tmp_path):
    path = tmp_path / "kit.mid"
    write_midi(Score([Track("Bass", 32, notes=[Note(4.0 * b, 4.0, 36, 70) for b in range(4)])]), path)
    before, after, call = edit("melody_for_chords", path, chords=["F", "Bb"], key="F major")
    assert call.data["chords"] == ["F", "Bb", "F", "Bb"]
    assert after.tracks[:1] == before.tracks
    assert fit(after.tracks[1].notes, call.data["chords"]) > 0.6


def test_without_chords_or_a_score_it_asks_for_them(call_tool):
    with pytest.raises(UserError, match="Give the chords"):
        call_tool("melody_for_chords", {})


def test_a_wrong_chord_or_a_drum_is_named(call_tool):
    with pytest.raises(UserError, match="H9"):
        call_tool("melody_for_chords", {"chords": ["H9"]})
    with pytest.raises(UserError, match="no pitch"):
        call_tool("melody_for_chords", {"chords": ["C"], "instrument": "drums"})


def test_same_seed_same_bytes(call_tool):
    args = {"chords": CHORDS, "style": "jazz"}
    one, two, other = (call_tool("melody_for_chords", args, seed=s).file("midi").read_bytes() for s in (1, 1, 2))
    assert one == two
    assert one != other


def test_a_bass_instrument_gets_a_melody_in_its_compass(call_tool):
    call = call_tool("melody_for_chords", {"chords": CHORDS, "instrument": "tuba"})
    lead = next(t for t in read_midi(call.file("midi")).tracks if t.program == 58)
    assert call.data["instrument"] == "tuba"
    assert call.data["notes"] == len(lead.notes) > 2 * len(CHORDS)
    assert 28 <= call.data["lowest"] <= call.data["highest"] <= 58
    assert fit(lead.notes, CHORDS) > 0.6


def test_a_meter_that_is_not_the_styles_is_said(call_tool):
    asked = {"chords": ["Dm", "G7", "C"], "style": "waltz"}
    odd = call_tool("melody_for_chords", {**asked, "meter": "7/8"})
    assert any("waltz is in 3/4" in n and "7/8" in n for n in odd.result.notes)
    assert not call_tool("melody_for_chords", {**asked, "meter": "3/4"}).result.notes
