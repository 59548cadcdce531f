"""How likely each piano key begins and sounds at each moment: Basic Pitch (Bittner et al., ICASSP 2022) in ONNX.

The network sees windows of two seconds; here they overlap by a whole number of frames, so that the frames of a long
recording lie on one even grid. Provenance and licence: ``weights/README.md``.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

MODEL_ID = "basic-pitch"
MODEL = Path(__file__).with_name("weights") / "basic-pitch.onnx"
RATE, HOP = 22050, 256
FRAME_S = HOP / RATE
LOWEST, KEYS = 21, 88  # MIDI pitch of the first column
_WINDOW, _FRAMES, _EDGE = 43844, 172, 15  # samples and frames of a window, and frames dropped at either end
_KEPT = _FRAMES - 1 - 2 * _EDGE
_BATCH = 8

Activity = NDArray[np.float32]


@dataclass(frozen=True)
class NoteActivity:
    """Chances ``[frames, 88]`` that a key is struck and that it sounds; frames :data:`FRAME_S` apart from 0."""

    onset: Activity
    sounding: Activity


@functools.cache
def _session() -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(str(MODEL), options, providers=["CPUExecutionProvider"])


def note_activity(mono: NDArray[np.float32], progress: Callable[[float], None] = lambda share: None) -> NoteActivity:
    """Activity of every key over mono samples ``[n]`` at :data:`RATE`."""
    frames = -(-len(mono) // HOP)
    starts = range(0, max(frames, 1), _KEPT)
    padded = np.pad(mono.astype(np.float32), (_EDGE * HOP, _WINDOW))
    onsets, sounding = [], []
    for first in range(0, len(starts), _BATCH):
        batch = [padded[s * HOP : s * HOP + _WINDOW] for s in starts[first : first + _BATCH]]
        onset, note, _ = _session().run(
            ["StatefulPartitionedCall:2", "StatefulPartitionedCall:1", "StatefulPartitionedCall:0"],
            {_session().get_inputs()[0].name: np.stack(batch)[..., None]},
        )
        onsets.extend(onset[:, _EDGE : _EDGE + _KEPT])
        sounding.extend(note[:, _EDGE : _EDGE + _KEPT])
        progress(min(1.0, (first + _BATCH) / len(starts)))
    return NoteActivity(np.concatenate(onsets)[:frames], np.concatenate(sounding)[:frames])
