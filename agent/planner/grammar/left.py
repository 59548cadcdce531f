"""What was not understood: content words that no room took, as phrases, word for word."""

from __future__ import annotations

import re
from collections.abc import Iterable

from agent.planner.grammar.reading import Span

_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")


def left_over(request: str, spans: Iterable[Span]) -> list[str]:
    """The words of a request that nothing was made of, grouped as phrases; stop words are not reported."""
    taken = [(s.start, s.end) for s in spans]
    return [w.group() for w in _WORD.finditer(request)
            if not any(a < w.end() and w.start() < b for a, b in taken)]
