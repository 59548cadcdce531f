"""Key and mode in every usual spelling: F# minor, Fis-moll, Bbm, in e minor, 降B大调, D dorian, a minor key.

H is the German name of B natural.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from agent.planner.grammar.lexicon import table
from agent.planner.grammar.reading import Reading, pattern
from agent.planner.grammar.slots.journey import leave_later
from tools.contract import JSON

_ACCIDENTAL = r"(?:\s?#|\s?b(?![a-z])|[\s-]?sharp|[\s-]?flat)"
_NOTE = rf"(?P<note>[A-Ga-g])(?P<acc>{_ACCIDENTAL})?"
_TABLE = table("modes")
_MODES: dict[str, str] = _TABLE["english"]
_MODE = (
    r"(?P<mode>"
    + "|".join(sorted(map(re.escape, _MODES), key=len, reverse=True))
    + r")(?:[\s-]+(?:scale|mode))?(?![a-z])"
)
_BEFORE = (
    r"(?P<before>\bin(?:\s+the\s+key\s+of)?|\bto(?:\s+the\s+key\s+of)?|\binto|\bkey\s*(?:of|:|=|is)?|\bfrom"
    r"|\btonic\s*:?)\s+"
)
_FULL = pattern(
    rf"(?:{_BEFORE})?(?<![a-z\d#']){_NOTE}[\s-]+{_MODE}(?!\s*(?:\d|third|second|sixth|seventh|chord))(?:\s+key)?"
)
_SHORT = pattern(
    rf"{_BEFORE}(?-i:(?P<note>[A-G])(?P<acc>#|b)?(?P<m>m|min|maj|M)?)(?![\w#'+/-])(?!\s*(?:flat|sharp|form)\b)"
)
_BARE = pattern(rf"{_BEFORE}(?-i:(?P<note>[A-G]))(?P<acc>{_ACCIDENTAL})(?![a-z#])")
_WISHED = pattern(
    r"\b(?P<before>(?:wants?|needs?|prefers?)(?:\s+(?:it|this|that))?(?:\s+in)?)\s+"
    r"(?-i:(?P<note>[A-G])(?P<acc>#|b)?(?P<m>m)?)"
    r"(?=\s*(?:$|[,.;!?)]|\b(?:instead|please|now)\b))"
)  # "my singer wants D"
_LOWER_BARE = pattern(
    r"\b(?P<before>key\s+of|key\s*:)\s*(?P<note>[A-Ha-h])(?P<acc>#|b(?![a-z])|\s+sharp|\s+flat)?(?![a-z#])"
)
_LONE = pattern(r"(?:^|[,;:(])\s*(?-i:(?P<note>[A-G])(?:(?P<acc>#|b)(?P<m>m)?|(?P<m2>m)))(?=\s*(?:$|[,.;)]))")
_TOKEN = pattern(
    r"(?<![\w#'/+-])(?-i:(?P<note>[A-H])(?P<acc>#|b)?(?P<m>min|maj|m|M))(?![\w#'/+-])(?!\s*(?:chords?|triads?|arpeggio|->|I\b))"
)  # "8 bars Bbm", the tonic and its mode jotted down in one word
_CHORD_BEFORE = re.compile(r"\b(?:on|chords?|from|over|an?|the|to|with|and|play|I|is)\s+$|[-/>|]\s*$", re.IGNORECASE)
_LETTER = pattern(r"[,;]\s*(?-i:(?P<note>[A-G]))(?=\s*(?:$|[,.;]))")
_H = pattern(rf"(?:{_BEFORE})?(?<![a-z])(?P<note>h)(?P<acc>(?!))?[\s-]+(?P<mode>minor|major)\b")
_GERMAN = pattern(
    r"(?P<before>\b(?:in|nach|to)\s+)?(?<![a-z])(?P<note>[a-h])(?P<acc>is|es|s)?[\s-]?(?P<mode>moll|dur)\b"
)
_CHINESE_MODES: dict[str, str] = _TABLE["chinese"]
_SCALE = r"(?:音阶|调式|调性)"
_CHINESE_NAMES = "|".join(sorted(_CHINESE_MODES, key=len, reverse=True))
_CHINESE = pattern(
    r"(?P<before>转到|移到|移调到|变成|改成|换成|到)?(?P<acc1>升|降)?\s*(?P<note>[A-Ga-g])(?P<acc>#|b)?\s*"
    rf"(?:(?P<mode>{_CHINESE_NAMES})(?:{_SCALE}|调)|(?P<mode2>[大小]调)|调(?!式|整))"
)
_JIANPU = pattern(r"\b1\s*=\s*(?P<acc1>)(?P<note>[A-G])(?P<acc>#|b)?")
_MODE_ALONE = pattern(
    rf"(?:\b(?:in|to|into)\s+)?(?:\b(?:an?|the|some|something\s+in(?:\s+a)?)\s+)?\b{_MODE}(?P<after>[\s-]+"
    rf"(?:key|mode|scale|tonality|instead|feel|mood|sound|flavou?r))?"
)
_MODE_NAMES_ALONE = frozenset(_TABLE["alone"])
_NAME = re.compile(
    r"[A-G](?:[- ](?:Sharp|Flat))?[ -](?:Major|Minor) (?!Piece|Piano|Waltz|Scale|Blues"
    r"|Sonata|Key)[A-Z][a-z]"
)  # of a firm
_RELATIVE = pattern(
    r"(?:\bto\s+|\binto\s+|\bin\s+)?(?:the|its)\s+(?P<which>relative|parallel)\s+(?P<mode>minor|major)(?:\s+key)?|"
    r"(?P<which2>关系|同名)(?P<mode2>大|小)调"
)
_SMALL = pattern(r"\s+(?:changes?|tweaks?|edits?|problems?|issues?|adjustments?|corrections?|details?|points?)\b")
_NO_MODE_ALONE = pattern(
    r"^\s*(?:way|role|third|second|sixth|seventh|chord|chords|change|changes|tweak|edit|problem|label|issue|part"
    r"|\d|feature|influence)"
)
_CHINESE_MODE_ALONE = pattern(
    rf"(?P<mode>{_CHINESE_NAMES}){_SCALE}|(?P<mode2>五声|小调|大调|宫调|羽调|多利亚|弗里几亚|利底亚|混合利底亚)"
)
_CHANGES_KEY = re.compile(
    (r"\bmodulat|\bfrom\b|\bthen\b|\bending? in\b|\bswitch|\bshift|\btranspos|转调|转到|然后|移调|到|→|->"),
    re.IGNORECASE,
)
_MODED = re.compile(r"min|maj|dur|moll|dorian|phryg|lyd|aeol|ionian|locr|pentat|blues|m$|调", re.IGNORECASE)
_AS_IT_IS = pattern(
    r"\b(?:concert(?:\s+(?:key|pitch))?(?:\s+is)?|key\s+is|it'?s|it\s+is|this\s+is|currently|originally|(?:is|was|are)"
    r"(?:\s+(?:currently|now|originally|all))?|written|recorded|sits)\s+(?:in\s+)?$|(?:原调|原来|现在|本来)(?:是|为|在)?\s*$"
)
_WISH = pattern(
    r"\b(?:need|want|like|prefer|transpos|move|put|make|get|sing|play|take|bring|change)\w*\b[^.;]*$"
    r"|[要改换转移升降]"
)
_TOWARDS = ("to", "into", "nach", "转", "移", "变", "改", "换", "到")
_TRANSPOSING = re.compile(r"(?:horn|clarinet|trumpet|sax(?:ophone)?|cornet|flute)s?\s*$", re.IGNORECASE)


class _Found(NamedTuple):
    """A key where it stands, with the word before it."""

    start: int
    end: int
    key: str
    words: str
    before: str


def read(r: Reading) -> None:
    """Read ``key`` and ``mode``; a key after "to" is the slot ``to_key`` too."""
    for match in r.find(_RELATIVE):
        which = (match["which"] or {"关系": "relative", "同名": "parallel"}[match["which2"]]).lower()
        mode = (match["mode"] or {"大": "major", "小": "minor"}[match["mode2"]]).lower()
        r.take(match.start(), match.end(), "key")
        r.changes["key"] = {which: mode}
    found: list[_Found] = []
    for expression in (_FULL, _GERMAN, _H, _JIANPU, _CHINESE, _BARE, _SHORT, _WISHED, _LOWER_BARE, _LONE):
        for match in r.find(expression):
            if (
                _is_article(r, match, expression)
                or _is_noun_phrase(r, match, expression)
                or _NAME.match(r.whole, match.start("note"))
                or (not _names_mode(match) and _TRANSPOSING.search(r.whole[: match.start()]))
            ):
                continue
            words = r.take(match.start(), match.end(), "key")
            before = (match.groupdict().get("before") or "").lower().strip()
            start = match.end("before") if before else match.start()
            found.append(_Found(start, match.end(), _key(match, expression), words, before))
    _settle(r, sorted(found or _token(r) or _letter(r)))
    _read_mode(r)


def _token(r: Reading) -> list[_Found]:
    """A tonic and its mode in one word, where it is the only one: several are chords."""
    matches = list(r.find(_TOKEN))
    if len(matches) != 1 or _CHORD_BEFORE.search(r.whole[: matches[0].start()]):
        return []
    match = matches[0]
    words = r.take(match.start(), match.end(), "key")
    return [_Found(match.start(), match.end(), _key(match, _SHORT), words, "")]


def _letter(r: Reading) -> list[_Found]:
    """A capital letter alone between commas, as musicians jot a key down: "country, banjo, G"."""
    found = list(r.find(_LETTER))
    if len(found) != 1:
        return []
    match = found[0]
    words = r.take(match.start("note"), match.end("note"), "key")
    return [_Found(match.start("note"), match.end("note"), f"{match['note']} major", words, "")]


def _names_mode(match: re.Match[str]) -> bool:
    """Whether a key is named with its mode: "flute in D minor" is one, a "clarinet in B flat" an instrument."""
    return _MODED.search(match.group()) is not None


def _is_article(r: Reading, match: re.Match[str], expression: re.Pattern[str]) -> bool:
    """Whether the "a" of "a minor waltz" or "in a major way" is an article."""
    if expression is _GERMAN or expression is _CHINESE or match["note"] not in "aA" or match.groupdict().get("acc"):
        return False
    if expression is not _FULL or match["mode"].lower() not in ("minor", "major", "pentatonic", "blues", "min", "maj"):
        return False
    if match["mode"].lower() == "blues" and match["note"] == "a" and not match["before"]:
        return True
    begins = not r.whole[: match.start("note")].strip()
    after = r.whole[match.end("mode") :]
    if re.match(r"\s*-?(?:key|mode|scale|tonality|way|role|mood|feel)\b", after, re.IGNORECASE):
        return match["note"] == "a" or begins
    ends = re.match(r"\s*(?:$|[,.;:!?)\n]|\d|\b(?:with|at|for|and|in|no|please|then|major)\b)", after) is not None
    if match["note"] == "A" and not begins:
        return False
    return not (ends or (match["before"] and match["note"] == "a" and not re.match(r"\s+[a-z]", after)))


def _is_noun_phrase(r: Reading, match: re.Match[str], expression: re.Pattern[str]) -> bool:
    """Whether the A of "in A world" is an article written large."""
    if expression is not _SHORT or match["note"] != "A" or match["acc"] or match["m"]:
        return False
    after = re.match(r"\s+([a-z]+)", r.whole[match.end() :])
    return after is not None and after[1] not in (
        "with",
        "w",
        "for",
        "and",
        "at",
        "on",
        "by",
        "but",
        "or",
        "then",
        "no",
        "please",
        "to",
        "instead",
        "using",
        "over",
    )


def _key(match: re.Match[str], expression: re.Pattern[str]) -> str:
    groups = match.groupdict()
    if expression is _GERMAN:
        return _german(match["note"].lower(), (match["acc"] or "").lower(), match["mode"].lower())
    if expression is _H:
        return f"B {match['mode'].lower()}"
    if expression is _LONE:
        return f"{match['note']}{match['acc'] or ''} {'minor' if match['m'] or match['m2'] else 'major'}"
    note = match["note"].upper().replace("H", "B")
    sign = (groups.get("acc") or "").strip(" -").lower()
    sign = {"sharp": "#", "flat": "b", "": ""}.get(sign, sign)
    sign = {"升": "#", "降": "b"}.get(groups.get("acc1") or "", sign)
    if expression in (_CHINESE, _JIANPU):
        return f"{note}{sign} {_CHINESE_MODES[groups.get('mode') or groups.get('mode2') or '大调']}"
    if expression in (_SHORT, _WISHED):
        return f"{note}{sign} {'minor' if match['m'] in ('m', 'min') else 'major'}"
    return f"{note}{sign} {_MODES[match['mode'].lower()] if groups.get('mode') else 'major'}"


def _german(note: str, sign: str, mode: str) -> str:
    name = {"h": "B", "b": "Bb"}.get(note, note.upper())
    name += {"is": "#", "es": "b", "s": "b", "": ""}[sign]
    return f"{name} {'minor' if mode == 'moll' else 'major'}"


def _settle(r: Reading, found: list[_Found]) -> None:
    if not found:
        return
    if len(found) > 1:
        found = _without_present(r, found)
    first = found[0]
    found = [first, *(f for f in found[1:] if not leave_later(r, (first.start, first.end), (f.start, f.end)))]
    targets = [f for f in found if f.before.startswith(_TOWARDS)]
    changes = _CHANGES_KEY.search(r.whole) is not None
    chosen = targets[-1] if targets and changes and len(found) > 1 else first
    if targets:
        r.slots["to_key"] = targets[-1].key
    r.want("key", chosen.key, chosen.words)
    others = {f.key for f in found} - {chosen.key}
    if others and not changes:
        r.conflicts.append(f"You ask for {chosen.key} and for {sorted(others)[0]}; which key should it be in?")


def _without_present(r: Reading, found: list[_Found]) -> list[_Found]:
    """Without the key that music has, where another is wished for: "it's in F, I need it in G"."""
    wished = [f for f in found if _WISH.search(r.whole[: f.start])]
    present = [f for f in found if _AS_IT_IS.search(r.whole[: f.start].rstrip() + " ")]
    return [f for f in found if f not in present] or found if any(f not in present for f in wished) else found


def _read_mode(r: Reading) -> None:
    """A mode without a tonic: a minor key, in dorian, 五声."""
    for match in r.find(_CHINESE_MODE_ALONE):
        name = match["mode"] or match["mode2"]
        _put_mode(r, _CHINESE_MODES[name if name in _CHINESE_MODES else name.removesuffix("调")], match)
    for match in r.find(_MODE_ALONE):
        mode = match["mode"].lower()
        if _SMALL.match(r.whole, match.end("mode")):
            r.take(match.start("mode"), match.end("mode"), "size")  # a minor change is a small one
            continue
        if mode in ("min", "maj", "blues") or _NO_MODE_ALONE.match(r.whole[match.end() :]):
            continue
        starts_in = re.match(r"(?:in|to|into|something)\b", match.group().lower()) is not None
        is_adjective = match["mode"].islower() and re.match(r"\s+[a-z]", r.whole[match.end("mode") :]) is not None
        if (
            match["after"]
            or starts_in
            or mode in _MODE_NAMES_ALONE
            or is_adjective
            or re.search(r"\b(?:it|make|more|but|be|and)\s+$", r.whole[: match.start("mode")])
        ):
            _put_mode(r, _MODES[mode], match)


def _put_mode(r: Reading, mode: JSON, match: re.Match[str]) -> None:
    words = r.take(match.start(), match.end(), "mode")
    key = r.fields.get("key")
    if key is not None and key.endswith(" major") and mode != "major" and not r.said("key").lower().endswith("major"):
        r.want("key", f"{key.split()[0]} {mode}", f"{r.said('key')} ... {words}")
    elif key is None:
        r.want("mode", mode, words)
