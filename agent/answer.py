"""The answer in plain words: what was made and how much of the request it meets, what is missing, the files, the notes.

What a person waits for comes first: the music. What was seen, heard or looked up on the way to it comes last.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from agent.records import Question, StepRecord
from agent.store import Store
from tools import get_tool
from tools.brief import Brief, Check

_PLAIN_WORD = re.compile(r"[a-z]+[ ,:']")  # what a sentence begins with, unless a file's name
SPOKEN_FOR = ("check",)  # its verdicts are told one by one
MAKES = frozenset({"compose", "edit", "generate", "mix", "sing"})  # families whose results a person asks for
PERCEIVES = frozenset({"see", "hear"})
_NAMES = {
    "duration_s": "length in seconds",
    "tempo_bpm": "tempo",
    "loudness_lufs": "loudness",
    "hit_points_s": "moments to hit",
    "exclude": "instruments left out",
    "video_end": "end with the film",
}
REFERENCES = 3  # titles of references that are named


def answer_text(
    brief: Brief, records: Mapping[str, StepRecord], checks: Iterable[Check], store: Store, notes: Iterable[str]
) -> str:
    """For the person, a paragraph each.

    What was made, and how many constraints it meets; what was missed, failed or not understood; how it was played
    and drawn, and the files; what was chosen on the way; what was seen and heard, and which pieces were looked at.
    """
    done = [r for r in records.values() if r.done and r.tool not in SPOKEN_FOR]
    made = [r for r in done if get_tool(r.tool).family in MAKES]
    found = [r for r in done if made and "references" in get_tool(r.tool).gives]
    perceived = [r for r in done if made and get_tool(r.tool).family in PERCEIVES]
    rest = [r for r in done if r not in made and r not in found and r not in perceived]
    verdicts = list(checks)
    misread = "; ".join(f"“{words}”" for words in brief.not_understood)
    others = [r for r in records.values() if r not in made and r not in rest]
    aside = {note for r in found for note in r.notes}
    said = dict.fromkeys([*notes, *(note for r in records.values() for note in r.notes)])
    paragraphs = [
        [*_summaries(made or rest), *_standing(verdicts)],
        [*_missed(verdicts), *_failures(records), *([f"I made nothing of: {misread}."] if misread else [])],
        [*(_summaries(rest) if made else []), *_files([*made, *rest, *others], store)],
        [*(_sentence(note) for note in said if note not in aside), *_unchecked(verdicts)],
        [*_summaries(perceived), *(line for r in found for line in _references(r))],
    ]
    return "\n".join(" ".join(sentences) for sentences in paragraphs if sentences)


def question_text(question: Question, folder: str) -> str:
    """For the person: what must be known before anything is made, what may be said, and how to go on."""
    options = f" You may say: {', '.join(f'“{o}”' for o in question.options)}." if question.options else ""
    default = f" I would take “{question.default}”." if question.default else ""
    return (
        f"I made nothing yet, because I have to ask first: {_sentence(question.question)}{options}{default}\n"
        f'Answer with: scorewright run --resume "{folder}" --answer "…"'
    )


def _summaries(records: Sequence[StepRecord]) -> list[str]:
    return [_sentence(r.summary) for r in records if r.summary]


def _files(records: Sequence[StepRecord], store: Store) -> list[str]:
    files = [store[i].file.name for r in records if r.done for i in r.artifacts]
    return [f"Files: {', '.join(files)}."] if files else []


def _references(record: StepRecord) -> list[str]:
    """The pieces that new music was held against, in a line, and what the search had to let go of."""
    titles = list(dict.fromkeys(str(hit["title"]) for hit in record.data.get("hits", []) if hit.get("title")))
    more = f" and {len(titles) - REFERENCES} more" if len(titles) > REFERENCES else ""
    line = f"Pieces of the library looked at for it: {', '.join(titles[:REFERENCES])}{more}." if titles else ""
    return [line or _sentence(record.summary), *map(_sentence, record.notes)]


def _standing(checks: list[Check]) -> list[str]:
    """How many of the measured constraints are met."""
    measured = [c for c in checks if c.verdict != "not_checked"]
    met = sum(c.verdict == "met" for c in measured)
    if not measured:
        return []
    if met < len(measured):
        return [f"{met} of {len(measured)} measured constraints are met."]
    return [f"All {met} measured constraints are met." if met > 1 else "The one measured constraint is met."]


def _missed(checks: list[Check]) -> list[str]:
    return [
        f"Missed: {_spoken(c.name)} (asked {_value(c.target)}, measured {_value(c.measured)})."
        for c in checks
        if c.verdict == "missed"
    ]


def _unchecked(checks: list[Check]) -> list[str]:
    unchecked: dict[str, list[str]] = {}
    for check in checks:
        if check.verdict == "not_checked" and check.name != "not_understood":
            unchecked.setdefault(check.how, []).append(_spoken(check.name))
    return [f"Not checked: {', '.join(names)} ({why})." for why, names in unchecked.items()]


def _failures(records: Mapping[str, StepRecord]) -> list[str]:
    failures = [r for r in records.values() if r.status == "failed"]
    failed = [f"{r.tool} failed: {_sentence((r.error or '').removeprefix(f'{r.tool} failed: '))}" for r in failures]
    skipped = [r.tool for r in records.values() if r.status == "skipped" and r.tool not in SPOKEN_FOR]
    return failed + ([f"Not done because of that: {', '.join(skipped)}."] if skipped else [])


def _sentence(text: str) -> str:
    text = text.strip()
    if _PLAIN_WORD.match(text):
        text = text[0].upper() + text[1:]
    return text if text.endswith((".", "!", "?", "。")) else text + "."


def _spoken(name: str) -> str:
    """A constraint's name in words: ``loudness_lufs`` is the loudness."""
    return _NAMES.get(name, name.replace("_", " "))


def _value(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, dict):
        return ", ".join(f"{k} {_value(v)}" for k, v in value.items())
    return ", ".join(map(_value, value)) if isinstance(value, list) else str(value)
