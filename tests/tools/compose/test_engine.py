"""The rooms of the composer one by one: form, harmony, voice leading, melody, rhythm, casting."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.brief import MusicFields
from tools.compose.engine.composer import compose_score
from tools.compose.engine.drums import KEYS, groove_bar
from tools.compose.engine.form import plan_form, role_of, section_names
from tools.compose.engine.grid import Bar
from tools.compose.engine.harmony import chord_at, lay_given, numeral, read_chords
from tools.compose.engine.keys import infer_key, read_key
from tools.compose.engine.orchestration import cast, pick_instruments, read_banned
from tools.compose.engine.request import read_wish
from tools.compose.engine.rhythm import beats, places
from tools.compose.engine.style import find_style, styles, table
from tools.compose.engine.textures import TEXTURES
from tools.compose.engine.timing import TempoWish, solve
from tools.compose.engine.voicing import lead_bass, lead_voices
from tools.errors import UserError
from tools.kit.theory.chord import Chord
from tools.kit.theory.instruments import canonical
from tools.kit.theory.meter import Meter
from tools.kit.theory.pitch import MODES, Key

NAMES = ("intro", "verse", "chorus", "bridge", "solo", "outro", "A", "B")


def composed(seed: int = 0, **fields):
    return compose_score(read_wish(MusicFields(**fields), None, None, None), seed)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(NAMES), min_size=1, max_size=8), st.integers(1, 300))
def test_sections_and_phrases_cover_every_bar_once(names, bars):
    form = plan_form(names, bars)
    assert [s.name for s in form.sections] == names[:bars]
    assert [b for s in form.sections for b in range(s.start, s.end)] == list(range(bars))
    assert [b for p in form.phrases for b in range(p.start, p.end)] == list(range(bars))


def test_sections_begin_where_the_film_cuts_when_that_is_near():
    form = plan_form(["A", "B"], 17, cut_bars={9})
    assert form.sections[1].start == 9


def test_sections_of_one_name_share_material_and_a_loop_ends_open():
    form = plan_form(["verse 1", "chorus", "verse 2"], 24, loop=True)
    assert form.sections[0].letter == form.sections[2].letter != form.sections[1].letter
    assert form.phrases[-1].cadence == "half"
    assert plan_form(["verse"], 8).phrases[-1].cadence == "final"
    assert role_of("Pre-Chorus 2") == "prechorus"


@pytest.mark.parametrize(
    ("form", "names"),
    [("AABA", list("AABA")), ("rondo", list("ABACA")), ("ABAC", list("ABAC")), ("ternary form", list("ABA"))],
)
def test_named_forms(form, names):
    assert section_names([], form, "", 32) == names


def test_unknown_form_is_told():
    with pytest.raises(UserError, match="no form known"):
        section_names([], "zigzagging nonsense", "", 32)


def test_given_chords_part_their_bar_and_go_round():
    grid = solve(Meter(4, 4), TempoWish(100), bars=5)
    spans = lay_given(read_chords(["Am F", "C | G7/B"], None), grid)
    assert [(s.start, str(s.chord)) for s in spans][:5] == [(0, "Am"), (2, "F"), (4, "C"), (8, "G7/B"), (12, "Am")]
    assert str(chord_at(spans, 19.9).chord) == "C"


def test_roman_numerals_are_read_in_the_key_and_rubbish_is_told():
    assert [str(c) for bar in read_chords(["i", "V7", "VI"], Key(9, "minor")) for c in bar] == ["Am", "E7", "F"]
    with pytest.raises(UserError, match="Hx"):
        read_chords(["Hx"], None)


@pytest.mark.parametrize(
    ("symbols", "key"),
    [
        (["Am", "F", "C", "G"], "A minor"),
        (["C", "Am", "F", "G7"], "C major"),
        (["Em", "C", "D", "B7"], "E minor"),
        (["Dm7", "G7", "Cmaj7"], "C major"),
    ],
)
def test_key_of_a_progression(symbols, key):
    assert infer_key([Chord.parse(s) for s in symbols]) == read_key(key)


def test_every_progression_and_cadence_of_the_data_can_be_read():
    for name, row in table("progressions").items():
        for mode, entries in row.items():
            key = Key(2, mode if mode in MODES else "major")
            for text in entries.values() if name == "cadences" else entries:
                assert [numeral(s, key) for t in text.split() for s in t.split("~")]


def test_every_style_names_known_things():
    assert len(styles()) >= 40
    for style in styles().values():
        assert style.harmony in table("progressions")
        assert not style.groove or style.groove in table("grooves")
        assert set(style.textures) <= set(TEXTURES)
        assert [canonical(n) for n in style.instruments]
        assert style.mode in MODES
        assert style.tempo[0] < style.tempo[1]


@pytest.mark.parametrize(
    ("word", "style"),
    [("Bossa-Nova", "bossa"), ("a slow viennese waltz", "waltz"), ("古风", "chinese"), ("lofi", "lo-fi")],
)
def test_genres_are_found_by_their_names(word, style):
    assert find_style(word).name == style


def test_voice_leading_moves_little_and_has_no_parallels_in_a_common_progression():
    chords = [Chord.parse(s) for s in ("C", "Am", "F", "Dm", "G7", "C", "F", "G", "C")]
    basses = lead_bass(chords, 36, 55)
    voicings = lead_voices(chords, 52, 76, 3, basses)
    assert all(b % 12 == c.root for b, c in zip(basses, chords, strict=True))
    for before, after in itertools.pairwise(voicings):
        assert sum(abs(a - b) for a, b in zip(before, after, strict=False)) <= 12
        fifths = [
            (b2 - a2) % 12 in (0, 7) and (b2 - a2) == (b1 - a1) and a1 != a2
            for (a1, b1), (a2, b2) in _pairs(before, after)
        ]
        assert not any(fifths)
    for voicing, chord, bass in zip(voicings, chords, basses, strict=True):
        assert voicing[0] > bass
        assert {p % 12 for p in voicing} <= set(chord.pitch_classes())


def _pairs(before, after):
    return [
        ((before[i], before[j]), (after[i], after[j])) for i in range(len(before)) for j in range(i + 1, len(before))
    ]


def test_a_melody_keeps_its_compass_steps_mostly_and_closes_on_the_tonic():
    leaps = total = 0
    climaxes = set()
    for seed in range(6):
        piece = composed(seed, genre="classical", key="G major", bars=32, instruments=["violin", "piano"])
        line = sorted(next(t for t in piece.score.tracks if t.name == "violin").notes, key=lambda n: n.start)
        sizes = [abs(a.pitch - b.pitch) for a, b in itertools.pairwise(line)]
        leaps += sum(s > 7 for s in sizes)
        total += len(sizes)
        assert sum(s <= 4 for s in sizes) >= 0.7 * len(sizes)
        assert line[-1].pitch % 12 == 7
        assert all(55 <= n.pitch <= 103 for n in line)
        climaxes.add(round(8 * max(line, key=lambda n: n.pitch).start / piece.score.end))
    assert leaps <= 0.06 * total
    assert len(climaxes) >= 3, "the highest note stands in the same place in every piece"


def test_material_recurs_when_a_section_comes_again():
    piece = composed(3, genre="folk", sections=["verse", "chorus", "verse"], bars=24, instruments=["flute", "guitar"])
    flute = next(t for t in piece.score.tracks if t.name == "flute")
    first, second = (
        [(round(n.start - origin, 1), n.pitch) for n in flute.notes if origin <= n.start < origin + 16]
        for origin in (0.0, piece.grid.bars[16].start)
    )
    same = len(set(first) & set(second)) / max(1, len(set(first)))
    assert same > 0.7


@settings(max_examples=25, deadline=None)
@given(
    st.sampled_from(["2/4", "3/4", "4/4", "6/8", "5/4", "7/8", "9/8", "12/8", "2/2", "3/8", "11/8"]),
    st.sampled_from(sorted(table("grooves"))),
)
def test_grooves_and_patterns_fit_any_meter(meter, groove):
    bar = Bar(8.0, Meter.parse(meter))
    assert sum(length for _, length in beats(bar.meter)) == pytest.approx(bar.meter.bar_quarters)
    notes = groove_bar(groove, bar, 0.8)
    assert notes
    assert all(8.0 <= n.start < bar.end and n.pitch in KEYS.values() for n in notes)
    assert all(0 <= p < bar.meter.bar_quarters for p in places(bar.meter, (0, 1.5, 3, 7)))


def test_casting_gives_a_bass_a_melody_and_chords():
    banned = read_banned([], None, [])
    players = cast(pick_instruments(["string quartet", "drums"], styles()["film"], banned, None, []), banned)
    roles = {p.name: p.role for p in players}
    assert roles == {"violin": "melody", "violin #2": "inner", "viola": "inner", "cello": "bass", "drums": "drums"}


def test_exclusions_hold_against_defaults_and_wishes():
    conflicts: list[str] = []
    banned = read_banned(["strings", "drums"], False, [])
    players = cast(pick_instruments(["violin", "piano"], styles()["film"], banned, None, conflicts), banned)
    assert [p.name for p in players] == ["piano"]
    assert "violin is both wanted and excluded" in conflicts[0]
    for style in styles().values():
        players = cast(pick_instruments([], style, banned, None, []), banned)
        assert players
        assert not any(p.is_drum or 40 <= p.program <= 45 or 48 <= p.program <= 54 for p in players)


def test_unknown_instruments_are_told_with_a_hint():
    with pytest.raises(UserError, match="did you mean"):
        pick_instruments(["violine"], styles()["film"], read_banned([], None, []), None, [])
