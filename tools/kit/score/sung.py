"""Words under the notes as they are written: syllables of a word joined, and what is sung on several notes slurred.

A syllable is held over the notes that follow it without a rest until the next one (a melisma): they are slurred, and
the last syllable of a word has a line after it (Gould 2011, "Behind Bars", vocal music).
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from xml.sax.saxutils import escape

from tools.kit.score.model import Note, Track
from tools.kit.score.note_values import on_grid

_LONGEST = 16.0  # quarters: what goes on for longer without words is no melisma
_NEAR = 1 / 16


@dataclass(frozen=True)
class Words:
    """The words of a track: each syllable's MusicXML by its place, and the ends of slurs by the ids of notes."""

    syllables: dict[Fraction, str] = field(default_factory=dict)
    slurs: dict[int, str] = field(default_factory=dict)


def words_of(track: Track) -> Words:
    """The words of a track as they are written under its notes."""
    said = [(at, text) for at, text in track.lyrics if text.strip()]
    line = _line(track) if said else []
    words = Words()
    inside = False
    for (at, text), following in zip(said, [*(t for t, _ in said), float("inf")][1:], strict=True):
        held = _held(line, at, following)
        going = text.endswith("-")
        syllabic = {(False, True): "begin", (True, True): "middle", (True, False): "end"}.get((inside, going), "single")
        extend = "<extend/>" if len(held) > 1 and not going else ""
        shown = escape(text.strip().rstrip("-"))
        words.syllables[on_grid(at)] = (
            f"<lyric><syllabic>{syllabic}</syllabic><text>{shown}</text>{extend}</lyric>" if shown else ""
        )
        if len(held) > 1 and not any(m.startswith("slur-") for n in held for m in n.marks):
            words.slurs[id(held[0])] = words.slurs.get(id(held[0]), "") + '<slur type="start"/>'
            words.slurs[id(held[-1])] = '<slur type="stop"/>'
        inside = going
    return words


def _line(track: Track) -> list[Note]:
    """The notes that are sung, one at a time: the highest of each start, grace notes left out."""
    best: dict[float, Note] = {}
    for note in track.notes:
        if "grace" not in note.marks and (note.start not in best or note.pitch > best[note.start].pitch):
            best[note.start] = note
    return [best[at] for at in sorted(best)]


def _held(line: list[Note], at: float, following: float) -> list[Note]:
    """The notes that a syllable is sung on, the first included."""
    first = bisect_right(line, at - _NEAR, key=lambda n: n.start)
    run = [n for n in line[first : first + 1] if abs(n.start - at) < _NEAR]
    for before, note in pairwise(line[first:]):
        if not run or note.start > following - _NEAR or note.start - before.end > _NEAR:
            break
        run.append(note)
    return run if not run or run[-1].end - at <= _LONGEST else run[:1]
