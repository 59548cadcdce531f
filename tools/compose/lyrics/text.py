"""Lyrics as people write them: stanzas of lines, labels such as "[Chorus]", time stamps and chords left out."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from tools.errors import UserError

MOST_LINES = 400
_LABEL = re.compile(
    r"^\s*[\[(【]?\s*(?P<name>verse|chorus|refrain|bridge|pre-?chorus|hook|outro|intro|stanza"
    r"|主歌|副歌|桥段|导歌|尾声)"
    r"\s*(?:[\divx一二三四]+)?\s*(?:[x×]\s*\d+)?\s*[\])】]?\s*[:：]?\s*$",
    re.IGNORECASE,
)
_ROLES = {"refrain": "chorus", "hook": "chorus", "副歌": "chorus", "bridge": "bridge", "桥段": "bridge",
          "主歌": "verse",
          "stanza": "verse", "导歌": "prechorus", "pre-chorus": "prechorus", "尾声": "outro"}  # fmt: skip
_STAMP = re.compile(r"\[\d+:\d+(?:[.:]\d+)?\]|<\d+:\d+(?:[.:]\d+)?>")
_TAG = re.compile(r"^\s*\[(?:ar|ti|al|by|offset|length|re|ve|au)\s*:.*\]\s*$", re.IGNORECASE)
_CHORD = re.compile(r"\[[A-G][#b]?(?:maj|min|m|dim|aug|sus|add)?\d*(?:/[A-G][#b]?)?\]")
_CJK = re.compile(r"[\u3400-\u9fff]")
_CJK_STOP = re.compile(r"[，。！？；,.!?;]+\s*")
_TELLING = {
    "de": "der die das und ich nicht ein eine ist mein dein sich mit auf von zu den dem im wie wenn",
    "fr": "le la les et je ne pas un une est mon ton dans sur de des du au que qui il elle",
    "es": "el la los y yo no un una es mi tu en con de del que se por para las",
    "it": "il la gli e io non un una è mio tuo nel con di del che si per le lo",
    "pt": "o a os e eu não um uma é meu teu em com de do que se por para as",
    "nl": "de het en ik niet een is mijn in met op van te dat die zo wat",
    "en": "the and i not a an is my your in with on of to that it you me for be",
}


@dataclass(frozen=True)
class Stanza:
    """A stanza: its lines as written and its role, ``verse``, ``chorus``, ``bridge`` and so on."""

    lines: tuple[str, ...]
    role: str = "verse"


def read_text(text: str) -> list[Stanza]:
    """The stanzas of a text; a label without lines repeats the last stanza of that name.

    A text with no empty line and no label is cut into stanzas of four lines when it has eight or more.

    Raises
    ------
    UserError
        When there is no word in it, or more than :data:`MOST_LINES` lines.
    """
    stanzas: list[Stanza] = []
    lines: list[str] = []
    role = ""

    def close() -> None:
        nonlocal lines
        if lines:
            stanzas.append(Stanza(tuple(lines), role or "verse"))
        elif role:
            stanzas.extend([s for s in stanzas if s.role == role][-1:])
        lines = []

    for raw in _unpacked(text):
        label = _LABEL.match(raw)
        if label:
            close()
            name = label["name"].lower()
            role = _ROLES.get(name, name)
        elif not raw:
            if lines:
                close()
                role = ""
        else:
            lines.append(raw)
    close()
    if not stanzas:
        raise UserError("The lyrics hold no words; write them one line a line, with an empty line between verses.")
    if sum(len(s.lines) for s in stanzas) > MOST_LINES:
        raise UserError(f"The lyrics have more than {MOST_LINES} lines; set them in parts.")
    return _with_refrains(_parted(stanzas))


def language_of(text: str) -> str:
    """ISO 639-1 code of the language a text is in, by its letters and its small words; English when nothing tells."""
    if len(_CJK.findall(text)) > len(re.findall(r"[A-Za-z]+", text)):
        return "zh"
    words = Counter(re.findall(r"[^\W\d_]+", text.lower()))
    scores = {code: sum(words[w] for w in small.split()) for code, small in _TELLING.items()}
    best = max(scores, key=lambda code: (scores[code], code == "en"))
    telling = sum(w in words for w in _TELLING[best].split())
    return best if telling > 1 else "en"


def _unpacked(text: str) -> list[str]:
    """Lines without stamps, tags and chords; Chinese sentences on one line become lines."""
    rows: list[str] = []
    for raw in text.replace("\r\n", "\n").replace("\r", "\n").replace(" / ", "\n").split("\n"):
        if _TAG.match(raw):
            continue
        line = _CHORD.sub("", _STAMP.sub("", raw)).strip()
        if _CJK.search(line) and not _LABEL.match(line):
            rows += [part.strip() for part in _CJK_STOP.split(line) if part.strip()] or [""]
        else:
            rows.append(line if re.search(r"[^\W_]", line) else "")
    return rows


def _parted(stanzas: list[Stanza]) -> list[Stanza]:
    if len(stanzas) > 1 or len(stanzas[0].lines) < 8:
        return stanzas
    lines, role = stanzas[0].lines, stanzas[0].role
    return [Stanza(lines[i : i + 4], role) for i in range(0, len(lines), 4)]


def _with_refrains(stanzas: list[Stanza]) -> list[Stanza]:
    """Stanzas that come back word for word are choruses."""
    times = Counter(s.lines for s in stanzas)
    return [Stanza(s.lines, "chorus") if times[s.lines] > 1 and s.role == "verse" else s for s in stanzas]
