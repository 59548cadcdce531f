"""How well and how fast the default library is searched: facet precision of typed queries, and latency.

Each query states facets in its own words, as a person would; a facet counts as met by a hit when the hit's facts
say so. Precision is the share of (hit, facet) pairs that are met over the first five hits, or as many as the library
holds. Latency is that of a fresh process, from its start to the hits: the first use, which builds the index, and
the next.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from retrieval.library import DEFAULT as LIBRARY
from retrieval.library import RECORDS
from retrieval.record import load_records
from tools import get_tool
from tools.contract import Artifact, ToolSettings

Facts = Mapping[str, Any]
Facet = Callable[[Facts], bool]
K = 5


def _genre(*names: str) -> Facet:
    return lambda f: bool(set(names) & set(f["genre"]))


def _between(name: str, low: float, high: float) -> Facet:
    return lambda f: low <= f[name] <= high


def _is(name: str, value: str) -> Facet:
    return lambda f: bool(f[name] == value)


def _plays(name: str) -> Facet:
    return lambda f: name in f["instruments"]


_SAD, _HAPPY = _between("valence", -1, 0), _between("valence", 0.3, 1)
_CALM, _LIVELY = _between("arousal", -1, 0), _between("arousal", 0.1, 1)
_MINOR, _MAJOR = _is("mode", "minor"), _is("mode", "major")

QUERIES: tuple[tuple[str, dict[str, Facet]], ...] = (
    (
        "five major-key pieces between 100 and 120 with no strings attached to their use",
        {"mode": _MAJOR, "tempo": _between("tempo_bpm", 100, 120)},
    ),
    ("a sad slow air", {"genre": _genre("air"), "mood": _SAD, "tempo": _between("tempo_bpm", 0, 80)}),
    ("happy jigs in D major", {"genre": _genre("jig"), "key": _is("key", "D major"), "mood": _HAPPY}),
    ("mournful lament in a minor key", {"mode": _MINOR, "mood": _SAD, "energy": _CALM}),
    (
        "lively reels in G major, public domain",
        {"genre": _genre("reel"), "key": _is("key", "G major"), "energy": _LIVELY},
    ),
    ("hornpipes around 84 bpm", {"genre": _genre("hornpipe"), "tempo": _between("tempo_bpm", 81, 87)}),
    ("something peaceful in 3/4", {"meter": _is("meter", "3/4"), "energy": _CALM, "mood": _HAPPY}),
    ("slip jigs", {"genre": _genre("slip jig"), "meter": _is("meter", "9/8")}),
    ("dorian tunes for fiddle", {"mode": _is("mode", "dorian"), "instrument": _plays("violin")}),
    ("piano pieces from the romantic era", {"instrument": _plays("piano")}),
    ("a baroque trio sonata", {"genre": _genre("baroque")}),
    ("strathspeys in a minor key", {"genre": _genre("strathspey"), "mode": _MINOR}),
    ("harp tunes by O'Carolan", {"genre": _genre("harp tune")}),
    ("melancholy music in E minor", {"key": _is("key", "E minor"), "mood": _SAD}),
    ("cheerful polka-like dance in 2/4", {"meter": _is("meter", "2/4"), "mood": _HAPPY}),
    ("a calm lullaby in F major", {"key": _is("key", "F major"), "energy": _CALM}),
    (
        "driving reel in A minor at least 110 bpm",
        {"genre": _genre("reel"), "key": _is("key", "A minor"), "tempo": _between("tempo_bpm", 110, 400)},
    ),
    ("vocal music of the renaissance", {"genre": _genre("renaissance", "medieval"), "instrument": _plays("voice")}),
    ("欢快的爱尔兰舞曲，大调", {"mode": _MAJOR, "mood": _HAPPY, "genre": _genre("irish")}),
    ("悲伤缓慢的小调曲子", {"mode": _MINOR, "mood": _SAD, "tempo": _between("tempo_bpm", 0, 90)}),
)
TITLES = (
    "Banish Misfortune",
    "The Kerry Cobbler",
    "Chief O'Neill's Visit",
    "Aloha Oe",
    "Pop Goes the Weasel",
    "The Monks of the Screw",
    "Doherty's Fancy",
    "jeanie with the light brown hair",
    "Soldiers Joy",
    "Planxty Maguire",
)
_FRESH = (
    "import sys, pathlib; from bench.search import find; "
    "find('a wistful slow waltz in a minor key', pathlib.Path(sys.argv[1]))"
)


class _Context:
    """What the tool sees of the world, for a bench."""

    seed = 0

    def __init__(self, cache_dir: Path, work_dir: Path) -> None:
        self.work_dir = work_dir
        self.settings = ToolSettings(cache_dir=cache_dir)

    def artifact(self, ref: str) -> Artifact:
        raise KeyError(ref)

    def progress(self, share: float, message: str) -> None:
        """Nobody is told."""


def find(query: str, cache_dir: Path) -> list[dict[str, Any]]:
    """Hits of a query typed by itself."""
    with tempfile.TemporaryDirectory() as work:
        result = get_tool("search_music")({"query": query, "k": K}, _Context(cache_dir, Path(work)))
    hits: list[dict[str, Any]] = result.data.model_dump(mode="json")["hits"]
    return hits


def run() -> str:
    """The report."""
    with tempfile.TemporaryDirectory() as folder:
        cache = Path(folder)
        first, second, third = (_fresh_process(cache) for _ in range(3))
        rows, times = _precision(cache)
        known = sum(_is_first(title, find(title, cache)) for title in TITLES)
    met, asked = sum(m for _, m, _ in rows), sum(a for _, _, a in rows)
    lines = ["| query | facets met |", "|---|---|", *(f"| {q} | {m}/{a} |" for q, m, a in rows)]
    return "\n".join(
        [
            *lines,
            "",
            f"Facet precision at {K}: {met / asked:.3f} over {len(rows)} queries. "
            f"Titles found first: {known} of {len(TITLES)}.",
            f"Fresh process: first use {first:.2f} s, then {second:.2f} and {third:.2f} s. "
            f"In a running process: median {statistics.median(times) * 1000:.0f} ms.",
        ]
    )


def _precision(cache: Path) -> tuple[list[tuple[str, int, int]], list[float]]:
    rows, times = [], []
    records = [record.model_dump() for record in load_records(LIBRARY / RECORDS)]
    for query, facets in QUERIES:
        start = time.perf_counter()
        hits = find(query, cache)
        times.append(time.perf_counter() - start)
        attainable = min(K, sum(all(facet(r) for facet in facets.values()) for r in records))
        met = sum(facet(hit["facts"]) for hit in hits[:attainable] for facet in facets.values())
        rows.append((query, met, attainable * len(facets)))
    return rows, times


def _is_first(title: str, hits: list[dict[str, Any]]) -> bool:
    def plain(text: str) -> str:
        return "".join(c for c in text.lower() if c.isascii() and c.isalnum())

    return bool(hits) and plain(title) in plain(hits[0]["title"])


def _fresh_process(cache: Path) -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", _FRESH, str(cache)], check=True)
    return time.perf_counter() - start
