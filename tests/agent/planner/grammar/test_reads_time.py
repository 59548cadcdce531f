from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.planner.grammar.parse import parse

Reads = Callable[[str, dict[str, Any]], None]

DURATIONS: list[tuple[str, float | None]] = [
    ("a minute and a half of piano", 90),
    ("90s loop", 90),
    ("make it 1:30", 90),
    ("two and a half minutes", 150),
    ("half a minute", 30),
    ("a 90-second cue", 90),
    ("两分钟的曲子", 120),
    ("一分半钟", 90),
    ("三十秒的片头", 30),
    ("1m30s", 90),
    ("1min 30", 90),
    ("2.5 minutes", 150),
    ("2,5 minutes", 150),
    ("three minutes", 180),
    ("thirty seconds", 30),
    ("a 30 sec spot", 30),
    ("a couple of minutes", 120),
    ("one minute", 60),
    ("a minute long", 60),
    ("1 minute and 20 seconds", 80),
    ("one and a half minutes", 90),
    ("1½ minutes", 90),
    ("1 1/2 minutes", 90),
    ("45 seconds, please", 45),
    ("forty-five seconds", 45),
    ("a three-minute song", 180),
    ("９０秒", 90),
    ("一分三十秒", 90),
    ("1分30秒", 90),
    ("两分半", 150),
    ("半分钟", 30),
    ("九十秒", 90),
    ("a quarter of an hour", 900),
    ("three quarters of a minute", 45),
    ("about 2 minutes", 120),
    ("roughly ninety seconds", 90),
    ("0:45 long", 45),
    ("a 15s sting", 15),
    ("20 s", 20),
    ("an hour of rain", 3600),
    ("一首长度为四十秒的曲子", 40),
    ("30 to 60 seconds", 45),
    ("1'30\"", 90),
    ("１：３０ 的音乐", 90),
    ("half a minute or so", 30),
    ("a hundred and twenty seconds", 120),
    # none of these is a length
    ("the last ten seconds", None),
    ("add a second verse", None),
    ("hit at 12.5 s", None),
    ("between 0:10 and 0:20", None),
    ("second violin", None),
    ("don't wait a second", None),
    ("最后十秒", None),
    ("from 0:30 on", None),
    ("the first 5 seconds", None),
    ("for a while", None),
]


@pytest.mark.parametrize(("request_text", "seconds"), DURATIONS)
def test_lengths_in_seconds(assert_reads: Reads, request_text: str, seconds: float | None) -> None:
    assert_reads(request_text, {"duration_s": seconds} if seconds is not None else {"duration_s": None})


@pytest.mark.parametrize(
    ("request_text", "bars"),
    [
        ("16 bars", 16),
        ("sixteen measures", 16),
        ("8小节", 8),
        ("八小节", 8),
        ("an 8-bar loop", 8),
        ("twelve bars of swing", 12),
        ("32-bar piece", 32),
        ("二十四个小节", 24),
        ("a 4 bar phrase", 4),
        ("thirty-two bars", 32),
        ("１６小节", 16),
        ("16 bars at 120", 16),
        ("bars 9 to 16", None),
        ("the first 8 bars", None),
        ("a 12-bar blues", None),
        ("from bar 9 on", None),
        ("bar 5", None),
        ("前八小节", None),
    ],
)
def test_lengths_in_bars(assert_reads: Reads, request_text: str, bars: int | None) -> None:
    assert_reads(request_text, {"bars": bars})


RANGES: list[tuple[str, dict[str, Any]]] = [
    ("transpose bars 9 to 16", {"slot:from_bar": 9, "slot:to_bar": 16}),
    ("bars 9-16", {"slot:from_bar": 9, "slot:to_bar": 16}),
    ("measures 4 through 8", {"slot:from_bar": 4, "slot:to_bar": 8}),
    ("from bar 9 on", {"slot:from_bar": 9, "slot:to_bar": None}),
    ("bar 9 onwards", {"slot:from_bar": 9, "slot:to_bar": None}),
    ("the first 8 bars", {"slot:from_bar": 1, "slot:to_bar": 8}),
    ("the last four bars", {"slot:from_bar": -4, "slot:to_bar": None}),
    ("in bar 5", {"slot:from_bar": 5, "slot:to_bar": 5}),
    ("第9到16小节", {"slot:from_bar": 9, "slot:to_bar": 16}),
    ("第九小节到第十六小节", {"slot:from_bar": 9, "slot:to_bar": 16}),
    ("第9小节以后", {"slot:from_bar": 9, "slot:to_bar": None}),
    ("前8小节", {"slot:from_bar": 1, "slot:to_bar": 8}),
    ("最后四小节", {"slot:from_bar": -4, "slot:to_bar": None}),
    ("between bars 4 and 8", {"slot:from_bar": 4, "slot:to_bar": 8}),
    ("bars 9–16 inclusive", {"slot:from_bar": 9, "slot:to_bar": 16}),
    ("from bar 3 to bar 7", {"slot:from_bar": 3, "slot:to_bar": 7}),
    ("after bar 12", {"slot:from_bar": 13, "slot:to_bar": None}),
    ("up to bar 8", {"slot:from_bar": 1, "slot:to_bar": 8}),
    ("the fifth bar", {"slot:from_bar": 5, "slot:to_bar": 5}),
    ("the last bar", {"slot:from_bar": -1, "slot:to_bar": None}),
    ("mm. 9-16", {"slot:from_bar": 9, "slot:to_bar": 16}),
    ("measure 12", {"slot:from_bar": 12, "slot:to_bar": 12}),
    ("the last ten seconds", {"slot:start_s": -10.0, "slot:end_s": None}),
    ("between 0:10 and 0:20", {"slot:start_s": 10.0, "slot:end_s": 20.0}),
    ("from 10s to 20s", {"slot:start_s": 10.0, "slot:end_s": 20.0}),
    ("from 0:30 on", {"slot:start_s": 30.0, "slot:end_s": None}),
    ("the first ten seconds", {"slot:start_s": 0.0, "slot:end_s": 10.0}),
    ("0:10-0:20", {"slot:start_s": 10.0, "slot:end_s": 20.0}),
    ("最后十秒", {"slot:start_s": -10.0, "slot:end_s": None}),
    ("前五秒", {"slot:start_s": 0.0, "slot:end_s": 5.0}),
    ("从0:10到0:20", {"slot:start_s": 10.0, "slot:end_s": 20.0}),
    ("第10秒到第20秒", {"slot:start_s": 10.0, "slot:end_s": 20.0}),
    ("until 0:45", {"slot:start_s": 0.0, "slot:end_s": 45.0}),
    ("from 1 to 2 minutes", {"slot:start_s": 60.0, "slot:end_s": 120.0}),
    ("seconds 10 to 20", {"slot:start_s": 10.0, "slot:end_s": 20.0}),
    ("the final 2 seconds", {"slot:start_s": -2.0, "slot:end_s": None}),
    ("after 0:30", {"slot:start_s": 30.0, "slot:end_s": None}),
    ("from 5 seconds to 12 seconds", {"slot:start_s": 5.0, "slot:end_s": 12.0}),
]


@pytest.mark.parametrize(("request_text", "expected"), RANGES)
def test_parts_of_a_piece(assert_reads: Reads, request_text: str, expected: dict[str, Any]) -> None:
    assert_reads(request_text, expected | {"duration_s": None, "bars": None})


@pytest.mark.parametrize(
    ("request_text", "times"),
    [
        ("hit at 12.5 s", [12.5]),
        ("a big accent at 0:07 and 0:15", [7.0, 15.0]),
        ("hits at 3, 7 and 12 seconds", [3.0, 7.0, 12.0]),
        ("stingers at 0:05, 0:10, and 0:15", [5.0, 10.0, 15.0]),
        ("在12.5秒处有重音", [12.5]),
        ("在第7秒和第15秒", []),
        ("an impact on 8s", [8.0]),
        ("at 0:12 there should be a hit", [12.0]),
        ("0:07处要有重音", [7.0]),
        ("make the climax land at 20 seconds", [20.0]),
        ("play at 120 bpm", []),
    ],
)
def test_moments_that_want_an_accent(assert_reads: Reads, request_text: str, times: list[float]) -> None:
    assert_reads(request_text, {"hit_points_s": times})


@pytest.mark.parametrize(
    ("request_text", "fits"),
    [
        ("over exactly when the picture is over", True),
        ("as long as the clip", True),
        ("fit the film", True),
        ("a waltz under this clip", True),
        ("和视频一样长", True),
        ("end when the video ends", True),
        ("the same length as the video", True),
        ("score this footage", True),
        ("synced to the video", True),
        ("match the length of the clip", True),
        ("music for this video", True),
        ("until the clip ends", True),
        ("给这段视频配乐", True),
        ("配合画面", True),
        ("视频结束时正好结束", True),
        ("behind my short film", True),
        ("hit the cuts", True),
        ("on the beat with the cuts", True),
        ("卡点", True),
        ("fit the length of the picture", True),
        ("a video game tune", None),
        ("film score in D minor", None),
        ("as long as it is in D", None),
        ("a trailer for piano", None),
        ("30 seconds", None),
    ],
)
def test_music_that_must_fit_the_picture(assert_reads: Reads, request_text: str, fits: bool | None) -> None:
    assert_reads(request_text, {"fit_picture": fits, "target:video_end": fits})


def test_cuts_are_a_slot_of_their_own(assert_reads: Reads) -> None:
    assert_reads("the downbeats should land on the cuts", {"slot:hit_cuts": True, "fit_picture": True})


@pytest.mark.parametrize(
    ("request_text", "low", "high"),
    [
        ("at least 30, no more than 45 seconds", 30, 45),
        ("no more than 2 minutes and no less than 90 seconds", 90, 120),
        ("30 seconds minimum, 45 max", 30, 45),
        ("at least a minute, two at most", 60, 120),
        ("30-45s", 30, 45),
        ("至少30秒,不超过45秒", 30, 45),
    ],
)
def test_a_length_between_two_bounds(request_text: str, low: float, high: float) -> None:
    brief = parse(f"piano, {request_text}").brief
    (wished,) = (c for c in brief.constraints if c.name == "duration_s")
    assert (wished.target - wished.tolerance, wished.target + wished.tolerance) == (low, high)
    assert wished.words == request_text
