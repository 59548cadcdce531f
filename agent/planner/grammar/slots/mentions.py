"""What is wished for each instrument that is named: wanted, refused, taken away, swapped, added or worked on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from agent.planner.grammar.lexicon import Hit
from agent.planner.grammar.reading import Reading
from agent.planner.grammar.slots.negation import LINK, is_removal, refusal

_PART = r"(?:'s)?[\s-]*(?:parts?|tracks?|lines?|voices?|stems?|staff|staves|channels?|notes?|声部|轨道?|音轨|部分|分轨)"
PART_AFTER = re.compile(rf"^{_PART}(?![a-z])", re.IGNORECASE)
_THE_BEFORE = re.compile(
    (
        r"(?:\b(?:just|only|in|on|of|to|from|isolate|extract|solo|for|into|make|change|keep|mute|that|this|quantize"
        r"|humanize|louder|quieter)\s+)?\bthe\s+(?:\w+\s+)?$"
    ),
    re.IGNORECASE,
)
_SWAP_VERB = re.compile(
    (
        r"\b(?:chang\w+|replac\w+|swap\w*|switch\w*|turn\w*|substitut\w+|convert\w*|exchange|make|re-?orchestrat\w+)\b"
        r"|[把将]"
    ),
    re.IGNORECASE,
)
_SWAP_GAP = re.compile(
    (
        rf"^(?:{_PART})?\s*(?:to|into|with|by|for|换成|改成|改为|变成|替换成|替换为|换为)\s+?(?:an?\s+|the\s+"
        rf"|some\s+)?(?:\w+\s+)?$|^(?:{_PART})?(?:换成|改成|改为|变成|替换成|替换为|换为)一?[把个支]?$"
    ),
    re.IGNORECASE,
)
_INSTEAD = re.compile(
    (r"^(?:[^,.;]{1,30}\s)?\s*(?:instead\s+of|in\s+place\s+of|rather\s+than|代替|而不是|取代)\s*(?:an?\s+|the\s+)?$"),
)
_ADD = re.compile(
    (
        r"(?:\b(?:add|adding|bring\s+in|put\s+in|include|layer|give\s+it|introduce|throw\s+in|plus|another)\s+"
        r"(?:in\s+)?(?:an?\s+|some\s+|the\s+)?(?:\w+\s+)?|(?:加上?|加入|添加|增加|配上)一?[把个段条支些]?)$"
    ),
    re.IGNORECASE,
)
FREE = re.compile(r"^[\s-]*(?:free|less)\b", re.IGNORECASE)
TAKEN_AWAY = re.compile(r"^(?:部分|声部|音轨|轨道?)?(?:去掉|去除|删掉|删除|拿掉|静音|关掉|移除)")
_MOVE = re.compile(
    r"\b(?:take|move|transpose|shift|lower|raise|pitch|bring|push|put|drop)\s+(?:the|that)\s+$|[把将]", re.IGNORECASE
)
_PLACE = ("from_bar", "start_s")  # "bars 3 to 5 of the cello"
_OF = re.compile(r"\s*(?:of|in|for|on)\s+(?:the\s+|my\s+)?|的", re.IGNORECASE)
_SPARED = re.compile(  # "shift everything but the drums": they are left as they are
    r"\b(?:shift|move|transpose|raise|lower|quantize|humanize|pitch|push|swing|double|thin|soften)\w*\s+(?:it\s+)?(?:everything|all)\b"
    r"[^,.;]*\b(?:except(?:\s+for)?|but(?:\s+not)?|excluding|other\s+than|apart\s+from)\s+(?:the\s+)?$",
    re.IGNORECASE,
)
_ALL_BUT = re.compile(
    r"\b(?:everything|everyone|all|the\s+rest)\s+(?:except(?:\s+for)?|but(?:\s+not)?|excluding|other\s+than|apart\s+from)"
    r"\s+(?:the\s+)?$",
    re.IGNORECASE,
)
_LEVELLED = re.compile(r"\b(?:bring|turn|take|pull|push)\s+(?:the|that)\s+$", re.IGNORECASE)
_LESS = re.compile(r"\bless\s+(?:of\s+the\s+)?$", re.IGNORECASE)
_TOO_AFTER = re.compile(
    r"\s+(?:is|are|sounds?|goes|go|gets?|plays?|sits?)?\s*too\b|\s+ha(?:s|ve)\s+(?:nothing|no\s+notes)\b", re.IGNORECASE
)
_ARTICLE = re.compile(r"\bthe\s+(?:\w+\s+)?$", re.IGNORECASE)
_TOLD = re.compile(  # of a player that is there: "the flute should play an octave higher"
    r"\s+(?:should|must|could|ha(?:s|ve)\s+to|needs?\s+to)\s+(?:be|play|sound|go)\s+(?:\w+\s+){0,4}?"
    r"(?:louder|quieter|softer|higher|lower|faster|slower|shorter|longer|less\s+\w+|more\s+\w+)\b",
    re.IGNORECASE,
)
_SINGLED_OUT = re.compile(
    r"\b(?:just|only|isolate|extract|solo|quantize|humanize|ornament|embellish|vary)\s+the\s+$|(?:分离|提取|单独)出?$"
    r"|只(?:动|改|移|调|升|降|变)$|量化$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Mention:
    """A named instrument, what is wished for it, and where the words that say so begin."""

    hit: Hit
    kind: str  # "want", "refuse", "remove", "track", "spared", "swap", "add"
    start: int


def mentioned(r: Reading, hits: list[Hit]) -> Iterator[Mention]:
    """Each hit with what is wished for it; a list shares the refusal of its first item."""
    previous: Mention | None = None
    for i, hit in enumerate(hits):
        denied = refusal(r.whole, hit.start)
        following = r.whole[hit.end : hits[i + 1].start if i + 1 < len(hits) else None]
        kind = _kind(r, hit, previous, denied, following, has_next=i + 1 < len(hits))
        is_denied = denied is not None and kind in ("refuse", "remove")
        start = max(0, hit.start - 60) + denied.start() if denied and is_denied else hit.start
        previous = Mention(hit, kind, start)
        yield previous


def _kind(
    r: Reading, hit: Hit, previous: Mention | None, denied: re.Match[str] | None, following: str, *, has_next: bool
) -> str:
    """What is wished for an instrument, from the words around it; the first rule that fits decides."""
    before, after = r.whole[max(0, hit.start - 60) : hit.start], r.whole[hit.end :]
    gap = r.whole[previous.hit.end : hit.start] if previous else ""
    if _LESS.search(before) or _TOO_AFTER.match(after):
        return "track"
    if TAKEN_AWAY.match(after):
        return "remove"
    if _TOLD.match(after) and _ARTICLE.search(before):
        return "track"
    if "semitones" in r.slots and _MOVE.search(before):
        return "track"
    if _LEVELLED.search(before) and re.match(r"\s+(?:up|down)\b", after):
        return "track"
    if any(_OF.fullmatch(r.whole, s.end, hit.start) for s in r.spans if s.name in _PLACE):
        return "track"
    if _SPARED.search(r.whole[: hit.start]) or ("semitones" in r.slots and _ALL_BUT.search(before)):
        return "spared"
    if denied:
        return "remove" if is_removal(denied.group()) else "refuse"
    if previous and previous.kind in ("refuse", "remove") and _continues(gap, following):
        return previous.kind
    if FREE.match(after):
        return "refuse"
    if previous and previous.kind == "swap" and _SWAP_GAP.match(gap):
        return "want"
    if has_next and _SWAP_VERB.search(before) and _SWAP_GAP.match(following):
        return "swap"
    if previous and _INSTEAD.match(gap):
        return "remove"
    is_part = PART_AFTER.match(after) and _THE_BEFORE.search(before) and not _ADD.search(before)
    if is_part or _SINGLED_OUT.search(before):
        return "track"
    if _ADD.search(before):
        return "add"
    return previous.kind if previous and previous.kind in ("add", "track") and LINK.match(gap) else "want"


def _continues(gap: str, following: str) -> bool:
    """Whether a list of refused things goes on: "drums or bass" does, "drums and a piano" does not."""
    if not LINK.match(gap) or re.search(r"\b(?:just|only|but|with)\b|只|但", gap):
        return False
    is_or = re.search(r"\b(?:or|nor)\b|/|或|、", gap, re.IGNORECASE) is not None
    has_article = re.search(r"\b(?:an?|some)\s+$", gap) is not None
    goes_on = re.match(r"\s*(?:,|or\b|and\b|nor\b)", following) is not None
    return is_or or (not has_article and ("," not in gap or goes_on or re.search(r"\band\b", gap) is not None))
