"""Retrieval beside plain systems, in one run: known items, facets, melodies, and the mood of films and pictures.

Known items: queries by templates of facts that the descriptions do not hold as text (``bench/_finding.py``), against
Chroma over the descriptions alone and BM25 alone. Facets: the typed queries of ``bench search``, ten hits, exact
fields apart from soft ones. Melodies: parts of tunes, transposed, stretched and with one note in ten wrong, missing
or doubled. Mood: points of valence and arousal as films and pictures give them, against chance and descriptions alone.
"""

from __future__ import annotations

import itertools
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from bench._finding import ours, plain_bm25, plain_chroma, queries, recall
from bench.search import QUERIES
from retrieval.affect import mood_words
from retrieval.facets import Facets
from retrieval.hum import melody_of_score
from retrieval.library import Library, Shelves, open_library
from retrieval.query import facets_of_text, in_english, stated_filters
from retrieval.search import Query, search
from retrieval.vectors import ExactIndex
from tools.backends.text_embedding import embed
from tools.kit.score import Note, Score, Track, write_midi

EXACT = ("mode", "key", "meter", "tempo")  # fields that a filter holds hits to
K = 10
_ERROR = 0.1


def run(n: int = 200) -> str:
    """The report, as Markdown; ``n`` known items and melodies."""
    with tempfile.TemporaryDirectory() as folder:
        library = open_library(Shelves(Path(folder)))
        parts = [
            _known_items(library, n, folder),
            _facets(library),
            _melodies(library, n, Path(folder)),
            _mood(library),
        ]
        library.close()
    return "\n\n".join(parts)


def _known_items(library: Library, n: int, folder: str) -> str:
    items = queries(library.records, n)
    systems = {
        "ours": ours(library),
        "Chroma, descriptions alone": plain_chroma(library, f"{folder}/plain"),
        "BM25, descriptions alone": plain_bm25(library),
    }
    rows = [f"| known items, {n} of {len(library.records)} | R@1 | R@10 | MRR |", "|---|---|---|---|"]
    for name, rank in systems.items():
        first, ten, mean = recall(rank, items)
        rows.append(f"| {name} | {first:.3f} | {ten:.3f} | {mean:.3f} |")
    return "\n".join([*rows, "", f"For example: “{items[0].text}”."])


def _facets(library: Library) -> str:
    genres = {genre for record in library.records for genre in record.genre}
    met: dict[bool, list[int]] = {True: [0, 0], False: [0, 0]}
    times = []
    for text, facets in QUERIES:
        typed = in_english(text)
        started = time.perf_counter()
        found = search(library, Query(typed, facets_of_text(typed, genres), stated_filters(typed), K))
        times.append(time.perf_counter() - started)
        for hit, (name, facet) in itertools.product(found.hits, facets.items()):
            count = met[name in EXACT]
            count[0] += facet(hit.record.model_dump())
            count[1] += 1
    return (
        f"Facet precision at {K} over {len(QUERIES)} typed queries: exact fields {met[True][0] / met[True][1]:.3f}, "
        f"soft ones {met[False][0] / met[False][1]:.3f}. Median {statistics.median(times) * 1000:.0f} ms a query."
    )


def _melodies(library: Library, n: int, folder: Path) -> str:
    rng = random.Random(1)
    rows = [row for row, record in enumerate(library.records) if len(record.melody) >= 30]
    rows = rng.sample(rows, n)
    found = first = 0
    times = []
    for row in rows:
        path = _played(library.records[row].melody, rng, folder / "part.mid")
        started = time.perf_counter()
        hits = library.melodies.rank(melody_of_score(path), K)
        times.append(time.perf_counter() - started)
        titles = [library.records[hit].melody for hit, _ in hits]
        found += library.records[row].melody in titles
        first += bool(titles) and titles[0] == library.records[row].melody
    return (
        f"Melodies, {n} parts of 16 to 32 notes, transposed, at 0.5 to 2 times the tempo, each note with a chance of "
        f"{_ERROR:.0%} wrong, missing or doubled: in the first ten {found / n:.3f}, first {first / n:.3f}; median "
        f"{statistics.median(times) * 1000:.0f} ms."
    )


def _played(letters: str, rng: random.Random, path: Path) -> Path:
    """A faulty rendition of part of a melody, as a MIDI file."""
    length = rng.randint(16, 32)
    start = rng.randrange(max(1, len(letters) - length + 1))
    pitches = [60 + rng.randint(-7, 7)]
    for letter in letters[start : start + length - 1]:
        pitches.append(pitches[-1] + ord(letter) - ord("m"))
    sung: list[int] = []
    for pitch in pitches:
        fault = rng.random()
        if fault < _ERROR / 3:
            sung.append(pitch + rng.choice((-2, -1, 1, 2)))
        elif fault < 2 * _ERROR / 3:
            continue
        else:
            sung += [pitch, pitch] if fault < _ERROR else [pitch]
    each = rng.uniform(0.5, 2.0)
    notes = [Note(i * each * 0.5, each * rng.uniform(0.3, 0.5), min(127, max(0, p)), 80) for i, p in enumerate(sung)]
    write_midi(Score(tracks=[Track("line", notes=notes)]), path)
    return path


def _mood(library: Library) -> str:
    """Distance in the plane between what a picture or a film asks for and what is found."""
    points = list(itertools.product((-0.5, -0.1, 0.3, 0.6), (-0.6, -0.2, 0.2, 0.6)))
    rng = np.random.default_rng(0)
    exact = ExactIndex(library.vectors)
    place = np.array([[r.valence, r.arousal] for r in library.records])

    def by_facets(valence: float, arousal: float) -> list[tuple[float, float]]:
        words = " and ".join(mood_words(valence, arousal, 2))
        found = search(library, Query(f"{words} music", Facets(affect=(valence, arousal)), k=K))
        return [(hit.record.valence, hit.record.arousal) for hit in found.hits]

    def by_description(valence: float, arousal: float) -> list[tuple[float, float]]:
        words = " and ".join(mood_words(valence, arousal, 2))
        rows = [row for row, _ in exact.nearest(embed([f"{words} music"])[0], K)]
        return [tuple(place[row]) for row in rows]

    def by_chance(valence: float, arousal: float) -> list[tuple[float, float]]:
        return [tuple(place[row]) for row in rng.integers(0, len(place), K)]

    ways: dict[str, Callable[[float, float], list[tuple[float, float]]]] = {
        "ours": by_facets, "descriptions alone": by_description, "chance": by_chance,
    }  # fmt: skip
    off = {
        name: np.mean([np.linalg.norm(np.array(way(*p)) - p, axis=1).mean() for p in points])
        for name, way in ways.items()
    }
    told = ", ".join(f"{name} {value:.3f}" for name, value in off.items())
    return f"Mood of {len(points)} points that films and pictures give, mean distance of ten hits in the plane: {told}."
