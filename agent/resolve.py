"""From a step as planned to a step that can run: its arguments resolved, and the address of its result.

A reference becomes an artifact's id, ``$brief`` the Brief with what the step's own ancestors saw and heard
filled in. The address is a hash of everything the result depends on.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from agent.cache import step_key
from agent.config import Config
from agent.plan import BRIEF, REFERENCE, Plan, Step
from agent.records import StepRecord
from agent.store import Store
from tools import get_tool
from tools.brief import Brief
from tools.contract import Artifact, Tool
from tools.errors import ToolFailed
from tools.kit.folders import folder_stamp
from tools.kit.soundfonts import best_installed


def resolved(step: Step, plan: Plan, brief: Brief, records: Mapping[str, StepRecord], store: Store) -> dict[str, Any]:
    """A step's arguments, ready for its tool; an optional file that the earlier step did not make is left out.

    Raises
    ------
    ToolFailed
        When an earlier step made no file of a kind that a required argument accepts.
    """
    tool = get_tool(step.tool)
    accepts = tool.references()

    def resolve(name: str, value: Any) -> Any:
        if value == BRIEF:
            seen = filled_brief(brief, plan, records, store, only=plan.ancestors(step.id))
            return seen.model_dump(mode="json")
        if isinstance(value, list):
            return [v for v in (resolve(name, v) for v in value) if v is not None]
        match = REFERENCE.match(value) if isinstance(value, str) else None
        if match is None or match["step"] not in records:
            return value
        kinds = (match["kind"],) if match["kind"] else accepts.get(name, ())
        made = _pick(records[match["step"]], kinds, store)
        if made is None and tool.args_model.model_fields[name].is_required():
            raise ToolFailed(f"{records[match['step']].tool} made no {' or '.join(kinds)}.")
        return made.id if made else None

    given = {name: resolve(name, value) for name, value in step.args.items()}
    return {name: value for name, value in given.items() if value is not None or step.args[name] is None}


def address(tool: Tool, args: Mapping[str, Any], seed: int, store: Store, config: Config) -> str:
    """The content address of a step's result: an artifact counts by its bytes, a folder by what lies in it."""
    hashes = {a.id: a.sha256 for a in store.all()}
    folders = tool.folders()

    def content(name: str, value: Any) -> Any:
        if isinstance(value, list):
            return [content(name, v) for v in value]
        if name in folders and isinstance(value, str):
            return [value, folder_stamp(Path(value))]
        return hashes.get(value, value) if isinstance(value, str) and name in tool.references() else value

    addressed = {name: content(name, value) for name, value in args.items()}
    return step_key(tool.name, tool.version, addressed, seed if tool.random else None, _surroundings(tool, config))


def filled_brief(
    brief: Brief, plan: Plan, records: Mapping[str, StepRecord], store: Store, only: set[str] | None = None
) -> Brief:
    """The Brief with what finished steps saw and heard filled in where the person left it open."""
    for step in plan.steps:
        record = records.get(step.id)
        if record is None or not record.done or (only is not None and step.id not in only):
            continue
        bridge = record.data.get("bridge")
        if bridge:
            brief = brief.filled(bridge, _source(step, store))
    return brief


def _source(step: Step, store: Store) -> str:
    """The name of the file a step looked at."""
    for name in get_tool(step.tool).references():
        value = step.args.get(name)
        if isinstance(value, str) and value in store:
            return store[value].file.name
    return step.tool


def _pick(record: StepRecord, kinds: tuple[str, ...], store: Store) -> Artifact | None:
    return next((store[i] for i in record.artifacts if store[i].kind in kinds), None)


def _surroundings(tool: Tool, config: Config) -> dict[str, str]:
    """What outside a step's arguments its result depends on: the SoundFont, files the tool reads, the model it asks."""
    files = {name: getattr(config, name) for name in ("soundfont", *tool.reads)}
    files["soundfont"] = files["soundfont"] or best_installed()
    asked = {"model": f"{config.model} {config.base_url}"} if "model" in tool.backends and config.model else {}
    seen = {name: f"{f} {f.stat().st_mtime_ns if f.exists() else None}" for name, f in files.items() if f is not None}
    return asked | seen
