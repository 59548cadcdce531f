"""Instruments and ensembles, wanted and refused, and the tracks an editor works on."""

from __future__ import annotations

import itertools
import re

from agent.planner.grammar.numbers import NUMBER, number
from agent.planner.grammar.reading import TAKEN, Reading, pattern
from agent.planner.grammar.slots.mentions import FREE, PART_AFTER, TAKEN_AWAY, Mention, mentioned
from agent.planner.grammar.slots.players import players
from agent.planner.grammar.slots.roles import read_roles
from tools.kit.theory import instruments as theory

_COUNTED = re.compile(rf"(?P<n>{NUMBER})\s*(?:把|个|支|架|只)?\s*$", re.IGNORECASE)
_ONLY = re.compile(
    (
        r"(?:\b(?:just|only|solo|nothing\s+but|purely|entirely|unaccompanied|exclusively)\s+(?:an?\s+|for\s+|the\s+)?|"
        r"(?:只用|只有|仅用|仅|只要|只|单独|独奏)的?)$"
    ),
    re.IGNORECASE,
)
_ONLY_AFTER = re.compile(r"^\s*(?:only|alone|solo\b|and\s+nothing\s+else|独奏)", re.IGNORECASE)
_INSTRUMENTAL = pattern(r"\b(?:purely\s+|fully\s+|all\s+)?instrumental(?:s|\s+only)?\b|纯音乐|纯器乐|器乐曲?|伴奏音乐")
_LISTS = pattern(
    r"\s*(?:[:(]|-\s|\bof\b|\bwith\b(?=\s+(?:two|2)\b)|,?\s*(?:namely|i\.e\.))\s*(?:the\s+|an?\s+|\w+\s+)?"
)
_HOW_MANY = rf"(?:the\s+|an?\s+)?(?:{NUMBER}\s*[把个支架只]?\s*)?"
_OPENS_LIST = pattern(
    r"[\s,:;(、-]*(?:\b(?:with|of|featuring|having|using|on|namely|comprising|made\s+up\s+of|consisting\s+of)\b|包括|有|由|即)?"
    rf"[\s:]*{_HOW_MANY}"
)
_GOES_ON = pattern(rf"\s*(?:[,、/]\s*)?(?:\band\b|[&+和与及加])?\s*{_HOW_MANY}")
_WORDLESS = pattern(r"\bdrum-?less\b|\bbeat-?less\b")
_NO_BEAT = pattern(
    r"\b(?:no|without|w/o)\s+(?:any\s+|an?\s+)?(?:beats?|groove|rhythm\s+section)\b(?!\s*(?:per|box))|(?:无|没有|不要)(?:节拍|鼓点)"
)
_NO_WORDS = pattern(r"\b(?:no|without|w/o)\s+(?:any\s+)?(?:lyrics|words)\b|(?:无|没有|不要|不带|不需要)歌词")


def read(r: Reading) -> None:
    """Read ``instruments``, ``exclude``, ``vocals`` and the slots ``instrument``, ``tracks`` and ``only``."""
    read_roles(r)
    mentions = list(mentioned(r, players(r)))
    spelled = _spelled_out(r, mentions)
    wanted = [m for m in mentions if m.kind in ("want", "add", "swap") and m not in spelled]
    names = _players_of(r, wanted)
    words = _claim(r, mentions)
    _put_wishes(r, wanted, names, words, spelled)
    _put_refusals(r, [m for m in mentions if m.kind in ("refuse", "remove")], words)
    for mention in mentions:
        if mention.kind in ("track", "spared"):
            spared = "not " if mention.kind == "spared" else ""
            r.slots.setdefault("tracks", []).append(f"{spared}{mention.hit.name}")
    for match in r.find(_NO_BEAT):
        _exclude(r, "drums", r.take(match.start(), match.end(), "exclude"))
    for match in (*r.find(_NO_WORDS), *r.find(_INSTRUMENTAL), *r.find(_WORDLESS)):
        said = r.take(match.start(), match.end(), "vocals")
        if said.lower().startswith(("drum", "beat")):
            _exclude(r, "drums", said)
        elif r.fields.get("vocals") is True and not said.lower().startswith(("no", "without", "w/o", "伴奏")):
            r.conflicts.append(f"You ask for {r.said('vocals')!r} and for {said!r}; should there be a voice?")
        elif r.fields.get("vocals") is None:
            r.want("vocals", False, said)


def _parts(r: Reading, mention: Mention) -> list[str]:
    """Names that a mention adds to the instruments: members of an ensemble, as many players as were counted."""
    name = mention.hit.name
    if name == "vocals" or mention.kind == "swap":
        return []
    if name in theory.ensembles():
        return theory.ensemble(name)
    counted = _COUNTED.search(r.text[max(0, mention.hit.start - 12) : mention.hit.start])
    if counted and name not in ("strings", "brass", "woodwinds", "percussion", "drums", "synth"):
        count = number(counted["n"])
        if 2 <= count <= 8 and count == int(count):
            r.take(max(0, mention.hit.start - 12) + counted.start("n"), mention.hit.start, "instruments")
            return [name] * int(count)
    return [name]


def _players_of(r: Reading, wanted: list[Mention]) -> list[str]:
    """Every name to want; players listed after their ensemble are its own: "a jazz trio with piano, bass and drums"."""
    parts = {m: _parts(r, m) for m in wanted}
    for i, band in enumerate(wanted):
        gap, before = _OPENS_LIST, band
        for player in wanted[i + 1 :] if band.hit.name in theory.ensembles() else ():
            left = _claimed(parts[band], parts[player])
            if left is None or not gap.fullmatch(r.whole, before.hit.end, player.hit.start):
                break
            parts[band], gap, before = left, _GOES_ON, player
    return [n for m in wanted for n in parts[m]]


def _claimed(members: list[str], names: list[str]) -> list[str] | None:
    """The members that are left once each name has claimed one of its kind; ``None`` when one finds none."""
    left = list(members)
    for name in names:
        member = next((m for m in left if theory.is_a(m, name) or theory.is_a(name, m)), None)
        if member is None:
            return None
        left.remove(member)
    return left


def _claim(r: Reading, mentions: list[Mention]) -> dict[Mention, str]:
    """Take the words of every mention, with those that refuse or single it out."""
    words: dict[Mention, str] = {}
    for m in mentions:
        end = m.hit.end
        for tail in (TAKEN_AWAY, PART_AFTER, FREE if m.kind == "refuse" else _ONLY_AFTER):
            after = tail.match(r.text[end:])
            if after:
                r.slots.update({"only": True} if tail is _ONLY_AFTER and m.kind == "want" else {})
                end += after.end()
        single = _ONLY.search(r.text[: m.hit.start])
        start = min(m.start, single.start()) if single and m.kind in ("want", "track") else m.start
        if single and m.kind == "want":
            r.slots["only"] = True
        while start < m.hit.start and r.text[start] == TAKEN:
            start += 1
        words[m] = r.take(start, end, "exclude" if m.kind in ("refuse", "remove") else "instruments")
    return words


def _put_wishes(
    r: Reading, wanted: list[Mention], names: list[str], words: dict[Mention, str], spelled: list[Mention]
) -> None:
    voices = [m for m in wanted if m.hit.name == "vocals"]
    if voices:
        r.want("vocals", True, words[voices[0]])
    swaps = [m.hit.name for m in wanted if m.kind == "swap"]
    if swaps:
        r.slots["tracks"] = swaps
        r.changes["instruments"] = {"remove": swaps}
    if not names:
        return
    kept = _without_repeats(names, [m for m in wanted if m.hit.name not in ("vocals",)])
    said = [*spelled, *(m for m in wanted if m.hit.name != "vocals" and m.kind != "swap")]
    r.want("instruments", kept, ", ".join(words[m] for m in said))
    r.slots["instrument"] = kept[-1] if len(set(kept)) == 1 or swaps else kept[0]
    if swaps or any(m.kind == "add" for m in wanted):
        r.changes.setdefault("instruments", {})["add"] = list(dict.fromkeys(kept))


def _spelled_out(r: Reading, mentions: list[Mention]) -> list[Mention]:
    """Ensembles whose players are listed next: "a jazz trio: piano, double bass, drums"."""
    return [
        m
        for m, after in itertools.pairwise(mentions)
        if m.hit.name in theory.ensembles() and _LISTS.fullmatch(r.whole, m.hit.end, after.hit.start)
    ]


def _without_repeats(names: list[str], mentions: list[Mention]) -> list[str]:
    """One name a part: only players of one ensemble or one count may share a name."""
    has_parts = any(m.hit.name in theory.ensembles() for m in mentions)
    counted = len(names) > len(mentions) and not has_parts
    return names if has_parts or counted else list(dict.fromkeys(names))


def _put_refusals(r: Reading, refused: list[Mention], words: dict[Mention, str]) -> None:
    for m in refused:
        name = m.hit.name
        if name == "vocals":
            r.want("vocals", False, words[m])
        if m.kind == "remove":
            r.slots.setdefault("tracks", []).append(name)
        if name == "vocals":
            continue
        for part in dict.fromkeys(theory.ensemble(name)) if name in theory.ensembles() else [name]:
            _exclude(r, part, words[m])
        r.changes.setdefault("instruments", {}).setdefault("remove", []).append(name)


def _exclude(r: Reading, name: str, words: str) -> None:
    said = r.said("exclude")
    names = list(dict.fromkeys([*r.fields.get("exclude", []), name]))
    r.want("exclude", names, f"{said}, {words}" if said and words not in said else words)
