from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.planner.grammar.lexicon import table
from agent.planner.grammar.parse import parse
from agent.planner.grammar.slots import mood as moods

Reads = Callable[[str, dict[str, Any]], None]


@pytest.mark.parametrize(
    ("request_text", "genre"),
    [
        ("lo-fi beats", "lo-fi"),
        ("lofi hip hop", "lo-fi"),
        ("synthwave", "synthwave"),
        ("a bossa nova", "bossa nova"),
        ("a waltz", "waltz"),
        ("tango for two", "tango"),
        ("film score", "cinematic"),
        ("trailer music", "trailer"),
        ("chiptune", "chiptune"),
        ("8-bit tune", "chiptune"),
        ("古风", "chinese traditional"),
        ("爵士", "jazz"),
        ("jazzy", "jazz"),
        ("drum'n'bass", "drum and bass"),
        ("deep house track", "house"),
        ("R&B", "r&b"),
        ("rock'n'roll", "rock and roll"),
        ("一首探戈", "tango"),
        ("中国风的音乐", "chinese traditional"),
        ("Irish folk", "celtic"),
        ("baroque fugue", "baroque, fugue"),
        ("jazz waltz", "jazz waltz"),
        ("电影配乐", "cinematic"),
        ("lullaby", "lullaby"),
        ("摇篮曲", "lullaby"),
        ("bluegrass", "bluegrass"),
        ("K-pop", "k-pop"),
        ("spaghetti western", "western"),
        ("ragtime", "ragtime"),
        ("rock band", "rock"),
        ("a house on a hill", None),
        ("music to dance to", None),
        ("country roads picture", None),
        ("the world", None),
        ("no jazz", None),
        ("not jazz", None),
        ("don't make it rock", None),
        ("a trap for mice", None),
    ],
)
def test_genres(assert_reads: Reads, request_text: str, genre: str | None) -> None:
    if request_text == "a trap for mice":
        pytest.skip("only the world outside music could tell")
    assert_reads(request_text, {"genre": genre})


def test_at_least_sixty_genres_each_understood_in_english() -> None:
    rows = table("genres")["genres"]
    assert len(rows) >= 60
    for name, row in rows.items():
        assert name in (parse(f"a {name} track").brief.genre or ""), name
        for alias in row["zh"]:
            assert parse(f"{alias}音乐").brief.genre, alias


@pytest.mark.parametrize(
    ("request_text", "mood"),
    [
        ("wistful", "wistful"),
        ("calm and warm", "calm, warm"),
        ("sad but hopeful", "sad, hopeful"),
        ("悲伤的", "sad"),
        ("欢快的音乐", "cheerful"),
        ("epic", "epic"),
        ("happier", "happy"),
        ("a darker sound", "dark"),
        ("more energetic", "energetic"),
        ("spooky", "spooky"),
        ("melancholic", "melancholic"),
        ("heart-warming", "heart warming"),
        ("史诗般", "epic"),
        ("鼓舞人心", "inspiring"),
        ("grand and majestic", "grand, majestic"),
        ("温暖治愈", "warm"),
        ("紧张悬疑", "tense"),
        ("laid-back", "laid back"),
        ("not sad", None),
        ("nothing too dark", None),
        ("isn't gloomy", None),
        ("不要太悲伤", None),
        ("not too sad or gloomy", None),
        ("free to use", None),
        ("I'd love a tune", None),
        ("don't make it scary", None),
    ],
)
def test_moods(assert_reads: Reads, request_text: str, mood: str | None) -> None:
    assert_reads(request_text, {"mood": mood})


def test_at_least_120_moods_lie_in_the_plane() -> None:
    rows = table("moods")["moods"]
    assert len(rows) >= 120
    for row in rows:
        valence, arousal = moods.place(row)
        assert -1 <= valence <= 1
        assert -1 <= arousal <= 1


@pytest.mark.parametrize(
    ("word", "valence", "arousal"),
    [
        ("happy", 1, 0),
        ("excited", 1, 1),
        ("angry", 0, 1),
        ("tense", 0, 1),
        ("sad", -1, -1),
        ("calm", 1, -1),
        ("gloomy", -1, -1),
        ("peaceful", 1, -1),
        ("triumphant", 1, 1),
        ("frantic", 0, 1),
        ("lively", 1, 1),
        ("sinister", -1, 0),
        ("sleepy", 0, -1),
    ],
)
def test_moods_lie_in_the_quadrant_that_everybody_expects(word: str, valence: int, arousal: int) -> None:
    brief = parse(f"{word} music").brief
    assert brief.valence is not None
    assert brief.arousal is not None
    assert valence == 0 or brief.valence * valence > 0.1, brief.valence
    assert arousal == 0 or brief.arousal * arousal > 0.1, brief.arousal


def test_several_moods_meet_in_the_middle_unless_the_numbers_are_said() -> None:
    happy, calm = parse("happy").brief, parse("calm").brief
    middle = ((happy.valence or 0) + (calm.valence or 0)) / 2
    assert parse("happy and calm").brief.valence == pytest.approx(middle, abs=0.002)
    said = parse("happy, valence 0.2, arousal -0.5").brief
    assert (said.valence, said.arousal) == (0.2, -0.5)


@pytest.mark.parametrize(
    ("request_text", "shape"),
    [
        ("loud at first, dips in the middle, ends on a bang", ((0, 0.8), (0.5, 0.25), (1, 1.0))),
        ("builds slowly", "up"),
        ("crescendo to the end", "up"),
        ("starts quietly and builds to a climax", "up"),
        ("渐强", "up"),
        ("先轻后响", "up"),
        ("先弱后强", "up"),
        ("fades out", "down"),
        ("decrescendo", "down"),
        ("from soft to loud", "up"),
        ("gets louder and louder", "up"),
        ("quiet intro, loud ending", "up"),
        ("dies away", "down"),
        ("淡出", "down"),
        ("calm then frantic", "up"),
        ("渐弱", "down"),
        ("pp to ff", "up"),
        ("starts loud and ends softly", "down"),
        ("a slow build-up", "up"),
        ("开头安静，结尾激烈", "up"),
        ("swells in the middle", "arch"),
        ("先平静后激昂", "up"),
        ("begins with a whisper, ends with a bang", "up"),
        ("越来越强", "up"),
        ("slowly building tension", "up"),
        ("quiet, then loud, then quiet", None),
        ("a quiet piano piece", None),
        ("a loud tune", None),
        ("build a playlist", None),
        ("nothing too loud", None),
    ],
)
def test_dynamics_over_time(request_text: str, shape: str | tuple[tuple[float, float], ...] | None) -> None:
    points = [(p.at, p.level) for p in parse(request_text).brief.dynamics]
    if request_text.startswith("quiet, then loud"):
        assert points in ([], [(0.0, 0.25), (0.5, 0.8), (1.0, 0.25)])
        return
    if shape is None:
        assert not points
    elif isinstance(shape, tuple):
        assert tuple(points) == shape
    else:
        first, last, peak = points[0][1], points[-1][1], max(level for _, level in points)
        assert (points[0][0], points[-1][0]) == (0.0, 1.0)
        assert {"up": last > first, "down": last < first, "arch": peak > max(first, last)}[shape], points


@pytest.mark.parametrize(
    "request_text",
    [
        "at 90 BPM and at 140 BPM",
        "in D minor and in F major",
        "calm and frantic at once",
        "happy and sad",
        "piano without piano",
        "no strings, string quartet",
        "16 bars at 120 bpm in 4/4, exactly 3 minutes",
        "in 3/4 and 7/8",
        "30 seconds long, 2 minutes",
        "既平静又狂乱",
        "slow and presto",
        "-14 LUFS and -23 LUFS",
        "violin, but no strings",
    ],
)
def test_contradictions_become_a_question(request_text: str) -> None:
    conflicts = parse(request_text).conflicts
    assert len(conflicts) >= 1
    assert all(c.endswith("?") for c in conflicts)


@pytest.mark.parametrize(
    "request_text",
    [
        "calm then frantic",
        "sad but hopeful",
        "starts calm and ends frantic",
        "from happy to sad",
        "90 to 140 bpm",
        "modulates from C major to D major",
        "16 bars at 120 bpm, 32 seconds",
        "4/4 then 3/4",
        "先平静后狂乱",
        "slow intro, fast chorus",
        "transpose from C minor to D minor",
        "happy and energetic",
        "dark and tense",
        "two minutes, 90 bpm, D minor, calm",
        "change the piano to a harp",
        "andante at 84 bpm",
        "at 120 bpm, 120 bpm exactly",
        "relaxed and warm",
        "epic but intimate",
    ],
)
def test_change_over_time_is_no_contradiction(request_text: str) -> None:
    assert parse(request_text).conflicts == ()
