"""What a picture shows: EfficientNet-Lite0 trained on ImageNet, run by ONNX Runtime on one core.

Tan and Le 2019, EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks. The thousand
classes hold animals, objects and some landscapes; people, faces and moods are not among them, so what
is below :data:`CLAIM` is shown with its confidence and never stated as a fact.
"""

from __future__ import annotations

import functools
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tools.errors import ToolFailed

MODEL_ID = "efficientnet-lite0"
INPUT_SIDE = 224
RESIZE_SIDE = 256  # side of the square before its centre is cut out, in pixels
LEAST_SIDE = 16  # shortest side that can show anything, in pixels
LEAST_DEVIATION = 4.0  # standard deviation of levels, of 255, that can
LONG = 1.15  # length over width from which a picture is also looked at in parts
CLAIM = 0.5  # confidence from which a label or subject is stated
MENTION = 0.10  # confidence from which a label is listed at all

Probabilities = NDArray[np.float32]  # [1000], sums to 1


@dataclass(frozen=True)
class Label:
    """A class name with the model's confidence in [0, 1]."""

    name: str
    confidence: float


class ImageLabeller:
    """Gives ImageNet class probabilities of pictures; load it once and keep it."""

    def __init__(self) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        path = weights_dir() / f"{MODEL_ID}.onnx"
        if not path.is_file():
            raise ToolFailed(f"The picture model {path} is missing; reinstall scorewright.")
        self._session: Any = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])

    def probabilities(self, rgb: NDArray[np.uint8]) -> Probabilities:
        """Class probabilities of one picture, uint8 [height, width, 3] in RGB of any size.

        The mean over the whole picture squeezed square and the squares at its two ends: one view alone
        is too sure of itself. A picture too small or too flat to show anything gets zeros.
        """
        if min(rgb.shape[:2]) < LEAST_SIDE or float(rgb.std(axis=(0, 1)).max()) < LEAST_DEVIATION:
            return np.zeros(len(class_names()), np.float32)
        batch = np.stack([_prepared(view) for view in _views(rgb)])
        found: NDArray[np.float32] = self._session.run(["imagenet"], {"image": batch})[0]
        return np.asarray(found.mean(axis=0), dtype=np.float32)


@functools.cache
def labeller() -> ImageLabeller:
    """The one labeller of this process."""
    return ImageLabeller()


def weights_dir() -> Path:
    """Folder of the weights that ship with the program; its README names licence and provenance."""
    return Path(__file__).parent / "weights"


@functools.cache
def class_names() -> tuple[str, ...]:
    """The thousand class names, in the model's order."""
    return tuple((weights_dir() / "imagenet_labels.txt").read_text(encoding="utf-8").splitlines())


def labels(probabilities: Probabilities, k: int = 5) -> list[Label]:
    """The ``k`` likeliest classes at or above :data:`MENTION`, best first."""
    best = np.argsort(-probabilities, kind="stable")[:k]
    return [Label(class_names()[i], float(probabilities[i])) for i in best if probabilities[i] >= MENTION]


def subjects(probabilities: Probabilities) -> list[Label]:
    """What the picture is of, in a few broad words, best first: class probabilities summed by subject."""
    sums = [Label(name, float(probabilities[list(classes)].sum())) for name, classes in _subjects().items()]
    return sorted((s for s in sums if s.confidence >= MENTION), key=lambda s: -s.confidence)


@functools.cache
def _subjects() -> dict[str, tuple[int, ...]]:
    table = tomllib.loads((weights_dir() / "imagenet_subjects.toml").read_text(encoding="utf-8"))["subjects"]
    return {name: tuple(i for entry in entries for i in _classes(entry)) for name, entries in table.items()}


def _classes(entry: int | list[int]) -> range:
    return range(entry[0], entry[1] + 1) if isinstance(entry, list) else range(entry, entry + 1)


def _views(rgb: NDArray[np.uint8]) -> list[NDArray[np.uint8]]:
    """The whole picture, and its two end squares where it is clearly longer than wide."""
    height, width = rgb.shape[:2]
    side = min(height, width)
    if max(height, width) < LONG * side:
        return [rgb]
    return [rgb, rgb[:side, :side], rgb[height - side :, width - side :]]


def _prepared(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    """float32 [3, 224, 224]: squeezed to 256 x 256, the centre, (level - 127) / 128."""
    import cv2

    shrinks = min(rgb.shape[:2]) > RESIZE_SIDE
    resized = cv2.resize(rgb, (RESIZE_SIDE, RESIZE_SIDE), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC)
    edge = (RESIZE_SIDE - INPUT_SIDE) // 2
    centre = resized[edge : edge + INPUT_SIDE, edge : edge + INPUT_SIDE].astype(np.float32)
    return np.ascontiguousarray(((centre - 127.0) / 128.0).transpose(2, 0, 1))
