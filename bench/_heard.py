"""Music with known truth for ``bench understand`` and for training: the corpus and our composer, played and worn.

A piece is a score whose beats, bars, key, chords, sections and players are known; it is played by a SoundFont at a
tempo of its own and then, now and then, detuned, put in a room, buried in noise or pressed into MP3, as recordings are.
Every fourth piece of the corpus, and odd seeds of the composer, are kept for measuring and never trained on.
"""

from __future__ import annotations

import functools
import itertools
import random
import warnings
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from bench._wear import Worn, worn
from tools.brief import MusicFields
from tools.compose.engine.composer import compose_score
from tools.compose.engine.request import read_wish
from tools.errors import UserError
from tools.kit.analysis.harmony import chord_sequence
from tools.kit.analysis.key import rank_note_keys
from tools.kit.analysis.notes import bar_edges, beat_edges, notes_of, seconds_at
from tools.kit.score import Note, Score, Track
from tools.kit.synth import RATE as FONT_RATE
from tools.kit.synth import SoundFont, synthesise_mix
from tools.kit.theory.chord import Chord
from tools.kit.theory.instruments import instrument_of_program
from tools.kit.theory.pitch import Key

Floats = NDArray[np.float64]
Part = Literal["train", "test"]

RATE = 22050
GENRES = (
    "classical", "chamber", "baroque", "romantic", "waltz", "minuet", "march", "minimalism", "lullaby", "pop", "ballad",
    "acoustic", "corporate", "rock", "punk", "metal", "blues", "jazz", "jazz-ballad", "bossa", "samba", "salsa",
    "tango", "reggae", "folk", "celtic", "country", "polka", "funk", "soul", "disco", "house", "synthwave", "hip-hop",
    "lo-fi",
    "ragtime", "sacred", "holiday", "film", "epic",
)  # fmt: skip
_KINDS: dict[str, tuple[tuple[str, ...], tuple[float, float], tuple[tuple[int, ...], ...]]] = {
    # files, tempo of the beat, programs of the parts from the top down
    "chorale": (
        ("bach/bwv[2-4]*.mxl",),
        (54, 108),
        ((48,) * 4, (52,) * 4, (19,) * 4, (0,) * 4, (40, 40, 41, 42), (56, 60, 57, 58), (73, 68, 71, 70), (24,) * 4),
    ),
    "quartet": (
        ("haydn/*/*.mxl", "mozart/*/*.mxl", "beethoven/*/*.mxl"),
        (60, 168),
        ((40, 40, 41, 42), (48,) * 4, (73, 68, 71, 70), (0,) * 4),
    ),
    "dance": (
        ("oneills1850/*.abc", "ryansMammoth/*.abc"),
        (84, 184),
        ((40,), (73,), (21,), (72,), (24,), (0,), (105,), (65,)),
    ),
    "song": (
        ("essenFolksong/*.abc",),
        (66, 160),
        ((73,), (71,), (0,), (52,), (56,), (11,), (46,), (42,), (22,), (68,)),
    ),
}


@dataclass(frozen=True)
class Truth:
    """What is known of an excerpt; times in seconds from its first sample."""

    beats_s: Floats
    downbeats_s: Floats
    tempo_bpm: float
    meter: str
    key: Key | None
    chords: tuple[tuple[float, float, Chord | None], ...]
    sections: tuple[tuple[float, float, str], ...]
    notes: Floats  # [n, 3]: start, end, MIDI pitch; without drums
    families: frozenset[str]

    def stretched(self, factor: float, late_s: float) -> Truth:
        """The truth of the same music ``factor`` as long, ``late_s`` later."""

        def moved(spans: Sequence[tuple[float, float, object]]) -> tuple[tuple[float, float, object], ...]:
            return tuple((s * factor + late_s, e * factor + late_s, label) for s, e, label in spans)

        times = self.notes.copy()
        times[:, :2] = times[:, :2] * factor + late_s
        return replace(
            self,
            beats_s=self.beats_s * factor + late_s,
            downbeats_s=self.downbeats_s * factor + late_s,
            tempo_bpm=self.tempo_bpm / factor,
            chords=moved(self.chords),  # type: ignore[arg-type]
            sections=moved(self.sections),  # type: ignore[arg-type]
            notes=times,
        )


@dataclass(frozen=True)
class Piece:
    """A score and what is known of it."""

    name: str
    kind: str
    score: Score
    key: Key | None
    chords: tuple[tuple[float, float, Chord | None], ...]
    sections: tuple[tuple[float, float, str], ...] = ()


@dataclass(frozen=True)
class Excerpt:
    """A piece as sound: mono float32 ``[n]`` at :data:`RATE`, how it was worn, and its truth."""

    piece: Piece
    samples: NDArray[np.float32]
    truth: Truth
    wear: tuple[str, ...] = field(default=())


def composed(number: int, *, length_s: float = 30.0) -> Piece:
    """A piece of our own; tempo, key, meter and style are drawn by its number."""
    rng = random.Random(f"composed {number}")
    meter = rng.choice(("4/4", "4/4", "4/4", "3/4", "3/4", "6/8", "2/4"))
    key = Key(rng.randrange(12), rng.choice(("major", "minor")))
    fields = MusicFields(
        tempo_bpm=float(rng.randint(60, 176)) if meter != "6/8" else float(rng.randint(48, 120)),
        key=str(key),
        duration_s=length_s,
        meter=meter,
        genre=rng.choice(GENRES),
    )
    made = compose_score(read_wish(fields, None, None, None), number)
    seconds = made.score.seconds
    chords = tuple((seconds(s.start), seconds(s.end), s.chord) for s in made.spans)
    edges = [made.grid.bars[s.start].start for s in made.form.sections] + [made.grid.end]
    sections = tuple(
        (seconds(start), seconds(end), s.letter)
        for s, start, end in zip(made.form.sections, edges, edges[1:], strict=False)
    )
    return Piece(f"composed {number}", f"composed {fields.genre}", made.score, key, chords, sections)


def from_corpus(kind: str, part: Part, seed: int) -> Iterator[Piece]:
    """Pieces of a kind of music in the corpus without end, each at a tempo and for players of its own."""
    files, tempi, players = _KINDS[kind]
    rng = random.Random(f"{seed} {kind} {part}")
    while True:
        for make in _sources(files, rng):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                try:
                    source = make()
                except UserError:
                    continue
            name = f"{source.title} {len(source.score.tracks)} {source.score.end:.2f}"
            if (zlib.crc32(name.encode()) % 4 == 0) != (part == "test"):
                continue
            piece = _played(source, kind, rng.uniform(*tempi), rng.choice(players), rng)
            if piece is not None:
                yield piece


def _sources(patterns: tuple[str, ...], rng: random.Random) -> Iterator[Callable[[], Any]]:
    """Readers of corpus files in random order; of a file of many tunes four."""
    from music21 import converter

    from retrieval.piece import first_score, piece_of_music21, read_piece
    from retrieval.sources import corpus_folder

    def tune(text: str) -> Any:
        return piece_of_music21(first_score(converter.parse(text, format="abc")))

    files = sorted(p for pattern in patterns for p in corpus_folder().glob(pattern))
    rng.shuffle(files)
    for path in files:
        if path.suffix == ".abc":
            tunes = path.read_text(encoding="utf-8", errors="replace").replace("\r", "").split("\nX:")[1:]
            yield from (functools.partial(tune, "X:" + t) for t in rng.sample(tunes, min(4, len(tunes))))
        else:
            yield functools.partial(read_piece, path)


def _played(source: Any, kind: str, bpm: float, programs: tuple[int, ...], rng: random.Random) -> Piece | None:
    """A corpus piece from its first barline, transposed, with a tempo that drifts and players who are not machines."""
    starts: list[float] = source.bar_starts
    meter, original = source.meter, source.score
    if len(starts) < 8 or any(abs(b - a - meter.bar_quarters) > 1e-3 for a, b in itertools.pairwise(starts)):
        return None
    shift, loose = rng.randint(-5, 6), rng.choice((0.0, 0.004, 0.01))
    sounding = [t for t in original.tracks if t.notes]
    tracks = []
    for index, track in enumerate(sounding):
        notes = [
            Note(
                max(0.0, n.start - starts[0] + rng.gauss(0, loose)), max(n.duration * rng.uniform(0.8, 1.0), 0.05),
                min(max(n.pitch + shift, 12), 115), rng.randint(60, 105),
            )
            for n in track.notes if n.start >= starts[0] - 1e-6
        ]  # fmt: skip
        tracks.append(Track(track.name, programs[index % len(programs)], notes=sorted(notes, key=lambda n: n.start)))
    if not tracks or sum(len(t.notes) for t in tracks) < 16:
        return None
    bends, drift = np.arange(0.0, 400.0, 4.0), rng.choice((0.0, 0.0, 0.02, 0.05))
    pace = bpm * meter.beat_quarters
    tempi = [(float(q), pace * (1 + drift * float(np.sin(q / 9 + 1)))) for q in bends] if drift else [(0.0, pace)]
    score = Score(tracks, tempi, [(0.0, meter)])
    stated = source.marked_key
    key = None if stated is None else Key((stated.tonic + shift) % 12, stated.mode)
    found = rank_note_keys(notes_of(score))
    if kind in ("dance", "song") and (not found or key is None or found[0].key != key):
        key = None  # key signatures of tune books do not tell modes; only agreement counts as truth
    chords = tuple((score.seconds(r.start_q), score.seconds(r.end_q), r.chord) for r in chord_sequence(score))
    return Piece(str(source.title), kind, score, key, chords)


def played(piece: Piece, font: SoundFont, rng: random.Random, *, longest_s: float = 30.0, wear: float = 0.6) -> Excerpt:
    """The piece as a recording of at most ``longest_s``; ``wear`` is the chance of each kind of damage."""
    score = _cut(piece.score, longest_s)
    sound = synthesise_mix(score, font).mean(axis=1)
    from scipy import signal

    mono = signal.resample_poly(sound, 147, 320).astype(np.float32)  # 48 kHz to 22.05 kHz
    assert FONT_RATE * 147 == RATE * 320
    mono = mono[: int((min(score.seconds(score.end), longest_s) + 0.6) * RATE)]
    done: Worn = worn(mono / max(float(np.abs(mono).max()), 1e-6), RATE, rng, wear)
    truth = _truth(piece, score, longest_s).stretched(done.stretch, done.late_s)
    return Excerpt(piece, done.samples, truth, done.names)


def _cut(score: Score, longest_s: float) -> Score:
    """The score without the notes that begin after ``longest_s``."""
    end = score.quarters(longest_s)
    kept = score.copied()
    for track in kept.tracks:
        track.notes = [replace(n, duration=min(n.duration, end - n.start)) for n in track.notes if n.start < end - 0.05]
    kept.tracks = [t for t in kept.tracks if t.notes]
    return kept


def _truth(piece: Piece, score: Score, longest_s: float) -> Truth:
    notes = notes_of(score)
    pitched = notes.pitched
    last = float(notes.end_s.max())
    beats, bars = (seconds_at(score, edges(score)) for edges in (beat_edges, bar_edges))
    beats, bars = (times[times < min(last, longest_s) - 1e-3] for times in (beats, bars))
    return Truth(
        beats, bars, 60.0 / float(np.median(np.diff(beats))) if len(beats) > 1 else 0.0, str(score.meters[0][1]),
        piece.key, tuple((s, min(e, last), c) for s, e, c in piece.chords if s < last),
        tuple((s, min(e, last), c) for s, e, c in piece.sections if s < last),
        np.stack([pitched.start_s, pitched.end_s, pitched.pitch.astype(float)], axis=1),
        frozenset(instrument_of_program(t.program, t.is_drum).family for t in score.tracks if t.notes),
    )  # fmt: skip


def soundfonts() -> list[Path | None]:
    """The shipped SoundFont (None) and those that Debian's packages installed."""
    folder = Path("/usr/share/sounds/sf2")
    return [None, *sorted(p for p in folder.glob("*.sf2") if not p.is_symlink())] if folder.is_dir() else [None]
