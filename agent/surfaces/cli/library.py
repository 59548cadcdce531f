"""``scorewright library``: the person's own library."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from agent.surfaces.cli.terminal import AsJson, Out, called, group, progress_of, show_outcome

library_app = group("Your own library: add, list, remove, rebuild, search, stats.")


@library_app.command("add")
def library_add(
    folders: Annotated[list[Path], typer.Argument(help="Folders or files of MIDI, scores, ABC, kern and recordings.")],
    as_json: AsJson = False,
) -> None:
    """Read music into your own library; what is known and unchanged is left alone."""
    from agent.surfaces import library

    show_outcome(lambda config, cancel: library.add(folders, config, progress_of("library"), cancel), as_json)


@library_app.command("list")
def library_list(as_json: AsJson = False) -> None:
    """Every piece of your own library."""
    from agent.surfaces import library

    show_outcome(lambda config, cancel: library.listing(config), as_json)


@library_app.command("remove")
def library_remove(
    paths: Annotated[list[Path], typer.Argument(help="Folders or files to take out; they stay on disk.")],
    as_json: AsJson = False,
) -> None:
    """Take folders or files out of your own library."""
    from agent.surfaces import library

    show_outcome(lambda config, cancel: library.remove(paths, config), as_json)


@library_app.command("rebuild")
def library_rebuild(as_json: AsJson = False) -> None:
    """Read every file of your own library anew, after a new version."""
    from agent.surfaces import library

    show_outcome(lambda config, cancel: library.rebuild(config, progress_of("library"), cancel), as_json)


@library_app.command("search")
def library_search(
    text: Annotated[str, typer.Argument(help="What to look for: mood, genre, key, tempo, a title.")],
    k: Annotated[int, typer.Option("-k", min=1, max=100, help="How many hits.")] = 5,
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Search the default library and your own."""
    report = called("search_music", lambda: {"query": text, "k": k}, [], out, as_json=as_json)
    if as_json:
        print(report.model_dump_json(include={"tool", "ok", "data", "artifacts", "error"}))
    elif report.error:
        print(report.error, file=sys.stderr)
    else:
        print(*(f"{hit['title']}: {'; '.join(hit['why'])}" for hit in report.data["hits"]), *report.notes, sep="\n")
    raise typer.Exit(report.exit_code)


@library_app.command("stats")
def library_stats(as_json: AsJson = False) -> None:
    """How much there is, under which licences, and what could not be read."""
    from agent.surfaces import library

    show_outcome(lambda config, cancel: library.stats(config), as_json)
