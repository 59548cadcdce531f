"""Tools of the public catalogue that this version does not have, declared in ``unbuilt.toml``.

They are planned like any other, so that a request is understood whole and the person hears which
tool is missing; a plan that names one does not validate.
"""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, create_model

from agent.plan import Plan, PlanError
from tools import FAMILIES, catalogue
from tools.contract import Accepts, Tool, ToolArgs, ToolContext, ToolResult
from tools.errors import ToolFailed

DECLARATIONS = Path(__file__).with_name("unbuilt.toml")
_TYPES: dict[str, Any] = {
    "int": int,
    "float": float,
    "str": str,
    "bool": bool,
    "any": Any,
    "int*": list[int],
    "float*": list[float],
    "str*": list[str],
}


@functools.cache
def unbuilt_tools() -> dict[str, Tool]:
    """Every declared tool that the catalogue lacks, by name."""
    with DECLARATIONS.open("rb") as stream:
        declared = tomllib.load(stream)
    return {name: _declared(name, entry) for name, entry in declared.items()}


def toolbox() -> dict[str, Tool]:
    """The catalogue and the unbuilt tools together, in the order of families and then names."""
    together = unbuilt_tools() | catalogue()
    return dict(sorted(together.items(), key=lambda item: (FAMILIES.index(item[1].family), item[0])))


def lacking(plan: Plan) -> list[str]:
    """Names of the tools a plan needs and this version does not have, in the order of the plan."""
    built = catalogue()
    return list(dict.fromkeys(s.tool for s in plan.steps if s.tool not in built and s.tool in unbuilt_tools()))


def runnable(plan: Plan) -> Plan:
    """The plan itself; a :class:`PlanError` names the tools that this version does not have."""
    missing = lacking(plan)
    if missing:
        names = " and ".join(f"`{name}`" for name in missing)
        raise PlanError(f"This request needs {names}, which this version does not have; ask for the rest without it.")
    return plan


def _declared(name: str, entry: Mapping[str, Any]) -> Tool:
    fields: dict[str, Any] = {}
    takes: dict[str, None] = {}
    for argument, spec in entry["refs"].items():
        names, many, fewest = spec.rstrip("?").partition("*")
        kinds = tuple(names.split("|"))
        takes |= dict.fromkeys(kinds)
        fields[argument] = _reference(kinds, fewest=int(fewest or 1) if many else None, optional=spec.endswith("?"))
    for argument, kind in entry["args"].items():
        fields[argument] = (_type(kind) | None, Field(None, description=argument.replace("_", " ")))
    return Tool(
        name=name,
        family=entry["family"],
        description=entry["description"],
        function=_missing(name),
        args_model=create_model(f"{name.title().replace('_', '')}Args", __base__=ToolArgs, **fields),
        version="0",
        takes=tuple(takes),
        gives=tuple(entry["gives"]),
        asks=tuple(entry["asks"]),
        needs=(),
        cost="seconds",
        random=False,
        isolated=False,
        timeout_s=1.0,
        backends=(),
    )


def _type(kind: str) -> Any:
    """The Python type of a declared one; words joined by ``|`` are the answers to choose from."""
    return _TYPES[kind] if kind in _TYPES else Literal[tuple(kind.split("|"))]


def _reference(kinds: tuple[str, ...], *, fewest: int | None, optional: bool) -> tuple[Any, Any]:
    """A field, as ``create_model`` takes it, that refers to one artifact or to a list of at least ``fewest``."""
    annotation: Any = list[str] if fewest else str | None if optional else str
    field = Field(None if optional else ..., min_length=fewest, description=f"An artifact: {' or '.join(kinds)}.")
    return Annotated[annotation, Accepts(kinds)], field


def _missing(name: str) -> Any:
    def function(args: Any, ctx: ToolContext) -> ToolResult:
        raise ToolFailed(f"This version does not have `{name}`.")

    return function
