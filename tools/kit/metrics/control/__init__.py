"""Whether the music has the tempo, key, chords and beats that were asked for.

The nine scores of Mustango (Melechovsky et al. 2024, NAACL, arXiv:2311.08355), four of which text2midi (Bhandari et
al. 2025, AAAI, arXiv:2412.16526) took over, each for one piece: the published percentages are their means over
pieces. Beside them stand the questions that a check of a request asks of the same facts, with tolerances
(:func:`in_range`, :func:`key_heard`, :func:`chords_heard`, :func:`meter_heard`), and in its own modules
what a check measures besides: pulse, duration, dynamics, hits, loop, sections.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from tools.brief import Brief
from tools.kit.analysis.key import KeyFit
from tools.kit.metrics.control.chords import (
    ChordAnswer,
    chord_agreement,
    chord_match_any_order,
    chord_match_any_order_type,
    chords_heard,
    exact_chord_match,
    parse_bar,
    perfect_chord_match,
    read_chords,
)
from tools.kit.metrics.control.key import (
    FIT,
    TIE,
    KeyAnswer,
    correct_key,
    correct_key_or_relative,
    has_profile,
    key_deficit,
    key_fit,
    key_heard,
    mode_heard,
    note_keys,
    prevailing_key,
    read_key,
    scale_share,
    sound_keys,
)
from tools.kit.metrics.control.meter import MeterAnswer, beat_match, count_bars, meter_heard
from tools.kit.metrics.control.tempo import (
    bounds,
    in_range,
    tempo_bin,
    tempo_bin_match,
    tempo_bin_match_tolerant,
)

__all__ = [
    "FIT",
    "TIE",
    "ChordAnswer",
    "KeyAnswer",
    "KeyFit",
    "MeterAnswer",
    "beat_match",
    "chord_agreement",
    "chord_match_any_order",
    "chord_match_any_order_type",
    "chords_heard",
    "correct_key",
    "correct_key_or_relative",
    "count_bars",
    "evaluate",
    "exact_chord_match",
    "has_profile",
    "key_deficit",
    "key_fit",
    "key_heard",
    "meter_heard",
    "mode_heard",
    "note_keys",
    "parse_bar",
    "perfect_chord_match",
    "prevailing_key",
    "read_chords",
    "read_key",
    "scale_share",
    "sound_keys",
    "tempo_bin",
    "tempo_bin_match",
    "tempo_bin_match_tolerant",
    "bounds",
    "in_range",
]


def evaluate(asked: Brief | Mapping[str, Any], measured: Mapping[str, Any]) -> dict[str, float | None]:
    """All nine scores of one piece; None where nothing was asked or nothing could be measured.

    Parameters
    ----------
    asked
        A Brief, or a mapping with any of its fields ``tempo_bpm``, ``key``, ``chords``, ``meter``.
    measured
        Facts as ``describe_music`` gives them: ``tempo_bpm``, ``key``, ``meter`` and ``chords``, the last as labels or
        as rows with a ``label``. In both chord lists a chord that goes on counts once, and silence not at all.

    Raises
    ------
    UserError
        For a key, chord, meter or tempo that cannot be read.
    """
    want = asked.model_dump() if isinstance(asked, Brief) else asked
    tempi = want.get("tempo_bpm"), measured.get("tempo_bpm")
    keys = want.get("key"), measured.get("key")
    meters = want.get("meter"), measured.get("meter")
    chords = _changes(want.get("chords") or []), _changes(_labels(measured.get("chords") or []))
    return {
        "TB": tempo_bin_match(*tempi),
        "TBT": tempo_bin_match_tolerant(*tempi),
        "CK": correct_key(*keys),
        "CKD": correct_key_or_relative(*keys),
        "PCM": perfect_chord_match(*chords),
        "ECM": exact_chord_match(*chords),
        "CMO": chord_match_any_order(*chords),
        "CMOT": chord_match_any_order_type(*chords),
        "BM": beat_match(*meters),
    }


def _labels(chords: Sequence[Any]) -> list[str]:
    return [row["label"] if isinstance(row, Mapping) else row for row in chords]


def _changes(bars: Sequence[str]) -> list[Any]:
    """Chords one after the other, bars with several taken apart, repetitions and silence left out."""
    sounding = [chord for chord in read_chords(bars) if chord is not None]
    return [chord for chord, _ in groupby(sounding)]
