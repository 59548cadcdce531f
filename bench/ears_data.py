"""What the ears are trained on: features and targets of music with known truth, one file an excerpt.

``python -m bench.ears_data FOLDER --n 800`` writes ``FOLDER/00000.npz`` and on; ``bench.ears_train`` reads them.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench._heard import Excerpt, Piece, composed, from_corpus, played, soundfonts
from tools.backends.ears import (
    FAMILIES,
    HARMONY_RATE,
    PULSE_RATE,
    harmony_features,
    pulse_features,
)
from tools.kit.analysis.key import rank_note_keys
from tools.kit.analysis.notes import notes_of
from tools.kit.synth import load_soundfont
from tools.kit.theory.chord import Chord

_CLEAR_KEY = 0.05  # lead of the best key at which notes alone tell it
_LINES = ("dance", "song")  # a tune alone states no chords


def pieces(n: int, seed: int) -> Iterator[Piece]:
    """Pieces to train on: half composed (even numbers), half from the corpus in turn."""
    kinds = [from_corpus(k, "train", seed) for k in ("chorale", "quartet", "dance", "chorale", "quartet", "song")]
    for number in range(n):
        yield composed(2 * (seed * 100_000 + number)) if number % 2 else next(kinds[number // 2 % len(kinds)])


def targets(excerpt: Excerpt, frames: int, slow_frames: int) -> dict[str, NDArray[np.generic]]:
    """Beat and downbeat ``[frames, 2]``, chord (-1 unsaid) ``[slow_frames]``, key (-1 unsaid), families ``[12]``."""
    truth, pulse = excerpt.truth, np.zeros((frames, 2), np.float32)
    for column, times in enumerate((truth.beats_s, truth.downbeats_s)):
        for offset, height in ((0, 1.0), (-1, 0.5), (1, 0.5)):
            at = np.round(times * PULSE_RATE).astype(int) + offset
            at = at[(at >= 0) & (at < frames)]
            pulse[at, column] = np.maximum(pulse[at, column], height)
    chords = np.full(slow_frames, -1, np.int64)
    moments = np.arange(slow_frames) / HARMONY_RATE
    if excerpt.piece.kind not in _LINES:
        for start, end, chord in truth.chords:
            chords[(moments >= start) & (moments < end)] = class_of(chord)
    return {
        "pulse": pulse,
        "chords": chords,
        "key": np.array(_key(excerpt)),
        "players": np.array([f in truth.families for f in FAMILIES], np.float32),
    }


def class_of(chord: Chord | None) -> int:
    """0 to 11 major, 12 to 23 minor by their third, 24 none, -1 what has neither third and fifth."""
    if chord is None:
        return 24
    third = 4 in chord.intervals, 3 in chord.intervals
    if 7 not in chord.intervals or third[0] == third[1]:
        return -1
    return chord.root + (0 if third[0] else 12)


def _key(excerpt: Excerpt) -> int:
    """The key as 0 to 11 major, 12 to 23 minor; where none is stated that of the notes, if clear; else -1."""
    key, found = excerpt.piece.key, rank_note_keys(notes_of(excerpt.piece.score))
    if key is None and len(found) > 1 and found[0].score > found[1].score + _CLEAR_KEY:
        key = found[0].key
    if key is None or key.mode not in ("major", "minor"):
        return -1
    return key.tonic + 12 * key.is_minor


def main(folder: Path, n: int, seed: int) -> None:
    """Write ``n`` excerpts."""
    folder.mkdir(parents=True, exist_ok=True)
    fonts, rng = [load_soundfont(path) for path in soundfonts()], random.Random(seed)
    for number, piece in enumerate(pieces(n, seed)):
        path = folder / f"{seed:02d}{number:05d}.npz"
        font, own = rng.choice(fonts), random.Random(rng.getrandbits(32))
        if path.exists():
            continue
        excerpt = played(piece, font, own)
        fast, slow = pulse_features(excerpt.samples), harmony_features(excerpt.samples)
        made = targets(excerpt, len(fast), len(slow))
        np.savez(path, fast=fast.astype(np.float16), slow=slow.astype(np.float16), **made)  # type: ignore[arg-type]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--n", type=int, default=800)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    main(chosen.folder, chosen.n, chosen.seed)
