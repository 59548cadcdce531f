"""Verdicts on the recording itself: loudness, the seam of a loop."""

from __future__ import annotations

from tools.brief import Check, Constraint
from tools.kit.metrics.attributes import within
from tools.kit.metrics.audio.level import integrated_loudness
from tools.kit.metrics.control.loop import loop_join, loop_offset, loop_roughness
from tools.kit.verdicts.evidence import Evidence
from tools.kit.verdicts.registry import measures, not_checked, tolerance_of, verdict

_SEAMLESS = 1.0  # roughness up to which nothing is heard at the join
_IN_TIME_S = 0.03  # a loop may be longer or shorter than its bars by this


@measures("loudness_lufs")
def loudness(wanted: Constraint, evidence: Evidence) -> Check:
    """Integrated loudness of the audio."""
    if evidence.clip is None:
        return not_checked(wanted, "loudness is measured on audio, and there is none")
    value = integrated_loudness(evidence.clip)
    evidence.record(loudness_lufs=value)
    how = "integrated loudness, ITU-R BS.1770-4, in LUFS"
    if value is None:
        return verdict(wanted, None, f"{how}: the audio is silent", met=False)
    return verdict(wanted, round(value, 2), how, met=within(value, float(wanted.target), tolerance_of(wanted)))


@measures("loop")
def loop(wanted: Constraint, evidence: Evidence) -> Check:
    """The join of end and start against the joins inside the piece; with MIDI also whether it lasts whole bars."""
    if not wanted.target:
        return not_checked(wanted, "no loop is wanted, so there is no seam to measure")
    whole = _whole_bars(evidence)
    if evidence.heard is None:
        if whole is None:
            return not_checked(wanted, "there is neither audio nor a note to loop")
        ends_on_time, words = whole
        return verdict(wanted, ends_on_time, words, met=ends_on_time)
    join = loop_join(evidence.heard)
    roughness = loop_roughness(join)
    evidence.record(loop_roughness=roughness)
    if join is None or roughness is None:
        return verdict(wanted, None, "the audio is silent or too short to have a seam", met=False)
    how = "the join against like moments inside: " + (" and ".join(join.faults) or "no click, cut, fade or gap")
    how += f" (loop roughness {roughness:.2f}, heard above {_SEAMLESS:.0f})"
    if whole is not None:
        how += f"; {whole[1]}"
    loops = roughness <= _SEAMLESS and (whole is None or whole[0])
    return verdict(wanted, loops, how, met=loops)


def _whole_bars(evidence: Evidence) -> tuple[bool, str] | None:
    """Whether the sound (or, without it, the notes) ends with the score's last bar; None when there is no score."""
    if evidence.score is None or evidence.notes is None or evidence.length_s is None:
        return None
    off = loop_offset(evidence.score, evidence.length_s)
    evidence.record(loop_offset=off)
    if off is None:
        return None
    if evidence.heard is None:
        return off <= _IN_TIME_S, f"the last note ends {-off:.3f} s before the last barline"
    return abs(off) <= _IN_TIME_S, f"the audio ends {off:+.3f} s from the last barline"
