"""Chorale settings of a hundred of Bach's own sopranos, held out from all learning, beside Bach's.

The tool gets the soprano as a MIDI file and nothing else; the key is what it hears. Parallels are counted by music21's
voice-leading quartets in both settings, every pair of voices at every moment at which two of them move together.
Chords are labelled by templates on each beat, alike in both; functions are those of Bach's key: tonic (I, iii, vi),
subdominant (ii, IV), dominant (V, vii), or foreign. Beside them stand tunes with grace notes (Ryan's Mammoth
Collection, in ABC), harmonised in every style in turn, of which every note must be left.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np

from agent.store import Store
from bench._chorales import Chorale, held_out
from bench._learn_chorales import labelled
from bench._steps import Context
from bench._voice_leading import quartet_parallels
from bench.fidelity import PROCESSES
from tools import get_tool
from tools.kit.score import Score, Track, read_midi, write_midi
from tools.kit.score.notation import read_notation
from tools.kit.theory.pitch import Key

_STYLES = ("chorale", "jazz", "pop", "modal")
_FUNCTIONS = {0: "T", 3: "T", 4: "T", 8: "T", 9: "T", 2: "S", 5: "S", 7: "D", 10: "D", 11: "D"}


def one(number: int) -> Counter[str]:
    """Counts for one chorale: moves, parallels in both settings, chords that agree."""
    chorale = held_out()[number]
    setting, key = _set(chorale)
    count: Counter[str] = Counter(pieces=1)
    sung, kept = ([(n.start, n.duration, n.pitch) for n in s.tracks[0].notes] for s in (chorale.soprano, setting))
    count["melody kept"] = np.allclose(np.array(sung), np.array(kept), atol=0.01) if len(sung) == len(kept) else 0
    first, *_, last = ((n.start, n.pitch % 12) for n in sorted(setting.tracks[-1].notes, key=lambda n: n.start))
    tonic = Key.parse(key).tonic
    count["first bass tonic"], count["last bass tonic"] = first[1] == tonic, last[1] == tonic
    count["key agrees"] = key == str(chorale.key)
    for who, score in (("bach", chorale.score), ("ours", setting)):
        count.update({f"{who} {name}": n for name, n in quartet_parallels(score).items()})
    ours = labelled(Chorale(chorale.name, Score([chorale.score.tracks[0], *setting.tracks[1:]]), chorale.key))
    for (_, theirs), (_, mine) in zip(labelled(chorale), ours, strict=True):
        count["beats"] += 1
        count["same root"] += theirs.root == mine.root
        count["same function"] += _FUNCTIONS.get(theirs.root, "F") == _FUNCTIONS.get(mine.root, "F")
    return count


def graced(path: Path, style: str) -> Counter[str]:
    """Counts for one tune with grace notes: its notes and those of them that are left."""
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder) / "run")
        tune = store.attach(path)
        result = get_tool("harmonize")({"music": tune.id, "style": style}, Context(store, store.work_dir("s1"), 0))
        made = store.commit("s1", result, {"tool": "harmonize", "version": "1", "args": {}, "seed": 0})
        before, after = read_notation(tune).tracks[0].notes, read_midi(made[0].file).tracks[0].notes
    left = Counter((round(n.start, 2), n.pitch) for n in after)
    kept = sum((Counter((round(n.start, 2), n.pitch) for n in before) & left).values())
    return Counter(tunes=1, notes=len(before), graces=sum("grace" in n.marks for n in before), kept=kept)


def _graced_tunes(n: int) -> list[Path]:
    from music21 import corpus

    paths = sorted(Path(p) for p in corpus.getComposer("ryansMammoth"))
    return [p for p in paths if "{" in p.read_text(encoding="utf-8", errors="replace")][:n]


def _set(chorale: Chorale) -> tuple[Score, str]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{chorale.name}.mid"
        soprano = chorale.soprano
        write_midi(Score([Track("Soprano", 52, notes=soprano.tracks[0].notes)], soprano.tempi, soprano.meters), path)
        store = Store(Path(folder) / "run")
        ref = store.attach(path).id
        result = get_tool("harmonize")({"music": ref}, Context(store, store.work_dir("s1"), 0))
        made = store.commit("s1", result, {"tool": "harmonize", "version": "1", "args": {}, "seed": 0})
        return read_midi(made[0].file), str(result.data.model_dump()["key"])


def run(n: int = 100) -> str:
    """The report over ``n`` held-out chorales, in Markdown."""
    total: Counter[str] = Counter()
    with ProcessPoolExecutor(PROCESSES) as pool:
        for count in pool.map(one, range(min(n, len(held_out())))):
            total.update(count)
    adorned: Counter[str] = Counter()
    for number, path in enumerate(_graced_tunes(max(4, n * 2 // 5))):
        adorned.update(graced(path, _STYLES[number % len(_STYLES)]))
    pieces, beats = total["pieces"], total["beats"]
    rows = [
        f"| {name} | {total[f'bach {name}'] / pieces:.2f} | {total[f'ours {name}'] / pieces:.2f} |"
        for name in ("parallel fifths", "parallel octaves", "hidden fifths", "hidden octaves")
    ]
    return "\n".join(
        [
            f"{pieces} held-out sopranos, {beats} beats. Melody kept: {total['melody kept'] / pieces:.3f}. "
            f"Key as Bach's: {total['key agrees'] / pieces:.2f}. Same function as Bach: "
            f"{total['same function'] / beats:.3f}; same root: {total['same root'] / beats:.3f}. The bass begins on "
            f"the tonic of the key heard in {total['first bass tonic'] / pieces:.2f} and ends on it in "
            f"{total['last bass tonic'] / pieces:.2f}.",
            "",
            "| a chorale | Bach | here |",
            "|---|---|---|",
            *rows,
            "",
            f"{adorned['tunes']} tunes with {adorned['graces']} grace notes among {adorned['notes']} notes: "
            f"{adorned['kept']} notes left.",
        ]
    )


if __name__ == "__main__":
    print(run())
