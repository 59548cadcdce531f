"""From intents to steps: one step an intent, on the result of the one before, with what it needs made first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from agent.plan import Step, references
from agent.planner.grammar import job
from agent.planner.grammar.around import around
from agent.planner.grammar.fill import FREE_TEXT, arguments, brief_in_words
from agent.planner.grammar.parse import Parse
from agent.planner.grammar.supply import Supply, artifact_arguments, fewest, needs_nothing, required, takes_many
from tools.brief import Brief
from tools.contract import JSON, Tool


class Unobtainable(Exception):
    """A tool was asked for and an artifact it needs can be had from nowhere."""

    def __init__(self, tool: Tool, kinds: tuple[str, ...]) -> None:
        super().__init__(f"{tool.name} needs {' or '.join(kinds)}")
        self.tool, self.kinds = tool, kinds


class Unclear(Exception):
    """A tool was asked for and an argument it cannot do without was not said."""

    def __init__(self, tool: Tool, name: str) -> None:
        super().__init__(f"{tool.name} needs {name}")
        self.tool, self.name = tool, name


class Builder:
    """A plan under construction."""

    def __init__(
        self, supply: Supply, brief: Brief, refused: Iterable[str], *, may_make: bool, themed: bool = False
    ) -> None:
        self.supply = supply
        self.brief = brief
        self.refused = frozenset(refused)
        self.may_make = may_make
        self.themed = themed

    @property
    def steps(self) -> list[Step]:
        """The steps so far."""
        return self.supply.steps

    def planned(self) -> list[str]:
        """The tools so far."""
        return [s.tool for s in self.steps]

    def add(self, tool: Tool, parsed: Parse, query: str) -> None:
        """Add a step for a tool that was asked for, after whatever must be made for it.

        Raises
        ------
        Unobtainable
            When an artifact it needs is not there and nothing planned or attached leads to it.
        Unclear
            When the words do not say what the tool must know.
        """
        args = arguments(tool, parsed, query)
        if self._said_already(tool, args):
            return
        for kinds in self.supply.missing(tool):
            if not self._words_said(kinds):
                self._obtain(tool, kinds, parsed)
        for kinds in self._words_lacking(tool):
            self._obtain(tool, kinds, parsed)
        for part in around(tool, args, parsed):
            self._step(tool, part)

    def make(self, parsed: Parse) -> None:
        """Add the main job up to its music: what is shown is described, references are found, music is made."""
        for name in job.BEFORE:
            if name not in self.planned():
                self._optional(name, parsed)
        self.add(self.supply.tools[job.MAKE], parsed, brief_in_words(self.brief))

    def finish(self, names: Iterable[str], parsed: Parse) -> None:
        """Add the named finishing steps that can be had and that do not stand after the last change already."""
        for name in names:
            if name not in self._since_last_change():
                self._optional(name, parsed)

    def check(self, parsed: Parse) -> None:
        """Add the check, last, when music was made or changed, or a rendering has something to meet."""
        sounds = any("audio" in self.supply.tools[s.tool].gives for s in self.steps)
        makes = {self.supply.tools[s.tool].family for s in self.steps if self._gives_music(s)}
        if makes & job.CHANGES_MUSIC or (makes & {"render"} and sounds and parsed.brief.constraints):
            self.supply.steps[:] = [s for s in self.steps if s.tool != job.CHECK]
            self._optional(job.CHECK, parsed)

    def makes_from_nothing(self) -> bool:
        """Whether a step makes notes that no attached or kept music went into."""
        return any("midi" in self.supply.tools[s.tool].gives and not self._drawn_from_music(s) for s in self.steps)

    def changes_notes(self) -> bool:
        """Whether a step makes or changes notes."""
        tools = [self.supply.tools[s.tool] for s in self.steps]
        return any(t.family in job.CHANGES_MUSIC and "midi" in t.gives for t in tools)

    def _words_said(self, kinds: tuple[str, ...]) -> bool:
        """Whether what is needed are words to sing, and the request itself holds them."""
        return kinds == job.WORDS and self.brief.lyrics is not None

    def _words_lacking(self, tool: Tool) -> list[tuple[str, ...]]:
        """The kinds of words that a singer of newly made music needs: what was attached is sung as it is."""
        if not self.makes_from_nothing() and not self.supply.missing(tool):
            return []
        lacking = [k for n, k in artifact_arguments(tool).items() if k == job.WORDS and not required(tool, n)]
        return [k for k in lacking if not self._words_said(k) and not self.supply.kinds() & set(k)]

    def _said_already(self, tool: Tool, args: Mapping[str, JSON]) -> bool:
        """Whether the step before is the same in other words ("join them, one after the other"); it learns what is new.

        A format that the step before gives is the same too: "transcribe it, as midi".

        One of the two must say all that the other says: "keep going, 16 more bars" is one step, "up a third, down a
        fifth" are two.
        """
        if not self.steps:
            return False
        if self.steps[-1].tool != tool.name:
            return args.get("format") in self.supply.tools[self.steps[-1].tool].gives
        said = {n: v for n, v in self.steps[-1].args.items() if n not in artifact_arguments(tool) and n != FREE_TEXT}
        adds = {n: v for n, v in args.items() if n != FREE_TEXT}
        if not (said.items() <= adds.items() or adds.items() <= said.items()):
            return False
        self.steps[-1].args.update(adds)
        return True

    def _obtain(self, tool: Tool, kinds: tuple[str, ...], parsed: Parse) -> None:
        route = self.supply.route(kinds) if kinds != job.WORDS or not job.OWN_WORDS.search(self.brief.request) else None
        if route is None and self.may_make and tool.family not in job.JUDGES_MUSIC and kinds != job.WORDS:
            self.make(parsed)
            route = self.supply.route(kinds)
        if route is None:
            raise Unobtainable(tool, kinds)
        for needed in route:
            self._step(needed, arguments(needed, parsed, brief_in_words(self.brief)))

    def _optional(self, name: str, parsed: Parse) -> None:
        """Add a step of the main job unless it is refused, unknown or lacks what it needs."""
        tool = self.supply.tools.get(name)
        if tool is None or name in self.refused or self.supply.missing(tool):
            return
        if name in job.LOOK and not self._shown(tool):
            return
        self._step(tool, arguments(tool, parsed, brief_in_words(self.brief)))

    def _shown(self, tool: Tool) -> bool:
        """Whether the person shows a file the tool looks at (its own results do not count)."""
        kinds = {k for ks in artifact_arguments(tool).values() for k in ks}
        return any(a.tool is None and a.kind in kinds for a in (*self.supply.fresh, *self.supply.current))

    def _step(self, tool: Tool, args: Mapping[str, JSON]) -> None:
        filled = {**self._artifacts(tool), **args}
        needs = list(dict.fromkeys(step_id for step_id, _ in references(filled)))
        step = Step(id=f"s{len(self.steps) + 1}", tool=tool.name, args=filled, needs=needs)
        lacking = [n for n in tool.args_model.model_fields if required(tool, n) and n not in step.args]
        kinds = artifact_arguments(tool)
        unsaid = next((n for n in lacking if not self._words_said(kinds.get(n, ()))), None)
        if unsaid is not None:
            raise Unclear(tool, unsaid)
        self.steps.append(step)

    def _artifacts(self, tool: Tool) -> dict[str, JSON]:
        """The tool's artifact arguments: those it must have from anywhere, the others from what this turn brings."""
        filled: dict[str, JSON] = {}
        used: list[str] = []
        kinds = artifact_arguments(tool)
        judges = tool.family in job.JUDGES_MUSIC
        for name in sorted(kinds, key=lambda n: not required(tool, n)):
            if name == job.THEME and not self.themed:
                continue
            if takes_many(tool, name):
                files = self.supply.every(kinds[name])
                found: JSON = files if len(files) >= fewest(tool, name) else []
                used += files if found else []
            else:
                found = self.supply.find(
                    kinds[name],
                    used,
                    kept=required(tool, name) or judges or name == job.THEME or set(kinds[name]) <= set(tool.gives),
                    shown=not judges,
                )
                used += [found] if found else []
            if found:
                filled[name] = found
            elif required(tool, name) and not self._words_said(kinds[name]):
                raise Unobtainable(tool, kinds[name])
        if judges and needs_nothing(tool) and kinds and not filled and not tool.folders():
            raise Unobtainable(tool, next(iter(kinds.values())))
        return filled

    def _gives_music(self, step: Step) -> bool:
        return bool(set(self.supply.tools[step.tool].gives) & job.MUSIC)

    def _drawn_from_music(self, step: Step) -> bool:
        tool = self.supply.tools[step.tool]
        return any(set(kinds) & job.MUSIC and required(tool, name) for name, kinds in artifact_arguments(tool).items())

    def _since_last_change(self) -> list[str]:
        """Tools planned after the last step that makes or changes notes."""
        tools = [self.supply.tools[s.tool] for s in self.steps]
        changes = [n for n, t in enumerate(tools) if "midi" in t.gives and t.family in job.CHANGES_MUSIC]
        return [s.tool for s in self.steps[changes[-1] + 1 if changes else 0 :]]
