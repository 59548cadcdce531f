"""Real music by style for ``bench composer``: excerpts of music21's corpus, parsed once and kept as JSON in the cache.

An excerpt is up to :data:`MOST_BARS` bars of one meter from a barline on; long movements give two, and all excerpts of
one file fall on one side when a style is parted into training and held-out halves.
"""

from __future__ import annotations

import functools
import hashlib
import json
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import platformdirs

from tools.errors import ScorewrightError
from tools.kit.analysis.key import rank_note_keys
from tools.kit.analysis.notes import notes_of
from tools.kit.score import Note, Score, Track
from tools.kit.theory.meter import Meter

MOST_BARS = 32
LEAST_BARS = 7
_FORMAT = 1
_TUNES_A_BOOK = 60


@dataclass(frozen=True)
class Style:
    """A style of the corpus and what is asked of a composer for it.

    ``files`` are patterns under the corpus folder, ``meters`` those that count (any when empty), ``parts`` how many
    voices a piece has, ``request`` fields of a Brief, ``words`` the same for one who reads text.
    """

    name: str
    files: tuple[str, ...]
    parts: int
    request: dict[str, Any]
    words: str
    meters: tuple[str, ...] = ()


_QUARTETS = ("haydn/*/*.mxl", "mozart/k155/*.mxl", "mozart/k156/*.mxl", "mozart/k458/*.mxl", "mozart/k80/*.mxl")
_DANCES = ("oneills1850/*.abc", "ryansMammoth/*.abc")
STYLES = (
    Style(
        "chorale",
        ("bach/bwv[2-4]*.mxl",),
        4,
        {"genre": "chorale", "instruments": ["string quartet"]},
        "a solemn chorale, a hymn of praise",
    ),
    Style(
        "string quartet",
        (*_QUARTETS, "beethoven/opus18*/*.mxl", "beethoven/opus18*.mxl", "beethoven/opus59*/*.mxl"),
        4,
        {"genre": "classical", "instruments": ["string quartet"]},
        "a graceful classical string quartet",
    ),
    Style(
        "jig", _DANCES, 1, {"genre": "celtic", "instruments": ["fiddle"]}, "a lively celtic jig", ("6/8", "9/8", "12/8")
    ),
    Style(
        "reel and hornpipe",
        _DANCES,
        1,
        {"genre": "celtic", "instruments": ["fiddle"]},
        "a lively celtic reel",
        ("4/4", "2/2", "2/4"),
    ),
    Style(
        "European folk song",
        tuple(f"essenFolksong/{n}*.abc" for n in ("altdeu", "ballad", "boehme", "erk", "fink", "lot", "zuccal")),
        1,
        {"genre": "folk", "instruments": ["flute"]},
        "a simple old folk song",
    ),
    Style(
        "Chinese folk song",
        ("essenFolksong/han*.abc",),
        1,
        {"genre": "chinese", "instruments": ["dizi"]},
        "a calm chinese folk song",
    ),
)


@dataclass(frozen=True)
class Excerpt:
    """Some bars of a real piece: the notes, the first bar (0-based) and the bars of the whole piece."""

    score: Score
    first_bar: int
    whole_bars: int
    source: str

    @property
    def bars(self) -> int:
        """Bars of the excerpt."""
        return max(1, round(self.score.end / self.score.meters[0][1].bar_quarters - 1e-6))


def halves(style: Style, count: int, seed: int) -> tuple[list[Excerpt], list[Excerpt]]:
    """Training and held-out excerpts of a style, ``count`` and twice as many where the corpus has them.

    No file is on both sides.
    """
    training: list[Excerpt] = []
    held_out: list[Excerpt] = []
    for index, group in enumerate(_drawn(style, random.Random(f"{seed} {style.name}"))):
        if len(training) < count and (index % 3 == 0 or len(held_out) >= 2 * count):
            training += group[: count - len(training)]
        else:
            held_out += group[: 2 * count - len(held_out)]
        if len(training) >= count and len(held_out) >= 2 * count:
            break
    return training, held_out


def _drawn(style: Style, rng: random.Random) -> Iterator[list[Excerpt]]:
    """Groups of excerpts that belong together, in random order; groups without any are passed over."""
    from retrieval.sources import corpus_folder

    root = corpus_folder()
    files = sorted(p for pattern in style.files for p in root.glob(pattern))
    sources: list[tuple[str, Callable[[], Any]]] = []
    for path in files:
        name = path.relative_to(root).as_posix()
        if path.suffix == ".abc":
            tunes = path.read_text(encoding="utf-8", errors="replace").replace("\r", "").split("\nX:")[1:]
            chosen = rng.sample(range(len(tunes)), min(_TUNES_A_BOOK, len(tunes)))
            sources += [(f"{name}#{i}", functools.partial(_tune, "X:" + tunes[i])) for i in chosen]
        else:
            sources.append((name, functools.partial(_work, path)))
    rng.shuffle(sources)
    for name, make in sources:
        group = [e for e in _excerpts(name, make) if _belongs(e, style)]
        if group:
            yield group


def _belongs(excerpt: Excerpt, style: Style) -> bool:
    meter = str(excerpt.score.meters[0][1])
    return len(excerpt.score.tracks) == style.parts and (not style.meters or meter in style.meters)


def _tune(text: str) -> Any:
    from music21 import converter

    from retrieval.piece import first_score, piece_of_music21

    return piece_of_music21(first_score(converter.parse(text, format="abc")))


def _work(path: Path) -> Any:
    from retrieval.piece import read_piece

    return read_piece(path)


def _excerpts(name: str, make: Callable[[], Any]) -> list[Excerpt]:
    """The excerpts of one source, from the cache or parsed."""
    folder = Path(platformdirs.user_cache_dir("scorewright")) / "bench-corpus"
    path = folder / f"{hashlib.sha256(f'{_FORMAT} {name}'.encode()).hexdigest()[:20]}.json"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps([_as_json(e) for e in _parsed(name, make)]), encoding="utf-8")
    return [_from_json(row) for row in json.loads(path.read_text(encoding="utf-8"))]


def _parsed(name: str, make: Callable[[], Any]) -> list[Excerpt]:
    import music21

    try:
        piece = make()
    except (ScorewrightError, music21.exceptions21.Music21Exception, ValueError, ZeroDivisionError):
        return []  # a tune that music21 cannot read is no sample
    whole = len(piece.bar_starts)
    firsts = [0] if whole < 2 * MOST_BARS else [0, MOST_BARS]
    found = (_cropped(piece, first) for first in firsts)
    return [Excerpt(score, first, whole, name) for first, score in zip(firsts, found, strict=True) if score]


def _cropped(piece: Any, first: int) -> Score | None:
    """Bars from ``first`` on; None where they are too few, of another length, or a part is silent."""
    starts = piece.bar_starts[first : first + MOST_BARS + 1]
    size = piece.meter.bar_quarters
    if len(starts) < LEAST_BARS or any(abs(b - a - size) > 1e-3 for a, b in pairwise(starts)):
        return None
    begin, end = starts[0], starts[0] + size * min(len(starts), MOST_BARS)
    return window(piece.score, begin, end, piece.meter)


def window(score: Score, begin: float, end: float, meter: Meter) -> Score | None:
    """The notes that begin between two places of a score, with the key that they sound in; None when nothing sounds.

    Drums are left out.
    """
    tracks = []
    for track in score.tracks:
        inside = [n for n in track.notes if begin - 1e-6 <= n.start < end - 1e-6 and not track.is_drum]
        moved = [Note(n.start - begin, min(n.end, end) - n.start, n.pitch, n.velocity) for n in inside]
        if moved:
            tracks.append(Track(track.name, track.program, False, moved))
    cut = Score(tracks, [(0.0, 100.0)], [(0.0, meter)])
    ranked = rank_note_keys(notes_of(cut)) if tracks else []
    if not ranked:
        return None
    cut.keys = [(0.0, ranked[0].key)]
    return cut


def _as_json(excerpt: Excerpt) -> dict[str, Any]:
    meter = excerpt.score.meters[0][1]
    tracks = [
        {"program": t.program, "notes": [[n.start, n.duration, n.pitch] for n in t.notes]} for t in excerpt.score.tracks
    ]
    row = {k: v for k, v in asdict(excerpt).items() if k != "score"}
    return row | {"meter": str(meter), "tracks": tracks}


def _from_json(row: dict[str, Any]) -> Excerpt:
    tracks = [
        Track("", t["program"], False, [Note(start, length, int(pitch), 80) for start, length, pitch in t["notes"]])
        for t in row["tracks"]
    ]
    score = Score(tracks, [(0.0, 100.0)], [(0.0, Meter.parse(row["meter"]))])
    score.keys = [(0.0, rank_note_keys(notes_of(score))[0].key)]
    return Excerpt(score, row["first_bar"], row["whole_bars"], row["source"])


def scores(excerpts: Sequence[Excerpt]) -> list[Score]:
    """The scores of excerpts."""
    return [e.score for e in excerpts]
