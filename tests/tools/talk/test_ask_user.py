"""The question that stops a run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tools.errors import NeedsAnswer, UserError

QUESTION = {"question": "Which tempo?", "default": "90", "options": ["90", "Fast as you can"]}


def test_without_an_answer_the_run_stops_with_the_question(call_tool: Callable[..., Any]) -> None:
    with pytest.raises(NeedsAnswer) as stopped:
        call_tool("ask_user", QUESTION)
    assert (stopped.value.question, stopped.value.default) == ("Which tempo?", "90")
    assert stopped.value.options == ("90", "Fast as you can")


def test_a_blank_answer_is_no_answer(call_tool: Callable[..., Any]) -> None:
    with pytest.raises(NeedsAnswer):
        call_tool("ask_user", QUESTION | {"answer": "  "})


@pytest.mark.parametrize(
    ("said", "meant"),
    [("fast as you CAN", "Fast as you can"), ("2", "Fast as you can"), ("120, please", "120, please"), ("90", "90")],
)
def test_the_answer_is_the_option_meant_or_the_words(call_tool: Callable[..., Any], said: str, meant: str) -> None:
    assert call_tool("ask_user", QUESTION | {"answer": said}).data == {"question": "Which tempo?", "answer": meant}


def test_a_question_needs_words(call_tool: Callable[..., Any]) -> None:
    with pytest.raises(UserError, match="question"):
        call_tool("ask_user", {"question": "", "answer": "yes"})
