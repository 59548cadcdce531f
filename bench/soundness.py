"""Whether every piece is sound: no note stuck, empty, beyond its bars or out of its instrument's range, no clipping.

A piece of every genre from several seeds, half of them with instruments drawn at random, is composed twice and rendered
once. The MIDI file is read message by message by mido; the rendering is measured by pyloudnorm and by oversampling
here. Instruments' compasses are those of the program's own table.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from agent.store import Store
from bench._briefs import PLAYERS
from bench._steps import made
from tools.compose.engine.style import styles

FAULTS = (
    "stuck note",
    "zero-length note",
    "note out of its instrument's range",
    "note beyond the last bar",
    "other bytes from the same seed",
    "true peak above -1 dBTP",
    "loudness off -14 LUFS by more than 0.5",
)
PROCESSES = 2


def run(n: int = 3, seed: int = 0) -> str:
    """``n`` pieces of every genre; a Markdown table of faults."""
    started = time.perf_counter()
    jobs = [(genre, number) for genre in sorted(styles()) for number in range(seed, seed + n)]
    with ProcessPoolExecutor(PROCESSES) as pool:
        found = list(pool.map(faults, jobs, chunksize=2))
    counts = Counter(fault for _, some in found for fault in some)
    lines = [
        f"# Soundness of {len(jobs)} pieces of {len(styles())} genres, {time.strftime('%Y-%m-%d')}",
        "",
        "| fault | pieces | in |",
        "|---|---|---|",
    ]
    for fault in FAULTS:
        where = [f"{genre} {number}" for (genre, number), (_, some) in zip(jobs, found, strict=True) if fault in some]
        lines.append(f"| {fault} | {counts[fault]} | {', '.join(where[:8])} |")
    told = sum(softer for softer, _ in found)
    lines += ["", f"Left softer than -14 LUFS, and said so, to spare the peaks: {told}."]
    return "\n".join([*lines, f"{time.perf_counter() - started:.0f} s", ""])


def faults(job: tuple[str, int]) -> tuple[bool, set[str]]:
    """Whether the render said that it stays under its loudness, and the faults of one piece."""
    genre, number = job
    rng = random.Random(f"{genre} {number}")
    wish: dict[str, Any] = {"genre": genre, "duration_s": round(rng.uniform(12, 45), 1)}
    if number % 2:
        names = [p for p in sorted(PLAYERS) if p != "drums"]
        wish["instruments"] = [*rng.sample(names, rng.randint(1, 4)), *rng.sample(["drums"], rng.randint(0, 1))]
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder))
        midi = made("compose", wish, store, number)
        again = made("compose", wish, store, number)
        audio = made("render_audio", {"music": midi.id, "soundfont": "shipped"}, store, number)
        found = note_faults(midi.file, int(midi.facts["bars"]))
        if midi.sha256 != again.sha256:
            found.add(FAULTS[4])
        peak, lufs = levels(audio.file)
        if peak > -1.0 + 0.01:
            found.add(FAULTS[5])
        softer = float(audio.facts["loudness_lufs"]) < -14.1
        if abs(lufs + 14) > 0.5 and not softer:
            found.add(FAULTS[6])
    return softer, found


def note_faults(path: Path, bars: int) -> set[str]:
    """Faults of the notes of a MIDI file whose piece has so many bars."""
    import mido

    from tools.kit.theory.instruments import instrument_of_program

    file = mido.MidiFile(path)
    found: set[str] = set()
    end = _end_of(file, bars)
    for track in file.tracks:
        now, program, open_notes = 0, 0, {}
        for message in track:
            now += message.time
            if message.type == "program_change":
                program = message.program
            if message.type not in ("note_on", "note_off"):
                continue
            place = (message.channel, message.note)
            if message.type == "note_on" and message.velocity > 0:
                kind = instrument_of_program(program, is_drum=message.channel == 9)
                if message.channel != 9 and not kind.low <= message.note <= kind.high:
                    found.add(FAULTS[2])
                open_notes[place] = now
            elif place in open_notes and now <= open_notes.pop(place):
                found.add(FAULTS[1])
            if now > end + 1:
                found.add(FAULTS[3])
        if open_notes:
            found.add(FAULTS[0])
    return found


def _end_of(file: Any, bars: int) -> float:
    """The tick at which the last bar ends, by the time signatures."""
    import mido

    now, left, changes = 0, float(bars), []
    for message in mido.merge_tracks(file.tracks):
        now += message.time
        if message.type == "time_signature":
            changes.append((now, file.ticks_per_beat * 4 * message.numerator / message.denominator))
    for (start, size), (stop, _) in zip(changes, [*changes[1:], (float("inf"), 0.0)], strict=True):
        inside = (stop - start) / size
        if inside >= left:
            return float(start + left * size)
        left -= inside
    return float(now)


def levels(path: Path) -> tuple[float, float]:
    """True peak in dBTP by fourfold oversampling, and integrated loudness in LUFS."""
    import pyloudnorm
    import soundfile
    from scipy import signal

    samples, rate = soundfile.read(path, always_2d=True)
    fine = signal.resample_poly(samples, 4, 1, axis=0)
    return float(20 * np.log10(np.abs(fine).max())), float(pyloudnorm.Meter(rate).integrated_loudness(samples))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=3)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    print(run(chosen.n, chosen.seed))
