"""Films and pictures that a request points at: "this clip", "the attached photo", 这段视频."""

from __future__ import annotations

from typing import NamedTuple

from agent.planner.grammar.reading import normalised, pattern

_POINTS = r"\b(?:this|these|(?:the|my|our)\s+(?:attached|enclosed|uploaded))\s+(?:(?!is|was|are|here)\w+\s+){0,2}?"
_TALKED_OF = (  # "this film club", "this video game": nothing that could be attached
    r"(?!-|'s\s+genre|\s+(?:game|club|festival|night|school|student|project|studies|industry|i|we|that|where)\b)"
)
_CHINESE_POINTS = r"(?:这(?:[段个部张幅条份]|一[段个部张幅条])?|附件(?:里|中)?的?)(?:小|短)?"
_NAMES = {
    "video": (
        rf"{_POINTS}(?:video|clip|film|movie|footage|reel|vlog|animation|time-?lapse|mp4|mov)s?\b{_TALKED_OF}"
        rf"|{_CHINESE_POINTS}(?:视频|影片|短片|片子|录像|镜头)"
    ),
    "image": (
        rf"{_POINTS}(?:picture|photo|photograph|image|painting|drawing|postcard|jpe?g|png)s?\b{_TALKED_OF}"
        rf"|{_CHINESE_POINTS}(?:图片|图|照片|相片|画(?!面))"
    ),
}
_PATTERNS = {kind: pattern(source) for kind, source in _NAMES.items()}


class Shown(NamedTuple):
    """A kind of file that is pointed at, and the words that do."""

    kind: str
    words: str


def shown(text: str) -> list[Shown]:
    """What a request says that it shows, one entry a kind."""
    plain = normalised(text)
    found = ((kind, expression.search(plain)) for kind, expression in _PATTERNS.items())
    return [Shown(kind, text[m.start() : m.end()]) for kind, m in found if m]
