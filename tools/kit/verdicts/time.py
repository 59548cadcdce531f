"""Verdicts on time: duration, tempo, meter, bars, the end of the picture."""

from __future__ import annotations

from tools.brief import Check, Constraint
from tools.kit.audio import Samples, read_audio
from tools.kit.metrics.attributes import within
from tools.kit.metrics.audio.clip import Clip
from tools.kit.metrics.control import count_bars, in_range, meter_heard
from tools.kit.metrics.control.duration import duration_heard, picture_gap, silent_tail
from tools.kit.metrics.control.pulse import (
    PulseAnswer,
    pulse_answer,
    struck_beats,
    tempo_heard,
    tempo_map,
)
from tools.kit.theory.meter import Meter
from tools.kit.verdicts.evidence import LOUDNESS_RATE, Evidence, has_sound
from tools.kit.verdicts.registry import measures, not_checked, tolerance_of, verdict

_EMPTY_TAIL_S = 2.5  # silence after the last sound that still passes for a rest
_VIDEO_TAIL_S = 1.0


@measures("duration_s")
def duration(wanted: Constraint, evidence: Evidence) -> Check:
    """Length of the decoded sound, which must not end in an empty tail; without sound, the end of the last note."""
    target, tolerance = float(wanted.target), tolerance_of(wanted)
    length, note_end = evidence.length_s, duration_heard(None, evidence.notes)
    evidence.record(duration_heard=length)
    if length is None:
        return not_checked(wanted, "there is neither sound nor a note to time")
    fits = within(length, target, tolerance)
    if evidence.heard is None:
        return verdict(wanted, round(length, 3), "end of the last note in the MIDI file", met=fits)
    tail = silent_tail(evidence.heard)
    evidence.record(silent_tail=tail)
    how = f"decoded length of the audio; last sound (60 dB below the peak) at {length - tail:.2f} s"
    if note_end is not None:
        how += f", last note of the MIDI file ends at {note_end:.2f} s"
    return verdict(wanted, round(length, 3), how, met=fits and tail <= _EMPTY_TAIL_S)


@measures("tempo_bpm")
def tempo(wanted: Constraint, evidence: Evidence) -> Check:
    """The MIDI map's tempo and the beats in the audio.

    A beat tracker may tap at another level of the pulse (half, double, ...). With a map that is as asked, the audio
    bears it out when it taps at a simple multiple and either onsets recur at the asked tempo about as clearly, or
    the notes strike most of the map's beats. Without a map, the asked level must be about as likely a tempo as the
    tapped one. A clear pulse that is no such multiple is a miss; one too faint to tell decides nothing.
    """
    share = tolerance_of(wanted)
    score, notes = evidence.score, evidence.notes
    mapped = tempo_map(score) if score and notes is not None else None
    struck = struck_beats(score, notes) if score and notes is not None else None
    clip = evidence.audible
    answer = None if clip is None else pulse_answer(clip, wanted.target, share, mapped, struck)
    bpm = None if clip is None else tempo_heard(clip)
    evidence.record(tempo_map=mapped, struck_beats=struck, tempo_heard=bpm)
    said = [] if mapped is None else [f"MIDI map {mapped:.1f} BPM (held longest)"]
    if answer is not None:
        evidence.record(tempo_support=answer.support)
        said.append(_heard(answer))
    elif evidence.samples is not None:
        said.append("no pulse in the audio")
    measured = mapped if mapped is not None else bpm
    if measured is None:
        return not_checked(wanted, "no MIDI map, and no pulse in the audio")
    borne_out = None if answer is None else answer.borne_out
    met = bool(borne_out) if mapped is None else in_range(mapped, wanted.target, share) and borne_out is not False
    return verdict(wanted, round(measured, 2), "; ".join(said), met=met)


def _heard(answer: PulseAnswer) -> str:
    """What the audio's beats say, in words."""
    said = f"audio beats {answer.bpm:.1f} BPM (clarity {answer.clarity:.2f})"
    if answer.asked_bpm == answer.bpm:
        return said
    if answer.borne_out:
        said += f", {answer.ratio:.3g} times the pulse at {answer.asked_bpm:.1f} BPM, where onsets recur too "
        said += f"(clarity {answer.asked_clarity:.2f}"
        return said + (f"; notes strike {answer.struck:.0%} of its beats)" if answer.struck is not None else ")")
    if answer.borne_out is None:
        return f"{said}, too faint to decide"
    return f"{said}, against {answer.asked_bpm:.1f} BPM (clarity {answer.asked_clarity:.2f})"


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
    picture = picture_span(evidence.video.file)
    start, samples = _film_sound(evidence)
    clip = Clip.of(samples, LOUDNESS_RATE)
    gap, tail = picture_gap((start, clip.seconds), picture), silent_tail(clip)
    evidence.record(picture_gap=gap, silent_tail=tail)
    if gap is None:
        return not_checked(wanted, "the film has no picture to end with")
    how = f"end of the decoded audio less end of the picture ({picture[1]:.3f} s); {tail:.2f} s of silence at the end"
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
