"""What several takes of a piece are worth: one take against the best of as many as the composer writes.

Both are measured on melodies of the corpus's held-out half, which neither the composer's norms nor its choice has seen:
for each statistic the mean distance of a piece from the held-out mean, in held-out deviations. Beside it the share of
parallels and the lead of the key, as the composer reckons it.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from bench._learn_norms import rows
from tools.brief import MusicFields
from tools.compose.engine import composer
from tools.compose.engine.merit import parallels, statistics, top_line
from tools.compose.engine.request import read_wish
from tools.compose.engine.tonality import margin, sounding_weights

GENRES = ("folk", "pop", "classical", "jazz", "film", "rock", "waltz", "celtic", "bossa", "chiptune")


def run(n: int = 40, seed: int = 0) -> str:
    """Compose ``n`` pieces both ways; a Markdown table."""
    held_out = rows(1)
    names = list(held_out[0])
    means = {name: float(np.mean([row[name] for row in held_out])) for name in names}
    spreads = {name: float(np.std([row[name] for row in held_out])) for name in names}
    sets = {}
    for label, takes in (("one take", 1), ("best of takes", composer.MOST_TAKES)):
        started = time.process_time()
        with _takes(takes):
            made = [measured(GENRES[i % len(GENRES)], seed + i // len(GENRES)) for i in range(n)]
        sets[label] = made, (time.process_time() - started) / n
    lines = [f"# Best of several takes, {n} pieces", "", "| | " + " | ".join(sets) + " |", "|---|---|---|"]
    for name in names:
        far = [_mean(abs(row[name] - means[name]) / spreads[name] for row in made) for made, _ in sets.values()]
        lines.append(f"| {name}, deviations from held-out music | " + " | ".join(f"{f:.2f}" for f in far) + " |")
    for name in ("parallels", "key lead"):
        found = [_mean(row[name] for row in made) for made, _ in sets.values()]
        lines += [f"| {name} | " + " | ".join(f"{value:.3f}" for value in found) + " |"]
    lines.append("| processor seconds a piece | " + " | ".join(f"{spent:.2f}" for _, spent in sets.values()) + " |")
    return "\n".join([*lines, ""])


@contextmanager
def _takes(count: int) -> Iterator[None]:
    before, composer.MOST_TAKES = composer.MOST_TAKES, count
    try:
        yield
    finally:
        composer.MOST_TAKES = before


def measured(genre: str, seed: int) -> dict[str, float]:
    """Statistics of one piece's melody, its parallels with the bass and the lead of its key."""
    done = composer.compose_score(read_wish(MusicFields(genre=genre, duration_s=40), None, None, None), seed)
    roles = [p.role for p in done.players]
    tune = next(i for i, role in enumerate(roles) if role in ("melody", "solo"))
    line = top_line(done.score.tracks[tune].notes)
    under = top_line(done.score.tracks[roles.index("bass")].notes) if "bass" in roles else line[:0]
    lead = margin(sounding_weights(done.score), done.key)
    return statistics(line, done.score) | {"parallels": parallels(line, under), "key lead": lead}


def _mean(values: Iterator[float]) -> float:
    return float(np.mean(list(values)))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=40)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    print(run(chosen.n, chosen.seed))
