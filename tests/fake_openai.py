"""A scripted OpenAI-compatible server on loopback: it answers what it was told to, and keeps every request.

``server.plays(call(plan), status(429, retry_after=0.1), text("..."))`` queues behaviours; each request takes the
next one. A behaviour that can be streamed is streamed when the request says ``"stream": true``.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

Behaviour = Callable[["Handler", dict[str, Any]], None]
USAGE = {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120}


class Handler(BaseHTTPRequestHandler):
    """One request: recorded, then answered by the next behaviour of the script."""

    protocol_version = "HTTP/1.1"
    server: Server

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        behaviour = self.server.take(self.path, {k.lower(): v for k, v in self.headers.items()}, body)
        try:
            behaviour(self, body)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def reply(self, code: int, body: bytes, content_type: str, headers: dict[str, str] | None = None) -> None:
        self.send_response(code)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def open_stream(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True

    def event(self, data: Any) -> None:
        self.wfile.write(f"data: {data if isinstance(data, str) else json.dumps(data)}\n\n".encode())
        self.wfile.flush()

    def log_message(self, format, *args):
        """Keep the tests' output clean."""


class Server(ThreadingHTTPServer):
    """The scripted server; ``requests`` holds the bodies received, ``headers`` and ``paths`` beside them."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.script: deque[Behaviour] = deque()
        self.requests: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.paths: list[str] = []
        self.always: Behaviour | None = None
        self.stopping = threading.Event()
        self._lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    def plays(self, *behaviours: Behaviour) -> None:
        """Queue behaviours, one a request."""
        self.script.extend(behaviours)

    def take(self, path: str, headers: dict[str, str], body: dict[str, Any]) -> Behaviour:
        with self._lock:
            self.paths.append(path)
            self.headers.append(headers)
            self.requests.append(body)
            if self.script:
                return self.script.popleft()
            return self.always or status(418, "the script is over")


@contextmanager
def running() -> Iterator[Server]:
    """A server on a free port of loopback, stopped at the end."""
    server = Server()
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.stopping.set()
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def openai_server() -> Iterator[Server]:
    """A fresh scripted server for a test."""
    with running() as server:
        yield server


def call(arguments: Any, name: str = "submit_plan", call_id: str | None = "call_1", pieces: int = 3) -> Behaviour:
    """A tool call; ``arguments`` are an object, or text sent as it is (malformed JSON)."""
    text = arguments if isinstance(arguments, str) else json.dumps(arguments)
    whole = [{"id": call_id, "type": "function", "function": {"name": name, "arguments": text}}]
    deltas = []
    for number, part in enumerate(_cut(text, pieces)):
        function = {"name": name if number == 0 else None, "arguments": part}
        deltas.append({"tool_calls": [{"index": 0, "id": call_id if number == 0 else None, "function": function}]})
    return _answer({"role": "assistant", "content": None, "tool_calls": whole}, deltas, "tool_calls")


def text(content: str, finish: str = "stop") -> Behaviour:
    """An answer in words."""
    return _answer({"role": "assistant", "content": content}, [{"content": p} for p in _cut(content, 4)], finish)


def status(
    number: int, message: str = "no", headers: dict[str, str] | None = None, code: str | None = None
) -> Behaviour:
    """An error in OpenAI's form; ``code`` is the machine's word for it."""
    body = json.dumps({"error": {"message": message, "type": "error", "param": None, "code": code}}).encode()
    return lambda handler, _: handler.reply(number, body, "application/json", headers)


def html(code: int = 200) -> Behaviour:
    """A web page where an answer should be."""
    page = b"<!doctype html><html><body><h1>It works!</h1></body></html>"
    return lambda handler, _: handler.reply(code, page, "text/html")


def hang(seconds: float = 30) -> Behaviour:
    """Accept the request and say nothing."""

    def behave(handler: Handler, _: dict[str, Any]) -> None:
        handler.server.stopping.wait(seconds)
        handler.close_connection = True

    return behave


def drip(every: float = 0.05, seconds: float = 30) -> Behaviour:
    """A stream of keep-alive comments that never gets to an answer."""

    def behave(handler: Handler, _: dict[str, Any]) -> None:
        handler.open_stream()
        end = time.monotonic() + seconds
        while time.monotonic() < end and not handler.server.stopping.wait(every):
            handler.wfile.write(b": keep-alive\n\n")
            handler.wfile.flush()

    return behave


def cut(arguments: Any, share: float = 0.5, *, politely: bool = False) -> Behaviour:
    """A tool call whose stream ends in the middle: the connection drops, or (politely) just closes."""
    text_ = json.dumps(arguments)

    def behave(handler: Handler, body: dict[str, Any]) -> None:
        part = text_[: int(len(text_) * share)]
        function = {"name": "submit_plan", "arguments": part}
        first = _chunk({"tool_calls": [{"index": 0, "id": "call_1", "function": function}]}, None)
        if not body.get("stream"):
            handler.send_response(200)
            handler.send_header("Content-Length", "100000")
            handler.end_headers()
            handler.wfile.write(b'{"choices": [{"mess')
        elif politely:
            handler.open_stream()
            handler.event(first)
        else:
            handler.send_response(200)
            handler.send_header("Content-Type", "text/event-stream")
            handler.send_header("Transfer-Encoding", "chunked")
            handler.end_headers()
            data = f"data: {json.dumps(first)}\n\n".encode()
            handler.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\nff\r\ndata: {")
        handler.close_connection = True

    return behave


def _answer(message: dict[str, Any], deltas: list[dict[str, Any]], finish: str) -> Behaviour:
    def behave(handler: Handler, body: dict[str, Any]) -> None:
        if not body.get("stream"):
            choice = {"index": 0, "message": message, "finish_reason": finish}
            whole = {**_head("chat.completion"), "choices": [choice], "usage": USAGE}
            handler.reply(200, json.dumps(whole).encode(), "application/json")
            return
        handler.open_stream()
        handler.event(_chunk({"role": "assistant", "content": ""}, None))
        for delta in deltas:
            handler.event(_chunk(delta, None))
        handler.event(_chunk({}, finish))
        if (body.get("stream_options") or {}).get("include_usage"):
            handler.event({**_head("chat.completion.chunk"), "choices": [], "usage": USAGE})
        handler.event("[DONE]")

    return behave


def _head(kind: str) -> dict[str, Any]:
    return {"id": "chatcmpl-1", "object": kind, "created": 0, "model": "fake"}


def _chunk(delta: dict[str, Any], finish: str | None) -> dict[str, Any]:
    return {**_head("chat.completion.chunk"), "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}


def _cut(content: str, pieces: int) -> list[str]:
    size = max(1, -(-len(content) // pieces))
    return [content[i : i + size] for i in range(0, len(content), size)] or [""]


def competent(context_chars: int = 10**9) -> Behaviour:
    """A model that does what ``doctor`` asks of one: calls, streams, repeats code words.

    ``context_chars`` is how much of the end of the conversation it sees: servers drop the start in silence.
    """

    def behave(handler: Handler, body: dict[str, Any]) -> None:
        whole = "\n".join(m["content"] for m in body["messages"])
        seen = whole[-context_chars:]
        if body.get("tools"):
            answer = call({"key": "D minor", "bars": 12}, name=body["tools"][0]["function"]["name"])
        elif "code word" in whole:
            answer = text(" ".join(re.findall(r"code word is (\w+)", seen)) or "I see no code word.")
        else:
            answer = text("one, two, three, four, five")
        answer(handler, body)

    return behave
