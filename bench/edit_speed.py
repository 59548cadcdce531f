"""Speed of the editors on a score of 10,000 notes, and of reading MIDI beside music21's converter.

An edit is timed from the loaded score to the written file, load left out; processor time, best of three.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from agent.store import Store
from bench._steps import Context
from tools import get_tool
from tools.edit import _desk
from tools.kit.score import Note, Score, Track, read_midi, write_midi
from tools.kit.score.note_table import read_table

EDITS: dict[str, dict[str, Any]] = {
    "transpose": {"semitones": 3},
    "change_tempo": {"factor": 1.2},
    "change_meter": {"meter": "3/4"},
    "change_instrument": {"instrument": "flute", "tracks": ["Part 1"]},
    "quantize": {"grid": "1/16"},
    "humanize": {"strength": 0.5},
    "set_dynamics": {"level": 0.7},
    "crop_bars": {"from_bar": 10, "to_bar": 60},
    "repeat_bars": {"from_bar": 10, "to_bar": 12},
    "split_tracks": {"by": "pitch"},
    "fix_ranges": {},
}


def big_score(notes: int, seed: int) -> Score:
    """Eight parts of so many notes in all, a little off the grid."""
    rng = random.Random(seed)
    tracks = [
        Track(
            f"Part {part + 1}",
            part * 8,
            notes=[
                Note(i / 4 + rng.random() / 50, 0.25, rng.randint(45, 80), rng.randint(40, 110))
                for i in range(notes // 8)
            ],
        )
        for part in range(8)
    ]
    return Score(tracks)


def edits(notes: int, seed: int) -> list[tuple[str, float]]:
    """Milliseconds of each edit after load."""
    found: list[tuple[str, float]] = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "big.mid"
        write_midi(big_score(notes, seed), path)
        store = Store(Path(folder) / "run")
        attached = store.attach(path)
        loaded, load = read_midi(path), _desk.load
        source = _desk.Source(loaded, attached)
        _desk.load = lambda ref, ctx: source
        try:
            for name, args in EDITS.items():
                context = Context(store, store.work_dir(name), seed)
                found.append((name, _best(lambda name=name, args=args, at=context: get_tool(name)(  # type: ignore[misc]
                    {"music": attached.id, **args}, at))))  # fmt: skip
        finally:
            _desk.load = load
    return found


def _best(call: Callable[[], Any]) -> float:
    times = []
    for _ in range(3):
        started = time.process_time()
        call()
        times.append(time.process_time() - started)
    return min(times) * 1000


def loading(n: int, seed: int) -> tuple[float, float, float, int]:
    """Seconds for reading ``n`` files to analyse and to edit, for music21 (from at most 10), and their notes."""
    from music21 import converter

    rng = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings(action="ignore"):
        paths = [Path(folder) / f"{number}.mid" for number in range(n)]
        for number, path in enumerate(paths):
            write_midi(big_score(rng.choice((400, 800, 1600)), seed + number), path)
        started = time.process_time()
        notes = sum(len(read_table(p)) for p in paths)
        analysed = time.process_time() - started
        started = time.process_time()
        for path in paths:
            read_midi(path)
        edited = time.process_time() - started
        sample = rng.sample(paths, min(10, n))
        started = time.process_time()
        for path in sample:
            converter.parse(path, forceSource=True)
        theirs = (time.process_time() - started) * n / len(sample)
    return analysed, edited, theirs, notes


def run(n: int = 1000, seed: int = 0) -> str:
    """Every edit on 10,000 notes, and ``n`` files read; a Markdown report."""
    rows = [f"| {name} | {ms:.0f} |" for name, ms in edits(10_000, seed)]
    analysed, edited, theirs, notes = loading(n, seed)
    return "\n".join(
        [
            "# Edits of 10,000 notes after load, ms of processor time",
            "",
            "| tool | ms |",
            "|---|---|",
            *rows,
            "",
            f"# Reading {n} MIDI files, {notes} notes, seconds of processor time",
            "",
            "| music21 (from 10 files) | notes to analyse | times as fast | a score to edit | times as fast |",
            "|---|---|---|---|---|",
            f"| {theirs:.1f} | {analysed:.2f} | {theirs / analysed:.0f} | {edited:.2f} | {theirs / edited:.0f} |",
            "",
        ]
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    print(run(chosen.n, chosen.seed))
