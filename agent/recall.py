"""What a turn points back at: an earlier turn ("go back to the first") or one of several results ("#2 but slower")."""

from __future__ import annotations

import re

from agent.planner.grammar.numbers import ORDINAL, number
from tools.contract import Artifact

UNDO = re.compile(
    r"^\W*(?:please\s+)?(?:undo(?:\s+(?:that|it|this|the last (?:one|change|turn)))?|go back|revert(?: that)?"
    r"|撤销|撤回|返回上一步)\W*$",
    re.I,
)
_RESULT = r"(?:one|version|take|result|turn|attempt|draft|idea|option|variant|try)"
_NUMBERED = rf"(?:#\s?|(?:no\.?|number|{_RESULT})\s+#?)(?P<n>\d{{1,3}})(?!\s*(?:bars?|measures?|bpm|%|db|s\b))"
_NTH = rf"the\s+(?:very\s+)?(?P<nth>{ORDINAL}|last|latest|original)"
_CHINESE = r"第(?P<zh>\d{1,3}|[一二三四五六七八九十]{1,3})(?:个|版|首|稿|次)(?:版本|结果|作品)?"
_BACK = re.compile(
    r"^\W*(?:please\s+|let'?s\s+|can\s+(?:we|you)\s+)?(?:(?:go|come|switch|change|jump|return|take\s+(?:me|it)|put\s+it)"
    rf"\s+(?:back\s+)?to|back\s+to|revert\s+to|restore)\s+(?:{_NTH}(?:\s+{_RESULT})?|{_NUMBERED})(?:\s+again)?\W*(?:please)?\W*$"
    rf"|^\W*(?:请)?(?:回到|恢复到?|返回){_CHINESE}\W*$",
    re.I,
)
_ONE = re.compile(rf"(?<![\w#]){_NUMBERED}\b|\b{_NTH}\s+{_RESULT}\b|{_CHINESE}(?!小节|声部|主题|音)", re.I)
_CHOSEN = re.compile(
    r"^\W*(?:(?:ok(?:ay)?|yes|great|nice|hm+)\W+)?(?:(?:i(?:'d|'ll|\s+will|\s+would)?|we(?:'ll)?|let'?s|please)\s+)?"
    r"(?:(?:really\s+)?(?:like|love|prefer|want|choose|take|use|keep|pick|have|go\s+with|work\s+(?:on|with))\s+)?"
    rf"(?:{_NTH}\s+{_RESULT}|{_NUMBERED})(?:\s+(?:please|best|most|is\s+(?:best|great|good|it)))*\W*$"
    rf"|^\W*(?:我)?(?:就|要|选|用|喜欢|就用|就要)?{_CHINESE}(?:吧|最好|好)?\W*$",
    re.I,
)
_VERSION = re.compile(r"-v(\d+)-")  # in the ids of a step's results: s3-v2-1


def back_to(text: str) -> int | None:
    """The place of the result that a turn wants back, from 1, or from the end when negative; None for other turns."""
    match = _BACK.match(text)
    return _place(match) if match else None


def pointed_at(text: str) -> int | None:
    """The place of the result that a turn works on, as :func:`back_to`: "#2", "the first one but slower", 第二版."""
    match = _ONE.search(text)
    return _place(match) if match else None


def chosen(text: str) -> int | None:
    """The place of the result that a turn only picks out: "#2", "I like the second one"."""
    match = _CHOSEN.match(text)
    return _place(match) if match else None


def versions(made: list[Artifact]) -> int:
    """How many results of one request a turn made."""
    return max((_version(a) for a in made), default=0)


def one_version(made: list[Artifact], place: int) -> list[Artifact]:
    """What belongs to one of the results of a turn, with what they share."""
    several = {(a.tool, a.kind) for a in made if _version(a) > 1}
    return [a for a in made if (a.tool, a.kind) not in several or _version(a) == place]


def placed(place: int, count: int) -> int | None:
    """A place counted from 1, or None when there is none such among ``count``."""
    counted = place if place > 0 else count + 1 + place
    return counted if 1 <= counted <= count else None


def _version(artifact: Artifact) -> int:
    match = _VERSION.search(artifact.id)
    return int(match[1]) if match else 1


def _place(match: re.Match[str]) -> int:
    said = (match["nth"] or match["n"] or match["zh"]).lower()
    return {"last": -1, "latest": -1, "original": 1}.get(said) or int(number(said))
