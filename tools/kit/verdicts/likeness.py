"""Verdict on references: whether the music has what is known of the works it was to take after."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tools.brief import Brief, Check, Constraint, is_set
from tools.contract import Artifact
from tools.kit.analysis.notes import notes_of
from tools.kit.metrics.control import in_range, note_keys, prevailing_key
from tools.kit.metrics.control.pulse import tempo_map
from tools.kit.score import Score, read_midi
from tools.kit.verdicts.evidence import Evidence
from tools.kit.verdicts.registry import measures, not_checked, verdict

_COMPARED = ("tempo_bpm", "meter", "mode")
_MODES = ("major", "minor")
_TEMPO_SHARE = 0.2  # a piece that takes after another is about as fast
Facts = dict[str, Any]


@measures("references")
def references(wanted: Constraint, evidence: Evidence) -> Check:
    """Tempo, meter and mode of the music against those of each named work among what it was made from.

    What the request states itself is left out: it, and not the reference, decides there.
    """
    if evidence.score is None or evidence.notes is None:
        return not_checked(wanted, "likeness to a reference is read from notes; there is no MIDI file with any")
    own = _facts(evidence.score)
    known = {name: _known(str(name), evidence) for name in wanted.target}
    found = {name: facts for name, facts in known.items() if facts}
    absent = [str(name) for name, facts in known.items() if not facts]
    alike: dict[str, dict[str, bool]] = {}
    for name, facts in found.items():
        compared = {f: _same(f, own[f], facts[f]) for f in _COMPARED if f in own and f in facts}
        alike[str(name)] = {f: same for f, same in compared.items() if not _is_stated(f, evidence.brief)}
    told = {name: pairs for name, pairs in alike.items() if pairs}
    how = "tempo (to a fifth), meter and mode of the notes against those of the named works it was made from, "
    how += "but for what the request states itself"
    how += f"; none by the name of {', '.join(absent)} is among them" if absent else ""
    if not told:
        return not_checked(wanted, f"{how}; so there is nothing to compare")
    measured = {name: {"alike": _names(pairs, True), "unlike": _names(pairs, False)} for name, pairs in told.items()}
    return verdict(wanted, measured, how, met=not absent and all(sum(p.values()) * 2 > len(p) for p in told.values()))


def _is_stated(name: str, brief: Brief) -> bool:
    return is_set(getattr(brief, name)) or (name == "mode" and is_set(brief.key))


def _names(pairs: Mapping[str, bool], same: bool) -> list[str]:
    return [name for name, alike in pairs.items() if alike is same]


def _same(name: str, own: Any, other: Any) -> bool:
    if name == "tempo_bpm":
        return in_range(float(own), float(other), _TEMPO_SHARE)
    return str(own).lower() == str(other).lower()


def _facts(score: Score) -> Facts:
    """What can be compared of a score."""
    notes = notes_of(score)
    if not len(notes):
        return {}
    facts: Facts = {"tempo_bpm": tempo_map(score), "meter": str(score.meters[0][1])}
    fit = prevailing_key([fit for fit in note_keys(score, notes) if fit.key.mode in _MODES])
    return facts | ({"mode": fit.key.mode} if fit else {})


def _known(name: str, evidence: Evidence) -> Facts:
    """What is known of the work of a name among the ancestors of the music; empty when none has that name."""
    for artifact in evidence.lineage:
        if artifact.kind == "references":
            hit = next((h for h in _hits(artifact.file) if _is_named(name, str(h.get("title", "")))), None)
            if hit is not None and isinstance(hit.get("facts"), Mapping):
                return {fact: v for fact, v in hit["facts"].items() if v is not None}
        elif artifact.kind == "midi" and not _is_result(artifact, evidence) and _is_named(name, artifact.file.stem):
            return _facts(read_midi(artifact.file))
    return {}


def _is_result(artifact: Artifact, evidence: Evidence) -> bool:
    return evidence.midi is not None and artifact.id == evidence.midi.id


def _hits(path: Path) -> list[Mapping[str, Any]]:
    """The pieces in a list of references; none in a file that is no such list."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    hits = found.get("hits", []) if isinstance(found, Mapping) else found
    return [hit for hit in hits if isinstance(hit, Mapping)] if isinstance(hits, list) else []


def _is_named(wanted: str, title: str) -> bool:
    """Whether a title has every word of what was wanted, file endings and punctuation aside."""
    words = _words(re.sub(r"\.\w{2,8}$", "", wanted))
    return bool(words) and words <= _words(title)


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.lower().replace("_", " ")))
