"""What dynamics of notation sound like: velocities from marks, hairpins and accents."""

from __future__ import annotations

from bisect import bisect_right

from tools.kit.score.model import Track

LEVELS = {"pppp": 10, "ppp": 20, "pp": 33, "p": 48, "mp": 64, "mf": 80, "f": 96, "ff": 112, "fff": 122, "ffff": 127}
_UNMARKED, _ACCENT = 80, 14


def play(track: Track) -> None:
    """Velocities for notes that say none: the mark in force, growing under a hairpin, and accents."""
    points = _levels(track.dynamics)
    places = [t for t, _, _ in points]
    for note in track.notes:
        if note.velocity:
            note.velocity = min(127, max(1, note.velocity))
            continue
        index = bisect_right(places, note.start + 1e-6) - 1
        start, level, slope = points[index] if index >= 0 else (0.0, _UNMARKED, 0.0)
        accent = _ACCENT * ("accent" in note.marks or "strong-accent" in note.marks)
        note.velocity = min(127, max(1, round(level + slope * (note.start - start)) + accent))


def _levels(dynamics: list[tuple[float, str]]) -> list[tuple[float, float, float]]:
    """Where a level begins, the level, and by how much it grows in a quarter."""
    marks = [(t, m) for t, m in dynamics if m in LEVELS]
    points: list[tuple[float, float, float]] = []
    level = float(_UNMARKED)
    ends = [t for t, m in dynamics if m == "stop"]
    for time, mark in dynamics:
        if mark in LEVELS:
            level = float(LEVELS[mark])
            points.append((time, level, 0.0))
        elif mark in ("crescendo", "diminuendo"):
            end = next((t for t in ends if t > time), time + 4)
            following = next((LEVELS[m] for t, m in marks if end - 1 <= t <= end + 1 and t > time), None)
            aim = float(following) if following else level + (16 if mark == "crescendo" else -16)
            points += [(time, level, (aim - level) / (end - time)), (end, aim, 0.0)]
            level = aim
    return sorted(points)
