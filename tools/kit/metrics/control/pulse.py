"""Whether the pulse that is heard bears out a tempo."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from tools.errors import UserError
from tools.kit.analysis import pulse
from tools.kit.analysis.notes import Notes, beat_edges
from tools.kit.analysis.onsets import distances
from tools.kit.analysis.portrait import main_tempo
from tools.kit.metrics.audio.clip import Clip
from tools.kit.metrics.control.tempo import bounds, in_range
from tools.kit.metrics.registry import metric
from tools.kit.score import Score

_AS_CLEAR = 0.75  # share of the tapped tempo's clarity at which another level of the pulse counts as heard too
_MOST_STRUCK = 0.6
_ELLIS = "Ellis, Beat tracking by dynamic programming, JNMR 36, 2007"


@metric(
    "tempo_map",
    family="control",
    unit="BPM",
    low=0,
    better="nearer the reference",
    formula="median over time of the tempo map, in beats of the meter a minute",
    meaning="The tempo that the score is written at for most of its time. It reads the map and does not hear whether "
    "the notes move at half or twice its speed.",
    source="the tempo events of the Standard MIDI File (RP-001)",
)
def tempo_map(score: Score) -> float | None:
    """Tempo held longest in BPM; None for a score without a note."""
    return main_tempo(score) if any(t.notes for t in score.tracks) else None


@metric(
    "tempo_heard",
    family="control",
    unit="BPM",
    low=0,
    better="nearer the reference",
    formula="argmax over 30 to 300 BPM of (mean autocorrelation of onset strength at 1 to 4 beats) * log-normal prior",
    meaning="The tempo at which a listener is likeliest to tap along. People tap some music at half or twice that "
    "speed, and so may this.",
    source=_ELLIS,
)
def tempo_heard(clip: Clip) -> float | None:
    """Tempo of a recording in BPM; None without a pulse."""
    return clip.pulse.bpm if clip.pulse is not None else None


@metric(
    "tempo_support",
    family="control",
    unit="ratio",
    low=0,
    better="higher",
    formula="clarity(asked) / clarity(tapped) [* prior(asked) / prior(tapped) where no tempo map decides the level]",
    meaning="How clearly onsets recur at the tempo asked for, beside the tempo that is tapped: 1 is as clearly. Half "
    "and double tempo support each other, so it is read together with the ratio of the two.",
    source=f"{_ELLIS}: its autocorrelation and its prior",
)
def tempo_support(clip: Clip, asked_bpm: float, *, by_prior: bool = True) -> float | None:
    """Likelihood of a tempo in shares of the tapped one's; None without a pulse.

    Raises
    ------
    UserError
        For a tempo that is no positive number.
    """
    if not (math.isfinite(asked_bpm) and asked_bpm > 0):
        raise UserError(f"a tempo is a number of beats a minute above 0, not {asked_bpm}.")
    tapped = clip.pulse
    if tapped is None:
        return None
    share = pulse.clarity_at(clip.strength, asked_bpm) / max(tapped.clarity, 1e-9)
    return share * pulse.prior(asked_bpm) / pulse.prior(tapped.bpm) if by_prior else share


@metric(
    "struck_beats",
    family="control",
    unit="share",
    low=0,
    high=1,
    better="neither",
    formula="|beats of the map with a note within an eighth of a beat| / |beats|",
    meaning="On how many of the written beats something is struck: a march strikes nearly all, a chorale in halves "
    "every other. It says that the written beat can be felt and not that it is the one felt.",
    source="Scorewright's own, against octave errors of beat trackers",
)
def struck_beats(score: Score, notes: Notes) -> float | None:
    """Share of the map's beats on which a note begins; None without a note."""
    if not len(notes):
        return None
    edges = beat_edges(score)
    return float(np.mean(distances(edges[:-1], notes.start_q) <= np.diff(edges) / 8))


@dataclass(frozen=True)
class PulseAnswer:
    """What the beats of a recording say of a tempo.

    Attributes
    ----------
    bpm, clarity
        The tempo tapped, and how clear it is in [0, 1].
    asked_bpm, asked_clarity
        The tempo it was held against, and how clearly onsets recur there.
    ratio
        Tapped by asked where that is a simple ratio; None otherwise.
    support, struck
        :func:`tempo_support`, and :func:`struck_beats` where there is a map.
    borne_out
        None when the pulse is too faint to decide.
    """

    bpm: float
    clarity: float
    asked_bpm: float
    asked_clarity: float
    ratio: float | None
    support: float
    struck: float | None
    borne_out: bool | None


def pulse_answer(
    clip: Clip, target: float | Mapping[str, Any], share: float, written: float | None, struck: float | None
) -> PulseAnswer | None:
    """Whether a recording's beats bear a tempo out; None without a pulse.

    A tracker may tap at another level of the pulse. With a map (``written``, in BPM) the recording bears a tempo out
    when it is tapped at a simple multiple and onsets recur at the tempo about as clearly, or notes strike most of the
    map's beats; without one the asked level must be about as likely a tempo as the tapped one.
    """
    heard = clip.pulse
    if heard is None:
        return None
    if in_range(heard.bpm, target, share):
        return PulseAnswer(heard.bpm, heard.clarity, heard.bpm, heard.clarity, 1.0, 1.0, struck, borne_out=True)
    is_written = written is not None and in_range(written, target, share)
    asked = written if written is not None and is_written else _nearest(heard.bpm, *bounds(target))
    ratio = pulse.octave_of(heard.bpm, asked, share)
    support = tempo_support(clip, asked, by_prior=written is None) or 0.0
    is_level = ratio is not None and (support >= _AS_CLEAR or (struck or 0.0) >= _MOST_STRUCK)
    borne_out = True if is_level else None if heard.clarity < pulse.CLEAR else False
    clarity = pulse.clarity_at(clip.strength, asked)
    return PulseAnswer(heard.bpm, heard.clarity, asked, clarity, ratio, support, struck, borne_out)


def _nearest(bpm: float, low: float, high: float) -> float:
    """The tempo within the range that is a simple multiple of ``bpm``, else the bound next to it."""
    fitting = [bpm / ratio for ratio in pulse.OCTAVES if low <= bpm / ratio <= high]
    return fitting[0] if fitting else float(np.clip(bpm, low, high))
