"""Mutated MIDI and MusicXML files: each is read, or refused with a ``UserError``, in five seconds and under 1 GB.

Seeds are real scores of music21's corpus; a mutation flips, cuts, doubles, drops or overwrites some of the bytes.
"""

from __future__ import annotations

import argparse
import random
import resource
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from bench.roundtrip import corpus_files
from tools.errors import UserError
from tools.kit.score import Score, read_midi, write_midi
from tools.kit.score.musicxml import as_musicxml
from tools.kit.score.notation import read_score

SLOWEST_S = 5.0
MOST_MB = 1000  # of the whole process at its highest, music21 included
XML_SHARE = 20  # one file in so many is MusicXML, whose reader is slow


def mutated(data: bytes, rng: random.Random) -> bytes:
    """The bytes with one to eight mutations."""
    made = bytearray(data)
    for _ in range(rng.randint(1, 8)):
        at = rng.randrange(max(1, len(made)))
        length = rng.choice((1, 1, 2, 4, 16))
        kind = rng.randrange(5)
        if kind == 0:
            made[at : at + 1] = bytes((rng.randrange(256),))
        elif kind == 1:
            del made[at : at + length]
        elif kind == 2:
            made[at:at] = made[at : at + length]
        elif kind == 3:
            made[at : at + length] = bytes(rng.choice((0, 0x7F, 0x80, 0xFF)) for _ in range(length))
        elif rng.random() < 0.2:
            del made[at:]
    return bytes(made)


def outcome(path: Path, read: Callable[[Path], Score]) -> str:
    """``"read"``, ``"refused"``, or what was wrong."""
    started, held = time.process_time(), peak_mb()
    try:
        score = read(path)
        if read is read_midi:
            write_midi(score, path.with_suffix(".back.mid"))
        said = "read"
    except UserError as err:
        said = "refused" if path.name in err.msg and "\n" not in err.msg else f"unclear: {err.msg[:80]!r}"
    except Exception as err:  # noqa: BLE001 -- what the bench is there to find
        said = f"{type(err).__name__}: {str(err)[:80]}"
    said = said if time.process_time() - started <= SLOWEST_S else f"slow: {said}"
    return f"heavy: {said}" if peak_mb() > max(held, MOST_MB) else said


def peak_mb() -> float:
    """Most memory that this process has held so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def outcomes(n: int, seed: int) -> Counter[str]:
    """What became of ``n`` mutated files."""
    rng = random.Random(seed)
    counts: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as name, warnings.catch_warnings(action="ignore"):
        folder = Path(name)
        midis, notations = [], []
        for source in corpus_files(12, seed, (".mxl",)):
            score = read_score(source)
            write_midi(score, folder / "seed.mid")
            midis.append((folder / "seed.mid").read_bytes())
            notations.append(as_musicxml(score).text.encode())
        for number in range(n):
            is_xml = number % XML_SHARE == 0
            path = folder / f"fuzz-{number}.{'musicxml' if is_xml else 'mid'}"
            path.write_bytes(mutated(rng.choice(notations if is_xml else midis), rng))
            counts[outcome(path, read_score if is_xml else read_midi)] += 1
            path.unlink()
    return counts


def run(n: int = 10_000, seed: int = 0) -> str:
    """``n`` mutated files; a Markdown table of what became of them."""
    started = time.perf_counter()
    rows = [f"| {said} | {count} |" for said, count in outcomes(n, seed).most_common()]
    head = [f"# {n} mutated files, one in {XML_SHARE} MusicXML, seed {seed}", "", "| outcome | files |", "|---|---|"]
    tail = f"Most memory: {peak_mb():.0f} MB. {time.perf_counter() - started:.0f} s."
    return "\n".join([*head, *rows, "", tail, ""])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    print(run(chosen.n, chosen.seed))
