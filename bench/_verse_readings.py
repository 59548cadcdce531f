"""Independent readings of verses, written beside them: English stress by espeak-ng, Mandarin tones by xpinyin.

``python -m bench._verse_readings`` makes ``bench/data/english_stress.json`` and ``bench/data/mandarin_verses.json``
anew; it wants the program espeak-ng, the package xpinyin and, for the poems, the npm package chinese-poetry unpacked
at the path given. Neither is needed to run the bench or the product.
"""

from __future__ import annotations

import json
import random
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data"
_VOWEL = re.compile(r"[aeiouAEIOUV0@3]")


def stanzas(part: str) -> list[list[str]]:
    """The stanzas of ``english_verses.txt`` under ``tuning`` or ``held out``, each a list of lines."""
    text = (DATA / "english_verses.txt").read_text(encoding="utf-8")
    own = re.split(r"^@ ", text, flags=re.M)
    body = next(p for p in own if p.startswith(part)).split("\n", 1)[1]
    blocks = re.split(r"\n\s*\n|^=.*$", body, flags=re.M)
    return [b.strip().splitlines() for b in blocks if b.strip()]


def espeak_stress(line: str) -> list[int]:
    """1 for each syllable of a line that espeak-ng stresses, 0 for the others."""
    said = subprocess.run(
        ["espeak-ng", "-q", "-x", "--sep=_", "-v", "en-us", line], capture_output=True, text=True, check=True
    ).stdout
    marks = []
    for phone in re.split(r"[_\s]+", said):
        bare = phone.lstrip("',%=")
        if _VOWEL.match(bare) or bare in ("n-", "m-", "l-"):
            marks.append(int(phone.startswith("'")))
    return marks


def xpinyin_tones(line: str) -> list[int]:
    """The tone of each character, 5 for none, with third-tone sandhi by pairs from the end."""
    from xpinyin import Pinyin

    raw = Pinyin().get_pinyin(line, splitter=" ", tone_marks="numbers").split()
    tones = [int(p[-1]) if p[-1].isdigit() else 5 for p in raw]
    return [2 if t == 3 and n == 3 else t for t, n in zip(tones, [*tones[1:], 0], strict=True)]


def main(poems: Path) -> None:
    """Write both files."""
    readings = {line: espeak_stress(line) for part in ("tuning", "held out") for s in stanzas(part) for line in s}
    _write("english_stress.json", readings)
    found = list(_quatrains(poems))
    random.Random(7).shuffle(found)
    chosen = [{**p, "part": "tuning" if i < 8 else "held out"} for i, p in enumerate(found[:48])]
    for poem in chosen:
        poem["tones"] = [xpinyin_tones(line) for line in poem["lines"]]
    _write("mandarin_verses.json", chosen)


def _quatrains(folder: Path) -> list[dict[str, Any]]:
    """Four-line poems of the Three Hundred Tang Poems, five or seven characters a line."""
    text = json.loads((folder / "dist/mengxue/tangshisanbaishou.json").read_text(encoding="utf-8"))
    found = []
    for section in text["content"]:
        for poem in section["content"]:
            lines = [s for p in poem["paragraphs"] for s in re.split("[，。？！；]", p) if s]
            if len(lines) == 4 and {len(s) for s in lines} in ({5}, {7}):
                found.append({"title": poem["chapter"], "author": poem["author"], "lines": lines})
    return found


def _write(name: str, value: Any) -> None:
    (DATA / name).write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
