"""How much faster the metrics of one piece are than MusPy's functions, on the same files in the same run.

MusPy runs in an environment of its own, in a process of its own: the interpreter named by ``MUSPY_PYTHON``, or one
made once under the cache folder with pip. Both sides time the twelve metrics that they share, each file on its own,
and keep the best of the repetitions: from music in memory (MusPy's objects already on the grid; ours laid on it within
the time, from the notes as arrays and from a score's objects), and from the file.
"""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from bench._environment import interpreter
from tools.errors import UserError

MEDIA = Path(__file__).parents[1] / "tests" / "goldens" / "metrics" / "media"
MUSPY = ("muspy==0.5.0", "setuptools<80")
RESOLUTION, REPEATS = 4, 5
SHARED = (
    "n_pitches_used",
    "n_pitch_classes_used",
    "pitch_range",
    "pitch_entropy",
    "pitch_class_entropy",
    "scale_consistency",
    "polyphony",
    "polyphony_rate",
    "empty_beat_rate",
    "drum_pattern_consistency",
    "empty_measure_rate",
    "groove_consistency",
)
_WORKER = """
import json, sys, time, warnings
import muspy
warnings.simplefilter("ignore")
files, names, resolution, repeats = json.load(sys.stdin)
def best(function):
    times = []
    for _ in range(repeats):
        start = time.process_time()
        found = function()
        times.append(time.process_time() - start)
    return found, min(times)
def measure(music):
    meter = music.time_signatures[0] if music.time_signatures else None
    bar = resolution * meter.numerator * 4 // meter.denominator if meter else resolution * 4
    by_bar = ("empty_measure_rate", "groove_consistency")
    return [getattr(muspy, n)(music, bar) if n in by_bar else getattr(muspy, n)(music) for n in names]
for path in files:
    music, read = best(lambda: muspy.read_midi(path).adjust_resolution(resolution))
    values, spent = best(lambda: measure(music))
    print(json.dumps([[v if v == v else None for v in values], spent, read + spent]), flush=True)
"""


def run(n: int = 20) -> str:
    """Time both on the ``n`` largest test pieces; a Markdown table with the ratio of each, the largest first."""
    files = sorted(MEDIA.glob("*.mid"), key=lambda p: (-p.stat().st_size, p.name))[:n]
    theirs = _muspy(files)
    ours = [_ours(path) for path in files]
    rows = ["| piece | notes | MusPy ms | arrays ms | ratio | objects ms | ratio | file: MusPy ms | ours ms | ratio |"]
    rows.append("|---|---|---|---|---|---|---|---|---|---|")
    for path, (values, *spent), (other, warm, whole) in zip(files, ours, theirs, strict=True):
        _assert_same(path, values[:-1], other)
        rows.append(f"| {path.stem} | {values[-1]} | {_row(warm, whole, spent)} |")
    warm, whole = (sum(times) for times in zip(*(t[1:] for t in theirs), strict=True))
    spent = [sum(times) for times in zip(*(o[1:] for o in ours), strict=True)]
    rows.append(f"| **all** | | {_row(warm, whole, spent)} |")
    least = min(t[1] / o[1] for t, o in zip(theirs, ours, strict=True))
    said = f"{len(SHARED)} metrics at {RESOLUTION} steps a quarter, best of {REPEATS}, equal values; least ratio on one"
    return "\n".join(["# Speed of a piece's metrics against MusPy", "", *rows, "", f"{said} piece: {least:.0f}."])


def _ours(path: Path) -> tuple[list[Any], float, float, float]:
    """Values (the note count last), seconds from arrays, from a score's objects and from the file, grid included."""
    from tools.kit.metrics.symbolic import evaluate, read_piece
    from tools.kit.score import read_midi
    from tools.kit.score.note_table import read_table

    table, score = read_table(path), read_midi(path)
    wanted = (*SHARED, "n_notes")
    found, arrays = _best(lambda: evaluate(read_piece(table, RESOLUTION), wanted))
    _, objects = _best(lambda: evaluate(read_piece(score, RESOLUTION), wanted))
    _, whole = _best(lambda: evaluate(read_piece(path, RESOLUTION), wanted))
    return list(found.values.values()), arrays, objects, whole


def _best(function: Callable[[], Any]) -> tuple[Any, float]:
    times = []
    for _ in range(REPEATS):
        start = time.process_time()
        found = function()
        times.append(time.process_time() - start)
    return found, min(times)


def _muspy(files: list[Path]) -> list[tuple[list[Any], float, float]]:
    """The same of MusPy, from its own process."""
    asked = json.dumps([[str(p) for p in files], SHARED, RESOLUTION, REPEATS])
    done = subprocess.run(
        [interpreter("muspy-0.5.0", MUSPY, "MUSPY_PYTHON"), "-c", _WORKER],
        input=asked,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise UserError(f"MusPy failed: {done.stderr.strip().splitlines()[-1]}; set MUSPY_PYTHON to one that works.")
    return [(values, spent, whole) for values, spent, whole in map(json.loads, done.stdout.splitlines())]


def _assert_same(path: Path, ours: list[Any], theirs: list[Any]) -> None:
    """A ratio between different answers would say nothing."""
    for name, own, other in zip(SHARED, ours, theirs, strict=True):
        if (own is None) != (other is None) or (own is not None and abs(own - other) > 1e-6):
            raise UserError(f"{name} of {path.name} is {own} here and {other} in MusPy; the speeds cannot be compared.")


def _row(warm: float, whole: float, ours: Sequence[float]) -> str:
    """MusPy's milliseconds from memory and from the file, ours and the ratios."""
    arrays, objects, file = (
        f"{spent * 1e3:.2f} | {theirs / spent:.0f}" for spent, theirs in zip(ours, (warm, warm, whole), strict=True)
    )
    return f"{warm * 1e3:.2f} | {arrays} | {objects} | {whole * 1e3:.2f} | {file}"
