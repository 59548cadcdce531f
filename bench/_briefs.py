"""Random Briefs for the fidelity bench: each field by itself and in the combinations that people ask for."""

from __future__ import annotations

import random
from typing import Any

METERS = ("4/4", "4/4", "3/4", "3/4", "6/8", "5/4", "7/8", "2/4", "12/8")
TONICS = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
MINOR_TONICS = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "G#", "A", "Bb", "B")
CHURCH = ("dorian", "mixolydian", "lydian", "phrygian")
SECTIONS = ("verse", "chorus", "bridge", "verse", "chorus")
PLAYERS: dict[str, frozenset[int]] = {  # General MIDI 1 Sound Set, numbered from 0
    "piano": frozenset(range(4)),
    "harp": frozenset({46}),
    "vibraphone": frozenset({11}),
    "marimba": frozenset({12}),
    "accordion": frozenset({21, 23}),
    "guitar": frozenset(range(24, 32)),
    "electric bass": frozenset(range(33, 38)),
    "violin": frozenset({40}),
    "viola": frozenset({41}),
    "cello": frozenset({42}),
    "double bass": frozenset({32, 43}),
    "choir": frozenset({52, 53, 54}),
    "trumpet": frozenset({56, 59}),
    "trombone": frozenset({57}),
    "french horn": frozenset({60}),
    "oboe": frozenset({68}),
    "clarinet": frozenset({71}),
    "flute": frozenset({73}),
    "drums": frozenset({-1}),  # -1 stands for the drum channel
}
GROUPS: dict[str, frozenset[int]] = {
    "strings": frozenset({40, 41, 42, 43, 44, 45, 48, 49, 50, 51}),
    "brass": frozenset(range(56, 64)),
    "guitar": PLAYERS["guitar"],
    "piano": PLAYERS["piano"],
    "drums": PLAYERS["drums"],
    "organ": frozenset(range(16, 21)),
    "choir": PLAYERS["choir"],
}
_MAJOR_TRIADS = {"I": (0, ""), "ii": (2, "m"), "iii": (4, "m"), "IV": (5, ""), "V": (7, ""), "vi": (9, "m")}
_MINOR_TRIADS = {"I": (0, "m"), "iii": (3, ""), "IV": (5, "m"), "V": (7, ""), "vi": (8, ""), "ii": (10, "")}
_FOLLOWS = {  # functional harmony: what may come after each degree
    "I": ("IV", "V", "vi", "ii", "iii"),
    "ii": ("V",),
    "iii": ("vi", "IV"),
    "IV": ("V", "I"),
    "V": ("I", "vi"),
    "vi": ("IV", "ii"),
}
_SHARPS = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")


def random_brief(seed: int, number: int) -> dict[str, Any]:
    """Fields of one Brief; the same seed and number give the same Brief."""
    rng = random.Random(f"{seed}/{number}")
    fields: dict[str, Any] = {"meter": rng.choice(METERS)} if rng.random() < 0.7 else {}
    _length(fields, rng)
    _pitch(fields, rng)
    _forces(fields, rng)
    if rng.random() < 0.35 and fields.get("bars", 0) >= 12:
        inner = SECTIONS[: rng.randint(1, 2 if fields["bars"] < 20 else 4)]
        fields["sections"] = ["intro", *inner, "outro"][: max(2, fields["bars"] // 4)]
    if rng.random() < 0.3:
        fields["dynamics"] = _curve(rng)
    if rng.random() < 0.3 and "duration_s" in fields:
        _hits(fields, rng)
    return fields


def _length(fields: dict[str, Any], rng: random.Random) -> None:
    if rng.random() < 0.85:
        tempo = rng.randint(50, 200)
        fields["tempo_bpm"] = tempo if rng.random() < 0.7 else {"min": max(50, tempo - 12), "max": min(200, tempo + 12)}
    if rng.random() < 0.5:
        fields["bars"] = rng.choice((8, 9, 12, 14, 16, 20, 24, 32))
    else:
        fields["duration_s"] = round(rng.uniform(12, 60), 1)


def _pitch(fields: dict[str, Any], rng: random.Random) -> None:
    kind = rng.random()
    mode = rng.choice(CHURCH) if kind < 0.12 else "minor" if kind < 0.55 else "major"
    tonics = MINOR_TONICS if mode in ("minor", "dorian", "phrygian") else TONICS
    tonic = rng.choice(tonics)
    if rng.random() < 0.8:
        fields["key"] = f"{tonic} {mode}"
    elif mode in ("major", "minor"):
        fields["mode"] = mode
    if mode in ("major", "minor") and "key" in fields and rng.random() < 0.4:
        fields["chords"] = _progression(tonics.index(tonic), mode, rng)


def _progression(tonic: int, mode: str, rng: random.Random) -> list[str]:
    """Bars of functional harmony from the tonic to its dominant or home, some sevenths, some bars with two chords."""
    triads = _MAJOR_TRIADS if mode == "major" else _MINOR_TRIADS
    degrees = ["I"]
    for _ in range(rng.choice((2, 4, 4, 4, 6, 8)) - 1):
        degrees.append(rng.choice(_FOLLOWS[degrees[-1]]))
    if degrees[-1] not in ("I", "V"):
        degrees[-1] = "V"

    def symbol(degree: str) -> str:
        step, quality = triads[degree]
        seventh = "7" if rng.random() < 0.15 and (quality == "m" or degree == "V") else ""
        return _SHARPS[(tonic + step) % 12] + quality + seventh

    return [
        f"{symbol(d)} {symbol('V')}" if index and d in ("IV", "ii") and rng.random() < 0.15 else symbol(d)
        for index, d in enumerate(degrees)
    ]


def _forces(fields: dict[str, Any], rng: random.Random) -> None:
    wanted: list[str] = []
    if rng.random() < 0.75:
        wanted = rng.sample(sorted(PLAYERS), rng.randint(1, 4))
        if wanted == ["drums"]:
            wanted.append("piano")  # a key needs a pitched instrument
        fields["instruments"] = wanted
    if rng.random() < 0.35:
        free = [g for g in sorted(GROUPS) if not any(GROUPS[g] & PLAYERS[name] for name in wanted)]
        fields["exclude"] = rng.sample(free, min(len(free), rng.randint(1, 2)))


def _curve(rng: random.Random) -> list[dict[str, float]]:
    """Two to four points whose neighbours differ by a third of the range or more."""
    places = {2: (0, 1), 3: (0, 0.5, 1), 4: (0, 0.3, 0.7, 1)}[rng.randint(2, 4)]
    level, points = rng.choice((0.2, 0.8)), []
    for at in places:
        points.append({"at": float(at), "level": round(level, 2)})
        level = rng.uniform(0.65, 0.95) if level < 0.5 else rng.uniform(0.1, 0.3)
    return points


def _hits(fields: dict[str, Any], rng: random.Random) -> None:
    """One to three moments at least 3 s apart; the tempo is left a range, as it is under a film."""
    length = fields["duration_s"]
    slots = [3.0 + 4.0 * i for i in range(int((length - 6) // 4))]
    if not slots:
        return
    chosen = sorted(rng.sample(slots, min(len(slots), rng.randint(1, 3))))
    fields["hit_points_s"] = [round(at + rng.uniform(0, 1), 2) for at in chosen]
    tempo = fields.get("tempo_bpm")
    if isinstance(tempo, int):
        fields["tempo_bpm"] = {"min": max(50, round(tempo * 0.9)), "max": min(200, round(tempo * 1.1))}
