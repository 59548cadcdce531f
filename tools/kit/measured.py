"""Many files measured: every metric of each, in parallel processes, remembered by content, one line for a bad file.

A file's result depends on its bytes, on how it is measured and on this program's code alone, so it is kept under these
in the cache and read back when either run or person asks again. Files go to the processes a few at a time and one
result at a time comes back; a file is held by one process only, so memory does not grow with the folder.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import math
import multiprocessing
import os
import signal
import zipfile
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tools.errors import LimitExceeded, ScorewrightError, UserError
from tools.kit.media import sha256_of, sniff
from tools.kit.stamp import program_stamp

EMBEDDING = "embedding:"  # begins the names of arrays that are an embedding's windows
LABELS = "labels:"  # begins the names of arrays [1, classes] that are a tagger's logits
TOKENS = "tokens:"  # begins the names of arrays [t] that are a codec's tokens
ONSETS, LENGTH = "onsets_s", "length_s"  # the arrays [n] and [1] of seconds
MELODY = "melody"  # the array [notes, 2] of pitch (NaN for a rest) and quarters
MAX_AUDIO_S = 1800.0  # of one recording in a set: what a process holds at once
MAX_BYTES = 2_000_000_000
FILE_TIMEOUT_S = 300
FILES_PER_PROCESS = 64  # then a fresh one takes over, and the memory goes back
_BYTES_PER_PROCESS = 1_500_000_000
_AHEAD = 2  # files waiting in each process

Values = dict[str, float | None]
Arrays = dict[str, NDArray[np.float64]]
Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class Listener:
    """A model that hears recordings for the metrics of sets, in place of the light embedding.

    Attributes
    ----------
    hear
        Gives a recording's arrays by name; it can be handed to another process.
    stamp
        What its results depend on besides the recording's bytes; ``None`` when they are not to be remembered.
    """

    hear: Callable[[Path], Arrays]
    stamp: str | None


@dataclass(frozen=True)
class How:
    """How files are measured: grid steps a quarter note of scores, and what hears recordings."""

    resolution: int = 4
    listener: Listener | None = None


USUAL = How()


@dataclass(frozen=True)
class Measured:
    """What one file shows.

    Attributes
    ----------
    path
        The file.
    kind
        ``"midi"``, ``"score"`` or ``"audio"``; empty when it could not be told.
    sha256
        Hash of its bytes.
    metrics
        Metric name to value; ``None`` where it is undefined.
    arrays
        What sets are compared by: onsets, histograms and melody of a score, windows of a recording's embedding.
    error
        Why it could not be measured; then the rest is empty.
    """

    path: Path
    kind: str = ""
    sha256: str = ""
    metrics: Values = field(default_factory=dict)
    arrays: Arrays = field(default_factory=dict)
    error: str | None = None

    @property
    def is_mute(self) -> bool:
        """Whether it could be read and nothing sounds in it, so that it is no music to stand in a set's means."""
        return self.error is None and (self.metrics.get("n_notes") == 0 or self.metrics.get("silence_share") == 1)

    @property
    def is_symbolic(self) -> bool:
        """Whether it holds notes and not sound."""
        return self.kind in ("midi", "score")


def measure(path: Path, cache: Path | None = None, how: How = USUAL) -> Measured:
    """Every metric of one file; what goes wrong is in the result.

    Parameters
    ----------
    cache
        Folder of remembered results; nothing is remembered without one.
    how
        The grid of scores, and what hears recordings.
    """
    kind = digest = ""
    try:
        kind, _ = sniff(path)
        if path.stat().st_size > MAX_BYTES:
            raise LimitExceeded(f"{path.name} is larger than {MAX_BYTES // 10**9} GB; cut it.")
        digest = sha256_of(path)
        with _deadline(path.name):
            key = f"{digest} {kind} {how.resolution}"
            values, arrays = _remembered(cache, key, lambda: _measured(path, kind, how.resolution))
            if how.listener is not None and kind == "audio":
                plain = {name: array for name, array in arrays.items() if not name.startswith(EMBEDDING)}
                arrays = plain | _heard(path, digest, cache, how.listener)
        return Measured(path, kind, digest, values, arrays)
    except ScorewrightError as err:
        return Measured(path, kind, digest, error=err.msg)
    except OSError as err:
        return Measured(path, kind, digest, error=f"{path.name} cannot be read ({err.strerror or err}).")
    except MemoryError:
        return Measured(path, kind, digest, error=f"{path.name} needs more memory than there is; cut it.")
    except Exception as err:  # noqa: BLE001 - the boundary: a bug on one file must not cost the others
        return Measured(path, kind, digest, error=f"{path.name} cannot be measured ({type(err).__name__}: {err}).")


def measure_all(
    files: Sequence[Path],
    cache: Path | None,
    how: How = USUAL,
    *,
    processes: int | None = None,
    progress: Progress = lambda done, of, name: None,
) -> list[Measured]:
    """Every metric of every file, in the order of the files.

    Parameters
    ----------
    processes
        How many work at once; by default as many as there are processors and memory for.
    progress
        Told how many are done, of how many, and the last one's name; what it raises ends the work.
    """
    results: dict[Path, Measured] = {}
    unique = list(dict.fromkeys(files))
    with contextlib.closing(_in_processes(unique, cache, how, processes or process_count(len(unique)))) as measured:
        for found in measured:
            results[found.path] = found
            progress(len(results), len(unique), found.path.name)
    return [results[path] for path in files]


def process_count(files: int) -> int:
    """How many processes the machine's processors and free memory allow for so many files."""
    free = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return max(1, min(len(os.sched_getaffinity(0)), files, free // _BYTES_PER_PROCESS))


def _remembered(cache: Path | None, key: str, make: Callable[[], tuple[Values, Arrays]]) -> tuple[Values, Arrays]:
    """What is kept under a key, or else what is made now, which is kept then."""
    if cache is None:
        return make()
    entry = _Entry(cache, key)
    found = entry.read()
    if found is None:
        found = make()
        entry.write(*found)
    return found


def _heard(path: Path, digest: str, cache: Path | None, listener: Listener) -> Arrays:
    """What a listener makes of a recording."""
    kept = cache if listener.stamp is not None else None
    return _remembered(kept, f"{digest} {listener.stamp}", lambda: ({}, listener.hear(path)))[1]


def _measured(path: Path, kind: str, resolution: int) -> tuple[Values, Arrays]:
    if kind == "audio":
        return _of_audio(path)
    if kind in ("midi", "score"):
        return _of_score(path, kind, resolution)
    raise UserError(f"{path.name} is {kind}, and neither notes nor sound; leave it out.")


def _of_audio(path: Path) -> tuple[Values, Arrays]:
    from tools.kit.analysis.onsets import audio_onsets
    from tools.kit.metrics import audio
    from tools.kit.metrics.audio.clip import read
    from tools.kit.metrics.sets import light_embedding

    _check_length(path)
    clip = read(path)
    embedding = light_embedding(clip.samples, clip.rate)
    return audio.measured(clip), {
        f"{EMBEDDING}{embedding.name}": embedding.matrix,
        ONSETS: audio_onsets(clip.strength)[0] if clip.sounds else np.zeros(0),
        LENGTH: np.array([clip.seconds]),
    }


def _of_score(path: Path, kind: str, resolution: int) -> tuple[Values, Arrays]:
    from tools.kit.analysis.notes import notes_of
    from tools.kit.analysis.onsets import note_onsets
    from tools.kit.metrics import symbolic
    from tools.kit.metrics.symbolic_sets import melody_of
    from tools.kit.score import read_midi
    from tools.kit.score.notation import read_score

    score = read_midi(path) if kind == "midi" else read_score(path)
    values = symbolic.evaluate(symbolic.read_piece(score, resolution)).values
    numbers = {name: v if v is None else float(v) for name, v in values.items() if not isinstance(v, list)}
    arrays = {name: array for name, v in values.items() if isinstance(v, list) and (array := _array(v)) is not None}
    line = [(math.nan if pitch is None else pitch, quarters) for pitch, quarters in melody_of(score)]
    notes = notes_of(score)
    return numbers, {
        **arrays,
        MELODY: np.array(line, dtype=np.float64).reshape(-1, 2),
        ONSETS: note_onsets(notes)[0],
        LENGTH: np.array([notes.end_s.max(initial=0.0)]),
    }


def _array(value: list[Any]) -> NDArray[np.float64] | None:
    """A list of numbers, or of rows of them, as an array; ``None`` when it has no one shape."""
    try:
        return np.array(value, dtype=np.float64)
    except (ValueError, TypeError):
        return None


def _check_length(path: Path) -> None:
    """Refuse a recording too long to be held beside others, before it is decoded."""
    import av

    try:
        with av.open(str(path)) as container:
            seconds = (container.duration or 0) / av.time_base
    except (av.FFmpegError, OSError):
        return  # reading it says what is wrong
    if seconds > MAX_AUDIO_S:
        raise LimitExceeded(f"{path.name} lasts {seconds / 60:.0f} minutes; in a set, at most {MAX_AUDIO_S / 60:.0f}.")


class _Entry:
    """A remembered result: one archive of the metrics as JSON and the arrays as NPY, written whole or not at all."""

    def __init__(self, cache: Path, key: str) -> None:
        name = hashlib.sha256(f"{key} {program_stamp('tools/kit')}".encode()).hexdigest()
        self.path = cache / "metrics" / name[:2] / f"{name}.zip"

    def read(self) -> tuple[Values, Arrays] | None:
        """The result; ``None`` when there is none or it is damaged."""
        try:
            with zipfile.ZipFile(self.path) as archive:
                values = json.loads(archive.read("metrics.json"))
                names = json.loads(archive.read("arrays.json"))
                arrays = {n: np.load(io.BytesIO(archive.read(f"{i}.npy"))) for i, n in enumerate(names)}
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            return None
        return values, arrays

    def write(self, values: Values, arrays: Arrays) -> None:
        """Keep a result; a full disk only costs the remembering."""
        partial = self.path.with_name(f".{self.path.name}.{os.getpid()}")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with zipfile.ZipFile(partial, "w") as archive:
                archive.writestr("metrics.json", json.dumps(values))
                archive.writestr("arrays.json", json.dumps(list(arrays)))
                for number, array in enumerate(arrays.values()):
                    stream = io.BytesIO()
                    np.save(stream, array, allow_pickle=False)
                    archive.writestr(f"{number}.npy", stream.getvalue())
            os.replace(partial, self.path)
        except OSError:
            partial.unlink(missing_ok=True)


@contextlib.contextmanager
def _deadline(name: str) -> Iterator[None]:
    """End what takes too long, where signals can: in the main thread of a process."""

    def late(number: int, frame: FrameType | None) -> None:
        raise LimitExceeded(f"{name} takes longer than {FILE_TIMEOUT_S} s to measure; cut it.")

    try:
        before = signal.signal(signal.SIGALRM, late)
    except ValueError:  # a thread: the step's own bound holds
        yield
        return
    signal.alarm(FILE_TIMEOUT_S)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def _in_processes(files: list[Path], cache: Path | None, how: How, processes: int) -> Generator[Measured, None, None]:
    """Results as they come. When a process dies, the files it may have died of are tried again, each alone."""
    suspects: list[Path] = []
    waiting = deque(files)
    while waiting:
        try:
            yield from _round(waiting, cache, how, processes, suspects)
        except BrokenProcessPool:
            continue
    for path in suspects:
        alone = deque([path])
        try:
            yield from _round(alone, cache, how, 1, [])
        except BrokenProcessPool:
            why = f"{path.name} cannot be measured: the process that did so died, most likely for want of memory."
            yield Measured(path, error=why)


def _round(
    waiting: deque[Path], cache: Path | None, how: How, processes: int, suspects: list[Path]
) -> Iterator[Measured]:
    """Measure what waits with fresh processes; what was under way when one died becomes a suspect."""
    pool = ProcessPoolExecutor(
        processes, mp_context=multiprocessing.get_context("spawn"), max_tasks_per_child=FILES_PER_PROCESS
    )
    running: dict[Future[Measured], Path] = {}
    finished = False
    try:
        while waiting or running:
            while waiting and len(running) < _AHEAD * processes:
                running[pool.submit(measure, waiting[0], cache, how)] = waiting[0]
                waiting.popleft()
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                result = future.result()
                del running[future]
                yield result
        finished = True
    except BrokenProcessPool:
        suspects += running.values()
        raise
    finally:
        _stop(pool, at_once=not finished)


def _stop(pool: ProcessPoolExecutor, *, at_once: bool) -> None:
    """Let the processes go; ``at_once`` kills what they are doing."""
    if at_once:
        for process in list((pool._processes or {}).values()):
            process.kill()
    pool.shutdown(wait=True, cancel_futures=True)
