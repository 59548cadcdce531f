"""Which files are wanted: "just the midi", "MIDI only", "no audio", "sheet music only", 只要MIDI, 不要音频.

They are read as the slots ``deliver`` (these alone) and ``withhold`` (not these), in the kinds of
:data:`agent.planner.grammar.job.DELIVERS`. The words for a file stay readable to others: "only the mp3" is a
format too.
"""

from __future__ import annotations

import re

from agent.planner.grammar.reading import Reading, pattern

_THINGS = {
    "midi": r"\.?midi?(?:\s+files?)?|(?:midi|MIDI)文件",
    "audio": r"(?:audio|sound)(?:\s+files?)?|\.?(?:wav|wave|mp3|flac|ogg|m4a)(?:\s+files?)?|音频(?:文件)?",
    "sheet": r"(?:printed\s+)?sheet\s*music|notation|engraving|lead\s*sheets?|\.?pdf|\.?(?:music)?xml"
    r"|printed\s+(?:score|music)|乐谱|谱子|五线谱|总谱|简谱",
    "picture": r"piano[\s-]?rolls?|pictures?\s+of\s+the\s+notes|钢琴卷帘|卷帘图?",
    "video": r"videos?|\.?mp4|视频",
}
_THING = rf"(?:{'|'.join(_THINGS.values())})(?![a-z])"
_THING += (  # "just a video game theme" asks for no file
    r"(?!\s*(?:games?|effects?|clips?|calls?|music|scores?|soundtracks?|editors?|intros?|of\b|from\b|notes?|channels?|tracks?"
    r"|游戏|配乐|音乐))"
)
_KINDS = {kind: re.compile(rf"(?:{source})(?![a-z])", re.IGNORECASE | re.ASCII) for kind, source in _THINGS.items()}
_SMALL = r"(?:(?:the|an?|its|my|any|that|this|plain|raw|rendered)\s+)*"
_LIST = rf"{_SMALL}(?<![a-z]){_THING}(?:\s*(?:,|and|&|plus|和|、|跟|与)\s*{_SMALL}{_THING})*"
_ONLY = [
    pattern(
        rf"(?P<by>\b(?:just|only|nothing\s+but|solely|all\s+i\s+(?:need|want)\s+is|i\s+(?:just|only)\s+(?:need|want))"
        rf"(?:\s+(?:need|want|give\s+me|send(?:\s+me)?|export|output|deliver|as|in|to))*)\s+(?P<what>{_LIST})"
    ),
    pattern(
        rf"(?P<what>{_LIST})(?P<by>[\s-]+only\b|,?\s+(?:and\s+)?nothing\s+else\b"
        r"|\s+(?:is|will\s+be|would\s+be)\s+(?:enough|all\s+i\s+(?:need|want)|plenty)\b|\s+alone\b)"
    ),
    pattern(
        rf"(?P<by>(?:只|仅|光|单单?)(?:需要?|要|给我?|导出|输出|想要)?)\s*(?P<what>{_LIST})(?:就行|就好|即可|就可以了?|就够了?)?"
    ),
    pattern(rf"(?:给我?|要)?(?P<what>{_LIST})(?P<by>就行|就好|即可|就可以了?|就够了?)"),
]
_NOT = [
    pattern(
        rf"(?P<by>\b(?:no(?:\s+need\s+(?:for|of|to\s+(?:render|make|export)))?|without|not|skip|leave\s+out|omit"
        rf"|(?:do\s?n['o]t|do\s+not)\s+(?:need|want|render|make|export|give\s+me|bother\s+with|draw)))\s+(?P<what>{_LIST})"
    ),
    pattern(rf"(?P<by>(?:不要|不用|不需要|无需|别|不必)(?:渲染|导出|生成|输出|给我?|画)?)\s*(?P<what>{_LIST})"),
]
_HAS = re.compile(  # a film without sound is a film, not a wish
    r"(?:\b(?:has|have|had|with|is|there's|there|got|comes|came|contains|video|clip|film|movie|footage|recording|this"
    r"|that|it|file|if)|有|视频|影片)\s*$",
    re.IGNORECASE,
)


def read(r: Reading) -> None:
    """Read the slots ``deliver`` and ``withhold``: lists of kinds."""
    for slot, expressions in (("withhold", _NOT), ("deliver", _ONLY)):
        for expression in expressions:
            for match in r.find(expression):
                if slot == "withhold" and _HAS.search(r.whole[: match.start()]):
                    continue
                _put(r, slot, match)


def _put(r: Reading, slot: str, match: re.Match[str]) -> None:
    kinds = [kind for kind, source in _KINDS.items() if source.search(match["what"])]
    r.slots[slot] = list(dict.fromkeys([*r.slots.get(slot, []), *kinds]))
    r.take(match.start(), match.end(), slot)
