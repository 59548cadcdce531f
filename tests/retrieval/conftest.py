"""Small music of one's own: scores, a tune book and recordings, made on the spot."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tools.kit.audio import write_flac
from tools.kit.score import Note, Score, Track, write_midi

TUNE = "X:{n}\nT:{title}\nC:Ana Lima\nR:waltz\nM:3/4\nL:1/4\nQ:1/4=120\nK:Dm\n{notes}|]\n"
BARS = ["D E F|A G F|E D C|D3|F G A|d c A|G F E|D3", "A A B|c B A|G A B|A3|E E F|G F E|D C B,|A,3"]


def tune_midi(path: Path, seed: int, shift: int = 0, bpm: float = 96.0) -> Path:
    """A line of 48 notes that its seed decides."""
    steps = np.random.default_rng(seed).choice([0, 2, 4, 5, 7, 9, 11, 12], 48)
    notes = [Note(i * 0.5, 0.5, int(60 + shift + p), 80) for i, p in enumerate(steps)]
    write_midi(Score(tracks=[Track("line", 40, notes=notes)], tempi=[(0.0, bpm)]), path)
    return path


def tone(path: Path, seconds: float = 6.0, rate: int = 22050) -> Path:
    """A recording of decaying notes."""
    n = int(seconds * rate)
    t = np.arange(n) / rate
    notes = 220 * 2 ** (np.array([0, 4, 7, 12, 7, 4])[(t * 2).astype(int) % 6] / 12)
    sound = 0.4 * np.sin(2 * np.pi * notes * t) * np.exp(-4 * (t * 2 % 1))
    write_flac(path, sound.astype(np.float32)[:, None], rate)
    return path


@pytest.fixture(name="tune_midi")
def _tune_midi() -> Callable[..., Path]:
    return tune_midi


@pytest.fixture(name="tone")
def _tone() -> Callable[..., Path]:
    return tone


@pytest.fixture
def music(tmp_path: Path) -> Path:
    """A folder with two scores, a tune book of two, a recording and a broken file."""
    folder = tmp_path / "music"
    folder.mkdir()
    tune_midi(folder / "one.mid", 1)
    tune_midi(folder / "二.mid", 2)
    (folder / "book.abc").write_text(
        "\n".join(TUNE.format(n=n, title=f"Tune {n}", notes=bars) for n, bars in enumerate(BARS, start=1))
    )
    tone(folder / "three.flac")
    (folder / "broken.mid").write_bytes(b"MThd\0\0")
    return folder


@pytest.fixture
def quiet() -> Callable[[float, str], None]:
    """Progress that nobody watches."""
    return lambda share, message: None
