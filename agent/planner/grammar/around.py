"""An edit of all but some bars: as steps on what lies before and after them."""

from __future__ import annotations

from collections.abc import Mapping

from agent.planner.grammar.parse import Parse
from tools.contract import JSON, Tool

SPARED = "spared_bars"
_TAKES_OUT = "remove"


def around(tool: Tool, args: Mapping[str, JSON], parsed: Parse) -> list[dict[str, JSON]]:
    """The arguments of each step: one of a plain edit, one a side where the words spare some bars.

    A tool that keeps or takes out bars does the opposite with those spared ("delete all but bars 5 to 8").
    """
    spared = parsed.slots.get(SPARED)
    if not isinstance(spared, list) or not {"from_bar", "to_bar"} <= tool.args_model.model_fields.keys():
        return [dict(args)]
    first, last = spared
    if _TAKES_OUT in tool.args_model.model_fields and not args.get("tracks"):
        inverse = {_TAKES_OUT: not args.get(_TAKES_OUT, False)}
        return [{**args, **inverse, **_range(first, last)}]
    sides = []
    if first not in (None, 1):
        sides.append({**args, **_range(args.get("from_bar"), first - 1)})
    if last not in (None, -1):
        sides.append({**args, **_range(last + 1, args.get("to_bar"))})
    return sides or [dict(args)]


def _range(first: JSON, last: JSON) -> dict[str, JSON]:
    ends = {"from_bar": first, "to_bar": last}
    return {name: end for name, end in ends.items() if end is not None}
