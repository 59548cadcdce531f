"""Piano recordings to notes and pedal: Transkun (Yan and Duan, ISMIR 2024), when its package and torch are installed.

The package ``transkun`` (MIT) brings its weights, which are read with ``weights_only=True``. About as fast as the
music on one core. ``pip install --no-deps transkun moduleconf`` beside torch is enough; its other requirements serve
training.
"""

from __future__ import annotations

import contextlib
import functools
import sys
import types
from collections.abc import Callable, Iterator, Mapping
from importlib.util import find_spec
from math import gcd
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tools.errors import UserError
from tools.kit.analysis.metrical import HeardNote

MODEL_ID = "transkun-2.0"
_SUSTAIN = -64
_STEP_S, _OVERLAP_S = 60.0, 8.0
_SURE = 0.9  # the model decodes whole intervals and gives no chances


def is_installed() -> bool:
    """Whether the model's package and torch are there."""
    return all(find_spec(name) is not None for name in ("torch", "transkun", "moduleconf"))


@functools.cache
def _model() -> Any:
    if not is_installed():
        raise UserError(
            "The piano transcriber is not installed; run `pip install torch` and `pip install --no-deps transkun "
            "moduleconf`, or let backend be 'basic-pitch'."
        )
    import moduleconf
    import torch

    spec = find_spec("transkun")
    assert spec is not None
    assert spec.origin is not None
    home = Path(spec.origin).parent / "pretrained"
    described = moduleconf.parseFromFile(str(home / "2.0.conf"))["Model"]
    saved = torch.load(home / "2.0.pt", map_location="cpu", weights_only=True)
    weights = saved.get("best_state_dict", saved.get("state_dict"))
    with _filters_from(weights):
        model = described.module.TransKun(conf=described.config)
    model.load_state_dict(weights, strict=False)
    return model.eval()


@contextlib.contextmanager
def _filters_from(weights: Mapping[str, Any]) -> Iterator[None]:
    """While the model is built, its mel filters are those in its weights: torchaudio, which it asks, is not needed."""
    bank = next(values for name, values in weights.items() if name.endswith("freq2mels"))
    stand_in = types.ModuleType("torchaudio")
    stand_in.functional = types.SimpleNamespace(melscale_fbanks=lambda **asked: bank.clone())  # type: ignore[attr-defined]
    before = sys.modules.get("torchaudio")
    sys.modules["torchaudio"] = stand_in
    try:
        yield
    finally:
        del sys.modules["torchaudio"]
        if before is not None:
            sys.modules["torchaudio"] = before


def piano_notes(
    mono: NDArray[np.float32], rate: int, late_s: float, progress: Callable[[float], None] = lambda share: None
) -> tuple[list[HeardNote], list[tuple[float, float]]]:
    """Notes, and spans in seconds in which the sustaining pedal is down, ``late_s`` later than in the samples."""
    model = _model()
    import torch
    from scipy import signal

    divisor = gcd(rate, int(model.fs))
    sound = signal.resample_poly(mono, int(model.fs) // divisor, rate // divisor).astype(np.float32)
    step, overlap = int(_STEP_S * model.fs), int(_OVERLAP_S * model.fs)
    notes: list[HeardNote] = []
    pedal: list[tuple[float, float]] = []
    for start in range(0, max(len(sound), 1), step):
        first = max(0, start - overlap)
        piece = sound[first : start + step + overlap]
        with torch.no_grad():
            events = model.transcribe(torch.from_numpy(piece)[:, None].repeat(1, 2))
        for event in events:
            begin, end = event.start + first / model.fs, event.end + first / model.fs
            if not start <= begin * model.fs < start + step:
                continue
            if event.pitch > 0:
                notes.append(HeardNote(begin + late_s, end + late_s, event.pitch, max(1, int(event.velocity)), _SURE))
            elif event.pitch == _SUSTAIN:
                pedal.append((begin + late_s, end + late_s))
        progress(min(1.0, (start + step) / max(len(sound), 1)))
    return sorted(notes, key=lambda n: (n.start_s, n.pitch)), sorted(pedal)
