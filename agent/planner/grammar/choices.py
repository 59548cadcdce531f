"""Arguments with a fixed set of answers (a format, an effect, a policy): which of them a request names."""

from __future__ import annotations

import functools
import re
import tomllib
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from agent.planner.grammar.intents import negated
from agent.planner.grammar.parse import Parse, Span
from agent.planner.grammar.reading import JOINED, UNMET, normalised
from agent.planner.grammar.supply import takes_many
from tools.contract import JSON, Tool

SYNONYMS = Path(__file__).with_suffix(".toml")
_GAP = r"(?:[ _-]?|\b[^,.;]{1,25}?\b)"  # "fade_out" is also said "fade the last seconds out"
_COLOURS = frozenset({"mood", "genre", "instruments", "dynamics", "deliver"})  # read twice: "warmer" may be an effect


def choices(tool: Tool, parsed: Parse) -> dict[str, tuple[JSON, list[Span]]]:
    """For each argument that chooses, the answer named and where; of several the last ("this wav to mp3").

    A switch is set by its name ("render with stems"). An argument that takes a list gets every answer
    named, in the order said. Words that mean something else already, a tempo or a key, name no answer.
    """
    text = normalised(parsed.brief.request)
    taken = [s for s in parsed.spans if s.name not in _COLOURS | {UNMET, JOINED}]
    found: dict[str, tuple[JSON, list[Span]]] = {}
    for name, info in tool.args_model.model_fields.items():
        if info.annotation is bool:
            spoken = [span for _, span in _mentions(text, name, name, taken)]
            if spoken:
                found[name] = (not any(negated(text, s.start) for s in spoken), spoken)
            continue
        hits = _widest([hit for option in _options(info.annotation) for hit in _mentions(text, name, option, taken)])
        hits.sort(key=lambda hit: (hit[1].start, hit[1].end))
        if hits and takes_many(tool, name):
            found[name] = (list(dict.fromkeys(option for option, _ in hits)), [span for _, span in hits])
        elif hits:
            found[name] = (hits[-1][0], [span for _, span in hits])
    return found


def _widest(hits: list[tuple[str, Span]]) -> list[tuple[str, Span]]:
    """Mentions that lie inside no longer one: a "walking bass" is no mere "bass"."""
    return [
        (option, span)
        for option, span in hits
        if not any(
            w.start <= span.start and span.end <= w.end and w.end - w.start > span.end - span.start for _, w in hits
        )
    ]


def _mentions(text: str, name: str, option: str, taken: list[Span]) -> list[tuple[str, Span]]:
    spans = [Span(m.start(), m.end(), name) for m in _pattern(option).finditer(text)]
    ends = [(s, (s.start, s.end - 1)) for s in spans]
    return [(option, s) for s, edges in ends if not any(t.start <= e < t.end for t in taken for e in edges)]


@functools.cache
def _pattern(option: str) -> re.Pattern[str]:
    words = [re.escape(w).replace("_", _GAP) for w in (option, *_synonyms().get(option, ()))]
    return re.compile(rf"(?<![a-z0-9])(?:{'|'.join(sorted(words, key=len, reverse=True))})(?![a-z0-9])", re.IGNORECASE)


@functools.cache
def _synonyms() -> dict[str, list[str]]:
    with SYNONYMS.open("rb") as stream:
        return tomllib.load(stream)


def _options(annotation: Any) -> tuple[str, ...]:
    """The strings of a ``Literal`` anywhere in an annotation."""
    if get_origin(annotation) is Literal:
        return tuple(o for o in get_args(annotation) if isinstance(o, str))
    return tuple(o for part in get_args(annotation) for o in _options(part))
