"""Whether the asked valence and arousal are in the music: a grid of 5 x 5 affects, several seeds each.

Each piece is composed from valence, arousal and a length alone, rendered, and measured on its files
(:mod:`bench._emotion_measures`); rank correlations with the target follow. A judge that took no part, vibenet's model
of energy and valence (GPL-3, in an environment of its own: the interpreter named by ``VIBENET_PYTHON`` or one made
with pip), hears the rendered files.
"""

from __future__ import annotations

import argparse
import itertools
import json
import subprocess
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np

from agent.store import Store
from bench._emotion_measures import TIED, measure
from bench._environment import interpreter
from bench._fidelity_piece import Piece
from bench._steps import made
from tools.errors import UserError

LEVELS = (-1.0, -0.5, 0.0, 0.5, 1.0)
LENGTH_S = 30.0
REQUIRED = 0.8
PROCESSES = 2
VIBENET = ("vibenet==0.1.0", "setuptools<80")
_JUDGE = """
import json, sys
from vibenet import load_model
model = load_model()
for path in json.load(sys.stdin):
    heard = model.predict(path)[0]
    print(json.dumps([heard.valence, heard.energy]), flush=True)
"""

Rows = list[dict[str, float]]


def run(n: int = 10, seed: int = 0) -> str:
    """Compose the grid with ``n`` seeds a cell; a Markdown report of rank correlations with the target."""
    started = time.perf_counter()
    cells = list(itertools.product(LEVELS, LEVELS, range(seed, seed + n)))
    with tempfile.TemporaryDirectory() as folder:
        jobs = [(Path(folder) / str(number), *cell) for number, cell in enumerate(cells)]
        with ProcessPoolExecutor(PROCESSES) as pool:
            rows = list(pool.map(one, jobs, chunksize=2))
        heard = judged([path for _, path in rows])
    measured: Rows = [
        own | {"judge's valence": valence, "judge's energy": energy}
        for (own, _), (valence, energy) in zip(rows, heard, strict=True)
    ]
    return report(measured, cells, time.perf_counter() - started)


def one(job: tuple[Path, float, float, int]) -> tuple[dict[str, float], Path]:
    """Attributes of the piece of one cell and seed, and where its sound lies."""
    folder, valence, arousal, seed = job
    from tools.kit import loudness, synth
    from tools.kit.score import read_midi

    folder.mkdir(parents=True)
    store = Store(folder)
    wish = {"valence": valence, "arousal": arousal, "duration_s": LENGTH_S}
    midi = made("compose", wish, store, seed)
    audio = made("render_audio", {"music": midi.id, "brief": wish, "soundfont": "shipped"}, store, seed)
    played = synth.synthesise_mix(read_midi(midi.file), synth.load_soundfont())
    return measure(Piece(midi.file), loudness.integrated_lufs(played, synth.RATE)), audio.file


def judged(paths: list[Path]) -> list[tuple[float, float]]:
    """Valence and energy, 0 to 1, that the judge hears in each file."""
    python = interpreter("vibenet-0.1.0", VIBENET, "VIBENET_PYTHON")
    asked = json.dumps([str(p) for p in paths])
    done = subprocess.run([python, "-c", _JUDGE], input=asked, capture_output=True, text=True, check=False)
    if done.returncode:
        raise UserError(
            f"vibenet failed: {done.stderr.strip().splitlines()[-1]}; set VIBENET_PYTHON to one that works."
        )
    return [(float(v), float(e)) for v, e in map(json.loads, done.stdout.splitlines())]


def report(measured: Rows, cells: list[tuple[float, float, int]], seconds: float) -> str:
    """Spearman's rank correlation of every measure with both axes, the required one marked, and means by level."""
    axes = {"valence": np.array([c[0] for c in cells]), "arousal": np.array([c[1] for c in cells])}
    ties = TIED | {"judge's valence": ("valence", "uninvolved"), "judge's energy": ("arousal", "uninvolved")}
    lines = [
        f"# Emotion control: {len(cells)} pieces of {LENGTH_S:g} s, {time.strftime('%Y-%m-%d')}, {seconds:.0f} s",
        "",
        "| measured | tied to | rank correlation with it | required | with the other axis | means from -1 to 1 |",
        "|---|---|---|---|---|---|",
    ]
    for name, (axis, how) in ties.items():
        values = np.array([row[name] for row in measured])
        other = next(a for a in axes if a != axis)
        own = _rank(values, axes[axis])
        needed = 0.0 if name.startswith("judge") else REQUIRED
        mark = "" if own > needed or own == needed > 0 else " (below)"
        means = ", ".join(f"{values[axes[axis] == level].mean():.3g}" for level in LEVELS)
        lines.append(
            f"| {name} ({how}) | {axis} | {own:.2f}{mark} | {f'{needed:g}' if needed else 'above 0'} "
            f"| {_rank(values, axes[other]):+.2f} | {means} |"
        )
    return "\n".join([*lines, ""])


def _rank(values: np.ndarray, target: np.ndarray) -> float:
    from scipy import stats

    return float(stats.spearmanr(values, target).statistic)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    print(run(chosen.n, chosen.seed))
