"""Facts are what the notes say."""

from __future__ import annotations

import pytest

from retrieval.affect import mood_words, valence_arousal
from retrieval.harmony import chords_of, key_of
from retrieval.melody import interval_letters, ngrams, similarity, top_line
from retrieval.piece import Piece, piece_of_midi
from retrieval.rhythm import groove_of, pattern_of, syncopation
from retrieval.tempo import bpm_of_words, felt_bpm, typical_bpm
from tools.kit.score import Note, Score, Track
from tools.kit.theory.chord import Chord
from tools.kit.theory.meter import Meter
from tools.kit.theory.pitch import Key


def _line(pitches: list[int], length: float = 1.0, meter: Meter | None = None) -> Piece:
    notes = [Note(i * length, length, p, 80) for i, p in enumerate(pitches)]
    score = Score(tracks=[Track("v", 40, notes=notes)], meters=[(0.0, meter or Meter())])
    return piece_of_midi(score)


TUNE = [60, 64, 67, 64, 65, 69, 67, 65, 67, 71, 74, 71, 72, 67, 64, 60]


def test_a_transposed_or_stretched_tune_keeps_its_ngrams() -> None:
    assert ngrams([p + 5 for p in TUNE]) == ngrams(TUNE)
    slow = top_line(_line(TUNE, 2.0).score)
    assert ngrams([n.pitch for n in slow]) == ngrams(TUNE)


def test_intervals_are_letters_around_m() -> None:
    assert interval_letters([60, 60, 62, 59, 80, 40]) == "mojya"


def test_similarity_is_one_with_itself_and_zero_with_strangers() -> None:
    assert similarity(["abc"], ["abc"]) == 1
    assert similarity(["abc"], ["xyz"]) == 0
    assert similarity([], []) == 0


def test_implied_chords_fit_the_bars_and_end_on_the_tonic() -> None:
    chords, implied = chords_of(_line(TUNE), Key(0))
    assert implied
    assert [Chord.parse(c).triad() for c in chords] == [Chord(0), Chord(5), Chord(7), Chord(0)]


def test_silent_bars_have_no_chord() -> None:
    piece = _line([60, 64, 67, 72])
    piece.score.tracks[0].notes.append(Note(8.0, 4.0, 60, 80))
    piece.bar_starts = piece.score.bar_starts()
    assert chords_of(piece, Key(0))[0][1] == "N.C."


def test_sounding_chords_are_recognised_bar_by_bar() -> None:
    triads = [(57, 60, 64), (53, 57, 60), (48, 52, 55), (55, 59, 62)]
    notes = [Note(4.0 * i, 4.0, p, 80) for i, chord in enumerate(triads) for p in chord]
    chords, implied = chords_of(piece_of_midi(Score(tracks=[Track("p", 0, notes=notes)])), Key(9, "minor"))
    assert (chords, implied) == (["Am", "F", "C", "G"], False)


def test_an_unmarked_key_is_estimated_and_said_to_be() -> None:
    assert key_of(_line(TUNE)) == (Key(0), False)
    marked = _line(TUNE)
    marked.marked_key = Key(9, "minor")
    assert key_of(marked) == (Key(9, "minor"), True)


def test_the_pattern_is_the_commonest_bar() -> None:
    jig = _line([60, 62, 64] * 8, 0.5, Meter(6, 8))
    starts = [n.start for n in top_line(jig.score)]
    import numpy as np

    assert pattern_of(np.array(starts), jig.bar_starts, 3.0) == "x.x.x.x.x.x."


def test_only_notes_that_sound_through_a_beat_are_syncopated() -> None:
    straight = [Note(i * 0.5, 0.5, 60, 80) for i in range(8)]
    charleston = [Note(0.0, 1.5, 60, 80), Note(1.5, 2.5, 60, 80)]
    assert syncopation(straight, [0.0], 1.0) == 0
    assert syncopation(charleston, [0.0], 1.0) == 0.5


def test_density_counts_starts_per_beat_and_second() -> None:
    piece = _line(TUNE, 0.5)
    groove = groove_of(top_line(piece.score), piece.bar_starts, piece.meter, 4.0)
    assert (groove.onsets_per_beat, groove.notes_per_s) == (2.0, 4.0)


def test_fast_and_major_is_higher_in_both_than_slow_and_minor() -> None:
    fast, slow = _line(TUNE, 0.5), _line([p - 12 for p in TUNE], 2.0)
    fast.score.tempi, slow.score.tempi = [(0.0, 160.0)], [(0.0, 60.0)]
    bright, dark = valence_arousal(fast.score, 160, Key(0)), valence_arousal(slow.score, 60, Key(0, "minor"))
    assert bright[0] > 0.3 > -0.3 > dark[0]
    assert bright[1] > 0 > dark[1]


def test_mood_words_are_the_nearest() -> None:
    assert mood_words(0.8, 0.5, 1) == ["joyful"]
    assert mood_words(-0.7, -0.4, 1) == ["sad"]


@pytest.mark.parametrize(("text", "bpm"), [("Very slow", 50), ("Allegro con brio", 126), ("collected by F.", None)])
def test_tempo_words(text: str, bpm: float | None) -> None:
    assert bpm_of_words(text) == bpm


def test_a_reel_printed_in_common_time_is_felt_as_fast_as_one_in_cut_time() -> None:
    cut, common = typical_bpm(["reel"], Meter(2, 2)), typical_bpm(["reel"], Meter(4, 4))
    assert cut == felt_bpm(common) == 112
