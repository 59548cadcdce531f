"""Speed and memory of composing and rendering, beside FluidSynth playing the same file with the same SoundFont.

A piece of eight tracks is composed and rendered by the tools themselves, each in a fresh process whose peak memory is
read from the system, at lengths from one to ten minutes: the slope of time over length, both logarithmic, is 1 where
cost grows linearly. Times are processor seconds of one process where nothing else is said, so that other work on the
machine does not count; FluidSynth (where it is on the path) is timed the same way.
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from agent.store import Store
from bench._steps import made

LENGTHS_S = (60, 180, 300, 600)
MAIN_S = 180
TRACKS = ("violin", "viola", "cello", "flute", "french horn", "piano", "strings", "drums")
GENRES = ("film", "classical", "pop", "epic", "jazz")
LONGEST_COMPOSING_S, LEAST_SPEED, MOST_MIB, STEEPEST = 2.0, 40.0, 500.0, 1.15


def run(n: int = 3, seed: int = 0) -> str:
    """Measure ``n`` genres at every length; a Markdown report with the medians and the worst."""
    rows = [(genre, length, _fresh(genre, length, seed)) for genre in GENRES[:n] for length in LENGTHS_S]
    return report(rows)


def _fresh(genre: str, length_s: int, seed: int) -> dict[str, float]:
    """One piece in a process of its own."""
    command = [sys.executable, "-m", "bench.render", "--one", genre, "--length", str(length_s), "--seed", str(seed)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def one(genre: str, length_s: int, seed: int) -> dict[str, float]:
    """Processor and wall seconds of composing and rendering, of FluidSynth, notes, and peak memory in MiB."""
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder))
        wish = {"genre": genre, "duration_s": float(length_s), "instruments": list(TRACKS)}
        made("compose", wish | {"duration_s": 10.0}, store, seed)  # imports and tables, once a process
        cpu, midi_wall = time.process_time(), time.perf_counter()
        midi = made("compose", wish, store, seed)
        composing, composing_wall = time.process_time() - cpu, time.perf_counter() - midi_wall
        cpu, wall = time.process_time(), time.perf_counter()
        made("render_audio", {"music": midi.id, "soundfont": "shipped"}, store, seed)
        rendering, rendering_wall = time.process_time() - cpu, time.perf_counter() - wall
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        playing, playing_wall = _synthesis(midi.file)
        fluid, fluid_wall = _fluidsynth(midi.file, Path(folder))
    return {
        "composing": composing,
        "composing_wall": composing_wall,
        "rendering": rendering,
        "rendering_wall": rendering_wall,
        "playing": playing,
        "playing_wall": playing_wall,
        "fluidsynth": fluid,
        "fluidsynth_wall": fluid_wall,
        "peak_mib": peak,
    }


def _synthesis(midi: Path) -> tuple[float, float]:
    """Processor and wall seconds of the synthesizer alone, without loudness and file."""
    from tools.kit import synth
    from tools.kit.score import read_midi

    cpu, wall = time.process_time(), time.perf_counter()
    synth.synthesise_mix(read_midi(midi), synth.load_soundfont(shipped()))
    return time.process_time() - cpu, time.perf_counter() - wall


def shipped() -> Path:
    """The SoundFont in the pretty_midi package, which both sides play."""
    spec = find_spec("pretty_midi")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "TimGM6mb.sf2"


def _fluidsynth(midi: Path, folder: Path) -> tuple[float, float]:
    """The same of the fluidsynth program at its defaults and 48 kHz; NaN where it is not installed."""
    program = shutil.which("fluidsynth")
    if program is None:
        return float("nan"), float("nan")
    command = [program, "-ni", "-q", "-F", str(folder / "fluid.wav"), "-r", "48000", str(shipped()), str(midi)]
    before, wall = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, capture_output=True, check=True, timeout=300)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return spent, time.perf_counter() - wall


def report(rows: list[tuple[str, int, dict[str, float]]]) -> str:
    """The table, and whether each demand is met."""
    lines = [
        f"# Composing and rendering eight tracks, {time.strftime('%Y-%m-%d')}",
        "",
        "| genre | music s | compose s | render s (wall) | x real time (wall) | synthesis alone s | FluidSynth s "
        "| synthesis against FluidSynth | peak MiB |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for genre, length, r in rows:
        lines.append(
            f"| {genre} | {length} | {r['composing']:.2f} | {r['rendering']:.2f} ({r['rendering_wall']:.2f}) "
            f"| {length / r['rendering']:.0f} ({length / r['rendering_wall']:.0f}) | {r['playing']:.2f} "
            f"| {r['fluidsynth']:.2f} | {r['fluidsynth'] / r['playing']:.2f} x as fast | {r['peak_mib']:.0f} |"
        )
    main = [r for _, length, r in rows if length == MAIN_S]
    verdicts = (
        ("slowest composing of 3 minutes, s", max(r["composing"] for r in main), LONGEST_COMPOSING_S, False),
        ("slowest rendering of 3 minutes, x real time", MAIN_S / max(r["rendering"] for r in main), LEAST_SPEED, True),
        ("highest memory at 3 minutes, MiB", max(r["peak_mib"] for r in main), MOST_MIB, False),
        ("slope of composing time over length", _slope(rows, "composing"), STEEPEST, False),
        ("slope of rendering time over length", _slope(rows, "rendering"), STEEPEST, False),
    )
    lines += ["", "| demand | measured | limit | met |", "|---|---|---|---|"]
    for name, value, limit, least in verdicts:
        met = value >= limit if least else value <= limit
        lines.append(f"| {name} | {value:.2f} | {'at least' if least else 'at most'} {limit:g} | {_said(met)} |")
    return "\n".join([*lines, ""])


def _said(met: bool) -> str:
    return "yes" if met else "no"


def _slope(rows: list[tuple[str, int, dict[str, float]]], name: str) -> float:
    """Median over the genres of the slope of log time over log length."""
    slopes = []
    for genre in dict.fromkeys(g for g, _, _ in rows):
        own = [(length, r[name]) for g, length, r in rows if g == genre]
        slopes.append(float(np.polyfit(np.log([o[0] for o in own]), np.log([o[1] for o in own]), 1)[0]))
    return float(np.median(slopes))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=3)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--one", help="measure one genre in this process and print JSON")
    parser.add_argument("--length", type=int, default=MAIN_S)
    chosen = parser.parse_args()
    print(json.dumps(one(chosen.one, chosen.length, chosen.seed)) if chosen.one else run(chosen.n, chosen.seed))
