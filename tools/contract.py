r"""What a tool is: the one contract that the agent, the CLI, MCP and the docs read.

A tool is a typed function in a module of its own name, under ``tools/<family>/``::

    class TransposeArgs(ToolArgs):
        music: Midi = Field(description="The score to transpose.")
        semitones: int = Field(0, ge=-48, le=48, description="Shift in semitones; down is negative.")

    class Transposed(ToolData):
        semitones: int = Field(description="The shift that was made, in semitones.")

    @tool(version="1", takes=("midi",), gives=("midi",), asks=(r"\btranspose\b", "移调"))
    def transpose(args: TransposeArgs, ctx: ToolContext) -> ToolResult:
        '''Transpose a score by semitones, by an interval or to a key.'''

The decorator replaces the function by a :class:`Tool`. Heavy libraries are imported inside
functions: discovery imports every tool module, and ``tool list`` must stay light.
"""

from __future__ import annotations

import inspect
import re
import typing
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal, Protocol, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tools.errors import UserError

Kind = Literal[
    "image",
    "video",
    "audio",
    "midi",
    "score",
    "lyrics",
    "description",
    "timeline",
    "references",
    "report",
    "picture",
]
KINDS: tuple[str, ...] = get_args(Kind)
Cost = Literal["instant", "seconds", "minutes"]
JSON = Any  # any value that json.dumps takes


@dataclass(frozen=True)
class Accepts:
    """Marks a string argument as a reference to an artifact of one of ``kinds``.

    ``unless`` names the argument that may be given in its stead: a file of lyrics, or the words themselves.
    """

    kinds: tuple[str, ...]
    unless: str | None = None


@dataclass(frozen=True)
class Directory:
    """Marks a string argument as the path of a folder, as the person gave it."""


Midi = Annotated[str, Accepts(("midi",))]
Score = Annotated[str, Accepts(("midi", "score"))]
Audio = Annotated[str, Accepts(("audio",))]
Music = Annotated[str, Accepts(("midi", "score", "audio"))]
Image = Annotated[str, Accepts(("image",))]
Video = Annotated[str, Accepts(("video",))]
Timeline = Annotated[str, Accepts(("timeline",))]
References = Annotated[str, Accepts(("references",))]
Folder = Annotated[str, Directory()]


class Artifact(BaseModel):
    """A typed file of a run, with the facts known of it and where it came from."""

    model_config = ConfigDict(extra="forbid")

    id: str
    kind: Kind
    path: str = Field(description="Absolute path.")
    sha256: str
    media_type: str
    facts: dict[str, JSON] = Field(default_factory=dict)
    parents: list[str] = Field(default_factory=list, description="Ids of the artifacts it was made from.")
    licence: str = "unstated"
    tool: str | None = None
    version: str | None = None
    args: dict[str, JSON] = Field(default_factory=dict)
    seed: int | None = None
    backend: str | None = None

    @property
    def file(self) -> Path:
        """The path as a :class:`pathlib.Path`."""
        return Path(self.path)


class ToolArgs(BaseModel):
    """Base of every tool's arguments: unknown names are errors, every field has a description."""

    model_config = ConfigDict(extra="forbid")


class ToolData(BaseModel):
    """Base of every tool's typed result; ``model_dump(mode="json")`` is what callers see."""

    model_config = ConfigDict(extra="forbid")


@dataclass(frozen=True)
class Output:
    """A file a tool made in ``ctx.work_dir``; its name is the readable name the person will see.

    The executor fsyncs it, moves it into the run's folder and writes its sidecar.
    """

    path: Path
    kind: Kind
    media_type: str
    facts: Mapping[str, JSON] = field(default_factory=dict)
    parents: tuple[str, ...] = ()
    licence: str = "unstated"


@dataclass(frozen=True)
class ToolResult:
    """One sentence for the model, typed data for programs, files for the person."""

    summary: str
    data: ToolData
    outputs: tuple[Output, ...] = ()
    backend: str | None = None
    notes: tuple[str, ...] = ()  # said to the person: a fallback taken, a file mended


class ToolSettings(BaseModel):
    """The part of the configuration that tools may read."""

    model_config = ConfigDict(extra="ignore")

    cache_dir: Path = Path(".cache")
    soundfont: Path | None = Field(None, description="A SoundFont used before the shipped one.")
    max_video_s: float = Field(4 * 3600, description="Longest film that is read, in seconds.")
    preferences_file: Path | None = Field(None, description="The person's thumbs, one JSON object a line.")
    model: str | None = Field(None, description="Chat model of an OpenAI-compatible server.")
    base_url: str | None = Field(None, description="Address of that server.")
    api_key: str | None = Field(None, repr=False, description="Its key.")
    llm_timeout_s: float = Field(60.0, gt=0, description="Longest wait for one answer, in seconds.")
    library_file: Path | None = Field(None, description="The person's own library; None: the default one alone.")
    chroma_url: str | None = Field(None, description="A Chroma server for the person's own library.")


class ToolContext(Protocol):
    """What a running tool sees of the world."""

    work_dir: Path  # the only folder the tool may write in; outputs are made here
    seed: int
    settings: ToolSettings

    def artifact(self, ref: str) -> Artifact:
        """The artifact with this id; ``UserError`` when there is none."""
        ...

    def progress(self, share: float, message: str) -> None:
        """Report work done in [0, 1]; raises ``Cancelled`` when the person cancelled."""
        ...


ToolFunction = Callable[[Any, ToolContext], ToolResult]


@dataclass(frozen=True)
class Tool:
    """A discovered tool: its function and everything it declares about itself.

    ``asks`` are regular expressions, matched without regard to case in the request: the ways a
    person asks for this tool, in English and Chinese. ``isolated`` tools run in a worker process
    that can be killed; the others are instant and run in a thread. ``reads`` names the settings
    that are files whose content the result depends on.
    """

    name: str
    family: str
    description: str
    function: ToolFunction
    args_model: type[ToolArgs]
    version: str
    takes: tuple[str, ...]
    gives: tuple[str, ...]
    asks: tuple[str, ...]
    needs: tuple[str, ...]
    cost: Cost
    random: bool
    isolated: bool
    timeout_s: float
    backends: tuple[str, ...]
    reads: tuple[str, ...] = ()

    def __call__(self, args: ToolArgs | Mapping[str, JSON], ctx: ToolContext) -> ToolResult:
        """Run the tool on validated arguments."""
        return self.function(args if isinstance(args, ToolArgs) else self.parse(args), ctx)

    def parse(self, args: Mapping[str, JSON]) -> ToolArgs:
        """Validate raw arguments; ``UserError`` names each wrong one and what would be right."""
        try:
            return self.args_model.model_validate(dict(args))
        except ValidationError as err:
            raise UserError(self.explain(err)) from err

    def explain(self, err: ValidationError) -> str:
        """What is wrong with the arguments, each fault with what would be right."""
        parts = []
        for problem in err.errors():
            where = ".".join(str(p) for p in problem["loc"]) or "arguments"
            if problem["type"] == "extra_forbidden":
                parts.append(f"no argument named {where!r} (it has: {', '.join(self.args_model.model_fields)})")
            else:
                parts.append(f"{where}: {problem['msg']}")
        return f"{self.name}: " + "; ".join(parts)

    def references(self) -> dict[str, tuple[str, ...]]:
        """Arguments that name artifacts, with the kinds each accepts."""
        found: dict[str, tuple[str, ...]] = {}
        for name, info in self.args_model.model_fields.items():
            marks = [m for m in info.metadata if isinstance(m, Accepts)] or list(_accepts(info.annotation))
            if marks:
                found[name] = marks[0].kinds
        return found

    def instead(self, name: str) -> str | None:
        """The argument that may be given in the stead of an artifact that the tool cannot do without."""
        info = self.args_model.model_fields[name]
        marks = [m for m in info.metadata if isinstance(m, Accepts)] or list(_accepts(info.annotation))
        return marks[0].unless if marks else None

    def folders(self) -> list[str]:
        """Arguments that are paths of folders; what lies in them counts, not the path alone."""
        return [n for n, info in self.args_model.model_fields.items() if _is_marked(info)]

    def schema(self) -> dict[str, JSON]:
        """JSON schema of the arguments."""
        return self.args_model.model_json_schema()


def _is_marked(info: Any) -> bool:
    """Whether a field is a :data:`Folder`, also inside ``Folder | None``."""
    inner = [m for part in get_args(info.annotation) for m in getattr(part, "__metadata__", ())]
    return any(isinstance(m, Directory) for m in (*info.metadata, *inner))


def _accepts(annotation: Any) -> Iterator[Accepts]:
    """Every :class:`Accepts` mark inside an annotation such as ``Midi | None`` or ``list[Audio]``."""
    for part in get_args(annotation):
        if isinstance(part, Accepts):
            yield part
        else:
            yield from _accepts(part)


def tool(
    *,
    version: str,
    takes: tuple[str, ...] = (),
    gives: tuple[str, ...] = (),
    asks: tuple[str, ...] = (),
    needs: tuple[str, ...] = (),
    cost: Cost = "seconds",
    random: bool = False,
    isolated: bool = True,
    timeout_s: float = 600.0,
    backends: tuple[str, ...] = ("embedded",),
    reads: tuple[str, ...] = (),
) -> Callable[[ToolFunction], Tool]:
    """Declare a tool; family, name, description and argument model are read from the function."""
    for kind in (*takes, *gives):
        if kind not in KINDS:
            raise ValueError(f"{kind!r} is no artifact kind; one of {', '.join(KINDS)}")
    for pattern in asks:
        re.compile(pattern)

    def declare(function: ToolFunction) -> Tool:
        args_model = typing.get_type_hints(function, include_extras=True)["args"]
        description = inspect.getdoc(function) or ""
        return Tool(
            name=function.__name__,
            family=function.__module__.rpartition(".")[0].rpartition(".")[2],
            description=description,
            function=function,
            args_model=args_model,
            version=version,
            takes=takes,
            gives=gives,
            asks=asks,
            needs=needs,
            cost=cost,
            random=random,
            isolated=isolated,
            timeout_s=timeout_s,
            backends=backends,
            reads=reads,
        )

    return declare
