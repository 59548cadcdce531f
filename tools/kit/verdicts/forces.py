"""Verdicts on who plays: instruments, exclusions, vocals. Read from programs and channels that have notes."""

from __future__ import annotations

from tools.brief import Check, Constraint
from tools.kit.metrics.attributes import names_of, plays, read_instruments, sounding_tracks
from tools.kit.theory import instruments as gm
from tools.kit.verdicts.evidence import Evidence
from tools.kit.verdicts.registry import measures, not_checked, verdict

_HOW = "programs and channels of the MIDI file that have notes"
_SOUND_ONLY = "instruments are read from a MIDI file; none with notes is here, and timbre is not recognised in audio"
_VOICE = "voice"


@measures("instruments")
def instruments(wanted: Constraint, evidence: Evidence) -> Check:
    """Every instrument asked for has notes; others may play too."""
    tracks = sounding_tracks(evidence.score)
    if not tracks:
        return not_checked(wanted, _SOUND_ONLY)
    known, unknown = read_instruments(wanted.target)
    absent = [name for name in known if not plays(name, tracks)]
    how = _HOW
    if absent:
        how += f"; not playing: {', '.join(absent)}"
    if unknown:
        how += f"; no General MIDI instrument is known for: {', '.join(unknown)}"
    if unknown and not absent:
        return not_checked(wanted, how)
    return verdict(wanted, names_of(tracks), how, met=not absent)


@measures("exclude")
def exclude(wanted: Constraint, evidence: Evidence) -> Check:
    """No instrument that was refused, nor a kind of it, has a note."""
    tracks = sounding_tracks(evidence.score)
    if not tracks:
        return not_checked(wanted, _SOUND_ONLY)
    refused, unknown = read_instruments(wanted.target)
    present = [name for name in refused if plays(name, tracks)]
    how = _HOW + (f"; refused but playing: {', '.join(present)}" if present else "")
    if unknown:
        how += f"; no General MIDI instrument is known for: {', '.join(unknown)}"
    if unknown and not present:
        return not_checked(wanted, how)
    return verdict(wanted, names_of(tracks), how, met=not present)


@measures("vocals")
def vocals(wanted: Constraint, evidence: Evidence) -> Check:
    """Whether a voice sings: in MIDI a voice program with notes, in audio a sound that a singing tool made."""
    sung = [a for a in evidence.lineage if a.tool in ("sing", "convert_voice")]
    tracks = sounding_tracks(evidence.score)
    if not tracks and not sung:
        return not_checked(wanted, "voices are not recognised in audio, and there is no MIDI file with notes")
    voices = [t for t in tracks if not t.is_drum and t.program in gm.programs_of(_VOICE)]
    sings = bool(sung or voices)
    how = "voice programs with notes in the MIDI file, and takes of a singing tool among the sources"
    return verdict(wanted, sings, how, met=sings is bool(wanted.target))
