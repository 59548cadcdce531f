"""One exchange with an OpenAI-compatible server, bounded in time, whatever the server does.

The exchange runs in a thread of its own that is left behind when time is up, because a server can hold a
connection open for ever in ways that a socket's timeout does not see. What a server does not know
(streaming, tool calls, a temperature) is dropped for the rest of the client's life.
"""

from __future__ import annotations

import importlib
import queue
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from agent.events import CancelToken
from agent.planner.llm.reply import Reply, assembled
from agent.planner.llm.trouble import Feature, Trouble, diagnose
from tools.errors import Cancelled

if TYPE_CHECKING:
    import httpx2
    from langchain_core.messages import BaseMessage
    from langchain_openai import ChatOpenAI

DEFAULT_URL = "https://api.openai.com/v1"
FIRST_WAIT_S = 0.5
CANCEL_CHECK_S = 0.2

Message = tuple[str, str]
"""Role (``system``, ``user``, ``assistant``) and text."""


@dataclass(frozen=True)
class Mode:
    """The features of the protocol that an exchange uses."""

    stream: bool = True
    tool: bool = True
    temperature: bool = True

    def without(self, feature: Feature | None) -> Mode | None:
        """The next simpler mode: without ``feature`` if it is used, else without one more; ``None`` at the end."""
        for name in (feature, "stream", "tool"):
            if name is not None and getattr(self, name):
                return replace(self, **{name: False})
        return None


@dataclass
class ModelClient:
    """A chat model by name at ``base_url``; ``timeout_s`` bounds one answer, further tries included."""

    model: str
    base_url: str | None = None
    api_key: str | None = None
    timeout_s: float = 60.0
    retries: int = 2
    cancel: CancelToken | None = None
    mode: Mode = Mode()
    _http: httpx2.Client | None = field(default=None, init=False, repr=False)

    @property
    def url(self) -> str:
        """The server's address."""
        return self.base_url or DEFAULT_URL

    def ask(
        self,
        messages: Sequence[Message],
        function: dict[str, Any] | None = None,
        on_text: Callable[[int], None] = lambda _: None,
    ) -> Reply:
        """Ask until there is an answer, there is no hope or time is up.

        Parameters
        ----------
        messages
            The conversation.
        function
            An OpenAI function (``name``, ``description``, ``parameters``) that the model must call.
        on_text
            Told how many characters have arrived, while an answer is streamed.

        Raises
        ------
        Trouble
            With the last cause, in a person's words.
        Cancelled
            When the person cancelled meanwhile.
        """
        importlib.import_module("langchain_openai")  # seconds of import are not the model's
        deadline = time.monotonic() + self.timeout_s
        tries = 0
        while True:
            try:
                return self.exchange(messages, function, self.mode, deadline, on_text)
            except Trouble as trouble:
                if trouble.then == "again" and tries < self.retries:
                    self._wait(trouble, FIRST_WAIT_S * 2**tries, deadline)
                    tries += 1
                    continue
                simpler = self.mode.without(trouble.feature)
                if simpler is None or trouble.then == "stop" or (trouble.then == "again" and trouble.feature is None):
                    raise
                self.mode = simpler

    def exchange(
        self,
        messages: Sequence[Message],
        function: dict[str, Any] | None,
        mode: Mode,
        deadline: float,
        on_text: Callable[[int], None] = lambda _: None,
    ) -> Reply:
        """Send one request in one mode; ``deadline`` is on :func:`time.monotonic`'s clock."""
        if not self.base_url and not self.api_key:
            raise Trouble("there is no key; set OPENAI_API_KEY, or OPENAI_BASE_URL for a server of your own", "key")
        chat = self._chat(mode)
        inbox: queue.SimpleQueue[BaseMessage | Exception | None] = queue.SimpleQueue()
        options = _forced(function) if function and mode.tool else {}
        threading.Thread(target=_pump, args=(chat, list(messages), mode.stream, options, inbox), daemon=True).start()
        received: list[BaseMessage] = []
        length = 0
        try:
            while (item := self._next(inbox, deadline)) is not None:
                if isinstance(item, Exception):
                    raise diagnose(item, self.url) from item
                received.append(item)
                length += len(str(item.text)) + sum(len(c["args"] or "") for c in getattr(item, "tool_call_chunks", []))
                on_text(length)
        except BaseException:
            self._hang_up()
            raise
        return assembled(received, streamed=mode.stream)

    def _next(self, inbox: queue.SimpleQueue[Any], deadline: float) -> Any:
        while True:
            if self.cancel is not None and self.cancel.cancelled:
                raise Cancelled("Cancelled while planning.")
            left = deadline - time.monotonic()
            if left <= 0:
                mend = "raise SCOREWRIGHT_LLM_TIMEOUT_S if it is merely slow"
                raise Trouble(f"it did not finish within {self.timeout_s:g} s; {mend}", "slow")
            try:
                return inbox.get(timeout=min(left, CANCEL_CHECK_S))
            except queue.Empty:
                continue

    def _wait(self, trouble: Trouble, default_s: float, deadline: float) -> None:
        seconds = default_s if trouble.wait_s is None else trouble.wait_s
        if time.monotonic() + seconds >= deadline:
            asked = "" if trouble.wait_s is None else f", and asks to wait {seconds:.0f} s"
            raise Trouble(trouble.cause + asked, trouble.kind) from trouble
        if (self.cancel or CancelToken()).wait(seconds):
            raise Cancelled("Cancelled while planning.")

    def _chat(self, mode: Mode) -> ChatOpenAI:
        from langchain_openai import ChatOpenAI
        from openai import DefaultHttpxClient
        from pydantic import SecretStr

        if self._http is None:  # connections close by themselves, so that none is left open behind us
            self._http = DefaultHttpxClient(timeout=self.timeout_s, headers={"Connection": "close"})
        return ChatOpenAI(
            model=self.model,
            base_url=self.url,
            api_key=SecretStr(self.api_key or "none"),
            temperature=0.0 if mode.temperature else None,
            use_responses_api=False,
            stream_usage=True,
            max_retries=0,
            timeout=self.timeout_s,
            http_client=self._http,
        )

    def _hang_up(self) -> None:
        """Close what a failed exchange may have left open."""
        if self._http is not None:
            self._http.close()
            self._http = None


def _forced(function: dict[str, Any]) -> dict[str, Any]:
    return {
        "tools": [{"type": "function", "function": function}],
        "tool_choice": {"type": "function", "function": {"name": function["name"]}},
    }


def _pump(
    chat: ChatOpenAI,
    messages: list[Message],
    stream: bool,
    options: dict[str, Any],
    inbox: queue.SimpleQueue[BaseMessage | Exception | None],
) -> None:
    """Run an exchange and hand on its chunks, its error or ``None`` for its end."""
    try:
        if stream:
            for chunk in chat.stream(messages, **options):
                inbox.put(chunk)
        else:
            inbox.put(chat.invoke(messages, **options))
        inbox.put(None)
    except Exception as err:  # noqa: BLE001 - handed to the waiting thread, which diagnoses it
        inbox.put(err)
