"""Which metric notices which damage: real music against the same music spoilt, ``scorewright bench discrimination``.

Pieces of music21's corpus are spoilt as notes, and their first 8 s as sound. For each kind of damage the
table says in what share of the pieces each metric rose or fell, and whether the metric meant for the damage moved the
right way in at least 95 % of them. A metric that moves in hardly any piece is blind to that damage.
"""

from __future__ import annotations

import multiprocessing
import random
from collections import defaultdict
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np

from bench._degrade import SCORES, SOUNDS, Wave
from tools.kit.score import Score
from tools.kit.score.notation import read_score

Values = dict[str, float | None]
Moves = dict[str, dict[str, int]]  # damage, metric: -1, 0 or 1

LEAST = 0.95
MEANT = {  # damage: (metric, way it must go)
    "notes shuffled": ("melody_distance", 1),
    "pitches randomised": ("scale_consistency", -1),
    "bars shuffled": ("melody_distance", 1),
    "time jittered": ("grooving_similarity", -1),
    "detuned 30 cents": ("tuning_cents", 1),
    "MP3 at 32 kb/s": ("bandwidth_hz", -1),
    "clipped by 12 dB": ("flat_top_share", 1),
}
_SLOW = frozenset({"structureness_short", "structureness_mid", "structureness_long", "similarity_error"})
_SOURCES = (("bach", 120), ("ryansMammoth", 50), ("trecento", 30))
_AUDIO_S, _RATE, _WORKERS = 8.0, 44100, 2
_STILL = 1e-9


def run(n: int = 200) -> str:
    """Spoil ``n`` pieces in every way and report who noticed."""
    with ProcessPoolExecutor(_WORKERS, mp_context=multiprocessing.get_context("spawn")) as pool:
        found = list(pool.map(_moves_of, enumerate(_paths(n)), chunksize=4))
    moves: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for one in found:
        for damage, metrics in one.items():
            for metric, way in metrics.items():
                moves[damage][metric].append(way)
    return _report(moves)


def _paths(n: int) -> list[Path]:
    """``n`` files of the corpus, the collections in fixed shares, evenly spread in each."""
    from music21 import corpus

    every = sorted(Path(p) for p in corpus.getPaths(fileExtensions=(".mxl", ".xml", ".abc", ".krn")))
    chosen = []
    for folder, share in _SOURCES:
        files = [p for p in every if p.parent.name == folder]
        chosen += [files[i] for i in np.linspace(0, len(files) - 1, max(1, round(n * share / 200))).astype(int)]
    return chosen[:n]


def _moves_of(job: tuple[int, Path]) -> Moves:
    index, path = job
    score = read_score(path)
    chance = random.Random(index)
    before = _of_notes(score, score)
    found = {damage: _ways(before, _of_notes(spoil(score, chance), score)) for damage, spoil in SCORES.items()}
    return found | _audio_moves(score)


def _of_notes(score: Score, original: Score) -> Values:
    """Every metric of one piece that is a number, and the distance of its melody from the original's."""
    from tools.kit.metrics import symbolic
    from tools.kit.metrics.symbolic_sets import melody_distance, melody_of

    wanted = [name for name in symbolic.names() if name not in _SLOW]
    values = symbolic.evaluate(symbolic.read_piece(score), wanted).values
    numbers: Values = {name: float(v) if isinstance(v, (int, float)) else None for name, v in values.items()}
    return numbers | {"melody_distance": melody_distance(melody_of(original), melody_of(score))}


def _audio_moves(score: Score) -> Moves:
    from tools.kit.metrics import audio
    from tools.kit.synth import load_soundfont, synthesise_mix

    last = score.quarters(_AUDIO_S)
    for track in score.tracks:
        track.notes = [note for note in track.notes if note.end <= last]
    stereo = synthesise_mix(score, load_soundfont())[: int(_AUDIO_S * _RATE)]
    wave = stereo.mean(axis=1, keepdims=True)
    wave = (wave / max(float(np.abs(wave).max()), 1e-9) * 0.7).astype(np.float32)

    def measured(samples: Wave) -> Values:
        return audio.evaluate_samples(samples, _RATE)

    before = measured(wave)
    return {damage: _ways(before, measured(spoil(wave, _RATE))) for damage, spoil in SOUNDS.items()}


def _ways(before: Values, after: Values) -> dict[str, int]:
    """Which way each metric went, where both values are known."""
    ways = {}
    for name, value in before.items():
        now = after.get(name)
        if value is not None and now is not None:
            ways[name] = 0 if abs(now - value) <= _STILL else int(np.sign(now - value))
    return ways


def _report(moves: dict[str, dict[str, list[int]]]) -> str:
    lines = ["| damage | pieces | the metric meant for it | moved rightly | noticed by (share up, down) | blind |"]
    lines.append("|---|---|---|---|---|---|")
    for damage, (metric, way) in MEANT.items():
        if damage not in moves:
            continue
        ways = moves[damage]
        right = float(np.mean([w == way for w in ways[metric]]))
        verdict = "" if right >= LEAST else " (too few)"
        shares = {m: (float(np.mean([w > 0 for w in v])), float(np.mean([w < 0 for w in v]))) for m, v in ways.items()}
        seeing = sorted((m for m, s in shares.items() if max(s) >= LEAST), key=lambda m: -max(shares[m]))
        blind = sorted(m for m, s in shares.items() if sum(s) <= 1 - LEAST)
        noticed = ", ".join(f"{m} ({shares[m][0]:.0%}, {shares[m][1]:.0%})" for m in seeing)
        wanted = f"{metric}, {'up' if way > 0 else 'down'}"
        cells = (damage, str(len(ways[metric])), wanted, f"{right:.1%}{verdict}", noticed, ", ".join(blind))
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)
