"""How well the embedded planner plans: tool choice, Brief fields and latency over the scripted requests.

Tool-choice accuracy is the share of requests whose set of planned tools is exactly the expected one.
Brief F1 is micro-averaged over (field, value) pairs; a list counts item by item. Fields that follow
from others (valence and arousal from a mood, the mode from a key) are not counted unless expected.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from agent.planner.base import Planned, Situation
from agent.planner.grammar import GrammarPlanner
from tools.brief import Brief, MusicFields, is_set
from tools.contract import Artifact, Kind

REQUESTS = Path(__file__).resolve().parents[1] / "tests" / "requests"
MEDIA_TYPES = {"video": "video/mp4", "image": "image/jpeg", "audio": "audio/wav", "midi": "audio/midi"}
DERIVED = frozenset({"valence", "arousal", "language", "fit_picture", "dynamics", "hit_points_s", "form"})
MADE = {
    "midi": "compose",
    "audio": "render_audio",
    "video": "mux_video",
    "references": "search_music",
}


@dataclass(frozen=True)
class Case:
    """A scripted request and what is expected of its plan."""

    file: str
    say: str
    attach: tuple[str, ...] = ()
    tools: tuple[str, ...] = ()
    brief: dict[str, Any] = field(default_factory=dict)
    args: dict[str, dict[str, Any]] = field(default_factory=dict)
    not_understood: tuple[str, ...] | None = None
    before: tuple[dict[str, Any], ...] = ()

    @property
    def asks(self) -> bool:
        """Whether a question is expected instead of music."""
        return self.tools == ("ask_user",)


@dataclass(frozen=True)
class Outcome:
    """What the planner made of a case."""

    case: Case
    planned: Planned
    seconds: float

    @property
    def tools_right(self) -> bool:
        """Whether exactly the expected tools were planned."""
        return set(self.case.tools) == {s.tool for s in self.planned.plan.steps}

    def brief_pairs(self) -> tuple[Counter[tuple[str, str]], Counter[tuple[str, str]]]:
        """Expected and planned (field, value) pairs; a question has none."""
        if self.case.asks:
            return Counter(), Counter()
        return _pairs(self.case.brief), _pairs(_counted(self.planned.brief, self.case.brief))


def cases(folder: Path = REQUESTS) -> list[Case]:
    """Every scripted request of a folder, file by file."""
    found = []
    for path in sorted(folder.glob("*.yaml")):
        for entry in yaml.safe_load(path.read_text(encoding="utf-8")):
            before = entry.get("before", [])
            found.append(
                Case(
                    file=path.stem,
                    say=entry["say"],
                    attach=tuple(entry.get("attach", [])),
                    tools=tuple(entry["tools"]),
                    brief=entry.get("brief", {}),
                    args=entry.get("args", {}),
                    not_understood=tuple(entry["not_understood"]) if "not_understood" in entry else None,
                    before=tuple(before if isinstance(before, list) else [before]),
                )
            )
    return found


def play(case: Case, planner: GrammarPlanner) -> Outcome:
    """Plan a case, its earlier turns first; only the last turn is timed."""
    situation = Situation(request="")
    for turn in case.before:
        situation = _situation(turn["say"], tuple(turn.get("attach", [])), situation, planner)
        situation = _after(situation, planner.plan(situation))
    situation = _situation(case.say, case.attach, situation, planner)
    started = time.perf_counter()
    planned = planner.plan(situation)
    return Outcome(case, planned, time.perf_counter() - started)


def run(args: Sequence[str] = ()) -> str:
    """The report, as Markdown. ``--misses`` lists every request that was planned otherwise than expected."""
    options = _options().parse_args(list(args))
    planner = GrammarPlanner()
    for kind in MEDIA_TYPES:  # loads the lexicons, the phrases and the sentence vectors
        planner.plan(Situation(request="hmm", attachments=(_artifact("a1", kind),)))
    outcomes = [play(c, planner) for c in cases(options.requests)]
    lines = ["| requests | tool choice | Brief F1 | mean ms | p95 ms |", "|---|---|---|---|---|"]
    files = dict.fromkeys(o.case.file for o in outcomes)
    lines += [_row("all", outcomes), *(_row(f, [o for o in outcomes if o.case.file == f]) for f in files)]
    lines += ["", "| Brief field | expected | F1 |", "|---|---|---|", *_field_rows(outcomes)]
    if options.misses:
        lines += ["", *(line for o in outcomes for line in _misses(o))]
    return "\n".join(lines)


def main(argv: Sequence[str] | None = None) -> str:
    """The report for the command line's arguments."""
    return run(argv or ())


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bench plan", description=__doc__)
    parser.add_argument("--requests", type=Path, default=REQUESTS, help="folder of YAML files with requests")
    parser.add_argument("--misses", action="store_true", help="list what was planned otherwise than expected")
    return parser


def _situation(say: str, attach: tuple[str, ...], last: Situation, planner: GrammarPlanner) -> Situation:
    carried = [a.model_copy(update={"id": f"a{len(attach) + n}"}) for n, a in enumerate(last.attachments, start=1)]
    files = [_artifact(f"a{n}", kind) for n, kind in enumerate(attach, start=1)]
    return Situation(
        request=say,
        attachments=(*files, *carried),
        previous=last.previous,
        history=last.history,
        current=tuple(a.id for a in carried),
    )


def _after(situation: Situation, planned: Planned) -> Situation:
    """The situation once a turn has run: its files, then one artifact for each kind that it made."""
    kept = [a for a in situation.attachments if a.tool is None]
    tools = {s.tool for s in planned.plan.steps}
    made = [_artifact(f"m{n}", kind, tool) for n, (kind, tool) in enumerate(MADE.items()) if tool in tools]
    return Situation(
        request=situation.request,
        attachments=(*kept, *made),
        previous=planned.brief,
        history=(*situation.history, situation.request),
    )


def _artifact(artifact_id: str, kind: str, tool: str | None = None) -> Artifact:
    checked: Kind = kind  # type: ignore[assignment]  # pydantic checks it
    return Artifact(
        id=artifact_id,
        kind=checked,
        path=f"/files/{artifact_id}",
        sha256=artifact_id,
        media_type=MEDIA_TYPES.get(kind, "text/plain"),
        tool=tool,
    )


def _counted(brief: Brief, expected: dict[str, Any]) -> dict[str, Any]:
    said = {n: getattr(brief, n) for n in MusicFields.model_fields if n not in DERIVED or n in expected}
    if is_set(said.get("key")) and "mode" not in expected:
        said.pop("mode", None)
    said |= {n: getattr(brief, n) for n in ("count", "fit_picture") if n in expected}
    return {n: v for n, v in said.items() if is_set(v)}


def _pairs(fields: dict[str, Any]) -> Counter[tuple[str, str]]:
    return Counter((name, item) for name, value in fields.items() for item in _items(name, value))


def _items(name: str, value: Any) -> Iterator[str]:
    if isinstance(value, list):
        yield from (str(v).lower() for v in value)
    elif name in ("mood", "genre"):
        yield from (part.strip().lower() for part in str(value).split(","))
    elif hasattr(value, "model_dump"):
        yield str({k: float(v) for k, v in value.model_dump(exclude_none=True).items()})
    elif isinstance(value, dict):
        yield str({k: float(v) for k, v in value.items()})
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield f"{float(value):g}"
    else:
        yield str(value).lower()


def _f1(outcomes: list[Outcome], only: str | None = None) -> tuple[int, float]:
    """Number of expected pairs and micro-averaged F1, over all fields or one."""
    hit = wanted = got = 0
    for outcome in outcomes:
        expected, planned = ({p: n for p, n in c.items() if only in (None, p[0])} for c in outcome.brief_pairs())
        hit += sum(min(n, planned.get(p, 0)) for p, n in expected.items())
        wanted, got = wanted + sum(expected.values()), got + sum(planned.values())
    return wanted, 2 * hit / (wanted + got) if wanted + got else 1.0


def _row(name: str, group: list[Outcome]) -> str:
    times = sorted(1000 * o.seconds for o in group)
    right = sum(o.tools_right for o in group)
    p95 = times[max(0, round(0.95 * len(times)) - 1)]
    return (
        f"| {name} ({len(group)}) | {right / len(group):.3f} | {_f1(group)[1]:.3f} "
        f"| {statistics.fmean(times):.1f} | {p95:.1f} |"
    )


def _field_rows(outcomes: list[Outcome]) -> list[str]:
    names = sorted({p[0] for o in outcomes for c in o.brief_pairs() for p in c})
    return [f"| {name} | {wanted} | {f1:.3f} |" for name in names for wanted, f1 in [_f1(outcomes, name)]]


def _misses(outcome: Outcome) -> list[str]:
    case, planned = outcome.case, outcome.planned
    expected, got = outcome.brief_pairs()
    tools = [s.tool for s in planned.plan.steps]
    lines = []
    if not outcome.tools_right:
        lines.append(f"- {case.file}: {case.say!r} {list(case.attach)}: tools {tools}, expected {list(case.tools)}")
    if expected != got:
        lines.append(f"- {case.file}: {case.say!r}: Brief lacks {list(expected - got)}, adds {list(got - expected)}")
    return lines


if __name__ == "__main__":
    import sys

    print(main(sys.argv[1:]))
