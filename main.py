"""The command line. With ``agent/surfaces/cli`` the only room that prints or exits; the work is done elsewhere."""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from agent.surfaces.cli.evaluation import eval_app
from agent.surfaces.cli.library import library_app
from agent.surfaces.cli.mcp import mcp
from agent.surfaces.cli.terminal import AsJson, Attach, Out, Planner, Seed, Yes, guarded, user_error
from agent.surfaces.cli.tools import tool_app

if TYPE_CHECKING:
    from agent.config import Config
    from agent.events import CancelToken
    from agent.records import RunReport

app = typer.Typer(
    help="Scorewright: music from words, pictures and films, every wish measured on the result.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.add_typer(tool_app, name="tool")
app.add_typer(eval_app, name="eval")
app.add_typer(library_app, name="library")
app.command()(mcp)


@app.command()
def run(
    request: Annotated[str, typer.Argument(help="What you want, in your own words.")] = "",
    attach: Attach = None,
    out: Out = None,
    planner: Planner = None,
    plan_only: Annotated[bool, typer.Option("--plan-only", help="Show the Brief and the plan; run nothing.")] = False,
    seed: Seed = 0,
    engine: Annotated[str, typer.Option(help="local (ray comes with an extra).")] = "local",
    as_json: AsJson = False,
    yes: Yes = False,
    resume: Annotated[Path | None, typer.Option(help="Go on with a run that was stopped or that asked.")] = None,
    answer: Annotated[str | None, typer.Option(help="With --resume: the answer to the run's question.")] = None,
) -> None:
    """Answer one request: plan, run the tools, check the result, repair, report."""
    from agent.run import Request, Run, new_run_folder

    def work(config: Config, cancel: CancelToken) -> RunReport:
        from agent.surfaces.progress import Progress

        live = {"emit": Progress(sys.stderr), "cancel": cancel}
        if engine != "local":
            raise user_error(f"The engine {engine!r} is not in this version; leave --engine out.")
        if resume is None and answer is not None:
            raise user_error("--answer answers a run that asked; name its folder with --resume.")
        if resume is not None and (request.strip() or attach or out or plan_only):
            raise user_error("--resume goes on with a run as it was asked; leave the request and its options out.")
        if resume is not None:
            return Run.reopen(resume, config, **live).execute(answer)
        if not request.strip() and not attach:
            raise user_error('Say what you want, as in: scorewright run "a calm waltz for piano, 30 s".')
        paths = [str(p.expanduser().absolute()) for p in attach or []]
        folder = out or new_run_folder(config.runs_dir, request, attach or [])
        started = Run.start(folder, Request(text=request, attachments=paths, seed=seed, yes=yes), config, **live)
        return started.plan_only() if plan_only else started.execute()

    def failed(message: str, code: int) -> RunReport:
        from agent.records import RunReport

        return RunReport(request=request, error=message, answer=message, exit_code=code)

    report = guarded(work, on_error=failed if as_json else None, planner=planner)
    show_run(report, as_json, plan_only=plan_only)
    raise typer.Exit(report.exit_code)


@app.command()
def chat(
    session: Annotated[str, typer.Option(help="Name of the session to open or go on with.")] = "default",
    planner: Planner = None,
    seed: Seed = 0,
) -> None:
    """Talk: each turn knows what the last one made."""
    from agent.surfaces.chat import Chat

    guarded(
        lambda config, cancel: Chat(session, config, seed=seed, out=sys.stdout, err=sys.stderr).talk(sys.stdin),
        planner=planner,
    )


@app.command()
def script(
    file: Annotated[Path, typer.Argument(help="A YAML script of prompts and expectations.")],
    out: Out = None,
    planner: Planner = None,
    as_json: AsJson = False,
) -> None:
    """Play a script; exit 1 when an expectation fails."""
    from agent.surfaces.script import play

    def work(config: Config, cancel: CancelToken) -> Any:
        from agent.surfaces.progress import Progress

        return play(file, config, out=out, emit=Progress(sys.stderr), cancel=cancel)

    def failed(message: str, code: int) -> NoReturn:
        print(json.dumps({"name": file.stem, "ok": False, "turns": [], "error": message}))
        raise typer.Exit(code)

    outcome = guarded(work, on_error=failed if as_json else None, planner=planner)
    print(json.dumps(outcome.as_json(), ensure_ascii=False) if as_json else outcome.as_text())
    raise typer.Exit(0 if outcome.ok else 1)


@app.command()
def bench(
    name: Annotated[str | None, typer.Argument(help="Which bench; none lists them.")] = None,
    n: Annotated[int | None, typer.Option(help="How many cases, where the bench takes a number.")] = None,
) -> None:
    """Measure: plan, fidelity, overhead, resume, ..."""
    from bench import names, run_bench

    print(guarded(lambda config, cancel: run_bench(name, n)) if name else "\n".join(names()))


@app.command()
def doctor(
    as_json: AsJson = False,
    no_llm: Annotated[bool, typer.Option("--no-llm", help="Leave the language model's server alone.")] = False,
) -> None:
    """What is installed and works here, and the exact command that mends each gap."""
    from agent.doctor import examine

    findings = guarded(lambda config, cancel: examine(config, probe_llm=not no_llm))
    if as_json:
        print(json.dumps([f.as_json() for f in findings], ensure_ascii=False))
    else:
        for finding in findings:
            mend = f"\n           mend: {finding.mend}" if finding.mend else ""
            print(f"{finding.status:8} {finding.area}: {finding.name}. {finding.detail}{mend}")
    raise typer.Exit(3 if any(f.status == "broken" for f in findings) else 0)


def show_run(report: RunReport, as_json: bool, *, plan_only: bool = False) -> None:
    """Print a run's outcome."""
    if as_json:
        print(report.model_dump_json())
        return
    if plan_only and not report.error:
        from agent.surfaces.outline import outline

        print(outline(report))
    for check in report.checks:
        print(f"{check.verdict:12} {check.name}: asked {check.target}, measured {check.measured} ({check.how})")
    if report.answer:
        print(report.answer)
    print(f"Folder: {report.folder}")


def main() -> None:
    """Entry point of the console script."""
    signal.signal(signal.SIGINT, lambda *_: sys.exit(130))  # until a command has its own way to stop
    try:
        app()
    except SystemExit as done:
        if done.code == 130:  # cancelled: workers are gone; do not make a person wait for libraries to unload
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(130)
        raise


if __name__ == "__main__":
    main()
