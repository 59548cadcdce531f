"""Facts of a recording: the measured portrait, and what the trained ears add to it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tools.hear._beats import Pulse, hear_pulse, tempo_curve
from tools.kit.audio import Samples

Facts = dict[str, Any]
Floats = NDArray[np.float64]

PLAYS = 0.5  # chance from which a family of instruments is named
_MOST_FAMILIES = 6
_SAME_TEMPO = 0.03


def facts_of_recording(samples: Samples, rate: int) -> Facts:
    """Everything heard in samples ``[n, channels]`` at 22.05 kHz: tempo, bars, key, chords, players and the rest."""
    from tools.backends import ears
    from tools.kit.analysis import portrait
    from tools.kit.analysis.chord_path import chord_spans, label

    facts = portrait.of_audio(samples, rate)
    mono = np.ascontiguousarray(samples.mean(axis=1), dtype=np.float32)
    pulse = hear_pulse(mono)
    chances, keys = ears.harmony(mono)
    beats, down = (pulse.beats_s, pulse.downbeats_s) if pulse else (np.zeros(0), np.zeros(0))
    spans = chord_spans(chances, ears.HARMONY_RATE, beats, down, facts["duration_s"])
    families = ears.players(mono)
    return (
        facts
        | _time(pulse, facts)
        | _key(keys)
        | {
            "chords": [{"start_s": round(s, 3), "end_s": round(e, 3), "label": label(c)} for s, e, c in spans],
            "instruments": _players(families),
        }
    )


def _time(pulse: Pulse | None, facts: Facts) -> Facts:
    """Tempo, its changes, meter, bars and beats; the tempo's clarity is 0 where no beat is heard."""
    if pulse is None:
        return {"tempo_bpm": None, "tempo_clarity": 0.0}
    changes: list[dict[str, float]] = []
    for at in tempo_curve(pulse.beats_s):
        if not changes or abs(at["tempo_bpm"] / changes[-1]["tempo_bpm"] - 1) > _SAME_TEMPO:
            changes.append(at)
    return {
        "tempo_bpm": round(pulse.bpm, 2),
        "tempo_changes": changes,
        "meter": pulse.meter,
        "bars": len(pulse.downbeats_s) or None,
        "beats_s": [round(float(t), 3) for t in pulse.beats_s],
        "downbeats_s": [round(float(t), 3) for t in pulse.downbeats_s],
        "tempo_clarity": max(facts["tempo_clarity"], round(pulse.confidence, 2)),
    }


def _key(log_chances: Floats) -> Facts:
    from tools.kit.theory.pitch import Key

    best = int(log_chances.argmax())
    key = Key(best % 12, "minor" if best >= 12 else "major")
    return {"key": str(key), "mode": key.mode, "key_confidence": round(float(np.exp(log_chances[best])), 3)}


def _players(chances: Floats) -> list[str]:
    """The families likely to play, the likeliest first; the likeliest alone when none is likely."""
    from tools.backends.ears import FAMILIES

    order = np.argsort(-chances)
    likely = [FAMILIES[i] for i in order if chances[i] >= PLAYS][:_MOST_FAMILIES]
    return likely or [FAMILIES[int(order[0])]]
