"""The answer in plain words: what was made, what was met and missed, what was not understood or not done."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from agent.records import Question, StepRecord
from agent.store import Store
from tools.brief import Brief, Check

_PLAIN_WORD = re.compile(r"[a-z]+[ ,:']")  # what a sentence begins with, unless a file's name
SPOKEN_FOR = ("check",)  # its verdicts are told one by one


def answer_text(
    brief: Brief, records: Mapping[str, StepRecord], checks: Iterable[Check], store: Store, notes: Iterable[str]
) -> str:
    """For the person: what was made; what was met, missed, failed, not understood; what was chosen on the way."""
    misread = "; ".join(f"“{words}”" for words in brief.not_understood)
    said = dict.fromkeys([*notes, *(note for r in records.values() for note in r.notes)])
    paragraphs = [
        _made(records, store),
        [*_verdicts(list(checks)), *_failures(records), *([f"I made nothing of: {misread}."] if misread else [])],
        [_sentence(note) for note in said],
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


def _made(records: Mapping[str, StepRecord], store: Store) -> list[str]:
    summaries = [_sentence(r.summary) for r in records.values() if r.done and r.summary and r.tool not in SPOKEN_FOR]
    files = [store[i].file.name for r in records.values() if r.done for i in r.artifacts]
    return summaries + ([f"Files: {', '.join(files)}."] if files else [])


def _verdicts(checks: list[Check]) -> list[str]:
    if not checks:
        return []
    measured = [c for c in checks if c.verdict != "not_checked"]
    met = [c for c in measured if c.verdict == "met"]
    parts = [f"{len(met)} of {len(measured)} measured constraints are met."] if measured else []
    parts += [
        f"Missed: {c.name} (asked {_value(c.target)}, measured {_value(c.measured)})."
        for c in measured
        if c.verdict == "missed"
    ]
    unchecked: dict[str, list[str]] = {}
    for check in checks:
        if check.verdict == "not_checked" and check.name != "not_understood":
            unchecked.setdefault(check.how, []).append(check.name)
    return parts + [f"Not checked: {', '.join(names)} ({why})." for why, names in unchecked.items()]


def _failures(records: Mapping[str, StepRecord]) -> list[str]:
    failures = [r for r in records.values() if r.status == "failed"]
    failed = [f"{r.tool} failed: {_sentence((r.error or '').removeprefix(f'{r.tool} failed: '))}" for r in failures]
    skipped = [r.tool for r in records.values() if r.status == "skipped"]
    return failed + ([f"Not done because of that: {', '.join(skipped)}."] if skipped else [])


def _sentence(text: str) -> str:
    text = text.strip()
    if _PLAIN_WORD.match(text):
        text = text[0].upper() + text[1:]
    return text if text.endswith((".", "!", "?", "。")) else text + "."


def _value(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, dict):
        return ", ".join(f"{k} {_value(v)}" for k, v in value.items())
    return ", ".join(map(_value, value)) if isinstance(value, list) else str(value)
