"""Verdicts on time: duration, tempo, meter, bars, the end of the picture."""

from __future__ import annotations

from typing import Any

import numpy as np

from tools.brief import Check, Constraint
from tools.kit.analysis import pulse
from tools.kit.analysis.notes import beat_edges
from tools.kit.analysis.onsets import distances
from tools.kit.analysis.portrait import main_tempo
from tools.kit.analysis.verdicts.evidence import LOUDNESS_RATE, Evidence, has_sound
from tools.kit.analysis.verdicts.registry import measures, not_checked, tolerance_of, verdict
from tools.kit.audio import Samples, last_sound_s, read_audio
from tools.kit.metrics.attributes import within
from tools.kit.metrics.control import bounds, count_bars, in_range, meter_heard
from tools.kit.theory.meter import Meter

_EMPTY_TAIL_S = 2.5  # silence after the last sound that still passes for a rest
_VIDEO_TAIL_S = 1.0
_AS_CLEAR = 0.75  # share of the tapped tempo's clarity at which another level of the pulse counts as heard too
_MOST_STRUCK = 0.6


@measures("duration_s")
def duration(wanted: Constraint, evidence: Evidence) -> Check:
    """Length of the decoded sound, which must not end in an empty tail; without sound, the end of the last note."""
    target, tolerance = float(wanted.target), tolerance_of(wanted)
    note_end = None if evidence.notes is None else float(evidence.notes.end_s.max())
    if evidence.samples is None:
        if note_end is None:
            return not_checked(wanted, "there is neither sound nor a note to time")
        return verdict(
            wanted,
            round(note_end, 3),
            "end of the last note in the MIDI file",
            met=within(note_end, target, tolerance),
        )
    length = len(evidence.samples) / LOUDNESS_RATE
    sounding = last_sound_s(evidence.samples, LOUDNESS_RATE)
    how = f"decoded length of the audio; last sound (60 dB below the peak) at {sounding:.2f} s"
    if note_end is not None:
        how += f", last note of the MIDI file ends at {note_end:.2f} s"
    met = within(length, target, tolerance) and length - sounding <= _EMPTY_TAIL_S
    return verdict(wanted, round(length, 3), how, met=met)


@measures("tempo_bpm")
def tempo(wanted: Constraint, evidence: Evidence) -> Check:
    """The MIDI map's tempo and the beats in the audio.

    A beat tracker may tap at another level of the pulse (half, double, ...). With a map that is as asked, the audio
    bears it out when it taps at a simple multiple and either onsets recur at the asked tempo about as clearly, or
    the notes strike most of the map's beats. Without a map, the asked level must be about as likely a tempo as the
    tapped one. A clear pulse that is no such multiple is a miss; one too faint to tell decides nothing.
    """
    share = tolerance_of(wanted)
    mapped = main_tempo(evidence.score) if evidence.score and evidence.notes is not None else None
    if mapped is None and evidence.pulse is None:
        return not_checked(wanted, "no MIDI map, and no pulse in the audio")
    said = [] if mapped is None else [f"MIDI map {mapped:.1f} BPM (held longest)"]
    heard: bool | None = None
    if evidence.pulse is not None:
        heard, words = _heard(evidence.pulse, evidence, mapped, wanted.target, share)
        said.append(words)
    elif evidence.samples is not None:
        said.append("no pulse in the audio")
    met = bool(heard) if mapped is None else in_range(mapped, wanted.target, share) and heard is not False
    measured = mapped if mapped is not None else evidence.pulse.bpm if evidence.pulse else 0.0
    return verdict(wanted, round(measured, 2), "; ".join(said), met=met)


def _heard(
    heard: pulse.Pulse, evidence: Evidence, mapped: float | None, target: Any, share: float
) -> tuple[bool | None, str]:
    """Whether the audio's beats bear a tempo out (None: its pulse is too faint to say), and the words for it."""
    said = f"audio beats {heard.bpm:.1f} BPM (clarity {heard.clarity:.2f})"
    if in_range(heard.bpm, target, share):
        return True, said
    asked = mapped if mapped is not None and in_range(mapped, target, share) else _nearest(heard.bpm, *bounds(target))
    ratio = pulse.octave_of(heard.bpm, asked, share)
    assert evidence.strength is not None
    clarity = pulse.clarity_at(evidence.strength, asked)
    likely = clarity / max(heard.clarity, 1e-9)
    if mapped is None:
        likely *= pulse.prior(asked) / pulse.prior(heard.bpm)
    struck = _struck_beats(evidence) if mapped is not None else 0.0
    if ratio is not None and (likely >= _AS_CLEAR or struck >= _MOST_STRUCK):
        said += f", {ratio:.3g} times the pulse at {asked:.1f} BPM, where onsets recur too (clarity {clarity:.2f}"
        return True, said + (f"; notes strike {struck:.0%} of its beats)" if mapped is not None else ")")
    if heard.clarity < pulse.CLEAR:
        return None, f"{said}, too faint to decide"
    return False, f"{said}, against {asked:.1f} BPM (clarity {clarity:.2f})"


def _struck_beats(evidence: Evidence) -> float:
    """Share of the map's beats on which a note begins, to within an eighth of a beat."""
    assert evidence.score is not None
    assert evidence.notes is not None
    beats = beat_edges(evidence.score)[:-1]
    apart = distances(beats, evidence.notes.start_q)
    return float(np.mean(apart <= np.diff(beat_edges(evidence.score)) / 8))


def _nearest(bpm: float, low: float, high: float) -> float:
    """The tempo within the range that is a simple multiple of ``bpm``, else the bound next to it."""
    fitting = [bpm / ratio for ratio in pulse.OCTAVES if low <= bpm / ratio <= high]
    return fitting[0] if fitting else float(np.clip(bpm, low, high))


@measures("meter")
def meter(wanted: Constraint, evidence: Evidence) -> Check:
    """The MIDI map, from the first note to the last, and the bar length that the accents keep to.

    The map is one witness: where the accents speak clearly for another bar, that is in what was measured.
    """
    if evidence.score is None or evidence.notes is None:
        return not_checked(wanted, "meter is read from notes; there is no MIDI file with any")
    try:
        asked = Meter.parse(str(wanted.target))
    except ValueError as err:
        return not_checked(wanted, str(err))
    answer = meter_heard(evidence.score, evidence.notes, asked)
    how = f"MIDI meter map; accents explained by its bars {max(answer.fit, 0):.2f}"
    if answer.rival_eighths is not None:
        how += f", by the best unrelated bar ({answer.rival_eighths} eighths) {max(answer.rival, 0):.2f}"
    written = ", ".join(dict.fromkeys(str(m) for m in answer.used))
    measured = f"{written} written, {answer.rival_eighths} eighths a bar heard" if answer.contradicted else written
    return verdict(wanted, measured, how, met=answer.met)


@measures("bars")
def bars(wanted: Constraint, evidence: Evidence) -> Check:
    """Bars up to the end of the last note, by the MIDI meter map; a note that hangs over by an eighth adds none."""
    if evidence.score is None or evidence.notes is None:
        return not_checked(wanted, "bars are counted in notes; there is no MIDI file with any")
    count = count_bars(evidence.score, evidence.notes)
    return verdict(
        wanted, count, "bars of the MIDI meter map up to the end of the last note", met=count == int(wanted.target)
    )


@measures("video_end")
def video_end(wanted: Constraint, evidence: Evidence) -> Check:
    """End of the audio stream against the end of the picture in the film, and no empty tail."""
    from tools.kit.video.probe import picture_span

    if evidence.video is None:
        return not_checked(wanted, "there is no film to end with")
    if not has_sound(evidence.video.file):
        return verdict(wanted, None, "the film has no audio stream", met=False)
    start, length = picture_span(evidence.video.file)
    sound_start, samples = _film_sound(evidence)
    gap = sound_start + len(samples) / LOUDNESS_RATE - (start + length)
    tail = len(samples) / LOUDNESS_RATE - last_sound_s(samples, LOUDNESS_RATE)
    how = f"end of the decoded audio less end of the picture ({length:.3f} s); {tail:.2f} s of silence at the end"
    return verdict(wanted, round(gap, 3), how, met=within(gap, 0.0, tolerance_of(wanted)) and tail <= _VIDEO_TAIL_S)


def _film_sound(evidence: Evidence) -> tuple[float, Samples]:
    """Start on the container's clock in seconds, and samples, of the film's sound."""
    import av

    assert evidence.video is not None
    path = evidence.video.file
    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        start = float((stream.start_time or 0) * (stream.time_base or 0))
    if evidence.audio is None and evidence.samples is not None:
        return start, evidence.samples
    return start, read_audio(path, LOUDNESS_RATE)[0]
