"""Tools called one by one, as benches do that need no plan: a context, one step, the sound it made."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from agent.store import Store
from bench._fidelity_piece import RATE
from tools import get_tool
from tools.contract import Artifact, ToolSettings


@dataclass
class Context:
    """What a tool sees of the world in a bench."""

    store: Store
    work_dir: Path
    seed: int
    settings: ToolSettings = field(default_factory=ToolSettings)

    def artifact(self, ref: str) -> Artifact:
        """The artifact with this id."""
        return self.store[ref]

    def progress(self, share: float, message: str) -> None:
        """Nobody watches."""


def made(tool: str, args: dict[str, Any], store: Store, seed: int) -> Artifact:
    """The first artifact that a tool makes."""
    result = get_tool(tool)(args, Context(store, store.work_dir(tool), seed))
    record = {"tool": tool, "version": get_tool(tool).version, "args": args, "seed": seed}
    return store.commit(tool, result, record)[0]


def mono(path: Path) -> np.ndarray:
    """A rendered file at the measures' rate, ``[n]``, peak 1."""
    import soundfile
    from scipy import signal

    samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    mono = signal.resample_poly(samples.mean(axis=1), RATE, rate).astype(np.float32)
    return np.asarray(mono / max(float(np.abs(mono).max()), 1e-9))
