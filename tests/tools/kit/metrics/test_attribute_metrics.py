"""Attribute accuracy: a piece as described, one that is not, edges, and the same answers as the check gives."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.brief import Brief, Constraint
from tools.contract import Artifact
from tools.errors import UserError
from tools.kit.analysis import portrait
from tools.kit.metrics import attributes
from tools.kit.score import Note, Score, Track, read_midi
from tools.kit.theory.meter import Meter
from tools.kit.verdicts import Evidence, judge

MEDIA = Path(__file__).parents[3] / "goldens" / "metrics" / "media"
REAL = sorted(p for p in MEDIA.glob("*.mid") if not p.name.startswith("edge-"))
BY_CHECK = ("instruments", "exclude", "key", "mode", "meter", "tempo_bpm", "bars", "duration_s")


def waltz() -> Score:
    """Eight bars of 3/4 in G major at 120, flute over piano."""
    flute, piano = Track("Flute", 73), Track("Piano", 0)
    for bar, root in enumerate((43, 48, 50, 43, 43, 48, 50, 43)):
        piano.notes += [Note(bar * 3, 1, root, 90), *(Note(bar * 3 + b, 0.9, root + 12, 60) for b in (1, 2))]
        piano.notes += [Note(bar * 3 + b, 0.9, root + 16, 60) for b in (1, 2)]
        flute.notes += [Note(bar * 3 + b, 1, root + 24 + step, 80) for b, step in enumerate((0, 4, 7))]
    return Score([flute, piano], meters=[(0.0, Meter(3, 4))])


DESCRIBED = Brief(
    instruments=["flute", "piano"],
    exclude=["drums"],
    key="G major",
    meter="3/4",
    tempo_bpm=120,
    bars=8,
    duration_s=12.0,
)


def test_a_piece_as_described_scores_one_in_everything():
    found = attributes.evaluate(DESCRIBED, waltz())
    assert set(found) == {*BY_CHECK, "attribute_accuracy"} - {"mode"}
    assert set(found.values()) == {1.0}


def test_each_attribute_fails_by_itself_and_the_mean_follows():
    wrong = {
        "instruments": ["flute", "trumpet"],
        "exclude": ["piano"],
        "key": "A minor",
        "mode": "minor",
        "meter": "4/4",
        "tempo_bpm": {"min": 140},
        "bars": 9,
        "duration_s": 14,
        "pitch_range": 6,
        "density": 40,
        "emotion": (-0.5, -0.5),
    }
    right = {"pitch_range": 3, "density": {"min": 4, "max": 7}, "mode": "major"}
    assert attributes.evaluate(right, waltz())["attribute_accuracy"] == 1
    found = attributes.evaluate(wrong, waltz())
    assert found.pop("instruments") == 0.5
    assert found.pop("attribute_accuracy") == pytest.approx(0.5 / len(wrong), abs=1e-12)
    assert set(found.values()) == {0.0}


def test_nothing_to_measure_is_no_answer():
    asked = {name: getattr(DESCRIBED, name) for name in BY_CHECK} | {"pitch_range": 2, "density": 3, "emotion": (1, 1)}
    assert set(attributes.evaluate(asked, Score()).values()) == {None}
    drums = Score([Track("Kit", 0, True, [Note(i / 2, 0.5, 36, 90) for i in range(16)])])
    found = attributes.evaluate({"key": "C major", "pitch_range": 2, "bars": 2}, drums)
    assert (found["key"], found["pitch_range"], found["bars"]) == (None, None, 1.0)
    assert attributes.evaluate(Brief(), waltz()) == {"attribute_accuracy": None}


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"key": "H minor"}, "no key"),
        ({"mode": "cheerful"}, "no mode"),
        ({"meter": "3"}, "no meter"),
        ({"instruments": ["flute", "gizmo"]}, "gizmo"),
        ({"danceability": 1}, "no attribute"),
    ],
)
def test_what_cannot_be_read_is_refused_in_one_line(asked, words):
    with pytest.raises(UserError, match=words) as caught:
        attributes.evaluate(asked, waltz())
    assert "\n" not in caught.value.msg


@pytest.mark.parametrize("path", REAL[::4], ids=lambda p: p.stem)
def test_an_attribute_is_right_exactly_when_the_check_says_met(path):
    score = read_midi(path)
    facts = portrait.of_score(score)
    artifact = Artifact(id="a1", kind="midi", path=str(path), sha256="", media_type="audio/midi")
    evidence = Evidence(Brief(), midi=artifact)
    for name in BY_CHECK:
        own = {"exclude": ["tuba"]}.get(name) or facts[name]
        other = {
            "instruments": ["tuba"],
            "exclude": facts["instruments"][:1],
            "key": "F# minor",
            "mode": "minor",
            "meter": "5/4",
            "tempo_bpm": 37.0,
            "bars": 3,
            "duration_s": 1.5,
        }[name]
        for target in (own, other):
            verdict = judge(Constraint(name=name, target=target, words="x"), evidence).verdict
            accuracy = attributes.evaluate({name: target}, score)[name]
            assert verdict == ("met" if accuracy == 1 else "missed"), (name, target)


@pytest.mark.parametrize("path", REAL, ids=lambda p: p.stem)
def test_real_pieces_have_the_attributes_measured_on_them(path):
    score = read_midi(path)
    facts = portrait.of_score(score)
    asked = {name: facts[name] for name in ("tempo_bpm", "duration_s", "instruments", "density")}
    asked |= {"emotion": (facts["valence"] or 1e-9, facts["arousal"] or 1e-9)}
    assert attributes.evaluate(asked, score)["attribute_accuracy"] == 1


@pytest.mark.parametrize(("point", "number"), [((1, 1), 1), ((-1, 1), 2), ((-1, -1), 3), ((1, -1), 4), ((0, 0), 1)])
def test_emotion_has_four_quadrants(point, number):
    assert attributes.quadrant(point) == number


POINTS = st.tuples(st.floats(-1, 1), st.floats(-1, 1))


@given(POINTS, POINTS)
def test_emotion_distance_is_a_distance(one, other):
    assert attributes.emotion_distance(one, other) == attributes.emotion_distance(other, one) <= 8**0.5 + 1e-9
    assert attributes.emotion_distance(one, one) == 0


@settings(max_examples=20, deadline=None)
@given(st.permutations([0, 1]), st.integers(-5, 5))
def test_track_order_changes_nothing_and_transposition_only_the_key(order, semitones):
    score = waltz()
    moved = Score(
        [
            Track(
                t.name, t.program, False, [Note(n.start, n.duration, n.pitch + semitones, n.velocity) for n in t.notes]
            )
            for t in (score.tracks[i] for i in order)
        ],
        meters=score.meters,
    )
    found = attributes.evaluate(DESCRIBED, moved)
    assert found.pop("key") == float(semitones == 0)
    assert set(found.values()) - {found["attribute_accuracy"]} <= {1.0}
