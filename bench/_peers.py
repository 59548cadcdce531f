"""What plain peers hear in WAV files: librosa's beats, key, chords and sections, pYIN's pitch, Basic Pitch's notes.

Run by an interpreter of its own, in which librosa and basic-pitch are installed; it imports nothing of this program:
``python bench/_peers.py FOLDER`` reads ``FOLDER/jobs.json``, a list of ``{"file", "what"}``, and writes ``peers.json``.
"""

from __future__ import annotations

import json
import sys
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np

_MAJOR = (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88)  # Krumhansl and Kessler 1982
_MINOR = (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17)


def whole(path: Path) -> dict[str, Any]:
    """Tempo, beats, key, chords and boundaries by librosa's own functions."""
    import librosa

    y, rate = librosa.load(path, sr=22050)
    started = time.perf_counter()
    tempo, beats = librosa.beat.beat_track(y=y, sr=rate)
    chroma = librosa.feature.chroma_cqt(y=y, sr=rate)
    times = librosa.frames_to_time(beats, sr=rate)
    bars = librosa.util.sync(chroma, beats) if len(beats) else chroma
    edges = [0.0, *times.tolist(), len(y) / rate]
    mean = chroma.mean(axis=1)
    keys = [float(np.corrcoef(mean, np.roll(p, k))[0, 1]) for p in (_MAJOR, _MINOR) for k in range(12)]
    templates = np.array([np.roll([1, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0], k) for k in range(12)]
                         + [np.roll([1, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0], k) for k in range(12)])  # fmt: skip
    chords = (templates @ bars).argmax(axis=0)
    seconds = time.perf_counter() - started
    parts = max(2, round(len(y) / rate / 15))
    cuts = librosa.frames_to_time(librosa.segment.agglomerative(chroma, parts), sr=rate)
    return {
        "tempo": float(np.atleast_1d(tempo)[0]),
        "beats": times.tolist(),
        "key": int(np.argmax(keys)),
        "chords": [[edges[i], edges[i + 1], int(c)] for i, c in enumerate(chords[: len(edges) - 1])],
        "cuts": cuts.tolist(),
        "seconds": seconds,
    }


def notes(path: Path) -> dict[str, Any]:
    """Notes by Basic Pitch as published."""
    import pathlib

    from basic_pitch import ICASSP_2022_MODEL_PATH
    from basic_pitch.inference import Model, predict

    global _loaded  # noqa: PLW0603
    _loaded = _loaded or Model(pathlib.Path(ICASSP_2022_MODEL_PATH).parent / "nmp.onnx")
    started = time.perf_counter()
    _, _, events = predict(path, _loaded)
    return {"notes": [[e[0], e[1], int(e[2])] for e in events], "seconds": time.perf_counter() - started}


_loaded: Any = None


def voice(path: Path) -> dict[str, Any]:
    """Pitch by pYIN, 0 where unvoiced, every 512 samples at 22.05 kHz; and notes by Basic Pitch."""
    import librosa

    y, rate = librosa.load(path, sr=22050)
    hertz, voiced, _ = librosa.pyin(y, fmin=65, fmax=1800, sr=rate, frame_length=2048, hop_length=512)
    return {"f0": np.where(voiced, np.nan_to_num(hertz), 0.0).tolist()} | notes(path)


def main(folder: Path) -> None:
    """Every job of the folder."""
    warnings.filterwarnings("ignore")
    jobs = json.loads((folder / "jobs.json").read_text())
    heard = {j["file"]: {"whole": whole, "notes": notes, "voice": voice}[j["what"]](folder / j["file"]) for j in jobs}
    (folder / "peers.json").write_text(json.dumps(heard))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
