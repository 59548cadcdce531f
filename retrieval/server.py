"""A Chroma server in place of the embedded one, for a library that has outgrown one machine.

Start it with ``chroma run --path FOLDER --port 8000`` and set ``SCOREWRIGHT_CHROMA_URL=http://localhost:8000``. The
records stay in one's own library, so that the server holds nothing that cannot be made again.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlsplit

from retrieval.embed import Vectors
from retrieval.store import Recipe, bring_up_to_date
from retrieval.vectors import ChromaIndex, IndexBroken, Rows, chroma_errors
from tools.errors import UserError

T = TypeVar("T")
ANSWER_S = 10.0  # the longest wait for one answer
_STATE = "scorewright_state"
_FILLING = "filling"


class ServerIndex(ChromaIndex):
    """A collection on a server; one that is away or slow is an :class:`IndexBroken` within ten seconds."""

    name = "chroma server"

    def nearest(self, vector: Vectors, k: int) -> list[tuple[int, float]]:
        """See :class:`retrieval.vectors.VectorIndex`."""
        nearest = super().nearest
        return within(ANSWER_S, lambda: nearest(vector, k))


def open_server_index(url: str, library: str, recipe: Recipe, vectors: Vectors, numbers: Rows) -> ServerIndex:
    """The library's collection on a server, filled or brought up to date first.

    Parameters
    ----------
    library
        What tells this library from others on the same server.

    Raises
    ------
    IndexBroken
        When the server is away, slow, or no Chroma.
    UserError
        When ``url`` is none of ``http`` or ``https``.
    """
    client = within(ANSWER_S, lambda: _client(url))
    name = f"scorewright-{hashlib.sha256(f'{library}|{recipe.schema}|{recipe.model}'.encode()).hexdigest()[:24]}"
    graph = {"space": "cosine", "ef_construction": 200, "ef_search": 200}
    with chroma_errors(f"use the collection on {url}"):
        collection = client.get_or_create_collection(
            name, embedding_function=None, configuration={"hnsw": graph}, metadata={_STATE: _FILLING}
        )
        state = f"{recipe.records_sha}/{recipe.count}"
        if (collection.metadata or {}).get(_STATE) != state or collection.count() != len(vectors):
            collection.modify(metadata={_STATE: _FILLING})
            bring_up_to_date(collection, vectors, numbers)
            collection.modify(metadata={_STATE: state})
    index = ServerIndex(collection, vectors, numbers, client)
    index.check()
    return index


def _client(url: str) -> Any:
    import chromadb
    from chromadb.config import Settings

    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UserError(f"The Chroma server {url!r} is no URL; set SCOREWRIGHT_CHROMA_URL to http://HOST:PORT.")
    with chroma_errors(f"reach its server at {url}; start it with `chroma run`, or unset SCOREWRIGHT_CHROMA_URL"):
        client = chromadb.HttpClient(
            host=parts.hostname,
            port=parts.port or (443 if parts.scheme == "https" else 80),
            ssl=parts.scheme == "https",
            settings=Settings(anonymized_telemetry=False),
        )
        client.heartbeat()
    return client


def within(seconds: float, work: Callable[[], T]) -> T:
    """What ``work`` returns, or :class:`IndexBroken` when it takes longer; it is left to end by itself."""
    results: list[T] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            results.append(work())
        except BaseException as err:  # noqa: BLE001  # raised again in the caller's thread
            errors.append(err)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    if errors:
        raise errors[0]
    if not results:
        raise IndexBroken(f"The Chroma server did not answer within {seconds:.0f} s; see that it runs.")
    return results[0]
