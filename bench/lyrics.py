"""Words set to music: English verses and Tang quatrains, held out, measured on the MusicXML that comes out.

The score is read by music21. Stress is espeak-ng's reading of each line and tones are xpinyin's of each character
(``bench/data``), neither of which the tool sees; lines that espeak-ng reads with another number of syllables are left
out of the stress figure and counted. Strong beats are those of the bar alone: 1 and 3 of 4/4, 1 of 3/4 and 2/4, 1 and
4 of 6/8. A phrase ends where the voice rests. Tone agreement is the share of neighbouring characters of different tone
height between which the melody moves the way the tones do (means of Chao's levels: 5, 4, 1.5, 3); "not against" also
counts repeated notes. Beside each, the same melody under the words of the next verse, as a floor.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.store import Store
from bench._steps import made
from bench._verse_readings import DATA, stanzas

_STRONG = {"4/4": (1.0, 3.0), "3/4": (1.0,), "2/4": (1.0,), "6/8": (1.0, 2.0), "9/8": (1.0, 2.0, 3.0)}
_LEVEL = {1: 5.0, 2: 4.0, 3: 1.5, 4: 3.0}
_METERS = (None, "4/4", "3/4", "6/8")


@dataclass
class Voice:
    """The sung notes of a score: syllable or '', whether on a strong beat, pitch, and whether a rest follows."""

    syllables: list[str]
    strong: list[bool]
    pitches: list[int]
    rests: list[bool]


def sing(lines: list[str], seed: int, **wishes: Any) -> Voice:
    """Set lines to music with the tool, export MusicXML, read it with music21."""
    from music21 import converter

    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder) / "run")
        args = {"text": "\n".join(lines), "accompanied": False, **{k: v for k, v in wishes.items() if v}}
        song = made("melody_for_lyrics", args, store, seed)
        sheet = made("convert_score", {"music": song.id, "format": "musicxml"}, store, seed)
        score = converter.parse(sheet.file, forceSource=True)
    voice = Voice([], [], [], [])
    flat = list(score.parts[0].flatten().notesAndRests)
    for at, event in enumerate(flat):
        if event.isRest or (event.tie is not None and event.tie.type != "start"):
            continue
        meter = event.getContextByClass("TimeSignature").ratioString
        voice.syllables.append(event.lyric or "")
        voice.strong.append(any(abs(float(event.beat) - b) < 1e-3 for b in _STRONG[meter]))
        voice.pitches.append(event.pitch.midi)
        after = next((e for e in flat[at + 1 :] if e.isRest or e.tie is None or e.tie.type == "start"), None)
        voice.rests.append(after is None or after.isRest)
    return voice


def english(n: int) -> Counter[str]:
    """Counts over held-out English verses."""
    readings = json.loads((DATA / "english_stress.json").read_text(encoding="utf-8"))
    total: Counter[str] = Counter()
    verses = stanzas("held out")[:n]
    for number, lines in enumerate(verses):
        voice = sing(lines, number, meter=_METERS[number % len(_METERS)])
        total.update(_verse(voice, lines, readings))
        other = verses[(number + 1) % len(verses)]
        total.update({f"floor {k}": v for k, v in _stress(voice, other, readings).items()})
    return total


def _verse(voice: Voice, lines: list[str], readings: dict[str, list[int]]) -> Counter[str]:
    count: Counter[str] = Counter(verses=1)
    sung = "".join(voice.syllables)
    count["all words sung"] = _letters(sung) == _letters("".join(lines))
    count["notes"], count["syllables"] = len(voice.pitches), sum(bool(s) for s in voice.syllables)
    ends = _line_ends(voice, lines)
    last_notes = {_last_note(voice, e) for e in ends}
    phrases = {i for i, rest in enumerate(voice.rests) if rest}
    count["line ends"], count["phrase ends"], count["both end"] = (
        len(last_notes),
        len(phrases),
        len(last_notes & phrases),
    )
    count.update(_stress(voice, lines, readings))
    return count


def _stress(voice: Voice, lines: list[str], readings: dict[str, list[int]]) -> Counter[str]:
    """Stressed syllables, those of them on strong beats, and the same for unstressed ones."""
    count: Counter[str] = Counter()
    strong = [s for s, text in zip(voice.strong, voice.syllables, strict=True) if text]
    starts = [0, *(e + 1 for e in _line_ends(voice, lines, notes=False))]
    for number, line in enumerate(lines[: len(starts) - 1]):
        own, read = strong[starts[number] : starts[number + 1]], readings[line]
        count["lines"] += 1
        if len(own) != len(read):
            count["lines read otherwise"] += 1
            continue
        for is_strong, stressed in zip(own, read, strict=True):
            name = "stressed" if stressed else "unstressed"
            count[name] += 1
            count[f"{name} on strong"] += is_strong
    return count


def _line_ends(voice: Voice, lines: list[str], *, notes: bool = True) -> list[int]:
    """Index, among the notes or among the syllables, at which each line's last syllable begins."""
    wanted = [len(_letters(line)) for line in lines]
    ends: list[int] = []
    so_far = 0
    spoken = [(i, s) for i, s in enumerate(voice.syllables) if s]
    for place, (index, syllable) in enumerate(spoken):
        so_far += len(_letters(syllable))
        if len(ends) < len(wanted) and so_far >= sum(wanted[: len(ends) + 1]):
            ends.append(index if notes else place)
    return ends


def _last_note(voice: Voice, index: int) -> int:
    while index + 1 < len(voice.syllables) and not voice.syllables[index + 1]:
        index += 1
    return index


def _letters(text: str) -> str:
    return re.sub(r"[\W_]", "", text).lower()


def mandarin(n: int) -> Counter[str]:
    """Counts over held-out Tang quatrains."""
    poems = [
        p for p in json.loads((DATA / "mandarin_verses.json").read_text(encoding="utf-8")) if p["part"] == "held out"
    ]
    total: Counter[str] = Counter()
    for number, poem in enumerate(poems[:n]):
        voice = sing(poem["lines"], number)
        total["poems"] += 1
        total["all words sung"] += _letters("".join(voice.syllables)) == "".join(poem["lines"])
        total.update(_tones(voice, poem["tones"]))
        other = poems[(number + 1) % len(poems)]["tones"]
        total.update({f"floor {k}": v for k, v in _tones(voice, other).items()})
        total["phrase ends"] += sum(voice.rests)
        total["line ends"] += len(poem["lines"])
        total["both end"] += sum(int(voice.rests[_last_note(voice, e)]) for e in _line_ends(voice, poem["lines"]))
    return total


def _tones(voice: Voice, tones: list[list[int]]) -> Counter[str]:
    count: Counter[str] = Counter()
    pitches = [p for p, text in zip(voice.pitches, voice.syllables, strict=True) if text]
    at = 0
    for line in tones:
        for k in range(len(line) - 1):
            if at + k + 1 >= len(pitches) or not {line[k], line[k + 1]} <= _LEVEL.keys():
                continue
            rise = _LEVEL[line[k + 1]] - _LEVEL[line[k]]
            move = pitches[at + k + 1] - pitches[at + k]
            if rise:
                count["pairs"] += 1
                count["with the tones"] += rise * move > 0
                count["not against"] += rise * move >= 0
        at += len(line)
    return count


def run(n: int = 1000) -> str:
    """The report, in Markdown; ``n`` bounds the verses of each language."""
    en, zh = english(n), mandarin(n)

    def share(count: Counter[str], part: str, whole: str) -> str:
        return f"{count[part] / max(1, count[whole]):.3f}"

    rows = [
        ("stressed syllables on strong beats", share(en, "stressed on strong", "stressed"),
         share(en, "floor stressed on strong", "floor stressed"), "0.90"),
        ("unstressed syllables on strong beats", share(en, "unstressed on strong", "unstressed"),
         share(en, "floor unstressed on strong", "floor unstressed"), ""),
        ("verses whose every syllable has a note", share(en, "all words sung", "verses"), "", "1"),
        ("line ends at which the voice rests", share(en, "both end", "line ends"), "", "0.95"),
        ("rests of the voice that are line ends", share(en, "both end", "phrase ends"), "", "0.95"),
        ("Mandarin: tone pairs the melody moves with", share(zh, "with the tones", "pairs"),
         share(zh, "floor with the tones", "floor pairs"), "0.75"),
        ("Mandarin: tone pairs it does not move against", share(zh, "not against", "pairs"),
         share(zh, "floor not against", "floor pairs"), ""),
        ("Mandarin: poems whose every syllable has a note", share(zh, "all words sung", "poems"), "", "1"),
        ("Mandarin: line ends at which the voice rests", share(zh, "both end", "line ends"), "", ""),
    ]  # fmt: skip
    return "\n".join(
        [
            f"{en['verses']} English verses ({en['lines']} lines, {en['syllables']} syllables on {en['notes']} notes; "
            f"{en['lines read otherwise']} lines that espeak-ng counts otherwise are left out of the stress figures), "
            f"{zh['poems']} Tang quatrains ({zh['pairs']} tone pairs).",
            "",
            "| measured | here | other words | wanted |",
            "|---|---|---|---|",
            *(f"| {name} | {here} | {floor} | {wanted} |" for name, here, floor, wanted in rows),
        ]
    )


if __name__ == "__main__":
    print(run())
