"""The tools as LangChain tools, for any agent that takes them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.config import Config, load_config
from agent.workbench import ToolReport, Workbench
from tools import catalogue, get_tool
from tools.contract import Tool
from tools.errors import ScorewrightError

if TYPE_CHECKING:
    from langchain_core.tools import StructuredTool


def load_tools(
    folder: Path | str = "runs/tools",
    names: Iterable[str] | None = None,
    *,
    config: Config | None = None,
    roots: Iterable[Path | str] = (),
    seed: int = 0,
) -> list[StructuredTool]:
    """Every tool of the catalogue, or those named, as LangChain ``StructuredTool`` objects over one folder.

    A file argument takes a path, or the id of what an earlier call made (``s1-1``); the model reads one sentence
    and the ids, and the message's ``artifact`` is the whole :class:`~agent.workbench.ToolReport`. What goes wrong
    comes back to the model as the tool's message, so that it can mend its call.

    Parameters
    ----------
    folder
        Where results are kept, each with a sidecar of provenance and licence.
    roots
        Folders that paths may lie in; none given, any readable file.

    Raises
    ------
    UserError
        When a name is no tool, or the folder cannot be written.
    """
    bench = Workbench(Path(folder), config or load_config(), roots=roots)
    chosen = catalogue().values() if names is None else [get_tool(name) for name in names]
    return [_structured(tool, bench, seed) for tool in chosen]


def described(tool: Tool) -> str:
    """A tool's description for a model, with how files are named where it takes any."""
    files = " Files are named by path or by the id of an earlier result." if tool.references() else ""
    return tool.description + files


def told(report: ToolReport) -> str:
    """A report in a few lines for a model: the sentence, what to know of it, and the ids of what was made."""
    made = [f"{a['id']}: {a['kind']}, {Path(a['path']).name}" for a in report.artifacts]
    return "\n".join([report.summary, *report.notes, *made])


def _structured(tool: Tool, bench: Workbench, seed: int) -> StructuredTool:
    from langchain_core.tools import StructuredTool, ToolException

    def call(**args: Any) -> tuple[str, ToolReport]:
        plain = tool.args_model.model_validate(args).model_dump(mode="json", exclude_unset=True)
        try:
            report = bench.call(tool.name, plain, seed=seed)
        except ScorewrightError as err:
            raise ToolException(err.msg) from err
        if report.error:
            raise ToolException(report.error)
        return told(report), report

    return StructuredTool.from_function(
        call,
        name=tool.name,
        description=described(tool),
        args_schema=tool.args_model,
        response_format="content_and_artifact",
        handle_tool_error=True,
        handle_validation_error=tool.explain,
        metadata={"family": tool.family, "takes": tool.takes, "gives": tool.gives, "cost": tool.cost},
    )
