"""The tracks that an edit is for, by any name a person gives them: only the drums, of the lead, not the kit.

What is said here names players that the music has, so it is no wish for instruments. A request for new music has
no such tracks.
"""

from __future__ import annotations

from agent.planner.grammar.lexicon import Hit
from agent.planner.grammar.reading import Reading, pattern
from agent.planner.grammar.slots.players import ROLES, named

_MAKES = pattern(
    r"\b(?:compose|create|generate|write|make|need|want|give\s+me)\s+(?:me\s+)?(?:an?|some|two|three|four)\s"
    r"|\b(?:compose|arrang\w+|orchestrat\w+|mix|remix|stems?)\b"
)
_EDIT = (
    r"(?:humani[sz]|quanti[sz]|transpos|shift|rais|lower|tighten|snap|nudg|soften|loosen|straighten|swing|mov|bump|octave)"
    r"(?:e|es|ed|ing)?"
)
_EDITS = pattern(
    rf"\b{_EDIT}\b|\b(?:louder|quieter|softer|crescendo|diminuendo|decrescendo|higher|lower|semitones?|rewrit\w+|redo"
    r"|re-do|again|repeat|mute|silence|remove|delete|drop|cut|kill|strip|lose"
    r"|get\s+rid|take\s+the\s+[\w-]+(?:\s+[\w-]+)?\s+out|db|decibels?)\b"
)
_DIRECT = pattern(
    rf"\b(?:{_EDIT}|silence|mute|timing\s+of|notes?\s+(?:of|in)|chords?\s+(?:of|in))\s+(?:up\s+|down\s+|out\s+)?"
    r"(?:the|my|that)\s+$"
)
_MOVED = pattern(r"\b(?:put|take|move|bring|push|pull|turn|play|make|sing|shift)\s+(?:the|my)\s+$")
_HOW = pattern(
    r"(?:\s+and\s+(?:the\s+|my\s+)?[\w-]+)?\s+(?:an?\s+|one\s+|two\s+|three\s+)?(?:whole\s+|half\s+|minor\s+|major\s+|perfect\s+)?(?:(?:octave|semi-?tone|tone"
    r"|step|third|fourth|fifth|sixth)s?\b|up\b|down\b|back\b|louder\b|quieter\b|softer\b|higher\b|lower\b)"
)
_TAKEN_OUT = pattern(
    r"\b(?:drop|remove|mute|silence|delete|cut|take\s+out|leave\s+out|get\s+rid\s+of|kill|strip|lose)\s+(?:out\s+)?"
    r"(?:the|my)\s+$"
)
_OUT_OF = pattern(r"\s+out\s+(?:of|in|for|from)\b")
_SINGLED = pattern(r"\b(?:only|just|nothing\s+but)\s+(?:in\s+|on\s+|for\s+|to\s+)?(?:the\s+|my\s+)?$")
_ALONE = pattern(r"\s+(?:only|alone)\b")
_NOTE_OF = pattern(r"\b(?:first|last|final|opening|closing)\s+(?:note|chord)s?\s+(?:of|in)\s+(?:the|my)\s+$")
_INSIDE = pattern(r"\b(?:of|in|on|for|from)\s+(?:the|my)\s+$")
_EXCEPT = r"(?:except(?:\s+for)?|excluding|other\s+than|apart\s+from|save(?:\s+for)?|leaving\s+out|not)"
_SPARED = pattern(
    rf"\b(?:{_EXCEPT}|(?:everything|all|whole\s+\w+|everyone|every\s+\w+)\b[^.;]{{0,40}}?\bbut(?:\s+not)?)\s+(?:for\s+)?"
    r"(?:the\s+|my\s+)?$"
)
_LEFT_ALONE = pattern(r"\b(?:leave|leaving|keep|don't\s+touch|do\s+not\s+touch)\s+(?:the\s+|my\s+)?$")
_AS_IT_IS = pattern(r"\s+(?:alone|as\s+(?:it|they)|out\b|untouched|unchanged|be\b|where)|\s*[,.;]?\s*$")
_EXCLUDED = pattern(r"\s+(?:excluded|excepted|left\s+(?:alone|out))\b")
_THE_REST = pattern(
    r"(?:,\s*|\band\s+|\bbut\s+)*(?:(?:leave|keep|don't\s+touch|do\s+not\s+touch|without\s+touching|without\s+changing)\s+"
    r"(?:the\s+rest|everything\s+else|(?:all\s+)?the\s+other(?:s|\s+(?:parts|tracks|instruments|voices|bars))|all\s+else)"
    r"(?:\s+(?:alone|as\s+(?:it\s+is|they\s+are|is)|untouched|unchanged))?|nothing\s+else|and\s+no\s+other)\b"
)
_AND = pattern(r"\s*(?:,|\band\b|&)\s*(?:the\s+|my\s+)?")
_PLACES = ("from_bar", "to_bar", "start_s", "end_s")
_CALLED = pattern(
    rf"\b(?:{_EDIT}|mute|silence|of|in|on|only|just)\s+(?:the|my)\s+['\"]?(?P<name>(?!(?:other|same|whole|first|last|second"
    r"|third|final|next|this|left|right|inner|outer|lower|upper|top|middle|bottom|vocal|audio)\b)[\w-]+(?:\s\d)?)['\"]?"
    r"\s+(?:track|staff|stave)\b"
)


def read(r: Reading) -> None:
    """Read the slot ``tracks`` from players that an edit works on or spares, and ``remove`` where it silences them."""
    if not _EDITS.search(r.whole) or _MAKES.search(r.whole):
        return
    for match in r.find(_THE_REST):
        r.take(match.start(), match.end(), "spared")
    before: tuple[int, str] | None = None
    for hit in list(named(r)):
        if before and _AND.fullmatch(r.whole, before[0], hit.start):  # "the lead and the piano softer"
            _put(r, hit, hit.start, hit.end, before[1])
            before = (hit.end, before[1])
            continue
        start, tail = _spared(r, hit)
        if start is not None:
            _put(r, hit, start, tail, "not ")
            before = (tail, "not ")
            continue
        start, tail = _meant(r, hit)
        if start is not None:
            _put(r, hit, start, tail, "")
            before = (tail, "")
    for match in r.find(_CALLED):
        r.slots.setdefault("tracks", []).append(match["name"])
        r.take(match.start("name"), match.end(), "tracks")


def _spared(r: Reading, hit: Hit) -> tuple[int | None, int]:
    """Where the words that spare a player begin, and where its own end; None when it is not spared."""
    before, after = r.whole[: hit.start], r.whole[hit.end :]
    excluded = _EXCLUDED.match(after)
    if excluded:
        return hit.start, hit.end + excluded.end()
    spared = _SPARED.search(before)
    if spared:
        return hit.start, hit.end
    left, rest = _LEFT_ALONE.search(before), _AS_IT_IS.match(after)
    return (left.start(), hit.end + rest.end()) if left and rest else (None, hit.end)


def _meant(r: Reading, hit: Hit) -> tuple[int | None, int]:
    """Where the words that single a player out begin, and where its own end; None when the edit is not for it."""
    before, after = r.whole[: hit.start], r.whole[hit.end :]
    alone = _ALONE.match(after)
    end = hit.end + (alone.end() if alone else 0)
    single = _SINGLED.search(before)
    if single:
        return single.start(), end
    placed = any(p in r.slots for p in _PLACES)
    named_there = _DIRECT.search(before) or (_MOVED.search(before) and _HOW.match(after))
    removed = (placed or hit.said in ROLES) and _TAKEN_OUT.search(before)
    removed = removed or (_MOVED.search(before) and _OUT_OF.match(after))
    if removed:
        r.slots["remove"] = True
    within = (placed and _INSIDE.search(before)) or _NOTE_OF.search(before)
    apart = alone and before.rstrip().endswith(("the", "," if placed else "the"))
    return (hit.start if named_there or removed or within or apart else None), end


def _put(r: Reading, hit: Hit, start: int, end: int, spared: str) -> None:
    name = hit.said if hit.said in ROLES else hit.name
    r.slots.setdefault("tracks", []).append(f"{spared}{name}")
    r.take(start, end, "tracks")
