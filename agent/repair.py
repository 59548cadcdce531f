"""Repair: from missed checks to a plan with changed arguments.

Each missed constraint maps to the argument that moves what was measured. The steps that change, and
all that depend on them, get new ids, so that an earlier take is kept until a better one is there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from agent.plan import Plan, Step, renamed
from tools.brief import Brief, Check, DynamicPoint, TempoRange
from tools.contract import Tool

Change = dict[str, Any]
Aims = dict[str, Any]
Mend = Callable[[Check, Brief, Aims], Change]
RESEED = "another seed"  # no argument's name: random steps run with another seed
SEED_STRIDE = 7919  # a prime far from the small seeds people choose, so that takes do not collide


def repaired(
    plan: Plan, checks: Iterable[Check], brief: Brief, seed: int, take: int, tools: dict[str, Tool]
) -> Plan | None:
    """The plan for another take, or ``None`` when nothing in the plan could change a missed check.

    Parameters
    ----------
    take
        1 for the first repair; part of the new step ids and seeds.
    tools
        The tool of every step, by tool name.
    """
    aims: Aims = {name: value for step in plan.steps for name, value in step.args.items()}
    changes = [MENDS.get(c.name, _another_seed)(c, brief, aims) for c in checks if c.verdict == "missed"]
    asked = {name: value for change in changes for name, value in change.items()}
    changed: dict[str, Step] = {}
    for step in plan.steps:
        tool = tools[step.tool]
        fits = {name: value for name, value in asked.items() if name in tool.args_model.model_fields}
        reseed = tool.random and RESEED in asked
        if fits or reseed:
            first = seed if step.seed is None else step.seed
            step_seed = first + SEED_STRIDE * take if reseed else step.seed
            changed[step.id] = step.model_copy(update={"args": {**step.args, **fits}, "seed": step_seed})
    if not changed:
        return None
    again = Plan(steps=[changed.get(s.id, s) for s in plan.steps])
    names = {i: f"{i.split('-take')[0]}-take{take + 1}" for i in plan.with_dependents(changed)}
    return Plan(steps=[renamed(step, names) for step in again.steps])


def _another_seed(check: Check, brief: Brief, aims: Aims) -> Change:
    return {RESEED: True}


def _aim_off(check: Check, brief: Brief, aims: Aims) -> Change:
    """Aim as much further than the take that missed did as its measured value fell short."""
    if not isinstance(check.measured, (int, float)) or not isinstance(check.target, (int, float)):
        return _another_seed(check, brief, aims)
    return {"loudness_lufs": round(_aim(aims, "loudness_lufs", check.target) + check.target - check.measured, 2)}


def _aim(aims: Aims, name: str, target: float) -> float:
    """What the take that missed was aimed at: a repair before may have moved it off the target."""
    aimed = aims.get(name)
    return float(aimed) if isinstance(aimed, (int, float)) and not isinstance(aimed, bool) else float(target)


def _wider_dynamics(check: Check, brief: Brief, aims: Aims) -> Change:
    """Draw the asked curve half as far again from its middle."""
    drawn = [DynamicPoint.model_validate(p) for p in aims.get("dynamics") or brief.dynamics]
    levels = [p.level for p in drawn]
    if not levels:
        return _another_seed(check, brief, aims)
    middle = sum(levels) / len(levels)
    points = [DynamicPoint(at=p.at, level=min(1.0, max(0.0, middle + 1.5 * (p.level - middle)))) for p in drawn]
    return {"dynamics": [p.model_dump() for p in points], RESEED: True}


def _exact_length(check: Check, brief: Brief, aims: Aims) -> Change:
    return {"duration_s": check.target if isinstance(check.target, (int, float)) else brief.duration_s, RESEED: True}


def _one_tempo(check: Check, brief: Brief, aims: Aims) -> Change:
    """Replace a range by its middle."""
    tempo = brief.tempo_bpm
    if isinstance(tempo, TempoRange) and tempo.min and tempo.max:
        return {"tempo_bpm": (tempo.min + tempo.max) / 2, RESEED: True}
    return _another_seed(check, brief, aims)


def _stronger_affect(check: Check, brief: Brief, aims: Aims) -> Change:
    """Aim as far beyond the wanted point of the valence-arousal plane as the music fell short of it."""
    if not isinstance(check.measured, dict):
        return _another_seed(check, brief, aims)
    wanted = {"valence": brief.valence, "arousal": brief.arousal}
    aims = {
        axis: round(min(1.0, max(-1.0, _aim(aims, axis, target) + target - check.measured[axis])), 3)
        for axis, target in wanted.items()
        if target is not None and isinstance(check.measured.get(axis), (int, float))
    }
    return {**aims, RESEED: True}


MENDS: dict[str, Mend] = {
    "loudness_lufs": _aim_off,
    "dynamics": _wider_dynamics,
    "duration_s": _exact_length,
    "video_end": _exact_length,
    "tempo_bpm": _one_tempo,
    "mood": _stronger_affect,
}
"""What to change for a missed constraint, by its name; the others get another seed."""
