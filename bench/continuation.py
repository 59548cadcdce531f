"""Whether ``continue_music`` and ``infill`` write bars like the piece's own, on real pieces.

Each bar is seven figures: notes struck, mean pitch, spread of pitch, mean length, share of the key's scale, share of
notes on a beat, voices struck together; each is divided by its spread over the corpus. A piece is won when the mean of
its new bars lies nearer to the mean of its own other bars than to that of the corpus. The theme is back when the top
line of its bars agrees by edit distance of the intervals, 0.8 at least, where the tool says it is.
"""

from __future__ import annotations

import tempfile
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agent.store import Store
from bench._chorales import chorales
from bench._steps import Context
from bench.fidelity import PROCESSES
from tools import get_tool
from tools.kit.analysis.key import rank_note_keys
from tools.kit.analysis.notes import notes_of
from tools.kit.likeness import edit_similarity, line_of
from tools.kit.score import Note, Score, read_midi, write_midi

Floats = NDArray[np.float64]
PIECES, NEW = 100, 4


@dataclass(frozen=True)
class Outcome:
    """Figures of one piece's own bars, of those continued and of those filled in; how well the theme agrees."""

    own: Floats
    continued: Floats
    others: Floats
    filled: Floats
    theme: float


def bar_figures(score: Score, bars: range) -> Floats:
    """Figures of some 0-based bars, ``[bars, 7]``; bars without a note are left out."""
    starts = [*score.bar_starts(), float("inf")]
    fits = rank_note_keys(notes_of(score))
    scale = set(fits[0].key.pitch_classes()) if fits else set(range(12))
    rows = []
    for bar in bars:
        notes = [n for t in score.tracks for n in t.notes if starts[bar] - 1e-6 <= n.start < starts[bar + 1] - 1e-6]
        if notes:
            rows.append(_figures(notes, scale))
    return np.array(rows).reshape(-1, 7)


def _figures(notes: list[Note], scale: set[int]) -> list[float]:
    pitches = [n.pitch for n in notes]
    return [
        float(len(notes)),
        float(np.mean(pitches)),
        float(np.std(pitches)),
        float(np.mean([n.duration for n in notes])),
        float(np.mean([p % 12 in scale for p in pitches])),
        float(np.mean([abs(n.start - round(n.start)) < 1e-3 for n in notes])),
        len(notes) / len({round(n.start, 3) for n in notes}),
    ]


def one(number: int) -> Outcome:
    """A chorale gone on from for eight bars, and four of its bars written anew."""
    every = chorales()
    piece = every[number * len(every) // PIECES].score
    was = len(piece.bar_starts())
    longer, data = _called(piece, "continue_music", {"bars": 2 * NEW}, number)
    middle = max(2, was // 2 - NEW // 2)
    last = min(middle + NEW - 1, was - 1)
    mended, _ = _called(piece, "infill", {"from_bar": middle, "to_bar": last}, number)
    outside = [b for b in range(was) if not middle <= b + 1 <= last]
    own = bar_figures(piece, range(was))
    theme = _theme(longer, int(data["theme_bar"]), int(data["sources"][int(data["theme_bar"]) - was - 1]))
    return Outcome(
        own,
        bar_figures(longer, range(was, was + 2 * NEW)),
        np.vstack([bar_figures(piece, range(b, b + 1)) for b in outside]),
        bar_figures(mended, range(middle - 1, last)),
        theme,
    )


def _theme(score: Score, again: int, first: int, bars: int = 2) -> float:
    lines = []
    starts = [*score.bar_starts(), float("inf")]
    for bar in (first, again):
        cut = score.copied()
        for track in cut.tracks:
            track.notes = [n for n in track.notes if starts[bar - 1] - 1e-6 <= n.start < starts[bar - 1 + bars] - 1e-6]
        lines.append(line_of(cut).intervals)
    return edit_similarity(*lines)


def _called(piece: Score, name: str, args: dict[str, int], seed: int) -> tuple[Score, dict[str, Any]]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "piece.mid"
        write_midi(piece, path)
        store = Store(Path(folder) / "run")
        ref = store.attach(path).id
        result = get_tool(name)({"music": ref, **args}, Context(store, store.work_dir("s1"), seed))
        made = store.commit("s1", result, {"tool": name, "version": "1", "args": args, "seed": seed})
        return read_midi(made[0].file), result.data.model_dump()


def run(n: int = PIECES) -> str:
    """The report over ``n`` chorales, in Markdown."""
    with ProcessPoolExecutor(PROCESSES) as pool:
        outcomes = list(pool.map(one, range(min(n, PIECES))))
    everything = np.vstack([o.own for o in outcomes])
    spread, corpus = everything.std(axis=0), everything.mean(axis=0)
    spread[spread == 0] = 1.0

    def won(new: Floats, own: Floats) -> bool:
        far = [float(np.linalg.norm((new.mean(axis=0) - m) / spread)) for m in (own.mean(axis=0), corpus)]
        return far[0] < far[1]

    continued = sum(won(o.continued, o.own) for o in outcomes)
    filled = sum(won(o.filled, o.others) for o in outcomes)
    theme = [o.theme for o in outcomes]
    back = sum(t >= 0.8 for t in theme)
    return "\n".join(
        [
            f"{len(outcomes)} pieces: new bars nearer to the piece's own bars than to the corpus mean.",
            "",
            "| tool | pieces won | of |",
            "|---|---|---|",
            f"| continue_music, 8 bars | {continued} | {len(outcomes)} |",
            f"| infill, 4 bars | {filled} | {len(outcomes)} |",
            "",
            f"Theme back where it is said to be: {back} of {len(outcomes)} (mean likeness {np.mean(theme):.2f}).",
        ]
    )


if __name__ == "__main__":
    print(run())
