"""What a run says of itself: a record per step, and the object that ``run --json`` prints."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from tools.brief import Check
from tools.contract import Artifact

StepStatus = Literal["ok", "failed", "skipped", "cached", "waiting"]


class StepRecord(BaseModel):
    """How one step went. ``key`` is the content address of its inputs: the step is done while it holds."""

    model_config = ConfigDict(extra="forbid")

    id: str
    tool: str
    status: StepStatus
    seconds: float = 0.0
    backend: str | None = None
    artifacts: list[str] = Field(default_factory=list)
    error: str | None = None
    error_type: str | None = None
    summary: str = ""
    data: dict[str, Any] = Field(default_factory=dict)
    notes: list[str] = Field(default_factory=list)
    key: str = ""

    @property
    def done(self) -> bool:
        """Whether its result can be used."""
        return self.status in ("ok", "cached")

    def public(self) -> dict[str, Any]:
        """The part that ``run --json`` shows."""
        return self.model_dump(include={"id", "tool", "status", "seconds", "backend", "artifacts", "error"})


class Question(BaseModel):
    """A question that waits for the person; ``default`` is what ``--yes`` answers."""

    model_config = ConfigDict(extra="forbid")

    question: str
    default: str
    options: list[str] = Field(default_factory=list)


class RunReport(BaseModel):
    """The outcome of a request; dumped, it is ``run.json`` and what ``run --json`` prints."""

    model_config = ConfigDict(extra="forbid")

    request: str
    planner: str = ""
    brief: dict[str, Any] = Field(default_factory=dict)
    plan: list[dict[str, Any]] = Field(default_factory=list)
    steps: list[dict[str, Any]] = Field(default_factory=list)
    artifacts: list[dict[str, Any]] = Field(default_factory=list)
    checks: list[Check] = Field(default_factory=list)
    repairs: int = 0
    answer: str = ""
    ok: bool = False
    notes: list[str] = Field(default_factory=list)
    question: Question | None = None
    error: str | None = None
    usage: dict[str, int] = Field(default_factory=dict, description="Tokens that planning cost, as the server counted.")
    seed: int = 0
    folder: str = ""
    exit_code: int = 0


def public_artifact(artifact: Artifact) -> dict[str, Any]:
    """The part of an artifact that ``--json`` shows."""
    fields = {"id", "kind", "path", "media_type", "facts", "parents", "licence", "seed"}
    return artifact.model_dump(mode="json", include=fields)
