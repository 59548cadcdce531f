"""Verdicts on pitch: key, mode, chords."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from tools.brief import Check, Constraint
from tools.kit.analysis.harmony import chords_in
from tools.kit.analysis.key import CHURCH_MODES, KeyFit, modes_for, plain_mode, rank_chroma_keys
from tools.kit.analysis.notes import bar_edges
from tools.kit.analysis.spectrum import chroma
from tools.kit.analysis.verdicts.evidence import Evidence
from tools.kit.analysis.verdicts.registry import measures, not_checked, tolerance_of, verdict
from tools.kit.metrics.control import (
    KeyAnswer,
    chords_heard,
    key_heard,
    mode_heard,
    parse_bar,
    prevailing_key,
    scale_share,
)
from tools.kit.metrics.control.key import TIE
from tools.kit.theory.pitch import Key

_IN_SCALE = 0.9


@measures("key")
def key(wanted: Constraint, evidence: Evidence) -> Check:
    """Tonic and mode by profile correlation, on notes and on audio chroma; the notes decide when there are any.

    What is measured is the key the music is in, whatever was asked; a key that fits as well to within rounding is met,
    and the verdict says so.
    """
    try:
        asked = Key.parse(str(wanted.target))
    except ValueError as err:
        return not_checked(wanted, str(err))
    if plain_mode(asked) == "major" and asked.mode not in (*CHURCH_MODES, "major pentatonic"):
        return _scale(wanted, asked, evidence)
    return _decide(wanted, evidence, modes_for(plain_mode(asked)), lambda fits: key_heard(fits, asked))


@measures("mode")
def mode(wanted: Constraint, evidence: Evidence) -> Check:
    """Mode of the best key, whatever its tonic."""
    try:
        told = plain_mode(Key(0, str(wanted.target).strip().lower()))
    except ValueError as err:
        return not_checked(wanted, str(err))
    return _decide(wanted, evidence, modes_for(told), lambda fits: mode_heard(fits, told))


def _decide(
    wanted: Constraint,
    evidence: Evidence,
    modes: tuple[str, ...],
    question: Callable[[Sequence[KeyFit]], KeyAnswer | None],
) -> Check:
    by_notes = evidence.note_keys(CHURCH_MODES)
    by_sound = rank_chroma_keys(chroma(evidence.mono), CHURCH_MODES) if evidence.mono is not None else []
    heard = prevailing_key(by_notes or by_sound)
    told_apart = [_among(modes, fits) for fits in (by_notes, by_sound)]
    answer = question(told_apart[0] or told_apart[1])
    if answer is None or heard is None:
        return not_checked(wanted, "nothing pitched sounds")
    parts = [_words(source, fits) for source, fits in zip(("notes", "audio chroma"), told_apart, strict=True)]
    how = "; ".join(p for p in parts if p) + f"; the asked one scores {answer.asked.score:.2f}"
    if answer.is_tie:
        how += f": {answer.asked.key} cannot be told from {answer.best.key}, which is within {TIE}"
    return verdict(wanted, str(heard.key), how, met=answer.met)


def _among(modes: tuple[str, ...], fits: list[KeyFit]) -> list[KeyFit]:
    """The fits of keys in the modes that what was asked is told apart from."""
    return [fit for fit in fits if fit.key.mode in modes]


def _words(source: str, fits: list[KeyFit]) -> str:
    return (
        f"profile correlation on {source}: {fits[0].key} {fits[0].score:.2f}, then {fits[1].key} {fits[1].score:.2f}"
        if fits
        else ""
    )


def _scale(wanted: Constraint, asked: Key, evidence: Evidence) -> Check:
    """For scales without a probe-tone profile: the share of sounding time inside the scale."""
    share = None if evidence.notes is None else scale_share(evidence.notes, asked)
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
    heard = chords_in(evidence.notes, answer.edges)
    first = [str(c) if c else "N.C." for c in heard[: sum(len(bar) for bar in asked)]]
    wrong = sorted(
        {
            int(np.searchsorted(bars, start + 1e-6))
            for start, ok in zip(answer.edges[:-1], answer.matches, strict=True)
            if not ok
        }
    )
    how = f"{answer.share:.0%} of {len(answer.matches)} chords heard as asked (templates on the notes of each bar)"
    how += f"; first round: {' '.join(first)}"
    if wrong:
        how += f"; otherwise in bars {', '.join(map(str, wrong[:12]))}{' ...' if len(wrong) > 12 else ''}"
    if answer.is_short:
        how += f"; the piece has {len(bars) - 1} bars for {len(asked)} asked"
    met = answer.share >= tolerance_of(wanted) and not answer.is_short
    return verdict(wanted, round(answer.share, 3), how, met=met)
