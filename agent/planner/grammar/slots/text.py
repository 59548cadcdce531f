"""Words to sing, their language, works to take after, files named in the request."""

from __future__ import annotations

import re

from agent.planner.grammar.reading import Reading, pattern

_LANGUAGES = {
    "english": "en",
    "chinese": "zh",
    "mandarin": "zh",
    "french": "fr",
    "german": "de",
    "spanish": "es",
    "italian": "it",
    "japanese": "ja",
    "korean": "ko",
    "portuguese": "pt",
    "russian": "ru",
    "latin": "la",
    "arabic": "ar",
    "hindi": "hi",
    "中文": "zh",
    "汉语": "zh",
    "普通话": "zh",
    "英文": "en",
    "英语": "en",
    "法语": "fr",
    "德语": "de",
    "日语": "ja",
    "日文": "ja",
    "韩语": "ko",
    "西班牙语": "es",
    "意大利语": "it",
    "俄语": "ru",
}
_LANGUAGE = pattern(
    r"(?:\b(?:lyrics?|words|sung|singing|sing|vocals?|text|song|answer|reply)\s+(?:\w+\s+)?in\s+|\bin\s+"
    r"(?=\w+\s+lyrics))(?P<a>"
    + "|".join(k for k in _LANGUAGES if k.isascii())
    + r")\b|\b(?P<b>"
    + "|".join(k for k in _LANGUAGES if k.isascii())
    + r")[\s-](?=lyrics?\b|vocals?\b)|(?:用|以)?(?P<c>"
    + "|".join(k for k in _LANGUAGES if not k.isascii())
    + r")(?=歌词|演唱|歌曲|歌|唱|$|，|。|,|的歌)"
)
_FOLDER = pattern(
    r"(?<![\w./~-])(?P<path>(?:~|\.{1,2})?/(?:[\w.~+-]+/)*[\w.~+-]*\w/?|[\w.+-]{2,}(?:/[\w.+-]+)*/(?![\w/]))"
    r"|\b(?:folder|directory)\s+(?!(?:of|and|or|against|to|with|for|in|is|are|called|named|as|by|from|on)\b)"
    r"(?P<name>[\w.+-]*\w(?:/[\w.+-]+)*)|(?:文件夹|目录)\s*(?P<zh>[\w.+-]*\w(?:/[\w.+-]+)*)"
)
_QUOTED = pattern(
    r"(?P<cue>(?:\b(?:lyrics?|words|text|sing(?:ing|s)?|sung|verse|chorus|bridge|lines?)(?:\s*\d)?\s*(?:are|is|:"
    r"|of|like|say|saying|go|reads?)?\s*:?\s*|歌词(?:是|为|:)?\s*|唱\s*|(?:called|titled|named|名为|叫做?"
    r"|题为)\s*)?)[\"「『《](?P<text>[^\"「」『』《》]{1,2000})[\"」』》]"
)
_UNQUOTED = pattern(
    r"\b(?:lyrics?|words|poem|verses?|text|lines)(?:\s+(?:in)?to\s+(?:music|an?\s+\w+)|\s+(?:in|for|as)\s+[^:\n\"]{1,40}?)*"
    r"\s*:\s*(?P<text>[^\"\n]?[^\"\n]{3,}(?:\n+[^\n]+)*)$"
    r"|(?:歌词|诗|词)(?:谱成?上?曲|配(?:上)?旋律|写(?:一?段)?旋律)?\s*:\s*(?P<text2>[^\"\n]?[^\"\n]{2,}(?:\n+[^\n]+)*)$"
)
_FILE = pattern(
    r"(?<![\w/])(?:[\w./~-]*/)?[\w-]+(?:\.[\w-]+)*\.(?:mp4|mov|mkv|webm|avi|m4v|wav|flac|mp3|ogg|m4a|aac|mid|midi"
    r"|musicxml|mxl|xml|abc|krn|png|jpe?g|gif|webp|bmp|pdf)(?![\w])"
)
_AFTER = pattern(
    r"(?<![a-z])(?:in\s+the\s+(?:style|vein|spirit|manner)\s+of|[àa]\s+la|inspired\s+by|reminiscent\s+of"
    r"|similar\s+to|sounds?\s+like|sounding\s+like|after|along\s+the\s+lines\s+of|like|(?:something"
    r"|think)\s+like)\s+(?P<who>(?-i:(?:[A-Z][\w'.-]+)(?:\s+(?:(?:of|the|de|van|von|and|in|for"
    r"|no\.?)\s+)?[A-Z\d][\w'.-]*)*))|(?:像|类似|模仿|仿照)(?P<zh>[\u4e00-\u9fff·]{2,8}?)(?:的|那样|一样|风格)"
)
_TITLE = re.compile(
    r"(?<![.!?]\s)\b(?!(?:Transpose|Change|Switch|Convert|Set|Go|Move|Turn|Play|Add|Write|Compose|Make|Put|Bring|Music|Score|Piano)\b)"
    r"[A-Z][a-z]{2,}\s+(?:to|of(?:\s+the)?)\s+[A-Z][a-z]{2,}(?:\s+[A-Z][a-z]{2,})*"
)
_NOT_WORKS = frozenset({"I", "The", "A", "This", "It", "BPM", "EDM", "Christmas"})
_SUNG = pattern(r"\b(?:words|lyrics?|poem|verses?|sing|sung|lines|text)\b|歌词|诗|唱|词")
_TITLE_LENGTH = 12  # letters; shorter quotations are names
_NAMES_A_WORK = pattern(
    r"\b(?:film|movie|show|game|song|piece|album|book|novel|video|podcast|play|series|musical|documentary|track|project|channel)\s+$"
)
_TITLED = re.compile(r"(?:[A-Z][\w'’-]*|of|the|and|a|in|to|\d+)(?:\s+(?:[A-Z][\w'’-]*|of|the|and|a|in|to|\d+)){1,5}")
_SEARCH = pattern(
    r"\b(?:find|search(?:\s+for)?|look(?:ing)?\s+for|fetch)\s+(?:me\s+)?(?P<q>[^.;!?\n]+)|(?:搜索|查找|寻找|找)"
    r"(?:一下|一些|几首|一首)?(?P<q2>[^。;!?\n]+)"
)


_UNACCOMPANIED = pattern(r"\b(?:unaccompanied|without\s+(?:any\s+)?accompaniment)\b|无伴奏(?!合唱)|清唱")
_A_CAPPELLA = pattern(r"\ba\s?cappella\b|\bacapella\b|阿卡贝拉|无伴奏合唱")


def read(r: Reading) -> None:
    """Read ``lyrics``, ``language``, ``references`` and the slots ``files``, ``folder``, ``title``, ``query``."""
    for match in r.find(_SEARCH):
        r.slots["query"] = (match["q"] or match["q2"]).strip()
    for match in r.find(_FILE):
        r.slots.setdefault("files", []).append(r.take(match.start(), match.end(), "files"))
    for match in r.find(_FOLDER):
        _read_folder(r, match)
    for match in r.find(_QUOTED):
        _read_quoted(r, match)
    for match in r.find(_UNQUOTED):
        group = "text" if match["text"] else "text2"
        _want_words(r, match, r.request[match.start(group) : match.end(group)].strip(), more=False)
    for match in r.find(_TITLE):
        if not match.group().isupper():
            r.fields.setdefault("references", []).append(match.group())
            r.take(match.start(), match.end(), "references")
    for match in r.find(_LANGUAGE):
        said = (match["a"] or match["b"] or match["c"]).lower()
        r.fields["language"] = _LANGUAGES[said]
        r.take(match.start(), match.end(), "language")
    if _A_CAPPELLA.search(r.text):
        r.slots["accompanied"] = False
    for match in r.find(_UNACCOMPANIED):
        r.slots["accompanied"] = False
        r.take(match.start(), match.end(), "accompanied")


def read_references(r: Reading) -> None:
    """Read ``references``: names of works and makers that nobody else took."""
    for match in r.find(_AFTER):
        name = (match["who"] or match["zh"]).strip(" .")
        if name not in _NOT_WORKS:
            r.fields.setdefault("references", []).append(name)
            r.take(match.start(), match.end(), "references")


def _read_folder(r: Reading, match: re.Match[str]) -> None:
    """The first folder named is what a tool works on, the second what it is held against."""
    slot = "reference" if "folder" in r.slots else "folder"
    group = next(g for g in ("path", "name", "zh") if match[g])
    if slot not in r.slots:
        r.slots[slot] = r.request[match.start(group) : match.end(group)]
        r.take(match.start(group), match.end(group), slot)


def _read_quoted(r: Reading, match: re.Match[str]) -> None:
    cue, text = match["cue"].lower().strip(), r.request[match.start("text") : match.end("text")].strip()
    if cue.startswith(("called", "titled", "named", "名为", "叫", "题为")):
        r.slots["title"] = text
        r.take(match.start(), match.end(), "title")
    elif cue:
        _want_words(r, match, text.replace(" / ", "\n"), more=True)
    elif _NAMES_A_WORK.search(r.whole[: match.start()]) or _TITLED.fullmatch(text):
        r.slots.setdefault("title", text)
        r.take(match.start(), match.end(), "title")
    elif "\n" in text or " / " in text or (_SUNG.search(r.whole) and _said_length(text) > _TITLE_LENGTH):
        _want_words(r, match, text.replace(" / ", "\n"), more=False)


def _want_words(r: Reading, match: re.Match[str], text: str, *, more: bool) -> None:
    """Words to sing, measured on the result; ``more`` of them follow those said before."""
    words = r.take(match.start(), match.end(), "lyrics")
    before = r.fields.get("lyrics")
    if before is None or more:
        r.want("lyrics", "\n".join(filter(None, [before, text])), words)


def _said_length(text: str) -> int:
    """Letters; a Chinese character says as much as three."""
    return sum(3 if "\u3400" <= c <= "\u9fff" else 1 for c in text)
