"""That the tools which write into a score leave the rest of it alone, on real scores with random bars and tracks.

``vary`` and ``infill`` may change the drawn bars of the drawn tracks, ``harmonize`` all but the melody of the drawn
bars, ``add_part`` nothing but its new track, ``continue_music`` nothing before the end. Outside no note may differ,
nor the tempo, meter and key maps, controllers, bends or programs; inside something must.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
import warnings
from collections import Counter
from pathlib import Path
from typing import Any

from agent.store import Store
from bench._steps import Context
from bench.locality import _scores
from tools import get_tool
from tools.compose import _desk as desk
from tools.errors import UserError
from tools.kit.changes import Change, changes, other_changes
from tools.kit.region import Region, select, track_name
from tools.kit.score import Score, read_midi

CALLS: dict[str, tuple[dict[str, Any], ...]] = {
    "vary": tuple(
        {"transformation": t}
        for t in ("inversion", "retrograde", "augmentation", "diminution", "ornament", "sequence", "rhythm", "free")
    ),
    "infill": ({}, {"low": 50, "high": 70}),
    "harmonize": ({"style": "jazz"}, {"style": "pop"}, {"style": "modal"}, {"style": "chorale"}),
    "add_part": tuple({"part": p} for p in ("bass", "drums", "pads", "second voice", "counter-melody", "descant")),
    "continue_music": ({"bars": 4}, {"bars": 9, "ending": "open"}),
}
_BY_TRACK = ("vary", "infill")


def one(name: str, path: Path, rng: random.Random, folder: Path) -> str:
    """What is wrong with one call: '' when nothing is, 'passed over' when the tool said there was nothing to do."""
    before = read_midi(path)
    count = len(before.bar_starts())
    first = rng.randint(1, count)
    last = rng.randint(first, min(count, first + 15))
    named = list(dict.fromkeys(track_name(t) for t in before.tracks if t.notes))
    tracks = rng.sample(named, rng.randint(1, len(named))) if name in _BY_TRACK else []
    where: dict[str, Any] = {} if name == "continue_music" else {"from_bar": first, "to_bar": last}
    store = Store(folder)
    args = {
        "music": store.attach(path).id,
        **where,
        **({"tracks": tracks} if tracks else {}),
        **rng.choice(CALLS[name]),
    }
    if name == "vary" and first == 1 and last == count:
        args["tracks"] = tracks
    try:
        result = get_tool(name)(args, Context(store, store.work_dir(name), rng.randrange(1000)))
    except UserError:
        return "passed over"
    after = read_midi(next(o.path for o in result.outputs))
    region = select(before, where.get("from_bar"), where.get("to_bar"), tracks=tracks or None)
    found = changes(before, after)
    stray = [c for c in found if not _allowed(name, c, before, region, args)]
    if stray:
        c = stray[0]
        return f"{len(stray)} notes outside, the first {c.kind} in bar {c.bar} of {c.track}: {args}"
    others = [o for o in other_changes(before, after) if not o.endswith("was added")]
    if others:
        return f"beside the notes: {others[0]}"
    told = any("nothing was changed" in note for note in result.notes)
    return "" if found else "passed over" if told else f"nothing changed: {args}"


def _allowed(name: str, change: Change, before: Score, region: Region, args: dict[str, Any]) -> bool:
    note = change.before or change.after
    assert note is not None
    inside = region.start - 1e-3 <= note.start < region.end - 1e-3
    if name == "continue_music":
        return change.before is None and note.start >= before.bar_starts()[-1]
    if name == "add_part":
        return change.before is None and inside
    if name == "harmonize":
        _, melody = desk.melody_of(before, region)
        return inside and id(change.before) not in set(map(id, melody))
    meant = {t.name or f"program {t.program}" for t in region.tracks()}
    pitched = name != "infill" or (args.get("low") or 0) <= note.pitch <= (args.get("high") or 127)
    return inside and change.track in meant and pitched


def run(n: int = 200, seed: int = 0) -> str:
    """Every tool on ``n`` scores; a Markdown table."""
    started = time.perf_counter()
    counts: dict[str, Counter[str]] = {name: Counter() for name in CALLS}
    wrong: list[str] = []
    with warnings.catch_warnings(action="ignore"):
        for number, path in enumerate(_scores(n, seed)):
            for name in CALLS:
                rng = random.Random(f"{name} {number} {seed}")
                with tempfile.TemporaryDirectory() as run_folder:
                    said = one(name, path, rng, Path(run_folder) / "run")
                counts[name]["clean" if not said else "passed over" if said == "passed over" else "wrong"] += 1
                if said and said != "passed over":
                    wrong.append(f"{name}, {path.name}: {said}")
    rows = [f"| {name} | {c['clean']} | {c['wrong']} | {c['passed over']} |" for name, c in counts.items()]
    head = [f"# Locality on {n} scores, seed {seed}", "", "| tool | clean | wrong | refused |", "|---|---|---|---|"]
    tail = ["", *(f"- {w}" for w in wrong[:40]), "", f"{time.perf_counter() - started:.0f} s.", ""]
    return "\n".join([*head, *rows, *tail])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    print(run(chosen.n, chosen.seed))
