"""The answer: the music first, what is missing next, then files and notes, references last and short."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.answer import answer_text
from agent.records import StepRecord
from agent.store import Store
from tools.brief import Brief, Check


def step(number: int, tool: str, summary: str, **more: object) -> StepRecord:
    return StepRecord.model_validate({"id": f"s{number}", "tool": tool, "status": "ok", "summary": summary} | more)


def verdict(name: str, outcome: str) -> Check:
    return Check.model_validate(
        {"name": name, "target": "calm", "measured": "tense", "how": "by ear", "verdict": outcome}
    )


@pytest.fixture
def say(tmp_path: Path):
    def told(steps: list[StepRecord], checks: list[Check], left: list[str] | None = None) -> list[str]:
        brief = Brief(request="x", not_understood=left or [])
        records = {s.id: s for s in steps}
        return answer_text(brief, records, checks, Store(tmp_path / "run"), ["a note of the plan"]).split("\n")

    return told


FOUND = step(
    1,
    "search_music",
    "Found 5 pieces: A; B; C; D; E.",
    data={"hits": [{"title": t} for t in "ABCDE"]},
    notes=["the search let go of instruments"],
)
MADE = step(2, "compose", "Composed “calm waltz”: 12 bars.", notes=["tempo chosen: 108 BPM"])
PLAYED = step(3, "render_audio", "Rendered calm-waltz.mid.")


def test_the_music_comes_first_and_what_was_looked_up_for_it_last(say) -> None:
    lines = say([FOUND, MADE, PLAYED], [verdict("mood", "missed"), verdict("key", "met")], ["sparkles"])
    assert lines == [
        "Composed “calm waltz”: 12 bars. 1 of 2 measured constraints are met.",
        "Missed: mood (asked calm, measured tense). I made nothing of: “sparkles”.",
        "Rendered calm-waltz.mid.",
        "A note of the plan. Tempo chosen: 108 BPM.",
        "Pieces of the library looked at for it: A, B, C and 2 more. The search let go of instruments.",
    ]


def test_a_search_alone_is_told_in_full(say) -> None:
    assert say([FOUND], [])[0] == "Found 5 pieces: A; B; C; D; E."


def test_what_a_film_shows_is_told_after_the_music_for_it(say) -> None:
    seen = step(1, "caption_video", "A beach at dawn, 12 s.")
    lines = say([seen, MADE.model_copy(update={"id": "s2"})], [])
    assert lines[0].startswith("Composed")
    assert lines[-1] == "A beach at dawn, 12 s."


def test_an_answer_to_a_question_comes_first_where_nothing_was_made(say) -> None:
    assert say([step(1, "describe_music", "120 BPM in D minor.")], [])[0] == "120 BPM in D minor."


def test_a_failure_stands_first_where_nothing_came_of_the_run(say) -> None:
    failed = StepRecord(id="s1", tool="transpose", status="failed", error="transpose failed: no notes")
    skipped = StepRecord(id="s2", tool="render_audio", status="skipped")
    assert say([failed, skipped], [])[0] == "transpose failed: No notes. Not done because of that: render_audio."


def test_constraints_that_could_not_be_measured_are_named_in_words_with_the_reason(say) -> None:
    lines = say([MADE], [verdict("loudness_lufs", "not_checked"), verdict("key", "met")])
    assert lines[0].endswith("The one measured constraint is met.")
    assert "Not checked: loudness (by ear)." in lines[-1]
