"""``scorewright tool``: single tools, listed, shown and called."""

from __future__ import annotations

import json
import sys
from typing import Annotated, Any

import typer

from agent.surfaces.cli.terminal import AsJson, Attach, Out, Seed, called, group, guarded, user_error

tool_app = group("Single tools: list, show, call.")


@tool_app.command("list")
def tool_list(as_json: AsJson = False) -> None:
    """Every tool, by family."""
    from tools import catalogue

    tools = catalogue().values()
    if as_json:
        print(json.dumps([{"name": t.name, "family": t.family, "description": t.description} for t in tools]))
        return
    for tool in tools:
        print(f"{tool.family:9} {tool.name:20} {tool.description.splitlines()[0]}")


@tool_app.command("show")
def tool_show(name: str) -> None:
    """One tool: what it does, takes, gives, and its arguments as a JSON schema."""
    from tools import get_tool

    tool = guarded(lambda config, cancel: get_tool(name))
    facts = {
        "name": tool.name,
        "family": tool.family,
        "description": tool.description,
        "takes": tool.takes,
        "gives": tool.gives,
        "needs": tool.needs,
        "backends": tool.backends,
        "cost": tool.cost,
        "random": tool.random,
        "version": tool.version,
        "args": tool.schema(),
    }
    print(json.dumps(facts, indent=2, ensure_ascii=False))


@tool_app.command("call")
def tool_call(
    name: str,
    args: Annotated[str, typer.Option(help="Arguments as a JSON object.")] = "{}",
    attach: Attach = None,
    out: Out = None,
    seed: Seed = 0,
    as_json: AsJson = False,
) -> None:
    """Call one tool; files fill its artifact arguments by kind, or by id (a1 is the first file)."""
    report = called(name, lambda: parse_args(args), list(attach or []), out, seed=seed, as_json=as_json)
    if as_json:
        print(report.model_dump_json(include={"tool", "ok", "data", "artifacts", "error"}))
    else:
        print(report.summary if report.ok else "", json.dumps(report.data, indent=2, ensure_ascii=False), sep="\n")
        for artifact in report.artifacts:
            print(artifact["path"])
        if report.error:
            print(report.error, file=sys.stderr)
    raise typer.Exit(report.exit_code)


def parse_args(text: str) -> dict[str, Any]:
    """The ``--args`` object; ``UserError`` when it is none."""
    try:
        value = json.loads(text)
    except json.JSONDecodeError as err:
        raise user_error(f"--args is not JSON ({err}); write it as '{{\"semitones\": 2}}'.") from err
    if not isinstance(value, dict):
        raise user_error("--args must be a JSON object, as '{\"semitones\": 2}'.")
    return value
