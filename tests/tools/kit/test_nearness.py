from __future__ import annotations

import pytest

from tools.brief import Check
from tools.kit.metrics.registry import Metric
from tools.kit.nearness import FARTHEST, MISSED, closeness, differences, distance, mean_difference, standing


def check(name, target, measured, verdict):
    return Check(name=name, target=target, measured=measured, how="", verdict=verdict)


@pytest.mark.parametrize(
    ("name", "target", "measured", "verdict", "apart"),
    [
        ("duration_s", 30, 30.25, "met", 0.5),
        ("duration_s", 30, 31, "missed", 2.0),
        ("tempo_bpm", 100, 103, "met", 1.0),
        ("tempo_bpm", 100, 50, "met", 1.0),  # met by half the pulse: never beyond the edge
        ("tempo_bpm", {"min": 90, "max": 110}, 100, "met", 0.0),
        ("tempo_bpm", {"max": 100}, 106, "missed", 2.0),
        ("bars", 8, 12, "missed", 4.0),
        ("bars", 8, 500, "missed", FARTHEST),
        ("instruments", ["piano"], ["flute"], "missed", MISSED),
        ("key", "C major", "C major", "met", 0.0),
        ("chords", ["C"], 0.95, "met", 0.5),
        ("loop", True, False, "missed", MISSED),
        ("loudness_lufs", -14, None, "missed", MISSED),
        ("key", "C major", None, "not_checked", None),
    ],
)
def test_a_verdict_as_a_distance_in_tolerances(name, target, measured, verdict, apart):
    found = check(name, target, measured, verdict)
    assert distance(found) == (None if apart is None else pytest.approx(apart))
    assert closeness(found) == (None if apart is None else pytest.approx(1 / (1 + apart)))


def test_fewer_misses_come_before_a_smaller_distance():
    missed = standing([check("bars", 8, 9, "missed"), check("key", "C major", "C major", "met")])
    worse = standing([check("duration_s", 30, 30.5, "met"), check("key", "C major", "C major", "met")])
    nothing = standing([check("key", "C major", None, "not_checked")])
    assert worse.order < missed.order < nothing.order


def test_what_cannot_be_measured_never_helps():
    asked = [("tempo_bpm", 120, 120, "met"), ("meter", "4/4", "4/4", "met"), ("bars", 20, 8, "missed")]
    drums = [check(*a) for a in asked] + [check("key", "G major", None, "not_checked")]
    chorale = [check(*a) for a in asked[:2]] + [check("bars", 20, 19, "missed"), check("key", "G major", "C", "missed")]
    assert standing(drums).asked == standing(chorale).asked == 4
    assert standing(chorale).order < standing(drums).order
    measured = [check("tempo_bpm", 120, 126, "missed")]
    assert standing(measured).order <= standing([check("tempo_bpm", 120, None, "not_checked")]).order


def test_differences_are_shares_of_the_range():
    known = {"a": Metric("a", "symbolic", "", 0, 10, "neither", "", "", "", len)}
    found = differences({"a": 1.0, "b": 4.0, "c": None, "d": 0.0}, {"a": 6.0, "b": 1.0, "c": 2.0, "d": 0.0}, known)
    assert [(d.metric, d.share) for d in found] == [("b", 0.75), ("a", 0.5), ("d", 0.0)]
    assert mean_difference(found) == pytest.approx(1.25 / 3)
    assert mean_difference([]) is None
