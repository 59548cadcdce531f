"""A model's answer, put together from its chunks, and the JSON object that stands in it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from agent.planner.llm.trouble import cut_off

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage

THINKING = re.compile(r"<think(?:ing)?>.*?(?:</think(?:ing)?>|\Z)", re.S | re.I)


class ReplyError(ValueError):
    """An answer that holds no usable JSON; the message says why, so that the model can mend it."""


@dataclass(frozen=True)
class Reply:
    """What a model sent: its text, the raw arguments of its calls, how it ended and the tokens it used."""

    text: str = ""
    calls: tuple[tuple[str, str], ...] = ()
    finish: str | None = None
    usage: dict[str, int] = field(default_factory=dict)

    def raw(self) -> str:
        """The answer as one text, to be shown back to the model."""
        return "\n".join(arguments for _, arguments in self.calls) or self.text

    def json_object(self, function: str) -> dict[str, Any]:
        """The arguments of the call to ``function`` or, when it was not called, the first object in the text.

        Raises
        ------
        ReplyError
            When neither is there or the JSON is malformed.
        """
        if self.finish == "length":
            raise ReplyError("Your answer was cut off because it was too long; answer with the JSON alone.")
        if self.calls:
            name, arguments = next((c for c in self.calls if c[0] == function), self.calls[0])
            return _own_call(name, _loads(arguments), function)
        return _first_object(THINKING.sub("", self.text), function)


def assembled(messages: Iterable[BaseMessage], *, streamed: bool) -> Reply:
    """Put the chunks of a stream, or a single message, together.

    Raises
    ------
    Trouble
        When a stream ended without saying that it was finished.
    """
    calls: dict[object, list[str]] = {}
    text, finish, usage = "", None, {"input_tokens": 0, "output_tokens": 0}
    for message in messages:
        text += str(message.text)
        finish = message.response_metadata.get("finish_reason") or finish
        counted = getattr(message, "usage_metadata", None) or {}
        usage = {name: max(usage[name], int(counted.get(name) or 0)) for name in usage}
        for place, name, arguments in _call_parts(message, len(calls)):
            call = calls.setdefault(place, ["", ""])
            call[0] = call[0] or name
            call[1] += arguments
    if streamed and finish is None:
        raise cut_off()
    return Reply(text, tuple((name, arguments) for name, arguments in calls.values()), finish, usage)


def _call_parts(message: BaseMessage, started: int) -> Iterator[tuple[object, str, str]]:
    """``(place, name, part of the arguments)`` of every call in a chunk or message; ids are not needed."""
    chunks = getattr(message, "tool_call_chunks", None)
    if chunks is not None:
        for chunk in chunks:
            name = chunk["name"] or ""
            opens = bool(name) and chunk["index"] is None
            started += opens
            place = chunk["index"] if chunk["index"] is not None else f"unnumbered {started}"
            yield place, name, chunk["args"] or ""
        return
    for number, call in enumerate(getattr(message, "tool_calls", [])):
        yield number, call["name"], json.dumps(call["args"], ensure_ascii=False)
    for number, broken in enumerate(getattr(message, "invalid_tool_calls", [])):
        yield f"broken {number}", broken["name"] or "", broken["args"] or ""


def _loads(text: str) -> Any:
    try:
        return json.loads(text, strict=False)
    except json.JSONDecodeError as err:
        raise ReplyError(f"The JSON is malformed ({err.msg} at character {err.pos}).") from err
    except RecursionError as err:
        raise ReplyError("The JSON is nested too deeply.") from err


def _own_call(name: str, arguments: Any, function: str) -> dict[str, Any]:
    if name != function:
        raise ReplyError(f"You called {name!r}; tools are not called directly: call {function} with the whole plan.")
    if not isinstance(arguments, dict):
        raise ReplyError(f"The arguments of {function} must be a JSON object.")
    return arguments


def _first_object(text: str, function: str) -> dict[str, Any]:
    """The first JSON object in prose or code fences: the arguments of ``function``, bare or wrapped in a call."""
    for brace in re.finditer(r"\{(?=\s*[\"}])", text):
        try:
            value: dict[str, Any] = json.JSONDecoder(strict=False).raw_decode(text, brace.start())[0]
        except json.JSONDecodeError as err:
            raise ReplyError(f"The JSON is malformed ({err.msg} at character {err.pos - brace.start()}).") from err
        except RecursionError as err:
            raise ReplyError("The JSON is nested too deeply.") from err
        inner = value.get("arguments", value.get("parameters"))
        if isinstance(inner, str):
            inner = _loads(inner)
        return inner if isinstance(inner, dict) else value
    raise ReplyError(f"There is no JSON in your answer; call {function} or answer with its arguments as one object.")
