"""A follow-up applied to the Brief of the turn before: said replaces, relative changes, the rest is kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from agent.planner.grammar.lexicon import table
from tools.brief import Brief, MusicFields, constraint, is_set
from tools.kit.theory import instruments as theory
from tools.kit.theory.pitch import Key, pitch_name

if TYPE_CHECKING:
    from agent.planner.grammar.parse import Parse

STREAMING_LUFS = -14.0  # what "louder" starts from when no loudness was ever said
_RIVALS = {
    "duration_s": ("bars", "fit_picture"),
    "bars": ("duration_s", "fit_picture"),
    "fit_picture": ("duration_s", "bars"),
    "key": ("mode",),
    "mood": ("valence", "arousal"),
    "form": ("sections",),
}
_MEASURED = frozenset({"tempo_bpm", "key", "mode", "instruments", "exclude", "loudness_lufs", "duration_s", "bars"})


def revised(previous: Brief, parsed: Parse) -> Brief:
    """The Brief after a follow-up.

    Parameters
    ----------
    previous
        The Brief of the turn before.
    parsed
        What the follow-up says. Its fields replace those of before, its ``changes`` move them ("slower",
        "without drums", "up a third"), and constraints follow the fields they measure.
    """
    said = _said(parsed.brief)
    fields: dict[str, Any] = {n: getattr(previous, n) for n in Brief.model_fields}
    for name, value in said.items():
        for rival in _RIVALS.get(name, ()):
            if rival not in said:
                fields[rival] = Brief.model_fields[rival].get_default(call_default_factory=True)
        fields[name] = value
    touched = set(said)
    for name, change in _RELATIVE.items():
        if name in parsed.changes:
            touched |= change(fields, previous, parsed)
    if "mode" in said and "key" not in said and previous.key:
        fields["key"], fields["mode"] = f"{previous.key.split()[0]} {said['mode']}", None
        touched |= {"key"}
    if previous.chords and "key" in touched and "chords" not in said:
        fields["chords"] = []
    fields |= {"request": parsed.brief.request, "not_understood": [], "constraints": []}
    brief = Brief.model_validate({n: v.model_dump() if isinstance(v, MusicFields) else v for n, v in fields.items()})
    brief.constraints = _constraints(brief, previous, parsed, touched)
    return brief


def _said(brief: Brief) -> dict[str, Any]:
    defaults = {"request", "constraints", "not_understood"}
    said = {n: getattr(brief, n) for n in Brief.model_fields if n not in defaults and is_set(getattr(brief, n))}
    if said.get("count") == 1:
        del said["count"]
    return said


def _tempo(fields: dict[str, Any], previous: Brief, parsed: Parse) -> set[str]:
    if parsed.brief.tempo_bpm is not None:
        return set()
    change = parsed.changes["tempo_bpm"]
    old = previous.tempo_bpm

    def move(bpm: float) -> float:
        moved = bpm * float(change.get("factor", 1.0)) + float(change.get("add", 0.0))
        return round(max(20.0, min(400.0, moved)), 2)

    if old is None:
        slower = change.get("factor", 1.0) < 1 or change.get("add", 0.0) < 0
        row = table("tempi")["tempi"]["slow" if slower else "fast"]
        fields["tempo_bpm"] = {k: row[k] for k in ("min", "max") if k in row}
    elif isinstance(old, (int, float)):
        fields["tempo_bpm"] = move(old)
    else:
        fields["tempo_bpm"] = {k: move(v) for k, v in old.model_dump(exclude_none=True).items()}
    return {"tempo_bpm"}


def _key(fields: dict[str, Any], previous: Brief, parsed: Parse) -> set[str]:
    change: Mapping[str, Any] = parsed.changes["key"]
    if parsed.brief.key is not None or previous.key is None:
        return set()
    key = Key.parse(previous.key)
    if "semitones" in change:
        fields["key"] = str(Key((key.tonic + change["semitones"]) % 12, key.mode))
        return {"key"}
    mode = change.get("relative") or change.get("parallel")
    tonic = key.tonic
    if "relative" in change and (mode == "minor") != key.is_minor:
        tonic = (key.relative_major_tonic() + (9 if mode == "minor" else 0)) % 12
    fields["key"] = f"{pitch_name(tonic, flats=Key(tonic, mode or key.mode).prefers_flats)} {mode or key.mode}"
    return {"key"}


def _loudness(fields: dict[str, Any], previous: Brief, parsed: Parse) -> set[str]:
    if parsed.brief.loudness_lufs is not None:
        return set()
    base = STREAMING_LUFS if previous.loudness_lufs is None else previous.loudness_lufs
    fields["loudness_lufs"] = max(-60.0, min(-5.0, base + parsed.changes["loudness_lufs"]["add"]))
    return {"loudness_lufs"}


def _length(fields: dict[str, Any], previous: Brief, parsed: Parse) -> set[str]:
    """A length moved by a factor, in seconds or in bars, whichever was said, or by seconds."""
    if parsed.brief.duration_s is not None or parsed.brief.bars is not None:
        return set()
    factor = float(parsed.changes["duration_s"].get("factor", 1.0))
    added = float(parsed.changes["duration_s"].get("add", 0.0))
    if previous.duration_s is not None:
        fields["duration_s"] = max(1.0, min(3600.0, round(previous.duration_s * factor + added, 3)))
    if previous.bars is not None:
        fields["bars"] = max(1, min(2000, round(previous.bars * factor)))
    return {"duration_s", "bars"}


def _instruments(fields: dict[str, Any], previous: Brief, parsed: Parse) -> set[str]:
    """Take away what is refused, add what is added, replace when neither is said."""
    change: Mapping[str, list[str]] = parsed.changes["instruments"]
    removed = [n for n in change.get("remove", []) if n in theory.names() or n in theory.instruments()]
    added = [n for n in parsed.brief.instruments if n not in previous.instruments]
    kept = [n for n in previous.instruments if not any(_is_part(n, gone) for gone in removed)]
    is_list = bool(parsed.brief.instruments) and "add" not in change
    fields["instruments"] = parsed.brief.instruments if is_list else [*kept, *added]
    now = fields["instruments"]
    excluded = dict.fromkeys([*previous.exclude, *parsed.brief.exclude])
    fields["exclude"] = [n for n in excluded if not any(theory.is_a(wanted, n) for wanted in now)]
    return {"instruments", "exclude"}


def _is_part(name: str, gone: str) -> bool:
    if gone in theory.ensembles():
        return name in theory.ensembles()[gone]
    return theory.is_a(name, gone)


_RELATIVE: Mapping[str, Callable[[dict[str, Any], Brief, Parse], set[str]]] = {
    "tempo_bpm": _tempo,
    "key": _key,
    "loudness_lufs": _loudness,
    "duration_s": _length,
    "instruments": _instruments,
}


def _constraints(brief: Brief, previous: Brief, parsed: Parse, touched: set[str]) -> list[Any]:
    """Constraints of the follow-up, then those of before whose field still stands as it was."""
    new = {
        c.name: c
        for c in parsed.brief.constraints
        if c.name not in touched or getattr(brief, c.name, None) == getattr(parsed.brief, c.name, None)
    }
    for name in sorted(touched & _MEASURED - set(new)):
        value = getattr(brief, name)
        if is_set(value):
            target = value.model_dump(exclude_none=True) if hasattr(value, "model_dump") else value
            new[name] = constraint(name, target, brief.request)
    old = [c for c in previous.constraints if c.name not in new and _stands(c.name, brief, previous)]
    return [*old, *new.values()]


def _stands(name: str, brief: Brief, previous: Brief) -> bool:
    if name == "video_end":
        return bool(brief.fit_picture)
    return getattr(brief, name, None) == getattr(previous, name, None)
