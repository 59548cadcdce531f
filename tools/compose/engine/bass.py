"""Bass lines: patterns of chord degrees in eighths of a 4/4 bar, read in any meter.

``R`` root (or slash bass), ``5`` fifth, ``3`` third, ``8`` octave, ``A`` a step into the next chord's bass
(a chord tone instead where chords were given and must be heard clearly).
"""

from __future__ import annotations

from collections.abc import Sequence

from tools.compose.engine.grid import Bar
from tools.compose.engine.harmony import Span
from tools.compose.engine.rhythm import divisions, place
from tools.kit.score import Note
from tools.kit.theory.chord import Chord

Pattern = tuple[tuple[float, str], ...]
PATTERNS: dict[str, Pattern] = {
    "sustain": ((0, "R"),),
    "root": ((0, "R"), (4, "5")),
    "oom": ((0, "R"), (4, "5")),
    "pulse": ((0, "R"), (2, "R"), (4, "R"), (6, "R")),
    "eighths": tuple((float(i), "R" if i != 7 else "A") for i in range(8)),
    "octaves": tuple((float(i), "R" if i % 2 == 0 else "8") for i in range(8)),
    "walking": ((0, "R"), (2, "3"), (4, "5"), (6, "A")),
    "offbeat": ((0, "R"), (1, "R"), (3, "R"), (5, "R"), (7, "8")),
    "tumbao": ((0, "R"), (3, "5"), (6, "8")),
    "bossa": ((0, "R"), (3, "5"), (4, "5"), (7, "R")),
    "syncopated": ((0, "R"), (3, "R"), (5, "5"), (6, "R")),
    "funk": ((0, "R"), (1.5, "8"), (3, "R"), (4.5, "5"), (5, "8"), (7, "A")),
}
_SHORT = {"oom", "eighths", "octaves", "offbeat", "funk", "syncopated"}
_THINNER = {
    "eighths": "pulse",
    "octaves": "pulse",
    "walking": "root",
    "funk": "syncopated",
    "syncopated": "root",
    "offbeat": "pulse",
    "pulse": "sustain",
    "root": "sustain",
}


def bass_line(
    spans: Sequence[Span],
    roots: Sequence[int],
    bars: Sequence[Bar],
    pattern: str,
    energies: Sequence[float],
    low: int,
    high: int,
    *,
    strict: bool,
) -> list[Note]:
    """The bass under a run of chords.

    Parameters
    ----------
    spans, roots
        Chords and the bass pitch of each.
    energies
        For each span, 0 to 1; a low one thins the pattern.
    strict
        Whether only chord tones may sound.
    """
    notes: list[Note] = []
    for index, (span, root) in enumerate(zip(spans, roots, strict=True)):
        if span.chord is None:
            continue
        ahead = roots[index + 1] if index + 1 < len(roots) else root
        name = pattern if energies[index] > 0.42 else _THINNER.get(pattern, pattern)
        notes += _span_notes(span, root, ahead, bars[span.bar], name, low, high, strict)
    return notes


def _span_notes(
    span: Span, root: int, ahead: int, bar: Bar, name: str, low: int, high: int, strict: bool
) -> list[Note]:
    assert span.chord is not None
    degrees = {0.0: "R"} if span.start > bar.start + 1e-6 else {}
    for eighth, degree in _for_meter(PATTERNS[name], bar):
        at = bar.start + eighth - span.start
        if -1e-6 <= at < span.end - span.start - 1e-6:
            degrees.setdefault(round(at, 6), degree)
    degrees[0.0] = "R"
    if name == "oom" and len(divisions(bar.meter, 1)) == 3:
        degrees = {0.0: "R"}
    places = sorted(degrees)
    notes = []
    for at, stop in zip(places, [*places[1:], span.end - span.start], strict=True):
        degree = degrees[at]
        if degree == "A" and (strict or stop - at > 1.01):
            degree = "3"
        if degree == "5" and strict and name in ("root", "oom"):
            degree = "R"
        pitch = _pitch(degree, span.chord, root, ahead, low, high)
        length = min((stop - at) * (0.6 if name in _SHORT else 0.95), 1.0 if name == "oom" else 64.0)
        notes.append(Note(span.start + at, length, pitch, 92 if at == 0 else 80))
    return notes


def _for_meter(pattern: Pattern, bar: Bar) -> list[tuple[float, str]]:
    """A pattern's places in a bar; long bars take it up again, walking lines step on every beat."""
    found: list[tuple[float, str]] = []
    count = len(divisions(bar.meter, 1))
    for turn in range(0, 2 * count, 8):
        found += [(p, d) for p, d in ((place(bar.meter, e + turn), d) for e, d in pattern) if p is not None]
    return found


def _pitch(degree: str, chord: Chord, root: int, ahead: int, low: int, high: int) -> int:
    if degree == "R":
        return root
    if degree == "8":
        return root + 12 if root + 12 <= high else root
    if degree == "A":
        step = -1 if ahead > root else 1
        target = ahead + (2 * step if (ahead + 2 * step - chord.root) % 12 in chord.intervals else step)
        return target if low <= target <= high else root
    wanted = {"3": (3, 4, 5, 2), "5": (7, 6, 8)}[degree]
    interval = next((i for i in wanted if i in chord.intervals), 0)
    pitch = root + (chord.root + interval - root) % 12
    return pitch if pitch <= high else max(root, pitch - 12)
