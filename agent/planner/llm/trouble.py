"""What goes wrong between this program and a model's server: the cause in a person's words, and what to do next."""

from __future__ import annotations

import email.utils
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import openai

Next = Literal["again", "simpler", "stop"]
Feature = Literal["stream", "tool", "temperature"]
Kind = Literal["slow", "absent", "key", "model", "busy", "context", "failing"]

_CONTEXT = re.compile(
    r"context[ _](?:length|window|size)|maximum context|available context|too many tokens|(?:prompt|input) is too long",
    re.IGNORECASE,
)
_FEATURES: tuple[tuple[Feature, re.Pattern[str]], ...] = (
    ("temperature", re.compile(r"temperature", re.I)),
    ("stream", re.compile(r"\bstream", re.I)),
    ("tool", re.compile(r"\btools?\b|tool_choice|function|jinja", re.I)),
)


@dataclass
class Trouble(Exception):
    """One failed exchange.

    ``then`` says what may help: the same request ``again`` (after ``wait_s`` seconds when the server named
    a time), a ``simpler`` request (without ``feature`` when the server named one), or nothing (``stop``).
    """

    cause: str
    kind: Kind = "failing"
    then: Next = "stop"
    wait_s: float | None = None
    feature: Feature | None = None

    def __str__(self) -> str:
        return self.cause


def diagnose(err: Exception, url: str) -> Trouble:
    """What an exception of the client library means.

    Parameters
    ----------
    err
        Whatever the exchange raised. Compatible servers answer with all kinds of things, so errors of the
        parsing code (``ValueError``, ``TypeError``, ``KeyError``...) mean "this is no chat completion".
    url
        The server's address, to name in the cause.
    """
    import openai

    if isinstance(err, Trouble):
        return err
    if isinstance(err, openai.APITimeoutError) or "timeout" in type(err).__name__.lower():
        return Trouble("it did not answer in time; raise SCOREWRIGHT_LLM_TIMEOUT_S if it is merely slow", "slow")
    if isinstance(err, openai.APIStatusError):
        return _status(err, url)
    if isinstance(err, openai.APIConnectionError):
        return _connection(err, url)
    if isinstance(err, openai.APIError):
        return Trouble(f"it broke off with an error ({_short(err.message)})", then="simpler", feature="stream")
    if type(err).__module__.split(".")[0] in ("httpx", "httpx2", "httpcore", "httpcore2"):
        return cut_off()
    return Trouble(
        f"what {url} sent is no chat completion ({_short(str(err))}); OPENAI_BASE_URL usually ends in /v1",
        then="simpler",
    )


def cut_off() -> Trouble:
    """The answer ended before its end."""
    return Trouble("its answer was cut off in the middle", then="simpler", feature="stream")


def _connection(err: Exception, url: str) -> Trouble:
    root: BaseException = err
    while root.__cause__ is not None:
        root = root.__cause__
    if isinstance(root, ConnectionRefusedError) or "refused" in str(root):
        mend = "start the server or correct OPENAI_BASE_URL"
        return Trouble(f"nothing answers at {url} (connection refused); {mend}", "absent")
    if "name" in str(root).lower() and isinstance(root, OSError):
        return Trouble(f"{url} cannot be found ({_short(str(root))}); check the network and OPENAI_BASE_URL", "absent")
    if "protocol" in str(root).lower() and not url.startswith("http"):
        return Trouble(f"{url} is no web address; OPENAI_BASE_URL starts with http:// or https://", "absent")
    if "without sending complete" in str(root):
        return cut_off()
    return Trouble(f"the connection to {url} broke ({_short(str(root)) or type(root).__name__})", then="again")


def _status(err: openai.APIStatusError, url: str) -> Trouble:
    status, headers = err.status_code, err.response.headers
    said = _short(_message(err.body, str(err)))
    if status in (401, 403):
        return Trouble(f"it refused the key ({status}: {said}); set OPENAI_API_KEY", "key")
    if status == 404:
        mend = "check SCOREWRIGHT_MODEL and OPENAI_BASE_URL"
        return Trouble(f"{url} does not have that model or address (404: {said}); {mend}", "model")
    if status == 429:
        if "quota" in said.lower() or "billing" in said.lower():
            return Trouble(f"the account has no credit left (429: {said})", "busy")
        return Trouble(f"it is busy (429: {said})", "busy", "again", wait_s=retry_after(headers))
    if status == 413 or _CONTEXT.search(said):
        mend = "use a model with a larger one"
        return Trouble(f"the request is longer than its context ({status}: {said}); {mend}", "context")
    feature = next((name for name, words in _FEATURES if words.search(said)), None)
    if status >= 500 or status in (408, 409):
        return Trouble(f"it failed ({status}: {said})", then="again", wait_s=retry_after(headers), feature=feature)
    return Trouble(f"it refused the request ({status}: {said})", then="simpler", feature=feature)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that a server asks to wait (``retry-after-ms``, or ``Retry-After`` as seconds or a date)."""
    try:
        if "retry-after-ms" in headers:
            return max(0.0, float(headers["retry-after-ms"]) / 1000)
        return max(0.0, float(headers["retry-after"])) if "retry-after" in headers else None
    except ValueError:
        date = email.utils.parsedate_tz(headers.get("retry-after", ""))
        return None if date is None else max(0.0, email.utils.mktime_tz(date) - time.time())


def _message(body: object, otherwise: str) -> str:
    """The server's own words: ``error.message`` or what stands in for it."""
    found = body.get("error", body) if isinstance(body, Mapping) else body
    if isinstance(found, Mapping):
        found = found.get("message") or found.get("detail")
        code = body.get("code") if isinstance(body, Mapping) else None
        found = f"{found} [{code}]" if found and code else found
    return found if isinstance(found, str) and found.strip() else otherwise


def _short(text: str, length: int = 160) -> str:
    """One line of a text, markup and control characters left out."""
    plain = " ".join(re.sub(r"<[^>]*>|[\x00-\x1f]", " ", text).split())
    return plain if len(plain) <= length else plain[: length - 1] + "…"
