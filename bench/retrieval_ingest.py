"""How fast one's own music becomes a library: MIDI files a minute, and recordings as multiples of real time.

Scores and recordings are made on the spot: melodies with chords of 32 bars for four players, and a minute and a half
of rendered music, copied under other names with other beginnings so that none is a duplicate.
"""

from __future__ import annotations

import os
import resource
import tempfile
import time
from pathlib import Path

import numpy as np

from retrieval.add import add_folder
from retrieval.shelf import Shelf
from tools.kit.audio import write_flac
from tools.kit.score import Note, Score, Track, write_midi

SECONDS, RATE = 90.0, 44_100
_SCALE = (0, 2, 4, 5, 7, 9, 11, 12)


def run(n: int = 400) -> str:
    """The report; ``n`` MIDI files, and a twentieth as many recordings."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        scores, sounds = folder / "scores", folder / "sounds"
        scores.mkdir()
        sounds.mkdir()
        for seed in range(n):
            write_midi(_score(seed), scores / f"{seed}.mid")
        recordings = max(4, n // 20)
        for seed in range(recordings):
            write_flac(sounds / f"{seed}.flac", _sound(seed), RATE)
        midi_s, midi_cpu = _timed(folder / "a.sqlite3", scores, n)
        audio_s, audio_cpu = _timed(folder / "b.sqlite3", sounds, recordings)
    cores = os.cpu_count() or 1
    length = recordings * SECONDS
    return (
        f"{n} MIDI files of 32 bars, four players: {midi_s:.1f} s on {cores} cores ({60 * n / midi_s:.0f} a minute), "
        f"{midi_cpu:.1f} s of processor time ({60 * n * cores / midi_cpu:.0f} a minute were the cores free). "
        f"{recordings} recordings of {SECONDS:.0f} s: {audio_s:.1f} s ({length / audio_s / cores:.0f} x real time a "
        f"core), {audio_cpu:.1f} s of processor time ({length / audio_cpu:.0f} x real time a core were they free)."
    )


def _timed(file: Path, folder: Path, count: int) -> tuple[float, float]:
    """Seconds by the clock and of processor time, that of the readers and of this process."""
    shelf = Shelf(file)
    started, used = time.perf_counter(), _processor_s()
    report = add_folder(shelf, folder, lambda share, message: None)
    seconds, processor = time.perf_counter() - started, _processor_s() - used
    shelf.close()
    assert report.added == count, report
    return seconds, processor


def _processor_s() -> float:
    usages = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def _score(seed: int) -> Score:
    rng = np.random.default_rng(seed)
    line = [Note(i * 0.5, 0.5, int(67 + p), 84) for i, p in enumerate(rng.choice(_SCALE, 256))]
    roots = rng.choice((0, 5, 7, 9), 32)
    chords = [Note(4.0 * bar, 4.0, int(48 + r + p), 64) for bar, r in enumerate(roots) for p in (0, 4, 7)]
    bass = [Note(2.0 * i, 2.0, int(36 + roots[i // 2]), 72) for i in range(64)]
    drums = [Note(1.0 * i, 0.25, 36 if i % 2 == 0 else 38, 80) for i in range(128)]
    players = (("line", 40, line), ("chords", 0, chords), ("bass", 32, bass))
    tracks = [Track(name, program, notes=notes) for name, program, notes in players]
    return Score(tracks=[*tracks, Track("drums", 0, is_drum=True, notes=drums)], tempi=[(0.0, float(90 + seed % 60))])


def _sound(seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    t = np.arange(int(SECONDS * RATE)) / RATE
    beat = (t * (1.5 + 0.1 * (seed % 10))).astype(int)
    pitches = 220 * 2 ** (rng.choice(_SCALE, beat.max() + 1)[beat] / 12)
    sound = 0.3 * np.sin(2 * np.pi * pitches * t) * np.exp(-5 * ((t * 2) % 1)) + 0.05 * rng.normal(size=len(t))
    return np.asarray(sound.astype(np.float32)[:, None])
