"""Known-item queries over the default library, and the two plain systems they are answered by beside ours."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from retrieval.lexical import words
from retrieval.library import Library
from retrieval.query import facets_of_text, in_english, stated_filters
from retrieval.record import Record
from retrieval.search import Query, search
from retrieval.vectors import chroma_client
from tools.backends.text_embedding import embed
from tools.kit.theory.pitch import Key

Ranker = Callable[[str, int], list[int]]
_MODES = {"major": "a major key", "minor": "a minor key"}
_PACE = ((70, "unhurried"), (100, "walking"), (130, "brisk"), (1000, "racing"))
_OTHER_WORDS = {  # what a person may call what the descriptions call otherwise
    "joyful": "happy", "cheerful": "merry", "lively": "upbeat", "driving": "energetic", "calm": "relaxing",
    "peaceful": "tranquil", "gentle": "tender", "mournful": "sorrowful", "melancholy": "melancholic",
    "brooding": "dark", "warm": "romantic", "graceful": "elegant", "stately": "majestic", "dreamy": "ethereal",
    "restless": "anxious", "fiery": "aggressive", "urgent": "intense", "solemn": "serious", "plaintive": "longing",
    "stormy": "angry", "exuberant": "festive", "spirited": "heroic", "wistful": "bittersweet",
    "dramatic": "epic", "mysterious": "eerie", "sombre": "gloomy", "playful": "funny", "sad": "sad",
    "bright": "bright", "content": "content", "serene": "serene", "nostalgic": "nostalgic",
}  # fmt: skip


@dataclass(frozen=True)
class Item:
    """A query and the row it means."""

    text: str
    row: int


def queries(records: Sequence[Record], n: int, seed: int = 0) -> list[Item]:
    """``n`` queries for as many works, by templates of facts that their descriptions do not hold as text.

    The length in seconds, the year alone, the mode without its tonic, the mood in another word and the pace as a
    word are in no description; of the title one word is given, the rarest, so that chance alone finds nothing.
    """
    rng = random.Random(seed)
    spread: dict[str, int] = {}
    for record in records:
        for word in set(words(record.title)):
            spread[word] = spread.get(word, 0) + 1
    rows = rng.sample(range(len(records)), n)
    return [Item(_text(records[row], spread, rng), row) for row in rows]


def _text(record: Record, spread: dict[str, int], rng: random.Random) -> str:
    title = sorted(set(words(record.title)), key=lambda w: (spread[w], w))
    hint = rng.choice(title[:2]) if title else ""
    mode = _MODES.get(Key.parse(record.key).mode, f"the {record.mode} mode")
    pace = next(word for limit, word in _PACE if (record.tempo_bpm or 0) < limit)
    mood = _OTHER_WORDS.get(record.mood[0], record.mood[0])
    facts = [f"a {mood} {pace} piece in {mode}", f"{record.duration_s:.0f} seconds long", f"from {record.year}"]
    facts += [f"something about {hint}"] if hint else []
    return ", ".join(facts)


def ours(library: Library) -> Ranker:
    """The search of this program, with the licence left open to all."""
    genres = {genre for record in library.records for genre in record.genre}
    place = {record.id: row for row, record in enumerate(library.records)}

    def rank(text: str, k: int) -> list[int]:
        typed = in_english(text)
        filters = stated_filters(typed).model_copy(update={"licence": "any"})
        found = search(library, Query(typed, facets_of_text(typed, genres), filters, k))
        return [place[hit.record.id] for hit in found.hits]

    return rank


def plain_chroma(library: Library, folder: str) -> Ranker:
    """Chroma over the descriptions alone, as its quick start has it, with the same embedder."""
    from pathlib import Path

    client = chroma_client(Path(folder))
    collection = client.create_collection("plain", embedding_function=None, configuration={"hnsw": {"space": "cosine"}})
    for start in range(0, len(library.records), 5000):
        rows = range(start, min(start + 5000, len(library.records)))
        collection.add(ids=[str(row) for row in rows], embeddings=library.vectors[list(rows)])

    def rank(text: str, k: int) -> list[int]:
        found = collection.query(query_embeddings=[embed([text])[0]], n_results=k, include=[])
        return [int(row) for row in found["ids"][0]]

    return rank


def plain_bm25(library: Library) -> Ranker:
    """Okapi BM25 over the descriptions alone."""
    return lambda text, k: [row for row, _ in library.lexicon.rank(text)[:k]]


def recall(rank: Ranker, items: Sequence[Item], k: int = 10) -> tuple[float, float, float]:
    """R@1, R@k and the mean reciprocal rank up to ``k``."""
    places = []
    for item in items:
        found = rank(item.text, k)
        places.append(found.index(item.row) + 1 if item.row in found else 0)
    ranks = np.array(places)
    reciprocal = np.divide(1.0, ranks, out=np.zeros(len(ranks)), where=ranks > 0)
    return float((ranks == 1).mean()), float((ranks > 0).mean()), float(reciprocal.mean())
