"""The machine: disk, folders, GPU."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path

from agent.doctor.finding import Finding

LEAST_FREE_MB = 500


def disk(folders: Mapping[str, Path]) -> Iterator[Finding]:
    """Free space where files are written; keys are the settings that move each folder."""
    for setting, folder in folders.items():
        free_mb = shutil.disk_usage(_nearest(folder)).free / 1e6
        enough = free_mb >= LEAST_FREE_MB
        yield Finding(
            "disk",
            f"space for {folder}",
            "ok" if enough else "broken",
            f"{free_mb:,.0f} MB free",
            "" if enough else f"free {LEAST_FREE_MB} MB there, or: export {setting}=/a/folder/with/space",
        )


def writable(folders: Mapping[str, Path]) -> Iterator[Finding]:
    """Whether a file can be made in each folder (or, when there is none yet, where it would be made)."""
    for setting, folder in folders.items():
        place = _nearest(folder)
        try:
            with tempfile.TemporaryFile(dir=place):
                yield Finding("disk", f"writing in {folder}", "ok", "a file could be made")
        except OSError as err:
            yield Finding(
                "disk",
                f"writing in {folder}",
                "broken",
                f"{place}: {err.strerror}",
                f"export {setting}=/a/folder/of/yours",
            )


def gpu() -> Iterator[Finding]:
    """Whether neural backends have a GPU; the core needs none."""
    if find_spec("torch") is None:
        seen = "there is one, but torch is not installed" if shutil.which("nvidia-smi") else "none seen, none needed"
        yield Finding("gpu", "GPU", "missing", seen)
        return
    import torch

    if torch.cuda.is_available():
        memory = torch.cuda.get_device_properties(0).total_memory / 1e9
        yield Finding("gpu", torch.cuda.get_device_name(0), "ok", f"{memory:.0f} GB, torch {torch.__version__}")
    elif torch.backends.mps.is_available():
        yield Finding("gpu", "Apple GPU", "ok", f"torch {torch.__version__}")
    else:
        yield Finding("gpu", "GPU", "missing", f"torch {torch.__version__} sees none; neural backends run on the CPU")


def _nearest(folder: Path) -> Path:
    """The folder, or the nearest one above it that exists."""
    folder = folder.expanduser().absolute()
    return next(place for place in (folder, *folder.parents) if place.is_dir())
