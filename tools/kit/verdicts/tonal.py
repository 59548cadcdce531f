"""Verdicts on pitch: key, mode, chords."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from tools.brief import Check, Constraint
from tools.kit.analysis.notes import bar_edges
from tools.kit.metrics.control import (
    FIT,
    TIE,
    KeyAnswer,
    KeyFit,
    chord_agreement,
    chords_heard,
    has_profile,
    key_deficit,
    key_fit,
    key_heard,
    mode_heard,
    note_keys,
    parse_bar,
    prevailing_key,
    scale_share,
    sound_keys,
)
from tools.kit.theory.pitch import Key
from tools.kit.verdicts.evidence import Evidence
from tools.kit.verdicts.registry import measures, not_checked, tolerance_of, verdict

_IN_SCALE = 0.9


@measures("key")
def key(wanted: Constraint, evidence: Evidence) -> Check:
    """Tonic and mode by key profiles, on notes and on audio chroma; the notes decide when there are any.

    One list of keys, all major, minor and church ones, gives both the key the music is in, whatever was asked, and the
    verdict: a key that cannot be told from it is met, as is the major or minor on a church mode's tonic.
    """
    try:
        asked = Key.parse(str(wanted.target))
    except ValueError as err:
        return not_checked(wanted, str(err))
    if not has_profile(asked):
        return _scale(wanted, asked, evidence)
    return _decide(wanted, evidence, lambda fits: key_heard(fits, asked))


@measures("mode")
def mode(wanted: Constraint, evidence: Evidence) -> Check:
    """Mode of the best key, whatever its tonic."""
    try:
        told = Key(0, str(wanted.target).strip().lower()).mode
    except ValueError as err:
        return not_checked(wanted, str(err))
    return _decide(wanted, evidence, lambda fits: mode_heard(fits, told))


def _decide(wanted: Constraint, evidence: Evidence, question: Callable[[Sequence[KeyFit]], KeyAnswer | None]) -> Check:
    by_notes = note_keys(evidence.score, evidence.notes) if evidence.score and evidence.notes is not None else []
    by_sound = sound_keys(evidence.audible) if evidence.audible is not None else []
    answer = question(by_notes or by_sound)
    fit, deficit = key_fit(answer), key_deficit(answer)
    if wanted.name == "key" or "key_fit" not in evidence.values:  # a mode beside it says less
        evidence.record(key_fit=fit, key_deficit=deficit)
    if answer is None or fit is None or deficit is None:
        return not_checked(wanted, "nothing pitched sounds")
    parts = [_words("notes", by_notes), _words("audio chroma", by_sound)]
    how = "; ".join(p for p in parts if p) + f" (key fit: {FIT if by_notes else 'profile correlation'})"
    how += f"; {_against(answer, wanted, deficit)}"
    return verdict(wanted, str(answer.best.key), how, met=answer.met)


def _against(answer: KeyAnswer, wanted: Constraint, deficit: float) -> str:
    """What the asked key is to the one the music is in, in words."""
    best, asked = answer.best.key, answer.asked.key
    if asked != best:
        told = f"{asked}, the best that was asked for, fits {answer.asked.score:.2f}"
        if answer.met:
            return f"{told} and cannot be told from {best} ({TIE} less is no less)"
        return f"{told}, {deficit:.2f} less than {best}"
    if str(wanted.target).strip().lower().endswith(best.mode):
        return f"{best} is as asked"
    return f"{best} counts as {'minor' if best.is_minor else 'major'}, by its third"


def _words(source: str, fits: list[KeyFit]) -> str:
    """The key a source is in and the best of the others, with their fits; empty without a fit."""
    best = prevailing_key(fits)
    if best is None:
        return ""
    other = prevailing_key([fit for fit in fits if fit is not best])
    return f"key fit on {source}: " + ", then ".join(f"{f.key} {f.score:.2f}" for f in (best, other) if f)


def _scale(wanted: Constraint, asked: Key, evidence: Evidence) -> Check:
    """For scales without a probe-tone profile: the share of sounding time inside the scale."""
    share = None if evidence.notes is None else scale_share(evidence.notes, asked)
    evidence.record(scale_share=share)
    if share is None:
        return not_checked(wanted, f"{asked.mode} has no key profile, and its scale is read from notes alone")
    return verdict(wanted, round(share, 3), "share of sounding time inside the scale", met=share >= _IN_SCALE)


@measures("chords")
def chords(wanted: Constraint, evidence: Evidence) -> Check:
    """Chords recognised bar by bar from the notes, against the asked ones, which go round when the piece is longer."""
    if evidence.score is None or evidence.notes is None:
        return not_checked(wanted, "chords are recognised from notes; there is no MIDI file with any")
    try:
        asked = [parse_bar(text) for text in wanted.target]
    except ValueError as err:
        return not_checked(wanted, str(err))
    bars = bar_edges(evidence.score)
    answer = chords_heard(evidence.notes, bars, asked)
    share = chord_agreement(answer)
    evidence.record(chord_agreement=share)
    if share is None:
        return not_checked(wanted, "the piece has no bar to recognise a chord in")
    first = [str(c) if c else "N.C." for c in answer.heard[: sum(len(bar) for bar in asked)]]
    wrong = sorted(
        {
            int(np.searchsorted(bars, start + 1e-6))
            for start, ok in zip(answer.edges[:-1], answer.matches, strict=True)
            if not ok
        }
    )
    how = f"{share:.0%} of {len(answer.matches)} chords heard as asked (templates on the notes of each bar)"
    how += f"; first round: {' '.join(first)}"
    if wrong:
        how += f"; otherwise in bars {', '.join(map(str, wrong[:12]))}{' ...' if len(wrong) > 12 else ''}"
    if answer.is_short:
        how += f"; the piece has {len(bars) - 1} bars for {len(asked)} asked"
    met = share >= tolerance_of(wanted) and not answer.is_short
    return verdict(wanted, round(share, 3), how, met=met)
