"""What an MCP client works in: a workbench for single tools and a session for requests, over one folder."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from agent.config import Config
from agent.events import CancelToken, Listener, silent
from agent.records import RunReport
from agent.session import Session
from agent.store import Store
from agent.toolkit import described, told
from agent.workbench import ToolReport, Workbench
from tools import catalogue, get_tool
from tools.contract import Artifact, Tool
from tools.errors import UserError

ASK = "ask"


class Ask(BaseModel):
    """Arguments of ``ask``."""

    model_config = ConfigDict(extra="forbid")

    request: str = Field(min_length=1, description="What is wanted, in the person's own words, English or Chinese.")
    attachments: list[str] = Field(
        default_factory=list, description="Files for this request: paths, or ids of artifacts here."
    )


@dataclass(frozen=True)
class Offer:
    """A tool as a client sees it."""

    name: str
    title: str
    description: str
    arguments: dict[str, Any]
    result: dict[str, Any]
    makes_files: bool


@dataclass(frozen=True)
class Reply:
    """What a call gave: lines for a model, the typed report, the artifacts made."""

    text: str
    report: ToolReport | RunReport
    made: tuple[Artifact, ...] = ()
    failed: bool = False


ASKS = Offer(
    name=ASK,
    title="Ask the music agent",
    description=(
        "Ask for music or about music in plain words; a planner chooses the tools, every wish is measured on the "
        "result. Each request knows what the last one made ('slower', 'undo that')."
    ),
    arguments=Ask.model_json_schema(),
    result=RunReport.model_json_schema(mode="serialization"),
    makes_files=True,
)


class Studio:
    """One client's folder.

    Parameters
    ----------
    folder
        Where everything that is made is kept.
    roots
        The only folders, beside ``folder``, that a client may name files in.
    """

    def __init__(self, folder: Path, config: Config, roots: Iterable[Path]) -> None:
        self.bench = Workbench(folder, config, roots=roots)
        self.session = Session("mcp", config, folder / "session")
        self._asking = threading.Lock()

    def close(self) -> None:
        """Let go of the worker processes."""
        self.bench.close()
        self.session.close()

    def offers(self) -> list[Offer]:
        """Every tool, the agent itself first."""
        return [ASKS, *(_offered(tool) for tool in catalogue().values())]

    def call(
        self, name: str, args: Mapping[str, Any], *, emit: Listener = silent, cancel: CancelToken | None = None
    ) -> Reply:
        """Call a tool, or ask the agent.

        Raises
        ------
        UserError
            When there is no such tool, or an argument or file is wrong.
        Cancelled
            When ``cancel`` was set; its worker is gone then.
        """
        if name == ASK:
            return self._ask(args, emit, cancel)
        report = self.bench.call(get_tool(name).name, args, emit=emit, cancel=cancel)
        made = tuple(self.bench.store[a["id"]] for a in report.artifacts)
        return Reply(report.error or told(report), report, made, failed=not report.ok)

    def _ask(self, args: Mapping[str, Any], emit: Listener, cancel: CancelToken | None) -> Reply:
        try:
            asked = Ask.model_validate(dict(args))
        except ValidationError as err:
            wrong = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in err.errors())
            raise UserError(f"{ASK}: {wrong} (it has: {', '.join(Ask.model_fields)})") from err
        with self._asking:
            files = [self.bench.resolve(ref).file for ref in asked.attachments]
            report = self.session.say(asked.request, files, emit=emit, cancel=cancel, yes=True)
            made = tuple(self.bench.adopt(a) for a in Store(Path(report.folder)).made()) if report.folder else ()
        text = "\n".join([report.answer, *(f"{a.id}: {a.kind}, {a.file.name}" for a in made)])
        return Reply(text, report, made, failed=report.exit_code > 1)


def _offered(tool: Tool) -> Offer:
    return Offer(
        name=tool.name,
        title=tool.name.replace("_", " ").capitalize(),
        description=described(tool),
        arguments=tool.schema(),
        result=ToolReport.model_json_schema(mode="serialization"),
        makes_files=bool(tool.gives),
    )
