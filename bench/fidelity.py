"""Constraint fidelity: random Briefs through ``compose``, each constraint measured on the files by other code.

The share met per constraint stands with Wilson's 95 % interval, beside it how often ``check`` gives the same verdict.
Briefs with a key, dynamics or hit points are rendered by ``render_audio`` too, and measured on its sound.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections import defaultdict
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from agent.store import Store
from bench._briefs import contradicts, random_brief
from bench._fidelity_measures import MEASURES, NEEDS_SOUND, REQUIRED, wilson
from bench._fidelity_piece import Piece
from bench._steps import Context, made, mono
from tools import get_tool
from tools.brief import Brief
from tools.contract import Artifact
from tools.errors import ScorewrightError

PROCESSES = 2
TOLD = "key_conflict_told"


@dataclass(frozen=True)
class Outcome:
    """Verdicts on one Brief: ours by constraint, ``check``'s by constraint; or the error that ended it."""

    number: int
    fields: dict[str, Any]
    ours: dict[str, bool]
    checks: dict[str, str]
    error: str = ""


def one(seed: int, number: int) -> Outcome:
    """Compose for one random Brief, measure it, and ask ``check``."""
    fields = random_brief(seed, number)
    wanted = constraints_of(fields)
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder))
        try:
            midi = made("compose", fields, store, number)
            args = {"music": midi.id, "brief": fields, "soundfont": "shipped"}
            audio = made("render_audio", args, store, number) if NEEDS_SOUND & set(wanted) else None
            piece = Piece(midi.file, mono(audio.file) if audio else None)
            ours = {name: bool(MEASURES[name](target, piece)) for name, target in wanted.items() if name in MEASURES}
            if TOLD in wanted:
                ours[TOLD] = any("key" in text for text in midi.facts["conflicts"])
            return Outcome(number, fields, ours, _checked(fields, midi, audio, store, number))
        except ScorewrightError as err:
            return Outcome(number, fields, dict.fromkeys(wanted, False), {}, err.msg)


def constraints_of(fields: dict[str, Any]) -> dict[str, Any]:
    """What is measured of a Brief: its fields but the genre; the key on notes and sound, unless the chords deny it.

    Where they do, chords stand before the key, and what is measured is whether the composer says so.
    """
    wanted = {name: target for name, target in fields.items() if name != "genre"}
    if contradicts(fields):
        wanted[TOLD] = wanted.pop("key")
    elif "key" in wanted:
        wanted["key_in_sound"] = wanted["key"]
    return wanted


def _checked(fields: dict[str, Any], midi: Artifact, audio: Artifact | None, store: Store, seed: int) -> dict[str, str]:
    """``check``'s verdict on each constraint."""
    args: dict[str, Any] = {"brief": Brief(**fields).model_dump(mode="json"), "midi": midi.id}
    if audio is not None:
        args["audio"] = audio.id
    result = get_tool("check")(args, Context(store, store.work_dir("check"), seed))
    return {c["name"]: c["verdict"] for c in result.data.model_dump()["checks"]}


def run(n: int = 200, seed: int = 0) -> str:
    """Compose and measure ``n`` random Briefs; a Markdown report."""
    started = time.perf_counter()
    with ProcessPoolExecutor(PROCESSES) as pool:
        outcomes = list(pool.map(one, [seed] * n, range(n), chunksize=max(1, min(8, n // PROCESSES))))
    return report(outcomes, seed, time.perf_counter() - started)


def report(outcomes: list[Outcome], seed: int, seconds: float) -> str:
    """Share met per constraint, required share, agreement of ``check``, and which Briefs missed."""
    lines = [
        f"# Constraint fidelity: {len(outcomes)} random Briefs, seed {seed}, {seconds:.0f} s",
        "",
        "| constraint | Briefs | met | 95 % interval | required | check agrees | missed in |",
        "|---|---|---|---|---|---|---|",
    ]
    missed: dict[str, list[int]] = defaultdict(list)
    agree: dict[str, list[bool]] = defaultdict(list)
    count: dict[str, int] = defaultdict(int)
    for outcome in outcomes:
        for name, met in outcome.ours.items():
            count[name] += 1
            if not met:
                missed[name].append(outcome.number)
            if outcome.checks.get(name, "not_checked") != "not_checked":
                agree[name].append((outcome.checks[name] == "met") is met)
    required = REQUIRED | {TOLD: 0.95}
    for name in (name for name in required if count[name]):
        hits, total = count[name] - len(missed[name]), count[name]
        low, high = wilson(hits, total)
        share = f"{np.mean(agree[name]):.0%} of {len(agree[name])}" if agree[name] else "not checked"
        where = ", ".join(map(str, missed[name][:12])) + (" ..." if len(missed[name]) > 12 else "")
        mark = "" if hits / total >= required[name] else " (below)"
        lines.append(
            f"| {name} | {total} | {hits / total:.3f}{mark} | {low:.3f} to {high:.3f} "
            f"| {required[name]:.2f} | {share} | {where} |"
        )
    whole = sum(all(o.ours.values()) for o in outcomes)
    lines += ["", f"Every constraint met: {whole} of {len(outcomes)} Briefs."]
    errors = [f"- Brief {o.number}: {o.error}" for o in outcomes if o.error]
    return "\n".join([*lines, *(["", "Refused or failed:", *errors] if errors else []), ""])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    print(run(chosen.n, chosen.seed))
