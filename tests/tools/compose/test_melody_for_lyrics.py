"""Words set to music, read back from the file."""

from __future__ import annotations

import itertools

import pytest

from tools.errors import UserError
from tools.kit.score import Note, Score, Track, read_midi, write_midi

GRACE = """Amazing grace! How sweet the sound
That saved a wretch like me!
I once was lost, but now am found;
Was blind, but now I see.

'Twas grace that taught my heart to fear,
And grace my fears relieved;
How precious did that grace appear
The hour I first believed."""
TANG = "床前明月光\n疑是地上霜\n举头望明月\n低头思故乡"


def _sung(call, args, **more):
    made = call("melody_for_lyrics", args, **more)
    score = read_midi(made.file("midi"))
    return made, score, next(t for t in score.tracks if t.lyrics)


def _letters(text):
    return "".join(c for c in text.lower() if c.isalpha())


def test_every_syllable_is_on_a_note_and_in_order(call_tool):
    made, _, voice = _sung(call_tool, {"text": GRACE})
    onsets = {round(n.start, 3) for n in voice.notes}
    assert all(round(at, 3) in onsets for at, _ in voice.lyrics)
    assert _letters("".join(s for _, s in voice.lyrics)) == _letters(GRACE)
    assert made.data["syllables"] == len(voice.lyrics)


def test_the_voice_sings_one_note_at_a_time_inside_the_range_asked(call_tool):
    _, _, voice = _sung(call_tool, {"text": GRACE, "range": "C4-D5"}, seed=3)
    notes = sorted(voice.notes, key=lambda n: n.start)
    assert all(a.end <= b.start + 1e-6 for a, b in itertools.pairwise(notes))
    assert min(n.pitch for n in notes) >= 60
    assert max(n.pitch for n in notes) <= 74


@pytest.mark.parametrize(("meter", "strong"), [("4/4", (0.0, 2.0)), ("3/4", (0.0,)), ("6/8", (0.0, 1.5))])
def test_main_stresses_are_on_strong_beats(call_tool, meter, strong):
    _, score, voice = _sung(call_tool, {"text": GRACE, "meter": meter})
    bar = score.meters[0][1].bar_quarters
    stressed = [
        at for at, s in voice.lyrics if s.strip(",;!.").lower() in ("maz-", "grace", "sound", "lost", "pre-", "heart")
    ]
    assert len(stressed) >= 8
    assert all(any(abs(at % bar - p) < 1e-3 for p in strong) for at in stressed)


def test_verses_of_one_build_have_one_tune_and_end_on_the_tonic(call_tool):
    made, score, voice = _sung(call_tool, {"text": GRACE, "key": "G major", "meter": "3/4"})
    assert made.data["tunes"] == 1
    half = [n for n in voice.notes if n.start < made.data["bars"] / 2 * 3 + 2]
    assert [n.pitch for n in half] == [n.pitch for n in voice.notes[len(half) :]]
    assert voice.notes[-1].pitch % 12 == 7
    assert score.keys[0][1].tonic == 7


def test_a_chorus_has_its_own_tune(call_tool):
    verse = "The river runs, the evening falls\nThe moon is on the sea"
    text = f"[Verse]\n{verse}\n\n[Chorus]\nSing away, sing away\nSing to me"
    made, _, _ = _sung(call_tool, {"text": text})
    assert (made.data["stanzas"], made.data["tunes"]) == (["verse", "chorus"], 2)


def test_lines_end_in_a_breath(call_tool):
    _, _, voice = _sung(call_tool, {"text": GRACE, "meter": "4/4"})
    notes = sorted(voice.notes, key=lambda n: n.start)
    rests = [a for a, b in itertools.pairwise(notes) if b.start - a.end > 0.2]
    assert len(rests) == 7


def test_tempo_duration_and_chords_asked_are_kept(call_tool):
    made, score, _ = _sung(
        call_tool, {"text": GRACE, "duration_s": 50, "chords": ["Am", "F", "C", "G"], "meter": "4/4"}
    )
    assert made.data["chords"][1:5] == ["Am", "F", "C", "G"]
    assert made.data["duration_s"] == pytest.approx(50, abs=0.6)
    _, score, _ = _sung(call_tool, {"text": GRACE, "tempo_bpm": 77})
    assert score.tempi[0][1] == pytest.approx(77, abs=0.01)


def test_mandarin_moves_with_its_tones(call_tool):
    made, _, voice = _sung(call_tool, {"text": TANG})
    assert made.data["language"] == "zh"
    pitch = [next(n.pitch for n in voice.notes if abs(n.start - at) < 1e-6) for at, _ in voice.lyrics]
    text = "".join(s for _, s in voice.lyrics)
    assert text == TANG.replace("\n", "")
    tones = [2, 2, 2, 4, 1, 2, 4, 4, 4, 1, 3, 2, 4, 2, 4, 1, 2, 1, 4, 1]
    level = {1: 5.0, 2: 4.0, 3: 1.5, 4: 3.0}
    pairs = [(i, i + 1) for i in range(19) if i % 5 < 4 and tones[i] != tones[i + 1]]
    kept = [(level[tones[b]] - level[tones[a]]) * (pitch[b] - pitch[a]) > 0 for a, b in pairs]
    assert sum(kept) / len(kept) > 0.75


def test_a_given_score_stays_as_it_is(call_tool, tmp_path):
    chords = [57, 53, 48, 55] * 4
    notes = [Note(4.0 * i, 4.0, p + o, 80) for i, p in enumerate(chords) for o in (0, 3 if p == 57 else 4, 7)]
    path = tmp_path / "chords.mid"
    write_midi(Score([Track("Piano", 0, notes=notes)]), path)
    made = call_tool("melody_for_lyrics", {"text": GRACE, "music": "a1"}, attach=[path])
    score = read_midi(made.file("midi"))
    kept = next(t for t in score.tracks if t.name == "Piano")
    assert [(n.start, n.pitch) for n in kept.notes] == [(n.start, n.pitch) for n in read_midi(path).tracks[0].notes]
    assert any(t.lyrics for t in score.tracks)


def test_words_from_a_text_file(call_tool, tmp_path):
    path = tmp_path / "words.txt"
    path.write_text(GRACE, encoding="utf-8")
    made = call_tool("melody_for_lyrics", {"lyrics": "a1", "accompanied": False}, attach=[path])
    assert len(read_midi(made.file("midi")).tracks) == 1
    assert made.artifacts[0].parents == ["a1"]


def test_the_same_seed_gives_the_same_bytes_and_another_another_tune(call_tool):
    files = [call_tool("melody_for_lyrics", {"text": GRACE}, seed=s).file("midi").read_bytes() for s in (4, 4, 5)]
    assert files[0] == files[1]
    assert files[0] != files[2]


@pytest.mark.parametrize(
    ("args", "match"),
    [
        ({}, "Give the words"),
        ({"text": "la", "range": "high"}, "not understood"),
        ({"text": "la", "meter": "4/5"}, "meter"),
    ],
)
def test_what_cannot_be_done_is_said(call_tool, args, match):
    with pytest.raises(UserError, match=match):
        call_tool("melody_for_lyrics", args)


@pytest.mark.parametrize("accompanied", [True, False])
def test_a_length_is_met_by_the_tempo(call_tool, accompanied):
    made, score, _ = _sung(call_tool, {"text": GRACE, "duration_s": 45, "accompanied": accompanied})
    assert score.seconds(score.end) == pytest.approx(45, abs=0.1)
    assert made.data["duration_s"] == pytest.approx(45, abs=0.1)
    beat = score.tempi[0][1] / score.meters[0][1].beat_quarters
    assert made.data["tempo_bpm"] == pytest.approx(beat, abs=0.02)


def test_a_length_that_the_tempo_asked_does_not_allow_is_said(call_tool):
    made, score, _ = _sung(call_tool, {"text": GRACE, "duration_s": 12, "tempo_bpm": 80})
    assert score.tempi[0][1] / score.meters[0][1].beat_quarters == pytest.approx(80, abs=0.01)
    assert any("not 12: tempo_bpm sets the tempo" in n for n in made.result.notes)


def test_a_length_that_nobody_sings_in_is_said(call_tool):
    made, _, _ = _sung(call_tool, {"text": GRACE, "duration_s": 3})
    assert any("3 s would take" in n for n in made.result.notes)
