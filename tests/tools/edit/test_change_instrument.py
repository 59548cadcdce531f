"""change_instrument: programs and names, ranges by octaves, a range of bars as a part of its own."""

from __future__ import annotations

import pytest

from tools.errors import UserError
from tools.kit.diff import differences, outside
from tools.kit.score import Note, Score, Track
from tools.kit.score.musicxml import as_musicxml
from tools.kit.score.notation import read_score
from tools.kit.theory.instruments import instrument


def test_a_track_keeps_its_notes_and_takes_program_and_name(edit, band):
    before, after, call = edit("change_instrument", band, instrument="oboe", tracks=["flute"])
    assert (after.tracks[0].name, after.tracks[0].program) == ("Oboe", 68)
    assert [t.program for t in after.tracks[1:]] == [t.program for t in before.tracks[1:]]
    assert [(n.start, n.duration, n.velocity) for n in after.tracks[0].notes] == [
        (n.start, n.duration, n.velocity) for n in before.tracks[0].notes
    ]
    assert after.tracks[0].controls == before.tracks[0].controls
    assert call.data["replaced"] == ["flute"]


def test_a_part_with_a_name_of_its_own_keeps_it(edit, chorale):
    _, after, _ = edit("change_instrument", chorale, instrument="trumpet", tracks=["Soprano"])
    assert (after.tracks[0].name, after.tracks[0].program) == ("Soprano", 56)


def test_without_tracks_all_but_the_drums_change(edit, band):
    before, after, _ = edit("change_instrument", band, instrument="marimba")
    assert [t.program for t in after.tracks[:3]] == [12, 12, 12]
    assert after.tracks[3] == before.tracks[3]


@pytest.mark.parametrize("name", ["piccolo", "tuba", "violin"])
def test_every_note_lies_in_the_new_instruments_range_with_its_pitch_class(edit, band, name):
    before, after, call = edit("change_instrument", band, instrument=name, tracks=["cello"])
    new = instrument(name)
    assert all(new.low <= n.pitch <= new.high for n in after.tracks[2].notes)
    key = [(round(n.start, 4), n.pitch % 12) for n in before.tracks[2].notes]
    assert [(round(n.start, 4), n.pitch % 12) for n in after.tracks[2].notes] == key
    if name != "tuba":
        assert any("range" in n for n in call.result.notes)


def test_pitches_stay_when_asked(edit, band):
    before, after, _ = edit("change_instrument", band, instrument="piccolo", tracks=["cello"], fit_range=False)
    assert [n.pitch for n in after.tracks[2].notes] == [n.pitch for n in before.tracks[2].notes]


def test_some_bars_become_a_part_of_their_own(edit, band):
    before, after, _ = edit("change_instrument", band, instrument="clarinet", tracks=["flute"], from_bar=3, to_bar=4)
    assert after.tracks[-1].program == 71
    assert after.tracks[-1].controls[0].time == 8.0
    assert {d.track for d in differences(before, after)} == {"Flute", "Clarinet"}
    assert not outside(differences(before, after), (3, 4), None)


def test_chords_for_a_wind_player_are_said(edit, band):
    call = edit("change_instrument", band, instrument="flute", tracks=["piano"])[2]
    assert any("chords are more than one flute can play" in n for n in call.result.notes)


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ({"instrument": "string quartet"}, "is an ensemble"),
        ({"instrument": "kazoophone"}, "is no instrument"),
        ({"instrument": "drums"}, "plays no pitches"),
        ({"instrument": "flute", "tracks": ["drums"]}, "drums stay drums"),
    ],
)
def test_what_cannot_be_done_is_said(edit, band, args, message):
    with pytest.raises(UserError, match=message):
        edit("change_instrument", band, **args)


def test_chords_are_reduced_or_divided_for_one_player(edit, band):
    before, reduced, call = edit("change_instrument", band, instrument="flute", tracks=["Piano"], chords="reduce")
    starts = [round(n.start, 4) for n in reduced.tracks[1].notes]
    assert len(starts) == len(set(starts))
    assert call.data["notes_left_out"] == len(before.tracks[1].notes) - len(starts)
    _, divided, call = edit("change_instrument", band, instrument="flute", tracks=["Piano"], chords="divide")
    assert call.data["players"] >= 4
    assert sum(len(t.notes) for t in divided.tracks) == sum(len(t.notes) for t in before.tracks)


def test_an_instrument_without_a_pedal_loses_it_and_says_so(edit, band):
    _, after, call = edit("change_instrument", band, instrument="flute", tracks=["Piano"])
    assert not [c for c in after.tracks[1].controls if c.number == 64]
    assert any("has no pedal" in n for n in call.result.notes)
    _, kept, _ = edit("change_instrument", band, instrument="electric piano", tracks=["Piano"])
    assert [c for c in kept.tracks[1].controls if c.number == 64]


@pytest.mark.parametrize(
    ("name", "how", "program"),
    [
        ("violin", "pizzicato", 45),
        ("cello", "tremolo", 44),
        ("violin", "arco", 40),
        ("pizzicato strings", "arco", 48),
        ("trumpet", "muted", 59),
        ("electric guitar", "muted", 28),
        ("trombone", "open", 57),
    ],
)
def test_a_way_of_playing_is_a_program_in_the_instruments_own_range(edit, band, name, how, program):
    _, after, call = edit("change_instrument", band, instrument=name, articulation=how, tracks=["flute"])
    new = instrument(name)
    assert after.tracks[0].program == call.data["program"] == program
    assert all(new.low <= n.pitch <= new.high for n in after.tracks[0].notes)


def test_plucked_bars_keep_their_starts_lengths_and_loudness(edit, band):
    before, after, _ = edit(
        "change_instrument", band, instrument="cello", articulation="pizzicato", tracks=["cello"], from_bar=3, to_bar=4
    )
    moved = [n for t in after.tracks if t.program == 45 for n in t.notes]
    was = [n for t in before.tracks if t.program == 42 for n in t.notes if 8 <= n.start < 16]
    assert [(n.start, n.duration, n.velocity) for n in moved] == [(n.start, n.duration, n.velocity) for n in was]


def test_a_way_that_general_midi_has_no_sound_for_is_said(edit, band):
    with pytest.raises(UserError, match="no pizzicato flute; pizzicato is for strings"):
        edit("change_instrument", band, instrument="flute", articulation="pizzicato")


@pytest.fixture
def marked(tmp_path):
    """A line with bowings, staccato, an accent and a slur that ends in bar 2, as MusicXML."""
    marks = {0: ("up-bow", "staccato"), 1: ("accent",), 3: ("slur-start",), 4: ("slur-stop",), 6: ("snap-pizzicato",)}
    notes = [Note(float(i), 1.0, 72 + i, 80, marks=marks.get(i, ())) for i in range(8)]
    path = tmp_path / "marked.musicxml"
    path.write_text(as_musicxml(Score([Track("Violin", 40, notes=notes)])).text, encoding="utf-8")
    return path


@pytest.mark.filterwarnings("ignore")
def test_marks_go_with_the_notes_and_those_that_cannot_be_played_are_said(call_tool, marked):
    call = call_tool("change_instrument", {"music": "a1", "instrument": "flute"}, attach=[marked])
    page = read_score(next(a.file for a in call.artifacts if a.kind == "score"))
    found = {n.start: set(n.marks) for n in page.tracks[0].notes if n.marks}
    assert found == {0.0: {"staccato"}, 1.0: {"accent"}, 3.0: {"slur-start"}, 4.0: {"slur-stop"}}
    assert page.tracks[0].program == 73
    said = " ".join(call.result.notes)
    assert "2 marks that a flute has no way to play were left out" in said
    assert "MIDI has no place for 1 accent marks" in said


@pytest.mark.filterwarnings("ignore")
def test_a_slur_that_the_edit_tears_is_gone_and_said(call_tool, marked):
    call = call_tool("change_instrument", {"music": "a1", "instrument": "flute", "to_bar": 1}, attach=[marked])
    page = read_score(next(a.file for a in call.artifacts if a.kind == "score"))
    assert not [m for t in page.tracks for n in t.notes for m in n.marks if m.startswith("slur")]
    assert any("2 ends of slurs" in n for n in call.result.notes)


def test_a_midi_file_has_no_notation_to_keep(call_tool, band):
    call = call_tool("change_instrument", {"music": "a1", "instrument": "oboe", "tracks": ["flute"]}, attach=[band])
    assert [a.kind for a in call.artifacts] == ["midi"]
