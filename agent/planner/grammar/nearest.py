"""The tool whose examples are nearest in meaning to a request, for when no tool's own phrase matched.

English is compared by sentence vectors (all-MiniLM-L6-v2), Chinese by the overlap of character pairs
(Dice 1945). A tool is compared by its examples and by the first sentence of its description.
"""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tools.contract import Tool

EXAMPLES = Path(__file__).with_name("examples.toml")
LEAST_ENGLISH = 0.45  # cosine
LEAST_CHINESE = 0.3  # Dice coefficient
MARGIN = 0.08  # by which another tool must be nearer than those that the words seem to ask for
_CHINESE = re.compile(r"[\u3400-\u9fff]")
_STOP_PAIRS = re.compile(r"(?:这|那|一)(?:个|段|首|下|点)|帮我|请|能不能|可以|吗|吧|呢|的")


def nearest(request: str, tools: Iterable[Tool], *, before: Iterable[str] = ()) -> Tool | None:
    """The tool nearest in meaning, or None when none is near, or clearly nearer than those named in ``before``."""
    candidates, before = list(tools), frozenset(before)
    if not candidates:
        return None
    if _CHINESE.search(request):
        scores, least = np.array([_likeness(request, t) for t in candidates]), LEAST_CHINESE
    else:
        asked = _vectors((request,))[0]
        scores, least = np.array([float((_vectors(_texts(t)) @ asked).max()) for t in candidates]), LEAST_ENGLISH
    best = int(scores.argmax())
    rivals = [float(s) for t, s in zip(candidates, scores, strict=True) if t.name in before]
    if rivals and (candidates[best].name in before or scores[best] < max(rivals) + MARGIN):
        return None
    return candidates[best] if scores[best] >= least else None


def _texts(tool: Tool) -> tuple[str, ...]:
    """A tool's examples, and the first sentence of its description."""
    return (*_examples().get(tool.name, ()), re.split(r"(?<=[.!?])\s", tool.description, maxsplit=1)[0] or tool.name)


@functools.cache
def _examples() -> dict[str, list[str]]:
    with EXAMPLES.open("rb") as stream:
        return tomllib.load(stream)


@functools.lru_cache(maxsize=512)
def _vectors(texts: tuple[str, ...]) -> NDArray[np.float32]:
    """Unit vectors of texts, ``[n, 384]``."""
    from tools.backends.text_embedding import embed

    return embed(texts)


def _likeness(request: str, tool: Tool) -> float:
    return max(_dice(_pairs(request), _pairs(t)) for t in _texts(tool))


def _pairs(text: str) -> frozenset[str]:
    """Neighbouring Chinese characters, politeness and counting words left out."""
    chars = "".join(_CHINESE.findall(_STOP_PAIRS.sub("", text)))
    return frozenset(chars[i : i + 2] for i in range(len(chars) - 1)) | frozenset(chars)


def _dice(one: frozenset[str], other: frozenset[str]) -> float:
    return 2 * len(one & other) / (len(one) + len(other)) if one and other else 0.0
