"""``scorewright eval``: a folder measured, and listening tests."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup

from agent.surfaces.cli.terminal import AsJson, Out, Seed, called, group, guarded

if TYPE_CHECKING:
    from agent.config import Config
    from agent.events import CancelToken


class FolderFirst(TyperGroup):
    """Commands, or a folder: ``eval DIR`` is ``eval set DIR``."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put ``set`` in front of what names no command."""
        known = args and (args[0] in self.commands or args[0] in self.get_help_option_names(ctx))
        return super().parse_args(ctx, args if known or not args else ["set", *args])


eval_app = group("Measure a folder of music (eval DIR), or ask listeners (eval listen).", cls=FolderFirst)


@eval_app.command("set")
def eval_set(
    folder: Annotated[Path, typer.Argument(help="Folder of MIDI files, scores and recordings.")],
    reference: Annotated[Path | None, typer.Option(help="Folder of music that it should resemble.")] = None,
    embedding: Annotated[str | None, typer.Option(help="What hears recordings: light-1, musicnn-msd, ...")] = None,
    weights: Annotated[Path | None, typer.Option(help="Folder with that embedding's weights.")] = None,
    resolution: Annotated[int | None, typer.Option(help="Grid of scores, steps a quarter.")] = None,
    task: Annotated[str | None, typer.Option(help="Score annotations with mir_eval: beat, chord, key, ...")] = None,
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Measure a folder: every metric of every file, means, distances to a reference; reports as MD, HTML, CSV, JSON."""
    folders = {"folder": folder, "reference": reference, "weights": weights}
    given: dict[str, Any] = {"embedding": embedding, "resolution": resolution, "task": task}
    given |= {name: path and str(path.expanduser().absolute()) for name, path in folders.items()}
    args = {name: value for name, value in given.items() if value is not None}
    report = called("score_set", lambda: args, [], out, as_json=as_json)
    if as_json:
        print(report.model_dump_json(include={"tool", "ok", "data", "artifacts", "error"}))
    else:
        print(*filter(None, [report.summary, *report.notes, *(a["path"] for a in report.artifacts)]), sep="\n")
        for failure in report.data.get("failed", []):
            print(f"{failure['file']}: {failure['error']}", file=sys.stderr)
        if report.error:
            print(report.error, file=sys.stderr)
    raise typer.Exit(report.exit_code)


@eval_app.command("listen")
def eval_listen(
    paths: Annotated[list[Path] | None, typer.Argument(help="Folders of clips, one a system; or result files.")] = None,
    kind: Annotated[str, typer.Option(help="mos, mushra, ab, 4afc or turing.")] = "mos",
    reference: Annotated[Path | None, typer.Option(help="Folder of originals, of people's music, or of cues.")] = None,
    out: Out = None,
    question: Annotated[str, typer.Option(help="Asked on every part, in place of the usual question.")] = "",
    clip_s: Annotated[float | None, typer.Option(min=1, max=600, help="Seconds used of every clip.")] = None,
    seed: Seed = 0,
    results: Annotated[list[Path] | None, typer.Option(help="Results that listeners sent: files or folders.")] = None,
    key: Annotated[Path | None, typer.Option(help="key.json of the test, when it is not beside the results.")] = None,
    as_json: AsJson = False,
) -> None:
    """Build a listening test as a page for any browser, or, with --results, say what listeners answered."""
    from agent.surfaces.listening import build_test, read_results

    def work(config: Config, cancel: CancelToken) -> dict[str, Any]:
        from agent.events import Event
        from agent.surfaces.progress import Progress

        if results:
            return read_results([*results, *(paths or [])], key, out, config)
        show = Progress(sys.stderr)

        def tell(share: float, message: str) -> None:
            show(Event("step_progress", message, step="listen", tool="listen", share=share))

        how = {"reference": reference, "question": question, "clip_s": clip_s, "seed": seed}
        return build_test(kind, paths or [], out, config, progress=tell, **how)

    def failed(message: str, code: int) -> NoReturn:
        print(json.dumps({"ok": False, "error": message}))
        raise typer.Exit(code)

    found = guarded(work, on_error=failed if as_json else None)
    print(json.dumps(found, ensure_ascii=False) if as_json else found["text"])
