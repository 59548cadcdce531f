"""Music tools, discovered by module name: ``tools.<family>.<name>`` holds a tool called ``name``."""

from __future__ import annotations

import difflib
import functools
import importlib
import pkgutil

from tools.contract import Tool
from tools.errors import UserError

FAMILIES = ("see", "hear", "find", "compose", "edit", "generate", "mix", "sing", "render", "evaluate", "talk")


@functools.cache
def catalogue() -> dict[str, Tool]:
    """Every tool, by name, in the order of families and then names.

    A module is a tool's home when it holds a :class:`Tool` called as the module is; other modules
    (helpers, names with a leading underscore) are passed over.
    """
    found: dict[str, Tool] = {}
    for family in FAMILIES:
        package = importlib.import_module(f"tools.{family}")
        for info in sorted(pkgutil.iter_modules(package.__path__), key=lambda i: i.name):
            if info.ispkg or info.name.startswith("_"):
                continue
            module = importlib.import_module(f"{package.__name__}.{info.name}")
            candidate = getattr(module, info.name, None)
            if isinstance(candidate, Tool):
                found[candidate.name] = candidate
    return found


def get_tool(name: str) -> Tool:
    """The tool of that name; ``UserError`` with the nearest names when there is none."""
    tools = catalogue()
    if name in tools:
        return tools[name]
    near = difflib.get_close_matches(name, tools, n=3)
    hint = f"did you mean {' or '.join(near)}?" if near else "`scorewright tool list` shows them all."
    raise UserError(f"There is no tool named {name!r}; {hint}")
