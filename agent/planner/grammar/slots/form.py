"""Sections and form: "intro, verse, chorus, outro", AABA, with a bridge, 12-bar blues, 前奏 主歌 副歌."""

from __future__ import annotations

import re

from agent.planner.grammar.lexicon import table
from agent.planner.grammar.numbers import NUMBER, number
from agent.planner.grammar.reading import UNMET, Reading, Span, pattern
from agent.planner.grammar.slots.negation import refusal

_TABLE = table("sections")
_SECTIONS = {word: role for role, words in _TABLE["roles"].items() for word in words}
_STRONG = _TABLE["strong"]
_NAME = "(?:" + "|".join(sorted(map(re.escape, _SECTIONS), key=len, reverse=True)) + r")(?:e?s)?(?![a-z曲])"
_ITEM = (
    rf"(?:(?:{NUMBER})\s*-?\s*(?:bars?\s+|measures?\s+|个?小节的?|[段遍])?)?(?:(?:an?|the|final|last|short|long|second"
    rf"|repeat(?:ed)?|instrumental|big|another|double)\s+)*(?<![a-z]){_NAME}(?:\s*(?:x\s*\d|(?:[:(]\s*|of\s+)?\d{{1,2}}(?:[\s-]*"
    rf"(?:bars?|measures?|小节)\s*\)?)?))?"
)
_LINK = (
    r"\s*(?:[,、]\s*(?=\band\b|\bthen\b|然后|再|接着))?(?:->|=>|→|[-,/|>+、]|\band\s+then\b|\bthen\b"
    r"|\bfollowed\s+by\b|\band\b|\binto\b|然后|接着|再|和|到|加)?\s*(?:an?\s+|the\s+)?"
)
_RUN = pattern(rf"(?<![a-z]){_ITEM}(?:{_LINK}{_ITEM})+(?:[\s-]+(?:form|structure|format))?")
_ONE = pattern(
    rf"(?:(?P<n>{NUMBER})\s*-?\s*(?:(?P<bars>bars?\s+|measures?\s+|个?小节的?)|[段遍])?)?(?P<name>(?<![a-z]){_NAME})(?:\s*"
    rf"(?:[:(]\s*|of\s+)?(?P<x>x\s*)?(?P<times>\d{{1,2}})(?P<bars2>[\s-]*(?:bars?|measures?|小节)\s*\)?)?)?"
)
_STRONG_NAME = "|".join(sorted(map(re.escape, _STRONG), key=len, reverse=True))
_ALONE = pattern(
    rf"(?P<before>\b(?:with|add|include|has|have|having|plus|and|no|without|needs?|wants?|into|then)\s+|有|加"
    rf"|带)?(?P<art>\bthe\s+|\ban?\s+)?(?:(?P<n>{NUMBER})[\s-]*(?:(?:bars?|measures?)[\s-]+|个?小节的?))?(?:"
    rf"(?:short|long|little|brief|big|catchy|soaring|quiet|contrasting)\s+)*"
    rf"(?P<name>(?<![a-z])(?:{_STRONG_NAME})(?:e?s)?(?![a-z曲]|\s+(?:effects?|pedal)))(?:\s+(?:of\s+)?(?P<n2>{NUMBER})\s*(?:bars?|measures?))?"
)
_LETTERS = re.compile(
    r"(?:(?:in|an?|the|form|structure|曲式)\s*:?\s+)?(?<![A-Za-z\d])(?P<letters>[ABC]"
    r"(?:['’]?[-\s]?[ABCDE]['’]?){1,8})(?![A-Za-z\d#/])(?P<form>[\s-]*(?:form|structure|song\s+form|曲式|结构"
    r"|式))?"
)
_BARS_BLUES = pattern(
    r"(?P<n>8|12|16|eight|twelve|sixteen|十二|12)[\s-]*(?:bars?|measures?|小节)(?:[\s-]+)?(?:的)?"
    r"(?P<minor>[\s-]+minor)?[\s-]*(?:blues|布鲁斯|蓝调)"
)
_BLUES = re.compile(r"\bblues\b|布鲁斯|蓝调", re.IGNORECASE)
_BARS_FORM = pattern(r"(?P<n>8|12|16)[\s-]*bars?[\s-]+(?:form|structure|pattern|progression|changes)\b")
_FORMS = [
    (pattern(r"\b(?:in\s+)?(?:an?\s+)?(?:seven-part\s+)?rondo(?:[\s-]+form)?\b|回旋曲式?"), "rondo"),
    (
        pattern(r"\b(?:in\s+)?(?:a\s+)?ternary(?:[\s-]+form)?\b|\bthree[\s-]part\s+form\b|三段式|三段体|三部曲式"),
        "ternary",
    ),
    (
        pattern(
            r"\b(?:in\s+)?(?:a\s+)?(?:rounded\s+)?binary(?:[\s-]+form)?\b|\btwo[\s-]part\s+form\b|二段式|二段体"
            r"|二部曲式"
        ),
        "binary",
    ),
    (pattern(r"\b(?:in\s+)?sonata(?:[\s-]+allegro)?[\s-]+form\b|奏鸣曲式"), "sonata"),
    (pattern(r"\btheme\s+(?:and|&|with)\s+variations?\b|变奏曲式?|主题与变奏"), "theme and variations"),
    (pattern(r"\bthrough[\s-]composed\b|通谱体?"), "through-composed"),
    (pattern(r"\bstrophic(?:[\s-]+form)?\b|分节歌"), "strophic"),
    (pattern(r"\b(?:32|thirty[\s-]two)[\s-]bar(?:s)?[\s-]+form\b"), "AABA"),
    (pattern(r"\bverse[\s/-]*chorus[\s-]+(?:form|structure|song)\b"), "verse-chorus"),
]
_EACH = pattern(
    rf"(?:\b(?:each|every\s+(?:section|part|one)|all\s+(?:sections\s+)?(?:of\s+)?)(?:\s+(?:section|part|one))?\s+(?:is\s+|of\s+"
    rf"|with\s+|has\s+|lasts?\s+|should\s+be\s+)?(?P<n>{NUMBER})\s*-?(?:bars?|measures?)\b(?:\s+long)?"
    rf"|(?P<n2>{NUMBER})\s*-?(?:bars?|measures?)\s+(?:each|apiece|per\s+section|for\s+each(?:\s+section)?)\b"
    rf"|(?:每段|每个部分|每部分|各段?)(?:都是|都|为|是)?\s*(?P<n3>{NUMBER})\s*个?小节)"
)
_WORDS_WANTED = re.compile(r"\b(?:lyrics?|words|poem|rap|(?:verses?|chorus)\s+about)\b|歌词|词", re.IGNORECASE)
_OF_BARS = re.compile(rf"{NUMBER}[\s-]*(?:bars?|measures?|个?小节)", re.IGNORECASE)
_WRITES = re.compile(  # right before a section: that is what is written, not a song that has it
    r"(?:\b(?:write|compose|make|create|sketch|draft|give)\s+(?:me\s+|us\s+)?(?:an?|one|just\s+an?|only\s+an?)\s+"
    r"(?:(?!song|piece|with)[\w-]+\s+){0,3}|(?:写|创作|作|来|做|谱)(?:一)?(?:段|个|首)?(?:[^,.;的]{0,6}的)?)$",
    re.IGNORECASE,
)
_PART_OF = re.compile(r"\s*(?:song|piece|structure|form|and\b|,|\+|-)", re.IGNORECASE)
_AROUND = _TABLE["around"]


def read(r: Reading) -> None:
    """Read ``sections`` and ``form``; "the chorus" of an edit is the slot ``section``."""
    for match in r.find(_BARS_BLUES):
        count = {"eight": 8, "twelve": 12, "sixteen": 16, "十二": 12}.get(match["n"].lower()) or int(match["n"])
        r.want("form", f"{count}-bar blues", r.take(match.start(), match.end(), "form"))
        r.fields["genre"] = "blues"
        if match["minor"]:
            r.fields.setdefault("mode", "minor")
    if "form" not in r.fields and _BLUES.search(r.whole):
        for match in r.find(_BARS_FORM):
            r.want("form", f"{match['n']}-bar blues", r.take(match.start(), match.end(), "form"))
    for expression, name in _FORMS:
        for match in r.find(expression):
            r.want("form", name, r.take(match.start(), match.end(), "form"))
            if name == "verse-chorus":
                r.fields.setdefault("sections", ["verse", "chorus"])
    _read_letters(r)
    for match in r.find(_RUN):
        names = _names(r, match.group())
        if len(names) > 1:
            words = r.take(match.start(), match.end(), "sections")
            r.want("sections", [*r.fields.get("sections", []), *names], words)
    for match in r.find(_ALONE):
        _read_one(r, match)
    _read_section_bars(r)


def _read_section_bars(r: Reading) -> None:
    """The length that lengths of sections add up to; a Brief holds no length of one section: unlike ones are left."""
    sections = r.fields.get("sections", [])
    for match in r.find(_EACH):
        words = r.take(match.start(), match.end(), "bars")
        r.want("bars", int(number(match["n"] or match["n2"] or match["n3"])) * max(1, len(sections)), words)
        return
    lengths: dict[str, int] = r.slots.get("section_bars", {})
    if sections and all(s in lengths for s in sections):
        r.want("bars", sum(lengths[s] for s in sections), r.said("sections"))
    if len(set(lengths.values())) > 1:
        said = [s for s in r.spans if s.name == "sections"]
        found = (m for s in said for m in _OF_BARS.finditer(r.whole, s.start, s.end))
        r.spans += [Span(m.start(), m.end(), UNMET) for m in found]


def _names(r: Reading, text: str) -> list[str]:
    names: list[str] = []
    for match in _ONE.finditer(text):
        name = _section(match["name"])
        count = 1 if match["bars"] or not match["n"] else int(number(match["n"]))
        if match["times"] and match["x"]:
            count = int(match["times"])
        elif match["times"] and (match["bars2"] or int(match["times"]) > 3):
            r.slots.setdefault("section_bars", {})[name] = int(match["times"])
        if match["bars"] and match["n"]:
            r.slots.setdefault("section_bars", {})[name] = int(number(match["n"]))
        names += [name] * max(1, min(8, count))
    return names


def _section(said: str) -> str:
    plain = said.lower()
    for form in (plain, plain.removesuffix("s"), plain.removesuffix("es")):
        if form in _SECTIONS:
            return str(_SECTIONS[form])
    return str(_SECTIONS[plain.replace("-", " ").strip()])


def _read_one(r: Reading, match: re.Match[str]) -> None:
    name = _section(match["name"])
    before = (match["before"] or "").strip().lower()
    if match["n"] or match["n2"]:
        r.slots.setdefault("section_bars", {})[name] = int(number(match["n"] or match["n2"]))
    refused = refusal(r.whole, match.start("name"))
    if refused:
        r.leave(match.start("name") - len(refused.group()), match.end())
        return
    if (match["art"] or "").strip().lower() == "the" and before not in ("with", "add"):
        r.slots["section"] = name
        r.take(match.start(), match.end(), "section")
        return
    if not before and not match["art"] and not match["n"] and not match["n2"] and match["name"][0].isascii():
        return
    words = r.take(match.start(), match.end(), "sections")
    if name not in r.fields.get("sections", []):
        said = [c.target for c in r.constraints if c.name == "sections"]
        r.fields["sections"] = (
            _around(r, match, name) if not r.fields.get("sections") else [*r.fields["sections"], name]
        )
        r.measure("sections", [*(said[0] if said else []), name], words)


def _around(r: Reading, match: re.Match[str], name: str) -> list[str]:
    """The form around a section: itself where it is all that is written ("write a chorus", with words or without)."""
    alone = _WRITES.search(r.whole[: match.start("name")]) and not _PART_OF.match(r.whole, match.end("name"))
    return [name] if alone or _WORDS_WANTED.search(r.whole) else list(_AROUND.get(name, ["verse", name]))


def _read_letters(r: Reading) -> None:
    for match in _LETTERS.finditer(r.text):
        letters = re.findall(r"[A-E]['’]?", match["letters"])
        plain = re.sub(r"[\s'’-]", "", match["letters"])
        joined = len(plain) == len(match["letters"].replace("'", "").replace("’", ""))
        is_form = len(set(plain)) > 1 and plain[0] == "A" and (match["form"] or (joined and len(plain) > 2))
        if is_form and plain not in ("BAD", "CAB", "ACE", "ABC", "ABCD"):
            if not match["form"] and _WORDS_WANTED.search(r.whole):
                r.slots["rhyme_scheme"] = r.take(match.start(), match.end(), "rhyme_scheme")
                continue
            words = r.take(match.start(), match.end(), "form")
            r.want("form", "".join(letters), words)
            r.want("sections", letters, words)
