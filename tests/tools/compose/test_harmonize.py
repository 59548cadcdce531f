"""harmonize: the melody stays, the voices are led by the rules, every style fits the tune, nothing outside changes."""

from __future__ import annotations

import pytest

from tools.errors import UserError
from tools.kit.partwriting.moments import moments_of, voices_in
from tools.kit.partwriting.motion import parallels
from tools.kit.score import Control, Note, Score, Track, read_midi, write_midi
from tools.kit.theory.chord import Chord
from tools.kit.theory.pitch import Key

TUNE = [67, 67, 69, 71, 72, 71, 69, 67, 71, 72, 74, 74, 72, 71, 69, 67]  # G major, sixteen quarters


@pytest.fixture
def tune(tmp_path):
    """A plain tune with a pedal, a tempo change and drums beside it."""
    path = tmp_path / "tune.mid"
    lead = Track("Soprano", 52, notes=[Note(float(i), 1.0, p, 80) for i, p in enumerate(TUNE)])
    lead.controls = [Control(2.0, 64, 127)]
    kit = Track("Kit", 0, True, [Note(float(i), 0.2, 42, 70) for i in range(16)])
    write_midi(Score([lead, kit], tempi=[(0.0, 90.0), (8.0, 70.0)], keys=[(0.0, Key(7))]), path)
    return path


@pytest.mark.parametrize("style", ["chorale", "jazz", "pop", "modal"])
def test_the_melody_stays_note_for_note_and_so_do_drums_and_maps(edit, tune, style):
    before, after, call = edit("harmonize", tune, style=style)
    assert after.tracks[:2] == before.tracks
    assert (after.tempi, after.meters, after.keys) == (before.tempi, before.meters, before.keys)
    assert len(after.tracks) > 2
    assert call.data["key"] == "G major"
    assert call.data["notes_removed"] == 0


@pytest.mark.parametrize("seed", range(4))
def test_four_voices_have_no_parallels_and_keep_their_order_and_ranges(edit, tune, seed):
    _, after, call = edit("harmonize", tune, seed=seed)
    assert [t.name for t in after.tracks] == ["Soprano", "Kit", "Alto", "Tenor", "Bass"]
    assert not list(parallels(moments_of(voices_in(after)), hidden=False))
    assert call.data["parallels"] == 0
    for name, low, high in (("Alto", 55, 74), ("Tenor", 48, 68), ("Bass", 40, 61)):
        pitches = [n.pitch for t in after.tracks if t.name == name for n in t.notes]
        assert low <= min(pitches)
        assert max(pitches) <= high
    last = [max(t.notes, key=lambda n: n.start).pitch % 12 for t in after.tracks if not t.is_drum]
    assert set(last) <= {7, 11, 2}
    assert last[-1] == 7


@pytest.mark.parametrize("style", ["jazz", "pop", "modal"])
def test_chords_hold_the_tone_that_they_come_in_under(edit, tune, style):
    _, _, call = edit("harmonize", tune, style=style)
    fits = 0
    for fact in call.data["chords"]:
        sung = TUNE[int((fact["bar"] - 1) * 4 + fact["beat"] - 1)]
        chord = Chord.parse(fact["chord"])
        allowed = set(chord.pitch_classes()) | ({(chord.root + 2) % 12} if style == "jazz" else set())
        fits += sung % 12 in allowed
    assert fits >= 0.75 * len(call.data["chords"])


def test_jazz_has_sevenths_and_modal_has_no_dominant_seventh(edit, tune):
    jazz = [c["chord"] for c in edit("harmonize", tune, style="jazz")[2].data["chords"]]
    assert sum("7" in c for c in jazz) > len(jazz) / 2
    modal = [c["chord"] for c in edit("harmonize", tune, style="modal", key="G mixolydian")[2].data["chords"]]
    assert not any("7" in c for c in modal)
    assert {Chord.parse(c).root for c in modal} <= set(Key.parse("G mixolydian").pitch_classes())


def test_an_existing_harmony_gives_way_inside_the_bars_only(edit, chorale):
    before, after, call = edit("harmonize", chorale, from_bar=3, to_bar=5, style="jazz")
    starts = before.bar_starts()
    melody = before.tracks[0]
    assert after.tracks[0] == melody
    for old, new in zip(before.tracks[1:], after.tracks[1:], strict=False):
        outside = [n for n in old.notes if not starts[2] - 1e-6 <= n.start < starts[5] - 1e-6]
        assert new.notes == outside
    assert call.data["notes_removed"] > 0
    assert set(call.data["bars_changed"]) == {3, 4, 5}


def test_a_low_melody_gets_its_voices_below_it(edit, tmp_path):
    path = tmp_path / "cello.mid"
    write_midi(Score([Track("Cello", 42, notes=[Note(float(i), 1.0, p - 24, 80) for i, p in enumerate(TUNE)])]), path)
    _, after, _ = edit("harmonize", path)
    lead, *lower = after.tracks
    assert all(max(n.pitch for n in t.notes) <= max(n.pitch for n in lead.notes) for t in lower)
    assert [t.program for t in lower] == [40, 41, 42]


def test_the_same_seed_gives_the_same_bytes_and_another_one_another_setting(call_tool, tune):
    first, again, other = (
        call_tool("harmonize", {"music": "a1"}, attach=[tune], seed=seed).file("midi").read_bytes()
        for seed in (3, 3, 4)
    )
    assert first == again
    assert first != other


def test_an_unknown_style_is_refused_with_those_there_are(edit, tune):
    with pytest.raises(UserError, match="chorale, jazz, pop or modal"):
        edit("harmonize", tune, style="qwertish")


def test_a_tune_without_a_note_in_those_bars_is_said(edit, tmp_path):
    path = tmp_path / "gap.mid"
    write_midi(Score([Track("Flute", 73, notes=[Note(0, 1, 72, 80), Note(12, 1, 74, 80)])]), path)
    with pytest.raises(UserError, match="no melody note"):
        edit("harmonize", path, from_bar=2, to_bar=2)


def test_the_result_reads_back_as_it_was_described(edit, tune):
    _, _, call = edit("harmonize", tune)
    again = read_midi(call.file("midi"))
    assert sum(len(t.notes) for t in again.tracks) == len(TUNE) + 16 + call.data["notes_added"]


@pytest.mark.parametrize("style", ["chorale", "pop"])
def test_harmony_ends_with_its_bars_though_the_melody_is_held(edit, tmp_path, style):
    path = tmp_path / "held.mid"
    notes = [Note(0, 2, 72, 80), Note(2, 6, 67, 80), Note(8, 4, 72, 80)]
    write_midi(Score([Track("Flute", 73, notes=notes)]), path)
    _, after, _ = edit("harmonize", path, from_bar=1, to_bar=1, style=style, key="C major")
    assert max(t.end for t in after.tracks[1:]) <= 4.001


GRACED = "X:1\nT:t\nM:4/4\nL:1/4\nK:C\nc d {g}e f|g {a}f {fg}e d|{g}c e d c|\n"


@pytest.mark.parametrize("style", ["chorale", "jazz", "pop", "modal"])
def test_graced_notes_and_their_graces_stay(call_tool, tmp_path, style):
    path = tmp_path / "graced.abc"
    path.write_text(GRACED, encoding="utf-8")
    call = call_tool("harmonize", {"music": "a1", "style": style}, attach=[path])
    kept = read_midi(call.file("midi")).tracks[0].notes
    assert [n.pitch for n in kept if n.duration > 0.5] == [72, 74, 76, 77, 79, 77, 76, 74, 72, 76, 74, 72]
    assert sorted(n.pitch for n in kept if n.duration < 0.5) == [77, 79, 79, 79, 81]
    assert call.data["notes_removed"] == 0
    assert not any("gave way" in n for n in call.result.notes)


def test_a_grace_note_of_plain_midi_stays_with_its_note(edit, tmp_path):
    path = tmp_path / "graced.mid"
    notes = [Note(float(i), 1.0, p, 80) for i, p in enumerate(TUNE)]
    write_midi(Score([Track("Flute", 73, notes=[*notes, Note(4.0, 0.125, 74, 70)])]), path)
    before, after, _ = edit("harmonize", path)
    assert after.tracks[0] == before.tracks[0]


OPENING = [60, 60, 67, 67, 69, 69, 67, 65, 65, 64, 64, 62, 62, 60]
MIDDLE = [67, 67, 65, 65, 64, 64, 62] * 2
TWINKLE = [(p, 2.0 if i % 7 == 6 else 1.0) for i, p in enumerate([*OPENING, *MIDDLE, *OPENING])]
ODE = [(64, 1), (64, 1), (65, 1), (67, 1), (67, 1), (65, 1), (64, 1), (62, 1), (60, 1), (60, 1), (62, 1), (64, 1),
       (64, 1.5), (62, 0.5), (62, 2)]  # fmt: skip


def _written(path, line, program=0):
    at, notes = 0.0, []
    for pitch, length in line:
        notes.append(Note(at, float(length), pitch, 80))
        at += length
    write_midi(Score([Track("Tune", program, notes=notes)]), path)
    return path


def _by_bar(call):
    found = {}
    for fact in call.data["chords"]:
        found.setdefault(fact["bar"], []).append(fact["chord"])
    return found


@pytest.mark.parametrize("seed", range(3))
def test_a_plain_tune_lives_on_its_primary_triads(edit, tmp_path, seed):
    path = _written(tmp_path / "plain.mid", TWINKLE)
    bars = _by_bar(edit("harmonize", path, seed=seed)[2])
    chords = [c for bar in bars.values() for c in bar]
    assert chords[0] == "C"
    assert chords[-1] == "C"
    roots = [Chord.parse(c).root for c in chords]
    assert 5 in roots
    assert sum(r in (0, 5, 7) for r in roots) > (0.55 if seed else 0.8) * len(roots)
    for bar in (6, 8):
        assert Chord.parse(bars[bar][-1]).root == 7


@pytest.mark.parametrize("style", ["chorale", "pop", "jazz"])
def test_a_phrase_held_on_the_second_degree_closes_on_the_dominant(edit, tmp_path, style):
    path = _written(tmp_path / "half.mid", ODE * 2)
    held = _by_bar(edit("harmonize", path, style=style, key="C major")[2])[4][-1]
    assert Chord.parse(held).root == 7


def test_chords_are_spelt_by_their_key(edit, tmp_path):
    minor = _written(tmp_path / "minor.mid", [(67, 1), (69, 1), (70, 1), (69, 1), (67, 1), (69, 1), (67, 2)] * 2)
    named = {c["chord"] for c in edit("harmonize", minor, key="G minor")[2].data["chords"]}
    assert any("F#" in c for c in named)
    assert not any("Gb" in c for c in named)
