"""Words as they sound, scan and rhyme."""

from __future__ import annotations

import pytest

from tools.compose.lyrics.mandarin import direction, heights, read_line
from tools.compose.lyrics.prosody import read_verse
from tools.compose.lyrics.rhythm import strong_places
from tools.compose.lyrics.scansion import scan_stanza, ways
from tools.compose.lyrics.syllables import split
from tools.compose.lyrics.text import language_of, read_text
from tools.compose.lyrics.verse import fits, pattern_of, rhyming, scheme_partners
from tools.compose.lyrics.words import sounds
from tools.errors import UserError
from tools.kit.theory.meter import Meter


@pytest.mark.parametrize(
    ("word", "stresses", "source"),
    [
        ("amazing", (0, 1, 0), "dictionary"),
        ("fire", (1,), "dictionary"),
        ("heav'n", (1,), "dictionary"),
        ("twilight's", (1, 2), "parts"),
        ("frabjous", (1, 0), "spelling"),
    ],
)
def test_a_words_stress_is_read_and_its_source_named(word, stresses, source):
    sound = sounds(word)[0]
    assert (sound.stresses, sound.source) == (stresses, source)


@pytest.mark.parametrize("word", ["beautiful", "rhythm", "loveliest", "quiet", "curfew", "everlasting"])
def test_a_word_is_parted_into_as_many_pieces_as_it_has_syllables(word):
    count = len(sounds(word)[0].stresses)
    pieces = split(word, count)
    assert len(pieces) == count
    assert "".join(pieces) == word


def test_hyphens_by_hand_are_kept():
    assert [s.text for s in read_verse("ho-san-na", "en").syllables] == ["ho", "san", "na"]


def test_words_of_an_unparted_language_ask_for_hyphens():
    with pytest.raises(UserError, match="hyphens"):
        read_verse("tui amoris ignem", "la")


def test_stressed_syllables_get_the_beats():
    lines = [read_verse(t, "en").syllables for t in ("The curfew tolls the knell of parting day",)]
    scan = scan_stanza(lines)[0]
    assert [lines[0][i].text for i in scan.beats] == ["cur", "tolls", "knell", "part", "day"]


def test_a_line_can_be_beaten_in_any_number_up_to_its_syllables():
    syllables = read_verse("And leaves the world to darkness", "en").syllables
    found = ways(syllables)
    assert set(found) == set(range(1, len(syllables) + 1))
    assert all(len(scan.beats) == k for k, scan in found.items())


def test_tones_are_read_in_phrases_with_sandhi():
    assert [c.tone for c in read_line("你好")] == [2, 3]
    assert [c.tone for c in read_line("不是")] == [2, 4]
    assert direction(*heights((1, 3))) == -1
    assert direction(*heights((3, 1))) == 1


def test_labels_stamps_and_chords_are_no_words():
    text = "[ti: A song]\n[Verse 1]\n[00:12.00][Am]One line\nTwo lines\n\n[Chorus]\nSing\n\n[Verse 2]\nMore\n[Chorus]\n"
    assert [(s.role, s.lines) for s in read_text(text)] == [
        ("verse", ("One line", "Two lines")),
        ("chorus", ("Sing",)),
        ("verse", ("More",)),
        ("chorus", ("Sing",)),
    ]


def test_lyrics_without_a_word_are_refused():
    with pytest.raises(UserError, match="hold no words"):
        read_text(" \n ... \n")


@pytest.mark.parametrize(
    ("text", "language"),
    [("床前明月光", "zh"), ("Sah ein Knab ein Röslein stehn, und war so jung", "de"), ("oh baby", "en")],
)
def test_the_language_is_told_from_the_words(text, language):
    assert language_of(text) == language


def test_rhymes_are_by_sound_and_never_of_a_word_with_itself():
    assert rhyming("a silent sea", "let it be", "en")
    assert not rhyming("I love", "they move", "en")
    assert not rhyming("the sea", "my sea", "en")
    assert rhyming("床前明月光", "疑是地上霜", "zh")
    assert not rhyming("床前明月光", "白日依山尽", "zh")


def test_meter_is_kept_or_not():
    assert fits(read_verse("The silver river bends away", "en").syllables, pattern_of("iambic", 8))
    assert not fits(read_verse("Silver rivers bend away to", "en").syllables, pattern_of("iambic", 8))
    assert scheme_partners("ABAB", 8) == [None, None, 0, 1, None, None, 4, 5]


@pytest.mark.parametrize(("meter", "places"), [("4/4", (0, 2)), ("3/4", (0,)), ("6/8", (0, 1.5)), ("5/4", (0, 3))])
def test_strong_beats_of_meters(meter, places):
    assert strong_places(Meter.parse(meter)) == places


def test_digits_signs_and_words_of_other_letters_are_sung():
    assert [s.text for s in read_verse("I have 3 cats & dogs", "en").syllables] == [
        "I",
        "have",
        "3",
        "cats",
        "and",
        "dogs",
    ]
    assert [c.text for c in read_line("我爱 you forever，你")] == ["我", "爱", "you", "forever，", "你"]
    assert language_of("la la la la") == "en"
