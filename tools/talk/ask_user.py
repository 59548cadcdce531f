"""``ask_user``: a clarifying question, when a request contradicts itself or cannot be acted on."""

from __future__ import annotations

from pydantic import Field

from tools.contract import ToolArgs, ToolContext, ToolData, ToolResult, tool
from tools.errors import NeedsAnswer


class AskUserArgs(ToolArgs):
    """The question, what is assumed when nobody answers, and, once given, the answer."""

    question: str = Field(min_length=1, description="The question, one sentence a person can answer.")
    default: str = Field("", description="The answer taken when the person leaves the choice to the program.")
    options: list[str] = Field(default_factory=list, max_length=12, description="Answers to choose from; empty: any.")
    answer: str | None = Field(None, description="The person's answer; without one the run stops and asks.")


class Answered(ToolData):
    """What the person answered."""

    question: str = Field(description="The question that was asked.")
    answer: str = Field(description="The answer, in the person's words; of the options, the one meant.")


@tool(version="1", cost="instant", isolated=False)
def ask_user(args: AskUserArgs, ctx: ToolContext) -> ToolResult:
    """Ask the person one question when the request contradicts itself or cannot be acted on."""
    if args.answer is None or not args.answer.strip():
        raise NeedsAnswer(args.question, args.default, tuple(args.options))
    answer = _chosen(args.answer.strip(), args.options)
    return ToolResult(f"The person answered: {answer}", Answered(question=args.question, answer=answer))


def _chosen(answer: str, options: list[str]) -> str:
    """The option an answer means: itself whatever its case, or by its number counted from 1."""
    for option in options:
        if answer.casefold() == option.casefold():
            return option
    if answer.isdecimal() and 1 <= int(answer) <= len(options):
        return options[int(answer) - 1]
    return answer
