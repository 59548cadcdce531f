"""One tool, called by name: what ``scorewright tool call`` and a script's author use."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from agent.config import Config
from agent.events import CancelToken, Listener, silent
from agent.workbench import ToolReport, Workbench
from tools import get_tool
from tools.contract import Artifact, Tool
from tools.errors import UserError

__all__ = ["ToolReport", "call_tool", "with_attachments"]


def call_tool(
    name: str,
    args: Mapping[str, Any],
    attachments: list[Path],
    folder: Path,
    config: Config,
    *,
    seed: int = 0,
    emit: Listener = silent,
    cancel: CancelToken | None = None,
) -> ToolReport:
    """Run one tool on files; artifact arguments that were not given are filled from them by kind.

    Raises
    ------
    UserError
        When the tool, an argument or a file is wrong; what fails later is told in the report.
    """
    tool = get_tool(name)
    with Workbench(folder, config) as bench:
        attached = [bench.attach(path) for path in attachments]
        return bench.call(name, with_attachments(tool, args, attached), seed=seed, emit=emit, cancel=cancel)


def with_attachments(tool: Tool, args: Mapping[str, Any], attached: list[Artifact]) -> dict[str, Any]:
    """The arguments with open artifact arguments filled from the files, each file used once.

    Raises
    ------
    UserError
        When a file fits no argument of the tool, or a required one stays open.
    """
    filled = dict(args)
    free = [a for a in attached if a.id not in _flat(args.values())]
    for field, kinds in tool.references().items():
        if field in filled:
            continue
        fitting = [a for a in free if a.kind in kinds]
        if fitting:
            is_list = "list" in str(tool.args_model.model_fields[field].annotation)
            filled[field] = [a.id for a in fitting] if is_list else fitting[0].id
            free = [a for a in free if a not in (fitting if is_list else fitting[:1])]
    if free:
        takes = sorted({k for kinds in tool.references().values() for k in kinds}) or ["no file"]
        raise UserError(f"{tool.name} takes {' and '.join(takes)}; {free[0].file.name} is {free[0].kind}.")
    for field, kinds in tool.references().items():
        if field not in filled and tool.args_model.model_fields[field].is_required():
            raise UserError(f"{tool.name} needs {' or '.join(kinds)} for {field!r}; name a file with --attach.")
    return filled


def _flat(values: Any) -> set[str]:
    return {v for value in values for v in (value if isinstance(value, list) else [value]) if isinstance(v, str)}
