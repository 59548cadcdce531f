"""Verdicts on what lies round the music: licence, number of results, words."""

from __future__ import annotations

import re

from tools.brief import Check, Constraint
from tools.contract import Artifact
from tools.kit.verdicts.evidence import Evidence
from tools.kit.verdicts.registry import measures, not_checked, verdict

_CLASSES = (  # first match wins; a higher rank leaves the user freer
    (re.compile(r"\bnc\b|non-?commercial|all rights reserved", re.I), "non-commercial", 0),
    (re.compile(r"cc[- ]?by[- ]?sa|gpl|share-?alike", re.I), "share-alike", 1),
    (re.compile(r"cc[- ]?by|attribution|mit\b|apache|bsd|isc\b", re.I), "attribution", 2),
    (re.compile(r"public domain|cc0|pd\b|royalty-?free|yours|free of|unencumbered|no copyright", re.I), "free", 3),
)
_OWN = re.compile(r"attached", re.I)
_ASKED = (
    (re.compile(r"public domain|cc0", re.I), 3),
    (re.compile(r"cc[- ]?by(?![- ]?(sa|nc))|commercial|royalty-?free|free", re.I), 1),
)


def licence_class(text: str) -> tuple[str, int] | None:
    """Class and rank (3 free, 2 attribution, 1 share-alike, 0 non-commercial) of a licence text; None when unknown."""
    return next(((name, rank) for pattern, name, rank in _CLASSES if pattern.search(text)), None)


@measures("licence")
def licence(wanted: Constraint, evidence: Evidence) -> Check:
    """Licences of the result and of everything it was made from; the person's own attachments are theirs to clear."""
    least = next((rank for pattern, rank in _ASKED if pattern.search(str(wanted.target))), None)
    if least is None:
        return not_checked(wanted, f"{wanted.target!r} is no licence known here")
    others = [a for a in evidence.lineage if not _is_own(a)]
    if not others:
        return not_checked(wanted, "only attachments are here, whose licence is the person's to clear")
    stated = {a.licence: licence_class(a.licence) for a in others}
    measured = sorted(stated)
    how = f"licences stated for the result and its {len(others) - 1} sources"
    if any(found is None for found in stated.values()):
        vague = ", ".join(text for text, found in stated.items() if found is None)
        return not_checked(wanted, f"{how}; not clear: {vague}")
    return verdict(wanted, measured, how, met=all(found is not None and found[1] >= least for found in stated.values()))


def _is_own(artifact: Artifact) -> bool:
    return artifact.tool is None and bool(_OWN.search(artifact.licence))


@measures("count")
def count(wanted: Constraint, evidence: Evidence) -> Check:
    """One result is looked at here; a number of them is the whole run's to count."""
    return not_checked(wanted, "this check looks at one result; how many there are is seen in the answer")


@measures("lyrics")
def lyrics(wanted: Constraint, evidence: Evidence) -> Check:
    """By the syllables in the MIDI file; never judged from sound: nothing here recognises sung words."""
    tracks = evidence.score.tracks if evidence.score else []
    sung = max(("".join(text for _, text in t.lyrics) for t in tracks), key=len, default="")
    if not sung:
        return not_checked(wanted, "sung words are not recognised in audio, and the MIDI file carries none")
    asked, found = _letters(str(wanted.target)), _letters(sung)
    how = "letters of the syllables in the MIDI file, in order"
    return verdict(wanted, sung.replace("-", "")[:200], how, met=bool(asked) and asked in found)


def _letters(text: str) -> str:
    return re.sub(r"[\W_\d]", "", text).lower()


@measures("language")
def language(wanted: Constraint, evidence: Evidence) -> Check:
    """Never judged from sound."""
    return not_checked(wanted, "the language of singing is not recognised in audio")
