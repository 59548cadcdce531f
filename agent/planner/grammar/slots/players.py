"""Which words of a request name instruments, ensembles or voices."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator

from agent.planner.grammar.lexicon import Hit, Lexicon, table
from agent.planner.grammar.reading import Reading, pattern
from agent.planner.grammar.slots import genre
from tools.kit.theory import instruments as theory

_CONTEXT = table("context")
_SAYS_MORE = frozenset(_CONTEXT["instruments"])
_COMPANY = re.compile(
    r"(?:\b(?:with|for|on|and|add|of|no|without|using|plus|featuring|the|some|soft|warm|by|a|an|&|or|play"
    r"|plays|like|solo|church|synth)\s+"
    r"(?:\w+[\s-]+)?|[,+/&(]\s*|[\u4e00-\u9fff、]\s*)$",
    re.IGNORECASE,
)
ROLES = frozenset({"lead", "pad", "drone"})
_COMPANY_AFTER = pattern(r"\s*(?:$|[,.;+&]|\b(?:over|and|with|plus|on\s+top|above|playing|in|at)\b)")
_BESIDE_OTHERS = pattern(
    r"(?:^|[,;:]\s*|\b(?:sec|seconds|piece|for|of"
    r"|an?)\s+)(?:[a-z]+\s+)$"
)  # "45 sec, noble horns over"
_VERBS_TOO = frozenset(_CONTEXT["verbs"])
_ARTICLE = re.compile(r"\b(?:the|an?)\s+$", re.IGNORECASE)
_BESIDE = re.compile(r"(?:\b(?:on|for|and|with|solo|plus|add)|[,+&])\s*(?:the\s+)?$", re.IGNORECASE)
_A_PART = re.compile(r"\b(?:second|third|fourth|inner|upper|lower|middle|extra)\s+$", re.IGNORECASE)  # of the texture
_LISTED = re.compile(r"\w(?:\s*[&+/]\s*|\s+and\s+)(?:an?\s+)?$", re.IGNORECASE)


@functools.cache
def _lexicon() -> Lexicon:
    return Lexicon(
        {
            **theory.names(),
            **dict.fromkeys(_CONTEXT["vocals"], "vocals"),
            "string arrangement": "strings",
            "string part": "strings",
            "percussive": "percussion",
            "808贝斯": "synth bass",
            "合唱": "choir",
            "shekere": "shaker",
            **dict.fromkeys(("string pad", "strings pad"), "synth pad"),
            **dict.fromkeys(("double bass drum", "double bass drum kit", "double kick", "double kick drum"), "drums"),
            "口哨": "whistle",
            "saxophone choir": "saxophone quartet",
            "sax choir": "saxophone quartet",
            **{f"{name} choir": name for name in ("flute", "clarinet", "trombone", "french horn", "cello", "tuba")},
        }
    )


def named(r: Reading) -> Iterator[Hit]:
    """Every name of a player, read or not as a wish, in what nobody has taken yet."""
    return _lexicon().find(r.text)


def words() -> Iterable[str]:
    """Every name of an instrument, an ensemble or a voice."""
    return _lexicon().names


def players(r: Reading) -> list[Hit]:
    """The instruments, ensembles and voices that a request names, in its order; names inside a genre are none."""
    genres = [(h.start, h.end) for h in genre.LEXICON.find(r.text)]
    hits = [h for h in _lexicon().find(r.text) if _is_instrument(r, h) and not any(_is_inside(h, *g) for g in genres)]
    hits = [h for before, h in zip([None, *hits], hits, strict=False) if not (before and _is_role(r, before, h))]
    return [part for h in hits for part in _split(r, h)]


def _split(r: Reading, hit: Hit) -> list[Hit]:
    """A list without commas: "guitar bass drums" names no bass drum."""
    plain, _, players = hit.said.rpartition(" ")
    if players in ("duet", "duo", "trio") and plain in _lexicon().names and _LISTED.search(r.whole[: hit.start]):
        r.take(hit.start + len(plain), hit.end, "players")
        return [Hit(hit.start, hit.start + len(plain), plain, _lexicon().names[plain])]  # "cello and piano duet"
    if hit.said != "bass drum" or not r.text[hit.start : hit.end].lower().endswith("drums"):
        return [hit]
    gap = hit.start + len("bass")
    return [Hit(hit.start, gap, "bass", "bass"), Hit(gap + 1, hit.end, "drums", "drums")]


def _is_role(r: Reading, before: Hit, hit: Hit) -> bool:
    """Whether a name only says what the instrument before it does: a violin lead, a flute solo."""
    if hit.said not in ROLES or r.text[before.end : hit.start].strip():
        return False
    r.take(hit.start, hit.end, "instruments")
    return True


def _is_inside(hit: Hit, start: int, end: int) -> bool:
    """Whether a name is part of a longer one: the synth of synth pop, the drum of drum and bass."""
    return start <= hit.start and hit.end <= end and hit.end - hit.start < end - start


def _is_instrument(r: Reading, hit: Hit) -> bool:
    if hit.said in _SAYS_MORE and not _COMPANY.search(r.whole[max(0, hit.start - 30) : hit.start]):
        if hit.said in _VERBS_TOO or not _BESIDE_OTHERS.search(r.whole[: hit.start]):
            return False
        if not _COMPANY_AFTER.match(r.whole, hit.end):
            return False
    if hit.said in _VERBS_TOO and _ARTICLE.search(r.whole[: hit.start]):
        return False
    after = r.whole[hit.end : hit.end + 12].lower()
    if hit.said in ("bass", "kick", "beats") and re.match(r"\s+(?:clef|per\b|a\s+min)", after):
        return False
    if re.match(r"鼓[舞励吹]|唱片", r.whole[hit.start :]) or (
        hit.said == "唱" and re.search(r"[合说]唱$", r.whole[: hit.end])
    ):
        return False
    if (hit.said == "singing" and re.match(r"\s+bowl", after)) or re.search(r"\bground\s+$", r.whole[: hit.start]):
        return False
    if hit.said == "vibes" and not _BESIDE.search(r.whole[: hit.start]):
        return False
    if hit.said == "lead" and re.match(r"\s+(?:melody|singer|vocal|sheet|line|voice|to|into|up)", after):
        return False
    if hit.said in ("voice", "voices") and _A_PART.search(r.whole[: hit.start]):
        return False
    if hit.said in ("singer", "vocalist") and re.search(
        r"\b(?:my|our|the|their)\s+$", r.whole[: hit.start], re.IGNORECASE
    ):
        return False
    return not (hit.said in ("voice", "voices") and re.match(r"\s+(?:note|leading|memo|over)", after))
