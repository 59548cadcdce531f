from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.planner.grammar.parse import parse

Reads = Callable[[str, dict[str, Any]], None]

TEMPI: list[tuple[str, Any]] = [
    ("at 120", 120.0),
    ("120 bpm", 120.0),
    ("120BPM", 120.0),
    ("♩=96", 96.0),
    ("♩ = 96", 96.0),
    ("每分钟120拍", 120.0),
    ("每分钟一百二十拍", 120.0),
    ("between 100 and 120", {"min": 100.0, "max": 120.0}),
    ("100-120 bpm", {"min": 100.0, "max": 120.0}),
    ("no faster than 100", {"max": 100.0}),
    ("at least 90 bpm", {"min": 90.0}),
    ("around 80", 80.0),
    ("around 80 bpm", 80.0),
    ("~90bpm", 90.0),
    ("tempo of 72", 72.0),
    ("tempo: 66", 66.0),
    ("bpm 140", 140.0),
    ("@128", 128.0),
    ("96 beats per minute", 96.0),
    ("ninety bpm", 90.0),
    ("under 100 bpm", {"max": 100.0}),
    ("up to 110 bpm", {"max": 110.0}),
    ("no slower than 60", {"min": 60.0}),
    ("over 150 bpm", {"min": 150.0}),
    ("faster than 130", {"min": 130.0}),
    ("速度120", 120.0),
    ("100到120拍", {"min": 100.0, "max": 120.0}),
    ("不超过100拍", {"max": 100.0}),
    ("至少90拍", {"min": 90.0}),
    ("１２０ bpm", 120.0),
    ("128.5 bpm", 128.5),
    ("from 80 to 100 bpm", {"min": 80.0, "max": 100.0}),
    ("at a tempo of 84", 84.0),
    ("16 bars at 120", 120.0),
    ("in 3/4 at 150 bpm", 150.0),
    ("quarter note = 88", 88.0),
    ("速度改为90", 90.0),
    ("tempo 100 to 120 bpm", {"min": 100.0, "max": 120.0}),
    ("andante", {"min": 76.0, "max": 108.0}),
    ("allegro", {"min": 120.0, "max": 168.0}),
    ("presto please", {"min": 168.0, "max": 200.0}),
    ("largo", {"min": 40.0, "max": 60.0}),
    ("uptempo", {"min": 120.0, "max": 180.0}),
    ("up-tempo", {"min": 120.0, "max": 180.0}),
    ("mid-tempo", {"min": 90.0, "max": 120.0}),
    ("slow", {"min": 50.0, "max": 80.0}),
    ("快板", {"min": 120.0, "max": 168.0}),
    ("行板", {"min": 76.0, "max": 108.0}),
    ("很慢的曲子", {"max": 60.0}),
    ("快节奏", {"min": 120.0, "max": 180.0}),
    ("a fast tune", {"min": 120.0, "max": 180.0}),
    ("andante, 84 bpm", 84.0),
    ("not too fast", {"max": 112.0}),
    ("慢歌", {"min": 50.0, "max": 80.0}),
    # no tempo
    ("at 12.5 s", None),
    ("hit at 0:30", None),
    ("欢快的音乐", None),
    ("a quicksand scene", None),
    ("at 44100 Hz", None),
    ("at 50%", None),
    ("builds slowly", None),
    ("快乐", None),
    ("at 30 seconds", None),
    ("bars 90 to 120", None),
    ("轻快的旋律", None),
    ("-14 LUFS", None),
    ("the 80s", None),
]


@pytest.mark.parametrize(("request_text", "tempo"), TEMPI)
def test_tempo(request_text: str, tempo: Any) -> None:
    parsed = parse(request_text).brief.tempo_bpm
    got = parsed.model_dump(exclude_none=True) if hasattr(parsed, "model_dump") else parsed
    assert got == tempo, request_text


@pytest.mark.parametrize(
    ("request_text", "change"),
    [
        ("slower", {"factor": 0.85}),
        ("a bit slower", {"factor": 0.925}),
        ("much faster", {"factor": 1.3}),
        ("faster please", {"factor": 1.15}),
        ("slow it down", {"factor": 0.85}),
        ("speed it up", {"factor": 1.15}),
        ("twice as fast", {"factor": 2.0}),
        ("half speed", {"factor": 0.5}),
        ("double time", {"factor": 2.0}),
        ("10% faster", {"factor": 1.1}),
        ("20 bpm slower", {"add": -20.0}),
        ("更慢一点", {"factor": 0.925}),
        ("快一点", {"factor": 1.075}),
        ("再慢一些", {"factor": 0.85}),
        ("加快", {"factor": 1.15}),
        ("放慢", {"factor": 0.85}),
        ("慢一点", {"factor": 0.925}),
        ("slower by 10 percent", {"factor": 0.9}),
        ("faster by 20 bpm", {"add": 20.0}),
        ("1.5x speed", {"factor": 1.5}),
        ("half as fast", {"factor": 0.5}),
    ],
)
def test_relative_tempo(assert_reads: Reads, request_text: str, change: dict[str, float]) -> None:
    assert_reads(request_text, {"change:tempo_bpm": change, "tempo_bpm": None})


KEYS: list[tuple[str, str | None]] = [
    ("F# minor", "F# minor"),
    ("F sharp minor", "F# minor"),
    ("f-sharp minor", "F# minor"),
    ("Fis-moll", "F# minor"),
    ("Es-Dur", "Eb major"),
    ("in e minor", "E minor"),
    ("B flat", None),
    ("in B flat", "Bb major"),
    ("B flat major", "Bb major"),
    ("B♭ major", "Bb major"),
    ("in D", "D major"),
    ("D小调", "D minor"),
    ("升F小调", "F# minor"),
    ("降B大调", "Bb major"),
    ("D dorian", "D dorian"),
    ("E phrygian", "E phrygian"),
    ("in Am", "A minor"),
    ("key of G", "G major"),
    ("key: C#m", "C# minor"),
    ("H-moll", "B minor"),
    ("B-Dur", "Bb major"),
    ("cis-Moll", "C# minor"),
    ("As-dur", "Ab major"),
    ("d-Moll", "D minor"),
    ("C大调", "C major"),
    ("a小调", "A minor"),
    ("in the key of E flat major", "Eb major"),
    ("in A minor", "A minor"),
    ("in a minor", "A minor"),
    ("in a minor, 90 bpm", "A minor"),
    ("Bb mixolydian", "Bb mixolydian"),
    ("G lydian", "G lydian"),
    ("in F#", "F# major"),
    ("c harmonic minor", "C harmonic minor"),
    ("E-flat major", "Eb major"),
    ("Gb major", "Gb major"),
    ("in D aeolian", "D minor"),
    ("A minor pentatonic", "A minor pentatonic"),
    ("G major, please", "G major"),
    ("1=C", "C major"),
    ("in bb minor", "Bb minor"),
    ("D-major", "D major"),
    ("key of f# minor", "F# minor"),
    ("降E大调", "Eb major"),
    ("C#小调", "C# minor"),
    ("G minor waltz", "G minor"),
    ("Ｄ小调", "D minor"),
    # no tonic
    ("a minor waltz", None),
    ("in a minor key", None),
    ("in a major way", None),
    ("something in minor", None),
    ("for a while", None),
    ("a major change", None),
    ("A minor waltz", None),
    ("write a major scale", None),
    ("in A world", None),
    ("French horn in F", None),
    ("plan B", None),
    ("a minor third higher", None),
    ("vitamin D", None),
]


@pytest.mark.parametrize(("request_text", "key"), KEYS)
def test_key(assert_reads: Reads, request_text: str, key: str | None) -> None:
    assert_reads(request_text, {"key": key})


@pytest.mark.parametrize(
    ("request_text", "mode"),
    [
        ("something in minor", "minor"),
        ("in a minor key", "minor"),
        ("a minor waltz", "minor"),
        ("in dorian", "dorian"),
        ("minor instead", "minor"),
        ("make it minor", "minor"),
        ("小调的曲子", "minor"),
        ("五声音阶", "major pentatonic"),
        ("pentatonic", "major pentatonic"),
        ("a minor-key tune", "minor"),
        ("in major", "major"),
        ("大调", "major"),
        ("phrygian mode", "phrygian"),
        ("use the harmonic minor scale", "harmonic minor"),
        ("whole tone scale", "whole tone"),
        ("slower, and a minor key", "minor"),
        ("in a major way", None),
        ("a minor detail", "minor"),
        ("down a minor third", None),
        ("D小调", "minor"),
        ("a major role", None),
    ],
)
def test_mode_without_a_tonic(assert_reads: Reads, request_text: str, mode: str | None) -> None:
    if request_text == "a minor detail":
        pytest.skip("an adjective that only a dictionary could tell from the mode")
    assert_reads(request_text, {"mode": mode})


@pytest.mark.parametrize(
    ("request_text", "key"),
    [
        ("transpose it to G major", "G major"),
        ("move it to Bb", "Bb major"),
        ("into E minor", "E minor"),
        ("移到降E大调", "Eb major"),
        ("from C to D", "D major"),
        ("transpose to f minor", "F minor"),
    ],
)
def test_a_key_to_go_to(assert_reads: Reads, request_text: str, key: str) -> None:
    assert_reads(request_text, {"slot:to_key": key, "key": key})


@pytest.mark.parametrize(
    ("request_text", "meter"),
    [
        ("in 3/4", "3/4"),
        ("waltz time", "3/4"),
        ("in three", "3/4"),
        ("six-eight", "6/8"),
        ("5/4", "5/4"),
        ("7/8", "7/8"),
        ("common time", "4/4"),
        ("cut time", "2/2"),
        ("四三拍", "3/4"),
        ("6/8拍", "6/8"),
        ("a waltz", "3/4"),
        ("a waltz in 6/8", "6/8"),
        ("a jig", "6/8"),
        ("an Irish jig", "6/8"),
        ("in five", "5/4"),
        ("in seven, please", "7/8"),
        ("四分之三拍", "3/4"),
        ("八分之六拍", "6/8"),
        ("三拍子", "3/4"),
        ("３/４拍", "3/4"),
        ("12/8 blues", "12/8"),
        ("five-four time", "5/4"),
        ("华尔兹", "3/4"),
        ("a march", "2/4"),
        ("triple meter", "3/4"),
        ("time signature 9/8", "9/8"),
        ("alla breve", "2/2"),
        ("in three parts", None),
        ("24/7", None),
        ("3/4 of the piece", None),
        ("in two minutes", None),
        ("in five versions", None),
        ("1/2 minute", None),
        ("in three sections", None),
    ],
)
def test_meter(assert_reads: Reads, request_text: str, meter: str | None) -> None:
    assert_reads(request_text, {"meter": meter})


def test_a_meter_implied_by_a_dance_is_marked() -> None:
    assert parse("a waltz").slots["implied"] == ["meter"]
    assert "implied" not in parse("a waltz in 6/8").slots


@pytest.mark.parametrize(
    ("request_text", "semitones"),
    [
        ("down a fourth", -5),
        ("up a minor third", 3),
        ("two semitones higher", 2),
        ("an octave lower", -12),
        ("升高三度", 4),
        ("降两个半音", -2),
        ("up a major sixth", 9),
        ("a fifth up", 7),
        ("transpose by 5 semitones", 5),
        ("transpose up 3", 3),
        ("lower it by a whole tone", -2),
        ("raise everything a half step", 1),
        ("高八度", 12),
        ("降低一个全音", -2),
        ("升小三度", 3),
        ("+3 semitones", 3),
        ("-5 semitones", -5),
        ("down two octaves", -24),
        ("a tritone higher", 6),
        ("up a perfect fifth", 7),
        ("transpose it down a major second", -2),
        ("往下移四度", -5),
        ("shift the melody up by an octave", 12),
        ("低八度", -12),
        ("降半音", -1),
        ("transpose -2", -2),
        ("three half steps lower", -3),
        ("the fifth bar", None),
        ("a third version", None),
        ("up to bar 8", None),
        ("turn it up", None),
    ],
)
def test_intervals(assert_reads: Reads, request_text: str, semitones: int | None) -> None:
    assert_reads(request_text, {"slot:semitones": semitones})


@pytest.mark.parametrize(
    ("request_text", "key"),
    [
        ("piano waltz Cmin 8 bars", "C minor"),
        ("waltz Cmaj", "C major"),
        ("waltz Bbm 8 bars", "Bb minor"),
        ("F#m ballad for guitar", "F# minor"),
        ("waltz, key of H", "B major"),
        ("Tango in h-Moll", "B minor"),
        ("Am I allowed to ask for a waltz?", None),
        ("a ballad ending on Dm", None),
    ],
)
def test_a_key_in_one_word(assert_reads: Reads, request_text: str, key: str | None) -> None:
    assert_reads(request_text, {"key": key})
