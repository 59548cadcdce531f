"""What nearest-neighbour search costs as a library grows: latency, recall, memory and disk of Chroma and of the scan.

Vectors: the default library's descriptions, drawn with replacement and moved by noise of a third of their length, so
that they lie in clusters as real ones do; queries are drawn alike. Each size is measured in a process of its own, on
one thread; the time of the processor is told beside that of the clock, which a busy machine makes longer.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from retrieval.embed import Vectors, load_vectors
from retrieval.library import DEFAULT, RECORDS, VECTORS
from retrieval.record import load_records
from retrieval.store import Recipe, open_index
from retrieval.vectors import ExactIndex, VectorIndex

SIZES = (1_000, 10_000, 100_000)
QUERIES, K, NOISE = 200, 10, 1 / 3
_CHILD = "import sys; from bench.retrieval_scale import measure; measure(int(sys.argv[1]))"


def run(n: int = SIZES[-1]) -> str:
    """The report; ``n`` is the largest size."""
    rows = [
        "| vectors | built s | Chroma p50, p95 ms | of processor | recall@10 | scan p50, p95 ms | of processor "
        "| memory MB | disk MB |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for size in (size for size in (*SIZES, 1_000_000) if size <= n):
        env = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        done = subprocess.run(
            [sys.executable, "-c", _CHILD, str(size)], check=True, capture_output=True, text=True, env=env
        )
        m = json.loads(done.stdout.splitlines()[-1])
        pairs = {name: ", ".join(f"{ms:g}" for ms in m[name]) for name in ("chroma", "chroma_cpu", "scan", "scan_cpu")}
        found = f"{pairs['chroma']} | {pairs['chroma_cpu']} | {m['recall']} | {pairs['scan']} | {pairs['scan_cpu']}"
        rows.append(f"| {size:,} | {m['built_s']} | {found} | {m['memory_mb']} | {m['disk_mb']} |")
    return "\n".join(rows)


def vectors_like_real_ones(count: int, seed: int) -> Vectors:
    """Unit vectors ``[count, 384]`` round those of the default library."""
    real = load_vectors(DEFAULT / VECTORS, len(load_records(DEFAULT / RECORDS)))
    rng = np.random.default_rng(seed)
    made = np.empty((count, real.shape[1]), dtype=np.float32)
    for start in range(0, count, 50_000):
        rows = rng.integers(0, len(real), min(50_000, count - start))
        noise = rng.normal(size=(len(rows), real.shape[1])).astype(np.float32)
        noise *= NOISE / np.linalg.norm(noise, axis=1, keepdims=True)
        part = real[rows] + noise
        made[start : start + len(rows)] = part / np.linalg.norm(part, axis=1, keepdims=True)
    return made


def measure(size: int) -> None:
    """Print the figures of one size as JSON."""
    vectors, asked = vectors_like_real_ones(size, 0), vectors_like_real_ones(QUERIES, 1)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        started = time.perf_counter()
        index = open_index(folder, Recipe(0, "bench", "", size), vectors)
        built = time.perf_counter() - started
        chroma, chroma_cpu, found = _timed(index, asked)
        scan, scan_cpu, truth = _timed(ExactIndex(vectors), asked)
        disk = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
        index.close()
    recall = np.mean([len(set(a) & set(b)) / K for a, b in zip(found, truth, strict=True)])
    figures = {
        "built_s": round(built, 1),
        "chroma": chroma,
        "chroma_cpu": chroma_cpu,
        "scan": scan,
        "scan_cpu": scan_cpu,
        "recall": round(float(recall), 3),
        "memory_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "disk_mb": round(disk / 1e6),
    }
    print(json.dumps(figures))


def _timed(index: VectorIndex, asked: Vectors) -> tuple[list[float], list[float], list[list[int]]]:
    """p50 and p95 in milliseconds by the clock and of processor time, and the rows found for each query."""
    clock, processor, found = [], [], []
    for vector in asked:
        started, used = time.perf_counter(), time.process_time()
        found.append([row for row, _ in index.nearest(vector, K)])
        clock.append(1000 * (time.perf_counter() - started))
        processor.append(1000 * (time.process_time() - used))
    return _percentiles(clock), _percentiles(processor), found


def _percentiles(times: list[float]) -> list[float]:
    return [round(float(np.percentile(times, p)), 1) for p in (50, 95)]
