"""What only notation says (articulations, slurs, dynamics): what MIDI cannot hold, and what an edit leaves torn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from tools.kit.score.model import Note, Score, Track
from tools.kit.theory.instruments import is_a

_STRINGS_ONLY = frozenset({"up-bow", "down-bow", "open-string", "snap-pizzicato"})
_HORNS_ONLY = frozenset({"stopped"})


def not_in_midi(score: Score) -> list[str]:
    """What notation says in a score that MIDI has no event for, in words and counted."""
    marks = Counter(m for t in score.tracks for n in t.notes for m in n.marks)
    dynamics = sum(len(t.dynamics) for t in score.tracks)
    modes = sum(k.mode not in ("major", "minor") for _, k in score.keys)
    return [
        *(f"{count} {mark} marks" for mark, count in sorted(marks.items())),
        *([f"{dynamics} dynamic marks (velocities follow them)"] if dynamics else []),
        *([f"{modes} keys' modes (the signature is kept)"] if modes else []),
    ]


def mend_slurs(track: Track) -> int:
    """Take away the ends of slurs whose other end is not in the track any more; how many there were."""
    begun: list[Note] = []
    torn: list[tuple[Note, str]] = []
    for note in sorted(track.notes, key=lambda n: n.start):
        for mark in sorted((m for m in note.marks if m.startswith("slur-")), reverse=True):  # stops before starts
            if mark == "slur-start":
                begun.append(note)
            elif begun:
                begun.pop()
            else:
                torn.append((note, mark))
    torn += [(note, "slur-start") for note in begun]
    for note, mark in torn:
        at = note.marks.index(mark)
        note.marks = note.marks[:at] + note.marks[at + 1 :]
    return len(torn)


def leave_out_unplayable(notes: Iterable[Note], instrument: str) -> int:
    """Take away the marks that an instrument has no way to play, as bowings of a flute; how many."""
    strings = is_a(instrument, "strings") or is_a(instrument, "guitar")
    refused = (frozenset() if strings else _STRINGS_ONLY) | (frozenset() if is_a(instrument, "brass") else _HORNS_ONLY)
    left_out = 0
    for note in notes:
        kept = tuple(m for m in note.marks if m not in refused)
        left_out += len(note.marks) - len(kept)
        note.marks = kept
    return left_out
