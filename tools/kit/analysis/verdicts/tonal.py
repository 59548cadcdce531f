"""Verdicts on pitch: key, mode, chords."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from tools.brief import Check, Constraint
from tools.kit.analysis.chord_match import chord_matches
from tools.kit.analysis.harmony import chords_in
from tools.kit.analysis.key import (
    CHURCH_MODES,
    KeyFit,
    modes_for,
    plain_mode,
    rank_chroma_keys,
)
from tools.kit.analysis.notes import bar_edges
from tools.kit.analysis.spectrum import chroma
from tools.kit.analysis.verdicts.evidence import Evidence
from tools.kit.analysis.verdicts.registry import measures, not_checked, tolerance_of, verdict
from tools.kit.theory.chord import Chord
from tools.kit.theory.pitch import Key

_TIE = 0.02  # keys whose correlations differ by less cannot be told apart
_IN_SCALE = 0.9
_NO_CHORD = frozenset({"N.C.", "NC", "-", "%"})


@measures("key")
def key(wanted: Constraint, evidence: Evidence) -> Check:
    """Tonic and mode by profile correlation, on notes and on audio chroma; the notes decide when there are any."""
    try:
        asked = Key.parse(str(wanted.target))
    except ValueError as err:
        return not_checked(wanted, str(err))
    if plain_mode(asked) == "major" and asked.mode not in (*CHURCH_MODES, "major pentatonic"):
        return _scale(wanted, asked, evidence)
    told = Key(asked.tonic, plain_mode(asked))
    return _decide(wanted, evidence, modes_for(told.mode), lambda found: found == told)


@measures("mode")
def mode(wanted: Constraint, evidence: Evidence) -> Check:
    """Mode of the best key, whatever its tonic."""
    try:
        told = plain_mode(Key(0, str(wanted.target).strip().lower()))
    except ValueError as err:
        return not_checked(wanted, str(err))
    return _decide(wanted, evidence, modes_for(told), lambda found: found.mode == told)


def _decide(wanted: Constraint, evidence: Evidence, modes: tuple[str, ...], fits_target: object) -> Check:
    assert callable(fits_target)
    by_notes = evidence.note_keys(modes)
    by_sound = rank_chroma_keys(chroma(evidence.mono), modes) if evidence.mono is not None else []
    deciding = by_notes or by_sound
    if not deciding:
        return not_checked(wanted, "nothing pitched sounds")
    best = deciding[0]
    asked = next(f for f in deciding if fits_target(f.key))
    shown = asked if asked.score >= best.score - _TIE else best
    parts = [_words("notes", by_notes), _words("audio chroma", by_sound)]
    how = "; ".join(p for p in parts if p) + f"; the asked one scores {asked.score:.2f}"
    return verdict(wanted, str(shown.key), how, met=shown is asked)


def _words(source: str, fits: list[KeyFit]) -> str:
    return (
        f"profile correlation on {source}: {fits[0].key} {fits[0].score:.2f}, then {fits[1].key} {fits[1].score:.2f}"
        if fits
        else ""
    )


def _scale(wanted: Constraint, asked: Key, evidence: Evidence) -> Check:
    """For scales without a probe-tone profile: the share of sounding time inside the scale."""
    if evidence.notes is None or not len(evidence.notes.pitched):
        return not_checked(wanted, f"{asked.mode} has no key profile, and its scale is read from notes alone")
    pitched = evidence.notes.pitched
    inside = np.isin(pitched.pitch % 12, asked.pitch_classes())
    share = float(np.average(inside, weights=np.maximum(pitched.end_q - pitched.start_q, 1e-6)))
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
    spans, expected = _spans(bars, asked)
    matches = chord_matches(evidence.notes, spans, expected)
    share = float(np.mean(matches))
    heard = chords_in(evidence.notes, spans)
    first = [str(c) if c else "N.C." for c in heard[: sum(len(bar) for bar in asked)]]
    wrong = sorted({int(np.searchsorted(bars, s + 1e-6)) for s, ok in zip(spans[:-1], matches, strict=True) if not ok})
    how = f"{share:.0%} of {len(matches)} chords heard as asked (templates on the notes of each bar)"
    how += f"; first round: {' '.join(first)}"
    if wrong:
        how += f"; otherwise in bars {', '.join(map(str, wrong[:12]))}{' ...' if len(wrong) > 12 else ''}"
    short = len(bars) - 1 < len(asked)  # a progression that was not played through
    if short:
        how += f"; the piece has {len(bars) - 1} bars for {len(asked)} asked"
    return verdict(wanted, round(share, 3), how, met=share >= tolerance_of(wanted) and not short)


def parse_bar(text: str) -> list[Chord | None]:
    """Chords of one bar: ``"Am F"`` gives two that share it, ``"N.C."`` None; ``ValueError`` for what is no chord."""
    symbols = [s for s in re.split(r"[\s,|]+", str(text)) if s]
    if not symbols:
        raise ValueError("an empty bar among the chords asked for")
    return [None if s.upper() in _NO_CHORD else Chord.parse(s) for s in symbols]


def _spans(bars: np.ndarray, asked: Sequence[Sequence[Chord | None]]) -> tuple[np.ndarray, list[Chord | None]]:
    """Edges of the chord spans in quarters ``[n + 1]`` and the chord expected in each."""
    edges: list[float] = []
    expected: list[Chord | None] = []
    for index, (start, end) in enumerate(pairwise(bars)):
        bar = asked[index % len(asked)]
        edges.extend(start + (end - start) * np.arange(len(bar)) / len(bar))
        expected.extend(bar)
    return np.array([*edges, bars[-1]]), expected
