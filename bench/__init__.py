"""Benches: one module a figure, each with ``run(n) -> str``, a Markdown report that names what it measured."""

from __future__ import annotations

import importlib
import inspect
import re
from pathlib import Path

from tools.errors import UserError


def names() -> list[str]:
    """The benches there are: modules that define ``run``, found without importing them."""
    found = (path for path in Path(__file__).parent.glob("*.py") if not path.stem.startswith("_"))
    return sorted(path.stem for path in found if re.search(r"^def run\(", path.read_text(encoding="utf-8"), re.M))


def run_bench(name: str, n: int | None = None) -> str:
    """Run one bench; ``n`` is its number of cases, where it takes one."""
    if name not in names():
        raise UserError(f"There is no bench {name!r}; there are: {', '.join(names())}.")
    bench = importlib.import_module(f"bench.{name}").run
    takes_n = "n" in inspect.signature(bench).parameters
    return str(bench(n=n) if takes_n and n is not None else bench())
