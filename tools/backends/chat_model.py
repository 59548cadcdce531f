"""The configured chat model for tools that write words: one question, one answer, bounded in time.

The server is the one the planner uses: ``model``, ``base_url`` and ``api_key`` of the configuration. A tool that is
given none writes by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import resources
from typing import Any

from tools.contract import ToolSettings
from tools.errors import ToolFailed

Message = tuple[str, str]


def configured(settings: ToolSettings) -> bool:
    """Whether there is a model to ask."""
    return bool(settings.model and (settings.base_url or settings.api_key))


def answer(messages: Sequence[Message], settings: ToolSettings, *, temperature: float = 0.8, seed: int = 0) -> str:
    """The model's answer to a conversation of (role, text).

    Raises
    ------
    ToolFailed
        When the server gives none, in one line.
    """
    from langchain_openai import ChatOpenAI
    from openai import OpenAIError
    from pydantic import SecretStr

    options: dict[str, Any] = {} if settings.base_url is None else {"base_url": settings.base_url}
    chat = ChatOpenAI(
        model=settings.model or "",
        api_key=SecretStr(settings.api_key or "none"),
        temperature=temperature,
        seed=seed,
        timeout=settings.llm_timeout_s,
        max_retries=1,
        use_responses_api=False,
        **options,
    )
    try:
        return str(chat.invoke(list(messages)).text)
    except (OpenAIError, OSError, ValueError, TypeError) as err:
        first = (str(err).splitlines() or [type(err).__name__])[0]
        raise ToolFailed(f"The model {settings.model} gave no answer ({first[:160]}).") from err


def prompt(name: str, **parts: str) -> str:
    """The prompt ``prompts/NAME.md`` with its ``{{parts}}`` filled in, each once and never as a template."""
    text = resources.files("prompts").joinpath(f"{name}.md").read_text(encoding="utf-8").strip()
    pieces = text.split("{{")
    out = [pieces[0]]
    for piece in pieces[1:]:
        key, _, rest = piece.partition("}}")
        out.append(parts[key] + rest)
    return "".join(out)
