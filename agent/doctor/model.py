"""The configured model's server, really tried: one tool call, one stream, one long request."""

from __future__ import annotations

import hashlib
import importlib
import json
import time
from collections.abc import Iterator
from typing import Any

from agent.config import Config
from agent.doctor.finding import Finding
from agent.planner.llm.client import Message, Mode, ModelClient
from agent.planner.llm.prompt import filled
from agent.planner.llm.reply import Reply, ReplyError
from agent.planner.llm.trouble import Trouble

PROBE_S = 15.0
FILLER_LINES = 500
"""Lines of filler between the code words and the question: 5,000 tokens at least with any tokenizer in use."""
MENDS = {
    "slow": "export SCOREWRIGHT_LLM_TIMEOUT_S=300   # or take a smaller model",
    "absent": "ollama serve   # or: export OPENAI_BASE_URL=http://HOST:PORT/v1",
    "key": "export OPENAI_API_KEY=sk-...",
    "model": "ollama pull {model}   # or: export SCOREWRIGHT_MODEL=another",
    "busy": "wait, or use another key or model",
    "context": "OLLAMA_CONTEXT_LENGTH=16384 ollama serve   # vLLM: --max-model-len 16384; llama.cpp: -c 16384",
    "failing": "curl {url}/models   # the server's log says more",
}
TOOL_CALL = "vllm serve {model} --enable-auto-tool-choice --tool-call-parser hermes   # llama-server: --jinja"
NOTE: dict[str, Any] = {
    "name": "note",
    "description": "Write a key and a number of bars down.",
    "parameters": {
        "type": "object",
        "properties": {"key": {"type": "string"}, "bars": {"type": "integer"}},
        "required": ["key", "bars"],
    },
}
EXPECTED = {"key": "D minor", "bars": 12}


def examine_model(config: Config, *, probe: bool) -> Iterator[Finding]:
    """Whether a model is configured and, with ``probe``, what its server can do."""
    if not config.model:
        yield Finding(
            "model",
            "none configured",
            "missing",
            "plans are made by the grammar planner, offline",
            "export SCOREWRIGHT_MODEL=gpt-5-mini OPENAI_API_KEY=sk-...",
        )
        return
    importlib.import_module("langchain_openai")  # seconds of import are not the server's
    client = ModelClient(config.model, config.base_url, config.api_key, timeout_s=PROBE_S, retries=0)
    if not probe:
        yield Finding("model", config.model, "ok", f"configured at {client.url}, not tried")
        return
    try:
        yield _tool_call(client)
        yield _streaming(client)
        yield _long_context(client)
    except Trouble as trouble:
        yield _broken(client, config.model, trouble)


def _tool_call(client: ModelClient) -> Finding:
    name = f"{client.model}: one tool call"
    try:
        reply, seconds = _exchange(client, "tool_call", Mode(stream=False, temperature=False), function=True)
        got = reply.json_object(NOTE["name"]) if reply.calls else None
    except ReplyError as err:
        return Finding("model", name, "broken", str(err), TOOL_CALL.format(model=client.model))
    except Trouble as trouble:
        if trouble.feature != "tool":
            raise
        return Finding(
            "model",
            name,
            "broken",
            f"{trouble.cause}; plans are read from its text",
            TOOL_CALL.format(model=client.model),
        )
    if got is None:
        return Finding(
            "model",
            name,
            "broken",
            "it answers in words instead of calling; plans are read from its text",
            TOOL_CALL.format(model=client.model),
        )
    if got != EXPECTED:
        said = json.dumps(got, ensure_ascii=False)
        return Finding(
            "model",
            name,
            "broken",
            f"it called with {said}, asked for {json.dumps(EXPECTED)}",
            "export SCOREWRIGHT_MODEL=a-larger-model",
        )
    return Finding("model", name, "ok", f"right arguments in {seconds:.1f} s")


def _streaming(client: ModelClient) -> Finding:
    name = f"{client.model}: streaming"
    pieces: list[int] = []
    try:
        _, seconds = _exchange(client, "stream", Mode(temperature=False), pieces=pieces)
    except Trouble as trouble:
        if trouble.feature != "stream":
            raise
        return Finding(
            "model",
            name,
            "missing",
            f"{trouble.cause}; answers are fetched whole, without progress",
            MENDS["failing"].format(url=client.url),
        )
    if len(set(pieces)) < 2:
        return Finding("model", name, "missing", "the answer came in one piece; there is no progress while it plans")
    return Finding("model", name, "ok", f"{len(pieces)} pieces in {seconds:.1f} s")


def _long_context(client: ModelClient) -> Finding:
    """Two code words, at the start of the system message and of the request, asked back after 4k tokens and more."""
    name = f"{client.model}: a context over 4k tokens"
    first, second = (hashlib.sha256(f"{client.model}{n}".encode()).hexdigest()[:6] for n in (1, 2))
    try:
        reply, seconds = _exchange(client, "context", Mode(stream=False, temperature=False), codes=(first, second))
    except Trouble as trouble:
        return _broken(client, name, trouble)
    lost = [where for code, where in ((first, "instructions"), (second, "request")) if code not in reply.text]
    counted = reply.usage.get("input_tokens", 0)
    size = f" ({counted:,} tokens counted)" if counted else ""
    if lost:
        return Finding(
            "model", name, "broken", f"the start of the {' and of the '.join(lost)} was dropped{size}", MENDS["context"]
        )
    return Finding("model", name, "ok", f"nothing was dropped{size}, {seconds:.1f} s")


def _exchange(
    client: ModelClient,
    probe: str,
    mode: Mode,
    *,
    function: bool = False,
    codes: tuple[str, str] = ("", ""),
    pieces: list[int] | None = None,
) -> tuple[Reply, float]:
    lines = (f"Line {n}: bar {n} rests, and nothing of note is written there." for n in range(1, FILLER_LINES))
    messages: list[Message] = [("user", filled(f"probe_{probe}", filler="\n".join(lines), code=codes[1]))]
    if probe == "context":
        messages.insert(0, ("system", filled("probe_context_system", code=codes[0])))
    begun = time.monotonic()
    heard = pieces if pieces is not None else []
    reply = client.exchange(messages, NOTE if function else None, mode, begun + PROBE_S, heard.append)
    return reply, time.monotonic() - begun


def _broken(client: ModelClient, name: str, trouble: Trouble) -> Finding:
    mend = MENDS[trouble.kind].format(model=client.model, url=client.url)
    return Finding("model", name, "broken", trouble.cause, mend)
