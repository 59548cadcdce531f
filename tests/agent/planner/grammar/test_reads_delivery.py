from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Reads = Callable[[str, dict[str, Any]], None]


@pytest.mark.parametrize(
    ("request_text", "lufs"),
    [
        ("-18 LUFS", -18.0),
        ("−18 LUFS", -18.0),
        ("at -14.5 lufs", -14.5),
        ("master it to 16 LUFS", -16.0),
        ("for a podcast", -16.0),
        ("for my podcast intro", -16.0),
        ("for Spotify", -14.0),
        ("for YouTube", -14.0),
        ("for a YouTube video", -14.0),
        ("broadcast ready", -23.0),
        ("EBU R128", -23.0),
        ("r128 compliant", -23.0),
        ("给播客用", -16.0),
        ("响度-16 LUFS", -16.0),
        ("for broadcast", -23.0),
        ("podcast loudness", -16.0),
        ("-23 LKFS", -23.0),
        ("for my podcast at -18 LUFS", -18.0),
        ("a podcast about jazz", None),
    ],
)
def test_loudness(assert_reads: Reads, request_text: str, lufs: float | None) -> None:
    assert_reads(request_text, {"loudness_lufs": lufs})


@pytest.mark.parametrize(
    ("request_text", "add"),
    [
        ("louder", 3.0),
        ("a bit louder", 1.5),
        ("much louder", 6.0),
        ("quieter", -3.0),
        ("3 dB louder", 3.0),
        ("louder by 6 dB", 6.0),
        ("大声一点", 3.0),
        ("小声点", -3.0),
        ("turn it down", -3.0),
        ("a little softer", -1.5),
    ],
)
def test_louder_and_quieter(assert_reads: Reads, request_text: str, add: float) -> None:
    assert_reads(request_text, {"change:loudness_lufs": {"add": add}, "loudness_lufs": None})


@pytest.mark.parametrize(
    ("request_text", "loop"),
    [
        ("loopable", True),
        ("a seamless loop", True),
        ("循环", True),
        ("可循环播放", True),
        ("it should loop seamlessly", True),
        ("无缝循环", True),
        ("an 8-bar loop", True),
        ("doesn't need to loop", False),
        ("no loop", False),
        ("a drum loop", None),
        ("gapless", True),
    ],
)
def test_loop(assert_reads: Reads, request_text: str, loop: bool | None) -> None:
    assert_reads(request_text, {"loop": loop})


@pytest.mark.parametrize(
    ("request_text", "licence"),
    [
        ("royalty-free", "royalty-free"),
        ("royalty free", "royalty-free"),
        ("public domain", "public domain"),
        ("no strings attached to their use", "royalty-free"),
        ("for commercial use", "commercial use"),
        ("免版税", "royalty-free"),
        ("CC0", "CC0"),
        ("CC BY", "CC BY"),
        ("cc-by-sa", "CC BY-SA"),
        ("可商用", "commercial use"),
        ("copyright-free", "royalty-free"),
        ("公有领域", "public domain"),
        ("Creative Commons", "Creative Commons"),
        ("free", None),
        ("no strings", None),
    ],
)
def test_licence(assert_reads: Reads, request_text: str, licence: str | None) -> None:
    assert_reads(request_text, {"licence": licence})


def test_no_strings_attached_refuses_no_strings(assert_reads: Reads) -> None:
    assert_reads(
        "with strings, no strings attached", {"exclude": [], "instruments": ["strings"], "licence": "royalty-free"}
    )


@pytest.mark.parametrize(
    ("request_text", "k", "count"),
    [
        ("three versions", 3, 3),
        ("five pieces", 5, 5),
        ("give me 4 options", 4, 4),
        ("三个版本", 3, 3),
        ("两首曲子", 2, 2),
        ("top 10", 10, None),
        ("find 5 similar tracks", 5, None),
        ("a couple of variations", 2, 2),
        ("one version", None, None),
        ("10首", 10, 10),
        ("the best three results", 3, None),
        ("two pianos", None, None),
        ("three sections", None, None),
        ("2 different takes", 2, 2),
    ],
)
def test_counts(assert_reads: Reads, request_text: str, k: int | None, count: int | None) -> None:
    assert_reads(request_text, {"slot:k": k, "count": count or 1})


@pytest.mark.parametrize(
    ("request_text", "expected"),
    [
        ('lyrics: "the sea is calm tonight"', {"lyrics": "the sea is calm tonight", "mood": None}),
        ("sing “hello moon”", {"lyrics": "hello moon"}),
        ("lyrics in French", {"language": "fr"}),
        ("中文歌词", {"language": "zh"}),
        ("用英文演唱", {"language": "en"}),
        ('a song called "Blue Rain"', {"slot:title": "Blue Rain", "lyrics": None}),
        ("score clip.mp4", {"slot:files": ["clip.mp4"]}),
        ("in the style of Erik Satie", {"references": ["Erik Satie"]}),
        ("find calm piano pieces", {"slot:query": "calm piano pieces"}),
        ('歌词："月亮代表我的心"', {"lyrics": "月亮代表我的心"}),
        ("quantize at 80% strength", {"slot:strength": 0.8}),
        ("humanize it slightly", {"slot:strength": 0.3}),
        ("repeat it three times", {"slot:times": 3}),
        ("sung in Spanish", {"language": "es"}),
    ],
)
def test_words_files_and_references(assert_reads: Reads, request_text: str, expected: dict[str, Any]) -> None:
    assert_reads(request_text, expected)
