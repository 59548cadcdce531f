"""The metrics that a check decides by: nothing to measure, what cannot be read, the ideal, and values known by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tools.errors import UserError
from tools.kit.analysis.notes import Notes, bar_edges, notes_of
from tools.kit.metrics import attributes, control
from tools.kit.metrics.audio.clip import Clip
from tools.kit.metrics.control import duration, dynamics, hits, loop, pulse, sections
from tools.kit.metrics.registry import metrics
from tools.kit.score import Note, Score, Track, read_midi
from tools.kit.theory.pitch import Key

MEDIA = Path(__file__).parents[3] / "goldens" / "metrics" / "media"
RATE = 22050
RISING = [(0.0, 0.1), (1.0, 0.9)]


def piece(sections_of: int = 1, beats: int = 32) -> Score:
    """Sections of eight bars, each with its own chord, register and rhythm, all of them louder and louder."""
    track = Track("Piano", 0)
    for section in range(sections_of):
        step = (1.0, 0.5)[section % 2]
        for index in range(int(beats / step)):
            at = section * beats + index * step
            level = 40 + round(60 * at / (beats * sections_of))
            track.notes += [Note(at, step, 48 + 19 * (section % 2) + p, level) for p in (0, 4, 7)]
    return Score([track])


def notes(score: Score) -> Notes:
    return notes_of(score)


def clicks(bpm: float, seconds: float = 12.0, accents: int = 1) -> Clip:
    """A click on every beat, each ``accents``-th one louder."""
    time = np.arange(round(seconds * RATE)) / RATE
    beat = 60 / bpm
    level = np.where(np.floor(time / beat) % accents == 0, 1.0, 0.4)
    return Clip.of(
        (0.7 * level * np.sin(2 * np.pi * 900 * time) * np.exp(-60 * (time % beat))).astype(np.float32), RATE
    )


def silence(seconds: float = 4.0) -> Clip:
    return Clip.of(np.zeros(round(seconds * RATE), np.float32), RATE)


def tone(seconds: float, hz: float = 220.0, tail_s: float = 0.0) -> Clip:
    wave = 0.4 * np.sin(2 * np.pi * hz * np.arange(round(seconds * RATE)) / RATE)
    return Clip.of(np.concatenate([wave, np.zeros(round(tail_s * RATE))]).astype(np.float32), RATE)


EMPTY = Score([Track("Piano", 0)])
NOTHING = {
    "loop_roughness": lambda: loop.loop_roughness(loop.loop_join(silence())),
    "loop_offset": lambda: loop.loop_offset(EMPTY, 3.0),
    "section_count": lambda: sections.section_count(EMPTY, notes(EMPTY)),
    "section_change": lambda: sections.section_change(EMPTY, notes(EMPTY), [0]),
    "form_match": lambda: sections.form_match("AB", sections.form_heard(EMPTY, notes(EMPTY))),
    "dynamics_agreement": lambda: dynamics.dynamics_agreement(dynamics.note_course(notes(EMPTY), 1.0), RISING),
    "dynamics_spread": lambda: dynamics.dynamics_spread(dynamics.sound_course(silence())),
    "key_fit": lambda: control.key_fit(control.key_heard(control.note_keys(EMPTY, notes(EMPTY)), Key(0, "major"))),
    "key_deficit": lambda: control.key_deficit(control.mode_heard([], "minor")),
    "scale_share": lambda: control.scale_share(notes(EMPTY), Key(0, "major")),
    "tempo_map": lambda: pulse.tempo_map(EMPTY),
    "tempo_heard": lambda: pulse.tempo_heard(silence()),
    "tempo_support": lambda: pulse.tempo_support(silence(), 120),
    "struck_beats": lambda: pulse.struck_beats(EMPTY, notes(EMPTY)),
    "duration_heard": lambda: duration.duration_heard(None, notes(EMPTY)),
    "silent_tail": lambda: duration.silent_tail(silence(4.0)) - 4.0 or None,
    "picture_gap": lambda: duration.picture_gap((0.0, 2.0), (0.0, 0.0)),
    "hit_chance": lambda: hits.hit_chance([1.0], 0.0, 0.1),
    "chord_agreement": lambda: control.chord_agreement(control.ChordAnswer(np.zeros(1), (), (), is_short=True)),
    "expressed_valence": lambda: attributes.expressed_valence(None),
    "expressed_arousal": lambda: attributes.expressed_arousal(None),
    "emotion_distance": lambda: attributes.emotion_distance(None, (0.0, 0.0)),
}


@pytest.mark.parametrize("name", NOTHING)
def test_nothing_to_measure_has_no_value(name):
    assert NOTHING[name]() is None


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: sections.section_change(piece(), notes(piece()), [99]), "cannot start in bar 100"),
        (lambda: sections.form_match("rondo", "ABA"), "no form in letters"),
        (lambda: dynamics.dynamics_agreement(dynamics.note_course(notes(piece()), 16.0), []), "points"),
        (lambda: dynamics.dynamics_agreement(dynamics.note_course(notes(piece()), 16.0), [(2.0, 0.5)]), "from 0 to 1"),
        (lambda: pulse.tempo_support(clicks(120), 0), "above 0"),
        (lambda: pulse.tempo_support(clicks(120), float("nan")), "above 0"),
        (lambda: duration.picture_gap((0.0, float("nan")), (0.0, 2.0)), "start and a length"),
        (lambda: duration.picture_gap((0.0, 2.0), (0.0, -2.0)), "start and a length"),
        (lambda: hits.hit_chance([1.0], float("inf"), 0.1), "seconds"),
        (lambda: attributes.emotion_distance((0.0, 0.0), (2.0, 0.0)), "from -1 to 1"),
        (lambda: loop.loop_join(Clip.of(np.full(RATE, np.nan, np.float32), RATE)), "no numbers"),
        (lambda: pulse.tempo_heard(Clip.of(np.zeros((2, 2, 2), np.float32), RATE)), "shape"),
    ],
)
def test_what_cannot_be_read_is_refused_in_one_line(call, words):
    with pytest.raises(UserError, match=words) as caught:
        call()
    assert "\n" not in caught.value.msg


def test_a_whole_period_joins_and_a_cut_tone_does_not():
    assert loop.loop_roughness(loop.loop_join(tone(2.0, 220))) <= 1
    cut = loop.loop_join(tone(2.0 + 1 / 880, 220))
    assert loop.loop_roughness(cut) > 1
    assert cut.faults


def test_offset_from_the_last_barline_is_in_seconds():
    score = piece()  # eight bars of 4/4 at 120: 16 s
    assert loop.loop_offset(score, 16.0) == pytest.approx(0)
    assert loop.loop_offset(score, 15.25) == pytest.approx(-0.75)


def test_sections_that_contrast_are_counted_and_heard_at_their_starts():
    for count in (2, 3):
        score = piece(count)
        assert sections.section_count(score, notes(score)) == count
        starts = [8 * n for n in range(count)]
        assert sections.section_change(score, notes(score), starts) == 1
    score = piece(2)
    assert sections.section_change(score, notes(score), [0, 2]) == 0


def test_form_is_read_from_returns():
    score = piece(3)
    heard = sections.form_heard(score, notes(score))
    assert heard.replace("'", "") == "ABA"
    assert sections.form_match("a-b-a", heard) == 1
    assert sections.form_match("AAB", heard) == 0
    assert sections.form_match("ABA", "ABA'") == 1


def test_dynamics_agree_with_the_curve_and_disagree_with_its_mirror():
    course = dynamics.note_course(notes(piece(1)), 16.0)
    up = dynamics.dynamics_agreement(course, RISING)
    down = dynamics.dynamics_agreement(course, [(0.0, 0.9), (1.0, 0.1)])
    assert up > 0.95
    assert down == pytest.approx(-up)
    assert dynamics.dynamics_agreement(course, [(0.0, 0.5), (1.0, 0.5)]) == 0


def test_dynamics_spread_is_the_step_between_two_halves():
    wave = 0.4 * np.sin(2 * np.pi * 440 * np.arange(RATE * 20) / RATE)
    wave[: len(wave) // 2] *= 0.25  # 12.04 dB
    assert dynamics.dynamics_spread(dynamics.sound_course(Clip.of(wave.astype(np.float32), RATE))) == pytest.approx(
        12.04, abs=0.1
    )
    assert dynamics.dynamics_spread(dynamics.sound_course(tone(20))) == pytest.approx(0, abs=0.05)


def test_key_fit_of_a_chorale_is_no_correlation_and_the_deficit_orders_keys():
    score = read_midi(MEDIA / "bach-bwv269.mid")  # G major
    fits = control.note_keys(score, notes(score))
    right, relative, far = (control.key_heard(fits, Key.parse(k)) for k in ("G major", "E minor", "C# major"))
    assert right.met
    assert control.key_deficit(right) == 0
    assert 0.02 < control.key_deficit(relative) < control.key_deficit(far)
    assert all(-1 <= f.score <= metrics()["key_fit"].high for f in fits)
    assert control.key_fit(right) == max(control.key_fit(a) for a in (right, relative, far))


@pytest.mark.parametrize("asked", ["major", "minor", "dorian", "mixolydian"])
def test_the_key_and_the_verdict_on_it_come_from_one_list(asked):
    for path in sorted(MEDIA.glob("bach-*.mid"))[:6]:
        score = read_midi(path)
        fits = control.note_keys(score, notes(score))
        answer = control.mode_heard(fits, asked)
        assert answer.best == control.prevailing_key(fits)
        assert {answer.best, answer.asked} <= set(fits)
        assert answer.met == (answer.asked.score >= answer.best.score - control.TIE)


def test_a_church_mode_counts_as_the_major_or_minor_of_its_third():
    def fit(key: str, score: float) -> control.KeyFit:
        return control.KeyFit(Key.parse(key), score)

    fits = [fit("Ab mixolydian", 0.41), fit("B major", 0.34), fit("Bb minor", 0.25), fit("Ab major", 0.2)]
    major, minor = control.mode_heard(fits, "major"), control.mode_heard(fits, "minor")
    assert (major.met, major.asked.key) == (True, Key.parse("Ab mixolydian"))
    assert (minor.met, minor.asked.key) == (False, Key.parse("Bb minor"))
    assert control.key_heard(fits, Key.parse("Ab major")).met
    assert not control.key_heard(fits, Key.parse("B major")).met


def test_scale_share_is_sounding_time():
    score = Score([Track("Piano", 0, notes=[Note(0, 3, 60, 80), Note(3, 1, 61, 80)])])
    assert control.scale_share(notes(score), Key(0, "major")) == 0.75
    assert control.scale_share(notes(score), Key.parse("Db major")) == 1


def test_the_tempo_of_the_map_and_of_clicks():
    assert pulse.tempo_map(Score(piece().tracks, tempi=[(0.0, 90.0)])) == 90
    assert pulse.tempo_heard(clicks(100)) == pytest.approx(100, rel=0.005)
    clip = clicks(100)
    assert pulse.tempo_support(clip, pulse.tempo_heard(clip)) == pytest.approx(1)
    assert pulse.tempo_support(clip, 73, by_prior=False) < 0.3
    answer = pulse.pulse_answer(clip, 50, 0.03, None, None)
    assert answer.ratio == 2
    assert pulse.pulse_answer(clip, 100, 0.03, None, None).borne_out
    assert pulse.pulse_answer(clip, 73, 0.03, None, None).borne_out is False


def test_struck_beats_of_quarters_and_of_halves():
    for length, share in ((1, 1.0), (2, 0.5)):
        score = Score([Track("Piano", 0, notes=[Note(at, length, 60, 80) for at in range(0, 16, length)])])
        assert pulse.struck_beats(score, notes(score)) == share


def test_durations_and_tails_are_those_of_the_samples():
    assert duration.duration_heard(tone(3.0, tail_s=1.5), None) == pytest.approx(4.5)
    assert duration.duration_heard(None, notes(piece())) == pytest.approx(16)
    assert duration.silent_tail(tone(3.0)) == pytest.approx(0, abs=0.01)
    assert duration.silent_tail(tone(3.0, tail_s=1.5)) == pytest.approx(1.5, abs=0.01)
    assert duration.picture_gap((0.0, 4.0), (0.0, 4.0)) == 0
    assert duration.picture_gap((0.5, 4.0), (0.0, 4.2)) == pytest.approx(0.3)


def test_chance_grows_with_the_number_of_events():
    assert hits.hit_chance([5.0], 10.0, 0.5) == pytest.approx(0.1, abs=0.005)
    assert hits.hit_chance(np.arange(0, 10, 0.1), 10.0, 0.1) == 1
    assert hits.hit_chance([], 10.0, 0.5) == 0
    beats = np.arange(0, 16, 0.5)
    assert np.abs(hits.score_accents(piece(), notes(piece()))[:, None] - beats).min(axis=1).max() < 0.01


def test_chords_agree_bar_by_bar():
    score = piece()
    bars = bar_edges(score)
    for asked, share in ((["C"], 1.0), (["C", "F#"], 0.5), (["F#"], 0.0)):
        answer = control.chords_heard(notes(score), bars, [control.parse_bar(c) for c in asked])
        assert control.chord_agreement(answer) == share
        assert {str(c) for c in answer.heard} == {"C"}


def test_fast_major_is_happier_and_livelier_than_slow_minor():
    fast = Score(piece().tracks, tempi=[(0.0, 170.0)])
    slow = Score([Track("Piano", 0, notes=[Note(n, 1, 48 + p, 40) for n in range(0, 32) for p in (0, 3, 7)])])
    slow.tempi = [(0.0, 50.0)]
    points = [attributes.emotion(score, notes(score)) for score in (fast, slow)]
    for value in (attributes.expressed_valence, attributes.expressed_arousal):
        assert 1 >= value(points[0]) > 0 > value(points[1]) >= -1
    assert attributes.emotion_distance(points[0], points[0]) == 0
    assert attributes.emotion_distance((0.0, 0.0), (0.6, -0.8)) == pytest.approx(1)


def test_every_metric_of_a_check_is_declared_and_tested_here():
    from tools.evaluate._reach import places

    by_check = {name for name, place in places().items() if place.tool == "check"}
    assert by_check == set(NOTHING)
    for name in by_check:
        assert metrics()[name].meaning.count(". ") == 1, name
