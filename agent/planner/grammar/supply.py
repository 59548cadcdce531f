"""Where a step's artifacts come from: an earlier step, this turn's files, the session's, or a tool that makes them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import get_args, get_origin
from weakref import WeakKeyDictionary

from annotated_types import MinLen

from agent.plan import Step
from tools.contract import JSON, Artifact, Tool

SEEN = ("image", "video")  # what a person shows: always the original, never what was made of it
_FROM_WORDS = ("lyrics",)  # kinds that a tool may make from words alone for a tool that was asked for
_DEPTH = 3
_ARTIFACT_ARGUMENTS: WeakKeyDictionary[type, Mapping[str, tuple[str, ...]]] = WeakKeyDictionary()


@dataclass
class Supply:
    """The artifacts a plan can draw on while it is being built.

    ``fresh`` came with this turn; ``current`` are the session's, oldest first.
    """

    tools: Mapping[str, Tool]
    fresh: tuple[Artifact, ...] = ()
    current: tuple[Artifact, ...] = ()
    steps: list[Step] = field(default_factory=list)

    def kinds(self) -> set[str]:
        """Kinds that are there already, made, attached or kept."""
        made = {k for s in self.steps for k in self.tools[s.tool].gives}
        return made | {a.kind for a in (*self.fresh, *self.current)}

    def made_last(self) -> list[str]:
        """The tools by which the last turn made what it made: the results of one turn lie in one folder."""
        made = [a for a in self.current if a.tool is not None]
        return list(dict.fromkeys(a.tool for a in made if a.tool and a.file.parent == made[-1].file.parent))

    def find(
        self, kinds: tuple[str, ...], used: Iterable[str] = (), *, kept: bool = True, shown: bool = True
    ) -> str | None:
        """A reference to the artifact meant: the newest result, else this turn's file, else the session's newest.

        ``used`` are references this step holds already; ``kept`` says whether the session's count, ``shown``
        whether a film or picture that the person showed comes before what was made of it.
        """
        return next((r for r in self._all(kinds, kept=kept, shown=shown) if r not in used), None)

    def every(self, kinds: tuple[str, ...]) -> list[str]:
        """References for an argument that takes several: the newest result and all files that no step has used."""
        consumed = {v for s in self.steps for v in _strings(s.args)}
        files = [a.id for a in self.fresh if a.kind in kinds and a.id not in consumed]
        results = list(self._results(kinds))[:1]
        return results + files or [a.id for a in self.current if a.kind in kinds]

    def count(self, kinds: tuple[str, ...]) -> int:
        """How many artifacts of these kinds are there, made, attached or kept."""
        made = sum(bool(set(kinds) & set(self.tools[s.tool].gives)) for s in self.steps)
        return made + sum(a.kind in kinds for a in (*self.fresh, *self.current))

    def missing(self, tool: Tool) -> list[tuple[str, ...]]:
        """The kinds of each artifact a tool must have and that is not there."""
        there = self.kinds()
        needs = [kinds for name, kinds in artifact_arguments(tool).items() if required(tool, name)]
        return [kinds for kinds in needs if not there & set(kinds)]

    def route(self, kinds: tuple[str, ...], depth: int = _DEPTH) -> list[Tool] | None:
        """The shortest chain of tools that makes one of ``kinds`` from what is there; None when there is none."""
        chain = _route(kinds, frozenset(self.kinds()), self.tools, depth)
        if chain is None and set(kinds) & set(_FROM_WORDS):
            return next(([t] for t in self.tools.values() if needs_nothing(t) and set(kinds) & set(t.gives)), None)
        return chain

    def _all(self, kinds: tuple[str, ...], *, kept: bool, shown: bool) -> Iterator[str]:
        if shown and set(kinds) & set(SEEN):
            originals = [a for a in (*self.fresh, *self.current) if a.tool is None and a.kind in kinds]
            yield from (a.id for a in originals)
        yield from self._results(kinds)
        for kind in kinds:
            yield from (a.id for a in self.fresh if a.kind == kind)
        newest = [a for a in reversed(self.current) if a.tool] + [a for a in self.current if not a.tool]
        for kind in kinds if kept else ():
            yield from (a.id for a in newest if a.kind == kind)

    def _results(self, kinds: tuple[str, ...]) -> Iterator[str]:
        for kind in kinds:
            for step in reversed(self.steps):
                gives = self.tools[step.tool].gives
                if kind in gives:
                    yield f"${step.id}.{kind}" if len(set(gives) & set(kinds)) > 1 else f"${step.id}"


def artifact_arguments(tool: Tool) -> Mapping[str, tuple[str, ...]]:
    """A tool's arguments that name artifacts, with the kinds each accepts; see :meth:`Tool.references`."""
    known = _ARTIFACT_ARGUMENTS.get(tool.args_model)
    if known is None:
        known = _ARTIFACT_ARGUMENTS[tool.args_model] = tool.references()
    return known


def required(tool: Tool, name: str) -> bool:
    """Whether a tool cannot do without this argument, or without another given in its stead."""
    return tool.args_model.model_fields[name].is_required() or tool.instead(name) is not None


def takes_many(tool: Tool, name: str) -> bool:
    """Whether an argument takes a list of artifacts."""
    annotation = tool.args_model.model_fields[name].annotation
    return any(get_origin(part) is list for part in (annotation, *get_args(annotation)))


def fewest(tool: Tool, name: str) -> int:
    """How many artifacts an argument that takes a list must have."""
    bounds = [m.min_length for m in tool.args_model.model_fields[name].metadata if isinstance(m, MinLen)]
    return max(bounds, default=1)


def needs_nothing(tool: Tool) -> bool:
    """Whether words alone are enough for a tool."""
    return not any(required(tool, name) for name in artifact_arguments(tool))


def _route(kinds: tuple[str, ...], there: frozenset[str], tools: Mapping[str, Tool], depth: int) -> list[Tool] | None:
    if there & set(kinds):
        return []
    best: list[Tool] | None = None
    for tool in tools.values() if depth else ():
        if not set(kinds) & set(tool.gives) or needs_nothing(tool) or _lacks_words(tool, there):
            continue
        chain = _chain(tool, there, tools, depth - 1)
        if chain is not None and (best is None or len(chain) < len(best)):
            best = chain
    return best


def _lacks_words(tool: Tool, there: frozenset[str]) -> bool:
    """Whether a tool sings and there are no words: singing is asked for, never a way to something else."""
    return not there & set(_FROM_WORDS) and any(set(k) & set(_FROM_WORDS) for k in artifact_arguments(tool).values())


def _chain(tool: Tool, there: frozenset[str], tools: Mapping[str, Tool], depth: int) -> list[Tool] | None:
    """What must run, in order, so that ``tool`` can: its own chain and itself."""
    steps: list[Tool] = []
    for name, kinds in artifact_arguments(tool).items():
        if not required(tool, name):
            continue
        if set(kinds) & set(tool.gives):  # an editor: it makes nothing of its kind that was not there
            if not there & set(kinds):
                return None
            continue
        before = _route(kinds, there, tools, depth)
        if before is None:
            return None
        steps += [t for t in before if t not in steps]
    return [*steps, tool]


def _strings(value: JSON) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)
