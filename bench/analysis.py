"""How right the analysis behind ``describe_music`` and ``check`` is, on music whose truth others wrote down.

- key of notes: pieces of music21's corpus against the key that their file states;
- chords of notes: Bach chorales against the Roman-numeral analyses in the corpus, root and triad, over time;
- key and tempo of sound: composed pieces rendered by ``render_audio``, against what was asked of them.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from agent.store import Store
from bench._fidelity_measures import wilson
from bench._steps import Context
from tools import get_tool
from tools.kit.analysis.harmony import chord_sequence
from tools.kit.analysis.key import rank_note_keys
from tools.kit.analysis.notes import notes_of, phrase_starts
from tools.kit.analysis.portrait import of_audio
from tools.kit.analysis.pulse import octave_of
from tools.kit.analysis.spectrum import RATE
from tools.kit.audio import read_audio
from tools.kit.score import Note, Score, Track
from tools.kit.theory.meter import Meter
from tools.kit.theory.pitch import Key

COMPOSERS = ("mozart", "haydn", "beethoven", "schubert", "chopin", "corelli", "handel", "joplin")
WITHIN = 0.04  # share of the tempo, as in MIREX


def _score(stream: Any) -> Score:
    """Notes and first meter of a music21 score; a pickup is moved so that barlines fall on bars."""
    meters = list(stream.recurse().getElementsByClass("TimeSignature"))
    meter = Meter.parse(meters[0].ratioString) if meters else Meter()
    first = stream.parts[0].getElementsByClass("Measure").first()
    pickup = (meter.bar_quarters - float(first.duration.quarterLength)) % meter.bar_quarters if first else 0.0
    tracks = []
    for part in stream.parts:
        chords = [(float(n.offset) + pickup, float(n.quarterLength), n.pitches) for n in part.flatten().notes]
        tracks.append(Track("part", notes=[Note(at, max(ln, 0.05), p.midi, 80) for at, ln, ps in chords for p in ps]))
    return Score(tracks=tracks, meters=[(0.0, meter)])


def _pieces(n: int, seed: int) -> Iterator[tuple[Score, Key]]:
    """Pieces with the key that their file states: three in four are Bach chorales."""
    from music21 import corpus

    rng = random.Random(seed)
    bach = [p for p in corpus.getComposer("bach") if str(p).endswith((".mxl", ".xml"))]
    others = [p for name in COMPOSERS for p in corpus.getComposer(name) if str(p).endswith((".mxl", ".xml", ".krn"))]
    for path in rng.sample(bach, 3 * n // 4) + rng.sample(others, n - 3 * n // 4):
        stream = corpus.parse(path)
        stated = stream.recurse().getElementsByClass("Key").first()
        if stated is not None and getattr(stream, "parts", None):
            yield _score(stream), Key(stated.tonic.pitchClass, stated.mode)


def key_of_notes(n: int, seed: int) -> str:
    """Share of pieces whose best key is the stated one."""
    found = [
        rank_note_keys(notes_of(score), phrase_starts_q=phrase_starts(score))[0].key == key
        for score, key in _pieces(n, seed)
    ]
    return _row("key of notes, corpus, exact", sum(found), len(found))


def chords_of_notes(seed: int) -> str:
    """Share of eighths at which root and triad agree with the analyses."""
    import music21
    from music21 import converter, corpus

    known, hits, total = corpus.chorales.ChoraleList().byRiemenschneider, 0, 0
    for path in sorted((Path(music21.__file__).parent / "corpus" / "bach" / "choraleAnalyses").glob("*.rntxt")):
        number = int(path.stem.removeprefix("riemenschneider"))
        if number not in known:
            continue
        stream = corpus.parse(f"bach/bwv{known[number]['bwv']}")
        score = _score(stream)
        pickup = min(n.start for t in score.tracks for n in t.notes)
        heard = chord_sequence(score)
        analysis = converter.parse(path)
        for numeral in analysis.recurse().getElementsByClass("RomanNumeral"):
            start = float(numeral.getOffsetInHierarchy(analysis)) + pickup
            for at in np.arange(start, start + float(numeral.quarterLength) - 1e-6, 0.5):
                chord = next((r.chord for r in heard if r.start_q <= at + 1e-6 < r.end_q), None)
                hits += chord is not None and _same(chord, numeral)
                total += 1
    return _row("chords of notes, chorales, triad, eighths", hits, total)


def _same(chord: Any, numeral: Any) -> bool:
    """Whether root and triad, or the whole set of pitch classes, are those of the numeral."""
    classes = {p.pitchClass for p in numeral.pitches}
    if set(chord.pitch_classes()) == classes:
        return True
    above = {(p - numeral.root().pitchClass) % 12 for p in classes}
    quality = "dim" if {3, 6} <= above and 7 not in above else "m" if 3 in above else "aug" if {4, 8} <= above else ""
    return bool(chord.root == numeral.root().pitchClass and chord.triad().quality == quality)


def sound(n: int, seed: int) -> list[str]:
    """Tempo (as asked, and with octaves) and key of composed pieces as played, and the analysis' speed."""
    rng, exact, related, keys, seconds, length = random.Random(seed), 0, 0, 0, 0.0, 0.0
    for number in range(n):
        bpm, key = rng.randint(60, 180), Key(rng.randrange(12), rng.choice(("major", "minor")))
        meter = rng.choice(("4/4", "4/4", "3/4", "6/8"))
        fields = {"tempo_bpm": bpm, "key": str(key), "duration_s": 30.0, "meter": meter}
        with tempfile.TemporaryDirectory() as folder:
            store = Store(Path(folder))
            for tool, args in (("compose", fields), ("render_audio", {"music": "compose-1"})):
                result = get_tool(tool)(args, Context(store, store.work_dir(tool), number))
                store.commit(tool, result, {"tool": tool, "version": "1", "args": args, "seed": number})
            samples, rate = read_audio(store["render_audio-1"].file, RATE)
        started = time.perf_counter()
        facts = of_audio(samples, rate)
        seconds, length = seconds + time.perf_counter() - started, length + facts["duration_s"]
        exact += abs((facts["tempo_bpm"] or 1) / bpm - 1) <= WITHIN
        related += octave_of(facts["tempo_bpm"] or 1, bpm, WITHIN) is not None
        keys += facts["key"] == str(key)
    return [
        _row("tempo of sound, as asked", exact, n),
        _row("tempo of sound, or a simple multiple", related, n),
        _row("key of sound, exact", keys, n),
        f"| speed of the analysis of sound | {length / seconds:.0f} x real time | | |",
    ]


def _row(name: str, hits: int, n: int) -> str:
    low, high = wilson(hits, n)
    return f"| {name} | {hits / max(n, 1):.3f} | {n} | {low:.3f} to {high:.3f} |"


def run(n: int = 80, seed: int = 0) -> str:
    """All of it on ``n`` corpus pieces and ``n // 2`` composed ones; a Markdown report."""
    started = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # music21's remarks on its own corpus
        rows = [key_of_notes(n, seed), chords_of_notes(seed), *sound(n // 2, seed)]
    head = [f"# Analysis, seed {seed}", "", "| measure | share | n | 95 % interval |", "|---|---|---|---|"]
    return "\n".join([*head, *rows, "", f"{time.perf_counter() - started:.0f} s.", ""])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=80)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    print(run(chosen.n, chosen.seed))
