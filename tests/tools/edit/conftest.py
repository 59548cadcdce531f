"""Real scores from music21's corpus as small MIDI files, and one with everything a locality test must not lose."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tools.kit.score import Bend, Control, Note, Score, Track, read_midi, write_midi
from tools.kit.theory.meter import Meter
from tools.kit.theory.pitch import Key


@pytest.fixture(scope="session")
def chorale(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Bach, BWV 66.6, four voices, 9 bars in F# minor, as music21 writes it (10,080 ticks a quarter)."""
    from music21 import corpus

    path = tmp_path_factory.mktemp("scores") / "chorale.mid"
    corpus.parse("bwv66.6").write("midi", fp=path)
    return path


@pytest.fixture(scope="session")
def rag(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Joplin, Maple Leaf Rag, two staves of one piano, as MusicXML in the corpus."""
    from music21 import corpus

    path = tmp_path_factory.mktemp("scores") / "rag.mid"
    corpus.parse("joplin/maple_leaf_rag").write("midi", fp=path)
    return path


@pytest.fixture(scope="session")
def band(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sixteen bars for flute, piano, cello and drums with tempo, meter and key changes, pedal, swells and bends.

    Pitches are repeated and overlap on purpose: that is where MIDI forgets which note a note-off ends.
    """
    import numpy as np

    rng = np.random.default_rng(7)
    path = tmp_path_factory.mktemp("scores") / "band.mid"
    write_midi(
        Score(
            tracks=[
                Track(
                    "Flute", 73, notes=_line(rng, 72, 84, 0.5), controls=[Control(i / 4, 11, 60 + i) for i in range(60)]
                ),
                Track("Piano", 0, notes=_chords(rng), controls=[Control(i, 64, 127 * (i % 2)) for i in range(60)]),
                Track("Cello", 42, notes=_line(rng, 40, 48, 1.5), bends=[Bend(i / 2, 100 * i) for i in range(60)]),
                Track(
                    "Drums", 0, is_drum=True, notes=[Note(i / 2, 0.1, 36 if i % 4 == 0 else 42, 90) for i in range(116)]
                ),
            ],
            tempi=[(0.0, 100.0), (16.0, 132.0), (20.5, 90.0), (40.0, 120.0)],
            meters=[(0.0, Meter(4, 4)), (24.0, Meter(3, 4)), (42.0, Meter(4, 4))],
            keys=[(0.0, Key.parse("C major")), (24.0, Key.parse("A minor"))],
            markers=[(0.0, "A"), (24.0, "B")],
            ticks_per_quarter=384,
        ),
        path,
    )
    return path


@pytest.fixture(scope="session")
def clash(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve bars of long notes on few pitches a fourth apart: what is moved meets what is held everywhere."""
    import numpy as np

    rng = np.random.default_rng(3)
    path = tmp_path_factory.mktemp("scores") / "clash.mid"
    pitches = [49, 54, 60, 65, 70, 71]
    tracks = [Track("Conductor")] + [
        Track(
            name,
            program,
            notes=[
                Note(s, float(rng.uniform(0.5, 7)), int(rng.choice(pitches)), int(rng.integers(30, 110)))
                for s in np_range(46.0, 0.5)
            ],
        )
        for name, program in (("Pad", 89), ("Organ", 19))
    ]
    write_midi(Score(tracks), path)
    return path


def _line(rng, low: int, high: int, step: float) -> list[Note]:
    starts = np_range(58.0, step)
    return [
        Note(s, step * float(rng.uniform(0.4, 2.6)), int(rng.integers(low, high)), int(rng.integers(40, 110)))
        for s in starts
    ]


def _chords(rng) -> list[Note]:
    return [
        Note(s, float(rng.uniform(0.3, 2.5)), root + step, int(rng.integers(40, 110)))
        for s in np_range(58.0, 1.0)
        for root in (int(rng.integers(45, 60)),)
        for step in (0, 4, 7, 12)
    ]


def np_range(end: float, step: float) -> list[float]:
    """Starts from 0 to ``end``, ``step`` apart."""
    return [i * step for i in range(int(end / step))]


@pytest.fixture
def edit(call_tool) -> Callable[..., tuple[Score, Score, object]]:
    """``before, after, call = edit("transpose", path, semitones=2)``."""

    def run(name: str, path: Path, seed: int = 0, **args: object) -> tuple[Score, Score, object]:
        call = call_tool(name, {"music": "a1", **args}, attach=[path], seed=seed)
        return read_midi(path), read_midi(call.file("midi")), call

    return run
